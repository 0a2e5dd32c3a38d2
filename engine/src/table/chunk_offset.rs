//! `stco` and `co64`: where each chunk begins in the file.
//!
//! - In: the atom. Out: [`ChunkOffsets`], a view of its entries.
//! - Holds: every entry is in the atom.
//!
//! References: QuickTime File Format, "Chunk Offset Atoms"; ISO/IEC 14496-12 8.7.5.

use crate::atom::{Atom, AtomError};
use crate::units::FourCc;

/// The offset of every chunk, in bytes from the start of the file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ChunkOffsets<'a> {
    /// `stco`.
    Short(&'a [[u8; 4]]),
    /// `co64`.
    Long(&'a [[u8; 8]]),
}

impl<'a> ChunkOffsets<'a> {
    pub(crate) fn parse(atom: &Atom<'a>) -> Result<Self, AtomError> {
        if atom.kind == FourCc(*b"co64") {
            Ok(Self::Long(atom.entries(4)?))
        } else {
            Ok(Self::Short(atom.entries(4)?))
        }
    }

    /// How many chunks there are.
    pub(crate) fn count(&self) -> u32 {
        let entries = match self {
            Self::Short(entries) => entries.len(),
            Self::Long(entries) => entries.len(),
        };
        u32::try_from(entries).expect("the entries were taken by a 32-bit count")
    }

    /// Where the chunk at `index`, counted from 0, begins; `None` past the last one.
    pub(crate) fn get(&self, index: u32) -> Option<u64> {
        let index = index as usize;
        match self {
            Self::Short(entries) => {
                entries.get(index).map(|offset| u64::from(u32::from_be_bytes(*offset)))
            }
            Self::Long(entries) => entries.get(index).map(|offset| u64::from_be_bytes(*offset)),
        }
    }
}
