//! Writes a splice that is laid out, checks it, and gives it its name.
//!
//! - In: [`Ready`].
//! - Out: the finished movie, and the [`Report`].
//! - Holds: the target has its name only after its bytes are durable, verified as far as asked, and every source is still
//!   the one that was opened.
//! - Not here: how bytes move (`intercut_io`), what is compared (`verify`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use intercut_io::process::{RssSampler, cpu_seconds};
use intercut_io::{Control, CopyOptions, Source, Target, execute};

use super::prepare::Prepared;
use super::{SpliceError, VerifyMode};
use crate::atom::ReadError;
use crate::layout::Layout;
use crate::movie::Movie;
use crate::plan::SplicePlan;
use crate::report::{CpuSeconds, Report, Seconds};
use crate::verify::{ReadExactAt, Readable, VerifyReport, verify_readable};

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

    /// Writes the target, verifies it as far as the options say, and gives it its name.
    ///
    /// - `control`: counts the bytes of the target while they are put in place; where the result is verified, then
    ///   those that are read back.
    ///
    /// # Errors
    /// [`SpliceError`]; the target is then gone, and an existing output is untouched.
    pub fn execute(self, control: &Control) -> Result<Report, SpliceError> {
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let mut report = self.report();
        let Prepared { options, plan, sources, movies, cost, .. } = &self.prepared;

        let mut target = Target::create(&self.output, options.replace, sources)?;
        let copy = CopyOptions { route: options.route, memory_budget: options.memory_budget };
        let outcome = execute(self.layout.schedule(), sources, &mut target, &copy, control)?;
        let render = start.elapsed();

        let synced = Instant::now();
        control.cancel.check()?;
        target.sync()?;
        let mut sync = synced.elapsed();

        let verified = Instant::now();
        if options.verify == VerifyMode::Written {
            let found = self.verify(&target, plan, sources, movies, control)?;
            report.add_verify(options.verify.name(), &found);
            if !found.is_identical() {
                let (path, found) = (self.output.clone(), Box::new(found));
                return Err(SpliceError::Differs { path, found });
            }
        }
        let verify = verified.elapsed();

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
        Ok(report)
    }

    /// Reads the target back, before it has its name, and compares it with the sources.
    fn verify(
        &self,
        target: &Target,
        plan: &SplicePlan,
        sources: &[Source],
        movies: &[Movie],
        control: &Control,
    ) -> Result<VerifyReport, SpliceError> {
        let read = |buffer: &mut [u8], offset: u64| target.read_exact_at(buffer, offset);
        let movie = read_movie(&self.output, self.layout.schedule().len(), &read)?;
        let pairs: Vec<(&Source, &Movie)> = sources.iter().zip(movies).collect();
        Ok(verify_readable(Readable { movie: &movie, read: &read }, &pairs, plan, control)?)
    }

    /// Processor time since the start of the splice.
    fn cpu_seconds(&self) -> CpuSeconds {
        let ((user, system), start) = (cpu_seconds(), self.prepared.cost.cpu_start);
        CpuSeconds { user: user - start.0, system: system - start.1 }
    }
}

/// Reads the header of what was written.
fn read_movie(output: &Path, len: u64, read: &ReadExactAt<'_>) -> Result<Movie, SpliceError> {
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
