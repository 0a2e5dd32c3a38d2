//! What changes from one picture to the next.
//!
//! Two consecutive pictures are specific where one is not: what moved, and where, is the same in a clip and in the base that it
//! was graded from, and is like nothing else, not even a frame earlier.
//!
//! - In: two consecutive pictures.
//! - Out: [`Motion`], and how alike two runs of them are.
//! - Holds: a change of the whole picture's brightness counts nothing. Large changes count less than they are, so that one
//!   bright light does not decide.
//! - Not here: what a picture shows by itself (`direction`).

use super::dots::{dot, normalised};
use super::grey::Grey;

/// From how many times the mean on a change is large.
const LARGE: f32 = 4.0;

/// Changes below this, as a share of the range, are what rounding leaves.
const STILL: f32 = 0.000_25;

/// The change between two consecutive pictures.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Motion {
    values: Vec<f32>,
    /// The sum of their squares; 0 if nothing moves.
    energy: f32,
}

impl Motion {
    /// The change from one picture to the other, which has the same size.
    pub(super) fn between(one: &Grey, other: &Grey) -> Self {
        let pairs = one.values().iter().zip(other.values());
        let mut values: Vec<f32> = pairs.map(|(one, other)| other - one).collect();
        let count = values.len().max(1) as f32;
        let mean = values.iter().sum::<f32>() / count;
        values.iter_mut().for_each(|value| *value -= mean);
        let size = values.iter().map(|value| value.abs()).sum::<f32>() / count;
        if size < STILL {
            return Self { values, energy: 0.0 };
        }
        let large = LARGE * size;
        values.iter_mut().for_each(|value| *value /= 1.0 + value.abs() / large);
        let energy = dot(&values, &values);
        Self { values, energy }
    }

    /// Whether anything changes.
    pub(super) fn moves(&self) -> bool {
        self.energy > 0.0
    }
}

/// How alike the changes of two runs of pictures are, from 0 to 1. A grade may turn bright into dark, so the sign says nothing.
pub(super) fn alike<'m>(
    one: impl Iterator<Item = &'m Motion>,
    other: impl Iterator<Item = &'m Motion>,
) -> f32 {
    let (mut sum, mut sizes) = (0.0, [0.0; 2]);
    for (one, other) in one.zip(other) {
        sizes[0] += one.energy;
        sizes[1] += other.energy;
        if one.moves() && other.moves() {
            sum += dot(&one.values, &other.values);
        }
    }
    normalised(sum, sizes[0], sizes[1]).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 16 x 8 samples with a bright square of 3 x 3 whose left edge is at `x`.
    fn square(x: usize, gain: f32, offset: f32) -> Grey {
        let lit = |at: usize| (x..x + 3).contains(&(at % 16)) && (2..5).contains(&(at / 16));
        Grey::new(16, (0..128).map(|at| offset + if lit(at) { gain } else { 0.0 }).collect())
    }

    fn motion(from: usize, gain: f32) -> Motion {
        Motion::between(&square(from, gain, 0.1), &square(from + 1, gain, 0.2))
    }

    #[test]
    fn same_motion_is_alike_whatever_the_contrast_and_the_sign() {
        let base = motion(4, 0.5);
        for gain in [0.5, 0.05, -0.3] {
            let clip = motion(4, gain);
            assert!(alike([&base].into_iter(), [&clip].into_iter()) > 0.99, "{gain}");
        }
        let later = motion(8, 0.5);
        assert!(alike([&base].into_iter(), [&later].into_iter()) < 0.3);
    }

    #[test]
    fn flash_of_the_whole_picture_is_no_motion() {
        let flash = Motion::between(&square(4, 0.5, 0.1), &square(4, 0.5, 0.4));
        assert!(!flash.moves());
    }
}
