//! Why there is no review.
//!
//! - Holds: what cannot be helped by the user's own files is told apart from what can: a program that is missing, one that died.
//! - Not here: advice (the command).

use std::path::PathBuf;

use intercut_io::IoError;
use intercut_io::child::Ended;

use super::encoder::Codec;
use crate::codec;
use crate::discover::OpenError;
use crate::timecode::{FrameRate, Timecode};
use crate::units::FourCc;

/// Why there is no review.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// A movie cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A codec that is not decoded.
    #[error("{}: its codec is {}, and only ProRes is decoded", path.display(), codec::described(*codec))]
    Codec {
        /// The movie.
        path: PathBuf,
        /// Its codec.
        codec: FourCc,
    },
    /// Base and result do not belong together, or there is nothing to show.
    #[error("{}: {reason}", path.display())]
    Refused {
        /// The movie that it is about.
        path: PathBuf,
        /// Why.
        reason: ReviewReason,
    },
    /// The name of the output says no kind of movie.
    #[error("{} is no name of a movie that can be written: it must end in .mp4 or .mov", path.display())]
    Container {
        /// The output.
        path: PathBuf,
    },
    /// A codec that does not go into such a file.
    #[error("{}: ProRes goes into .mov", path.display())]
    ProxyContainer {
        /// The output.
        path: PathBuf,
    },
    /// A side that cannot be encoded.
    #[error("{width}x{height} pixels cannot be encoded: {why}")]
    Size {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
        /// What is wrong with them.
        why: &'static str,
    },
    /// The layout shows a base, and none is known.
    #[error("no base is known to show beside {}", path.display())]
    NoBase {
        /// The result.
        path: PathBuf,
    },
    /// What was replaced is asked for, and nobody knows it.
    #[error("nothing says what was replaced in {}", path.display())]
    NoPlan {
        /// The result.
        path: PathBuf,
    },
    /// There is no FFmpeg.
    #[error("there is no ffmpeg in the folders of PATH, and it is what encodes reviews")]
    NoFfmpeg,
    /// FFmpeg has no encoder that works.
    #[error("{} has no encoder for {} that works{}", program.display(), codec.name(), tried_list(tried))]
    NoEncoder {
        /// FFmpeg.
        program: PathBuf,
        /// What was to be made.
        codec: Codec,
        /// The encoders that it has, and why each of them does not work.
        tried: Vec<(String, String)>,
    },
    /// The encoder ended before it was done, or said that it failed.
    #[error("{} ended early ({}){}", program.display(), ended.status, said(ended))]
    Encoder {
        /// The program.
        program: PathBuf,
        /// How it ended.
        ended: Ended,
    },
    /// The encoder says that it succeeded, but the movie is not whole.
    #[error("{} left a movie with {found} of {expected} pictures", program.display())]
    Incomplete {
        /// The program.
        program: PathBuf,
        /// Pictures of the movie.
        found: u64,
        /// Pictures that it was given.
        expected: u64,
    },
    /// Not even one frame fits into the memory that may be used.
    #[error("{}: a picture needs {needed} bytes of memory, and {budget} may be used", path.display())]
    NoRoom {
        /// The result.
        path: PathBuf,
        /// Bytes for one picture.
        needed: u64,
        /// Bytes that may be used.
        budget: u64,
    },
    /// A file cannot be read or written, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// Why base and result are not shown beside one another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewReason {
    /// Frames of the result that the base does not have.
    #[error("it has {base} frames, and {result} are to be shown beside it")]
    BaseLength {
        /// Frames of the base.
        base: u64,
        /// The frames that are shown, up to the last.
        result: u64,
    },
    /// Frames that last differently.
    #[error("it has {base} frames per second, the result has {result}")]
    BaseRate {
        /// The base's.
        base: FrameRate,
        /// The result's.
        result: FrameRate,
    },
    /// First frames that are not the same.
    #[error("its first frame has timecode {base}, the result's has {result}")]
    BaseTimecode {
        /// The base's.
        base: Timecode,
        /// The result's.
        result: Timecode,
    },
    /// A base that is not the movie that was spliced into.
    #[error(
        "it had {planned} bytes when it was spliced into, and has {found}: it is another movie now"
    )]
    BaseChanged {
        /// Bytes then.
        planned: u64,
        /// Bytes now.
        found: u64,
    },
    /// A base of the same length that is not the movie that was spliced into.
    #[error("it was made anew since it was spliced into: it may be another movie now")]
    BaseMadeAnew,
    /// The base is the result.
    #[error("it is the result itself, and holds nothing of what it was before")]
    BaseIsResult,
    /// A plan of an insert that was not made, or was taken back.
    #[error("nothing tells that what the plan would insert is in it")]
    NotInserted,
    /// A plan that replaces nothing.
    #[error("nothing was replaced in it, so there is nothing to show")]
    NothingReplaced,
    /// Nothing to show at all.
    #[error("it has no frames")]
    NoFrames,
    /// A plan or a run of another movie with as many frames.
    #[error("its frames from {at} on are not those of {}: it was not made by this plan", clip.display())]
    OtherFrames {
        /// Timecode of the first of them.
        at: String,
        /// The clip.
        clip: PathBuf,
    },
    /// A plan of another movie.
    #[error("the plan is of a base with {planned} frames, and it has {found}")]
    OtherPlan {
        /// Frames by the plan.
        planned: u64,
        /// Frames of the result.
        found: u64,
    },
}

impl ReviewReason {
    /// By which programs know it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BaseLength { .. } => "base_length",
            Self::BaseRate { .. } => "base_rate",
            Self::BaseTimecode { .. } => "base_timecode",
            Self::BaseChanged { .. } => "base_changed",
            Self::BaseMadeAnew => "base_made_anew",
            Self::BaseIsResult => "base_is_result",
            Self::NotInserted => "not_inserted",
            Self::NothingReplaced => "nothing_replaced",
            Self::NoFrames => "no_frames",
            Self::OtherFrames { .. } => "other_frames",
            Self::OtherPlan { .. } => "other_plan",
        }
    }
}

/// What became of each encoder.
fn tried_list(tried: &[(String, String)]) -> String {
    tried.iter().map(|(name, why)| format!("; {name}: {why}")).collect()
}

/// The last lines of a program, on one line.
fn said(ended: &Ended) -> String {
    match ended.last_lines.is_empty() {
        true => " and said nothing".to_owned(),
        false => format!("; it said: {}", ended.last_lines.join(" / ")),
    }
}
