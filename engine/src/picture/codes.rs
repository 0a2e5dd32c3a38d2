//! The variable-length codes: Golomb-Rice codes that go over to exponential Golomb codes, and tables of them.
//!
//! - In: the next bits of a component.
//! - Out: [`Codebook`], which reads any code, slowly; [`DC_CODES`], which read any DC difference in one step; [`PAIRS`], which
//!   read a run with its level and sign in one step if they are at most [`INDEX_BITS`] long.
//! - Holds: all give the same; an entry of a pair has the codebooks that come next in it.
//! - Not here: the order of codes (`entropy`).
//!
//! References: RDD 36, 7.1.1 (scanning and entropy coding), tables of codebooks for DC differences, runs and levels.

use std::sync::LazyLock;

/// Bits by which the tables are indexed. Of the run/level pairs of an HQ frame nine in ten are no longer.
pub(super) const INDEX_BITS: u32 = 10;

/// Entries of one context of a table.
const CONTEXT_LEN: usize = 1 << INDEX_BITS;

/// Entries of all contexts; the last ones are for none, so that any index is within.
pub(super) const PAIRS_LEN: usize = 64 * CONTEXT_LEN;

/// The bits of an entry that select the entries of the next code: a context's number times [`CONTEXT_LEN`].
pub(super) const NEXT_MASK: u32 = 0xfc00;

/// Zeros before the first 1 of a code, at most. No value of 16 bits needs more.
const ZEROS_MAX: u32 = 19;

/// Codes of one codebook that begin with the same number of zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Codes {
    /// Bits of each of them.
    pub(super) len: u32,
    /// What is added to those bits, which gives the number.
    pub(super) add: u32,
}

/// How numbers are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Codebook {
    /// The most zeros before the first 1 of a Golomb-Rice code.
    last_rice: u32,
    /// Bits behind that 1.
    rice: u32,
    /// The order of the exponential Golomb codes for larger numbers.
    exponential: u32,
}

const fn book(last_rice: u32, rice: u32, exponential: u32) -> Codebook {
    Codebook { last_rice, rice, exponential }
}

impl Codebook {
    /// Reads a code.
    ///
    /// - `bits`: the next bits, the first one at the top; at least 56 of them count.
    /// - Returns: the number, and how many bits its code has, at most 52; `None` if no number has such a code.
    #[inline(always)]
    pub(super) fn read(self, bits: u64) -> Option<(u32, u32)> {
        let Codes { len, add } = self.beginning_with(bits.leading_zeros())?;
        Some((top(bits, len).wrapping_add(add), len))
    }

    /// The codes that begin with so many zeros; `None` if there are none.
    #[inline(always)]
    const fn beginning_with(self, zeros: u32) -> Option<Codes> {
        let Self { last_rice, rice, exponential } = self;
        if zeros > ZEROS_MAX {
            return None;
        }
        if zeros > last_rice {
            let base = (last_rice + 1) << rice;
            let add = base.wrapping_sub(1 << exponential);
            return Some(Codes { len: 2 * zeros + exponential - last_rice, add });
        }
        // The 1 itself is among the bits.
        let add = (zeros << rice).wrapping_sub(1 << rice);
        Some(Codes { len: zeros + 1 + rice, add })
    }

    /// The code of a number of at most 16 bits: its bits, and how many of them there are.
    pub(super) fn write(self, number: u32) -> (u64, u32) {
        let switch = (self.last_rice + 1) << self.rice;
        if number < switch {
            let low = number & ((1 << self.rice) - 1);
            return (u64::from(1 << self.rice | low), (number >> self.rice) + 1 + self.rice);
        }
        let bits = number - switch + (1 << self.exponential);
        let digits = u32::BITS - bits.leading_zeros();
        (bits.into(), self.last_rice + 2 * digits - self.exponential)
    }
}

/// The first `len` bits, 1 to 52, cut to 32.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "numbers that are too large are refused later")]
pub(super) fn top(bits: u64, len: u32) -> u32 {
    (bits >> (64 - len)) as u32
}

/// The codebook of a component's first DC.
pub(super) const FIRST_DC: Codebook = book(0, 5, 6);

/// The codebooks of DC differences.
const DC_BOOKS: [Codebook; 4] = [book(0, 0, 1), book(0, 1, 2), book(1, 2, 3), book(0, 3, 4)];

/// The codebooks of runs.
const RUN_BOOKS: [Codebook; 6] =
    [book(2, 0, 1), book(1, 0, 1), book(0, 0, 1), book(1, 1, 2), book(0, 1, 2), book(0, 2, 3)];

/// The codebooks of levels.
const LEVEL_BOOKS: [Codebook; 6] =
    [book(2, 0, 2), book(1, 0, 1), book(2, 0, 1), book(0, 0, 1), book(0, 1, 2), book(0, 2, 3)];

/// Which DC codebook follows a code: by the difference, without its sign.
pub(super) fn dc_context(code: u32) -> u32 {
    (code.wrapping_add(1) >> 1).min(3)
}

/// Which run codebook follows a run.
fn run_class(run: u32) -> u32 {
    [0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 5][run.min(15) as usize]
}

/// Which level codebook follows a level, which is not 0.
fn level_class(level: u32) -> u32 {
    [0, 0, 1, 2, 3, 4, 4, 4, 4, 5][level.min(9) as usize]
}

/// What follows a run and a level.
pub(super) fn pair_context(run: u32, level: u32) -> u32 {
    6 * run_class(run) + level_class(level)
}

/// A run of zeros and the level behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) run: u32,
    /// Without its sign; not 0.
    pub(super) level: u32,
}

