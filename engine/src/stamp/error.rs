//! Why a movie was not stamped.
//!
//! - Out: [`StampError`]; [`StampReason`], by which programs know what is refused.
//! - Not here: advice.

use std::path::PathBuf;

use intercut_io::IoError;

use crate::blank::{BlankReason, WriteError};
use crate::discover::OpenError;
use crate::layout::LayoutError;
use crate::movie::Unsupported;
use crate::timecode::{FrameRate, Timecode};

/// Why a movie was not stamped. The output is what it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// A movie is damaged, no movie, or of a kind that is not handled.
    #[error(transparent)]
    Open(OpenError),
    /// Its frames cannot be stamped, or not with this.
    #[error("{}: {reason}", path.display())]
    Refused {
        /// The movie.
        path: PathBuf,
        /// What it is.
        reason: StampReason,
    },
    /// The result cannot be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// Reading or writing failed, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It was written, and what was read back is not what was made, or could not be checked.
    #[error(transparent)]
    Unproved(WriteError),
}

impl From<WriteError> for StampError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => Self::Io(error),
            error => Self::Unproved(error),
        }
    }
}

impl From<OpenError> for StampError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => Self::Io(error),
            error => Self::Open(error),
        }
    }
}

/// What is refused about a movie that is to be stamped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampReason {
    /// It is not ProRes.
    #[error("it is {codec}; only frames of ProRes can be stamped")]
    Codec {
        /// What it is.
        codec: String,
    },
    /// Something in it would not be right in a copy.
    #[error("it cannot be copied with other frames: {0}")]
    Movie(Unsupported),
    /// It is not complete.
    #[error("it is still being written")]
    Growing,
    /// Its timecode, or the one that was given.
    #[error(transparent)]
    Timecode(BlankReason),
    /// The pictures have no room for the timecode.
    #[error("{width}x{height} pixels are too few to burn the timecode in")]
    TooSmall {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
    /// None of its frames can be stamped.
    #[error("none of its frames can be stamped: {why}")]
    NoFrame {
        /// What is wrong with the first.
        why: String,
    },
    /// A wipe of movies that do not have as many frames.
    #[error("it has {frames} frames, and {} has {base_frames}", base.display())]
    Frames {
        /// Frames of the movie.
        frames: u32,
        /// The movie on the left.
        base: PathBuf,
        /// Frames of that.
        base_frames: u32,
    },
    /// A wipe of movies whose frames last differently.
    #[error("it has {rate} frames per second, and {} has {base_rate}", base.display())]
    Rate {
        /// Frames per second of the movie.
        rate: FrameRate,
        /// The movie on the left.
        base: PathBuf,
        /// Frames per second of that.
        base_rate: FrameRate,
    },
    /// A wipe of movies whose first frames are not the same.
    #[error("its first frame has timecode {first}, that of {} has {base_first}", base.display())]
    OtherTimecode {
        /// Timecode of the movie's first frame.
        first: Timecode,
        /// The movie on the left.
        base: PathBuf,
        /// Timecode of that one's.
        base_first: Timecode,
    },
    /// A wipe of frames whose slices do not fit one another.
    #[error("frame {frame} and that of {} differ in their {what}", base.display())]
    Differs {
        /// Counted from 0, in the order of the file.
        frame: u32,
        /// The movie on the left.
        base: PathBuf,
        /// In what.
        what: &'static str,
    },
    /// A wipe of pictures whose rows are one slice each.
    #[error("its pictures are one slice wide, so they cannot be parted")]
    OneSlice,
}

impl StampReason {
    /// The code by which programs know it: snake case, never changed once released.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Codec { .. } => "codec",
            Self::Movie(_) => "unsupported",
            Self::Growing => "growing",
            Self::Timecode(reason) => reason.code(),
            Self::TooSmall { .. } | Self::OneSlice => "raster",
            Self::NoFrame { .. } => "undecodable",
            Self::Frames { .. } => "frames",
            Self::Rate { .. } => "rate",
            Self::OtherTimecode { .. } => "timecode",
            Self::Differs { .. } => "frame_kind",
        }
    }
}
