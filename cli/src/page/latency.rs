//! Latency by percentile, as users of HdrHistogram know it.
//!
//! - In: the distributions of the four stages.
//! - Out: a chart (across: percentiles, each label ten times closer to 100 % than the one before; up: time, logarithmic),
//!   and the usual percentiles as a table.
//! - Holds: a line is drawn in steps, like the distribution itself; it ends at the slowest copy.

use intercut_engine::report::{LatencyReport, Percentiles};
use maud::{Markup, html};

use super::chart::{Chart, Tick, UNITS, column, stroke, units};
use super::words;

/// Columns that can be pointed at.
const COLUMNS: u32 = 60;

/// A stage: its class, its name, its latencies.
type Stage<'a> = (&'static str, &'static str, &'a Percentiles);

pub(super) fn section(latency: &LatencyReport) -> Markup {
    let LatencyReport { read, stage_wait, write, sync, .. } = latency;
    let stages: Vec<Stage<'_>> = [
        ("write", "write", write),
        ("read", "read into memory", read),
        ("stage_wait", "wait for a free slab", stage_wait),
        ("sync", "sync", sync),
    ]
    .into_iter()
    .filter(|(_, _, latencies)| latencies.count > 0)
    .collect();
    if stages.is_empty() {
        return html! {};
    }
    let drawn: Vec<Stage<'_>> =
        stages.iter().copied().filter(|(_, _, all)| !all.distribution.is_empty()).collect();
    html! {
        section {
            h2 { "Latency" }
            p class="soft" { "How long each copy took, by stage, from the moment it could start. A stall delays everything that waits behind it." }
            @if !drawn.is_empty() { (chart(&drawn)) }
            (table(&stages))
        }
    }
}

