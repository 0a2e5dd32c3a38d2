//! What was replaced in a result, whoever says so: a plan, a sidecar's plan, or the report of a run.
//!
//! - Out: [`Replaced`].
//! - Not here: which frames are an event's in the end (`timeline`).

use std::path::{Path, PathBuf};

use crate::plan::{Event, PlannedBase, PlannedOverlap, SplicePlan};
use crate::report::ReportObject;
use crate::units::EventIndex;

/// What was replaced, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The movie that was spliced into: its frames, and their labels, are the result's.
    pub(super) base: PlannedBase,
    /// Whether a frame is known to be its event's: not if the result was changed since.
    pub(super) names_clips: bool,
    /// The clips, by their index.
    clips: Vec<PathBuf>,
    /// What went where, in record order.
    pub(super) events: Vec<Event>,
    /// Frames that several events claimed.
    pub(super) overlaps: Vec<PlannedOverlap>,
}

impl From<SplicePlan> for Replaced {
    fn from(plan: SplicePlan) -> Self {
        Self {
            base: plan.base,
            names_clips: true,
            clips: plan.clips.into_iter().map(|clip| clip.path).collect(),
            events: plan.events,
            overlaps: plan.overlaps,
        }
    }
}

impl From<ReportObject> for Replaced {
    fn from(report: ReportObject) -> Self {
        Self {
            base: report.base,
            names_clips: true,
            clips: report.clips.into_iter().map(|clip| clip.planned.path).collect(),
            events: report.events,
            overlaps: report.overlaps,
        }
    }
}

impl Replaced {
    /// Every movie that is named.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.base.path).chain(&self.clips).map(PathBuf::as_path)
    }

    /// The clip of an event; nothing if there is no such clip, which a report that was changed by hand may say.
    pub(super) fn clip_of(&self, event: &Event) -> &Path {
        self.clips.get(event.clip.get()).map_or(Path::new(""), PathBuf::as_path)
    }

    /// The same, of an event that is known by its index.
    pub(super) fn clip_of_event(&self, event: EventIndex) -> &Path {
        self.events.get(event.get()).map_or(Path::new(""), |event| self.clip_of(event))
    }
}
