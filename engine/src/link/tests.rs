//! The rules of linking, on movies that exist only as facts.

use std::path::Path;
use std::time::Duration;

use intercut_io::Identity;
use intercut_test_kit::cpu;

use super::*;
use crate::codec::VideoFormat;
use crate::movie::Obstacles;
use crate::movie::frames::{FrameMap, FrameRun, Shown};
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};
use crate::units::{FourCc, SampleIndex};

/// A 25 fps `ap4h` movie of `frames` frames, 1920 x 1080, without a reel.
fn film(path: &str, timecode: &str, frames: u32) -> LinkFacts {
    let rate = FrameRate::matching(25, 1).expect("a rate");
    let format = TimecodeFormat { rate, drop_frame: false };
    let shown = Shown::Samples(SampleIndex(0));
    let runs = vec![FrameRun { first_frame: 0, frame_count: u64::from(frames), shown }];
    LinkFacts {
        path: PathBuf::from(path),
        identity: Identity { device: 1, inode: 1, len: 1000, mtime_ns: 5, ctime_ns: 6 },
        rank: Rank::Grade,
        format: VideoFormat::plain(1920, 1080, rate),
        obstacles: Obstacles::NONE,
        frames: FrameMap { runs },
        timecode_format: Some(format),
        stretches: vec![(0, Timecode::parse(timecode, format).expect("a timecode"))],
        sample_count: frames,
        parting: 0,
        reel: None,
        growing: None,
    }
}

impl LinkFacts {
    fn on_reel(mut self, reel: &str) -> Self {
        self.reel = Some(reel.to_owned());
        self
    }

    fn sized(mut self, width: u16, height: u16) -> Self {
        (self.format.description.width, self.format.description.height) = (width, height);
        self
    }

    fn without_timecode(mut self) -> Self {
        self.timecode_format = None;
        self.stretches.clear();
        self
    }

    fn counted(mut self, rate: (u64, u64), drop_frame: bool, timecode: &str) -> Self {
        let rate = FrameRate::matching(rate.0, rate.1).expect("a rate");
        let format = TimecodeFormat { rate, drop_frame };
        self.format.rate = rate;
        self.timecode_format = Some(format);
        self.stretches = vec![(0, Timecode::parse(timecode, format).expect("a timecode"))];
        self
    }
}

fn at_least(min_confidence: Confidence) -> LinkOptions {
    LinkOptions { min_confidence, place: PlaceOptions::default() }
}

fn report(bases: &[LinkFacts], clips: &[LinkFacts]) -> LinkReport {
    link(bases, clips, &[], &at_least(Confidence::Low))
}

/// What became of one clip: `high A.mov`, or `ambiguous: the sentence`.
#[track_caller]
fn fate(bases: &[LinkFacts], clip: LinkFacts) -> String {
    told(&report(bases, &[clip]))
}

#[track_caller]
fn told(report: &LinkReport) -> String {
    match (&report.links[..], &report.unlinked[..]) {
        ([link], []) => format!("{:?} {}", link.confidence, link.base.display()).to_lowercase(),
        ([], [clip]) => format!("{:?}: {}", clip.why, clip.reason),
        other => panic!("one clip has one fate: {other:?}"),
    }
}

/// What speaks against each base that the only clip comes near.
#[track_caller]
fn against(report: &LinkReport) -> Vec<String> {
    let [clip] = &report.unlinked[..] else { panic!("it is linked: {:?}", report.links) };
    let line = |one: &Candidate| format!("{}: {}", one.base.display(), one.against.join("; "));
    clip.candidates.iter().map(line).collect()
}

/// Two cameras that ran at the same time.
fn dailies() -> [LinkFacts; 2] {
    [
        film("a001.mov", "01:00:00:00", 1000).on_reel("A001"),
        film("b001.mov", "01:00:00:00", 1000).on_reel("B001"),
    ]
}

#[test]
fn name_and_timecode_together_are_high() {
    let clip = film("graded/A001_S01.mov", "01:00:10:00", 50);
    let report = report(&dailies(), &[clip]);
    assert_eq!(told(&report), "high a001.mov");
    let link = &report.links[0];
    assert_eq!(link.evidence, [Evidence::Name, Evidence::Timecode]);
    assert_eq!(
        link.reasons,
        [
            "its name holds the base's, 'a001'",
            "its timecode 01:00:10:00 to 01:00:12:00 is within the base's 01:00:00:00 to 01:00:40:00",
        ]
    );
}

