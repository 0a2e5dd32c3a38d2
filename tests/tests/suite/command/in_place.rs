//! `insert`, `undo`, `history` and `compact`: what they print, refuse and leave.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use intercut_tests::builder::atoms::SizeForm;
use intercut_tests::builder::{MovieSpec, Part, TrackSpec};
use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::skip;
use serde_json::{Value, json};

/// A movie of 50 frames with sound, and a clip that belongs to its frames 20 to 24.
fn desk() -> Desk {
    let desk = Desk::default();
    desk.clip("fix.mov", 90_020, 5);
    desk
}

/// Everything that must be as it was.
fn state(path: &Path) -> (Vec<u8>, i64, i64) {
    let metadata = fs::metadata(path).expect("it is there");
    (fs::read(path).expect("it can be read"), metadata.mtime(), metadata.mtime_nsec())
}

/// The codes of what is refused.
fn codes(refused: &Value) -> Vec<&str> {
    let refusals = refused["refusals"].as_array().expect("refusals");
    refusals.iter().map(|one| one["code"].as_str().expect("a code")).collect()
}

#[test]
fn insert_says_what_it_did_and_undo_gives_the_file_back() {
    let desk = desk();
    let before = state(&desk.path("base.mov"));
    let report = desk.json("insert base.mov fix.mov --json --verify written", 0);
    assert_eq!((&report["layout"], &report["frames_replaced"]), (&"append".into(), &5.into()));
    let in_place = &report["in_place"];
    let grown = fs::metadata(desk.path("base.mov")).expect("it is there").len();
    assert_eq!(in_place["bytes_appended"], grown - before.0.len() as u64);
    assert_eq!(in_place["switch_bytes"], 4);
    assert_eq!(report["output"]["bytes"], grown);
    let text = "1 of 1 clip placed, every new frame verified";
    assert_eq!(report["verdict"]["text"], text);
    let (out, _) = desk.ends("undo base.mov", 0);
    assert!(out.starts_with("took back the insert of 20"), "{out}");
    assert!(out.contains("(5 frames) into base.mov; ") && out.ends_with(" given back\n"), "{out}");
    assert!(state(&desk.path("base.mov")) == before);
    let refused = desk.ends("undo base.mov", 3).1;
    assert!(refused.contains("base.mov: nothing was inserted into it"), "{refused}");
}

#[test]
fn changed_movie_is_base_clip_and_result_like_any_other() {
    let desk = desk();
    fs::copy(desk.path("base.mov"), desk.path("old.mov")).expect("a copy");
    desk.ends("insert base.mov fix.mov", 0);
    desk.ends("verify base.mov old.mov fix.mov", 0);
    // The same as a splice, sample by sample.
    desk.ends("splice old.mov fix.mov -o spliced.mov", 0);
    desk.ends("verify spliced.mov old.mov fix.mov", 0);
    // As a base, and as a clip of a longer one.
    desk.clip("second.mov", 90_030, 3);
    desk.ends("splice base.mov second.mov -o third.mov --verify written", 0);
    desk.movie("long.mov", &MovieSpec::with_timecode(7, 89_990, vec![3000; 100]));
    desk.ends("splice long.mov base.mov -o fourth.mov --verify written", 0);
    desk.ends("verify fourth.mov long.mov base.mov", 0);
}

#[test]
fn spliced_movie_that_was_changed_in_place_is_identical_in_every_state() {
    let desk = desk();
    desk.ends("splice base.mov fix.mov -o out.mov", 0);
    desk.clip("later.mov", 90_030, 4);
    let is_identical = || {
        let found = desk.json("verify out.mov base.mov fix.mov later.mov --json", 0);
        assert_eq!((&found["mismatches"], &found["structure"]), (&0.into(), &json!([])));
    };
    desk.ends("insert out.mov later.mov", 0);
    is_identical();
    desk.ends("compact out.mov --punch", 0);
    is_identical();
    desk.ends("compact out.mov", 0);
    is_identical();
    // The tail stays, as where another program reads it.
    desk.ends("insert out.mov later.mov", 0);
    desk.ends("undo out.mov --keep", 0);
    is_identical();
}

