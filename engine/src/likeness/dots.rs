//! Sums of products over many samples.
//!
//! - In: lists of numbers. Out: one number.
//! - Holds: sums are made in lanes, so that the compiler can use the processor's vectors; the same lists give the same sum
//!   on every machine.
//! - Not here: what they mean.

/// Sums that run side by side.
const LANES: usize = 16;

/// The sum of `a[i] * b[i]`.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The sum of `weight[i] * a[i] * b[i]`.
pub(super) fn weighted(weight: &[f32], a: &[f32], b: &[f32]) -> f32 {
    let (w_chunks, w_rest) = weight.as_chunks::<LANES>();
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [0.0_f32; LANES];
    for ((w, a), b) in w_chunks.iter().zip(a_chunks).zip(b_chunks) {
        for (((lane, w), a), b) in lanes.iter_mut().zip(w).zip(a).zip(b) {
            *lane += w * a * b;
        }
    }
    let rest: f32 = w_rest.iter().zip(a_rest).zip(b_rest).map(|((w, a), b)| w * a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

/// `sum` over the root of the two sizes; 0 where one of them is nothing.
pub(super) fn normalised(sum: f32, one: f32, other: f32) -> f32 {
    let size = one.sqrt() * other.sqrt();
    if size > 0.0 && size.is_finite() { sum / size } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_all_samples_whatever_their_number() {
        for len in [0, 1, 15, 16, 17, 100] {
            let a: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let ones = vec![1.0; len];
            let expected: f32 = (0..len).map(|i| i as f32).sum();
            assert_eq!((dot(&a, &ones), weighted(&ones, &a, &ones)), (expected, expected));
        }
        assert_eq!((normalised(3.0, 0.0, 4.0), normalised(3.0, 4.0, 9.0)), (0.0, 0.5));
    }
}
