//! What a batch did, job by job.
//!
//! - In: how each job ended.
//! - Out: [`BatchReport`], schema `intercut.batch/1`; field names are the contract.
//! - Not here: what one splice did (`report`).

use std::time::SystemTime;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::{BytesByRoute, ReportObject, moment};

/// The name of this form of report.
pub const BATCH_SCHEMA: &str = "intercut.batch/1";

/// What one batch did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchReport {
    /// `intercut.batch/1`.
    pub schema: String,
    /// Version of the engine.
    pub version: String,
    /// When it began, as `2026-11-22T03:04:28Z`; empty in reports that were saved before it was told.
    #[serde(default)]
    pub started: String,
    /// What it comes to.
    pub totals: Totals,
    /// Where the time went.
    pub seconds: BatchSeconds,
    /// Disks that have not enough room for what was to be written, as sentences.
    pub no_room: Vec<String>,
    /// Every job, in the order in which they were given.
    pub jobs: Vec<JobReport>,
}

/// What became of one job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobReport {
    /// The movie that is spliced into.
    pub base: String,
    /// The movie that is written.
    pub output: String,
    /// What became of it.
    pub outcome: JobOutcome,
    /// Why, as sentences: why it was done, refused, not run, or failed.
    pub reasons: Vec<String>,
    /// What was done.
    pub report: Option<ReportObject>,
}

/// What became of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobOutcome {
    /// The output was written.
    Done,
    /// Nothing had changed.
    Skipped,
    /// It could not be planned.
    Refused,
    /// It was begun and failed. The output is what it was before.
    Failed,
    /// It was not begun, or cancelled.
    NotRun,
}

/// Sums over the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// All of them.
    pub jobs: u64,
    /// Jobs whose output was written.
    pub done: u64,
    /// Jobs for which nothing had changed.
    pub skipped: u64,
    /// Jobs that could not be planned.
    pub refused: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that were not begun, or cancelled.
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
        no_room: Vec<String>,
        started: SystemTime,
        seconds: BatchSeconds,
    ) -> Self {
        let (schema, version) = (BATCH_SCHEMA.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let (started, totals) = (moment(started), Totals::of(&jobs));
        Self { schema, version, started, totals, seconds, no_room, jobs }
    }

    /// The report as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("every field of a report has a form in JSON");
        text.push('\n');
        text
    }
}

impl Totals {
    fn of(jobs: &[JobReport]) -> Self {
        let mut totals = Totals::default();
        for job in jobs {
            totals.jobs += 1;
            *match job.outcome {
                JobOutcome::Done => &mut totals.done,
                JobOutcome::Skipped => &mut totals.skipped,
                JobOutcome::Refused => &mut totals.refused,
                JobOutcome::Failed => &mut totals.failed,
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
