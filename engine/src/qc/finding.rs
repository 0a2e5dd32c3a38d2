//! What was found in a movie, as programs read it.
//!
//! - Out: [`MovieFindings`]; field names are the contract.
//! - Not here: the object around it, and text for people (the command).

use intercut_io::PoolStats;
use schemars::JsonSchema;
use serde::Serialize;

/// What is wrong with a run of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Black: nearly all blocks are, and none is bright.
    Black,
    /// The same picture as the one before, byte for byte.
    Repeated,
    /// Parts of the picture cannot be decoded.
    Undecodable,
    /// There is no picture: the sample is empty, was never written, is no frame of the movie, or none of it can be decoded.
    Hollow,
}

impl FindingKind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Black => "black",
            Self::Repeated => "repeated",
            Self::Undecodable => "undecodable",
            Self::Hollow => "hollow",
        }
    }
}

/// Frames with one kind of fault that touch one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The first frame, counted from 0 at the first picture of the movie.
    pub frame_in: u64,
    /// The frame after the last one.
    pub frame_out: u64,
    /// Timecode of the first frame, if it has any.
    pub timecode_in: Option<String>,
    /// Of repeats that come regularly (animation on twos, pulldown): so many frames from one to the next. They are one finding for
    /// the whole movie, though other frames lie between them.
    pub cadence: Option<u64>,
    /// More about it, in a sentence.
    pub detail: String,
}

/// What was found in a movie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct MovieFindings {
    /// Frames of the movie, from its first picture to its last.
    pub frames: u64,
    /// Pictures that were looked at.
    pub looked_at: u64,
    /// What was looked for.
    pub looked_for: Vec<FindingKind>,
    /// What was found, in the order of the frames.
    pub findings: Vec<Finding>,
    /// Pictures of another kind than the first one of the movie. They are no finding: they can be decoded.
    pub other_kinds: Option<OtherKinds>,
    /// How the memory for frames was used.
    pub pool: PoolUse,
}

/// Pictures with other fields, chroma or alpha than the first one of their movie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct OtherKinds {
    /// How many there are.
    pub pictures: u64,
    /// The first of them: a frame, counted from 0 at the first picture of the movie.
    pub first: u64,
    /// What the first of them is, such as `4:4:4`.
    pub found: String,
    /// What the first picture of the movie is.
    pub expected: String,
}

/// How the memory for frames was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PoolUse {
    /// Slabs, each for one frame.
    pub slabs: u64,
    /// Bytes of a slab.
    pub slab_len: u64,
    /// How often a slab was free when it was wanted.
    pub hits: u64,
    /// How often one had to be waited for.
    pub misses: u64,
    /// The most slabs that were in use at a time.
    pub high_water: u64,
}

impl From<PoolStats> for PoolUse {
    fn from(stats: PoolStats) -> Self {
        let PoolStats { slabs, slab_len, hits, misses, high_water, .. } = stats;
        Self { slabs, slab_len, hits, misses, high_water }
    }
}
