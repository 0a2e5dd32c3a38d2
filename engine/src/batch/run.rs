//! Runs the jobs of a batch that have to be done.
//!
//! - In: [`PreparedBatch`].
//! - Out: [`BatchReport`]; [`Event`]s meanwhile.
//! - Holds: a job that fails stops no other; one that is cancelled leaves nothing, and those that are done stay.
//! - Not here: what is decided (`prepare`).

use std::num::NonZeroUsize;
use std::time::{Instant, SystemTime};

use intercut_io::{Cancel, Control, Progress, Replace, STAGING_MIN, Work};

use super::BatchOptions;
use super::attempts::note;
use super::error::JobError;
use super::output::{ForeignReason, Unnamed, stamp_of};
use super::prepare::{Decision, PlannedJob, PreparedBatch};
use super::report::{BatchReport, BatchSeconds, JobOutcome, JobReport};
use crate::discover;
use crate::plan::FileStamp;
use crate::report::ReportObject;
use crate::sidecar::{Attempt, AttemptOutcome, FileRecord, JobNote, Sidecar};
use crate::splice::{Splice, SpliceError, VerifyMode};
use crate::verify::{VerifyOptions, digests_of, verify};
use crate::workers::at_a_time;

/// What happens while a batch runs. Jobs are counted from 0, in the order in which they were given.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
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
    /// The output was there, and was verified.
    Verified {
        /// The job.
        job: usize,
    },
    /// It was asked to end. The output is what it was before.
    Cancelled {
        /// The job.
        job: usize,
    },
    /// The output is what it was before.
    Failed {
        /// The job.
        job: usize,
        /// Why.
        error: &'a JobError,
    },
}

/// What came of a job that was done.
#[derive(Debug)]
enum Done {
    /// The output was written.
    Made(Box<ReportObject>),
    /// The output was verified.
    Verified,
}

/// How a job ended.
type Ended = Result<Done, JobError>;

