//! Which sample is presented in each frame: timecode counts these frames, the sample table counts those samples.
//!
//! - In: `stts`, the edit list, the two timescales. Out: [`FrameMap`].
//! - Holds: runs tile `0..frame_count`; integers only; work and memory are bounded by [`STEPS_MAX`], whatever the
//!   tables claim.
//! - Not here: timecode (`timecode_track`), where a sample's bytes are (`table`).
//!
//! A frame is one period of the video track's frame rate on the movie's timeline, counted from 0 at the first
//! presented frame (a leading empty edit counts: it is presented as nothing). An edit begins and ends in movie time,
//! which writers round (FFmpeg to milliseconds), so that its ends are those of the nearest frames; within it, media time
//! counts, and a sample begins at the nearest frame.
//!
//! References: QuickTime File Format, "Edit Atoms"; ISO/IEC 14496-12 8.6.6.

use super::{Edit, Invalid, MovieError, Unsupported};
use crate::units::SampleIndex;

/// The most stretches of samples and edits that are followed, and the most runs that come of it.
pub const STEPS_MAX: usize = 1 << 19;
/// The most frames on a timeline.
pub const FRAMES_MAX: u64 = 0xffff_ffff;
/// The rate of an edit that plays as it was recorded, 16.16 fixed point.
const RATE_ONE: i32 = 0x1_0000;

/// What is presented over a run of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Consecutive samples, one a frame, from this one on.
    Samples(SampleIndex),
    /// One sample, for all the frames of the run (its duration is not one frame).
    Held(SampleIndex),
    /// Nothing: an empty edit, or an edit that reaches past its media.
    Nothing,
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

    /// The first sample that is presented, if any is.
    pub fn first_sample(&self) -> Option<SampleIndex> {
        self.runs.iter().find_map(|run| match run.shown {
            Shown::Samples(sample) | Shown::Held(sample) => Some(sample),
            Shown::Nothing => None,
        })
    }
}

/// Relates movie time and media time to frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// The track, for errors.
    pub(super) track: u32,
    /// Where its edit list stands in the file, for errors.
    pub(super) elst_offset: u64,
    /// Movie ticks per second, not 0.
    pub(super) movie_timescale: u32,
    /// Media ticks per second, not 0.
    pub(super) media_timescale: u32,
    /// Media ticks per frame, not 0.
    pub(super) frame_ticks: u32,
}

impl Grid {
    /// The frame nearest to `time` in ticks of `timescale`, halves up.
    pub(super) fn frame_at(&self, time: u64, timescale: u32) -> Result<u64, MovieError> {
        let ticks = u128::from(time) * u128::from(self.media_timescale);
        let per_frame = u128::from(timescale) * u128::from(self.frame_ticks);
        let frame = ticks / per_frame + u128::from(ticks % per_frame * 2 >= per_frame);
        u64::try_from(frame).ok().filter(|&frame| frame <= FRAMES_MAX).ok_or(self.too_long())
    }

    pub(super) fn too_long(&self) -> MovieError {
        Invalid::TimelineTooLong { track: self.track, limit: FRAMES_MAX }.into()
    }

    fn too_irregular(&self) -> MovieError {
        Unsupported::TooIrregular { track: self.track, limit: STEPS_MAX }.into()
    }
}

/// The duration that most samples have, in media ticks; `None` where none has any.
pub(super) fn dominant_duration(durations: impl Iterator<Item = (u32, u32)>) -> Option<u32> {
    // Samples are counted in 32 bits, so their runs are too.
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for (count, duration) in durations.filter(|&(count, duration)| count > 0 && duration > 0) {
        match runs.last_mut() {
            Some(last) if last.0 == duration => last.1 += count,
            _ => runs.push((duration, count)),
        }
    }
    runs.sort_unstable();
    let groups = runs.chunk_by(|a, b| a.0 == b.0);
    let totals = groups.map(|group| (group.iter().map(|run| run.1).sum::<u32>(), group[0].0));
    totals.max().map(|(_, duration)| duration)
}

