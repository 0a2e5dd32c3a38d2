//! Advice on the reasons of a refused plan.
//!
//! - In: [`Reason`], with what a list or a codec says. Out: one sentence without the full stop, or nothing.
//! - Not here: advice on errors (`advice`).

use intercut_engine::codec::Difference;
use intercut_engine::list::conform::{ClipReason, Obstacle, Weak};
use intercut_engine::list::{ListError, OtherKind};
use intercut_engine::plan::Reason;

use super::{DANGLING, NO_PERMISSION, UNFINISHED, movie, unsupported};

/// For a clip, a base or an option that is refused.
pub(crate) fn reason(reason: &Reason) -> Option<&'static str> {
    let advice = match reason {
        Reason::Unsupported(error) => unsupported(error),
        Reason::Unreadable(error) => movie(error),
        Reason::Growing { is_readable: true, .. } => {
            "wait until it is finished, then run again; --allow growing takes it as it is"
        }
        Reason::Growing { .. } => UNFINISHED,
        Reason::Dangling { .. } => DANGLING,
        Reason::NoPermission { .. } => NO_PERMISSION,
        Reason::Differs(difference) => of_difference(difference),
        Reason::Hollow { .. } => {
            "the clip is damaged or unfinished: copy it again, or render it again"
        }
        Reason::ContentShifted { .. } => {
            "place it there with --at CLIP=TIMECODE or correct its timecode; --check-content=warn takes it as it is"
        }
        Reason::ContentOther { .. } => {
            "check that it is the right clip and belongs to this base; --check-content=warn takes it as it is"
        }
        Reason::Rate { .. } => "render the clip again at the base's frame rate",
        Reason::TimecodeRate { .. } => "place the clip with --at CLIP=TIMECODE",
        Reason::DropFrame { .. } => {
            "find out which of the two is right; --at CLIP=TIMECODE places the clip without its own timecode"
        }
        Reason::NoTimecode => "place the clip with --at CLIP=TIMECODE",
        Reason::BaseWithoutTimecode => "pass the timecode of its first frame with --base-timecode",
        Reason::BaseHasTimecode { .. } => {
            "leave out --base-timecode: it is for a base without timecode"
        }
        Reason::BadTimecode { .. } => {
            "write HH:MM:SS:FF, or HH:MM:SS;FF if the base's timecode is drop frame"
        }
        Reason::AtNamesNoClip => {
            "check the spelling after --at: it takes a file name, without its folder"
        }
        Reason::AtNamesSeveral { .. } => {
            "rename one of them, or leave it out: --at cannot tell them apart"
        }
        Reason::EventNamesNoClip => {
            "check the spelling after --event: it takes a file name, without its folder"
        }
        Reason::EventNamesSeveral { .. } => {
            "rename one of them, or leave it out: --event cannot tell them apart"
        }
        Reason::List(error) => return list(error),
        Reason::Event(reason) => of_event(reason),
        Reason::TimecodeJumps { .. } => {
            "render it as one continuous shot, or place it with --at CLIP=TIMECODE"
        }
        Reason::OutsideBase { .. } => {
            "check that the clip belongs to this base (`intercut link` knows which does), or leave it out"
        }
        Reason::SticksOut { .. } => {
            "pass --clip-edges trim to use only the frames inside, or --handles if the others are handles"
        }
        Reason::AmbiguousPlace { .. } => {
            "leave the clip out: the base's timecode repeats, so it does not say which place is meant"
        }
        Reason::BetweenFrames { .. } => "place the clip at a whole frame with --at",
        Reason::SameFile { .. } => "give each clip once",
        Reason::BothRanks { .. } => "give it once: among the clips, or as VFX",
        Reason::IsBase => "leave the base out of the clips",
        Reason::Overlaps { whole: true, .. } => {
            "leave out the one that is not wanted; they may be versions of one shot"
        }
        Reason::Overlaps { .. } => {
            "pass --handles if their ends are handles; else choose with --overlap last or --overlap first, or leave one out"
        }
        Reason::Versions { .. } => {
            "pass --versions latest to use the highest version, or leave the others out"
        }
        Reason::Handles { .. } => "pass --handles with this number, so that handles are not used",
        Reason::Reel { .. } => {
            "leave the clip out if it comes from another camera; else pass --allow reel, or place it with --at CLIP=TIMECODE"
        }
        Reason::Incomplete { .. } => {
            "add the clip that is missing, pass fewer --handles, or leave out --complete"
        }
        Reason::VfxOverlap { .. } => {
            "leave one of them out: VFX clips are never cut, not even with --overlap"
        }
        Reason::HandlesTooLong { .. } => "pass fewer --handles, or leave the clip out",
        Reason::SourceRange { .. } => {
            "source_in counts from 0; source_out is the frame after the last one that is used"
        }
        Reason::NoSuchFrame { .. } => "use the clip's own timecode, or a frame number",
        Reason::OptionsForNoClip => "write the path as it is among the clips",
        Reason::NoFrames => "leave the clip out",
        Reason::BaseShowsNothing { .. } | Reason::BaseShowsTwice { .. } => {
            "render the base again as one simple timeline"
        }
        Reason::BaseHoldsSample { .. } | Reason::BaseCrowded { .. } => {
            "render the base again with one sample for every frame"
        }
        Reason::ClipShowsNothing { .. } => "render the clip again as one simple timeline",
        Reason::ClipHoldsSample { .. } | Reason::ClipCrowded { .. } => {
            "render the clip again with one sample for every frame"
        }
        _ => return None,
    };
    Some(advice)
}

