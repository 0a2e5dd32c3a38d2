//! The coefficients of one component of a slice.
//!
//! ```text
//! DC of block 0, difference of block 1, 2, …, n-1 │ run, level, sign │ run, level, sign │ … zeros to the end of the byte
//!                                                   over all blocks: coefficient 1 of block 0, 1, …, n-1, then 2, …
//! ```
//!
//! - In: the component's bytes, how many blocks it has, and which coefficients are wanted.
//! - Out: [`Coefficients`], in blocks; the levels as they are coded, not yet scaled.
//! - Holds: each step uses at least one bit of the component, and behind its end there are zeros, which no code begins with:
//!   the walk ends whatever the bytes are. It ends early where the wanted coefficients do.
//! - Not here: the codes themselves (`codes`), their scale (`idct`, `scaled`).
//!
//! References: RDD 36, 7.1.1.

use super::bits::BitReader;
use super::codes::{
    DC_CODES, FIRST_DC, INDEX_BITS, NEXT_MASK, PAIRS, Pair, dc_context, pair_books, pair_context,
    top,
};

/// Blocks of one component of a slice, at most: eight macroblocks of four.
pub(super) const BLOCKS_MAX: usize = 32;

/// A component that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecodable;

/// Where the coefficients of a scan go in a block, and how many are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    /// The place of each coefficient in its block.
    pub(super) places: [u8; 64],
    /// Wanted coefficients of each block, the first ones of the scan; also the length of a block.
    pub(super) wanted: usize,
}

/// The coefficients of one component of a slice.
#[derive(Debug, Clone)]
pub(super) struct Coefficients {
    /// Block after block, each [`Scan::wanted`] long.
    levels: [i16; 64 * BLOCKS_MAX],
}

impl Coefficients {
    pub(super) fn new() -> Self {
        Self { levels: [0; 64 * BLOCKS_MAX] }
    }

    /// The blocks, each `LEN` coefficients long.
    pub(super) fn blocks<const LEN: usize>(&self) -> &[[i16; LEN]] {
        self.levels.as_chunks().0
    }

    /// Reads a component.
    ///
    /// - `blocks`: how many it has, a power of two of at most [`BLOCKS_MAX`].
    ///
    /// # Errors
    /// [`Undecodable`] if the bytes are no component of so many blocks.
    pub(super) fn read(
        &mut self,
        bytes: &[u8],
        blocks: usize,
        scan: &Scan,
    ) -> Result<(), Undecodable> {
        let levels = &mut self.levels[..blocks * scan.wanted];
        levels.fill(0);
        let mut reader = BitReader::new(bytes);
        read_dc(&mut reader, levels, scan.wanted)?;
        if scan.wanted > 1 {
            self.read_pairs(&mut reader, blocks, scan)?;
        }
        if reader.is_overrun() { Err(Undecodable) } else { Ok(()) }
    }

    fn read_pairs(
        &mut self,
        reader: &mut BitReader<'_>,
        blocks: usize,
        scan: &Scan,
    ) -> Result<(), Undecodable> {
        let pairs = &**PAIRS;
        let (log2, mask) = (blocks.trailing_zeros(), blocks - 1);
        let block_log2 = scan.wanted.trailing_zeros();
        let limit = blocks * scan.wanted;
        let beyond = if scan.wanted == 64 { Err(Undecodable) } else { Ok(()) };
        // The first coefficient is that of place `blocks`: the DCs come before it.
        let mut at = blocks - 1;
        let mut entry = pair_context(4, 2) << INDEX_BITS;
        let mut store = |at: usize, level: i16| {
            let place = usize::from(scan.places[at >> log2 & 63]);
            self.levels[((at & mask) << block_log2 | place) & (64 * BLOCKS_MAX - 1)] = level;
        };
        loop {
            reader.refill();
            // A refill lasts for five short pairs.
            for _ in 0..5 {
                let found = pairs[(entry & NEXT_MASK) as usize | reader.peek::<INDEX_BITS>()];
                if found & 31 == 0 {
                    let context = (entry & NEXT_MASK) >> INDEX_BITS;
                    let (behind, long) = read_long(reader.clone(), context)?;
                    *reader = behind;
                    let Some((pair, level)) = long else { return Ok(()) };
                    at = at.saturating_add(pair.run as usize + 1);
                    if at >= limit {
                        return beyond;
                    }
                    store(at, level);
                    entry = pair_context(pair.run, pair.level) << INDEX_BITS;
                    break;
                }
                reader.skip(found & 31);
                at += (found >> 16 & 127) as usize;
                if at >= limit {
                    return beyond;
                }
                store(at, i16::from(found.to_be_bytes()[0].cast_signed()));
                entry = found;
            }
        }
    }
}

/// Reads a pair code by code: one that is long, or the end.
///
/// - `reader`: by value, so that it stays in registers elsewhere.
/// - Returns: the reader behind it; the pair, and its level with the sign, or `None` at the end of the component.
#[inline(never)]
fn read_long(
    mut reader: BitReader<'_>,
    context: u32,
) -> Result<(BitReader<'_>, Option<(Pair, i16)>), Undecodable> {
    reader.refill();
    if reader.is_at_end() {
        return Ok((reader, None));
    }
    let (runs, levels) = pair_books(context);
    let (run, len) = runs.read(reader.word()).ok_or(Undecodable)?;
    reader.skip(len);
    reader.refill();
    let (less_one, len) = levels.read(reader.word()).ok_or(Undecodable)?;
    reader.skip(len);
    let level = less_one.saturating_add(1);
    let magnitude = i16::try_from(level).map_err(|_| Undecodable)?;
    let is_negative = reader.peek::<1>() == 1;
    reader.skip(1);
    let signed = if is_negative { -magnitude } else { magnitude };
    Ok((reader, Some((Pair { run, level }, signed))))
}

/// Reads the DCs, one for each block of `block_len` coefficients.
fn read_dc(
    reader: &mut BitReader<'_>,
    levels: &mut [i16],
    block_len: usize,
) -> Result<(), Undecodable> {
    let (first, len) = FIRST_DC.read(reader.word()).ok_or(Undecodable)?;
    reader.skip(len);
    let mut dc = (first >> 1).cast_signed() ^ -(first & 1).cast_signed();
    // The sign of the last difference: 0 or -1.
    let mut sign = 0;
    let mut context = dc_context(5);
    let mut blocks = levels.chunks_exact_mut(block_len);
    if let Some(block) = blocks.next() {
        block[0] = clamped(dc);
    }
    for block in blocks {
        reader.refill();
        let bits = reader.word();
        let found = DC_CODES[context as usize][(bits | 1).leading_zeros() as usize];
        if found.len == 0 {
            return Err(Undecodable);
        }
        reader.skip(found.len);
        let code = top(bits, found.len).wrapping_add(found.add);
        context = dc_context(code);
        // An odd code has the other sign than the one before it.
        sign = if code == 0 { 0 } else { sign ^ -(code & 1).cast_signed() };
        let magnitude = (code.wrapping_add(1) >> 1).cast_signed();
        dc = dc.wrapping_add((magnitude ^ sign).wrapping_sub(sign));
        block[0] = clamped(dc);
    }
    Ok(())
}

/// What no frame has is held to the range: it decodes to black or white either way.
#[expect(clippy::cast_possible_truncation, reason = "it is clamped")]
fn clamped(level: i32) -> i16 {
    level.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}
