//! VFX before grades: random overlaps against the oracle, real movies, saved plans, the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use intercut_engine::plan::{Overlap, PlaceOptions, Rank, SplicePlan};
use intercut_engine::splice::{Splice, SpliceError};
use intercut_io::Control;
use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::command_in;
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
            clips.push(path(&format!("clip {index}.mov")));
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
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: folder() };
        fs::create_dir_all(desk.path("graded/vfx")).expect("a folder can be made");
        let movie = |name: &str, timecode: &str, frames, pattern| {
            let mut recipe = Recipe::new("movie.mov", frames).at(timecode);
            recipe.pattern = pattern;
            fs::copy(recipe.path(), desk.path(name)).expect("it can be copied");
        };
        movie("base.mov", "01:00:00:00", 50, 40);
        movie("graded/grade.mov", "01:00:00:10", 30, 41);
        movie("graded/vfx/effect.mov", "01:00:00:20", 5, 42);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn clips(&self) -> [PathBuf; 2] {
        [self.path("graded/grade.mov"), self.path("graded/vfx/effect.mov")]
    }

    fn intercut(&self, arguments: &str) -> Output {
        command_in(self.folder.path(), arguments).output().expect("the command runs")
    }

    /// Standard output of a command that ends with `code`.
    #[track_caller]
    fn said(&self, arguments: &str, code: i32) -> String {
        let output = self.intercut(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments}: {out}{err}");
        if code == 0 { out } else { err }
    }

    #[track_caller]
    fn is_spliced(&self, output: &str) {
        let movie = |path: &Path| Movie::open(path).unwrap_or_else(|found| panic!("{found}"));
        let clips = self.clips();
        let movies: Vec<Movie> = clips.iter().map(|clip| movie(clip)).collect();
        // Each clip by itself, since the oracle's placer knows of no overlaps.
        let claimed = place(&movie(&self.path("base.mov")), &movies).expect("they fit");
        let replaced = settle(&claimed, &[false, true], AmongGrades::Nobody).expect("VFX wins");
        assert_eq!(replaced, [run(10, 10, 0, 0), run(20, 5, 1, 0), run(25, 15, 0, 15)].concat());
        let agreed = compare::agree(&self.path(output), &self.path("base.mov"), &clips, &replaced);
        agreed.unwrap_or_else(|found| panic!("{output}: {found}"));
    }
}

#[test]
fn vfx_folder_within_the_clips_folder_wins_over_the_grades_and_is_proved() {
    let desk = Desk::new();
    desk.said("splice base.mov graded --vfx graded/vfx -o out.mov --verify written", 0);
    desk.is_spliced("out.mov");
    desk.said("verify out.mov base.mov graded --vfx graded/vfx", 0);
    // Without the option the effect is one clip among others.
    let refused = desk.said("verify out.mov base.mov graded", 3);
    assert!(refused.contains("it overlaps"), "{refused}");
}

#[test]
fn plan_says_what_is_vfx_and_who_owns_which_frames_and_replays() {
    let desk = Desk::new();
    let table = desk.said("plan base.mov graded --vfx graded/vfx", 0);
    assert!(table.contains("effect.mov (VFX)"), "{table}");
    assert!(
        table.contains(
            "01:00:00:20 to 01:00:01:00 (5 frames): effect.mov (VFX) wins over grade.mov"
        ),
        "{table}"
    );
    assert!(table.contains("30 of 50 frames from 2 clips (1 VFX, drawn with *)"), "{table}");
    let json = desk.said("plan base.mov graded --vfx graded/vfx --json", 0);
    let plan = SplicePlan::from_json(&json).expect("it is a plan");
    let ranks: Vec<Rank> = plan.clips.iter().map(|clip| clip.rank).collect();
    assert_eq!(ranks, [Rank::Grade, Rank::Vfx]);
    fs::write(desk.path("plan.json"), json).expect("it can be saved");
    desk.said("splice --plan plan.json -o replayed.mov", 0);
    desk.is_spliced("replayed.mov");
    desk.said("verify replayed.mov --plan plan.json", 0);
}

#[test]
fn clip_that_is_named_as_a_grade_and_as_vfx_is_refused() {
    let desk = Desk::new();
    let refused = desk.said("plan base.mov graded/grade.mov --vfx graded/grade.mov", 3);
    assert!(refused.contains("it is given both as a grade and as VFX"), "{refused}");
}
