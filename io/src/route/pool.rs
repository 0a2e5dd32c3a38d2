//! The staged write-behind buffer: a fixed set of aligned slabs that pass from hand to hand.
//!
//! ```text
//! Free ──▶ Filling ──▶ Sealed ──▶ InFlight ──▶ Free
//! ```
//!
//! - In: a budget in bytes.
//! - Out: [`Slab`]s, page-aligned, in huge pages where there are any; who holds a slab owns its bytes.
//! - Holds: no slab is made after the pool; when all are in use the taker waits (back-pressure, not allocation). The
//!   slab that came back last goes out first: its bytes are still in the processor's caches, and what was never needed
//!   is never touched.
//! - Not here: what goes into a slab (`stage`), how it is written (`workers`, the ring).

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::measure::PoolStats;
use crate::measure::interval::{COUNTER, WORK};
use crate::measure::latency::nanoseconds_since;
use crate::sys::memory::Memory;

/// Bytes of a slab: a huge page, which the device sees as one segment; short enough that a small budget still holds
/// several. Measured on a virtual disk, raw direct reads and writes of 2.46 GB: 2 x 2 MiB in huge pages 1.90 s, 1 x 4 MiB
/// in huge pages 1.92 s, in small pages 2.92 s, 4 x 1 MiB in small pages 3.00 s.
pub(crate) const SLAB_LEN: usize = 2 << 20;

/// The fewest slabs that let one be filled while another is written, with one to spare.
const SLABS_MIN: u64 = 3;

/// Bytes of the smallest budget that a run can keep to: that many slabs, and one slab's room for what goes on beside.
pub const STAGING_MIN: u64 = (SLABS_MIN + 1) * SLAB_LEN as u64;

/// What a slab is being used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlabState {
    /// In the pool.
    Free,
    /// More may be put into it; what is complete may be being written.
    Filling,
    /// Complete: nothing more is put into it.
    Sealed,
    /// The kernel writes what it has not written yet.
    InFlight,
}

impl SlabState {
    /// Whether a slab may go from this state to `next`. A fill or a write that fails frees the slab.
    fn may_move_to(self, next: SlabState) -> bool {
        use SlabState::{Filling, Free, InFlight, Sealed};
        matches!(
            (self, next),
            (Free, Filling)
                | (Filling, Sealed | Free)
                | (Sealed, InFlight | Free)
                | (InFlight, Free)
        )
    }

    /// Moves on to `next`.
    pub(crate) fn move_to(&mut self, next: SlabState) {
        assert!(self.may_move_to(next), "a slab went from {self:?} to {next:?}");
        *self = next;
    }
}

/// A page-aligned buffer: of [`SLAB_LEN`] bytes in the staged buffer, of a frame's length where frames are read.
#[derive(Debug)]
pub(crate) struct Slab {
    pub(in crate::route) memory: Memory,
    pub(in crate::route) state: SlabState,
}

impl Slab {
    /// Some of its bytes, for filling.
    pub(crate) fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        assert_eq!(
            self.state,
            SlabState::Filling,
            "only a slab that is being filled may be changed"
        );
        self.memory.bytes_mut(range)
    }

    /// Says that it is complete.
    pub(crate) fn seal(&mut self) {
        self.state.move_to(SlabState::Sealed);
    }

    /// Some of its bytes, for writing.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.memory.bytes(range)
    }
}

/// The slabs of one run.
#[derive(Debug)]
pub(crate) struct Pool {
    free: Mutex<Vec<Slab>>,
    /// Told when a slab comes back.
    came_back: Condvar,
    slabs: u64,
    slab_len: usize,
    hits: AtomicU64,
    misses: AtomicU64,
    in_use: AtomicU64,
    high_water: AtomicU64,
}

impl Pool {
    /// As many slabs as fit into `budget` bytes, and at least a few; fewer if the process may not have so much memory.
    ///
    /// The memory is reserved here but touched only when a slab is first filled.
    ///
    /// # Errors
    /// What the system answered if there is not even memory for one.
    pub(crate) fn new(budget: u64) -> io::Result<Self> {
        Self::of_slabs((budget / SLAB_LEN as u64).max(SLABS_MIN), SLAB_LEN)
    }

    /// So many slabs of so many bytes; fewer if the process may not have so much memory.
    ///
    /// # Errors
    /// As [`Pool::new`].
    pub(crate) fn of_slabs(slabs: u64, slab_len: usize) -> io::Result<Self> {
        let mut free = Vec::new();
        for _ in 0..slabs {
            match Memory::new(slab_len) {
                Ok(memory) => free.push(Slab { memory, state: SlabState::Free }),
                Err(error) if free.is_empty() => return Err(error),
                Err(_no_more) => break,
            }
        }
        let (slabs, free) = (free.len() as u64, Mutex::new(free));
        let zero = || AtomicU64::new(0);
        let (hits, misses, in_use, high_water) = (zero(), zero(), zero(), zero());
        let came_back = Condvar::new();
        Ok(Self { free, came_back, slabs, slab_len, hits, misses, in_use, high_water })
    }

