//! Where the time went, and how fast it was: the phases, and throughput over the run.
//!
//! - In: seconds by phase; how many bytes were done when.
//! - Out: one bar of phases with its table; a chart of the rate over time, with the phases in the same colours.
//! - Holds: a rate is an average over about four samples, because single samples jump by whole copies.

use intercut_engine::report::{ReportObject, Seconds, ThroughputPoint};
use maud::{Markup, html};

use super::chart::{Chart, UNITS, column, round_ticks, swatch, units};
use super::words;
use crate::text;

/// Stretches of a line, at most.
const STRETCHES_MAX: usize = 120;
/// Samples of a stretch.
const SAMPLES: usize = 4;

/// A phase: its class, its name, its seconds, what it is.
type Phase = (&'static str, &'static str, f64, &'static str);

pub(super) fn phases(seconds: Seconds) -> Markup {
    let Seconds { setup, render, sync, verify, total, .. } = seconds;
    let rest = (total - setup - render - sync - verify).max(0.0);
    let phases: Vec<Phase> = [
        ("setup", "setup", setup, "opening, planning, layout: nothing was created yet"),
        ("render", "render", render, "creating and preallocating the file, media, headers"),
        ("sync", "sync", sync, "making it durable and giving it its name"),
        ("verify", "verify", verify, "reading it back"),
        ("other", "other", rest, "checking that no source had changed"),
    ]
    .into_iter()
    .filter(|(class, _, seconds, _)| {
        *seconds > 0.0 && (*class != "other" || *seconds > total / 200.0)
    })
    .collect();
    html! {
        section {
            h2 { "Where the time went" }
            div class="bars" role="img" aria-label="Seconds of each phase; the table below has them" {
                @for (class, name, seconds, _) in &phases {
                    i class=(class) style={ "flex:" (format!("{:.2}", seconds / total * UNITS)) " 0 0" } title={ (name) " " (text::seconds(*seconds)) } {}
                }
            }
            table {
                tbody {
                    @for (class, name, seconds, what) in &phases {
                        tr {
                            th { (swatch(class)) (name) }
                            td class="n" { (text::seconds(*seconds)) } td class="n" { (words::share(*seconds, total)) }
                            td class="soft" { (what) }
                        }
                    }
                    tr { th { "total" } td class="n" { b { (text::seconds(total)) } } td {} td class="soft" {} }
                }
            }
        }
    }
}

/// A stretch of time and the rate over it, in bytes a second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    from: f64,
    to: f64,
    rate: f64,
}

pub(super) fn throughput(report: &ReportObject) -> Markup {
    let (written, verified) =
        (stretches(&report.throughput.written), stretches(&report.throughput.verified));
    if written.is_empty() {
        return html! {};
    }
    let rates = written.iter().chain(&verified).map(|stretch| stretch.rate);
    let top = rates.fold(1.0, f64::max) * 1.05;
    let end = report.seconds.total.max(written[written.len() - 1].to);
    let at = |seconds: f64| seconds / end * UNITS;
    let Seconds { setup, render, sync, .. } = report.seconds;
    let mean = words::bytes_per_second(report);
    let up = |rate: f64| (1.0 - (rate / top).min(1.0)) * UNITS;
    let drawing = html! {
        (band("setup", 0.0, at(setup)))
        (band("sync", at(setup + render), at(setup + render + sync)))
        (area("render", &written, at, up))
        (area("verify", &verified, at, up))
        line class="mean" x1=(units(at(setup))) x2=(units(at(setup + render + sync))) y1=(units(up(mean))) y2=(units(up(mean))) {}
        @for (stretches, what) in [(&written, "written"), (&verified, "verified")] {
            @for Stretch { from, to, rate } in stretches {
                (column(at(*from), at(*to), &format!("{} to {}: {what} at {}", text::seconds(*from), text::seconds(*to), words::rate(*rate))))
            }
        }
    };
    let chart = Chart {
        kind: "curve",
        label: "Throughput over the run; the arrow keys move through time",
        hint: "Point at the chart, or focus it and use the arrow keys.",
        drawing,
        x: round_ticks(end, 8.0, words::axis_seconds),
        y: round_ticks(
            top,
            5.0,
            |rate| if rate > 0.0 { words::rate(rate) } else { "0".to_owned() },
        ),
    };
    html! {
        section {
            h2 { "Throughput over the run" }
            (chart.draw())
            ul class="legend" {
                li { (swatch("render")) "bytes put in place" }
                li { (swatch("sync")) "sync" }
                @if !verified.is_empty() { li { (swatch("verify")) "bytes verified" } }
                li { svg viewBox="0 0 24 12" aria-hidden="true" { path class="mean" d="M0 6H24" {} } "mean of render and sync: " (words::rate(mean)) }
            }
            @if let Some(disk) = report.disk.as_ref().filter(|disk| disk.watched_seconds > 0.0) {
                p {
                    "The disk (" (disk.device) ") was busy for "
                    (words::share(disk.busy_seconds, disk.watched_seconds)) " of render and sync. It wrote "
                    (text::bytes(disk.written_bytes)) " and read " (text::bytes(disk.read_bytes))
                    ". Near 100 %, the disk is the limit; far below, something else is. Requests of other programs count too."
                }
            }
        }
    }
}

