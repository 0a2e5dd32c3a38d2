//! Which clips belong where: reels that contradict, and those that do not.

use intercut_tests::builder::{MovieSpec, Rate, Timeline};
use intercut_tests::desk::Desk;

const FPS_25: Rate = Rate::new(25, 1, 25, false);
const START: i32 = 90_000;

/// A clip of `count` frames that begins `first` frames after the base, of a reel.
fn of_reel(first: i32, count: u32, reel: Option<&str>) -> MovieSpec {
    let mut line =
        Timeline::new(1000 + u64::from(first.unsigned_abs()), FPS_25, START + first, count);
    line.timecode.reel = reel.map(str::to_owned);
    line.spec()
}

#[test]
fn reel_that_writers_give_to_every_movie_or_cut_short_contradicts_nothing() {
    for (base_reel, clip_reel) in [
        (Some("A001"), Some("Tape")),
        (Some("A001"), Some("")),
        (Some("A001"), None),
        (None, Some("B001")),
        (Some("A001C003_261001_R1AB"), Some("A001C003")),
        (Some("A001C003"), Some("A001C003_261001_R1AB")),
        (Some("a001"), Some("A001")),
    ] {
        let desk = Desk::empty();
        let mut base = Timeline::new(1, FPS_25, START, 100);
        base.timecode.reel = base_reel.map(str::to_owned);
        desk.movie("base.mov", &base.spec());
        desk.movie("graded/S01.mov", &of_reel(10, 10, clip_reel));
        desk.ends("splice base.mov graded -o out.mov", 0);
    }
}
