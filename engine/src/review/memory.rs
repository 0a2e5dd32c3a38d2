//! The memory of a review: one budget, divided once.
//!
//! - In: bytes of a picture's samples, of its decoded sides, of a finished one; the budget.
//! - Out: [`Share`]: how many of each.
//! - Holds: the sum is within the budget; there are samples for each picture in the making, and two finished pictures, so that
//!   one is made while the other is encoded.
//! - Not here: the pools (`intercut_io::FramePool`).

/// What one picture needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    /// Its samples, the longest ones.
    pub(super) samples: u64,
    /// Its sides, decoded.
    pub(super) decoded: u64,
    /// A finished picture.
    pub(super) finished: u64,
}

/// How many of each there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Pictures in the making.
    pub(super) at_a_time: u64,
    /// Finished pictures.
    pub(super) finished: u64,
}

/// Finished pictures for each one in the making, at most: more would only wait.
const FINISHED_PER_ONE: u64 = 6;

impl Needs {
    /// The fewest bytes with which a picture can be made.
    pub(super) fn least(&self) -> u64 {
        self.samples.saturating_add(self.decoded).saturating_add(2 * self.finished)
    }

    /// Divides a budget; `None` if it is too small.
    ///
    /// - `at_a_time`: pictures in the making, if there is room for so many.
    pub(super) fn divide(&self, budget: u64, at_a_time: u64) -> Option<Share> {
        if self.least() > budget {
            return None;
        }
        let one = (self.samples + self.decoded + 2 * self.finished).max(1);
        let at_a_time = (budget / one).clamp(1, at_a_time.max(1));
        let rest = budget - at_a_time * (self.samples + self.decoded);
        let finished = rest / self.finished.max(1);
        Some(Share { at_a_time, finished: finished.clamp(2, 1 + FINISHED_PER_ONE * at_a_time) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_is_divided_and_never_passed() {
        let needs = Needs { samples: 18_000_000, decoded: 9_000_000, finished: 3_110_400 };
        assert_eq!(needs.divide(112 << 20, 1), Some(Share { at_a_time: 1, finished: 7 }));
        for wanted in [1, 2, 16, 200] {
            for budget in [needs.least(), 40 << 20, 64 << 20, 1 << 30] {
                let Share { at_a_time, finished } = needs.divide(budget, wanted).unwrap();
                let used = at_a_time * (needs.samples + needs.decoded) + finished * needs.finished;
                assert!(used <= budget && finished >= 2, "{at_a_time} {finished}");
                assert!((1..=wanted).contains(&at_a_time), "{at_a_time}");
            }
        }
        assert_eq!(needs.divide(needs.least() - 1, 2), None);
    }
}
