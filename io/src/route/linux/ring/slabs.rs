//! The slabs that joined writes share: each has a portion of one, one behind another.
//!
//! ```text
//! slab  │ write 5 │ write 6 │ write 7, which grows ─▶          │
//! ```
//!
//! Most writes need little of a slab. Sharing a slab keeps the memory that is in use small enough to stay in the processor's
//! caches, and no huge page is cleared for a few blocks of it.
//!
//! - In: slabs from the pool.
//! - Out: a [`Portion`] for each write that needs one; slabs back when the last write that has a portion of them is over.
//! - Holds: portions do not overlap; of the open slab only the last one grows. A slab is sealed when no portion will be added
//!   and all are complete.
//! - Not here: waiting for a slab, filling it (`ring`).

use std::ops::Range;
use std::time::Instant;

use crate::route::pool::{SLAB_LEN, Slab, SlabState};
use crate::sys::ring::{Ring, SlotId};

/// With less than this left of it, a slab takes no further write: its write would end early.
const PORTION_LEN_MIN: usize = SLAB_LEN / 8;

/// What a write has of a slab.
#[derive(Debug)]
pub(super) struct Portion {
    pub(super) slot: SlotId,
    /// Where it begins in the slab.
    start: usize,
    len: usize,
    is_complete: bool,
    pub(super) reads_left: usize,
    /// Since when it was wanted.
    pub(super) due: Instant,
    /// Whether a read failed.
    pub(super) failed: bool,
}

impl Portion {
    /// Bytes by which it can grow.
    pub(super) fn room(&self) -> usize {
        SLAB_LEN - self.start - self.len
    }
}

/// Who has a portion of a slab.
#[derive(Debug, Clone, Copy)]
struct Holders {
    state: SlabState,
    is_open: bool,
    /// Writes that are not over.
    writes: u32,
    /// Those of them whose portion is not complete.
    filling: u32,
}

/// The slabs that are in use.
#[derive(Debug, Default)]
pub(super) struct Slabs {
    /// By their slot.
    holders: Vec<Holders>,
    /// The slab that the next write has a portion of, and how far it is given away.
    open: Option<(SlotId, usize)>,
}

impl Slabs {
    /// An empty portion of the open slab; `None` where there is none with room.
    pub(super) fn next(&mut self, due: Instant) -> Option<Portion> {
        let (slot, start) = self.open.filter(|(_, start)| SLAB_LEN - start >= PORTION_LEN_MIN)?;
        Some(self.add(slot, start, due))
    }

    /// An empty portion of a slab that was not in use. Later writes have one too, unless this one needs it `alone`.
    pub(super) fn begin(
        &mut self,
        ring: &mut Ring,
        slab: Slab,
        alone: bool,
        due: Instant,
    ) -> Portion {
        let Slab { memory, state } = slab;
        let slot = ring.park(memory);
        let nobody = Holders { state, is_open: false, writes: 0, filling: 0 };
        self.holders.resize(self.holders.len().max(slot.index() + 1), nobody);
        self.holders[slot.index()] = nobody;
        if !alone {
            if let Some((full, _)) = self.open.replace((slot, 0)) {
                self.holders[full.index()].is_open = false;
                self.seal(full);
            }
            self.holders[slot.index()].is_open = true;
        }
        self.add(slot, 0, due)
    }

    fn add(&mut self, slot: SlotId, start: usize, due: Instant) -> Portion {
        let holders = &mut self.holders[slot.index()];
        holders.writes += 1;
        holders.filling += 1;
        Portion { slot, start, len: 0, is_complete: false, reads_left: 0, due, failed: false }
    }

    /// Adds `len` bytes to a portion, and says where they are in the slab.
    pub(super) fn grow(&mut self, portion: &mut Portion, len: usize) -> Range<usize> {
        assert!(len <= portion.room(), "a portion ends with its slab");
        let state = self.holders[portion.slot.index()].state;
        assert_eq!(state, SlabState::Filling, "only a slab that is being filled may be changed");
        let at = portion.start + portion.len;
        portion.len += len;
        if let Some((_, end)) = self.open.as_mut().filter(|(slot, _)| *slot == portion.slot) {
            assert_eq!(*end, at, "of the open slab only the last portion grows");
            *end += len;
        }
        at..at + len
    }

