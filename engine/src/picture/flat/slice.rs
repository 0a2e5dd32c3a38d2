//! The bytes of a slice whose blocks are flat: black or white, without colour, opaque.
//!
//! - In: how many macroblocks it has, and which of its blocks are lit.
//! - Out: its bytes.
//! - Holds: black and white are whole numbers of steps of the quantiser, so every decoder gives exactly them.
//! - Not here: which blocks are lit (`lettering`), which DCs are black and white (`canvas`).
//!
//! References: RDD 36, 5.3 (slice), 7.1 (entropy coding).

use super::canvas::{Canvas, Tones};
use crate::codec::Chroma;
use crate::picture::codes::{Codebook, FIRST_DC, dc_book, dc_context};

/// Pixels of a macroblock.
const MACROBLOCK_PIXELS: usize = 256;

/// The bytes of a slice.
///
/// - `macroblocks`: 1, 2, 4 or 8.
/// - `lit`: its blocks of brightness in the order in which they are coded, the first one at the lowest bit.
pub(super) fn slice(canvas: &Canvas, macroblocks: usize, lit: u32) -> Vec<u8> {
    let (shape, Tones { quantiser, black, lit: white }) = (&canvas.shape, canvas.tones);
    let luma =
        component(4 * macroblocks, |block| if lit >> block & 1 == 1 { white } else { black });
    let blocks = if shape.chroma == Chroma::Full { 4 } else { 2 };
    let chroma = component(blocks * macroblocks, |_| 0);
    let header_len: u8 = if shape.alpha { 8 } else { 6 };
    let mut bytes = vec![header_len << 3, quantiser];
    let stated = [&luma, &chroma, &chroma];
    for component in &stated[..if shape.alpha { 3 } else { 2 }] {
        let len = u16::try_from(component.len()).expect("a component of flat blocks is short");
        bytes.extend(len.to_be_bytes());
    }
    stated.into_iter().for_each(|component| bytes.extend(component));
    if shape.alpha {
        bytes.extend(opaque(MACROBLOCK_PIXELS * macroblocks));
    }
    bytes
}

/// A component of flat blocks: their DCs, and no other coefficients.
fn component(blocks: usize, dc: impl Fn(usize) -> i32) -> Vec<u8> {
    let mut writer = BitWriter::default();
    let mut last = dc(0);
    // Numbers with a sign are coded by turns: 0, -1, 1, -2, …
    writer.code(FIRST_DC, (last << 1 ^ last >> 31).cast_unsigned());
    let (mut context, mut is_negative) = (dc_context(5), false);
    for next in (1..blocks).map(dc) {
        let difference = next - last;
        last = next;
        // Odd where the sign is not that of the difference before; after no difference, that counts as positive.
        let turns = difference != 0 && is_negative != (difference < 0);
        let code = 2 * difference.unsigned_abs() - u32::from(turns);
        writer.code(dc_book(context), code);
        (context, is_negative) = (dc_context(code), difference < 0);
    }
    writer.finish()
}

/// The alpha of a slice that is opaque: one pixel of 16 bits, which is no change from the one that is thought before it, and
/// how often it is repeated.
fn opaque(pixels: usize) -> Vec<u8> {
    let mut writer = BitWriter::default();
    writer.put(1, 1);
    writer.put(0, 16);
    writer.put(0, 5);
    writer.put(pixels as u64 - 1, 11);
    writer.finish()
}

/// Bits from the most significant one on.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that are no whole byte yet, at the lowest places.
    rest: u64,
    rest_len: u32,
}

impl BitWriter {
    /// - `len`: at most 56.
    fn put(&mut self, bits: u64, len: u32) {
        self.rest = self.rest << len | bits;
        self.rest_len += len;
        while self.rest_len >= 8 {
            self.rest_len -= 8;
            self.bytes.push((self.rest >> self.rest_len & 0xff).to_be_bytes()[7]);
        }
        self.rest &= (1 << self.rest_len) - 1;
    }

    fn code(&mut self, book: Codebook, number: u32) {
        let (bits, len) = book.write(number);
        self.put(bits, len);
    }

    /// The bytes, with zeros behind the last bit.
    fn finish(mut self) -> Vec<u8> {
        self.put(0, (8 - self.rest_len) % 8);
        self.bytes
    }
}
