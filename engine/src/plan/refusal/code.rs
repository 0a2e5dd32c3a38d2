//! The codes by which programs know the reasons of a refusal.
//!
//! - Holds: snake case; a code is never changed once released.
//! - Not here: the sentences (`reason`), the numbers (`fields`).

use super::reason::Reason;
use crate::movie::MovieError;

impl Reason {
    /// The code by which programs know the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::Unreadable(MovieError::Unsupported(unsupported)) => unsupported.code(),
            Reason::Unreadable(error) if error.is_unsupported() => "unsupported",
            Reason::Unreadable(_) => "damaged",
            Reason::Growing { .. } => "growing",
            Reason::Dangling { .. } => "dangling",
            Reason::NoPermission { .. } => "no_permission",
            Reason::Unsupported(unsupported) => unsupported.code(),
            Reason::Hollow { .. } => "hollow",
            Reason::ContentShifted { .. } => "content_shifted",
            Reason::ContentOther { .. } => "content_other",
            Reason::Differs(difference) => difference.code(),
            Reason::Rate { .. } => "rate",
            Reason::TimecodeRate { .. } => "timecode_rate",
            Reason::DropFrame { .. } => "drop_frame",
            Reason::NoTimecode => "no_timecode",
            Reason::BaseWithoutTimecode => "base_without_timecode",
            Reason::BaseHasTimecode { .. } => "base_has_timecode",
            Reason::BadTimecode { .. } => "bad_timecode",
            Reason::AtNamesNoClip => "at_names_no_clip",
            Reason::AtNamesSeveral { .. } => "at_names_several",
            Reason::EventNamesNoClip => "event_names_no_clip",
            Reason::EventNamesSeveral { .. } => "event_names_several",
            Reason::List(error) => error.code(),
            Reason::Event(reason) => reason.code(),
            Reason::TimecodeJumps { .. } => "timecode_jumps",
            Reason::OutsideBase { .. } => "outside_base",
            Reason::SticksOut { .. } => "sticks_out",
            Reason::AmbiguousPlace { .. } => "ambiguous_place",
            Reason::BetweenFrames { .. } => "between_frames",
            Reason::SameFile { .. } => "same_file",
            Reason::BothRanks { .. } => "both_ranks",
            Reason::IsBase => "is_base",
            Reason::Overlaps { .. } => "overlap",
            Reason::Versions { .. } => "versions",
            Reason::Handles { .. } => "handles",
            Reason::Reel { .. } => "reel",
            Reason::Incomplete { .. } => "incomplete",
            Reason::VfxOverlap { .. } => "vfx_overlap",
            Reason::HandlesTooLong { .. } => "handles_too_long",
            Reason::SourceRange { .. } => "source_range",
            Reason::NoSuchFrame { .. } => "no_such_frame",
            Reason::OptionsForNoClip => "options_for_no_clip",
            Reason::NoFrames => "no_frames",
            Reason::BaseShowsNothing { .. } => "base_shows_nothing",
            Reason::ClipShowsNothing { .. } => "clip_shows_nothing",
            Reason::BaseHoldsSample { .. } => "base_holds_sample",
            Reason::ClipHoldsSample { .. } => "clip_holds_sample",
            Reason::BaseCrowded { .. } => "base_crowded",
            Reason::ClipCrowded { .. } => "clip_crowded",
            Reason::BaseShowsTwice { .. } => "base_shows_twice",
        }
    }
}