impl PreparedBatch {
    /// Does the jobs that have to be done, unless the batch is refused.
    ///
    /// - `control`: cancels. Progress is that of each job: [`Event::Started`].
    /// - `on_event`: called from the threads that run the jobs.
    pub fn run(self, control: &Control, on_event: &(dyn Fn(Event<'_>) + Sync)) -> BatchReport {
        let start = Instant::now();
        let is_refused = self.is_refused();
        self.note_decisions();
        if is_refused {
            self.note_unbegun(&self.why_refused());
        }
        let due: Vec<usize> = if is_refused { Vec::new() } else { self.due() };
        let ended = self.run_due(&due, &control.cancel, on_event);
        let why_not = || match is_refused {
            false => note("batch_cancelled", "the batch was cancelled"),
            true => self.why_refused(),
        };
        let jobs = self.jobs.iter().zip(ended).map(|(job, ended)| {
            let (outcome, reasons, report) = match (&job.decision, ended) {
                (Decision::Refused(_), _) => (JobOutcome::Refused, job.notes(), None),
                (Decision::Skip(_), _) => (JobOutcome::Skipped, Vec::new(), None),
                (_, Some(Ok(Done::Made(report)))) => (JobOutcome::Done, job.notes(), Some(*report)),
                (_, Some(Ok(Done::Verified))) => (JobOutcome::Verified, job.notes(), None),
                (_, Some(Err(error))) if error.is_cancelled() => {
                    (JobOutcome::Cancelled, error.notes(), None)
                }
                (_, Some(Err(error))) => (JobOutcome::Failed, error.notes(), None),
                (_, None) => (JobOutcome::NotRun, vec![why_not()], None),
            };
            let (base, output) = (job.base.clone(), job.output.clone());
            JobReport { base, output, outcome, reasons, left_out: job.left_out().to_vec(), report }
        });
        let (prepare, run) = (self.seconds.as_secs_f64(), start.elapsed().as_secs_f64());
        let seconds = BatchSeconds { prepare, run, total: prepare + run };
        let no_room = self.no_room.iter().map(ToString::to_string).collect();
        let left_out = self.unplaced.iter().map(|clip| clip.left_out.clone()).collect();
        BatchReport::new(jobs.collect(), left_out, no_room, self.started, seconds)
    }

    /// Why a job is not begun against which nothing stands.
    fn why_refused(&self) -> JobNote {
        let is_any = self.jobs.iter().any(|job| job.planned().is_none());
        match (self.no_room.is_empty(), is_any) {
            (false, _) => note("no_room", "there is no room for all outputs"),
            (true, false) => note("clips_refused", "clips are refused"),
            (true, true) => note("others_refused", "other jobs are refused"),
        }
    }

    /// The jobs that have to be done.
    fn due(&self) -> Vec<usize> {
        let is_due = |job: &usize| {
            matches!(self.jobs[*job].decision, Decision::Run(_) | Decision::Verify(_))
        };
        (0..self.jobs.len()).filter(is_due).collect()
    }

    /// Runs these jobs, a few at a time, in order. Returns for each job of the batch how it ended, if it was begun.
    fn run_due(
        &self,
        due: &[usize],
        cancel: &Cancel,
        on_event: &(dyn Fn(Event<'_>) + Sync),
    ) -> Vec<Option<Ended>> {
        let (few, memory_budget) = per_job(&self.options, due.len());
        let work = |nth: usize| {
            if cancel.is_cancelled() || self.stop.is_cancelled() {
                return None;
            }
            let job = due[nth];
            let started = SystemTime::now();
            let attempt = self.jobs[job].begin(started);
            let how = match &self.jobs[job].decision {
                Decision::Verify(planned) => {
                    let last = attempt.as_ref();
                    self.verify_job(job, planned, last, memory_budget, cancel, on_event)
                }
                _ => self.run_job(job, attempt.as_ref(), memory_budget, cancel, on_event),
            };
            how.as_ref().err().into_iter().for_each(|error| {
                self.jobs[job].failed(started, error);
            });
            match &how {
                Ok(Done::Made(report)) => on_event(Event::Finished { job, report }),
                Ok(Done::Verified) => on_event(Event::Verified { job }),
                Err(error) if error.is_cancelled() => on_event(Event::Cancelled { job }),
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
        attempt: Option<&Attempt>,
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
        let splice = Splice::replay(planned.plan.clone()).place(planned.place.clone());
        let splice = splice.output(&prepared.output).options(options);
        let laid_out = splice.open(&control)?.plan()?.lay_out()?;
        let (progress, frames) = (&control.progress, planned.plan.base.frames);
        on_event(Event::Started { job, progress, frames });
        let written = laid_out.write(&control)?;
        let done = attempt.map(|attempt| attempt.ended(AttemptOutcome::Done, true));
        let unnamed = Unnamed::new(&prepared.output, written, planned.existing, done)?;
        // A last look.
        if !self.options.force && stamp_of(&prepared.output)? != planned.existing {
            let (output, reason) = (prepared.output.clone(), ForeignReason::WhileRunning);
            return Err(JobError::Foreign { output, reason });
        }
        Ok(Done::Made(Box::new(ReportObject::from(&unnamed.commit(&control)?))))
    }

    /// Compares an output that is there with its sources, and notes that in its sidecar.
    fn verify_job(
        &self,
        job: usize,
        planned: &PlannedJob,
        attempt: Option<&Attempt>,
        memory_budget: u64,
        cancel: &Cancel,
        on_event: &(dyn Fn(Event<'_>) + Sync),
    ) -> Ended {
        let path = &self.jobs[job].output;
        let control = Control { cancel: cancel.clone(), progress: Progress::default() };
        let opened = Splice::replay(planned.plan.clone()).open(&control)?.plan()?;
        let output = discover::open(path, cancel).map_err(SpliceError::from)?;
        let (progress, frames) = (&control.progress, planned.plan.base.frames);
        on_event(Event::Started { job, progress, frames });
        let is_full = planned.options.verify == VerifyMode::Full;
        let passes = if is_full { 2 } else { 1 };
        progress.begin(Work { bytes_to_verify: passes * planned.bytes, frames, ..Work::default() });
        let how = VerifyOptions::default().memory_budget(memory_budget);
        let found = verify(&output, opened.base(), opened.clips(), opened.plan(), how, &control)
            .map_err(SpliceError::from)?;
        if !found.is_identical() {
            let found = Box::new(found);
            return Err(SpliceError::Differs { path: path.clone(), found }.into());
        }
        let digests = match is_full {
            true => Some(digests_of(&output, how, &control).map_err(SpliceError::from)?),
            false => None,
        };
        let stamp = FileStamp::of(output.source.identity());
        let sidecar = Sidecar {
            faststart: planned.options.faststart,
            verify: planned.options.verify,
            digests,
            last_attempt: attempt.map(|attempt| attempt.ended(AttemptOutcome::Verified, true)),
            ..Sidecar::of(path, FileRecord::of(path, stamp)?, planned.plan.clone())?
        };
        sidecar.write(&Sidecar::path_of(path), &control)?;
        Ok(Done::Verified)
    }
}

/// How many of `jobs` are run at a time, and what memory each of them has: never less than a run takes anyway.
fn per_job(options: &BatchOptions, jobs: usize) -> (NonZeroUsize, u64) {
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
        let split = |jobs_at_a_time, mib: u64, jobs| {
            let jobs_at_a_time = NonZeroUsize::new(jobs_at_a_time).unwrap();
            let memory_budget = mib << 20;
            let options = BatchOptions { jobs_at_a_time, memory_budget, ..BatchOptions::default() };
            let (few, memory) = per_job(&options, jobs);
            (few.get(), memory)
        };
        assert_eq!(split(1, 64, 40), (1, 64 << 20));
        assert_eq!(split(4, 64, 40), (4, 16 << 20));
        assert_eq!(split(4, 64, 2), (2, 32 << 20));
        // A staged buffer has 8 MiB even where it is given less.
        assert_eq!(split(4, 16, 40), (2, 8 << 20));
        assert_eq!(split(4, 8, 40), (1, 8 << 20));
        assert_eq!(split(4, 64, 0), (1, 64 << 20));
    }
}
