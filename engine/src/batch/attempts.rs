//! Notes what became of each try, so that nobody has to collect the logs of many machines.
//!
//! - In: how a job of a batch went, or why none was begun.
//! - Out: `last_attempt` in the sidecar of its output.
//! - Holds: who writes there has the lock of the output, so that a try that is kept out by another says nothing over it. A
//!   note that cannot be written fails no job: the exit code and the report say the same.
//! - Not here: what a try is and where it lies (`sidecar`).

use std::path::Path;
use std::time::SystemTime;

use intercut_io::OutputLock;
use rayon::prelude::*;

use super::error::JobError;
use super::folders::Folders;
use super::output::conflicts::folder_of;
use super::prepare::{Decision, PreparedBatch, PreparedJob};
use super::{Batch, NoteAttempts};
use crate::sidecar::{Attempt, AttemptOutcome, Beside, JobNote};

impl PreparedJob {
    /// Notes that the job begins, if all tries are noted. Its output is locked.
    pub(super) fn begin(&self, started: SystemTime) -> Option<Attempt> {
        let attempt = (self.noted == NoteAttempts::All).then(|| Attempt::begun(started))?;
        let attempt = attempt.because(self.notes());
        let _unnoted: Result<(), _> = attempt.clone().note(&self.output);
        Some(attempt)
    }

    /// Notes that the job failed, or was cancelled. Its output is locked.
    pub(super) fn failed(&self, started: SystemTime, error: &JobError) {
        let (outcome, may_retry) = match error.is_cancelled() {
            true => (AttemptOutcome::Cancelled, true),
            false => (AttemptOutcome::Failed, error.may_retry()),
        };
        let ended = Attempt::begun(started).ended(outcome, may_retry).because(error.notes());
        self.note(ended);
    }

    /// Notes a try that made nothing. Its output is locked.
    fn note(&self, attempt: Attempt) {
        if self.noted != NoteAttempts::Again {
            let _unnoted: Result<(), _> = attempt.note(&self.output);
        }
    }
}

impl PreparedBatch {
    /// Notes what was decided about jobs that are not begun.
    pub(super) fn note_decisions(&self) {
        self.jobs.par_iter().for_each(|job| {
            let begun = Attempt::begun(self.started);
            let ended = match (&job.decision, job.noted) {
                (_, NoteAttempts::Again) => return,
                (Decision::Refused(errors), _) if !errors.iter().any(is_of_others) => {
                    let may_retry = errors.iter().all(JobError::may_retry);
                    begun.ended(AttemptOutcome::Refused, may_retry).because(job.notes())
                }
                (Decision::Skip(_), NoteAttempts::All) => {
                    begun.ended(AttemptOutcome::Unchanged, true)
                }
                _ => return,
            };
            note_if_free(ended, &job.output);
        });
    }

    /// Notes beside outputs that would have been made why they are not. They are locked.
    pub(super) fn note_unbegun(&self, why: &JobNote) {
        // Nobody has to do anything but to make room.
        let may_retry = why.code == "no_room";
        let due = self.jobs.par_iter().filter(|job| matches!(job.decision, Decision::Run(_)));
        due.for_each(|job| {
            let ended = Attempt::begun(self.started).ended(AttemptOutcome::NotBegun, may_retry);
            job.note(ended.because(vec![why.clone()]));
        });
    }
}

impl Batch {
    /// Notes beside the outputs that a try ended before their jobs were planned, as far as tries are noted. What was asked
    /// to end says so beside the outputs of its own part of a batch that are not there, and nothing else.
    ///
    /// - `code`, `message`: why, as in [`JobNote`]; `cancelled` if it was asked to end.
    /// - `may_retry`: whether trying again may help.
    pub fn note_unplanned(&self, code: &str, message: &str, may_retry: bool) {
        let is_cancelled = code == "cancelled";
        let is_noted = self.options.note_attempts != NoteAttempts::Again;
        if !is_noted || (is_cancelled && self.tasks.is_none()) {
            return;
        }
        let outcome =
            if is_cancelled { AttemptOutcome::Cancelled } else { AttemptOutcome::Refused };
        let ended = Attempt::begun(SystemTime::now()).ended(outcome, may_retry);
        let ended = ended.because(vec![note(code, message)]);
        let mut folders = Folders::default();
        for output in self.chosen().iter().filter_map(|job| self.jobs[*job].output_path()) {
            let is_made = || matches!(Beside::read(output), Ok(Beside::Made(_)));
            if folders.make(&folder_of(output)).is_ok() && !(is_cancelled && is_made()) {
                note_if_free(ended.clone(), output);
            }
        }
    }
}

/// Whether what stands against a job is said of its output by another: by the run that has it, or by the summary.
fn is_of_others(error: &JobError) -> bool {
    matches!(error, JobError::SameOutput { .. } | JobError::Busy { .. })
}

/// Notes a try, unless another run has the output by now.
fn note_if_free(attempt: Attempt, output: &Path) {
    if let Ok(_lock) = OutputLock::take(output) {
        let _unnoted: Result<(), _> = attempt.note(output);
    }
}

/// The notes of a job that was not begun.
pub(super) fn note(code: &str, message: &str) -> JobNote {
    JobNote::new(code, None, message.to_owned())
}
