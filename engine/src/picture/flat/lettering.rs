//! Where text is on a picture, in blocks: which blocks of a slice are lit by it.
//!
//! ```text
//! name                         lines: at the top
//! a free line
//!
//! 01:00:00:00        000000    counters: at the bottom
//! ```
//!
//! - In: the shape of the frames, what is written on them.
//! - Out: [`Lettering`]s: a place, a size, and a number of letters.
//! - Holds: no two of them touch the same slice, and each begins and ends within the picture. A dot of a letter is one
//!   block or several, so that it has no soft edges.
//! - Not here: the letters (`face`), the bytes (`slice`).

use std::ops::Range;

use super::canvas::Canvas;
use super::face::{ADVANCE, HEIGHT, is_lit, letters};
use crate::picture::slices::SLICE_LOG2_MAX;

/// Pixels across for which a dot is one block wide; twice as many make it two.
const WIDTH_PER_BLOCK: usize = 1920;

/// Digits of a frame's number, at least.
const DIGITS_MIN: usize = 6;

/// Lines that one text at the top is broken into, at most.
const ROWS_MAX: usize = 2;

/// Blocks of the widest slice across; where one begins, so do narrower ones.
const SLICE_BLOCKS: usize = 2 << SLICE_LOG2_MAX;

/// Letters of one size at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lettering {
    /// The first block, and the first row of blocks, which is even.
    left: usize,
    top: usize,
    /// Blocks of a dot across and down.
    dot: (usize, usize),
    /// How many letters.
    pub(super) len: usize,
}

impl Lettering {
    /// Blocks across.
    fn columns(&self) -> Range<usize> {
        self.left..self.left + self.len * ADVANCE * self.dot.0
    }

    /// Macroblocks across that it may light.
    pub(super) fn macroblocks(&self) -> Range<usize> {
        let blocks = self.columns();
        blocks.start / 2..blocks.end.div_ceil(2)
    }

    /// Rows of macroblocks that it may light.
    pub(super) fn rows(&self) -> Range<usize> {
        self.top / 2..(self.top + HEIGHT * self.dot.1).div_ceil(2)
    }

    /// Whether some macroblocks of a row have a part of the letters' boxes.
    pub(super) fn touches(&self, macroblocks: &Range<usize>, row: usize) -> bool {
        let own = self.macroblocks();
        self.rows().contains(&row) && own.start < macroblocks.end && macroblocks.start < own.end
    }

    /// The letters of which some macroblocks have a part.
    pub(super) fn letters_in(&self, macroblocks: &Range<usize>) -> Range<usize> {
        let advance = ADVANCE * self.dot.0;
        let first = (2 * macroblocks.start).saturating_sub(self.left) / advance;
        let end = (2 * macroblocks.end).saturating_sub(self.left).div_ceil(advance);
        first.min(self.len)..end.min(self.len)
    }

    /// The blocks of a slice that it lights, in the order in which they are coded.
    ///
    /// - `letters`: those of [`Lettering::letters_in`].
    pub(super) fn lit(&self, letters: &[u8], macroblocks: &Range<usize>, row: usize) -> u32 {
        let first = self.letters_in(macroblocks).start;
        let blocks = 4 * macroblocks.len();
        (0..blocks).fold(0, |lit, nth| {
            let x = 2 * (macroblocks.start + nth / 4) + nth % 2;
            let y = 2 * row + nth / 2 % 2;
            lit | u32::from(self.is_lit(letters, first, x, y)) << nth
        })
    }

    /// Whether a block is lit.
    fn is_lit(&self, letters: &[u8], first: usize, x: usize, y: usize) -> bool {
        let rows = self.top..self.top + HEIGHT * self.dot.1;
        if !self.columns().contains(&x) || !rows.contains(&y) {
            return false;
        }
        let (x, y) = ((x - self.left) / self.dot.0, (y - self.top) / self.dot.1);
        let letter = (x / ADVANCE).checked_sub(first).and_then(|nth| letters.get(nth));
        letter.is_some_and(|&letter| is_lit(letter, x % ADVANCE, y))
    }
}

