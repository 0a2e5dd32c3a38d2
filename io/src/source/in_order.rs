//! Reads ranges of a file in order, several blocks ahead of the consumer.
//!
//! ```text
//! lane 0: block 0, 4, 8, …  ──┐
//! lane 1: block 1, 5, 9, …  ──┼──▶ consumer: block 0, 1, 2, …
//! lane 2, 3                 ──┘        (buffers go back to their lane)
//! ```
//!
//! - In: ranges, and a closure that reads bytes at an offset from any thread.
//! - Out: every block, in order, to a consumer that need not be thread-safe: a running hash is not.
//! - Holds: `LANES` times `BUFFERS` blocks, which fit into the memory that is given, whatever the ranges; a lane waits for a
//!   buffer, never for another lane, so that none can hold back the block that the consumer waits for.
//! - Not here: what is read (`source`, `target`).

use std::ops::Range;

use crossbeam::channel::{Receiver, Sender, bounded};

use crate::error::IoError;

/// The most bytes of a block: long enough for direct reads at the disk's rate, and for network filesystems.
pub(crate) const BLOCK_LEN: usize = 1 << 20;

/// The fewest bytes of a block: with less, calls would cost more than reading.
const BLOCK_LEN_MIN: usize = 64 << 10;

/// Blocks that are read at a time. One direct read after the other reaches half of what a disk can do, measured.
const LANES: usize = 4;

/// Buffers of a lane: one is filled while the other is consumed.
const BUFFERS: usize = 2;

/// Bytes of memory that reading in order can use: more makes it no faster.
pub const READING_MAX: u64 = (LANES * BUFFERS * (BLOCK_LEN + DIRECT_BLOCK_LEN)) as u64;

/// What direct reads want to be aligned to in memory and in the file, in bytes: what every disk of today asks for, or a
/// multiple of it.
pub const DIRECT_BLOCK_LEN: usize = 4096;

/// Fills a buffer with the bytes of a file from an offset, from any thread.
pub type ReadExactAt<'r> = dyn Fn(&mut [u8], u64) -> Result<(), IoError> + Sync + 'r;

/// Hands every block of `ranges` to `consume`, in order, with its offset in the file.
///
/// - Blocks are of one length, but for the last one of each range; no range may be reversed.
/// - `memory`: bytes for all blocks that are there at a time, from 512 KiB to [`READING_MAX`].
/// - `read`: is given buffers that begin at a multiple of 4096 in memory.
///
/// # Errors
/// The first error of `read` or of `consume` in the order of the blocks; nothing is consumed after it.
/// [`IoError::NoThread`] if the system allows no more threads.
pub fn read_in_order(
    ranges: impl Iterator<Item = Range<u64>> + Clone + Send,
    memory: u64,
    read: &ReadExactAt<'_>,
    mut consume: impl FnMut(u64, &[u8]) -> Result<(), IoError>,
) -> Result<(), IoError> {
    let block_len = block_len(memory);
    std::thread::scope(|scope| {
        let mut lanes = Vec::new();
        for first in 0..LANES {
            let (lane, end) = lane(block_len);
            let blocks = ranges.clone().flat_map(move |range| blocks_of(range, block_len));
            let blocks = blocks.skip(first).step_by(LANES);
            let thread = std::thread::Builder::new().name(format!("read-{first}"));
            let started = thread.spawn_scoped(scope, move || fill(blocks, read, &end));
            started.map_err(|source| IoError::NoThread { source })?;
            lanes.push(lane);
        }
        for lane in lanes.iter().cycle() {
            // A lane that has read its last block was the next in turn: there is no block after it.
            let Ok(block) = lane.filled.recv() else { break };
            let block = block?;
            consume(block.offset, block.buffer.bytes(block.len))?;
            // A lane that needs no buffer any more is gone.
            let _ = lane.spare.send(block.buffer);
        }
        Ok(())
    })
}

/// A block that was read.
struct Block {
    offset: u64,
    len: usize,
    buffer: AlignedBuffer,
}

/// The consumer's side of a lane.
struct Lane {
    filled: Receiver<Result<Block, IoError>>,
    spare: Sender<AlignedBuffer>,
}

/// The reader's side of a lane.
struct LaneEnd {
    filled: Sender<Result<Block, IoError>>,
    spare: Receiver<AlignedBuffer>,
}

fn lane(block_len: usize) -> (Lane, LaneEnd) {
    let (filled, filled_end) = bounded(BUFFERS);
    let (spare, spare_end) = bounded(BUFFERS);
    for _ in 0..BUFFERS {
        spare.send(AlignedBuffer::new(block_len)).expect("both ends of the channel are here");
    }
    (Lane { filled: filled_end, spare }, LaneEnd { filled, spare: spare_end })
}

/// Reads the blocks of one lane until there are none, one cannot be read, or nobody wants them.
fn fill(
    blocks: impl Iterator<Item = (u64, usize)>,
    read: &ReadExactAt<'_>,
    LaneEnd { filled, spare }: &LaneEnd,
) {
    for (offset, len) in blocks {
        let Ok(mut buffer) = spare.recv() else { return };
        let result = read(buffer.bytes_mut(len), offset);
        let failed = result.is_err();
        if filled.send(result.map(|()| Block { offset, len, buffer })).is_err() || failed {
            return;
        }
    }
}

