//! The codes of one component of a slice.
//!
//! - In: levels, as they are ordered in the bitstream.
//! - Out: bits.
//! - Holds: what is written is what `entropy` reads.
//! - Not here: levels (`transform`), their order (`slice`).
//!
//! References: RDD 36, 7.1.1.

use crate::picture::bits::BitWriter;
use crate::picture::codes::{FIRST_DC, dc_book, dc_context, pair_books, pair_context};

/// Writes the DCs of all blocks.
pub(in crate::picture) fn write_dcs(writer: &mut BitWriter, mut dcs: impl Iterator<Item = i32>) {
    let Some(mut last) = dcs.next() else { return };
    // Numbers with a sign are coded by turns: 0, -1, 1, -2, …
    writer.code(FIRST_DC, (last << 1 ^ last >> 31).cast_unsigned());
    let (mut context, mut is_negative) = (dc_context(5), false);
    for next in dcs {
        let difference = next - last;
        last = next;
        // Odd where the sign is not that of the difference before; after no difference, that counts as positive.
        let turns = difference != 0 && is_negative != (difference < 0);
        let code = 2 * difference.unsigned_abs() - u32::from(turns);
        writer.code(dc_book(context), code);
        (context, is_negative) = (dc_context(code), difference < 0);
    }
}

/// Writes the other levels: the first coefficient of every block, then the second, and so on. What is 0 to the end is not
/// written.
pub(super) fn write_levels(writer: &mut BitWriter, levels: impl Iterator<Item = i16>) {
    // What is thought before the first one.
    let mut context = pair_context(4, 2);
    let mut run = 0;
    for level in levels {
        if level == 0 {
            run += 1;
            continue;
        }
        let (runs, books) = pair_books(context);
        let magnitude = u32::from(level.unsigned_abs());
        writer.code(runs, run);
        writer.code(books, magnitude - 1);
        writer.put(u64::from(level < 0), 1);
        context = pair_context(run, magnitude);
        run = 0;
    }
}
