//! Files are known by what they are: a copy, a moved project and a touched file change nothing.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use intercut_tests::desk::{command_in, ends_with};
use intercut_tests::media;
use serde_json::Value;
use tempfile::TempDir;

use super::{Reels, alter, outcome, touch};

fn unchanged() -> Vec<(String, String)> {
    vec![outcome("skipped", ""); 3]
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("it can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("it is below"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder can be made");
        fs::copy(&file, &target).expect("it can be copied");
    }
}

#[test]
fn files_that_keep_whole_seconds_or_are_an_hour_off_are_not_made_again() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    for file in files(desk.folder()) {
        let time = fs::metadata(&file).and_then(|found| found.modified()).expect("a time");
        let seconds = time.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        let shifted = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds / 2 * 2 + 3600);
        File::options()
            .write(true)
            .open(&file)
            .and_then(|it| it.set_modified(shifted))
            .expect("it");
    }
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), unchanged());
}

#[test]
fn project_that_was_copied_elsewhere_is_not_made_again() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    let other = TempDir::with_prefix_in("moved-", media::tmp_dir()).expect("a folder");
    copy(desk.folder(), other.path());
    fs::rename(desk.folder().join("graded"), desk.path("away")).expect("it can be moved");
    let output = command_in(other.path(), "batch jobs.toml --json").output().expect("it runs");
    let (out, _) = ends_with(&output, 0);
    let lines: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(Reels::outcomes(&lines), unchanged());
    // By a link to the folder too.
    let link = desk.path("link");
    std::os::unix::fs::symlink(other.path(), &link).expect("a link");
    let output = command_in(&link, "batch jobs.toml --json").output().expect("it runs");
    let (out, _) = ends_with(&output, 0);
    assert_eq!(out.matches("\"event\":\"skipped\"").count(), 3, "{out}");
}

#[test]
fn clip_that_was_renamed_is_the_same_clip() {
    let desk = Reels::new();
    let folders = "--bases bases --clips graded --out finished";
    desk.lines(folders, 0);
    let renamed = desk.path("graded/reel_2/reel_2_two_final.mov");
    fs::rename(desk.path("graded/reel_2/reel_2_two.mov"), renamed).expect("it can be renamed");
    assert_eq!(Reels::outcomes(&desk.lines(folders, 0)), unchanged());
}

#[test]
fn output_that_was_only_touched_is_ours_and_one_that_was_altered_is_not() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    touch(&desk.path("finished/reel_1.mov"));
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), unchanged());
    alter(&desk.path("finished/reel_1.mov"));
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 3);
    assert!(err.contains("reel_1.mov: it is not replaced: it was written to since"), "{err}");
}

#[test]
fn base_or_clip_with_another_content_of_the_same_length_is_made_again() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    alter(&desk.path("graded/reel_1/reel_1_one.mov"));
    alter(&desk.path("bases/reel_2.mov"));
    let found = Reels::outcomes(&desk.lines("jobs.toml", 0));
    let clip = desk.path("graded/reel_1/reel_1_one.mov");
    assert_eq!(found[0], outcome("done", &format!("{}: its content changed", clip.display())));
    let base = desk.path("bases/reel_2.mov");
    assert_eq!(
        found[1],
        outcome("done", &format!("{}: the base's content changed", base.display()))
    );
    assert_eq!(found[2], outcome("skipped", ""));
}

#[test]
fn asking_for_more_verification_verifies_the_output_and_does_not_write_it() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    let output = desk.path("finished/reel_1.mov");
    let before = fs::metadata(&output).and_then(|found| found.modified()).expect("a time");
    let why = "it was verified as 'none', and 'full' is asked for";
    let lines = desk.lines("jobs.toml --verify full", 0);
    assert_eq!(Reels::outcomes(&lines), vec![outcome("verified", why); 3]);
    assert_eq!(lines.last().expect("a summary")["totals"]["verified"], 3);
    assert_eq!(fs::metadata(&output).and_then(|found| found.modified()).expect("a time"), before);
    let sidecar = fs::read_to_string(desk.path("finished/reel_1.mov.intercut.json")).expect("it");
    let sidecar: Value = serde_json::from_str(&sidecar).expect("an object");
    assert_eq!(sidecar["verify"], "full");
    assert!(sidecar["digests"]["file"].is_string(), "{sidecar}");
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml --verify full", 0)), unchanged());
}

#[test]
fn output_that_rotted_is_found_by_asking_for_verification() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    let output = desk.path("finished/reel_1.mov");
    let time = fs::metadata(&output).and_then(|found| found.modified()).expect("a time");
    alter(&output);
    File::options().write(true).open(&output).and_then(|file| file.set_modified(time)).expect("it");
    // Its length and time are those that were noted: only reading it shows the damage.
    let lines = desk.lines("jobs.toml --verify written", 1);
    let found = Reels::outcomes(&lines);
    assert_eq!(found[0].0, "failed");
    assert!(found[0].1.contains("differs"), "{found:?}");
    assert_eq!(found[1].0, "verified");
}

#[test]
fn name_that_leaves_no_room_for_the_sidecars_is_shortened() {
    let desk = Reels::new();
    let long = format!("{}.mov", "x".repeat(245));
    desk.write(
        "jobs.toml",
        format!("[[job]]\nbase = \"bases/reel_1.mov\"\nclips = [\"graded/reel_1\"]\noutput = \"{long}\"\n"),
    );
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0))[0].0, "done");
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), [outcome("skipped", "")]);
}
