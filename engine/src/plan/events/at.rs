//! Events by a record timecode that was given for a clip.
//!
//! - In: a clip, the timecode, the base's clock.
//! - Out: where the clip's used frames go.
//! - Not here: which of its frames are used (`source_range`), clips that are placed by their own timecode (`timecode`).

use super::super::clock::{BaseClock, Place};
use super::super::facts::MovieFacts;
use super::super::options::{PlaceOption, PlaceOptions};
use super::super::refusal::Reason;
use super::source_range::used_frames;

/// Places a clip whose first used frame goes to `start`.
///
/// # Errors
/// The reason why it has no place.
pub(super) fn place(
    clip: &MovieFacts<'_>,
    start: &str,
    clock: &BaseClock,
    options: &PlaceOptions,
) -> Result<Place, Reason> {
    let used = used_frames(clip, options.of_clip(clip.path), options)?;
    let start = PlaceOption::At.timecode(start, clock.format)?;
    clock.find(start, used.end - used.start, used.start, options.clip_edges)
}
