//! Judges every clip, then settles who gets which frames and samples.
//!
//! - In: the base, the clips, the base's clock, the options.
//! - Out: one [`Case`] a clip, in name order, with every reason against it; [`Settled`], which holds for the clips
//!   that are left.
//! - Holds: with `skip_refused`, the clips that are left fit with one another and with the base.
//! - Not here: how one clip is judged (`compatible`, `place`, `samples`, `overlap`), texts (`refusal`).

use std::collections::HashMap;
use std::path::Path;

use super::compatible;
use super::facts::MovieFacts;
use super::options::{PlaceOptions, Rank};
use super::overlap::{self, Claim, Conflict, Contest};
use super::place::{self, BaseClock, Placement};
use super::refusal::Reason;
use super::samples::BaseFrames;
use super::splice_plan::{PlannedOverlap, Replacement};

/// One clip, and what was found about it.
#[derive(Debug)]
pub(super) struct Case<'a> {
    /// Its index among the clips that were given.
    pub(super) clip: usize,
    /// What it is.
    pub(super) facts: &'a MovieFacts<'a>,
    /// Where it belongs, if it has a place.
    pub(super) place: Option<Placement>,
    /// Every reason against it.
    pub(super) reasons: Vec<Reason>,
    /// What matters only to the eye.
    pub(super) warnings: Vec<String>,
}

/// Who gets what.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The cases that are left, by record start and then by name: the clips of the plan.
    pub(super) live: Vec<usize>,
    /// For each of them, how many base frames it gets.
    pub(super) frames_used: Vec<u64>,
    /// Which samples they replace, sorted by base sample; [`Replacement::clip`] counts `live`.
    pub(super) replacements: Vec<Replacement>,
    /// Who won which frames.
    pub(super) overlaps: Vec<PlannedOverlap>,
}

/// Judges every clip by itself: the same file twice, compatibility, place.
///
/// - Returns: cases sorted by file name and then by path, so that the order of arguments never matters.
pub(super) fn judge<'a>(
    base: &MovieFacts<'_>,
    clips: &'a [MovieFacts<'a>],
    clock: Option<&BaseClock>,
    options: &PlaceOptions,
) -> Vec<Case<'a>> {
    let mut order: Vec<usize> = (0..clips.len()).collect();
    order.sort_by_key(|&clip| (clips[clip].path.file_name(), clips[clip].path, clip));
    let mut known: HashMap<(u64, u64), (&Path, Rank)> = HashMap::new();
    let mut cases = Vec::with_capacity(clips.len());
    for clip in order {
        let facts = &clips[clip];
        let mut case = Case { clip, facts, place: None, reasons: Vec::new(), warnings: Vec::new() };
        let file = (facts.identity.device, facts.identity.inode);
        if facts.identity.is_same_file(&base.identity) {
            case.reasons.push(Reason::IsBase);
        } else if let Some(&(other, rank)) = known.get(&file) {
            let other = other.to_owned();
            case.reasons.push(match rank == facts.rank {
                true => Reason::SameFile { other },
                false => Reason::BothRanks { other },
            });
        } else {
            known.insert(file, (facts.path, facts.rank));
            judge_one(&mut case, base, clock, options);
        }
        cases.push(case);
    }
    cases
}

fn judge_one(
    case: &mut Case<'_>,
    base: &MovieFacts<'_>,
    clock: Option<&BaseClock>,
    options: &PlaceOptions,
) {
    let own = options.of_clip(case.facts.path).at.as_ref();
    let record_start = own.or_else(|| options.at.get(&case.facts.name())).map(String::as_str);
    let timecode = clock.map(|clock| clock.format).filter(|_| record_start.is_none());
    let found = compatible::compare(case.facts, base, timecode, options);
    let counts_alike = compatible::counts_alike(&found.reasons);
    case.reasons = found.reasons;
    case.warnings = found.warnings;
    // A place that was counted at another rate would only give rise to further reasons that are none.
    if let Some(clock) = clock.filter(|_| counts_alike) {
        match place::place(case.facts, clock, record_start, options) {
            Ok(place) => case.place = Some(place),
            Err(reason) => case.reasons.push(reason),
        }
    }
}

