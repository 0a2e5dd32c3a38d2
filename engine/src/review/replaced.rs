//! What was replaced in a result, from any source: a plan, a sidecar's plan, the report of a run, the journals of inserts.
//!
//! - Out: [`Replaced`]: events, and the frames that are each one's in the end.
//! - Holds: a frame belongs to one cut at most: the event that won it, of the last insert that took it.
//! - Not here: which of them are shown (`timeline`).

use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::timeline::Cut;
use crate::append::{InsertedEvent, Journal};
use crate::movie::Movie;
use crate::plan::{
    self, FileStamp, PlannedBase, PlannedOverlap, SplicePlan, owned_frames, without,
};
use crate::report::ReportObject;
use crate::sidecar::FileRecord;
use crate::timecode::{Timecode, TimecodeFormat};
use crate::units::EventIndex;

/// What was replaced, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The movie that was spliced into: its frames, and their labels, are the result's. `None`: the result itself, before it was
    /// inserted into.
    pub(super) base: Option<PlannedBase>,
    /// What the base was, if more than its length and time is known.
    pub(super) base_record: Option<FileRecord>,
    /// The insert that this is about, counted from 0 at the oldest, if the base is the result itself.
    pub(super) first_insert: Option<usize>,
    /// Whether frames outside of all events are known to be the base's. They are not if the result was changed since.
    pub(super) knows_all: bool,
    /// What went where, in the order in which it was said.
    pub(super) events: Vec<Event>,
    /// The frames that each event has in the end, in order, without overlap.
    pub(super) cuts: Vec<Cut>,
}

/// Frames of a clip that went somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// The clip; an empty path if a report that was edited by hand names none.
    pub(super) clip: PathBuf,
    /// Timecode of its first frame and after its last one, in the result.
    pub(super) timecodes: [String; 2],
    /// Whether its frames are known to be the clip's: not if the result was changed since.
    pub(super) is_known: bool,
    /// Which frames of the clip they are, if that is said.
    pub(super) from: Option<ClipFrames>,
}

/// Frames of a clip that an event takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClipFrames {
    /// What the clip was.
    pub(super) stamp: FileStamp,
    /// The frame, counted from the first that it presents, that goes to `record_in`.
    pub(super) source_in: u64,
    /// The frame of the result.
    pub(super) record_in: u64,
}

impl From<SplicePlan> for Replaced {
    fn from(plan: SplicePlan) -> Self {
        let clips = plan.clips.into_iter().map(|clip| (clip.path, clip.identity)).collect();
        Self::by_plan(plan.base, clips, plan.events, &plan.overlaps)
    }
}

impl From<ReportObject> for Replaced {
    fn from(report: ReportObject) -> Self {
        let clips = report.clips.into_iter().map(|clip| clip.planned);
        let clips = clips.map(|clip| (clip.path, clip.identity)).collect();
        Self::by_plan(report.base, clips, report.events, &report.overlaps)
    }
}

impl Replaced {
    fn by_plan(
        base: PlannedBase,
        clips: Vec<(PathBuf, FileStamp)>,
        events: Vec<plan::Event>,
        overlaps: &[PlannedOverlap],
    ) -> Self {
        let owned = owned_frames(&events, overlaps).into_iter();
        let cuts = cuts(0, owned.map(Vec::into_iter));
        let described = |event: plan::Event| {
            let clip = clips.get(event.clip.get());
            let (source_in, record_in) = (event.source_in, event.record_in);
            Event {
                clip: clip.map(|(path, _)| path.clone()).unwrap_or_default(),
                timecodes: [event.record_timecode_in, event.record_timecode_out],
                is_known: true,
                from: clip.map(|&(_, stamp)| ClipFrames { stamp, source_in, record_in }),
            }
        };
        let events = events.into_iter().map(described).collect();
        Self { base: Some(base), events, cuts, ..Self::nothing() }
    }

    fn nothing() -> Self {
        Self {
            base: None,
            base_record: None,
            first_insert: None,
            knows_all: true,
            events: Vec::new(),
            cuts: Vec::new(),
        }
    }

