//! Which sample is presented in each frame: timecode counts these frames, the sample table counts those samples.
//!
//! - In: `stts`, the edit list, the two timescales. Out: [`FrameMap`].
//! - Holds: runs tile `0..frame_count`; integers only; work and memory are bounded by [`STEPS_MAX`], whatever the
//!   tables claim.
//! - Not here: timecode (`timecode_track`), where a sample's bytes are (`table`).
//!
//! A frame is one period of the video track's frame rate, counted from 0 on the movie's timeline (a leading empty edit
//! counts: it is presented as nothing). The first presented picture has a frame of its own wherever it begins: the frame
//! in which it begins, or the next one if that begins within a quarter of a frame. Every later picture is counted from
//! there: media time within an edit, movie time from edit to edit, each to the nearest frame. A picture has at least one
//! frame, however short it is shown; if another one has that frame too, the frame is [`Shown::Crowded`]. Writers round the
//! ends of edits to ticks of movie time (FFmpeg to milliseconds), so an end that is less than a tick from a picture's is there.
//!
//! References: QuickTime File Format, "Edit Atoms"; ISO/IEC 14496-12 8.6.6.

mod builder;
mod grid;
mod media;

use std::ops::Range;

use crate::units::SampleIndex;

pub(super) use builder::FrameMapBuilder;
pub(super) use grid::{Grid, dominant_duration, is_near};

/// The most stretches of samples and edits that are followed, and the most runs that come of it.
pub const STEPS_MAX: usize = 1 << 19;
/// The most frames on a timeline.
pub const FRAMES_MAX: u64 = 0xffff_ffff;

/// What is presented over a run of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Consecutive samples, one a frame, from this one on.
    Samples(SampleIndex),
    /// One sample, for all the frames of the run (its duration is not one frame).
    Held(SampleIndex),
    /// Two pictures or more that begin within the same frame.
    Crowded {
        /// The first of them.
        first: SampleIndex,
        /// The next one.
        second: SampleIndex,
    },
    /// Nothing: an empty edit, or an edit that reaches past its media.
    Nothing,
}

impl Shown {
    /// The sample that is presented first.
    pub fn first_sample(self) -> Option<SampleIndex> {
        match self {
            Shown::Samples(first) | Shown::Held(first) | Shown::Crowded { first, .. } => {
                Some(first)
            }
            Shown::Nothing => None,
        }
    }
}

/// A run of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRun {
    /// The first frame, counted from 0.
    pub first_frame: u64,
    /// How many frames; never 0.
    pub frame_count: u64,
    /// What they show.
    pub shown: Shown,
}

/// Run-length map from frames to samples. Runs tile `0..frame_count`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameMap {
    /// The runs, in frame order.
    pub runs: Vec<FrameRun>,
}

impl FrameMap {
    /// Frames in the movie.
    pub fn frame_count(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.first_frame + run.frame_count)
    }

    /// The first frame that presents a sample.
    pub fn frame_of(&self, sample: SampleIndex) -> Option<u64> {
        self.runs.iter().find_map(|run| match run.shown {
            Shown::Samples(first) => {
                let into = u64::from(sample.0.checked_sub(first.0)?);
                (into < run.frame_count).then_some(run.first_frame + into)
            }
            Shown::Held(held) => (held == sample).then_some(run.first_frame),
            Shown::Crowded { first, second } => {
                (first == sample || second == sample).then_some(run.first_frame)
            }
            Shown::Nothing => None,
        })
    }

    /// The first frame that presents a picture, if any does.
    pub fn first_frame(&self) -> Option<u64> {
        let first = self.runs.iter().find(|run| run.shown != Shown::Nothing);
        first.map(|run| run.first_frame)
    }

    /// The frames from the first picture to the last; empty if there is none.
    pub fn presented(&self) -> Range<u64> {
        let mut shown = self.runs.iter().filter(|run| run.shown != Shown::Nothing);
        let Some(first) = shown.next() else { return 0..0 };
        let last = shown.next_back().unwrap_or(first);
        first.first_frame..last.first_frame + last.frame_count
    }

    /// The first sample that is presented, if any is.
    pub fn first_sample(&self) -> Option<SampleIndex> {
        self.runs.iter().find_map(|run| run.shown.first_sample())
    }
}

/// Where the first picture is on the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FirstPicture {
    /// Its frame.
    pub(super) frame: u64,
    /// Movie time at which it begins to be shown.
    pub(super) movie_time: u64,
    /// Media ticks that the edit list cuts off its beginning.
    pub(super) cut: u64,
}
