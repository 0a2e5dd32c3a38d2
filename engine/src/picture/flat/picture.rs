//! What of a picture never changes, and where the slices of counters go.
//!
//! ```text
//! picture header │ table of slices … sizes under a counter … │ slices … slices under a counter …
//! ```
//!
//! - In: the shape, what is written on every frame, the counters.
//! - Out: [`Picture`]: its parts in order.
//! - Holds: a row of a counter's slices is one part, however many columns it has.
//! - Not here: the counters' slices (`counter`).
//!
//! References: RDD 36, 5.2.

use std::ops::Range;

use super::canvas::Canvas;
use super::counter::Counter;
use super::lettering::Lettering;
use super::slice::slice;
use crate::picture::slices::SLICE_LOG2_MAX;

/// Bytes of a picture's header.
const HEADER_LEN: usize = 8;

/// A whole picture, or a field of one.
#[derive(Debug)]
pub(super) struct Picture {
    slices: u16,
    /// The entries of the table and the slices that never change, one behind the other.
    pub(super) fixed: Vec<u8>,
    pub(super) parts: Vec<Part>,
    /// All its bytes, but for the slices of counters.
    pub(super) fixed_len: usize,
}

/// A part of a picture behind its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Bytes of [`Picture::fixed`].
    Fixed(Range<usize>),
    /// The entries of the table for a row of a counter's slices.
    Sizes(CounterRow),
    /// A row of a counter's slices.
    Slices(CounterRow),
}

/// A row of slices under a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CounterRow {
    pub(super) counter: usize,
    pub(super) row: usize,
}

impl Picture {
    /// - `nth`: 0, or 1 for the second field.
    /// - `lines`: what is written on every frame.
    pub(super) fn new(
        canvas: &Canvas,
        nth: usize,
        lines: &[(Lettering, Vec<u8>)],
        counters: &[Counter],
    ) -> Self {
        let grid = canvas.grid(nth);
        let rows = (0..grid.rows).flat_map(|row| grid.row().map(move |slice| (row, slice)));
        let slices: Vec<Result<Vec<u8>, CounterRow>> = rows
            .map(|(row, (first, len))| {
                let macroblocks = first..first + len;
                let under = counters.iter().map(|it| it.place_of(&macroblocks, row)).enumerate();
                let mut under = under.filter_map(|(counter, place)| Some((counter, place?.1)));
                match under.next().map(|(counter, row)| CounterRow { counter, row }) {
                    Some(counted) => Err(counted),
                    None => Ok(slice(canvas, len, lit(lines, &macroblocks, row))),
                }
            })
            .collect();
        let count = u16::try_from(slices.len()).expect("the shape was checked");
        let (fixed, parts) = (Vec::new(), Vec::new());
        let mut picture = Self { slices: count, fixed, parts, fixed_len: 0 };
        for slice in &slices {
            match slice {
                Ok(bytes) => picture.add_fixed(&size_of(bytes)),
                Err(counted) => picture.add(Part::Sizes(*counted)),
            }
        }
        for slice in &slices {
            match slice {
                Ok(bytes) => picture.add_fixed(bytes),
                Err(counted) => picture.add(Part::Slices(*counted)),
            }
        }
        let fixed = slices.iter().flatten().map(Vec::len).sum::<usize>();
        picture.fixed_len = HEADER_LEN + 2 * slices.len() + fixed;
        picture
    }

    /// Its header, if its counters' slices have so many bytes.
    pub(super) fn header(&self, counted: usize) -> [u8; HEADER_LEN] {
        let len = u32::try_from(self.fixed_len + counted).expect("65535 slices are short");
        let [a, b, c, d] = len.to_be_bytes();
        let [high, low] = self.slices.to_be_bytes();
        [8 << 3, a, b, c, d, high, low, SLICE_LOG2_MAX.to_be_bytes()[3] << 4]
    }

    fn add_fixed(&mut self, bytes: &[u8]) {
        let start = self.fixed.len();
        self.fixed.extend(bytes);
        match self.parts.last_mut() {
            Some(Part::Fixed(range)) => range.end = self.fixed.len(),
            _ => self.parts.push(Part::Fixed(start..self.fixed.len())),
        }
    }

    fn add(&mut self, part: Part) {
        if self.parts.last() != Some(&part) {
            self.parts.push(part);
        }
    }
}

/// The entry of a slice in the table.
pub(super) fn size_of(slice: &[u8]) -> [u8; 2] {
    u16::try_from(slice.len()).expect("a slice of flat blocks is short").to_be_bytes()
}

/// The blocks of a slice that are lit by any of the lines.
pub(super) fn lit(lines: &[(Lettering, Vec<u8>)], macroblocks: &Range<usize>, row: usize) -> u32 {
    lines.iter().fold(0, |lit, (lettering, letters)| {
        let seen = lettering.letters_in(macroblocks);
        lit | lettering.lit(&letters[seen], macroblocks, row)
    })
}
