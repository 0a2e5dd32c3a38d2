//! FCPXML's times: rational seconds, without a float.
//!
//! - In: `3600s`, `1001/24000s`.
//! - Out: [`Seconds`], in lowest terms.
//! - Holds: arithmetic is checked: what would not fit in 128 bits is not a time.
//! - Not here: what the times are for (`walk`).
//!
//! Reference: Apple, "FCPXML Reference", "Timing Attributes": 64-bit numerators over 32-bit denominators.

/// Frames that any time may have: more than a thousand years of them.
const FRAMES_MAX: i64 = 1_000_000_000_000;

/// A time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seconds {
    numerator: i128,
    /// Never 0, never negative.
    denominator: i128,
}

impl Seconds {
    pub(super) const ZERO: Self = Self { numerator: 0, denominator: 1 };

    fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?;
        Some(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// Reads a time.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().strip_suffix('s')?;
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let numerator: i64 = numerator.trim().parse().ok()?;
        let denominator: u32 = denominator.trim().parse().ok()?;
        Self::new(i128::from(numerator), i128::from(denominator))
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    pub(super) fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { numerator: other.numerator.checked_neg()?, ..other })
    }

    /// How many of `frame` it is; `None` where it is not a whole number of them.
    pub(super) fn frames(self, frame: Self) -> Option<i64> {
        let numerator = self.numerator.checked_mul(frame.denominator)?;
        let denominator = self.denominator.checked_mul(frame.numerator)?;
        if denominator <= 0 || numerator % denominator != 0 {
            return None;
        }
        i64::try_from(numerator / denominator).ok().filter(|frames| frames.abs() <= FRAMES_MAX)
    }

    /// Whether this is earlier; `None` where nobody can say.
    pub(super) fn is_before(self, other: Self) -> Option<bool> {
        Some(self.minus(other)?.numerator < 0)
    }

    pub(super) fn is_positive(self) -> bool {
        self.numerator > 0
    }

    /// How often it fits into a second, as a ratio.
    pub(super) fn per_second(self) -> Option<(u64, u64)> {
        Some((u64::try_from(self.denominator).ok()?, u64::try_from(self.numerator).ok()?))
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
