//! VFX before grades: random overlaps against the oracle, real movies, saved plans, the command line.

use std::fs;
use std::path::{Path, PathBuf};

use intercut_engine::plan::{Overlap, PlaceOptions, Rank, SplicePlan};
use intercut_engine::splice::{Splice, SpliceError};
use intercut_io::Control;
use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::Recipe;
use intercut_tests::oracle::placer::place;
use intercut_tests::oracle::priority::{AmongGrades, settle};
use intercut_tests::oracle::reader::Movie;
use intercut_tests::oracle::splicer::{Replaced, run};
use intercut_tests::proof::judge;
use intercut_tests::{compare, media};
use proptest::prelude::*;
use tempfile::TempDir;

const BASE_FRAMES: usize = 40;

fn folder() -> TempDir {
    TempDir::with_prefix_in("priority-", media::tmp_dir()).expect("a folder")
}

/// A clip that may overlap any other.
#[derive(Debug, Clone, Copy)]
struct Shot {
    start: usize,
    frames: usize,
    is_vfx: bool,
}

fn shot() -> impl Strategy<Value = Shot> {
    (0..BASE_FRAMES - 1, 1usize..14, prop::bool::weighted(0.3)).prop_map(
        |(start, frames, is_vfx)| Shot { start, frames: frames.min(BASE_FRAMES - start), is_vfx },
    )
}

fn options(overlap: Overlap) -> PlaceOptions {
    PlaceOptions { overlap, ..PlaceOptions::default() }
}

/// The clips' paths: all in the order of their names, then those that are VFX or are not.
fn of_rank(clips: &[PathBuf], shots: &[Shot], is_vfx: bool) -> Vec<PathBuf> {
    let both = clips.iter().zip(shots).filter(|(_, shot)| shot.is_vfx == is_vfx);
    both.map(|(clip, _)| clip.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn overlapping_clips_end_as_the_oracle_says(
        shots in prop::collection::vec(shot(), 0..7),
        rule in prop::sample::select(vec![
            (Overlap::Error, AmongGrades::Nobody),
            (Overlap::Last, AmongGrades::Latest),
            (Overlap::First, AmongGrades::Earliest),
        ]),
    ) {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        MovieSpec::with_timecode(1, 90_000, vec![700; BASE_FRAMES]).write(&path("base.mov"));
        let mut clips = Vec::new();
        let mut claimed: Vec<Replaced> = Vec::new();
        for (index, shot) in shots.iter().enumerate() {
            // Letters: by numbers they would be versions of one shot.
            clips.push(path(&format!("clip {}.mov", &"abcdef"[index..=index])));
            let start = 90_000 + i32::try_from(shot.start).expect("few frames");
            let sizes = vec![900; shot.frames];
            MovieSpec::with_timecode(2 + index as u64, start, sizes).write(&clips[index]);
            claimed.extend(run(shot.start, shot.frames, index, 0));
        }
        let vfx: Vec<bool> = shots.iter().map(|shot| shot.is_vfx).collect();
        let expected = settle(&claimed, &vfx, rule.1);
        let output = path("output.mov");
        let splice = Splice::new(path("base.mov"))
            .clips(of_rank(&clips, &shots, false))
            .vfx(of_rank(&clips, &shots, true))
            .place(options(rule.0));
        match (expected, splice.output(&output).run(&Control::default())) {
            (Ok(replaced), Ok(report)) => {
                judge(&path("base.mov"), &clips, &output, &replaced, &report, false)
                    .map_err(TestCaseError::fail)?;
            }
            (Err(_), Err(SpliceError::Plan(_))) => prop_assert!(!output.exists()),
            (expected, found) => prop_assert!(false, "expected {:?}, found {:?}", expected, found),
        }
    }
}

/// A base of 50 frames, a grade of 30 on frame 10, an effect of 5 on frame 20; real movies that decode.
fn desk() -> Desk {
    let desk = Desk::empty();
    for (name, timecode, frames, pattern) in [
        ("base.mov", "01:00:00:00", 50, 40),
        ("graded/grade.mov", "01:00:00:10", 30, 41),
        ("graded/vfx/effect.mov", "01:00:00:20", 5, 42),
    ] {
        let mut recipe = Recipe::new("movie.mov", frames).at(timecode);
        recipe.pattern = pattern;
        desk.real(name, &recipe);
    }
    desk
}

#[track_caller]
fn is_spliced(desk: &Desk, output: &str) {
    let movie = |path: &Path| Movie::open(path).unwrap_or_else(|found| panic!("{found}"));
    let (base, output) = (desk.path("base.mov"), desk.path(output));
    let clips = [desk.path("graded/grade.mov"), desk.path("graded/vfx/effect.mov")];
    let movies: Vec<Movie> = clips.iter().map(|clip| movie(clip)).collect();
    // Each clip by itself, since the oracle's placer knows of no overlaps.
    let claimed = place(&movie(&base), &movies).expect("they fit");
    let replaced = settle(&claimed, &[false, true], AmongGrades::Nobody).expect("VFX wins");
    assert_eq!(replaced, [run(10, 10, 0, 0), run(20, 5, 1, 0), run(25, 15, 0, 15)].concat());
    let agreed = compare::agree(&output, &base, &clips, &replaced);
    agreed.unwrap_or_else(|found| panic!("{}: {found}", output.display()));
}

#[test]
fn vfx_folder_within_the_clips_folder_wins_over_the_grades_and_is_proved() {
    let desk = desk();
    desk.ends("splice base.mov graded --vfx graded/vfx -o out.mov --verify written", 0);
    is_spliced(&desk, "out.mov");
    desk.ends("verify out.mov base.mov graded --vfx graded/vfx", 0);
    // Without the option the effect is one clip among others.
    let refused = desk.ends("verify out.mov base.mov graded", 3).1;
    assert!(refused.contains("it overlaps"), "{refused}");
}

#[test]
fn plan_says_what_is_vfx_and_who_owns_which_frames_and_replays() {
    let desk = desk();
    let table = desk.ends("plan base.mov graded --vfx graded/vfx", 0).0;
    assert!(table.contains("effect.mov (VFX)"), "{table}");
    assert!(
        table.contains(
            "01:00:00:20 to 01:00:01:00 (5 frames): effect.mov (VFX) wins over grade.mov"
        ),
        "{table}"
    );
    assert!(table.contains("30 of 50 frames from 2 clips (1 VFX, drawn with *)"), "{table}");
    let json = desk.ends("plan base.mov graded --vfx graded/vfx --json", 0).0;
    let plan = SplicePlan::from_json(&json).expect("it is a plan");
    let ranks: Vec<Rank> = plan.clips.iter().map(|clip| clip.rank).collect();
    assert_eq!(ranks, [Rank::Grade, Rank::Vfx]);
    fs::write(desk.path("plan.json"), json).expect("it can be saved");
    desk.ends("splice --plan plan.json -o replayed.mov", 0);
    is_spliced(&desk, "replayed.mov");
    desk.ends("verify replayed.mov --plan plan.json", 0);
}

#[test]
fn clip_that_is_named_as_a_grade_and_as_vfx_is_refused() {
    let desk = desk();
    let refused = desk.ends("plan base.mov graded/grade.mov --vfx graded/grade.mov", 3).1;
    assert!(refused.contains("it is given both as a grade and as VFX"), "{refused}");
}
