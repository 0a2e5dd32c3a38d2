//! How a movie of made frames was written and what was verified, as `blank` and `stamp` tell programs.
//!
//! - In: what writing it took.
//! - Out: [`MadeReport`], a part of their objects; its keys are those of a splice's report where they mean the same.
//! - Not here: what the movie is (`blank`, `stamp`).

use intercut_io::Outcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BytesByRoute, LatencyReport, PoolReport, RefusedRouteReport, Seconds, VerifyObject};
use crate::splice::{Times, Verification};

/// How it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct MadeReport {
    /// Its length.
    pub bytes: u64,
    /// Where the time went. Setup is reading the source's header, preparing frames, layout.
    pub seconds: Seconds,
    /// Bytes by the route that carried them.
    pub bytes_by_route: BytesByRoute,
    /// Routes that were not taken, and why.
    pub refused_routes: Vec<RefusedRouteReport>,
    /// Use of the slab pool.
    pub pool: PoolReport,
    /// How long writes took, by stage.
    pub latency_ns: LatencyReport,
    /// What was allowed for staging and verifying.
    pub memory_budget: u64,
    /// The peak of the process's anonymous memory, sampled; 0 if the system does not tell.
    pub rss_anonymous_peak: u64,
    /// What was verified: read back and compared with what is made once more.
    pub verify: VerifyObject,
}

impl MadeReport {
    /// - `memory`: what was allowed, and the peak of what was used.
    pub(crate) fn of(
        bytes: u64,
        times: &Times,
        copied: &Outcome,
        verification: &Verification,
        (memory_budget, rss_anonymous_peak): (u64, u64),
    ) -> Self {
        Self {
            bytes,
            seconds: Seconds::from(times),
            bytes_by_route: BytesByRoute::of(copied),
            refused_routes: copied.refused.iter().map(RefusedRouteReport::from).collect(),
            pool: PoolReport::from(copied.pool),
            latency_ns: LatencyReport::of(&copied.latency),
            memory_budget,
            rss_anonymous_peak,
            verify: VerifyObject::from(verification),
        }
    }
}
