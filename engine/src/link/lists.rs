//! What edit lists say of which clip belongs to which base.
//!
//! - In: bases, the lists of each, all clips.
//! - Out: [`OfBase`]: for each base the lists that can be used with it, or what is wrong with them, and what they say of
//!   each clip.
//! - Holds: a list that was given for all bases is only that of bases in which it has an event; it is a fault only where no
//!   base can use it. A base that has lists gets no clip by the clip's own timecode.
//! - Not here: where in its base a clip goes (`plan`), which of several bases it is (`decide`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::LinkOptions;
use super::facts::LinkFacts;
use crate::discover::OpenList;
use crate::list::conform::{Candidate, ClipReason, EventName, Evidence, Objection, Placement};
use crate::list::{Confidence, Span};
use crate::plan::{MovieFacts, Reason, Refusal, hold};

/// The lists of one base.
#[derive(Debug, Clone, Default)]
pub struct BaseLists<'a> {
    /// Lists of this base alone.
    pub own: Vec<&'a OpenList>,
    /// Lists that were given for all bases.
    pub shared: Vec<&'a OpenList>,
}

/// What the lists of one base say.
#[derive(Debug, Default)]
pub(super) struct OfBase {
    /// Whether its clips are placed by lists: by those of other bases it gets none.
    pub(super) is_by_lists: bool,
    /// The lists that place its clips.
    pub(super) lists: Vec<PathBuf>,
    /// What is wrong with them: then they say nothing.
    pub(super) faults: Vec<Refusal>,
    /// What they say of each clip, in the order in which clips were given.
    pub(super) said: Vec<Said>,
}

/// What lists say of a clip.
#[derive(Debug, Clone, Default)]
pub(super) enum Said {
    /// Nothing: something else speaks against the clip.
    #[default]
    Nothing,
    /// It has a place.
    Place(Place),
    /// Why it has none.
    Refused(ClipReason),
}

/// The place of a clip.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) confidence: Confidence,
    /// Whether it has equal heads and tails, as a render of a shot has.
    pub(super) is_render: bool,
    /// Whether nothing speaks for it but its timecode.
    pub(super) is_by_timecode_alone: bool,
    pub(super) shots: BTreeSet<Shot>,
    /// As a sentence.
    pub(super) reason: String,
}

/// What two lists must have in common if they play the same shot: names and source frames.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shot {
    names: BTreeSet<String>,
    source: String,
}

impl Said {
    /// Whether the clip should have a place and has none.
    pub(super) fn is_misfit(&self) -> bool {
        match self {
            Said::Refused(ClipReason::NoEvent { nearest, .. }) => {
                nearest.first().is_some_and(is_meant)
            }
            Said::Refused(ClipReason::OutsideBase { .. }) => false,
            Said::Refused(_) => true,
            Said::Nothing | Said::Place(_) => false,
        }
    }
}

/// Whether an event that does not fit a clip has its name.
fn is_meant(candidate: &Candidate) -> bool {
    candidate.agrees.is_some() && !matches!(candidate.against, Objection::Reel { .. })
}

