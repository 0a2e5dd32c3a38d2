//! Finds samples in any order: a table that is asked again and again keeps marks.
//!
//! - In: a [`SampleTable`] whose tables agree.
//! - Out: [`SampleLocator`].
//! - Holds: one mark for every [`STEP`] samples; to find a sample costs at most that many steps, whatever the tables are
//!   like. Without marks a clip whose edit list jumps about in one long chunk would cost its length at each jump.
//! - Not here: one walk from a sample on ([`SampleTable::samples_from`]).

use super::iter::{Chunks, Place, Samples};
use super::{Sample, SampleTable};
use crate::units::SampleIndex;

/// Samples from one mark to the next: a mark takes about as much room as six entries of `stsz`.
const STEP: u32 = 64;

/// A table whose samples are found in O(1).
#[derive(Debug, Clone)]
pub struct SampleLocator<'a> {
    table: SampleTable<'a>,
    /// Sample `index * STEP`: its place, and where it begins in the file.
    marks: Vec<(Place, u64)>,
}

impl<'a> SampleLocator<'a> {
    /// Marks the samples of a table. Cost: one pass over its samples.
    pub(super) fn new(table: SampleTable<'a>) -> Self {
        let mut marks = Vec::new();
        let mut chunks = Chunks::new(table);
        while let Some(chunk) = chunks.next() {
            let mut offset = chunk.range.offset;
            for in_chunk in 0..chunk.sample_count {
                let index = chunk.first_sample.0 + in_chunk;
                if index.is_multiple_of(STEP) {
                    marks.push((chunks.place(&chunk, in_chunk), offset));
                }
                offset += u64::from(table.sizes.size(index, in_chunk));
            }
        }
        Self { table, marks }
    }

    /// Every sample from `first` on, in track order; none from past the last one on.
    pub fn samples_from(
        &self,
        first: SampleIndex,
    ) -> impl Iterator<Item = Sample> + Clone + use<'a> {
        let samples = match self.marks.get((first.0 / STEP) as usize) {
            Some((place, offset)) => Samples::at(self.table, place, *offset),
            None => Samples::new(self.table, SampleIndex(u32::MAX)),
        };
        samples.skip((first.0 % STEP) as usize)
    }
}
