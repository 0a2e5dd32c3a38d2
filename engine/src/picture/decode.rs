//! Decodes the slices of a frame into planes: on one thread, or row by row on all.
//!
//! - In: a [`CodedFrame`], the size and the components that are wanted; brightness and colour may have sizes of their own.
//! - Out: the samples, in [`Planes`]; [`Damage`].
//! - Holds: slices depend on nothing but their own bytes, so both ways give the same; a slice that cannot be decoded is grey.
//! - Not here: how a component is read (`entropy`, `alpha`) and transformed (`idct`, `scaled`).

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::alpha;
use super::entropy::{BLOCKS_MAX, Coefficients, Scan, Undecodable};
use super::frame::{AlphaDepth, CodedFrame, MACROBLOCK};
use super::planes::{Band, Planes, Shape};
use super::slices::Slice;
use super::{Size, idct, scaled};
use crate::codec::Chroma;

/// Which components are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Components {
    /// Brightness alone.
    Luma,
    /// Brightness and colour.
    Color,
    /// Brightness, colour and, if the frame has it, opacity.
    ColorAndAlpha,
}

/// What of a frame could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Damage {
    /// Slices of the frame.
    pub slices: usize,
    /// Slices that cannot be decoded.
    pub damaged: usize,
}

impl Damage {
    /// Whether nothing of the frame can be decoded.
    pub fn is_total(&self) -> bool {
        self.damaged == self.slices
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { slices: self.slices + other.slices, damaged: self.damaged + other.damaged }
    }
}

/// The order of the coefficients in the bitstream, each by its place in the block, row by row.
pub(super) const PROGRESSIVE: [u8; 64] = [
    0, 1, 8, 9, 2, 3, 10, 11, 16, 17, 24, 25, 18, 19, 26, 27, //
    4, 5, 12, 20, 13, 6, 7, 14, 21, 28, 29, 22, 15, 23, 30, 31, //
    32, 33, 40, 48, 41, 34, 35, 42, 49, 56, 57, 50, 43, 36, 37, 44, //
    51, 58, 59, 52, 45, 38, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The same, of fields.
const INTERLACED: [u8; 64] = [
    0, 8, 1, 9, 16, 24, 17, 25, 2, 10, 3, 11, 18, 26, 19, 27, //
    32, 40, 33, 34, 41, 48, 56, 49, 42, 35, 43, 50, 57, 58, 51, 59, //
    4, 12, 5, 6, 13, 20, 28, 21, 14, 7, 15, 22, 29, 36, 44, 37, //
    30, 23, 31, 38, 45, 52, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63,
];

/// Everything that is the same for all slices of a frame.
struct Decoder<'f> {
    frame: &'f CodedFrame<'f>,
    components: Components,
    luma: Scaled,
    chroma: Scaled,
    /// The largest sample.
    max: u16,
}

/// How components of one kind are decoded.
struct Scaled {
    size: Size,
    scan: Scan,
    /// What the levels are multiplied by, but for the slice's scale.
    factors: [f32; 64],
}

impl Scaled {
    fn new(size: Size, matrix: &[u8; 64], is_interlaced: bool, depth: u32) -> Self {
        let order = if is_interlaced { INTERLACED } else { PROGRESSIVE };
        let side = 8 / size.divisor();
        let factors = match size {
            Size::Full => idct::factors(matrix, depth),
            _ => scaled::factors(matrix, side, depth),
        };
        let places = order.map(|at| {
            let (x, y) = (usize::from(at % 8), usize::from(at / 8));
            // Whole blocks are column by column. What is outside of a smaller block is not wanted.
            let place = if size == Size::Full { 8 * x + y } else { side * y + x };
            u8::try_from(place).unwrap_or(0)
        });
        Self { size, scan: Scan { places, wanted: side * side }, factors }
    }

    /// What the first levels of a block are multiplied by, in a slice of this scale: only as many as are wanted.
    #[inline(always)]
    fn factors<const LEN: usize>(&self, scale: u16) -> [f32; LEN] {
        let mut factors = [0.0; LEN];
        for (to, factor) in factors.iter_mut().zip(&self.factors) {
            *to = factor * f32::from(scale);
        }
        factors
    }

    /// Samples of a slice in a row of a plane: from which on, and how many.
    fn blocks_wide(&self, blocks: Blocks, place: Place) -> (usize, usize) {
        let macroblock = blocks.per_macroblock() * 4 / self.size.divisor();
        (place.first * macroblock, place.count * macroblock)
    }

