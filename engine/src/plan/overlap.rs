//! Frames that several events claim: who gets them.
//!
//! - In: claims, sorted by record start and then by their clips' names.
//! - Out: who gets which frames, and who won which ([`resolve`]); the pairs of events between which nothing decides
//!   ([`conflicts`]).
//! - Holds: VFX clips go before grades on every frame that both claim; among grades [`Overlap`] decides, and only on
//!   frames that no VFX clip takes; among VFX clips nothing does. No frame is given twice unless there is a conflict. The
//!   result depends on the clips alone, never on the order of arguments.
//! - Not here: which samples these frames are (`samples`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::events::Claim;
use super::options::{Overlap, Rank};
use super::samples::Covered;

/// Base frames that two events claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contest {
    /// The claim that gets them.
    pub(super) winner: usize,
    /// The one that does not.
    pub(super) loser: usize,
    /// The first base frame.
    pub(super) record_in: u64,
    /// The one after the last.
    pub(super) record_out: u64,
}

/// Two events of one rank that claim the same frames, where nothing says who gets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The claim whose record start is earlier, or whose clip's name sorts earlier.
    pub(super) earlier: usize,
    /// The other one.
    pub(super) later: usize,
    /// What both clips are.
    pub(super) rank: Rank,
    /// The first base frame that is open.
    pub(super) record_in: u64,
    /// The one after the last.
    pub(super) record_out: u64,
    /// How many are open: fewer than lie between the two where VFX clips take some in their midst.
    pub(super) frame_count: u64,
}

/// The claims between which nothing decides: those of VFX clips that overlap one another, and with [`Overlap::Error`]
/// those of grades that overlap one another on frames that no VFX clip takes.
///
/// - Returns: every claim that is in conflict with any other, in at least one pair; at most one pair for each later one.
/// - Cost: O(n log n) in claims, plus for each pair the VFX clips in its midst.
pub(super) fn conflicts(claims: &[Claim], overlap: Overlap) -> Vec<Conflict> {
    let mut found = pairs(claims, Rank::Vfx, &[]);
    if overlap == Overlap::Error {
        found.extend(pairs(claims, Rank::Grade, &taken_by_vfx(claims)));
    }
    found
}

/// Each claim of one rank that overlaps an earlier one outside `taken`, with the earlier one that reaches furthest: what
/// any other earlier one shares with it lies within that.
fn pairs(claims: &[Claim], rank: Rank, taken: &[Range<u64>]) -> Vec<Conflict> {
    let mut found = Vec::new();
    let mut furthest: Option<usize> = None;
    for (later, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.rank == rank) {
        if let Some(earlier) = furthest {
            let shared = claim.record_in..claims[earlier].record_out.min(claim.record_out);
            if let Some((open, frame_count)) = open_in(shared, taken) {
                let Range { start: record_in, end: record_out } = open;
                found.push(Conflict { earlier, later, rank, record_in, record_out, frame_count });
            }
        }
        if furthest.is_none_or(|other| claims[other].record_out < claim.record_out) {
            furthest = Some(later);
        }
    }
    found
}

/// The frames that VFX clips claim, as sorted ranges that do not touch.
fn taken_by_vfx(claims: &[Claim]) -> Vec<Range<u64>> {
    let mut taken: Vec<Range<u64>> = Vec::new();
    for claim in claims.iter().filter(|claim| claim.rank == Rank::Vfx) {
        let Range { start, end } = claim.record();
        match taken.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => taken.push(start..end),
        }
    }
    taken
}

/// What is left of `frames` outside `taken`: from the first frame that is left to the last, and how many; `None` where
/// nothing is.
fn open_in(frames: Range<u64>, taken: &[Range<u64>]) -> Option<(Range<u64>, u64)> {
    let mut open: Option<(Range<u64>, u64)> = None;
    let mut add = |start: u64, end: u64| {
        if start < end {
            let (whole, count) = open.get_or_insert((start..end, 0));
            whole.end = end;
            *count += end - start;
        }
    };
    let mut next = frames.start;
    let first = taken.partition_point(|range| range.end <= frames.start);
    for range in taken[first..].iter().take_while(|range| range.start < frames.end) {
        add(next, range.start);
        next = range.end;
    }
    add(next, frames.end);
    open
}

