//! The report of a run as one JSON object, for people's scripts (`--json`) and for the report page.
//!
//! - In: a [`Report`], or the text of an object that was saved.
//! - Out: [`ReportObject`], schema `intercut.report/2`; field names are the contract.
//! - Holds: every time is in seconds, every size in bytes, every latency in nanoseconds, as the field's name says. Paths
//!   are text, or lists of bytes if they are not UTF-8, as in a plan.
//! - Not here: running anything (`splice`).

mod how;
mod made;
mod measured;
#[cfg(test)]
mod tests;
mod used;
mod verdict;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::json::{self, Form, JsonError, Schema, moment};
use crate::plan::forms::path_text;
use crate::plan::{
    ContentFinding, Event, Gap, LeftOut, PlannedBase, PlannedClip, PlannedList, PlannedOverlap,
};
use crate::splice::{Report, Verification};
use crate::verify::Digests;

pub use how::{ClipPlacing, HostObject, InPlaceObject, LayoutObject, OptionsObject, PlacingObject};
pub use made::MadeReport;
pub use measured::{
    DiskReport, LatencyReport, LatencyStep, Percentiles, Throughput, ThroughputPoint,
};
pub use used::{
    BytesByRoute, ContentCheckReport, CpuSeconds, FrameCheckReport, MemoryBytes, PoolReport,
    RefusedRouteReport, Seconds,
};
pub use verdict::{Verdict, VerdictWord};

/// What one run did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ReportObject {
    /// `intercut.report/2`.
    pub schema: Schema<ReportObject>,
    /// Version of the engine.
    pub version: String,
    /// When it began, as `2026-11-22T03:04:28Z`.
    pub started: String,
    /// Block size to which extents were laid out, in bytes.
    pub alignment: u64,
    /// How the movie is laid out.
    pub layout: LayoutObject,
    /// What became of the base, if it was changed in place; `null` for a new movie.
    pub in_place: Option<InPlaceObject>,
    /// What it comes to.
    pub verdict: Verdict,
    /// The movie that was spliced into.
    pub base: PlannedBase,
    /// The movie that was written.
    pub output: OutputReport,
    /// Base frames that come from a clip.
    pub frames_replaced: u64,
    /// The clips, in the order of the plan.
    pub clips: Vec<ClipReport>,
    /// The edit lists that events come from, lower ones first, and what became of their events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<PlannedList>,
    /// What went where, in record order.
    pub events: Vec<Event>,
    /// Base frames between two events that no event covers, in record order.
    pub gaps: Vec<Gap>,
    /// Every clip that was given and is not among `clips`, by path.
    pub left_out: Vec<LeftOut>,
    /// Frames that several events claimed, and who got them, in record order.
    pub overlaps: Vec<PlannedOverlap>,
    /// Whether the clips show what they replace, for each event in its order; nothing if that was not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<ContentFinding>>,
    /// How it was written, and how the clips were placed.
    pub options: OptionsObject,
    /// Where the time went.
    pub seconds: Seconds,
    /// The check of the clips' frames, which is part of setup.
    pub frame_check: FrameCheckReport,
    /// The content check, which is part of setup; nothing if this run made none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_check: Option<ContentCheckReport>,
    /// How many bytes were done when.
    pub throughput: Throughput,
    /// Target bytes by the route that carried them.
    pub bytes_by_route: BytesByRoute,
    /// Routes that were not taken, and why.
    pub refused_routes: Vec<RefusedRouteReport>,
    /// Processor time of the whole process during the run.
    pub cpu_seconds: CpuSeconds,
    /// Memory.
    pub memory_bytes: MemoryBytes,
    /// The peak of the process's resident memory in bytes. Pages of mapped sources count, which the kernel can take back at
    /// any time.
    pub max_rss: u64,
    /// Use of the slab pool of the staged write-behind buffer.
    pub pool: PoolReport,
    /// How long copies took, by stage.
    pub latency_ns: LatencyReport,
    /// What it ran on.
    pub host: HostObject,
    /// What the device under the target did; `null` if it has no counters.
    pub disk: Option<DiskReport>,
    /// What was verified.
    pub verify: VerifyObject,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl Form for ReportObject {
    const SCHEMA: &'static str = "intercut.report/2";
}

/// The movie that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct OutputReport {
    /// Where it is.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
}

/// One clip of a run: what the plan says of it, and what it brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ClipReport {
    /// What the plan says of it.
    #[serde(flatten)]
    pub planned: PlannedClip,
    /// Media bytes that it brings.
    pub bytes: u64,
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct VerifyObject {
    /// `none`, `written` or `full`.
    pub mode: String,
    /// Samples that were compared.
    pub samples_checked: u64,
    /// How many of them differed.
    pub mismatches: u64,
    /// Digests of what was written, after a full verification: by them the result can be proved without its sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<Digests>,
}

impl ReportObject {
    /// The report as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }

    /// Reads a report that [`ReportObject::to_json`] wrote.
    ///
    /// # Errors
    /// [`JsonError`] if the text is not a report, or one of another form.
    pub fn from_json(text: &str) -> Result<Self, JsonError> {
        json::from_text(text)
    }
}

impl From<&Report> for ReportObject {
    fn from(report: &Report) -> Self {
        let plan = &report.plan;
        let clips = plan.clips.iter().zip(&report.clip_bytes);
        let copied = &report.copied;
        Self {
            schema: Schema::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: moment(report.started),
            alignment: plan.alignment,
            layout: LayoutObject::of(report),
            in_place: report.in_place.map(|in_place| InPlaceObject::of(in_place, report.bytes)),
            // Nothing is written in a dry run, so there is nothing to verify.
            verdict: match report.times.render.is_zero() {
                true => Verdict::of_plan(plan),
                false => Verdict::of_run(plan, &report.verification, report.in_place.is_some()),
            },
            base: plan.base.clone(),
            output: OutputReport { path: report.output.clone(), bytes: report.bytes },
            frames_replaced: plan.frames_replaced(),
            clips: clips
                .map(|(clip, &bytes)| ClipReport { planned: clip.clone(), bytes })
                .collect(),
            lists: plan.lists.clone(),
            events: plan.events.clone(),
            gaps: plan.gaps.clone(),
            left_out: plan.left_out.clone(),
            overlaps: plan.overlaps.clone(),
            content: plan.content.clone(),
            options: OptionsObject::of(report),
            seconds: Seconds::from(&report.times),
            frame_check: FrameCheckReport {
                frames: report.frames_checked,
                seconds: report.times.frame_check.as_secs_f64(),
            },
            content_check: report.content_cost.map(ContentCheckReport::from),
            throughput: Throughput::of(report),
            bytes_by_route: BytesByRoute::of(copied),
            refused_routes: copied.refused.iter().map(RefusedRouteReport::from).collect(),
            cpu_seconds: CpuSeconds::from(report.cpu_time),
            memory_bytes: MemoryBytes::of(report),
            max_rss: report.memory.max_rss,
            pool: PoolReport::from(copied.pool),
            latency_ns: LatencyReport::of(&report.latency),
            host: HostObject::from(&report.host),
            disk: report.disk.as_ref().map(|(used, watched)| DiskReport::of(used, *watched)),
            verify: VerifyObject::from(&report.verification),
            warnings: report.warnings.clone(),
        }
    }
}

impl From<&Verification> for VerifyObject {
    fn from(verification: &Verification) -> Self {
        let Verification { mode, samples_checked, mismatches, ref digests } = *verification;
        let digests = digests.clone();
        Self { mode: mode.name().to_owned(), samples_checked, mismatches, digests }
    }
}
