//! Which picture has which label, from the movie's bytes to the finished splice: movies whose pictures begin late, and
//! whose samples are short. All rates, trims and descriptions are in `movies::labels`.

use intercut_tests::builder::{MovieSpec, Rate, Timeline};
use intercut_tests::desk::Desk;
use intercut_tests::provenance::{Stretch, graded, stretch};

/// 24 ticks of 1/600 second a frame.
const FPS_25: Rate = Rate::new(600, 24, 25, false);
/// Where the bases' timecode starts.
const START: i32 = 90_000;

/// Splices one clip, which has to be possible; returns what it replaced.
#[track_caller]
fn spliced(base: &MovieSpec, clip: &MovieSpec) -> Vec<Stretch> {
    let desk = desk(base, clip);
    desk.ends("splice base.mov clip.mov -o out.mov", 0);
    graded(&desk, "out.mov", &["base.mov", "clip.mov"])
}

/// What a splice that has to be refused says.
#[track_caller]
fn refused(base: &MovieSpec, clip: &MovieSpec) -> String {
    let desk = desk(base, clip);
    let (_, said) = desk.ends("splice base.mov clip.mov -o out.mov", 3);
    assert_eq!(desk.names(), ["base.mov", "clip.mov"]);
    said
}

fn desk(base: &MovieSpec, clip: &MovieSpec) -> Desk {
    let desk = Desk::empty();
    desk.movie("base.mov", base);
    desk.movie("clip.mov", clip);
    desk
}

fn line(seed: u64, start: i32, pictures: u32) -> Timeline {
    Timeline::new(seed, FPS_25, start, pictures)
}

/// How late pictures may begin, in 24ths of a frame, and the labels by which the first one is later than the movie's
/// start: rounded down, but on the grid within a quarter of a frame.
const LATE: [(u64, i32); 10] =
    [(0, 0), (2, 0), (7, 0), (12, 0), (14, 0), (16, 0), (20, 1), (24, 1), (36, 1), (44, 2)];

#[test]
fn frames_of_a_base_that_begins_late_are_counted_from_its_first_picture() {
    for (late, labels) in LATE {
        let mut base = line(1, START, 30);
        base.late = late;
        let clip = line(2, START + 10, 5).spec();
        let first = usize::try_from(10 - labels).expect("it is above zero");
        let expected = [stretch(first, 5, "clip.mov", 0)];
        assert_eq!(spliced(&base.spec(), &clip), expected, "{late} of 24 late");
    }
}

#[test]
fn clip_that_begins_late_goes_where_its_first_picture_s_label_is() {
    for (late, labels) in LATE {
        let base = line(1, START, 30).spec();
        let mut clip = line(2, START + 10, 5);
        clip.late = late;
        let first = usize::try_from(10 + labels).expect("it is above zero");
        let expected = [stretch(first, 5, "clip.mov", 0)];
        assert_eq!(spliced(&base, &clip.spec()), expected, "{late} of 24 late");
    }
}

#[test]
fn timecode_that_is_as_late_as_the_pictures_labels_the_first_of_them() {
    for late in [2, 12, 14, 22, 24, 30] {
        let mut base = line(1, START, 30);
        (base.late, base.timecode.late) = (late, late);
        let clip = line(2, START + 10, 5).spec();
        let expected = [stretch(10, 5, "clip.mov", 0)];
        assert_eq!(spliced(&base.spec(), &clip), expected, "{late} of 24 late");
    }
}

#[test]
fn base_timecode_is_the_label_of_the_first_picture() {
    let mut base = line(1, 0, 30);
    base.late = 14;
    let mut base = base.spec();
    base.tracks.pop();
    base.tracks[0].references.clear();
    let desk = desk(&base, &line(2, START + 10, 5).spec());
    desk.ends("splice base.mov clip.mov --base-timecode 01:00:00:00 -o out.mov", 0);
    let expected = [stretch(10, 5, "clip.mov", 0)];
    assert_eq!(graded(&desk, "out.mov", &["base.mov", "clip.mov"]), expected);
}

#[test]
fn plan_and_probe_agree_on_where_a_late_movie_starts_and_the_gap_is_a_warning() {
    let mut base = line(1, START, 30);
    base.late = 14;
    let desk = desk(&base.spec(), &line(2, START + 10, 5).spec());
    let plan = desk.json("plan base.mov clip.mov --json", 0);
    assert_eq!(plan["base"]["timecode"], "01:00:00:00");
    let (probed, _) = desk.ends("probe base.mov", 0);
    assert!(probed.contains("01:00:00:00"), "{probed}");
    let warnings = plan["warnings"].as_array().expect("a list");
    assert!(warnings.iter().any(|line| line.to_string().contains("base.mov")), "{warnings:?}");
}

#[test]
fn last_sample_is_a_frame_however_short_it_is() {
    for ticks in [1, 5, 11, 12, 23] {
        let base = line(1, START, 30).spec();
        let mut clip = line(2, START + 10, 5);
        clip.durations = vec![(4, ticks)];
        let expected = [stretch(10, 5, "clip.mov", 0)];
        assert_eq!(spliced(&base, &clip.spec()), expected, "{ticks} of 24");
    }
}

#[test]
fn last_sample_of_a_base_is_replaced_however_short_it_is() {
    for ticks in [1, 11] {
        let mut base = line(1, START, 15);
        base.durations = vec![(14, ticks)];
        let clip = line(2, START + 10, 5).spec();
        let expected = [stretch(10, 5, "clip.mov", 0)];
        assert_eq!(spliced(&base.spec(), &clip), expected, "{ticks} of 24");
    }
}

#[test]
fn two_pictures_of_the_base_within_one_frame_are_refused_under_a_clip_and_nowhere_else() {
    let mut base = line(1, START, 30);
    // A flash of a third of a frame.
    base.durations = vec![(12, 16), (13, 8)];
    let said = refused(&base.spec(), &line(2, START + 10, 5).spec());
    assert!(said.contains("clip.mov"), "{said}");
    let elsewhere = line(2, START + 20, 5).spec();
    assert_eq!(spliced(&base.spec(), &elsewhere), [stretch(21, 5, "clip.mov", 0)]);
}

#[test]
fn two_pictures_of_a_clip_within_one_frame_are_refused() {
    let base = line(1, START, 30).spec();
    let mut clip = line(2, START + 10, 6);
    clip.durations = vec![(2, 16), (3, 8)];
    let said = refused(&base, &clip.spec());
    assert!(said.contains("clip.mov"), "{said}");
}

#[test]
fn base_whose_rate_doubles_under_a_clip_is_refused() {
    let mut base = line(1, START, 30);
    base.durations = (15..30).map(|picture| (picture, 12)).collect();
    let said = refused(&base.spec(), &line(2, START + 16, 4).spec());
    assert!(said.contains("clip.mov"), "{said}");
    let before = line(2, START + 5, 5).spec();
    assert_eq!(spliced(&base.spec(), &before), [stretch(5, 5, "clip.mov", 0)]);
}