fn band(class: &str, from: f64, to: f64) -> Markup {
    html! {
        rect class={ "area " (class) } stroke="none" x=(units(from)) width=(units(to - from)) y="0" height="1000" {}
    }
}

/// A curve and what is below it.
fn area(
    class: &str,
    stretches: &[Stretch],
    at: impl Fn(f64) -> f64,
    up: impl Fn(f64) -> f64,
) -> Markup {
    let Some(first) = stretches.first() else { return html! {} };
    let mut path = format!("M{} {}", units(at(first.from)), units(up(first.rate)));
    for stretch in stretches {
        path.push_str(&format!("V{}H{}", units(up(stretch.rate)), units(at(stretch.to))));
    }
    let below = format!("{path}V1000H{}Z", units(at(first.from)));
    html! {
        path class={ "area " (class) } d=(below) {}
        path class={ "line " (class) } d=(path) {}
    }
}

/// The rate over stretches of equal length, as if bytes grew evenly between two samples.
fn stretches(points: &[ThroughputPoint]) -> Vec<Stretch> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let length = last.seconds - first.seconds;
    if length <= 0.0 {
        return Vec::new();
    }
    let count = (points.len() / SAMPLES).clamp(1, STRETCHES_MAX);
    let edge = |n: usize| first.seconds + length * n as f64 / count as f64;
    let mut before = first.bytes as f64;
    (1..=count)
        .map(|n| {
            let (from, to) = (edge(n - 1), edge(n));
            let after = if n == count { last.bytes as f64 } else { bytes_at(points, to) };
            let rate = (after - before).max(0.0) / (to - from);
            before = after;
            Stretch { from, to, rate }
        })
        .collect()
}

/// Bytes that were done at a moment, between two samples.
fn bytes_at(points: &[ThroughputPoint], seconds: f64) -> f64 {
    let after = points.partition_point(|point| point.seconds <= seconds).clamp(1, points.len() - 1);
    let (low, high) = (points[after - 1], points[after]);
    let part = (seconds - low.seconds) / (high.seconds - low.seconds).max(1e-12);
    low.bytes as f64 + (high.bytes as f64 - low.bytes as f64) * part.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_over_stretches_add_up_to_what_was_done() {
        let point = |n: u32| ThroughputPoint {
            seconds: 1.0 + f64::from(n) * 0.01,
            bytes: u64::from(n) * 1000,
        };
        let points: Vec<ThroughputPoint> = (0..=16).map(point).collect();
        let stretches = stretches(&points);
        assert_eq!(stretches.len(), 4);
        let bytes: f64 = stretches.iter().map(|s| s.rate * (s.to - s.from)).sum();
        assert!((bytes - 16_000.0).abs() < 0.01, "{stretches:?}");
        assert!(stretches.iter().all(|s| (s.rate - 100_000.0).abs() < 0.1), "{stretches:?}");
    }

    #[test]
    fn run_that_wrote_nothing_has_no_curve() {
        assert_eq!(stretches(&[]), []);
        assert_eq!(stretches(&[ThroughputPoint { seconds: 0.0, bytes: 0 }]), []);
    }
}