/// For an edit list that cannot be used.
fn list(error: &ListError) -> Option<&'static str> {
    Some(match error {
        ListError::Kind { kind } => match kind {
            OtherKind::Aaf => {
                "export the timeline as an EDL, or convert it: otioconvert -i IN.aaf -o OUT.otio (otio-aaf-adapter)"
            }
            OtherKind::Ale | OtherKind::AvidBin => "export the sequence as an EDL (List Tool)",
            OtherKind::Zip => {
                "unpack it and give the content.otio in it, or export the timeline itself"
            }
            OtherKind::Gzip | OtherKind::Pdf | OtherKind::Text => {
                "export the timeline as an EDL, OTIO, or Final Cut Pro XML"
            }
            OtherKind::Movie => "give the list after --edl, and movies among the clips",
            _ => "export the timeline itself as an EDL, OTIO, or Final Cut Pro XML",
        },
        ListError::EventLine { .. } | ListError::SpeedLine { .. } => {
            "correct the line, or export the list again as CMX 3600"
        }
        ListError::FrameNumber { .. } => {
            "check that the list belongs to this base and was made at its rate"
        }
        ListError::TimelineRate { .. } => "make the list from the base's own sequence",
        ListError::DropFrame { .. } | ListError::DroppedLabel { .. } => {
            "find out which of the two is right, and export the list again"
        }
        ListError::OutsideBase { count, outside, .. } if outside < count => {
            "check which is right, and move the list with --edl-offset; 00:00:00:00 leaves it where it is"
        }
        ListError::OutsideBase { .. } => {
            "check that the list belongs to this base, or move it with --edl-offset"
        }
        ListError::NoPicture { .. } | ListError::Markers { .. } => {
            "export the timeline itself as an EDL"
        }
        ListError::Timelines { .. } => "name one of them with --edl-timeline",
        ListError::Incomplete { .. } => {
            "give the clips that are missing, or leave out --complete: those events keep the base's pictures"
        }
        ListError::Start { .. } => "pass the timecode that it starts at with --edl-offset",
        ListError::Item { .. } | ListError::Backwards { .. } => {
            "correct it in the editing program, and export the list again"
        }
        _ => "export the list again",
    })
}

/// For a clip that edit lists give no place.
fn of_event(reason: &ClipReason) -> &'static str {
    match reason {
        ClipReason::NoEvent { .. } | ClipReason::NotThatEvent { .. } => {
            "check that clip and list are of the same version, or place it with --at CLIP=TIMECODE"
        }
        ClipReason::NoSuchEvent { .. } => "write the event's number, or line:13 for its line",
        ClipReason::Ambiguous { .. } => {
            "name the event with --event CLIP=EVENT (line:13 where numbers repeat), or leave one of the clips out"
        }
        ClipReason::Versions { .. } => {
            "pass --versions latest to use the highest version, or leave the others out"
        }
        ClipReason::Weak { weak: Weak::Partial, .. } => {
            "pass --min-confidence medium, or name the event with --event CLIP=EVENT"
        }
        ClipReason::Weak { .. } => {
            "pass --min-confidence low, or name the event with --event CLIP=EVENT"
        }
        ClipReason::Obstacle { obstacle, .. } => match obstacle {
            Obstacle::Mixed { .. } => {
                "render the transition as one clip and place it with --at, or pass --transitions leave"
            }
            Obstacle::Nested { .. } => {
                "break it apart in the timeline and export the list again, or place it with --at"
            }
            _ => "render it with its speed baked in, and place it with --at CLIP=TIMECODE",
        },
        ClipReason::OutsideBase { .. } => {
            "check that the list belongs to this base, or leave the clip out"
        }
        ClipReason::SourceTwice { .. } => {
            "place it in a jobs file, by a table with at, source_in and source_out"
        }
        _ => "place the clip with --at CLIP=TIMECODE",
    }
}

/// For a clip whose pictures are not like the base's.
fn of_difference(difference: &Difference) -> &'static str {
    match difference {
        Difference::Codec { .. } => "render the clip again with the base's codec",
        Difference::Description { .. } => {
            "render the clip again with the program and the settings that made the base"
        }
        Difference::Size { .. } => "render the clip again at the base's size",
        Difference::Fields { .. } => {
            "render the clip again with the base's field order, or pass --allow field-order"
        }
        Difference::Alpha { .. } => "render the clip again like the base, or pass --allow alpha",
        _ => "render the clip again like the base",
    }
}
