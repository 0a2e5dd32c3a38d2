//! Labels and pictures: which label has this picture, which picture has this label.
//!
//! - In: the frames at which timecode begins or jumps, and the rate of the pictures.
//! - Out: [`Labels`], which plan, link, probe, verify and the page ask.
//! - Holds: labels count pictures one by one at the nominal rate, whatever exact ratio a file states; only timecode of
//!   another nominal rate (30 over pictures at 60) counts otherwise, by the ratio of the two.
//! - Not here: where timecode begins over pictures (`movie::timecode_track`), which frame of several a clip means
//!   (`plan::clock`).

use super::{FrameRate, Timecode};

/// Frames of a stretch that are looked through: no timeline has more.
const FRAMES_MAX: u64 = 1 << 32;

/// The labels of a movie's frames.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// Rate of the pictures.
    pub pictures: FrameRate,
    /// `(first frame, its label)` of each stretch over which labels run on, in order.
    pub stretches: &'a [(u64, Timecode)],
}

impl Labels<'_> {
    /// The label of a frame by the stretch that it lies in, also of one after the end; `None` before the first stretch.
    ///
    /// If labels count at another rate than pictures, a frame has the label that began last.
    pub fn label_of(&self, frame: u64) -> Option<Timecode> {
        let after = self.stretches.partition_point(|(first, _)| *first <= frame);
        let (first, label) = self.stretches.get(after.checked_sub(1)?)?;
        Some(later(*label, frame - first, self.pictures))
    }

    /// The frames before `end` that have this label, in order: one, none where no stretch has it, several where timecode jumps
    /// back. If labels count at a lower rate than pictures, the first frame of those that have it.
    pub fn frames_of(&self, label: Timecode, end: u64) -> Vec<u64> {
        let ends = self.stretches.iter().skip(1).map(|(first, _)| *first).chain([end]);
        let mut found = Vec::new();
        for ((first, start), end) in self.stretches.iter().zip(ends) {
            let day = label.format.frames_per_day();
            let mut since = label.frames_since(*start);
            // A movie may be longer than a day.
            loop {
                let (mut pictures, is_whole) = counted(since, start.format.rate, self.pictures);
                pictures += u64::from(!is_whole);
                let frame = first.saturating_add(pictures);
                if frame >= end.min(first.saturating_add(FRAMES_MAX)) {
                    break;
                }
                if self.label_of(frame) == Some(label) {
                    found.push(frame);
                }
                since = since.saturating_add(day);
            }
        }
        found
    }
}

/// The label `frames` pictures after a picture that has `label`.
pub fn later(label: Timecode, frames: u64, pictures: FrameRate) -> Timecode {
    let (whole, _) = counted(frames, pictures, label.format.rate);
    // Within a day, so that no count is too long.
    let day = label.format.frames_per_day();
    label.add(i64::try_from(whole % day).unwrap_or(0))
}

/// Counts `frames` of one rate in frames of another by their nominal rates: whole frames, and whether nothing is left.
pub fn counted(frames: u64, from: FrameRate, to: FrameRate) -> (u64, bool) {
    let product = u128::from(frames) * u128::from(to.nominal());
    let divisor = u128::from(from.nominal());
    let whole = u64::try_from(product / divisor).unwrap_or(u64::MAX);
    (whole, product.is_multiple_of(divisor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timecode::TimecodeFormat;

    #[test]
    fn label_names_its_frame_also_through_jumps_midnight_and_drop_frame() {
        let (pictures, drop) = (FrameRate::matching(30_000, 1001).unwrap(), true);
        let format = TimecodeFormat { rate: pictures, drop_frame: drop };
        let label = |text: &str| Timecode::parse(text, format).unwrap();
        let stretches =
            [(10, label("23:59:59;28")), (100, label("01:00:59;00")), (200, label("00:00:00;00"))];
        let labels = Labels { pictures, stretches: &stretches };
        let found = |text| labels.frames_of(label(text), 300);
        assert_eq!(found("23:59:59;29"), [11]);
        assert_eq!(found("00:00:00;00"), [12, 200]);
        // The label behind :29 is ;02, since two are dropped.
        assert_eq!((found("01:00:59;29"), found("01:01:00;02")), (vec![129], vec![130]));
        assert_eq!((found("00:00:03;10"), found("02:00:00;00")), (vec![], vec![]));
        assert_eq!(labels.frames_of(label("00:00:03;09"), 300), [299]);
    }

    #[test]
    fn label_of_lower_rate_names_the_first_picture_that_has_it() {
        let [pictures, rate] = [50, 25].map(|rate| FrameRate::matching(rate, 1).unwrap());
        let format = TimecodeFormat { rate, drop_frame: false };
        let stretches = [(0, Timecode::from_frame(90_000, format))];
        let labels = Labels { pictures, stretches: &stretches };
        assert_eq!(labels.frames_of(Timecode::from_frame(90_003, format), 100), [6]);
        assert_eq!(labels.label_of(7), labels.label_of(6));
    }
}
