//! The pictures of a movie in the order in which they are presented.
//!
//! - In: a movie.
//! - Out: [`Presented`], one for each picture, however many frames it is shown for.
//! - Not here: what the frames are (`movie::frames`).

use std::ops::Range;
use std::sync::Arc;

use crate::movie::Movie;
use crate::movie::frames::{FrameRun, Shown};
use crate::table::{Sample, SampleLocator};
use crate::units::SampleIndex;

/// A picture, and the frames that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Frames of the movie's timeline. Two pictures that crowd a frame both have it.
    pub frames: Range<u64>,
    /// Its sample.
    pub sample: Sample,
}

/// Every picture of a movie, in the order in which they are presented.
///
/// - Cost: one pass over the samples before the first one.
pub fn presented(movie: &Movie) -> impl Iterator<Item = Presented> + Clone + '_ {
    let locator = Arc::new(movie.table(movie.video()).locator());
    movie.frames().runs.iter().flat_map(move |run| of_run(&locator, run))
}

/// The picture that a frame shows, the first one if there are two; `None` if it shows nothing.
///
/// - Cost: one pass over the chunks.
pub fn presented_at(movie: &Movie, frame: u64) -> Option<Presented> {
    let (sample, frames) = shown_at(movie, frame)?;
    let sample = movie.table(movie.video()).samples_from(sample).next()?;
    Some(Presented { frames, sample })
}

/// The same for many frames, in their order.
///
/// - Cost: one pass over the samples, and a short search for each frame.
pub fn presented_each(movie: &Movie, frames: &[u64]) -> Vec<Option<Presented>> {
    let pictures = PictureFinder::of(movie);
    frames.iter().map(|frame| pictures.presented(*frame)).collect()
}

/// The sample that a frame shows, and the frames that show it.
fn shown_at(movie: &Movie, frame: u64) -> Option<(SampleIndex, Range<u64>)> {
    let runs = &movie.frames().runs;
    let behind = runs.partition_point(|run| run.first_frame <= frame);
    let run = runs.get(behind.checked_sub(1)?).filter(|run| frame < end(run))?;
    Some(match run.shown {
        Shown::Samples(first) => {
            let into = u32::try_from(frame - run.first_frame).ok()?;
            (SampleIndex(first.0.checked_add(into)?), frame..frame + 1)
        }
        shown => (shown.first_sample()?, run.first_frame..end(run)),
    })
}

/// Finds the pictures of frames in any order.
#[derive(Debug, Clone)]
pub struct PictureFinder<'a> {
    movie: &'a Movie,
    locator: SampleLocator<'a>,
}

impl<'a> PictureFinder<'a> {
    /// - Cost: one pass over the chunks.
    pub fn of(movie: &'a Movie) -> Self {
        Self { movie, locator: movie.table(movie.video()).locator() }
    }

    /// The sample that a frame shows, the first one if there are two; `None` if it shows nothing.
    ///
    /// - Cost: a search in the runs, and a few samples.
    pub fn at(&self, frame: u64) -> Option<Sample> {
        self.presented(frame).map(|picture| picture.sample)
    }

    /// The same, with the frames that show it.
    pub fn presented(&self, frame: u64) -> Option<Presented> {
        let (sample, frames) = shown_at(self.movie, frame)?;
        let sample = self.locator.samples_from(sample).next()?;
        Some(Presented { frames, sample })
    }
}

fn end(run: &FrameRun) -> u64 {
    run.first_frame + run.frame_count
}

fn of_run<'a>(
    locator: &SampleLocator<'a>,
    run: &FrameRun,
) -> impl Iterator<Item = Presented> + Clone + use<'a> {
    let (first, count, second) = match run.shown {
        Shown::Samples(first) => (first, run.frame_count, None),
        Shown::Held(held) => (held, 1, None),
        Shown::Crowded { first, second } => (first, 1, Some(second)),
        Shown::Nothing => (SampleIndex(0), 0, None),
    };
    let each = run.frame_count / count.max(1);
    let samples = locator.samples_from(first).take(usize::try_from(count).unwrap_or(usize::MAX));
    let begins = (run.first_frame..).step_by(usize::try_from(each.max(1)).unwrap_or(usize::MAX));
    let whole = run.first_frame..end(run);
    let firsts = samples
        .zip(begins)
        .map(move |(sample, begin)| Presented { frames: begin..begin + each, sample });
    let second = second.and_then(|second| locator.samples_from(second).next());
    firsts.chain(second.map(|sample| Presented { frames: whole, sample }))
}