    /// What was inserted into a movie, of which nothing else is known.
    ///
    /// - `inserts`: oldest first.
    pub(super) fn by_inserts<'a>(
        movie: &Movie,
        inserts: impl IntoIterator<Item = &'a Journal>,
    ) -> Self {
        Self::nothing().with_inserts(movie, inserts)
    }

    /// Whether another says the same: the same clips in the same places.
    pub(super) fn replaces_as(&self, other: &Self) -> bool {
        let places = |it: &Self| -> Vec<_> {
            let name = |cut: &Cut| it.clip_of(cut.event).file_name().map(OsStr::to_owned);
            it.cuts.iter().map(|cut| (cut.record.clone(), name(cut))).collect()
        };
        places(self) == places(other)
    }

    /// From now on frames are not known to be what was said of them.
    pub(super) fn forget_names(&mut self) {
        self.knows_all = false;
        self.events.iter_mut().for_each(|event| event.is_known = false);
    }

    /// The same, with what was inserted into the movie afterwards.
    ///
    /// - `inserts`: oldest first.
    #[must_use]
    pub(super) fn with_inserts<'a>(
        mut self,
        movie: &Movie,
        inserts: impl IntoIterator<Item = &'a Journal>,
    ) -> Self {
        for insert in inserts {
            let first = self.events.len();
            let owned = insert.events.iter().map(|event| {
                let lost = event.lost.iter().map(|&[from, until]| from..until);
                without(event.record_in..event.record_out, lost)
            });
            let cuts = cuts(first, owned);
            self.give_way(&cuts);
            self.cuts.extend(cuts);
            self.cuts.sort_by_key(|cut| cut.record.start);
            self.events.extend(insert.events.iter().map(|event| Event {
                clip: event.clip.clone(),
                timecodes: [event.record_timecode_in.clone(), label_after(movie, event)],
                is_known: true,
                from: None,
            }));
        }
        self
    }

    /// Takes from the cuts what later ones have.
    fn give_way(&mut self, later: &[Cut]) {
        let older = std::mem::take(&mut self.cuts);
        let left = older.into_iter().flat_map(|Cut { record, event }| {
            let taken = later.iter().map(|cut| cut.record.clone());
            without(record, taken).map(move |record| Cut { record, event })
        });
        self.cuts = left.collect();
    }

    /// Every movie that is named.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let clips = self.events.iter().map(|event| event.clip.as_path());
        self.base.iter().map(|base| base.path.as_path()).chain(clips)
    }

    /// The clip of an event.
    pub(super) fn clip_of(&self, event: EventIndex) -> &Path {
        self.events.get(event.get()).map_or(Path::new(""), |event| &event.clip)
    }

    /// The name of the clip that the frames of an event are known to be.
    pub(super) fn name_of(&self, event: EventIndex) -> Option<&OsStr> {
        let event = self.events.get(event.get()).filter(|event| event.is_known)?;
        event.clip.file_name()
    }

    /// Frames that are an event's in the end.
    pub(super) fn frames_of(&self, event: EventIndex) -> u64 {
        let cuts = self.cuts.iter().filter(|cut| cut.event == event);
        cuts.map(|cut| cut.record.end - cut.record.start).sum()
    }
}

/// The timecode after an event's last frame; of a movie without timecode counted on from the event's first.
fn label_after(movie: &Movie, event: &InsertedEvent) -> String {
    let counted = || {
        let format = TimecodeFormat { rate: movie.video_format().rate, drop_frame: false };
        let first = Timecode::parse(&event.record_timecode_in, format).ok()?;
        let frames = event.record_out.saturating_sub(event.record_in);
        Some(first.add(i64::try_from(frames).ok()?))
    };
    let label = movie.timecode_at(event.record_out).or_else(counted);
    label.map_or(String::new(), |label| label.to_string())
}

/// The frames of events, as cuts in order.
///
/// - `owned`: of each event, counted from `first`.
fn cuts<R: Iterator<Item = Range<u64>>>(first: usize, owned: impl Iterator<Item = R>) -> Vec<Cut> {
    let cuts = (first..).map(EventIndex::new).zip(owned);
    let cuts = cuts.flat_map(|(event, owned)| owned.map(move |record| Cut { record, event }));
    let mut cuts: Vec<Cut> = cuts.collect();
    cuts.sort_by_key(|cut| cut.record.start);
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_insert_has_the_frames_that_it_took() {
        let cut = |record, event| Cut { record, event: EventIndex::new(event) };
        let cuts = vec![cut(0..10, 0), cut(10..30, 1), cut(40..50, 2)];
        let mut replaced = Replaced { cuts, ..Replaced::nothing() };
        replaced.give_way(&[cut(5..12, 3), cut(20..21, 4), cut(40..60, 5)]);
        assert_eq!(replaced.cuts, [cut(0..5, 0), cut(12..20, 1), cut(21..30, 1)]);
        assert_eq!(replaced.frames_of(EventIndex::new(1)), 17);
        assert_eq!(replaced.frames_of(EventIndex::new(2)), 0);
    }
}
