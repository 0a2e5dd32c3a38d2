//! Numbers that a seed repeats.
//!
//! - In: a seed. Out: [`Random`].
//! - Holds: the same seed gives the same numbers, on every machine and in every version.
//!
//! References: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).

/// Environment variable that replaces the seed of the mutation tests, as a decimal number.
pub const SEED_VARIABLE: &str = "INTERCUT_SEED";

/// The seed of this run: that of the environment, else always the same one.
///
/// # Panics
/// Where the variable is set to something that is not a number.
pub fn run_seed() -> u64 {
    match std::env::var(SEED_VARIABLE) {
        Ok(text) => text.parse().expect("INTERCUT_SEED is a decimal number"),
        Err(_) => 0x1c07_5eed,
    }
}

/// A stream of numbers.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of one case of a run, apart from those of all the other cases.
    pub fn of_case(seed: u64, case: u64) -> Self {
        let mut run = Self { state: seed };
        Self { state: run.next() ^ Self { state: case }.next() }
    }

    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Any number.
    #[expect(clippy::should_implement_trait, reason = "a stream without an end is no iterator")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        let below = (u128::from(self.next()) * end as u128) >> 64;
        usize::try_from(below).expect("it is below a usize")
    }

    /// A number from 0 up to `limit`, in a thousand steps.
    pub fn share_of(&mut self, limit: f64) -> f64 {
        self.below(1000) as f64 / 1000.0 * limit
    }

    /// Whether something happens that happens once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of `items`, which are not empty.
    pub fn one_of<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len())]
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