/// Holds all clips to the lists of every base.
///
/// - `lists`: those of each base; bases beyond them have none.
pub(super) fn hold_all(
    bases: &[LinkFacts],
    clips: &[LinkFacts],
    lists: &[BaseLists<'_>],
    options: &LinkOptions,
) -> Vec<OfBase> {
    let clips: Vec<MovieFacts<'_>> = clips.iter().map(LinkFacts::for_plan).collect();
    let mut found: Vec<OfBase> = bases
        .iter()
        .zip(lists)
        .map(|(base, lists)| of_base(base, &clips, lists, options))
        .collect();
    found.resize_with(bases.len(), OfBase::default);
    let used: BTreeSet<PathBuf> = found
        .iter()
        .filter(|base| base.faults.is_empty())
        .flat_map(|base| base.lists.iter().cloned())
        .collect();
    for (base, lists) in found.iter_mut().zip(lists) {
        let is_shared = |path: &Path| lists.shared.iter().any(|list| list.path == path);
        base.faults.retain(|fault| !(is_shared(&fault.path) && used.contains(&fault.path)));
        // Without faults it would say something if its lists were not those of other bases.
        if base.said.is_empty() && base.faults.is_empty() {
            base.lists.clear();
        }
        base.said.resize(clips.len(), Said::Nothing);
    }
    found
}

/// Holds all clips to the lists of one base.
fn of_base(
    base: &LinkFacts,
    clips: &[MovieFacts<'_>],
    lists: &BaseLists<'_>,
    options: &LinkOptions,
) -> OfBase {
    let mut all: Vec<&OpenList> = lists.own.iter().chain(&lists.shared).copied().collect();
    let paths = |lists: &[&OpenList]| lists.iter().map(|list| list.path.clone()).collect();
    let mut elsewhere = Vec::new();
    while !all.is_empty() {
        let faults = match hold(&base.for_plan(), clips, &all, &options.place) {
            Ok(held) => {
                let mut said = vec![Said::Nothing; clips.len()];
                for (clip, reason) in held.conformed.refusals {
                    said[held.given[clip]] = Said::Refused(reason);
                }
                for (clip, left_out) in held.conformed.left_out {
                    said[held.given[clip]] = Said::Place(Place::left_out(left_out.to_string()));
                }
                let mut by_clip: BTreeMap<usize, Vec<&Placement>> = BTreeMap::new();
                for placement in &held.conformed.placements {
                    by_clip.entry(placement.clip).or_default().push(placement);
                }
                for (clip, placements) in by_clip {
                    said[held.given[clip]] = Said::Place(Place::of(&placements, &all));
                }
                return OfBase { is_by_lists: true, lists: paths(&all), faults: Vec::new(), said };
            }
            Err(faults) => faults,
        };
        // A list for all bases need not have an event in each.
        let is_elsewhere = |list: &&OpenList| {
            let is_shared = lists.shared.iter().any(|shared| shared.path == list.path);
            is_shared && faults.iter().any(|fault| fault.path == list.path && is_of_pair(fault))
        };
        let count = all.len();
        all.retain(|list| !is_elsewhere(list));
        if all.len() == count {
            return OfBase { is_by_lists: true, lists: paths(&all), faults, said: Vec::new() };
        }
        elsewhere.extend(faults);
    }
    let lists: Vec<PathBuf> = elsewhere.iter().map(|fault: &Refusal| fault.path.clone()).collect();
    OfBase { is_by_lists: !lists.is_empty(), lists, faults: elsewhere, said: Vec::new() }
}

/// Whether a list may be right, and belong to another base.
fn is_of_pair(fault: &Refusal) -> bool {
    const CODES: [&str; 4] = ["list_outside_base", "list_rate", "list_drop_frame", "list_start"];
    matches!(fault.reason, Reason::List(_)) && CODES.contains(&fault.reason.code())
}

impl Place {
    /// A clip that has a place and does not get it: the plan of this base is to say so.
    fn left_out(reason: String) -> Self {
        Self {
            confidence: Confidence::High,
            is_render: false,
            is_by_timecode_alone: false,
            shots: BTreeSet::new(),
            reason,
        }
    }

    fn of(placements: &[&Placement], lists: &[&OpenList]) -> Self {
        let cut = |placement: &Placement| {
            let list = lists[placement.list];
            list.list.as_ref().ok().and_then(|read| read.cuts.get(placement.cut))
        };
        let shots = placements.iter().filter_map(|placement| {
            let cut = cut(placement)?;
            let names = cut.names.iter().map(|name| name.text.to_lowercase()).collect();
            let source = match cut.source {
                Span::Labels { first, end } => format!("{first} {end}"),
                Span::Frames { first, end } => format!("{first} {end}"),
            };
            Some(Shot { names, source })
        });
        let first = placements[0];
        let event = cut(first).map(|cut| EventName {
            list: name_of(&lists[first.list].path),
            label: cut.label.clone(),
            line: cut.line,
        });
        let more = match placements.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let event = event.map(|event| event.to_string()).unwrap_or_default();
        Self {
            confidence: first.confidence,
            is_render: placements.iter().any(|placement| placement.head == placement.tail),
            is_by_timecode_alone: first.by == [Evidence::Timecode],
            shots: shots.collect(),
            reason: format!("it is played by {event}{more}"),
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
