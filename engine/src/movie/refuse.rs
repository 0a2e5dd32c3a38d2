//! Refuses, by name, kinds of movie that a splice would break.
//!
//! - In: atoms of the header. Out: nothing, or the reason.
//! - Not here: what makes two movies incompatible (`plan`).
//!
//! References: QuickTime File Format, "Compressed Movie Resources", "Reference Movies", "Data Reference Atoms"; ISO/IEC
//! 14496-12 8.7.2 (`dref`), 8.7.9 (`saio`), 8.8 (fragments), 8.11.3 (`iloc`).

use super::{Invalid, MovieError, Unsupported};
use crate::atom::{Atom, u16_at, u32_at};
use crate::units::FourCc;

/// Refuses fragments, compressed headers and reference movies, by the children of `moov`.
pub(super) fn movie_kinds(moov: &Atom<'_>) -> Result<(), MovieError> {
    for child in moov.children() {
        let Atom { kind, offset, .. } = child?;
        match &kind.0 {
            b"mvex" => return Err(Unsupported::Fragmented { kind, offset }.into()),
            b"cmov" => return Err(Unsupported::CompressedHeader { offset }.into()),
            b"rmra" => return Err(Unsupported::ReferenceMovie { offset }.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a timescale of 0.
pub(super) fn zero_timescale(atom: &Atom<'_>, timescale: u32) -> Result<(), Invalid> {
    let Atom { kind, offset, .. } = *atom;
    if timescale == 0 { Err(Invalid::NoTimescale { kind, offset }) } else { Ok(()) }
}

/// Refuses a table of sound samples of size 1 that may stand for larger ones, of which nobody says how large they are:
/// a part of each would be lost.
pub(super) fn unit_sizes(sizes: &Atom<'_>, track: u32) -> Result<(), MovieError> {
    let is_constant = sizes.kind == FourCc(*b"stsz") && sizes.u32_at(4)? == 1;
    if is_constant && sizes.u32_at(8)? > 0 {
        return Err(Unsupported::SoundSizes { track, offset: sizes.offset }.into());
    }
    Ok(())
}

/// Refuses media in other files: every data reference must say that the media is in this one (flag 1).
pub(super) fn external_media(minf: &Atom<'_>, track: u32) -> Result<(), MovieError> {
    let Some(dinf) = minf.child(b"dinf")? else { return Ok(()) };
    let Some(dref) = dinf.child(b"dref")? else { return Ok(()) };
    for reference in dref.children_from(8) {
        let reference = reference?;
        if reference.u32_at(0)? & 1 == 0 {
            let Atom { kind, offset, .. } = reference;
            return Err(Unsupported::ExternalMedia { track, kind, offset }.into());
        }
    }
    Ok(())
}

/// Refuses what a track holds of offsets in the file, other than its chunks.
pub(super) fn file_offsets(trak: &Atom<'_>, stbl: &Atom<'_>) -> Result<(), MovieError> {
    for child in stbl.children() {
        let Atom { kind, offset, .. } = child?;
        if kind == FourCc(*b"saio") {
            return Err(Unsupported::FileOffsets { kind, offset }.into());
        }
    }
    metadata_offsets(trak)
}

/// Refuses item locations in the file in the `meta` atoms of `moov` or a track, be they its own or its user data's.
pub(super) fn metadata_offsets(parent: &Atom<'_>) -> Result<(), MovieError> {
    for child in parent.children() {
        let child = child?;
        match &child.kind.0 {
            b"meta" => item_locations(&child)?,
            b"udta" => {
                let entries = child.children().map_while(Result::ok);
                let metas = entries.filter(|entry| entry.kind == FourCc(*b"meta"));
                metas.into_iter().try_for_each(|meta| item_locations(&meta))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a `meta` atom with items that are located by offsets in the file.
pub(super) fn item_locations(meta: &Atom<'_>) -> Result<(), Unsupported> {
    let mut children = meta.meta_children().map_while(Result::ok);
    let located = children.find(|child| child.kind == FourCc(*b"iloc"));
    match located {
        Some(iloc) if has_file_offsets(&iloc).unwrap_or(true) => {
            Err(Unsupported::FileOffsets { kind: iloc.kind, offset: iloc.offset })
        }
        _ => Ok(()),
    }
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

/// The `meta` atom that stands at the top level of a file, from its bytes.
pub(super) fn top_level_metadata(bytes: &[u8], offset: u64) -> Result<(), MovieError> {
    let meta = Atom::whole(bytes, offset)?;
    Ok(item_locations(&meta)?)
}
