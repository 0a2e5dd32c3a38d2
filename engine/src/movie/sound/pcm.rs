//! Uncompressed sound: how a sample is coded.
//!
//! - In: an entry of `stsd`. Out: [`Pcm`], of the kinds that video has.
//! - Not here: what the other fields say (`sound`), how samples are packed.
//!
//! References: QuickTime File Format, "Sound Sample Descriptions", `enda`; CoreAudio, `LinearPCMFormatFlags`.

use super::extensions_at;
use crate::atom::{Atom, u16_at, u32_at};

/// How a sample of uncompressed sound is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pcm {
    /// Bits of a sample.
    pub bits: u32,
    /// Whether it is a floating-point number; else it is an integer with a sign.
    pub is_float: bool,
    /// Whether its highest byte is first.
    pub is_big_endian: bool,
}

impl Pcm {
    /// How an entry codes its samples; `None` for compressed sound, and for what video does not have.
    pub(super) fn of(entry: &Atom<'_>) -> Option<Self> {
        let big = || !has_little_endian_atom(entry);
        let (bits, is_float, is_big_endian) = match &entry.kind.0 {
            b"sowt" => (u16_at(entry.payload, super::COMMON_LEN + 10)?.into(), false, false),
            b"twos" => (u16_at(entry.payload, super::COMMON_LEN + 10)?.into(), false, true),
            b"in24" => (24, false, big()),
            b"in32" => (32, false, big()),
            b"fl32" => (32, true, big()),
            b"fl64" => (64, true, big()),
            b"lpcm" => {
                let bytes = entry.payload.get(super::COMMON_LEN..)?;
                let (bits, flags) = (u32_at(bytes, 40)?, u32_at(bytes, 44)?);
                let (is_float, is_signed) = (flags & 1 != 0, flags & 4 != 0);
                // Version 2 alone has these fields.
                let is_known = u16_at(bytes, 0)? == 2 && (is_float || is_signed);
                is_known.then_some((bits, is_float, flags & 2 != 0))?
            }
            _ => return None,
        };
        let is_kept = if is_float { matches!(bits, 32 | 64) } else { matches!(bits, 16 | 24 | 32) };
        is_kept.then_some(Self { bits, is_float, is_big_endian })
    }

    /// Bytes of a sample.
    pub fn bytes(self) -> u32 {
        self.bits / 8
    }

    /// What FFmpeg calls it: `s24be`, `f32le`.
    pub fn name(self) -> String {
        let kind = if self.is_float { 'f' } else { 's' };
        let order = if self.is_big_endian { "be" } else { "le" };
        format!("{kind}{}{order}", self.bits)
    }
}

/// Whether the entry says, within `wave` or beside it, that the lowest byte is first.
fn has_little_endian_atom(entry: &Atom<'_>) -> bool {
    let skip = extensions_at(entry);
    let wave = entry.find_child(skip, b"wave");
    let nested = wave.iter().flat_map(|wave| wave.children().map_while(Result::ok));
    let mut atoms = entry.children_from(skip).map_while(Result::ok).chain(nested);
    atoms.any(|atom| atom.kind.0 == *b"enda" && u16_at(atom.payload, 0) == Some(1))
}
