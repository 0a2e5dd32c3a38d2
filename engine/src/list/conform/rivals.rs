//! Clips that want the same cut, and the placements of those that get it.
//!
//! - In: one choice a clip.
//! - Out: [`Conformed`] without its summaries.
//! - Holds: of clips of one rank, what is said by hand goes first, then the better confidence; equal ones are refused, all
//!   of them, with the events. Handles decide nothing between clips.
//! - Not here: overlaps of different shots, and of different ranks (`plan`).

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::quote::EventName;
use super::base::Located;
use super::choose::Choice;
use super::fit::{Fit, Fitter};
use super::note::{LeftOut, Note};
use super::reason::ClipReason;
use super::resolve::ResolvedCut;
use super::{ClipFacts, Confidence, ConformOptions, Conformed, Placement, Version};

/// What a clip loses to others.
#[derive(Debug, Default)]
struct Loss {
    /// Cuts for which no clip has more to say than another, and those clips.
    tied: Vec<(usize, Vec<usize>)>,
    /// Cuts that others get, and those.
    taken: Vec<(usize, usize)>,
}

/// Settles who gets what.
pub(super) fn settle(
    fitter: &Fitter<'_>,
    clips: &[ClipFacts<'_>],
    choices: Vec<Choice>,
    options: &ConformOptions<'_>,
) -> Conformed {
    let losses = losses(clips, &choices, options);
    let settling = Settling { fitter, clips };
    let mut conformed = Conformed::default();
    let mut also_contain = Vec::new();
    for (clip, (choice, loss)) in choices.into_iter().zip(losses).enumerate() {
        also_contain.push(choice.also_contains.clone());
        settling.clip(clip, choice, &loss, &mut conformed);
    }
    settling.note_contained(also_contain, &mut conformed);
    conformed.placements.sort_by_key(|placed| {
        (placed.record_in, placed.list, placed.cut, clips[placed.clip].file_name, placed.clip)
    });
    conformed
}

/// What each clip loses.
fn losses(clips: &[ClipFacts<'_>], choices: &[Choice], options: &ConformOptions<'_>) -> Vec<Loss> {
    let mut wanted: BTreeMap<(usize, u8), Vec<usize>> = BTreeMap::new();
    for (clip, choice) in choices.iter().enumerate() {
        for fit in &choice.fits {
            wanted.entry((fit.cut, clips[clip].rank)).or_default().push(clip);
        }
    }
    let mut losses: Vec<Loss> = clips.iter().map(|_| Loss::default()).collect();
    let strength = |clip: usize| (choices[clip].is_by_hand, choices[clip].confidence);
    for ((cut, _), wanting) in wanted.into_iter().filter(|(_, wanting)| wanting.len() > 1) {
        let best = wanting.iter().map(|clip| strength(*clip)).max();
        let (mut best, beaten): (Vec<usize>, Vec<usize>) =
            wanting.into_iter().partition(|clip| Some(strength(*clip)) == best);
        let mut beaten = beaten;
        if best.len() > 1
            && options.latest_version
            && let Some(numbers) = versions(clips, &best)
        {
            let latest = numbers.iter().copied().max();
            let (latest, older): (Vec<_>, Vec<_>) =
                best.into_iter().zip(numbers).partition(|(_, number)| Some(*number) == latest);
            best = latest.into_iter().map(|(clip, _)| clip).collect();
            beaten.extend(older.into_iter().map(|(clip, _)| clip));
        }
        if best.len() > 1 {
            best.iter().for_each(|clip| losses[*clip].tied.push((cut, best.clone())));
        }
        for clip in beaten {
            losses[clip].taken.push((cut, best[0]));
        }
    }
    losses
}

/// The versions of clips whose names differ in the version alone; `None` if some do otherwise.
fn versions<'a>(clips: &[ClipFacts<'a>], among: &[usize]) -> Option<Vec<&'a [u64]>> {
    let readings = |clip: &usize| clips[*clip].versions;
    let first = readings(among.first()?);
    first.iter().find_map(|Version { shot, .. }| {
        let of_shot = |clip| readings(clip).iter().find(|version| version.shot == *shot);
        let numbers: Option<Vec<&[u64]>> =
            among.iter().map(|clip| Some(of_shot(clip)?.number.as_slice())).collect();
        let mut distinct = numbers.clone()?;
        distinct.sort_unstable();
        distinct.dedup();
        numbers.filter(|numbers| numbers.len() == distinct.len())
    })
}

