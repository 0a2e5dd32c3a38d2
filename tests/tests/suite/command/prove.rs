//! `--verify full`, `verify --run` and `--histogram` as people and scripts meet them: a result is proved by the report of
//! its run alone, and the latencies are files that plotters read.

use std::fs;

use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::oracle::reader::{Movie, to_usize};
use serde_json::Value;
use twox_hash::XxHash3_128;

/// A base of 50 frames and a clip of five.
fn desk() -> Desk {
    let desk = Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    desk
}

/// The same with a finished splice, `out.mov`, the report of its run, `run.json`, and no sources any more.
fn desk_with_run(mode: &str) -> Desk {
    let desk = desk();
    let arguments = format!("splice base.mov clip.mov -o out.mov --json --verify {mode}");
    let (report, _) = ends_with(&desk.intercut(&arguments), 0);
    fs::write(desk.path("run.json"), report).expect("it can be written");
    fs::remove_file(desk.path("base.mov")).expect("it is there");
    fs::remove_file(desk.path("clip.mov")).expect("it is there");
    desk
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one object and nothing else")
}

#[test]
fn result_is_proved_by_the_report_of_its_run_when_its_sources_are_gone() {
    let desk = desk_with_run("full");
    let (out, _) = ends_with(&desk.intercut("verify out.mov --run run.json"), 0);
    let bytes = fs::read(desk.path("out.mov")).expect("it is there");
    let file = format!("{:032x}", XxHash3_128::oneshot(&bytes));
    let expected = format!(
        "out.mov: byte for byte what run.json says: 3 tracks, 96051 samples, xxh3-128 {file}\n"
    );
    assert_eq!(out, expected);
    let (out, _) = ends_with(&desk.intercut("verify out.mov --run run.json --json"), 0);
    let object = json(&out);
    assert_eq!(object["schema"], "intercut.verify/1");
    assert_eq!(object["identical"], true);
    assert_eq!(object["differences"], Value::Array(vec![]));
    let run = json(&fs::read_to_string(desk.path("run.json")).expect("it is there"));
    assert_eq!(object["digests"], run["verify"]["digests"]);
    let track = &run["verify"]["digests"]["tracks"][2];
    assert_eq!((&track["id"], &track["kind"]), (&Value::from(3), &Value::from("sound")));
    assert_eq!((&track["samples"], &track["bytes"]), (&96_000.into(), &384_000.into()));
    let (out, _) = ends_with(&desk.intercut("verify out.mov --run run.json --quiet"), 0);
    assert_eq!(out, "");
}

#[test]
fn track_that_was_damaged_since_its_run_is_named() {
    let desk = desk_with_run("full");
    let movie = Movie::open(&desk.path("out.mov")).expect("a movie");
    let mut bytes = movie.bytes.clone();
    bytes[to_usize(movie.tracks[2].samples[70_000].offset)] ^= 1;
    fs::write(desk.path("out.mov"), &bytes).expect("it can be written");
    let (out, _) = ends_with(&desk.intercut("verify out.mov --run run.json"), 1);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "out.mov: not what run.json says");
    assert!(lines[1].starts_with("  the samples of track 3 (sound) differ: "), "{out}");
    assert!(lines[2].starts_with("  the file differs: "), "{out}");
    assert_eq!(lines.len(), 3);
    let (out, _) = ends_with(&desk.intercut("verify out.mov --run run.json --json"), 1);
    assert_eq!(json(&out)["identical"], false);
    assert_eq!(json(&out)["differences"].as_array().map(Vec::len), Some(2));
}

#[test]
fn report_without_digests_proves_nothing_and_says_why() {
    let desk = desk_with_run("written");
    let (_, err) = ends_with(&desk.intercut("verify out.mov --run run.json"), 1);
    assert!(
        err.contains("run.json has no digests: its run was made with --verify written"),
        "{err}"
    );
    assert!(err.contains("only --verify full saves digests"), "{err}");
    fs::write(desk.path("run.json"), "{}").expect("it can be written");
    let (_, err) = ends_with(&desk.intercut("verify out.mov --run run.json"), 1);
    assert!(err.contains("run.json is not the report of a run: missing field `schema`"), "{err}");
    let (_, err) = ends_with(&desk.intercut("verify out.mov --run nowhere.json"), 1);
    assert!(err.contains("cannot read nowhere.json"), "{err}");
}

#[test]
fn summary_of_a_full_verification_tells_the_digest_of_the_file() {
    let desk = desk();
    let splice = desk.intercut("splice base.mov clip.mov -o out.mov --verify full");
    let (out, _) = ends_with(&splice, 0);
    let bytes = fs::read(desk.path("out.mov")).expect("it is there");
    let digest = format!("{:032x}", XxHash3_128::oneshot(&bytes));
    let expected = format!("verified  full: 96051 samples, 0 differ; xxh3-128 {digest}\n");
    assert!(out.ends_with(&expected), "{out}");
}

/// How every histogram begins.
const HEADER: &str = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";

#[test]
fn histograms_are_saved_one_for_each_stage() {
    let desk = desk();
    fs::create_dir(desk.path("latency")).expect("a folder can be made");
    fs::write(desk.path("latency/write.hgrm"), HEADER).expect("it can be written");
    let splice = "splice base.mov clip.mov -o out.mov --json --histogram latency";
    let (out, _) = ends_with(&desk.intercut(splice), 0);
    let report = json(&out);
    let mut names: Vec<String> = fs::read_dir(desk.path("latency"))
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["read.hgrm", "stage_wait.hgrm", "sync.hgrm", "write.hgrm"]);
    for stage in ["read", "stage_wait", "write", "sync"] {
        let text = fs::read_to_string(desk.path(format!("latency/{stage}.hgrm"))).expect("text");
        assert!(text.starts_with(HEADER), "{text}");
        let count = report["latency_ns"][stage]["count"].as_u64().expect("a number");
        assert!(text.contains(&format!("Total count    = {count:12}]")), "{stage}: {text}");
    }
    // A sync takes more than a microsecond and less than a minute.
    let sync = fs::read_to_string(desk.path("latency/sync.hgrm")).expect("text");
    let first = sync.lines().nth(2).and_then(|line| line.split_whitespace().next());
    let us: f64 = first.and_then(|value| value.parse().ok()).expect("a value");
    assert!((1.0..60e6).contains(&us), "{sync}");
}

#[test]
fn folder_for_histograms_that_cannot_be_written_is_told_before_the_copy() {
    let desk = desk();
    let splice = "splice base.mov clip.mov -o out.mov --histogram clip.mov/latency";
    let (_, err) = ends_with(&desk.intercut(splice), 1);
    assert!(err.contains("cannot create the folder clip.mov/latency"), "{err}");
    assert!(!desk.path("out.mov").exists());
}
