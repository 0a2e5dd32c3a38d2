//! One contender of a comparison in figures: medians, spreads and ratios.
//!
//! - In: an [`Entry`] beside all that was measured. Out: [`Line`]; field names carry their unit.
//! - Holds: a ratio is taken between two runs of the same round and only then brought to a median.
//! - Not here: what the figures should be (`bars`), the comparison as a whole (`summary`).

use serde::Serialize;

use crate::comparison::{Entry, Measured, Run};
use crate::contender::Contender;
use crate::statistics::Spread;

/// One contender in figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Line {
    /// Who.
    pub name: String,
    /// Why it did not take part.
    pub refused: Option<String>,
    /// From start to disk, round by round.
    pub seconds_by_round: Vec<f64>,
    /// From start to disk.
    pub seconds: Option<Spread>,
    /// Billions of bytes of the result a second, by the median.
    pub gb_per_second: Option<f64>,
    /// Processor seconds, user and system.
    pub cpu_seconds: Option<Spread>,
    /// Processor seconds for a billion bytes of the result.
    pub cpu_seconds_per_gb: Option<Spread>,
    /// The most anonymous memory.
    pub anonymous_bytes_peak: Option<Spread>,
    /// Opening, planning, layout.
    pub setup_seconds: Option<Spread>,
    /// From the first byte to the last.
    pub render_seconds: Option<Spread>,
    /// Making it durable.
    pub sync_seconds: Option<Spread>,
    /// Share of the storage limit that was reached.
    pub share_of_limit: Option<Spread>,
    /// The same where raw writes, too, are from memory that was not used for a while; `None` where the run is cold.
    pub share_of_fresh_limit: Option<Spread>,
    /// How many times as fast as each of the others.
    pub times_as_fast_as: Vec<Ratio>,
}

/// A ratio to one other contender.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ratio {
    /// The other.
    pub peer: String,
    /// Its seconds over ours.
    pub ratio: Spread,
}

impl Line {
    /// The figures of `entry`.
    pub fn of(entry: &Entry, measured: &Measured) -> Self {
        let runs = &entry.runs;
        let gb = as_f64(measured.output_bytes) / 1e9;
        let spread =
            |value: &dyn Fn(&Run) -> Option<f64>| Spread::of(runs.iter().filter_map(value));
        let seconds = entry.seconds();
        let ratio = |peer: &Entry| ratio(entry, peer);
        let peers = measured.entries.iter().filter(|peer| peer.contender != entry.contender);
        let peers = peers.filter(|peer| !peer.contender.is_raw());
        let of_peer =
            |peer: &Entry| Some(Ratio { peer: peer.contender.name(), ratio: ratio(peer)? });
        let (limit, fresh) = (measured.limit(), measured.fresh_limit());
        Self {
            name: entry.contender.name(),
            refused: entry.refused.clone(),
            seconds_by_round: runs.iter().map(|run| run.ran.wall_seconds).collect(),
            seconds,
            gb_per_second: seconds.map(|seconds| gb / seconds.median),
            cpu_seconds: spread(&|run| run.ran.cpu_seconds),
            cpu_seconds_per_gb: spread(&|run| Some(run.ran.cpu_seconds? / gb)),
            anonymous_bytes_peak: spread(&|run| run.ran.anonymous_bytes_peak.map(as_f64)),
            setup_seconds: spread(&|run| Some(run.phases?.setup)),
            render_seconds: spread(&|run| Some(run.phases?.render)),
            sync_seconds: spread(&|run| Some(run.phases?.sync)),
            share_of_limit: limit.and_then(ratio),
            share_of_fresh_limit: fresh.and_then(ratio),
            times_as_fast_as: peers.filter_map(of_peer).collect(),
        }
    }

    /// How many times as fast as `peer` it was.
    pub fn ratio_to(&self, peer: Contender) -> Option<Spread> {
        let name = peer.name();
        self.times_as_fast_as.iter().find(|ratio| ratio.peer == name).map(|ratio| ratio.ratio)
    }
}

/// The seconds of `peer` over those of `entry`, round by round.
fn ratio(entry: &Entry, peer: &Entry) -> Option<Spread> {
    let in_round = |run: &Run| {
        let other = peer.runs.iter().find(|other| other.round == run.round)?;
        Some(other.ran.wall_seconds / run.ran.wall_seconds)
    };
    Spread::of(entry.runs.iter().filter_map(in_round))
}

#[expect(clippy::cast_precision_loss, reason = "a size in bytes is shown in a few digits")]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::{Memory, Shape};
    use crate::measure::Ran;

    fn entry(contender: Contender, seconds: &[f64]) -> Entry {
        let run = |(round, &wall_seconds): (usize, &f64)| Run {
            round,
            ran: Ran {
                wall_seconds,
                cpu_seconds: Some(1.0),
                anonymous_bytes_peak: None,
                said: String::new(),
            },
            phases: None,
        };
        Entry { contender, runs: seconds.iter().enumerate().map(run).collect(), refused: None }
    }

    #[test]
    fn ratios_are_taken_within_rounds_and_to_the_fastest_raw_writes() {
        let slow = Shape { depth: 1, write_len: 1 << 20 };
        let fast = Shape { depth: 4, write_len: 1 << 20 };
        let measured = Measured {
            output_bytes: 4_000_000_000,
            entries: vec![
                entry(Contender::Raw(slow, Memory::Used), &[3.0, 9.0, 1.0]),
                entry(Contender::Raw(fast, Memory::Used), &[1.0, 8.0, 2.0]),
                entry(Contender::Raw(slow, Memory::Fresh), &[0.5, 9.0, 1.0]),
                entry(Contender::Copy, &[2.0, 10.0, 8.0]),
            ],
        };
        assert_eq!(
            measured.limit().map(|entry| entry.contender),
            Some(Contender::Raw(fast, Memory::Used))
        );
        let line = Line::of(&measured.entries[3], &measured);
        assert_eq!(line.share_of_limit, Some(Spread { median: 0.5, min: 0.25, max: 0.8 }));
        let of_fresh = Spread { median: 0.25, min: 0.125, max: 0.9 };
        assert_eq!(line.share_of_fresh_limit, Some(of_fresh));
        assert_eq!(line.gb_per_second, Some(0.5));
        assert_eq!(line.cpu_seconds_per_gb.map(|spread| spread.median), Some(0.25));
        let line = Line::of(&measured.entries[1], &measured);
        assert_eq!(line.ratio_to(Contender::Copy).map(|spread| spread.median), Some(2.0));
    }
}
