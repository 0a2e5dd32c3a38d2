//! The sample description of pictures.
//!
//! - In: one entry of `stsd`. Out: [`VideoDescription`], and with rate and frame header [`VideoFormat`].
//! - Holds: what follows the fields of a description (extensions, four zeros, stray bytes) is read as far as it makes
//!   sense and never refused.
//! - Not here: descriptions of sound and timecode, and how many a track has (`movie`).
//!
//! References: QuickTime File Format, "Video Sample Description"; ISO/IEC 14496-12 12.1.3.

use super::color::{CleanAperture, ColorAtom, PixelAspect};
use super::frame::FrameHeader;
use crate::atom::{Atom, AtomError, Atoms, array_at};
use crate::timecode::FrameRate;
use crate::units::FourCc;

/// Where its extensions begin, after its header.
pub(crate) const VIDEO_EXTENSIONS: usize = 78;

/// The fields of a description: where each ends, after its header, and its name.
const FIELDS: [(usize, &str); 9] = [
    (8, "its data reference"),
    (12, "its version"),
    (16, "the name of its vendor"),
    (24, "its quality"),
    (28, "its size"),
    (42, "its resolution"),
    (74, "the name of its encoder"),
    (76, "its depth"),
    (VIDEO_EXTENSIONS, "its colour table"),
];

/// What a sample description says of pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoDescription {
    /// The codec.
    pub codec: FourCc,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Bits a pixel: 24, or 32 with alpha.
    pub depth: u16,
    /// Payload of `fiel`: fields, and their order.
    pub fiel: Option<[u8; 2]>,
    /// Colour, by `colr`.
    pub colr: Option<ColorAtom>,
    /// Shape of a pixel, by `pasp`.
    pub pasp: Option<PixelAspect>,
    /// The part of the picture that is meant to be seen, by `clap`.
    pub clap: Option<CleanAperture>,
    /// All of it, after its header: what a decoder is given.
    pub payload: Vec<u8>,
}

impl VideoDescription {
    /// Reads one entry of `stsd`.
    ///
    /// # Errors
    /// [`AtomError::FieldsPastAtom`] where it is too short for its fields.
    pub fn parse(entry: &Atom<'_>) -> Result<Self, AtomError> {
        let depth = entry.array_at(74).map(u16::from_be_bytes)?;
        let payload = |kind| entry.find_child(VIDEO_EXTENSIONS, kind).map(|atom| atom.payload);
        Ok(Self {
            codec: entry.kind,
            width: entry.array_at(24).map(u16::from_be_bytes)?,
            height: entry.array_at(26).map(u16::from_be_bytes)?,
            depth,
            fiel: payload(b"fiel").and_then(|payload| array_at(payload, 0)),
            colr: payload(b"colr").map(ColorAtom::parse),
            pasp: payload(b"pasp").map(PixelAspect::parse),
            clap: payload(b"clap").map(CleanAperture::parse),
            payload: entry.payload.to_vec(),
        })
    }

    /// Whether there is alpha, by the depth: 24 means none, 32 some, anything else nothing.
    pub fn alpha(&self) -> Option<bool> {
        match self.depth {
            24 => Some(false),
            32 => Some(true),
            _ => None,
        }
    }

    /// The name of the encoder, by the description.
    pub fn encoder(&self) -> Option<String> {
        let field: &[u8; 32] = self.payload.get(42..)?.first_chunk()?;
        let name = field.get(1..=usize::from(field[0])).unwrap_or(&field[1..]);
        let name = String::from_utf8_lossy(name).trim_matches(['\0', ' ']).to_owned();
        (!name.is_empty()).then_some(name)
    }

    /// Where another description differs first, in words; `None` if they are the same byte for byte. Bit rates (`btrt`) are
    /// not compared: no decoder needs them, and they are each movie's own.
    pub fn differing_part(&self, other: &Self) -> Option<String> {
        if self.payload == other.payload {
            return None;
        }
        let first =
            self.payload.iter().zip(&other.payload).position(|(ours, theirs)| ours != theirs);
        let field = first.and_then(|first| FIELDS.iter().find(|(end, _)| first < *end));
        if let Some((_, name)) = field {
            return Some((*name).to_owned());
        }
        let [(ours, our_rest), (theirs, their_rest)] = [self, other].map(Self::compared_atoms);
        let (mut ours, mut theirs) = (ours.into_iter(), theirs.into_iter());
        loop {
            match (ours.next(), theirs.next()) {
                (Some(ours), Some(theirs))
                    if (ours.kind, ours.payload) == (theirs.kind, theirs.payload) => {}
                (Some(one), _) | (None, Some(one)) => return Some(format!("{:?}", one.kind)),
                (None, None) if our_rest == their_rest => return None,
                (None, None) => return Some("the bytes behind its atoms".to_owned()),
            }
        }
    }

    /// The atoms after the fields, without bit rates, and the bytes behind them.
    fn compared_atoms(&self) -> (Vec<Atom<'_>>, &[u8]) {
        let extensions = self.extensions();
        let atoms: Vec<Atom<'_>> =
            Atoms::new(self.codec, extensions, 0).map_while(Result::ok).collect();
        let len = |atom: &Atom<'_>| usize::from(atom.header_len) + atom.payload.len();
        let rest = extensions.get(atoms.iter().map(len).sum()..).unwrap_or_default();
        (atoms.into_iter().filter(|atom| atom.kind != FourCc(*b"btrt")).collect(), rest)
    }

    /// What follows the fields.
    fn extensions(&self) -> &[u8] {
        self.payload.get(VIDEO_EXTENSIONS..).unwrap_or_default()
    }

    /// The fields in words. Their order is given by its number: writers and documents disagree on what 9 and 14 mean.
    pub fn fields(&self) -> Option<String> {
        Some(match self.fiel? {
            [1, _] => "progressive".to_owned(),
            [2, 1] => "2 fields, top first".to_owned(),
            [2, 6] => "2 fields, bottom first".to_owned(),
            [fields, order] => format!("{fields} fields in order {order}"),
        })
    }
}

/// What the pictures of a movie are, as far as it decides whether a clip fits.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoFormat {
    /// What their sample description says.
    pub description: VideoDescription,
    /// Frames per second, matched to the standard one.
    pub rate: FrameRate,
    /// Header of the first frame, where the codec has one that is known here and the frame has it.
    pub frame_header: Option<FrameHeader>,
}

#[cfg(test)]
impl VideoFormat {
    /// Progressive ProRes 4444 without alpha, and nothing else stated.
    pub(crate) fn plain(width: u16, height: u16, rate: FrameRate) -> Self {
        let description = VideoDescription {
            codec: FourCc(*b"ap4h"),
            width,
            height,
            depth: 24,
            fiel: None,
            colr: None,
            pasp: None,
            clap: None,
            payload: Vec::new(),
        };
        Self { description, rate, frame_header: None }
    }
}
