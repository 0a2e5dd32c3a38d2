//! Writes a stamped movie.
//!
//! - In: [`PlannedStamp`], how it is written.
//! - Out: the movie, durable under its name, and [`StampReport`].
//! - Holds: if it fails, an existing output is untouched; the movies that it is made of have not changed.
//! - Not here: how bytes move (`intercut_io`).

use std::path::PathBuf;
use std::time::Duration;

use intercut_io::{Control, Outcome};

use super::error::StampError;
use super::frames::Stamped;
use super::plan::PlannedStamp;
use crate::blank::{MadeMovie, WriteOptions};

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
    /// Its length.
    pub bytes: u64,
    /// How many of its frames are not the movie's any more.
    pub stamped: Stamped,
    /// Opening and layout; creating, frames and headers; making it durable and giving it its name.
    pub times: [Duration; 3],
    /// Which routes the bytes took.
    pub copied: Outcome,
    /// Bytes that were allowed for staging.
    pub memory_budget: u64,
    /// The peak of what the process allocated.
    pub rss_anonymous_peak: u64,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl PlannedStamp {
    /// Writes the movie and gives it its name.
    ///
    /// - `control`: counts the bytes that are put in place.
    ///
    /// # Errors
    /// [`StampError::Io`]; the target is then gone, and an existing output is untouched.
    pub fn write(
        self,
        options: WriteOptions,
        control: &Control,
    ) -> Result<StampReport, StampError> {
        let Self { stamp, stamped, frames, sources, layout, warnings, setup } = self;
        let schedule = layout.schedule();
        let movie = MadeMovie {
            output: &stamp.output,
            schedule,
            sources: &sources,
            files: &sources[..1],
            frames: frames.sizes.len() as u64,
        };
        let written = movie.write(options, control, || {
            sources[0].check_unchanged()?;
            frames.check_unchanged()
        })?;
        let [render, sync] = written.times;
        Ok(StampReport {
            base: stamp.options.wipe.map(|wipe| wipe.base),
            movie: stamp.movie,
            output: stamp.output,
            bytes: schedule.len(),
            stamped,
            times: [setup, render, sync],
            copied: written.copied,
            memory_budget: options.memory_budget,
            rss_anonymous_peak: written.rss_anonymous_peak,
            warnings,
        })
    }
}
