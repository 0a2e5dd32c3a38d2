//! `stsz` and `stz2`: how many bytes each sample has, and [`Packing`]: how many they really are in old sound tracks.
//!
//! - In: the atom; for sound, what the sample description says of its packets.
//! - Out: [`SampleSizes`], a view that answers for one sample or for a run of samples that lie side by side.
//! - Holds: every size is in the atom.
//!
//! In a sound track of constant packets QuickTime counts uncompressed frames as samples and lets `stsz` state a sample
//! size of 1, whatever the frame is. The bytes are then found from the description: `samples / samples per packet *
//! bytes per frame`. A sample size other than 1 is what it says.
//!
//! References: QuickTime File Format, "Sample Size Atoms", "Sound Sample Description (Version 1)"; ISO/IEC 14496-12
//! 8.7.3; Apple Technical Note TN2257.

use crate::atom::{Atom, AtomError};
use crate::units::FourCc;

/// How the samples of a constant-packet sound track are packed, where `stsz` states a size of 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    /// Samples (uncompressed frames) in one packet, never 0.
    pub samples_per_packet: u32,
    /// Bytes of one packet, all channels, never 0.
    pub bytes_per_packet: u32,
}

/// The size of every sample.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SampleSizes<'a> {
    /// `stsz` with a sample size: all the same.
    Constant { size: u32, count: u32 },
    /// `stsz` with a sample size of 1 that stands for sound packets.
    Packed { packing: Packing, count: u32 },
    /// `stsz` with one size a sample.
    Long(&'a [[u8; 4]]),
    /// `stz2` with 16 bits a sample.
    Short(&'a [[u8; 2]]),
    /// `stz2` with 8 bits a sample.
    Bytes(&'a [u8]),
    /// `stz2` with 4 bits a sample, the high half first.
    Halves { bytes: &'a [u8], count: u32 },
}

impl<'a> SampleSizes<'a> {
    /// Reads `stsz` or `stz2`. `packing` is what the sound description says, if it says anything.
    pub(crate) fn parse(atom: &Atom<'a>, packing: Option<Packing>) -> Result<Self, AtomError> {
        let count = atom.u32_at(8)?;
        if atom.kind == FourCc(*b"stsz") {
            return Ok(match (atom.u32_at(4)?, packing) {
                (0, _) => Self::Long(atom.entries(8)?),
                (1, Some(packing)) => Self::Packed { packing, count },
                (size, _) => Self::Constant { size, count },
            });
        }
        let [_, _, _, field_size] = atom.array_at(4)?;
        match field_size {
            16 => Ok(Self::Short(atom.entries(8)?)),
            8 => atom.entries::<1>(8).map(|entries| Self::Bytes(entries.as_flattened())),
            4 => {
                let bytes = atom.payload.get(12..).unwrap_or_default();
                let needed = usize::try_from(count.div_ceil(2)).unwrap_or(usize::MAX);
                let bytes = bytes.get(..needed).ok_or(AtomError::EntriesPastAtom {
                    kind: atom.kind,
                    offset: atom.offset,
                    claimed: u64::from(count),
                    present: bytes.len() as u64 * 2,
                })?;
                Ok(Self::Halves { bytes, count })
            }
            bits => Err(AtomError::FieldSize { kind: atom.kind, offset: atom.offset, bits }),
        }
    }

    /// Samples in the table.
    pub(crate) fn count(&self) -> u32 {
        let entries = match self {
            Self::Constant { count, .. }
            | Self::Packed { count, .. }
            | Self::Halves { count, .. } => return *count,
            Self::Long(entries) => entries.len(),
            Self::Short(entries) => entries.len(),
            Self::Bytes(entries) => entries.len(),
        };
        u32::try_from(entries).expect("the entries were taken by a 32-bit count")
    }

    /// Bytes of the sample at `index`, which is the `in_chunk`-th of its chunk. The bytes of a sound packet count for
    /// its first sample.
    ///
    /// # Panics
    /// If there is no such sample.
    pub(crate) fn size(&self, index: u32, in_chunk: u32) -> u32 {
        let at = index as usize;
        match self {
            Self::Constant { size, count } => {
                assert!(index < *count, "sample {index} of {count}");
                *size
            }
            Self::Packed { packing, count } => {
                assert!(index < *count, "sample {index} of {count}");
                let is_first = in_chunk.is_multiple_of(packing.samples_per_packet);
                if is_first { packing.bytes_per_packet } else { 0 }
            }
            Self::Long(entries) => u32::from_be_bytes(entries[at]),
            Self::Short(entries) => u32::from(u16::from_be_bytes(entries[at])),
            Self::Bytes(entries) => u32::from(entries[at]),
            Self::Halves { bytes, .. } => {
                let byte = bytes[at / 2];
                u32::from(if at.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
            }
        }
    }

    /// Bytes of `count` samples from `first` on, which begin a chunk.
    ///
    /// - Cost: O(1) where sizes are constant, else O(`count`).
    ///
    /// # Panics
    /// If there are not that many samples.
    pub(crate) fn run_len(&self, first: u32, count: u32) -> u64 {
        let (start, end) = (first as usize, first as usize + count as usize);
        match self {
            Self::Constant { size, .. } => u64::from(*size) * u64::from(count),
            Self::Packed { packing, .. } => {
                u64::from(count.div_ceil(packing.samples_per_packet))
                    * u64::from(packing.bytes_per_packet)
            }
            Self::Long(entries) => {
                entries[start..end].iter().map(|size| u64::from(u32::from_be_bytes(*size))).sum()
            }
            Self::Short(entries) => {
                entries[start..end].iter().map(|size| u64::from(u16::from_be_bytes(*size))).sum()
            }
            Self::Bytes(entries) => entries[start..end].iter().map(|size| u64::from(*size)).sum(),
            Self::Halves { .. } => {
                (first..first + count).map(|index| u64::from(self.size(index, 0))).sum()
            }
        }
    }
}