/// Settles who gets which frames, and finds their samples. Adds what is found against a clip to its case.
///
/// Where refused clips are skipped, leaving one out can give its frames to others: settles again until nothing more is
/// refused, which ends because every round leaves out a clip.
pub(super) fn settle(
    cases: &mut [Case<'_>],
    base: &MovieFacts<'_>,
    clock: Option<&BaseClock>,
    options: &PlaceOptions,
) -> Settled {
    let Some(clock) = clock else { return Settled::default() };
    let base_frames = BaseFrames::new(base.frames);
    loop {
        let (settled, mut refused) = settle_once(cases, &base_frames, options);
        // Samples first: a clip that is left out because of its samples no longer overlaps anything.
        if !(refused && options.skip_refused) {
            refused |= refuse_overlaps(cases, &settled.live, clock, options);
        }
        if !refused || !options.skip_refused {
            return settled;
        }
    }
}

/// One round of [`settle`], and whether it refused a clip.
fn settle_once(
    cases: &mut [Case<'_>],
    base_frames: &BaseFrames<'_>,
    options: &PlaceOptions,
) -> (Settled, bool) {
    let is_live = |case: &Case<'_>| {
        case.place.is_some() && (case.reasons.is_empty() || !options.skip_refused)
    };
    let mut live: Vec<(usize, Placement)> = cases
        .iter()
        .enumerate()
        .filter(|(_, case)| is_live(case))
        .filter_map(|(index, case)| Some((index, case.place?)))
        .collect();
    live.sort_by_key(|(index, place)| (place.record_in, *index));
    let live: Vec<usize> = live.into_iter().map(|(index, _)| index).collect();
    let (pieces, contests) = overlap::resolve(&claims(cases, &live), options.overlap);
    let mut settled = Settled { frames_used: vec![0; live.len()], live, ..Settled::default() };
    let mut refused = false;
    for piece in pieces {
        let case = &mut cases[settled.live[piece.clip]];
        match base_frames.replace(piece, case.facts.frames) {
            Ok(replacements) => settled.replacements.extend(replacements),
            Err(reasons) => {
                refused = true;
                case.reasons.extend(reasons);
            }
        }
        settled.frames_used[piece.clip] += piece.frame_count;
    }
    settled.replacements.sort_by_key(|run| run.base_sample);
    settled.overlaps = contests
        .into_iter()
        .map(|Contest { winner, loser, record_in, record_out }| PlannedOverlap {
            winner,
            loser,
            record_in,
            record_out,
        })
        .collect();
    (settled, refused)
}

/// What the cases that are left claim.
fn claims(cases: &[Case<'_>], live: &[usize]) -> Vec<Claim> {
    let claim = |&case: &usize| {
        let Case { place, facts, .. } = &cases[case];
        place.map(|place| Claim { place, rank: facts.rank })
    };
    live.iter().filter_map(claim).collect()
}

/// Refuses clips of one rank that overlap where nothing decides: both where refused clips are skipped, else the pair
/// once, at the later clip.
fn refuse_overlaps(
    cases: &mut [Case<'_>],
    live: &[usize],
    clock: &BaseClock,
    options: &PlaceOptions,
) -> bool {
    let conflicts = overlap::conflicts(&claims(cases, live), options.overlap);
    for conflict in &conflicts {
        let Conflict { earlier, later, rank, frame_count: frames, .. } = *conflict;
        let record_in = clock.timecode_at(conflict.record_in);
        let record_out = clock.after(record_in, conflict.record_out - conflict.record_in);
        let mut refuse = |case: usize, other: usize| {
            let other = cases[live[other]].facts.path.to_owned();
            cases[live[case]].reasons.push(match rank {
                Rank::Grade => Reason::Overlaps { other, record_in, record_out, frames },
                Rank::Vfx => Reason::VfxOverlap { other, record_in, record_out, frames },
            });
        };
        refuse(later, earlier);
        if options.skip_refused {
            refuse(earlier, later);
        }
    }
    !conflicts.is_empty()
}
