//! Writes a splice that is laid out, and checks it.
//!
//! - In: [`Ready`].
//! - Out: [`Written`]: every byte durable, verified as far as asked.
//! - Not here: how bytes move (`intercut_io`), what is compared (`verify`), the name (`commit`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use intercut_io::disk::DiskMeter;
use intercut_io::interval::PHASE;
use intercut_io::latency::Latency;
use intercut_io::process::{RssSampler, cpu_seconds};
use intercut_io::throughput::{Point, ThroughputSampler};
use intercut_io::{Control, CopyOptions, Outcome, Room, Source, Target, execute};
use tracing::debug_span;

use super::commit::Written;
use super::open::Cost;
use super::{SpliceError, SpliceOptions, VerifyMode, hash};
use crate::atom::ReadError;
use crate::layout::Layout;
use crate::movie::Movie;
use crate::plan::SplicePlan;
use crate::report::{CpuSeconds, DiskReport, Report, Seconds, ThroughputPoint, moment};
use crate::verify::{
    Digests, Planned, ReadExactAt, Readable, VerifyReport, verify_hashed, verify_readable,
};

/// A splice that is laid out: the first byte can be written. Nothing has been created.
#[derive(Debug)]
pub struct Ready {
    pub(super) output: PathBuf,
    pub(super) options: SpliceOptions,
    pub(super) plan: SplicePlan,
    /// The base, then the clips of the plan.
    pub(super) sources: Vec<Source>,
    /// What was read of each source.
    pub(super) movies: Vec<Movie>,
    pub(super) layout: Layout,
    pub(super) cost: Cost,
}

impl Ready {
    /// The plan.
    pub fn plan(&self) -> &SplicePlan {
        &self.plan
    }

    /// Where every byte will stand.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Device and inode of the base and of the clips.
    pub(crate) fn source_files(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.sources.iter().map(|source| (source.identity().device, source.identity().inode))
    }

    /// What it will take up on the target's disk, found by trying.
    ///
    /// # Errors
    /// [`SpliceError::Io`] where the target cannot be created.
    pub fn room(&self) -> Result<Room, SpliceError> {
        let SpliceOptions { replace, route, .. } = self.options;
        Ok(Room::of(&self.output, replace, self.layout.schedule(), &self.sources, route)?)
    }

    /// The report of a run that ends here: what would be written.
    pub fn report(&self) -> Report {
        let mut report = Report::planned(&self.plan, &self.layout, &self.output);
        report.started = moment(self.cost.started);
        let setup = self.cost.setup.as_secs_f64();
        report.seconds = Seconds { setup, total: setup, ..Seconds::default() };
        report.memory_bytes.budget = self.options.memory_budget;
        report.cpu_seconds = self.cpu_seconds();
        report
    }

    /// Writes the target, verifies it as far as the options say, and gives it its name. Returns the report, and the
    /// latencies that it sums up.
    ///
    /// - `control`: counts the bytes of the target while they are put in place; where the result is verified, then
    ///   those that are read back.
    ///
    /// # Errors
    /// [`SpliceError`]; the target is then gone, and an existing output is untouched.
    pub fn execute(self, control: &Control) -> Result<(Report, Latency), SpliceError> {
        self.write(control)?.commit(control)
    }

