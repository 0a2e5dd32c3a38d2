//! Burns timecode into a finished movie, and shows two movies side by side, by putting other slices into its frames.
//!
//! ```text
//! Stamp ─plan─▶ PlannedStamp ─write─▶ StampReport
//! movie,        frames, one by one,   made, synced, named
//! wipe          layout
//! ```
//!
//! Nothing is decoded and nothing is encoded again: a frame is its own bytes, but for the slices under the text, or those left of the
//! wipe ([`crate::picture::surgery`]).
//!
//! - In: a ProRes movie; for a wipe a second one with as many frames of the same kind.
//! - Out: the movie with other frames: sound, timecode, metadata and everything else are the movie's. What was done.
//! - Holds: as for a splice, the result appears complete under its name or not at all. Its frames are not the movie's any more, and
//!   the report says so: it is for looking at, never a master. Frames that are damaged are copied as they are, and told.
//! - Not here: the slices of text (`picture::flat`).

mod error;
mod frames;
mod kept;
mod object;
mod plan;
mod write;

use std::path::{Path, PathBuf};

pub use error::{StampError, StampReason};
pub use frames::{Left, Stamped};
pub use object::StampObject;
pub use plan::PlannedStamp;
pub use write::StampReport;

/// What is burnt into a movie.
#[derive(Debug, Clone)]
pub struct Stamp {
    movie: PathBuf,
    output: PathBuf,
    options: StampOptions,
}

/// How a movie is stamped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StampOptions {
    /// Whether nothing is burnt in, so that there is only a wipe.
    pub no_burn_in: bool,
    /// A line that is burnt in under the name.
    pub text: Option<String>,
    /// The label of the first frame, of a movie that has none.
    pub timecode: Option<String>,
    /// The movie that is shown on the left.
    pub wipe: Option<Wipe>,
}

/// The left part of the pictures, which is another movie's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wipe {
    /// The other movie.
    pub base: PathBuf,
    /// How much of the width it takes, in hundredths; the nearest boundary of slices counts.
    pub percent: u8,
}

impl Stamp {
    /// A copy of `movie` with burnt-in text.
    pub fn new(movie: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        Self { movie: movie.into(), output: output.into(), options: StampOptions::default() }
    }

    /// What is chosen.
    #[must_use]
    pub fn options(mut self, options: StampOptions) -> Self {
        self.options = options;
        self
    }

    /// The movie that is stamped.
    pub fn movie(&self) -> &Path {
        &self.movie
    }

    /// The movie that will be written.
    pub fn output(&self) -> &Path {
        &self.output
    }
}
