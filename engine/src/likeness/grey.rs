//! The brightness of a picture, small enough to be compared many times.
//!
//! - In: a picture at an eighth of its size.
//! - Out: [`Grey`].
//! - Holds: only blocks that lie in the picture whole; a woven picture has its fields averaged; at most 256 samples across.
//! - Not here: what is compared (`motion`, `direction`).

use std::ops::Range;

use crate::picture::{CodedFrame, Planes};

/// Samples across, at most: more tell nothing more about which picture it is.
const WIDTH_MAX: usize = 256;

/// A small picture: brightness from 0 to 1, row by row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grey {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Grey {
    /// A picture of so many samples across.
    ///
    /// # Panics
    /// If the values are no rows of that width.
    pub fn new(width: usize, values: Vec<f32>) -> Self {
        let height = values.len() / width.max(1);
        assert_eq!(width * height, values.len(), "rows of {width} samples");
        Self { width, height, values }
    }

    /// Makes a small picture of a decoded one.
    ///
    /// - `planes`: the frame's brightness at an eighth.
    /// - Cost: one pass over it.
    pub fn of(frame: &CodedFrame<'_>, planes: &Planes) -> Self {
        let header = frame.header();
        let luma = &planes.luma;
        let whole = |pixels: usize, blocks: usize| (pixels / 8).min(blocks);
        let width = whole(header.width.into(), luma.width());
        let scale = 1.0 / f32::from(u16::MAX >> (16 - planes.depth.min(16)));
        let sample = |value: &u16| f32::from(*value) * scale;
        let is_interlaced = frame.is_interlaced();
        let rows = if is_interlaced {
            whole(usize::from(header.height) / 2, luma.height() / 2)
        } else {
            whole(header.height.into(), luma.height())
        };
        let row = |row: usize, into: &mut Vec<f32>| {
            into.clear();
            let samples = |row| luma.row(row)[..width].iter().map(sample);
            if is_interlaced {
                // Two rows of blocks, one of each field, are the same place.
                let pairs = samples(2 * row).zip(samples(2 * row + 1));
                into.extend(pairs.map(|(one, other)| (one + other) / 2.0));
            } else {
                into.extend(samples(row));
            }
        };
        let mut grey = Self::of_rows(width, rows, row);
        while grey.width > WIDTH_MAX {
            grey = grey.halved();
        }
        grey
    }

    /// A picture of rows that are made one after the other; half as large if it is wide, so that large pictures are never in
    /// memory whole.
    fn of_rows(width: usize, rows: usize, row: impl Fn(usize, &mut Vec<f32>)) -> Self {
        let mut lines = [Vec::with_capacity(width), Vec::with_capacity(width)];
        if width <= WIDTH_MAX {
            let mut values = Vec::with_capacity(width * rows);
            for nth in 0..rows {
                row(nth, &mut lines[0]);
                values.extend_from_slice(&lines[0]);
            }
            return if width == 0 { Self::default() } else { Self::new(width, values) };
        }
        let (width, height) = (width / 2, rows / 2);
        let mut values = Vec::with_capacity(width * height);
        for nth in 0..height {
            let [upper, lower] = &mut lines;
            row(2 * nth, upper);
            row(2 * nth + 1, lower);
            halve(upper, lower, &mut values);
        }
        Self { width, height, values }
    }

    /// Samples across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Every sample, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The picture at half its size: the means of two by two samples.
    pub(super) fn halved(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut values = Vec::with_capacity(width * height);
        for row in 0..height {
            halve(self.row(2 * row), self.row(2 * row + 1), &mut values);
        }
        Self { width, height, values }
    }

    /// A row.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..][..self.width]
    }

    /// Some of its columns and rows.
    pub(super) fn part(&self, [columns, rows]: &[Range<usize>; 2]) -> Self {
        let values = rows.clone().flat_map(|row| &self.row(row)[columns.clone()]).copied();
        let values: Vec<f32> = values.collect();
        if columns.is_empty() { Self::default() } else { Self::new(columns.len(), values) }
    }

    /// Whether it can be compared with the other sample by sample.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }

    /// Whether it is no picture: all is equally bright but for burnt-in text.
    pub(super) fn is_blank(&self) -> bool {
        /// The share of equally bright samples, at least.
        const BLANK: f32 = 0.8;
        self.flat_share() >= BLANK
    }

    /// The share of its samples that are as bright as most are, within a hundredth.
    fn flat_share(&self) -> f32 {
        /// Levels that are told apart.
        const LEVELS: usize = 100;
        let mut counts = [0_usize; LEVELS + 2];
        for value in &self.values {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1")]
            let level = (value.clamp(0.0, 1.0) * LEVELS as f32) as usize;
            counts[level] += 1;
        }
        let most = counts.windows(2).map(|pair| pair[0] + pair[1]).max().unwrap_or(0);
        most as f32 / self.values.len().max(1) as f32
    }
}

/// The means of two by two samples of two rows.
fn halve(upper: &[f32], lower: &[f32], into: &mut Vec<f32>) {
    let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
    into.extend(pairs.map(|([a, b], [c, d])| (a + b + c + d) / 4.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::color::ColorCodes;
    use crate::codec::{Chroma, Scan};
    use crate::picture::flat::{FlatFrames, FlatShape};
    use crate::picture::{Components, Size};

    #[test]
    fn half_a_picture_is_the_mean_of_its_samples_and_drops_what_is_left_over() {
        let grey = Grey::new(3, vec![0.0, 1.0, 9.0, 1.0, 2.0, 9.0, 9.0, 9.0, 9.0]);
        assert_eq!(grey.halved(), Grey::new(1, vec![1.0]));
    }

    #[test]
    fn blank_picture_is_flat_though_text_is_burnt_in() {
        let mut values = vec![0.063; 1000];
        assert!((Grey::new(40, values.clone()).flat_share() - 1.0).abs() < 1e-6);
        values[300..360].fill(0.9);
        assert!((Grey::new(40, values).flat_share() - 0.94).abs() < 1e-6);
    }

    #[test]
    fn interlaced_picture_is_seen_whole() {
        for (scan, height) in [(Scan::Progressive, 135), (Scan::TopFieldFirst, 67)] {
            let color = ColorCodes { primaries: 1, transfer: 1, matrix: 1 };
            let (chroma, alpha) = (Chroma::Half, false);
            let shape = FlatShape { width: 1920, height: 1080, chroma, scan, alpha, color };
            let frames = FlatFrames::new(&shape, None, 1).expect("a frame is made");
            let mut bytes = vec![0; usize::try_from(frames.len()).expect("a few bytes")];
            frames.fill(0, &mut bytes);
            let frame = CodedFrame::parse(&bytes).expect("a frame");
            let mut planes = Planes::default();
            frame.decode(Size::Eighth, Components::Luma, &mut planes);
            let grey = Grey::of(&frame, &planes);
            assert_eq!((grey.width(), grey.height()), (240, height));
        }
    }

    #[test]
    fn ramp_is_not_flat() {
        let values = (0..1000).map(|value| value as f32 / 1000.0).collect();
        assert!(Grey::new(40, values).flat_share() < 0.05);
    }
}