    /// Notes that all bytes of a portion are in place, to be written now.
    pub(super) fn complete(&mut self, portion: &mut Portion) {
        portion.is_complete = true;
        self.holders[portion.slot.index()].filling -= 1;
        self.seal(portion.slot);
    }

    /// Moves a slab on where it is full and complete.
    fn seal(&mut self, slot: SlotId) {
        let holders = &mut self.holders[slot.index()];
        if !holders.is_open && holders.filling == 0 {
            holders.state.move_to(SlabState::Sealed);
            holders.state.move_to(SlabState::InFlight);
        }
    }

    /// Takes the portion of a write that is over; gives the slab out where it was the last one.
    pub(super) fn release(&mut self, ring: &mut Ring, portion: Portion) -> Option<Slab> {
        let slot = portion.slot;
        let holders = &mut self.holders[slot.index()];
        holders.writes -= 1;
        holders.filling -= u32::from(!portion.is_complete);
        if holders.writes > 0 {
            if !portion.is_complete {
                self.seal(slot);
            }
            return None;
        }
        holders.is_open = false;
        self.open = self.open.filter(|(open, _)| *open != slot);
        Some(Slab { memory: ring.unpark(slot), state: self.holders[slot.index()].state })
    }
}

#[cfg(test)]
mod tests {
    use intercut_test_kit::skip;

    use super::*;
    use crate::route::pool::Pool;

    fn ring() -> Option<Ring> {
        Ring::new(4, &[-1]).inspect_err(|error| skip::note("io_uring", &error.to_string())).ok()
    }

    #[test]
    fn writes_have_shares_of_one_slab_until_it_is_nearly_full() {
        let (pool, due) = (Pool::new(0).unwrap(), Instant::now());
        let Some(mut ring) = ring() else { return };
        let mut slabs = Slabs::default();
        assert!(slabs.next(due).is_none(), "no slab is open");

        let mut one = slabs.begin(&mut ring, pool.take().0, false, due);
        assert_eq!(slabs.grow(&mut one, 4096), 0..4096);
        assert_eq!(slabs.grow(&mut one, 8192), 4096..12_288);
        slabs.complete(&mut one);
        let mut two = slabs.next(due).expect("there is room");
        assert_eq!(two.room(), SLAB_LEN - 12_288);
        assert_eq!(slabs.grow(&mut two, SLAB_LEN - 12_288 - PORTION_LEN_MIN + 4096).start, 12_288);
        assert!(slabs.next(due).is_none(), "too little is left");

        assert!(slabs.release(&mut ring, one).is_none(), "the other has a portion of it");
        let slab = slabs.release(&mut ring, two).expect("the last one is over");
        pool.put(slab);
        assert!(slabs.next(due).is_none(), "a slab that is given back is not open");
        assert_eq!(std::iter::from_fn(|| pool.try_take()).count(), 3);
    }

    #[test]
    fn slab_that_is_needed_alone_leaves_the_open_one_open() {
        let (pool, due) = (Pool::new(0).unwrap(), Instant::now());
        let Some(mut ring) = ring() else { return };
        let mut slabs = Slabs::default();
        let shared = slabs.begin(&mut ring, pool.take().0, false, due);
        let mut alone = slabs.begin(&mut ring, pool.take().0, true, due);
        assert_eq!(slabs.grow(&mut alone, SLAB_LEN), 0..SLAB_LEN);
        assert_eq!(slabs.next(due).expect("it is open").slot, shared.slot);
        assert!(slabs.release(&mut ring, alone).is_some());
    }

    #[test]
    fn slab_that_was_replaced_is_sealed_when_its_last_share_is_complete() {
        let (pool, due) = (Pool::new(0).unwrap(), Instant::now());
        let Some(mut ring) = ring() else { return };
        let mut slabs = Slabs::default();
        let mut first = slabs.begin(&mut ring, pool.take().0, false, due);
        let failed = slabs.next(due).expect("there is room");
        let second = slabs.begin(&mut ring, pool.take().0, false, due);
        assert_eq!(slabs.next(due).expect("it is open").slot, second.slot);
        slabs.complete(&mut first);
        assert_eq!(slabs.holders[first.slot.index()].state, SlabState::Filling);
        assert!(slabs.release(&mut ring, failed).is_none());
        assert_eq!(slabs.holders[first.slot.index()].state, SlabState::InFlight);
        pool.put(slabs.release(&mut ring, first).expect("the last one is over"));
    }
}
