//! `stsc`: how many samples are in each chunk, and which description they use.
//!
//! - In: the atom. Out: [`SampleToChunk`], a view of its entries.
//! - Holds after [`SampleToChunk::check`]: the first run begins with chunk 1, every run begins after the one before
//!   it and within the chunks that exist; no chunk is empty; no description is missing.
//!
//! References: QuickTime File Format, "Sample-to-Chunk Atoms"; ISO/IEC 14496-12 8.7.4.

use super::TableError;
use crate::atom::{Atom, AtomError};

/// Runs of chunks that hold the same number of samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SampleToChunk<'a> {
    entries: &'a [[u8; 12]],
}

/// One entry: the chunks from `first_chunk` to before the next entry's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkRun {
    /// The first chunk of the run, counted from 1.
    pub first_chunk: u32,
    /// Samples in each of its chunks.
    pub samples_per_chunk: u32,
    /// The sample description they use, counted from 1.
    pub description_number: u32,
}

impl<'a> SampleToChunk<'a> {
    pub(crate) fn parse(atom: &Atom<'a>) -> Result<Self, AtomError> {
        Ok(Self { entries: atom.entries(4)? })
    }

    /// How many runs there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The run at `index`, if there is one.
    pub(crate) fn get(&self, index: usize) -> Option<ChunkRun> {
        self.entries.get(index).map(run)
    }

    /// Every run.
    pub(crate) fn runs(&self) -> impl Iterator<Item = ChunkRun> + use<'a> {
        self.entries.iter().map(run)
    }

    /// Checks the runs against the chunks and descriptions there are; returns the samples in all chunks. `offset` is
    /// where the atom is in the file.
    pub(crate) fn check(
        &self,
        offset: u64,
        chunk_count: u32,
        description_count: u32,
    ) -> Result<u64, TableError> {
        let mut samples: u64 = 0;
        let mut expected_first = 1;
        for (index, run) in self.runs().enumerate() {
            let ChunkRun { first_chunk, samples_per_chunk, description_number } = run;
            let is_first = index == 0;
            if (is_first && first_chunk != 1) || first_chunk < expected_first {
                return Err(TableError::ChunkOrder { offset, index, first_chunk, expected_first });
            }
            if first_chunk > chunk_count {
                return Err(TableError::NoSuchChunk { offset, index, first_chunk, chunk_count });
            }
            if samples_per_chunk == 0 {
                return Err(TableError::EmptyChunks { offset, index, first_chunk });
            }
            if description_number == 0 || description_number > description_count {
                return Err(TableError::NoSuchDescription {
                    offset,
                    index,
                    description_number,
                    description_count,
                });
            }
            let next = self
                .get(index + 1)
                .map_or(u64::from(chunk_count) + 1, |next| u64::from(next.first_chunk));
            // A next run that does not come after this one is refused when its turn comes.
            let chunks = next.saturating_sub(u64::from(first_chunk));
            samples = samples.saturating_add(chunks.saturating_mul(u64::from(samples_per_chunk)));
            expected_first = first_chunk.saturating_add(1);
        }
        Ok(samples)
    }
}

fn run(&[a, b, c, d, e, f, g, h, i, j, k, l]: &[u8; 12]) -> ChunkRun {
    ChunkRun {
        first_chunk: u32::from_be_bytes([a, b, c, d]),
        samples_per_chunk: u32::from_be_bytes([e, f, g, h]),
        description_number: u32::from_be_bytes([i, j, k, l]),
    }
}
