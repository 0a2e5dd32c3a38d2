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

    /// The frame in which a movie time lies, or the next one if that begins within a quarter of a frame (and a tick of
    /// movie time, to which writers round).
    fn frame_in(&self, movie_time: u64) -> Result<u64, MovieError> {
        let ticks = u128::from(movie_time) * u128::from(self.media_timescale);
        let per_frame = u128::from(self.movie_timescale) * u128::from(self.frame_ticks);
        let left = per_frame - ticks % per_frame;
        let frame = ticks / per_frame + u128::from(is_near(left, per_frame, self.movie_tick()));
        u64::try_from(frame).ok().filter(|&frame| frame <= FRAMES_MAX).ok_or(self.too_long())
    }

    /// A tick of movie time, in the unit in which a frame is `movie_timescale * frame_ticks` long.
    fn movie_tick(&self) -> u128 {
        u128::from(self.media_timescale)
    }

    /// A tick of movie time in ticks of the media, rounded up.
    fn movie_tick_in_media(&self) -> u64 {
        u64::from(self.media_timescale.div_ceil(self.movie_timescale))
    }

    pub(super) fn too_long(&self) -> MovieError {
        Invalid::TimelineTooLong { track: self.track, limit: FRAMES_MAX }.into()
    }

    fn too_irregular(&self) -> MovieError {
        Unsupported::TooIrregular { track: self.track, limit: STEPS_MAX }.into()
    }
}

/// Whether what is `left` of a frame is so little that the next frame counts: a quarter, and a tick, but not half.
pub(super) fn is_near(left: u128, frame: u128, tick: u128) -> bool {
    left.saturating_mul(4) <= frame.saturating_add(tick.saturating_mul(4))
        && left.saturating_mul(2) < frame
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
    /// The same, if a last sample without duration is given that of a frame.
    shown_end: u64,
    runs: Vec<FrameRun>,
    first: Option<FirstPicture>,
    steps: usize,
}

impl FrameMapBuilder {
    /// Lays the samples out in media time.
    pub(super) fn new(
        grid: Grid,
        durations: impl Iterator<Item = (u32, u32)>,
    ) -> Result<Self, MovieError> {
        let (runs, stretches) = (Vec::new(), Vec::new());
        let mut builder =
            Self { grid, stretches, media_end: 0, shown_end: 0, runs, first: None, steps: 0 };
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
        (builder.media_end, builder.shown_end) = (start, start);
        if let Some(last) = builder.stretches.last_mut()
            && last.duration == 0
        {
            last.count -= 1;
            if last.count == 0 {
                builder.stretches.pop();
            }
            let duration = grid.frame_ticks;
            builder.shown_end = start.checked_add(u64::from(duration)).ok_or(grid.too_long())?;
            builder.push_stretch(Stretch { start, first: first - 1, count: 1, duration });
        }
        Ok(builder)
    }

    fn push_stretch(&mut self, next: Stretch) {
        match self.stretches.last_mut() {
            Some(last) if last.duration == next.duration => last.count += next.count,
            _ => self.stretches.push(next),
        }
    }

    /// Follows the edit list, or the whole media if there is none.
    pub(super) fn build(
        mut self,
        edits: &[Edit],
    ) -> Result<(FrameMap, Option<FirstPicture>), MovieError> {
        match edits {
            [] => self.media(0, self.shown_end, 0, 0)?,
            // ISO/IEC 14496-12 8.6.6.1: the only edit may leave its duration open.
            [Edit { movie_duration: 0, media_time: Some(start), rate: RATE_ONE }] => {
                self.media(*start, self.shown_end, 0, 0)?;
            }
            _ => self.edited(edits)?,
        }
        if self.end() > FRAMES_MAX + 1 {
            return Err(self.grid.too_long());
        }
        Ok((FrameMap { runs: self.runs }, self.first))
    }

