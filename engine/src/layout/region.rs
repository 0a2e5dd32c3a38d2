//! Lays out what changes a movie in place: the clips' samples behind everything that the movie has, and a new `moov`.
//!
//! ```text
//! the base as it is ……│ start: extent, gap, extent, … │ end: whatever the caller puts there, `moov` among it
//! ```
//!
//! - In: the base, the clips and the plan; where in the base's file the first new sample may be.
//! - Out: [`Region`]: the extents, and a `moov` that names them and, for every other sample, the place that it has now.
//! - Holds: only the video track's `stsz`, `stsc` and chunk offsets differ from the base's `moov`; extents are congruent
//!   to their sources as in a new movie.
//! - Not here: the atom headers around it, and the write that makes it the movie.

use std::ops::Range;

use intercut_io::Schedule;

use super::arrange::{Items, Media};
use super::cut::BASE;
use super::moov::{ChunkOffsets, Moov};
use super::place::Placement;
use super::spliced::{ClipTable, Spliced};
use super::{Extent, Layout, LayoutError, check};
use crate::movie::Movie;
use crate::plan::SplicePlan;
use crate::units::{ByteRange, ClipIndex};

/// The samples that clips bring, placed behind a movie, and the `moov` that makes them part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Bytes of the file that hold the new samples, gaps among them.
    pub media: ByteRange,
    /// The extents of the new samples, in file order. None is the base's.
    pub extents: Vec<Extent>,
    /// Zeros between extents, in bytes.
    pub gap_bytes: u64,
    /// Media bytes that each clip of the plan brings.
    pub clip_bytes: Vec<u64>,
    /// The whole new `moov` atom, wherever it will be.
    pub moov: Vec<u8>,
}

impl Region {
    /// Places the samples that `plan` takes from clips from byte `start` of the base's file on.
    ///
    /// - `clips`: the movies of `plan.clips`, in that order.
    /// - `start`: at or behind the end of every sample of the base.
    /// - Cost: O(n log n) in the chunks that clips bring, and O(n) in those of the base's video track; no system calls.
    ///
    /// # Errors
    /// [`LayoutError`] if the plan does not belong to these movies, or the header would be too long.
    ///
    /// # Panics
    /// If `clips` has not as many movies as the plan has clips.
    pub fn new(
        base: &Movie,
        clips: &[&Movie],
        plan: &SplicePlan,
        start: u64,
    ) -> Result<Self, LayoutError> {
        check(base, clips, plan)?;
        let spliced = Spliced::new(base, ClipTable::of(clips), &plan.replacements);
        let (mut items, mut clip_bytes) = (Items::default(), vec![0; clips.len()]);
        let mut chunk_count = 0;
        for chunk in spliced.chunks() {
            chunk_count += 1;
            if let Some(clip) = ClipIndex::of_source(chunk.source) {
                items.push(chunk.source, chunk.range, chunk.base_offset);
                clip_bytes[clip.get()] += chunk.range.len;
            }
        }
        let media = Media::arrange(items, base.header().file_len)?;
        let placement = Placement::new(&media, start, plan.alignment);
        let offsets = |_track: usize| -> ChunkOffsets<'_> {
            let mut placed = placement.offsets_of(&media.positions);
            Box::new(spliced.chunks().map(move |chunk| match chunk.source {
                BASE => chunk.range.offset,
                _ => placed.next().expect("every chunk of a clip was placed"),
            }))
        };
        let mut moov = Moov::new(base, spliced.tables());
        moov.moves(base.video(), chunk_count);
        moov.widen(offsets);
        moov.len()?;
        let moov = moov.into_bytes(offsets);
        Ok(Self {
            media: ByteRange { offset: start, len: placement.end - start },
            extents: placement.extents(&media.extents),
            gap_bytes: placement.gap_bytes,
            clip_bytes,
            moov,
        })
    }

    /// The region with its schedule.
    ///
    /// - `moov`: where the new `moov` is in the schedule's inline bytes.
    pub(crate) fn into_layout(self, schedule: Schedule, moov: Range<usize>) -> Layout {
        let Self { media, extents, gap_bytes, clip_bytes, .. } = self;
        Layout { schedule, moov, media, extents, gap_bytes, clip_bytes }
    }
}
