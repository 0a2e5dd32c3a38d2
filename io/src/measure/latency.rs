//! Latency histograms of the stages of a copy.
//!
//! - In: nanoseconds from when a copy was due, so that a stall counts against everything that waited behind it.
//! - Out: [`Latency`], one HdrHistogram a stage; one recorder a worker, merged once at the end; as text that
//!   HdrHistogram's own plotters read.
//!
//! References: HdrHistogram (Java), `AbstractHistogram.outputPercentileDistribution`.

use std::fmt;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// Values that each bucket of a histogram of three significant digits tells apart: the power of two from 2 * 10^3 on.
const SUB_BUCKETS: u32 = 2048;

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

/// A histogram of one thing that was done many times, in nanoseconds: three significant digits from 1 ns.
#[derive(Clone)]
pub struct Durations(Histogram<u64>);

impl Default for Durations {
    fn default() -> Self {
        Self(Histogram::new(3).expect("three significant digits are allowed"))
    }
}

impl fmt::Debug for Durations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = (self.0.len(), self.quantile(0.5), self.max());
        f.debug_tuple("Durations").field(&summary).finish()
    }
}

impl Durations {
    /// Records that it took so long once.
    pub fn record(&mut self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.0
            .record(nanoseconds.max(1))
            .expect("a histogram that resizes itself holds every value");
    }

    /// How often it was done.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Nanoseconds that it took on average; 0 if it was never done.
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// Nanoseconds that a share of them, from 0 to 1, took at most; 0 if there is none.
    pub fn quantile(&self, quantile: f64) -> u64 {
        self.0.value_at_quantile(quantile)
    }

    /// Nanoseconds that the longest took; 0 if there is none.
    pub fn max(&self) -> u64 {
        self.0.max()
    }
}

/// Steps for each halving of the distance to 100 %.
const STEPS_PER_HALVING: u32 = 5;

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

    /// Writes the histogram of one stage in HdrHistogram's percentile format, in microseconds with three decimals: to
    /// the nanosecond, five lines for each halving of the distance to 100 %.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn write_percentiles(&self, stage: Stage, out: &mut impl Write) -> io::Result<()> {
        let histogram = self.stage(stage);
        let us = |ns: f64| ns / 1000.0;
        writeln!(
            out,
            "{:>12} {:>14} {:>10} {:>14}\n",
            "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
        )?;
        let mut count = 0;
        for step in histogram.iter_quantiles(STEPS_PER_HALVING) {
            count += step.count_since_last_iteration();
            let (value, quantile) =
                (us(step.value_iterated_to() as f64), step.quantile_iterated_to());
            write!(out, "{value:12.3} {quantile:1.12} {count:10}")?;
            // The last line is at 100 %, where there is no distance left to tell.
            if quantile < 1.0 {
                write!(out, " {:14.2}", 1.0 / (1.0 - quantile))?;
            }
            writeln!(out)?;
        }
        let (mean, deviation) = (us(histogram.mean()), us(histogram.stdev()));
        let (max, total) = (us(histogram.max() as f64), histogram.len());
        let buckets = histogram.buckets();
        writeln!(out, "#[Mean    = {mean:12.3}, StdDeviation   = {deviation:12.3}]")?;
        writeln!(out, "#[Max     = {max:12.3}, Total count    = {total:12}]")?;
        writeln!(out, "#[Buckets = {buckets:12}, SubBuckets     = {SUB_BUCKETS:12}]")
    }

    /// How many copies or syncs were recorded.
    pub fn count(&self, stage: Stage) -> u64 {
        self.stage(stage).len()
    }

    /// Nanoseconds that a share of them, from 0 to 1, took at most; 0 if there is none.
    pub fn quantile(&self, stage: Stage, quantile: f64) -> u64 {
        self.stage(stage).value_at_quantile(quantile)
    }

    /// Nanoseconds that the longest took; 0 if there is none.
    pub fn max(&self, stage: Stage) -> u64 {
        self.stage(stage).max()
    }

    /// All of them, in steps that are closer together the nearer they are to 100 %. Of several with one value the last
    /// stands for all: the value holds up to it.
    pub fn steps(&self, stage: Stage) -> Vec<Step> {
        let (mut steps, mut count) = (Vec::<Step>::new(), 0);
        for step in self.stage(stage).iter_quantiles(STEPS_PER_HALVING) {
            count += step.count_since_last_iteration();
            let (quantile, ns) = (step.quantile_iterated_to(), step.value_iterated_to());
            let step = Step { quantile, ns, count };
            match steps.last_mut() {
                Some(last) if last.ns == ns => *last = step,
                _ => steps.push(step),
            }
        }
        steps
    }

    fn stage(&self, stage: Stage) -> &Histogram<u64> {
        &self.stages[stage as usize]
    }
}

/// A step of a distribution: it holds from the step before.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// Which share of all, from 0 to 1, took at most so long.
    pub quantile: f64,
    /// How long, in nanoseconds.
    pub ns: u64,
    /// How many took at most so long.
    pub count: u64,
}

/// Nanoseconds from `due` until now; what does not fit into 64 bits (584 years) is cut off.
pub(crate) fn nanoseconds_since(due: Instant) -> u64 {
    u64::try_from(due.elapsed().as_nanos()).unwrap_or(u64::MAX)
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

    #[test]
    fn percentiles_are_written_as_plotters_read_them() {
        let mut latency = Latency::default();
        (1..=4).for_each(|n| latency.record(Stage::Write, n * 100_000));
        let mut text = Vec::new();
        latency.write_percentiles(Stage::Write, &mut text).unwrap();
        let expected = "       Value     Percentile TotalCount 1/(1-Percentile)

     100.031 0.000000000000          1           1.00
     100.031 0.100000000000          1           1.11
     100.031 0.200000000000          1           1.25
     200.063 0.300000000000          2           1.43
     200.063 0.400000000000          2           1.67
     200.063 0.500000000000          2           2.00
     300.031 0.550000000000          3           2.22
     300.031 0.600000000000          3           2.50
     300.031 0.650000000000          3           2.86
     300.031 0.700000000000          3           3.33
     400.127 0.750000000000          4           4.00
     400.127 1.000000000000          4
#[Mean    =      249.976, StdDeviation   =      111.793]
#[Max     =      400.127, Total count    =            4]
#[Buckets =            9, SubBuckets     =         2048]
";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn stage_that_never_waited_has_no_percentiles() {
        let mut text = Vec::new();
        Latency::default().write_percentiles(Stage::Read, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.contains("Total count    =            0"), "{text}");
    }
}
