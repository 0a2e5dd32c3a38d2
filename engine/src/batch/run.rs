//! Runs the jobs of a batch that have to be done.
//!
//! - In: [`PreparedBatch`].
//! - Out: [`BatchReport`]; [`Event`]s meanwhile.
//! - Holds: a job that fails stops no other; one that is cancelled leaves nothing, and those that are done stay.
//! - Not here: what is decided (`prepare`).

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use intercut_io::{Cancel, Control, Progress, Replace};

use super::BatchOptions;
use super::error::JobError;
use super::prepare::{Decision, PlannedJob, PreparedBatch};
use super::report::{BatchReport, BatchSeconds, JobOutcome, JobReport};
use super::sidecar::{SIDECAR_SCHEMA, Sidecar, stamp_of};
use crate::layout::FramesByOffset;
use crate::report::Report;
use crate::splice::{Splice, SpliceOptions};

/// The least memory of a job: four slabs of the staged buffer.
const MEMORY_MIN: u64 = 4 << 20;

/// What happens while a batch runs. Jobs are counted from 0, in the order in which they were given.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The first byte is about to be written.
    Started {
        /// The job.
        job: usize,
        /// How far it has come, from now on.
        progress: &'a Progress,
        /// Frames by bytes of the output.
        frames: &'a FramesByOffset,
    },
    /// The output has its name.
    Finished {
        /// The job.
        job: usize,
        /// What was done.
        report: &'a Report,
    },
    /// The output is what it was before.
    Failed {
        /// The job.
        job: usize,
        /// Why.
        error: &'a JobError,
    },
}

/// How a job ended.
type Ended = Result<Report, JobError>;

