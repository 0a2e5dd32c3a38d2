//! Writes a blank.
//!
//! - In: [`PlannedBlank`], how it is written.
//! - Out: the movie, durable under its name and proved as far as that is asked for, and [`BlankReport`].
//! - Holds: if it fails, an existing output is untouched; the movie that it is like has not changed.
//! - Not here: how bytes move (`intercut_io`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use intercut_io::interval::PHASE;
use intercut_io::process::RssSampler;
use intercut_io::{
    Control, CopyOptions, IoError, Outcome, Phase, ReadExactAt, Replace, RouteChoice, Schedule,
    Source, Target, Work, execute,
};
use tracing::debug_span;

use super::error::{BlankError, WriteError};
use super::facts::BlankFacts;
use super::plan::{PlannedBlank, movie_of};
use crate::movie::Movie;
use crate::splice::{Times, Verification, VerifyMode};
use crate::verify::{ExpectedTarget, MadeDifference, verify_made};

/// How a movie of made frames is written.
#[derive(Debug, Clone, Copy)]
pub struct WriteOptions {
    /// Whether an existing output may be replaced.
    pub replace: Replace,
    /// Which route the bytes take.
    pub route: RouteChoice,
    /// Bytes for staging and verifying.
    pub memory_budget: u64,
    /// How the result is checked: what was written is read back, past the page cache where the filesystem allows, and every
    /// byte is compared with what is made for it once more. A full check also keeps digests.
    pub verify: VerifyMode,
}

/// What was made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BlankReport {
    /// The movie that it is like.
    pub source: Option<PathBuf>,
    /// The movie that was written.
    pub output: PathBuf,
    /// What it is.
    pub facts: BlankFacts,
    /// How it was written.
    pub written: Written,
}

/// How a movie of made frames was written.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Written {
    /// Its length.
    pub bytes: u64,
    /// Where the time went.
    pub times: Times,
    /// Which routes the bytes took.
    pub copied: Outcome,
    /// What was verified.
    pub verification: Verification,
    /// Bytes that were allowed for staging and verifying.
    pub memory_budget: u64,
    /// The peak of what the process allocated.
    pub rss_anonymous_peak: u64,
}

impl PlannedBlank {
    /// Writes the movie and gives it its name.
    ///
    /// - `control`: counts the bytes that are put in place; then those that are read back.
    ///
    /// # Errors
    /// [`BlankError::Io`], [`BlankError::Unproved`]; the target is then gone, and an existing output is untouched.
    pub fn write(
        self,
        options: WriteOptions,
        control: &Control,
    ) -> Result<BlankReport, BlankError> {
        let Self { blank, facts, sources, schedule, setup, .. } = self;
        let (output, schedule, frames) = (&blank.output, &schedule, facts.frames.into());
        // Behind the frames: what it is like, which must not be the target, and must not change.
        let files = &sources[1..];
        let movie = MadeMovie { output, schedule, sources: &sources, files, frames, setup };
        let unchanged = || files.iter().try_for_each(Source::check_unchanged);
        let written = movie.write(options, control, |_, _| Ok(None), unchanged)?;
        let source = blank.source().map(PathBuf::from);
        Ok(BlankReport { source, output: blank.output, facts, written })
    }
}

/// Bytes for staging, at most: more makes no blank faster (16, 32 and 64 MiB within 3 % of one another, measured).
const STAGING_MAX: u64 = 16 << 20;

/// A movie whose frames are made while it is written.
pub(crate) struct MadeMovie<'a> {
    pub(crate) output: &'a Path,
    pub(crate) schedule: &'a Schedule,
    pub(crate) sources: &'a [Source],
    /// Those that are files, and so must not be the output.
    pub(crate) files: &'a [Source],
    pub(crate) frames: u64,
    /// How long it took to plan it.
    pub(crate) setup: Duration,
}

