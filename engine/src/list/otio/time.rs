//! OpenTimelineIO's floats as whole frames of the timeline. Floats end here.
//!
//! - In: values at rates that stand for exact ones: 23.976, 23.98 and 23.976024627685547 are all 24000/1001.
//! - Out: frames; an error where a value is farther than a tenth of a frame from one.
//! - Not here: what the frames are for (`walk`).

use super::super::error::ItemFault;
use super::model::{RationalTime, TimeRange};
use crate::timecode::FrameRate;

/// Farthest that a float may be from a whole frame.
const RESIDUE_MAX: f64 = 0.1;
/// Frames that any time may have either side of midnight: years of them.
const FRAMES_MAX: f64 = 1e10;

/// The exact rate that a float stands for.
pub(super) fn rate(rate: f64) -> Result<FrameRate, ItemFault> {
    const PARTS: f64 = 1e6;
    let refused = || ItemFault::Unreadable { what: "rate", text: rate.to_string() };
    if !(0.001..1000.0).contains(&rate) {
        return Err(refused());
    }
    let parts = whole(rate * PARTS, f64::INFINITY).and_then(|parts| u64::try_from(parts).ok());
    parts.and_then(|parts| FrameRate::matching(parts, 1_000_000)).ok_or_else(refused)
}

/// A time in whole frames of the timeline.
pub(super) fn frames(
    time: RationalTime,
    timeline: FrameRate,
    what: &'static str,
) -> Result<i64, ItemFault> {
    let own = rate(time.rate)?;
    let value = match own == timeline {
        true => time.value,
        false => time.value / seconds(own) * seconds(timeline),
    };
    if !value.is_finite() || value.abs() > FRAMES_MAX {
        return Err(ItemFault::Unreadable { what, text: time.value.to_string() });
    }
    whole(value, RESIDUE_MAX).ok_or(ItemFault::BetweenFrames { what })
}

/// Frames of a clip's media before the first one that it plays, and the media's own first frame; `None` where either is
/// no whole frame.
///
/// The difference is taken in seconds, each by its own float rate: Hiero writes one rate for the media and another, of 32
/// bits, for the clip, which would be 2 frames off after 20 hours.
pub(super) fn into_media(
    clip: RationalTime,
    media: &TimeRange,
    rate: FrameRate,
) -> Option<(i64, i64)> {
    let start = media.start_time;
    let frames = (clip.value / clip.rate - start.value / start.rate) * seconds(rate);
    Some((whole(start.value, RESIDUE_MAX)?, whole(frames, RESIDUE_MAX)?))
}

/// The frame that a clip of media without a range starts at.
pub(super) fn absolute(clip: RationalTime) -> Option<i64> {
    whole(clip.value, RESIDUE_MAX)
}

/// Frames a second.
fn seconds(rate: FrameRate) -> f64 {
    f64::from(rate.numerator()) / f64::from(rate.denominator())
}

fn whole(value: f64, residue_max: f64) -> Option<i64> {
    let rounded = value.round();
    let is_near = (value - rounded).abs() <= residue_max && rounded.abs() <= FRAMES_MAX;
    #[expect(clippy::cast_possible_truncation, reason = "whole and far below 2^53")]
    is_near.then_some(rounded as i64)
}
