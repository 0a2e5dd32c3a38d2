//! Writes a blank.
//!
//! - In: [`PlannedBlank`], how it is written.
//! - Out: the movie, durable under its name, and [`BlankReport`].
//! - Holds: if it fails, an existing output is untouched; the movie that it is like has not changed.
//! - Not here: how bytes move (`intercut_io`).

use std::path::PathBuf;
use std::time::{Duration, Instant};

use intercut_io::interval::PHASE;
use intercut_io::process::RssSampler;
use intercut_io::{
    Control, CopyOptions, Outcome, Phase, Replace, RouteChoice, Source, Target, Work, execute,
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
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let Self { blank, facts, sources, schedule, setup } = self;
        // Behind the frames; a file that must not be the target, and must not change.
        let movie = &sources[1..];
        let bytes = schedule.len();
        let frames = facts.frames.into();
        control.progress.begin(Work { bytes_to_write: bytes, bytes_to_verify: 0, frames });
        let WriteOptions { replace, route, memory_budget } = options;
        let mut target = Target::create(&blank.output, replace, movie)?;
        let copy = CopyOptions { route, memory_budget, sources_wanted_again: false };
        let rendering = debug_span!(target: PHASE, "render", bytes).entered();
        let copied = execute(&schedule, &sources, &mut target, &copy, control)?;
        drop(rendering);
        let render = start.elapsed();
        control.cancel.check()?;
        control.progress.enter(Phase::Syncing, 0);
        target.sync()?;
        movie.iter().try_for_each(Source::check_unchanged)?;
        target.commit(control)?;
        let times = [setup, render, start.elapsed() - render];
        let (source, output) = (blank.source().map(PathBuf::from), blank.output);
        let rss_anonymous_peak = sampler.stop();
        Ok(BlankReport {
            source,
            output,
            bytes,
            facts,
            times,
            copied,
            memory_budget,
            rss_anonymous_peak,
        })
    }
}
