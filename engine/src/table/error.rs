//! Why the tables of a track do not make one sample table. Every one means that the file is wrong.

use crate::atom::AtomError;

/// What is wrong with a track's sample tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// One table by itself.
    #[error(transparent)]
    Atom(#[from] AtomError),
    /// `stts` and `stsz` count different samples.
    #[error("'stts' has durations for {by_times} samples, the sample sizes are {by_sizes}")]
    TimesDisagree {
        /// Samples by `stts`.
        by_times: u64,
        /// Samples by `stsz` or `stz2`.
        by_sizes: u64,
    },
    /// `stsc` and `stsz` count different samples.
    #[error("'stsc' puts {by_chunks} samples into the chunks, the sample sizes are {by_sizes}")]
    ChunksDisagree {
        /// Samples by `stsc` and the chunk count.
        by_chunks: u64,
        /// Samples by `stsz` or `stz2`.
        by_sizes: u64,
    },
    /// `stsc` does not ascend from chunk 1.
    #[error(
        "'stsc' entry {index} begins with chunk {first_chunk}, expected {expected_first} or later (the first: 1)"
    )]
    ChunkOrder {
        /// The entry, counted from 0.
        index: usize,
        /// Its first chunk, counted from 1.
        first_chunk: u32,
        /// The first chunk it could have.
        expected_first: u32,
    },
    /// `stsc` speaks of a chunk without an offset.
    #[error(
        "'stsc' entry {index} begins with chunk {first_chunk}, but there are {chunk_count} chunk offsets"
    )]
    NoSuchChunk {
        /// The entry, counted from 0.
        index: usize,
        /// Its first chunk, counted from 1.
        first_chunk: u32,
        /// Chunks by `stco` or `co64`.
        chunk_count: u32,
    },
    /// `stsc` speaks of chunks without samples.
    #[error("'stsc' entry {index} gives the chunks from {first_chunk} on no samples")]
    EmptyChunks {
        /// The entry, counted from 0.
        index: usize,
        /// Its first chunk, counted from 1.
        first_chunk: u32,
    },
    /// `stsc` names a description that `stsd` has not.
    #[error(
        "'stsc' entry {index} uses sample description {description_number} of {description_count}"
    )]
    NoSuchDescription {
        /// The entry, counted from 0.
        index: usize,
        /// The description, counted from 1.
        description_number: u32,
        /// Descriptions by `stsd`.
        description_count: u32,
    },
    /// A chunk ends past the end of the file.
    #[error(
        "chunk {chunk} has bytes {offset} to {offset} + {len}, but the file ends at byte {file_len}"
    )]
    ChunkPastFile {
        /// The chunk, counted from 0.
        chunk: u32,
        /// Where it begins.
        offset: u64,
        /// Its length.
        len: u64,
        /// Bytes of the file.
        file_len: u64,
    },
}
