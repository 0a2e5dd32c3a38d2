//! The cuts, made quick to find: by the source frames that they need, and by name.
//!
//! - In: resolved cuts.
//! - Out: [`CutIndex`]; [`Part`], a stretch of a clip's timecode, and what it contains.
//! - Holds: a part that runs through midnight goes on at 0, and so do the cuts.
//! - Not here: how sure a fit is (`fit`).

use std::collections::HashMap;
use std::ops::Range;

use super::super::names::{Agreement, NameId};
use super::ClipFacts;
use super::base::BaseFacts;
use super::resolve::{Resolved, ResolvedCut};
use crate::timecode::TimecodeFormat;

/// First source frame that is needed, how many, and the cut.
type BySource = (i64, i64, u32);

/// All cuts, by source and by name.
pub(super) struct CutIndex {
    /// For both countings, sorted.
    by_source: [Vec<BySource>; 2],
    /// For both countings: what each cut needs.
    needed: [Vec<Option<Needed>>; 2],
    by_name: HashMap<NameId, Vec<u32>>,
}

/// The source frames that a clip must contain to fit a cut.
#[derive(Debug, Clone, Copy)]
struct Needed {
    /// Counted from midnight, less than a day.
    first: i64,
    count: i64,
    /// Frames of the cut before them.
    skipped: i64,
}

/// A stretch of a clip's timecode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The clip's frame.
    first_frame: i64,
    /// Its timecode, counted from midnight.
    start: i64,
    count: i64,
    drops: bool,
    day: i64,
}

impl Part {
    /// Stretches of a clip's timecode that count as many frames a second as the base's does.
    pub(super) fn all_of(clip: &ClipFacts<'_>, base: &BaseFacts<'_>) -> Vec<Self> {
        let ends = clip.stretches.iter().skip(1).map(|(first, _)| *first).chain([clip.frames]);
        let nominal = base.format.rate.nominal();
        let stretches = clip.stretches.iter().zip(ends);
        stretches
            .filter(|((_, start), _)| start.format.rate.nominal() == nominal)
            .filter_map(|((first, start), end)| {
                Some(Self {
                    first_frame: i64::try_from(*first).ok()?,
                    start: i64::try_from(start.frame()).ok()?,
                    count: i64::try_from(end.saturating_sub(*first)).ok()?,
                    drops: start.format.drop_frame,
                    day: i64::try_from(start.format.frames_per_day()).ok()?,
                })
            })
            .collect()
    }
}

impl CutIndex {
    pub(super) fn new(resolved: &Resolved<'_>) -> Self {
        let needed = [false, true].map(|drops| {
            let cuts = resolved.cuts.iter();
            cuts.map(|cut| needed(cut, resolved.format, drops)).collect::<Vec<_>>()
        });
        let mut by_source = [Vec::new(), Vec::new()];
        let mut by_name: HashMap<NameId, Vec<u32>> = HashMap::new();
        for (index, cut) in resolved.cuts.iter().enumerate() {
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            for (needed, sorted) in needed.iter().zip(&mut by_source) {
                if let Some(Needed { first, count, .. }) = needed[index] {
                    sorted.push((first, count, number));
                }
            }
            let mut ids: Vec<NameId> = cut.names.ids.iter().map(|(id, _)| *id).collect();
            ids.dedup();
            for id in ids {
                by_name.entry(id).or_default().push(number);
            }
        }
        by_source.iter_mut().for_each(|sorted| sorted.sort_unstable());
        Self { by_source, needed, by_name }
    }

