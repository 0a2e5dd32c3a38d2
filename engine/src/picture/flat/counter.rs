//! Text that counts, and the slices under it: coded once for each of the texts that they show.
//!
//! - In: where the text is, what it counts, and for each frame what it is.
//! - Out: the cells that it shows on a frame: each the slices of one column under it.
//! - Holds: a cell is made once. Their number is bounded by the letters that a column has room for, not by the length of the
//!   movie.
//! - Not here: the bytes of a slice (`slice`), which blocks are lit (`lettering`).

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;

use super::canvas::Canvas;
use super::lettering::{Arrangement, Lettering};
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
enum Counted {
    /// Labels, in so many letters.
    Timecode(usize),
    /// Frames, in so many digits.
    Frames(usize),
}

/// What counters show on a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The frame's label; without one there are dashes.
    pub timecode: Option<Timecode>,
    /// The frame's number.
    pub number: u32,
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

/// The counters of a picture, none of whose slices is made yet.
pub(super) fn counters(canvas: &Canvas, places: &Arrangement) -> Vec<Counter> {
    let timecode = (places.timecode, Counted::Timecode(places.timecode.len));
    let number = places.number.map(|place| (place, Counted::Frames(place.len)));
    let all = std::iter::once(timecode).chain(number);
    all.map(|(place, kind)| Counter::new(canvas, place, kind)).collect()
}

impl Counter {
    fn new(canvas: &Canvas, place: Lettering, counted: Counted) -> Self {
        let touched = place.macroblocks();
        let slices = canvas.grid(0).row().map(|(first, len)| first..first + len);
        let columns = slices.filter(|it| it.start < touched.end && touched.start < it.end);
        let (columns, cells) = (columns.collect(), HashMap::new());
        Self { place, counted, columns, cells, bytes: Vec::new(), slices: Vec::new() }
    }

    /// The column and the row of its slices that this one is; `None` if it is not under the text.
    pub(super) fn place_of(
        &self,
        macroblocks: &Range<usize>,
        row: usize,
    ) -> Option<(usize, usize)> {
        let rows = self.place.rows();
        let column = self.columns.iter().position(|column| column == macroblocks)?;
        rows.contains(&row).then(|| (column, row - rows.start))
    }

    /// Makes the cells that a frame shows, unless they are there.
    ///
    /// - Returns: the bytes of them all.
    pub(super) fn prepare(&mut self, canvas: &Canvas, shown: Shown) -> usize {
        let text = self.text(shown);
        (0..self.columns.len()).map(|column| self.prepare_cell(canvas, column, &text).len).sum()
    }

    fn prepare_cell(&mut self, canvas: &Canvas, column: usize, text: &Text) -> Cell {
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
            self.bytes.extend(slice(canvas, macroblocks.len(), lit));
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
    pub(super) fn cells(&self, shown: Shown, cells: &mut Vec<Cell>) -> usize {
        let text = self.text(shown);
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
    fn text(&self, Shown { timecode, number }: Shown) -> Text {
        let mut text = Text { letters: [b' '; TEXT_MAX], len: 0 };
        let written = match (self.counted, timecode) {
            (Counted::Timecode(_), Some(label)) => write!(text, "{label}"),
            (Counted::Timecode(len), None) => write!(text, "{:-<len$}", ""),
            (Counted::Frames(digits), _) => write!(text, "{number:0digits$}"),
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
