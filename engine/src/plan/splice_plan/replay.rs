//! Whether a plan can be carried out again: its files are still the ones that were planned.
//!
//! - In: a plan, and the facts of the movies as they are now.
//! - Out: nothing, or a [`ReplayError`].
//! - Not here: whether the plan contradicts itself (`json`).

use std::path::PathBuf;

use super::super::facts::MovieFacts;
use super::forms;
use super::{FileStamp, SplicePlan};

/// Why a plan cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The text is not a plan, or one that contradicts itself.
    #[error("this is not a plan that can be replayed: {detail}")]
    Unreadable {
        /// What is wrong with it, and in which line.
        detail: String,
    },
    /// Not as many clips as the plan has.
    #[error("the plan has {planned} clips, but {found} were opened")]
    ClipCount {
        /// Clips of the plan.
        planned: usize,
        /// Clips that were opened.
        found: usize,
    },
    /// A file is not the one that the plan was made for.
    #[error("{} is not the file that was planned: its {what} was {planned} and is {found}", path.display())]
    FileChanged {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// Its value in the plan.
        planned: String,
        /// Its value now.
        found: String,
    },
}

impl SplicePlan {
    /// Checks that these are the movies that the plan was made for: length, time of change, samples, frames, format.
    ///
    /// - `clips`: in the order of [`SplicePlan::clips`].
    ///
    /// # Errors
    /// [`ReplayError::FileChanged`] for the first file that differs, [`ReplayError::ClipCount`].
    pub fn check_against(
        &self,
        base: &MovieFacts<'_>,
        clips: &[MovieFacts<'_>],
    ) -> Result<(), ReplayError> {
        if clips.len() != self.clips.len() {
            return Err(ReplayError::ClipCount { planned: self.clips.len(), found: clips.len() });
        }
        self.check_file(base, self.base.identity, self.base.samples)?;
        let changed = |what, planned, found| changed(base, what, planned, found);
        changed("number of frames", self.base.frames, base.frames.frame_count())?;
        for (planned, clip) in self.clips.iter().zip(clips) {
            self.check_file(clip, planned.identity, planned.samples)?;
        }
        Ok(())
    }

    fn check_file(
        &self,
        movie: &MovieFacts<'_>,
        stamp: FileStamp,
        samples: u32,
    ) -> Result<(), ReplayError> {
        let now = FileStamp::of(&movie.identity);
        changed(movie, "length in bytes", stamp.len, now.len)?;
        changed(movie, "number of samples", samples, movie.sample_count)?;
        changed(movie, "codec", self.base.codec, movie.format.description.codec)?;
        changed(movie, "width", self.base.width, movie.format.description.width)?;
        changed(movie, "height", self.base.height, movie.format.description.height)?;
        changed(
            movie,
            "frame rate",
            forms::text_of(self.base.rate),
            forms::text_of(movie.format.rate),
        )?;
        changed(movie, "time of last change (ns since 1970)", stamp.mtime_ns, now.mtime_ns)
    }
}

fn changed<T: PartialEq + ToString>(
    movie: &MovieFacts<'_>,
    what: &'static str,
    planned: T,
    found: T,
) -> Result<(), ReplayError> {
    if planned == found {
        return Ok(());
    }
    Err(ReplayError::FileChanged {
        path: movie.path.to_owned(),
        what,
        planned: planned.to_string(),
        found: found.to_string(),
    })
}
