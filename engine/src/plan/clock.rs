//! Record timecode to base frames.
//!
//! - In: the base's stretches of timecode; the timecode and the length of what is to be placed.
//! - Out: [`Place`]: which base frames, from which frame of the clip on.
//! - Holds: a place lies within one stretch of the base's timecode; arithmetic is on integers alone.
//! - Not here: who says which timecode that is (`events`), which samples these frames are (`samples`).

use std::ops::Range;

use super::facts::MovieFacts;
use super::options::{ClipEdges, PlaceOption, PlaceOptions};
use super::refusal::Reason;
use crate::timecode::labels::{counted, later};
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};

/// The base's timecode: which frame is where.
#[derive(Debug, Clone)]
pub(super) struct BaseClock {
    /// How it is counted.
    pub(super) format: TimecodeFormat,
    /// Rate of the base's pictures.
    rate: FrameRate,
    /// The frames from the base's first picture to its last.
    pub(super) pictures: Range<u64>,
    /// Stretches over which it runs on, in order; they do not overlap.
    stretches: Vec<Stretch>,
}

#[derive(Debug, Clone)]
struct Stretch {
    frames: Range<u64>,
    start: Timecode,
}

/// Where some frames of a clip go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The first base frame.
    pub(super) record_in: u64,
    /// How many, never 0.
    pub(super) frame_count: u64,
    /// The clip's frame that goes to `record_in`.
    pub(super) source_in: u64,
    /// Frames that were trimmed off before and after, because they stick out of the base.
    pub(super) trimmed: (u64, u64),
}

impl BaseClock {
    /// The clock of the base's own timecode, or of the timecode that the options give it.
    ///
    /// # Errors
    /// The reason why there is none.
    pub(super) fn new(base: &MovieFacts<'_>, options: &PlaceOptions) -> Result<Self, Reason> {
        let own = base.timecode_format.filter(|_| !base.stretches.is_empty());
        let given = options.base_timecode.as_deref();
        // The given label is that of the first picture, wherever it is on the timeline.
        let first = base.presented().start;
        let (format, starts) = match (own, given) {
            (None, None) => return Err(Reason::BaseWithoutTimecode),
            (Some(format), None) => (format, base.stretches.to_vec()),
            (Some(format), Some(text)) => {
                let given = PlaceOption::BaseTimecode.timecode(text, format)?;
                match base.labels().label_of(first) {
                    Some(own) if own != given => {
                        return Err(Reason::BaseHasTimecode { own, given });
                    }
                    _ => (format, base.stretches.to_vec()),
                }
            }
            (None, Some(text)) => {
                // Nothing else says whether the base counts drop frame: the separator before the frames does.
                let drop_frame =
                    text.rfind([':', ';', '.', ',']).is_some_and(|at| !text[at..].starts_with(':'));
                let format = TimecodeFormat { rate: base.format.rate, drop_frame };
                let given = PlaceOption::BaseTimecode.timecode(text, format)?;
                let before = counted(first, base.format.rate, format.rate).0;
                (format, vec![(0, given.add(-i64::try_from(before).unwrap_or(0)))])
            }
        };
        let ends =
            starts.iter().skip(1).map(|(first, _)| *first).chain([base.frames.frame_count()]);
        let stretches = starts
            .iter()
            .zip(ends)
            .filter(|((first, _), end)| first < end)
            .map(|((first, start), end)| Stretch { frames: *first..end, start: *start })
            .collect();
        Ok(Self { format, rate: base.format.rate, pictures: base.presented(), stretches })
    }

