//! Looks at the media bytes that belong to no sample: a splice leaves zeros there, and nothing else.
//!
//! - In: the output.
//! - Out: the first byte between samples that is not zero.
//! - Holds: only those bytes are read: less than 1 % of the media of a splice.
//! - Not here: samples (`compare`).

use intercut_io::{Cancel, IoError};

use super::Readable;
use super::structure::{BLOCK_LEN, StructureDifference};
use crate::units::{ByteRange, FourCc};

/// The first byte of an `mdat` that belongs to no sample and is not zero.
pub(super) fn first_difference(
    output: Readable<'_>,
    cancel: &Cancel,
) -> Result<Option<StructureDifference>, IoError> {
    let mut block = Vec::new();
    for gap in gaps(output) {
        let mut at = gap.offset;
        while at < gap.end() {
            cancel.check()?;
            let len = usize::try_from(gap.end() - at).unwrap_or(BLOCK_LEN).min(BLOCK_LEN);
            block.resize(len, 0);
            (output.read)(&mut block, at)?;
            if let Some(byte) = block.iter().position(|byte| *byte != 0) {
                let output_offset = at + byte as u64;
                return Ok(Some(StructureDifference::Outside { output_offset }));
            }
            at += len as u64;
        }
    }
    Ok(None)
}

/// The parts of the payload of every `mdat` that no chunk covers, in file order.
fn gaps(output: Readable<'_>) -> Vec<ByteRange> {
    let movie = output.movie;
    let chunks = movie.tracks().iter().flat_map(|track| movie.table(track).chunks());
    let mut covered: Vec<ByteRange> = chunks.map(|chunk| chunk.range).collect();
    covered.sort_unstable_by_key(|range| range.offset);
    let mut covered = covered.into_iter().peekable();
    let mut gaps = Vec::new();
    for mdat in movie.header().atoms.iter().filter(|atom| atom.kind == FourCc(*b"mdat")) {
        let end = mdat.range.end();
        let mut at = mdat.range.offset + u64::from(mdat.header_len);
        while let Some(range) = covered.next_if(|range| range.offset < end) {
            if range.offset > at {
                gaps.push(ByteRange { offset: at, len: range.offset - at });
            }
            at = at.max(range.end());
        }
        if at < end {
            gaps.push(ByteRange { offset: at, len: end - at });
        }
    }
    gaps
}
