//! Which cuts one clip fits, and how surely.
//!
//! - In: resolved cuts, a clip.
//! - Out: [`Fits`]: the cuts that its best evidence speaks for.
//! - Holds: a clip fits if its timecode contains the cut's plain frames and no reel contradicts; without timecode, if a
//!   name is the same and it is as long as the cut. Handles are measured on what was rendered, with the mixed frames of the
//!   cut and without.
//! - Not here: which of several cuts it is (`choose`), which of several clips (`rivals`).

use std::collections::HashMap;
use std::ops::Range;

use super::super::cut::NameKind;
use super::super::names::{Agreement, ClipNames, NameId};
use super::base::BaseFacts;
use super::index::{CutIndex, Part, rendered};
use super::reason::Obstacle;
use super::resolve::{Resolved, ResolvedCut};
use super::{ClipFacts, Confidence, ConformOptions, Evidence, Transitions};
use crate::timecode::Timecode;

/// Cuts that one clip may fit by equal evidence; a reel has hundreds.
const FITS_MAX: usize = 4096;

/// Everything that a clip is held to.
pub(super) struct Fitter<'a> {
    pub(super) resolved: &'a Resolved<'a>,
    pub(super) base: &'a BaseFacts<'a>,
    pub(super) index: CutIndex,
    transitions: Transitions,
    min_confidence: Confidence,
    /// Whether an event has no name, so that it matters what else fits.
    has_unnamed: bool,
}

/// One cut that a clip fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) cut: usize,
    /// The clip's frame that is the first of the cut's record range; negative where the clip lacks mixed frames.
    pub(super) source_in: i64,
    /// Frames of the clip before and after what was rendered.
    pub(super) head: u64,
    pub(super) tail: u64,
    pub(super) by: Vec<Evidence>,
}

impl Fit {
    /// Whether the clip looks like a render of this cut.
    pub(super) fn is_symmetric(&self) -> bool {
        self.head == self.tail
    }
}

/// The cuts for which the best evidence speaks.
#[derive(Debug, Clone, Default)]
pub(super) struct Fits {
    /// By record.
    pub(super) best: Vec<Fit>,
    /// `None` without any.
    pub(super) confidence: Option<Confidence>,
    /// Whether nobody can choose among them: there were more than are kept, or the clip's timecode may mean nothing.
    pub(super) is_unclear: bool,
    /// Whether the only evidence is that nothing else fits, so that another clip which fits takes it away.
    pub(super) must_be_alone: bool,
    /// Whether a list of our own says that this very clip was placed there.
    pub(super) is_placed: bool,
    /// Every shot that fits, however surely.
    pub(super) shots: Vec<u32>,
    /// A cut that fits at two frames of the clip, whose timecode jumps, and these frames.
    pub(super) twice: Option<(usize, i64, i64)>,
}

impl<'a> Fitter<'a> {
    pub(super) fn new(
        resolved: &'a Resolved<'a>,
        base: &'a BaseFacts<'a>,
        options: &ConformOptions<'_>,
    ) -> Self {
        Self {
            resolved,
            base,
            index: CutIndex::new(resolved),
            transitions: options.transitions,
            min_confidence: options.min_confidence,
            has_unnamed: resolved.cuts.iter().any(|cut| cut.names.ids.is_empty()),
        }
    }

    /// The cuts that a clip fits.
    pub(super) fn fits(&self, clip: &ClipFacts<'_>) -> Fits {
        let names = ClipNames::new(clip.file_name, clip.reel);
        let agreements = self.resolved.names.agreements(&names);
        let parts = Part::all_of(clip, self.base);
        let mut found = Found::default();
        self.add_named(clip, &parts, &agreements, &mut found);
        // Events whose names say nothing of the clip count only where no other does, or where one has no name at all.
        if found.fits.is_empty() || self.has_unnamed {
            for part in &parts {
                self.add_others(clip, part, &names, &agreements, &mut found);
            }
        }
        match found.class <= Class::Length {
            _ if has_clock(clip) => {}
            true => self.add_by_length(clip, &agreements, &mut found),
            false => self.doubt_by_length(clip, &agreements, &mut found),
        }
        if names.reel.is_some() {
            self.keep_own_reel(&agreements, &mut found);
        }
        found.fits(|fit| (self.resolved.cuts[fit.cut].record_first, fit.cut, fit.source_in))
    }

