//! The report of a run: one object, for people's scripts (`--json`) and for the report page.
//!
//! - In: the plan, the layout, what the executor and the verification say.
//! - Out: [`Report`], schema `intercut.report/1`; field names are the contract.
//! - Holds: every time is in seconds, every size in bytes, every latency in nanoseconds, as the field's name says.
//!   Fields that were added after a report was saved read as empty.
//! - Not here: running anything (`splice`).

mod measured;

use std::path::Path;

use intercut_io::latency::Latency;
use intercut_io::{Outcome, Route};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::layout::Layout;
use crate::plan::forms::text_of;
use crate::plan::{Event, PlannedBase, PlannedOverlap, SplicePlan};
use crate::verify::{Digests, VerifyReport};

pub use measured::{
    DiskReport, LatencyReport, LatencyStep, Machine, Percentiles, Throughput, ThroughputPoint,
};

/// The name of this form of report.
pub const SCHEMA: &str = "intercut.report/1";

/// What one run did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `intercut.report/1`.
    pub schema: String,
    /// Version of the engine.
    pub version: String,
    /// When it began, as `2026-11-22T03:04:28Z`; empty in reports that were saved before it was told.
    #[serde(default)]
    pub started: String,
    /// Block size to which extents were laid out, in bytes.
    pub alignment: u64,
    /// The movie that was spliced into.
    pub base: BaseReport,
    /// The movie that was written.
    pub output: OutputReport,
    /// Base frames that come from a clip.
    pub frames_replaced: u64,
    /// The clips, in the order of their first frame in the base.
    pub clips: Vec<ClipReport>,
    /// Frames that several clips claimed, and who got them, in record order.
    #[serde(default)]
    pub overlaps: Vec<PlannedOverlap>,
    /// Where the time went.
    pub seconds: Seconds,
    /// How many bytes were done when.
    #[serde(default)]
    pub throughput: Throughput,
    /// Target bytes by the route that carried them.
    pub bytes_by_route: BytesByRoute,
    /// Routes that were not taken, and why.
    pub refused_routes: Vec<RefusedRouteReport>,
    /// Processor time of the whole process during the run.
    pub cpu_seconds: CpuSeconds,
    /// Memory.
    pub memory_bytes: MemoryBytes,
    /// Use of the slab pool of the staged write-behind buffer.
    pub pool: PoolReport,
    /// How long copies took, by stage.
    pub latency_ns: LatencyReport,
    /// What it ran on; empty in reports that were saved before it was told.
    #[serde(default)]
    pub machine: Machine,
    /// What the device under the target did; `None` where it has no counters.
    #[serde(default)]
    pub disk: Option<DiskReport>,
    /// What was verified.
    pub verify: VerifySummary,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

/// The base of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseReport {
    /// Where it is.
    pub path: String,
    /// Frames on its timeline.
    pub frames: u64,
    /// Frames per second, as `25/1`.
    pub rate: String,
    /// Timecode of its first frame.
    pub timecode: Option<String>,
    /// Fourcc of its video sample description.
    pub codec: String,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
}

/// The movie that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputReport {
    /// Where it is.
    pub path: String,
    /// Its length.
    pub bytes: u64,
}

/// One clip of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipReport {
    /// Where it is.
    pub path: String,
    /// Its own timecode at its first presented frame.
    pub timecode: Option<String>,
    /// The first base frame that it claims, counted from 0.
    pub record_in: u64,
    /// The base frame after the last one that it claims.
    pub record_out: u64,
    /// Timecode of `record_in` in the base; empty in reports that were saved before it was told.
    #[serde(default)]
    pub record_timecode_in: String,
    /// Timecode after the clip's last frame, in the base.
    #[serde(default)]
    pub record_timecode_out: String,
    /// Which of its frames, counted from 0, goes to `record_in`.
    pub source_in: u64,
    /// Base frames that it replaces.
    pub frames: u64,
    /// Media bytes that it brings.
    pub bytes: u64,
}

/// Where the time of a run went. What is not its own phase (checking the sources at the end) is in `total` only.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Seconds {
    /// Opening, planning, layout: nothing has been created yet.
    pub setup: f64,
    /// Creating and preallocating the target, media and headers.
    pub render: f64,
    /// Making it durable and giving it its name.
    pub sync: f64,
    /// Reading it back.
    pub verify: f64,
    /// All of it.
    pub total: f64,
}

/// Target bytes by route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BytesByRoute {
    /// Shared by the filesystem.
    pub reflink: u64,
    /// Written directly from the source's mapping.
    pub mapped: u64,
    /// Written directly from slabs.
    pub staged: u64,
    /// Copied by the kernel.
    pub kernel: u64,
    /// Copied through the page cache.
    pub buffered: u64,
}

impl BytesByRoute {
    /// Each route's name and bytes, in the order of [`Route::ALL`].
    pub fn by_name(self) -> [(&'static str, u64); 5] {
        let Self { reflink, mapped, staged, kernel, buffered } = self;
        [
            (Route::Reflink.name(), reflink),
            (Route::Mapped.name(), mapped),
            (Route::Staged.name(), staged),
            (Route::Kernel.name(), kernel),
            (Route::Buffered.name(), buffered),
        ]
    }
}

/// A route that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRouteReport {
    /// Its name.
    pub route: String,
    /// Why, as a sentence without a full stop.
    pub reason: String,
}

/// Processor time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CpuSeconds {
    /// In the program.
    pub user: f64,
    /// In the kernel.
    pub system: f64,
}

