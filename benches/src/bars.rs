//! What the project asks of itself, beside what was reached.
//!
//! - In: every contender's [`Line`]. Out: one [`Bar`] for each that applies to workload, scale and cache; none if the
//!   workload was too small.
//! - Holds: a bar is judged by a median of ratios within rounds.

use serde::Serialize;

use intercut_io::Route;

use crate::cache::Cache;
use crate::contender::Contender;
use crate::line::Line;
use crate::statistics::Spread;
use crate::workload::WorkloadName;

/// From this scale on a workload is large enough to be judged by.
const SCALE_MIN: f64 = 0.5;

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What is asked.
    pub what: String,
    /// The bar.
    pub bar: f64,
    /// Whether more is better.
    pub at_least: bool,
    /// What was reached.
    pub reached: f64,
    /// Whether that is enough.
    pub pass: bool,
}

/// Prints a line of a bench that has no table: what was measured, what is asked for, whether it was met.
pub fn tell(what: &str, measured: f64, unit: &str, bar: f64, is_met: bool) {
    let verdict = if is_met { "pass" } else { "FAIL" };
    println!("{what:50} {measured:12.2} {unit:14} {bar:10.2} {verdict}");
}

/// The bars that apply.
pub fn judge(workload: WorkloadName, scale: f64, cache: Cache, lines: &[Line]) -> Vec<Bar> {
    if scale < SCALE_MIN {
        return Vec::new();
    }
    let line_of = |route| {
        let name = Contender::Intercut(route).name();
        lines.iter().find(|line| line.name == name)
    };
    let mut bars = Vec::new();
    if let Some(mapped) = line_of(Route::Mapped) {
        match (workload, cache) {
            (WorkloadName::Seed, Cache::Warm) => warm_seed(mapped, &mut bars),
            (WorkloadName::Seed, Cache::Cold) => {
                at_least("mapped, share of the cold limit", 0.85, mapped.share_of_limit, &mut bars);
            }
            (WorkloadName::Long, _) => {
                at_least("mapped, share of the limit", 0.80, mapped.share_of_limit, &mut bars);
                at_most("mapped, set-up in seconds", 1.0, mapped.setup_seconds, &mut bars);
            }
            (WorkloadName::Dense, _) => {}
        }
    }
    if let Some(reflink) = line_of(Route::Reflink) {
        let times = reflink.ratio_to(Contender::Copy);
        match workload {
            WorkloadName::Seed => {
                at_least("reflink, times cp --reflink=never", 50.0, times, &mut bars)
            }
            WorkloadName::Dense => {
                at_least("reflink, times cp --reflink=never", 15.0, times, &mut bars)
            }
            WorkloadName::Long => {}
        }
    }
    let routes = Route::ALL.into_iter().filter_map(line_of);
    let peaks = routes.filter_map(|line| line.anonymous_bytes_peak).map(|spread| spread.max);
    let most = Spread::of(peaks.map(|bytes| bytes / f64::from(1 << 20)));
    let most = most.map(|spread| Spread { median: spread.max, ..spread });
    at_most("every route, anonymous memory in MiB", 96.0, most, &mut bars);
    bars
}

fn warm_seed(mapped: &Line, bars: &mut Vec<Bar>) {
    at_least("mapped, share of the storage limit", 0.90, mapped.share_of_limit, bars);
    at_least("mapped, times cp --reflink=never", 3.0, mapped.ratio_to(Contender::Copy), bars);
    at_least("mapped, times FFmpeg", 5.0, mapped.ratio_to(Contender::Ffmpeg), bars);
    at_most("mapped, CPU seconds per GB", 0.15, mapped.cpu_seconds_per_gb, bars);
}

fn at_least(what: &str, bar: f64, reached: Option<Spread>, bars: &mut Vec<Bar>) {
    let Some(Spread { median: reached, .. }) = reached else { return };
    bars.push(Bar { what: what.to_owned(), bar, at_least: true, reached, pass: reached >= bar });
}

fn at_most(what: &str, bar: f64, reached: Option<Spread>, bars: &mut Vec<Bar>) {
    let Some(Spread { median: reached, .. }) = reached else { return };
    bars.push(Bar { what: what.to_owned(), bar, at_least: false, reached, pass: reached <= bar });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Ratio;

    fn spread(median: f64) -> Spread {
        Spread { median, min: median, max: median }
    }

    fn mapped() -> Line {
        Line {
            name: "intercut mapped".to_owned(),
            share_of_limit: Some(spread(0.87)),
            anonymous_bytes_peak: Some(spread(f64::from(70 << 20))),
            times_as_fast_as: vec![Ratio {
                peer: "cp --reflink=never".to_owned(),
                ratio: spread(3.2),
            }],
            ..Line::default()
        }
    }

    fn verdicts(scale: f64, cache: Cache) -> Vec<(String, bool)> {
        let bars = judge(WorkloadName::Seed, scale, cache, &[mapped()]);
        bars.into_iter().map(|bar| (bar.what, bar.pass)).collect()
    }

    #[test]
    fn warm_and_cold_have_bars_of_their_own() {
        let memory = ("every route, anonymous memory in MiB".to_owned(), true);
        assert_eq!(
            verdicts(0.5, Cache::Warm),
            [
                ("mapped, share of the storage limit".to_owned(), false),
                ("mapped, times cp --reflink=never".to_owned(), true),
                memory.clone(),
            ]
        );
        let share = ("mapped, share of the cold limit".to_owned(), true);
        assert_eq!(verdicts(0.5, Cache::Cold), [share, memory]);
    }

    #[test]
    fn small_workloads_are_not_judged() {
        assert_eq!(verdicts(0.49, Cache::Warm), []);
    }
}
