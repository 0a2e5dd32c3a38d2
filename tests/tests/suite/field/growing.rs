//! Files that another program still has open for writing are not taken for finished, whatever they look like.

use std::fs::{self, File};

use intercut_io::{BeingWritten, Source};
use intercut_tests::desk::Desk;
use intercut_tests::skip;
use serde_json::{Value, json};

const CLIP: &str = "graded/S01.mov";

/// A base with two clips; `None` if the system cannot tell who has a file open.
fn desk() -> Option<Desk> {
    let desk = Desk::default();
    desk.clip(CLIP, 90_005, 5);
    desk.clip("graded/S02.mov", 90_040, 5);
    let source = Source::open(&desk.path(CLIP)).expect("a file");
    if source.being_written() == BeingWritten::CannotTell {
        skip::note("file leases", "this filesystem has none");
        return None;
    }
    Some(desk)
}

/// What a recorder or a renderer that is at work has.
fn opened_for_writing(desk: &Desk, name: &str) -> File {
    File::options().append(true).open(desk.path(name)).expect("it can be opened")
}

/// `[code, path]` of each refusal that is printed as JSON.
fn refusals(object: &Value) -> Value {
    let refusals = object["refusals"].as_array().expect("refusals").iter();
    refusals.map(|refusal| json!([refusal["code"], refusal["path"]])).collect()
}

#[test]
fn clip_that_another_program_still_writes_is_refused_until_it_is_closed() {
    let Some(desk) = desk() else { return };
    let writer = opened_for_writing(&desk, CLIP);
    let refused = desk.json("splice base.mov graded -o out.mov --json", 1);
    assert_eq!(refusals(&refused), json!([["growing", CLIP]]));
    let (_, err) = desk.ends("splice base.mov graded -o out.mov", 1);
    assert!(err.contains("S01.mov: it is still being written: another program has it"), "{err}");
    assert!(err.contains("--allow growing"), "{err}");
    assert!(!desk.path("out.mov").exists());
    drop(writer);
    // It changed just now, and that says nothing: the kernel knows that nobody has it open.
    desk.ends("splice base.mov graded -o out.mov", 0);
}

#[test]
fn base_that_another_program_still_writes_is_refused_even_if_clips_may_be_skipped() {
    let Some(desk) = desk() else { return };
    let _writer = opened_for_writing(&desk, "base.mov");
    for command in ["plan base.mov graded", "splice base.mov graded -o out.mov"] {
        let refused = desk.json(&format!("{command} --skip-refused --json"), 1);
        assert_eq!(refusals(&refused), json!([["growing", "base.mov"]]));
    }
}

#[test]
fn movies_that_are_still_written_are_used_as_they_are_if_that_is_allowed() {
    let Some(desk) = desk() else { return };
    let _writers = [CLIP, "base.mov"].map(|name| opened_for_writing(&desk, name));
    desk.ends("splice base.mov graded -o out.mov --allow growing", 0);
    desk.ends("verify out.mov base.mov graded --allow growing", 0);
}

#[test]
fn clip_that_is_no_movie_yet_is_unfinished_and_not_damaged() {
    let Some(desk) = desk() else { return };
    let bytes = fs::read(desk.path(CLIP)).expect("it can be read");
    desk.write(CLIP, &bytes[..bytes.len() / 2]);
    let writer = opened_for_writing(&desk, CLIP);
    let refused = desk.json("plan base.mov graded --allow growing --json", 1);
    assert_eq!(refusals(&refused), json!([["growing", CLIP]]));
    let help = refused["refusals"][0]["help"].as_str().expect("advice");
    assert!(!help.contains("--allow"), "{help}");
    drop(writer);
    let refused = desk.json("plan base.mov graded --json", 3);
    assert_eq!(refusals(&refused), json!([["damaged", CLIP]]));
}

#[test]
fn clip_that_is_still_written_beside_one_that_never_fits_is_a_refusal_for_good() {
    let Some(desk) = desk() else { return };
    desk.clip("graded/S03.mov", 180_000, 5);
    let _writer = opened_for_writing(&desk, CLIP);
    let refused = desk.json("plan base.mov graded --json", 3);
    let expected = json!([["growing", CLIP], ["outside_base", "graded/S03.mov"]]);
    assert_eq!(refusals(&refused), expected);
}

#[test]
fn clip_that_is_still_written_is_left_out_by_name_if_refused_clips_are_skipped() {
    let Some(desk) = desk() else { return };
    let _writer = opened_for_writing(&desk, CLIP);
    let plan = desk.json("plan base.mov graded --skip-refused --json", 0);
    assert_eq!(plan["clips"].as_array().map(Vec::len), Some(1));
    assert_eq!(plan["left_out"][0]["code"], "growing");
    assert_eq!(plan["left_out"][0]["path"], CLIP);
}

