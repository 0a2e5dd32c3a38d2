//! Frames that several clips claim: who gets them.
//!
//! - In: claims, sorted by record start and then by name.
//! - Out: pieces, and who won which frames ([`resolve`]); the pairs of clips between which nothing decides
//!   ([`conflicts`]).
//! - Holds: VFX clips go before grades on every frame where both fall; among grades [`Overlap`] decides, and only on
//!   frames that no VFX clip takes; among VFX clips nothing does. Pieces do not overlap where there is no conflict. The
//!   result depends on the clips alone, never on the order of arguments.
//! - Not here: which samples the pieces are (`samples`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::options::{Overlap, Rank};
use super::place::Placement;
use super::samples::Piece;

/// Base frames that a clip claims, and whose claims it goes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    /// The frames.
    pub(super) place: Placement,
    /// What the clip is.
    pub(super) rank: Rank,
}

/// Base frames that two clips claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contest {
    /// The clip that gets them.
    pub(super) winner: usize,
    /// The one that does not.
    pub(super) loser: usize,
    /// The first base frame.
    pub(super) record_in: u64,
    /// The one after the last.
    pub(super) record_out: u64,
}

/// Two clips of one rank that claim the same frames, where nothing says who gets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The clip whose record start is earlier, or whose name sorts earlier.
    pub(super) earlier: usize,
    /// The other one.
    pub(super) later: usize,
    /// What both are.
    pub(super) rank: Rank,
    /// The first base frame that is open.
    pub(super) record_in: u64,
    /// The one after the last.
    pub(super) record_out: u64,
    /// How many are open: fewer than lie between the two where VFX clips take some in their midst.
    pub(super) frame_count: u64,
}

/// The clips between which nothing decides: VFX clips that overlap one another, and with [`Overlap::Error`] grades that
/// overlap one another on frames that no VFX clip takes.
///
/// - Returns: every clip that is in conflict with any other, in at least one pair; at most one pair for each later clip.
/// - Cost: O(n log n) in clips, plus for each pair the VFX clips in its midst.
pub(super) fn conflicts(claims: &[Claim], overlap: Overlap) -> Vec<Conflict> {
    let mut found = pairs(claims, Rank::Vfx, &[]);
    if overlap == Overlap::Error {
        found.extend(pairs(claims, Rank::Grade, &taken_by_vfx(claims)));
    }
    found
}

/// Each clip of one rank that overlaps an earlier one outside `taken`, with the earlier one that reaches furthest: what
/// any other earlier one shares with it lies within that.
fn pairs(claims: &[Claim], rank: Rank, taken: &[Range<u64>]) -> Vec<Conflict> {
    let mut found = Vec::new();
    let mut furthest: Option<usize> = None;
    for (later, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.rank == rank) {
        let place = claim.place;
        if let Some(earlier) = furthest {
            let shared =
                place.record_in..claims[earlier].place.record_out().min(place.record_out());
            if let Some((open, frame_count)) = open_in(shared, taken) {
                let Range { start: record_in, end: record_out } = open;
                found.push(Conflict { earlier, later, rank, record_in, record_out, frame_count });
            }
        }
        if furthest.is_none_or(|other| claims[other].place.record_out() < place.record_out()) {
            furthest = Some(later);
        }
    }
    found
}

/// The frames that VFX clips claim, as sorted ranges that do not touch.
fn taken_by_vfx(claims: &[Claim]) -> Vec<Range<u64>> {
    let mut taken: Vec<Range<u64>> = Vec::new();
    for claim in claims.iter().filter(|claim| claim.rank == Rank::Vfx) {
        let (start, end) = (claim.place.record_in, claim.place.record_out());
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

/// Gives every frame to one of the clips that claim it: to the VFX clip, else to the last grade by record start and
/// name, or to the first. Where nothing decides (a conflict), each of the clips gets it, so that all of them can be
/// judged by their samples too.
///
/// - Returns: pieces in record order, and the contests that were decided, in record order.
/// - Cost: O(n log n) in clips, plus contests and conflicts.
pub(super) fn resolve(claims: &[Claim], overlap: Overlap) -> (Vec<Piece>, Vec<Contest>) {
    let mut starting: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    let mut ending: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (clip, claim) in claims.iter().enumerate() {
        starting.entry(claim.place.record_in).or_default().push(clip);
        ending.entry(claim.place.record_out()).or_default().push(clip);
    }
    let boundaries: BTreeSet<u64> = starting.keys().chain(ending.keys()).copied().collect();
    let mut pieces = Pieces::new(claims);
    let mut contests: BTreeMap<(usize, usize), Vec<Contest>> = BTreeMap::new();
    let mut active = Active::default();
    for (&start, &end) in boundaries.iter().zip(boundaries.iter().skip(1)) {
        for &clip in ending.get(&start).into_iter().flatten() {
            active.of(claims[clip].rank).remove(&clip);
        }
        for &clip in starting.get(&start).into_iter().flatten() {
            active.of(claims[clip].rank).insert(clip);
        }
        let owners = active.owners(overlap);
        owners.iter().for_each(|&owner| pieces.push(owner, start..end));
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
    (pieces.found, contests)
}

/// The clips that claim one frame.
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

    /// Who gets the frame: one clip, or all those between which nothing decides.
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

/// Pieces in the making; a piece grows as long as its clip keeps its frames.
struct Pieces<'a> {
    claims: &'a [Claim],
    found: Vec<Piece>,
    /// For each clip its latest piece.
    latest: Vec<Option<usize>>,
}

impl<'a> Pieces<'a> {
    fn new(claims: &'a [Claim]) -> Self {
        Self { claims, found: Vec::new(), latest: vec![None; claims.len()] }
    }

    fn push(&mut self, clip: usize, frames: Range<u64>) {
        let frame_count = frames.end - frames.start;
        if let Some(latest) = self.latest[clip] {
            let piece = &mut self.found[latest];
            if piece.record_in + piece.frame_count == frames.start {
                piece.frame_count += frame_count;
                return;
            }
        }
        let place = self.claims[clip].place;
        let source_in = place.source_in + (frames.start - place.record_in);
        self.latest[clip] = Some(self.found.len());
        self.found.push(Piece { clip, record_in: frames.start, frame_count, source_in });
    }
}
