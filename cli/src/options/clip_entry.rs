//! One entry among the clips of a jobs file: a path, or a table that says more about it.
//!
//! - In: a string, or a table with `path`.
//! - Out: [`ClipEntry`].
//! - Holds: what is wrong within a table is told with its own key and line, not as an entry of neither form.

use std::fmt;

use intercut_engine::plan::{ClipOptions, SourceFrame};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A clip, a folder of clips, or a pattern.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ClipEntry {
    /// Where it is
    Path(String),
    /// Where it is, and what is different about it
    Table(ClipTable),
}

/// What is said of one clip, or of each clip of a folder or a pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClipTable {
    /// A file, a folder (searched recursively) or a pattern
    pub(crate) path: String,
    /// Record timecode of its first used frame, instead of its own timecode
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    /// The event of an edit list that it belongs to: its number, or `line:13`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<String>,
    /// Frames at each of its ends that are handles and are not used
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handles: Option<u32>,
    /// The first of its frames that is used, whatever its handles
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_in: Option<Frame>,
    /// The frame after the last one that is used, whatever its handles
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_out: Option<Frame>,
}

/// A frame of a clip: its number, 0 for the first one that the clip shows, or its timecode in the clip
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a frame number or a timecode")]
pub(crate) enum Frame {
    /// By its number
    Number(u32),
    /// By the clip's own timecode
    Timecode(String),
}

impl ClipEntry {
    /// The path or pattern.
    pub(crate) fn path(&self) -> &str {
        match self {
            ClipEntry::Path(path) | ClipEntry::Table(ClipTable { path, .. }) => path,
        }
    }

    /// What is said of it, as the library has it.
    pub(crate) fn options(&self) -> ClipOptions {
        match self {
            ClipEntry::Path(_) => ClipOptions::default(),
            ClipEntry::Table(table) => ClipOptions {
                at: table.at.clone(),
                event: table.event.clone(),
                handles: table.handles,
                source_in: table.source_in.as_ref().map(Frame::choice),
                source_out: table.source_out.as_ref().map(Frame::choice),
            },
        }
    }
}

impl Frame {
    fn choice(&self) -> SourceFrame {
        match self {
            Frame::Number(number) => SourceFrame::Number(u64::from(*number)),
            Frame::Timecode(text) => SourceFrame::Timecode(text.clone()),
        }
    }
}

impl<'de> Deserialize<'de> for ClipEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = ClipEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path, or a table with a path")
    }

    fn visit_str<E>(self, path: &str) -> Result<ClipEntry, E> {
        Ok(ClipEntry::Path(path.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ClipEntry, A::Error> {
        ClipTable::deserialize(MapAccessDeserializer::new(map)).map(ClipEntry::Table)
    }
}
