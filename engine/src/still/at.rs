//! Which frame is meant: by its number or by its timecode.
//!
//! - In: a text.
//! - Out: [`At`], and the frame of a movie.
//! - Holds: a label that the movie has twice is refused with both frames.
//! - Not here: what the frame shows.

use std::convert::Infallible;
use std::str::FromStr;

use crate::movie::Movie;
use crate::timecode::{Timecode, TimecodeError};

/// Which frame is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// By its number, from 0 at the first picture of the movie.
    Frame(u64),
    /// By its label.
    Timecode(String),
}

/// A number is a frame, everything else a timecode.
impl FromStr for At {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.parse().map_or_else(|_| Self::Timecode(text.to_owned()), Self::Frame))
    }
}

/// Why there is no such frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoFrame {
    /// A number past the last frame.
    #[error("there is no frame {frame}: it has {frames}, counted from 0")]
    Outside {
        /// The frame that was asked for.
        frame: u64,
        /// Frames of the movie.
        frames: u64,
    },
    /// A label in a movie without any.
    #[error("it has no timecode")]
    NoTimecode,
    /// A text that is no label of the movie's kind.
    #[error(transparent)]
    BadTimecode(#[from] TimecodeError),
    /// A label that no frame has.
    #[error("no frame has timecode {timecode}: the first has {first}, the last {last}")]
    NotThere {
        /// The label.
        timecode: Timecode,
        /// The first picture's.
        first: Timecode,
        /// The last one's.
        last: Timecode,
    },
    /// A label that several frames have.
    #[error("frames {first} and {second} both have timecode {timecode}")]
    Ambiguous {
        /// The label.
        timecode: Timecode,
        /// The first frame that has it.
        first: u64,
        /// The next one.
        second: u64,
    },
    /// A frame of an empty edit.
    #[error("frame {frame} shows no picture")]
    Nothing {
        /// The frame.
        frame: u64,
    },
}

impl At {
    /// The frame of the movie's timeline that is meant.
    ///
    /// # Errors
    /// [`NoFrame`].
    pub fn find(&self, movie: &Movie) -> Result<u64, NoFrame> {
        let presented = movie.frames().presented();
        let frames = presented.end - presented.start;
        let text = match self {
            At::Frame(frame) if *frame < frames => return Ok(presented.start + frame),
            At::Frame(frame) => return Err(NoFrame::Outside { frame: *frame, frames }),
            At::Timecode(text) => text,
        };
        let format = movie.timecode_format().ok_or(NoFrame::NoTimecode)?;
        let timecode = Timecode::parse(text, format)?;
        let found = movie.frames_at(timecode);
        let found: Vec<u64> = found.into_iter().filter(|it| presented.contains(it)).collect();
        match found[..] {
            [frame] => Ok(frame),
            [first, second, ..] => {
                let [first, second] = [first, second].map(|frame| frame - presented.start);
                Err(NoFrame::Ambiguous { timecode, first, second })
            }
            [] => {
                let ends = [presented.start, presented.end.saturating_sub(1)];
                match ends.map(|frame| movie.timecode_at(frame)) {
                    [Some(first), Some(last)] => Err(NoFrame::NotThere { timecode, first, last }),
                    _ => Err(NoFrame::NoTimecode),
                }
            }
        }
    }
}
