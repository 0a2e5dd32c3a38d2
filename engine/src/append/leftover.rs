//! What an insert that was killed, or an undo that was not finished, leaves behind a movie: a region that nothing refers to.
//!
//! - In: the movie's header, and how the file is read.
//! - Out: [`Leftover`]: what the file was before, by the region's head.
//! - Holds: a region whose head was lost is not found: nobody can tell it from somebody else's bytes.
//! - Not here: removing it (`in_place`).

use intercut_io::{IoError, ReadExactAt};

use crate::atom::file::{Header, TopAtom};
use crate::atom::region_head::{HEAD_LEN, RegionHead};
use crate::movie::Movie;
use crate::units::FourCc;

/// Bytes that are looked through for a head that is inside another atom, or behind zeros.
const SEARCHED_LEN_MAX: u64 = 16 << 20;
/// Bytes that are read at a time.
const STEP_LEN: u64 = 64 << 10;

/// A region that nothing refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leftover {
    /// Length of the file without it: where it begins.
    pub start: u64,
    /// Bytes from there to the end of the file.
    pub len: u64,
    /// The last change of the file before it was appended, nanoseconds since 1970.
    pub modified_ns: i128,
    /// Where a size of 0 was filled in for it.
    pub sized_at: Option<u64>,
}

impl Leftover {
    /// Finds what is left behind a movie.
    ///
    /// - `movie`: its tables, if they could be read: they say where an atom without a size has its last sample.
    /// - Cost: one read for each atom behind `moov`; if the last atom reaches to the end of the file by itself, or zeros are
    ///   behind it, up to 16 MiB.
    ///
    /// # Errors
    /// [`IoError`] if the file cannot be read.
    pub fn find(
        header: &Header,
        movie: Option<&Movie>,
        read: &ReadExactAt<'_>,
    ) -> Result<Option<Self>, IoError> {
        let behind = header.atoms.iter().filter(|atom| atom.range.offset > header.moov_offset);
        for atom in behind.filter(|atom| atom.kind == FourCc(*b"mdat")) {
            if let Some(found) = Self::at(atom.range.offset, header, read)? {
                return Ok(Some(found));
            }
        }
        let tail = header.tail();
        if tail.len > 0 {
            return Self::search(tail.offset, header, read);
        }
        let Some(last) = header.atoms.last() else { return Ok(None) };
        if !reaches_to_the_end(last, read)? {
            return Ok(None);
        }
        let mut from = last.range.offset + u64::from(last.header_len);
        if let Some(movie) = movie {
            let chunks = movie.tracks().iter().flat_map(|track| movie.table(track).chunks());
            let ends = chunks.map(|chunk| chunk.range.end());
            from = ends.max().map_or(from, |end| from.max(end));
        }
        Self::search(from, header, read)
    }

    /// What a head at `offset` says.
    fn at(offset: u64, header: &Header, read: &ReadExactAt<'_>) -> Result<Option<Self>, IoError> {
        if offset + HEAD_LEN as u64 > header.file_len {
            return Ok(None);
        }
        let mut head = [0; HEAD_LEN];
        read(&mut head, offset)?;
        let head = RegionHead::parse(&head);
        // A few zeros may have been put before the head.
        let is_here = |head: &RegionHead| {
            head.len_before <= offset && offset - head.len_before < 8 && header.moov_offset < offset
        };
        Ok(head.filter(is_here).map(|head| Self {
            start: head.len_before,
            len: header.file_len - head.len_before,
            modified_ns: head.modified_ns,
            sized_at: head.sized_at,
        }))
    }

    /// Looks for a head from `from` on.
    fn search(from: u64, header: &Header, read: &ReadExactAt<'_>) -> Result<Option<Self>, IoError> {
        let end = header.file_len.min(from.saturating_add(SEARCHED_LEN_MAX));
        let mut block = Vec::new();
        let mut at = from;
        while at + HEAD_LEN as u64 <= end {
            // A head that lies across two steps is whole in the second.
            let len = (end - at).min(STEP_LEN + HEAD_LEN as u64);
            block.resize(usize::try_from(len).expect("a step is small"), 0);
            read(&mut block, at)?;
            let heads = block.windows(HEAD_LEN).zip(at..);
            let mut heads = heads.filter(|(bytes, _)| RegionHead::parse(bytes).is_some());
            if let Some((_, offset)) = heads.next() {
                return Self::at(offset, header, read);
            }
            at += STEP_LEN;
        }
        Ok(None)
    }
}

/// Whether an atom says no size, so that it ends where the file does.
fn reaches_to_the_end(atom: &TopAtom, read: &ReadExactAt<'_>) -> Result<bool, IoError> {
    let mut size = [0; 4];
    read(&mut size, atom.range.offset)?;
    Ok(size == [0; 4])
}
