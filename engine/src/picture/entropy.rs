//! The coefficients of one component of a slice.
//!
//! ```text
//! DC of block 0, difference of block 1, 2, …, n-1 │ run, level, sign │ run, level, sign │ … zeros to the end of the byte
//!                                                   over all blocks: coefficient 1 of block 0, 1, …, n-1, then 2, …
//! ```
//!
//! - In: the component's bytes, how many blocks it has, and which coefficients are wanted.
//! - Out: [`Coefficients`], in blocks, of one slice or of two in step; the levels as they are coded, not yet scaled.
//! - Holds: each step uses at least one bit of the component, and behind its end there are zeros, which no code begins with:
//!   the walk ends whatever the bytes are. It ends early where the wanted coefficients do.
//! - Not here: the codes themselves (`codes`), their scale (`idct`, `scaled`).
//!
//! References: RDD 36, 7.1.1.

use super::bits::BitReader;
use super::codes::{
    DC_CODES, FIRST_DC, INDEX_BITS, NEXT_MASK, PAIRS, PAIRS_LEN, Pair, dc_context, pair_books,
    pair_context, top,
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
        let shape = Shape::new(blocks, scan);
        let mut walk = Walk::begin(bytes, self, &shape);
        walk.dcs(&shape)?;
        walk.pairs(&shape)?;
        walk.end()
    }

    /// Reads components of two slices in step. Where a code ends is known only when it is read, and the next one waits for
    /// that: meanwhile the processor reads one of the other slice.
    ///
    /// - Others: as [`Coefficients::read`].
    ///
    /// # Errors
    /// [`Undecodable`] if one of them is; either may be.
    pub(super) fn read_two(
        [one, other]: &mut [Self; 2],
        bytes: [&[u8]; 2],
        blocks: usize,
        scan: &Scan,
    ) -> Result<(), Undecodable> {
        let shape = Shape::new(blocks, scan);
        let mut one = Walk::begin(bytes[0], one, &shape);
        let mut other = Walk::begin(bytes[1], other, &shape);
        dcs_in_step(&mut one, &mut other, &shape)?;
        pairs_in_step(&mut one, &mut other, &shape)?;
        one.end()?;
        other.end()
    }
}

/// What components have in common.
struct Shape<'s> {
    scan: &'s Scan,
    /// Blocks, and their number as a power of two.
    blocks: usize,
    blocks_log2: u32,
    /// Coefficients of a block, as a power of two.
    wanted_log2: u32,
    /// Coefficients of all blocks.
    limit: usize,
}

impl<'s> Shape<'s> {
    #[inline(always)]
    fn new(blocks: usize, scan: &'s Scan) -> Self {
        let (blocks_log2, wanted_log2) = (blocks.trailing_zeros(), scan.wanted.trailing_zeros());
        Self { scan, blocks, blocks_log2, wanted_log2, limit: blocks * scan.wanted }
    }

    /// What a pair behind the last wanted coefficient is: of a whole block there is none.
    fn beyond(&self) -> Result<(), Undecodable> {
        if self.scan.wanted == 64 { Err(Undecodable) } else { Ok(()) }
    }
}

/// A component that is being read.
struct Walk<'a, 'l> {
    reader: BitReader<'a>,
    levels: &'l mut [i16; 64 * BLOCKS_MAX],
    /// The coefficient that was read last, in the order of the bitstream.
    at: usize,
    /// The entry of the last pair, which has the codebooks of the next one.
    entry: u32,
}

impl<'a, 'l> Walk<'a, 'l> {
    #[inline(always)]
    fn begin(bytes: &'a [u8], to: &'l mut Coefficients, shape: &Shape<'_>) -> Self {
        to.levels[..shape.limit].fill(0);
        // The first coefficient of a pair is that of place `blocks`: the DCs come before it.
        let (at, entry) = (shape.blocks - 1, pair_context(4, 2) << INDEX_BITS);
        Self { reader: BitReader::new(bytes), levels: &mut to.levels, at, entry }
    }

    /// Checks that all that was read was there.
    #[inline(always)]
    fn end(&self) -> Result<(), Undecodable> {
        if self.reader.is_overrun() { Err(Undecodable) } else { Ok(()) }
    }

    /// Reads the DCs.
    #[inline(always)]
    fn dcs(&mut self, shape: &Shape<'_>) -> Result<(), Undecodable> {
        let mut dc = Dc::first(&mut self.reader)?;
        self.put(0, dc.level(), shape);
        for block in 1..shape.blocks {
            self.reader.refill();
            dc.go_on(&mut self.reader)?;
            self.put(block, dc.level(), shape);
        }
        Ok(())
    }

