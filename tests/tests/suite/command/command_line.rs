//! The `intercut` command as its users and their scripts meet it: exit codes, what goes to standard output, refusals,
//! what is left behind.

use std::fs;
use std::path::Path;

use intercut_tests::builder::{MovieSpec, sparse};
use intercut_tests::compare;
use intercut_tests::desk::{Desk, ends_with};
#[cfg(target_os = "linux")]
use intercut_tests::interrupt::{Ends, Running, SIGNALS, heeding};
use intercut_tests::oracle::checker::{Expected, check};
use intercut_tests::oracle::splicer::{Replaced, run};
use serde_json::Value;

/// A base of 50 frames and a folder of two clips.
fn desk() -> Desk {
    let desk = Desk::default();
    fs::create_dir(desk.path("graded")).expect("a folder can be made");
    desk.clip("graded/one.mov", 90_007, 5);
    desk.clip("graded/two.mov", 90_040, 10);
    desk
}

/// Asserts that an output is the splice of both clips.
#[track_caller]
fn judge(desk: &Desk, output: &str) {
    let clips = [desk.path("graded/one.mov"), desk.path("graded/two.mov")];
    let expected = Expected::new(replaced());
    assert_eq!(check(&desk.path(output), &desk.path("base.mov"), &clips, &expected), Ok(()));
}

fn replaced() -> Vec<Replaced> {
    [run(7, 5, 0, 0), run(40, 10, 1, 0)].concat()
}

#[test]
fn splice_of_a_folder_of_clips_is_done() {
    let desk = desk();
    ends_with(&desk.intercut("splice base.mov graded -o out.mov"), 0);
    judge(&desk, "out.mov");
    assert_eq!(desk.names(), ["base.mov", "graded", "out.mov"]);
}

#[test]
fn report_is_the_only_thing_on_standard_output() {
    let desk = desk();
    let output = desk.intercut("splice base.mov graded -o out.mov --json --verify written");
    let (out, _) = ends_with(&output, 0);
    let report: Value = serde_json::from_str(&out).expect("one object and nothing else");
    assert_eq!(report["schema"], "intercut.report/2");
    assert_eq!(report["frames_replaced"], 15);
    assert_eq!(report["base"]["frames"], 50);
    assert_eq!(report["base"]["rate"], "25/1");
    assert_eq!(report["base"]["timecode"], "01:00:00:00");
    assert_eq!(report["base"]["codec"], "ap4h");
    assert_eq!(report["clips"][1]["timecode"], "01:00:01:15");
    assert_eq!(report["events"][1]["record_in"], 40);
    assert_eq!(report["events"][1]["record_out"], 50);
    assert_eq!(report["clips"][1]["bytes"], 50_000);
    assert_eq!(report["verify"]["mode"], "written");
    assert_eq!(report["verify"]["mismatches"], 0);
    // 50 pictures, one timecode, 96,000 frames of sound.
    assert_eq!(report["verify"]["samples_checked"], 96_051);
    let len = fs::metadata(desk.path("out.mov")).expect("it is there").len();
    assert_eq!(report["output"]["bytes"], len);
}

#[test]
fn command_lines_that_make_no_sense_are_usage_errors() {
    let desk = desk();
    for arguments in [
        "",
        "splice",
        "splice base.mov graded",
        "splice base.mov -o out.mov",
        "splice base.mov graded -o out.mov --route fast",
        "splice base.mov graded -o out.mov --memory 0",
        "splice base.mov graded -o out.mov --overlap most",
        "plan base.mov",
        "frobnicate",
    ] {
        let (out, err) = ends_with(&desk.intercut(arguments), 2);
        let says_how = err.contains("Usage") || err.contains("--help");
        assert!(out.is_empty() && says_how, "{arguments}: {err}");
    }
    assert_eq!(desk.names(), ["base.mov", "graded"]);
}

