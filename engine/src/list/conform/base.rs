//! The base, as far as record timecode is concerned: which frame is where.
//!
//! - In: the base's rate, counting and stretches of timecode.
//! - Out: [`BaseFacts`].
//! - Not here: how they were read (`movie`).

use std::ops::Range;

use crate::timecode::{FrameRate, Timecode, TimecodeFormat};

/// What conforming needs to know of the base.
#[derive(Debug, Clone, Copy)]
pub struct BaseFacts<'a> {
    /// How its timecode is counted.
    pub format: TimecodeFormat,
    /// Rate of its pictures.
    pub rate: FrameRate,
    /// `(first frame, its timecode)` of each stretch over which timecode runs on, in order; at least one.
    pub stretches: &'a [(u64, Timecode)],
    /// Frames that it has.
    pub frames: u64,
}

/// Where a stretch of record timecode is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Located {
    /// At this base frame.
    At(u64),
    /// At several places.
    Twice(u64, u64),
    /// Not, or not all of it, in one stretch of the base.
    Outside,
}

impl BaseFacts<'_> {
    /// Frames of a day of its timecode.
    pub(super) fn day(&self) -> i64 {
        i64::try_from(self.format.frames_per_day()).unwrap_or(i64::MAX)
    }

    /// Timecode of its first frame.
    pub(super) fn start(&self) -> Timecode {
        self.stretches.first().map_or(Timecode::from_frame(0, self.format), |(_, start)| *start)
    }

    /// The timecode after its last frame.
    pub(super) fn end(&self) -> Timecode {
        let (first, start) = self.stretches.last().copied().unwrap_or((0, self.start()));
        let count = self.frames.saturating_sub(first);
        start.add(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Each stretch: its first frame, its first timecode counted from midnight, how many frames.
    fn parts(&self) -> impl Iterator<Item = (u64, i64, i64)> + '_ {
        self.stretches.iter().enumerate().map(|(index, (first, start))| {
            let end = self.stretches.get(index + 1).map_or(self.frames, |(next, _)| *next);
            let count = i64::try_from(end.saturating_sub(*first)).unwrap_or(i64::MAX);
            (*first, i64::try_from(start.frame()).unwrap_or(i64::MAX), count)
        })
    }

    /// Whether a stretch of it reaches midnight.
    pub(super) fn reaches_midnight(&self) -> bool {
        self.parts().any(|(_, start, count)| start.saturating_add(count) >= self.day())
    }

    /// Base frames that have one of `count` labels, `first` being counted from midnight.
    pub(super) fn overlaps(&self, first: i64, count: i64) -> Vec<Range<u64>> {
        let mut found = Vec::new();
        for (frame, start, frames) in self.parts() {
            let since = (first - start).rem_euclid(self.day());
            // The labels may begin before the stretch, and so a day later by the count above.
            for since in [since, since - self.day()] {
                let (from, to) = (since.max(0), since.saturating_add(count).min(frames));
                if from < to {
                    found.push(frame + from.unsigned_abs()..frame + to.unsigned_abs());
                }
            }
        }
        found
    }

    /// Whether its timecode runs on from the first frame to the last.
    pub(super) fn runs_on(&self) -> bool {
        self.stretches.len() < 2
    }

    /// The label of a frame, counted from midnight.
    pub(super) fn label_at(&self, frame: u64) -> i64 {
        let after = self.stretches.partition_point(|(first, _)| *first <= frame);
        let (first, label) =
            self.stretches.get(after.saturating_sub(1)).copied().unwrap_or((0, self.start()));
        let since = i64::try_from(frame.saturating_sub(first)).unwrap_or(i64::MAX);
        i64::try_from(label.add(since).frame()).unwrap_or(i64::MAX)
    }

    /// Where `count` frames of record timecode are, `first` being counted from midnight.
    pub(super) fn locate(&self, first: i64, count: i64) -> Located {
        let mut found = Located::Outside;
        for (frame, start, frames) in self.parts() {
            let since = (first - start).rem_euclid(self.day());
            if since.saturating_add(count) > frames {
                continue;
            }
            let at = frame + since.unsigned_abs();
            found = match found {
                Located::At(other) => Located::Twice(other, at),
                Located::Twice(..) => found,
                Located::Outside => Located::At(at),
            };
        }
        found
    }
}
