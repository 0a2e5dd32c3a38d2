//! Which frames of a clip are used: all that it presents, less its handles, or those that were named.
//!
//! - In: a clip, what is said about all clips and about this one.
//! - Out: a range of the clip's frames that is never empty.
//! - Not here: where these frames go (`place`).

use std::ops::Range;

use super::super::facts::MovieFacts;
use super::super::options::{ClipOptions, PlaceOption, PlaceOptions, Rank, SourceFrame};
use super::super::refusal::Reason;
use crate::timecode::labels::counted;

/// The frames of `clip` that are used.
///
/// A named end stands whatever the handles are; the other end keeps its handles.
///
/// # Errors
/// The reason why no frame is left, or why a named frame is none of the clip's.
pub(super) fn used_frames(
    clip: &MovieFacts<'_>,
    own: &ClipOptions,
    options: &PlaceOptions,
) -> Result<Range<u64>, Reason> {
    let presented = clip.presented();
    let frames = presented.end - presented.start;
    if frames == 0 {
        return Err(Reason::NoFrames);
    }
    let handles = own.handles.unwrap_or(match clip.rank {
        Rank::Grade => options.handles,
        Rank::Vfx => options.vfx_handles,
    });
    let named = |frame: &Option<SourceFrame>, option| {
        frame.as_ref().map(|frame| resolve(clip, &presented, frame, option)).transpose()
    };
    let (source_in, source_out) = (
        named(&own.source_in, PlaceOption::SourceIn)?,
        named(&own.source_out, PlaceOption::SourceOut)?,
    );
    let first = source_in.unwrap_or(u64::from(handles));
    let end = source_out.unwrap_or(frames.saturating_sub(u64::from(handles)));
    if first < end && end <= frames {
        return Ok(presented.start + first..presented.start + end);
    }
    Err(match (source_in, source_out) {
        (None, None) => Reason::HandlesTooLong { handles, frames },
        _ => Reason::SourceRange { first, end, frames },
    })
}

/// The number of a named frame, counted from the first one that the clip presents.
fn resolve(
    clip: &MovieFacts<'_>,
    presented: &Range<u64>,
    frame: &SourceFrame,
    option: PlaceOption,
) -> Result<u64, Reason> {
    let text = match frame {
        SourceFrame::Number(number) => return Ok(*number),
        SourceFrame::Timecode(text) => text,
    };
    let start = clip.labels().label_of(presented.start).ok_or(Reason::NoTimecode)?;
    let wanted = option.timecode(text, start.format)?;
    let number = counted(wanted.frames_since(start), start.format.rate, clip.format.rate).0;
    // Where timecode jumps, or counts at another rate, the frame that was found may have another one.
    let frames = presented.end - presented.start;
    let is_found = number <= frames
        && clip.labels().label_of(presented.start + number).is_some_and(|found| found == wanted);
    if is_found { Ok(number) } else { Err(Reason::NoSuchFrame { option, timecode: wanted }) }
}
