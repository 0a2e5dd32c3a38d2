//! `batch --blank`: the bases are camera originals, and blanks of those that have clips are made first.

use std::fs;

use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::Desk;
use serde_json::Value;

/// A camera original of another codec: 64x64, 25 fps, `count` frames from frame `start` of the day on.
fn original(start: i32, count: usize) -> MovieSpec {
    let mut spec = MovieSpec::with_timecode(3, start, vec![700; count]);
    spec.tracks[0].video_mut().codec = *b"avc1";
    spec
}

/// Three originals, two of which have clips.
fn turnover() -> Desk {
    let desk = Desk::empty();
    desk.movie("rushes/A001.mp4", &original(90_000, 40));
    desk.movie("rushes/day2/A002.mov", &original(95_000, 40));
    desk.movie("rushes/day2/A003.mov", &original(99_000, 40));
    desk.clip("graded/one.mov", 90_010, 10);
    desk.clip("graded/two.mov", 99_020, 5);
    desk
}

const BATCH: &str =
    "batch --bases rushes --blank blanks --codec 4444 --clips graded --out finished";

/// The lines that the command prints, by their kind.
fn lines(desk: &Desk, arguments: &str, code: i32) -> Vec<Value> {
    let (out, _) = desk.ends(arguments, code);
    out.lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect()
}

fn of<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn blanks_of_originals_that_have_clips_are_made_once_and_spliced_into() {
    let desk = turnover();
    let first = lines(&desk, &format!("{BATCH} --json"), 0);
    let blanks = of(&first, "blank");
    let told = |line: &Value| (line["output"].clone(), line["action"].clone());
    assert_eq!(told(blanks[0]), ("blanks/A001.mov".into(), "make".into()));
    assert_eq!(told(blanks[1]), ("blanks/A003.mov".into(), "make".into()));
    assert_eq!(blanks.len(), 2, "nobody asked for the blank of A002");
    assert_eq!(desk.names_in("blanks"), ["A001.mov", "A003.mov"]);
    let finished = ["A001.mov", "A001.mov.intercut.json", "A003.mov", "A003.mov.intercut.json"];
    assert_eq!(desk.names_in("finished"), finished);
    desk.ends("verify --each finished", 0);
    desk.ends("verify finished/A003.mov blanks/A003.mov graded/two.mov", 0);

    let again = lines(&desk, &format!("{BATCH} --json"), 0);
    let actions = of(&again, "blank").into_iter().map(|line| line["action"].clone());
    assert_eq!(actions.collect::<Vec<_>>(), ["keep", "keep"]);
    assert_eq!(of(&again, "skipped").len(), 2, "{again:?}");

    // A shot of the original that had none makes its blank, and nothing else.
    desk.clip("graded/three.mov", 95_001, 3);
    let third = lines(&desk, &format!("{BATCH} --json"), 0);
    assert_eq!(of(&third, "blank").len(), 3);
    assert_eq!((of(&third, "skipped").len(), of(&third, "finished").len()), (2, 1));
}

#[test]
fn dry_run_says_which_blanks_would_be_made_and_makes_none() {
    let desk = turnover();
    let (_, err) = desk.ends(&format!("{BATCH} --dry-run"), 0);
    assert!(err.contains("blanks/A001.mov (") && err.contains("would be made first"), "{err}");
    assert_eq!(desk.names(), ["graded", "rushes"]);
    desk.ends(BATCH, 0);
    desk.clip("graded/three.mov", 95_001, 3);
    let (out, err) = desk.ends(&format!("{BATCH} --dry-run"), 0);
    assert!(err.contains("blanks/A002.mov (") && out.contains("finished/A001.mov"), "{out}{err}");
    assert_eq!(desk.names_in("blanks"), ["A001.mov", "A003.mov"]);
}

#[test]
fn what_has_the_name_of_a_blank_and_is_none_of_its_original_is_not_replaced() {
    let desk = turnover();
    desk.write("blanks/A001.mov", b"mine");
    let (_, err) = desk.ends(BATCH, 3);
    assert!(
        err.contains("blanks/A001.mov exists and is not the blank of rushes/A001.mp4 in ap"),
        "{err}"
    );
    assert_eq!(desk.read("blanks/A001.mov"), "mine");
    assert_eq!(desk.names_in("blanks"), ["A001.mov"], "nothing was made");
    desk.ends(&format!("{BATCH} --force"), 0);
    assert_eq!(desk.names_in("blanks"), ["A001.mov", "A003.mov"]);

    // A blank of another original, as long.
    fs::copy(desk.path("blanks/A003.mov"), desk.path("blanks/A001.mov")).expect("it can be copied");
    let (_, err) = desk.ends(BATCH, 3);
    assert!(err.contains("is not the blank of rushes/A001.mp4"), "{err}");
}

#[test]
fn originals_that_say_no_flavour_need_one_and_two_of_one_name_are_told() {
    let desk = turnover();
    let bare = "batch --bases rushes --blank blanks --clips graded --out finished";
    let (_, err) = desk.ends(bare, 2);
    assert!(err.contains("pass --codec"), "{err}");
    assert_eq!(desk.names(), ["graded", "rushes"]);
    desk.movie("rushes/day2/A001.mov", &original(97_000, 40));
    desk.clip("graded/three.mov", 97_001, 3);
    let (_, err) = desk.ends(BATCH, 2);
    assert!(err.contains("would both be blanks/A001.mov"), "{err}");
    desk.ends("batch --blank blanks --clips graded --out finished", 2);
}
