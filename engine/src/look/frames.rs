//! The pictures of a movie by their frames, for whoever asks for many.
//!
//! - In: a movie. Out: [`FramePictures`].
//! - Holds: asking costs a search among the runs of frames, not a walk over the movie.
//! - Not here: all pictures in order (`presented`).

use super::Presented;
use crate::movie::Movie;
use crate::movie::frames::{FrameRun, Shown};
use crate::table::SampleLocator;
use crate::units::SampleIndex;

/// Finds the pictures of a movie.
#[derive(Debug)]
pub struct FramePictures<'m> {
    runs: &'m [FrameRun],
    locator: SampleLocator<'m>,
}

impl<'m> FramePictures<'m> {
    /// Cost: one pass over the samples.
    pub fn of(movie: &'m Movie) -> Self {
        Self { runs: &movie.frames().runs, locator: movie.table(movie.video()).locator() }
    }

    /// The picture that a frame shows, the first one if there are two; `None` if it shows nothing.
    pub fn at(&self, frame: u64) -> Option<Presented> {
        let behind = self.runs.partition_point(|run| run.first_frame <= frame);
        let run = self.runs.get(behind.checked_sub(1)?)?;
        let end = run.first_frame + run.frame_count;
        if frame >= end {
            return None;
        }
        let (sample, frames) = match run.shown {
            Shown::Samples(first) => {
                let into = u32::try_from(frame - run.first_frame).ok()?;
                (SampleIndex(first.0.checked_add(into)?), frame..frame + 1)
            }
            shown => (shown.first_sample()?, run.first_frame..end),
        };
        let sample = self.locator.samples_from(sample).next()?;
        Some(Presented { frames, sample })
    }
}
