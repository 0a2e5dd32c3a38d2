//! Text that counts, and the slices under it: coded once for each of the texts that they show.
//!
//! - In: where the text is, and from what it counts.
//! - Out: the cells that it shows on a frame: each the slices of one column under it.
//! - Holds: a cell is made once. Their number is bounded by the letters that a column has room for, not by the length of the
//!   movie.
//! - Not here: the bytes of a slice (`slice`), which blocks are lit (`lettering`).

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use super::FlatShape;
use super::lettering::Lettering;
use super::slice::slice;
use crate::timecode::Timecode;

/// Letters of which a slice has a part, at most.
const CELL_LETTERS: usize = 4;

/// Letters of a counter, at most: those of a timecode, or of a number of 32 bits.
const TEXT_MAX: usize = 16;

/// Text that differs from frame to frame.
#[derive(Debug)]
pub(super) struct Counter {
    place: Lettering,
    counted: Counted,
    /// The macroblocks of each slice that it touches in a row.
    columns: Vec<Range<usize>>,
    cells: HashMap<CellKey, Cell>,
    /// The slices of all cells, and where each of them is.
    bytes: Vec<u8>,
    slices: Vec<Range<usize>>,
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counted {
    /// Labels, from that of the first frame on.
    Timecode(Timecode),
    /// Frames from 0 on, in so many digits.
    Frames(usize),
}

/// Which cell: the column, and the letters that are seen in it.
type CellKey = (usize, [u8; CELL_LETTERS]);

/// The slices of one column with some text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// The topmost of them; the others follow.
    first: usize,
    /// Bytes of all of them.
    len: usize,
}

impl Counter {
    pub(super) fn new(shape: &FlatShape, place: Lettering, counted: Counted) -> Self {
        let touched = place.macroblocks();
        let slices = shape.grid(0).row().map(|(first, len)| first..first + len);
        let columns = slices.filter(|it| it.start < touched.end && touched.start < it.end);
        let (columns, cells) = (columns.collect(), HashMap::new());
        Self { place, counted, columns, cells, bytes: Vec::new(), slices: Vec::new() }
    }

    /// The row of its slices that this one is in; `None` if it is not under the text.
    pub(super) fn row_of(&self, macroblocks: &Range<usize>, row: usize) -> Option<usize> {
        let rows = self.place.rows();
        let is_under = rows.contains(&row) && self.columns.contains(macroblocks);
        is_under.then(|| row - rows.start)
    }

    /// Makes the cells that a frame shows, unless they are there.
    ///
    /// - Returns: the bytes of them all.
    pub(super) fn prepare(&mut self, shape: &FlatShape, frame: u32) -> usize {
        let text = self.text(frame);
        (0..self.columns.len()).map(|column| self.prepare_cell(shape, column, &text).len).sum()
    }

    fn prepare_cell(&mut self, shape: &FlatShape, column: usize, text: &Text) -> Cell {
        let key = self.key(column, text);
        if let Some(&cell) = self.cells.get(&key) {
            return cell;
        }
        let (first, start) = (self.slices.len(), self.bytes.len());
        let macroblocks = &self.columns[column];
        let letters = &text.letters[self.place.letters_in(macroblocks)];
        for row in self.place.rows() {
            let lit = self.place.lit(letters, macroblocks, row);
            let at = self.bytes.len();
            self.bytes.extend(slice(shape, macroblocks.len(), lit));
            self.slices.push(at..self.bytes.len());
        }
        let cell = Cell { first, len: self.bytes.len() - start };
        self.cells.insert(key, cell);
        cell
    }

    /// The cells that a frame shows, one for each column.
    ///
    /// - `cells`: takes them.
    /// - Returns: the bytes of them all.
    ///
    /// # Panics
    /// If the frame was not prepared.
    pub(super) fn cells(&self, frame: u32, cells: &mut Vec<Cell>) -> usize {
        let text = self.text(frame);
        cells.extend((0..self.columns.len()).map(|column| self.cells[&self.key(column, &text)]));
        cells[cells.len() - self.columns.len()..].iter().map(|cell| cell.len).sum()
    }

    /// How many cells each frame shows.
    pub(super) fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// A slice of a cell.
    pub(super) fn slice(&self, cell: Cell, row: usize) -> &[u8] {
        &self.bytes[self.slices[cell.first + row].clone()]
    }

    /// What it shows on a frame.
    fn text(&self, frame: u32) -> Text {
        let mut text = Text { letters: [b' '; TEXT_MAX], len: 0 };
        let written = match self.counted {
            Counted::Timecode(first) => write!(text, "{}", first.add(frame.into())),
            Counted::Frames(digits) => write!(text, "{frame:0digits$}"),
        };
        written.expect("a counter has few letters");
        text
    }

    /// Which cell a column shows.
    fn key(&self, column: usize, text: &Text) -> CellKey {
        let seen = self.place.letters_in(&self.columns[column]);
        let mut letters = [0; CELL_LETTERS];
        letters[..seen.len()].copy_from_slice(&text.letters[seen]);
        (column, letters)
    }
}

/// The letters of a counter.
struct Text {
    letters: [u8; TEXT_MAX],
    len: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let rest = self.letters.get_mut(self.len..self.len + text.len()).ok_or(std::fmt::Error)?;
        rest.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}
