//! Writes a stamped movie.
//!
//! - In: [`PlannedStamp`], how it is written.
//! - Out: the movie, durable under its name and proved as far as that is asked for, and [`StampReport`].
//! - Holds: if it fails, an existing output is untouched; the movies that it is made of have not changed.
//! - Not here: how bytes move (`intercut_io`).

use std::path::PathBuf;

use intercut_io::{Control, ReadExactAt};

use super::error::StampError;
use super::frames::Stamped;
use super::plan::PlannedStamp;
use crate::blank::{MadeMovie, WriteOptions, Written};
use crate::movie::Movie;

/// What was made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StampReport {
    /// The movie that was stamped.
    pub movie: PathBuf,
    /// The movie on the left, if there is one.
    pub base: Option<PathBuf>,
    /// The movie that was written.
    pub output: PathBuf,
    /// How many of its frames are not the movie's any more.
    pub stamped: Stamped,
    /// How it was written.
    pub written: Written,
    /// Slices outside the text and the wipe that were read back, each by the table of its frame, and compared with the movie's;
    /// 0 if nothing was verified.
    pub slices_checked: u64,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl PlannedStamp {
    /// Writes the movie and gives it its name.
    ///
    /// - `control`: counts the bytes that are put in place; then those that are read back.
    ///
    /// # Errors
    /// [`StampError::Io`], [`StampError::Unproved`]; the target is then gone, and an existing output is untouched.
    pub fn write(
        self,
        options: WriteOptions,
        control: &Control,
    ) -> Result<StampReport, StampError> {
        let Self { stamp, stamped, frames, sources, layout, warnings, setup } = self;
        let movie = MadeMovie {
            output: &stamp.output,
            schedule: layout.schedule(),
            sources: &sources,
            files: &sources[..1],
            frames: frames.sizes.len() as u64,
            setup,
        };
        let mut slices_checked = 0;
        let kept = |movie: &Movie, read: &ReadExactAt<'_>| {
            frames.first_slice_lost(movie, read, &mut slices_checked, control)
        };
        let written = movie.write(options, control, kept, || {
            sources[0].check_unchanged()?;
            frames.check_unchanged()
        })?;
        let base = stamp.options.wipe.map(|wipe| wipe.base);
        let (movie, output) = (stamp.movie, stamp.output);
        Ok(StampReport { movie, base, output, stamped, written, slices_checked, warnings })
    }
}
