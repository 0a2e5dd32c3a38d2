//! Joins `stts`, `stsc`, `stsz`/`stz2` and `stco`/`co64` into one table that answers by sample.
//!
//! - In: the table atoms of one track, as borrowed bytes ([`TableAtoms`]).
//! - Out: [`SampleTable`], which owns no memory.
//! - Holds after [`SampleTable::parse`]: the tables agree on the sample count; every chunk ends within the file; every
//!   description number is one of the track's.
//! - Not here: time and edit lists (`movie`), what to replace (`plan`).
//!
//! References: QuickTime File Format, "Sample Table Atoms"; ISO/IEC 14496-12 8.6, 8.7.

mod chunk_offset;
mod error;
mod iter;
mod locate;
mod sample_size;
mod sample_to_chunk;
mod time_to_sample;

pub use error::TableError;
pub use locate::SampleLocator;
pub use sample_size::Packing;
pub use sample_to_chunk::ChunkRun;

use crate::atom::{Atom, AtomError};
use crate::units::{ByteRange, SampleIndex};
use chunk_offset::ChunkOffsets;
use iter::{Chunks, Samples};
use sample_size::SampleSizes;
use sample_to_chunk::SampleToChunk;
use time_to_sample::TimeToSample;

/// One chunk: samples of one track that lie side by side in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// Counted from 0.
    pub index: u32,
    /// Its bytes.
    pub range: ByteRange,
    /// Its first sample.
    pub first_sample: SampleIndex,
    /// How many samples it holds.
    pub sample_count: u32,
    /// Which sample description they use, counted from 1.
    pub description_number: u32,
}

/// One sample: where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Counted from 0.
    pub index: SampleIndex,
    /// The chunk it is in, counted from 0.
    pub chunk: u32,
    /// Its bytes. In a sound track of packets that `stsz` does not describe (see [`Packing`]) the bytes of a packet
    /// count for its first sample, and the others have none.
    pub range: ByteRange,
}

/// The atoms that a sample table is joined from.
#[derive(Debug, Clone, Copy)]
pub struct TableAtoms<'a> {
    /// `stts`.
    pub times: Atom<'a>,
    /// `stsc`.
    pub chunk_runs: Atom<'a>,
    /// `stsz` or `stz2`.
    pub sizes: Atom<'a>,
    /// `stco` or `co64`.
    pub offsets: Atom<'a>,
    /// How sound samples are packed where `stsz` states a size of 1, by the sample description.
    pub packing: Option<Packing>,
}

/// The joined, cross-checked tables of one track: a view, which owns no memory.
#[derive(Debug, Clone, Copy)]
pub struct SampleTable<'a> {
    times: TimeToSample<'a>,
    runs: SampleToChunk<'a>,
    sizes: SampleSizes<'a>,
    offsets: ChunkOffsets<'a>,
}

