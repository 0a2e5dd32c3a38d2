//! Files that a run leaves beside its movie: each replaces an older one of its own kind and nothing else, and none of them
//! can turn a finished movie into a failure.

use std::fs;

use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::{Desk, ends_with};
use serde_json::Value;

const SPLICE: &str = "splice base.mov clip.mov -o out.mov";

fn desk() -> Desk {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_010, 5);
    desk
}

#[test]
fn side_file_replaces_an_older_one_of_its_kind_and_nothing_else() {
    let desk = desk();
    MovieSpec::with_timecode(9, 90_020, vec![5000; 3]).write(&desk.path("reel_2.mov"));
    fs::write(desk.path("page.html"), "<!DOCTYPE html><title>not ours</title>").expect("written");
    fs::write(desk.path("notes.json"), "{\"schema\": \"mine\"}").expect("written");
    for option in ["--save-plan", "--report", "--trace"] {
        for taken in ["reel_2.mov", "page.html", "notes.json"] {
            let before = fs::read(desk.path(taken)).expect("it is there");
            let (_, err) = ends_with(&desk.intercut(&format!("{SPLICE} {option} {taken}")), 2);
            assert!(err.contains(&format!("{taken} exists and is not a")), "{err}");
            assert!(err.contains("it is not replaced"), "{err}");
            assert_eq!(fs::read(desk.path(taken)).expect("it is there"), before);
        }
        for _again in 0..2 {
            let run = format!("{SPLICE} --force {option} own{option}");
            ends_with(&desk.intercut(&run), 0);
        }
        fs::remove_file(desk.path("out.mov")).expect("it is there");
    }
    for option in ["--save-plan", "--trace"] {
        let run = format!("{SPLICE} --dry-run {option} reel_2.mov");
        ends_with(&desk.intercut(&run), 2);
    }
    fs::create_dir(desk.path("latency")).expect("a folder can be made");
    fs::copy(desk.path("reel_2.mov"), desk.path("latency/sync.hgrm")).expect("it can be copied");
    let (_, err) = ends_with(&desk.intercut(&format!("{SPLICE} --histogram latency")), 2);
    assert!(err.contains("latency/sync.hgrm exists and is not a latency histogram"), "{err}");
    let (_, err) = ends_with(&desk.intercut(&format!("{SPLICE} --histogram page.html")), 2);
    assert!(err.contains("page.html is a file: histograms need a folder"), "{err}");
    assert!(!desk.path("out.mov").exists(), "something was written");
}

#[test]
fn options_that_name_the_same_file_are_refused() {
    let desk = desk();
    for options in [
        "--save-plan a.json --trace a.json",
        "--report ./a.html --trace a.html",
        "--report out.mov",
        "--trace ./out.mov",
        "--histogram out.mov",
    ] {
        let (_, err) = ends_with(&desk.intercut(&format!("{SPLICE} {options}")), 2);
        assert!(err.contains("name the same file"), "{options}: {err}");
    }
    assert_eq!(desk.names(), ["base.mov", "clip.mov"]);
}

#[test]
fn movie_whose_page_cannot_be_saved_is_done_with_a_warning() {
    let desk = desk();
    // The histograms are saved first and take the page's name.
    let run = format!("{SPLICE} --json --histogram latency --report latency/sync.hgrm");
    let (out, err) = ends_with(&desk.intercut(&run), 0);
    let report: Value = serde_json::from_str(&out).expect("the report was printed");
    assert_eq!(report["frames_replaced"], 5);
    assert!(err.starts_with("warning: latency/sync.hgrm exists and is not a page"), "{err}");
    assert!(desk.path("out.mov").exists());
}