/// Samples of the same duration, one after another.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Media time at which the first begins.
    start: u64,
    first: u32,
    count: u32,
    duration: u32,
}

impl Stretch {
    fn end(&self) -> u64 {
        self.start + u64::from(self.count) * u64::from(self.duration)
    }
}

/// Builds the map.
pub(super) struct FrameMapBuilder {
    grid: Grid,
    stretches: Vec<Stretch>,
    /// Media time at which the last sample ends, as the file has it.
    media_end: u64,
    /// Whether the last sample has no duration, stands on the grid, and so counts as one frame.
    has_bare_last: bool,
    runs: Vec<FrameRun>,
    steps: usize,
}

impl FrameMapBuilder {
    /// Lays the samples out in media time.
    pub(super) fn new(
        grid: Grid,
        durations: impl Iterator<Item = (u32, u32)>,
    ) -> Result<Self, MovieError> {
        let mut builder = Self {
            grid,
            stretches: Vec::new(),
            media_end: 0,
            has_bare_last: false,
            runs: Vec::new(),
            steps: 0,
        };
        let (mut start, mut first) = (0_u64, 0_u32);
        for (count, duration) in durations.filter(|&(count, _)| count > 0) {
            builder.push_stretch(Stretch { start, first, count, duration });
            if builder.stretches.len() > STEPS_MAX {
                return Err(grid.too_irregular());
            }
            let length = u64::from(count) * u64::from(duration);
            start = start.checked_add(length).ok_or(grid.too_long())?;
            first = first.checked_add(count).ok_or(grid.too_long())?;
        }
        builder.media_end = start;
        if let Some(last) = builder.stretches.last_mut()
            && last.duration == 0
            && start.is_multiple_of(u64::from(grid.frame_ticks))
        {
            last.count -= 1;
            if last.count == 0 {
                builder.stretches.pop();
            }
            let duration = grid.frame_ticks;
            start.checked_add(u64::from(duration)).ok_or(grid.too_long())?;
            builder.push_stretch(Stretch { start, first: first - 1, count: 1, duration });
            builder.has_bare_last = true;
        }
        Ok(builder)
    }

    fn push_stretch(&mut self, next: Stretch) {
        match self.stretches.last_mut() {
            Some(last) if last.duration == next.duration => last.count += next.count,
            _ => self.stretches.push(next),
        }
    }

    /// Follows the edit list, or the whole media where there is none.
    pub(super) fn build(mut self, edits: &[Edit]) -> Result<FrameMap, MovieError> {
        match edits {
            [] => self.whole_media(0)?,
            // ISO/IEC 14496-12 8.6.6.1: the only edit may leave its duration open.
            [Edit { movie_duration: 0, media_time: Some(start), rate: RATE_ONE }] => {
                self.whole_media(*start)?;
            }
            _ => self.edited(edits)?,
        }
        Ok(FrameMap { runs: self.runs })
    }

    fn whole_media(&mut self, start: u64) -> Result<(), MovieError> {
        let length = self.media_end.saturating_sub(start);
        let frames = self.grid.frame_at(length, self.grid.media_timescale)?;
        self.media(start, 0, frames + u64::from(self.has_bare_last))
    }

    fn edited(&mut self, edits: &[Edit]) -> Result<(), MovieError> {
        let (mut movie_time, mut first) = (0_u64, 0);
        for (index, edit) in edits.iter().enumerate() {
            self.step()?;
            movie_time = movie_time.checked_add(edit.movie_duration).ok_or(self.grid.too_long())?;
            let end = self.grid.frame_at(movie_time, self.grid.movie_timescale)?;
            let mut count = end - first;
            match (edit.media_time, edit.rate) {
                (None, _) => self.push(first, count, Shown::Nothing),
                (Some(start), RATE_ONE) => {
                    let ticks = u128::from(count) * u128::from(self.grid.frame_ticks);
                    let reaches_end = u128::from(start) + ticks == u128::from(self.media_end);
                    let is_last = index + 1 == edits.len();
                    count += u64::from(is_last && reaches_end && self.has_bare_last);
                    self.media(start, first, count)?;
                }
                (Some(start), 0) => {
                    let shown = self.sample_at(start).map_or(Shown::Nothing, Shown::Held);
                    self.push(first, count, shown);
                }
                (Some(_), rate) => {
                    let Grid { track, elst_offset: offset, .. } = self.grid;
                    return Err(Unsupported::EditRate { track, offset, edit: index, rate }.into());
                }
            }
            first = end;
        }
        Ok(())
    }

