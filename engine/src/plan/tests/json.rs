//! Plans as JSON: they read back equal, and hostile ones are refused.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use proptest::prelude::*;

use super::*;

fn plan() -> SplicePlan {
    let clips = [film("a.mov", "01:00:00:10", 20), film("b.mov", "01:00:00:20", 20)];
    let last = PlaceOptions { overlap: Overlap::Last, ..options() };
    planned(&film("base.mov", "01:00:00:00", 1000), &clips, &last)
}

/// What is told of a plan after one text in its JSON was replaced by another.
fn told_after(from: &str, to: &str) -> String {
    let json = plan().to_json();
    assert!(json.contains(from), "{from} is not in {json}");
    match SplicePlan::from_json(&json.replacen(from, to, 1)) {
        Ok(plan) => format!("read: {plan:?}"),
        Err(other) => other.to_string(),
    }
}

#[test]
fn plan_is_json_that_a_person_can_read() {
    insta::assert_snapshot!(plan().to_json());
}

#[test]
fn plan_reads_back_equal() {
    assert_eq!(SplicePlan::from_json(&plan().to_json()).expect("it is a plan"), plan());
}

#[test]
fn name_that_is_not_utf8_reads_back_equal() {
    let mut plan = plan();
    plan.clips[0].path = PathBuf::from(OsStr::from_bytes(b"/films/\xff.mov"));
    assert_eq!(SplicePlan::from_json(&plan.to_json()).expect("it is a plan"), plan);
}

#[test]
fn plan_of_another_schema_is_refused() {
    let told = told_after("intercut.plan/2", "intercut.plan/1");
    assert!(
        told.contains(
            "its schema is \"intercut.plan/1\", and this version reads \"intercut.plan/2\" alone: \
             the plan has to be made again"
        ),
        "{told}"
    );
    let told = told_after("intercut.plan/2", "intercut.report/1");
    assert!(told.contains("its schema is \"intercut.report/1\""), "{told}");
    assert!(!told.contains("made again"), "{told}");
}

#[test]
fn plan_that_contradicts_itself_is_refused_with_both_numbers() {
    let cases = [
        ("\"alignment\": 4096", "\"alignment\": 4095", "an alignment of 4095 bytes"),
        (
            "\"alignment\": 4096",
            "\"alignment\": 9223372036854775808",
            "an alignment of 9223372036854775808 bytes",
        ),
        (
            "\"base_sample\": 10",
            "\"base_sample\": 4294967295",
            "10 samples from 4294967295 on of the base, which has 1000",
        ),
        (
            "\"base_sample\": 10",
            "\"base_sample\": 15",
            "starts at base sample 20, but the one before ends at 25",
        ),
        (
            "\"clip_sample\": 0",
            "\"clip_sample\": 11",
            "10 samples from 11 on of the clip, which has 20",
        ),
        ("\"sample_count\": 10", "\"sample_count\": 0", "takes 0 samples"),
        ("\"clip\": 0", "\"clip\": 7", "event 0 names clip 7, but there are 2"),
        ("\"winner\": 1", "\"winner\": 2", "overlap 0 names event 2, but there are 2"),
        ("\"record_out\": 30", "\"record_out\": 1001", "10..1001 of a base of 1000"),
        (
            "\"source_in\": 0",
            "\"source_in\": 1",
            "event 0 takes 10 frames from 1 on of clip 0 (20 frames) for 10..30 of a base of 1000",
        ),
        (
            "\"record_in\": 10,\n      \"record_out\": 30",
            "\"record_in\": 25,\n      \"record_out\": 35",
            "event 1 begins at frame 20, before event 0",
        ),
        (
            "\"gaps\": []",
            "\"gaps\": [{\"record_in\": 1, \"record_out\": 2, \"frames\": 1}]",
            "its 1 gaps are not the 0",
        ),
        (
            "\"timecode\": \"01:00:00:00\"",
            "\"timecode\": \"01:00:00:99\"",
            "\"01:00:00:99\" at frame 0",
        ),
        ("\"rate\": \"25/1\"", "\"rate\": \"50/2\"", "\"50/2\" is not a frame rate such as 25/1"),
        ("\"rate\": \"25/1\"", "\"rate\": \"25/0\"", "\"25/0\" is not a frame rate such as 25/1"),
        ("\"codec\": \"ap4h\"", "\"codec\": \"ap4\"", "\"ap4\" is not a codec of four characters"),
        ("\"mtime_ns\": \"5\"", "\"mtime_ns\": \"5.5\"", "\"5.5\" is not a whole number"),
        ("\"samples\": 1000", "\"samples\": -1", "integer `-1`"),
    ];
    for (from, to, expected) in cases {
        let told = told_after(from, to);
        assert!(told.contains(expected), "{to}: {told}");
    }
}

