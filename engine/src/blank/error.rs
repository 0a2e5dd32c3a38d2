//! Why a blank was not made.
//!
//! - Out: [`BlankError`]; [`BlankReason`], by which programs know what is refused.
//! - Not here: advice.

use std::path::PathBuf;

use intercut_io::IoError;

use crate::discover::OpenError;
use crate::movie::Unsupported;
use crate::picture::flat::FlatError;
use crate::timecode::{FrameRate, Timecode, TimecodeError};
use crate::verify::{MadeDifference, VerifyError};

/// Why a blank was not made. The output is what it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlankError {
    /// The source is damaged, no movie, or of a kind that is not handled.
    #[error(transparent)]
    Open(OpenError),
    /// Something about the source is not known, or cannot be made.
    #[error("{}: {reason}", path.display())]
    Refused {
        /// The source; the output, if there is none.
        path: PathBuf,
        /// What it is.
        reason: BlankReason,
    },
    /// Reading or writing failed, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It was written, and what was read back is not what was made, or could not be checked.
    #[error(transparent)]
    Unproved(WriteError),
}

impl From<WriteError> for BlankError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) => Self::Io(error),
            error => Self::Unproved(error),
        }
    }
}

impl From<OpenError> for BlankError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => Self::Io(error),
            error => Self::Open(error),
        }
    }
}

/// What is refused about a blank.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlankReason {
    /// The source is not ProRes, and nobody says which flavour the blank shall be.
    #[error("it is {codec}, so it does not say which flavour of ProRes the blank has to be")]
    Codec {
        /// What the source is.
        codec: String,
    },
    /// Its pictures do not last equally long.
    #[error("its frame rate is variable: at frame {frame} a picture does not last one frame")]
    VariableRate {
        /// Counted from 0.
        frame: u64,
    },
    /// Somewhere between its pictures there is none.
    #[error("it shows nothing at frame {frame}, between its pictures")]
    NoPicture {
        /// Counted from 0.
        frame: u64,
    },
    /// It has no pictures at all, or more than can be counted.
    #[error("it has {frames} frames")]
    Frames {
        /// How many.
        frames: u64,
    },
    /// Its timecode does not run on from the first frame.
    #[error("its timecode jumps to {timecode} at frame {frame}")]
    TimecodeJumps {
        /// Counted from 0.
        frame: u64,
        /// The label there.
        timecode: Timecode,
    },
    /// Its timecode does not count its pictures.
    #[error("its timecode counts {timecode} frames a second, its pictures run at {pictures}")]
    TimecodeRate {
        /// The timecode's rate.
        timecode: FrameRate,
        /// The pictures'.
        pictures: FrameRate,
    },
    /// It has a timecode other than the one that was given.
    #[error("its timecode is {own}, and {given} was given")]
    OtherTimecode {
        /// Its own.
        own: Timecode,
        /// The given one.
        given: Timecode,
    },
    /// The timecode that was given is none.
    #[error(transparent)]
    Timecode(TimecodeError),
    /// Numbers cannot be dropped at this rate.
    #[error("there is no drop frame at {rate} frames a second")]
    DropFrame {
        /// The rate.
        rate: FrameRate,
    },
    /// It is not complete.
    #[error("it is still being written, so its length is not known")]
    Growing,
    /// A sound track that cannot be copied.
    #[error("its sound cannot be copied: {0}")]
    Sound(Unsupported),
    /// Sound that refers to the same bytes again and again, so that a copy of it would be longer than the movie.
    #[error("its sound cannot be copied: the chunks of track {track} lie on top of one another")]
    SoundShared {
        /// The track.
        track: u32,
    },
    /// There is no such frame.
    #[error(transparent)]
    Frame(FlatError),
}

impl BlankReason {
    /// The code by which programs know it: snake case, never changed once released.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Codec { .. } => "codec",
            Self::VariableRate { .. } => "variable_rate",
            Self::NoPicture { .. } => "no_picture",
            Self::Frames { .. } => "frames",
            Self::TimecodeJumps { .. } => "timecode_jumps",
            Self::TimecodeRate { .. } => "timecode_rate",
            Self::OtherTimecode { .. } => "other_timecode",
            Self::Timecode(_) => "timecode",
            Self::DropFrame { .. } => "drop_frame",
            Self::Growing => "growing",
            Self::Sound(_) | Self::SoundShared { .. } => "sound",
            Self::Frame(_) => "raster",
        }
    }
}

/// Why a movie of made frames was not written, or is not what was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Reading or writing failed, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
    /// What was written could not be checked.
    #[error(transparent)]
    Verify(VerifyError),
    /// What was read back is not what was made.
    #[error("what was written for {} is not what was made: {first}{}", path.display(), of_samples(*mismatches))]
    Differs {
        /// The output.
        path: PathBuf,
        /// Where.
        first: MadeDifference,
        /// How many samples differ.
        mismatches: u64,
    },
}

impl From<VerifyError> for WriteError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Io(error) => Self::Io(error),
            error => Self::Verify(error),
        }
    }
}

/// ` (the first of 12 samples)`.
fn of_samples(mismatches: u64) -> String {
    if mismatches > 1 { format!(" (the first of {mismatches} samples)") } else { String::new() }
}
