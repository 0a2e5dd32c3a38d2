//! What the planner needs to know of a movie, and nothing else.
//!
//! - In: an open movie, or values that were written by hand (tests, benchmarks).
//! - Out: [`MovieFacts`], borrowed: the planner touches no file.
//! - Not here: how the facts were read (`movie`, `discover`).

use std::path::Path;

use intercut_io::Identity;

use super::options::Rank;
use crate::codec::VideoFormat;
use crate::discover::OpenMovie;
use crate::movie::frames::{FrameMap, Shown};
use crate::movie::{Movie, Obstacles};
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};

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
    /// Its reel, by its timecode track.
    pub reel: Option<&'a str>,
    /// Samples of its video track.
    pub sample_count: u32,
    /// What it is as a clip; of no meaning for a base.
    pub rank: Rank,
}

impl<'a> MovieFacts<'a> {
    /// The facts of an open movie, as a base or a grade.
    pub fn of(open: &'a OpenMovie) -> Self {
        Self::new(open.source.path(), *open.source.identity(), &open.movie)
    }

    /// The facts of a movie that was read from this file, as a base or a grade.
    pub fn new(path: &'a Path, identity: Identity, movie: &'a Movie) -> Self {
        Self {
            path,
            identity,
            format: movie.video_format(),
            obstacles: movie.obstacles(),
            frames: movie.frames(),
            timecode_format: movie.timecode_format(),
            stretches: movie.timecode_stretches(),
            reel: movie.reel(),
            sample_count: movie.table(movie.video()).sample_count(),
            rank: Rank::Grade,
        }
    }

    /// The same movie as a clip of this rank.
    #[must_use]
    pub fn ranked(self, rank: Rank) -> Self {
        Self { rank, ..self }
    }

    /// The frames between the first and the last one that show a sample: empty edits at the ends are left out.
    pub(crate) fn presented(&self) -> std::ops::Range<u64> {
        let mut shown = self.frames.runs.iter().filter(|run| run.shown != Shown::Nothing);
        let Some(first) = shown.next() else { return 0..0 };
        let last = shown.next_back().unwrap_or(first);
        first.first_frame..last.first_frame + last.frame_count
    }

    /// The timecode of a frame by the stretch that it lies in; `None` before the first stretch.
    ///
    /// Where timecode counts at another rate than the pictures, a frame has the timecode that began last.
    pub(super) fn timecode_at(&self, frame: u64) -> Option<Timecode> {
        let after = self.stretches.partition_point(|(first, _)| *first <= frame);
        let (first, timecode) = self.stretches.get(after.checked_sub(1)?)?;
        Some(timecode.add(rescale(frame - first, self.format.rate, timecode.format.rate).0))
    }

    /// The file's name without its folders, for people and for `--at`.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }
}

/// Counts `frames` of one rate in frames of another: whole frames, and whether there is no remainder.
///
/// Rates of the same nominal one count the same frames: timecode described as 30 frames a second over pictures at
/// 30000/1001 still has a number for each picture.
pub(super) fn rescale(frames: u64, from: FrameRate, to: FrameRate) -> (i64, bool) {
    if from.nominal() == to.nominal() {
        return (i64::try_from(frames).unwrap_or(i64::MAX), true);
    }
    // 64 and twice 32 bits: just what 128 bits hold.
    let product = u128::from(frames) * u128::from(to.numerator()) * u128::from(from.denominator());
    let divisor = u128::from(to.denominator()) * u128::from(from.numerator());
    let whole = i64::try_from(product / divisor).unwrap_or(i64::MAX);
    (whole, product % divisor == 0)
}
