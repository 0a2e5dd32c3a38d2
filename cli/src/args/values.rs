//! Values that options take, and the library's that they stand for.
//!
//! - Holds: a value has the same name on the command line and in a jobs file.

use clap::ValueEnum;
use intercut_engine::link::Confidence;
use intercut_engine::plan::{ClipEdges, Overlap};
use intercut_engine::splice::VerifyMode;
use intercut_io::{Route, RouteChoice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OverlapArg {
    /// The plan is refused
    Error,
    /// The clip whose record start is later
    Last,
    /// The clip whose record start is earlier
    First,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClipEdgesArg {
    /// The plan is refused
    Error,
    /// What sticks out is not used
    Trim,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AllowArg {
    /// Another order of fields than the base's
    FieldOrder,
    /// Alpha where the base has none, or none where it has
    Alpha,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RouteArg {
    /// The fastest that works, found by trying
    Auto,
    /// The filesystem shares the sources' blocks
    Reflink,
    /// Direct writes straight from the mapped sources
    Mapped,
    /// Direct writes from memory that was read into
    Staged,
    /// Copied by the kernel or the file server
    Kernel,
    /// Through the page cache; works anywhere
    Buffered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfidenceArg {
    /// The timecode, and the name or the reel
    High,
    /// The timecode alone too, where one base only has it
    Medium,
    /// The name alone too, where the base starts at 00:00:00:00
    Low,
}

impl ConfidenceArg {
    /// The library's choice.
    pub(crate) fn choice(self) -> Confidence {
        match self {
            ConfidenceArg::High => Confidence::High,
            ConfidenceArg::Medium => Confidence::Medium,
            ConfidenceArg::Low => Confidence::Low,
        }
    }
}

impl OverlapArg {
    /// The library's choice.
    pub(crate) fn choice(self) -> Overlap {
        match self {
            OverlapArg::Error => Overlap::Error,
            OverlapArg::Last => Overlap::Last,
            OverlapArg::First => Overlap::First,
        }
    }
}

impl ClipEdgesArg {
    /// The library's choice.
    pub(crate) fn choice(self) -> ClipEdges {
        match self {
            ClipEdgesArg::Error => ClipEdges::Error,
            ClipEdgesArg::Trim => ClipEdges::Trim,
        }
    }
}

impl VerifyArg {
    /// The library's choice.
    pub(crate) fn choice(self) -> VerifyMode {
        match self {
            VerifyArg::None => VerifyMode::None,
            VerifyArg::Written => VerifyMode::Written,
            VerifyArg::Full => VerifyMode::Full,
        }
    }
}

impl RouteArg {
    /// The library's choice.
    pub(crate) fn choice(self) -> RouteChoice {
        match self {
            RouteArg::Auto => RouteChoice::Auto,
            RouteArg::Reflink => RouteChoice::Only(Route::Reflink),
            RouteArg::Mapped => RouteChoice::Only(Route::Mapped),
            RouteArg::Staged => RouteChoice::Only(Route::Staged),
            RouteArg::Kernel => RouteChoice::Only(Route::Kernel),
            RouteArg::Buffered => RouteChoice::Only(Route::Buffered),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VerifyArg {
    /// Nothing is re-read
    None,
    /// What reached the disk is re-read, past the page cache where the filesystem allows, and compared with the sources
    Written,
    /// Every sample is hashed from the sources while they are copied, and again from what reached the disk; the report
    /// object keeps the digests, for `verify --run`
    Full,
}
