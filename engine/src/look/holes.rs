//! Where a file was never written.
//!
//! - In: a file.
//! - Out: [`Holes`], which says whether a range lies in one, in part or whole.
//! - Holds: one question to the system for each hole, not for each range, while ranges come in the order of the file.
//! - Not here: what a hole means to a frame (`codec`).

use std::ops::Range;

use intercut_io::Source;

use crate::units::ByteRange;

/// The holes of a file.
#[derive(Debug)]
pub struct Holes<'a> {
    source: &'a Source,
    /// Where a hole was looked for last, and the first one from there on.
    known: Option<(u64, Range<u64>)>,
}

impl<'a> Holes<'a> {
    /// Nothing is asked yet.
    pub fn of(source: &'a Source) -> Self {
        Self { source, known: None }
    }

    /// Whether a part of `range` was never written. Ranges may go back: chunks are in the file in any order.
    pub fn touch(&mut self, range: ByteRange) -> bool {
        self.from(range.offset).start < range.end()
    }

    /// The first hole that ends behind `offset`; at the end of the file if there is none.
    fn from(&mut self, offset: u64) -> Range<u64> {
        if let Some((from, hole)) = &self.known
            && (*from..hole.end).contains(&offset)
        {
            return hole.clone();
        }
        let len = self.source.len();
        let hole = self.source.hole_from(offset).unwrap_or(len..u64::MAX);
        self.known = Some((offset, hole.clone()));
        hole
    }
}
