//! Puts a decoded picture on a canvas.
//!
//! - In: planes, where they go, what their numbers mean.
//! - Out: the canvas, changed within one rectangle.
//! - Holds: rows are mixed, stretched, converted and stored one after another, so that each stays in the processor's caches. Colour
//!   lies where it was sampled: with the left one of two pixels in whole pictures and on the canvas, in the middle of its block in
//!   scaled ones. What has fields shows the first one.
//! - Not here: weights (`axis`), matrices (`display`).

use super::axis::Axis;
use super::{Canvas, Pixels, Rect};
use crate::display::{Colors, ToVideo};
use crate::picture::{Plane, Planes, Size};

/// Which rows of the planes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// All.
    Whole,
    /// Every second one, from the first or the second on: those of one field.
    Top,
    /// The same from the second row on.
    Bottom,
}

impl Field {
    /// The row of the planes that is row `row` of what is shown.
    fn row(self, row: usize) -> usize {
        match self {
            Field::Whole => row,
            Field::Top => 2 * row,
            Field::Bottom => 2 * row + 1,
        }
    }

    /// How many rows are shown of so many.
    fn of(self, rows: usize) -> usize {
        match self {
            Field::Whole => rows,
            Field::Top => rows.div_ceil(2),
            Field::Bottom => rows / 2,
        }
    }
}

/// What a picture is before it is painted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject {
    /// Pixels of the frame, whole.
    pub raster: [usize; 2],
    /// At which sizes brightness and colour are decoded.
    pub sizes: [Size; 2],
    /// Whether colour is sampled half as often across.
    pub chroma_is_half: bool,
    /// Bits of a sample.
    pub depth: u32,
    /// What is shown of it.
    pub field: Field,
    /// What its numbers mean.
    pub colors: Colors,
}

/// How a picture is put on a canvas: made once, used for every picture of that kind.
#[derive(Debug)]
pub struct Brush {
    subject: Subject,
    /// Where it goes.
    rect: Rect,
    pixels: Pixels,
    luma: [Axis; 2],
    chroma: [Axis; 2],
    to_video: ToVideo,
}

impl Brush {
    /// - `whole`: where the picture goes.
    /// - `shown`: the part of `whole` that is painted.
    ///
    /// # Panics
    /// If a side is odd, or the picture has no pixels.
    pub fn new(subject: Subject, whole: Rect, shown: Rect, pixels: Pixels) -> Self {
        let Rect { x, y, width, height } = shown;
        let is_even =
            [x, y, width, height, whole.x, whole.y].iter().all(|len| len.is_multiple_of(2));
        assert!(is_even, "a rectangle is odd: {shown:?} of {whole:?}");
        let Subject { sizes, field, .. } = subject;
        // Places are those of the whole picture: its first pixel lies at 0.
        let across = subject.raster[0] as f64 / whole.width as f64;
        let down = field.of(subject.raster[1]) as f64 / whole.height as f64;
        let column = |pixel: f64| ((x - whole.x) as f64 + pixel + 0.5) * across - 0.5;
        let line = |pixel: f64| ((y - whole.y) as f64 + pixel + 0.5) * down - 0.5;
        let lens = |size: Size, raster: [usize; 2]| {
            [size.of(raster[0]), field.of(size.of(raster[1]))].map(|len| len.max(1))
        };
        let luma = {
            let [wide, high] = lens(sizes[0], subject.raster);
            let grid = Grid::of(sizes[0]);
            [
                Axis::new(wide, width, grid.place(column(0.0)), grid.step(across)),
                Axis::new(high, height, grid.place(line(0.0)), grid.step(down)),
            ]
        };
        let lines = pixels.lines();
        let chroma = {
            let [wide, high] = lens(sizes[1], subject.raster);
            let grid = Grid::of(sizes[1]);
            let share = if subject.chroma_is_half { 0.5 } else { 1.0 };
            let wide = if subject.chroma_is_half { wide.div_ceil(2) } else { wide };
            // Colour of the canvas lies with the left one of two pixels, and between its lines.
            let between = (lines as f64 - 1.0) / 2.0;
            let steps = [2.0 * across * share, down * lines as f64].map(|step| grid.step(step));
            [
                Axis::new(wide, width / 2, grid.place(column(0.0) * share), steps[0]),
                Axis::new(high, height / lines, grid.place(line(between)), steps[1]),
            ]
        };
        let to_video = ToVideo::of(&subject.colors, subject.depth);
        Self { subject, rect: shown, pixels, luma, chroma, to_video }
    }

    /// Whether it is for such pictures.
    pub fn is_for(&self, subject: &Subject) -> bool {
        self.subject == *subject
    }
}

/// Where the samples of a plane lie that is decoded at a smaller size: each in the middle of those that it stands for.
struct Grid {
    divisor: f64,
}

impl Grid {
    fn of(size: Size) -> Self {
        Self { divisor: size.divisor() as f64 }
    }

