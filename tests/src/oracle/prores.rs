//! Decodes frames of ProRes slowly and exactly: bit by bit, in `f64`, straight from the formulas of RDD 36.
//!
//! - In: the bytes of one sample, and the size that is wanted.
//! - Out: [`Picture`]: samples before they are rounded and held to their range; a slice that cannot be decoded is missing.
//! - Holds: nothing is shared with the engine, and nothing is clever: no tables of codes, no fast transform.
//! - Not here: frames without a good header; the writer of test frames (`builder`).
//!
//! References: SMPTE RDD 36:2022, 5 (syntax), 6 (semantics), 7 (decoding process).

use std::f64::consts::PI;

/// Position of each coefficient in the scan of frames, by its row and column.
const PROGRESSIVE: [[usize; 8]; 8] = [
    [0, 1, 4, 5, 16, 17, 21, 22],
    [2, 3, 6, 7, 18, 20, 23, 28],
    [8, 9, 12, 13, 19, 24, 27, 29],
    [10, 11, 14, 15, 25, 26, 30, 31],
    [32, 33, 37, 38, 45, 46, 53, 54],
    [34, 36, 39, 44, 47, 52, 55, 60],
    [35, 40, 43, 48, 51, 56, 59, 61],
    [41, 42, 49, 50, 57, 58, 62, 63],
];

/// The same, of fields.
const INTERLACED: [[usize; 8]; 8] = [
    [0, 2, 8, 10, 32, 34, 35, 41],
    [1, 3, 9, 11, 33, 36, 40, 42],
    [4, 6, 12, 14, 37, 39, 43, 49],
    [5, 7, 13, 15, 38, 44, 48, 50],
    [16, 18, 19, 25, 45, 47, 51, 57],
    [17, 20, 24, 26, 46, 52, 56, 58],
    [21, 23, 27, 30, 53, 55, 59, 62],
    [22, 28, 29, 31, 54, 60, 61, 63],
];

/// One component.
#[derive(Debug, Clone)]
pub struct Plane {
    /// Samples across.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row; `None` where a slice is missing.
    pub samples: Vec<Option<f64>>,
}

impl Plane {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, samples: vec![None; width * height] }
    }

    fn set(&mut self, x: usize, y: usize, value: f64) {
        if x < self.width && y < self.height {
            self.samples[y * self.width + x] = Some(value);
        }
    }
}

/// A decoded frame.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Bits of a sample.
    pub depth: u32,
    /// Y, Cb, Cr.
    pub components: [Plane; 3],
    /// Opacity at full size, at its own depth; only of a frame that has it.
    pub alpha: Option<Plane>,
}

/// The header of a frame, as far as decoding needs it.
struct Header {
    width: usize,
    height: usize,
    is_444: bool,
    interlace: u8,
    alpha: u8,
    luma: [f64; 64],
    chroma: [f64; 64],
    /// Where the first picture begins.
    len: usize,
}

/// Decodes a frame at its size divided by `divisor`: 1, 2, 4 or 8.
///
/// # Panics
/// If its header is none.
pub fn decode(sample: &[u8], divisor: usize) -> Picture {
    let header = read_header(sample);
    let depth = if header.is_444 { 12 } else { 10 };
    let (width, height) = (header.width.div_ceil(divisor), header.height.div_ceil(divisor));
    let chroma_width = if header.is_444 { width } else { width.div_ceil(2) };
    let chroma = Plane::new(chroma_width, height);
    let components = [Plane::new(width, height), chroma.clone(), chroma];
    let alpha = (header.alpha > 0 && divisor == 1).then(|| Plane::new(width, height));
    let mut picture = Picture { depth, components, alpha };
    let mut at = header.len;
    for nth in 0..if header.interlace == 0 { 1 } else { 2 } {
        let field = Field { header: &header, nth, divisor };
        at += field.decode(&sample[at..], &mut picture);
    }
    picture
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1])
}

fn read_header(sample: &[u8]) -> Header {
    assert_eq!(&sample[4..8], b"icpf", "a frame begins with icpf");
    let flags = sample[27];
    let matrix = |at: usize| std::array::from_fn(|n| f64::from(sample[at + n]));
    let luma = if flags & 2 == 0 { [4.0; 64] } else { matrix(28) };
    let chroma_at = if flags & 2 == 0 { 28 } else { 92 };
    Header {
        width: u16_at(sample, 16),
        height: u16_at(sample, 18),
        is_444: sample[20] >> 6 == 3,
        interlace: sample[20] >> 2 & 3,
        alpha: sample[25] & 15,
        luma,
        chroma: if flags & 1 == 0 { luma } else { matrix(chroma_at) },
        len: 8 + u16_at(sample, 8),
    }
}

/// One picture of a frame: all of it, or one of its fields.
struct Field<'h> {
    header: &'h Header,
    nth: usize,
    divisor: usize,
}