    fn edited(&mut self, edits: &[Edit]) -> Result<(), MovieError> {
        let mut movie_time = 0_u64;
        for (index, edit) in edits.iter().enumerate() {
            self.step()?;
            let begins = self.frame_of_edit(movie_time)?;
            movie_time = movie_time.checked_add(edit.movie_duration).ok_or(self.grid.too_long())?;
            match (edit.media_time, edit.rate) {
                (Some(start), RATE_ONE) => {
                    let length = u128::from(edit.movie_duration)
                        * u128::from(self.grid.media_timescale)
                        / u128::from(self.grid.movie_timescale);
                    let end = u64::try_from(u128::from(start) + length)
                        .map_err(|_| self.grid.too_long())?;
                    let before = movie_time - edit.movie_duration;
                    let (start, end) = (self.first_shown(start), self.snapped(start, end));
                    self.media(start, end, begins, before)?;
                }
                (Some(start), 0) => {
                    let ends = self.frame_of_edit(movie_time)?;
                    let shown = self.sample_at(start).map_or(Shown::Nothing, Shown::Held);
                    let begins = begins.max(self.end());
                    self.push(begins, ends.saturating_sub(begins), shown);
                }
                (Some(_), rate) => {
                    let Grid { track, elst_offset: offset, .. } = self.grid;
                    return Err(Unsupported::EditRate { track, offset, edit: index, rate }.into());
                }
                (None, _) => {}
            }
            let ends = self.frame_of_edit(movie_time)?;
            let from = self.end().max(begins);
            self.push(from, ends.saturating_sub(from), Shown::Nothing);
        }
        Ok(())
    }

    /// The frame at which an edit begins that begins at a movie time: counted from the first picture, if there was one.
    fn frame_of_edit(&self, movie_time: u64) -> Result<u64, MovieError> {
        match self.first {
            None => self.grid.frame_in(movie_time),
            Some(first) => {
                let since = movie_time.saturating_sub(first.movie_time);
                Ok(first.frame + self.grid.frame_at(since, self.grid.movie_timescale)?)
            }
        }
    }

    /// The end of an edit in media time, moved to where a sample begins or ends if that is less than a tick of movie time
    /// away.
    fn snapped(&self, start: u64, end: u64) -> u64 {
        let tick = self.grid.movie_tick_in_media();
        if self.media_end.abs_diff(end) < tick.max(1) && end > start {
            return self.shown_end;
        }
        let behind = self.stretches.partition_point(|stretch| stretch.end() <= end);
        let Some(stretch) = self.stretches.get(behind).filter(|stretch| stretch.start <= end)
        else {
            return end;
        };
        let into = (end - stretch.start) % u64::from(stretch.duration);
        let left = u64::from(stretch.duration) - into;
        match (into < tick, left < tick) {
            (true, false) => end - into,
            (false, true) => end + left,
            (true, true) if into <= left => end - into,
            (true, true) => end + left,
            (false, false) => end,
        }
    }

    /// The beginning of an edit in media time, moved to where the next sample begins if that is less than a tick of
    /// movie time away.
    fn first_shown(&self, start: u64) -> u64 {
        let behind = self.stretches.partition_point(|stretch| stretch.end() <= start);
        let Some(stretch) = self.stretches.get(behind).filter(|stretch| stretch.start <= start)
        else {
            return start;
        };
        let into = (start - stretch.start) % u64::from(stretch.duration);
        let left = u64::from(stretch.duration) - into;
        if into > left && left < self.grid.movie_tick_in_media() { start + left } else { start }
    }

    /// The sample that lasts at a media time.
    fn sample_at(&self, time: u64) -> Option<SampleIndex> {
        let behind = self.stretches.partition_point(|stretch| stretch.end() <= time);
        let stretch = self.stretches.get(behind).filter(|stretch| stretch.start <= time)?;
        let into = (time - stretch.start) / u64::from(stretch.duration);
        Some(SampleIndex(stretch.first + u32::try_from(into).ok()?))
    }

