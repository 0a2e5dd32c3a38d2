//! Frame rates as exact rationals.
//!
//! - In: a ratio as a file states it, in ticks. Out: [`FrameRate`].
//! - Holds: lowest terms; neither number is 0; the nominal rate is at most 999.

use std::fmt;

/// A standard frame rate: exact frames per second, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FrameRate {
    numerator: u32,
    denominator: u32,
}

/// For people: `25`, `30000/1001`.
impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.denominator {
            1 => write!(f, "{}", self.numerator),
            denominator => write!(f, "{}/{denominator}", self.numerator),
        }
    }
}

/// Rates that are matched although a file states them a little off: 2997/100 is 30000/1001.
const STANDARD: [FrameRate; 15] = [
    FrameRate { numerator: 24_000, denominator: 1001 },
    FrameRate { numerator: 24, denominator: 1 },
    FrameRate { numerator: 25, denominator: 1 },
    FrameRate { numerator: 30_000, denominator: 1001 },
    FrameRate { numerator: 30, denominator: 1 },
    FrameRate { numerator: 48_000, denominator: 1001 },
    FrameRate { numerator: 48, denominator: 1 },
    FrameRate { numerator: 50, denominator: 1 },
    FrameRate { numerator: 60_000, denominator: 1001 },
    FrameRate { numerator: 60, denominator: 1 },
    FrameRate { numerator: 72, denominator: 1 },
    FrameRate { numerator: 96, denominator: 1 },
    FrameRate { numerator: 100, denominator: 1 },
    FrameRate { numerator: 120_000, denominator: 1001 },
    FrameRate { numerator: 120, denominator: 1 },
];
/// Nothing counts more frames in a second.
const NOMINAL_MAX: u32 = 999;

impl FrameRate {
    /// The standard rate within 0.03 % of `numerator / denominator`, else that ratio in lowest terms. `None` for 0 or
    /// a ratio that no timecode can count (nominal rate above 999).
    pub fn matching(numerator: u64, denominator: u64) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        if let Some(standard) = STANDARD.iter().find(|rate| rate.is_near(numerator, denominator)) {
            return Some(*standard);
        }
        let divisor = greatest_common_divisor(numerator, denominator);
        let rate = Self {
            numerator: u32::try_from(numerator / divisor).ok()?,
            denominator: u32::try_from(denominator / divisor).ok()?,
        };
        (rate.nominal() <= NOMINAL_MAX).then_some(rate)
    }

    /// Frames per `denominator` seconds.
    pub fn numerator(self) -> u32 {
        self.numerator
    }

    /// Seconds per `numerator` frames.
    pub fn denominator(self) -> u32 {
        self.denominator
    }

    /// The whole rate that timecode counts at, the nearest: 30 for 30000/1001, and for 1000/33.
    pub fn nominal(self) -> u32 {
        let [numerator, denominator] = [self.numerator, self.denominator].map(u64::from);
        let nearest = (numerator + denominator / 2) / denominator;
        u32::try_from(nearest).unwrap_or(u32::MAX).max(1)
    }

    /// Whether the ratio is within 0.03 % of this rate. 24 and 24000/1001 are 0.1 % apart.
    fn is_near(self, numerator: u64, denominator: u64) -> bool {
        let stated = u128::from(numerator) * u128::from(self.denominator);
        let standard = u128::from(denominator) * u128::from(self.numerator);
        stated.abs_diff(standard) <= standard / 10_000 * 3 + standard % 10_000 * 3 / 10_000
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
