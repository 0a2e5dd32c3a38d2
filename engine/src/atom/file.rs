//! The atoms at the top level of a file, and the movie header's bytes, owned.
//!
//! - In: the file's length, and a closure that reads bytes at an offset.
//! - Out: [`Header`], and what is wrong with the file outside its `moov`.
//! - Holds: top-level atoms follow one another and end within the file; the first `moov` is read once; media is never
//!   read, only stepped over.
//! - Not here: opening the file (`discover`), what `moov` says (`movie`).
//!
//! References: QuickTime File Format, "Movie Files"; ISO/IEC 14496-12 4.2 and 6.2.3.

use super::region_head::{HEAD_LEN, RegionHead};
use super::{AtomError, AtomHeader, ReadAt, ReadError, other_format};
use crate::units::{ByteRange, FourCc};

/// The longest `moov` that is read: 38 hours of one chunk a frame at 120 frames a second need less.
pub const MOOV_LEN_MAX: u64 = 1 << 28;
/// The most top-level atoms that are walked. Real movies have ten; a hostile file must not cost a read for every eight
/// bytes.
pub const TOP_ATOMS_MAX: usize = 10_000;

/// The most zeros behind the last atom that are looked through.
const ZEROS_LEN_MAX: u64 = 64 << 20;
/// Bytes that a disk writes whole or not at all: where the head of an appended region was lost, all of its sector was.
const SECTOR_LEN: u64 = 512;

/// Kinds that movies begin with: what begins otherwise and does not parse is not a movie at all.
const FIRST_KINDS: [&[u8; 4]; 10] =
    [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid", b"styp", b"moof"];
const MOOV: FourCc = FourCc(*b"moov");
/// Kinds that only movies in fragments have.
const FRAGMENT_KINDS: [&[u8; 4]; 2] = [b"moof", b"styp"];
/// Media, the header, and room that was left over: a new movie has its own. They may run to the end of the file.
const REMADE_KINDS: [&[u8; 4]; 5] = [b"mdat", b"moov", b"free", b"skip", b"wide"];

/// One atom at the top level of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopAtom {
    /// Its kind.
    pub kind: FourCc,
    /// The whole atom, its header included.
    pub range: ByteRange,
    /// Bytes of its header: 8, or 16 with a 64-bit size.
    pub header_len: u8,
}

impl TopAtom {
    /// Whether a new movie carries it over as it is: everything but media, the header, and room that was left over.
    pub fn is_carried_over(&self) -> bool {
        !REMADE_KINDS.contains(&&self.kind.0)
    }
}

/// What was read of a file before its media: where its top-level atoms are, and the whole `moov` atom.
#[derive(Debug, Clone)]
pub struct Header {
    /// Length of the file in bytes.
    pub file_len: u64,
    /// Every top-level atom, in file order.
    pub atoms: Vec<TopAtom>,
    /// The whole `moov` atom with its header, owned. Where the file gives it size 0 (to the end of the file), its real
    /// size is filled in.
    pub moov: Vec<u8>,
    /// Where `moov` is in the file.
    pub moov_offset: u64,
}

