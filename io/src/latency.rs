//! Latency histograms of the stages of a copy.
//!
//! - In: nanoseconds from when a copy was due, so that a stall counts against everything that waited behind it.
//! - Out: [`Latency`], one HdrHistogram a stage; one recorder a worker, merged once at the end.

use std::fmt;

use hdrhistogram::Histogram;

/// What a worker can be waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading source bytes into a slab.
    Read,
    /// Waiting for a free slab of the write-behind buffer.
    StageWait,
    /// Writing, sharing or copying into the target.
    Write,
    /// Making the target durable.
    Sync,
}

impl Stage {
    /// Every stage, in the order in which reports list them.
    pub const ALL: [Stage; 4] = [Stage::Read, Stage::StageWait, Stage::Write, Stage::Sync];

    /// The stage's name in reports and file names.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::StageWait => "stage_wait",
            Stage::Write => "write",
            Stage::Sync => "sync",
        }
    }
}

/// One histogram a stage, in nanoseconds: three significant digits from 1 ns, growing as needed.
#[derive(Clone)]
pub struct Latency {
    stages: [Histogram<u64>; 4],
}

impl fmt::Debug for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A histogram's own form prints thousands of counts.
        let mut stages = f.debug_struct("Latency");
        for stage in Stage::ALL {
            let recorded = self.stage(stage);
            let summary = (recorded.len(), recorded.value_at_quantile(0.5), recorded.max());
            stages.field(stage.name(), &summary);
        }
        stages.finish()
    }
}

impl Default for Latency {
    fn default() -> Self {
        let empty = || Histogram::new(3).expect("three significant digits are allowed");
        Self { stages: [empty(), empty(), empty(), empty()] }
    }
}

impl Latency {
    /// Records that a copy spent `nanoseconds` in `stage`.
    pub fn record(&mut self, stage: Stage, nanoseconds: u64) {
        let recorded = self.stages[stage as usize].record(nanoseconds.max(1));
        recorded.expect("a histogram that resizes itself holds every value");
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Latency) {
        for (mine, theirs) in self.stages.iter_mut().zip(&other.stages) {
            mine.add(theirs).expect("histograms that resize themselves hold every value");
        }
    }

    /// The histogram of one stage.
    pub fn stage(&self, stage: Stage) -> &Histogram<u64> {
        &self.stages[stage as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_value_is_found_again_to_three_digits() {
        let mut latency = Latency::default();
        latency.record(Stage::Write, 1_234_567);
        let mut other = Latency::default();
        other.record(Stage::Write, 60_000_000_000);
        latency.merge(&other);
        let write = latency.stage(Stage::Write);
        assert_eq!(write.len(), 2);
        assert!(write.value_at_quantile(0.5).abs_diff(1_234_567) < 1_300, "{latency:?}");
        assert!(write.max().abs_diff(60_000_000_000) < 60_000_000, "{latency:?}");
        assert_eq!(latency.stage(Stage::Read).len(), 0);
    }
}