#[test]
fn replay_is_refused_when_a_file_is_not_the_one_planned() {
    let base = film("base.mov", "01:00:00:00", 1000);
    let clips = [film("a.mov", "01:00:00:10", 20), film("b.mov", "01:00:00:20", 20)];
    let check = |base: &Film, clips: &[Film]| {
        let clips: Vec<_> = clips.iter().map(Film::facts).collect();
        plan().check_against(&base.facts(), &clips).map_err(|error| error.to_string())
    };
    assert_eq!(check(&base, &clips), Ok(()));
    assert_eq!(
        check(&base, &clips[..1]),
        Err("the plan has 2 clips, but 1 were opened".to_owned())
    );
    let told = |what: &str, path: &str| {
        Err(format!("/films/{path} is not the file that was planned: its {what}"))
    };
    let changed = |change: fn(&mut Film)| {
        let mut clips = clips.clone();
        change(&mut clips[1]);
        check(&base, &clips)
    };
    assert_eq!(
        changed(|clip| clip.identity.len = 7),
        told("length in bytes was 1020 and is 7", "b.mov")
    );
    assert_eq!(
        changed(|clip| clip.sample_count = 21),
        told("number of samples was 20 and is 21", "b.mov")
    );
    assert_eq!(
        changed(|clip| clip.format.description.codec = FourCc(*b"apch")),
        told("codec was ap4h and is apch", "b.mov")
    );
    assert_eq!(
        changed(|clip| clip.identity.mtime_ns = 6),
        told("time of last change (ns since 1970) was 5 and is 6", "b.mov")
    );
    let mut other = base.clone();
    other.format.rate = FrameRate::matching(24, 1).expect("a rate");
    assert_eq!(check(&other, &clips), told("frame rate was 25/1 and is 24/1", "base.mov"));
}

/// Clips as (start, frames, whether without timecode), placed in a base of 500 frames.
fn clip_sets() -> impl Strategy<Value = Vec<(u32, u32)>> {
    proptest::collection::vec((0..480_u32, 1..20_u32), 0..12)
}

proptest! {
    #[test]
    fn every_plan_reads_back_equal_and_replaces_each_claimed_frame_once(
        clips in clip_sets(),
        last_wins in any::<bool>(),
        mtime_ns in any::<i128>(),
        len in any::<u64>(),
    ) {
        let base = film("base.mov", "01:00:00:00", 500);
        let start = base.stretches[0].1;
        let films: Vec<Film> = clips
            .iter()
            .enumerate()
            .map(|(index, &(at, frames))| {
                let timecode = start.add(i64::from(at)).to_string();
                let mut clip = film(&format!("{index:02}.mov"), &timecode, frames);
                clip.identity.mtime_ns = mtime_ns;
                clip.identity.len = len;
                clip
            })
            .collect();
        let overlap = if last_wins { Overlap::Last } else { Overlap::First };
        let plan = planned(&base, &films, &PlaceOptions { overlap, ..options() });
        prop_assert_eq!(&SplicePlan::from_json(&plan.to_json()).expect("it is a plan"), &plan);

        // The same by the plainest rule: each frame goes to the clip that starts last (first), then sorts last (first).
        let mut expected: Vec<Option<(usize, u32)>> = vec![None; 500];
        let mut order: Vec<usize> = (0..clips.len()).collect();
        order.sort_by_key(|&clip| (clips[clip].0, clip));
        if !last_wins {
            order.reverse();
        }
        for clip in order {
            for frame in 0..clips[clip].1 {
                expected[(clips[clip].0 + frame) as usize] = Some((clip, frame));
            }
        }
        let mut found: Vec<Option<(usize, u32)>> = vec![None; 500];
        for run in &plan.replacements {
            let path = &plan.clips[run.clip.get()].path;
            let clip = films.iter().position(|film| film.path == *path).expect("it was given");
            for sample in 0..run.sample_count {
                let frame = (run.base_sample.0 + sample) as usize;
                prop_assert_eq!(found[frame], None);
                found[frame] = Some((clip, run.clip_sample.0 + sample));
            }
        }
        prop_assert_eq!(plan.frames_replaced(), expected.iter().flatten().count() as u64);
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn plan_whose_base_is_longer_than_any_timeline_is_refused() {
    let told = told_after("\"frames\": 1000", "\"frames\": 18446744073709551615");
    let expected = "its base has 18446744073709551615 frames, more than the 4294967295";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn plan_of_more_warnings_than_clips_can_give_is_refused_before_they_are_kept() {
    let warnings = vec!["\"\""; 100_001].join(",");
    let told = told_after("\"warnings\": []", &format!("\"warnings\": [{warnings}]"));
    assert!(told.contains("invalid length 100001, expected at most 100000 warnings"), "{told}");
}

#[test]
fn plan_keeps_which_clips_are_vfx_and_their_reels() {
    let mut clips = [film("a.mov", "01:00:00:10", 20), film("b.mov", "01:00:00:20", 20).vfx()];
    clips[0].reel = Some("A001".to_owned());
    let plan = planned(&film("base.mov", "01:00:00:00", 1000), &clips, &options());
    let read = SplicePlan::from_json(&plan.to_json()).expect("it is a plan");
    assert_eq!(read, plan);
    let shown: Vec<_> = read.clips.iter().map(|clip| (clip.rank, clip.reel.as_deref())).collect();
    assert_eq!(shown, [(Rank::Grade, Some("A001")), (Rank::Vfx, None)]);
}

#[test]
fn gaps_are_the_base_frames_between_two_events() {
    let clips = [
        film("a.mov", "01:00:00:10", 20),
        film("b.mov", "01:00:01:05", 10),
        film("c.mov", "01:00:02:00", 10),
        film("d.mov", "01:00:10:00", 10),
    ];
    let plan = planned(&film("base.mov", "01:00:00:00", 1000), &clips, &options());
    let gaps: Vec<_> =
        plan.gaps.iter().map(|gap| (gap.record_in, gap.record_out, gap.frames)).collect();
    assert_eq!(gaps, [(40, 50, 10), (60, 250, 190)]);
}
