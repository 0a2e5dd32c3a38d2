//! Slabs that ranges share: each range has a part, one behind another.
//!
//! ```text
//! slab  │ range 5 │ range 6 │ range 7, which grows ─▶          │
//! ```
//!
//! Most ranges need little of a slab. Sharing keeps the memory that is in use small enough to stay in the processor's
//! caches, and no huge page is cleared for a few blocks of it.
//!
//! - In: slabs from the pool.
//! - Out: a [`Share`] for each range that needs one; slabs back when the last range that has a part of them is over.
//! - Holds: parts do not overlap; only the last part of the open slab grows. A slab is sealed when no part will be added
//!   and all are complete.
//! - Not here: waiting for a slab, filling it (`ring`).

use std::ops::Range;
use std::time::Instant;

use crate::slab::{SLAB_LEN, Slab, State};
use crate::sys::ring::{Ring, SlotId};

/// With less than this left of it, a slab takes no further range: its write would end early.
const PART_LEN_MIN: usize = SLAB_LEN / 8;

/// The part of a slab that a range has.
#[derive(Debug)]
pub(super) struct Share {
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

impl Share {
    /// Bytes by which it can grow.
    pub(super) fn room(&self) -> usize {
        SLAB_LEN - self.start - self.len
    }
}

/// Who has parts of a slab.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    is_open: bool,
    /// Ranges that are not over.
    ranges: u32,
    /// Those of them whose part is not complete.
    filling: u32,
}

/// The slabs that are in use.
#[derive(Debug, Default)]
pub(super) struct Shares {
    /// By their slot.
    parts: Vec<Parts>,
    /// The slab that the next range has a part of, and how far it is given away.
    open: Option<(SlotId, usize)>,
}

impl Shares {
    /// An empty part of the open slab; `None` where there is none with room.
    pub(super) fn next(&mut self, due: Instant) -> Option<Share> {
        let (slot, start) = self.open.filter(|(_, start)| SLAB_LEN - start >= PART_LEN_MIN)?;
        Some(self.add(slot, start, due))
    }

    /// An empty part of a slab that was not in use. Later ranges have parts of it too, unless this one needs it `alone`.
    pub(super) fn begin(
        &mut self,
        ring: &mut Ring,
        slab: Slab,
        alone: bool,
        due: Instant,
    ) -> Share {
        let slot = ring.park(slab);
        self.parts.resize(self.parts.len().max(slot.index() + 1), Parts::default());
        if !alone {
            if let Some((full, _)) = self.open.replace((slot, 0)) {
                self.parts[full.index()].is_open = false;
                self.seal(ring, full);
            }
            self.parts[slot.index()].is_open = true;
        }
        self.add(slot, 0, due)
    }

    fn add(&mut self, slot: SlotId, start: usize, due: Instant) -> Share {
        let parts = &mut self.parts[slot.index()];
        parts.ranges += 1;
        parts.filling += 1;
        Share { slot, start, len: 0, is_complete: false, reads_left: 0, due, failed: false }
    }

    /// Adds `len` bytes to a part, and says where they are in the slab.
    pub(super) fn grow(&mut self, share: &mut Share, len: usize) -> Range<usize> {
        assert!(len <= share.room(), "a part ends with its slab");
        let at = share.start + share.len;
        share.len += len;
        if let Some((_, end)) = self.open.as_mut().filter(|(slot, _)| *slot == share.slot) {
            assert_eq!(*end, at, "only the last part grows");
            *end += len;
        }
        at..at + len
    }

    /// Notes that all bytes of a part are in place, to be written now.
    pub(super) fn complete(&mut self, ring: &mut Ring, share: &mut Share) {
        share.is_complete = true;
        self.parts[share.slot.index()].filling -= 1;
        self.seal(ring, share.slot);
    }

    /// Moves a slab on where it is full and complete.
    fn seal(&self, ring: &mut Ring, slot: SlotId) {
        let parts = &self.parts[slot.index()];
        if !parts.is_open && parts.filling == 0 {
            ring.become_(slot, State::Sealed);
            ring.become_(slot, State::InFlight);
        }
    }

    /// Takes the part of a range that is over; gives the slab out where it was the last one.
    pub(super) fn release(&mut self, ring: &mut Ring, share: &Share) -> Option<Slab> {
        let slot = share.slot;
        let parts = &mut self.parts[slot.index()];
        parts.ranges -= 1;
        parts.filling -= u32::from(!share.is_complete);
        if parts.ranges > 0 {
            if !share.is_complete {
                self.seal(ring, slot);
            }
            return None;
        }
        parts.is_open = false;
        self.open = self.open.filter(|(open, _)| *open != slot);
        Some(ring.unpark(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slab::Pool;

    fn ring() -> Option<Ring> {
        Ring::new(4, &[]).inspect_err(|error| eprintln!("SKIPPED: no io_uring: {error}")).ok()
    }

    #[test]
    fn ranges_have_parts_of_one_slab_until_it_is_nearly_full() {
        let (pool, due) = (Pool::new(0).unwrap(), Instant::now());
        let Some(mut ring) = ring() else { return };
        let mut shares = Shares::default();
        assert!(shares.next(due).is_none(), "no slab is open");

        let mut one = shares.begin(&mut ring, pool.take().0, false, due);
        assert_eq!(shares.grow(&mut one, 4096), 0..4096);
        assert_eq!(shares.grow(&mut one, 8192), 4096..12_288);
        shares.complete(&mut ring, &mut one);
        let mut two = shares.next(due).expect("there is room");
        assert_eq!(two.room(), SLAB_LEN - 12_288);
        assert_eq!(shares.grow(&mut two, SLAB_LEN - 12_288 - PART_LEN_MIN + 4096).start, 12_288);
        assert!(shares.next(due).is_none(), "too little is left");

        assert!(shares.release(&mut ring, &one).is_none(), "the other has a part of it");
        let slab = shares.release(&mut ring, &two).expect("the last one is over");
        pool.put(slab);
        assert!(shares.next(due).is_none(), "a slab that is given back is not open");
        assert_eq!(std::iter::from_fn(|| pool.try_take()).count(), 4);
    }

    #[test]
    fn slab_that_is_needed_alone_leaves_the_open_one_open() {
        let (pool, due) = (Pool::new(0).unwrap(), Instant::now());
        let Some(mut ring) = ring() else { return };
        let mut shares = Shares::default();
        let shared = shares.begin(&mut ring, pool.take().0, false, due);
        let mut alone = shares.begin(&mut ring, pool.take().0, true, due);
        assert_eq!(shares.grow(&mut alone, SLAB_LEN), 0..SLAB_LEN);
        assert_eq!(shares.next(due).expect("it is open").slot, shared.slot);
        assert!(shares.release(&mut ring, &alone).is_some());
    }

    #[test]
    fn slab_that_was_replaced_is_sealed_when_its_last_part_is_complete() {
        let (pool, due) = (Pool::new(0).unwrap(), Instant::now());
        let Some(mut ring) = ring() else { return };
        let mut shares = Shares::default();
        let mut first = shares.begin(&mut ring, pool.take().0, false, due);
        let failed = shares.next(due).expect("there is room");
        let second = shares.begin(&mut ring, pool.take().0, false, due);
        assert_eq!(shares.next(due).expect("it is open").slot, second.slot);
        shares.complete(&mut ring, &mut first);
        assert!(shares.release(&mut ring, &failed).is_none());
        // Sealed and in flight, from where it may go back to the pool.
        pool.put(shares.release(&mut ring, &first).expect("the last one is over"));
    }
}
