//! Text for frames that are there already: the slices under it, made for how those frames are cut and weighted.
//!
//! - In: a [`FrameKind`], the lines, how many frames are counted.
//! - Out: [`Sheet`]: which slices are under the text, and their bytes for each frame.
//! - Holds: slices have the text on black, all of them those that the letters' boxes touch; both fields of a frame have the same.
//! - Not here: putting them into frames (`surgery`).

use std::ops::Range;

use super::canvas::{Canvas, Tones};
use super::counter::{self, Counter, Shown};
use super::lettering::{Arrangement, digits_of};
use super::picture::lit;
use super::slice::slice;
use super::{FlatError, FlatShape};
use crate::codec::color::ColorCodes;
use crate::codec::{Chroma, Scan};

/// What of frames decides about the slices that can be put into them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameKind {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// How often colour is sampled.
    pub chroma: Chroma,
    /// Whole frames, or fields and their order.
    pub scan: Scan,
    /// Macroblocks of a slice, as a power of two.
    pub slice_log2: u32,
    /// The weight of the DCs of brightness, which is not 0.
    pub weight: u8,
}

/// Text for frames of one kind.
#[derive(Debug)]
pub struct Sheet {
    canvas: Canvas,
    counters: Vec<Counter>,
    /// The slices of lines, one behind the other.
    fixed: Vec<u8>,
    touched: Vec<Touched>,
}

/// A slice of a picture that is under the text.
#[derive(Debug, Clone)]
struct Touched {
    /// Counted from 0.
    slice: usize,
    under: Under,
}

/// What a slice is under.
#[derive(Debug, Clone)]
enum Under {
    /// A line: bytes of [`Sheet::fixed`].
    Line(Range<usize>),
    /// A counter: which one, and where in its cells.
    Counter { counter: usize, column: usize, row: usize },
}

impl Sheet {
    /// Makes the slices of the lines.
    ///
    /// - `count`: how many frames there are; the last one's number is one less.
    /// - `timecode_len`: letters of a label.
    ///
    /// # Errors
    /// [`FlatError::Raster`] if the pictures have no room for the timecode.
    pub fn new(
        kind: &FrameKind,
        lines: &[String],
        count: u32,
        timecode_len: usize,
    ) -> Result<Self, FlatError> {
        let FrameKind { width, height, chroma, scan, slice_log2, weight } = *kind;
        let color = ColorCodes { primaries: 2, transfer: 2, matrix: 2 };
        let shape = FlatShape { width, height, chroma, scan, alpha: false, color };
        let canvas = Canvas { shape, slice_log2, tones: Tones::of_weight(weight) };
        canvas.check()?;
        let places = Arrangement::new(&canvas, lines, [timecode_len, digits_of(count)]);
        let places = places.ok_or(FlatError::Raster { width, height })?;
        let counters = counter::counters(&canvas, &places);
        let (lines, grid) = (places.lines, canvas.grid(0));
        let (mut fixed, mut touched) = (Vec::new(), Vec::new());
        let slices = (0..grid.rows).flat_map(|row| grid.row().map(move |slice| (row, slice)));
        for (nth, (row, (first, len))) in slices.enumerate() {
            let macroblocks = first..first + len;
            let mut places = counters.iter().map(|it| it.place_of(&macroblocks, row)).enumerate();
            let counted = places.find_map(|(counter, place)| Some((counter, place?)));
            let under = match counted {
                Some((counter, (column, row))) => Under::Counter { counter, column, row },
                None if lines.iter().any(|(place, _)| place.touches(&macroblocks, row)) => {
                    let at = fixed.len();
                    fixed.extend(slice(&canvas, len, lit(&lines, &macroblocks, row)));
                    Under::Line(at..fixed.len())
                }
                None => continue,
            };
            touched.push(Touched { slice: nth, under });
        }
        Ok(Self { canvas, counters, fixed, touched })
    }

    /// The slices that it replaces in each picture of a frame, in order.
    pub fn touched(&self) -> impl Iterator<Item = usize> + '_ {
        self.touched.iter().map(|touched| touched.slice)
    }

    /// Makes what a frame shows, unless it is there.
    pub fn prepare(&mut self, shown: Shown) {
        for counter in &mut self.counters {
            counter.prepare(&self.canvas, shown);
        }
    }

    /// The slices under the text on a frame, without alpha: as many as are touched, in that order.
    ///
    /// # Panics
    /// If the frame was not prepared.
    pub fn slices(&self, shown: Shown) -> Vec<&[u8]> {
        let mut cells = Vec::new();
        let firsts: Vec<usize> = self
            .counters
            .iter()
            .map(|counter| {
                let first = cells.len();
                counter.cells(shown, &mut cells);
                first
            })
            .collect();
        let bytes = |touched: &Touched| match touched.under.clone() {
            Under::Line(range) => &self.fixed[range],
            Under::Counter { counter, column, row } => {
                self.counters[counter].slice(cells[firsts[counter] + column], row)
            }
        };
        self.touched.iter().map(bytes).collect()
    }
}
