//! Reads ranges of a file that stand in no order, as if they stood one behind the other.
//!
//! - In: a file and ranges of it, in the order in which they are wanted.
//! - Out: their bytes, in that order, in blocks that are as long as if it were the file's own.
//! - Holds: the place of [`STRETCH_MAX`] ranges, and the blocks of `read_in_order`. Ranges of a few bytes, of which a
//!   header of 10 MB can name millions, come from `pages`: the file is then read about once.
//! - Not here: what the bytes are for (`digest`).

use intercut_io::{IoError, read_in_order};

use super::Readable;
use super::pages::{Paged, Pages};
use crate::units::ByteRange;

/// Ranges that are looked up at a time.
const STRETCH_MAX: usize = 1 << 16;

/// Hands the bytes of `ranges`, none of which is empty, to `consume`.
///
/// # Errors
/// The first error of a read or of `consume`; nothing is consumed after it.
pub(super) fn read_apart(
    file: Readable<'_>,
    mut ranges: impl Iterator<Item = ByteRange>,
    consume: &mut dyn FnMut(&[u8]) -> Result<(), IoError>,
) -> Result<(), IoError> {
    let pages = Pages::new();
    let file = Paged { number: 0, len: file.movie.header().file_len, read: file.read };
    loop {
        let stretch = Stretch::new(ranges.by_ref().take(STRETCH_MAX));
        if stretch.len == 0 {
            return Ok(());
        }
        let read = |buffer: &mut [u8], at: u64| stretch.read_exact_at((&pages, file), buffer, at);
        read_in_order(std::iter::once(0..stretch.len), &read, |_, bytes| consume(bytes))?;
    }
}

/// Ranges one behind the other.
struct Stretch {
    parts: Vec<Part>,
    len: u64,
}

/// A range that is longer than nothing, and ends where the next one begins.
struct Part {
    /// Where it begins in the stretch.
    at: u64,
    /// Where it begins in the file.
    offset: u64,
}

impl Stretch {
    fn new(ranges: impl Iterator<Item = ByteRange>) -> Self {
        let mut len = 0;
        let parts = ranges.map(|range| {
            let part = Part { at: len, offset: range.offset };
            len += range.len;
            part
        });
        Self { parts: parts.collect(), len }
    }

    /// Fills `buffer` with the bytes of the stretch from `at`.
    fn read_exact_at(
        &self,
        (pages, file): (&Pages, Paged<'_>),
        buffer: &mut [u8],
        at: u64,
    ) -> Result<(), IoError> {
        let (mut rest, mut at) = (buffer, at);
        let mut index = self.parts.partition_point(|part| part.at <= at) - 1;
        while !rest.is_empty() {
            let part = &self.parts[index];
            index += 1;
            let end = self.parts.get(index).map_or(self.len, |next| next.at);
            let len = usize::try_from(end - at).unwrap_or(rest.len()).min(rest.len());
            let (bytes, behind) = rest.split_at_mut(len);
            pages.read_exact_at(file, bytes, part.offset + (at - part.at))?;
            at += len as u64;
            rest = behind;
        }
        Ok(())
    }
}
