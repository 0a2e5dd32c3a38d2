//! The samples of a track in media time, as stretches of one duration.
//!
//! - In: `stts` as (count, duration). Out: [`Media`], which finds the sample at a media time.
//! - Holds: stretches follow one another without a gap; none has duration 0, except where the file says so before its
//!   last sample; a last sample without duration is given that of a frame.
//! - Not here: edits and frames (`builder`).

use super::super::MovieError;
use super::STEPS_MAX;
use super::grid::{Grid, is_near};
use crate::units::SampleIndex;

/// Samples of the same duration, one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Media time at which the first begins.
    pub(super) start: u64,
    first: u32,
    pub(super) count: u32,
    pub(super) duration: u32,
}

impl Stretch {
    fn end(&self) -> u64 {
        self.start + u64::from(self.count) * u64::from(self.duration)
    }

    /// A sample by its number in the stretch, counted from 0.
    pub(super) fn sample(&self, number: u64) -> SampleIndex {
        SampleIndex(self.first.saturating_add(u32::try_from(number).unwrap_or(u32::MAX)))
    }

    /// Media ticks from the beginning of the sample that lasts at `time` until then, and until its end.
    fn split(&self, time: u64) -> (u64, u64) {
        let into = (time - self.start) % u64::from(self.duration);
        (into, u64::from(self.duration) - into)
    }
}

/// The samples of a track.
pub(super) struct Media {
    stretches: Vec<Stretch>,
    /// Media time at which the last sample ends, as the file has it.
    end: u64,
    /// The same, if a last sample without duration is given that of a frame.
    pub(super) shown_end: u64,
}

impl Media {
    /// Lays the samples out in media time.
    pub(super) fn new(
        grid: Grid,
        durations: impl Iterator<Item = (u32, u32)>,
    ) -> Result<Self, MovieError> {
        let mut media = Self { stretches: Vec::new(), end: 0, shown_end: 0 };
        let (mut start, mut first) = (0_u64, 0_u32);
        for (count, duration) in durations.filter(|&(count, _)| count > 0) {
            media.push(Stretch { start, first, count, duration });
            if media.stretches.len() > STEPS_MAX {
                return Err(grid.too_irregular());
            }
            let length = u64::from(count) * u64::from(duration);
            start = start.checked_add(length).ok_or(grid.too_long())?;
            first = first.checked_add(count).ok_or(grid.too_long())?;
        }
        (media.end, media.shown_end) = (start, start);
        if let Some(last) = media.stretches.last_mut()
            && last.duration == 0
        {
            last.count -= 1;
            if last.count == 0 {
                media.stretches.pop();
            }
            let duration = grid.frame_ticks;
            media.shown_end = start.checked_add(u64::from(duration)).ok_or(grid.too_long())?;
            media.push(Stretch { start, first: first - 1, count: 1, duration });
        }
        Ok(media)
    }

    fn push(&mut self, next: Stretch) {
        match self.stretches.last_mut() {
            Some(last) if last.duration == next.duration => last.count += next.count,
            _ => self.stretches.push(next),
        }
    }

    /// The number of the first stretch that ends after a media time.
    pub(super) fn first_after(&self, time: u64) -> usize {
        self.stretches.partition_point(|stretch| stretch.end() <= time)
    }

    /// A stretch by its number, if it begins before `end`.
    pub(super) fn before(&self, number: usize, end: u64) -> Option<Stretch> {
        self.stretches.get(number).filter(|stretch| stretch.start < end).copied()
    }

    /// The stretch that lasts at a media time.
    fn at(&self, time: u64) -> Option<Stretch> {
        self.before(self.first_after(time), time.saturating_add(1))
    }

    /// The sample that lasts at a media time.
    pub(super) fn sample_at(&self, time: u64) -> Option<SampleIndex> {
        let stretch = self.at(time)?;
        let into = (time - stretch.start) / u64::from(stretch.duration);
        Some(SampleIndex(stretch.first + u32::try_from(into).ok()?))
    }

    /// The beginning of an edit, moved to where the next sample begins if that is less than `tick` away.
    pub(super) fn snapped_start(&self, start: u64, tick: u64) -> u64 {
        let Some(stretch) = self.at(start) else { return start };
        let (into, left) = stretch.split(start);
        if into > left && left < tick { start + left } else { start }
    }

    /// The end of an edit, moved to where a sample begins or ends if that is less than `tick` away.
    pub(super) fn snapped_end(&self, start: u64, end: u64, tick: u64) -> u64 {
        if self.end.abs_diff(end) < tick.max(1) && end > start {
            return self.shown_end;
        }
        let Some(stretch) = self.at(end) else { return end };
        match stretch.split(end) {
            (into, left) if into < tick && (left >= tick || into <= left) => end - into,
            (_, left) if left < tick => end + left,
            _ => end,
        }
    }

    /// The media time from which the frames of an edit are counted: that at which its first picture begins, without the
    /// whole frames that are cut off it. `None` if it has no picture.
    pub(super) fn anchor(&self, start: u64, end: u64, grid: &Grid) -> Option<u64> {
        let stretch = self.before(self.first_after(start), end)?;
        let (duration, ticks) = (u64::from(stretch.duration), u64::from(grid.frame_ticks));
        let Some(into) = start.checked_sub(stretch.start) else { return Some(start) };
        let begins = start - into.checked_rem(duration).unwrap_or(0);
        let cut = start - begins;
        let left = u128::from(ticks - cut % ticks);
        let tick = u128::from(grid.movie_tick_in_media());
        let next = duration > ticks && is_near(left, u128::from(ticks), tick);
        Some(begins + (cut / ticks + u64::from(next)) * ticks)
    }
}
