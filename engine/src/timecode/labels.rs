//! Labels and pictures: which label has this picture, which picture has this label.
//!
//! - In: the frames at which timecode begins or jumps, and the rate of the pictures.
//! - Out: [`Labels`], which plan, link, probe, verify and the page ask.
//! - Holds: labels count pictures one by one at the nominal rate, whatever exact ratio a file states; only timecode of
//!   another nominal rate (30 over pictures at 60) counts otherwise, by the ratio of the two.
//! - Not here: where timecode begins over pictures (`movie::timecode_track`), which frame of several a clip means
//!   (`plan::clock`).

use super::{FrameRate, Timecode};

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