    /// Drops cuts of other reels where the clip has some of its own: cameras that run together share timecode and takes.
    fn keep_own_reel(&self, agreements: &HashMap<NameId, Agreement>, found: &mut Found) {
        let is_own = |fit: &Fit| {
            let mut ids = self.resolved.cuts[fit.cut].names.ids.iter();
            ids.any(|(id, kind)| *kind == NameKind::Reel && agreements.contains_key(id))
        };
        if found.class < Class::Placed && found.fits.iter().any(is_own) {
            found.fits.retain(|fit| is_own(fit) || !self.resolved.cuts[fit.cut].names.has_reel);
        }
    }

    /// Adds cuts with a name that agrees, in the clip's timecode.
    fn add_named(
        &self,
        clip: &ClipFacts<'_>,
        parts: &[Part],
        agreements: &HashMap<NameId, Agreement>,
        found: &mut Found,
    ) {
        let has_name = |index: usize| strongest(&self.resolved.cuts[index], agreements).is_some();
        self.index.for_each_named(parts, agreements, has_name, |index, part| {
            let cut = &self.resolved.cuts[index];
            let agreed = strongest(cut, agreements);
            found.add(Class::of(cut, agreed), cut, || {
                let kind = agreed.map(|(_, kind)| Evidence::from(kind));
                let by = [Some(Evidence::Timecode), kind].into_iter().flatten().collect();
                self.fit(index, self.index.source_in(part, index)?, clip, by)
            });
        });
    }

    /// Adds cuts without a name that agrees, in a part of the clip's timecode.
    fn add_others(
        &self,
        clip: &ClipFacts<'_>,
        part: &Part,
        names: &ClipNames,
        agreements: &HashMap<NameId, Agreement>,
        found: &mut Found,
    ) {
        self.index.for_each_in(part, |index| {
            let cut = &self.resolved.cuts[index];
            let is_named = !agreements.is_empty() && strongest(cut, agreements).is_some();
            if is_named || contradicts(cut, names, false) || cut.cut.is_source_unsure {
                return;
            }
            let class = Class::of(cut, None);
            // Of what will be refused for its weakness one is enough to name, and one that it looks like a render of.
            let is_to_be_named = class == Class::Timecode && self.min_confidence > Confidence::Low;
            let is_spare = |source_in: i64| {
                is_to_be_named
                    && match &found.fits[..] {
                        [] => false,
                        [.., last] => {
                            last.is_symmetric() || 2 * source_in + cut.count != frames_of(clip)
                        }
                    }
            };
            let source_in = self.index.source_in(part, index).filter(|at| !is_spare(*at));
            found.add(class, cut, || self.fit(index, source_in?, clip, vec![Evidence::Timecode]));
        });
    }

    /// Adds cuts with a name that is the clip's and as long as it, for a clip without timecode.
    fn add_by_length(
        &self,
        clip: &ClipFacts<'_>,
        agreements: &HashMap<NameId, Agreement>,
        found: &mut Found,
    ) {
        let equal = agreements.iter().filter(|(_, agreement)| **agreement == Agreement::Equal);
        for index in self.index.named(equal.map(|(id, _)| *id)) {
            let cut = &self.resolved.cuts[index];
            let kind = strongest(cut, agreements).map(|(_, kind)| kind);
            let is_placed = kind == Some(NameKind::Placed);
            let source_in = match is_placed {
                true => counted_from_0(cut, clip),
                false => length_fits(cut, clip),
            };
            let Some(source_in) = source_in else { continue };
            let class = if is_placed { Class::Placed } else { Class::Length };
            let by = kind.map(Evidence::from).into_iter().collect();
            found.add(class, cut, || self.fit(index, source_in, clip, by));
        }
    }

