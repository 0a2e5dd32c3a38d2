//! Writes a blank.
//!
//! - In: [`PlannedBlank`], how it is written.
//! - Out: the movie, durable under its name, and [`BlankReport`].
//! - Holds: if it fails, an existing output is untouched; the movie that it is like has not changed.
//! - Not here: how bytes move (`intercut_io`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use intercut_io::interval::PHASE;
use intercut_io::process::RssSampler;
use intercut_io::{
    Control, CopyOptions, IoError, Outcome, Phase, Replace, RouteChoice, Schedule, Source, Target,
    Work, execute,
};
use tracing::debug_span;

use super::error::BlankError;
use super::facts::BlankFacts;
use super::plan::PlannedBlank;

/// How a blank is written.
#[derive(Debug, Clone, Copy)]
pub struct WriteOptions {
    /// Whether an existing output may be replaced.
    pub replace: Replace,
    /// Which route the bytes take.
    pub route: RouteChoice,
    /// Bytes for staging.
    pub memory_budget: u64,
}

/// What was made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BlankReport {
    /// The movie that it is like.
    pub source: Option<PathBuf>,
    /// The movie that was written.
    pub output: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// What it is.
    pub facts: BlankFacts,
    /// Opening and layout; creating, frames and headers; making it durable and giving it its name.
    pub times: [Duration; 3],
    /// Which routes the bytes took.
    pub copied: Outcome,
    /// Bytes that were allowed for staging.
    pub memory_budget: u64,
    /// The peak of what the process allocated.
    pub rss_anonymous_peak: u64,
}

impl PlannedBlank {
    /// Writes the movie and gives it its name.
    ///
    /// - `control`: counts the bytes that are put in place.
    ///
    /// # Errors
    /// [`BlankError::Io`]; the target is then gone, and an existing output is untouched.
    pub fn write(
        self,
        options: WriteOptions,
        control: &Control,
    ) -> Result<BlankReport, BlankError> {
        let Self { blank, facts, sources, schedule, setup, .. } = self;
        let (output, schedule, frames) = (&blank.output, &schedule, facts.frames.into());
        // Behind the frames: what it is like, which must not be the target, and must not change.
        let files = &sources[1..];
        let movie = MadeMovie { output, schedule, sources: &sources, files, frames };
        let unchanged = || files.iter().try_for_each(Source::check_unchanged);
        let written = movie.write(options, control, unchanged)?;
        let [render, sync] = written.times;
        Ok(BlankReport {
            source: blank.source().map(PathBuf::from),
            output: blank.output,
            bytes: schedule.len(),
            facts,
            times: [setup, render, sync],
            copied: written.copied,
            memory_budget: options.memory_budget,
            rss_anonymous_peak: written.rss_anonymous_peak,
        })
    }
}

/// Bytes for staging, at most. What is made is written at once, and slabs that come back soon are still in the processor's caches:
/// with 64 MiB a blank rush took a fifth longer.
const STAGING_MAX: u64 = 16 << 20;

/// A movie whose frames are made while it is written.
pub(crate) struct MadeMovie<'a> {
    pub(crate) output: &'a Path,
    pub(crate) schedule: &'a Schedule,
    pub(crate) sources: &'a [Source],
    /// Those that are files, and so must not be the output.
    pub(crate) files: &'a [Source],
    pub(crate) frames: u64,
}

/// What writing a movie took.
pub(crate) struct Written {
    /// Creating it and putting every byte in place; making it durable and giving it its name.
    pub(crate) times: [Duration; 2],
    pub(crate) copied: Outcome,
    pub(crate) rss_anonymous_peak: u64,
}

impl MadeMovie<'_> {
    /// Writes the movie and gives it its name.
    ///
    /// - `unchanged`: whether what it is made of is still what it was; asked before the movie has its name.
    ///
    /// # Errors
    /// [`IoError`]; the target is then gone, and an existing output is untouched.
    pub(crate) fn write(
        &self,
        options: WriteOptions,
        control: &Control,
        unchanged: impl FnOnce() -> Result<(), IoError>,
    ) -> Result<Written, IoError> {
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let Self { output, schedule, sources, files, frames } = *self;
        let bytes = schedule.len();
        control.progress.begin(Work { bytes_to_write: bytes, bytes_to_verify: 0, frames });
        let WriteOptions { replace, route, memory_budget } = options;
        let mut target = Target::create(output, replace, files)?;
        let memory_budget = memory_budget.min(STAGING_MAX);
        let copy = CopyOptions { route, memory_budget, sources_wanted_again: false };
        let rendering = debug_span!(target: PHASE, "render", bytes).entered();
        let copied = execute(schedule, sources, &mut target, &copy, control)?;
        drop(rendering);
        let render = start.elapsed();
        control.cancel.check()?;
        control.progress.enter(Phase::Syncing, 0);
        target.sync()?;
        unchanged()?;
        target.commit(control)?;
        let times = [render, start.elapsed() - render];
        Ok(Written { times, copied, rss_anonymous_peak: sampler.stop() })
    }
}