    /// Reads pairs to the end of what is wanted.
    #[inline(always)]
    fn pairs(&mut self, shape: &Shape<'_>) -> Result<(), Undecodable> {
        if shape.scan.wanted == 1 {
            return Ok(());
        }
        let pairs = &**PAIRS;
        loop {
            self.reader.refill();
            // A refill lasts for five short pairs.
            for _ in 0..5 {
                let found = self.look(pairs);
                if found & 31 == 0 {
                    match self.long(shape)? {
                        Place::Wanted => break,
                        Place::Beyond => return shape.beyond(),
                        Place::Nowhere => return Ok(()),
                    }
                }
                if !self.short(found, shape) {
                    return shape.beyond();
                }
            }
        }
    }

    /// The entry of the next pair, if it is short.
    #[inline(always)]
    fn look(&self, pairs: &[u32; PAIRS_LEN]) -> u32 {
        pairs[(self.entry & NEXT_MASK) as usize | self.reader.peek::<INDEX_BITS>()]
    }

    /// Takes a short pair; returns whether it is wanted.
    #[inline(always)]
    fn short(&mut self, found: u32, shape: &Shape<'_>) -> bool {
        self.reader.skip(found & 31);
        self.at += (found >> 16 & 127) as usize;
        if self.at >= shape.limit {
            return false;
        }
        self.put(self.at, i16::from(found.to_be_bytes()[0].cast_signed()), shape);
        self.entry = found;
        true
    }

    /// Takes a pair that is long, or the end.
    #[inline(always)]
    fn long(&mut self, shape: &Shape<'_>) -> Result<Place, Undecodable> {
        let context = (self.entry & NEXT_MASK) >> INDEX_BITS;
        let (behind, long) = read_long(self.reader.clone(), context)?;
        self.reader = behind;
        let Some((pair, level)) = long else { return Ok(Place::Nowhere) };
        self.at = self.at.saturating_add(pair.run as usize + 1);
        if self.at >= shape.limit {
            return Ok(Place::Beyond);
        }
        self.put(self.at, level, shape);
        self.entry = pair_context(pair.run, pair.level) << INDEX_BITS;
        Ok(Place::Wanted)
    }

    /// Puts a level where it belongs.
    ///
    /// - `at`: which coefficient it is, in the order of the bitstream.
    #[inline(always)]
    fn put(&mut self, at: usize, level: i16, shape: &Shape<'_>) {
        let place = usize::from(shape.scan.places[at >> shape.blocks_log2 & 63]);
        let block = at & (shape.blocks - 1);
        self.levels[(block << shape.wanted_log2 | place) & (64 * BLOCKS_MAX - 1)] = level;
    }
}

/// Where a pair leads.
enum Place {
    /// To a coefficient that is wanted.
    Wanted,
    /// Further.
    Beyond,
    /// There is none: the component is at its end.
    Nowhere,
}

/// Reads the DCs of two components.
#[inline(always)]
fn dcs_in_step(
    one: &mut Walk<'_, '_>,
    other: &mut Walk<'_, '_>,
    shape: &Shape<'_>,
) -> Result<(), Undecodable> {
    let mut dcs = [Dc::first(&mut one.reader)?, Dc::first(&mut other.reader)?];
    one.put(0, dcs[0].level(), shape);
    other.put(0, dcs[1].level(), shape);
    for block in 1..shape.blocks {
        one.reader.refill();
        other.reader.refill();
        let [first, second] = &mut dcs;
        let both = (first.go_on(&mut one.reader), second.go_on(&mut other.reader));
        let (Ok(()), Ok(())) = both else { return Err(Undecodable) };
        one.put(block, first.level(), shape);
        other.put(block, second.level(), shape);
    }
    Ok(())
}

