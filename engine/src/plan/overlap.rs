//! Frames that several clips claim: who gets them.
//!
//! - In: placed clips, sorted by record start and then by name.
//! - Out: pieces that do not overlap, and who won which frames; or the pairs that overlap.
//! - Holds: the result depends on the clips alone, never on the order of arguments.
//! - Not here: which samples the pieces are (`samples`).

use std::collections::{BTreeMap, BTreeSet};

use super::place::Placement;
use super::samples::Piece;

/// Base frames that two clips claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contest {
    /// The placed clip that gets them.
    pub(super) winner: usize,
    /// The one that does not.
    pub(super) loser: usize,
    /// The first base frame.
    pub(super) record_in: u64,
    /// The one after the last.
    pub(super) record_out: u64,
}

/// Every clip's whole placement as one piece.
pub(super) fn whole(placements: &[Placement]) -> impl Iterator<Item = Piece> + '_ {
    placements.iter().enumerate().map(|(clip, place)| Piece {
        clip,
        record_in: place.record_in,
        frame_count: place.frame_count,
        source_in: place.source_in,
    })
}

/// Each clip that overlaps an earlier one, with the earlier one that reaches furthest (as `winner`).
///
/// - Returns: every clip that overlaps any other, in at least one pair; at most one pair for each later clip.
pub(super) fn pairs(placements: &[Placement]) -> Vec<Contest> {
    let mut found = Vec::new();
    let mut furthest: Option<usize> = None;
    for (later, place) in placements.iter().enumerate() {
        if let Some(earlier) = furthest {
            let record_out = placements[earlier].record_out().min(place.record_out());
            if place.record_in < record_out {
                found.push(Contest {
                    winner: earlier,
                    loser: later,
                    record_in: place.record_in,
                    record_out,
                });
            }
        }
        if furthest.is_none_or(|earlier| placements[earlier].record_out() < place.record_out()) {
            furthest = Some(later);
        }
    }
    found
}

/// Gives every frame to one of the clips that claim it: to the last of them by record start and name, or to the first.
///
/// - Returns: pieces in record order, and the contests in record order.
/// - Cost: O(n log n) in clips, plus the contests.
pub(super) fn resolve(placements: &[Placement], last_wins: bool) -> (Vec<Piece>, Vec<Contest>) {
    let mut starting: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut ending: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (clip, place) in placements.iter().enumerate() {
        starting.entry(place.record_in).or_default().push(clip);
        ending.entry(place.record_out()).or_default().push(clip);
    }
    let boundaries: BTreeSet<u64> = starting.keys().chain(ending.keys()).copied().collect();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut contests: BTreeMap<(usize, usize), Vec<Contest>> = BTreeMap::new();
    let mut active: BTreeSet<usize> = BTreeSet::new();
    for (&start, &end) in boundaries.iter().zip(boundaries.iter().skip(1)) {
        for clip in ending.get(&start).into_iter().flatten() {
            active.remove(clip);
        }
        active.extend(starting.get(&start).into_iter().flatten());
        let winner = if last_wins { active.last() } else { active.first() };
        let Some(&winner) = winner else { continue };
        push_piece(&mut pieces, winner, start..end, &placements[winner]);
        for &loser in active.iter().filter(|clip| **clip != winner) {
            let known = contests.entry((winner, loser)).or_default();
            match known.last_mut() {
                Some(contest) if contest.record_out == start => contest.record_out = end,
                _ => known.push(Contest { winner, loser, record_in: start, record_out: end }),
            }
        }
    }
    let mut contests: Vec<Contest> = contests.into_values().flatten().collect();
    contests.sort_by_key(|contest| (contest.record_in, contest.winner, contest.loser));
    (pieces, contests)
}

fn push_piece(
    pieces: &mut Vec<Piece>,
    clip: usize,
    frames: std::ops::Range<u64>,
    place: &Placement,
) {
    let frame_count = frames.end - frames.start;
    match pieces.last_mut() {
        Some(last) if last.clip == clip && last.record_in + last.frame_count == frames.start => {
            last.frame_count += frame_count;
        }
        _ => pieces.push(Piece {
            clip,
            record_in: frames.start,
            frame_count,
            source_in: place.source_in + (frames.start - place.record_in),
        }),
    }
}
