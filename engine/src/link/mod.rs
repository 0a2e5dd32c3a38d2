//! Bases and clips to links: which base each clip of a turnover belongs to, or why none.
//!
//! ```text
//! Turnover ──discover──▶ LinkFacts ──▶ lists, names, judge (every clip with every base) ──▶ decide ──▶ LinkReport
//! ```
//!
//! - In: a [`Turnover`], or movies whose facts are known, and [`LinkOptions`].
//! - Out: [`LinkReport`]: every link with what it rests on; every clip without one with the reasons against each base
//!   that comes near.
//! - Holds: nothing is guessed. Where what speaks for a clip points to several bases it is linked to none; the order in
//!   which bases and clips are given decides the order of the report, and nothing else.
//! - Not here: folders and files (`discover`), where in its base a clip goes (`plan`).

mod decide;
mod facts;
mod judge;
mod lists;
mod names;
mod report;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use crate::list::Confidence;
pub use facts::LinkFacts;
pub use lists::BaseLists;
pub use report::{
    CANDIDATES_MAX, Candidate, Evidence, Link, LinkReport, LinkedBase, LinkedClip, LinkedJob,
    LinkedList, LinkedMovie, ListFault, PassedOverFile, UnlinkedClip, UnreadableMovie, WhyUnlinked,
};

use intercut_io::Cancel;

use crate::discover::{
    OpenMovie, OpenedTurnover, Role, Turnover, TurnoverError, TurnoverLists, open_lists,
    open_turnover,
};
use crate::json::Schema;
use crate::plan::{PlaceOptions, Rank, Refusal};
use decide::{Decision, decide};
use judge::{Base, Clip};
use lists::OfBase;

/// How clips are linked.
///
/// Fields may come in any release: end a literal with `..Default::default()`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkOptions {
    /// The least sure link that is made; the others are told as unlinked.
    pub min_confidence: Confidence,
    /// How the clips will be placed: a clip's timecode lies within a base's where the planner would find a place for it
    /// (without its handles, trimmed, by `at`). What may be allowed (field order, alpha) is left to the planner.
    pub place: PlaceOptions,
}

/// Finds and opens the movies of a turnover, and links its clips to its bases.
///
/// - Cost: opening, in parallel, a few reads a movie; then as [`link`].
///
/// # Errors
/// [`TurnoverError`]. A damaged movie in a folder is none: it is told in [`LinkReport::unreadable`].
pub fn link_turnover(
    turnover: &Turnover,
    options: &LinkOptions,
    cancel: &Cancel,
) -> Result<LinkReport, TurnoverError> {
    link_turnover_as(turnover, options, cancel, |base| LinkFacts::of(base, Rank::Grade))
}

/// [`link_turnover`] to what will be made of the bases.
///
/// - `base`: the facts of what is made of a base, with the base's path.
///
/// # Errors
/// As [`link_turnover`].
pub fn link_turnover_as(
    turnover: &Turnover,
    options: &LinkOptions,
    cancel: &Cancel,
    base: impl Fn(&OpenMovie) -> LinkFacts + Sync,
) -> Result<LinkReport, TurnoverError> {
    let opened = open_turnover(turnover, cancel, |role, open| {
        let facts = match role {
            Role::Base => base(&open),
            Role::Clip => LinkFacts::of(&open, Rank::Grade),
            Role::Vfx => LinkFacts::of(&open, Rank::Vfx),
        };
        (role, facts)
    })?;
    let OpenedTurnover { movies, unreadable, passed_over } = opened;
    let (bases, clips): (Vec<_>, Vec<_>) =
        movies.into_iter().partition(|(role, _)| *role == Role::Base);
    let facts = |movies: Vec<(Role, LinkFacts)>| -> Vec<LinkFacts> {
        movies.into_iter().map(|(_, facts)| facts).collect()
    };
    let unreadable_bases: Vec<PathBuf> = unreadable
        .iter()
        .filter(|one| one.role == Role::Base)
        .map(|one| one.path.clone())
        .collect();
    let (bases, clips) = (facts(bases), facts(clips));
    let paths: Vec<&Path> = bases.iter().map(|base| base.path.as_path()).collect();
    let timeline = options.place.lists.timeline.as_deref();
    let TurnoverLists { shared, beside } = open_lists(turnover, &paths, timeline, cancel)?;
    let lists = beside
        .iter()
        .map(|own| BaseLists { own: own.iter().collect(), shared: shared.iter().collect() });
    let lists: Vec<BaseLists<'_>> = lists.collect();
    let held_to = held_to(&bases, &unreadable_bases, &[], options);
    let unreadable = unreadable.into_iter().map(|one| {
        let (code, reason) = (one.error.code().to_owned(), one.error.why());
        let misfit_of = judge::base_of_unreadable(&one.path, &held_to).map(Path::to_owned);
        let misfit_of = misfit_of.filter(|_| one.role != Role::Base);
        UnreadableMovie { path: one.path, role: one.role, code, reason, misfit_of }
    });
    let unreadable: Vec<UnreadableMovie> = unreadable.collect();
    let is_list = |path: &Path| {
        let mut lists = shared.iter().chain(beside.iter().flatten());
        lists.any(|list| list.path == path)
    };
    let passed_over = passed_over.into_iter().filter(|(_, over)| !is_list(&over.path));
    let passed_over = passed_over.map(|(role, over)| {
        let (code, reason) = (over.reason, over.reason.to_string());
        PassedOverFile { path: over.path, role, code, reason }
    });
    Ok(LinkReport {
        passed_over: passed_over.collect(),
        unreadable,
        ..link_by_lists(&bases, &clips, &unreadable_bases, &lists, options)
    })
}