    /// The sample that lasts at a media time.
    fn sample_at(&self, time: u64) -> Option<SampleIndex> {
        let behind = self.stretches.partition_point(|stretch| stretch.end() <= time);
        let stretch = self.stretches.get(behind)?;
        let into = (time - stretch.start) / u64::from(stretch.duration);
        Some(SampleIndex(stretch.first + u32::try_from(into).ok()?))
    }

    /// Presents media from `start` on over `count` frames from `first` on.
    fn media(&mut self, start: u64, first: u64, count: u64) -> Result<(), MovieError> {
        let ticks = i128::from(self.grid.frame_ticks);
        // The frame of the edit at which a media time begins; negative before the edit.
        let frame_of =
            |time: u64| (2 * (i128::from(time) - i128::from(start)) + ticks).div_euclid(2 * ticks);
        let span = |from: i128, to: i128| {
            let from = u64::try_from(from).unwrap_or(0).min(count);
            (from, u64::try_from(to).unwrap_or(0).min(count))
        };
        let mut covered = 0;
        let mut index = self.stretches.partition_point(|stretch| stretch.end() <= start);
        while let Some(&stretch) = self.stretches.get(index) {
            self.step()?;
            index += 1;
            let begins = frame_of(stretch.start);
            if begins >= i128::from(count) {
                break;
            }
            if stretch.duration == self.grid.frame_ticks {
                let (from, to) = span(begins, begins + i128::from(stretch.count));
                let skipped = u32::try_from(i128::from(from) - begins).unwrap_or(u32::MAX);
                let sample = SampleIndex(stretch.first.saturating_add(skipped));
                self.push(first + from, to.saturating_sub(from), Shown::Samples(sample));
                covered = covered.max(to);
                continue;
            }
            if stretch.duration == 0 {
                continue;
            }
            let duration = u64::from(stretch.duration);
            let into = start.saturating_sub(stretch.start) / duration;
            for sample in u32::try_from(into).unwrap_or(u32::MAX)..stretch.count {
                self.step()?;
                let time = stretch.start + u64::from(sample) * duration;
                let (begins, ends) = (frame_of(time), frame_of(time + duration));
                if begins >= i128::from(count) {
                    break;
                }
                let (from, to) = span(begins, ends);
                let sample = SampleIndex(stretch.first + sample);
                let is_frame = ends - begins == 1;
                let shown = if is_frame { Shown::Samples(sample) } else { Shown::Held(sample) };
                self.push(first + from, to - from, shown);
                covered = covered.max(to);
            }
        }
        self.push(first + covered, count - covered, Shown::Nothing);
        Ok(())
    }

    /// Appends a run; joins it to the one before where it continues it.
    fn push(&mut self, first_frame: u64, frame_count: u64, shown: Shown) {
        if frame_count == 0 {
            return;
        }
        if let Some(last) = self.runs.last_mut() {
            let continues = match (last.shown, shown) {
                (Shown::Samples(before), Shown::Samples(next)) => {
                    u64::from(before.0) + last.frame_count == u64::from(next.0)
                }
                (before, next) => before == Shown::Nothing && next == Shown::Nothing,
            };
            if continues {
                last.frame_count += frame_count;
                return;
            }
        }
        self.runs.push(FrameRun { first_frame, frame_count, shown });
    }

    /// Counts one step of work; every run that is pushed was counted.
    fn step(&mut self) -> Result<(), MovieError> {
        self.steps += 1;
        if self.steps > STEPS_MAX { Err(self.grid.too_irregular()) } else { Ok(()) }
    }
}
