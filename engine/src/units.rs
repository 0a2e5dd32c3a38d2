//! Quantities that could be mixed up, each a type of its own.
//!
//! An index counts from 0, a number from 1, a count has no origin.

use std::fmt;

use intercut_io::SourceIndex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number of frames in words: `1 frame`, `8 frames`.
pub(crate) fn in_frames(count: u64) -> String {
    if count == 1 { "1 frame".to_owned() } else { format!("{count} frames") }
}

/// A sample of one track, counted from 0 in decode order.
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
#[serde(transparent)]
pub struct SampleIndex(pub u32);

/// A clip of a plan, counted from 0 in the order of its `clips`. Once a plan is made, nothing else identifies a clip.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ClipIndex(pub u32);

impl ClipIndex {
    /// The clip at a place of the list.
    ///
    /// # Panics
    /// For the 2^32nd clip, which no plan has room for.
    pub fn new(place: usize) -> Self {
        Self(u32::try_from(place).expect("a plan has fewer than 2^32 clips"))
    }

    /// The place in the list.
    pub fn get(self) -> usize {
        self.0 as usize
    }

    /// The source that the clip is in a schedule: the base is the first source, and the clips follow in their order.
    pub fn source_index(self) -> SourceIndex {
        SourceIndex(self.0.saturating_add(1))
    }

    /// The clip that a source is; `None` for the base. The other way round from [`ClipIndex::source_index`].
    pub fn of_source(source: SourceIndex) -> Option<Self> {
        source.0.checked_sub(1).map(Self)
    }
}

/// An event of a plan, counted from 0 in the order of its `events`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct EventIndex(pub u32);

impl EventIndex {
    /// The event at a place of the list.
    ///
    /// # Panics
    /// For the 2^32nd event, which no plan has room for.
    pub fn new(place: usize) -> Self {
        Self(u32::try_from(place).expect("a plan has fewer than 2^32 events"))
    }

    /// The place in the list.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// A run of bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRange {
    /// Bytes from the start of the file.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl ByteRange {
    /// The first byte after the range.
    pub fn end(&self) -> u64 {
        self.offset + self.len
    }
}

/// A four-character code, as it is in the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FourCc(pub [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            match byte {
                0x20..=0x7e => write!(f, "{}", char::from(byte))?,
                // QuickTime's user data codes begin with a copyright sign in Mac Roman.
                0xa9 => f.write_str("©")?,
                other => write!(f, "\\x{other:02x}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{self}'")
    }
}
