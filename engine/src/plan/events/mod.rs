//! Events: which frames of a clip are to go to which frames of the base, and who says so.
//!
//! - In: one clip, the base's clock, the options.
//! - Out: [`Claim`]s, or the reason why the clip has no place. Each source of events is a module: `timecode`, `at`,
//!   `list`, which places all clips together.
//! - Holds: a claim is never empty and lies within the base.
//! - Not here: who gets frames that several events claim (`overlap`), which samples they are (`samples`).

mod at;
pub(super) mod list;
mod source_range;
mod timecode;

use std::ops::Range;

use super::clock::{BaseClock, Place};
use super::facts::MovieFacts;
use super::options::{PlaceOptions, Rank};
use super::refusal::Reason;
use super::splice_plan::EventOrigin;

/// An event that is proposed: it becomes an event of the plan if it keeps at least one of its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    /// Which candidate's frames.
    pub(super) candidate: usize,
    /// What the clip is, which decides whose claims it goes before.
    pub(super) rank: Rank,
    /// The first base frame.
    pub(super) record_in: u64,
    /// The one after the last.
    pub(super) record_out: u64,
    /// The clip's frame that goes to `record_in`, counted on the clip's timeline.
    pub(super) source_in: u64,
    /// Frames that were trimmed off before and after, because they stick out of the base.
    pub(super) trimmed: (u64, u64),
    /// Frames before and after that would be handles, and are used because the base ends there.
    pub(super) kept: (u64, u64),
    /// Who says so.
    pub(super) origin: EventOrigin,
    /// The event of a list that says so, among those of its candidate.
    pub(super) list: Option<usize>,
}

impl Claim {
    /// The base frames.
    pub(super) fn record(&self) -> Range<u64> {
        self.record_in..self.record_out
    }
}

/// The record timecode that was given for a clip, if any.
pub(super) fn given_start<'a>(clip: &MovieFacts<'_>, options: &'a PlaceOptions) -> Option<&'a str> {
    let own = options.of_clip(clip.path).at.as_deref();
    own.or_else(|| clip.named_in(&options.at))
}

/// Finds the place of one clip: by the record timecode that was given for it, else by its own timecode.
///
/// # Errors
/// The reason why it has no place.
pub(super) fn place(
    clip: &MovieFacts<'_>,
    clock: &BaseClock,
    options: &PlaceOptions,
) -> Result<(Place, EventOrigin), Reason> {
    match given_start(clip, options) {
        Some(start) => Ok((at::place(clip, start, clock, options)?, EventOrigin::At)),
        None => Ok((timecode::place(clip, clock, options)?, EventOrigin::Timecode)),
    }
}

/// [`place`] as the claims of a candidate.
///
/// # Errors
/// The same.
pub(super) fn claims(
    candidate: usize,
    clip: &MovieFacts<'_>,
    clock: &BaseClock,
    options: &PlaceOptions,
) -> Result<Vec<Claim>, Reason> {
    let (mut place, origin) = place(clip, clock, options)?;
    let kept = keep_at_ends(&mut place, origin, clip, clock, options);
    let Place { record_in, frame_count, source_in, trimmed } = place;
    let (rank, record_out) = (clip.rank, record_in + frame_count);
    Ok(vec![Claim {
        candidate,
        rank,
        record_in,
        record_out,
        source_in,
        trimmed,
        kept,
        origin,
        list: None,
    }])
}

/// Uses the frames that would be handles if the whole clip begins where the base begins, or ends where it ends: there is
/// no room for handles. Returns how many these are at each end.
fn keep_at_ends(
    place: &mut Place,
    origin: EventOrigin,
    clip: &MovieFacts<'_>,
    clock: &BaseClock,
    options: &PlaceOptions,
) -> (u64, u64) {
    let (own, presented, base) =
        (options.of_clip(clip.path), clip.presented(), clock.pictures.clone());
    let mut kept = (0, 0);
    let head = place.source_in - presented.start;
    // A place by hand is that of the first used frame, so that nothing comes before it.
    if head > 0
        && own.source_in.is_none()
        && origin == EventOrigin::Timecode
        && place.trimmed.0 == 0
        && place.record_in == base.start + head
    {
        place.record_in -= head;
        place.source_in -= head;
        place.frame_count += head;
        kept.0 = head;
    }
    let tail = presented.end - (place.source_in + place.frame_count);
    if tail > 0
        && own.source_out.is_none()
        && place.trimmed.1 == 0
        && place.record_in + place.frame_count + tail == base.end
    {
        place.frame_count += tail;
        kept.1 = tail;
    }
    kept
}