#[test]
fn list_that_is_still_written_places_nothing() {
    let Some(desk) = desk() else { return };
    desk.write(
        "cut.edl",
        "FCM: NON-DROP FRAME\n\
         001  AX  V  C  01:00:00:05 01:00:00:10 01:00:00:20 01:00:01:00\n* FROM CLIP NAME: S01.mov\n",
    );
    let command = format!("plan base.mov {CLIP} --edl cut.edl --json");
    let writer = opened_for_writing(&desk, "cut.edl");
    assert_eq!(refusals(&desk.json(&command, 1)), json!([["growing", "cut.edl"]]));
    desk.json(&format!("{command} --allow growing"), 0);
    drop(writer);
    desk.json(&command, 0);
}

#[test]
fn batches_refuse_what_is_still_written_and_may_be_tried_again() {
    let Some(desk) = desk() else { return };
    desk.write(
        "jobs.toml",
        "[[job]]\nbase = \"base.mov\"\nclips = [\"graded\"]\noutput = \"out/base.mov\"\n",
    );
    let folders = "--bases base.mov --clips graded --out out";
    let writer = opened_for_writing(&desk, CLIP);
    for jobs in ["jobs.toml", folders] {
        let (out, err) = desk.ends(&format!("batch {jobs} --json"), 1);
        let planned = out.lines().map(|line| serde_json::from_str(line).expect("an object a line"));
        let planned: Vec<Value> = planned.collect();
        let refused = planned.iter().find(|line| line["action"] == "refuse").expect("a job");
        assert_eq!(refused["reasons"][0]["code"], "growing", "{err}");
        assert!(err.contains("no movie was written"), "{err}");
    }
    // For good, if anything else is wrong.
    desk.clip("graded/base_S03.mov", 180_000, 5);
    desk.ends("batch jobs.toml", 3);
    fs::remove_file(desk.path("graded/base_S03.mov")).expect("it is there");

    desk.ends(&format!("batch {folders} --allow growing"), 0);
    fs::remove_dir_all(desk.path("out")).expect("it is there");
    desk.write(
        "allowed.toml",
        "[defaults]\nallow = [\"growing\"]\n\
         [[job]]\nbase = \"base.mov\"\nclips = [\"graded\"]\noutput = \"out/base.mov\"\n",
    );
    desk.ends("batch allowed.toml", 0);
    drop(writer);
    desk.ends("batch jobs.toml", 0);
}

#[test]
fn batch_of_a_folder_waits_for_a_base_that_is_no_movie_yet() {
    let Some(desk) = desk() else { return };
    let bytes = fs::read(desk.path("base.mov")).expect("it can be read");
    desk.write("bases/reel.mov", &bytes[..bytes.len() / 2]);
    desk.clip("clips/reel_S01.mov", 90_005, 5);
    let _writer = opened_for_writing(&desk, "bases/reel.mov");
    let (_, err) = desk.ends("batch --bases bases --clips clips --out out", 1);
    assert!(err.contains("its base bases/reel.mov: it is still being written"), "{err}");
}

#[test]
fn what_is_still_written_is_a_fact_for_probe_and_link() {
    let Some(desk) = desk() else { return };
    let being_written = |name: &str| {
        let probed = desk.json(&format!("probe {name} --json"), 0);
        probed["files"][0]["being_written"].clone()
    };
    let writer = opened_for_writing(&desk, CLIP);
    assert_eq!((being_written(CLIP), being_written("base.mov")), (true.into(), false.into()));
    let (out, _) = desk.ends(&format!("probe {CLIP}"), 0);
    assert!(out.contains("still being written: another program has it open for writing"), "{out}");

    let folders = "--bases base.mov --clips graded";
    let linked = desk.json(&format!("link {folders} --json"), 0);
    let told = [0, 1].map(|clip| linked["links"][clip]["clip"]["movie"]["being_written"].clone());
    assert_eq!(told, [true, false]);
    let (_, err) = desk.ends(&format!("link {folders}"), 0);
    assert!(err.contains("S01.mov: it is still being written"), "{err}");
    drop(writer);
    assert_eq!(being_written(CLIP), false);
}

#[test]
fn movie_that_was_just_spliced_can_be_spliced_into_at_once() {
    let Some(desk) = desk() else { return };
    for route in ["mapped", "staged", "kernel", "buffered"] {
        let first = format!("splice base.mov {CLIP} -o {route}.mov --route {route}");
        desk.ends(&first, 0);
        desk.ends(&format!("plan {route}.mov graded/S02.mov"), 0);
    }
}

#[test]
fn batch_of_a_folder_waits_for_the_list_beside_its_base() {
    let Some(desk) = desk() else { return };
    desk.clip("clips/S03.mov", 990_000, 5);
    desk.write(
        "base.edl",
        "FCM: NON-DROP FRAME\n\
         001  AX  V  C  11:00:00:00 11:00:00:05 01:00:00:20 01:00:01:00\n* FROM CLIP NAME: S03.mov\n",
    );
    let command = "batch --bases base.mov --clips clips --out out";
    let writer = opened_for_writing(&desk, "base.edl");
    let (_, err) = desk.ends(command, 1);
    assert!(err.contains("base.edl: it is still being written"), "{err}");
    drop(writer);
    desk.ends(command, 0);
}