/// Why the top level of a file is refused. Offsets are bytes from the start of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Unsupported: a file of another format.
    #[error("it is {name}, not a QuickTime movie")]
    OtherFormat {
        /// The format, with its article.
        name: &'static str,
        /// Whether it may hold video, so that it could be rewrapped.
        is_video: bool,
    },
    /// Invalid: the file does not begin like a movie and has no `moov`.
    #[error("{}", not_a_movie_text(*first, *file_len))]
    NotAMovie {
        /// The first four bytes after the first size; zeros where the file is shorter.
        first: FourCc,
        /// Length of the file.
        file_len: u64,
    },
    /// Invalid: media, but no `moov`, which is written last.
    #[error("movie without 'moov', a crashed or unfinished render ({file_len} bytes)")]
    NoMoov {
        /// Length of the file.
        file_len: u64,
    },
    /// Invalid: an atom reaches past the end of the file, before any `moov` was found.
    #[error(
        "movie without 'moov', a crashed or truncated render: {kind:?} at byte {offset} claims {size} bytes, \
         but the file ends at byte {file_len}"
    )]
    TruncatedWithoutMoov {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// The size it states.
        size: u64,
        /// Length of the file.
        file_len: u64,
    },
    /// Invalid: an atom reaches past the end of the file.
    #[error(
        "truncated file: {kind:?} at byte {offset} claims {size} bytes, but the file ends at byte {file_len}"
    )]
    Truncated {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// The size it states.
        size: u64,
        /// Length of the file.
        file_len: u64,
    },
    /// Invalid: two `moov` atoms; readers disagree about which one counts.
    #[error("two 'moov' atoms, at bytes {first} and {second}")]
    TwoMoovs {
        /// Where the first is.
        first: u64,
        /// Where the second is.
        second: u64,
    },
    /// Unsupported: a movie in fragments.
    #[error("fragmented movie ({kind:?} at byte {offset})")]
    Fragmented {
        /// The atom that says so.
        kind: FourCc,
        /// Where it is.
        offset: u64,
    },
    /// Unsupported: a header larger than any this was made for.
    #[error("'moov' at byte {offset} has {size} bytes, more than the {max} that are read")]
    MoovTooLarge {
        /// Where it is.
        offset: u64,
        /// Its size.
        size: u64,
        /// [`MOOV_LEN_MAX`].
        max: u64,
    },
    /// Unsupported: more top-level atoms than any movie has.
    #[error("more than {max} atoms at the top level of the file (byte {offset})")]
    TooManyAtoms {
        /// [`TOP_ATOMS_MAX`].
        max: usize,
        /// Where the next one is.
        offset: u64,
    },
    /// Unsupported: an atom that would be carried over as it is, but has no size of its own.
    #[error("{kind:?} at byte {offset} runs to the end of the file (size 0); only media may")]
    UnsizedAtom {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
    },
    /// Invalid: zeros where an atom should begin, as preallocation leaves them at the end of a file, but something
    /// follows them that would be lost.
    #[error(
        "zeros at byte {offset}, where an atom should begin, and other bytes behind them at byte {other}"
    )]
    BytesBehindZeros {
        /// Where the zeros begin.
        offset: u64,
        /// The first byte that is none.
        other: u64,
    },
    /// Unsupported: more zeros at the end of the file than are looked through.
    #[error(
        "{len} bytes from byte {offset} on are no atoms; up to {ZEROS_LEN_MAX} zeros may end a file"
    )]
    TooManyZeros {
        /// Where they begin.
        offset: u64,
        /// Bytes up to the end of the file.
        len: u64,
    },
    /// Invalid: what is wrong with one atom.
    #[error(transparent)]
    Atom(#[from] AtomError),
}

fn not_a_movie_text(first: FourCc, file_len: u64) -> String {
    match (file_len, first.0) {
        (0, _) => "it is empty".to_owned(),
        (1..8, _) => format!("not a movie: it ends after {file_len} bytes"),
        (_, [0, 0, 0, 0]) => {
            format!("not a movie: it begins with zeros, and there is no 'moov' in {file_len} bytes")
        }
        _ => format!(
            "not a movie: the first atom would be {first:?}, and there is no 'moov' in {file_len} bytes"
        ),
    }
}

impl HeaderError {
    /// Whether the file may be sound, but is of a kind that is not handled.
    pub fn is_unsupported(&self) -> bool {
        matches!(
            self,
            Self::OtherFormat { .. }
                | Self::Fragmented { .. }
                | Self::MoovTooLarge { .. }
                | Self::TooManyAtoms { .. }
                | Self::UnsizedAtom { .. }
                | Self::TooManyZeros { .. }
        )
    }
}

impl Header {
    /// What is behind the last atom and is no atom itself: padding, or what an insert left that did not come to its end.
    /// Empty in nearly every movie.
    pub fn tail(&self) -> ByteRange {
        let offset = self.atoms.last().map_or(0, |atom| atom.range.end());
        ByteRange { offset, len: self.file_len.saturating_sub(offset) }
    }

