//! Lists of our own: what was placed, as CMX 3600 and as OpenTimelineIO.
//!
//! - In: [`SavedList`], what a plan replaces.
//! - Out: the text of a file, which every program that reads such lists reads, and which gives the same plan when it is
//!   given back.
//! - Not here: writing files.

mod edl;
mod otio;

pub use edl::to_edl;
pub use otio::to_otio;

use crate::timecode::{FrameRate, Timecode};

/// What a list is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedList {
    /// What it is called.
    pub title: String,
    /// The base.
    pub base: SavedMovie,
    /// Rate of all pictures.
    pub rate: FrameRate,
    /// What was replaced, in record order; no two overlap.
    pub events: Vec<SavedEvent>,
}

/// A movie that a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMovie {
    /// Its path, as it was given.
    pub path: String,
    /// Its file name.
    pub file_name: String,
    /// The reel that it names, if somebody named it.
    pub reel: Option<String>,
    /// Timecode of its first frame; 00:00:00:00 if it has none.
    pub start: Timecode,
    /// Frames that it presents.
    pub frames: u64,
}

/// Frames of a clip that replaced frames of the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedEvent {
    /// The clip.
    pub clip: SavedMovie,
    /// The clip's frame that goes to `record_in`.
    pub source_in: u64,
    /// Its timecode.
    pub source: Timecode,
    /// The first base frame.
    pub record_in: u64,
    /// Its timecode.
    pub record: Timecode,
    /// How many frames.
    pub frames: u64,
}

/// A text as one line can hold it.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '_' } else { c }).collect()
}
