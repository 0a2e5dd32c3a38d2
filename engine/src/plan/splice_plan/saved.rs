//! A plan as an edit list of our own.
//!
//! - In: [`SplicePlan`]. Out: [`SavedList`], which is written as CMX 3600 or OTIO.
//! - Holds: what an event lost to others is not a part of it, so that no two events overlap. Where timecode jumps, of the
//!   clip or of the base, an event becomes two, because each has only one in and one out.
//! - Not here: how lists are written (`list::save`).

use std::ops::Range;
use std::path::Path;

use super::{Event, PlannedClip, SplicePlan, TimecodeJump};
use crate::list::save::{SavedEvent, SavedList, SavedMovie};
use crate::timecode::labels::later;
use crate::timecode::{Timecode, TimecodeFormat};
use crate::units::EventIndex;

impl SplicePlan {
    /// The plan as a list; `None` without timecode in the base, for then there is no event either.
    pub fn saved_list(&self) -> Option<SavedList> {
        let base = &self.base;
        let start = base.timecode_at(0).or_else(|| {
            // Its first picture comes later: labels count back from it.
            let first = base.timecode_jumps.first()?;
            let label = base.timecode_at(first.frame)?;
            Some(label.add(-i64::try_from(first.frame).ok()?))
        })?;
        let named = |path: &Path| {
            let name = path.file_name().unwrap_or(path.as_os_str());
            (path.to_string_lossy().into_owned(), name.to_string_lossy().into_owned())
        };
        let (path, file_name) = named(&base.path);
        let title = base.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let base_movie = SavedMovie { path, file_name, reel: None, start, frames: base.frames };
        let mut events = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            let clip = self.clip_of(event);
            let (path, file_name) = named(&clip.path);
            let stretches = clip.stretches(start.format);
            let (reel, frames) = (clip.reel.clone(), clip.frames);
            let movie = SavedMovie { path, file_name, reel, start: stretches[0].1, frames };
            let into_clip = |frame: u64| event.source_in + (frame - event.record_in);
            for kept in self.kept(EventIndex::new(index), event) {
                for part in parts(kept, &stretches, &base.timecode_jumps, into_clip) {
                    let source_in = into_clip(part.start);
                    let after = stretches.partition_point(|(first, _)| *first <= source_in);
                    let (first, label) = stretches[after.max(1) - 1];
                    events.push(SavedEvent {
                        clip: movie.clone(),
                        source_in,
                        source: later(label, source_in - first, base.rate),
                        record_in: part.start,
                        record: base.timecode_at(part.start)?,
                        frames: part.end - part.start,
                    });
                }
            }
        }
        events.sort_by_key(|event| event.record_in);
        Some(SavedList { title, base: base_movie, rate: base.rate, events })
    }

    /// The frames of an event that it did not lose to others.
    fn kept(&self, index: EventIndex, event: &Event) -> Vec<Range<u64>> {
        let lost = self.overlaps.iter().filter(|overlap| overlap.loser == index);
        let mut lost: Vec<Range<u64>> =
            lost.map(|overlap| overlap.record_in..overlap.record_out).collect();
        lost.sort_by_key(|range| range.start);
        let mut kept = Vec::new();
        let mut from = event.record_in;
        for range in lost {
            if range.start > from {
                kept.push(from..range.start);
            }
            from = from.max(range.end);
        }
        if from < event.record_out {
            kept.push(from..event.record_out);
        }
        kept
    }
}

impl PlannedClip {
    /// `(frame, its timecode)` of each stretch over which its timecode runs on. Without any it counts from 0, and drops
    /// nothing.
    ///
    /// - `base`: how the base's timecode counts.
    fn stretches(&self, base: TimecodeFormat) -> Vec<(u64, Timecode)> {
        let drop_frame = self.timecode.as_ref().is_some_and(|text| text.contains(';'));
        let format = TimecodeFormat { drop_frame, ..base };
        let at_0 = self.timecode.as_ref().map(|text| (0, text));
        let jumps = self.timecode_jumps.iter().map(|jump| (jump.frame, &jump.timecode));
        let all = at_0.into_iter().chain(jumps);
        let known = all.filter_map(|(at, text)| Some((at, Timecode::parse(text, format).ok()?)));
        let mut stretches: Vec<(u64, Timecode)> = known.collect();
        if stretches.first().is_none_or(|(first, _)| *first != 0) {
            stretches.insert(0, (0, Timecode::from_frame(0, format)));
        }
        stretches
    }
}

/// A range of base frames, divided where the timecode of the clip or of the base jumps within it.
fn parts(
    whole: Range<u64>,
    stretches: &[(u64, Timecode)],
    jumps: &[TimecodeJump],
    into_clip: impl Fn(u64) -> u64,
) -> Vec<Range<u64>> {
    let (first, end) = (into_clip(whole.start), into_clip(whole.end));
    let of_clip =
        stretches.iter().map(|(frame, _)| *frame).filter(|frame| (first..end).contains(frame));
    let of_clip = of_clip.map(|frame| whole.start + (frame - first));
    let mut cuts: Vec<u64> = of_clip.chain(jumps.iter().map(|jump| jump.frame)).collect();
    cuts.retain(|cut| whole.start < *cut && *cut < whole.end);
    cuts.extend([whole.start, whole.end]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}