/// Links clips to bases whose facts are known.
///
/// - `unreadable`: bases that cannot be opened. They get no clip, but a clip that has the name of one is no other's.
/// - Cost: O(bases x clips), times the stretches of a base's timecode; reads no file.
pub fn link(
    bases: &[LinkFacts],
    clips: &[LinkFacts],
    unreadable: &[PathBuf],
    options: &LinkOptions,
) -> LinkReport {
    link_by_lists(bases, clips, unreadable, &[], options)
}

/// [`link`] by edit lists: to a base that has lists belong the clips that they play.
///
/// - `lists`: those of each base, in the same order; bases beyond them have none.
pub fn link_by_lists(
    bases: &[LinkFacts],
    clips: &[LinkFacts],
    unreadable: &[PathBuf],
    lists: &[BaseLists<'_>],
    options: &LinkOptions,
) -> LinkReport {
    let by_lists = lists::hold_all(bases, clips, lists, options);
    let held_to = held_to(bases, unreadable, &by_lists, options);
    let mut report = LinkReport {
        schema: Schema::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        min_confidence: options.min_confidence,
        bases: bases
            .iter()
            .zip(&by_lists)
            .map(|(base, by_lists)| told_base(base, by_lists))
            .collect(),
        links: Vec::new(),
        unlinked: Vec::new(),
        list_faults: bases
            .iter()
            .zip(&by_lists)
            .flat_map(|(base, by_lists)| told_faults(base, by_lists))
            .collect(),
        unreadable: Vec::new(),
        passed_over: Vec::new(),
    };
    for (index, clip) in clips.iter().enumerate() {
        let mut judged = Clip::new(clip, index).judge(&held_to);
        match decide(&judged, options.min_confidence) {
            Decision::Linked { bases, confidence } => {
                report.links.extend(bases.into_iter().map(|base| Link {
                    clip: told_clip(clip),
                    base: base.base.to_owned(),
                    confidence,
                    evidence: base.evidence(),
                    reasons: base.reasons(),
                }));
            }
            Decision::Unlinked { why, reason } => {
                judged.sort_by_key(judge::Judged::distance);
                let misfit_of = misfit_of(&judged, why);
                let near = judged.iter().filter(|base| base.is_near()).count();
                judged.truncate(near.max(1));
                report.unlinked.push(UnlinkedClip {
                    clip: told_clip(clip),
                    why,
                    reason,
                    misfit_of,
                    more_candidates: judged.len().saturating_sub(CANDIDATES_MAX),
                    candidates: judged
                        .iter()
                        .take(CANDIDATES_MAX)
                        .map(judge::Judged::candidate)
                        .collect(),
                });
            }
        }
    }
    report.count_clips();
    report
}

/// The bases that clips are held to: those that can be opened, then the others.
fn held_to<'a>(
    bases: &'a [LinkFacts],
    unreadable: &'a [PathBuf],
    by_lists: &'a [OfBase],
    options: &LinkOptions,
) -> Vec<Base<'a>> {
    let readable = bases.iter().enumerate().map(|(index, base)| {
        let by_lists = by_lists.get(index).filter(|by_lists| by_lists.is_by_lists);
        Base::new(base, by_lists, &options.place)
    });
    let unreadable = unreadable.iter().map(|path| Base::unreadable(path));
    readable.chain(unreadable).collect()
}

/// The base that an unlinked clip should fit and does not.
///
/// - `judged`: every base, the nearest first.
fn misfit_of(judged: &[judge::Judged<'_>], why: WhyUnlinked) -> Option<PathBuf> {
    // A clip that fits several bases, or one less surely than was asked, is right as it is.
    let is_candidate = match why {
        WhyUnlinked::NoMatch => true,
        WhyUnlinked::Ambiguous => judged.iter().filter(|base| base.fits()).count() == 1,
        WhyUnlinked::BelowConfidence => false,
    };
    // A reel that several bases have speaks for none of them.
    let is_reel_of_one = judged.iter().filter(|base| base.reel.is_some()).count() == 1;
    let misfit = judged.iter().filter(|_| is_candidate).find(|base| base.is_misfit(is_reel_of_one));
    misfit.map(|base| base.base.to_owned())
}

fn told_base(base: &LinkFacts, by_lists: &OfBase) -> LinkedBase {
    let movie = base.told(0..base.frames.frame_count());
    let lists = by_lists.lists.iter().map(|path| LinkedList { path: path.clone() }).collect();
    LinkedBase { path: base.path.clone(), movie, clips: 0, lists }
}

fn told_faults<'a>(
    base: &'a LinkFacts,
    by_lists: &'a OfBase,
) -> impl Iterator<Item = ListFault> + 'a {
    by_lists.faults.iter().map(|Refusal { path, reason }| ListFault {
        path: path.clone(),
        base: base.path.clone(),
        code: reason.code().to_owned(),
        reason: reason.to_string(),
    })
}

fn told_clip(clip: &LinkFacts) -> LinkedClip {
    let movie = clip.told(clip.for_plan().presented());
    LinkedClip { path: clip.path.clone(), rank: clip.rank, movie }
}
