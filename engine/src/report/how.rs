//! How a run was asked for and where it ran, as a report says it.
//!
//! - In: the options and the host of a [`Report`].
//! - Out: the keys `options`, `layout`, `in_place` and `host`.
//! - Holds: an option has the name and the values that people give it.
//! - Not here: what the run measured (`measured`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use intercut_io::Replace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::append::InPlace;
use crate::list::{Confidence, Transitions};
use crate::plan::forms::{path_text, paths_text};
use crate::plan::{ClipEdges, ClipOptions, Overlap, PlaceOptions, PlannedList, Versions};
use crate::splice::{Host, Report};

/// How a movie is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LayoutObject {
    /// A new file, with its media in the base's order.
    Ordered,
    /// The base with the new samples behind it.
    Append,
}

impl LayoutObject {
    pub(super) fn of(report: &Report) -> Self {
        if report.is_appended { Self::Append } else { Self::Ordered }
    }
}

/// What became of a movie that was changed in place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InPlaceObject {
    /// Bytes that were appended.
    pub bytes_appended: u64,
    /// Bytes of the movie that nothing refers to any more.
    pub garbage_bytes: u64,
    /// Their share of the file, from 0 to 1.
    pub garbage_share: f64,
    /// Where the write is that makes it the new movie.
    pub switch_offset: u64,
    /// Bytes of that write.
    pub switch_bytes: u64,
}

impl InPlaceObject {
    pub(super) fn of(in_place: InPlace, file_len: u64) -> Self {
        let InPlace { bytes_appended, garbage_bytes, switch_offset, switch_len, .. } = in_place;
        Self {
            bytes_appended,
            garbage_bytes,
            garbage_share: garbage_bytes as f64 / file_len.max(1) as f64,
            switch_offset,
            switch_bytes: switch_len,
        }
    }
}

/// How a movie was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct OptionsObject {
    /// Whether `moov` is before the media.
    pub faststart: bool,
    /// Whether an existing output could be replaced.
    pub force: bool,
    /// `auto`, or the one route that was allowed.
    pub route: String,
    /// `none`, `written` or `full`.
    pub verify: String,
    /// Bytes of memory for staging, reading ahead, hashing and verifying.
    pub memory: u64,
    /// How the clips were placed; `null` if a saved plan said where they go.
    pub placing: Option<PlacingObject>,
}

/// How the clips were placed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PlacingObject {
    /// Who wins where clips overlap.
    pub overlap: Overlap,
    /// What happens to versions of one shot.
    pub versions: Versions,
    /// Frames at each end of every grade that are handles.
    pub handles: u32,
    /// The same for VFX clips.
    pub vfx_handles: u32,
    /// What happens to clips that stick out of the base.
    pub clip_edges: ClipEdges,
    /// Timecode that was given for the base's first frame.
    pub base_timecode: Option<String>,
    /// Whether refused clips were left out.
    pub skip_refused: bool,
    /// Whether gaps were to be refused.
    pub complete: bool,
    /// What was accepted although it is refused by default: `alpha`, `field-order`, `growing`, `reel`, `removed-clips`.
    pub allow: Vec<String>,
    /// Clip file name to the record timecode that was given for it.
    pub at: BTreeMap<String, String>,
    /// The edit lists.
    #[serde(with = "paths_text")]
    #[schemars(with = "Vec<crate::json::PathForm>")]
    pub edl: Vec<PathBuf>,
    /// Timecode that was added to the record timecodes of the lists.
    pub edl_offset: Option<String>,
    /// The timeline that was meant, in lists that hold several.
    pub edl_timeline: Option<String>,
    /// Clip file name to the event that it was given by hand.
    pub event: BTreeMap<String, String>,
    /// The lowest confidence that was accepted.
    pub min_confidence: Confidence,
    /// What happens to events of lists that are mixed with another shot.
    pub transitions: Transitions,
    /// What was said of single clips.
    pub clips: Vec<ClipPlacing>,
}

/// What was said of a single clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ClipPlacing {
    /// The clip.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// What is different about it.
    #[serde(flatten)]
    pub options: ClipOptions,
}

impl PlacingObject {
    fn of(place: &PlaceOptions, lists: &[PlannedList]) -> Self {
        let allowed = [
            ("alpha", place.allow_alpha),
            ("field-order", place.allow_field_order),
            ("growing", place.allow_growing),
            ("reel", place.allow_reel),
            ("removed-clips", place.allow_removed_clips),
        ];
        let allowed = allowed.into_iter().filter(|(_, is_allowed)| *is_allowed);
        let clips = place.by_clip.iter().filter(|(_, own)| **own != ClipOptions::default());
        Self {
            overlap: place.overlap,
            versions: place.versions,
            handles: place.handles,
            vfx_handles: place.vfx_handles,
            clip_edges: place.clip_edges,
            base_timecode: place.base_timecode.clone(),
            skip_refused: place.skip_refused,
            complete: place.complete,
            allow: allowed.map(|(name, _)| name.to_owned()).collect(),
            at: place.at.clone(),
            edl: lists.iter().map(|list| list.path.clone()).collect(),
            edl_offset: place.lists.offset.clone(),
            edl_timeline: place.lists.timeline.clone(),
            event: place.lists.event.clone(),
            min_confidence: place.lists.min_confidence,
            transitions: place.lists.transitions,
            clips: clips
                .map(|(path, own)| ClipPlacing { path: path.clone(), options: own.clone() })
                .collect(),
        }
    }
}

impl OptionsObject {
    pub(super) fn of(report: &Report) -> Self {
        let options = report.options;
        Self {
            faststart: options.faststart,
            force: options.replace == Replace::Allow,
            route: options.route.name().to_owned(),
            verify: options.verify.name().to_owned(),
            memory: options.memory_budget,
            placing: report
                .place
                .as_ref()
                .map(|place| PlacingObject::of(place, &report.plan.lists)),
        }
    }
}

/// What a run ran on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct HostObject {
    /// Its name on the network.
    pub name: String,
    /// Processors that the process could use.
    pub cores: u64,
    /// Name and release of the kernel.
    pub kernel: String,
    /// Kind of the filesystem of the target, as `mount` calls it; `null` if the system does not tell.
    pub filesystem: Option<String>,
}

impl From<&Host> for HostObject {
    fn from(host: &Host) -> Self {
        Self {
            name: host.name.clone(),
            cores: host.cores as u64,
            kernel: host.kernel.clone(),
            filesystem: host.filesystem.clone(),
        }
    }
}
