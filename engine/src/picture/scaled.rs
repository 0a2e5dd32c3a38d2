//! Blocks at a half, a quarter and an eighth of their size, from their low frequencies alone.
//!
//! A block's low frequencies are, but for a factor, the coefficients of a transform of four, two or one samples. So a smaller
//! picture is low-passed as the transform does it; only at an eighth is it the mean of what the whole picture has there.
//!
//! - In: the first 16, 4 or 1 levels of a block, row by row, and what each is multiplied by.
//! - Out: 4x4, 2x2 or 1 samples.
//! - Not here: whole blocks (`idct`).
//!
//! References: RDD 36, 7.3; the scan's order, which has the low frequencies first, is that of RDD 36, 7.2.

use std::array::from_fn;
use std::f64::consts::FRAC_1_SQRT_2;

use super::idct::{narrow, nearest};

/// By what the levels of a block of `side` x `side` are multiplied, row by row, but for the slice's own scale.
///
/// - `depth`: bits of a sample.
pub(super) fn factors(matrix: &[u8; 64], side: usize, depth: u32) -> [f32; 64] {
    let depth_scale = f64::from(1_u32 << (depth - 9));
    // The norm of the basis in one dimension.
    let norm = |frequency: usize| match (side, frequency) {
        (4, 0) => 0.5,
        (1, _) => 1.0,
        _ => FRAC_1_SQRT_2,
    };
    from_fn(|place| {
        let (x, y) = (place % side, place / side);
        if y >= side {
            return 0.0;
        }
        let weight = f64::from(matrix[8 * y + x]) / 8.0 * depth_scale;
        narrow(weight * norm(x) * norm(y) * side as f64 / 8.0)
    })
}

/// A block at half its size.
#[inline(always)]
pub(super) fn half(levels: &[i16; 16], factors: &[f32; 16], max: u16) -> [[u16; 4]; 4] {
    let mut rows: [[f32; 4]; 4] =
        from_fn(|y| from_fn(|x| f32::from(levels[4 * y + x]) * factors[4 * y + x]));
    rows[0][0] += f32::from(max / 2 + 1);
    let columns: [[f32; 4]; 4] = from_fn(|x| four(from_fn(|y| rows[y][x])));
    from_fn(|y| four(from_fn(|x| columns[x][y])).map(|value| nearest(value, max.into())))
}

/// The transform of four samples in one dimension.
#[inline(always)]
fn four(v: [f32; 4]) -> [f32; 4] {
    // The cosines of an eighth and three eighths of pi.
    const ONE: f32 = 0.923_879_5;
    const THREE: f32 = 0.382_683_43;
    let middle = v[2] * std::f32::consts::FRAC_1_SQRT_2;
    let [outer, inner] = [v[0] + middle, v[0] - middle];
    let [odd_outer, odd_inner] = [v[1] * ONE + v[3] * THREE, v[1] * THREE - v[3] * ONE];
    [outer + odd_outer, inner + odd_inner, inner - odd_inner, outer - odd_outer]
}

/// A block at a quarter of its size.
#[inline(always)]
pub(super) fn quarter(levels: &[i16; 4], factors: &[f32; 4], max: u16) -> [[u16; 2]; 2] {
    let [a, b, c, d]: [f32; 4] = from_fn(|place| f32::from(levels[place]) * factors[place]);
    let mean = a + f32::from(max / 2 + 1);
    let [left, right] = [mean + b, mean - b];
    [[left + (c + d), right + (c - d)], [left - (c + d), right - (c - d)]]
        .map(|row| row.map(|value| nearest(value, max.into())))
}

/// A block at an eighth of its size: its mean.
#[inline(always)]
pub(super) fn eighth(levels: &[i16; 1], factors: &[f32; 1], max: u16) -> u16 {
    let value = f32::from(max / 2 + 1) + f32::from(levels[0]) * factors[0];
    nearest(value, max.into())
}
