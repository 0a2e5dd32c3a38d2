//! Anonymous memory of which the kernel may hold one part while another is filled.
//!
//! - In: a length.
//! - Out: [`Memory`], which gives addresses for the kernel, and references to no more than the bytes that were asked for.
//! - Holds: page-aligned, in huge pages where there are any; touched only when it is first used.
//! - Not here: which part the kernel holds (`sys::ring`).
//!
//! References: mmap(2), "MAP_ANONYMOUS"; madvise(2), "MADV_HUGEPAGE".

use std::io;
use std::ops::Range;
use std::slice;

use memmap2::{MmapMut, MmapRaw};

/// A page-aligned buffer.
#[derive(Debug)]
pub(crate) struct Memory {
    map: MmapRaw,
}

impl Memory {
    /// `len` bytes, all 0.
    pub(crate) fn new(len: usize) -> io::Result<Self> {
        let map = MmapMut::map_anon(len)?;
        // Advice: small pages do too.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self { map: map.into() })
    }

    /// Where the bytes `range` are.
    pub(crate) fn address(&self, range: Range<usize>) -> *mut u8 {
        assert!(range.start <= range.end && range.end <= self.map.len(), "it lies in the memory");
        self.map.as_mut_ptr().wrapping_add(range.start)
    }

    /// The bytes `range`, which the kernel is not writing to.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        let (address, len) = (self.address(range.clone()), range.len());
        // SAFETY: `from_raw_parts` asks for `len` initialised bytes that nobody writes to while the reference lives.
        // - `address` asserts that they lie inside the mapping, which lives as long as `self`; anonymous memory is 0 first.
        // - Rust code writes to them through `bytes_mut` only, which borrows all of `self`.
        // - The kernel writes to a part only while the ring holds `self` and the part, which it then lends to nobody
        //   (`Ring::fill`).
        unsafe { slice::from_raw_parts(address, len) }
    }

    /// The bytes `range`, which the kernel neither reads nor writes to.
    pub(crate) fn bytes_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        let (address, len) = (self.address(range.clone()), range.len());
        // SAFETY: as in `bytes`, and nobody else reads them either: all of `self` is borrowed, and the kernel reads and
        // writes only bytes that an operation names, none of which `Ring::fill` lends.
        unsafe { slice::from_raw_parts_mut(address, len) }
    }
}