#[test]
fn history_lists_inserts_oldest_first_and_compact_ends_it() {
    let desk = desk();
    desk.clip("later.mov", 90_040, 2);
    desk.ends("insert base.mov fix.mov", 0);
    desk.ends("insert base.mov later.mov", 0);
    let history = desk.json("history base.mov --json", 0);
    let inserts = history["inserts"].as_array().expect("inserts");
    let told: Vec<(u64, &str, u64, u64, &str, bool)> = inserts
        .iter()
        .map(|insert| {
            let event = &insert["events"][0];
            let number = |value: &Value| value.as_u64().expect("a number");
            (
                number(&insert["number"]),
                event["clip"].as_str().expect("a path"),
                number(&event["record_in"]),
                number(&event["frames"]),
                event["record_timecode_in"].as_str().expect("a timecode"),
                insert["undoable"].as_bool().expect("a flag"),
            )
        })
        .collect();
    let expected =
        [(1, "fix.mov", 20, 5, "01:00:00:20", true), (2, "later.mov", 40, 2, "01:00:01:15", true)];
    assert_eq!(told, expected);
    let (out, _) = desk.ends("history base.mov", 0);
    assert!(out.starts_with("base.mov: 2 inserts\n   1  "), "{out}");
    assert!(out.contains("5 frames  of 1 clip  from 01:00:00:20"), "{out}");
    let probed = desk.json("probe base.mov --json", 0);
    assert_eq!(probed["files"][0]["in_place"]["inserts"], 2);
    let (out, _) = desk.ends("compact base.mov", 0);
    assert!(out.ends_with("; its 2 inserts cannot be taken back any more\n"), "{out}");
    assert_eq!(desk.ends("history base.mov", 0).0, "base.mov: nothing was inserted\n");
    let (out, _) = desk.ends("compact base.mov", 0);
    assert!(out.ends_with(" has nothing to give back\n"), "{out}");
    desk.ends("undo base.mov", 3);
}

#[test]
fn compact_can_leave_the_movie_put_its_header_first_or_punch_holes() {
    let desk = desk();
    // Long frames, so that whole blocks are unused.
    desk.movie("base.mov", &MovieSpec::with_timecode(1, 90_000, vec![30_000; 50]));
    desk.movie("fix.mov", &MovieSpec::with_timecode(9, 90_020, vec![29_000; 5]));
    desk.ends("insert base.mov fix.mov", 0);
    let before = state(&desk.path("base.mov"));
    desk.ends("compact base.mov -o small.mov --faststart", 0);
    assert!(state(&desk.path("base.mov")) == before);
    assert_eq!(desk.json("probe small.mov --json", 0)["files"][0]["header_first"], true);
    desk.ends("compact base.mov -o small.mov", 1);
    let (out, _) = desk.ends("compact base.mov --punch", 0);
    assert!(out.contains(" given back, the file is as long as before; its insert cannot"), "{out}");
    let (_, err) = desk.ends("undo base.mov", 3);
    assert!(err.contains("the space of what was replaced was given back"), "{err}");
    assert_eq!(desk.json("history base.mov --json", 0)["inserts"][0]["undoable"], false);
    desk.ends("compact base.mov --punch --faststart", 2);
}

#[test]
fn dry_run_and_refusal_touch_nothing() {
    let desk = desk();
    let before = state(&desk.path("base.mov"));
    let (out, _) = desk.ends("insert base.mov fix.mov --dry-run", 0);
    assert!(out.contains("dry run: base.mov would grow by "), "{out}");
    let planned = desk.json("insert base.mov fix.mov --dry-run --json", 0);
    assert!(planned["in_place"]["bytes_appended"].as_u64().expect("a number") > 25_000);
    desk.clip("outside.mov", 80_000, 5);
    let refused = desk.json("insert base.mov outside.mov --json", 3);
    assert_eq!(codes(&refused), ["outside_base"]);
    desk.write("graded/notes.txt", "nothing");
    assert_eq!(codes(&desk.json("insert base.mov graded --json", 3)), ["no_clips"]);
    desk.ends("insert base.mov fix.mov --faststart", 2);
    assert!(state(&desk.path("base.mov")) == before);
}

#[test]
fn movie_that_another_program_still_writes_is_refused() {
    let desk = desk();
    let before = state(&desk.path("base.mov"));
    let writer = File::options().append(true).open(desk.path("base.mov")).expect("it is there");
    let refused = desk.intercut("insert base.mov fix.mov");
    if refused.status.success() {
        return skip::note("file leases", "this filesystem has none");
    }
    let (_, err) = ends_with(&refused, 1);
    assert!(err.contains("base.mov: it is still being written"), "{err}");
    assert!(state(&desk.path("base.mov")) == before);
    drop(writer);
    // An insert right after another one is not taken for somebody who still writes.
    desk.ends("insert base.mov fix.mov", 0);
    desk.ends("insert base.mov fix.mov", 0);
}

