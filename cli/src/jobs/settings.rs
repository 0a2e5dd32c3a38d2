//! What can be said of a job: the same words in a jobs file's `[defaults]`, in a `[[job]]`, and on the command line.
//!
//! - In: TOML, or arguments.
//! - Out: [`Settings`], where everything may be left out; [`Settings::or`] fills in what was.
//! - Holds: a key and its values are the option's of `splice`; what is not known is an error.
//! - Not here: which files a path means (`expand`).

use std::path::PathBuf;

use clap::Args;
use intercut_engine::plan::PlaceOptions;
use intercut_engine::splice::SpliceOptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clip_entry::ClipEntry;
use crate::args::{AllowArg, ClipEdgesArg, OverlapArg, RouteArg, VerifyArg};

/// What is said of one job, or of all.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[command(next_help_heading = "Defaults of jobs")]
pub(crate) struct Settings {
    /// The movie to splice into
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<PathBuf>,
    /// Graded clips: files, folders (searched recursively), patterns such as "graded/*_v2.mov", or tables with a path
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clips: Option<Vec<ClipEntry>>,
    /// VFX clips, in the same forms: they win over graded ones on every frame where both fall, and are never cut
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vfx: Option<Vec<ClipEntry>>,
    /// The movie to write; {base} in its name stands for the base's name without its extension
    #[arg(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<PathBuf>,

    /// Who wins frames that several clips claim: nobody (an error), or the clip whose record start is later or earlier
    #[arg(long, value_name = "WHO", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap: Option<OverlapArg>,
    /// Frames at each end of every clip that are handles and are not used
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    handles: Option<u32>,
    /// Clips that stick out of the base: an error, or cut off at its ends
    #[arg(long, value_name = "HOW", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    clip_edges: Option<ClipEdgesArg>,
    /// Timecode of the base's first frame, for a base without a timecode track, such as 01:00:00:00
    #[arg(long, value_name = "TIMECODE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    base_timecode: Option<String>,
    /// Go on without the clips that are refused, each named in a warning
    #[arg(long, num_args = 0, default_missing_value = "true")]
    #[serde(skip_serializing_if = "Option::is_none")]
    skip_refused: Option<bool>,
    /// Let clips pass whose field order or alpha channel differs from the base's
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<Vec<AllowArg>>,
    /// Put the movie header before the media, so that a player can start while it loads
    #[arg(long, num_args = 0, default_missing_value = "true")]
    #[serde(skip_serializing_if = "Option::is_none")]
    faststart: Option<bool>,
    /// How bytes are moved: the fastest way that works, or this one or an error
    #[arg(long, value_name = "ROUTE", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<RouteArg>,
    /// Check each result before it gets its name: re-read what reached the disk
    #[arg(long, value_name = "MODE", value_enum)]
    #[serde(skip_serializing_if = "Option::is_none")]
    verify: Option<VerifyArg>,
}

impl Settings {
    /// These settings, and from `others` what they leave open.
    pub(crate) fn or(self, others: &Settings) -> Settings {
        let others = others.clone();
        Settings {
            base: self.base.or(others.base),
            clips: self.clips.or(others.clips),
            vfx: self.vfx.or(others.vfx),
            output: self.output.or(others.output),
            overlap: self.overlap.or(others.overlap),
            handles: self.handles.or(others.handles),
            clip_edges: self.clip_edges.or(others.clip_edges),
            base_timecode: self.base_timecode.or(others.base_timecode),
            skip_refused: self.skip_refused.or(others.skip_refused),
            allow: self.allow.or(others.allow),
            faststart: self.faststart.or(others.faststart),
            route: self.route.or(others.route),
            verify: self.verify.or(others.verify),
        }
    }

    /// How clips are placed, as the library has it.
    pub(crate) fn place_options(&self) -> PlaceOptions {
        let allow = self.allow.as_deref().unwrap_or_default();
        PlaceOptions {
            overlap: self.overlap.map(OverlapArg::choice).unwrap_or_default(),
            handles: self.handles.unwrap_or_default(),
            clip_edges: self.clip_edges.map(ClipEdgesArg::choice).unwrap_or_default(),
            base_timecode: self.base_timecode.clone(),
            skip_refused: self.skip_refused.unwrap_or_default(),
            allow_field_order: allow.contains(&AllowArg::FieldOrder),
            allow_alpha: allow.contains(&AllowArg::Alpha),
            ..PlaceOptions::default()
        }
    }

    /// How results are written, as the library has it.
    pub(crate) fn splice_options(&self) -> SpliceOptions {
        SpliceOptions {
            faststart: self.faststart.unwrap_or_default(),
            route: self.route.map(RouteArg::choice).unwrap_or_default(),
            verify: self.verify.map(VerifyArg::choice).unwrap_or_default(),
            ..SpliceOptions::default()
        }
    }
}
