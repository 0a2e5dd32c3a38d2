//! Walks a sample table by chunk and by sample.
//!
//! - In: a [`SampleTable`] whose tables agree.
//! - Out: [`Chunks`], [`Samples`], and the place of one sample.
//! - Holds: a step costs O(1) and never allocates; chunk lengths of varying sizes are summed once a chunk.

use super::{Chunk, Sample, SampleTable};
use crate::units::{ByteRange, SampleIndex};

/// Where a sample is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The `stsc` run of its chunk, counted from 0.
    run: usize,
    /// Its chunk, counted from 0.
    chunk: u32,
    /// The chunk's first sample.
    chunk_first: u32,
    /// Its place in the chunk, counted from 0.
    pub(super) in_chunk: u32,
}

impl SampleTable<'_> {
    /// Where `sample` is; past the last one where there is no such sample.
    pub(super) fn place_of(&self, sample: SampleIndex) -> Place {
        let mut chunk_first: u32 = 0;
        for run in 0..self.runs.len() {
            let (Some(this), next) = (self.runs.get(run), self.runs.get(run + 1)) else { break };
            let chunk = this.first_chunk.saturating_sub(1);
            let end = next.map_or(self.chunk_count(), |next| next.first_chunk.saturating_sub(1));
            let before = sample.0 - chunk_first;
            let chunks_before = before.checked_div(this.samples_per_chunk).unwrap_or(0);
            if chunks_before < end.saturating_sub(chunk) {
                let skipped = chunks_before * this.samples_per_chunk;
                let chunk_first = chunk_first + skipped;
                let in_chunk = sample.0 - chunk_first;
                return Place { run, chunk: chunk + chunks_before, chunk_first, in_chunk };
            }
            chunk_first += end.saturating_sub(chunk) * this.samples_per_chunk;
        }
        Place { run: 0, chunk: self.chunk_count(), chunk_first, in_chunk: 0 }
    }
}

/// Every chunk of a table, in track order.
#[derive(Debug, Clone)]
pub(super) struct Chunks<'a> {
    table: SampleTable<'a>,
    run: usize,
    chunk: u32,
    first_sample: u32,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(table: SampleTable<'a>) -> Self {
        Self { table, run: 0, chunk: 0, first_sample: 0 }
    }

    fn at(table: SampleTable<'a>, place: &Place) -> Self {
        Self { table, run: place.run, chunk: place.chunk, first_sample: place.chunk_first }
    }

    /// The place of a sample of the chunk that was given last.
    pub(super) fn place(&self, chunk: &Chunk, in_chunk: u32) -> Place {
        let chunk_first = chunk.first_sample.0;
        Place { run: self.run, chunk: chunk.index, chunk_first, in_chunk }
    }
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let index = self.chunk;
        let offset = self.table.offsets.get(index)?;
        let next_run = self.table.runs.get(self.run + 1);
        if next_run.is_some_and(|next| next.first_chunk.saturating_sub(1) <= index) {
            self.run += 1;
        }
        let run = self.table.runs.get(self.run)?;
        let first_sample = self.first_sample;
        let sample_count = run.samples_per_chunk;
        let len = self.table.sizes.run_len(first_sample, sample_count);
        self.chunk += 1;
        self.first_sample += sample_count;
        Some(Chunk {
            index,
            range: ByteRange { offset, len },
            first_sample: SampleIndex(first_sample),
            sample_count,
            description_number: run.description_number,
        })
    }
}

/// The samples of a table from one on, in track order.
#[derive(Debug, Clone)]
pub(super) struct Samples<'a> {
    chunks: Chunks<'a>,
    chunk: Option<Chunk>,
    in_chunk: u32,
    /// Where the next sample begins in the file.
    offset: u64,
}

impl<'a> Samples<'a> {
    pub(super) fn new(table: SampleTable<'a>, first: SampleIndex) -> Self {
        if first.0 >= table.sample_count() {
            let end = Chunks { chunk: table.chunk_count(), ..Chunks::new(table) };
            return Self { chunks: end, chunk: None, in_chunk: 0, offset: 0 };
        }
        let place = table.place_of(first);
        let before = table.sizes.run_len(place.chunk_first, place.in_chunk);
        let chunk_offset = table.offsets.get(place.chunk).unwrap_or(0);
        Self::at(table, &place, chunk_offset + before)
    }

    /// The samples from a known place on, which begins at `offset` in the file.
    pub(super) fn at(table: SampleTable<'a>, place: &Place, offset: u64) -> Self {
        let mut chunks = Chunks::at(table, place);
        let chunk = chunks.next();
        Self { chunks, chunk, in_chunk: place.in_chunk, offset }
    }
}

impl Iterator for Samples<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        let mut chunk = self.chunk?;
        if self.in_chunk == chunk.sample_count {
            self.chunk = self.chunks.next();
            chunk = self.chunk?;
            self.in_chunk = 0;
            self.offset = chunk.range.offset;
        }
        let index = chunk.first_sample.0 + self.in_chunk;
        let len = u64::from(self.chunks.table.sizes.size(index, self.in_chunk));
        let range = ByteRange { offset: self.offset, len };
        self.in_chunk += 1;
        self.offset += len;
        Some(Sample { index: SampleIndex(index), chunk: chunk.index, range })
    }
}