    /// Doubts what the timecode of a clip says that starts at 00:00:00:00, as renders without timecode do: if another cut
    /// with its name is just as long as it, and none of those in its timecode is, one is added.
    fn doubt_by_length(
        &self,
        clip: &ClipFacts<'_>,
        agreements: &HashMap<NameId, Agreement>,
        found: &mut Found,
    ) {
        let is_whole = |fit: &Fit| (fit.head, fit.tail) == (0, 0);
        if found.class == Class::Placed || found.fits.iter().any(is_whole) {
            return;
        }
        let others = self.index.named(agreements.keys().copied()).into_iter();
        let fit = others.filter_map(|index| {
            let source_in = length_fits(&self.resolved.cuts[index], clip)?;
            self.fit(index, source_in, clip, Vec::new())
        });
        if let Some(fit) = { fit }.find(|fit| found.fits.iter().all(|other| other.cut != fit.cut)) {
            found.fits.push(fit);
            found.is_unclear = true;
        }
    }

    /// The fits of a clip to one cut that somebody named: more than one where the clip's timecode jumps and has the cut's
    /// twice.
    pub(super) fn fits_by_hand(&self, clip: &ClipFacts<'_>, index: usize) -> Vec<Fit> {
        let cut = &self.resolved.cuts[index];
        let parts = Part::all_of(clip, self.base);
        let by_timecode = parts.iter().filter(|part| self.index.contains(part, index));
        let mut sources: Vec<i64> =
            by_timecode.filter_map(|part| self.index.source_in(part, index)).collect();
        if sources.is_empty() && !has_clock(clip) {
            sources.extend(length_fits(cut, clip));
        }
        let by = || vec![Evidence::ByHand];
        sources.into_iter().filter_map(|source| self.fit(index, source, clip, by())).collect()
    }

    /// Why a clip cannot be copied to a cut that it fits.
    pub(super) fn obstacle(&self, clip: &ClipFacts<'_>, index: usize) -> Option<Obstacle> {
        let cut = &self.resolved.cuts[index];
        if let Some(obstacle) = cut.obstacle(drops(clip), self.resolved.format) {
            return Some(obstacle);
        }
        let mixed = cut.mixed_count();
        let is_in_the_way = mixed > 0 && self.transitions == Transitions::Error;
        let is_wipe = cut.cut.mixed.is_wipe;
        is_in_the_way.then_some(Obstacle::Mixed { mixed, frames: cut.count, is_wipe })
    }

    /// The base's first timecode and the one after its last.
    pub(super) fn base_range(&self) -> (Timecode, Timecode) {
        (self.base.start(), self.base.end())
    }

    /// A clip laid on a cut; `None` if nothing of what may have been rendered would lie within it.
    fn fit(
        &self,
        index: usize,
        source_in: i64,
        clip: &ClipFacts<'_>,
        by: Vec<Evidence>,
    ) -> Option<Fit> {
        let frames = frames_of(clip);
        let ends = |rendered: Range<i64>| {
            let (head, tail) = (source_in + rendered.start, frames - source_in - rendered.end);
            Some((u64::try_from(head).ok()?, u64::try_from(tail).ok()?))
        };
        let rendered = rendered(&self.resolved.cuts[index], drops(clip));
        let inside: Vec<(u64, u64)> = rendered.into_iter().filter_map(ends).collect();
        let symmetric = inside.iter().find(|(head, tail)| head == tail);
        let (head, tail) = *symmetric.or_else(|| inside.first())?;
        Some(Fit { cut: index, source_in, head, tail, by })
    }
}

/// What evidence there is, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Class {
    /// Timecode, beside names that say nothing of one another.
    #[default]
    Timecode,
    /// A name and the length.
    Length,
    /// Timecode, and the event has no name.
    Unnamed,
    /// Timecode, and a name in part.
    Partial,
    /// Timecode and a name.
    Equal,
    /// A list of our own says so.
    Placed,
}

impl Class {
    fn of(cut: &ResolvedCut<'_>, agreed: Option<(Agreement, NameKind)>) -> Self {
        match agreed {
            Some((_, NameKind::Placed)) => Self::Placed,
            Some((Agreement::Equal, _)) => Self::Equal,
            Some((Agreement::Partial, _)) => Self::Partial,
            None if cut.names.ids.is_empty() => Self::Unnamed,
            None => Self::Timecode,
        }
    }

    /// - `shots`: how many the clip fits in all.
    fn confidence(self, shots: usize) -> Confidence {
        match self {
            Self::Placed | Self::Equal => Confidence::High,
            Self::Partial => Confidence::Medium,
            Self::Unnamed if shots == 1 => Confidence::Medium,
            Self::Unnamed | Self::Timecode | Self::Length => Confidence::Low,
        }
    }
}

