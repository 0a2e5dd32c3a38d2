//! Settles which event gets which frames and samples.
//!
//! - In: the candidates, the base, its clock, the options.
//! - Out: [`Settlement`], which holds for the candidates that are left; further reasons against candidates.
//! - Holds: with `skip_refused`, the clips that are left fit with one another and with the base.
//! - Not here: how one clip is judged (`candidates`), who wins (`overlap`), which samples (`samples`).

use super::candidates::Candidate;
use super::clock::BaseClock;
use super::events::Claim;
use super::facts::MovieFacts;
use super::options::{PlaceOptions, Rank};
use super::overlap::{self, Conflict, Contest};
use super::refusal::Reason;
use super::samples::{BaseFrames, Covered};
use super::splice_plan::Replacement;
use crate::units::ClipIndex;

/// Who gets what.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    /// The claims of all candidates that are left, by record start and then by the candidate's name.
    pub(super) claims: Vec<Claim>,
    /// For each of them, how many base frames it gets.
    pub(super) frames_used: Vec<u64>,
    /// The candidates of which frames are used, by their first such claim: the clips of the plan.
    pub(super) clips: Vec<usize>,
    /// Which samples they replace, sorted by base sample.
    pub(super) replacements: Vec<Replacement>,
    /// Who won which frames.
    pub(super) contests: Vec<Contest>,
}

/// Settles who gets which frames, and finds their samples. Adds what is found against a clip to its candidate.
///
/// If refused clips are skipped, leaving one out can give its frames to others: settles again until nothing more is
/// refused, which ends because every round leaves out a clip.
pub(super) fn settle(
    candidates: &mut [Candidate<'_>],
    base: &MovieFacts<'_>,
    clock: Option<&BaseClock>,
    options: &PlaceOptions,
) -> Settlement {
    let Some(clock) = clock else { return Settlement::default() };
    let base_frames = BaseFrames::new(base.frames);
    loop {
        let (settlement, mut refused) = settle_once(candidates, &base_frames, options);
        // Samples first: a clip that is left out because of its samples no longer overlaps anything.
        if !(refused && options.skip_refused) {
            refused |= refuse_overlaps(candidates, &settlement.claims, clock, options);
        }
        if !refused || !options.skip_refused {
            return settlement;
        }
    }
}

/// One round of [`settle`], and whether it refused a clip.
fn settle_once(
    candidates: &mut [Candidate<'_>],
    base_frames: &BaseFrames<'_>,
    options: &PlaceOptions,
) -> (Settlement, bool) {
    let is_left = |candidate: &&Candidate<'_>| {
        candidate.superseded.is_none() && (candidate.reasons.is_empty() || !options.skip_refused)
    };
    let left = candidates.iter().filter(is_left);
    let mut claims: Vec<Claim> = left.flat_map(|candidate| &candidate.claims).copied().collect();
    claims.sort_by_key(|claim| (claim.record_in, claim.candidate));
    let (covered, contests) = overlap::resolve(&claims, options.overlap);
    let mut frames_used = vec![0; claims.len()];
    for Covered { claim, frame_count, .. } in &covered {
        frames_used[*claim] += frame_count;
    }
    let mut settlement = Settlement { claims, frames_used, contests, ..Settlement::default() };
    let mut clip_of = vec![None; candidates.len()];
    for (claim, frames_used) in settlement.claims.iter().zip(&settlement.frames_used) {
        if *frames_used > 0 && clip_of[claim.candidate].is_none() {
            clip_of[claim.candidate] = Some(ClipIndex::new(settlement.clips.len()));
            settlement.clips.push(claim.candidate);
        }
    }
    let mut refused = false;
    for covered in covered {
        let index = settlement.claims[covered.claim].candidate;
        let candidate = &mut candidates[index];
        let clip = clip_of[index].expect("a clip that gets frames is a clip of the plan");
        match base_frames.replace(covered, (clip, candidate.facts.frames)) {
            Ok(replacements) => settlement.replacements.extend(replacements),
            Err(reasons) => {
                refused = true;
                candidate.reasons.extend(reasons);
            }
        }
    }
    settlement.replacements.sort_by_key(|run| run.base_sample);
    (settlement, refused)
}

/// Refuses clips of one rank that overlap where nothing decides: both if refused clips are skipped, else the pair
/// once, at the later clip.
fn refuse_overlaps(
    candidates: &mut [Candidate<'_>],
    claims: &[Claim],
    clock: &BaseClock,
    options: &PlaceOptions,
) -> bool {
    let conflicts = overlap::conflicts(claims, options.overlap);
    let is_whole = |conflict: &Conflict| {
        let of = |claim: usize| claims[claim].record_out - claims[claim].record_in;
        conflict.frame_count == of(conflict.earlier).min(of(conflict.later))
    };
    // Handles leave frames that no neighbour claims.
    let alike = alike(conflicts.iter().filter(|conflict| !is_whole(conflict)));
    for conflict in &conflicts {
        let Conflict { earlier, later, rank, frame_count: frames, .. } = *conflict;
        let whole = is_whole(conflict);
        let record_in = clock.timecode_at(conflict.record_in);
        let record_out = clock.after(record_in, conflict.record_out - conflict.record_in);
        let mut refuse = |claim: usize, other: usize| {
            let (candidate, other) = (claims[claim].candidate, claims[other].candidate);
            let other = candidates[other].facts.path.to_owned();
            candidates[candidate].reasons.push(match rank {
                Rank::Grade => match alike.filter(|alike| alike.frames == frames && !whole) {
                    Some(Alike { alike, overlaps, .. }) => {
                        let more = u32::try_from(frames / 2).unwrap_or(u32::MAX);
                        let handles = options.handles.saturating_add(more);
                        Reason::Handles {
                            other,
                            record_in,
                            record_out,
                            frames,
                            handles,
                            alike,
                            overlaps,
                        }
                    }
                    None => Reason::Overlaps { other, record_in, record_out, frames, whole },
                },
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

/// Overlaps of one length, as handles make them.
#[derive(Debug, Clone, Copy)]
struct Alike {
    frames: u64,
    alike: usize,
    overlaps: usize,
}

/// The length that most overlaps of grades have, if it is even and several have it.
fn alike<'a>(conflicts: impl Iterator<Item = &'a Conflict>) -> Option<Alike> {
    let grades = conflicts.filter(|conflict| conflict.rank == Rank::Grade);
    let mut lengths: Vec<u64> = grades.map(|conflict| conflict.frame_count).collect();
    lengths.sort_unstable();
    let most = lengths.chunk_by(|a, b| a == b).max_by_key(|alike| alike.len())?;
    let (frames, alike, overlaps) = (most[0], most.len(), lengths.len());
    (alike > 1 && 2 * alike > overlaps && frames % 2 == 0).then_some(Alike {
        frames,
        alike,
        overlaps,
    })
}
