//! How many channels a stream of sound has by its own description, which the entry of `stsd` carries.
//!
//! - In: the entry. Out: the count, if the stream's description is there, known and states it.
//! - Not here: what the fields of the entry say (`sound`).
//!
//! References: ISO/IEC 14496-1 7.2.6 and 14496-3 1.6.2 (`esds`); ETSI TS 102 366 F.4 (`dac3`), F.6 (`dec3`); RFC 7845 and
//! "Encapsulation of Opus in ISO Base Media" (`dOps`); Apple Lossless magic cookie (`alac`); FLAC in ISO BMFF (`dfLa`).

use super::extensions_at;
use crate::atom::{Atom, u16_at};
use crate::units::FourCc;

/// Channels by `acmod` of AC-3, without the one for low frequencies.
const AC3_CHANNELS: [u32; 8] = [2, 1, 2, 3, 3, 4, 4, 5];

/// Channels of the stream, by its own description.
pub(super) fn channels(entry: &Atom<'_>) -> Option<u32> {
    let skip = extensions_at(entry);
    let wave = entry.find_child(skip, b"wave");
    let atoms = entry.children_from(skip).map_while(Result::ok);
    // QuickTime keeps the description within `wave`.
    let nested = wave.iter().flat_map(|wave| wave.children().map_while(Result::ok));
    let counts = atoms.chain(nested).filter_map(|atom| of_atom(atom.kind, atom.payload));
    counts.into_iter().find(|&count| count > 0)
}

fn of_atom(kind: FourCc, payload: &[u8]) -> Option<u32> {
    match &kind.0 {
        b"esds" => of_elementary_stream(payload.get(4..)?),
        b"dac3" => {
            let bits = u32::from(*payload.get(1)?) << 8 | u32::from(*payload.get(2)?);
            Some(AC3_CHANNELS[(bits >> 11 & 7) as usize] + (bits >> 10 & 1))
        }
        b"dec3" => {
            // The first stream: others depend on it or are programmes of their own.
            let bits = u32::from(*payload.get(3)?);
            Some(AC3_CHANNELS[(bits >> 1 & 7) as usize] + (bits & 1))
        }
        b"alac" => payload.get(13).map(|&count| count.into()),
        b"dOps" => payload.get(1).map(|&count| count.into()),
        b"dfLa" => payload.get(20).map(|&byte| u32::from(byte >> 1 & 7) + 1),
        _ => None,
    }
}

/// The channels of the AAC stream that an `ES_Descriptor` describes.
fn of_elementary_stream(bytes: &[u8]) -> Option<u32> {
    let stream = descriptor(bytes, 3)?;
    let flags = *stream.get(2)?;
    let mut at = 3;
    at += if flags & 0x80 != 0 { 2 } else { 0 };
    at += if flags & 0x40 != 0 { 1 + usize::from(*stream.get(at)?) } else { 0 };
    at += if flags & 0x20 != 0 { 2 } else { 0 };
    let decoder = descriptor(stream.get(at..)?, 4)?;
    // Only AAC has the description that is read here.
    if *decoder.first()? != 0x40 {
        return None;
    }
    of_aac(descriptor(decoder.get(13..)?, 5)?)
}

/// What a descriptor with this tag holds.
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (&first, mut rest) = bytes.split_first()?;
    let mut len = 0;
    for _ in 0..4 {
        let (&byte, behind) = rest.split_first()?;
        rest = behind;
        len = len << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    (first == tag).then(|| rest.get(..len).unwrap_or(rest))
}

/// `AudioSpecificConfig`: object type (5 bits), sampling frequency (4), channel configuration (4).
fn of_aac(bytes: &[u8]) -> Option<u32> {
    let bits = u32::from(u16_at(bytes, 0)?);
    let (object_type, frequency) = (bits >> 11, bits >> 7 & 15);
    // Long forms of either move the rest: no known writer of movies uses them.
    if object_type == 31 || frequency == 15 {
        return None;
    }
    match bits >> 3 & 15 {
        configuration @ 1..=6 => Some(configuration),
        7 | 12 | 14 => Some(8),
        11 => Some(7),
        // 0: a description of its own follows.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_those_of_the_stream() {
        let aac: [&[u8]; 3] = [
            // FFmpeg: 5.1 AAC-LC at 48 kHz.
            b"\x00\x00\x00\x00\x03\x80\x80\x80\x25\x00\x01\x00\x04\x80\x80\x80\x17\x40\x15\x00\x00\x00\
              \x00\x05\x4e\x20\x00\x05\x4e\x20\x05\x80\x80\x80\x05\x11\xb0\x56\xe5\x00",
            // The same, mono, with lengths of one byte.
            b"\x00\x00\x00\x00\x03\x16\x00\x01\x00\x04\x11\x40\x15\x00\x00\x00\x00\x05\x4e\x20\x00\x05\
              \x4e\x20\x05\x02\x11\x88",
            // MP3 in MP4.
            b"\x00\x00\x00\x00\x03\x16\x00\x01\x00\x04\x11\x6b\x15\x00\x00\x00\x00\x05\x4e\x20\x00\x05\
              \x4e\x20\x05\x02\x11\x88",
        ];
        let counts = aac.map(|payload| of_atom(FourCc(*b"esds"), payload));
        assert_eq!(counts, [Some(6), Some(1), None]);
        // 5.1 AC-3 and E-AC-3 as FFmpeg describes them.
        assert_eq!(of_atom(FourCc(*b"dac3"), &[0x10, 0x3d, 0xe0]), Some(6));
        assert_eq!(of_atom(FourCc(*b"dec3"), &[0x0e, 0x00, 0x20, 0x0f, 0x00]), Some(6));
        let cookie = [0, 0, 0, 0, 0, 0, 16, 0, 0, 16, 40, 10, 14, 8, 0, 255];
        assert_eq!(of_atom(FourCc(*b"alac"), &cookie), Some(8));
        assert_eq!(of_atom(FourCc(*b"dOps"), &[0, 6, 0, 0]), Some(6));
    }

    #[test]
    fn description_that_is_cut_anywhere_says_nothing_or_the_same() {
        let esds = b"\x00\x00\x00\x00\x03\x16\x00\x01\x00\x04\x11\x40\x15\x00\x00\x00\x00\x05\x4e\x20\x00\x05\
            \x4e\x20\x05\x02\x11\x88";
        for len in 0..esds.len() {
            let count = of_atom(FourCc(*b"esds"), &esds[..len]);
            assert!(count.is_none_or(|count| count == 1), "{len}: {count:?}");
        }
    }
}