impl Field<'_> {
    /// The line of the frame that a line of this picture is.
    fn line(&self, line: usize) -> usize {
        match (self.header.interlace, self.nth) {
            (0, _) => line,
            (1, 0) | (2, 1) => 2 * line,
            _ => 2 * line + 1,
        }
    }

    fn rows(&self, stated: usize, slices_in_row: usize) -> usize {
        let height = self.header.height;
        let lines = match (self.header.interlace, self.line(0)) {
            (0, _) => height,
            (_, 0) => height.div_ceil(2),
            _ => height / 2,
        };
        // Writers that give both fields the same number of rows.
        let longer = height.div_ceil(2).div_ceil(16);
        let is_longer = self.header.interlace != 0 && stated == longer * slices_in_row;
        if is_longer { longer } else { lines.div_ceil(16) }
    }

    /// Returns how many bytes the picture has.
    fn decode(&self, bytes: &[u8], picture: &mut Picture) -> usize {
        let columns = self.header.width.div_ceil(16);
        let mut slices = Vec::new();
        let (mut first, mut len) = (0, 1 << (bytes[7] >> 4));
        while first < columns {
            while first + len > columns {
                len /= 2;
            }
            slices.push((first, len));
            first += len;
        }
        let rows = self.rows(u16_at(bytes, 5), slices.len());
        let mut table = usize::from(bytes[0] >> 3);
        let mut at = table + 2 * rows * slices.len();
        for row in 0..rows {
            for &(first, len) in &slices {
                let size = u16_at(bytes, table);
                if let Some(slice) = bytes.get(at..at + size) {
                    let _ = self.slice(slice, (first, row, len), picture);
                }
                table += 2;
                at += size;
            }
        }
        u16_at(bytes, 1) << 16 | u16_at(bytes, 3)
    }

    fn slice(
        &self,
        bytes: &[u8],
        (first, row, len): (usize, usize, usize),
        picture: &mut Picture,
    ) -> Option<()> {
        let header_len = usize::from(*bytes.first()? >> 3);
        let quantiser = f64::from(bytes.get(1).copied()?.clamp(1, 224));
        let scale = if quantiser > 128.0 { (quantiser - 96.0) * 4.0 } else { quantiser };
        let sizes = [u16_at(bytes, 2), u16_at(bytes, 4)];
        let rest = bytes.len().checked_sub(header_len + sizes[0] + sizes[1])?;
        let sizes = [sizes[0], sizes[1], if header_len < 8 { rest } else { u16_at(bytes, 6) }];
        let mut at = header_len;
        let mut decoded = Vec::new();
        for (component, size) in sizes.into_iter().enumerate() {
            let per_macroblock = if component == 0 || self.header.is_444 { 4 } else { 2 };
            let matrix = if component == 0 { &self.header.luma } else { &self.header.chroma };
            let blocks = if size == 0 && component > 0 {
                vec![[0.0; 64]; len * per_macroblock]
            } else {
                self.coefficients(bytes.get(at..at + size)?, len * per_macroblock)?
            };
            let weigh = |block: [f64; 64]| -> [f64; 64] {
                std::array::from_fn(|n| block[n] * matrix[n] * scale / 8.0)
            };
            decoded.push(blocks.into_iter().map(weigh).collect::<Vec<_>>());
            at += size;
        }
        if let Some(plane) = &mut picture.alpha {
            let opacity = if header_len < 8 || at == bytes.len() {
                vec![if self.header.alpha == 1 { 255 } else { 65535 }; len * 256]
            } else {
                opacity(&bytes[at..], len * 256, if self.header.alpha == 1 { 8 } else { 16 })?
            };
            for (nth, value) in opacity.into_iter().enumerate() {
                let (x, y) = (nth % (16 * len), nth / (16 * len));
                plane.set(16 * first + x, self.line(16 * row + y), f64::from(value));
            }
        }
        for (component, blocks) in decoded.into_iter().enumerate() {
            for (nth, block) in blocks.into_iter().enumerate() {
                let (x, y) = self.block_place(component, nth);
                let across = if component == 0 || self.header.is_444 { 2 } else { 1 };
                self.show(component, (first * across + x, row * 2 + y), &block, picture);
            }
        }
        Some(())
    }

    /// Where a slice's block is, in blocks from the slice's corner.
    fn block_place(&self, component: usize, nth: usize) -> (usize, usize) {
        match (component, self.header.is_444) {
            // Left, right, then left and right below them.
            (0, _) => (nth / 4 * 2 + nth % 2, nth % 4 / 2),
            // Upper, lower.
            (_, false) => (nth / 2, nth % 2),
            // Upper and lower of the left column, then of the right one.
            (_, true) => (nth / 4 * 2 + nth % 4 / 2, nth % 2),
        }
    }

    fn coefficients(&self, bytes: &[u8], blocks: usize) -> Option<Vec<[f64; 64]>> {
        let scan = if self.header.interlace == 0 { &PROGRESSIVE } else { &INTERLACED };
        let levels = levels(bytes, blocks)?;
        let block = |nth: usize| {
            std::array::from_fn(|place| {
                f64::from(levels[scan[place / 8][place % 8] * blocks + nth])
            })
        };
        Some((0..blocks).map(block).collect())
    }

    /// Transforms a block and puts it where it belongs. A smaller picture is the transform of the low frequencies alone.
    fn show(
        &self,
        component: usize,
        place: (usize, usize),
        block: &[f64; 64],
        picture: &mut Picture,
    ) {
        let side = 8 / self.divisor;
        let norm = |frequency: usize| if frequency == 0 { 1.0 } else { 2.0_f64.sqrt() };
        let wave = |at: usize, frequency: usize| {
            ((2 * at + 1) as f64 * frequency as f64 * PI / (2 * side) as f64).cos()
                * norm(frequency)
        };
        for y in 0..side {
            for x in 0..side {
                let mut sum = 0.0;
                for v in 0..side {
                    for u in 0..side {
                        sum += block[8 * v + u] * wave(x, u) * wave(y, v);
                    }
                }
                // The mean of a block is an eighth of its first coefficient; samples have nine bits before they are scaled.
                let value = (sum / 8.0 + 256.0) * f64::from(1 << (picture.depth - 9));
                let line = self.line(place.1 * side + y);
                picture.components[component].set(place.0 * side + x, line, value);
            }
        }
    }
}

