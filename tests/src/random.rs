//! Seeded numbers for tests that choose a moment: the same for the same seed, which a failing test prints.
//!
//! References: Marsaglia, "Xorshift RNGs", 2003; Vigna, "An experimental exploration of Marsaglia's xorshift generators,
//! scrambled", 2016.

/// A stream of numbers (xorshift64*).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The stream of `seed`, which is not 0.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % limit
    }

    /// The next number, from 0 up to `limit`, in a thousand steps.
    pub fn share_of(&mut self, limit: f64) -> f64 {
        f64::from(u32::try_from(self.below(1000)).unwrap_or(0)) / 1000.0 * limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            (0..50).map(|_| random.below(10)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert!((0..10).all(|digit| numbers(7).contains(&digit)), "{:?}", numbers(7));
    }
}
