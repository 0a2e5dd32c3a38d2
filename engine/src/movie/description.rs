//! The sample descriptions of a track, and what those of sound and timecode say.
//!
//! - In: the `stsd` atom. Out: [`Descriptions`], and typed views of one description.
//! - Holds: every description is in `stsd`; what follows the fields of a description (extensions, four zeros, stray
//!   bytes) is read as far as it makes sense and never refused.
//! - Not here: descriptions of pictures (`codec`), what is done with them.
//!
//! References: QuickTime File Format, "Sound Sample Descriptions", "Timecode Sample Description"; ISO/IEC 14496-12 12.2.3.

use super::{SoundFormat, TrackKind, Unsupported};
use crate::atom::{Atom, AtomError, u16_at, u32_at, u64_at};
use crate::codec::VIDEO_EXTENSIONS;
use crate::table::Packing;
use crate::units::FourCc;

/// Bytes of a description, after its header, before the fields of its media.
const COMMON_LEN: usize = 8;
/// Where the extensions of a timecode description begin, after its header.
const TIMECODE_EXTENSIONS: usize = 26;
/// The longest name that is kept; what text follows is no name any more.
pub(super) const NAME_LEN_MAX: usize = 1024;
/// Descriptions of protected media.
const PROTECTED: [&[u8; 4]; 6] = [b"encv", b"enca", b"encs", b"enct", b"drmi", b"drms"];

/// The descriptions of one track: a view, since a hostile `stsd` may hold a million of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Descriptions<'a> {
    stsd: Atom<'a>,
    count: u32,
}

impl<'a> Descriptions<'a> {
    pub(super) fn parse(stsd: &Atom<'a>) -> Result<Self, AtomError> {
        let count = stsd.u32_at(4)?;
        let mut present = 0;
        for entry in stsd.children_from(8).take(index(count)) {
            entry?;
            present += 1;
        }
        if present < u64::from(count) {
            return Err(AtomError::EntriesPastAtom {
                kind: stsd.kind,
                offset: stsd.offset,
                claimed: u64::from(count),
                present,
            });
        }
        Ok(Self { stsd: *stsd, count })
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Each description with its header; its kind is the codec.
    pub(super) fn entries(&self) -> impl Iterator<Item = Atom<'a>> + use<'a> {
        self.stsd.children_from(8).take(index(self.count)).map_while(Result::ok)
    }

    /// The only description; `None` where there are several, or none.
    pub(super) fn only(&self) -> Option<Atom<'a>> {
        self.entries().next().filter(|_| self.count == 1)
    }

    /// Refuses protected media: by the codec, or by a `sinf` among the extensions.
    pub(super) fn refuse_encrypted(&self, track: u32, media: TrackKind) -> Result<(), Unsupported> {
        for entry in self.entries() {
            let Atom { kind, offset, .. } = entry;
            if PROTECTED.iter().any(|protected| kind == FourCc(**protected)) {
                return Err(Unsupported::Encrypted { track, kind, offset });
            }
            let skip = match media {
                TrackKind::Video => VIDEO_EXTENSIONS,
                TrackKind::Sound => sound_extensions(&entry),
                TrackKind::Timecode | TrackKind::Text | TrackKind::Other(_) => continue,
            };
            if let Some(Atom { kind, offset, .. }) = entry.find_child(skip, b"sinf") {
                return Err(Unsupported::Encrypted { track, kind, offset });
            }
        }
        Ok(())
    }

    /// What a size of 1 in `stsz` means in a sound track: by the description, which must be the only one.
    pub(super) fn unit_size(&self) -> UnitSize {
        self.only().as_ref().and_then(unit_size).unwrap_or(UnitSize::Unknown)
    }
}

/// Reads a sound description of version 0, 1 or 2; `None` where it is too short for its version.
pub(super) fn sound_format(entry: &Atom<'_>) -> Option<SoundFormat> {
    let bytes = entry.payload.get(COMMON_LEN..)?;
    let version = u16_at(bytes, 0)?;
    let codec = entry.kind;
    if version == 2 {
        return Some(SoundFormat {
            codec,
            version,
            rate_hz: f64::from_bits(u64_at(bytes, 24)?),
            channels: u32_at(bytes, 32)?,
            bits: u32_at(bytes, 40)?,
        });
    }
    Some(SoundFormat {
        codec,
        version,
        channels: u32::from(u16_at(bytes, 8)?),
        // Versions 0 and 1 have no more than 16 in the field; these codecs say it by their names.
        bits: match &codec.0 {
            b"in24" => 24,
            b"in32" | b"fl32" => 32,
            b"fl64" => 64,
            _ => u32::from(u16_at(bytes, 10)?),
        },
        rate_hz: f64::from(u32_at(bytes, 16)?) / 65536.0,
    })
}

/// Where the extensions of a sound description begin, after its header.
fn sound_extensions(entry: &Atom<'_>) -> usize {
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
fn unit_size(entry: &Atom<'_>) -> Option<UnitSize> {
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

/// The fields of a timecode description.
#[derive(Debug)]
pub(super) struct TimecodeDescription {
    /// 1 drop frame, 2 wraps at 24 hours, 4 negative times, 8 a counter.
    pub(super) flags: u32,
    /// Ticks per second at which it counts; not the media's timescale.
    pub(super) timescale: u32,
    /// Ticks per frame.
    pub(super) frame_duration: u32,
    /// The reel, by the `name` extension.
    pub(super) reel: Option<String>,
}

impl TimecodeDescription {
    pub(super) fn parse(entry: &Atom<'_>) -> Result<Self, AtomError> {
        Ok(Self {
            flags: entry.u32_at(12)?,
            timescale: entry.u32_at(16)?,
            frame_duration: entry.u32_at(20)?,
            reel: entry
                .find_child(TIMECODE_EXTENSIONS, b"name")
                .and_then(|name| reel(name.payload)),
        })
    }
}

/// A reel name: user data text (16-bit length, language, text), or the plain text that some writers leave.
fn reel(payload: &[u8]) -> Option<String> {
    // The first two letters of a plain text are a length that is far too large.
    let counted = u16_at(payload, 0).and_then(|len| payload.get(4..)?.get(..usize::from(len)));
    let text = counted.unwrap_or(payload.get(..NAME_LEN_MAX).unwrap_or(payload));
    let text = text.split(|&byte| byte == 0).find(|part| !part.is_empty())?;
    Some(String::from_utf8_lossy(text).trim().to_owned()).filter(|reel| !reel.is_empty())
}

fn index(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
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
