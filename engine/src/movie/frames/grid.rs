//! Relates movie time and media time to frames: which frame is nearest, and which begins next.
//!
//! - In: the two timescales and the ticks of a frame. Out: [`Grid`].
//! - Holds: integers only; no frame is past [`FRAMES_MAX`].
//! - Not here: which sample a frame presents (`builder`).

use super::super::{Invalid, MovieError, Unsupported};
use super::{FRAMES_MAX, STEPS_MAX};

/// Relates movie time and media time to frames.
#[derive(Debug, Clone, Copy)]
pub(in crate::movie) struct Grid {
    /// The track, for errors.
    pub(in crate::movie) track: u32,
    /// Where its edit list is in the file, for errors.
    pub(in crate::movie) elst_offset: u64,
    /// Movie ticks per second, not 0.
    pub(in crate::movie) movie_timescale: u32,
    /// Media ticks per second, not 0.
    pub(in crate::movie) media_timescale: u32,
    /// Media ticks per frame, not 0.
    pub(in crate::movie) frame_ticks: u32,
}

impl Grid {
    /// The frame nearest to `time` in ticks of `timescale`, halves up.
    pub(in crate::movie) fn frame_at(&self, time: u64, timescale: u32) -> Result<u64, MovieError> {
        let ticks = u128::from(time) * u128::from(self.media_timescale);
        let per_frame = u128::from(timescale) * u128::from(self.frame_ticks);
        let frame = ticks / per_frame + u128::from(ticks % per_frame * 2 >= per_frame);
        u64::try_from(frame).ok().filter(|&frame| frame <= FRAMES_MAX).ok_or(self.too_long())
    }

    /// The frame in which a movie time lies, or the next one if that begins within a quarter of a frame (and a tick of
    /// movie time, to which writers round).
    pub(super) fn frame_in(&self, movie_time: u64) -> Result<u64, MovieError> {
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
    pub(super) fn movie_tick_in_media(&self) -> u64 {
        u64::from(self.media_timescale.div_ceil(self.movie_timescale))
    }

    pub(in crate::movie) fn too_long(&self) -> MovieError {
        Invalid::TimelineTooLong { track: self.track, limit: FRAMES_MAX }.into()
    }

    pub(super) fn too_irregular(&self) -> MovieError {
        Unsupported::TooIrregular { track: self.track, limit: STEPS_MAX }.into()
    }
}

/// Whether what is `left` of a frame is so little that the next frame counts: a quarter, and a tick, but not half.
pub(in crate::movie) fn is_near(left: u128, frame: u128, tick: u128) -> bool {
    left.saturating_mul(4) <= frame.saturating_add(tick.saturating_mul(4))
        && left.saturating_mul(2) < frame
}

/// The duration that most samples have, in media ticks; `None` where none has any.
pub(in crate::movie) fn dominant_duration(
    durations: impl Iterator<Item = (u32, u32)>,
) -> Option<u32> {
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
