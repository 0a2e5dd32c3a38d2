//! Writes a splice that is laid out, and checks it.
//!
//! - In: [`LaidOutSplice`].
//! - Out: [`WrittenSplice`]: every byte durable, verified as far as asked.
//! - Not here: how bytes move (`intercut_io`), what is compared (`read_back`), the name (`commit`).

use std::time::{Duration, Instant};

use intercut_io::disk::{DiskMeter, DiskUse};
use intercut_io::interval::PHASE;
use intercut_io::process::RssSampler;
use intercut_io::throughput::{Point, ThroughputSampler};
use intercut_io::{
    Control, CopyOptions, IoError, Outcome, Phase, READING_MAX, Target, Work, execute,
};
use tracing::debug_span;

use super::commit::WrittenSplice;
use super::lay_out::LaidOutSplice;
use super::report::{Times, Verification};
use super::{SpliceError, VerifyMode, hash};

impl LaidOutSplice {
    /// Writes the target, makes every byte durable, and verifies it as far as the options say. The movie has no name yet.
    ///
    /// - `control`: counts the bytes of the target while they are put in place; where the result is verified, then
    ///   those that are read back.
    ///
    /// # Errors
    /// [`SpliceError`]; the target is then gone, and an existing output is untouched.
    pub fn write(self, control: &Control) -> Result<WrittenSplice, SpliceError> {
        self.write_to(control, |splice| {
            let (output, replace, sources) =
                (&splice.output, splice.options.replace, &splice.sources);
            match splice.layout.is_appended() {
                false => Target::create(output, replace, sources),
                true => Target::clone_of(&sources[0], output, replace, sources),
            }
        })
    }

    /// The same with a target that `begin` makes.
    pub(crate) fn write_to(
        self,
        control: &Control,
        begin: impl FnOnce(&Self) -> Result<Target, IoError>,
    ) -> Result<WrittenSplice, SpliceError> {
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let mut report = self.report();
        let Self { options, cost, .. } = &self;

        let schedule = self.layout.schedule();
        control.progress.begin(Work {
            bytes_to_write: schedule.bytes_to_write(),
            bytes_to_verify: match options.verify {
                VerifyMode::None => 0,
                VerifyMode::Written => schedule.bytes_to_write(),
                VerifyMode::Full => schedule.len(),
            },
            frames: self.plan.base.frames,
        });
        let mut target = begin(&self)?;
        let mut copied = || self.copy(&mut target, start, control);
        let (copied, expected) = match options.verify {
            VerifyMode::None | VerifyMode::Written => (copied()?, None),
            VerifyMode::Full => {
                let (copied, digests) = hash::beside(
                    self.planned(),
                    &self.output,
                    self.hashing_memory(),
                    control,
                    copied,
                )?;
                (copied, Some(digests))
            }
        };
        let Copied { mut outcome, render, sync, synced, written, disk } = copied;
        report.written = since_start(written, cost.setup);
        report.disk = disk;
        let mut verify = Duration::ZERO;
        let mut is_as_planned = Ok(());
        if options.verify != VerifyMode::None {
            target.read_past_cache();
            let sampler = ThroughputSampler::start(&control.progress, start);
            let (found, digests) = self.read_back(&target, expected, control)?;
            report.verified = since_start(sampler.stop(), cost.setup);
            report.verification = Verification {
                mode: options.verify,
                samples_checked: found.samples_checked,
                mismatches: found.mismatches,
                digests,
            };
            if !found.is_identical() {
                let (path, found) = (self.output.clone(), Box::new(found));
                is_as_planned = Err(SpliceError::Differs { path, found });
            }
            // What was still being hashed when the copy was synced is part of the verification.
            verify = synced.elapsed();
        }

        // Before the disk is blamed: a source that changed is no longer what was copied.
        self.planned().check_unchanged()?;
        is_as_planned?;
        report.latency = std::mem::take(&mut outcome.latency);
        report.warnings.extend(outcome.warnings.iter().cloned());
        report.copied = outcome;
        report.times = Times { render, sync, verify, total: Duration::ZERO, ..report.times };
        Ok(WrittenSplice { splice: self, target, report, start, sampler })
    }

    /// Bytes of the memory budget that hashing beside the copy takes.
    fn hashing_memory(&self) -> u64 {
        match self.options.verify {
            VerifyMode::Full => (self.options.memory_budget / 8).min(READING_MAX),
            _ => 0,
        }
    }

    /// Puts every byte in place and makes it durable. The target was begun at `start`.
    fn copy(
        &self,
        target: &mut Target,
        start: Instant,
        control: &Control,
    ) -> Result<Copied, SpliceError> {
        let options = self.options;
        let copy = CopyOptions {
            route: options.route,
            memory_budget: options.memory_budget - self.hashing_memory(),
            sources_wanted_again: options.verify != VerifyMode::None,
        };
        let schedule = self.layout.schedule();
        let (meter, watched) = (DiskMeter::start(&self.output), Instant::now());
        let sampler = ThroughputSampler::start(&control.progress, start);
        let rendering = debug_span!(target: PHASE, "render", bytes = schedule.len()).entered();
        let outcome = execute(schedule, &self.sources, target, &copy, control)?;
        drop(rendering);
        let (render, written) = (start.elapsed(), sampler.stop());
        control.cancel.check()?;
        control.progress.enter(Phase::Syncing, 0);
        target.sync()?;
        let (sync, synced) = (start.elapsed() - render, Instant::now());
        let used = meter.and_then(DiskMeter::stop);
        let disk = used.map(|used| (used, watched.elapsed()));
        Ok(Copied { outcome, render, sync, synced, written, disk })
    }
}

/// What the copy took.
struct Copied {
    outcome: Outcome,
    render: Duration,
    sync: Duration,
    /// When it was durable.
    synced: Instant,
    /// How many bytes were in place when.
    written: Vec<Point>,
    /// What the device did until then.
    disk: Option<(DiskUse, Duration)>,
}

/// Points of a sampler that was started after `setup`, counted from the start of the run.
fn since_start(mut points: Vec<Point>, setup: Duration) -> Vec<Point> {
    points.iter_mut().for_each(|point| point.elapsed += setup);
    points
}