/// Bytes of a block, so that all of them fit into `memory`.
fn block_len(memory: u64) -> usize {
    let len = usize::try_from(memory).unwrap_or(usize::MAX) / (LANES * BUFFERS);
    // What is read directly begins and ends at blocks of the disk, and each buffer needs room to be aligned.
    let len = (len / DIRECT_BLOCK_LEN).saturating_sub(1) * DIRECT_BLOCK_LEN;
    len.clamp(BLOCK_LEN_MIN, BLOCK_LEN)
}

/// Offset and length of every block of a range.
fn blocks_of(
    range: Range<u64>,
    block_len: usize,
) -> impl Iterator<Item = (u64, usize)> + Clone + Send {
    range.clone().step_by(block_len).map(move |offset| {
        let len = usize::try_from(range.end - offset).unwrap_or(block_len).min(block_len);
        (offset, len)
    })
}

/// Memory that begins where direct reads want it to: at a multiple of [`DIRECT_BLOCK_LEN`].
#[derive(Debug)]
pub struct AlignedBuffer {
    memory: Vec<u8>,
    start: usize,
}

impl AlignedBuffer {
    /// `len` bytes of zeros.
    pub fn new(len: usize) -> Self {
        let memory = vec![0; len + DIRECT_BLOCK_LEN];
        let start = memory.as_ptr().addr().wrapping_neg() % DIRECT_BLOCK_LEN;
        Self { memory, start }
    }

    /// Its first `len` bytes.
    ///
    /// # Panics
    /// Where it has not so many.
    pub fn bytes(&self, len: usize) -> &[u8] {
        &self.memory[self.start..self.start + len]
    }

    /// Its first `len` bytes, to be changed.
    ///
    /// # Panics
    /// Where it has not so many.
    pub fn bytes_mut(&mut self, len: usize) -> &mut [u8] {
        &mut self.memory[self.start..self.start + len]
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;

    /// A file in which every byte tells its offset, and whose first bytes take the longest to read.
    fn read(buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        if offset == 0 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        (offset..).zip(buffer).for_each(|(at, byte)| *byte = at.to_le_bytes()[0]);
        Ok(())
    }

    #[test]
    fn blocks_arrive_in_order_whichever_is_read_first() {
        const END: u64 = 9 * (1 << 20) + 77;
        let ranges = [0..END, 5..5, 100..107];
        let mut seen = Vec::new();
        read_in_order(ranges.into_iter(), READING_MAX, &read, |offset, bytes| {
            assert_eq!(bytes.as_ptr().addr() % 4096, 0);
            assert_eq!(bytes[bytes.len() - 1], (offset + bytes.len() as u64 - 1).to_le_bytes()[0]);
            seen.push((offset, bytes.len()));
            Ok(())
        })
        .unwrap();
        let mut expected: Vec<(u64, usize)> = (0..9).map(|n| (n << 20, 1 << 20)).collect();
        expected.extend([(9 << 20, 77), (100, 7)]);
        assert_eq!(seen, expected);
    }

    #[test]
    fn nothing_is_consumed_behind_a_block_that_cannot_be_read() {
        let read = |_: &mut [u8], offset: u64| match offset >> 20 {
            3 => Err(IoError::failed("read", Path::new("reel.mov"))(io::Error::other("gone"))),
            _ => Ok(()),
        };
        let mut seen = 0;
        let count = |_: u64, _: &[u8]| {
            seen += 1;
            Ok(())
        };
        let error =
            read_in_order(std::iter::once(0..20 << 20), READING_MAX, &read, count).unwrap_err();
        assert_eq!(error.to_string(), "cannot read reel.mov");
        assert_eq!(seen, 3);
    }

    #[test]
    fn consumer_that_gives_up_ends_the_readers() {
        let mut seen = 0;
        let result = read_in_order(std::iter::once(0..1 << 40), READING_MAX, &read, |_, _| {
            seen += 1;
            if seen == 2 { Err(IoError::Cancelled) } else { Ok(()) }
        });
        assert!(matches!(result, Err(IoError::Cancelled)));
        assert_eq!(seen, 2);
    }

    #[test]
    fn blocks_and_their_alignment_fit_into_the_memory_that_is_given() {
        for memory in [1 << 20, 3_333_333, 5 << 20] {
            let mut longest = 0;
            let count = |_: u64, bytes: &[u8]| {
                longest = longest.max(bytes.len());
                Ok(())
            };
            read_in_order(std::iter::once(0..9 << 20), memory, &read, count).unwrap();
            assert!(longest.is_multiple_of(4096) && longest >= 64 << 10, "{longest}");
            assert!((8 * (longest + 4096)) as u64 <= memory, "8 blocks of {longest} in {memory}");
        }
        assert_eq!([0, READING_MAX, u64::MAX].map(block_len), [64 << 10, 1 << 20, 1 << 20]);
    }
}
