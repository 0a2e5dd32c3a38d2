//! What changed since an output was made, and which shots would be lost by making it again.
//!
//! - In: its sidecar, and the plan that would be carried out now.
//! - Out: [`Comparison`]: every [`Change`]; every [`RemovedClip`].
//! - Holds: files are known by what they are, not by what they are called: a project that was moved or copied, and a clip
//!   that was renamed, change nothing.
//! - Not here: whether the output itself is still what was written (`output`).

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use intercut_io::IoError;

use super::change::Change;
use crate::plan::{FileStamp, PlannedClip, PlannedList, Rank, SplicePlan};
use crate::sidecar::{FileRecord, Sidecar, folder_of, way_from};
use crate::splice::SpliceOptions;
use crate::units::{ClipIndex, EventIndex, in_frames};

/// What differs between an output and what would be made now.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) changes: Vec<Change>,
    pub(super) removed: Vec<RemovedClip>,
}

/// A clip that is in the output and would not be in the next one: its frames would be the base's again, or those of a clip
/// that it covered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemovedClip {
    /// Where it was.
    pub path: PathBuf,
    /// Base frames that would lose it.
    pub frames: u64,
    /// The first of them.
    pub record_in: u64,
    /// The one after the last.
    pub record_out: u64,
    /// Timecode of the first, if the base has one.
    pub record_timecode_in: Option<String>,
    /// Timecode after the last.
    pub record_timecode_out: Option<String>,
}

impl fmt::Display for RemovedClip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frames = in_frames(self.frames);
        match (&self.record_timecode_in, &self.record_timecode_out) {
            (Some(first), Some(end)) => write!(
                f,
                "it is not among the clips any more, and the output has {frames} of it from {first} to {end}"
            ),
            _ => write!(
                f,
                "it is not among the clips any more, and the output has {frames} of it from frame {} to {}",
                self.record_in, self.record_out
            ),
        }
    }
}

/// Compares the sidecar of `output` with `plan`, whose paths are absolute.
///
/// - Cost: reads samples of the files that are as long as they were and have another time.
///
/// # Errors
/// [`IoError`] if one of them cannot be read.
pub(super) fn compare(
    before: &Sidecar,
    plan: &SplicePlan,
    options: &SpliceOptions,
    output: &Path,
) -> Result<Comparison, IoError> {
    let files = Files { before, folder: folder_of(output)? };
    let old = &before.plan;
    let mut changes = Vec::new();
    changes.extend(files.base(plan)?);
    let matched = files.match_clips(plan)?;
    for (clip, old_clip) in plan.clips.iter().zip(&matched) {
        changes.extend(files.clip(clip, *old_clip)?);
    }
    let places = |plan: &SplicePlan, clip: usize| -> Vec<(u64, u64, u64)> {
        let events = plan.events_of(ClipIndex::new(clip));
        events.map(|event| (event.record_in, event.record_out, event.source_in)).collect()
    };
    for (clip, old_clip) in matched.iter().enumerate() {
        let Some(old_clip) = *old_clip else { continue };
        let path = plan.clips[clip].path.clone();
        let is_moved = places(old, old_clip) != places(plan, clip)
            || old.clips[old_clip].rank != plan.clips[clip].rank;
        let is_told = changes.iter().any(|change| change.path() == Some(&path));
        if is_moved && !is_told {
            changes.push(Change::ClipPlace { path });
        }
    }
    let is_gone = |old_clip: &usize| !matched.contains(&Some(*old_clip));
    let gone: Vec<usize> = (0..old.clips.len()).filter(is_gone).collect();
    changes
        .extend(gone.iter().map(|&clip| Change::ClipGone { path: old.clips[clip].path.clone() }));
    changes.extend(files.lists(plan));
    if old.alignment != plan.alignment {
        changes.push(Change::Alignment { was: old.alignment, is: plan.alignment });
    }
    if before.faststart != options.faststart {
        changes.push(Change::Faststart { faststart: options.faststart });
    }
    // Who owns which frames, if no clip of its own tells.
    if changes.is_empty() && !owners_are_the_same(old, plan, &matched) {
        changes.push(Change::Owners);
    }
    if before.verify < options.verify {
        changes.push(Change::Verify { was: before.verify, is: options.verify });
    }
    let removed = gone.iter().filter_map(|&clip| files.removed(plan, clip, &matched)).collect();
    Ok(Comparison { changes, removed })
}

