//! What a batch did, job by job.
//!
//! - In: how each job ended.
//! - Out: [`BatchReport`], schema `intercut.batch/2`; field names are the contract.
//! - Not here: what one splice did (`report`).

use std::path::PathBuf;
use std::time::SystemTime;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json::{self, Form, Schema, moment};
use crate::plan::LeftOut;
use crate::plan::forms::path_text;
use crate::report::{BytesByRoute, ReportObject};
use crate::sidecar::JobNote;

/// What one batch did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BatchReport {
    /// `intercut.batch/2`.
    pub schema: Schema<BatchReport>,
    /// Version of the engine.
    pub version: String,
    /// When it began, as `2026-11-22T03:04:28Z`.
    pub started: String,
    /// What it comes to.
    pub totals: Totals,
    /// Where the time went.
    pub seconds: BatchSeconds,
    /// Disks that have not enough room for what was to be written, as sentences.
    pub no_room: Vec<String>,
    /// Clips that were given and are in no job, by path.
    pub left_out: Vec<LeftOut>,
    /// Every job, in the order in which they were given.
    pub jobs: Vec<JobReport>,
}

impl Form for BatchReport {
    const SCHEMA: &'static str = "intercut.batch/2";
}

/// What became of one job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct JobReport {
    /// The movie that is spliced into.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub base: PathBuf,
    /// The movie that is written.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub output: PathBuf,
    /// What became of it.
    pub outcome: JobOutcome,
    /// Why it was done, refused, not run, or failed.
    pub reasons: Vec<JobNote>,
    /// Clips of the job that were given and are not in its output, by path.
    pub left_out: Vec<LeftOut>,
    /// What was done.
    pub report: Option<ReportObject>,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum JobOutcome {
    /// The output was written.
    Done,
    /// The output was there, and was verified as far as was asked.
    Verified,
    /// Nothing had changed.
    Skipped,
    /// It could not be planned.
    Refused,
    /// It was begun and failed. The output is what it was before.
    Failed,
    /// It was begun and cancelled. The output is what it was before.
    Cancelled,
    /// It was not begun.
    NotRun,
}

/// Sums over the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Totals {
    /// All of them.
    pub jobs: u64,
    /// Jobs whose output was written.
    pub done: u64,
    /// Jobs whose output was there and was verified.
    pub verified: u64,
    /// Jobs for which nothing had changed.
    pub skipped: u64,
    /// Jobs that could not be planned.
    pub refused: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that were begun and cancelled.
    pub cancelled: u64,
    /// Jobs that were not begun.
    pub not_run: u64,
    /// Base frames that come from a clip, in the outputs that were written.
    pub frames_replaced: u64,
    /// Length of the outputs that were written.
    pub bytes: u64,
    /// The same by route.
    pub bytes_by_route: BytesByRoute,
}

/// Where the time of a batch went.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BatchSeconds {
    /// Opening and planning all jobs.
    pub prepare: f64,
    /// Running those that had to be done.
    pub run: f64,
    /// Both.
    pub total: f64,
}

impl BatchReport {
    pub(super) fn new(
        jobs: Vec<JobReport>,
        left_out: Vec<LeftOut>,
        no_room: Vec<String>,
        started: SystemTime,
        seconds: BatchSeconds,
    ) -> Self {
        let (schema, version) = (Schema::new(), env!("CARGO_PKG_VERSION").to_owned());
        let (started, totals) = (moment(started), Totals::of(&jobs));
        Self { schema, version, started, totals, seconds, no_room, left_out, jobs }
    }

    /// Every clip that was given and is in no output, and the job that it was given to.
    pub fn all_left_out(&self) -> impl Iterator<Item = (Option<&JobReport>, &LeftOut)> {
        let of_jobs =
            self.jobs.iter().flat_map(|job| job.left_out.iter().map(move |one| (Some(job), one)));
        self.left_out.iter().map(|one| (None, one)).chain(of_jobs)
    }

    /// The report as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }
}

impl Totals {
    fn of(jobs: &[JobReport]) -> Self {
        let mut totals = Totals::default();
        for job in jobs {
            totals.jobs += 1;
            *match job.outcome {
                JobOutcome::Done => &mut totals.done,
                JobOutcome::Verified => &mut totals.verified,
                JobOutcome::Skipped => &mut totals.skipped,
                JobOutcome::Refused => &mut totals.refused,
                JobOutcome::Failed => &mut totals.failed,
                JobOutcome::Cancelled => &mut totals.cancelled,
                JobOutcome::NotRun => &mut totals.not_run,
            } += 1;
        }
        for report in jobs.iter().filter_map(|job| job.report.as_ref()) {
            totals.frames_replaced += report.frames_replaced;
            totals.bytes += report.output.bytes;
            let (sum, one) = (&mut totals.bytes_by_route, report.bytes_by_route);
            sum.reflink += one.reflink;
            sum.mapped += one.mapped;
            sum.staged += one.staged;
            sum.kernel += one.kernel;
            sum.buffered += one.buffered;
        }
        totals
    }
}
