//! Events by a record timecode that was given for a clip.
//!
//! - In: a clip, the timecode, the base's clock.
//! - Out: where the clip's used frames go.
//! - Not here: which of its frames are used (`source_range`), clips that are placed by their own timecode (`timecode`).

use super::super::clock::{BaseClock, Place};
use super::super::facts::MovieFacts;
use super::super::options::{PlaceOption, PlaceOptions};
use super::super::reason::Reason;
use super::super::source_range::used_frames;

/// Places a clip whose first presented frame, or whose first used one if that one is named, goes to `start`.
///
/// # Errors
/// The reason why it has no place.
pub(super) fn place(
    clip: &MovieFacts<'_>,
    start: &str,
    clock: &BaseClock,
    options: &PlaceOptions,
) -> Result<Place, Reason> {
    let own = options.of_clip(clip.path);
    let used = used_frames(clip, own, options)?;
    // The place of `source_in`, or of the clip's first frame, so that handles shift both alike.
    let first = clip.presented().start;
    let handles = if own.source_in.is_some() { 0 } else { used.start - first };
    let start = PlaceOption::At.timecode(start, clock.format)?;
    let start = clock.after(start, handles);
    clock.find(start, used.end - used.start, used.start, options.clip_edges)
}
