//! Descriptions of sound: what they say, and what a sample size of 1 means under them.
//!
//! - In: one entry of the `stsd` of a sound track. Out: [`SoundFormat`], [`UnitSize`].
//! - Holds: channels are those of the stream where its own description states them, since the fields of the entry
//!   often say 2 whatever the stream has.
//! - Not here: the stream's own descriptions (`stream`).
//!
//! References: QuickTime File Format, "Sound Sample Descriptions"; ISO/IEC 14496-12 12.2.3.

mod pcm;
mod stream;

use crate::atom::{Atom, u16_at, u32_at, u64_at};
use crate::table::Packing;
use crate::units::FourCc;
pub use pcm::Pcm;

/// Bytes of a description, after its header, before the fields of its media.
const COMMON_LEN: usize = 8;

/// What a sound description says.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SoundFormat {
    /// The codec.
    pub codec: FourCc,
    /// Version of the description: 0, 1 or 2.
    pub version: u16,
    /// Channels: of the stream, if its own description states them.
    pub channels: u32,
    /// Bits a sample, by the codec's name where that says it; else as the description has it.
    pub bits: u32,
    /// Sample frames per second.
    pub rate_hz: f64,
    /// How a sample is coded, if it is not compressed.
    pub pcm: Option<Pcm>,
}

/// Reads a sound description of version 0, 1 or 2; `None` where it is too short for its version.
pub(super) fn sound_format(entry: &Atom<'_>) -> Option<SoundFormat> {
    let bytes = entry.payload.get(COMMON_LEN..)?;
    let version = u16_at(bytes, 0)?;
    let codec = entry.kind;
    let in_stream = stream::channels(entry);
    let pcm = Pcm::of(entry);
    if version == 2 {
        return Some(SoundFormat {
            codec,
            version,
            rate_hz: f64::from_bits(u64_at(bytes, 24)?),
            channels: in_stream.unwrap_or(u32_at(bytes, 32)?),
            bits: u32_at(bytes, 40)?,
            pcm,
        });
    }
    Some(SoundFormat {
        codec,
        version,
        channels: in_stream.unwrap_or(u32::from(u16_at(bytes, 8)?)),
        // Versions 0 and 1 have no more than 16 in the field; these codecs say it by their names.
        bits: match &codec.0 {
            b"in24" => 24,
            b"in32" | b"fl32" => 32,
            b"fl64" => 64,
            _ => u32::from(u16_at(bytes, 10)?),
        },
        rate_hz: f64::from(u32_at(bytes, 16)?) / 65536.0,
        pcm,
    })
}

/// Where the extensions of a sound description begin, after its header.
pub(super) fn extensions_at(entry: &Atom<'_>) -> usize {
    match u16_at(entry.payload, COMMON_LEN) {
        Some(1) => 44,
        Some(2) => 64,
        _ => 28,
    }
}

/// What a size of 1 in the `stsz` of a sound track means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitSize {
    /// Samples are uncompressed frames, and these are packed so.
    Packed(Packing),
    /// One byte a sample, as it says.
    ByTable,
    /// Nobody says.
    Unknown,
}

/// How many bytes a packet of sound really has, where `stsz` counts uncompressed frames as samples of size 1; `None`
/// where that is not to be told.
///
/// - Version 2 and 1 say it in the description; version 1 with compression identifier -2 has one packet a sample, and
///   `stsz` is right.
/// - Version 0 leaves it to the codec: plain samples have `channels * bits` each, the old compressors a fixed ratio.
///
/// Source: QuickTime File Format, "Sound Sample Description (Version 0)" to "(Version 2)".
pub(super) fn unit_size(entry: &Atom<'_>) -> Option<UnitSize> {
    let bytes = entry.payload.get(COMMON_LEN..)?;
    let (samples_per_packet, bytes_per_packet) = match u16_at(bytes, 0)? {
        2 => (u32_at(bytes, 52)?, u32_at(bytes, 48)?),
        1 if u16_at(bytes, 12)? == 0xfffe => return Some(UnitSize::ByTable),
        1 => (u32_at(bytes, 20)?, u32_at(bytes, 28)?),
        _ => {
            let channels = u32::from(u16_at(bytes, 8)?);
            let bits = u32::from(u16_at(bytes, 10)?);
            let (samples, bytes_per_channel) = match &entry.kind.0 {
                b"raw " | b"NONE" | b"twos" | b"sowt" => (1, bits.div_ceil(8)),
                b"ulaw" | b"alaw" => (1, 1),
                b"in24" => (1, 3),
                b"in32" | b"fl32" => (1, 4),
                b"fl64" => (1, 8),
                b"ima4" => (64, 34),
                b"MAC3" => (6, 2),
                b"MAC6" => (6, 1),
                _ => return None,
            };
            (samples, bytes_per_channel * channels)
        }
    };
    let is_stated = samples_per_packet > 0 && bytes_per_packet > 0;
    is_stated.then_some(UnitSize::Packed(Packing { samples_per_packet, bytes_per_packet }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stereo description at 48 kHz that has `bits` in its field of 16 bits.
    fn sound(codec: &[u8; 4], version: u8, bits: u8) -> SoundFormat {
        let mut payload = vec![0; COMMON_LEN + 20 + 16];
        payload[COMMON_LEN + 1] = version;
        payload[COMMON_LEN + 9] = 2;
        payload[COMMON_LEN + 11] = bits;
        payload[COMMON_LEN + 16..COMMON_LEN + 20]
            .copy_from_slice(&(48_000_u32 << 16).to_be_bytes());
        let entry = Atom { kind: FourCc(*codec), offset: 0, header_len: 8, payload: &payload };
        sound_format(&entry).expect("the description is whole")
    }

    #[test]
    fn bits_are_those_of_the_codec_where_its_name_says_them() {
        let format = sound(b"in24", 1, 16);
        assert_eq!((format.bits, format.channels, format.version), (24, 2, 1));
        assert!((format.rate_hz - 48_000.0).abs() < f64::EPSILON, "{}", format.rate_hz);
        let bits = [b"in32", b"fl32", b"fl64"].map(|codec| sound(codec, 1, 16).bits);
        assert_eq!(bits, [32, 32, 64]);
        assert_eq!(sound(b"in24", 0, 16).bits, 24);
        assert_eq!((sound(b"sowt", 0, 16).bits, sound(b"raw ", 0, 8).bits), (16, 8));
    }
}