    /// Presents the media from `start` to `end`, from frame `begins` on, which is at `movie_time`.
    fn media(
        &mut self,
        start: u64,
        end: u64,
        begins: u64,
        movie_time: u64,
    ) -> Result<(), MovieError> {
        let ticks = i128::from(self.grid.frame_ticks);
        let Some(anchor) = self.anchor(start, end).filter(|_| start < end) else { return Ok(()) };
        if self.first.is_none() {
            let cut = start.saturating_sub(anchor);
            self.first = Some(FirstPicture { frame: begins, movie_time, cut });
        }
        // The frame of the edit at which a media time begins; negative before the edit. About half a frame counts as the
        // earlier one, so that pictures at twice the rate crowd the frame in which they begin.
        let frame_of = |time: u64| {
            (20 * (i128::from(time) - i128::from(anchor)) + 9 * ticks).div_euclid(20 * ticks)
        };
        let within = |frame: i128| u64::try_from(frame).unwrap_or(0);
        let mut index = self.stretches.partition_point(|stretch| stretch.end() <= start);
        while let Some(&stretch) = self.stretches.get(index).filter(|next| next.start < end) {
            self.step()?;
            index += 1;
            let duration = u64::from(stretch.duration);
            let skipped = start.saturating_sub(stretch.start).checked_div(duration).unwrap_or(0);
            let shown = (end - stretch.start)
                .checked_sub(1)
                .and_then(|last| last.checked_div(duration))
                .map_or(u64::from(stretch.count), |last| (last + 1).min(u64::from(stretch.count)));
            if stretch.duration == self.grid.frame_ticks {
                let first = within(frame_of(stretch.start + skipped * duration));
                self.pictures(begins + first, shown - skipped, sample(stretch, skipped), 1);
                continue;
            }
            for number in skipped..shown {
                self.step()?;
                let time = stretch.start + number * duration;
                let first = within(frame_of(time));
                let last = within(frame_of((time + duration).min(end)));
                let frames = last.saturating_sub(first).max(1);
                self.pictures(begins + first, 1, sample(stretch, number), frames);
            }
        }
        Ok(())
    }

    /// The media time from which the frames of an edit are counted: that at which its first picture begins, whole frames
    /// that are cut off it left out. `None` if it has no picture.
    fn anchor(&self, start: u64, end: u64) -> Option<u64> {
        let behind = self.stretches.partition_point(|stretch| stretch.end() <= start);
        let stretch = self.stretches.get(behind).filter(|stretch| stretch.start < end)?;
        let (duration, ticks) = (u64::from(stretch.duration), u64::from(self.grid.frame_ticks));
        let Some(into) = start.checked_sub(stretch.start) else { return Some(start) };
        let begins = start - into.checked_rem(duration).unwrap_or(0);
        let cut = start - begins;
        let left = u128::from(ticks - cut % ticks);
        let tick = u128::from(self.grid.movie_tick_in_media());
        let next = duration > ticks && is_near(left, u128::from(ticks), tick);
        Some(begins + (cut / ticks + u64::from(next)) * ticks)
    }

    /// The frame after the last run.
    fn end(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.first_frame + run.frame_count)
    }

    /// Appends `count` pictures of `frames` frames each. If the frame of the first one is taken, the two crowd it.
    fn pictures(&mut self, first_frame: u64, count: u64, sample: SampleIndex, frames: u64) {
        let (mut first_frame, mut count, mut sample) = (first_frame, count, sample);
        if let Some(first) = self.taken(first_frame) {
            let shown = Shown::Crowded { first, second: sample };
            self.push(first_frame, frames, shown);
            first_frame += frames;
            count -= 1;
            sample.0 += 1;
        }
        let shown = if frames == 1 { Shown::Samples(sample) } else { Shown::Held(sample) };
        self.push(first_frame, count * frames, shown);
    }

    /// The sample that has a frame already, whose run then ends before that frame.
    fn taken(&mut self, frame: u64) -> Option<SampleIndex> {
        let last = self.runs.last_mut()?;
        let into = frame.checked_sub(last.first_frame).filter(|into| *into < last.frame_count)?;
        let taken = match last.shown {
            Shown::Samples(SampleIndex(first)) => {
                Some(SampleIndex(first.saturating_add(u32::try_from(into).unwrap_or(u32::MAX))))
            }
            other => other.first_sample(),
        };
        last.frame_count = into;
        if into == 0 {
            self.runs.pop();
        }
        taken
    }

    /// Appends a run, after nothing if there is room before it; joins it to the one before if it continues that.
    fn push(&mut self, first_frame: u64, frame_count: u64, shown: Shown) {
        let end = self.end();
        if frame_count == 0 {
            return;
        }
        if first_frame > end {
            self.runs.push(FrameRun {
                first_frame: end,
                frame_count: first_frame - end,
                shown: Shown::Nothing,
            });
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

/// A sample of a stretch.
fn sample(stretch: Stretch, number: u64) -> SampleIndex {
    SampleIndex(stretch.first.saturating_add(u32::try_from(number).unwrap_or(u32::MAX)))
}
