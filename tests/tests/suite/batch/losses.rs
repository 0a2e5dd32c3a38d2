//! A finished output never loses a shot without a word: what is damaged, gone, offline, misfit or renamed is refused.

use std::fs;
use std::os::unix::fs::symlink;

use intercut_tests::builder::timeline::{Rate, Timeline};
use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::desk::ends_with;
use serde_json::Value;

use super::{Reels, outcome};

const FOLDERS: &str = "--bases bases --clips graded --out finished";

/// A desk whose outputs were made, and what was done to one of its clips since.
#[track_caller]
fn finished_and_then(what: impl Fn(&Reels)) -> Reels {
    let desk = Reels::new();
    ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 0);
    what(&desk);
    desk
}

const CLIP: &str = "graded/reel_2/reel_2_two.mov";

/// Refused with exit code 3, the clip named, the output and everything else as it was.
#[track_caller]
fn is_refused(desk: &Reels, reason: &str) {
    let before = fs::read(desk.path("finished/reel_2.mov")).expect("it was made");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 3);
    assert!(err.contains("reel_2_two.mov") && err.contains(reason), "{err}");
    assert!(err.contains("no movie was written"), "{err}");
    assert!(before == fs::read(desk.path("finished/reel_2.mov")).expect("it is there"));
}

#[test]
fn clip_that_is_cut_short_is_refused_and_not_left_out() {
    let desk = finished_and_then(|desk| {
        let bytes = fs::read(desk.path(CLIP)).expect("it");
        fs::write(desk.path(CLIP), &bytes[..bytes.len() / 2]).expect("it can be written");
    });
    is_refused(&desk, "reel_2_two.mov: ");
}

#[test]
fn clip_that_is_empty_is_refused_and_not_left_out() {
    let desk = finished_and_then(|desk| desk.write(CLIP, ""));
    is_refused(&desk, "reel_2_two.mov: ");
}

#[test]
fn clip_behind_a_link_whose_volume_is_offline_is_refused_and_not_left_out() {
    let desk = finished_and_then(|desk| {
        fs::rename(desk.path(CLIP), desk.path("away.mov")).expect("it can be moved");
        symlink("../../volume/two.mov", desk.path(CLIP)).expect("a link");
    });
    is_refused(&desk, "is a link to ../../volume/two.mov, which is not there");
}

#[test]
fn clip_of_another_rate_is_refused_in_the_words_of_the_plan() {
    let desk = finished_and_then(|desk| {
        // 02:00:01:16 of 24 frames a second.
        let clip = Timeline::new(9, Rate::new(24, 1, 24, false), 2 * 3600 * 24 + 40, 10);
        clip.spec().write(&desk.path(CLIP));
    });
    is_refused(&desk, "its frame rate is 24, the base's is 25");
}

#[test]
fn clip_that_lost_its_timecode_is_refused_by_its_name() {
    let desk = finished_and_then(|desk| {
        MovieSpec::new(9, vec![TrackSpec::video(vec![5000; 10])]).write(&desk.path(CLIP));
    });
    is_refused(&desk, "it has no timecode at its first frame");
}

#[test]
fn clip_that_was_renamed_to_something_else_is_missed() {
    let desk = finished_and_then(|desk| {
        fs::rename(desk.path(CLIP), desk.path(format!("{CLIP}.tmp"))).expect("it can be");
    });
    is_refused(&desk, "it is not among the clips any more, and the output has 10 frames of it");
}

#[test]
fn clip_that_is_gone_for_good_is_let_go_by_name_and_told_everywhere() {
    let desk = finished_and_then(|desk| fs::remove_file(desk.path(CLIP)).expect("it can be"));
    let lines = desk.lines(FOLDERS, 3);
    let refused = lines.iter().find(|line| line["action"] == "refuse").expect("a job");
    assert_eq!(refused["reasons"][0]["code"], "removed_clip");
    assert!(
        refused["reasons"][0]["help"].as_str().expect("help").contains("--allow removed-clips")
    );

    let allowed = format!("{FOLDERS} --allow removed-clips --report page.html");
    let lines = desk.lines(&allowed, 0);
    let gone = lines.iter().find(|line| line["event"] == "left_out").expect("an event");
    assert_eq!((gone["job"].as_u64(), &gone["code"]), (Some(1), &Value::from("removed_clip")));
    let summary = lines.last().expect("a summary");
    assert_eq!(summary["jobs"][1]["left_out"][0]["code"], "removed_clip");
    assert_eq!(summary["jobs"][1]["report"]["left_out"][0]["code"], "removed_clip");
    let page = fs::read_to_string(desk.path("page.html")).expect("a page");
    assert!(page.contains("Clips left out") && page.contains("reel_2_two.mov"));
    // It is in the output no more, so nothing is lost the next time.
    assert_eq!(Reels::outcomes(&desk.lines(FOLDERS, 0)), vec![outcome("skipped", ""); 3]);
}