fn chart(stages: &[Stage<'_>]) -> Markup {
    let scale = Scale::over(stages);
    let hint = "Point at the chart, or focus it and use the arrow keys.";
    let drawing = html! {
        @for (class, _, latencies) in stages {
            path class={ "line " (class) } d=(curve(latencies, &scale)) {}
        }
        @for n in 0..COLUMNS {
            @let nines = scale.nines * (f64::from(n) + 0.5) / f64::from(COLUMNS);
            (column(f64::from(n) / f64::from(COLUMNS) * UNITS, f64::from(n + 1) / f64::from(COLUMNS) * UNITS, &readout(stages, nines)))
        }
    };
    let chart = Chart {
        kind: "curve",
        label: "Latency by percentile and stage; the arrow keys move through the percentiles",
        hint,
        drawing,
        x: scale.percentiles(),
        y: scale.decades(),
    };
    html! {
        (chart.draw())
        ul class="legend" {
            @for (class, name, latencies) in stages {
                li { (stroke(class)) (name) " (" (words::grouped(latencies.count)) ")" }
            }
        }
    }
}

/// Every stage at one percentile.
fn readout(stages: &[Stage<'_>], nines: f64) -> String {
    let percentile = (1.0 - 10_f64.powf(-nines)) * 100.0;
    let values = stages.iter().filter_map(|(_, name, latencies)| {
        let ends = nines_at_end(latencies) >= nines;
        let step = latencies.distribution.iter().find(|step| step.percentile >= percentile);
        let step = step.filter(|_| ends)?;
        Some(format!("{name} {}", words::nanoseconds(step.value)))
    });
    let values: Vec<String> = values.collect();
    let digits = if nines < 1.0 { 0 } else { decimals(nines) };
    format!("{percentile:.digits$} % were no longer than: {}", values.join(", "))
}

/// Decimals that distinguish a percentile from its neighbours.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few nines")]
fn decimals(nines: f64) -> usize {
    nines as usize
}

/// Where things are: across in nines (1 is 90 %, 2 is 99 %), up in decades of nanoseconds.
struct Scale {
    nines: f64,
    decade_min: f64,
    decade_max: f64,
}

impl Scale {
    fn over(stages: &[Stage<'_>]) -> Self {
        let ends = stages.iter().map(|(_, _, latencies)| nines_at_end(latencies));
        let values = || stages.iter().flat_map(|(_, _, all)| &all.distribution).map(|s| s.value);
        let (least, most) = (values().min().unwrap_or(1), values().max().unwrap_or(1));
        let decade_min = (least.max(1) as f64).log10().floor();
        let decade_max = (most.max(1) as f64).log10().ceil().max(decade_min + 1.0);
        Self { nines: ends.fold(1.0, f64::max), decade_min, decade_max }
    }

    fn x(&self, nines: f64) -> f64 {
        nines / self.nines * UNITS
    }

    /// Units from the bottom.
    fn y(&self, ns: u64) -> f64 {
        let decade = (ns.max(1) as f64).log10();
        (decade - self.decade_min) / (self.decade_max - self.decade_min) * UNITS
    }

    fn percentiles(&self) -> Vec<Tick> {
        let all = (0_u8..).take_while(|nines| f64::from(*nines) <= self.nines);
        let label = |nines: u8| match nines {
            0 => "0 %".to_owned(),
            1 => "90 %".to_owned(),
            2 => "99 %".to_owned(),
            more => format!("99.{} %", "9".repeat(usize::from(more) - 2)),
        };
        let is_minor = |nines: u8| self.nines > 4.5 && !nines.is_multiple_of(2);
        all.map(|n| Tick { at: self.x(f64::from(n)), label: label(n), is_minor: is_minor(n) })
            .collect()
    }

    fn decades(&self) -> Vec<Tick> {
        let labels = [
            "1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s",
            "10 s", "100 s", "1000 s",
        ];
        let decades = labels.into_iter().zip(0_u8..).map(|(label, n)| (label, f64::from(n)));
        decades
            .filter(|(_, decade)| (self.decade_min..=self.decade_max).contains(decade))
            .map(|(label, decade)| Tick {
                at: (decade - self.decade_min) / (self.decade_max - self.decade_min) * UNITS,
                label: label.to_owned(),
                is_minor: false,
            })
            .collect()
    }
}

/// Where the line of a stage ends: at `1 - 1/count`, beyond which there is one copy alone.
fn nines_at_end(latencies: &Percentiles) -> f64 {
    (latencies.count as f64).log10().max(0.3)
}

/// The steps of one stage.
fn curve(latencies: &Percentiles, scale: &Scale) -> String {
    let end = nines_at_end(latencies);
    let mut path = String::new();
    for step in &latencies.distribution {
        let height = units(UNITS - scale.y(step.value));
        path.push_str(&match path.is_empty() {
            true => format!("M0 {height}"),
            false => format!("V{height}"),
        });
        // At 100 % there are infinitely many nines.
        let nines = -(1.0 - step.percentile / 100.0).max(0.0).log10();
        path.push_str(&format!("H{}", units(scale.x(nines.min(end)))));
    }
    path
}

fn table(stages: &[Stage<'_>]) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label="Latencies" {
            table {
                thead { tr {
                    th { "stage" } th class="n" { "count" } th class="n" { "50 %" } th class="n minor" { "95 %" } th class="n" { "99 %" }
                    th class="n" { "99.9 %" } th class="n" { "longest" }
                } }
                tbody {
                    @for (_, name, all) in stages {
                        tr {
                            td { (name) } td class="n" { (words::grouped(all.count)) }
                            td class="n" { (words::nanoseconds(all.p50)) } td class="n minor" { (words::nanoseconds(all.p95)) }
                            @for ns in [all.p99, all.p999, all.max] { td class="n" { (words::nanoseconds(ns)) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use intercut_engine::report::LatencyStep;

    use super::*;

    #[test]
    fn line_is_drawn_in_steps_and_ends_at_the_last_copy() {
        let step = |percentile, value, count| LatencyStep { percentile, value, count };
        let latencies = Percentiles {
            count: 1000,
            distribution: vec![
                step(90.0, 1000, 900),
                step(99.0, 10_000, 990),
                step(100.0, 100_000, 1000),
            ],
            ..Percentiles::default()
        };
        let scale = Scale::over(&[("write", "write", &latencies)]);
        assert_eq!(curve(&latencies, &scale), "M0 1000H333.3V500H666.7V0H1000");
        let labels =
            |ticks: Vec<Tick>| ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>();
        assert_eq!(labels(scale.percentiles()), ["0 %", "90 %", "99 %", "99.9 %"]);
        assert_eq!(labels(scale.decades()), ["1 µs", "10 µs", "100 µs"]);
    }
}
