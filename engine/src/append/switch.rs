//! The one write that makes an appended region part of a movie: an atom's header, enlarged so that it swallows the old `moov`.
//!
//! ```text
//! ftyp mdat[ a a a ] moov mdat(0)[ B B moov' ]      the old movie: the list of atoms meets the old moov
//! ftyp mdat[ a a a   moov head     B B ] moov'      the new one: the list steps over it
//! ```
//!
//! - In: the top-level atoms, and where the new `moov` is.
//! - Out: [`Switch`]: at most 16 bytes, what they are and what they become.
//! - Holds: the bytes lie in one line of 64 bytes, so that a reader beside the write sees all of them or none; or at least in
//!   one sector of 512, which a disk writes whole. No sample is written over.
//! - Not here: what is appended (`insertion`), whether both lists of atoms are right (`check`).
//!
//! References: QuickTime File Format, "Wide Atoms" (a header may be written over `wide` and `mdat`).

use intercut_io::{IoError, Patch, ReadExactAt};

use crate::atom::file::{Header, TopAtom};
use crate::units::FourCc;

const MDAT: FourCc = FourCc(*b"mdat");
const MOOV: FourCc = FourCc(*b"moov");
const WIDE: FourCc = FourCc(*b"wide");
/// Atoms that hold nothing which anybody refers to.
const ROOM: [FourCc; 3] = [FourCc(*b"free"), FourCc(*b"skip"), WIDE];

/// The header that is enlarged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Switch {
    /// The bytes before and after.
    pub(crate) patch: Patch,
    /// Where the enlarged atom begins: everything from there to the new `moov` is swallowed.
    pub(crate) start: u64,
}

/// A header that could be enlarged.
struct Candidate {
    start: u64,
    /// Where the bytes that change begin, and what they become.
    offset: u64,
    after: Vec<u8>,
}

impl Switch {
    /// Finds the header to enlarge so that its atom ends at `end`, where the new `moov` begins: that of the nearest `mdat`,
    /// `free`, `skip` or `wide` before the old `moov`, else of an earlier one, else the old `moov`'s own. One within a line of
    /// 64 bytes goes before one within a sector. `None` if there is none.
    ///
    /// - Cost: one read of at most 16 bytes.
    ///
    /// # Errors
    /// [`IoError`] if that read fails.
    pub(crate) fn find(
        header: &Header,
        end: u64,
        read: &ReadExactAt<'_>,
    ) -> Result<Option<Self>, IoError> {
        let Some(moov) = header.atoms.iter().position(|atom| atom.kind == MOOV) else {
            return Ok(None);
        };
        let before = (0..moov).rev().chain([moov]);
        let candidates: Vec<Candidate> =
            before.filter_map(|index| Candidate::of(&header.atoms, index, end)).collect();
        let within = |block_len| candidates.iter().find(move |one| one.lies_within(block_len));
        let Some(chosen) = within(Patch::LINE_LEN).or_else(|| within(Patch::SECTOR_LEN)) else {
            return Ok(None);
        };
        let mut bytes = vec![0; chosen.after.len()];
        read(&mut bytes, chosen.offset)?;
        let patch = Patch::new(chosen.offset, &bytes, &chosen.after);
        Ok(Some(Self { patch, start: chosen.start }))
    }

    /// The atoms that are swallowed and that a movie must keep, in their order.
    pub(crate) fn swallowed<'h>(&self, header: &'h Header) -> impl Iterator<Item = &'h TopAtom> {
        let start = self.start;
        let atoms = header.atoms.iter();
        atoms.filter(move |atom| atom.range.offset > start && atom.is_carried_over())
    }
}

impl Candidate {
    /// The header of `atoms[index]`, if it can be made to reach to `end` without a byte of a sample being written over.
    fn of(atoms: &[TopAtom], index: usize, end: u64) -> Option<Self> {
        let TopAtom { kind, range, header_len } = atoms[index];
        let start = range.offset;
        let size = end - start;
        if kind == MDAT {
            return match (header_len, u32::try_from(size)) {
                (8, Ok(size)) => {
                    Some(Self { start, offset: start, after: size.to_be_bytes().to_vec() })
                }
                // The header has no room for a size of 64 bits, unless an atom before it is there for that.
                (8, Err(_)) => {
                    let wide = atoms.get(index.checked_sub(1)?)?;
                    let is_room = wide.kind == WIDE && wide.range.len == 8;
                    is_room.then(|| Self::long(wide.range.offset, end))
                }
                _ => Some(Self { start, offset: start + 8, after: size.to_be_bytes().to_vec() }),
            };
        }
        if kind != MOOV && !ROOM.contains(&kind) {
            return None;
        }
        // What is behind the first eight bytes is room, or the header of an atom that is swallowed.
        Some(match u32::try_from(size) {
            Ok(size) => {
                Self { start, offset: start, after: [&size.to_be_bytes(), &MDAT.0[..]].concat() }
            }
            Err(_) => Self::long(start, end),
        })
    }

    /// A header of 16 bytes at `start`.
    fn long(start: u64, end: u64) -> Self {
        let size = (end - start).to_be_bytes();
        let after = [&1u32.to_be_bytes()[..], &MDAT.0, &size].concat();
        Self { start, offset: start, after }
    }

    fn lies_within(&self, block_len: u64) -> bool {
        self.offset % block_len + self.after.len() as u64 <= block_len
    }
}