#[test]
fn reel_and_timecode_together_are_high_whatever_the_case() {
    assert_eq!(
        fate(&dailies(), film("S01.mov", "01:00:10:00", 50).on_reel("b001")),
        "high b001.mov"
    );
}

#[test]
fn timecode_that_one_base_only_has_is_medium() {
    let bases = [film("a.mov", "01:00:00:00", 1000), film("b.mov", "02:00:00:00", 1000)];
    assert_eq!(fate(&bases, film("S01.mov", "02:00:10:00", 50)), "medium b.mov");
}

#[test]
fn timecode_that_several_bases_have_is_ambiguous() {
    let report = report(&dailies(), &[film("S01.mov", "01:00:10:00", 50)]);
    assert_eq!(told(&report), "Ambiguous: it fits 2 bases");
    assert_eq!(against(&report), ["a001.mov: ", "b001.mov: "]);
    assert_eq!(report.unlinked[0].candidates[0].confidence, Some(Confidence::Medium));
}

#[test]
fn first_and_last_frame_of_a_base_are_inside_and_the_next_is_not() {
    let bases = [film("a.mov", "01:00:00:00", 100)];
    assert_eq!(fate(&bases, film("S01.mov", "01:00:00:00", 100)), "medium a.mov");
    let report = report(&bases, &[film("S01.mov", "01:00:00:01", 100)]);
    assert_eq!(told(&report), "NoMatch: one base comes near, but does not fit");
    assert_eq!(
        against(&report),
        [
            "a.mov: its timecode 01:00:00:01 to 01:00:04:01 sticks out of the base's 01:00:00:00 to 01:00:04:00 \
          by 0 frames before and 1 after"
        ]
    );
}

#[test]
fn handles_and_trimming_are_those_of_the_plan() {
    let bases = [film("a.mov", "01:00:00:00", 100)];
    let clip = [film("S01.mov", "00:59:59:20", 50)];
    let with = |place: PlaceOptions| {
        let options = LinkOptions { min_confidence: Confidence::Medium, place };
        told(&link(&bases, &clip, &[], &options))
    };
    assert_eq!(with(PlaceOptions { handles: 5, ..PlaceOptions::default() }), "medium a.mov");
    let trim = crate::plan::ClipEdges::Trim;
    assert_eq!(with(PlaceOptions { clip_edges: trim, ..PlaceOptions::default() }), "medium a.mov");
    assert!(with(PlaceOptions::default()).starts_with("NoMatch"));
}

#[test]
fn name_within_a_longer_name_says_nothing() {
    let bases = [film("A001.mov", "01:00:00:00", 1000), film("A001_02.mov", "01:00:00:00", 1000)];
    assert_eq!(fate(&bases, film("A001_02_S03.mov", "01:00:10:00", 50)), "high a001_02.mov");
    assert_eq!(fate(&bases, film("A001_S03.mov", "01:00:10:00", 50)), "high a001.mov");
    assert_eq!(
        fate(&bases, film("A001_S03_A001_02.mov", "01:00:10:00", 5)),
        "Ambiguous: it fits 2 bases"
    );
}

#[test]
fn clip_of_a_base_that_does_not_fit_is_not_given_to_the_base_whose_name_is_shorter() {
    let bases = [film("A001.mov", "01:00:00:00", 1000), film("A001_02.mov", "05:00:00:00", 1000)];
    let report = report(&bases, &[film("A001_02_S03.mov", "01:00:10:00", 50)]);
    assert_eq!(
        told(&report),
        "Ambiguous: its timecode fits A001.mov alone, but its name is that of A001_02.mov"
    );
    assert_eq!(
        against(&report),
        [
            "A001.mov: its name holds 'A001' only as part of 'A001_02', another base's",
            "A001_02.mov: its timecode 01:00:10:00 to 01:00:12:00 is not in the base (05:00:00:00 to 05:00:40:00)",
        ]
    );
}

