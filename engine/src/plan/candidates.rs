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
use super::reason::Reason;
use super::reel;

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
}

/// Judges every clip.
///
/// - Returns: candidates sorted by file name and then by path, so that the order of arguments never matters.
pub(super) fn judge<'a>(
    base: &MovieFacts<'_>,
    clips: &'a [MovieFacts<'a>],
    clock: Option<&BaseClock>,
    options: &PlaceOptions,
) -> Vec<Candidate<'a>> {
    let mut order: Vec<usize> = (0..clips.len()).collect();
    order.sort_by_key(|&clip| (clips[clip].path.file_name(), clips[clip].path, clip));
    let mut known: HashMap<(u64, u64), (&Path, Rank)> = HashMap::new();
    let mut candidates = Vec::with_capacity(clips.len());
    for given in order {
        let facts = &clips[given];
        let (claims, reasons, warnings) = (Vec::new(), Vec::new(), Vec::new());
        let superseded = None;
        let mut candidate = Candidate { given, facts, claims, superseded, reasons, warnings };
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
            judge_one(&mut candidate, candidates.len(), base, clock, options);
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
) {
    let facts = candidate.facts;
    let is_given = events::given_start(facts, options).is_some();
    let timecode = clock.map(|clock| clock.format).filter(|_| !is_given);
    let found = compatible::compare(facts, base, timecode, options);
    let counts_alike = compatible::counts_alike(&found.reasons);
    candidate.reasons = found.reasons;
    candidate.warnings = found.warnings;
    if !is_given
        && !options.allow_reel
        && let Some((clip, base)) = reel::contradiction(facts.reel, base.reel)
    {
        let (clip, base) = (clip.to_owned(), base.to_owned());
        candidate.reasons.push(Reason::Reel { clip, base });
    }
    // A place that was counted at another rate would only lead to further reasons that do not hold.
    if let Some(clock) = clock.filter(|_| counts_alike) {
        match events::claims(index, facts, clock, options) {
            Ok(claims) => candidate.claims = claims,
            Err(reason) => candidate.reasons.push(reason),
        }
    }
}