#[test]
fn refusal_names_every_clip_and_every_reason() {
    let desk = desk();
    desk.clip("graded/late.mov", 90_048, 5);
    desk.clip("graded/over.mov", 90_010, 4);
    let mut other = MovieSpec::with_timecode(9, 90_020, vec![5000; 3]);
    other.tracks[0].video_mut().width = 96;
    other.tracks[0].video_mut().codec = *b"apch";
    other.write(&desk.path("graded/other.mov"));
    let (out, err) = ends_with(&desk.intercut("splice base.mov graded -o out.mov"), 3);
    assert!(out.is_empty(), "{out}");
    for words in ["late.mov", "over.mov", "one.mov", "other.mov", "apch", "ap4h", "96", "64"] {
        assert!(err.contains(words), "{words} is not in: {err}");
    }
    assert_eq!(desk.names(), ["base.mov", "graded"]);
}

#[test]
fn refused_clips_can_be_left_out_with_a_warning_each() {
    let desk = desk();
    desk.clip("graded/late.mov", 90_048, 5);
    let mut other = MovieSpec::with_timecode(9, 90_020, vec![5000; 3]);
    other.tracks[0].video_mut().height = 96;
    other.write(&desk.path("graded/other.mov"));
    fs::remove_file(desk.path("graded/late.mov")).expect("it is there");
    let output = desk.intercut("splice base.mov graded -o out.mov --skip-refused");
    let (_, err) = ends_with(&output, 0);
    assert!(err.contains("other.mov"), "{err}");
    judge(&desk, "out.mov");
}

#[test]
fn movie_that_is_not_there_is_a_failure() {
    let desk = desk();
    let (_, err) = ends_with(&desk.intercut("splice base.mov nowhere.mov -o out.mov"), 1);
    assert!(err.contains("nowhere.mov"), "{err}");
    let (_, err) = ends_with(&desk.intercut("splice nowhere.mov graded -o out.mov"), 1);
    assert!(err.contains("nowhere.mov"), "{err}");
    assert_eq!(desk.names(), ["base.mov", "graded"]);
}

#[test]
fn existing_output_is_left_alone_unless_force_says_otherwise() {
    let desk = desk();
    fs::write(desk.path("out.mov"), b"last night's work").expect("it can be written");
    let (_, err) = ends_with(&desk.intercut("splice base.mov graded -o out.mov"), 1);
    assert!(err.contains("out.mov") && err.contains("--force"), "{err}");
    // A refusal leaves it alone even with --force.
    desk.clip("bad.mov", 5, 5);
    ends_with(&desk.intercut("splice base.mov bad.mov -o out.mov --force"), 3);
    assert_eq!(fs::read(desk.path("out.mov")).expect("it is there"), b"last night's work");
    ends_with(&desk.intercut("splice base.mov graded -o out.mov --force"), 0);
    judge(&desk, "out.mov");
    assert_eq!(desk.names(), ["bad.mov", "base.mov", "graded", "out.mov"]);
}

#[test]
fn output_that_is_a_source_is_refused_also_through_a_link() {
    let desk = desk();
    let before = fs::read(desk.path("base.mov")).expect("it is there");
    std::os::unix::fs::symlink("base.mov", desk.path("link.mov")).expect("a link can be made");
    fs::hard_link(desk.path("base.mov"), desk.path("hard.mov")).expect("a link can be made");
    for output in ["base.mov", "link.mov", "hard.mov", "./graded/../base.mov"] {
        let arguments = format!("splice base.mov graded/one.mov -o {output} --force");
        let (_, err) = ends_with(&desk.intercut(&arguments), 3);
        assert!(err.contains("base.mov"), "{err}");
    }
    assert!(fs::read(desk.path("base.mov")).expect("it is there") == before);
}

#[test]
fn verify_proves_a_result_and_names_the_frame_that_differs() {
    let desk = desk();
    ends_with(&desk.intercut("splice base.mov graded -o out.mov --save-plan plan.json"), 0);
    ends_with(&desk.intercut("verify out.mov base.mov graded"), 0);
    ends_with(&desk.intercut("verify out.mov --plan plan.json"), 0);
    let movie =
        intercut_tests::oracle::reader::Movie::open(&desk.path("out.mov")).expect("a movie");
    // Frame 41: the second of clip two.
    let sample = movie.tracks[0].samples[41];
    let mut bytes = movie.bytes;
    bytes[usize::try_from(sample.offset).expect("in memory") + 2000] ^= 1;
    fs::write(desk.path("out.mov"), bytes).expect("it can be written");
    for arguments in ["verify out.mov base.mov graded", "verify out.mov --plan plan.json"] {
        let (out, err) = ends_with(&desk.intercut(arguments), 1);
        let said = out + &err;
        for words in ["01:00:01:16", "41", "two.mov", &(sample.offset + 2000).to_string()] {
            assert!(said.contains(words), "{words} is not in: {said}");
        }
    }
}

