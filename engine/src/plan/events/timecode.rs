//! Events by a clip's own timecode.
//!
//! - In: a clip, the base's clock.
//! - Out: where the clip's used frames go.
//! - Not here: which of its frames are used (`source_range`), clips that are placed by hand (`at`).

use super::super::clock::{BaseClock, Place};
use super::super::facts::MovieFacts;
use super::super::options::PlaceOptions;
use super::super::refusal::Reason;
use super::source_range::used_frames;
use crate::timecode::Timecode;

/// Places a clip where the base has the timecode of the clip's first used frame.
///
/// # Errors
/// The reason why it has no place.
pub(super) fn place(
    clip: &MovieFacts<'_>,
    clock: &BaseClock,
    options: &PlaceOptions,
) -> Result<Place, Reason> {
    let used = used_frames(clip, options.of_clip(clip.path), options)?;
    let own = clip.labels().label_of(used.start).ok_or(Reason::NoTimecode)?;
    // The same number in the base's terms: the two count alike, but may describe their rate differently.
    let start =
        Timecode::from_frame(0, clock.format).add(own.frame().try_into().unwrap_or(i64::MAX));
    let jump = clip.stretches.iter().find(|(frame, _)| *frame > used.start && *frame < used.end);
    if let Some(&(frame, timecode)) = jump {
        return Err(Reason::TimecodeJumps { frame, timecode });
    }
    clock.find(start, used.end - used.start, used.start, options.clip_edges)
}