/// Whether the same samples go to the same places, clips known by their match.
fn owners_are_the_same(old: &SplicePlan, new: &SplicePlan, matched: &[Option<usize>]) -> bool {
    let known = |clip: ClipIndex| matched.get(clip.get()).copied().flatten();
    let mut pairs = old.replacements.iter().zip(&new.replacements);
    old.replacements.len() == new.replacements.len()
        && pairs.all(|(old, new)| {
            Some(old.clip.get()) == known(new.clip)
                && (old.base_sample, old.sample_count, old.clip_sample)
                    == (new.base_sample, new.sample_count, new.clip_sample)
        })
}

/// The files of a sidecar, held to those of a plan.
struct Files<'a> {
    before: &'a Sidecar,
    /// The folder that the output is in now.
    folder: PathBuf,
}

impl Files<'_> {
    /// Whether a path means the same place as before: as it is, or from the output.
    fn is_same_place(&self, was: &Path, is: &Path) -> bool {
        let way = || Some((way_from(&self.before.folder, was)?, way_from(&self.folder, is)?));
        was == is || way().is_some_and(|(was, is)| was == is)
    }

    /// The record of a source: 0 is the base, clips follow.
    fn record(&self, source: usize) -> FileRecord {
        let plan = &self.before.plan;
        let stamp = match source.checked_sub(1) {
            None => plan.base.identity,
            Some(clip) => plan.clips[clip].identity,
        };
        FileRecord { stamp, fingerprint: self.before.sources[source] }
    }

    fn base(&self, plan: &SplicePlan) -> Result<Option<Change>, IoError> {
        let (old, new) = (&self.before.plan.base, &plan.base);
        if self.record(0).is_still(&new.path, new.identity)? {
            return Ok(None);
        }
        let (path, was, is) = (new.path.clone(), old.identity.len, new.identity.len);
        Ok(Some(match (self.is_same_place(&old.path, &new.path), was == is) {
            (false, _) => Change::OtherBase { was: old.path.clone() },
            (true, false) => Change::BaseLength { path, was, is },
            (true, true) => Change::BaseContent { path },
        }))
    }

    /// For each clip of `plan`, which clip of the sidecar it is: by its place, else by its content.
    fn match_clips(&self, plan: &SplicePlan) -> Result<Vec<Option<usize>>, IoError> {
        let old = &self.before.plan.clips;
        let by_path: HashMap<&Path, usize> =
            old.iter().enumerate().map(|(index, clip)| (clip.path.as_path(), index)).collect();
        let way = |clip: &PlannedClip| way_from(&self.before.folder, &clip.path);
        let ways = old.iter().enumerate().filter_map(|(index, clip)| Some((way(clip)?, index)));
        let by_way: HashMap<PathBuf, usize> = ways.collect();
        let by_place = |clip: &PlannedClip| {
            let by_way = || by_way.get(&way_from(&self.folder, &clip.path)?);
            by_path.get(clip.path.as_path()).or_else(by_way).copied()
        };
        let mut matched: Vec<Option<usize>> = plan.clips.iter().map(by_place).collect();
        let mut is_free = vec![true; old.len()];
        matched.iter().flatten().for_each(|&index| is_free[index] = false);
        for (clip, found) in
            plan.clips.iter().zip(&mut matched).filter(|(_, found)| found.is_none())
        {
            for other in 0..old.len() {
                let may_be = is_free[other] && old[other].identity.len == clip.identity.len;
                if may_be && self.record(1 + other).is_still(&clip.path, clip.identity)? {
                    is_free[other] = false;
                    *found = Some(other);
                    break;
                }
            }
        }
        Ok(matched)
    }

    /// What is to be said of one clip's file.
    fn clip(&self, clip: &PlannedClip, old: Option<usize>) -> Result<Option<Change>, IoError> {
        let path = clip.path.clone();
        let Some(old) = old else { return Ok(Some(Change::NewClip { path })) };
        if self.record(1 + old).is_still(&clip.path, clip.identity)? {
            return Ok(None);
        }
        let FileStamp { len: was, .. } = self.before.plan.clips[old].identity;
        let is = clip.identity.len;
        Ok(Some(match was == is {
            true => Change::ClipContent { path },
            false => Change::ClipLength { path, was, is },
        }))
    }

    /// Edit lists that came, went, or say something else.
    fn lists(&self, plan: &SplicePlan) -> Vec<Change> {
        let old = &self.before.plan.lists;
        let is = |was: &PlannedList, is: &PlannedList| self.is_same_place(&was.path, &is.path);
        let mut changes = Vec::new();
        for list in &plan.lists {
            let path = list.path.clone();
            match old.iter().find(|before| is(before, list)) {
                None => changes.push(Change::NewList { path }),
                Some(before) if before.digest != list.digest => {
                    changes.push(Change::ListContent { path });
                }
                Some(_) => {}
            }
        }
        let gone = old.iter().filter(|was| !plan.lists.iter().any(|list| is(was, list)));
        changes.extend(gone.map(|list| Change::ListGone { path: list.path.clone() }));
        changes
    }

    /// The frames that lose a clip of the sidecar: those that it owned and that no new clip of its rank takes.
    fn removed(
        &self,
        plan: &SplicePlan,
        clip: usize,
        matched: &[Option<usize>],
    ) -> Option<RemovedClip> {
        let old = &self.before.plan;
        let PlannedClip { path, rank, .. } = &old.clips[clip];
        // It is there, and others were chosen by name.
        let is_outdone = |code: &str| matches!(code, "outranked" | "hidden");
        let mut left_out = plan.left_out.iter();
        if left_out.any(|one| self.is_same_place(path, &one.path) && is_outdone(&one.code)) {
            return None;
        }
        let mut lost = owned(old, ClipIndex::new(clip));
        let is_new =
            |index: usize, rank: Rank| matched[index].is_none() && plan.clips[index].rank >= rank;
        for index in (0..plan.clips.len()).filter(|index| is_new(*index, *rank)) {
            for taken in owned(plan, ClipIndex::new(index)) {
                lost = lost.into_iter().flat_map(|frames| without(frames, &taken)).collect();
            }
        }
        let (record_in, record_out) = (lost.first()?.start, lost.last()?.end);
        let timecode = |frame| old.base.timecode_at(frame).map(|timecode| timecode.to_string());
        Some(RemovedClip {
            path: path.clone(),
            frames: lost.iter().map(|frames| frames.end - frames.start).sum(),
            record_in,
            record_out,
            record_timecode_in: timecode(record_in),
            record_timecode_out: timecode(record_out),
        })
    }
}

