//! A batch as JSON, an object a line, as it happens.
//!
//! - In: what was planned, events, the report.
//! - Out: lines on standard output, each flushed; the key `event` says what it is. Field names are the contract, and
//!   `intercut batch --help` tells them.
//! - Holds: every job has one `planned` and one of `finished`, `verified`, `failed`, `cancelled`, `skipped`; every clip that
//!   is left out has one `left_out`; `summary` is the last line. Reasons have the keys of `intercut.refusal/1`.
//! - Not here: when a line of progress is due (`board`).

use std::path::Path;

use intercut_engine::batch::{
    BatchReport, Decision, JobNote, JobOutcome, PreparedBatch, PreparedJob,
};
use intercut_engine::blank::PlannedBlank;
use intercut_engine::discover::{PassedOver, SkipReason};
use intercut_engine::plan::LeftOut;
use intercut_engine::report::ReportObject;
use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::{Failure, print};
use crate::refusal::Refusal;

/// Prints lines, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    is_on: bool,
}

/// One line. Jobs are counted from 0.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    /// What becomes of the blank of a camera original: it is made, or kept because it is there.
    Blank { original: String, output: String, action: BlankAction, bytes: u64 },
    /// What will become of a job.
    Planned {
        job: usize,
        base: String,
        output: String,
        action: Action,
        reasons: Vec<Refusal>,
        clips: usize,
        frames_replaced: u64,
        bytes: u64,
    },
    /// The first byte is about to be written.
    Started { job: usize, output: &'a str, frames: u64, bytes: u64 },
    /// How far it has come.
    Progress {
        job: usize,
        phase: &'static str,
        frames_done: u64,
        bytes_done: u64,
        bytes_total: u64,
    },
    /// The output has its name.
    Finished { job: usize, output: &'a str, report: &'a ReportObject },
    /// The output was there, and was verified.
    Verified { job: usize, output: &'a str },
    /// The output is what it was before.
    Failed { job: usize, output: &'a str, outcome: JobOutcome, reasons: Vec<Refusal> },
    /// It was asked to end. The output is what it was before.
    Cancelled { job: usize, output: &'a str },
    /// Nothing had changed.
    Skipped { job: usize, output: &'a str },
    /// A clip that was given and is in no output, and the job that it was given to.
    LeftOut { job: Option<usize>, path: String, code: &'a str, reason: &'a str },
    /// A file or folder that was passed over in a search.
    PassedOver { path: String, code: SkipReason, reason: String },
    /// These files and folders are watched from now on.
    Watching { paths: Vec<String>, is_polled: bool },
    /// A job waits for a file that changes, or for another process.
    Waiting { job: usize, output: &'a str, reason: &'a str },
    /// No job can be planned.
    Unplanned { reasons: Vec<String> },
    /// It was told to end, and nothing runs any more.
    Stopped,
    /// What it comes to: the fields of `intercut.batch/2`.
    Summary(&'a BatchReport),
}

/// What becomes of a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BlankAction {
    Make,
    Keep,
}

/// What will become of a job.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Run,
    Verify,
    Skip,
    Refuse,
}

impl Lines {
    /// Prints lines if `is_on`.
    pub(super) fn new(is_on: bool) -> Self {
        Self { is_on }
    }

    /// Whether lines are printed.
    pub(super) fn is_on(self) -> bool {
        self.is_on
    }

    /// Prints one line.
    ///
    /// # Errors
    /// [`Failure`] where standard output cannot be written.
    pub(super) fn put(self, line: &Line<'_>) -> Result<(), Failure> {
        if !self.is_on {
            return Ok(());
        }
        let mut text =
            serde_json::to_string(line).expect("every field of a line has a form in JSON");
        text.push('\n');
        print(&text)
    }

    /// One line for each job, and for each clip that is left out.
    pub(super) fn planned(self, prepared: &PreparedBatch) -> Result<(), Failure> {
        for prepared in prepared.jobs() {
            let job = prepared.index;
            let planned = prepared.planned();
            self.put(&Line::Planned {
                job,
                base: text(&prepared.base),
                output: text(&prepared.output),
                action: action(prepared),
                reasons: reasons(prepared),
                clips: planned.map_or(0, |planned| planned.plan.clips.len()),
                frames_replaced: planned.map_or(0, |planned| planned.plan.frames_replaced()),
                bytes: planned.map_or(0, |planned| planned.bytes),
            })?;
            prepared.left_out().iter().try_for_each(|clip| self.left_out(Some(job), clip))?;
        }
        prepared.unplaced().iter().try_for_each(|clip| self.left_out(None, &clip.left_out))
    }

    /// One line for a clip that is in no output.
    pub(super) fn left_out(self, job: Option<usize>, clip: &LeftOut) -> Result<(), Failure> {
        let LeftOut { path, code, reason } = clip;
        self.put(&Line::LeftOut { job, path: text(path), code, reason })
    }

    /// A line for a blank.
    pub(super) fn blank(self, blank: &PlannedBlank, action: BlankAction) -> Result<(), Failure> {
        let original = blank.source().map(text).unwrap_or_default();
        let (output, bytes) = (text(blank.output()), blank.bytes());
        self.put(&Line::Blank { original, output, action, bytes })
    }

    /// One line for each file that was passed over.
    pub(super) fn passed_over(self, passed_over: &[PassedOver]) -> Result<(), Failure> {
        passed_over.iter().try_for_each(|PassedOver { path, reason }| {
            let line =
                Line::PassedOver { path: text(path), code: *reason, reason: reason.to_string() };
            self.put(&line)
        })
    }

    /// A line for each job that has none of its end yet, and the last one.
    pub(super) fn summary(
        self,
        report: &BatchReport,
        refused: &[(usize, Vec<Refusal>)],
    ) -> Result<(), Failure> {
        for (told, (job, refused)) in report.jobs.iter().zip(refused) {
            let job = *job;
            let (output, outcome) = (&*text(&told.output), told.outcome);
            match outcome {
                JobOutcome::Skipped => self.put(&Line::Skipped { job, output })?,
                JobOutcome::Refused => {
                    let reasons = refused.clone();
                    self.put(&Line::Failed { job, output, outcome, reasons })?;
                }
                JobOutcome::NotRun => {
                    let reasons = told.reasons.iter().map(Refusal::from).collect();
                    self.put(&Line::Failed { job, output, outcome, reasons })?;
                }
                // Told when it happened.
                _ => {}
            }
        }
        self.put(&Line::Summary(report))
    }
}

fn action(job: &PreparedJob) -> Action {
    match &job.decision {
        Decision::Skip(_) => Action::Skip,
        Decision::Verify(_) => Action::Verify,
        Decision::Run(_) => Action::Run,
        _ => Action::Refuse,
    }
}

/// Why a job is refused, or has to be done.
pub(super) fn reasons(job: &PreparedJob) -> Vec<Refusal> {
    match &job.decision {
        Decision::Refused(errors) => errors.iter().flat_map(Refusal::of_job).collect(),
        _ => {
            let notes: Vec<JobNote> = job.notes();
            notes.iter().map(Refusal::from).collect()
        }
    }
}

/// A path as text; what is not UTF-8 in it is shown as U+FFFD.
pub(super) fn text(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_these() {
        let text = |line: Line<'_>| serde_json::to_string(&line).unwrap();
        let output = "out.mov";
        let reasons = vec![Refusal::new("no_room", "no room", None)];
        let progress = Line::Progress {
            job: 3,
            phase: "writing",
            frames_done: 20,
            bytes_done: 400,
            bytes_total: 1000,
        };
        assert_eq!(
            text(progress),
            r#"{"event":"progress","job":3,"phase":"writing","frames_done":20,"bytes_done":400,"bytes_total":1000}"#
        );
        assert_eq!(
            text(Line::Started { job: 0, output, frames: 50, bytes: 1000 }),
            r#"{"event":"started","job":0,"output":"out.mov","frames":50,"bytes":1000}"#
        );
        assert_eq!(
            text(Line::Failed { job: 1, output, outcome: JobOutcome::NotRun, reasons }),
            r#"{"event":"failed","job":1,"output":"out.mov","outcome":"not_run","reasons":[{"code":"no_room","message":"no room"}]}"#
        );
        assert_eq!(
            text(Line::Skipped { job: 2, output }),
            r#"{"event":"skipped","job":2,"output":"out.mov"}"#
        );
    }
}