    /// Walks the top-level atoms of a file by their headers and reads its `moov`.
    ///
    /// - `read`: fills the buffer with the file's bytes from the offset; never asked for bytes past `file_len`.
    /// - Returns: the header, and what is wrong with the file outside its `moov`. If there is anything, the list of atoms
    ///   may end early: enough to describe the movie, not to copy it.
    /// - Cost: one read of at most 16 bytes for each top-level atom, and one for `moov`; zeros at the end are read too.
    /// - Memory: `moov`, whose size was checked against `file_len` and [`MOOV_LEN_MAX`] first.
    ///
    /// # Errors
    /// [`ReadError::Read`] as `read` gave it, [`HeaderError`] if there is no `moov` that can be read.
    pub fn read<E>(
        file_len: u64,
        read: &mut ReadAt<'_, E>,
    ) -> Result<(Self, Option<HeaderError>), ReadError<E, HeaderError>> {
        let Walk { atoms, mut flaw } = walk(file_len, read)?;
        let is_moov = |atom: &&TopAtom| atom.kind == MOOV;
        let mut moovs = atoms.iter().filter(is_moov);
        let Some(TopAtom { range, header_len, .. }) = moovs.next().copied() else {
            // Any eight bytes may look like an atom that ends within a long file.
            let first = atoms.first().map(|atom| atom.kind);
            return Err(ReadError::Format(match (first, flaw) {
                (Some(first), _) if !is_one_of(first, &FIRST_KINDS) => {
                    not_a_movie(first, file_len, read)?
                }
                (_, Some(flaw)) => flaw,
                (Some(_), None) => HeaderError::NoMoov { file_len },
                (None, None) => not_a_movie(FourCc([0; 4]), file_len, read)?,
            }));
        };
        if let Some(second) = moovs.next() {
            let (first, second) = (range.offset, second.range.offset);
            flaw = flaw.or(Some(HeaderError::TwoMoovs { first, second }));
        }
        let too_large =
            HeaderError::MoovTooLarge { offset: range.offset, size: range.len, max: MOOV_LEN_MAX };
        if range.len > MOOV_LEN_MAX {
            return Err(ReadError::Format(too_large));
        }
        let len = u32::try_from(range.len).map_err(|_| ReadError::Format(too_large))?;
        let mut moov = vec![0; len as usize];
        read(&mut moov, range.offset).map_err(ReadError::Read)?;
        // The file may have been changed since its headers were walked: what was walked holds.
        moov[4..8].copy_from_slice(b"moov");
        if header_len == super::SHORT_HEADER_LEN {
            moov[..4].copy_from_slice(&len.to_be_bytes());
        } else {
            moov[..4].copy_from_slice(&1u32.to_be_bytes());
            moov[8..16].copy_from_slice(&range.len.to_be_bytes());
        }
        Ok((Self { file_len, atoms, moov, moov_offset: range.offset }, flaw))
    }
}

/// How far the atoms at the top level could be followed.
struct Walk {
    atoms: Vec<TopAtom>,
    /// The first thing that is wrong. The walk ended there, unless it is a fragment.
    flaw: Option<HeaderError>,
}

fn walk<E>(file_len: u64, read: &mut ReadAt<'_, E>) -> Result<Walk, ReadError<E, HeaderError>> {
    let mut walk = Walk { atoms: Vec::new(), flaw: None };
    let mut offset = 0;
    while offset < file_len {
        let present = file_len - offset;
        let mut buffer = [0; 16];
        let bytes = &mut buffer[..usize::try_from(present).unwrap_or(16).min(16)];
        let found = if walk.atoms.len() == TOP_ATOMS_MAX {
            Err(HeaderError::TooManyAtoms { max: TOP_ATOMS_MAX, offset })
        } else {
            read(bytes, offset).map_err(ReadError::Read)?;
            next_atom(bytes, offset, file_len, &walk.atoms)
        };
        match found {
            Ok(Some(atom)) => {
                if is_one_of(atom.kind, &FRAGMENT_KINDS) {
                    let fragment = HeaderError::Fragmented { kind: atom.kind, offset };
                    walk.flaw = walk.flaw.or(Some(fragment));
                }
                offset = atom.range.end();
                walk.atoms.push(atom);
            }
            Ok(None) => {
                let has_moov = walk.atoms.iter().any(|atom| atom.kind == MOOV);
                walk.flaw = walk.flaw.or(match has_moov {
                    true => check_tail(offset, file_len, read)?,
                    false => check_zeros(offset, file_len, read)?,
                });
                break;
            }
            Err(HeaderError::NotAMovie { first, file_len }) => {
                return Err(ReadError::Format(not_a_movie(first, file_len, read)?));
            }
            Err(error) => {
                walk.flaw = walk.flaw.or(Some(error));
                break;
            }
        }
    }
    Ok(walk)
}

/// The error for a file that does not begin like a movie: what it is, if that can be told.
fn not_a_movie<E>(
    first: FourCc,
    file_len: u64,
    read: &mut ReadAt<'_, E>,
) -> Result<HeaderError, ReadError<E, HeaderError>> {
    let len = usize::try_from(file_len).unwrap_or(usize::MAX).min(other_format::HEAD_LEN);
    let mut head = vec![0; len];
    read(&mut head, 0).map_err(ReadError::Read)?;
    Ok(match other_format::of(&head) {
        Some((name, is_video)) => HeaderError::OtherFormat { name, is_video },
        None => HeaderError::NotAMovie { first, file_len },
    })
}

