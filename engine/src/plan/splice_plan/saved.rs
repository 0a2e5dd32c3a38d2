//! A plan as an edit list of our own.
//!
//! - In: [`SplicePlan`]. Out: [`SavedList`], which is written as CMX 3600 or OTIO.
//! - Holds: what an event lost to others is not a part of it, so that no two events overlap.
//! - Not here: how lists are written (`list::save`).

use std::ops::Range;
use std::path::Path;

use super::{Event, PlannedClip, SplicePlan};
use crate::list::save::{SavedEvent, SavedList, SavedMovie};
use crate::timecode::{Timecode, TimecodeFormat};
use crate::units::EventIndex;

impl SplicePlan {
    /// The plan as a list; `None` without timecode in the base, for then there is no event either.
    pub fn saved_list(&self) -> Option<SavedList> {
        let base = &self.base;
        let start = base.timecode_at(0)?;
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
            let start = start_of(clip, start.format);
            let (reel, frames) = (clip.reel.clone(), clip.frames);
            let movie = SavedMovie { path, file_name, reel, start, frames };
            for kept in self.kept(EventIndex::new(index), event) {
                let source_in = event.source_in + (kept.start - event.record_in);
                events.push(SavedEvent {
                    clip: movie.clone(),
                    source_in,
                    source: start.add(i64::try_from(source_in).unwrap_or(i64::MAX)),
                    record_in: kept.start,
                    record: base.timecode_at(kept.start)?,
                    frames: kept.end - kept.start,
                });
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

/// Timecode of a clip's first frame. Without any it counts from 0, and drops nothing.
fn start_of(clip: &PlannedClip, base: TimecodeFormat) -> Timecode {
    let drop_frame = clip.timecode.as_ref().is_some_and(|text| text.contains(';'));
    let format = TimecodeFormat { drop_frame, ..base };
    let own = clip.timecode.as_ref().and_then(|text| Timecode::parse(text, format).ok());
    own.unwrap_or_else(|| Timecode::from_frame(0, format))
}
