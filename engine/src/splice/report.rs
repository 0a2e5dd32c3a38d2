//! What one run did, as values: the answer of [`super::Splice::run`].
//!
//! - In: the plan, the layout, what the executor and the verification say.
//! - Out: [`Report`]. Its JSON form is another type (`crate::report`).
//! - Holds: times are [`Duration`]s, sizes are bytes.
//! - Not here: running anything (`write`).

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use intercut_io::disk::DiskUse;
use intercut_io::latency::Latency;
use intercut_io::throughput::Point;
use intercut_io::{Outcome, machine};

use super::{SpliceOptions, VerifyMode};
use crate::append::InPlace;
use crate::content::ContentCost;
use crate::layout::Layout;
use crate::plan::{PlaceOptions, SplicePlan};
use crate::verify::Digests;

/// What one run did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// When it began.
    pub started: SystemTime,
    /// What went where.
    pub plan: SplicePlan,
    /// How it was written.
    pub options: SpliceOptions,
    /// How the clips were placed; `None` if a saved plan says where they go.
    pub place: Option<PlaceOptions>,
    /// The movie that was written.
    pub output: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Whether it is the base with what is new behind it.
    pub is_appended: bool,
    /// What became of the base, if it was changed in place.
    pub in_place: Option<InPlace>,
    /// Media bytes that each clip of the plan brought.
    pub clip_bytes: Vec<u64>,
    /// Clip frames that were checked before anything was made.
    pub frames_checked: u64,
    /// What the content check cost, if this run made one; what it found is in the plan.
    pub content_cost: Option<ContentCost>,
    /// Where the time went.
    pub times: Times,
    /// How many bytes of the target were in place when, counted from the start of the run.
    pub written: Vec<Point>,
    /// How many bytes were hashed or compared when, counted from the start of the run.
    pub verified: Vec<Point>,
    /// Which routes the bytes took.
    pub copied: Outcome,
    /// How long copies and syncs took, by stage.
    pub latency: Latency,
    /// Processor time of the whole process during the run: in the program, and in the kernel.
    pub cpu_time: (Duration, Duration),
    /// Memory of the whole process.
    pub memory: MemoryUse,
    /// What it ran on.
    pub host: Host,
    /// What the device under the target did from the start of render to the end of the sync before verification, whoever
    /// asked it to, and for how long it was watched. `None` if it has no counters.
    pub disk: Option<(DiskUse, Duration)>,
    /// What was verified.
    pub verification: Verification,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

/// Where the time of a run went. What has no phase of its own (checking the sources at the end) is in `total` only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Times {
    /// Opening, planning, layout: nothing has been created yet.
    pub setup: Duration,
    /// The part of setup in which the clips' frames were checked.
    pub frame_check: Duration,
    /// Creating and preallocating the target, media and headers.
    pub render: Duration,
    /// Making it durable and giving it its name.
    pub sync: Duration,
    /// Reading it back.
    pub verify: Duration,
    /// All of it.
    pub total: Duration,
}

/// Memory of the process, in bytes; 0 if the system does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct MemoryUse {
    /// The peak of what it allocated (`RssAnon`), sampled.
    pub rss_anonymous_peak: u64,
    /// The peak of all its resident memory since it was started: pages of mapped sources, which the kernel can take back
    /// at any time, count too.
    pub max_rss: u64,
}

/// What a run ran on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Host {
    /// Its name on the network.
    pub name: String,
    /// Processors that the process could use.
    pub cores: usize,
    /// Name and release of the kernel.
    pub kernel: String,
    /// Kind of the filesystem of the target, as `mount` calls it; `None` if the system does not tell.
    pub filesystem: Option<String>,
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Verification {
    /// How. `None` in a dry run, whatever was asked for.
    pub mode: VerifyMode,
    /// Samples that were compared.
    pub samples_checked: u64,
    /// How many of them differed.
    pub mismatches: u64,
    /// Digests of what was written, after a full verification: by them the result can be proved without its sources.
    pub digests: Option<Digests>,
}

impl Report {
    /// What is known once a splice is planned and laid out. Everything that running it tells is zero.
    pub(super) fn planned(
        plan: &SplicePlan,
        layout: &Layout,
        output: &Path,
        options: SpliceOptions,
        started: SystemTime,
    ) -> Self {
        Self {
            started,
            plan: plan.clone(),
            options,
            place: None,
            output: output.to_owned(),
            bytes: layout.schedule().len(),
            is_appended: layout.is_appended(),
            in_place: None,
            clip_bytes: layout.clip_bytes().to_vec(),
            frames_checked: 0,
            content_cost: None,
            times: Times::default(),
            written: Vec::new(),
            verified: Vec::new(),
            copied: Outcome::default(),
            latency: Latency::default(),
            cpu_time: (Duration::ZERO, Duration::ZERO),
            memory: MemoryUse::default(),
            host: Host::of(output),
            disk: None,
            verification: Verification::default(),
            warnings: plan.warnings.clone(),
        }
    }

    /// Base frames that come from a clip.
    pub fn frames_replaced(&self) -> u64 {
        self.plan.frames_replaced()
    }
}

impl Host {
    /// This machine, and the filesystem that `target` is on.
    fn of(target: &Path) -> Self {
        Self {
            name: machine::name(),
            cores: machine::cores(),
            kernel: machine::kernel(),
            filesystem: machine::filesystem(target),
        }
    }
}
