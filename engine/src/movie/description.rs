//! The sample descriptions of a track, and what those of timecode say.
//!
//! - In: the `stsd` atom. Out: [`Descriptions`], and typed views of one description.
//! - Holds: every description is in `stsd`; what follows the fields of a description (extensions, four zeros, stray
//!   bytes) is read as far as it makes sense and never refused.
//! - Not here: descriptions of pictures (`codec`) and of sound (`sound`), what is done with them.
//!
//! References: QuickTime File Format, "Sample Description Atoms", "Timecode Sample Description".

use super::sound::{UnitSize, extensions_at, unit_size};
use super::{TrackKind, Unsupported};
use crate::atom::{Atom, AtomError, u16_at};
use crate::codec::VIDEO_EXTENSIONS;
use crate::units::FourCc;

/// Where the extensions of a timecode description begin, after its header.
const TIMECODE_EXTENSIONS: usize = 26;
/// The longest name that is kept; what text follows is not a name any more.
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

    /// Protected media: by the codec, or by a `sinf` among the extensions.
    pub(super) fn encrypted(&self, track: u32, media: TrackKind) -> Option<Unsupported> {
        for entry in self.entries() {
            let Atom { kind, offset, .. } = entry;
            if PROTECTED.iter().any(|protected| kind == FourCc(**protected)) {
                return Some(Unsupported::Encrypted { track, kind, offset });
            }
            let skip = match media {
                TrackKind::Video => VIDEO_EXTENSIONS,
                TrackKind::Sound => extensions_at(&entry),
                TrackKind::Timecode | TrackKind::Text | TrackKind::Other(_) => continue,
            };
            if let Some(Atom { kind, offset, .. }) = entry.find_child(skip, b"sinf") {
                return Some(Unsupported::Encrypted { track, kind, offset });
            }
        }
        None
    }

    /// What a size of 1 in `stsz` means in a sound track: by the description, which must be the only one.
    pub(super) fn unit_size(&self) -> UnitSize {
        self.only().as_ref().and_then(unit_size).unwrap_or(UnitSize::Unknown)
    }
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
