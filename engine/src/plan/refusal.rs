//! Why a plan is refused: every reason for every clip, with both values and what to do about it.
//!
//! - In: what `compatible`, `place`, `overlap` and `samples` found.
//! - Out: [`PlanError`], a list of [`Refusal`]s in a fixed order, whatever the order of arguments.
//! - Not here: differences that matter only to the eye (warnings of the plan).

use std::fmt;
use std::path::PathBuf;

use crate::codec::Difference;
use crate::timecode::{FrameRate, Timecode, TimecodeError};
use crate::units::FourCc;

/// The plan cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub struct PlanError {
    /// Every reason for every file: what concerns the base and the options first, then clips by name. Never empty.
    pub refusals: Vec<Refusal>,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refusals.len() {
            1 => f.write_str("the plan is refused:")?,
            count => write!(f, "the plan is refused for {count} reasons:")?,
        }
        for refusal in &self.refusals {
            write!(f, "\n  {refusal}")?;
        }
        Ok(())
    }
}

/// One reason why one file cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The clip or the base; for an option that names no file, the name that it gave.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}

/// What is wrong with one file. Frames are counted from 0; ranges are `first..end`, the end exclusive.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The codec is none of the ProRes family.
    #[error("its codec is {codec:?}, not ProRes")]
    NotProRes {
        /// What it is instead.
        codec: FourCc,
    },
    /// Pictures that are not like the base's.
    #[error(transparent)]
    Differs(Difference),
    /// Another frame rate.
    #[error("its frame rate is {}, the base's is {}", RateText(*clip), RateText(*base))]
    Rate {
        /// The clip's.
        clip: FrameRate,
        /// The base's.
        base: FrameRate,
    },
    /// Timecode that counts at another rate.
    #[error("its timecode counts {} frames a second, the base's counts {}", RateText(*clip), RateText(*base))]
    TimecodeRate {
        /// The clip's.
        clip: FrameRate,
        /// The base's.
        base: FrameRate,
    },
    /// Drop frame against non-drop.
    #[error("its timecode is {}, the base's is {}", drop_text(*clip), drop_text(!*clip))]
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
    #[error("{option} {text:?}: {error}")]
    BadTimecode {
        /// The option.
        option: &'static str,
        /// What was given.
        text: String,
        /// What is wrong with it.
        error: TimecodeError,
    },
    /// `--at` names something that is not among the clips.
    #[error("--at names it, but no clip has that file name")]
    AtNamesNoClip,
    /// `--at` names several clips.
    #[error("--at names it, but {count} clips have that file name")]
    AtNamesSeveral {
        /// How many.
        count: usize,
    },
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
         by {head} frames before and {tail} after"
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
    /// The same timecode stands at several places of the base.
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
    #[error("it overlaps {} from {record_in} to {record_out} ({frames} frames)", other.display())]
    Overlaps {
        /// The other clip.
        other: PathBuf,
        /// First base timecode that both claim.
        record_in: Timecode,
        /// The one after the last.
        record_out: Timecode,
        /// How many frames.
        frames: u64,
    },
    /// Frames are claimed by two VFX clips, of which neither may be cut.
    #[error(
        "it and {} are both VFX and overlap from {record_in} to {record_out} ({frames} frames)",
        other.display()
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
    #[error("it has {frames} frames, and {handles} handle frames at each end leave none")]
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
        option: &'static str,
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
    /// A base sample that is no single frame does not match what the clip has there.
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
    /// A clip sample that is no single frame stands where the base has several samples.
    #[error(
        "it holds one sample over its frames {first}..{end}, where the base has a sample for each frame"
    )]
    ClipHoldsSample {
        /// The first clip frame of that sample.
        first: u64,
        /// The one after the last.
        end: u64,
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

impl Reason {
    /// What a person can do about it: one sentence, without the full stop.
    pub fn advice(&self) -> &'static str {
        match self {
            Reason::NotProRes { .. } => "only ProRes can be spliced for now: render it as ProRes",
            Reason::Differs(difference) => of_difference(difference),
            Reason::Rate { .. } => "render the clip again at the base's frame rate",
            Reason::TimecodeRate { .. } => "place the clip by record timecode with --at",
            Reason::DropFrame { .. } => {
                "check which of the two is right; --at places the clip by record timecode instead of its own"
            }
            Reason::NoTimecode => "place the clip by record timecode with --at",
            Reason::BaseWithoutTimecode => {
                "say which timecode the base starts at with --base-timecode"
            }
            Reason::BaseHasTimecode { .. } => {
                "leave out --base-timecode, which is for a base without timecode"
            }
            Reason::BadTimecode { .. } => {
                "write HH:MM:SS:FF, or HH:MM:SS;FF where the base's timecode is drop frame"
            }
            Reason::AtNamesNoClip => "write the file name as it is, without folders",
            Reason::AtNamesSeveral { .. } => "rename one of them, or leave it out",
            Reason::TimecodeJumps { .. } => {
                "render it as one continuous shot, or place it by record timecode with --at"
            }
            Reason::OutsideBase { .. } => {
                "check that the clip belongs to this base, or leave it out"
            }
            Reason::SticksOut { .. } => {
                "pass --clip-edges trim to use only the part inside, or --handles if these are handles"
            }
            Reason::AmbiguousPlace { .. } => {
                "the base's timecode repeats: no place can be told from timecode alone"
            }
            Reason::BetweenFrames { .. } => "place the clip at a whole frame with --at",
            Reason::SameFile { .. } => "give each clip once",
            Reason::BothRanks { .. } => "give it once: among the clips, or as VFX",
            Reason::IsBase => "leave the base out of the clips",
            Reason::Overlaps { .. } => {
                "say who wins with --overlap last or --overlap first, or leave one out"
            }
            Reason::VfxOverlap { .. } => {
                "leave one out: VFX clips are never cut, whatever --overlap says"
            }
            Reason::HandlesTooLong { .. } => "pass fewer --handles, or leave the clip out",
            Reason::SourceRange { .. } => {
                "source_in counts from 0, and source_out is the frame after the last one that is used"
            }
            Reason::NoSuchFrame { .. } => {
                "name a frame by the clip's own timecode, or by its number"
            }
            Reason::OptionsForNoClip => "write the path as it stands among the clips",
            Reason::NoFrames => "leave the clip out",
            Reason::BaseShowsNothing { .. } | Reason::BaseShowsTwice { .. } => {
                "render the base again as one simple timeline"
            }
            Reason::BaseHoldsSample { .. } => {
                "render the base again with one sample for every frame"
            }
            Reason::ClipShowsNothing { .. } => "render the clip again as one simple timeline",
            Reason::ClipHoldsSample { .. } => {
                "render the clip again with one sample for every frame"
            }
        }
    }
}

fn of_difference(difference: &Difference) -> &'static str {
    match difference {
        Difference::Codec { .. } => "render the clip again with the base's kind of ProRes",
        Difference::Size { .. } => "render the clip again at the base's size",
        Difference::Fields { .. } => {
            "render the clip again with the base's field order, or pass --allow field-order"
        }
        Difference::Alpha { .. } => "render the clip again as the base is, or pass --allow alpha",
        _ => "render the clip again as the base is",
    }
}

/// Prints a rate for people: `25`, `30000/1001`.
struct RateText(FrameRate);

impl fmt::Display for RateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.denominator() {
            1 => write!(f, "{}", self.0.numerator()),
            denominator => write!(f, "{}/{denominator}", self.0.numerator()),
        }
    }
}

fn drop_text(drop_frame: bool) -> &'static str {
    if drop_frame { "drop frame" } else { "non-drop" }
}
