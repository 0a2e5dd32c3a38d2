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
use crate::picture::bits::BitWriter;
use crate::picture::encode::write_dcs;

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
    write_dcs(&mut writer, (0..blocks).map(dc));
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
