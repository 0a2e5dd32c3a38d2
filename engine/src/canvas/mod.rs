//! Pictures of video, ready for an encoder: decoded pictures are scaled and put on them, text is written over them.
//!
//! ```text
//! Planes ─▶ rows, by columns and lines of weights ─▶ matrix, range, tone map, if the movie's are others ─▶ NV12 or 4:2:2
//! text, boxes ──────────────────────────────────────────────────────────────────────────────────────────▶
//! ```
//!
//! - In: decoded pictures with their [`Colors`](crate::display::Colors), where each goes; letters.
//! - Out: a [`Canvas`] in memory of the caller: BT.709, video range, the layout that encoders take.
//! - Holds: each picture is read once, row by row, and nothing is allocated after the first one of a size. The shape of what is
//!   drawn depends on sizes alone, so that the same picture gives the same bytes on any thread.
//! - Not here: decoding (`picture`), which pictures go where (`review`).

mod axis;
mod letters;
mod paint;

pub use letters::{advance, line_height};
pub use paint::{Brush, Field, Painter, Subject};

/// How the samples of a canvas lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixels {
    /// 8 bits, 4:2:0: all brightness, then both colours in turn.
    Nv12,
    /// 10 bits in 16, low byte first, 4:2:2: all brightness, then all Cb, then all Cr.
    Yuv422p10,
}

/// Brightness of black and white, at 8 bits.
pub const BLACK: u16 = 16;
/// Brightness of white, at 8 bits.
pub const WHITE: u16 = 235;
/// Brightness in between, at 8 bits.
pub const GREY: u16 = 126;

impl Pixels {
    /// Bytes of a picture.
    ///
    /// - `size`: pixels across and down, both even.
    pub fn len(self, [width, height]: [usize; 2]) -> usize {
        match self {
            Pixels::Nv12 => width * height * 3 / 2,
            Pixels::Yuv422p10 => width * height * 4,
        }
    }

    /// What FFmpeg calls it.
    pub fn name(self) -> &'static str {
        match self {
            Pixels::Nv12 => "nv12",
            Pixels::Yuv422p10 => "yuv422p10le",
        }
    }

    /// Bits of a sample.
    fn depth(self) -> u32 {
        match self {
            Pixels::Nv12 => 8,
            Pixels::Yuv422p10 => 10,
        }
    }

    /// Lines of brightness that one line of colour stands for.
    pub fn lines(self) -> usize {
        match self {
            Pixels::Nv12 => 2,
            Pixels::Yuv422p10 => 1,
        }
    }
}

/// A rectangle of a canvas. Everything is even, so that colour goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// The first column.
    pub x: usize,
    /// The first line.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Lines.
    pub height: usize,
}

/// A picture that is being put together.
#[derive(Debug)]
pub struct Canvas<'m> {
    pixels: Pixels,
    size: [usize; 2],
    bytes: &'m mut [u8],
}

impl<'m> Canvas<'m> {
    /// A canvas in `bytes`, which is whatever it was.
    ///
    /// # Panics
    /// If the sizes are odd, or the memory is not of [`Pixels::len`].
    pub fn new(pixels: Pixels, size: [usize; 2], bytes: &'m mut [u8]) -> Self {
        assert!(size.iter().all(|len| len.is_multiple_of(2)), "{size:?} is odd");
        assert_eq!(bytes.len(), pixels.len(size), "memory of a canvas");
        Self { pixels, size, bytes }
    }

    /// Pixels across and down.
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// All of it.
    pub fn whole(&self) -> Rect {
        let [width, height] = self.size;
        Rect { x: 0, y: 0, width, height }
    }

    /// Makes a rectangle grey, or black, or white.
    ///
    /// - `level`: brightness at 8 bits.
    ///
    /// # Panics
    /// If it is not on the canvas.
    pub fn fill(&mut self, rect: Rect, level: u16) {
        self.fill_luma(rect, level);
        let (depth, lines) = (self.pixels.depth(), self.pixels.lines());
        let neutral = 1 << (depth - 1);
        for line in (rect.y / lines)..(rect.y + rect.height) / lines {
            match self.pixels {
                Pixels::Nv12 => self.pair_row(line)[rect.x..rect.x + rect.width].fill(128),
                Pixels::Yuv422p10 => {
                    for plane in 0..2 {
                        let row = &mut self.wide_row(1 + plane, line)[rect.x..][..rect.width];
                        fill_wide(row, neutral);
                    }
                }
            }
        }
    }

    /// Changes brightness alone: of any rectangle, with odd sides, too.
    fn fill_luma(&mut self, rect: Rect, level: u16) {
        let level = level << (self.pixels.depth() - 8);
        for line in rect.y..rect.y + rect.height {
            match self.pixels {
                Pixels::Nv12 => {
                    let level = u8::try_from(level).unwrap_or(u8::MAX);
                    self.luma_row(line)[rect.x..rect.x + rect.width].fill(level);
                }
                Pixels::Yuv422p10 => {
                    let row = &mut self.wide_row(0, line)[2 * rect.x..][..2 * rect.width];
                    fill_wide(row, level);
                }
            }
        }
    }

    /// Writes a line of text: white on black, in letters of five by seven dots.
    ///
    /// - `at`: the upper left corner of the black box, which is made even; what does not fit is cut off.
    /// - `dot`: pixels of a dot's side.
    /// - `room`: pixels across that it may have.
    /// - Returns: the box.
    pub fn write(&mut self, text: &str, at: [usize; 2], dot: usize, room: usize) -> Rect {
        let [x, y] = at.map(|place| place / 2 * 2);
        let letters = letters::fitting(text, self.size[0].saturating_sub(x).min(room), dot);
        let even = |len: usize| len.next_multiple_of(2);
        let width =
            even(letters::width(letters.len(), dot)).min(self.size[0] - x.min(self.size[0]));
        let height = even(line_height(dot)).min(self.size[1] - y.min(self.size[1]));
        let rect = Rect { x, y, width, height };
        if width == 0 || height < line_height(dot) {
            return Rect { width: 0, height: 0, ..rect };
        }
        self.fill(rect, BLACK);
        letters::lit_dots(&letters, dot, |column, line| {
            let lit = Rect { x: x + column, y: y + line, width: dot, height: dot };
            self.fill_luma(lit, WHITE);
        });
        rect
    }

    /// A line of brightness, of 8 bits.
    fn luma_row(&mut self, line: usize) -> &mut [u8] {
        let width = self.size[0];
        &mut self.bytes[line * width..][..width]
    }

    /// A line of both colours in turn, of 8 bits.
    fn pair_row(&mut self, line: usize) -> &mut [u8] {
        let [width, height] = self.size;
        &mut self.bytes[width * height + line * width..][..width]
    }

    /// A line of a plane, of 16 bits: brightness, Cb, Cr.
    fn wide_row(&mut self, plane: usize, line: usize) -> &mut [u8] {
        let [width, height] = self.size;
        let luma = 2 * width * height;
        match plane {
            0 => &mut self.bytes[2 * width * line..][..2 * width],
            _ => &mut self.bytes[luma + (plane - 1) * luma / 2 + width * line..][..width],
        }
    }
}

fn fill_wide(row: &mut [u8], level: u16) {
    let [low, high] = level.to_le_bytes();
    for sample in row.as_chunks_mut::<2>().0 {
        *sample = [low, high];
    }
}
