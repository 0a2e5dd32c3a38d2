//! What linking needs to know of a movie, and nothing else.
//!
//! - In: an open movie, or values that were written by hand (tests).
//! - Out: [`LinkFacts`], which owns what it holds: the file can be closed, so that thousands of clips need no
//!   descriptors.
//! - Not here: how the facts were read (`movie`, `discover`).

use std::path::PathBuf;

use intercut_io::Identity;

use super::report::LinkedMovie;
use crate::codec::VideoFormat;
use crate::discover::{Growing, OpenMovie};
use crate::movie::Obstacles;
use crate::movie::frames::FrameMap;
use crate::plan::fit::span;
use crate::plan::forms::text_of;
use crate::plan::reel;
use crate::plan::{MovieFacts, Rank};
use crate::timecode::{Timecode, TimecodeFormat};

/// One movie, as far as linking is concerned.
#[derive(Debug, Clone)]
pub struct LinkFacts {
    /// Where it is.
    pub path: PathBuf,
    /// Which file it is.
    pub identity: Identity,
    /// What it is as a clip; of no meaning for a base.
    pub rank: Rank,
    /// What its pictures are.
    pub format: VideoFormat,
    /// What stands in the way of splicing it.
    pub obstacles: Obstacles,
    /// Which sample is presented in each frame.
    pub frames: FrameMap,
    /// How its timecode is counted; `None` without a timecode track.
    pub timecode_format: Option<TimecodeFormat>,
    /// `(first frame, its timecode)` of each stretch over which timecode runs on, in order.
    pub stretches: Vec<(u64, Timecode)>,
    /// By how much its first picture begins after the frame of timecode that it has, in hundredths of a frame.
    pub parting: u8,
    /// Samples of its video track.
    pub sample_count: u32,
    /// Reel that its timecode track names.
    pub reel: Option<String>,
    /// How it is known that it is still being written.
    pub growing: Option<Growing>,
}

impl LinkFacts {
    /// The facts of an open movie.
    pub fn of(open: &OpenMovie, rank: Rank) -> Self {
        let MovieFacts {
            path,
            identity,
            format,
            obstacles,
            frames,
            timecode_format,
            stretches,
            parting,
            reel,
            sample_count,
            rank,
            growing,
        } = MovieFacts::of(open).ranked(rank);
        Self {
            path: path.to_owned(),
            identity,
            rank,
            format: format.clone(),
            obstacles: obstacles.clone(),
            frames: frames.clone(),
            timecode_format,
            stretches: stretches.to_vec(),
            parting,
            sample_count,
            reel: reel.map(str::to_owned),
            growing,
        }
    }

    /// The same as the planner sees it.
    pub(super) fn for_plan(&self) -> MovieFacts<'_> {
        MovieFacts {
            path: &self.path,
            identity: self.identity,
            format: &self.format,
            obstacles: &self.obstacles,
            frames: &self.frames,
            timecode_format: self.timecode_format,
            stretches: &self.stretches,
            parting: self.parting,
            reel: self.reel.as_deref(),
            sample_count: self.sample_count,
            rank: self.rank,
            growing: self.growing,
        }
    }

    /// The reel, if it is one that somebody named.
    pub(super) fn named_reel(&self) -> Option<&str> {
        reel::named(self.reel.as_deref())
    }

    /// The facts for the report.
    ///
    /// - `frames`: the frames that count.
    pub(super) fn told(&self, frames: std::ops::Range<u64>) -> LinkedMovie {
        let span = span(&self.for_plan(), frames.clone());
        LinkedMovie {
            frames: frames.end - frames.start,
            timecode_in: span.map(|(first, _)| first.to_string()),
            timecode_out: span.map(|(_, end)| end.to_string()),
            rate: text_of(self.format.rate),
            codec: self.format.description.codec.to_string(),
            width: self.format.description.width,
            height: self.format.description.height,
            reel: self.named_reel().map(str::to_owned),
            being_written: self.growing.is_some(),
        }
    }
}
