//! Reads past the page cache: the whole blocks around a frame.
//!
//! - In: a file, and where its frames are.
//! - Out: [`DirectReads`], if that is the faster way.
//! - Holds: what does not work is said, and read otherwise; a read that fails once is not tried again.
//! - Not here: who reads when (`ahead`).
//!
//! References: open(2), `O_DIRECT`; cachestat(2).

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::source::Source;
use crate::sys::platform;

/// To which offsets and lengths of direct reads are rounded: what every local filesystem takes.
pub(super) const BLOCK_LEN: usize = 4096;

/// Bytes of a frame from which on direct reads of single frames are faster. Shorter ones are better read many at a time, which
/// the page cache does.
const FRAME_LEN_MIN: u64 = 256 << 10;

/// A file that is read past the page cache.
#[derive(Debug)]
pub struct DirectReads {
    file: File,
    works: AtomicBool,
}

/// Whole blocks of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    pub(super) offset: u64,
    pub(super) len: usize,
}

impl DirectReads {
    /// Reads of frames past the page cache, if that is the faster way to read them: they are long, most of the file's bytes
    /// around them are not in the page cache, and the filesystem can.
    ///
    /// - `span`: the bytes of the file that hold all frames.
    /// - `frame_len`: bytes of a frame, in the mean.
    pub fn of(source: &Source, span: Range<u64>, frame_len: u64) -> Option<Self> {
        let file = source.file().filter(|_| frame_len >= FRAME_LEN_MIN)?;
        let len = span.end.saturating_sub(span.start);
        // A kernel that does not tell (before Linux 6.5) reads ahead instead.
        let cached = platform::cached_bytes(file, span.start, len)?;
        if cached >= len / 2 || !platform::reads_directly(file, BLOCK_LEN as u64).ok()? {
            return None;
        }
        let file = platform::open_to_read_directly(file).ok()?;
        Some(Self { file, works: AtomicBool::new(true) })
    }

    /// Fills `buffer` from `offset`, both whole blocks; at the end of the file as far as it goes, but `wanted` bytes at
    /// least. Answers whether it did: whatever stands in the way is left to a read that can say what it is.
    pub(super) fn read(&self, buffer: &mut [u8], mut offset: u64, wanted: usize) -> bool {
        if !self.works.load(Ordering::Relaxed) {
            return false;
        }
        let mut filled = 0;
        while filled < wanted {
            match self.file.read_at(&mut buffer[filled..], offset) {
                // The end of the file, or of what can be read in whole blocks.
                Ok(len) if len == 0 || filled + len < wanted && len % BLOCK_LEN != 0 => break,
                Ok(len) => (filled, offset) = (filled + len, offset + len as u64),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let is_filled = filled >= wanted;
        self.works.fetch_and(is_filled, Ordering::Relaxed);
        is_filled
    }
}

/// The whole blocks that hold `len` bytes from `offset`, and where in them these are.
pub(super) fn envelope(offset: u64, len: usize) -> (Blocks, Range<usize>) {
    let block = BLOCK_LEN as u64;
    let into = usize::try_from(offset % block).expect("less than a block");
    let end = into + len;
    (Blocks { offset: offset - offset % block, len: end.next_multiple_of(BLOCK_LEN) }, into..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::FramePool;

    #[test]
    fn blocks_around_a_frame_fit_into_its_slab() {
        assert_eq!(envelope(8192, 4096), (Blocks { offset: 8192, len: 4096 }, 0..4096));
        assert_eq!(envelope(8191, 4098), (Blocks { offset: 4096, len: 12_288 }, 4095..8193));
        for len in [1, 2, 4094, 4095, 4096, 4097, 8191, 8192, 1_000_000] {
            for offset in 0..4097 {
                let (whole, within) = envelope(offset, len);
                assert!(within.end <= whole.len && whole.len <= FramePool::slab_len(len));
                assert_eq!(within.len(), len);
            }
        }
    }
}
