//! How fast the pictures of a track run, whether or not its movie can be spliced.
//!
//! - In: a track and its `stts`. Out: [`PictureRate`].
//! - Not here: the frames of a movie (`frames`).

use super::frames::dominant_duration;
use super::{Outline, Track};
use crate::timecode::FrameRate;

/// How fast the pictures of a track run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PictureRate {
    /// Frames per second by the duration that most samples have; `None` if none has any, or none that can be counted.
    pub rate: Option<FrameRate>,
    /// Whether samples last differently, rounding and the last one aside.
    pub is_variable: bool,
    /// What all samples last, in media ticks.
    pub ticks: u64,
}

impl Outline {
    /// How fast the pictures of one of its tracks run. Cost: one pass over its `stts`.
    pub fn picture_rate(&self, track: &Track) -> PictureRate {
        let Ok(table) = track.table(self.header()) else {
            return PictureRate { rate: None, is_variable: false, ticks: 0 };
        };
        let ticks = table.durations().fold(0_u64, |sum, (count, duration)| {
            sum.saturating_add(u64::from(count) * u64::from(duration))
        });
        let common = dominant_duration(table.durations());
        let rate =
            common.and_then(|ticks| FrameRate::matching(track.timescale.into(), ticks.into()));
        // The last sample may last anything, and writers round to the ticks that they have.
        let mut left = u64::from(track.sample_count).saturating_sub(1);
        let is_variable = table.durations().any(|(count, duration)| {
            let is_counted = left > 0 && count > 0;
            left = left.saturating_sub(count.into());
            is_counted && common.is_some_and(|common| common.abs_diff(duration) > 1)
        });
        PictureRate { rate, is_variable, ticks }
    }
}

#[cfg(test)]
mod tests {
    use crate::movie::tests::outline_of;
    use crate::timecode::FrameRate;

    #[test]
    fn rate_is_variable_if_samples_last_differently_whatever_the_last_one_does() {
        let of = |timescale, stts: &[(u32, u32)]| {
            let outline = outline_of(timescale, stts);
            let rate = outline.picture_rate(&outline.tracks()[0]);
            (rate.rate, rate.is_variable, rate.ticks)
        };
        let pal = FrameRate::matching(25, 1);
        assert_eq!(of(600, &[(50, 24)]), (pal, false, 1200));
        assert_eq!(of(600, &[(49, 24), (1, 7)]), (pal, false, 1183));
        assert_eq!(of(600, &[(30, 24), (20, 12)]), (pal, true, 960));
        // 29.97 in whole milliseconds.
        assert!(!of(1000, &[(2, 33), (1, 34), (2, 33), (1, 34)]).1);
        assert_eq!(of(600, &[(10, 0)]), (None, false, 0));
    }
}
