//! In which direction brightness changes across a picture.
//!
//! Light, contrast and most grades change how much brightness differs between neighbours, hardly in which direction. An edge is
//! taken as a line without a side, so that a negative has the same edges.
//!
//! - In: a picture; where the base moves.
//! - Out: [`Direction`], and how alike two are.
//! - Not here: changes in time (`motion`).
//!
//! References: Osadchy, Jacobs and Lindenbaum, "Surface Dependent Representations for Illumination Insensitive Image
//! Comparison", for direction under changing light; Bigün and Granlund, for the doubled angle.

use std::ops::Range;

use super::dots::{dot, normalised, weighted};
use super::grey::Grey;

/// Samples that differ by less, as a share of the range, have no direction.
const FLAT: f32 = 0.002;

/// Changes in time, as a share of the range, from which on a place counts half.
const MOVING: f32 = 0.008;

/// The direction of a picture's edges: the cosine and the sine of the doubled angle, less where there is hardly an edge.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Direction {
    cosines: Vec<f32>,
    sines: Vec<f32>,
    /// The sum of their squares.
    size: f32,
}

impl Direction {
    /// The directions of a picture. Its border has none.
    pub(super) fn of(picture: &Grey) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let (mut across, mut down) = (vec![0.0; width * height], vec![0.0_f32; width * height]);
        for row in 1..height.max(1) - 1 {
            let [above, here, below] = [row - 1, row, row + 1].map(|row| picture.row(row));
            let at = row * width;
            for column in 1..width.max(1) - 1 {
                across[at + column] = here[column + 1] - here[column - 1];
                down[at + column] = below[column] - above[column];
            }
        }
        let sizes = across.iter().zip(&down).map(|(x, y): (&f32, &f32)| (x * x + y * y).sqrt());
        let mean = sizes.sum::<f32>() / (width * height).max(1) as f32;
        let floor = (mean / 2.0).max(FLAT).powi(2);
        for (x, y) in across.iter_mut().zip(&mut down) {
            let size = *x * *x + *y * *y + floor;
            (*x, *y) = ((*x * *x - *y * *y) / size, 2.0 * *x * *y / size);
        }
        let size = dot(&across, &across) + dot(&down, &down);
        Self { cosines: across, sines: down, size }
    }

    /// The sum of the squares in some columns and rows.
    fn size_of(&self, width: usize, [columns, rows]: &[Range<usize>; 2]) -> f32 {
        let is_whole = columns.len() == width && rows.len() * width == self.cosines.len();
        if is_whole {
            return self.size;
        }
        let row = |row: usize| {
            let range = row * width + columns.start..row * width + columns.end;
            let [cosines, sines] = [&self.cosines[range.clone()], &self.sines[range]];
            dot(cosines, cosines) + dot(sines, sines)
        };
        rows.clone().map(row).sum()
    }
}

/// How much each place counts: more where the pictures of a run differ.
pub(super) fn moving(run: &[Grey]) -> Vec<f32> {
    let Some(first) = run.first() else { return Vec::new() };
    let mut lowest = first.values().to_vec();
    let mut highest = lowest.clone();
    for picture in &run[1..] {
        for ((low, high), value) in lowest.iter_mut().zip(&mut highest).zip(picture.values()) {
            *low = low.min(*value);
            *high = high.max(*value);
        }
    }
    let ranges = lowest.iter().zip(&highest).map(|(low, high)| high - low);
    ranges.map(|range| range / (range + MOVING)).collect()
}

/// How alike the directions of two runs of pictures are, from 0 (nothing in common, or at right angles) to 1.
pub(super) fn alike<'d>(
    weights: &[f32],
    one: impl Iterator<Item = &'d Direction>,
    other: impl Iterator<Item = &'d Direction>,
) -> f32 {
    let (mut sum, mut sizes) = (0.0, [0.0; 2]);
    let product = |one: &Direction, other: &Direction| {
        weighted(weights, &one.cosines, &other.cosines)
            + weighted(weights, &one.sines, &other.sines)
    };
    for (one, other) in one.zip(other) {
        sum += product(one, other);
        sizes[0] += product(one, one);
        sizes[1] += product(other, other);
    }
    normalised(sum, sizes[0], sizes[1]).max(0.0)
}

/// How alike the directions of two pictures are, the first one moved by whole samples to the right and down.
///
/// - `inside`: the columns and rows of the first one that count. What has no counterpart counts as not alike.
pub(super) fn alike_moved(
    one: &Direction,
    other: &Direction,
    width: usize,
    by: [isize; 2],
    inside: &[Range<usize>; 2],
) -> f32 {
    let height = other.cosines.len() / width.max(1);
    let [columns, rows] = [(0, width, by[0]), (1, height, by[1])].map(|(axis, len, by)| {
        let end = inside[axis].end.saturating_add_signed(by).min(len);
        inside[axis].start.saturating_add_signed(by).min(end)..end
    });
    let mut sum = 0.0;
    for row in rows {
        let from = row.wrapping_add_signed(-by[1]) * width;
        let here = row * width + columns.start..row * width + columns.end;
        let there = from.wrapping_add(columns.start).wrapping_add_signed(-by[0])
            ..from.wrapping_add(columns.end).wrapping_add_signed(-by[0]);
        sum += dot(&one.cosines[there.clone()], &other.cosines[here.clone()]);
        sum += dot(&one.sines[there], &other.sines[here]);
    }
    normalised(sum, one.size_of(width, inside), other.size).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripes(angle: f32, gain: f32) -> Grey {
        let (sine, cosine) = angle.sin_cos();
        let wave = |at: usize| {
            let (x, y) = ((at % 32) as f32, (at / 32) as f32);
            0.5 + gain * ((x * cosine + y * sine) / 2.0).sin()
        };
        Grey::new(32, (0..32 * 24).map(wave).collect())
    }

    fn compared(one: &Grey, other: &Grey) -> f32 {
        let weights = vec![1.0; one.values().len()];
        let [one, other] = [one, other].map(Direction::of);
        alike(&weights, [&one].into_iter(), [&other].into_iter())
    }

    #[test]
    fn edges_are_the_same_in_low_contrast_and_in_a_negative() {
        for gain in [0.4, 0.04, -0.4] {
            assert!(compared(&stripes(0.3, 0.4), &stripes(0.3, gain)) > 0.9, "{gain}");
        }
    }

    #[test]
    fn edges_at_right_angles_have_nothing_in_common() {
        assert!(compared(&stripes(0.0, 0.4), &stripes(std::f32::consts::FRAC_PI_2, 0.4)) < 0.1);
    }

    #[test]
    fn only_what_moves_counts() {
        let still = Grey::new(4, vec![0.5; 16]);
        let mut moved = still.clone();
        moved = Grey::new(
            4,
            moved
                .values()
                .iter()
                .enumerate()
                .map(|(at, v)| if at == 5 { 0.9 } else { *v })
                .collect(),
        );
        let weights = moving(&[still, moved]);
        assert!(weights[5] > 0.9 && weights[6] == 0.0);
    }
}
