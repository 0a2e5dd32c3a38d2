//! What a run used: time, processor, memory, routes.
//!
//! - In: the counters of a [`Report`].
//! - Out: the keys that hold them, each with its unit in its name or its documentation.
//! - Not here: what changed over time (`measured`).

use std::time::Duration;

use intercut_io::{Outcome, PoolStats, RefusedRoute, Route};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::splice::{ContentCost, Report, Times};

/// Where the time of a run went. What is not its own phase (checking the sources at the end) is in `total` only.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
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

/// The check that every clip frame that is used is one.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct FrameCheckReport {
    /// Frames that were looked at.
    pub frames: u64,
    /// How long it took; a part of setup.
    pub seconds: f64,
}

/// The check that clips show what they replace.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ContentCheckReport {
    /// Samples that were read, of the base and of clips.
    pub samples: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How long it took; a part of setup.
    pub seconds: f64,
}

impl From<ContentCost> for ContentCheckReport {
    fn from(cost: ContentCost) -> Self {
        let ContentCost { samples, bytes, time } = cost;
        Self { samples, bytes, seconds: time.as_secs_f64() }
    }
}

/// Target bytes by route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RefusedRouteReport {
    /// Its name.
    pub route: String,
    /// Why, as a sentence without a full stop.
    pub reason: String,
}

/// Processor time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CpuSeconds {
    /// In the program.
    pub user: f64,
    /// In the kernel.
    pub system: f64,
}

/// Memory of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct MemoryBytes {
    /// What the run was allowed for staging and reading ahead.
    pub budget: u64,
    /// The most that the slab pool had in use.
    pub staging_peak: u64,
    /// Peak of the process's anonymous memory (`RssAnon`), sampled; 0 where the system does not tell.
    pub rss_anonymous_peak: u64,
}

/// Use of the slab pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
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

impl From<&Times> for Seconds {
    fn from(times: &Times) -> Self {
        let Times { setup, render, sync, verify, total, .. } = *times;
        let [setup, render, sync, verify, total] =
            [setup, render, sync, verify, total].map(|time| time.as_secs_f64());
        Self { setup, render, sync, verify, total }
    }
}

impl BytesByRoute {
    /// The bytes that a run moved.
    pub fn of(copied: &Outcome) -> Self {
        let bytes = |route: Route| copied.bytes_by_route.by(route);
        Self {
            reflink: bytes(Route::Reflink),
            mapped: bytes(Route::Mapped),
            staged: bytes(Route::Staged),
            kernel: bytes(Route::Kernel),
            buffered: bytes(Route::Buffered),
        }
    }
}

impl From<&RefusedRoute> for RefusedRouteReport {
    fn from(refused: &RefusedRoute) -> Self {
        Self { route: refused.name.to_owned(), reason: refused.reason.clone() }
    }
}

impl From<(Duration, Duration)> for CpuSeconds {
    fn from((user, system): (Duration, Duration)) -> Self {
        Self { user: user.as_secs_f64(), system: system.as_secs_f64() }
    }
}

impl MemoryBytes {
    pub(super) fn of(report: &Report) -> Self {
        let pool = report.copied.pool;
        Self {
            budget: report.options.memory_budget,
            staging_peak: pool.high_water * pool.slab_len,
            rss_anonymous_peak: report.memory.rss_anonymous_peak,
        }
    }
}

impl From<PoolStats> for PoolReport {
    fn from(pool: PoolStats) -> Self {
        let PoolStats { slabs, hits, misses, high_water, .. } = pool;
        Self { slabs, hits, misses, high_water }
    }
}
