//! How a movie of made frames was written, as `blank` and `stamp` tell programs.
//!
//! - Out: [`Written`], a part of their objects.
//! - Not here: what the movie is (`blank`, `stamp`).

use std::time::Duration;

use intercut_engine::report::{BytesByRoute, PoolReport, RefusedRouteReport};
use intercut_io::Outcome;
use schemars::JsonSchema;
use serde::Serialize;

/// How it was written.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Written {
    seconds: Seconds,
    bytes_by_route: BytesByRoute,
    refused_routes: Vec<RefusedRouteReport>,
    pool: PoolReport,
    /// What was allowed for staging.
    memory_budget: u64,
    /// The peak of the process's anonymous memory, sampled; 0 if the system does not tell.
    rss_anonymous_peak: u64,
}

/// Where the time went.
#[derive(Debug, Serialize, JsonSchema)]
struct Seconds {
    /// Reading the source's header, preparing frames, layout.
    setup: f64,
    /// Creating and preallocating the movie, frames and headers.
    render: f64,
    /// Making it durable and giving it its name.
    sync: f64,
    total: f64,
}

impl Written {
    /// - `times`: of setup, render and sync.
    pub(super) fn of(
        times: [Duration; 3],
        copied: &Outcome,
        memory_budget: u64,
        rss_anonymous_peak: u64,
    ) -> Self {
        let [setup, render, sync] = times.map(|time| time.as_secs_f64());
        Self {
            seconds: Seconds { setup, render, sync, total: setup + render + sync },
            bytes_by_route: BytesByRoute::of(copied),
            refused_routes: copied.refused.iter().map(RefusedRouteReport::from).collect(),
            pool: PoolReport::from(copied.pool),
            memory_budget,
            rss_anonymous_peak,
        }
    }
}
