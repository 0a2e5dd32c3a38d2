//! From planes to pixels: fields, colour in every pixel, matrix and range.
//!
//! - In: a coded frame, its colours, the size that is wanted.
//! - Out: [`Rgb`].
//! - Holds: colour that is sampled half as often is interpolated from where it was sampled: with the left one of two pixels
//!   in the whole picture, in the middle of its block in a scaled one. Memory is used again for the next picture.
//! - Not here: what the colours are (`colors`), tone mapping and primaries (`transform`).
//!
//! References: ITU-R BT.709, 3 and 4; BT.2100, tables 6 to 9.

use std::ops::Range;

use rayon::prelude::*;

use super::Colors;
use super::transform::{Transform, eight_bits};
use crate::codec::{self, Scan};
use crate::picture::{CodedFrame, Components, Damage, Plane, Planes, Size};

/// Pixels that are drawn at a time.
const LANES: usize = 8;

/// A picture, row by row, three bytes a pixel: red, green, blue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rgb {
    /// Pixels across.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `3 * width * height` bytes.
    pub pixels: Vec<u8>,
}

/// What became of the fields of an interlaced frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// The frame has none.
    None,
    /// Both are shown, line by line.
    Woven,
    /// The earlier one is shown.
    First,
}

impl Fields {
    /// What is shown of a frame at a size: of a small picture of two moments only one.
    pub fn shown(frame: &CodedFrame<'_>, size: Size) -> Self {
        match (frame.is_interlaced(), size) {
            (false, _) => Self::None,
            (true, Size::Full | Size::Half) => Self::Woven,
            (true, Size::Quarter | Size::Eighth) => Self::First,
        }
    }
}

/// What is the same for all rows of a picture.
struct Pen<'a> {
    planes: &'a Planes,
    fields: Fields,
    /// The row of the planes that the first one shows, of a field.
    first_row: usize,
    /// Bytes of a row of the picture.
    row_len: usize,
    /// Of how many samples in a row of the planes one pixel is made.
    across: usize,
    /// By what the decoded picture is smaller than the frame.
    divisor: f32,
    chroma_is_half: bool,
    colors: &'a Colors,
    transform: Option<&'a Transform>,
}

/// The size at which a frame is decoded to be shown at `size`.
///
/// - `is_interlaced`: a field has half the lines: at twice the size it has as many as are wanted, and twice the width.
pub(crate) fn decoded_size(is_interlaced: bool, size: Size) -> Size {
    match size {
        Size::Eighth if is_interlaced => Size::Quarter,
        Size::Quarter if is_interlaced => Size::Half,
        _ => size,
    }
}

/// Draws a frame, on all threads of the pool that this is called from.
///
/// - `planes`: memory for the decoded picture.
/// - Returns: what could not be decoded, and is grey.
pub fn draw(
    frame: &CodedFrame<'_>,
    colors: &Colors,
    size: Size,
    planes: &mut Planes,
    picture: &mut Rgb,
) -> Damage {
    let decoded = decoded_size(frame.is_interlaced(), size);
    let damage = frame.decode_in_parallel(decoded, Components::Color, planes);
    with_pen(frame, colors, size, planes, |pen| {
        let rows = picture.rows_of(frame, size).par_chunks_exact_mut(pen.row_len);
        rows.enumerate().for_each(|(row, it)| pen.draw_row(row, it));
    });
    damage
}

/// Draws a frame on this thread: for work on many frames at a time, where a thread that waits for another one's rows would
/// begin the next frame.
///
/// - Otherwise as [`draw`].
pub fn draw_alone(
    frame: &CodedFrame<'_>,
    colors: &Colors,
    size: Size,
    planes: &mut Planes,
    picture: &mut Rgb,
) -> Damage {
    let decoded = decoded_size(frame.is_interlaced(), size);
    let damage = frame.decode(decoded, Components::Color, planes);
    with_pen(frame, colors, size, planes, |pen| {
        let rows = picture.rows_of(frame, size).chunks_exact_mut(pen.row_len);
        rows.enumerate().for_each(|(row, it)| pen.draw_row(row, it));
    });
    damage
}