    /// [`Ready::execute`] up to the name: every byte is durable, and verified as far as the options say.
    ///
    /// # Errors
    /// The same.
    pub fn write(self, control: &Control) -> Result<Written, SpliceError> {
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let mut report = self.report();
        let Self { options, sources, cost, .. } = &self;

        let mut target = Target::create(&self.output, options.replace, sources)?;
        let mut copied = || self.copy(&mut target, start, control);
        let (copied, expected) = match options.verify {
            VerifyMode::None | VerifyMode::Written => (copied()?, None),
            VerifyMode::Full => {
                let (copied, digests) =
                    hash::beside(self.planned(), &self.output, control, copied)?;
                (copied, Some(digests))
            }
        };
        let Copied { outcome, render, sync, synced, written, disk } = copied;
        report.throughput.written = ThroughputPoint::after(cost.setup, &written);
        report.disk = disk;
        let mut verify = Duration::ZERO;
        let mut is_as_planned = Ok(());
        if options.verify != VerifyMode::None {
            target.read_past_cache();
            control.progress.start(0);
            let sampler = ThroughputSampler::start(&control.progress, start);
            let (found, digests) = self.verify(&target, expected, control)?;
            report.throughput.verified = ThroughputPoint::after(cost.setup, &sampler.stop());
            report.add_verify(options.verify.name(), &found, digests);
            if !found.is_identical() {
                let (path, found) = (self.output.clone(), Box::new(found));
                is_as_planned = Err(SpliceError::Differs { path, found });
            }
            // What was still being hashed when the copy was synced is part of the verification.
            verify = synced.elapsed();
        }

        // Before the disk is blamed: a source that changed is no longer what was copied.
        sources.iter().try_for_each(Source::check_unchanged)?;
        is_as_planned?;
        report.add_outcome(&outcome);
        report.seconds = seconds(cost.setup, render, sync, verify);
        Ok(Written { ready: self, target, report, latency: outcome.latency, start, sampler })
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
            memory_budget: options.memory_budget,
            sources_wanted_again: options.verify != VerifyMode::None,
        };
        let schedule = self.layout.schedule();
        control.progress.start(schedule.len());
        let (meter, watched) = (DiskMeter::start(&self.output), Instant::now());
        let sampler = ThroughputSampler::start(&control.progress, start);
        let rendering = debug_span!(target: PHASE, "render", bytes = schedule.len()).entered();
        let outcome = execute(schedule, &self.sources, target, &copy, control)?;
        drop(rendering);
        let (render, written) = (start.elapsed(), sampler.stop());
        control.cancel.check()?;
        target.sync()?;
        let (sync, synced) = (start.elapsed() - render, Instant::now());
        let used = meter.and_then(DiskMeter::stop);
        let disk = used.map(|used| DiskReport::of(used, watched.elapsed()));
        Ok(Copied { outcome, render, sync, synced, written, disk })
    }

    /// The target as its sources have it.
    fn planned(&self) -> Planned<'_> {
        Planned { schedule: self.layout.schedule(), sources: &self.sources }
    }

    /// Reads the target back, before it has its name, and compares it with the sources: by their digests where these were
    /// computed, else byte by byte.
    fn verify(
        &self,
        target: &Target,
        expected: Option<Digests>,
        control: &Control,
    ) -> Result<(VerifyReport, Option<Digests>), SpliceError> {
        let len = self.layout.schedule().len();
        let _phase = debug_span!(target: PHASE, "verify", bytes = len).entered();
        let Self { plan, sources, movies, .. } = self;
        let read = |buffer: &mut [u8], offset: u64| target.read_exact_at(buffer, offset);
        let movie = read_movie(&self.output, len, &read)?;
        let pairs: Vec<(&Source, &Movie)> = sources.iter().zip(movies).collect();
        let output = Readable { movie: &movie, read: &read };
        Ok(match expected {
            None => (verify_readable(output, &pairs, plan, control)?, None),
            Some(expected) => {
                let (found, digests) =
                    verify_hashed(output, &pairs, plan, self.planned(), &expected, control)?;
                (found, Some(digests))
            }
        })
    }

    /// Processor time since the start of the splice.
    pub(super) fn cpu_seconds(&self) -> CpuSeconds {
        let ((user, system), start) = (cpu_seconds(), self.cost.cpu_start);
        CpuSeconds { user: user - start.0, system: system - start.1 }
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
    disk: Option<DiskReport>,
}

/// Reads the header of what was written, or will be.
pub(super) fn read_movie(
    output: &Path,
    len: u64,
    read: &ReadExactAt<'_>,
) -> Result<Movie, SpliceError> {
    Movie::read(len, &mut |buffer: &mut [u8], offset| read(buffer, offset)).map_err(|error| {
        match error {
            ReadError::Read(error) => SpliceError::Io(error),
            ReadError::Format(source) => SpliceError::ReadBack { path: output.to_owned(), source },
        }
    })
}

/// The total is known in the end.
fn seconds(setup: Duration, render: Duration, sync: Duration, verify: Duration) -> Seconds {
    let [setup, render, sync, verify] =
        [setup, render, sync, verify].map(|time| time.as_secs_f64());
    Seconds { setup, render, sync, verify, total: 0.0 }
}