/// Memory of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemoryBytes {
    /// What the run was allowed for staging and reading ahead.
    pub budget: u64,
    /// The most that the slab pool had in use.
    pub staging_peak: u64,
    /// Peak of the process's anonymous memory (`RssAnon`), sampled; 0 where the system does not tell.
    pub rss_anonymous_peak: u64,
}

/// Use of the slab pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PoolReport {
    /// Slabs in the pool.
    pub slabs: u64,
    /// How often a slab was free when it was wanted.
    pub hits: u64,
    /// How often the run had to wait for one.
    pub misses: u64,
    /// The most slabs in use at one time.
    pub high_water: u64,
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifySummary {
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

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// It is not JSON, or a field is missing or has another form.
    #[error("it is no report of a run")]
    Unreadable(#[source] serde_json::Error),
    /// It is a report of another form.
    #[error("it is of schema '{found}', not '{SCHEMA}'")]
    Schema {
        /// What its `schema` says.
        found: String,
    },
}

impl Report {
    /// What is known once a splice is planned and laid out: times and everything that running it tells are zero.
    pub(crate) fn planned(plan: &SplicePlan, layout: &Layout, output: &Path) -> Self {
        let bytes = layout.clip_bytes();
        let clips =
            plan.events.iter().map(|event| ClipReport::of(plan, event, bytes[event.clip.get()]));
        Self {
            schema: SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: String::new(),
            alignment: plan.alignment,
            base: BaseReport::of(&plan.base),
            output: OutputReport { path: text(output), bytes: layout.schedule().len() },
            frames_replaced: plan.frames_replaced(),
            clips: clips.collect(),
            overlaps: plan.overlaps.clone(),
            seconds: Seconds::default(),
            throughput: Throughput::default(),
            bytes_by_route: BytesByRoute::default(),
            refused_routes: Vec::new(),
            cpu_seconds: CpuSeconds::default(),
            memory_bytes: MemoryBytes::default(),
            pool: PoolReport::default(),
            latency_ns: LatencyReport::default(),
            machine: Machine::of(output),
            disk: None,
            verify: VerifySummary {
                mode: "none".to_owned(),
                samples_checked: 0,
                mismatches: 0,
                digests: None,
            },
            warnings: plan.notes(),
        }
    }

    /// Adds what the executor says.
    pub(crate) fn add_outcome(&mut self, outcome: &Outcome) {
        let bytes = |route: Route| {
            let routes = Route::ALL.iter().zip(outcome.bytes_by_route);
            routes.filter(|(other, _)| **other == route).map(|(_, bytes)| bytes).sum()
        };
        self.bytes_by_route = BytesByRoute {
            reflink: bytes(Route::Reflink),
            mapped: bytes(Route::Mapped),
            staged: bytes(Route::Staged),
            kernel: bytes(Route::Kernel),
            buffered: bytes(Route::Buffered),
        };
        let refused = outcome.refused.iter();
        self.refused_routes = refused
            .map(|refused| RefusedRouteReport {
                route: refused.route.name().to_owned(),
                reason: refused.reason.clone(),
            })
            .collect();
        let pool = outcome.pool;
        let (slabs, hits, misses, high_water) =
            (pool.slabs, pool.hits, pool.misses, pool.high_water);
        self.pool = PoolReport { slabs, hits, misses, high_water };
        self.memory_bytes.staging_peak = high_water * pool.slab_len;
    }

    /// Adds the latencies of all stages, those of syncs included.
    pub(crate) fn add_latency(&mut self, latency: &Latency) {
        self.latency_ns = LatencyReport::of(latency);
    }

    /// Adds what a verification of this mode found.
    pub(crate) fn add_verify(
        &mut self,
        mode: &str,
        found: &VerifyReport,
        digests: Option<Digests>,
    ) {
        let (samples_checked, mismatches) = (found.samples_checked, found.mismatches);
        self.verify = VerifySummary { mode: mode.to_owned(), samples_checked, mismatches, digests };
    }

    /// Reads a report that [`Report::to_json`] wrote.
    ///
    /// # Errors
    /// [`ReportError`] where the text is no report, or one of another schema.
    pub fn from_json(text: &str) -> Result<Self, ReportError> {
        let report: Self = serde_json::from_str(text).map_err(ReportError::Unreadable)?;
        if report.schema == SCHEMA {
            Ok(report)
        } else {
            Err(ReportError::Schema { found: report.schema })
        }
    }

    /// The report as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("every field of a report has a form in JSON");
        text.push('\n');
        text
    }
}

impl BaseReport {
    fn of(base: &PlannedBase) -> Self {
        Self {
            path: text(&base.path),
            frames: base.frames,
            rate: text_of(base.rate),
            timecode: base.timecode.clone(),
            codec: base.codec.to_string(),
            width: base.width,
            height: base.height,
        }
    }
}

impl ClipReport {
    fn of(plan: &SplicePlan, event: &Event, bytes: u64) -> Self {
        let clip = plan.clip_of(event);
        Self {
            path: text(&clip.path),
            timecode: clip.timecode.clone(),
            record_in: event.record_in,
            record_out: event.record_out,
            record_timecode_in: event.record_timecode_in.clone(),
            record_timecode_out: event.record_timecode_out.clone(),
            source_in: event.source_in,
            frames: event.frames,
            bytes,
        }
    }
}

/// A moment as reports tell it: RFC 3339, whole seconds, UTC.
pub(crate) fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A path as text; what is not UTF-8 in it is shown as U+FFFD.
fn text(path: &Path) -> String {
    path.display().to_string()
}