#[test]
fn movie_that_another_program_changed_is_not_taken_back() {
    let desk = desk();
    desk.ends("insert base.mov fix.mov", 0);
    let mut bytes = fs::read(desk.path("base.mov")).expect("it can be read");
    bytes.extend(b"\0\0\0\x08free");
    fs::write(desk.path("base.mov"), &bytes).expect("it can be written");
    let (_, err) = desk.ends("undo base.mov", 3);
    assert!(
        err.contains("another program changed it since the last insert: its length was"),
        "{err}"
    );
    assert!(fs::read(desk.path("base.mov")).expect("it can be read") == bytes);
    // It is a movie all the same, and what comes now can be taken back.
    desk.ends("insert base.mov fix.mov", 0);
    desk.ends("undo base.mov", 0);
    assert!(fs::read(desk.path("base.mov")).expect("it can be read") == bytes);
}

#[test]
fn tail_stays_while_others_have_the_movie_open_and_goes_with_the_next_command() {
    let desk = desk();
    let before = state(&desk.path("base.mov"));
    desk.ends("insert base.mov fix.mov", 0);
    let reader = File::open(desk.path("base.mov")).expect("it can be opened");
    let (_, err) = desk.ends("undo base.mov", 0);
    assert!(err.contains(" bytes stay behind base.mov: "), "{err}");
    let probed = desk.json("probe base.mov --json", 0);
    let behind = &probed["files"][0]["behind"];
    assert_eq!((&behind["offset"], &behind["is_leftover"]), (&before.0.len().into(), &true.into()));
    desk.ends("splice base.mov fix.mov -o out.mov --verify written", 0);
    let (_, err) = desk.ends("insert base.mov fix.mov --dry-run", 0);
    assert!(err.contains("others have the movie open"), "{err}");
    drop(reader);
    let (_, err) = desk.ends("insert base.mov fix.mov", 0);
    assert!(
        err.contains("are removed: an insert or undo before was cut short, or told to keep them"),
        "{err}"
    );
    desk.ends("undo base.mov", 0);
    assert!(state(&desk.path("base.mov")) == before);
    // Kept on purpose, and cut by the next undo.
    desk.ends("insert base.mov fix.mov", 0);
    desk.ends("undo base.mov --keep", 0);
    let (_, err) = desk.ends("undo base.mov --keep", 3);
    assert!(err.contains("leave out --keep once"), "{err}");
    let (out, _) = desk.ends("undo base.mov", 0);
    assert!(out.starts_with("cut off what an insert or undo before had left"), "{out}");
    assert!(out.contains("no insert was taken back"), "{out}");
    assert!(state(&desk.path("base.mov")) == before);
}

#[test]
fn every_layout_of_the_builder_is_changed_and_given_back() {
    let stranger = Part::Stranger(*b"uuid", 7);
    for parts in [
        vec![Part::Ftyp, Part::Wide, Part::Mdat(SizeForm::Short), Part::Moov],
        vec![Part::Ftyp, Part::Mdat(SizeForm::Long), Part::Moov],
        vec![Part::Ftyp, Part::Moov, Part::Free(100), Part::Mdat(SizeForm::ToEnd)],
        vec![Part::Moov, Part::Mdat(SizeForm::Short), stranger],
        vec![Part::Ftyp, stranger, Part::Free(0), Part::Moov, Part::Mdat(SizeForm::Short)],
    ] {
        let desk = desk();
        let mut base = MovieSpec::with_timecode(1, 90_000, vec![3000; 50]);
        base.tracks.push(TrackSpec::sound(50 * 1920, 9600));
        desk.movie("base.mov", &base.laid_out(parts.clone()));
        fs::copy(desk.path("base.mov"), desk.path("old.mov")).expect("a copy");
        let before = state(&desk.path("base.mov"));
        desk.ends("insert base.mov fix.mov --verify full", 0);
        desk.ends("verify base.mov old.mov fix.mov", 0);
        desk.ends("undo base.mov", 0);
        assert!(state(&desk.path("base.mov")) == before, "{parts:?}");
    }
}
