//! The inverse cosine transform of a whole block.
//!
//! - In: the 64 levels of a block, column by column, and what each is multiplied by.
//! - Out: 8x8 samples.
//! - Holds: within one level of the exact transform; eight rows, then eight columns at a time, one in each lane of a vector.
//! - Not here: smaller pictures (`scaled`).
//!
//! References: RDD 36, 7.3 and Annex A (accuracy); Arai, Agui, Nakajima, "A fast DCT-SQ scheme for images", 1988.

use std::array::from_fn;

/// What the transform leaves to be multiplied into coefficient 0 to 7 of a row or column.
const AAN: [f64; 8] = [
    1.0,
    1.387_039_845_322_147_5,
    1.306_562_964_876_376_6,
    1.175_875_602_419_358_8,
    1.0,
    0.785_694_958_387_102_1,
    0.541_196_100_146_197,
    0.275_899_379_282_943_1,
];

/// By what the levels of a block are multiplied, column by column, but for the slice's own scale.
///
/// - `depth`: bits of a sample.
pub(super) fn factors(matrix: &[u8; 64], depth: u32) -> [f32; 64] {
    from_fn(|place| {
        let (x, y) = (place / 8, place % 8);
        let weight = f64::from(matrix[8 * y + x]) / 8.0 * f64::from(1_u32 << (depth - 9));
        narrow(weight * AAN[x] * AAN[y] / 8.0)
    })
}

/// The nearest number of 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "the nearest is meant")]
pub(super) fn narrow(exact: f64) -> f32 {
    exact as f32
}

/// Eight rows of eight.
type Square = [[f32; 8]; 8];

/// The transform of every column, in eight lanes.
#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "the compiler makes vectors of a loop over lanes")]
fn transform(v: &mut Square) {
    const ROOT_2: f32 = std::f32::consts::SQRT_2;
    for lane in 0..8 {
        let [a, b] = [v[0][lane] + v[4][lane], v[0][lane] - v[4][lane]];
        let c = v[2][lane] + v[6][lane];
        let d = (v[2][lane] - v[6][lane]) * ROOT_2 - c;
        let [e, f] = [v[5][lane] + v[3][lane], v[5][lane] - v[3][lane]];
        let [g, h] = [v[1][lane] + v[7][lane], v[1][lane] - v[7][lane]];
        let seventh = g + e;
        let turned = (f + h) * 1.847_759_1;
        let sixth = turned - f * 2.613_126 - seventh;
        let fifth = (g - e) * ROOT_2 - sixth;
        let fourth = turned - h * 1.082_392_2 - fifth;
        v[0][lane] = a + c + seventh;
        v[1][lane] = b + d + sixth;
        v[2][lane] = b - d + fifth;
        v[3][lane] = a - c + fourth;
        v[4][lane] = a - c - fourth;
        v[5][lane] = b - d - fifth;
        v[6][lane] = b + d - sixth;
        v[7][lane] = a + c - seventh;
    }
}

/// Transforms a block.
///
/// - `levels`, `factors`: column by column.
/// - `max`: the largest sample; the middle is half of it, rounded up.
#[inline(always)]
pub(super) fn block(levels: &[i16; 64], factors: &[f32; 64], max: u16) -> [[u16; 8]; 8] {
    let mut columns = [[0.0; 8]; 8];
    for (place, value) in columns.as_flattened_mut().iter_mut().enumerate() {
        *value = f32::from(levels[place]) * factors[place];
    }
    columns[0][0] += f32::from(max / 2 + 1);
    transform(&mut columns);
    let mut rows = [[0.0; 8]; 8];
    for y in 0..8 {
        for x in 0..8 {
            rows[y][x] = columns[x][y];
        }
    }
    transform(&mut rows);
    let mut samples = [[0; 8]; 8];
    for (sample, value) in samples.as_flattened_mut().iter_mut().zip(rows.as_flattened()) {
        *sample = nearest(*value, max.into());
    }
    samples
}

/// The nearest sample to a value.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the low bits are the number")]
pub(super) fn nearest(value: f32, max: f32) -> u16 {
    // Not `clamp`, which keeps a NaN, and so takes three instructions more.
    let low = if value > 0.0 { value } else { 0.0 };
    let held = if low < max { low } else { max };
    // At 2^23 the last bit of a number is worth 1: the addition rounds.
    (held + 8_388_608.0).to_bits() as u16
}
