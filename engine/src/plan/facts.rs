//! What the planner needs to know of a movie, and nothing else.
//!
//! - In: an open movie, or values that were written by hand (tests, benchmarks).
//! - Out: [`MovieFacts`], borrowed: the planner touches no file.
//! - Not here: how the facts were read (`movie`, `discover`).

use std::collections::BTreeMap;
use std::path::Path;

use intercut_io::Identity;

use super::options::Rank;
use crate::codec::VideoFormat;
use crate::discover::{Growing, OpenMovie};
use crate::list::is_same_name;
use crate::movie::frames::FrameMap;
use crate::movie::{Movie, Obstacles};
use crate::timecode::{Labels, Timecode, TimecodeFormat};

/// One movie, as far as placing clips is concerned.
#[derive(Debug, Clone, Copy)]
pub struct MovieFacts<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Which file it is.
    pub identity: Identity,
    /// What its pictures are.
    pub format: &'a VideoFormat,
    /// What stands in the way of splicing it.
    pub obstacles: &'a Obstacles,
    /// Which sample is presented in each frame.
    pub frames: &'a FrameMap,
    /// How its timecode is counted; `None` without a timecode track.
    pub timecode_format: Option<TimecodeFormat>,
    /// `(first frame, its timecode)` of each stretch over which timecode runs on, in order.
    pub stretches: &'a [(u64, Timecode)],
    /// By how much its first picture begins after the frame of timecode that it has, in hundredths of a frame.
    pub parting: u8,
    /// Its reel, by its timecode track.
    pub reel: Option<&'a str>,
    /// Samples of its video track.
    pub sample_count: u32,
    /// What it is as a clip; of no meaning for a base.
    pub rank: Rank,
    /// How it is known that it is still being written.
    pub growing: Option<Growing>,
}

impl<'a> MovieFacts<'a> {
    /// The facts of an open movie, as a base or a grade.
    pub fn of(open: &'a OpenMovie) -> Self {
        let facts = Self::new(open.source.path(), *open.source.identity(), &open.movie);
        Self { growing: open.growing, ..facts }
    }

    /// The facts of a finished movie that was read from this file, as a base or a grade.
    pub fn new(path: &'a Path, identity: Identity, movie: &'a Movie) -> Self {
        Self {
            path,
            identity,
            format: movie.video_format(),
            obstacles: movie.obstacles(),
            frames: movie.frames(),
            timecode_format: movie.timecode_format(),
            stretches: movie.timecode_stretches(),
            parting: movie.timecode_parting(),
            reel: movie.reel(),
            sample_count: movie.table(movie.video()).sample_count(),
            rank: Rank::Grade,
            growing: None,
        }
    }

    /// The same movie as a clip of this rank.
    #[must_use]
    pub fn ranked(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }

    /// The reel, if it is one that somebody named.
    pub(crate) fn named_reel(&self) -> Option<&'a str> {
        super::reel::named(self.reel)
    }

    /// The frames between the first and the last one that show a sample: empty edits at the ends are left out.
    pub(crate) fn presented(&self) -> std::ops::Range<u64> {
        self.frames.presented()
    }

    /// The labels of its frames.
    pub(crate) fn labels(&self) -> Labels<'a> {
        Labels { pictures: self.format.rate, stretches: self.stretches }
    }

    /// `(frame, its timecode)` of each stretch over which timecode runs on, counted from the first frame that is presented.
    pub(super) fn presented_stretches(&self) -> Vec<(u64, Timecode)> {
        let presented = self.presented();
        let at_first = self.labels().label_of(presented.start).map(|timecode| (0, timecode));
        let later = self.stretches.iter().filter(|(frame, _)| presented.contains(frame));
        let later = later.filter(|(frame, _)| *frame > presented.start);
        let later = later.map(|(frame, timecode)| (frame - presented.start, *timecode));
        at_first.into_iter().chain(later).collect()
    }

    /// The file's name without its folders, for people and for `--at`.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// What is given for the clip by its name.
    pub(super) fn named_in<'v>(&self, given: &'v BTreeMap<String, String>) -> Option<&'v str> {
        let name = self.name();
        given.iter().find(|(key, _)| is_same_name(key, &name)).map(|(_, value)| value.as_str())
    }
}
