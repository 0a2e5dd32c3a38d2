//! Makes blanks: black movies of ProRes as long as a camera original, with its timecode burnt in, into which graded shots are
//! spliced.
//!
//! ```text
//! Blank ─plan─▶ PlannedBlank ─write─▶ BlankReport
//! movie or      facts, frames,        made, synced, named
//! numbers       schedule
//! ```
//!
//! No picture is encoded: a frame is put together from slices that were coded once ([`crate::picture::flat`]).
//!
//! - In: a movie of any codec whose header can be read, or numbers.
//! - Out: a movie with one video track and one timecode track, on request with the movie's sound; and what was done.
//! - Holds: as for a splice, the movie appears complete under its name or not at all; nothing is created before
//!   [`PlannedBlank::write`]. The same facts give the same bytes.
//! - Not here: the frames (`picture`), splicing.

mod error;
mod facts;
#[cfg(test)]
pub(crate) mod fake;
mod flavor;
pub(crate) mod header;
mod many;
mod media;
mod object;
mod plan;
mod sound;
mod tracks;
mod write;

use std::path::{Path, PathBuf};

pub use error::{BlankError, BlankReason, WriteError};
pub use facts::BlankFacts;
pub(crate) use facts::label_of_first;
pub use flavor::Flavor;
pub use many::write_all;
pub use object::{BlankObject, BlanksObject};
#[cfg(test)]
pub(crate) use plan::movie_of;
pub use plan::{PlannedBlank, Standing};
pub(crate) use write::MadeMovie;
pub use write::{BlankReport, WriteOptions, Written};

use crate::codec::color::ColorCodes;
use crate::timecode::FrameRate;

/// A blank that is to be made.
#[derive(Debug, Clone)]
pub struct Blank {
    like: Like,
    output: PathBuf,
    options: BlankOptions,
}

/// What a blank is like.
#[derive(Debug, Clone)]
enum Like {
    Movie(PathBuf),
    Numbers(Numbers),
}

/// A blank in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// Pixels across and down.
    pub raster: (u16, u16),
    /// The flavour of ProRes.
    pub flavor: Flavor,
    /// Frames per second.
    pub rate: FrameRate,
    /// How many frames.
    pub frames: u64,
    /// Whether numbers of the timecode are dropped.
    pub drop_frame: bool,
    /// The label of the first frame.
    pub timecode: String,
    /// The reel.
    pub reel: Option<String>,
}

/// What of a blank is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlankOptions {
    /// The flavour of ProRes; the movie's own if it is ProRes and nothing is said.
    pub flavor: Option<Flavor>,
    /// Whether the frames are left black.
    pub no_burn_in: bool,
    /// A line that is burnt in under the name.
    pub text: Option<String>,
    /// The label of the first frame, of a movie that has none.
    pub timecode: Option<String>,
    /// Its colour, instead of the movie's.
    pub color: Option<ColorCodes>,
    /// Whether the movie's sound is copied.
    pub sound: bool,
}

impl Blank {
    /// A blank like a movie.
    pub fn of_movie(movie: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        let options = BlankOptions::default();
        Self { like: Like::Movie(movie.into()), output: output.into(), options }
    }

    /// A blank in numbers.
    pub fn of_numbers(numbers: Numbers, output: impl Into<PathBuf>) -> Self {
        let options = BlankOptions::default();
        Self { like: Like::Numbers(numbers), output: output.into(), options }
    }

    /// What is chosen.
    #[must_use]
    pub fn options(mut self, options: BlankOptions) -> Self {
        self.options = options;
        self
    }

    /// The movie that it will be like.
    pub fn source(&self) -> Option<&Path> {
        match &self.like {
            Like::Movie(path) => Some(path),
            Like::Numbers(_) => None,
        }
    }

    /// The movie that will be written.
    pub fn output(&self) -> &Path {
        &self.output
    }
}