impl MadeMovie<'_> {
    /// Writes the movie and gives it its name.
    ///
    /// - `kept`: looks for a difference that comparing with what is made cannot find, where the result is verified.
    /// - `unchanged`: whether what it is made of is still what it was; asked before the movie has its name.
    ///
    /// # Errors
    /// [`WriteError`]; the target is then gone, and an existing output is untouched.
    pub(crate) fn write(
        &self,
        options: WriteOptions,
        control: &Control,
        kept: impl FnOnce(&Movie, &ReadExactAt<'_>) -> Result<Option<MadeDifference>, IoError>,
        unchanged: impl FnOnce() -> Result<(), IoError>,
    ) -> Result<Written, WriteError> {
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let Self { output, schedule, sources, files, frames, setup } = *self;
        let bytes = schedule.len();
        control.progress.begin(options.work(bytes, frames));
        let WriteOptions { replace, route, memory_budget, verify } = options;
        let mut target = Target::create(output, replace, files)?;
        let staging = memory_budget.min(STAGING_MAX);
        let copy = CopyOptions { route, memory_budget: staging, sources_wanted_again: false };
        let rendering = debug_span!(target: PHASE, "render", bytes).entered();
        let mut copied = execute(schedule, sources, &mut target, &copy, control)?;
        drop(rendering);
        let render = start.elapsed();
        control.cancel.check()?;
        control.progress.enter(Phase::Syncing, 0);
        target.sync()?;
        let synced = start.elapsed();
        let verified = self.verify(verify, &mut target, memory_budget, control, kept);
        // Before the disk is blamed: what it is made of may be no longer what it was.
        unchanged()?;
        let verification = verified?;
        let verified = start.elapsed();
        copied.latency.merge(&target.commit(control)?);
        let (verify, named) = (verified - synced, start.elapsed() - verified);
        let (sync, total) = (synced - render + named, setup + start.elapsed());
        let times = Times { setup, render, sync, verify, total, ..Times::default() };
        let rss_anonymous_peak = sampler.stop();
        Ok(Written { bytes, times, copied, verification, memory_budget, rss_anonymous_peak })
    }

    /// Reads the movie back, if that is asked for.
    fn verify(
        &self,
        mode: VerifyMode,
        target: &mut Target,
        memory: u64,
        control: &Control,
        kept: impl FnOnce(&Movie, &ReadExactAt<'_>) -> Result<Option<MadeDifference>, IoError>,
    ) -> Result<Verification, WriteError> {
        if mode == VerifyMode::None {
            return Ok(Verification::default());
        }
        let Self { output, schedule, sources, .. } = *self;
        let _phase = debug_span!(target: PHASE, "verify", bytes = schedule.len()).entered();
        target.read_past_cache();
        let planned = ExpectedTarget { schedule, sources, is_in_place: false };
        let movie = movie_of(planned)?;
        let read = |bytes: &mut [u8], offset: u64| target.read_exact_at(bytes, offset);
        let with_digests = mode == VerifyMode::Full;
        let found = verify_made(&movie, planned, &read, (with_digests, memory), control)?;
        let first = match found.first {
            Some(first) => Some(first),
            None => kept(&movie, &read)?,
        };
        if let Some(first) = first {
            let (path, mismatches) = (output.to_owned(), found.mismatches);
            return Err(WriteError::Differs { path, first, mismatches });
        }
        let (samples_checked, digests) = (found.samples_checked, found.digests);
        Ok(Verification { mode, samples_checked, mismatches: 0, digests })
    }
}

impl WriteOptions {
    /// What there is to do for movies of so many bytes and frames.
    pub(super) fn work(&self, bytes: u64, frames: u64) -> Work {
        let bytes_to_verify = if self.verify == VerifyMode::None { 0 } else { bytes };
        Work { bytes_to_write: bytes, bytes_to_verify, frames }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blank::{Blank, fake};
    use crate::units::SampleIndex;

    fn planned(folder: &Path) -> PlannedBlank {
        let blank = Blank::of_numbers(fake::numbers(4), folder.join("blank.mov"));
        blank.plan(Replace::Refuse, &Control::default()).unwrap()
    }

    #[test]
    fn byte_that_the_disk_lost_is_found_in_its_sample_or_outside_of_all() {
        let folder = tempfile::tempdir().unwrap();
        let blank = planned(folder.path());
        let planned = blank.planned();
        let movie = movie_of(planned).unwrap();
        let third = movie.table(movie.video()).samples_from(SampleIndex(2)).next().unwrap().range;
        let found = |lost: Option<u64>, with_digests| {
            let (read, how) = (fake::losing(planned, lost), (with_digests, 1 << 20));
            verify_made(&movie, planned, &read, how, &Control::default()).unwrap()
        };
        let kept = found(None, true);
        assert_eq!((kept.samples_checked, kept.mismatches, kept.first), (5, 0, None));
        assert!(kept.digests.is_some());
        let output_offset = third.offset + 100;
        let sample = MadeDifference::Sample {
            track_id: movie.video().id,
            kind: "video".to_owned(),
            sample: 2,
            output_offset,
        };
        for with_digests in [false, true] {
            let lost = found(Some(output_offset), with_digests);
            assert_eq!((lost.mismatches, lost.first), (1, Some(sample.clone())));
            let output_offset = blank.bytes() - 1;
            let lost = found(Some(output_offset), with_digests);
            assert_eq!(lost.mismatches, 0);
            assert_eq!(lost.first, Some(MadeDifference::Outside { output_offset }));
        }
    }
}
