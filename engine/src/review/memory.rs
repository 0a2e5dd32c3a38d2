//! The memory of a review: one budget, divided once.
//!
//! - In: bytes of the longest sample, of the largest decoded picture, of a finished one; the budget.
//! - Out: [`Share`]: how many of each.
//! - Holds: the sum is within the budget; there is at least one for each thread that works, and two finished pictures, so that one is
//!   made while the other is encoded.
//! - Not here: the pools (`intercut_io::FramePool`).

/// What one picture needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needs {
    /// The longest sample.
    pub(super) sample: u64,
    /// The largest decoded picture.
    pub(super) decoded: u64,
    /// A finished picture.
    pub(super) finished: u64,
}

/// How many of each there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// Samples, each with a decoded picture: so many threads work at a time.
    pub(super) workers: u64,
    /// Finished pictures.
    pub(super) finished: u64,
}

/// Finished pictures for each worker, at most: more would only wait.
const FINISHED_PER_WORKER: u64 = 3;

impl Needs {
    /// The fewest bytes with which a picture can be made.
    pub(super) fn least(&self) -> u64 {
        self.sample.saturating_add(self.decoded).saturating_add(2 * self.finished)
    }

    /// Divides a budget; `None` if it is too small.
    pub(super) fn divide(&self, budget: u64, threads: u64) -> Option<Share> {
        if self.least() > budget {
            return None;
        }
        let one = (self.sample + self.decoded + 2 * self.finished).max(1);
        let workers = (budget / one).clamp(1, threads.max(1));
        let rest = budget - workers * (self.sample + self.decoded);
        let finished = rest / self.finished.max(1);
        Some(Share { workers, finished: finished.clamp(2, 1 + FINISHED_PER_WORKER * workers) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_is_divided_and_never_passed() {
        let needs = Needs { sample: 9_000_000, decoded: 4_500_000, finished: 3_110_400 };
        assert_eq!(needs.divide(112 << 20, 2), Some(Share { workers: 2, finished: 7 }));
        for threads in [1, 2, 16, 200] {
            for budget in [needs.least(), 30 << 20, 64 << 20, 1 << 30] {
                let Share { workers, finished } = needs.divide(budget, threads).unwrap();
                let used = workers * (needs.sample + needs.decoded) + finished * needs.finished;
                assert!(used <= budget && workers >= 1 && finished >= 2, "{workers} {finished}");
            }
        }
        assert_eq!(needs.divide(needs.least() - 1, 2), None);
    }
}