/// Reads the pairs of two components: in step until one ends, then the rest of the other.
#[inline(always)]
fn pairs_in_step(
    one: &mut Walk<'_, '_>,
    other: &mut Walk<'_, '_>,
    shape: &Shape<'_>,
) -> Result<(), Undecodable> {
    if shape.scan.wanted == 1 {
        return Ok(());
    }
    let pairs = &**PAIRS;
    loop {
        one.reader.refill();
        other.reader.refill();
        // A refill lasts for five short pairs.
        for _ in 0..5 {
            let found = [one.look(pairs), other.look(pairs)];
            if found[0] & 31 == 0 || found[1] & 31 == 0 {
                if found[0] & 31 == 0 {
                    match one.long(shape)? {
                        Place::Wanted => {}
                        Place::Beyond => return shape.beyond().and_then(|()| other.pairs(shape)),
                        Place::Nowhere => return other.pairs(shape),
                    }
                }
                if found[1] & 31 == 0 {
                    match other.long(shape)? {
                        Place::Wanted => {}
                        Place::Beyond => return shape.beyond().and_then(|()| one.pairs(shape)),
                        Place::Nowhere => return one.pairs(shape),
                    }
                }
                break;
            }
            match (one.short(found[0], shape), other.short(found[1], shape)) {
                (true, true) => {}
                (false, false) => return shape.beyond(),
                (false, true) => return shape.beyond().and_then(|()| other.pairs(shape)),
                (true, false) => return shape.beyond().and_then(|()| one.pairs(shape)),
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

/// The DC that was read last.
struct Dc {
    value: i32,
    /// The sign of its difference to the one before: 0 or -1.
    sign: i32,
    context: u32,
}

impl Dc {
    /// Reads the first one.
    #[inline(always)]
    fn first(reader: &mut BitReader<'_>) -> Result<Self, Undecodable> {
        let (first, len) = FIRST_DC.read(reader.word()).ok_or(Undecodable)?;
        reader.skip(len);
        let value = (first >> 1).cast_signed() ^ -(first & 1).cast_signed();
        Ok(Self { value, sign: 0, context: dc_context(5) })
    }

    /// Reads the next one; the reader was refilled.
    #[inline(always)]
    fn go_on(&mut self, reader: &mut BitReader<'_>) -> Result<(), Undecodable> {
        let bits = reader.word();
        let found = DC_CODES[self.context as usize][(bits | 1).leading_zeros() as usize];
        if found.len == 0 {
            return Err(Undecodable);
        }
        reader.skip(found.len);
        let code = top(bits, found.len).wrapping_add(found.add);
        self.context = dc_context(code);
        // An odd code has the other sign than the one before it.
        self.sign = if code == 0 { 0 } else { self.sign ^ -(code & 1).cast_signed() };
        let magnitude = (code.wrapping_add(1) >> 1).cast_signed();
        self.value = self.value.wrapping_add((magnitude ^ self.sign).wrapping_sub(self.sign));
        Ok(())
    }

    #[inline(always)]
    fn level(&self) -> i16 {
        clamped(self.value)
    }
}

/// What no frame has is held to the range: it decodes to black or white either way.
#[expect(clippy::cast_possible_truncation, reason = "it is clamped")]
fn clamped(level: i32) -> i16 {
    level.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of which none can be told from the ones before, with zeros behind them.
    fn noise(state: &mut u32, len: usize) -> Vec<u8> {
        let mut next = || {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        let mut bytes: Vec<u8> = (0..len).map(|_| next()).collect();
        bytes.resize(len + usize::from(next() & 3), 0);
        bytes
    }

    #[test]
    fn components_read_in_step_are_what_each_is_alone() {
        let mut state = 1;
        let mut counts = [0; 2];
        for wanted in [1, 4, 16, 64] {
            let places = std::array::from_fn(|at| u8::try_from(at % wanted).unwrap());
            let scan = Scan { places, wanted };
            for blocks in [2, 4, 16, 32] {
                for len in 0..150 {
                    let bytes = [noise(&mut state, len), noise(&mut state, 150 - len)];
                    let bytes = bytes.each_ref().map(Vec::as_slice);
                    let mut alone = [Coefficients::new(), Coefficients::new()];
                    let [one, other] = &mut alone;
                    let read =
                        [one.read(bytes[0], blocks, &scan), other.read(bytes[1], blocks, &scan)];
                    let mut two = [Coefficients::new(), Coefficients::new()];
                    let in_step = Coefficients::read_two(&mut two, bytes, blocks, &scan);
                    assert_eq!(in_step.is_ok(), read == [Ok(()); 2], "{wanted} {blocks} {len}");
                    counts[usize::from(in_step.is_ok())] += 1;
                    if in_step.is_ok() {
                        assert!(two[0].levels == alone[0].levels, "{wanted} {blocks} {len}");
                        assert!(two[1].levels == alone[1].levels, "{wanted} {blocks} {len}");
                    }
                }
            }
        }
        assert!(counts.iter().all(|&count| count > 50), "{counts:?}");
    }
}