/// Everything that is written on a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrangement {
    /// What is the same on all frames.
    pub(super) lines: Vec<(Lettering, Vec<u8>)>,
    /// Where the timecode goes.
    pub(super) timecode: Lettering,
    /// Where the frame's number goes, if there is room for it.
    pub(super) number: Option<Lettering>,
}

impl Arrangement {
    /// Finds a place for everything.
    ///
    /// - `texts`: the lines.
    /// - `timecode`, `digits`: how many letters the counters have.
    /// - Returns: `None` if there is no room for the timecode.
    pub(super) fn new(
        canvas: &Canvas,
        texts: &[String],
        [timecode, digits]: [usize; 2],
    ) -> Option<Self> {
        let width = usize::from(canvas.shape.width);
        let (columns, rows) =
            (width / 8, canvas.lines(0).min(canvas.lines(canvas.pictures() - 1)) / 8);
        let across = ((width + WIDTH_PER_BLOCK / 2) / WIDTH_PER_BLOCK).max(1);
        // A line of a field is two lines high.
        let dot = |across: usize| (across, (across / canvas.pictures()).max(1));
        let (large, small) = (dot(across), dot((across / 2).max(1)));
        let wide = |len: usize| len * ADVANCE * large.0;
        let high = HEIGHT * large.1;
        let margin = (columns / 24).min(columns.checked_sub(wide(timecode))? / 2);
        let bottom = rows.checked_sub(high)?;
        let top = even(bottom.saturating_sub(rows / 16));
        let timecode = Lettering { left: margin, top, dot: large, len: timecode };
        let number = beside(&timecode, (columns - margin).checked_sub(wide(digits)), digits)
            .or_else(|| {
                above(&timecode, high, (columns - margin).checked_sub(wide(digits))?, digits)
            });
        let end = number.map_or(top, |number| number.top);
        let mut lines = Vec::new();
        let mut at = even(rows / 16);
        for text in texts.iter().map(|text| letters(text)) {
            let len = (columns - 2 * margin) / (ADVANCE * small.0);
            for line in broken(&text, len) {
                let lettering = Lettering { left: margin, top: at, dot: small, len: line.len() };
                at += even(HEIGHT * small.1 + 3);
                if at <= end {
                    lines.push((lettering, line));
                }
            }
        }
        Some(Self { lines, timecode, number })
    }
}

/// Digits of the number of each of `count` frames.
pub(super) fn digits_of(count: u32) -> usize {
    count.saturating_sub(1).to_string().len().max(DIGITS_MIN)
}

/// A place at the right end of the line of `other`, in slices of its own.
fn beside(other: &Lettering, left: Option<usize>, len: usize) -> Option<Lettering> {
    let left = left? / SLICE_BLOCKS * SLICE_BLOCKS;
    (left >= other.columns().end.next_multiple_of(SLICE_BLOCKS)).then_some(Lettering {
        left,
        len,
        ..*other
    })
}

/// A place in the line above `other`.
///
/// - `last`: the last column at which it may begin.
fn above(other: &Lettering, high: usize, last: usize, len: usize) -> Option<Lettering> {
    let top = even(other.top.checked_sub(high + 2)?);
    (other.left <= last).then_some(Lettering { top, len, ..*other })
}

/// Text in lines of `len` letters; of one that is too long, the middle is left out.
fn broken(text: &[u8], len: usize) -> Vec<Vec<u8>> {
    let room = ROWS_MAX * len;
    let mut text = text.to_vec();
    if text.len() > room && room > 3 {
        let behind = (room - 3) / 2;
        let before = room - 3 - behind;
        text.splice(before..text.len() - behind, *b"...");
    }
    text.chunks(len.max(1)).take(ROWS_MAX).map(<[u8]>::to_vec).collect()
}

fn even(number: usize) -> usize {
    number & !1
}
