//! Whether one clip fits one base, whatever the other clips are: what linking asks of the planner.
//!
//! - In: facts of a base, prepared once ([`BaseFit`]), and of a clip.
//! - Out: [`Fit`]: what differs, and where the clip's timecode lies.
//! - Holds: what fits here is refused by the planner only for its field order, its alpha, its samples or other clips.
//! - Not here: which of several bases it is (`link`).

use super::clock::BaseClock;
use super::facts::MovieFacts;
use super::options::PlaceOptions;
use super::refusal::Reason;
use super::{compatible, events};
use crate::timecode::Timecode;
use crate::timecode::labels::later;

/// A base to which clips are held.
#[derive(Debug)]
pub(crate) struct BaseFit<'a> {
    facts: MovieFacts<'a>,
    clock: Result<BaseClock, Reason>,
    /// As the planner will have them, except that fields and alpha are let pass: that is for it to refuse.
    options: PlaceOptions,
}

/// How a clip fits.
#[derive(Debug)]
pub(crate) struct Fit {
    /// What differs in pictures, rate or counting.
    pub(crate) differences: Vec<Reason>,
    /// Where its timecode lies; `None` if the two count differently.
    pub(crate) place: Option<Result<TimecodeSpan, Reason>>,
    /// Whether the two have a time of day in common, however each of them counts frames.
    pub(crate) times_meet: bool,
}

/// A stretch of timecode within a base's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimecodeSpan {
    /// Base timecode of the clip's first frame that is used.
    pub(crate) clip_in: Timecode,
    /// The one after its last.
    pub(crate) clip_out: Timecode,
    /// The base's first.
    pub(crate) base_in: Timecode,
    /// The one after the base's last.
    pub(crate) base_out: Timecode,
}

impl Fit {
    /// Whether the pictures could be in the base, wherever that is.
    pub(crate) fn pictures_fit(&self) -> bool {
        self.differences
            .iter()
            .all(|reason| matches!(reason, Reason::TimecodeRate { .. } | Reason::DropFrame { .. }))
    }
}

impl<'a> BaseFit<'a> {
    pub(crate) fn new(facts: MovieFacts<'a>, options: &PlaceOptions) -> Self {
        let clock = BaseClock::new(&facts, options);
        let options =
            PlaceOptions { allow_field_order: true, allow_alpha: true, ..options.clone() };
        Self { facts, clock, options }
    }

    /// Frames on the base's timeline.
    pub(crate) fn frame_count(&self) -> u64 {
        self.facts.frames.frame_count()
    }

    /// Timecode of the base's first frame.
    pub(crate) fn start(&self) -> Option<Timecode> {
        self.clock.as_ref().ok().map(|clock| clock.timecode_at(0))
    }

    /// Holds a clip to the base. Cost: O(stretches of the base's timecode).
    pub(crate) fn judge(&self, clip: &MovieFacts<'_>) -> Fit {
        let is_given = events::given_start(clip, &self.options).is_some();
        let times_meet = is_given || times_meet(&self.facts, clip);
        let clock = match &self.clock {
            Ok(clock) => clock,
            Err(reason) => {
                let found = compatible::compare(clip, &self.facts, None, &self.options);
                let place = Some(Err(reason.clone()));
                return Fit { differences: found.reasons, place, times_meet };
            }
        };
        let format = Some(clock.format).filter(|_| !is_given);
        let differences = compatible::compare(clip, &self.facts, format, &self.options).reasons;
        let counts_alike = compatible::counts_alike(&differences);
        let place = counts_alike.then(|| {
            let (place, _) = events::place(clip, clock, &self.options)?;
            let clip_in = clock.timecode_at(place.record_in);
            let base_in = clock.timecode_at(0);
            Ok(TimecodeSpan {
                clip_in,
                clip_out: clock.after(clip_in, place.frame_count),
                base_in,
                base_out: clock.end(),
            })
        });
        Fit { differences, place, times_meet }
    }
}

/// Whether timecodes of two movies name the same second of the day.
fn times_meet(one: &MovieFacts<'_>, other: &MovieFacts<'_>) -> bool {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = |facts: &MovieFacts<'_>| {
        let (first, end) = span(facts, facts.presented())?;
        let nominal = u64::from(first.format.rate.nominal()).max(1);
        let start = first.frame() / nominal;
        Some((start, end.frames_since(first).div_ceil(nominal)))
    };
    let (Some((start, len)), Some((other_start, other_len))) = (seconds(one), seconds(other))
    else {
        return false;
    };
    (other_start + DAY - start) % DAY < len || (start + DAY - other_start) % DAY < other_len
}

/// Timecode of the first of a movie's frames, and the one after the last; `None` without timecode there.
pub(crate) fn span(
    facts: &MovieFacts<'_>,
    frames: std::ops::Range<u64>,
) -> Option<(Timecode, Timecode)> {
    let first = facts.labels().label_of(frames.start)?;
    let count = frames.end - frames.start;
    Some((first, later(first, count, facts.format.rate)))
}
