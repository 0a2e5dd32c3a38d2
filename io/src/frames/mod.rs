//! Reads frames into a fixed set of slabs, or makes them there: whoever wants one more waits until another comes back.
//!
//! ```text
//! in the page cache:      whoever wants a frame ─▶ slab ─▶ read
//! not in the page cache:  readers ─▶ slab ─▶ direct read ─▶ whoever wants the frame
//! ```
//!
//! - In: how long the longest frame is, and how many are held at a time; then a file and a range, or what fills a slab.
//! - Out: [`FrameBytes`], owned memory that goes back to its [`FramePool`] when it is dropped.
//! - Holds: nothing is allocated after the pool; bytes are read by positioned reads, never loaded from a mapping.
//! - Not here: what a frame is (the caller).

mod ahead;
mod direct;

use std::ops::{Deref, Range};

use crate::error::IoError;
use crate::measure::PoolStats;
use crate::route::pool::{Pool, Slab};
use crate::source::Source;

pub use ahead::{FrameAt, FramesAhead};
pub use direct::DirectReads;
use direct::{BLOCK_LEN, envelope};

/// Slabs that frames are read into.
#[derive(Debug)]
pub struct FramePool {
    pool: Pool,
}

/// The bytes of a frame, in a slab.
#[derive(Debug)]
pub struct FrameBytes<'p> {
    pool: &'p Pool,
    /// There until it is dropped.
    slab: Option<Slab>,
    /// Where they are in it.
    range: Range<usize>,
}

impl FramePool {
    /// So many slabs, each for a frame of up to `frame_len` bytes. The memory is touched when it is first needed.
    ///
    /// # Errors
    /// [`IoError::Failed`] if the system has no memory for one.
    pub fn new(count: u64, frame_len: usize) -> Result<Self, IoError> {
        let pool = Pool::of_slabs(count.max(1), Self::slab_len(frame_len));
        let pool = pool.map_err(IoError::failed("reserve memory for", "frames".as_ref()))?;
        Ok(Self { pool })
    }

    /// Bytes of a slab for frames of up to `frame_len` bytes: with the whole blocks around them.
    pub fn slab_len(frame_len: usize) -> usize {
        frame_len.max(1).saturating_add(2 * BLOCK_LEN) / BLOCK_LEN * BLOCK_LEN
    }

    /// Reads `len` bytes from `offset`, into a slab that is waited for if all are in use.
    ///
    /// # Errors
    /// As [`Source::read_exact_at`].
    ///
    /// # Panics
    /// If `len` is more than the pool is made for.
    pub fn read(
        &self,
        source: &Source,
        offset: u64,
        len: usize,
    ) -> Result<FrameBytes<'_>, IoError> {
        let (slab, _waited_ns) = self.pool.take();
        FrameBytes { pool: &self.pool, slab: Some(slab), range: 0..len }.filled(source, offset)
    }

    /// Makes a frame of `len` bytes, in a slab that is waited for if all are in use.
    ///
    /// - `fill`: finds whatever the slab held before, and need not change all of it.
    ///
    /// # Panics
    /// If `len` is more than the pool is made for.
    pub fn make<T>(&self, len: usize, fill: impl FnOnce(&mut [u8]) -> T) -> (FrameBytes<'_>, T) {
        let (mut slab, _waited_ns) = self.pool.take();
        let made = fill(slab.bytes_mut(0..len));
        slab.seal();
        (FrameBytes { pool: &self.pool, slab: Some(slab), range: 0..len }, made)
    }

    /// How the pool was used so far.
    pub fn stats(&self) -> PoolStats {
        self.pool.stats()
    }
}

impl FrameBytes<'_> {
    /// Fills a slab from a file.
    fn filled(mut self, source: &Source, offset: u64) -> Result<Self, IoError> {
        if let Some(slab) = &mut self.slab {
            source.read_exact_at(slab.bytes_mut(self.range.clone()), offset)?;
            slab.seal();
        }
        Ok(self)
    }

    /// Fills a slab with a frame, past the page cache if that is the way; as above if it does not work.
    fn filled_from(mut self, frame: &FrameAt<'_>) -> Result<Self, IoError> {
        let (whole, within) = envelope(frame.offset, self.range.len());
        if let (Some(slab), Some(direct)) = (&mut self.slab, frame.direct)
            && direct.read(slab.bytes_mut(0..whole.len), whole.offset, within.end)
        {
            slab.seal();
            self.range = within;
            return Ok(self);
        }
        self.filled(frame.source, frame.offset)
    }
}

impl Deref for FrameBytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.slab.as_ref().map_or(&[], |slab| slab.bytes(self.range.clone()))
    }
}

impl Drop for FrameBytes<'_> {
    fn drop(&mut self) {
        if let Some(slab) = self.slab.take() {
            self.pool.put(slab);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_and_their_slabs_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frames");
        let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        std::fs::write(&path, &bytes).unwrap();
        let source = Source::open(&path).unwrap();
        let pool = FramePool::new(2, 6000).unwrap();
        for offset in [0, 77, 4000] {
            let one = pool.read(&source, offset, 6000).unwrap();
            let other = pool.read(&source, 9999, 1).unwrap();
            let at = usize::try_from(offset).unwrap();
            assert_eq!((&one[..], &other[..]), (&bytes[at..at + 6000], &bytes[9999..]));
        }
        assert!(pool.read(&source, 9000, 6000).is_err(), "the file ends earlier");
        let expected = PoolStats { slabs: 2, hits: 7, misses: 0, high_water: 2, slab_len: 12_288 };
        assert_eq!(pool.stats(), expected);
    }
}