    /// Cuts that have any of these names, in order.
    pub(super) fn named(&self, names: impl Iterator<Item = NameId>) -> Vec<usize> {
        let cuts = names.filter_map(|id| self.by_name.get(&id)).flatten();
        let mut cuts: Vec<usize> = cuts.map(|cut| *cut as usize).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    /// Calls `found` for every cut that has one of these names and lies in one of these parts: by way of whichever there
    /// are fewer of.
    pub(super) fn for_each_named(
        &self,
        parts: &[Part],
        agreements: &HashMap<NameId, Agreement>,
        has_name: impl Fn(usize) -> bool,
        mut found: impl FnMut(usize, &Part),
    ) {
        let in_parts = parts.iter().flat_map(|part| self.beginning_in(part)).map(<[_]>::len);
        let with_names = agreements.keys().filter_map(|id| self.by_name.get(id)).map(Vec::len);
        if with_names.sum::<usize>() > in_parts.sum() {
            for part in parts {
                self.for_each_in(part, |index| {
                    if has_name(index) {
                        found(index, part);
                    }
                });
            }
            return;
        }
        for index in self.named(agreements.keys().copied()) {
            for part in parts.iter().filter(|part| self.contains(part, index)) {
                found(index, part);
            }
        }
    }

    /// Calls `found` for every cut of which a part contains the frames that are needed.
    pub(super) fn for_each_in(&self, part: &Part, mut found: impl FnMut(usize)) {
        let end = part.start.saturating_add(part.count);
        for (cuts, end) in self.beginning_in(part).into_iter().zip([end, end - part.day]) {
            for (first, count, index) in cuts {
                if first.saturating_add(*count) <= end {
                    found(*index as usize);
                }
            }
        }
    }

    /// The cuts of which the first frame that is needed lies in a part: before midnight, after it.
    fn beginning_in(&self, part: &Part) -> [&[BySource]; 2] {
        let sorted = &self.by_source[usize::from(part.drops)];
        let end = part.start.saturating_add(part.count);
        [(part.start, end), (part.start - part.day, end - part.day)].map(|(from, to)| {
            let first = sorted.partition_point(|(source, ..)| *source < from);
            let len = sorted[first..].partition_point(|(source, ..)| *source < to);
            &sorted[first..first + len]
        })
    }

    /// Whether a part contains the frames that a cut needs.
    pub(super) fn contains(&self, part: &Part, cut: usize) -> bool {
        self.around(part, cut).is_some_and(|(before, after)| before >= 0 && after >= 0)
    }

    /// Frames of a part before what a cut needs, and after it; negative where the part lacks them. The shorter way round
    /// the clock.
    fn around(&self, part: &Part, cut: usize) -> Option<(i64, i64)> {
        let Needed { first, count, .. } = self.needed[usize::from(part.drops)][cut]?;
        let mut since = first - part.start;
        if since > part.day / 2 {
            since -= part.day;
        } else if since < -part.day / 2 {
            since += part.day;
        }
        Some((since, part.count - since - count))
    }

    /// Frames of a cut that lie before a part, and after it.
    pub(super) fn missing(&self, part: &Part, cut: usize) -> Option<(i64, i64)> {
        self.around(part, cut).map(|(before, after)| ((-before).max(0), (-after).max(0)))
    }

    /// The clip's frame that is the first of a cut's record range.
    pub(super) fn source_in(&self, part: &Part, cut: usize) -> Option<i64> {
        let skipped = self.needed[usize::from(part.drops)][cut]?.skipped;
        Some(part.first_frame + self.around(part, cut)?.0 - skipped)
    }
}

/// What a clip must contain of a cut: the plain frames; all of them where it is retimed.
fn needed(cut: &ResolvedCut<'_>, format: TimecodeFormat, drops: bool) -> Option<Needed> {
    let source = cut.sources[usize::from(drops)]?;
    let plain = cut.plain();
    let is_one_to_one = source.count == cut.count;
    let (skipped, count) =
        if is_one_to_one { (plain.start, plain.end - plain.start) } else { (0, source.count) };
    let format = TimecodeFormat { drop_frame: drops, ..format };
    let day = i64::try_from(format.frames_per_day()).unwrap_or(i64::MAX);
    Some(Needed { first: source.first.saturating_add(skipped).rem_euclid(day), count, skipped })
}

/// What may have been rendered of a cut, in frames from its first one: its range, the same with the mixed frames on either
/// side, the plain ones alone; of a retimed cut its source frames.
pub(super) fn rendered(cut: &ResolvedCut<'_>, drops: bool) -> Vec<Range<i64>> {
    let source = cut.sources[usize::from(drops)].map_or(cut.count, |source| source.count);
    if source != cut.count {
        return vec![Range { start: 0, end: source }];
    }
    let mixed = &cut.cut.mixed;
    let wider = -i64::from(mixed.before)..cut.count + i64::from(mixed.after);
    vec![0..cut.count, wider, cut.plain()]
}