    /// A free slab, if there is one now.
    pub(crate) fn try_take(&self) -> Option<Slab> {
        let slab = self.free().pop()?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(self.taken(slab))
    }

    fn free(&self) -> MutexGuard<'_, Vec<Slab>> {
        // Nobody panics with the lock held, and a list of slabs is whole at any time.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts that somebody found no free slab and has to wait.
    pub(crate) fn count_miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    /// A free slab, waiting for one where there is none; and for how long, in nanoseconds.
    pub(crate) fn take(&self) -> (Slab, u64) {
        if let Some(slab) = self.try_take() {
            return (slab, 0);
        }
        self.count_miss();
        let _wait = tracing::trace_span!(target: WORK, "stage_wait").entered();
        let due = Instant::now();
        let mut free = self.free();
        let slab = loop {
            match free.pop() {
                Some(slab) => break slab,
                None => {
                    free = self.came_back.wait(free).unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        drop(free);
        (self.taken(slab), nanoseconds_since(due))
    }

    /// A free slab, for somebody who reads ahead and stops where there is none: that is not waiting for memory, and counts
    /// as no miss.
    pub(crate) fn take_ahead(&self) -> Slab {
        let mut free = self.free();
        loop {
            if let Some(slab) = free.pop() {
                drop(free);
                self.hits.fetch_add(1, Ordering::Relaxed);
                return self.taken(slab);
            }
            free = self.came_back.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes a slab back.
    pub(crate) fn put(&self, mut slab: Slab) {
        slab.state.move_to(SlabState::Free);
        let in_use = self.in_use.fetch_sub(1, Ordering::Relaxed) - 1;
        tracing::trace!(target: COUNTER, slabs_in_use = in_use);
        self.free().push(slab);
        self.came_back.notify_one();
    }

    /// How the pool was used so far.
    pub(crate) fn stats(&self) -> PoolStats {
        PoolStats {
            slabs: self.slabs,
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            high_water: self.high_water.load(Ordering::Relaxed),
            slab_len: self.slab_len as u64,
        }
    }

    fn taken(&self, mut slab: Slab) -> Slab {
        slab.state.move_to(SlabState::Filling);
        let in_use = self.in_use.fetch_add(1, Ordering::Relaxed) + 1;
        self.high_water.fetch_max(in_use, Ordering::Relaxed);
        tracing::trace!(target: COUNTER, slabs_in_use = in_use);
        slab
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slab_is_page_aligned_and_comes_back() {
        let pool = Pool::new(0).unwrap();
        let (mut slab, waited_ns) = pool.take();
        assert_eq!(waited_ns, 0);
        assert_eq!(slab.bytes_mut(0..SLAB_LEN).len(), 2 << 20);
        assert_eq!(slab.bytes(0..1).as_ptr().addr() % 4096, 0);
        slab.state.move_to(SlabState::Sealed);
        slab.state.move_to(SlabState::InFlight);
        pool.put(slab);
        let expected = PoolStats { slabs: 3, hits: 1, misses: 0, high_water: 1, slab_len: 2 << 20 };
        assert_eq!(pool.stats(), expected);
    }

    #[test]
    fn an_empty_pool_makes_its_taker_wait() {
        let pool = Pool::new(4 << 20).unwrap();
        let held: Vec<Slab> = (0..3).map(|_| pool.take().0).collect();
        assert!(pool.try_take().is_none());
        std::thread::scope(|scope| {
            let taker = scope.spawn(|| pool.take());
            while pool.stats().misses == 0 {
                std::thread::yield_now();
            }
            for slab in held {
                pool.put(slab);
            }
            let (slab, waited_ns) = taker.join().unwrap();
            assert!(waited_ns > 0);
            pool.put(slab);
        });
        let stats = pool.stats();
        assert_eq!((stats.hits, stats.misses, stats.high_water), (3, 1, 3));
    }

    #[test]
    fn only_the_moves_of_the_cycle_are_legal() {
        use SlabState::{Filling, Free, InFlight, Sealed};
        let all = [Free, Filling, Sealed, InFlight];
        let legal: Vec<_> = all
            .iter()
            .flat_map(|&a| all.map(|b| (a, b)))
            .filter(|(a, b)| a.may_move_to(*b))
            .collect();
        assert_eq!(
            legal,
            [
                (Free, Filling),
                (Filling, Free),
                (Filling, Sealed),
                (Sealed, Free),
                (Sealed, InFlight),
                (InFlight, Free)
            ]
        );
    }
}