impl<'a> SampleTable<'a> {
    /// Joins the tables and checks them against one another and against the file.
    ///
    /// - `description_count`: sample descriptions of the track.
    /// - `file_len`: bytes of the file; every chunk must end within it.
    /// - Cost: one pass over the tables, no allocation.
    ///
    /// # Errors
    /// [`TableError`] names the table, the entry and the numbers.
    pub fn parse(
        atoms: &TableAtoms<'a>,
        description_count: u32,
        file_len: u64,
    ) -> Result<Self, TableError> {
        let table = Self::view(atoms)?;
        let check_count = |atom: &Atom<'_>, counted: u64| {
            let sized = u64::from(table.sample_count());
            let (kind, offset) = (atom.kind, atom.offset);
            let (sizes, sizes_offset) = (atoms.sizes.kind, atoms.sizes.offset);
            let disagree =
                TableError::CountsDisagree { kind, offset, counted, sizes, sizes_offset, sized };
            if counted == sized { Ok(()) } else { Err(disagree) }
        };
        check_count(&atoms.times, table.times.sample_count())?;
        let chunk_count = table.chunk_count();
        if chunk_count == 0 && table.sample_count() == 0 {
            // An empty track may keep an entry in `stsc` that describes no chunk.
            return Ok(table);
        }
        let by_chunks =
            table.runs.check(atoms.chunk_runs.offset, chunk_count, description_count)?;
        check_count(&atoms.chunk_runs, by_chunks)?;
        for chunk in table.chunks() {
            let ByteRange { offset: start, len } = chunk.range;
            let end = start.checked_add(len);
            if end.is_none_or(|end| end > file_len) {
                return Err(TableError::ChunkPastFile {
                    kind: atoms.offsets.kind,
                    offset: atoms.offsets.offset,
                    chunk: chunk.index,
                    start,
                    len,
                    file_len,
                });
            }
        }
        Ok(table)
    }

    /// The same view without the checks, of atoms that [`SampleTable::parse`] has accepted.
    pub(crate) fn view(atoms: &TableAtoms<'a>) -> Result<Self, AtomError> {
        Ok(Self {
            times: TimeToSample::parse(&atoms.times)?,
            runs: SampleToChunk::parse(&atoms.chunk_runs)?,
            sizes: SampleSizes::parse(&atoms.sizes, atoms.packing)?,
            offsets: ChunkOffsets::parse(&atoms.offsets)?,
        })
    }

    /// Samples in the track.
    pub fn sample_count(&self) -> u32 {
        self.sizes.count()
    }

    /// Chunks in the track.
    pub fn chunk_count(&self) -> u32 {
        self.offsets.count()
    }

    /// The one size of all samples, where the table states one (`stsz` with a sample size). `None` for packets of
    /// several samples.
    pub fn constant_size(&self) -> Option<u32> {
        let packing = self.packing().filter(|packing| packing.samples_per_packet == 1);
        packing.map(|packing| packing.bytes_per_packet)
    }

    /// What all samples of the table are packed in, where it states one size for all: each by itself, or several to a
    /// packet.
    pub fn packing(&self) -> Option<Packing> {
        match self.sizes {
            SampleSizes::Constant { size, .. } => {
                Some(Packing { samples_per_packet: 1, bytes_per_packet: size })
            }
            SampleSizes::Packed { packing, .. } => Some(packing),
            _ => None,
        }
    }

    /// Bytes of one sample.
    ///
    /// - Cost: O(1); where packets hold several samples (see [`Packing`]), O(`stsc` entries).
    ///
    /// # Panics
    /// If `sample` is past the last one.
    pub fn size(&self, sample: SampleIndex) -> u32 {
        let in_chunk = match self.sizes {
            SampleSizes::Packed { .. } => self.place_of(sample).in_chunk,
            _ => 0,
        };
        self.sizes.size(sample.0, in_chunk)
    }

    /// Every chunk, in track order. O(1) a chunk where sizes are constant, else O(samples) in all.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk> + Clone + use<'a> {
        Chunks::new(*self)
    }

    /// Every sample from `first` on, in track order; none from past the last one on.
    ///
    /// - Cost: O(`stsc` entries) plus the samples before `first` in its chunk; then O(1) each. No allocation.
    ///
    /// Source: QuickTime File Format, "Finding a Sample".
    pub fn samples_from(
        &self,
        first: SampleIndex,
    ) -> impl Iterator<Item = Sample> + Clone + use<'a> {
        Samples::new(*self, first)
    }

    /// The same table for samples that are asked for in any order.
    ///
    /// - Cost: one pass over the samples, 24 bytes for every 64 of them.
    pub fn locator(&self) -> SampleLocator<'a> {
        SampleLocator::new(*self)
    }

    /// `(sample count, duration of each in media time)` as `stts` has it.
    pub fn durations(&self) -> impl Iterator<Item = (u32, u32)> + Clone + use<'a> {
        self.times.runs()
    }

    /// The chunk pattern as `stsc` has it.
    pub fn chunk_runs(&self) -> impl Iterator<Item = ChunkRun> + use<'a> {
        self.runs.runs()
    }

    /// Bytes of all samples.
    ///
    /// - Cost: as all of [`SampleTable::chunks`].
    pub fn byte_count(&self) -> u64 {
        self.chunks().fold(0, |sum, chunk| sum.saturating_add(chunk.range.len))
    }
}

#[cfg(test)]
mod tests;