#[test]
fn plan_as_json_replays_to_the_same_bytes() {
    let desk = desk();
    let (plan, _) = ends_with(&desk.intercut("plan base.mov graded --json"), 0);
    let parsed: Value = serde_json::from_str(&plan).expect("one object and nothing else");
    assert_eq!(parsed["events"][0]["record_in"], 7);
    fs::write(desk.path("plan.json"), &plan).expect("it can be written");
    ends_with(&desk.intercut("splice --plan plan.json -o replayed.mov"), 0);
    ends_with(&desk.intercut("splice base.mov graded -o planned.mov"), 0);
    let bytes = |name: &str| fs::read(desk.path(name)).expect("it is there");
    assert!(bytes("replayed.mov") == bytes("planned.mov"));
    // A clip that changed since is another clip.
    desk.clip("graded/one.mov", 90_007, 6);
    let (_, err) = ends_with(&desk.intercut("splice --plan plan.json -o again.mov"), 3);
    assert!(err.contains("one.mov"), "{err}");
}

#[test]
fn plan_shows_each_clip_at_its_place() {
    let desk = desk();
    let (out, _) = ends_with(&desk.intercut("plan base.mov graded"), 0);
    for words in ["one.mov", "01:00:00:07", "two.mov", "01:00:01:15"] {
        assert!(out.contains(words), "{words} is not in: {out}");
    }
    assert_eq!(desk.names(), ["base.mov", "graded"]);
}

#[test]
fn dry_run_writes_nothing_and_tells_the_size_that_the_output_will_have() {
    let desk = desk();
    let (out, _) =
        ends_with(&desk.intercut("splice base.mov graded -o out.mov --dry-run --json"), 0);
    assert_eq!(desk.names(), ["base.mov", "graded"]);
    let report: Value = serde_json::from_str(&out).expect("one object and nothing else");
    ends_with(&desk.intercut("splice base.mov graded -o out.mov --quiet"), 0);
    let len = fs::metadata(desk.path("out.mov")).expect("it is there").len();
    assert_eq!(report["output"]["bytes"], len);
}

#[test]
fn overlap_goes_to_the_clip_that_starts_later_or_earlier_as_asked() {
    let desk = desk();
    desk.clip("graded/over.mov", 90_010, 4);
    for (who, expected) in [
        // one.mov has base frames 7 to 11, over.mov 10 to 13.
        ("last", [run(7, 3, 0, 0), run(40, 10, 1, 0), run(10, 4, 2, 0)].concat()),
        ("first", [run(7, 5, 0, 0), run(40, 10, 1, 0), run(12, 2, 2, 2)].concat()),
    ] {
        let output = format!("{who}.mov");
        let arguments = format!("splice base.mov graded -o {output} --overlap {who}");
        ends_with(&desk.intercut(&arguments), 0);
        let clips = ["one", "two", "over"].map(|name| desk.path(format!("graded/{name}.mov")));
        let expected = Expected::new(expected);
        assert_eq!(check(&desk.path(&output), &desk.path("base.mov"), &clips, &expected), Ok(()));
    }
}

#[test]
fn placing_options_move_trim_and_shorten_clips() {
    let desk = desk();
    let clips = [desk.path("graded/one.mov"), desk.path("graded/two.mov")];
    for (options, expected) in [
        ("--at one.mov=01:00:00:20", [run(20, 5, 0, 0), run(40, 10, 1, 0)].concat()),
        // two.mov ends where the base ends: no handle has room there.
        ("--handles 2", [run(9, 1, 0, 2), run(42, 8, 1, 2)].concat()),
        (
            "--at two.mov=01:00:01:20 --clip-edges trim",
            [run(7, 5, 0, 0), run(45, 5, 1, 0)].concat(),
        ),
    ] {
        let arguments = format!("splice base.mov graded -o out.mov --force {options}");
        ends_with(&desk.intercut(&arguments), 0);
        let judged =
            check(&desk.path("out.mov"), &desk.path("base.mov"), &clips, &Expected::new(expected));
        assert_eq!(judged, Ok(()), "{options}");
    }
}