    /// `(first frame, its timecode)` of each stretch, in order.
    pub(super) fn starts(&self) -> impl Iterator<Item = (u64, Timecode)> + '_ {
        self.stretches.iter().map(|stretch| (stretch.frames.start, stretch.start))
    }

    /// Timecode of a frame, also of one after the end of the last stretch.
    pub(super) fn timecode_at(&self, frame: u64) -> Timecode {
        let after = self.stretches.partition_point(|stretch| stretch.frames.start <= frame);
        match self.stretches.get(after.saturating_sub(1)) {
            Some(stretch) => self.timecode_in(stretch, frame),
            None => Timecode::from_frame(0, self.format),
        }
    }

    fn timecode_in(&self, stretch: &Stretch, frame: u64) -> Timecode {
        let since = frame.saturating_sub(stretch.frames.start);
        later(stretch.start, since, self.rate)
    }

    /// Finds the base frames of a clip of `frame_count` frames whose first one has the timecode `start`.
    ///
    /// Where `start` is in the base, that is the place; else a place that the clip's later frames reach.
    ///
    /// # Errors
    /// The reason why there is no place, or not just one.
    pub(super) fn find(
        &self,
        start: Timecode,
        frame_count: u64,
        source_in: u64,
        edges: ClipEdges,
    ) -> Result<Place, Reason> {
        let (at, stretch) = self.candidate(start, frame_count)?;
        let frames = &stretch.frames;
        let (first, end, count) =
            (i128::from(frames.start), i128::from(frames.end), i128::from(frame_count));
        let head = frames_between(at, first);
        let tail = frames_between(end, at + count);
        if (head, tail) != (0, 0) && edges == ClipEdges::Error {
            return Err(Reason::SticksOut {
                clip_in: start,
                clip_out: self.after(start, frame_count),
                base_in: stretch.start,
                base_out: self.timecode_in(stretch, frames.end),
                head,
                tail,
            });
        }
        Ok(Place {
            record_in: frames.start + frames_between(first, at),
            frame_count: frame_count - head - tail,
            source_in: source_in + head,
            trimmed: (head, tail),
        })
    }

    /// The base frame (before frame 0 where the clip sticks out) and the stretch that a timecode names.
    fn candidate(&self, start: Timecode, frame_count: u64) -> Result<(i128, &Stretch), Reason> {
        let mut inside: Vec<(i128, &Stretch)> = Vec::new();
        let mut reaching: Vec<(i128, &Stretch)> = Vec::new();
        for stretch in &self.stretches {
            let (first, end) = (i128::from(stretch.frames.start), i128::from(stretch.frames.end));
            for (distance, is_whole) in self.distances(start, stretch.start) {
                let at = first + distance;
                let found = if (first..end).contains(&at) {
                    &mut inside
                } else if at < first && first < at + i128::from(frame_count) {
                    &mut reaching
                } else {
                    continue;
                };
                if !is_whole {
                    return Err(Reason::BetweenFrames { timecode: start });
                }
                found.push((at, stretch));
            }
        }
        let places = if inside.is_empty() { reaching } else { inside };
        match places[..] {
            [place] => Ok(place),
            [] => Err(self.outside(start, frame_count)),
            [(first, _), (second, _), ..] => {
                Err(Reason::AmbiguousPlace { timecode: start, first, second })
            }
        }
    }

    /// How far `start` may be from a stretch's first timecode, in frames of the base's pictures, and whether these are
    /// whole: later on the same day, a day later still (for a base longer than a day), or before it.
    fn distances(&self, start: Timecode, stretch_start: Timecode) -> [(i128, bool); 3] {
        let day = self.format.frames_per_day();
        let later = start.frames_since(stretch_start);
        let pictures = |frames: u64| {
            let (whole, is_whole) = counted(frames, self.format.rate, self.rate);
            (i128::from(whole), is_whole)
        };
        let (before, is_whole) = pictures(day - later);
        [pictures(later), pictures(later + day), (-before, is_whole)]
    }

    fn outside(&self, start: Timecode, frame_count: u64) -> Reason {
        Reason::OutsideBase {
            clip_in: start,
            clip_out: self.after(start, frame_count),
            base_in: self.timecode_at(0),
            base_out: self.end(),
        }
    }

    /// The timecode after the last frame.
    pub(super) fn end(&self) -> Timecode {
        let last = self.stretches.last();
        last.map_or(self.timecode_at(0), |last| self.timecode_in(last, last.frames.end))
    }

    /// The timecode after `frame_count` frames from `start`.
    pub(super) fn after(&self, start: Timecode, frame_count: u64) -> Timecode {
        later(start, frame_count, self.rate)
    }
}

/// How far `to` is after `from`; 0 where it is not.
fn frames_between(from: i128, to: i128) -> u64 {
    u64::try_from(to - from).unwrap_or(0)
}