/// Gives every frame to one of the events that claim it: to the VFX clip's, else to the last grade's by record start and
/// name, or to the first. If nothing decides (a conflict), each of the events gets it, so that all of them can be
/// judged by their samples too.
///
/// - Returns: what is covered by whom, and the contests that were decided, both in record order.
/// - Cost: O(n log n) in claims, plus contests and conflicts.
pub(super) fn resolve(claims: &[Claim], overlap: Overlap) -> (Vec<Covered>, Vec<Contest>) {
    let mut starting: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut ending: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (index, claim) in claims.iter().enumerate() {
        starting.entry(claim.record_in).or_default().push(index);
        ending.entry(claim.record_out).or_default().push(index);
    }
    let boundaries: BTreeSet<u64> = starting.keys().chain(ending.keys()).copied().collect();
    let mut coverage = Coverage::new(claims);
    let mut contests: BTreeMap<(usize, usize), Vec<Contest>> = BTreeMap::new();
    let mut active = Active::default();
    for (&start, &end) in boundaries.iter().zip(boundaries.iter().skip(1)) {
        for &claim in ending.get(&start).into_iter().flatten() {
            active.of(claims[claim].rank).remove(&claim);
        }
        for &claim in starting.get(&start).into_iter().flatten() {
            active.of(claims[claim].rank).insert(claim);
        }
        let owners = active.owners(overlap);
        owners.iter().for_each(|&owner| coverage.push(owner, start..end));
        for (winner, loser) in active.contests(overlap, &owners) {
            let known = contests.entry((winner, loser)).or_default();
            match known.last_mut() {
                Some(contest) if contest.record_out == start => contest.record_out = end,
                _ => known.push(Contest { winner, loser, record_in: start, record_out: end }),
            }
        }
    }
    let mut contests: Vec<Contest> = contests.into_values().flatten().collect();
    contests.sort_by_key(|contest| (contest.record_in, contest.winner, contest.loser));
    (coverage.found, contests)
}

/// The events that claim one frame.
#[derive(Default)]
struct Active {
    grades: BTreeSet<usize>,
    vfx: BTreeSet<usize>,
}

impl Active {
    fn of(&mut self, rank: Rank) -> &mut BTreeSet<usize> {
        match rank {
            Rank::Grade => &mut self.grades,
            Rank::Vfx => &mut self.vfx,
        }
    }

    /// Who gets the frame: one event, or all those between which nothing decides.
    fn owners(&self, overlap: Overlap) -> Vec<usize> {
        match overlap {
            _ if !self.vfx.is_empty() => self.vfx.iter().copied().collect(),
            Overlap::Error => self.grades.iter().copied().collect(),
            Overlap::Last => self.grades.last().copied().into_iter().collect(),
            Overlap::First => self.grades.first().copied().into_iter().collect(),
        }
    }

    /// Winner and loser of what was decided.
    fn contests(&self, overlap: Overlap, owners: &[usize]) -> impl Iterator<Item = (usize, usize)> {
        let is_decided = !self.vfx.is_empty() || overlap != Overlap::Error;
        let winner = owners.first().copied().filter(|_| is_decided);
        winner.into_iter().flat_map(|winner| {
            let losers = self.grades.iter().filter(move |loser| **loser != winner);
            losers.map(move |&loser| (winner, loser))
        })
    }
}

/// What is covered, in the making; a run grows as long as its event keeps its frames.
struct Coverage<'a> {
    claims: &'a [Claim],
    found: Vec<Covered>,
    /// For each claim its latest run.
    latest: Vec<Option<usize>>,
}

impl<'a> Coverage<'a> {
    fn new(claims: &'a [Claim]) -> Self {
        Self { claims, found: Vec::new(), latest: vec![None; claims.len()] }
    }

    fn push(&mut self, claim: usize, frames: Range<u64>) {
        let frame_count = frames.end - frames.start;
        if let Some(latest) = self.latest[claim] {
            let covered = &mut self.found[latest];
            if covered.record_in + covered.frame_count == frames.start {
                covered.frame_count += frame_count;
                return;
            }
        }
        let Claim { source_in, record_in, .. } = self.claims[claim];
        let source_in = source_in + (frames.start - record_in);
        self.latest[claim] = Some(self.found.len());
        self.found.push(Covered { claim, record_in: frames.start, frame_count, source_in });
    }
}
