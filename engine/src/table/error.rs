//! Why the tables of a track do not make one sample table. Every one means that the file is wrong.
//!
//! - Holds: every message names the atom, its byte, what was expected and what was found.

use crate::atom::AtomError;
use crate::units::FourCc;

/// What is wrong with a track's sample tables. Offsets of atoms are bytes from the start of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// One table by itself.
    #[error(transparent)]
    Atom(#[from] AtomError),
    /// `stts` or `stsc` counts other samples than the table of sizes.
    #[error(
        "{kind:?} at byte {offset} counts {counted} samples, but {sizes:?} at byte {sizes_offset} has {sized}"
    )]
    CountsDisagree {
        /// The table that counts other samples.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// Samples by that table; by `stsc`, in as many chunks as have an offset.
        counted: u64,
        /// `stsz` or `stz2`.
        sizes: FourCc,
        /// Where that one is.
        sizes_offset: u64,
        /// Samples by their sizes.
        sized: u64,
    },
    /// `stsc` does not ascend from chunk 1.
    #[error(
        "'stsc' at byte {offset}: entry {index} begins with chunk {first_chunk}, expected {expected_first}{}",
        if *index == 0 { "" } else { " or later" }
    )]
    ChunkOrder {
        /// Where the atom is.
        offset: u64,
        /// The entry, counted from 0.
        index: usize,
        /// Its first chunk, counted from 1.
        first_chunk: u32,
        /// The first chunk it could have.
        expected_first: u32,
    },
    /// `stsc` speaks of a chunk without an offset.
    #[error(
        "'stsc' at byte {offset}: entry {index} begins with chunk {first_chunk}, but there are {chunk_count} chunk offsets"
    )]
    NoSuchChunk {
        /// Where the atom is.
        offset: u64,
        /// The entry, counted from 0.
        index: usize,
        /// Its first chunk, counted from 1.
        first_chunk: u32,
        /// Chunks by `stco` or `co64`.
        chunk_count: u32,
    },
    /// `stsc` speaks of chunks without samples.
    #[error(
        "'stsc' at byte {offset}: entry {index} gives the chunks from {first_chunk} on 0 samples, expected 1 or more"
    )]
    EmptyChunks {
        /// Where the atom is.
        offset: u64,
        /// The entry, counted from 0.
        index: usize,
        /// Its first chunk, counted from 1.
        first_chunk: u32,
    },
    /// `stsc` names a description that `stsd` has not.
    #[error(
        "'stsc' at byte {offset}: entry {index} uses sample description {description_number} of {description_count}"
    )]
    NoSuchDescription {
        /// Where the atom is.
        offset: u64,
        /// The entry, counted from 0.
        index: usize,
        /// The description, counted from 1.
        description_number: u32,
        /// Descriptions by `stsd`.
        description_count: u32,
    },
    /// A chunk ends past the end of the file.
    #[error(
        "{kind:?} at byte {offset}: chunk {chunk} has {len} bytes from byte {start} on, but the file ends at byte {file_len}"
    )]
    ChunkPastFile {
        /// `stco` or `co64`.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// The chunk, counted from 0.
        chunk: u32,
        /// Where the chunk begins.
        start: u64,
        /// Its length.
        len: u64,
        /// Bytes of the file.
        file_len: u64,
    },
}