#[test]
fn clip_of_a_base_that_cannot_be_opened_is_no_other_bases() {
    let bases = [film("A001.mov", "01:00:00:00", 1000)];
    let clips = [film("A001_02_S03.mov", "01:00:10:00", 50)];
    let damaged = [PathBuf::from("A001_02.mov")];
    let report = link(&bases, &clips, &damaged, &at_least(Confidence::Low));
    assert_eq!(
        told(&report),
        "Ambiguous: its timecode fits A001.mov alone, but its name is that of A001_02.mov"
    );
    assert_eq!(against(&report)[1], "A001_02.mov: the base cannot be opened");
    assert_eq!(report.bases.len(), 1);
}

#[test]
fn name_of_two_bases_is_decided_by_timecode_and_else_by_nobody() {
    let clip = film("A001_to_B001.mov", "01:00:10:00", 50);
    assert_eq!(fate(&dailies(), clip.clone()), "Ambiguous: it fits 2 bases");
    let bases = [film("A001.mov", "01:00:00:00", 1000), film("B001.mov", "02:00:00:00", 1000)];
    assert_eq!(fate(&bases, clip), "high a001.mov");
}

#[test]
fn name_and_reel_outdo_either_and_neither_outdoes_the_other() {
    let clip = film("A001_S01.mov", "01:00:10:00", 50);
    assert_eq!(fate(&dailies(), clip.clone().on_reel("A001")), "high a001.mov");
    assert_eq!(fate(&dailies(), clip.on_reel("B001")), "Ambiguous: it fits 2 bases");
    let parts = [
        film("day1.mov", "01:00:00:00", 1000).on_reel("A001"),
        film("day1_part2.mov", "01:00:00:00", 1000).on_reel("A001"),
    ];
    let clip = film("day1_part2_S01.mov", "01:00:10:00", 50).on_reel("A001");
    assert_eq!(fate(&parts, clip), "high day1_part2.mov");
}

#[test]
fn timecode_alone_does_not_go_against_name_or_reel() {
    let bases = [
        film("long.mov", "01:00:00:00", 9000),
        film("B002.mov", "01:00:00:00", 100).on_reel("B002"),
    ];
    assert_eq!(
        fate(&bases, film("B002_S01.mov", "01:03:00:00", 50)),
        "Ambiguous: its timecode fits long.mov alone, but its name is that of B002.mov"
    );
    assert_eq!(
        fate(&bases, film("S01.mov", "01:03:00:00", 50).on_reel("B002")),
        "Ambiguous: its timecode fits long.mov alone, but its reel is that of B002.mov"
    );
    let reel = [bases[1].clone(), film("long.mov", "01:00:00:00", 9000).on_reel("L001")];
    assert_eq!(
        fate(&reel, film("B002_S01.mov", "01:03:00:00", 50).on_reel("L001")),
        "Ambiguous: its timecode fits long.mov alone, but its name is that of B002.mov"
    );
}

#[test]
fn reel_that_nobody_named_says_nothing() {
    let tapes = [
        film("a.mov", "01:00:00:00", 1000).on_reel("Tape"),
        film("b.mov", "05:00:00:00", 1000).on_reel("  "),
    ];
    assert_eq!(fate(&tapes, film("S01.mov", "01:00:10:00", 50).on_reel("Tape")), "medium a.mov");
    assert_eq!(fate(&tapes, film("S01.mov", "05:00:10:00", 50).on_reel("")), "medium b.mov");
}

#[test]
fn raster_rate_and_codec_must_match() {
    let bases = [film("A001.mov", "01:00:00:00", 1000)];
    let clip = film("A001_S01.mov", "01:00:10:00", 50);
    let mut hq = clip.clone();
    hq.format.description.codec = FourCc(*b"apch");
    let film_rate = clip.clone().counted((24, 1), false, "01:00:10:00");
    let reasons = [clip.clone().sized(3840, 2160), film_rate, hq].map(|clip| {
        let report = report(&bases, &[clip]);
        assert_eq!(told(&report), "NoMatch: one base comes near, but does not fit");
        against(&report).concat()
    });
    assert_eq!(
        reasons,
        [
            "A001.mov: its sample description says 3840x2160 pixels, the base's says 1920x1080",
            "A001.mov: its frame rate is 24, the base's is 25",
            "A001.mov: its codec is ProRes 422 HQ ('apch'), the base's is ProRes 4444 ('ap4h')",
        ]
    );
}

