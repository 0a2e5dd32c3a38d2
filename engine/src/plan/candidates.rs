//! Judges every clip by itself: the same file twice, compatibility, its events.
//!
//! - In: the base, the clips, the base's clock, the options.
//! - Out: one [`Candidate`] for each clip, in name order, with every reason against it.
//! - Holds: the order in which clips are given changes nothing but [`Candidate::given`].
//! - Not here: what clips are to one another (`overlap`, `settle`).

use std::collections::HashMap;
use std::path::Path;

use super::clock::BaseClock;
use super::compatible;
use super::events::{self, Claim};
use super::facts::MovieFacts;
use super::options::{PlaceOptions, Rank};
use super::reel;
use super::refusal::Reason;
use super::splice_plan::ListEvent;
use crate::list::conform;

/// One clip, and what was found about it.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    /// Its place among the clips that were given.
    pub(super) given: usize,
    /// What it is.
    pub(super) facts: &'a MovieFacts<'a>,
    /// Where its frames belong; none if it has no place.
    pub(super) claims: Vec<Claim>,
    /// Why it is not used, if there is a higher version of the same shot.
    pub(super) superseded: Option<Reason>,
    /// Every reason against it.
    pub(super) reasons: Vec<Reason>,
    /// What matters only to the eye.
    pub(super) warnings: Vec<String>,
    /// The events of lists that place it, which its claims count.
    pub(super) list_events: Vec<ListEvent>,
    /// Why it has a place by a list and does not get it, without fault.
    pub(super) left_out: Option<conform::LeftOut>,
}

/// Judges every clip.
///
/// - `by_lists`: clips without a given record timecode get their claims from lists, and none here.
/// - Returns: candidates sorted by file name and then by path, so that the order of arguments never matters.
pub(super) fn judge<'a>(
    base: &MovieFacts<'_>,
    clips: &'a [MovieFacts<'a>],
    clock: Option<&BaseClock>,
    options: &PlaceOptions,
    by_lists: bool,
) -> Vec<Candidate<'a>> {
    let mut order: Vec<usize> = (0..clips.len()).collect();
    order.sort_by_key(|&clip| (clips[clip].path.file_name(), clips[clip].path, clip));
    let mut known: HashMap<(u64, u64), (&Path, Rank)> = HashMap::new();
    let mut candidates = Vec::with_capacity(clips.len());
    for given in order {
        let facts = &clips[given];
        let mut candidate = Candidate {
            given,
            facts,
            claims: Vec::new(),
            superseded: None,
            reasons: Vec::new(),
            warnings: Vec::new(),
            list_events: Vec::new(),
            left_out: None,
        };
        let file = (facts.identity.device, facts.identity.inode);
        if facts.identity.is_same_file(&base.identity) {
            candidate.reasons.push(Reason::IsBase);
        } else if let Some(&(other, rank)) = known.get(&file) {
            let other = other.to_owned();
            candidate.reasons.push(match rank == facts.rank {
                true => Reason::SameFile { other },
                false => Reason::BothRanks { other },
            });
        } else {
            known.insert(file, (facts.path, facts.rank));
            judge_one(&mut candidate, candidates.len(), base, clock, options, by_lists);
        }
        candidates.push(candidate);
    }
    candidates
}

fn judge_one(
    candidate: &mut Candidate<'_>,
    index: usize,
    base: &MovieFacts<'_>,
    clock: Option<&BaseClock>,
    options: &PlaceOptions,
    by_lists: bool,
) {
    let facts = candidate.facts;
    let is_given = events::given_start(facts, options).is_some();
    let mut timecode = clock.map(|clock| clock.format).filter(|_| !is_given);
    if let (Some(base), Some(clip), true) = (&mut timecode, facts.timecode_format, by_lists) {
        // Source labels are read with the clip's own flag.
        base.drop_frame = clip.drop_frame;
    }
    let found = compatible::compare(facts, base, timecode, options);
    let counts_alike = compatible::counts_alike(&found.reasons);
    candidate.reasons = super::growing_reason(facts.growing, options).into_iter().collect();
    candidate.reasons.extend(found.reasons);
    candidate.warnings = found.warnings;
    // With lists a clip's reel is its source's, and the lists know it.
    if !is_given
        && !by_lists
        && !options.allow_reel
        && let Some((clip, base)) = reel::contradiction(facts.reel, base.reel)
    {
        let (clip, base) = (clip.to_owned(), base.to_owned());
        candidate.reasons.push(Reason::Reel { clip, base });
    }
    // A place that was counted at another rate would only lead to further reasons that do not hold.
    if let Some(clock) = clock.filter(|_| counts_alike && (is_given || !by_lists)) {
        match events::claims(index, facts, clock, options) {
            Ok(claims) => candidate.claims = claims,
            Err(reason) => candidate.reasons.push(reason),
        }
    }
}
