//! Which frames of an event are shown.
//!
//! - In: the events of a report and their overlaps.
//! - Out: [`Wanted`]: the places of each event, each with its frame.
//! - Holds: no frame of an event is shown twice; an event that lost all of its frames to others is not shown.
//! - Not here: pictures (`make`).

use std::ops::Range;

use intercut_engine::plan::owned_frames;
use intercut_engine::report::ReportObject;

/// What a picture is to its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The frame before it.
    Before,
    /// Its first frame.
    First,
    /// The one in its middle.
    Middle,
    /// Its last frame.
    Last,
    /// The frame after it.
    After,
    /// The base's frame that its first one replaced.
    Base,
}

impl Place {
    /// In a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::First => "first",
            Self::Middle => "middle",
            Self::Last => "last",
            Self::After => "after",
            Self::Base => "replaced",
        }
    }
}

/// The frames of an event that are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Which event of the report.
    pub(super) event: usize,
    pub(super) places: Vec<(Place, u64)>,
}

/// The frames of every event that are shown, in record order.
pub(super) fn wanted(report: &ReportObject) -> Vec<Wanted> {
    let owned = owned_frames(&report.events, &report.overlaps);
    let each = owned.iter().enumerate().filter_map(|(event, runs)| {
        Some(Wanted { event, places: places(runs, report.base.frames)? })
    });
    each.collect()
}

/// The places of the frames that an event has, in a movie of so many; `None` if it has no frame.
fn places(runs: &[Range<u64>], frames: u64) -> Option<Vec<(Place, u64)>> {
    let (first, end) = (runs.first()?.start, runs.last()?.end);
    let count: u64 = runs.iter().map(|run| run.end - run.start).sum();
    let mut places = Vec::with_capacity(6);
    if let Some(before) = first.checked_sub(1) {
        places.push((Place::Before, before));
    }
    places.push((Place::First, first));
    if count > 2 {
        places.push((Place::Middle, nth(runs, count / 2)?));
    }
    if count > 1 {
        places.push((Place::Last, end - 1));
    }
    if end < frames {
        places.push((Place::After, end));
    }
    places.push((Place::Base, first));
    Some(places)
}

/// The frame `nth` of these.
fn nth(runs: &[Range<u64>], mut nth: u64) -> Option<u64> {
    for run in runs {
        let len = run.end - run.start;
        if nth < len {
            return Some(run.start + nth);
        }
        nth -= len;
    }
    None
}

/// Whose each frame is.
pub(super) struct Owners(Vec<(Range<u64>, usize)>);

impl Owners {
    pub(super) fn of(report: &ReportObject) -> Self {
        let owned = owned_frames(&report.events, &report.overlaps).into_iter().enumerate();
        let runs = owned.flat_map(|(event, runs)| runs.into_iter().map(move |run| (run, event)));
        let mut runs: Vec<_> = runs.collect();
        runs.sort_by_key(|(run, _)| run.start);
        Self(runs)
    }

    /// The event that a frame belongs to; `None` if it is the base's.
    pub(super) fn of_frame(&self, frame: u64) -> Option<usize> {
        let behind = self.0.partition_point(|(run, _)| run.start <= frame);
        let (run, event) = self.0.get(behind.checked_sub(1)?)?;
        run.contains(&frame).then_some(*event)
    }
}

#[cfg(test)]
mod tests {
    use super::Place::{After, Base, Before, First, Last, Middle};
    use super::*;

    /// The places of an event that won all of its frames.
    fn of_one(frames: Range<u64>, all: u64) -> Option<Vec<(Place, u64)>> {
        places(std::slice::from_ref(&frames), all)
    }

    #[test]
    fn both_sides_of_both_cuts_and_the_middle_are_shown() {
        let expected =
            vec![(Before, 9), (First, 10), (Middle, 15), (Last, 19), (After, 20), (Base, 10)];
        assert_eq!(of_one(10..20, 50), Some(expected));
        // At the ends of the movie there is nothing beside it.
        let whole = vec![(First, 0), (Middle, 1), (Last, 2), (Base, 0)];
        assert_eq!(of_one(0..3, 3), Some(whole));
    }

    #[test]
    fn no_frame_of_an_event_is_shown_twice() {
        let one = vec![(Before, 4), (First, 5), (After, 6), (Base, 5)];
        assert_eq!(of_one(5..6, 9), Some(one));
        let two = vec![(Before, 4), (First, 5), (Last, 6), (After, 7), (Base, 5)];
        assert_eq!(of_one(5..7, 9), Some(two));
    }

    #[test]
    fn frames_that_others_won_are_not_the_events() {
        // Frames 2 to 8 of ten are those of a VFX shot.
        let rest = vec![(First, 0), (Middle, 8), (Last, 9), (Base, 0)];
        assert_eq!(places(&[0..2, 8..10], 10), Some(rest));
        assert_eq!(places(&[], 10), None);
    }
}
