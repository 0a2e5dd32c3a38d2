//! Runs the jobs of a batch that have to be done.
//!
//! - In: [`PreparedBatch`].
//! - Out: [`BatchReport`]; [`Event`]s meanwhile.
//! - Holds: a job that fails stops no other; one that is cancelled leaves nothing, and those that are done stay.
//! - Not here: what is decided (`prepare`).

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Instant;

use intercut_io::{Cancel, Control, IoError, Progress, Replace, STAGING_MIN};

use super::BatchOptions;
use super::error::JobError;
use super::prepare::{Decision, PlannedJob, PreparedBatch};
use super::report::{BatchReport, BatchSeconds, JobOutcome, JobReport};
use super::sidecar::{SIDECAR_SCHEMA, Sidecar, stamp_of};
use super::workers::at_a_time;
use crate::report::ReportObject;
use crate::splice::{Splice, SpliceError};

/// What happens while a batch runs. Jobs are counted from 0, in the order in which they were given.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The first byte is about to be written.
    Started {
        /// The job.
        job: usize,
        /// How far it has come, from now on.
        progress: &'a Progress,
        /// Frames of the output.
        frames: u64,
    },
    /// The output has its name.
    Finished {
        /// The job.
        job: usize,
        /// What was done.
        report: &'a ReportObject,
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
type Ended = Result<ReportObject, JobError>;

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
                (Decision::Refused(_), _) => (JobOutcome::Refused, job.reasons(), None),
                (Decision::Skip(_), _) => (JobOutcome::Skipped, Vec::new(), None),
                (Decision::Run(_), Some(Ok(report))) => {
                    (JobOutcome::Done, job.reasons(), Some(report))
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

    /// Runs these jobs, a few at a time, in order. Returns for each job of the batch how it ended, if it was begun.
    fn run_due(
        &self,
        due: &[usize],
        cancel: &Cancel,
        on_event: &(dyn Fn(Event<'_>) + Sync),
    ) -> Vec<Option<Ended>> {
        let (few, memory_budget) = shares(&self.options, due.len());
        let work = |nth: usize| {
            if cancel.is_cancelled() {
                return None;
            }
            let job = due[nth];
            let how = self.run_job(job, memory_budget, cancel, on_event);
            match &how {
                Ok(report) => on_event(Event::Finished { job, report }),
                Err(error) => on_event(Event::Failed { job, error }),
            }
            Some(how)
        };
        let mut ended: Vec<Option<Ended>> = self.jobs.iter().map(|_| None).collect();
        for (&job, how) in due.iter().zip(at_a_time(few, due.len(), work)) {
            ended[job] = how;
        }
        ended
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
        let options = planned.options.replace(replace).memory_budget(memory_budget);
        let splice = Splice::replay(planned.plan.clone()).output(&prepared.output).options(options);
        let ready = splice.open(&control)?.plan()?.lay_out()?;
        let (progress, frames) = (&control.progress, planned.plan.base.frames);
        on_event(Event::Started { job, progress, frames });
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
            Ok(ReportObject::from(&written.commit(&control)?))
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
        let before = Sidecar::text(output)?;
        sidecar.write(output, control)?;
        let report = match commit() {
            Ok(report) => report,
            Err(error) => {
                // Where only the name is not durable, it leads to the new file, or after a power cut to the old one: the
                // new sidecar knows both.
                if !matches!(
                    &error,
                    JobError::Splice(SpliceError::Io(IoError::NameNotDurable { .. }))
                ) {
                    // The failure is what is told; a sidecar that tells of a file that is not there does no harm.
                    let _told: Result<(), _> = Sidecar::put_back(before.as_deref(), output);
                }
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

/// How many of `jobs` are run at a time, and what memory each of them has: never less than a run takes anyway.
fn shares(options: &BatchOptions, jobs: usize) -> (NonZeroUsize, u64) {
    let BatchOptions { jobs_at_a_time, memory_budget, .. } = *options;
    let in_memory = usize::try_from(memory_budget / STAGING_MIN).unwrap_or(usize::MAX);
    let few = NonZeroUsize::new(jobs_at_a_time.get().min(jobs).min(in_memory));
    let few = few.unwrap_or(NonZeroUsize::MIN);
    (few, memory_budget / few.get() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_that_run_at_a_time_stay_within_one_budget() {
        let shares = |jobs_at_a_time, mib: u64, jobs| {
            let jobs_at_a_time = NonZeroUsize::new(jobs_at_a_time).unwrap();
            let memory_budget = mib << 20;
            let options = BatchOptions { jobs_at_a_time, memory_budget, ..BatchOptions::default() };
            let (few, memory) = shares(&options, jobs);
            (few.get(), memory)
        };
        assert_eq!(shares(1, 64, 40), (1, 64 << 20));
        assert_eq!(shares(4, 64, 40), (4, 16 << 20));
        assert_eq!(shares(4, 64, 2), (2, 32 << 20));
        // A staged buffer has 8 MiB even where it is given less.
        assert_eq!(shares(4, 16, 40), (2, 8 << 20));
        assert_eq!(shares(4, 8, 40), (1, 8 << 20));
        assert_eq!(shares(4, 64, 0), (1, 64 << 20));
    }
}