    /// The lines of a slice in a band.
    fn lines(&self, place: Place) -> impl Iterator<Item = usize> + use<> {
        let count = MACROBLOCK / self.size.divisor();
        (0..count).map(move |line| line * place.step + place.line)
    }
}

/// The same lines of all planes, as many as a row of macroblocks has in each field.
struct Row<'p> {
    index: usize,
    luma: Band<'p>,
    cb: Band<'p>,
    cr: Band<'p>,
    alpha: Band<'p>,
}

/// Where the blocks of a component are in its macroblock.
#[derive(Clone, Copy)]
pub(super) enum Blocks {
    /// Four, row by row.
    Luma,
    /// Two, one above the other.
    HalfChroma,
    /// Four, column by column.
    FullChroma,
}

impl Blocks {
    pub(super) fn of_chroma(chroma: Chroma) -> Self {
        if chroma == Chroma::Full { Blocks::FullChroma } else { Blocks::HalfChroma }
    }

    pub(super) fn per_macroblock(self) -> usize {
        if matches!(self, Blocks::HalfChroma) { 2 } else { 4 }
    }

    /// Column and row of the slice's block `nth`, in blocks.
    #[inline(always)]
    pub(super) fn place(self, nth: usize) -> (usize, usize) {
        match self {
            Blocks::Luma => (nth / 4 * 2 + nth % 2, nth / 2 % 2),
            Blocks::HalfChroma => (nth / 2, nth % 2),
            Blocks::FullChroma => (nth / 2, nth % 2),
        }
    }
}

/// Where a slice goes in the bands of its row.
#[derive(Clone, Copy)]
struct Place {
    /// The first macroblock, and how many there are.
    first: usize,
    count: usize,
    /// The first line, and how many lines there are from one to the next.
    line: usize,
    step: usize,
}

impl Place {
    /// Blocks of a component in the slice.
    fn blocks(&self, blocks: Blocks) -> usize {
        (self.count * blocks.per_macroblock()).min(BLOCKS_MAX)
    }
}

impl CodedFrame<'_> {
    /// Decodes the frame on this thread.
    ///
    /// - `planes`: takes the samples, and whatever memory they need, unless it has it from another frame.
    /// - Returns: what could not be decoded and is grey.
    /// - Cost: that of what is wanted: an eighth reads about a twentieth of the bytes, and brightness alone half of that.
    pub fn decode(&self, size: Size, components: Components, planes: &mut Planes) -> Damage {
        self.decode_alone(&Decoder::new(self, [size; 2], components), planes)
    }

    /// Decodes brightness and colour on this thread, each at its own size: people see colour less sharply.
    ///
    /// - `sizes`: of brightness, of colour.
    pub fn decode_at(&self, sizes: [Size; 2], planes: &mut Planes) -> Damage {
        self.decode_alone(&Decoder::new(self, sizes, Components::Color), planes)
    }

    fn decode_alone(&self, decoder: &Decoder<'_>, planes: &mut Planes) -> Damage {
        let mut scratch = Scratch::new();
        let rows = decoder.rows(planes);
        rows.map(|mut row| decoder.row(&mut row, &mut scratch)).fold(Damage::default(), Damage::and)
    }

    /// Decodes the frame on all threads of the pool that this is called from.
    pub fn decode_in_parallel(
        &self,
        size: Size,
        components: Components,
        planes: &mut Planes,
    ) -> Damage {
        let decoder = Decoder::new(self, [size; 2], components);
        let rows: Vec<Row<'_>> = decoder.rows(planes).collect();
        let rows = rows.into_par_iter();
        rows.map_init(Scratch::new, |scratch, mut row| decoder.row(&mut row, scratch))
            .reduce(Damage::default, Damage::and)
    }
}

/// What one thread needs, once.
pub(super) struct Scratch {
    /// Of two slices that are read in step.
    pub(super) coefficients: [Coefficients; 2],
    pub(super) alpha: [u16; alpha::PIXELS_MAX],
}

impl Scratch {
    pub(super) fn new() -> Self {
        let coefficients = [Coefficients::new(), Coefficients::new()];
        Self { coefficients, alpha: [0; alpha::PIXELS_MAX] }
    }
}