#[test]
fn new_version_under_another_name_takes_the_place_of_the_old_one() {
    let desk = finished_and_then(|desk| {
        fs::remove_file(desk.path(CLIP)).expect("it can be");
        desk.clip("graded/reel_2/reel_2_two_v2.mov", 180_040, 12 - 2);
    });
    // The same frames, another film.
    MovieSpec::with_timecode(77, 180_040, vec![7000; 10])
        .write(&desk.path("graded/reel_2/reel_2_two_v2.mov"));
    let found = Reels::outcomes(&desk.lines(FOLDERS, 0));
    assert_eq!(found[1].0, "done");
    // A shorter one gives frames back to the base.
    fs::remove_file(desk.path("graded/reel_2/reel_2_two_v2.mov")).expect("it can be");
    desk.clip("graded/reel_2/reel_2_two_v3.mov", 180_040, 8);
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 3);
    assert!(err.contains("the output has 2 frames of it from 02:00:01:23 to 02:00:02:00"), "{err}");
}

#[test]
fn effect_that_is_damaged_does_not_bring_the_grade_back() {
    let desk = Reels::new();
    fs::create_dir(desk.path("vfx")).expect("a folder");
    let effect = "vfx/reel_2_fx.mov";
    MovieSpec::with_timecode(55, 180_042, vec![7000; 4]).write(&desk.path(effect));
    let folders = format!("{FOLDERS} --vfx vfx");
    ends_with(&desk.intercut(&format!("batch {folders}")), 0);
    desk.write(effect, "");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {folders}")), 3);
    assert!(err.contains("reel_2_fx.mov: "), "{err}");
    // Nor one that is gone, though its frames would be those of a grade and not the base's.
    fs::remove_file(desk.path(effect)).expect("it can be");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {folders}")), 3);
    assert!(err.contains("reel_2_fx.mov: it is not among the clips any more"), "{err}");
    // The jobs file of a batch knows as much.
    ends_with(&desk.intercut("link --bases bases --clips graded --save linked.toml"), 0);
    let (_, err) = ends_with(&desk.intercut("batch linked.toml"), 3);
    assert!(err.contains("reel_2_fx.mov: it is not among the clips any more"), "{err}");
}

#[test]
fn refused_clips_are_skipped_by_name_and_told_in_every_form() {
    let desk = Reels::new();
    desk.write("graded/reel_1/reel_1_late.mov", "still being copied");
    desk.write("graded/unnamed.mov", "");
    desk.clip("graded/elsewhere.mov", 1_000_000, 5);
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 3);
    assert!(err.contains("reel_1_late.mov: "), "{err}");
    assert!(err.contains("error: graded/unnamed.mov: "), "{err}");
    assert!(err.contains("warning: graded/elsewhere.mov is left out: it has no base"), "{err}");
    let lines = desk.lines(&format!("{FOLDERS} --skip-refused --dry-run"), 0);
    let left_out: Vec<(&str, &str)> = lines
        .iter()
        .filter(|line| line["event"] == "left_out")
        .map(|line| {
            let path = line["path"].as_str().expect("a path");
            (path.rsplit('/').next().unwrap_or(path), line["code"].as_str().expect("a code"))
        })
        .collect();
    let expected =
        [("reel_1_late.mov", "damaged"), ("elsewhere.mov", "no_base"), ("unnamed.mov", "damaged")];
    assert_eq!(left_out, expected);
    let (out, _) = ends_with(&desk.intercut(&format!("batch {FOLDERS} --skip-refused")), 0);
    for (name, _) in expected {
        assert!(out.contains(name) && out.contains("\nleft out: "), "{out}");
    }
    (1..=3).for_each(|reel| desk.judge(reel));
}

#[test]
fn clip_of_a_base_that_cannot_be_opened_refuses_the_batch() {
    let desk = Reels::new();
    desk.write("bases/reel_3.mov", "damaged");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 3);
    assert!(err.contains("error: graded/reel_3/reel_3_one.mov: it has no base"), "{err}");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS} --keep-going")), 3);
    assert!(err.contains("graded/reel_3/reel_3_two.mov: it has no base"), "{err}");
    [1, 2].into_iter().for_each(|reel| desk.judge(reel));
}
