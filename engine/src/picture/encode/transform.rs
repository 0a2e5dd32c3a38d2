//! The cosine transform of a block, and its levels.
//!
//! - In: 8x8 samples less the middle.
//! - Out: levels, row by row.
//! - Holds: the levels are those whose inverse is nearest, but for small ones, which are held to 0 a little earlier: they cost more
//!   than they show.
//! - Not here: the order of levels (`slice`).
//!
//! References: RDD 36, 7.3 and 7.4, which this inverts.

use std::array::from_fn;
use std::sync::LazyLock;

/// Eight rows of eight.
pub(super) type Block = [[f32; 8]; 8];

/// What a coefficient is rounded up from: less than a half, so that few are 1 that are nearly 0.
const ROUNDING: f32 = 0.4;

/// The basis: `BASIS[u][x]`, so that the transform keeps lengths.
static BASIS: LazyLock<Block> = LazyLock::new(|| {
    from_fn(|u| {
        from_fn(|x| {
            let scale = if u == 0 { 0.125_f64.sqrt() } else { 0.5 };
            let angle = (2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0;
            narrow(scale * angle.cos())
        })
    })
});

#[expect(clippy::cast_possible_truncation, reason = "the nearest is meant")]
fn narrow(exact: f64) -> f32 {
    exact as f32
}

/// By what the coefficients of a block are divided for its levels, row by row: a level is worth a weight times the quantiser, in
/// quarters, at 10 bits.
pub(super) fn steps(matrix: &[u8; 64], quantiser: u8) -> [f32; 64] {
    matrix.map(|weight| 4.0 / (f32::from(weight) * f32::from(quantiser)))
}

/// Transforms a block and quantises it.
pub(super) fn levels(block: &Block, steps: &[f32; 64]) -> [i16; 64] {
    let basis = &*BASIS;
    // Rows first: each row is a sum of the basis, in eight lanes.
    let mut half = [[0.0_f32; 8]; 8];
    for (out, row) in half.iter_mut().zip(basis) {
        for (weight, samples) in row.iter().zip(block) {
            for (sum, sample) in out.iter_mut().zip(samples) {
                *sum += weight * sample;
            }
        }
    }
    let mut levels = [0; 64];
    for v in 0..8 {
        let mut sums = [0.0_f32; 8];
        for x in 0..8 {
            for u in 0..8 {
                sums[u] += half[v][x] * basis[u][x];
            }
        }
        for u in 0..8 {
            let is_dc = u == 0 && v == 0;
            levels[8 * v + u] =
                rounded(sums[u] * steps[8 * v + u], if is_dc { 0.5 } else { ROUNDING });
        }
    }
    levels
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "no coefficient of 10 bits is larger")]
fn rounded(value: f32, up: f32) -> i16 {
    let magnitude = (value.abs() + up) as i16;
    if value < 0.0 { -magnitude } else { magnitude }
}
