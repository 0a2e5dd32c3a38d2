//! The alpha channel, which is coded without loss, pixel by pixel.
//!
//! - In: the bytes of a slice's alpha.
//! - Out: its 16 rows of opacity.
//! - Holds: pixels behind the last coded one have the last one's opacity, as readers of such slices show them.
//! - Not here: mixing.
//!
//! References: RDD 36, 7.1.2.

use super::bits::BitReader;
use super::entropy::Undecodable;
use super::frame::{AlphaDepth, MACROBLOCK};

/// Pixels of a slice, at most.
pub(super) const PIXELS_MAX: usize = 8 * MACROBLOCK * MACROBLOCK;

/// Reads the opacity of `pixels.len()` pixels, row by row.
///
/// # Errors
/// [`Undecodable`] if the bytes end within a code.
pub(super) fn read(bytes: &[u8], depth: AlphaDepth, pixels: &mut [u16]) -> Result<(), Undecodable> {
    let (len, difference_len, mask) = match depth {
        AlphaDepth::Eight => (8, 4, 0xff),
        AlphaDepth::Sixteen => (16, 7, 0xffff),
    };
    let mut reader = BitReader::new(bytes);
    // The first pixel is coded as if an opaque one came before it.
    let mut value: u16 = mask;
    let mut at = 0;
    while at < pixels.len() {
        reader.refill();
        // A new value: all of it, or its difference with the sign in the last bit.
        let change = if take(&mut reader, 1) == 1 {
            take(&mut reader, len)
        } else {
            let code = take(&mut reader, difference_len);
            let magnitude = (code >> 1) + 1;
            if code & 1 == 1 { magnitude.wrapping_neg() } else { magnitude }
        };
        value = value.wrapping_add(change) & mask;
        pixels[at] = value;
        at += 1;
        if at == pixels.len() || take(&mut reader, 1) == 1 {
            continue;
        }
        // How often it is repeated.
        let mut run = take(&mut reader, 4);
        if run == 0 {
            run = take(&mut reader, 11);
        }
        let end = pixels.len().min(at + usize::from(run));
        pixels[at..end].fill(value);
        at = end;
    }
    if reader.is_overrun() { Err(Undecodable) } else { Ok(()) }
}

/// The next bits as a number, 1 to 16 of them.
fn take(reader: &mut BitReader<'_>, len: u32) -> u16 {
    let [high, low, ..] = (reader.word() >> (64 - len) << 48).to_be_bytes();
    reader.skip(len);
    u16::from_be_bytes([high, low])
}
