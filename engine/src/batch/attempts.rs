//! Notes what became of each try, so that nobody has to collect the logs of many machines.
//!
//! - In: how a job of a batch went.
//! - Out: `last_attempt` in the sidecar of its output.
//! - Holds: who writes there has the lock of the output, so that a try that is kept out by another says nothing over it. A
//!   note that cannot be written fails no job: the exit code and the report say the same.
//! - Not here: what a try is and where it lies (`sidecar`).

use std::path::Path;
use std::time::SystemTime;

use intercut_io::OutputLock;

use super::error::JobError;
use super::prepare::{Decision, PreparedBatch, PreparedJob};
use crate::sidecar::{Attempt, AttemptOutcome, JobNote};

impl PreparedJob {
    /// Notes that the job begins, if tries are noted. Its output is locked.
    pub(super) fn begin(&self) -> Option<Attempt> {
        let attempt = self.is_noted.then(|| Attempt::begun(SystemTime::now()))?;
        let attempt = attempt.because(self.notes());
        let _unnoted: Result<(), _> = attempt.clone().note(&self.output);
        Some(attempt)
    }

    /// Notes that the job failed, or was cancelled. Its output is locked.
    pub(super) fn failed(&self, attempt: Option<&Attempt>, error: &JobError) {
        let Some(attempt) = attempt else { return };
        let (outcome, may_retry) = match error.is_cancelled() {
            true => (AttemptOutcome::Cancelled, true),
            false => (AttemptOutcome::Failed, error.may_retry()),
        };
        let ended = attempt.ended(outcome, may_retry).because(error.notes());
        let _unnoted: Result<(), _> = ended.note(&self.output);
    }
}

impl PreparedBatch {
    /// Notes what was decided about jobs that are not begun.
    pub(super) fn note_decisions(&self) {
        for job in self.jobs.iter().filter(|job| job.is_noted) {
            let begun = Attempt::begun(self.started);
            let ended = match &job.decision {
                Decision::Refused(errors) if errors.iter().all(is_about_this_job) => {
                    let may_retry = errors.iter().all(JobError::may_retry);
                    begun.ended(AttemptOutcome::Refused, may_retry).because(job.notes())
                }
                Decision::Skip(_) => begun.ended(AttemptOutcome::Unchanged, true),
                _ => continue,
            };
            note_if_free(ended, &job.output);
        }
    }
}

/// Whether what stands against a job says something about its own output.
fn is_about_this_job(error: &JobError) -> bool {
    !matches!(error, JobError::SameOutput { .. } | JobError::Busy { .. })
        && !matches!(error, JobError::Foreign { .. } | JobError::OutputIsSource { .. })
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