#[test]
fn alpha_and_fields_are_left_to_the_plan_which_can_allow_them() {
    let mut clip = film("S01.mov", "01:00:10:00", 50);
    (clip.format.description.depth, clip.format.description.fiel) = (32, Some([2, 9]));
    let mut base = film("a.mov", "01:00:00:00", 1000);
    base.format.description.fiel = Some([1, 0]);
    assert_eq!(fate(&[base], clip), "medium a.mov");
}

#[test]
fn proxies_beside_the_masters_do_no_harm() {
    let bases = [
        film("masters/A001.mov", "01:00:00:00", 1000),
        film("proxies/A001.mov", "01:00:00:00", 1000).sized(960, 540),
    ];
    let clip = film("A001_S01.mov", "01:00:10:00", 50);
    assert_eq!(fate(&bases, clip), "high masters/a001.mov");
}

#[test]
fn two_bases_of_one_name_are_ambiguous() {
    let bases = [film("x/A001.mov", "01:00:00:00", 99), film("y/A001.mov", "01:00:00:00", 99)];
    assert_eq!(fate(&bases, film("A001_S01.mov", "01:00:01:00", 5)), "Ambiguous: it fits 2 bases");
}

#[test]
fn base_through_midnight_takes_clips_of_both_days() {
    let bases = [film("a.mov", "23:59:58:00", 100), film("b.mov", "00:00:10:00", 100)];
    assert_eq!(fate(&bases, film("S01.mov", "23:59:59:20", 10)), "medium a.mov");
    assert_eq!(fate(&bases, film("S02.mov", "00:00:00:10", 10)), "medium a.mov");
    assert_eq!(fate(&bases, film("S03.mov", "00:00:10:10", 10)), "medium b.mov");
}

#[test]
fn drop_frame_and_non_drop_are_not_compared() {
    let rate = (30_000, 1001);
    let bases = [film("A1.mov", "01:00:00:00", 2000).counted(rate, true, "01:00:00;00")];
    let clip = film("A1_S.mov", "01:00:00:00", 10);
    let drop = clip.clone().counted(rate, true, "01:01:00;02");
    assert_eq!(fate(&bases, drop), "high a1.mov");
    let report = report(&bases, &[clip.counted(rate, false, "01:00:10:00")]);
    assert_eq!(against(&report), ["A1.mov: its timecode is non-drop, the base's is drop frame"]);
}

#[test]
fn name_alone_is_low_where_the_base_starts_at_zero_and_has_room() {
    let bases = [film("A001.mov", "00:00:00:00", 100), film("B001.mov", "01:00:00:00", 100)];
    let clip = |name: &str, frames| film(name, "01:00:00:00", frames).without_timecode();
    assert_eq!(fate(&bases, clip("A001_S01.mov", 100)), "low a001.mov");
    assert_eq!(fate(&bases, film("A001_S01.mov", "14:33:00:00", 50)), "low a001.mov");
    let longer = report(&bases, &[clip("A001_S01.mov", 101)]);
    assert_eq!(told(&longer), "NoMatch: one base comes near, but does not fit");
    assert_eq!(
        against(&longer),
        [
            "A001.mov: it has 101 frames, more than the base's 100; it has no timecode at its first frame"
        ]
    );
    assert!(fate(&bases, clip("B001_S01.mov", 50)).starts_with("NoMatch"));
    assert_eq!(
        fate(&bases, clip("S01.mov", 50)),
        "NoMatch: no base has its name, its reel or its timecode"
    );
    let twice = [bases[0].clone(), film("S01.mov", "00:00:00:00", 100)];
    assert_eq!(fate(&twice, clip("A001_S01.mov", 50)), "Ambiguous: it fits 2 bases");
}