#[test]
fn what_is_no_clip_in_a_folder_is_passed_over_with_a_note() {
    let desk = desk();
    fs::write(desk.path("graded/._one.mov"), b"\x00\x05\x16\x07").expect("it can be written");
    fs::write(desk.path("graded/.hidden.mov"), b"hidden").expect("it can be written");
    fs::write(desk.path("graded/notes.txt"), b"notes").expect("it can be written");
    fs::copy(desk.path("base.mov"), desk.path("graded/copy.mp4")).expect("it can be copied");
    fs::remove_file(desk.path("graded/copy.mp4")).expect("it can be removed");
    fs::create_dir(desk.path("graded/reel 2")).expect("a folder can be made");
    fs::rename(desk.path("graded/two.mov"), desk.path("graded/reel 2/two.mov")).expect("it moves");
    let (_, err) = ends_with(&desk.intercut("splice base.mov graded -o out.mov"), 0);
    assert!(err.contains("notes.txt"), "{err}");
    let clips = [desk.path("graded/one.mov"), desk.path("graded/reel 2/two.mov")];
    let expected = Expected::new(replaced());
    assert_eq!(check(&desk.path("out.mov"), &desk.path("base.mov"), &clips, &expected), Ok(()));
    // Named outright, it must be a movie: a clip that is none is refused.
    let (_, err) = ends_with(&desk.intercut("splice base.mov graded/notes.txt -o 2.mov"), 3);
    assert!(err.contains("error: graded/notes.txt: not a movie"), "{err}");
}

#[test]
fn base_and_output_inside_the_folder_of_clips_are_no_clips() {
    let desk = desk();
    fs::rename(desk.path("base.mov"), desk.path("graded/base.mov")).expect("it moves");
    ends_with(&desk.intercut("splice graded/base.mov graded -o graded/out.mov"), 0);
    ends_with(&desk.intercut("splice graded/base.mov graded -o graded/out.mov --force"), 0);
    fs::rename(desk.path("graded/base.mov"), desk.path("base.mov")).expect("it moves");
    judge(&desk, "graded/out.mov");
}

#[test]
fn force_never_replaces_a_clip_that_lies_in_a_folder_of_clips() {
    let desk = desk();
    let clip = fs::read(desk.path("graded/one.mov")).expect("it is there");
    for arguments in ["", " --sidecar", " --dry-run"] {
        let command = format!("splice base.mov graded -o graded/one.mov --force{arguments}");
        let (_, err) = ends_with(&desk.intercut(&command), 3);
        assert!(err.contains("graded/one.mov is the same file as the source"), "{err}");
    }
    fs::write(desk.path("graded/half.mov"), "half a copy").expect("a file");
    ends_with(&desk.intercut("splice base.mov graded -o graded/half.mov --force"), 3);
    for clips in ["graded", "graded/*.mov"] {
        let job = "[[job]]\nbase = \"base.mov\"\noutput = \"graded/one.mov\"\n";
        fs::write(desk.path("jobs.toml"), format!("{job}clips = [\"{clips}\"]\n")).expect("a file");
        let (_, err) = ends_with(&desk.intercut("batch jobs.toml --force"), 3);
        assert!(err.contains("one.mov is the same file as the source"), "{err}");
    }
    assert_eq!(fs::read(desk.path("graded/one.mov")).expect("it is there"), clip);
}

#[test]
fn probe_says_what_a_movie_is() {
    let desk = desk();
    let (out, _) = ends_with(&desk.intercut("probe base.mov"), 0);
    for words in ["ap4h", "01:00:00:00", "A001", "50", "sowt"] {
        assert!(out.contains(words), "{words} is not in: {out}");
    }
    let (out, _) = ends_with(&desk.intercut("probe base.mov graded/one.mov --json"), 0);
    serde_json::from_str::<Value>(&out).expect("one object and nothing else");
    ends_with(&desk.intercut("probe nowhere.mov"), 1);
}