/// Prepares what draws the rows of a decoded frame.
fn with_pen(
    frame: &CodedFrame<'_>,
    colors: &Colors,
    size: Size,
    planes: &Planes,
    draw: impl FnOnce(&Pen<'_>),
) {
    let transform = Transform::of(colors);
    draw(&Pen::of(frame, colors, transform.as_ref(), size, planes));
}

impl Rgb {
    /// Becomes as large as the frame at this size; returns its pixels, which are whatever they were.
    fn rows_of(&mut self, frame: &CodedFrame<'_>, size: Size) -> &mut [u8] {
        let header = frame.header();
        [self.width, self.height] = [header.width, header.height].map(|len| size.of(len.into()));
        self.pixels.resize(3 * self.width * self.height, 0);
        &mut self.pixels
    }
}

impl<'a> Pen<'a> {
    fn of(
        frame: &CodedFrame<'_>,
        colors: &'a Colors,
        transform: Option<&'a Transform>,
        size: Size,
        planes: &'a Planes,
    ) -> Self {
        let header = frame.header();
        let fields = Fields::shown(frame, size);
        let is_bottom_first = header.scan == Scan::BottomFieldFirst;
        Self {
            planes,
            fields,
            first_row: usize::from(fields == Fields::First && is_bottom_first),
            row_len: 3 * size.of(header.width.into()),
            across: if fields == Fields::First { 2 } else { 1 },
            divisor: decoded_size(frame.is_interlaced(), size).divisor() as f32,
            chroma_is_half: header.chroma == codec::Chroma::Half,
            colors,
            transform,
        }
    }

    /// The row of the planes that row `row` of the picture shows.
    fn source_row(&self, row: usize) -> usize {
        let last = self.planes.luma.height().saturating_sub(1);
        match self.fields {
            Fields::First => (2 * row + self.first_row).min(last),
            _ => row.min(last),
        }
    }

    fn draw_row(&self, row: usize, pixels: &mut [u8]) {
        let source = self.source_row(row);
        let luma = self.planes.luma.row(source);
        let scale = Scale::of(self.colors, self.planes.depth);
        if self.across == 1 && !self.chroma_is_half && self.transform.is_none() {
            let (cb, cr) = (self.planes.cb.row(source), self.planes.cr.row(source));
            return scale.draw_row([luma, cb, cr], pixels);
        }
        let chroma = [&self.planes.cb, &self.planes.cr].map(|plane| self.chroma(plane, source));
        for (at, pixel) in pixels.chunks_exact_mut(3).enumerate() {
            let samples = at * self.across..((at + 1) * self.across).min(luma.len());
            let brightness = mean(samples.clone(), |x| f32::from(luma[x]));
            let [cb, cr] = chroma.each_ref().map(|row| mean(samples.clone(), |x| row.at(x)));
            let coded = scale.rgb(brightness, cb, cr);
            let shown = match self.transform {
                Some(transform) => transform.map(coded),
                None => coded,
            };
            pixel.copy_from_slice(&shown.map(eight_bits));
        }
    }

    fn chroma<'p>(&self, plane: &'p Plane, row: usize) -> Chroma<'p> {
        let divisor = self.divisor;
        // How far the pixels are from the sample, in samples: the left one lies before it, the right one behind it.
        let weights = [(divisor - 1.0) / (4.0 * divisor), (divisor + 1.0) / (4.0 * divisor)];
        Chroma { samples: plane.row(row), weights: self.chroma_is_half.then_some(weights) }
    }
}

#[inline(always)]
fn mean(samples: Range<usize>, value: impl Fn(usize) -> f32) -> f32 {
    let count = samples.len() as f32;
    samples.map(value).sum::<f32>() / count
}

/// A row of colour, by pixel.
struct Chroma<'p> {
    samples: &'p [u16],
    /// Of a row that is sampled half as often: how much the neighbour counts, for the left and the right one of two pixels.
    weights: Option<[f32; 2]>,
}

impl Chroma<'_> {
    fn at(&self, x: usize) -> f32 {
        let last = self.samples.len() - 1;
        let Some(weights) = self.weights else { return self.samples[x.min(last)].into() };
        let (own, weight) = ((x / 2).min(last), weights[x % 2]);
        let neighbour =
            if x.is_multiple_of(2) { own.saturating_sub(1) } else { (own + 1).min(last) };
        let [own, neighbour] = [own, neighbour].map(|at| f32::from(self.samples[at]));
        own + (neighbour - own) * weight
    }
}

/// From samples to red, green and blue.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    black: f32,
    luma: f32,
    middle: f32,
    /// Red by Cr, green by Cb and Cr, blue by Cb.
    chroma: [f32; 4],
}