/// The base frames that a clip has for itself, in order.
fn owned(plan: &SplicePlan, clip: ClipIndex) -> Vec<Range<u64>> {
    let events = plan.events.iter().enumerate().filter(|(_, event)| event.clip == clip);
    let mut owned = Vec::new();
    for (index, event) in events {
        let mut frames = vec![event.record()];
        for overlap in plan.overlaps.iter().filter(|one| one.loser == EventIndex::new(index)) {
            let lost = overlap.record_in..overlap.record_out;
            frames = frames.into_iter().flat_map(|frames| without(frames, &lost)).collect();
        }
        owned.extend(frames);
    }
    owned.sort_by_key(|frames| frames.start);
    owned
}

/// What is left of `frames` without those of `taken`.
fn without(frames: Range<u64>, taken: &Range<u64>) -> impl Iterator<Item = Range<u64>> + use<> {
    let before = frames.start..frames.end.min(taken.start.max(frames.start));
    let after = frames.start.max(taken.end.min(frames.end))..frames.end;
    let is_apart = taken.end <= frames.start || frames.end <= taken.start;
    let parts = if is_apart { [frames.clone(), frames.end..frames.end] } else { [before, after] };
    parts.into_iter().filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_that_are_taken_away_leave_what_is_before_and_after() {
        let left = |taken: Range<u64>| {
            without(10..20, &taken).map(|frames| (frames.start, frames.end)).collect::<Vec<_>>()
        };
        assert_eq!(left(12..15), [(10, 12), (15, 20)]);
        assert_eq!(left(0..15), [(15, 20)]);
        assert_eq!(left(15..30), [(10, 15)]);
        assert_eq!(left(0..30), []);
        assert_eq!(left(0..10), [(10, 20)]);
        assert_eq!(left(20..30), [(10, 20)]);
    }
}
