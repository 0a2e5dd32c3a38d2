//! Writes a splice that is laid out, checks it, and gives it its name.
//!
//! - In: [`Ready`].
//! - Out: the finished movie, the [`Report`], and every latency that was recorded.
//! - Holds: the target has its name only after its bytes are durable, verified as far as asked, and every source is still
//!   the one that was opened.
//! - Not here: how bytes move (`intercut_io`), what is compared (`verify`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use intercut_io::disk::DiskMeter;
use intercut_io::latency::Latency;
use intercut_io::process::{RssSampler, cpu_seconds};
use intercut_io::throughput::{Point, ThroughputSampler};
use intercut_io::{Control, CopyOptions, Outcome, Source, Target, execute};

use super::prepare::Prepared;
use super::{SpliceError, VerifyMode, hash};
use crate::atom::ReadError;
use crate::layout::Layout;
use crate::movie::Movie;
use crate::plan::SplicePlan;
use crate::report::{CpuSeconds, DiskReport, Report, Seconds, ThroughputPoint};
use crate::verify::{
    Digests, Planned, ReadExactAt, Readable, VerifyReport, verify_hashed, verify_readable,
};

/// A splice that is laid out: the first byte can be written. Nothing has been created.
#[derive(Debug)]
pub struct Ready {
    pub(super) prepared: Prepared,
    pub(super) output: PathBuf,
    pub(super) layout: Layout,
}

impl Ready {
    /// The plan.
    pub fn plan(&self) -> &SplicePlan {
        self.prepared.plan()
    }

    /// Where every byte will stand.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The report of a run that ends here: what would be written.
    pub fn report(&self) -> Report {
        let mut report = Report::planned(&self.prepared.plan, &self.layout, &self.output);
        let setup = self.prepared.cost.setup.as_secs_f64();
        report.seconds = Seconds { setup, total: setup, ..Seconds::default() };
        report.memory_bytes.budget = self.prepared.options.memory_budget;
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
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let mut report = self.report();
        let Prepared { options, sources, cost, .. } = &self.prepared;

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
        let Copied { outcome, render, mut sync, synced, written, disk } = copied;
        report.throughput.written = ThroughputPoint::after(cost.setup, &written);
        report.disk = disk;
        let mut verify = Duration::ZERO;
        if options.verify != VerifyMode::None {
            control.progress.start(0);
            let sampler = ThroughputSampler::start(&control.progress, start);
            let (found, digests) = self.verify(&target, expected, control)?;
            report.throughput.verified = ThroughputPoint::after(cost.setup, &sampler.stop());
            report.add_verify(options.verify.name(), &found, digests);
            if !found.is_identical() {
                let (path, found) = (self.output.clone(), Box::new(found));
                return Err(SpliceError::Differs { path, found });
            }
            // What was still being hashed when the copy was synced is part of the verification.
            verify = synced.elapsed();
        }

        sources.iter().try_for_each(Source::check_unchanged)?;
        let committed = Instant::now();
        let mut latency = outcome.latency.clone();
        latency.merge(&target.commit(control)?);
        sync += committed.elapsed();

        report.add_outcome(&outcome);
        report.add_latency(&latency);
        report.seconds = seconds(cost.setup, render, sync, verify, cost.setup + start.elapsed());
        report.cpu_seconds = self.cpu_seconds();
        report.memory_bytes.rss_anonymous_peak = sampler.stop();
        Ok((report, latency))
    }

    /// Puts every byte in place and makes it durable. The target was begun at `start`.
    fn copy(
        &self,
        target: &mut Target,
        start: Instant,
        control: &Control,
    ) -> Result<Copied, SpliceError> {
        let options = self.prepared.options;
        let copy = CopyOptions { route: options.route, memory_budget: options.memory_budget };
        let schedule = self.layout.schedule();
        control.progress.start(schedule.len());
        let (meter, watched) = (DiskMeter::start(&self.output), Instant::now());
        let sampler = ThroughputSampler::start(&control.progress, start);
        let outcome = execute(schedule, &self.prepared.sources, target, &copy, control)?;
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
        Planned { schedule: self.layout.schedule(), sources: &self.prepared.sources }
    }

    /// Reads the target back, before it has its name, and compares it with the sources: by their digests where these were
    /// computed, else byte by byte.
    fn verify(
        &self,
        target: &Target,
        expected: Option<Digests>,
        control: &Control,
    ) -> Result<(VerifyReport, Option<Digests>), SpliceError> {
        let Prepared { plan, sources, movies, .. } = &self.prepared;
        let read = |buffer: &mut [u8], offset: u64| target.read_exact_at(buffer, offset);
        let movie = read_movie(&self.output, self.layout.schedule().len(), &read)?;
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
    fn cpu_seconds(&self) -> CpuSeconds {
        let ((user, system), start) = (cpu_seconds(), self.prepared.cost.cpu_start);
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

fn seconds(
    setup: Duration,
    render: Duration,
    sync: Duration,
    verify: Duration,
    total: Duration,
) -> Seconds {
    Seconds {
        setup: setup.as_secs_f64(),
        render: render.as_secs_f64(),
        sync: sync.as_secs_f64(),
        verify: verify.as_secs_f64(),
        total: total.as_secs_f64(),
    }
}