impl Scale {
    pub(super) fn of(colors: &Colors, depth: u32) -> Self {
        let unit = (1_u32 << (depth - 8)) as f32;
        let max = ((1_u32 << depth) - 1) as f32;
        let (black, luma, chroma) = match colors.is_full_range {
            true => (0.0, max, max),
            false => (16.0 * unit, 219.0 * unit, 224.0 * unit),
        };
        let [red, blue] = [colors.matrix.red, colors.matrix.blue];
        let green = 1.0 - red - blue;
        let [by_cr, by_cb] = [red, blue].map(|share| 2.0 * (1.0 - share) / chroma);
        Self {
            black,
            luma: 1.0 / luma,
            middle: 128.0 * unit,
            chroma: [by_cr, -by_cb * blue / green, -by_cr * red / green, by_cb],
        }
    }

    /// Draws a row that has every component for each pixel: nothing is between the samples and the picture but arithmetic.
    fn draw_row(&self, samples: [&[u16]; 3], pixels: &mut [u8]) {
        let (pixels, _) = pixels.as_chunks_mut::<3>();
        let (eights, rest) = pixels.as_chunks_mut::<LANES>();
        let [y, cb, cr] = samples.map(|row| row.as_chunks::<LANES>());
        for (((pixels, y), cb), cr) in eights.iter_mut().zip(y.0).zip(cb.0).zip(cr.0) {
            // One component after the other, so that each is done for all pixels at a time.
            let mut drawn = [[0; LANES]; 3];
            for (at, ((y, cb), cr)) in y.iter().zip(cb).zip(cr).enumerate() {
                let [red, green, blue] = self.rgb((*y).into(), (*cb).into(), (*cr).into());
                drawn[0][at] = eight_bits(red);
                drawn[1][at] = eight_bits(green);
                drawn[2][at] = eight_bits(blue);
            }
            for (at, pixel) in pixels.iter_mut().enumerate() {
                *pixel = [drawn[0][at], drawn[1][at], drawn[2][at]];
            }
        }
        for (((pixel, y), cb), cr) in rest.iter_mut().zip(y.1).zip(cb.1).zip(cr.1) {
            let [y, cb, cr] = [*y, *cb, *cr].map(f32::from);
            *pixel = self.rgb(y, cb, cr).map(eight_bits);
        }
    }

    /// Red, green and blue, black being 0 and white 1.
    #[inline(always)]
    pub(super) fn rgb(&self, brightness: f32, cb: f32, cr: f32) -> [f32; 3] {
        let y = (brightness - self.black) * self.luma;
        let [cb, cr] = [cb - self.middle, cr - self.middle];
        let [red, green_b, green_r, blue] = self.chroma;
        [y + red * cr, y + green_b * cb + green_r * cr, y + blue * cb]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::Matrix;

    fn colors(is_full_range: bool) -> Colors {
        let matrix = Matrix { red: 0.2126, blue: 0.0722, name: "BT.709" };
        Colors { matrix, is_full_range, transfer: 1, primaries: 1 }
    }

    #[test]
    fn bars_of_the_recommendation_are_pure_colours() {
        // BT.709 at 10 bits: white, black, and bars of 100 % (SMPTE RP 219).
        for (sample, expected) in [
            ([940.0, 512.0, 512.0], [255, 255, 255]),
            ([64.0, 512.0, 512.0], [0, 0, 0]),
            ([250.0, 409.0, 960.0], [255, 0, 0]),
            ([690.0, 167.0, 105.0], [0, 255, 0]),
            ([127.0, 960.0, 471.0], [0, 0, 255]),
        ] {
            let [y, cb, cr] = sample;
            let found = Scale::of(&colors(false), 10).rgb(y, cb, cr).map(eight_bits);
            assert!(
                found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 1),
                "{found:?}, not {expected:?}"
            );
        }
        let full = Scale::of(&colors(true), 12).rgb(4095.0, 2048.0, 2048.0).map(eight_bits);
        assert_eq!(full, [255; 3]);
    }

    #[test]
    fn colour_is_interpolated_from_where_it_was_sampled() {
        let samples = [100, 200, 400];
        // The whole picture: a sample lies on the left one of its two pixels.
        let whole = Chroma { samples: &samples, weights: Some([0.0, 0.5]) };
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|x| whole.at(x)),
            [100.0, 150.0, 200.0, 300.0, 400.0, 400.0]
        );
        let every = Chroma { samples: &samples, weights: None };
        assert_eq!([0, 1, 2].map(|x| every.at(x)), [100.0, 200.0, 400.0]);
    }
}
