//! What a review is, and how it was made.
//!
//! - Not here: its form in JSON (the command).

use std::path::PathBuf;
use std::time::Duration;

use intercut_io::PoolStats;
use intercut_io::latency::Durations;

use super::cells::{Layout, Side};
use super::encoder::Codec;
use crate::picture::{Damage, Size};
use crate::timecode::{FrameRate, Timecode};
use crate::units::EventIndex;

/// What was made.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReviewReport {
    /// The movie that is reviewed.
    pub result: PathBuf,
    /// What it is held against.
    pub base: Option<PathBuf>,
    /// How many inserts came after the base, if it is the movie itself as it was before them.
    pub inserts_since_base: Option<usize>,
    /// The review.
    pub output: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// How base and result lie.
    pub layout: Layout,
    /// Pixels across and down.
    pub size: [usize; 2],
    /// What it is encoded to.
    pub codec: Codec,
    /// The encoder, as FFmpeg calls it; `intercut` if it is this program.
    pub encoder: &'static str,
    /// Frames per second of the result.
    pub rate: FrameRate,
    /// Frames that each picture stands for.
    pub every: u64,
    /// Pictures of the review, cards included.
    pub pictures: u64,
    /// Frames of the result that are shown.
    pub frames: u64,
    /// Frames that were left out by the caller's wish, before they were read.
    pub frames_left_out: u64,
    /// Cards between stretches.
    pub cards: u64,
    /// Events that are shown, each with the first picture that is its own, counted from 0.
    pub begins: Vec<(EventIndex, u64)>,
    /// The label that the review begins with, if its labels follow one another.
    pub timecode: Option<Timecode>,
    /// Channels of its sound; 0 if it has none.
    pub sound_channels: u32,
    /// At which sizes brightness and colour of the frames were decoded: base, result.
    pub decoded: Vec<(Side, [Size; 2])>,
    /// From which transfer characteristic pictures were tone-mapped.
    pub tone_mapped: Vec<(Side, &'static str)>,
    /// Frames that cannot be decoded, in part or whole: the first of them, and how many there are.
    pub undecodable: Vec<Undecodable>,
    /// How many frames cannot be decoded.
    pub undecodable_count: u64,
    /// Opening and planning; finding the encoder; pictures; the encoder's end, and giving the movie its name.
    pub times: [Duration; 4],
    /// How long each stage took, by picture.
    pub stages: Vec<(Stage, Durations)>,
    /// The pools: samples, finished pictures.
    pub pools: [PoolStats; 2],
    /// Bytes that were allowed for them.
    pub memory_budget: u64,
    /// The peak of what the process allocated.
    pub rss_anonymous_peak: u64,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl ReviewReport {
    /// The middle of the time for which a picture is shown: a player that rounds, or cuts digits off, still shows that one.
    pub fn seconds_within(&self, picture: u64) -> f64 {
        f64::midpoint(self.seconds_at(picture), self.seconds_at(picture + 1))
    }

    /// When a picture is shown: seconds from the beginning.
    pub fn seconds_at(&self, picture: u64) -> f64 {
        let (numerator, denominator) = (self.rate.numerator(), self.rate.denominator());
        (picture * self.every) as f64 * f64::from(denominator) / f64::from(numerator)
    }
}

/// What is done for a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its samples are read.
    Read,
    /// They are decoded.
    Decode,
    /// They are put on the canvas.
    Composite,
    /// Decoded and put on the canvas, together.
    Picture,
    /// The encoder takes it: waiting for it included.
    Encode,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Stage; 5] =
        [Stage::Read, Stage::Decode, Stage::Composite, Stage::Picture, Stage::Encode];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Decode => "decode",
            Stage::Composite => "composite",
            Stage::Picture => "picture",
            Stage::Encode => "encode",
        }
    }
}

/// A frame that cannot be decoded, in part or whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecodable {
    /// Whose.
    pub side: Side,
    /// Counted from 0 at the first picture.
    pub frame: u64,
    /// What is grey; `None` if it is no frame at all.
    pub damage: Option<Damage>,
}
