//! The small atoms of a movie and its tracks: `mvhd`, `tkhd`, `mdhd`, `hdlr`, `elst`, `tref`.
//!
//! - In: one atom. Out: its fields, versions 0 and 1 made alike.
//! - Not here: sample descriptions (`description`), tables (`table`).
//!
//! References: QuickTime File Format, "Movie Atoms", "Track Atoms", "Media Atoms", "Edit Atoms"; ISO/IEC 14496-12 8.2
//! to 8.6.

use super::description::NAME_LEN_MAX;
use super::{Edit, Invalid, MovieError, TrackKind, TrackReference};
use crate::atom::{Atom, AtomError};
use crate::units::FourCc;

/// A timescale, which is not 0, and a duration in its ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub(super) timescale: u32,
    pub(super) duration: u64,
}

/// Reads `mvhd` or `mdhd`, which begin alike.
pub(super) fn clock(atom: &Atom<'_>) -> Result<Clock, MovieError> {
    let Clock { timescale, duration } = match version(atom)? {
        0 => Clock { timescale: atom.u32_at(12)?, duration: u64::from(atom.u32_at(16)?) },
        _ => Clock { timescale: atom.u32_at(20)?, duration: atom.u64_at(24)? },
    };
    let Atom { kind, offset, .. } = *atom;
    if timescale == 0 {
        return Err(Invalid::NoTimescale { kind, offset }.into());
    }
    Ok(Clock { timescale, duration })
}

/// What `tkhd` says.
pub(super) struct TrackHeader {
    pub(super) id: u32,
    pub(super) enabled: bool,
    /// Whether its matrix turns or mirrors pictures; one that is cut short does not.
    pub(super) is_turned: bool,
}

/// Reads `tkhd`.
pub(super) fn track_header(atom: &Atom<'_>) -> Result<TrackHeader, AtomError> {
    let (id_at, matrix_at) = match version(atom)? {
        0 => (12, 40),
        _ => (20, 52),
    };
    let matrix = [0, 4, 12, 16].map(|at| atom.u32_at(matrix_at + at).map(u32::cast_signed));
    let is_turned = match matrix {
        [Ok(across), Ok(b), Ok(c), Ok(down)] => b != 0 || c != 0 || across < 0 || down < 0,
        _ => false,
    };
    Ok(TrackHeader { id: atom.u32_at(id_at)?, enabled: atom.u32_at(0)? & 1 != 0, is_turned })
}

/// Reads `hdlr`: what the media is, and the handler's name.
pub(super) fn handler(atom: &Atom<'_>) -> Result<(TrackKind, Option<String>), AtomError> {
    let subtype: [u8; 4] = atom.array_at(8)?;
    let kind = match &subtype {
        b"vide" => TrackKind::Video,
        b"soun" => TrackKind::Sound,
        b"tmcd" => TrackKind::Timecode,
        b"text" | b"sbtl" | b"subt" | b"clcp" => TrackKind::Text,
        _ => TrackKind::Other(FourCc(subtype)),
    };
    Ok((kind, handler_name(atom.payload.get(24..).unwrap_or_default())))
}

/// QuickTime counts the name's bytes first, ISO ends it with a zero.
fn handler_name(bytes: &[u8]) -> Option<String> {
    let (&first, rest) = bytes.split_first()?;
    let name = match rest.get(..usize::from(first)) {
        Some(counted) if rest[usize::from(first)..].iter().all(|&byte| byte == 0) => counted,
        _ => bytes,
    };
    let name = name.get(..NAME_LEN_MAX).unwrap_or(name);
    let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
    (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned())
}

/// Reads the `elst` in a track's `edts`: where it is in the file, and its edits; 0 and none where there is none.
pub(super) fn edits(trak: &Atom<'_>, track: u32) -> Result<(u64, Vec<Edit>), MovieError> {
    let Some(edts) = trak.child(b"edts")? else { return Ok((0, Vec::new())) };
    let Some(elst) = edts.child(b"elst")? else { return Ok((0, Vec::new())) };
    let offset = elst.offset;
    // The entries are counted by the bytes that are there; a hostile list is long enough not to be grown by doubling.
    let entry_len = if version(&elst)? == 0 { 12 } else { 20 };
    let mut edits = Vec::with_capacity(elst.payload.len() / entry_len);
    let mut push =
        |(movie_duration, media_time, rate): (u64, i64, i32)| {
            let edit = edits.len();
            let media_time =
                match media_time {
                    -1 => None,
                    _ => Some(u64::try_from(media_time).map_err(|_| {
                        Invalid::NegativeMediaTime { track, offset, edit, media_time }
                    })?),
                };
            edits.push(Edit { movie_duration, media_time, rate });
            Ok::<(), Invalid>(())
        };
    match version(&elst)? {
        0 => elst.entries(4)?.iter().try_for_each(|entry| push(short_edit(entry)))?,
        _ => elst.entries(4)?.iter().try_for_each(|entry| push(long_edit(entry)))?,
    }
    Ok((offset, edits))
}

fn short_edit(&[a, b, c, d, e, f, g, h, i, j, k, l]: &[u8; 12]) -> (u64, i64, i32) {
    (
        u64::from(u32::from_be_bytes([a, b, c, d])),
        i64::from(i32::from_be_bytes([e, f, g, h])),
        i32::from_be_bytes([i, j, k, l]),
    )
}

fn long_edit(entry: &[u8; 20]) -> (u64, i64, i32) {
    let (duration, rest) = entry.split_first_chunk().expect("20 bytes begin with 8");
    let (media_time, rate) = rest.split_first_chunk().expect("12 bytes begin with 8");
    let rate = rate.first_chunk().expect("4 bytes are left");
    (u64::from_be_bytes(*duration), i64::from_be_bytes(*media_time), i32::from_be_bytes(*rate))
}

/// Reads `tref`: which tracks this one refers to, and as what.
pub(super) fn references(trak: &Atom<'_>) -> Result<Vec<TrackReference>, AtomError> {
    let Some(tref) = trak.child(b"tref")? else { return Ok(Vec::new()) };
    let reference = |atom: Result<Atom<'_>, AtomError>| {
        let atom = atom?;
        let (ids, _) = atom.payload.as_chunks::<4>();
        let track_ids = ids.iter().map(|id| u32::from_be_bytes(*id)).collect();
        Ok(TrackReference { kind: atom.kind, track_ids })
    };
    // Counted first: a million empty references are not to be grown by doubling.
    let mut references = Vec::with_capacity(tref.children().count());
    for atom in tref.children() {
        references.push(reference(atom)?);
    }
    Ok(references)
}

fn version(atom: &Atom<'_>) -> Result<u8, AtomError> {
    let [version] = atom.array_at(0)?;
    if version > 1 {
        return Err(AtomError::UnknownVersion { kind: atom.kind, offset: atom.offset, version });
    }
    Ok(version)
}