/// Checks what is behind the last atom of a movie that has its `moov`: padding, or what an insert left that did not come to
/// its end. Returns what is wrong with it.
///
/// An insert begins with its head. If a crash took the head, it took the whole sector.
fn check_tail<E>(
    offset: u64,
    file_len: u64,
    read: &mut ReadAt<'_, E>,
) -> Result<Option<HeaderError>, ReadError<E, HeaderError>> {
    let sector_end = (offset / SECTOR_LEN + 1) * SECTOR_LEN;
    let Some(other) = first_not_zero(offset, sector_end.min(file_len), read)? else {
        return Ok(None);
    };
    for start in RegionHead::starts(other).filter(|start| *start >= offset) {
        let mut head = [0; HEAD_LEN];
        if start + HEAD_LEN as u64 <= file_len {
            read(&mut head, start).map_err(ReadError::Read)?;
        }
        if RegionHead::parse(&head).is_some() {
            return Ok(None);
        }
    }
    check_zeros(offset, file_len, read)
}

/// Checks that what is left of the file is zeros, or too short for an atom: nothing else may be left out. Returns what is
/// wrong with it.
fn check_zeros<E>(
    offset: u64,
    file_len: u64,
    read: &mut ReadAt<'_, E>,
) -> Result<Option<HeaderError>, ReadError<E, HeaderError>> {
    let len = file_len - offset;
    if len < u64::from(super::SHORT_HEADER_LEN) {
        return Ok(None);
    }
    if len > ZEROS_LEN_MAX {
        return Ok(Some(HeaderError::TooManyZeros { offset, len }));
    }
    let other = first_not_zero(offset, file_len, read)?;
    Ok(other.map(|other| HeaderError::BytesBehindZeros { offset, other }))
}

/// The first byte from `start` on that is not zero, before `end`.
fn first_not_zero<E>(
    start: u64,
    end: u64,
    read: &mut ReadAt<'_, E>,
) -> Result<Option<u64>, ReadError<E, HeaderError>> {
    let mut block = vec![0; 64 << 10];
    let mut at = start;
    while at < end {
        let left = usize::try_from(end - at).unwrap_or(usize::MAX);
        let bytes = &mut block[..left.min(64 << 10)];
        read(bytes, at).map_err(ReadError::Read)?;
        if let Some(other) = bytes.iter().position(|&byte| byte != 0) {
            return Ok(Some(at + other as u64));
        }
        at += bytes.len() as u64;
    }
    Ok(None)
}

/// The top-level atom that begins with `bytes`; `None` where only padding is left.
fn next_atom(
    bytes: &[u8],
    offset: u64,
    file_len: u64,
    before: &[TopAtom],
) -> Result<Option<TopAtom>, HeaderError> {
    let present = file_len - offset;
    let first_kind = FourCc(super::array_at(bytes, 4).unwrap_or_default());
    let is_movie = !before.is_empty() || is_one_of(first_kind, &FIRST_KINDS);
    let not_a_movie = HeaderError::NotAMovie { first: first_kind, file_len };
    let header = match AtomHeader::parse(bytes, offset) {
        Err(_) if !is_movie => return Err(not_a_movie),
        Err(error) => return Err(error.into()),
        // Fewer bytes than a header needs: padding after the last atom.
        Ok(None) => return if is_movie { Ok(None) } else { Err(not_a_movie) },
        Ok(Some(header)) => header,
    };
    let AtomHeader { kind, header_len, size } = header;
    if size.is_none() && kind == FourCc([0; 4]) && is_movie {
        return Ok(None);
    }
    if size.is_none() && !is_one_of(kind, &REMADE_KINDS) {
        let unsized_atom = HeaderError::UnsizedAtom { kind, offset };
        return Err(if is_movie { unsized_atom } else { not_a_movie });
    }
    let size = size.unwrap_or(present);
    if size > present {
        let has_moov = before.iter().any(|atom| atom.kind == MOOV);
        return Err(if !is_movie {
            not_a_movie
        } else if has_moov {
            HeaderError::Truncated { kind, offset, size, file_len }
        } else {
            HeaderError::TruncatedWithoutMoov { kind, offset, size, file_len }
        });
    }
    Ok(Some(TopAtom { kind, range: ByteRange { offset, len: size }, header_len }))
}

fn is_one_of(kind: FourCc, kinds: &[&[u8; 4]]) -> bool {
    kinds.iter().any(|known| kind == FourCc(**known))
}
