//! What can be wrong with a base, a clip or an option: data, a code for programs and a sentence with the numbers.
//!
//! - In: what `candidates`, `clock`, `events`, `overlap` and `samples` found.
//! - Out: [`Reason`].
//! - Not here: differences that matter only to the eye (warnings of the plan), what a person can do about it (the
//!   command line).

use std::path::PathBuf;

use super::super::options::PlaceOption;
use super::super::splice_plan::Margin;
use crate::codec::{Difference, FrameFault};
use crate::discover::Growing;
use crate::list::ListError;
use crate::list::conform::ClipReason;
use crate::movie::{MovieError, Unsupported};
use crate::timecode::{FrameRate, Timecode, TimecodeError, TimecodeFormat, counting_name};
use crate::units::in_frames;

/// What is wrong with one file. Frames are counted from 0; ranges are `first..end`, the end exclusive.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// A clip that is not a movie, a damaged one, or one of a kind that cannot be read.
    #[error(transparent)]
    Unreadable(MovieError),
    /// Somebody still writes to the file.
    #[error("it is still being written{}: {how}", if *is_readable { "" } else { ", and cannot be read yet" })]
    Growing {
        /// How that is known.
        how: Growing,
        /// Whether it is a movie that could be used as it is now.
        is_readable: bool,
    },
    /// A link that leads to no file.
    #[error("it is a link to {}, which is not there", target.display())]
    Dangling {
        /// Where the link leads.
        target: PathBuf,
    },
    /// A file that this user may not read.
    #[error("it cannot be opened: {detail}")]
    NoPermission {
        /// What the system said.
        detail: String,
    },
    /// A movie of a kind that cannot be spliced.
    #[error(transparent)]
    Unsupported(Unsupported),
    /// Frames that are to be used and are none.
    #[error("{damaged} of its {frames} used frames {}, the first at {}: {fault}", damaged_text(*damaged), place_text(*frame, *timecode))]
    Hollow {
        /// The first such frame of the clip, counted from 0.
        frame: u64,
        /// Its timecode.
        timecode: Option<Timecode>,
        /// How many there are.
        damaged: u64,
        /// Frames of the clip that are used.
        frames: u64,
        /// What is wrong with the first one.
        fault: FrameFault,
    },
    /// Pictures that belong to other frames nearby, by what they show.
    #[error(
        "its pictures at {} belong {} {}, at {}: that is what they show",
        place_text(*frame, *timecode),
        in_frames(offset.unsigned_abs()),
        if *offset > 0 { "earlier" } else { "later" },
        place_text(*shown, *shown_timecode)
    )]
    ContentShifted {
        /// The base frame at which the event begins, counted from 0.
        frame: u64,
        /// Its timecode.
        timecode: Option<Timecode>,
        /// That frame minus the one that is shown.
        offset: i64,
        /// The base frame that the first picture shows.
        shown: u64,
        /// Its timecode.
        shown_timecode: Option<Timecode>,
        /// By how much it fits better than others.
        margin: Margin,
    },
    /// Pictures that show something else.
    #[error(
        "its pictures at {} show something else than the base there",
        place_text(*frame, *timecode)
    )]
    ContentOther {
        /// The base frame at which the event begins, counted from 0.
        frame: u64,
        /// Its timecode.
        timecode: Option<Timecode>,
        /// Places that were compared.
        places: u64,
    },
    /// Pictures that are not like the base's.
    #[error(transparent)]
    Differs(Difference),
    /// Another frame rate.
    #[error("its frame rate is {}, the base's is {}", clip, base)]
    Rate {
        /// The clip's.
        clip: FrameRate,
        /// The base's.
        base: FrameRate,
    },
    /// Timecode that counts at another rate.
    #[error("its timecode counts {} frames a second, the base's counts {}", clip, base)]
    TimecodeRate {
        /// The clip's.
        clip: FrameRate,
        /// The base's.
        base: FrameRate,
    },
    /// Drop frame against non-drop.
    #[error("its timecode is {}, the base's is {}", counting_name(*clip), counting_name(!*clip))]
    DropFrame {
        /// Whether the clip's drops numbers; the base's does the opposite.
        clip: bool,
    },
    /// The clip does not say where it belongs.
    #[error("it has no timecode at its first frame")]
    NoTimecode,
    /// The base does not say where anything belongs.
    #[error("the base has no timecode")]
    BaseWithoutTimecode,
    /// A start timecode was given for a base that has one.
    #[error("the base has its own timecode, {own} at its first frame, not {given}")]
    BaseHasTimecode {
        /// The base's.
        own: Timecode,
        /// What was given.
        given: Timecode,
    },
    /// An option's timecode cannot be read.
    #[error("{option} {error}")]
    BadTimecode {
        /// The option.
        option: PlaceOption,
        /// What was given.
        text: String,
        /// What is wrong with it.
        error: TimecodeError,
    },
    /// A record timecode is given for a name that none of the clips has.
    #[error("a record timecode is given for it, but no clip has that file name")]
    AtNamesNoClip,
    /// A record timecode is given for a name that several clips have.
    #[error("a record timecode is given for it, but {count} clips have that file name")]
    AtNamesSeveral {
        /// How many.
        count: usize,
    },
    /// An event is given for a name that none of the clips has.
    #[error("an event is given for it, but no clip has that file name")]
    EventNamesNoClip,
    /// An event is given for a name that several clips have.
    #[error("an event is given for it, but {count} clips have that file name")]
    EventNamesSeveral {
        /// How many.
        count: usize,
    },
    /// The edit list cannot be used.
    #[error(transparent)]
    List(Box<ListError>),
    /// The edit lists give the clip no place.
    #[error("{0}")]
    Event(Box<ClipReason>),
    /// The clip's timecode does not run through.
    #[error("its timecode jumps to {timecode} at its frame {frame}")]
    TimecodeJumps {
        /// The clip's frame.
        frame: u64,
        /// The timecode there.
        timecode: Timecode,
    },
    /// No frame of the clip lies in the base.
    #[error("its timecode {clip_in} to {clip_out} is not in the base ({base_in} to {base_out})")]
    OutsideBase {
        /// First frame that would be used.
        clip_in: Timecode,
        /// The one after the last.
        clip_out: Timecode,
        /// The base's first.
        base_in: Timecode,
        /// The one after the base's last.
        base_out: Timecode,
    },
    /// Part of the clip lies outside the base, or outside the stretch of timecode that it starts in.
    #[error(
        "its timecode {clip_in} to {clip_out} sticks out of the base's {base_in} to {base_out} \
         by {} before and {tail} after",
        in_frames(*head)
    )]
    SticksOut {
        /// First frame that would be used.
        clip_in: Timecode,
        /// The one after the last.
        clip_out: Timecode,
        /// First of the base's stretch.
        base_in: Timecode,
        /// The one after the last of the base's stretch.
        base_out: Timecode,
        /// Frames before the stretch.
        head: u64,
        /// Frames after it.
        tail: u64,
    },
    /// The same timecode is at several places of the base.
    #[error("{timecode} is in the base more than once, at frames {first} and {second}")]
    AmbiguousPlace {
        /// The clip's first timecode.
        timecode: Timecode,
        /// One place, a base frame.
        first: i128,
        /// Another.
        second: i128,
    },
    /// Timecode and pictures have different rates, and the place falls between two pictures.
    #[error(
        "{timecode} is between two frames of the base, whose pictures and timecode have different rates"
    )]
    BetweenFrames {
        /// The clip's first timecode.
        timecode: Timecode,
    },
    /// The same file was given twice.
    #[error("it is the same file as {}", other.display())]
    SameFile {
        /// The other path.
        other: PathBuf,
    },
    /// The same file was given as a grade and as VFX.
    #[error("it is given both as a grade and as VFX, also as {}", other.display())]
    BothRanks {
        /// The other path, which may be the same.
        other: PathBuf,
    },
    /// The clip is the base.
    #[error("it is the base itself")]
    IsBase,
    /// Frames are claimed by two grades.
    #[error(
        "it overlaps {} from {record_in} to {record_out} ({}{})",
        other.display(),
        in_frames(*frames),
        if *whole { ", all that one of the two has" } else { "" }
    )]
    Overlaps {
        /// The other clip.
        other: PathBuf,
        /// First base timecode that both claim.
        record_in: Timecode,
        /// The one after the last.
        record_out: Timecode,
        /// How many frames.
        frames: u64,
        /// Whether these are all frames of one of the two, as with two versions of a shot.
        whole: bool,
    },
    /// There is a higher version of the same shot.
    #[error("it is {} of a shot of which {} is version {other_version}", version_name(version), other.display())]
    Versions {
        /// The higher version.
        other: PathBuf,
        /// Which one it is; empty if its name has no number.
        version: String,
        /// Which one the other is.
        other_version: String,
    },
    /// Frames are claimed by two grades, as many as handles would make.
    #[error(
        "it overlaps {} from {record_in} to {record_out} ({}, like {alike} of {overlaps} overlaps, as handles of {} make \
         them)",
        other.display(),
        in_frames(*frames),
        in_frames(u64::from(*handles))
    )]
    Handles {
        /// The other clip.
        other: PathBuf,
        /// First base timecode that both claim.
        record_in: Timecode,
        /// The one after the last.
        record_out: Timecode,
        /// How many frames.
        frames: u64,
        /// Frames at each end that would be handles.
        handles: u32,
        /// How many overlaps have this length.
        alike: usize,
        /// How many overlaps there are.
        overlaps: usize,
    },
    /// The clip comes from another reel.
    #[error("its reel is {clip}, the base's is {base}")]
    Reel {
        /// The clip's.
        clip: String,
        /// The base's.
        base: String,
    },
    /// Frames between two events are uncovered, and the plan was to be complete.
    #[error("no clip covers {from} to {to} ({}), between two clips", in_frames(*frames))]
    Incomplete {
        /// Timecode of the first frame.
        from: String,
        /// The one after the last.
        to: String,
        /// How many frames.
        frames: u64,
    },
    /// Frames are claimed by two VFX clips, of which neither may be cut.
    #[error(
        "it and {} are both VFX and overlap from {record_in} to {record_out} ({})",
        other.display(),
        in_frames(*frames)
    )]
    VfxOverlap {
        /// The other clip.
        other: PathBuf,
        /// First base timecode that both claim.
        record_in: Timecode,
        /// The one after the last.
        record_out: Timecode,
        /// How many frames.
        frames: u64,
    },
    /// Nothing is left of the clip without its handles.
    #[error("it has {}, and {handles} handle frames at each end leave none", in_frames(*frames))]
    HandlesTooLong {
        /// Frames at each end.
        handles: u32,
        /// Frames of the clip.
        frames: u64,
    },
    /// The frames that are named are not the clip's.
    #[error("its frames {first}..{end} are to be used, and it has {frames}")]
    SourceRange {
        /// The first frame that would be used.
        first: u64,
        /// The one after the last.
        end: u64,
        /// Frames of the clip.
        frames: u64,
    },
    /// A frame that is named by timecode is none of the clip's.
    #[error("{option} is {timecode}, and no frame of it has that timecode")]
    NoSuchFrame {
        /// Which end it was to be.
        option: PlaceOption,
        /// The timecode.
        timecode: Timecode,
    },
    /// Something is said about a file that is not among the clips.
    #[error("options are given for it, but it is none of the clips")]
    OptionsForNoClip,
    /// The clip presents nothing.
    #[error("it presents no frame")]
    NoFrames,
    /// The base presents nothing where the clip belongs.
    #[error(
        "the base shows nothing (an empty edit) at its frames {first}..{end}, where the clip belongs"
    )]
    BaseShowsNothing {
        /// The first such base frame.
        first: u64,
        /// The one after the last.
        end: u64,
    },
    /// The clip presents nothing in its midst.
    #[error("it shows nothing (an empty edit) at its frames {first}..{end}")]
    ClipShowsNothing {
        /// The first such clip frame.
        first: u64,
        /// The one after the last.
        end: u64,
    },
    /// A base sample that is not a single frame does not match what the clip has there.
    #[error(
        "the base holds one sample over its frames {first}..{end}, and the clip does not show one sample over \
         just these"
    )]
    BaseHoldsSample {
        /// The first base frame of that sample.
        first: u64,
        /// The one after the last.
        end: u64,
    },
    /// A clip sample that is not a single frame is where the base has several samples.
    #[error(
        "it holds one sample over its frames {first}..{end}, where the base has a sample for each frame"
    )]
    ClipHoldsSample {
        /// The first clip frame of that sample.
        first: u64,
        /// The one after the last.
        end: u64,
    },
    /// Two pictures of the base are within one frame where the clip belongs.
    #[error(
        "the base has two pictures, its samples {first} and {second}, within its frame {frame}, where the clip belongs"
    )]
    BaseCrowded {
        /// The base frame.
        frame: u64,
        /// The first sample, counted from 0.
        first: u32,
        /// The second one.
        second: u32,
    },
    /// Two pictures of the clip are within one frame.
    #[error("it has two pictures, its samples {first} and {second}, within its frame {frame}")]
    ClipCrowded {
        /// The clip frame.
        frame: u64,
        /// The first sample, counted from 0.
        first: u32,
        /// The second one.
        second: u32,
    },
    /// The base's edit list presents a sample more than once: replacing it would show elsewhere too.
    #[error(
        "the base's edit list shows its sample {sample} more than once, also where the clip does not belong"
    )]
    BaseShowsTwice {
        /// The first such sample under the clip, counted from 0.
        sample: u32,
    },
}

impl PlaceOption {
    /// Reads the timecode that this option gives.
    ///
    /// # Errors
    /// [`Reason::BadTimecode`].
    pub(in crate::plan) fn timecode(
        self,
        text: &str,
        format: TimecodeFormat,
    ) -> Result<Timecode, Reason> {
        Timecode::parse(text, format).map_err(|error| Reason::BadTimecode {
            option: self,
            text: text.to_owned(),
            error,
        })
    }
}

/// A version in words; `number` is empty if there is none.
pub(in crate::plan) fn version_name(number: &str) -> String {
    if number.is_empty() { "an unnumbered version".to_owned() } else { format!("version {number}") }
}

fn damaged_text(damaged: u64) -> &'static str {
    if damaged == 1 { "is damaged" } else { "are damaged" }
}

fn place_text(frame: u64, timecode: Option<Timecode>) -> String {
    timecode
        .map_or_else(|| format!("frame {frame}"), |timecode| format!("{timecode} (frame {frame})"))
}
