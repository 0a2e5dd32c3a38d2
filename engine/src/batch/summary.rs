//! What became of the jobs of a batch that ran in many processes, perhaps on many machines, by their sidecars alone.
//!
//! - In: the jobs; nothing but their outputs and what lies beside these is looked at.
//! - Out: [`Summary`], schema `intercut.summary/1`; field names are the contract.
//! - Holds: an output counts as done only if it is the file that its sidecar tells of, and no later try was refused or
//!   failed. Nothing is locked, so that a task that begins at this moment is in nobody's way.
//! - Not here: whether the sources changed since (planning says that).

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use intercut_io::{Cancel, IoError};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attempts::note;
use super::error::JobError;
use super::output::{Found, conflicts};
use crate::json::{self, Form, Schema, moment};
use crate::plan::LeftOut;
use crate::plan::forms::path_text;
use crate::sidecar::{Attempt, AttemptOutcome, JobNote};
use crate::splice::Splice;

/// What became of the jobs of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Summary {
    /// `intercut.summary/1`.
    pub schema: Schema<Summary>,
    /// Version of the engine.
    pub version: String,
    /// When the sidecars were read, as `2026-11-22T03:04:28Z`.
    pub read: String,
    /// What it comes to.
    pub totals: SummaryTotals,
    /// Every job, in the order in which they were given.
    pub jobs: Vec<JobSummary>,
}

impl Form for Summary {
    const SCHEMA: &'static str = "intercut.summary/1";
}

/// Sums over the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SummaryTotals {
    /// All of them.
    pub jobs: u64,
    /// Jobs whose output is there, as it was made.
    pub done: u64,
    /// Jobs whose last try was begun and has not ended, or was killed.
    pub running: u64,
    /// Jobs whose last try was refused or failed.
    pub failed: u64,
    /// Jobs whose output is not there, or is an older one, and against which nothing stands.
    pub missing: u64,
    /// Clips that were given and are not in the outputs that are done.
    pub left_out: u64,
}

/// What became of one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct JobSummary {
    /// Its number, counted from 1.
    pub task: u64,
    /// The movie that is spliced into.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub base: PathBuf,
    /// The movie that is written.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub output: PathBuf,
    /// What became of it.
    pub state: JobState,
    /// Whether a movie that a batch has made has the output's name. It is of an earlier run if the job is not done.
    pub has_output: bool,
    /// Why it is not done.
    pub reasons: Vec<JobNote>,
    /// Clips of the job that were given and are not in its output, by path.
    pub left_out: Vec<LeftOut>,
    /// The last try, if it was noted.
    pub last_attempt: Option<Attempt>,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobState {
    /// The output is there, as it was made.
    Done,
    /// The last try was begun and has not ended, or was killed.
    Running,
    /// The last try was refused or failed.
    Failed,
    /// The output is not there, or is an older one, and nothing stands against the job.
    Missing,
}

impl JobState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Missing => "missing",
        }
    }
}

impl Summary {
    /// Reads what lies beside the outputs of `jobs`, in parallel.
    ///
    /// - Cost: reads each sidecar, and samples of an output whose time changed.
    ///
    /// # Errors
    /// [`IoError::Cancelled`]; [`IoError::Failed`] if something is there and cannot be read.
    pub fn of(jobs: &[Splice], cancel: &Cancel) -> Result<Self, IoError> {
        let outputs: Vec<&Path> =
            jobs.iter().map(|job| job.output_path().unwrap_or(Path::new(""))).collect();
        let same = conflicts::same(&outputs);
        let read = |(index, job): (usize, &Splice)| {
            cancel.check()?;
            let other = same[index].map(|other| jobs[other].base_path());
            JobSummary::of(index, job, outputs[index], other)
        };
        let jobs: Vec<JobSummary> =
            jobs.par_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        let mut totals = SummaryTotals::default();
        for job in &jobs {
            totals.jobs += 1;
            totals.left_out += job.left_out.len() as u64;
            *match job.state {
                JobState::Done => &mut totals.done,
                JobState::Running => &mut totals.running,
                JobState::Failed => &mut totals.failed,
                JobState::Missing => &mut totals.missing,
            } += 1;
        }
        let (schema, version) = (Schema::new(), env!("CARGO_PKG_VERSION").to_owned());
        Ok(Self { schema, version, read: moment(SystemTime::now()), totals, jobs })
    }

    /// Whether every job is done.
    pub fn is_complete(&self) -> bool {
        self.totals.done == self.totals.jobs
    }

    /// The summary as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }
}

impl JobSummary {
    /// - `other`: the base of another job with the same output.
    fn of(
        index: usize,
        job: &Splice,
        output: &Path,
        other: Option<&Path>,
    ) -> Result<Self, IoError> {
        let mut found = Found::look(output)?;
        let last_attempt = found.last_attempt.take();
        let is_made = found.existing.is_some() && found.is_as_written;
        let is_ours = found.existing.is_some() && found.foreign.is_none();
        let (base, output) = (job.base_path().to_owned(), output.to_owned());
        let (state, reasons) = match (&last_attempt, other) {
            (_, Some(other)) => {
                let (output, base, other) = (output.clone(), base.clone(), other.to_owned());
                (JobState::Failed, JobError::SameOutput { output, base, other }.notes())
            }
            (Some(attempt), None) => match attempt.outcome {
                AttemptOutcome::Running => (JobState::Running, vec![begun(attempt)]),
                AttemptOutcome::Refused | AttemptOutcome::Failed => {
                    (JobState::Failed, attempt.reasons.clone())
                }
                AttemptOutcome::Cancelled => (JobState::Missing, vec![cancelled(attempt)]),
                AttemptOutcome::NotBegun => (JobState::Missing, attempt.reasons.clone()),
                _ if is_made || found.is_changed_in_place => (JobState::Done, Vec::new()),
                _ => (JobState::Missing, vec![missing(&output, &found)]),
            },
            (None, None) if is_made || found.is_changed_in_place => (JobState::Done, Vec::new()),
            (None, None) => (JobState::Missing, vec![missing(&output, &found)]),
        };
        let left_out = match (state, found.sidecar) {
            (JobState::Done, Some(sidecar)) => sidecar.plan.left_out,
            _ => Vec::new(),
        };
        let (task, has_output) = (index as u64 + 1, is_ours);
        Ok(Self { task, base, output, state, has_output, reasons, left_out, last_attempt })
    }
}

/// Why there is no output, as far as can be seen.
fn missing(output: &Path, found: &Found) -> JobNote {
    match (found.existing, found.foreign, &found.sidecar) {
        (Some(_), Some(reason), _) => JobNote::new(
            "foreign",
            Some(output.to_owned()),
            format!("it is another file: {reason}"),
        ),
        (Some(_), None, _) => note("interrupted", "the run before did not come to its end"),
        (None, _, Some(_)) => note("output_gone", "the output is not there"),
        (None, _, None) => note("not_made", "it was not made yet"),
    }
}

fn begun(attempt: &Attempt) -> JobNote {
    let (started, host) = (&attempt.started, &attempt.host);
    note("running", &format!("it was begun at {started} on {host}, and has not ended"))
}

fn cancelled(attempt: &Attempt) -> JobNote {
    let ended = attempt.ended.as_deref().unwrap_or("an unknown time");
    note("cancelled", &format!("it was asked to end at {ended} on {}", attempt.host))
}
