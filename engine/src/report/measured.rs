//! What a run measured over time: throughput, latency, its disk.
//!
//! - In: points, histograms and counters of `intercut_io`.
//! - Out: the fields of a report that hold them, each with its unit in its name or its documentation.
//! - Holds: lists are bounded, whatever the length of the run: 512 points a line of throughput, five steps for each halving
//!   of the distance to 100 % a stage.
//! - Not here: what it used (`used`), what was done (the rest of the report).

use std::time::Duration;

use intercut_io::disk::DiskUse;
use intercut_io::latency::{Latency, Stage, Step};
use intercut_io::throughput::Point;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::splice::Report;

/// How many bytes were done when.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Throughput {
    /// Bytes of the target that were in place, from the start of render to its end.
    pub written: Vec<ThroughputPoint>,
    /// Bytes that were hashed or compared, from the start of the verification to its end.
    pub verified: Vec<ThroughputPoint>,
}

/// One moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThroughputPoint {
    /// Seconds since the start of the run, setup included.
    pub seconds: f64,
    /// Bytes that were done by then, counted from the start of the phase.
    pub bytes: u64,
}

/// Latency by stage, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LatencyReport {
    /// Reading source bytes into a slab.
    pub read: Percentiles,
    /// Waiting for a free slab.
    pub stage_wait: Percentiles,
    /// Writing, sharing or copying into the target.
    pub write: Percentiles,
    /// Making the target durable.
    pub sync: Percentiles,
}

/// One stage's latencies, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// How many were recorded.
    pub count: u64,
    /// Half of them were at most this long.
    pub p50: u64,
    /// 95 of 100.
    pub p95: u64,
    /// 99 of 100.
    pub p99: u64,
    /// 999 of 1000.
    pub p999: u64,
    /// The longest.
    pub max: u64,
    /// All of them, as HdrHistogram prints them: steps that are closer together the nearer they are to 100 %.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<LatencyStep>,
}

/// A step of a distribution of latencies: it holds from the step before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyStep {
    /// Of 100, at least this many were at most this long.
    pub percentile: f64,
    /// How long, in nanoseconds.
    pub value: u64,
    /// How many were at most this long.
    pub count: u64,
}

/// What the device under the target did from the start of render to the end of the sync before verification, whoever
/// asked it to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiskReport {
    /// The system's name of the device or partition.
    pub device: String,
    /// For how long it was watched, in seconds.
    pub watched_seconds: f64,
    /// For how long of that it had at least one request to work on, in seconds.
    pub busy_seconds: f64,
    /// Bytes that were read from it.
    pub read_bytes: u64,
    /// Bytes that were written to it.
    pub written_bytes: u64,
}

impl ThroughputPoint {
    fn list(points: &[Point]) -> Vec<Self> {
        let of = |point: &Point| Self { seconds: point.elapsed.as_secs_f64(), bytes: point.bytes };
        points.iter().map(of).collect()
    }
}

impl Throughput {
    pub(super) fn of(report: &Report) -> Self {
        let (written, verified) = (&report.written, &report.verified);
        Self { written: ThroughputPoint::list(written), verified: ThroughputPoint::list(verified) }
    }
}

impl LatencyReport {
    pub(super) fn of(latency: &Latency) -> Self {
        Self {
            read: Percentiles::of(latency, Stage::Read),
            stage_wait: Percentiles::of(latency, Stage::StageWait),
            write: Percentiles::of(latency, Stage::Write),
            sync: Percentiles::of(latency, Stage::Sync),
        }
    }
}

impl Percentiles {
    fn of(latency: &Latency, stage: Stage) -> Self {
        Self {
            count: latency.count(stage),
            p50: latency.quantile(stage, 0.5),
            p95: latency.quantile(stage, 0.95),
            p99: latency.quantile(stage, 0.99),
            p999: latency.quantile(stage, 0.999),
            max: latency.max(stage),
            distribution: latency.steps(stage).into_iter().map(LatencyStep::from).collect(),
        }
    }
}

impl From<Step> for LatencyStep {
    fn from(step: Step) -> Self {
        Self { percentile: step.quantile * 100.0, value: step.ns, count: step.count }
    }
}

impl DiskReport {
    pub(super) fn of(used: &DiskUse, watched: Duration) -> Self {
        let DiskUse { ref device, busy, read_bytes, written_bytes } = *used;
        // The counter moves in whole ticks of the kernel's clock, and may be one ahead.
        let busy_seconds = busy.min(watched).as_secs_f64();
        let (device, watched_seconds) = (device.clone(), watched.as_secs_f64());
        Self { device, watched_seconds, busy_seconds, read_bytes, written_bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_stage_that_never_waited_are_zero() {
        assert_eq!(Percentiles::of(&Latency::default(), Stage::Read), Percentiles::default());
    }

    #[test]
    fn percentiles_tell_a_stall_from_the_usual() {
        let mut latency = Latency::default();
        (0..998).for_each(|_| latency.record(Stage::Write, 100));
        (0..2).for_each(|_| latency.record(Stage::Write, 1000));
        let percentiles = Percentiles::of(&latency, Stage::Write);
        let steps = vec![
            LatencyStep { percentile: 99.765625, value: 100, count: 998 },
            LatencyStep { percentile: 100.0, value: 1000, count: 1000 },
        ];
        let expected = Percentiles {
            count: 1000,
            p50: 100,
            p95: 100,
            p99: 100,
            p999: 1000,
            max: 1000,
            distribution: steps,
        };
        assert_eq!(percentiles, expected);
    }

    #[test]
    fn million_different_latencies_leave_a_few_dozen_steps() {
        let mut latency = Latency::default();
        (1..=1_000_000).for_each(|ns| latency.record(Stage::Write, ns));
        let steps = Percentiles::of(&latency, Stage::Write).distribution;
        assert!(steps.len() > 40 && steps.len() < 150, "{}", steps.len());
        assert!(steps.is_sorted_by(|a, b| a.percentile < b.percentile && a.value < b.value));
        assert_eq!(steps.last().map(|step| step.count), Some(1_000_000));
    }
}
