//! Makes a `moov` for samples that moved: the base's, with other chunk offsets and with the tables of a spliced track.
//!
//! - In: the base, the changed `stsz` and `stsc`, the number of chunks of each track that moves; then their offsets.
//! - Out: the bytes of `moov`, wherever it will be itself: nothing in it tells its own place.
//! - Holds: `stco` becomes `co64` only if an offset needs it, and never back, so that a caller whose media moves with the
//!   length of `moov` finds both as a fixed point.
//! - Not here: where chunks go (`new_movie`, `region`), the bytes of the tables (`tables`).

use super::spliced::atom_bytes;
use super::{LayoutError, tables};
use crate::atom::file::MOOV_LEN_MAX;
use crate::movie::{Movie, Track};
use crate::units::ByteRange;

/// The chunk offsets of a track, in track order.
pub(super) type ChunkOffsets<'o> = Box<dyn Iterator<Item = u64> + 'o>;

/// A `moov` whose chunk offsets are not known yet.
pub(super) struct Moov<'a> {
    base: &'a Movie,
    /// Atoms that are finished: their place in the base's `moov`, and their new bytes.
    tables: Vec<(ByteRange, Vec<u8>)>,
    offsets: Vec<OffsetTable<'a>>,
}

/// The chunk offsets of one track.
struct OffsetTable<'a> {
    /// Which of the base's tracks.
    track: usize,
    /// The base's atom: its place in `moov`, and its bytes.
    range: ByteRange,
    atom: &'a [u8],
    /// Whether the new one is a `co64`.
    is_wide: bool,
    chunk_count: usize,
}

impl<'a> Moov<'a> {
    /// The base's `moov` with `tables` in the places of the base's.
    pub(super) fn new(base: &'a Movie, tables: Vec<(ByteRange, Vec<u8>)>) -> Self {
        Self { base, tables, offsets: Vec::new() }
    }

    /// Says that `track` has `chunk_count` chunks, with other offsets.
    pub(super) fn moves(&mut self, track: &Track, chunk_count: usize) {
        let range = track.atoms.stco;
        let atom = atom_bytes(self.base, range);
        let is_wide = atom[4..8] == tables::CO64.0;
        self.offsets.push(OffsetTable { track: track.index, range, atom, is_wide, chunk_count });
    }

    /// Its length in bytes with its tables as wide as they are now.
    ///
    /// # Errors
    /// [`LayoutError::HeaderTooLong`].
    pub(super) fn len(&self) -> Result<u64, LayoutError> {
        let tables = self.tables.iter().map(|(range, new)| (range.len, new.len() as u64));
        let offsets = self.offsets.iter().map(|table| {
            let new = tables::chunk_offsets_len(table.atom, table.chunk_count, table.is_wide);
            (table.range.len, new)
        });
        let (old, new) =
            tables.chain(offsets).fold((0, 0), |sum, (old, new)| (sum.0 + old, sum.1 + new));
        let len = self.base.header().moov.len() as u64 - old + new;
        if len > MOOV_LEN_MAX { Err(LayoutError::HeaderTooLong { len }) } else { Ok(len) }
    }

    /// Makes every table wide that has an offset of more than 32 bits. Says whether one became so.
    ///
    /// - `offsets_of`: the chunk offsets of a track, by its index.
    pub(super) fn widen<'o>(&mut self, offsets_of: impl Fn(usize) -> ChunkOffsets<'o>) -> bool {
        let mut has_grown = false;
        for table in self.offsets.iter_mut().filter(|table| !table.is_wide) {
            table.is_wide = offsets_of(table.track).any(|offset| offset > u64::from(u32::MAX));
            has_grown |= table.is_wide;
        }
        has_grown
    }

    /// The bytes of `moov`.
    ///
    /// - `offsets_of`: as for [`Moov::widen`], which has seen the same offsets; dropped before the last copy is made.
    ///
    /// # Panics
    /// If an offset is wider than its table: [`Moov::widen`] was not asked.
    pub(super) fn into_bytes<'o>(self, offsets_of: impl Fn(usize) -> ChunkOffsets<'o>) -> Vec<u8> {
        let Self { base, tables: mut replacements, offsets } = self;
        for OffsetTable { track, range, atom, is_wide, chunk_count } in offsets {
            let offsets = offsets_of(track);
            replacements.push((range, tables::chunk_offsets(atom, is_wide, chunk_count, offsets)));
        }
        drop(offsets_of);
        replacements.sort_by_key(|(range, _)| range.offset);
        crate::atom::rewrite(&base.header().moov, &replacements)
    }
}