impl<'f> Decoder<'f> {
    /// - `luma`, `chroma`: at which sizes they are decoded.
    fn new(frame: &'f CodedFrame<'f>, [luma, chroma]: [Size; 2], components: Components) -> Self {
        let depth = match frame.header().chroma {
            Chroma::Full => 12,
            _ => 10,
        };
        let is_interlaced = frame.is_interlaced();
        Self {
            frame,
            components,
            luma: Scaled::new(luma, &frame.luma_matrix, is_interlaced, depth),
            chroma: Scaled::new(chroma, &frame.chroma_matrix, is_interlaced, depth),
            max: (1 << depth) - 1,
        }
    }

    fn has_color(&self) -> bool {
        self.components != Components::Luma
    }

    fn alpha(&self) -> Option<AlphaDepth> {
        self.frame.alpha().filter(|_| self.components == Components::ColorAndAlpha)
    }

    fn fields(&self) -> usize {
        if self.frame.is_interlaced() { 2 } else { 1 }
    }

    /// Makes room for the frame and cuts it into rows.
    fn rows<'p>(&self, planes: &'p mut Planes) -> impl Iterator<Item = Row<'p>> + use<'p> {
        let header = self.frame.header();
        let rows = self.frame.macroblock_rows();
        let lines = MACROBLOCK * self.fields();
        planes.depth = 16 - self.max.leading_zeros();
        planes.shape(&Shape {
            raster: [header.width, header.height].map(usize::from),
            sizes: [self.luma.size, self.chroma.size],
            columns: usize::from(header.width).div_ceil(MACROBLOCK),
            lines: lines * rows,
            chroma_is_half: header.chroma == Chroma::Half,
            has_color: self.has_color(),
            has_alpha: self.alpha().is_some(),
        });
        let [of_luma, of_chroma] = [&self.luma, &self.chroma].map(|it| lines / it.size.divisor());
        let Planes { luma, cb, cr, alpha, .. } = planes;
        let mut bands =
            [luma.bands(of_luma), cb.bands(of_chroma), cr.bands(of_chroma), alpha.bands(of_luma)];
        (0..rows).map(move |index| {
            let [luma, cb, cr, alpha] = bands.each_mut().map(|bands| bands.next());
            Row { index, luma, cb, cr, alpha }
        })
    }

    /// Decodes a row of slices, of both fields.
    fn row(&self, row: &mut Row<'_>, scratch: &mut Scratch) -> Damage {
        let mut damage = Damage::default();
        for nth in 0..self.fields() {
            let (line, step) = (self.frame.first_line(nth), self.fields());
            let Some(picture) = &self.frame.pictures[nth] else {
                let [other, _] = &self.frame.pictures;
                let slices = other.as_ref().map_or(0, |other| other.grid.slices_in_row());
                damage = damage.and(Damage { slices, damaged: slices });
                let count = self.frame.pictures[0].as_ref().map_or(0, |other| other.grid.columns);
                self.grey(row, Place { first: 0, count, line, step });
                continue;
            };
            self.touch(picture.row(row.index).filter_map(|(_, slice)| slice));
            let mut slices = picture.row(row.index);
            while let Some(first) = slices.next() {
                let two = [Some(first), slices.next()];
                damage.slices += two.iter().flatten().count();
                if let [Some((left, Some(one))), Some((right, Some(other)))] = &two
                    && left.len() == right.len()
                {
                    let place = Place { first: left.start, count: left.len(), line, step };
                    if self.two([one, other], place, row, scratch).is_ok() {
                        continue;
                    }
                }
                for (macroblocks, slice) in two.into_iter().flatten() {
                    let place =
                        Place { first: macroblocks.start, count: macroblocks.len(), line, step };
                    let decoded = slice.ok_or(Undecodable);
                    let decoded = decoded.and_then(|slice| self.slice(&slice, place, row, scratch));
                    if decoded.is_err() {
                        damage.damaged += 1;
                        self.grey(row, place);
                    }
                }
            }
        }
        damage
    }

    /// Reads the beginning of each component of some slices. They lie so far apart that each has to be waited for: here the
    /// waits are side by side, in decoding they would follow one another.
    fn touch<'s>(&self, slices: impl Iterator<Item = Slice<'s>>) {
        let first = |bytes: &[u8]| bytes.first().copied().unwrap_or(0);
        let bytes = slices.map(|slice| match self.has_color() {
            true => first(slice.luma) ^ first(slice.cb) ^ first(slice.cr),
            false => first(slice.luma),
        });
        std::hint::black_box(bytes.fold(0, |all, byte| all ^ byte));
    }

    fn slice(
        &self,
        slice: &Slice<'_>,
        place: Place,
        row: &mut Row<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), Undecodable> {
        let coefficients = &mut scratch.coefficients[0];
        let mut component = |bytes, blocks: Blocks, scaled: &Scaled, band: &mut Band<'_>| {
            coefficients.read(bytes, place.blocks(blocks), &scaled.scan)?;
            self.render(coefficients, blocks, (scaled, slice.scale), place, band);
            Ok(())
        };
        component(slice.luma, Blocks::Luma, &self.luma, &mut row.luma)?;
        if self.has_color() {
            let blocks = Blocks::of_chroma(self.frame.header().chroma);
            for (bytes, band) in [(slice.cb, &mut row.cb), (slice.cr, &mut row.cr)] {
                // Writers of grey pictures leave colour out.
                if bytes.is_empty() {
                    let (columns, lines) =
                        (self.chroma.blocks_wide(blocks, place), self.chroma.lines(place));
                    fill(band, columns, lines, self.max / 2 + 1);
                } else {
                    component(bytes, blocks, &self.chroma, band)?;
                }
            }
        }
        match self.alpha() {
            Some(depth) => self.opacity(slice.alpha, depth, place, &mut row.alpha, scratch),
            None => Ok(()),
        }
    }

    /// Decodes two slices that lie side by side and are equally wide.
    ///
    /// - `place`: of the left one.
    ///
    /// # Errors
    /// [`Undecodable`] if one of them is, or has no colour: then each has to be decoded by itself.
    fn two(
        &self,
        two: [&Slice<'_>; 2],
        place: Place,
        row: &mut Row<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), Undecodable> {
        if self.has_color() && !two.iter().all(|slice| slice.has_color()) {
            return Err(Undecodable);
        }
        let places = [place, Place { first: place.first + place.count, ..place }];
        let coefficients = &mut scratch.coefficients;
        let mut component = |bytes, blocks: Blocks, scaled: &Scaled, band: &mut Band<'_>| {
            Coefficients::read_two(coefficients, bytes, place.blocks(blocks), &scaled.scan)?;
            for ((slice, place), coefficients) in two.iter().zip(places).zip(&*coefficients) {
                self.render(coefficients, blocks, (scaled, slice.scale), place, band);
            }
            Ok(())
        };
        component(two.map(|slice| slice.luma), Blocks::Luma, &self.luma, &mut row.luma)?;
        if self.has_color() {
            let blocks = Blocks::of_chroma(self.frame.header().chroma);
            component(two.map(|slice| slice.cb), blocks, &self.chroma, &mut row.cb)?;
            component(two.map(|slice| slice.cr), blocks, &self.chroma, &mut row.cr)?;
        }
        if let Some(depth) = self.alpha() {
            for (slice, place) in two.iter().zip(places) {
                self.opacity(slice.alpha, depth, place, &mut row.alpha, scratch)?;
            }
        }
        Ok(())
    }

    /// Makes samples of the levels of a component, at the size that is wanted.
    fn render(
        &self,
        coefficients: &Coefficients,
        blocks: Blocks,
        (scaled, scale): (&Scaled, u16),
        place: Place,
        band: &mut Band<'_>,
    ) {
        let count = place.blocks(blocks);
        let max = self.max;
        match scaled.size {
            Size::Full => {
                let factors = scaled.factors(scale);
                put(coefficients, count, blocks, place, band, |block| {
                    idct::block(block, &factors, max)
                });
            }
            Size::Half => {
                let factors = scaled.factors(scale);
                put(coefficients, count, blocks, place, band, |block| {
                    scaled::half(block, &factors, max)
                });
            }
            Size::Quarter => {
                let factors = scaled.factors(scale);
                put(coefficients, count, blocks, place, band, |block| {
                    scaled::quarter(block, &factors, max)
                });
            }
            Size::Eighth => {
                let factors = scaled.factors(scale);
                put_means(&coefficients.blocks()[..count], blocks, place, band, |block| {
                    scaled::eighth(block, &factors, max)
                });
            }
        }
    }

    /// Shows that a slice is missing.
    fn grey(&self, row: &mut Row<'_>, place: Place) {
        let middle = self.max / 2 + 1;
        let chroma = Blocks::of_chroma(self.frame.header().chroma);
        let luma = self.luma.blocks_wide(Blocks::Luma, place);
        fill(&mut row.luma, luma, self.luma.lines(place), middle);
        let columns = self.chroma.blocks_wide(chroma, place);
        for band in [&mut row.cb, &mut row.cr] {
            fill(band, columns, self.chroma.lines(place), middle);
        }
        fill(&mut row.alpha, luma, self.luma.lines(place), self.alpha().map_or(0, opaque));
    }

    /// Decodes the opacity of a slice: at a smaller size, the mean.
    fn opacity(
        &self,
        bytes: &[u8],
        depth: AlphaDepth,
        place: Place,
        band: &mut Band<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), Undecodable> {
        let columns = self.luma.blocks_wide(Blocks::Luma, place);
        if bytes.is_empty() {
            fill(band, columns, self.luma.lines(place), opaque(depth));
            return Ok(());
        }
        let width = place.count * MACROBLOCK;
        let pixels = &mut scratch.alpha[..width * MACROBLOCK];
        alpha::read(bytes, depth, pixels)?;
        let divisor = self.luma.size.divisor();
        for (line, pixels) in self.luma.lines(place).zip(pixels.chunks(width * divisor)) {
            let samples = &mut band.samples[line * band.stride + columns.0..][..columns.1];
            for (column, sample) in samples.iter_mut().enumerate() {
                let rows = pixels.chunks(width).map(|row| &row[column * divisor..][..divisor]);
                let sum: usize = rows.flatten().map(|&pixel| usize::from(pixel)).sum();
                let count = divisor * divisor;
                *sample = u16::try_from((sum + count / 2) / count).unwrap_or(u16::MAX);
            }
        }
        Ok(())
    }
}