struct Settling<'a> {
    fitter: &'a Fitter<'a>,
    clips: &'a [ClipFacts<'a>],
}

impl Settling<'_> {
    fn clip(&self, clip: usize, choice: Choice, loss: &Loss, conformed: &mut Conformed) {
        if let Some(reason) = choice.refusal {
            conformed.refusals.push((clip, reason));
            return;
        }
        if let Some(reason) = self.tied(clip, loss) {
            conformed.refusals.push((clip, reason));
            return;
        }
        let is_taken = |fit: &&Fit| loss.taken.iter().any(|(cut, _)| *cut == fit.cut);
        let lost = self.events(loss.taken.iter().map(|(cut, _)| *cut));
        let by = self.file_names(loss.taken.iter().map(|(_, by)| *by));
        let left: Vec<&Fit> = choice.fits.iter().filter(|fit| !is_taken(fit)).collect();
        if left.is_empty() {
            conformed.left_out.push((clip, LeftOut::Outranked { events: lost, by }));
            return;
        }
        let mut placements = Vec::new();
        let mut notes = choice.notes;
        let mut hidden = Vec::new();
        let mut elsewhere = Vec::new();
        for fit in left {
            let cut = &self.fitter.resolved.cuts[fit.cut];
            if let Some(reason) = self.not_located(cut) {
                elsewhere.push(reason);
                continue;
            }
            let placed = self.place(clip, fit, choice.confidence, &mut notes);
            if placed.is_empty() {
                hidden.push(fit.cut);
            }
            placements.extend(placed);
        }
        // A base may be one reel of what the list plays; a place that is there twice is for somebody to decide about.
        let is_outside = |reason: &ClipReason| matches!(reason, ClipReason::OutsideBase { .. });
        let is_nowhere = placements.is_empty() && hidden.is_empty();
        let decisive = elsewhere.iter().position(|reason| !is_outside(reason));
        if let Some(decisive) = decisive.or(Some(0).filter(|_| is_nowhere && !elsewhere.is_empty()))
        {
            conformed.refusals.push((clip, elsewhere.swap_remove(decisive)));
            return;
        }
        if placements.is_empty() {
            let events = self.events(hidden.into_iter());
            conformed.left_out.push((clip, LeftOut::Hidden { events }));
            return;
        }
        if !lost.is_empty() {
            notes.push(Note::EventTaken { clip, events: lost, by });
        }
        let facts = &self.clips[clip];
        let base_drops = self.fitter.resolved.format.drop_frame;
        let clip_drops = facts.stretches.first().map(|(_, start)| start.format.drop_frame);
        if let Some(clip_drops) = clip_drops.filter(|drops| *drops != base_drops) {
            notes.push(Note::DropFrame { clip, clip_drops });
        }
        conformed.placements.extend(placements);
        conformed.notes.extend(notes);
    }

    /// Notes which events that want a clip are in a clip that was placed elsewhere: others in it are only beside its own.
    fn note_contained(&self, also_contain: Vec<Vec<usize>>, conformed: &mut Conformed) {
        let resolved = self.fitter.resolved;
        let mut is_placed = vec![false; self.clips.len()];
        let mut has_clip = vec![false; resolved.cuts.len()];
        for placed in &conformed.placements {
            is_placed[placed.clip] = true;
            has_clip[resolved.index(placed.list, placed.cut)] = true;
        }
        for (clip, cuts) in
            also_contain.into_iter().enumerate().filter(|(clip, _)| is_placed[*clip])
        {
            let is_open = |cut: &usize| !has_clip[*cut] && !resolved.cuts[*cut].visible.is_empty();
            let events = self.events(cuts.into_iter().filter(is_open));
            if !events.is_empty() {
                conformed.notes.push(Note::AlsoContains { clip, events });
            }
        }
    }

    /// The refusal of a clip that has equals.
    fn tied(&self, clip: usize, loss: &Loss) -> Option<ClipReason> {
        if loss.tied.is_empty() {
            return None;
        }
        let events = self.events(loss.tied.iter().map(|(cut, _)| *cut));
        let equals = || loss.tied.iter().flat_map(|(_, clips)| clips.iter().copied());
        let others = self.file_names(equals().filter(|other| *other != clip));
        let mut among: Vec<usize> = equals().collect();
        among.sort_unstable();
        among.dedup();
        Some(match versions(self.clips, &among).is_some() {
            true => ClipReason::Versions { events, others },
            false => ClipReason::Ambiguous { events, others },
        })
    }

    /// The refusal of an event that has no one place in the base.
    fn not_located(&self, cut: &ResolvedCut<'_>) -> Option<ClipReason> {
        let event = self.fitter.resolved.event_name(cut);
        match cut.located {
            Located::At(_) => None,
            Located::Twice(first, second) => Some(ClipReason::Twice { event, first, second }),
            Located::Outside => {
                let (base_in, base_out) = self.fitter.base_range();
                let first = crate::timecode::Timecode::from_frame(cut.record_first, base_in.format);
                let end = first.add(cut.count);
                Some(ClipReason::OutsideBase { event, first, end, base_in, base_out })
            }
        }
    }

    /// Places what can be seen of a cut and is not mixed.
    fn place(
        &self,
        clip: usize,
        fit: &Fit,
        confidence: Confidence,
        notes: &mut Vec<Note>,
    ) -> Vec<Placement> {
        let resolved = self.fitter.resolved;
        let cut = &resolved.cuts[fit.cut];
        let Located::At(record_in) = cut.located else { return Vec::new() };
        let mut plain = cut.plain();
        if cut.mixed_count() == cut.count {
            plain = 0..0;
        }
        let within = record_in + plain.start.unsigned_abs()..record_in + plain.end.unsigned_abs();
        let placements: Vec<Placement> = cut
            .visible
            .iter()
            .map(|visible| visible.start.max(within.start)..visible.end.min(within.end))
            .filter(|range| !range.is_empty())
            .filter_map(|range: Range<u64>| {
                let skipped = i64::try_from(range.start - record_in).ok()?;
                Some(Placement {
                    clip,
                    list: cut.list,
                    cut: resolved.index_in_list(fit.cut),
                    record_in: range.start,
                    source_in: u64::try_from(fit.source_in + skipped).ok()?,
                    frames: range.end - range.start,
                    confidence,
                    by: fit.by.clone(),
                    head: fit.head,
                    tail: fit.tail,
                })
            })
            .collect();
        let event = || resolved.event_name(cut);
        let seen: u64 = cut.visible.iter().map(|range| range.end - range.start).sum();
        let frames = cut.count.unsigned_abs() - seen;
        if frames > 0 && !placements.is_empty() {
            notes.push(Note::HiddenInPart { event: event(), frames });
        }
        if cut.mixed_count() > 0 && !placements.is_empty() {
            notes.push(Note::MixedLeft { event: event(), frames: cut.mixed_count() });
        }
        let runs_on = cut.cut.mixed.after;
        if runs_on > 0 && !placements.is_empty() {
            notes.push(Note::RunsOn { event: event(), frames: runs_on });
        }
        placements
    }

    fn events(&self, cuts: impl Iterator<Item = usize>) -> Vec<EventName> {
        let resolved = self.fitter.resolved;
        cuts.map(|cut| resolved.event_name(&resolved.cuts[cut])).collect()
    }

    fn file_names(&self, clips: impl Iterator<Item = usize>) -> Vec<String> {
        let mut names: Vec<String> =
            clips.map(|clip| self.clips[clip].file_name.to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