/// Fits as they are found: the best class alone, and every shot.
#[derive(Default)]
struct Found {
    class: Class,
    fits: Vec<Fit>,
    is_unclear: bool,
    shots: Vec<u32>,
}

impl Found {
    /// Adds a cut, if nothing better was found.
    fn add(&mut self, class: Class, cut: &ResolvedCut<'_>, fit: impl FnOnce() -> Option<Fit>) {
        self.shots.push(u32::try_from(cut.shot).unwrap_or(u32::MAX));
        if class < self.class {
            return;
        }
        let Some(fit) = fit() else { return };
        if class > self.class {
            self.fits.clear();
            self.is_unclear = false;
            self.class = class;
        }
        self.is_unclear |= self.fits.len() == FITS_MAX;
        self.fits.push(fit);
        self.fits.truncate(FITS_MAX);
    }

    fn fits<K: Ord>(self, by: impl Fn(&Fit) -> K) -> Fits {
        let Self { class, fits: mut best, is_unclear, mut shots } = self;
        shots.sort_unstable();
        shots.dedup();
        let confidence = (!best.is_empty()).then(|| class.confidence(shots.len()));
        best.sort_by_key(|fit| by(fit));
        let is_twice =
            |pair: &&[Fit]| pair[0].cut == pair[1].cut && pair[0].source_in != pair[1].source_in;
        let twice = best.windows(2).find(is_twice);
        let twice = twice.map(|pair| (pair[0].cut, pair[0].source_in, pair[1].source_in));
        best.dedup_by_key(|fit| fit.cut);
        Fits {
            twice,
            best,
            confidence,
            is_unclear,
            must_be_alone: class == Class::Unnamed && confidence == Some(Confidence::Medium),
            is_placed: class == Class::Placed,
            shots,
        }
    }
}

/// Whether a clip's timecode says something: 00:00:00:00 is what renders without timecode start at.
fn has_clock(clip: &ClipFacts<'_>) -> bool {
    clip.stretches.first().is_some_and(|(_, start)| start.frame() != 0)
}

fn drops(clip: &ClipFacts<'_>) -> bool {
    clip.stretches.first().is_some_and(|(_, start)| start.format.drop_frame)
}

fn frames_of(clip: &ClipFacts<'_>) -> i64 {
    i64::try_from(clip.frames).unwrap_or(i64::MAX)
}

/// The clip's frame that is the first of a cut, if the clip is just as long as the cut and its handles.
fn length_fits(cut: &ResolvedCut<'_>, clip: &ClipFacts<'_>) -> Option<i64> {
    let handles = i64::try_from(clip.handles).ok()?;
    let frames = frames_of(clip).checked_sub(handles.checked_mul(2)?)?;
    let mut rendered = rendered(cut, drops(clip)).into_iter();
    let rendered = rendered.find(|rendered| rendered.end - rendered.start == frames);
    rendered.map(|rendered| handles - rendered.start)
}

/// The clip's frame that is the first of a cut in a list of our own, which counts clips without timecode from 0.
fn counted_from_0(cut: &ResolvedCut<'_>, clip: &ClipFacts<'_>) -> Option<i64> {
    let source = cut.sources[0]?;
    let is_inside = source.first >= 0 && source.first + source.count <= frames_of(clip);
    is_inside.then_some(source.first)
}

/// The best agreement among the names of a cut; of equal ones a list of our own goes first, then reel, file and clip name.
pub(super) fn strongest(
    cut: &ResolvedCut<'_>,
    agreements: &HashMap<NameId, Agreement>,
) -> Option<(Agreement, NameKind)> {
    let found = cut.names.ids.iter().filter_map(|(id, kind)| Some((*agreements.get(id)?, *kind)));
    found.max_by_key(|(agreement, kind)| {
        (*kind == NameKind::Placed, *agreement, std::cmp::Reverse(*kind))
    })
}

/// Whether both name a reel, and no name of the one is the other's.
pub(super) fn contradicts(cut: &ResolvedCut<'_>, clip: &ClipNames, agrees: bool) -> bool {
    clip.reel.is_some() && cut.names.has_reel && !cut.names.is_guessed && !agrees
}