#[test]
fn demo_leaves_real_movies_and_a_result_that_is_proved() {
    let desk = desk();
    let (out, _) = ends_with(&desk.intercut("demo shown"), 0);
    assert!(out.contains("spliced.mov"), "{out}");
    let clips = ["A", "B"].map(|shot| desk.path(format!("shown/graded/shot_{shot}.mov")));
    let (base, output) = (desk.path("shown/base.mov"), desk.path("shown/spliced.mov"));
    // One second in, 25 frames; two seconds and a half in, 18 frames.
    let replaced = [run(25, 25, 0, 0), run(62, 18, 1, 0)].concat();
    let expected = Expected::new(replaced.clone());
    assert_eq!(check(&output, &base, &clips, &expected), Ok(()));
    assert_eq!(compare::agree(&output, &base, &clips, &replaced), Ok(()));
}

/// A desk whose splice copies 3 GB that no disk holds, so that there is time to interrupt it.
#[cfg(target_os = "linux")]
fn long_splice(force: bool) -> (Desk, Running) {
    let desk = desk();
    sparse::write(&desk.path("long.mov"), *b"ap4h", 90_000, 4, 750_000_000);
    desk.clip("clip.mov", 90_001, 1);
    let mut arguments = "splice long.mov clip.mov -o out.mov --route buffered".to_owned();
    if force {
        fs::write(desk.path("out.mov"), b"last night's work").expect("it can be written");
        arguments += " --force";
    }
    let running = Running::start(&mut heeding(&desk.command(&arguments)));
    (desk, running)
}

#[cfg(target_os = "linux")]
#[test]
fn interrupted_splice_ends_with_130_and_leaves_nothing() {
    for signal in SIGNALS {
        for force in [false, true] {
            let (desk, mut running) = long_splice(force);
            running.wait_until_written(50 << 20);
            let ended = running.interrupt(signal);
            assert_eq!(ended.output.status.code(), Some(130), "{ended:?}");
            let mut ends = Ends::default();
            ends.add(ended.after.expect("it ran"));
            ends.judge("a long splice");
            let out = Path::new(&desk.path("out.mov")).to_owned();
            let mut names = vec!["base.mov", "clip.mov", "graded", "long.mov"];
            if force {
                names.push("out.mov");
                assert_eq!(fs::read(out).expect("it is there"), b"last night's work");
            }
            assert_eq!(desk.names(), names);
        }
    }
}

#[test]
fn what_was_passed_over_is_told_even_if_the_plan_is_refused() {
    let desk = desk();
    fs::write(desk.path("graded/notes.txt"), "no movie").expect("it can be written");
    desk.clip("graded/three.mov", 90_045, 10);
    for command in ["splice base.mov graded -o out.mov", "plan base.mov graded"] {
        let (_, said) = ends_with(&desk.intercut(command), 3);
        let (note, error) = (said.find("notes.txt: passed over"), said.find("error: "));
        assert!(note.is_some() && note < error, "{command}: {said}");
    }
}

#[test]
fn progress_as_json_names_phases_in_order_and_never_falls() {
    let desk = desk();
    let splice = "splice base.mov graded -o out.mov --progress json --verify written";
    let (out, err) = ends_with(&desk.intercut(splice), 0);
    assert!(out.starts_with("Complete: 2 of 2 clips placed, every frame verified\n"), "{out}");
    let lines = err.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object"));
    let lines: Vec<Value> = lines.collect();
    let number = |line: &Value, key: &str| line[key].as_u64().expect("a number");
    let done: Vec<u64> = lines.iter().map(|line| number(line, "bytes_done")).collect();
    assert!(done.is_sorted(), "{err}");
    let phases = ["setup", "writing", "syncing", "verifying", "finishing"];
    let place = |line: &Value| phases.iter().position(|phase| line["phase"] == *phase);
    let places: Vec<usize> = lines.iter().map(|line| place(line).expect("a phase")).collect();
    assert!(places.is_sorted(), "{err}");
}
