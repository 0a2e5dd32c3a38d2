//! Follows the edit list over the media: what every frame presents.
//!
//! - In: [`Grid`], [`Media`], the edits. Out: [`FrameMap`] and its [`FirstPicture`].
//! - Holds: runs tile `0..frame_count`; work and memory are bounded by [`STEPS_MAX`].
//! - Not here: where samples begin and end in media time (`media`).
//!
//! References: QuickTime File Format, "Edit Atoms"; ISO/IEC 14496-12 8.6.6.

use super::super::{Edit, MovieError, Unsupported};
use super::grid::Grid;
use super::media::Media;
use super::{FRAMES_MAX, FirstPicture, FrameMap, FrameRun, STEPS_MAX, Shown};
use crate::units::SampleIndex;

/// The rate of an edit that plays as it was recorded, 16.16 fixed point.
const RATE_ONE: i32 = 0x1_0000;

/// Builds the map.
pub(in crate::movie) struct FrameMapBuilder {
    grid: Grid,
    media: Media,
    runs: Vec<FrameRun>,
    first: Option<FirstPicture>,
    steps: usize,
}

impl FrameMapBuilder {
    /// Lays the samples out in media time.
    pub(in crate::movie) fn new(
        grid: Grid,
        durations: impl Iterator<Item = (u32, u32)>,
    ) -> Result<Self, MovieError> {
        let media = Media::new(grid, durations)?;
        Ok(Self { grid, media, runs: Vec::new(), first: None, steps: 0 })
    }

    /// Follows the edit list, or the whole media if there is none.
    pub(in crate::movie) fn build(
        mut self,
        edits: &[Edit],
    ) -> Result<(FrameMap, Option<FirstPicture>), MovieError> {
        match edits {
            [] => self.present(0, self.media.shown_end, 0, 0)?,
            // ISO/IEC 14496-12 8.6.6.1: the only edit may leave its duration open.
            [Edit { movie_duration: 0, media_time: Some(start), rate: RATE_ONE }] => {
                self.present(*start, self.media.shown_end, 0, 0)?;
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
                    let tick = self.grid.movie_tick_in_media();
                    let end = self.media.snapped_end(start, end, tick);
                    let start = self.media.snapped_start(start, tick);
                    self.present(start, end, begins, before)?;
                }
                (Some(start), 0) => {
                    let ends = self.frame_of_edit(movie_time)?;
                    let shown = self.media.sample_at(start).map_or(Shown::Nothing, Shown::Held);
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

    /// Presents the media from `start` to `end`, from frame `begins` on, which is at `movie_time`.
    fn present(
        &mut self,
        start: u64,
        end: u64,
        begins: u64,
        movie_time: u64,
    ) -> Result<(), MovieError> {
        let ticks = i128::from(self.grid.frame_ticks);
        let anchor = self.media.anchor(start, end, &self.grid);
        let Some(anchor) = anchor.filter(|_| start < end) else { return Ok(()) };
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
        let mut index = self.media.first_after(start);
        while let Some(stretch) = self.media.before(index, end) {
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
                self.pictures(begins + first, shown - skipped, stretch.sample(skipped), 1);
                continue;
            }
            for number in skipped..shown {
                self.step()?;
                let time = stretch.start + number * duration;
                let first = within(frame_of(time));
                let last = within(frame_of((time + duration).min(end)));
                let frames = last.saturating_sub(first).max(1);
                self.pictures(begins + first, 1, stretch.sample(number), frames);
            }
        }
        Ok(())
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
