//! Works on items on all threads, and hands on what comes of it in order.
//!
//! - In: an iterator; work that any thread can do; what is done with each result on this thread.
//! - Out: the results, in the order of the items.
//! - Holds: no more items are begun and not handed on than the caller allows. Called on a thread of the pool, it works
//!   on items itself while it waits, so that a pool of one thread comes to its end, too.
//! - Not here: what the work is.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use rayon::Yield;

/// Items that are begun for each thread, unless each of them holds much memory.
const PER_THREAD: u64 = 4;

/// How many items may be begun and not handed on, if they hold little.
pub(crate) fn usual_limit() -> u64 {
    PER_THREAD * rayon::current_num_threads() as u64
}

/// Works on every item.
///
/// - `limit`: items that may be begun and not handed on; not 0.
///
/// # Errors
/// The first error of `work` or `then`, in the order of the items; nothing behind it is handed on.
pub(crate) fn in_order<I: Send, T: Send, E: Send>(
    mut items: impl Iterator<Item = I>,
    limit: u64,
    work: impl Fn(I) -> Result<T, E> + Sync,
    mut then: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let (sender, receiver) = channel();
    let mut outcome = Ok(());
    let work = &work;
    rayon::in_place_scope_fifo(|scope| {
        let (mut begun, mut handed_on) = (0, 0);
        let mut early = BTreeMap::new();
        loop {
            while begun - handed_on < limit
                && let Some(item) = items.next()
            {
                let turn = Turn { sender: sender.clone(), nth: begun, result: None };
                scope.spawn_fifo(move |_| turn.end(work(item)));
                begun += 1;
            }
            if handed_on == begun {
                return;
            }
            let (nth, result) = next(&receiver);
            early.insert(nth, result);
            while let Some(result) = early.remove(&handed_on) {
                handed_on += 1;
                match result.map(|result| result.and_then(&mut then)) {
                    Some(Ok(())) => {}
                    Some(Err(error)) => {
                        outcome = Err(error);
                        return;
                    }
                    // The work panicked, and so will the scope.
                    None => return,
                }
            }
        }
    });
    outcome
}

/// What comes of an item, with its number; nothing if the work panicked.
type Numbered<T, E> = (u64, Option<Result<T, E>>);

/// Sends what came of an item, even if the work panicked: otherwise it would be waited for in vain.
struct Turn<T, E> {
    sender: Sender<Numbered<T, E>>,
    nth: u64,
    result: Option<Result<T, E>>,
}

impl<T, E> Turn<T, E> {
    fn end(mut self, result: Result<T, E>) {
        self.result = Some(result);
    }
}

impl<T, E> Drop for Turn<T, E> {
    fn drop(&mut self) {
        // After an error nobody wants what comes later.
        let _unwanted = self.sender.send((self.nth, self.result.take()));
    }
}

/// Waits for the next result, whichever it is.
fn next<T>(receiver: &Receiver<T>) -> T {
    loop {
        match receiver.try_recv() {
            Ok(result) => return result,
            Err(TryRecvError::Empty) if rayon::yield_now() == Some(Yield::Executed) => {}
            // Other threads are at work on everything that was begun.
            Err(_) => return receiver.recv().expect("a sender is kept for the items to come"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn in_pool<R: Send>(threads: usize, run: impl FnOnce() -> R + Send) -> R {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads can be had").install(run)
    }

    #[test]
    fn results_come_in_order_on_any_number_of_threads_and_few_are_begun() {
        for threads in [1, 2, 5] {
            let begun = AtomicU64::new(0);
            let mut seen = Vec::new();
            let items = (0..200_u64).inspect(|_| {
                begun.fetch_add(1, Ordering::Relaxed);
            });
            let work = |item: u64| {
                if item.is_multiple_of(7) {
                    std::thread::yield_now();
                }
                Ok::<_, ()>(item * 2)
            };
            let run = || {
                in_order(items, 4 * threads as u64, work, |result| {
                    seen.push(result);
                    let ahead = begun.load(Ordering::Relaxed) - seen.len() as u64;
                    assert!(ahead < 4 * threads as u64, "{ahead}");
                    Ok(())
                })
            };
            // Here as well as on a thread of the pool.
            in_pool(threads, run).expect("no item fails");
            assert!(seen.iter().copied().eq((0..200).map(|item| item * 2)));
        }
        let mut count = 0;
        let counted = |_| {
            count += 1;
            Ok(())
        };
        in_order(0..50, 1, Ok::<u64, ()>, counted).expect("no item fails");
        assert_eq!(count, 50);
    }

    #[test]
    fn first_error_in_the_order_of_the_items_ends_it() {
        let mut seen = Vec::new();
        let work = |item: u32| if item % 10 == 9 { Err(item) } else { Ok(item) };
        let then = |item| {
            seen.push(item);
            Ok(())
        };
        let result = in_pool(3, || in_order(0..100, 12, work, then));
        assert_eq!(result, Err(9));
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn panic_of_the_work_is_passed_on_and_nobody_waits_for_ever() {
        let run = || {
            in_order(
                0..100_u32,
                8,
                |item| if item == 40 { panic!("item 40") } else { Ok::<_, ()>(()) },
                Ok,
            )
        };
        let caught = std::panic::catch_unwind(|| in_pool(2, run));
        assert!(caught.is_err());
    }
}
