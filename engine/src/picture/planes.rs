//! The samples of a decoded picture.
//!
//! - In: a picture's size; filled by `decode`.
//! - Out: [`Planes`], which can be used again for the next picture.
//! - Holds: memory is kept from picture to picture and grows only for a larger one. Planes reach to the end of the last
//!   macroblock; what is shown ends earlier, and only that is handed out.
//! - Not here: conversion to RGB.

use super::Size;
use super::frame::MACROBLOCK;

/// The samples of one component, row by row.
#[derive(Debug, Clone, Default)]
pub struct Plane {
    width: usize,
    height: usize,
    stride: usize,
    samples: Vec<u16>,
}

impl Plane {
    /// Samples across.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// A row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[u16] {
        assert!(row < self.height, "row {row} of {}", self.height);
        &self.samples[row * self.stride..][..self.width]
    }

    /// Every row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[u16]> {
        (0..self.height).map(|row| self.row(row))
    }

    fn shape(&mut self, [width, height]: [usize; 2], stride: usize, lines: usize) {
        (self.width, self.height, self.stride) = (width, height, stride);
        self.samples.resize(stride * lines, 0);
    }

    /// Cuts the plane into bands of so many lines.
    pub(super) fn bands(&mut self, lines: usize) -> Bands<'_> {
        Bands { rest: &mut self.samples, stride: self.stride, len: self.stride * lines }
    }
}

/// Hands out a plane band by band, from the top; empty ones of a plane that is not there.
pub(super) struct Bands<'p> {
    rest: &'p mut [u16],
    stride: usize,
    len: usize,
}

/// Some lines of a plane, over its whole width.
pub(super) struct Band<'p> {
    pub(super) samples: &'p mut [u16],
    pub(super) stride: usize,
}

impl<'p> Bands<'p> {
    pub(super) fn next(&mut self) -> Band<'p> {
        let rest = std::mem::take(&mut self.rest);
        let (samples, rest) = rest.split_at_mut(self.len.min(rest.len()));
        self.rest = rest;
        Band { samples, stride: self.stride }
    }
}

/// The samples of a decoded picture, by component. Components that were not asked for have no rows.
#[derive(Debug, Clone, Default)]
pub struct Planes {
    /// Bits of a sample: 10 for 4:2:2, 12 for 4:4:4.
    pub depth: u32,
    /// Brightness.
    pub luma: Plane,
    /// Blue minus brightness; in 4:2:2 half as wide.
    pub cb: Plane,
    /// Red minus brightness; in 4:2:2 half as wide.
    pub cr: Plane,
    /// Opacity: 0 is transparent, the largest number that its own depth has is opaque.
    pub alpha: Plane,
}

/// What a picture needs of memory.
pub(super) struct Shape {
    /// Pixels across and down.
    pub(super) raster: [usize; 2],
    /// At which sizes brightness and colour are decoded.
    pub(super) sizes: [Size; 2],
    /// Macroblocks across.
    pub(super) columns: usize,
    /// Lines of the whole picture in macroblocks' rows, of both fields.
    pub(super) lines: usize,
    pub(super) chroma_is_half: bool,
    pub(super) has_color: bool,
    pub(super) has_alpha: bool,
}

impl Planes {
    /// Makes room for a picture. Samples keep whatever they were.
    pub(super) fn shape(&mut self, shape: &Shape) {
        let room = |size: Size| {
            let [width, height] = shape.raster.map(|len| size.of(len));
            let stride = shape.columns * MACROBLOCK / size.divisor();
            ([width, height], stride, shape.lines / size.divisor())
        };
        let ([width, height], stride, lines) = room(shape.sizes[0]);
        self.luma.shape([width, height], stride, lines);
        let shift = usize::from(shape.chroma_is_half);
        let chroma = match shape.has_color {
            true => {
                let ([width, height], stride, lines) = room(shape.sizes[1]);
                ([width.div_ceil(1 << shift), height], stride >> shift, lines)
            }
            false => ([0, 0], 0, 0),
        };
        self.cb.shape(chroma.0, chroma.1, chroma.2);
        self.cr.shape(chroma.0, chroma.1, chroma.2);
        match shape.has_alpha {
            true => self.alpha.shape([width, height], stride, lines),
            false => self.alpha.shape([0, 0], 0, 0),
        }
    }
}