/// The codebooks of the next run and the next level.
pub(super) fn pair_books(context: u32) -> (Codebook, Codebook) {
    let context = context.min(35) as usize;
    (RUN_BOOKS[context / 6], LEVEL_BOOKS[context % 6])
}

/// The codebook of the next DC difference.
pub(super) fn dc_book(context: u32) -> Codebook {
    DC_BOOKS[context.min(3) as usize]
}

/// The codes of DC differences, by codebook and by the zeros before the first 1; of no bits where there are none.
///
/// A table of what the bits say needs no branch that depends on the pictures, which a processor cannot foresee.
pub(super) static DC_CODES: [[Codes; 64]; 4] = {
    let mut table = [[Codes { len: 0, add: 0 }; 64]; 4];
    let mut context = 0;
    while context < table.len() {
        let mut zeros = 0;
        while let Some(codes) = DC_BOOKS[context].beginning_with(zeros) {
            table[context][zeros as usize] = codes;
            zeros += 1;
        }
        context += 1;
    }
    table
};

/// Short pairs by their context and the next [`INDEX_BITS`] bits, made when they are first needed. An entry of 0 is a pair that
/// is longer, or none.
///
/// Bits 0 to 4: the length with the sign; 10 to 15: the next context; 16 to 22: the run plus 1; 24 to 31: the level with its sign.
pub(super) static PAIRS: LazyLock<Box<[u32; PAIRS_LEN]>> = LazyLock::new(|| {
    let mut pairs = vec![0; PAIRS_LEN];
    let contexts = pairs.chunks_exact_mut(CONTEXT_LEN).take(36);
    for (context, entries) in (0..).zip(contexts) {
        for (at, slot) in entries.iter_mut().enumerate() {
            *slot = pair_entry(context, (at as u64) << (64 - INDEX_BITS)).unwrap_or(0);
        }
    }
    pairs.into_boxed_slice().try_into().expect("it is as long")
});

fn pair_entry(context: u32, bits: u64) -> Option<u32> {
    let (runs, levels) = pair_books(context);
    let (run, run_len) = runs.read(bits)?;
    let (less_one, level_len) = levels.read(bits << run_len)?;
    let (level, len) = (less_one + 1, run_len + level_len + 1);
    // Neither number reaches 127 in so few bits.
    if len > INDEX_BITS {
        return None;
    }
    let is_negative = bits << (len - 1) >> 63 == 1;
    let signed = if is_negative { level.wrapping_neg() } else { level };
    Some(signed << 24 | (run + 1) << 16 | pair_context(run, level) << INDEX_BITS | len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(text: &str) -> u64 {
        u64::from_str_radix(text, 2).unwrap() << (64 - text.len())
    }

    #[test]
    fn rice_codes_go_over_to_exponential_golomb_codes() {
        // Two zeros at most, no bits behind the 1, then order 1.
        let levels = book(2, 0, 1);
        let read = |text| levels.read(bits(text));
        assert_eq!(read("1"), Some((0, 1)));
        assert_eq!(read("01"), Some((1, 2)));
        assert_eq!(read("001"), Some((2, 3)));
        assert_eq!(read("00010"), Some((3, 5)));
        assert_eq!(read("00011"), Some((4, 5)));
        assert_eq!(read("0000100"), Some((5, 7)));
        assert_eq!(FIRST_DC.read(bits("110101")), Some((21, 6)));
        assert_eq!(FIRST_DC.read(bits("01000000")), Some((32, 8)));
        assert_eq!(FIRST_DC.read(0), None);
    }

    #[test]
    fn every_number_is_read_as_it_is_written() {
        for book in DC_BOOKS.into_iter().chain([FIRST_DC]).chain(RUN_BOOKS).chain(LEVEL_BOOKS) {
            for number in (0..300).chain([4095, 40_000, 65_535]) {
                let (bits, len) = book.write(number);
                assert_eq!(book.read(bits << (64 - len)), Some((number, len)), "{book:?}");
            }
        }
    }

    #[test]
    fn every_dc_difference_is_in_the_table() {
        for (context, codes) in (0..).zip(&DC_CODES) {
            for number in (0..300).chain([4095, 40_000, 131_071]) {
                let (bits, len) = dc_book(context).write(number);
                let bits = bits << (64 - len);
                let found = codes[bits.leading_zeros() as usize];
                assert_eq!(
                    (found.len, top(bits, found.len).wrapping_add(found.add)),
                    (len, number)
                );
            }
            for bits in [0, 1, u64::MAX >> (ZEROS_MAX + 1)] {
                assert_eq!(
                    (dc_book(context).read(bits), codes[(bits | 1).leading_zeros() as usize].len),
                    (None, 0)
                );
            }
        }
        assert_eq!([0, 1, 2, 3, 4, 5, u32::MAX - 1].map(dc_context), [0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn short_pairs_are_in_the_table_and_long_ones_are_not() {
        // The first pair of a component: run 4 and level 2 came before it.
        let first = pair_context(4, 2);
        let entry = |text: &str| {
            let index = (first as usize) << INDEX_BITS | (bits(text) >> (64 - INDEX_BITS)) as usize;
            PAIRS[index]
        };
        // Run 0, level 1, negative; then the contexts of run 0 and level 1.
        let negative = entry("111");
        assert_eq!((negative & 31, negative >> 16 & 127, negative >> 24), (3, 1, 0xff));
        assert_eq!((negative & NEXT_MASK) >> INDEX_BITS, pair_context(0, 1));
        // Run 2, level 3, positive.
        let positive = entry("01100100");
        assert_eq!((positive & 31, positive >> 16 & 127, positive >> 24), (8, 3, 3));
        assert_eq!(entry("0000000001"), 0);
    }
}