impl PreparedBatch {
    /// Does the jobs that have to be done, unless the batch is refused.
    ///
    /// - `control`: cancels. Progress is that of each job: [`Event::Started`].
    /// - `on_event`: called from the threads that run the jobs.
    pub fn run(self, control: &Control, on_event: &(dyn Fn(Event<'_>) + Sync)) -> BatchReport {
        let start = Instant::now();
        let is_refused = self.is_refused();
        let due: Vec<usize> = if is_refused { Vec::new() } else { self.due() };
        let ended = self.run_due(&due, &control.cancel, on_event);
        let why_not = match (is_refused, self.no_room.is_empty()) {
            (false, _) => "the batch was cancelled",
            (true, false) => "there is no room for all outputs",
            (true, true) => "other jobs are refused",
        };
        let jobs = self.jobs.iter().zip(ended).map(|(job, ended)| {
            let (outcome, reasons, report) = match (&job.decision, ended) {
                (Decision::Refused(errors), _) => {
                    let reasons = errors.iter().flat_map(JobError::sentences).collect();
                    (JobOutcome::Refused, reasons, None)
                }
                (Decision::Skip(_), _) => (JobOutcome::Skipped, Vec::new(), None),
                (Decision::Run(job), Some(Ok(report))) => {
                    (JobOutcome::Done, job.reasons.clone(), Some(report))
                }
                (Decision::Run(_), Some(Err(error))) if !error.is_cancelled() => {
                    (JobOutcome::Failed, error.sentences(), None)
                }
                (Decision::Run(_), _) => (JobOutcome::NotRun, vec![why_not.to_owned()], None),
            };
            let text = |path: &Path| path.display().to_string();
            JobReport { base: text(&job.base), output: text(&job.output), outcome, reasons, report }
        });
        let (prepare, run) = (self.seconds.as_secs_f64(), start.elapsed().as_secs_f64());
        let seconds = BatchSeconds { prepare, run, total: prepare + run };
        let no_room = self.no_room.iter().map(ToString::to_string).collect();
        BatchReport::new(jobs.collect(), no_room, self.started, seconds)
    }

    /// The jobs that have to be done.
    fn due(&self) -> Vec<usize> {
        let is_due = |job: &usize| matches!(self.jobs[*job].decision, Decision::Run(_));
        (0..self.jobs.len()).filter(is_due).collect()
    }

    /// How many of `jobs` are run at a time, and what memory each of them has.
    fn shares(&self, jobs: usize) -> (usize, u64) {
        let BatchOptions { jobs_at_a_time, memory_budget, .. } = self.options;
        let in_memory = usize::try_from(memory_budget / MEMORY_MIN).unwrap_or(usize::MAX);
        let at_a_time = jobs_at_a_time.get().min(jobs).min(in_memory).max(1);
        (at_a_time, memory_budget / at_a_time as u64)
    }

    /// Runs these jobs, a few at a time, in order. Returns for each job of the batch how it ended, if it was begun.
    fn run_due(
        &self,
        due: &[usize],
        cancel: &Cancel,
        on_event: &(dyn Fn(Event<'_>) + Sync),
    ) -> Vec<Option<Ended>> {
        let ended: Mutex<Vec<Option<Ended>>> = Mutex::new(self.jobs.iter().map(|_| None).collect());
        let next = AtomicUsize::new(0);
        let (at_a_time, memory_budget) = self.shares(due.len());
        let work = || {
            while let Some(&job) = due.get(next.fetch_add(1, Ordering::Relaxed)) {
                if cancel.is_cancelled() {
                    return;
                }
                let how = self.run_job(job, memory_budget, cancel, on_event);
                match &how {
                    Ok(report) => on_event(Event::Finished { job, report }),
                    Err(error) => on_event(Event::Failed { job, error }),
                }
                ended.lock().expect("no worker panics")[job] = Some(how);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..at_a_time {
                scope.spawn(work);
            }
            work();
        });
        ended.into_inner().expect("no worker panics")
    }

    /// Replays the plan of one job.
    fn run_job(
        &self,
        job: usize,
        memory_budget: u64,
        cancel: &Cancel,
        on_event: &(dyn Fn(Event<'_>) + Sync),
    ) -> Ended {
        let prepared = &self.jobs[job];
        let planned = prepared.planned().expect("a job that is due is planned");
        let control = Control { cancel: cancel.clone(), progress: Progress::default() };
        let replace = match planned.existing {
            Some(_) => Replace::Allow,
            None => Replace::Refuse,
        };
        let options = SpliceOptions { replace, memory_budget, ..planned.options };
        let splice = Splice::replay(planned.plan.clone()).output(&prepared.output).options(options);
        let ready = splice.prepare(&control)?.layout()?;
        let (progress, frames) = (&control.progress, ready.layout().frames().clone());
        on_event(Event::Started { job, progress, frames: &frames });
        let written = ready.write(&control)?;
        let sidecar = Sidecar {
            schema: SIDECAR_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            output: written.stamp()?,
            replaces: planned.existing,
            faststart: options.faststart,
            verify: options.verify,
            digests: written.digests().cloned(),
            plan: planned.plan.clone(),
        };
        self.name(&prepared.output, planned, sidecar, &control, || {
            let (report, _latency) = written.commit(&control)?;
            Ok(report)
        })
    }

    /// Gives the output its name, between its sidecar and a last look.
    fn name(
        &self,
        output: &Path,
        planned: &PlannedJob,
        mut sidecar: Sidecar,
        control: &Control,
        commit: impl FnOnce() -> Ended,
    ) -> Ended {
        if !self.options.force && stamp_of(output)? != planned.existing {
            let why = "it was written to while the batch ran".to_owned();
            return Err(JobError::Foreign { output: output.to_owned(), why });
        }
        let before = Sidecar::read(output)?;
        sidecar.write(output, control)?;
        let report = match commit() {
            Ok(report) => report,
            Err(error) => {
                // The failure is what is told; a sidecar that tells of a file that is not there does no harm.
                let _told: Result<(), _> = Sidecar::put_back(before.as_ref(), output);
                return Err(error);
            }
        };
        // A few filesystems set the time anew when the file is closed or renamed.
        if let Some(stamp) = stamp_of(output)?.filter(|stamp| *stamp != sidecar.output) {
            sidecar.output = stamp;
            sidecar.write(output, &Control::default())?;
        }
        Ok(report)
    }
}