    /// A place among the samples of the whole plane as one among those that there are.
    fn place(&self, place: f64) -> f64 {
        (place - (self.divisor - 1.0) / 2.0) / self.divisor
    }

    fn step(&self, step: f64) -> f64 {
        step / self.divisor
    }
}

/// What one thread needs to paint: rows, which are used again.
#[derive(Debug, Default)]
pub struct Painter {
    mixed: Vec<u16>,
    luma: [Vec<u16>; 2],
    cb: Vec<u16>,
    cr: Vec<u16>,
}

impl Painter {
    /// Paints a picture.
    ///
    /// - `planes`: brightness and colour, as the brush is made for.
    /// - Cost: one pass over the planes.
    ///
    /// # Panics
    /// If the planes or the canvas are of another kind.
    pub fn paint(&mut self, brush: &Brush, planes: &Planes, canvas: &mut Canvas<'_>) {
        assert_eq!(brush.pixels, canvas.pixels, "a brush for another canvas");
        assert_eq!(brush.subject.depth, planes.depth, "a brush for another picture");
        let lines = brush.pixels.lines();
        for nth in 0..brush.chroma[1].count() {
            for line in 0..lines {
                let row = lines * nth + line;
                self.mixed_row(brush, &brush.luma, row, &planes.luma);
                brush.luma[0].stretch(&self.mixed, &mut self.luma[line]);
            }
            self.mixed_row(brush, &brush.chroma, nth, &planes.cb);
            brush.chroma[0].stretch(&self.mixed, &mut self.cb);
            self.mixed_row(brush, &brush.chroma, nth, &planes.cr);
            brush.chroma[0].stretch(&self.mixed, &mut self.cr);
            let mut depth = planes.depth;
            if !brush.to_video.is_same() {
                self.convert(&brush.to_video, lines);
                depth = 10;
            }
            self.store(brush, nth, depth, canvas);
        }
    }

    fn mixed_row(&mut self, brush: &Brush, axes: &[Axis; 2], nth: usize, plane: &Plane) {
        let field = brush.subject.field;
        axes[1].mix(nth, |row| plane.row(field.row(row)), &mut self.mixed);
    }

    /// Makes video of the rows. Two pixels across have one colour, so each of them is converted with it, and theirs is the mean.
    fn convert(&mut self, to_video: &ToVideo, lines: usize) {
        for (pair, (cb, cr)) in self.cb.iter_mut().zip(&mut self.cr).enumerate() {
            let mut sums = [0.0; 2];
            for luma in &mut self.luma[..lines] {
                for sample in &mut luma[2 * pair..2 * pair + 2] {
                    let [converted, blue, red] = to_video.convert([*sample, *cb, *cr]);
                    *sample = ten_bits(converted);
                    sums[0] += blue;
                    sums[1] += red;
                }
            }
            let [blue, red] = sums.map(|sum| ten_bits(sum / (2 * lines) as f32));
            (*cb, *cr) = (blue, red);
        }
    }

    fn store(&self, brush: &Brush, nth: usize, depth: u32, canvas: &mut Canvas<'_>) {
        let Rect { x, y, width, .. } = brush.rect;
        let lines = brush.pixels.lines();
        let shift = depth - brush.pixels.depth();
        match brush.pixels {
            Pixels::Nv12 => {
                for (line, luma) in self.luma[..lines].iter().enumerate() {
                    let row = &mut canvas.luma_row(y + lines * nth + line)[x..x + width];
                    for (byte, &sample) in row.iter_mut().zip(luma) {
                        *byte = narrow(sample, shift);
                    }
                }
                let row = &mut canvas.pair_row(y / lines + nth)[x..x + width];
                let colors = self.cb.iter().zip(&self.cr);
                for (pair, (&cb, &cr)) in row.as_chunks_mut::<2>().0.iter_mut().zip(colors) {
                    *pair = [narrow(cb, shift), narrow(cr, shift)];
                }
            }
            Pixels::Yuv422p10 => {
                let line = y + nth;
                wide(&self.luma[0], shift, &mut canvas.wide_row(0, line)[2 * x..2 * (x + width)]);
                wide(&self.cb, shift, &mut canvas.wide_row(1, line)[x..x + width]);
                wide(&self.cr, shift, &mut canvas.wide_row(2, line)[x..x + width]);
            }
        }
    }
}

/// A sample in 8 bits.
#[inline(always)]
fn narrow(sample: u16, shift: u32) -> u8 {
    ((sample + (1 << shift >> 1)) >> shift).min(255) as u8
}

/// Samples in 10 bits.
fn wide(row: &[u16], shift: u32, out: &mut [u8]) {
    for (bytes, &sample) in out.as_chunks_mut::<2>().0.iter_mut().zip(row) {
        *bytes = ((sample + (1 << shift >> 1)) >> shift).min(1023).to_le_bytes();
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is held to the range"
)]
fn ten_bits(value: f32) -> u16 {
    (value.clamp(0.0, 1023.0) + 0.5) as u16
}