/// Bits, one after the other; `None` behind the last.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit.into())
    }

    fn number(&mut self, len: u32) -> Option<u32> {
        let mut number = 0;
        for _ in 0..len {
            number = number << 1 | self.bit()?;
        }
        Some(number)
    }

    /// Whether there is no 1 any more.
    fn is_end(&self) -> bool {
        let mut rest = Bits { bytes: self.bytes, at: self.at };
        while let Some(bit) = rest.bit() {
            if bit == 1 {
                return false;
            }
        }
        true
    }

    /// A number by a codebook: the most zeros of a Golomb-Rice code, its parameter, the order of the exponential codes.
    fn code(&mut self, (last_rice, rice, exponential): (u32, u32, u32)) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
        }
        if zeros <= last_rice {
            return Some((zeros << rice) + self.number(rice)?);
        }
        let len = zeros - last_rice - 1 + exponential;
        let number = 1_u32.checked_shl(len)? | self.number(len)?;
        Some(number - (1 << exponential) + ((last_rice + 1) << rice))
    }
}

/// The levels of a component, in the order of the scan: all first coefficients, all second ones, and so on.
fn levels(bytes: &[u8], blocks: usize) -> Option<Vec<i32>> {
    let mut bits = Bits { bytes, at: 0 };
    let mut levels = vec![0; 64 * blocks];
    let code = bits.code((0, 5, 6))?;
    let magnitude = (code.div_ceil(2)).cast_signed();
    levels[0] = if code % 2 == 1 { -magnitude } else { magnitude };
    let (mut last, mut is_negative) = (5, false);
    for block in 1..blocks {
        let code = bits.code(match last {
            0 => (0, 0, 1),
            1 | 2 => (0, 1, 2),
            3 | 4 => (1, 2, 3),
            _ => (0, 3, 4),
        })?;
        is_negative = if code == 0 { false } else { is_negative != (code % 2 == 1) };
        let magnitude = code.div_ceil(2).cast_signed();
        levels[block] = levels[block - 1] + if is_negative { -magnitude } else { magnitude };
        last = code;
    }
    let (mut run, mut level, mut at) = (4, 2, blocks);
    while !bits.is_end() {
        run = bits.code(match run {
            0 | 1 => (2, 0, 1),
            2 | 3 => (1, 0, 1),
            4 => (0, 0, 1),
            5..=8 => (1, 1, 2),
            9..=14 => (0, 1, 2),
            _ => (0, 2, 3),
        })?;
        level = 1 + bits.code(match level {
            0 | 1 => (2, 0, 2),
            2 => (1, 0, 1),
            3 => (2, 0, 1),
            4 => (0, 0, 1),
            5..=8 => (0, 1, 2),
            _ => (0, 2, 3),
        })?;
        at += run as usize;
        let sign = if bits.bit()? == 1 { -1 } else { 1 };
        *levels.get_mut(at)? = sign * level.cast_signed();
        at += 1;
    }
    Some(levels)
}

/// The opacity of so many pixels.
fn opacity(bytes: &[u8], pixels: usize, depth: u32) -> Option<Vec<u32>> {
    let mut bits = Bits { bytes, at: 0 };
    let mut values = Vec::new();
    let mut value = (1 << depth) - 1;
    while values.len() < pixels {
        let change = if bits.bit()? == 1 {
            bits.number(depth)?
        } else {
            let magnitude = bits.number(if depth == 8 { 3 } else { 6 })? + 1;
            if bits.bit()? == 1 { (1 << depth) - magnitude } else { magnitude }
        };
        value = (value + change) % (1 << depth);
        values.push(value);
        if values.len() == pixels || bits.bit()? == 1 {
            continue;
        }
        let short = bits.number(4)?;
        let run = if short == 0 { bits.number(11)? } else { short };
        values.extend(std::iter::repeat_n(value, run as usize));
    }
    values.truncate(pixels);
    Some(values)
}
