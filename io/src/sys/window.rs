//! Mappings of sources, as addresses that only the kernel dereferences.
//!
//! - In: a file and a range of it.
//! - Out: [`Window`], which gives addresses, never references: a load from a mapping whose file was truncated kills the
//!   process with `SIGBUS`, while a `write` from it returns `EFAULT` or a short count.
//! - Holds: an address lies inside the mapping, which lives as long as the [`Window`] does.
//! - Not here: which windows are kept (`route::windows`).
//!
//! References: mmap(2), "SIGBUS"; write(2), "EFAULT".

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use memmap2::{MmapOptions, MmapRaw};

/// A mapped range of a source.
#[derive(Debug)]
pub(crate) struct Window {
    map: MmapRaw,
    start: u64,
}

impl Window {
    /// Maps `len` bytes of `file` from `start`, read-only. `start` is a multiple of the page size.
    pub(crate) fn map(file: &File, start: u64, len: u64) -> io::Result<Self> {
        let len = usize::try_from(len).map_err(io::Error::other)?;
        let map = MmapOptions::new().offset(start).len(len).map_raw_read_only(file)?;
        Ok(Self { map, start })
    }

    /// The address of the byte at `offset` in the file; the `len` bytes from there are mapped too.
    pub(crate) fn address(&self, offset: u64, len: usize) -> *const u8 {
        let at = offset.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let at = at.filter(|at| at.checked_add(len).is_some_and(|end| end <= self.map.len()));
        let at = at.expect("the bytes lie inside the window that was mapped for them");
        self.map.as_ptr().wrapping_add(at)
    }
}

/// Writes `len` bytes of the source, from `offset` in it, to `file` at `target`, as one system call.
///
/// Returns how many bytes were written: fewer where the disk is full, a signal came, or the source shrank.
pub(crate) fn write_from(
    window: &Window,
    offset: u64,
    len: usize,
    file: &File,
    target: u64,
) -> io::Result<usize> {
    let address = window.address(offset, len);
    let target = libc::off_t::try_from(target).map_err(io::Error::other)?;
    // SAFETY: pwrite(2) reads `len` bytes from `address`.
    // - `Window::address` asserts that those bytes lie inside the mapping, and `window` is borrowed until the call
    //   returns, so the range stays mapped.
    // - Pages that the file no longer backs are not undefined behaviour for the kernel: it answers `EFAULT`.
    // - The call does not write to this process's memory.
    let written = unsafe { libc::pwrite(file.as_raw_fd(), address.cast(), len, target) };
    usize::try_from(written).map_err(|_negative| io::Error::last_os_error())
}
