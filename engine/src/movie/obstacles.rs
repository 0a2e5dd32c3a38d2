//! What stands in the way of a splice in a movie that could be read: found in its atoms, named, and never fatal to reading.
//!
//! - In: atoms of the header. Out: [`Unsupported`] for each kind that is there, once.
//! - Holds: what concerns the pictures rules a movie out as base and as clip; the rest rules it out as base alone, since
//!   only the base's other tracks and metadata are carried over.
//! - Not here: movies that cannot be read (`outline`), what makes two movies incompatible (`plan`).
//!
//! References: QuickTime File Format, "Data Reference Atoms"; ISO/IEC 14496-12 8.6.1.3 (`ctts`), 8.6.2 (`stss`), 8.7.2
//! (`dref`), 8.7.7 (`subs`), 8.7.9 (`saio`), 8.11.3 (`iloc`).

use super::Unsupported;
use crate::atom::{Atom, AtomError, u16_at, u32_at};
use crate::units::FourCc;

/// Kinds at the top level that hold offsets in the file.
const INDEX_KINDS: [&[u8; 4]; 3] = [b"sidx", b"ssix", b"mfra"];

/// Why a movie cannot be spliced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Obstacles {
    /// What concerns its pictures: it can be neither base nor clip. The codec comes first.
    pub of_pictures: Vec<Unsupported>,
    /// What concerns anything else: it cannot be a base.
    pub of_the_rest: Vec<Unsupported>,
}

impl Obstacles {
    /// A movie that can be spliced.
    pub const NONE: Self = Self { of_pictures: Vec::new(), of_the_rest: Vec::new() };

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Unsupported> {
        self.of_pictures.iter().chain(&self.of_the_rest)
    }
}

/// Media in other files: every data reference must say that the media is in this one (flag 1).
pub(super) fn external_media(
    minf: &Atom<'_>,
    track: u32,
) -> Result<Option<Unsupported>, AtomError> {
    let Some(dinf) = minf.child(b"dinf")? else { return Ok(None) };
    let Some(dref) = dinf.child(b"dref")? else { return Ok(None) };
    for reference in dref.children_from(8) {
        let reference = reference?;
        if reference.u32_at(0)? & 1 == 0 {
            let Atom { kind, offset, .. } = reference;
            return Ok(Some(Unsupported::ExternalMedia { track, kind, offset }));
        }
    }
    Ok(None)
}

/// Sound samples of size 1 that may stand for larger ones, if the description does not say how large they are: a part of
/// each would be lost.
pub(super) fn unit_sizes(sizes: &Atom<'_>, track: u32) -> Option<Unsupported> {
    let is_constant = sizes.kind == FourCc(*b"stsz") && u32_at(sizes.payload, 4) == Some(1);
    let has_samples = u32_at(sizes.payload, 8).is_some_and(|count| count > 0);
    let offset = sizes.offset;
    (is_constant && has_samples).then_some(Unsupported::SoundSizes { track, offset })
}

/// Frames that are not presented in the order of their samples: a `ctts` that moves one.
pub(super) fn composition_offsets(
    stbl: &Atom<'_>,
    track: u32,
) -> Result<Option<Unsupported>, AtomError> {
    let Some(ctts) = stbl.child(b"ctts")? else { return Ok(None) };
    let offsets = ctts.entries::<8>(4)?.iter().map(|entry| u32_at(entry, 4).unwrap_or(0));
    let moved = offsets.map(u32::cast_signed).enumerate().find(|&(_, value)| value != 0);
    let offset = ctts.offset;
    Ok(moved.map(|(entry, value)| Unsupported::CompositionOffsets { track, offset, entry, value }))
}

/// How many of `sample_count` samples can be decoded alone, and where the list of them is; `None` if all can.
pub(super) fn sync_samples(
    stbl: &Atom<'_>,
    sample_count: u32,
) -> Result<Option<(u32, u64)>, AtomError> {
    let Some(stss) = stbl.child(b"stss")? else { return Ok(None) };
    let (mut count, mut before) = (0, 0);
    for entry in stss.entries::<4>(4)? {
        let number = u32::from_be_bytes(*entry);
        count += u32::from(number > before && number <= sample_count);
        before = before.max(number);
    }
    Ok((count < sample_count).then_some((count, stss.offset)))
}

/// Sizes of the parts of samples, which would no longer be right.
pub(super) fn subsamples(stbl: &Atom<'_>, track: u32) -> Option<Unsupported> {
    let subs = stbl.find_child(0, b"subs")?;
    Some(Unsupported::Subsamples { track, offset: subs.offset })
}

/// What a track holds of offsets in the file, other than its chunks.
pub(super) fn file_offsets(trak: &Atom<'_>, stbl: &Atom<'_>) -> Option<Unsupported> {
    let saio = stbl.find_child(0, b"saio");
    saio.map(|Atom { kind, offset, .. }| Unsupported::FileOffsets { kind, offset })
        .or_else(|| metadata_offsets(trak))
}

/// Item locations in the file in the `meta` atoms of `moov` or a track, be they its own or its user data's.
pub(super) fn metadata_offsets(parent: &Atom<'_>) -> Option<Unsupported> {
    let children = parent.children().map_while(Result::ok);
    let mut metas = children.flat_map(|child| {
        let (own, user) = match &child.kind.0 {
            b"meta" => (Some(child), None),
            b"udta" => (None, Some(child.children().map_while(Result::ok))),
            _ => (None, None),
        };
        let user = user.into_iter().flatten().filter(|entry| entry.kind == FourCc(*b"meta"));
        own.into_iter().chain(user)
    });
    metas.find_map(|meta| item_locations(&meta))
}

/// An index of the file's parts at its top level.
pub(super) fn file_index(kind: FourCc, offset: u64) -> Option<Unsupported> {
    let is_index = INDEX_KINDS.iter().any(|index| kind == FourCc(**index));
    is_index.then_some(Unsupported::FileOffsets { kind, offset })
}

/// Items of a `meta` atom that are located by offsets in the file.
pub(super) fn item_locations(meta: &Atom<'_>) -> Option<Unsupported> {
    let mut children = meta.meta_children().map_while(Result::ok);
    let iloc = children.find(|child| child.kind == FourCc(*b"iloc"))?;
    let Atom { kind, offset, .. } = iloc;
    let is_located = has_file_offsets(&iloc).unwrap_or(true);
    is_located.then_some(Unsupported::FileOffsets { kind, offset })
}

/// Whether an item is located by offsets in the file (construction method 0); `None` where `iloc` ends too early.
fn has_file_offsets(iloc: &Atom<'_>) -> Option<bool> {
    let bytes = iloc.payload;
    let [version, ..] = *bytes else { return None };
    let sizes = u16_at(bytes, 4)?;
    let nibble = |shift: u16| usize::from(sizes >> shift & 15);
    let (offset_len, length_len, base_len) = (nibble(12), nibble(8), nibble(4));
    let index_len = if version == 0 { 0 } else { nibble(0) };
    let (count, mut at) = match version {
        0 | 1 => (u32::from(u16_at(bytes, 6)?), 8),
        _ => (u32_at(bytes, 6)?, 10),
    };
    for _ in 0..count {
        let method_at = at + if version < 2 { 2 } else { 4 };
        let method = if version == 0 { 0 } else { u16_at(bytes, method_at)? & 15 };
        if method == 0 {
            return Some(true);
        }
        let extents_at = method_at + 4 + base_len;
        let extents = usize::from(u16_at(bytes, extents_at)?);
        at = extents_at + 2 + extents * (index_len + offset_len + length_len);
    }
    Some(false)
}
