//! Does many things, a few at a time, in order.
//!
//! - In: how many, how many at a time, what to do.
//! - Out: what each came to.
//! - Holds: no more than that many are under way. A thread of rayon's that waits for one thing (the movies of a job, which
//!   are opened in parallel) would begin another meanwhile, and while it waits for that a third: so many jobs would be
//!   open at once, each with all its files.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What `work` comes to for each number below `count`, which are begun in order.
pub(crate) fn at_a_time<T: Send>(
    few: NonZeroUsize,
    count: usize,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    let worker = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return;
        }
        let result = work(number);
        done.lock().expect("no worker panics").push((number, result));
    };
    std::thread::scope(|scope| {
        for _ in 1..few.get().min(count) {
            scope.spawn(worker);
        }
        worker();
    });
    let mut done = done.into_inner().expect("no worker panics");
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    #[test]
    fn no_more_than_a_few_are_under_way_though_each_works_in_parallel() {
        let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |number: usize| {
            most.fetch_max(1 + under_way.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
            let wait = |_: u32| std::thread::sleep(std::time::Duration::from_micros(200));
            (0..20).into_par_iter().for_each(wait);
            under_way.fetch_sub(1, Ordering::SeqCst);
            10 * number
        };
        let results = at_a_time(NonZeroUsize::new(3).unwrap(), 40, work);
        assert_eq!(results[..4], [0, 10, 20, 30]);
        assert_eq!(results.len(), 40);
        assert!(most.into_inner() <= 3);
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        assert!(at_a_time(NonZeroUsize::MIN, 0, |number| number).is_empty());
    }
}
