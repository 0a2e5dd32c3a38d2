//! The media bytes that no sample refers to.
//!
//! A new movie has zeros there, less than 1 % of its media. A movie that was changed in place has whatever the samples,
//! headers and journals that are no longer used left behind.
//!
//! - In: the output.
//! - Out: how many such bytes there are; the first one that is not zero.
//! - Holds: little more than those bytes is read, and only to find that one.
//! - Not here: samples (`compare`).

use intercut_io::{Cancel, IoError};

use super::Readable;
use super::structure::{BLOCK_LEN, StructureDifference};
use crate::movie::Movie;
use crate::units::{ByteRange, FourCc};

/// Bytes between two gaps that are cheaper to read than to skip.
const SKIPPED_LEN_MIN: u64 = 4096;

/// Bytes of every `mdat` that belong to no sample. Nothing is read.
pub(crate) fn len(movie: &Movie) -> u64 {
    gaps(movie).map(|gap| gap.len).sum()
}

/// The first byte of an `mdat` that belongs to no sample and is not zero.
pub(super) fn first_not_zero(
    output: Readable<'_>,
    cancel: &Cancel,
) -> Result<Option<StructureDifference>, IoError> {
    let (mut block, mut inside) = (Vec::new(), Vec::new());
    let mut gaps = gaps(output.movie).flat_map(pieces).peekable();
    while let Some(first) = gaps.next() {
        cancel.check()?;
        let mut end = first.end();
        inside.clear();
        inside.push(first);
        while let Some(next) = gaps.next_if(|next| {
            let is_near = next.offset - end < SKIPPED_LEN_MIN;
            is_near && next.end() - first.offset <= BLOCK_LEN as u64
        }) {
            end = next.end();
            inside.push(next);
        }
        let index = |byte: u64| usize::try_from(byte - first.offset).expect("it is in the block");
        block.resize(index(end), 0);
        (output.read)(&mut block, first.offset)?;
        for gap in &inside {
            let bytes = &block[index(gap.offset)..index(gap.end())];
            if let Some(byte) = bytes.iter().position(|byte| *byte != 0) {
                let output_offset = gap.offset + byte as u64;
                return Ok(Some(StructureDifference::Outside { output_offset }));
            }
        }
    }
    Ok(None)
}

/// A gap in parts that can be read at once.
fn pieces(gap: ByteRange) -> impl Iterator<Item = ByteRange> {
    (gap.offset..gap.end()).step_by(BLOCK_LEN).map(move |offset| {
        let len = (gap.end() - offset).min(BLOCK_LEN as u64);
        ByteRange { offset, len }
    })
}

/// The parts of the payload of every `mdat` that no chunk covers, in file order.
pub(crate) fn gaps(movie: &Movie) -> impl Iterator<Item = ByteRange> {
    let mut covered = covered(movie).into_iter().peekable();
    let mdats = movie.header().atoms.iter().filter(|atom| atom.kind == FourCc(*b"mdat"));
    let mut payloads =
        mdats.map(|mdat| (mdat.range.offset + u64::from(mdat.header_len), mdat.range.end()));
    let mut payload = payloads.next();
    let next = move || {
        let (at, end) = payload.as_mut()?;
        let (start, stop) = match covered.next_if(|range| range.offset < *end) {
            Some(range) => (std::mem::replace(at, range.end().max(*at)), range.offset),
            None => {
                let rest = (*at, *end);
                payload = payloads.next();
                rest
            }
        };
        Some(ByteRange { offset: start, len: stop.saturating_sub(start) })
    };
    std::iter::from_fn(next).filter(|gap| gap.len > 0)
}

/// The bytes of all chunks, in file order; neighbours in a table are joined.
fn covered(movie: &Movie) -> Vec<ByteRange> {
    let tables = movie.tracks().iter().map(|track| movie.table(track));
    let count = tables.clone().map(|table| table.chunk_count() as usize).sum();
    // No more than there are chunks: growing would take twice the room where there are millions.
    let mut covered: Vec<ByteRange> = Vec::with_capacity(count);
    for range in tables.flat_map(|table| table.chunks()).map(|chunk| chunk.range) {
        match covered.last_mut() {
            Some(last) if last.end() == range.offset => last.len += range.len,
            _ => covered.push(range),
        }
    }
    covered.sort_unstable_by_key(|range| range.offset);
    covered
}