fn opaque(depth: AlphaDepth) -> u16 {
    match depth {
        AlphaDepth::Eight => 0xff,
        AlphaDepth::Sixteen => 0xffff,
    }
}

/// Sets some columns of some lines of a band to one value. Does nothing to a band that is not there.
fn fill(
    band: &mut Band<'_>,
    (first, count): (usize, usize),
    lines: impl Iterator<Item = usize>,
    value: u16,
) {
    if band.samples.is_empty() {
        return;
    }
    for line in lines {
        band.samples[line * band.stride + first..][..count].fill(value);
    }
}

/// Transforms the blocks of a component and puts them where they belong.
#[inline(always)]
fn put<const LEN: usize, const SIDE: usize>(
    coefficients: &Coefficients,
    count: usize,
    blocks: Blocks,
    place: Place,
    band: &mut Band<'_>,
    transform: impl Fn(&[i16; LEN]) -> [[u16; SIDE]; SIDE],
) {
    let across = blocks.per_macroblock() / 2;
    for (nth, block) in coefficients.blocks::<LEN>()[..count].iter().enumerate() {
        let samples = transform(block);
        let (x, y) = blocks.place(nth);
        let column = (place.first * across + x) * SIDE;
        for (line, row) in samples.iter().enumerate() {
            let line = (y * SIDE + line) * place.step + place.line;
            band.samples[line * band.stride + column..][..SIDE].copy_from_slice(row);
        }
    }
}

/// Puts blocks of one sample each where they belong, line by line.
#[inline(always)]
fn put_means(
    blocks: &[[i16; 1]],
    order: Blocks,
    place: Place,
    band: &mut Band<'_>,
    sample: impl Fn(&[i16; 1]) -> u16,
) {
    let across = order.per_macroblock() / 2;
    for y in 0..2 {
        let line = (y * place.step + place.line) * band.stride;
        let row = &mut band.samples[line + place.first * across..][..place.count * across];
        match order {
            Blocks::Luma => {
                let pairs = row.as_chunks_mut::<2>().0.iter_mut();
                for (pair, blocks) in pairs.zip(blocks.as_chunks::<4>().0) {
                    *pair = [sample(&blocks[2 * y]), sample(&blocks[2 * y + 1])];
                }
            }
            Blocks::HalfChroma | Blocks::FullChroma => {
                for (one, blocks) in row.iter_mut().zip(blocks.as_chunks::<2>().0) {
                    *one = sample(&blocks[y]);
                }
            }
        }
    }
}
