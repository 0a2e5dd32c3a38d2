//! What the user may say about clips and their places.
//!
//! - In: the command line, a batch job, or a library user.
//! - Out: [`PlaceOptions`], plain data with defaults that refuse whatever is doubtful.
//! - Not here: what the options lead to (`events`, `compatible`, `overlap`).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::list::{Confidence, Transitions};

/// What a clip is, which decides whose frames go before whose.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Rank {
    /// A graded shot. Among grades [`Overlap`] decides.
    #[default]
    Grade,
    /// A finished effect: it goes before every grade, on every frame, and is never cut. Two on one frame are refused.
    Vfx,
}

/// What happens to frames that several clips of one rank claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Overlap {
    /// The plan is refused.
    #[default]
    Error,
    /// The clip whose record start is later wins; on equal start the one whose name sorts later.
    Last,
    /// The clip whose record start is earlier wins; on equal start the one whose name sorts earlier.
    First,
}

/// What happens to clips that are versions of one shot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Versions {
    /// All but the highest are refused.
    #[default]
    Refuse,
    /// The highest is used, and the others are left out.
    Latest,
}

/// What happens to a clip that sticks out of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ClipEdges {
    /// The plan is refused.
    #[default]
    Error,
    /// The part that sticks out is not used.
    Trim,
}

/// How clips are placed, and what is let pass.
///
/// Fields may come in any release: end a literal with `..Default::default()`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlaceOptions {
    /// Who wins where clips overlap.
    pub overlap: Overlap,
    /// Clip file name to the record timecode of that clip's first used frame, instead of the clip's own timecode.
    pub at: BTreeMap<String, String>,
    /// What happens to versions of one shot.
    pub versions: Versions,
    /// Frames at each end of every grade that are handles and are not used, except at an end of the base.
    pub handles: u32,
    /// The same for VFX clips.
    pub vfx_handles: u32,
    /// What happens to clips that stick out of the base.
    pub clip_edges: ClipEdges,
    /// Timecode of the first frame of a base that has no timecode track.
    pub base_timecode: Option<String>,
    /// Go on without the clips that are refused: the plan lists each as left out.
    pub skip_refused: bool,
    /// Refuse a plan that leaves frames between two events uncovered.
    pub complete: bool,
    /// Place clips by timecode whose reel contradicts the base's.
    pub allow_reel: bool,
    /// Let clips pass whose field order differs from the base's.
    pub allow_field_order: bool,
    /// Let clips pass whose alpha channel differs from the base's.
    pub allow_alpha: bool,
    /// Use movies and lists that somebody still writes to, as they are now.
    pub allow_growing: bool,
    /// Let an output be made again without clips that it has and that are not given any more. For batches, which know.
    pub allow_removed_clips: bool,
    /// How edit lists place clips.
    pub lists: ListOptions,
    /// What is said about single clips, by their paths as they are opened.
    pub by_clip: BTreeMap<PathBuf, ClipOptions>,
}

impl PlaceOptions {
    /// What is said about the clip at `path`.
    pub(super) fn of_clip(&self, path: &Path) -> &ClipOptions {
        const NOTHING: &ClipOptions = &ClipOptions {
            at: None,
            event: None,
            handles: None,
            source_in: None,
            source_out: None,
        };
        self.by_clip.get(path).unwrap_or(NOTHING)
    }
}

/// How edit lists place clips: with a list no clip goes anywhere by its own timecode alone.
///
/// Fields may come in any release: end a literal with `..Default::default()`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListOptions {
    /// Timecode that is added to every record timecode; taken off if a `-` is before it.
    pub offset: Option<String>,
    /// The timeline that is wanted, in lists that hold several.
    pub timeline: Option<String>,
    /// Clip file name to the event that it is given by hand: a number, or `line:13`.
    pub event: BTreeMap<String, String>,
    /// The lowest confidence of what is placed.
    pub min_confidence: Confidence,
    /// What is done with frames that are mixed with another shot.
    pub transitions: Transitions,
}

/// What is said about one clip alone.
///
/// Fields may come in any release: end a literal with `..Default::default()`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClipOptions {
    /// Record timecode of its first used frame, instead of its own timecode and of [`PlaceOptions::at`].
    pub at: Option<String>,
    /// The event of an edit list that it is given by hand, instead of [`ListOptions::event`].
    pub event: Option<String>,
    /// Frames at each of its ends that are handles, instead of [`PlaceOptions::handles`] and
    /// [`PlaceOptions::vfx_handles`].
    pub handles: Option<u32>,
    /// The first of its frames that is used, whatever its handles.
    pub source_in: Option<SourceFrame>,
    /// The frame after the last one that is used, whatever its handles.
    pub source_out: Option<SourceFrame>,
}

/// An option that gives a timecode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlaceOption {
    /// [`PlaceOptions::at`] or [`ClipOptions::at`].
    At,
    /// [`PlaceOptions::base_timecode`].
    BaseTimecode,
    /// [`ListOptions::offset`].
    ListOffset,
    /// [`ClipOptions::source_in`].
    SourceIn,
    /// [`ClipOptions::source_out`].
    SourceOut,
}

impl fmt::Display for PlaceOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PlaceOption::At => "the given record timecode",
            PlaceOption::BaseTimecode => "the given base timecode",
            PlaceOption::ListOffset => "the given offset of the list",
            PlaceOption::SourceIn => "source_in",
            PlaceOption::SourceOut => "source_out",
        })
    }
}

/// A frame of a clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum SourceFrame {
    /// By its number, 0 for the first one that the clip presents.
    Number(u64),
    /// By the clip's own timecode.
    Timecode(String),
}

impl fmt::Display for SourceFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceFrame::Number(number) => number.fmt(f),
            SourceFrame::Timecode(text) => f.write_str(text),
        }
    }
}