#[test]
fn link_that_is_less_sure_than_asked_is_told_and_not_made() {
    let bases = [film("a.mov", "01:00:00:00", 1000), film("Z1.mov", "00:00:00:00", 1000)];
    let medium = [film("S01.mov", "01:00:10:00", 50)];
    let low = [film("Z1_S01.mov", "00:00:00:00", 50).without_timecode()];
    let fate = |clips: &[LinkFacts], min| told(&link(&bases, clips, &[], &at_least(min)));
    assert_eq!(fate(&medium, Confidence::Medium), "medium a.mov");
    assert_eq!(
        fate(&medium, Confidence::High),
        "BelowConfidence: a.mov is likely, with medium confidence, but high is asked for"
    );
    assert_eq!(
        fate(&low, Confidence::Medium),
        "BelowConfidence: Z1.mov is likely, with low confidence, but medium is asked for"
    );
}

#[test]
fn near_candidates_are_told_up_to_five_and_then_counted() {
    let bases: Vec<LinkFacts> =
        (0..9).map(|index| film(&format!("base{index}.mov"), "01:00:00:00", 1000)).collect();
    let report = report(&bases, &[film("S01.mov", "01:00:10:00", 50)]);
    assert_eq!(told(&report), "Ambiguous: it fits 9 bases");
    assert_eq!((report.unlinked[0].candidates.len(), report.unlinked[0].more_candidates), (5, 4));
}

#[test]
fn jobs_are_the_bases_with_clips_and_the_others_are_counted_as_empty() {
    let mut effect = film("A001_fx.mov", "01:00:20:00", 50);
    effect.rank = Rank::Vfx;
    let clips = [film("A001_S01.mov", "01:00:10:00", 50), effect];
    let report = report(&dailies(), &clips);
    let jobs = report.jobs();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].base, Path::new("a001.mov"));
    assert_eq!(jobs[0].clips, [Path::new("A001_S01.mov")]);
    assert_eq!(jobs[0].vfx, [Path::new("A001_fx.mov")]);
    let counts: Vec<usize> = report.bases.iter().map(|base| base.clips).collect();
    assert_eq!(counts, [2, 0]);
    assert!(report.is_complete());
}

#[test]
fn report_reads_back_equal() {
    let clips = [film("A001_S01.mov", "01:00:10:00", 50), film("S01.mov", "01:00:10:00", 50)];
    let report = report(&dailies(), &clips);
    let read: LinkReport = serde_json::from_str(&report.to_json()).expect("it is JSON");
    assert_eq!(read, report);
}

#[test]
fn order_of_bases_and_clips_decides_no_link() {
    let mut bases = dailies().to_vec();
    bases.push(film("c.mov", "05:00:00:00", 100));
    let mut clips = vec![
        film("A001_S01.mov", "01:00:10:00", 50),
        film("S02.mov", "05:00:01:00", 5),
        film("S03.mov", "01:00:10:00", 5),
    ];
    let links = |report: &LinkReport| {
        let mut links: Vec<(PathBuf, PathBuf)> =
            report.links.iter().map(|link| (link.clip.path.clone(), link.base.clone())).collect();
        links.sort();
        links
    };
    let expected = links(&report(&bases, &clips));
    assert_eq!(expected.len(), 2);
    bases.reverse();
    clips.reverse();
    assert_eq!(links(&report(&bases, &clips)), expected);
}

#[test]
fn forty_bases_and_five_hundred_clips_take_less_than_a_second_of_processor_time() {
    // All reels start at the same hour, as dailies do, so that every pair has to be looked into.
    let bases: Vec<LinkFacts> = (0..40)
        .map(|reel| film(&format!("PROJECT_A{reel:03}_230101_R1AB.mov"), "01:00:00:00", 50_000))
        .collect();
    let clips: Vec<LinkFacts> = (0..500)
        .map(|shot| {
            let name = format!("PROJECT_A{:03}_230101_R1AB_graded_S{shot:04}.mov", shot % 40);
            film(&name, "01:02:00:00", 60)
        })
        .collect();
    let start = cpu::of_thread();
    let report = report(&bases, &clips);
    let taken = cpu::of_thread() - start;
    assert_eq!((report.links.len(), report.unlinked.len()), (500, 0));
    assert!(report.links.iter().all(|link| link.confidence == Confidence::High));
    let counts: Vec<usize> = report.bases.iter().map(|base| base.clips).collect();
    assert_eq!(counts[..21], [[13; 20].as_slice(), &[12]].concat()[..]);
    assert!(taken < Duration::from_secs(1), "{taken:?}");
}
