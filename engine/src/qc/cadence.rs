//! Repeats that come regularly: animation on twos, pulldown, a slower rate in a faster movie.
//!
//! ```text
//! on twos    A a B b C c D d        a run of 1 every 2 frames
//! 24 in 60   A a B b b C c D d d    runs of 1 and 2 every 5 frames
//! ```
//!
//! - In: runs of repeats, in order.
//! - Out: findings: one for all runs that are part of a cadence, one for each other run.
//! - Holds: a run is part of a cadence if one of the same length lies a period before it or behind it; fewer than [`RUNS_MIN`]
//!   such runs are none.
//! - Not here: what a repeat is (`join`).

use std::collections::HashSet;
use std::ops::Range;

use super::finding::{Finding, FindingKind};

/// Runs that make a cadence.
const RUNS_MIN: usize = 8;

/// Frames from one to the next, at most: a frame repeated once a second at 60 frames a second.
const PERIOD_MAX: u64 = 60;

/// Frames that repeat the one before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Frames of the timeline.
    pub(super) frames: Range<u64>,
}

/// The findings of these runs.
pub(super) fn findings(runs: &[Repeats]) -> Vec<Finding> {
    let known: HashSet<Range<u64>> = runs.iter().map(|run| run.frames.clone()).collect();
    let is_part = |run: &Repeats, period: u64| {
        let Range { start, end } = run.frames;
        // A run that fills the period is a frozen picture.
        end - start < period
            && (known.contains(&(start + period..end + period))
                || start >= period && known.contains(&(start - period..end - period)))
    };
    let count = |period: u64| runs.iter().filter(|run| is_part(run, period)).count();
    // Of several that explain as much the shortest is meant.
    let best = (2..=PERIOD_MAX).max_by_key(|&period| (count(period), PERIOD_MAX - period));
    let period = best.filter(|&period| count(period) >= RUNS_MIN);
    let (regular, others): (Vec<&Repeats>, Vec<&Repeats>) =
        runs.iter().partition(|run| period.is_some_and(|period| is_part(run, period)));
    let mut found: Vec<Finding> = others.iter().map(|run| finding(run.frames.clone())).collect();
    if let (Some(period), Some(first), Some(last)) = (period, regular.first(), regular.last()) {
        let repeats: u64 = regular.iter().map(|run| run.frames.end - run.frames.start).sum();
        found.push(Finding {
            cadence: Some(period),
            detail: format!(
                "a regular cadence of {period} frames: {repeats} frames repeat the one before"
            ),
            ..finding(first.frames.start..last.frames.end)
        });
    }
    found
}

fn finding(frames: Range<u64>) -> Finding {
    Finding {
        kind: FindingKind::Repeated,
        frame_in: frames.start,
        frame_out: frames.end,
        timecode_in: None,
        cadence: None,
        detail: "the same bytes as the frame before".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a movie whose repeats are small letters.
    fn found(frames: &str) -> Vec<(u64, u64, Option<u64>)> {
        let mut runs: Vec<Repeats> = Vec::new();
        for (at, _) in frames.char_indices().filter(|(_, frame)| frame.is_lowercase()) {
            let at = at as u64;
            match runs.last_mut() {
                Some(last) if last.frames.end == at => last.frames.end += 1,
                _ => runs.push(Repeats { frames: at..at + 1 }),
            }
        }
        let found = findings(&runs);
        found.iter().map(|it| (it.frame_in, it.frame_out, it.cadence)).collect()
    }

    #[test]
    fn regular_repeats_are_one_finding_with_their_period() {
        assert_eq!(found(&"Aa".repeat(20)), [(1, 40, Some(2))]);
        assert_eq!(found(&"Aaa".repeat(20)), [(1, 60, Some(3))]);
        assert_eq!(found(&"AaBbb".repeat(20)), [(1, 100, Some(5))]);
        assert_eq!(found(&"AaBCD".repeat(20)), [(1, 97, Some(5))]);
    }

    #[test]
    fn frozen_pictures_and_single_repeats_are_each_found() {
        assert_eq!(found(&format!("ABC{}DE", "a".repeat(30))), [(3, 33, None)]);
        assert_eq!(found("AaBCDEFGHaIJKLMNOOPQRaSTUVaW").len(), 4);
        let frozen: String = (0..9).map(|_| format!("A{}BC", "a".repeat(70))).collect();
        assert_eq!(found(&frozen).len(), 9);
        assert_eq!(found(&"ABCDEF".repeat(20)), []);
    }

    #[test]
    fn repeat_beside_a_cadence_is_found_by_itself() {
        let movie = format!("{}{}{}", "AaBbb".repeat(10), "CDE".repeat(9) + "eee", "FG");
        assert_eq!(found(&movie), [(77, 80, None), (1, 50, Some(5))]);
    }
}
