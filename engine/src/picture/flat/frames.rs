//! The bytes of all frames of a flat movie, put together from what never changes and from slices that were coded before.
//!
//! ```text
//! frame  │ size, header │ picture header, table of slices │ black │ text │ black │ …
//!                                         └ what text changes ┘      └─ cells, by the letters in them
//! ```
//!
//! - In: a [`FlatShape`], what is burnt in, how many frames.
//! - Out: [`FlatFrames`].
//! - Holds: every frame's length is known before the first is asked for.
//! - Not here: what a picture is made of (`picture`, `counter`).
//!
//! References: RDD 36, 5.1.

use super::canvas::{Canvas, WEIGHT};
use super::counter::{self, Cell, Counter, Shown};
use super::lettering::{Arrangement, digits_of};
use super::picture::{CounterRow, Part, Picture, size_of};
use super::{BurnIn, FlatError, FlatShape};
use crate::codec::{Chroma, Scan};
use crate::timecode::Timecode;

/// The place of a frame in the bytes is noted for one frame in so many.
const STRIDE: usize = 64;

/// All frames of a flat movie.
#[derive(Debug)]
pub struct FlatFrames {
    head: Vec<u8>,
    pictures: Vec<Picture>,
    counters: Vec<Counter>,
    /// The label of the first frame, where one is burnt in.
    first: Option<Timecode>,
    /// Bytes of each frame.
    sizes: Vec<u32>,
    /// Where one frame in [`STRIDE`] begins.
    starts: Vec<u64>,
    len: u64,
    is_bare: bool,
}

impl FlatFrames {
    /// Prepares `count` frames.
    ///
    /// - Cost: the slices of one frame, and a few look-ups for each frame.
    /// - Memory: 4 bytes for each frame, one frame, and each slice under a counter that differs.
    ///
    /// # Errors
    /// [`FlatError`].
    pub fn new(shape: &FlatShape, burn_in: Option<&BurnIn>, count: u32) -> Result<Self, FlatError> {
        let canvas = Canvas::ours(shape);
        canvas.check()?;
        let (mut lines, mut counters, mut is_bare) = (Vec::new(), Vec::new(), false);
        if let Some(BurnIn { timecode, lines: texts }) = burn_in {
            let letters = [timecode.to_string().len(), digits_of(count)];
            let arrangement = Arrangement::new(&canvas, texts, letters);
            is_bare = arrangement.is_none();
            if let Some(places) = arrangement {
                counters = counter::counters(&canvas, &places);
                lines = places.lines;
            }
        }
        let pictures =
            (0..canvas.pictures()).map(|nth| Picture::new(&canvas, nth, &lines, &counters));
        let pictures: Vec<Picture> = pictures.collect();
        let first = burn_in.map(|burn_in| burn_in.timecode);
        let (sizes, starts) = (Vec::with_capacity(count as usize), Vec::new());
        let mut frames =
            Self { head: head(shape), pictures, counters, first, sizes, starts, len: 0, is_bare };
        frames.measure(&canvas, count);
        Ok(frames)
    }

    /// Makes every slice that is needed and adds the frames up.
    fn measure(&mut self, canvas: &Canvas, count: u32) {
        let pictures: usize = self.pictures.iter().map(|picture| picture.fixed_len).sum();
        let fixed = self.head.len() + pictures;
        for frame in 0..count {
            let (shown, counters) = (self.shown(frame), self.counters.iter_mut());
            let counted: usize = counters.map(|counter| counter.prepare(canvas, shown)).sum();
            if (frame as usize).is_multiple_of(STRIDE) {
                self.starts.push(self.len);
            }
            let size = fixed + counted * self.pictures.len();
            self.sizes.push(u32::try_from(size).expect("65535 slices are short"));
            self.len += size as u64;
        }
    }

    /// What counters show on a frame.
    fn shown(&self, frame: u32) -> Shown {
        Shown { timecode: self.first.map(|first| first.add(frame.into())), number: frame }
    }

    /// The bytes of each frame.
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// The bytes of all frames.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no frames.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Whether the pictures are too small for what was to be burnt in, so that they are only black.
    pub fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// Fills `bytes` with those of the frames, one behind the other, from `offset` on.
    ///
    /// - Cost: a copy, and a few look-ups for each frame.
    ///
    /// # Panics
    /// If the frames end before `bytes` is full.
    pub fn fill(&self, offset: u64, bytes: &mut [u8]) {
        let stride = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let mut start = self.starts.get(stride).copied().unwrap_or(0);
        let mut frame = stride * STRIDE;
        while start + u64::from(self.sizes[frame]) <= offset {
            start += u64::from(self.sizes[frame]);
            frame += 1;
        }
        let skip = usize::try_from(offset - start).expect("it is within a frame");
        let (mut output, mut cells) = (Output { bytes, at: 0, skip }, Vec::new());
        while output.at < output.bytes.len() {
            self.put_frame(frame, &mut cells, &mut output);
            frame += 1;
        }
    }

    /// - `cells`: memory that is used again for each frame.
    fn put_frame(&self, frame: usize, cells: &mut Vec<Cell>, output: &mut Output<'_>) {
        let number = u32::try_from(frame).expect("frames are counted in 32 bits");
        cells.clear();
        let (shown, counters) = (self.shown(number), self.counters.iter());
        let counted = counters.map(|counter| counter.cells(shown, cells)).sum();
        output.put(&self.sizes[frame].to_be_bytes());
        output.put(&self.head[SIZE_LEN..]);
        for picture in &self.pictures {
            output.put(&picture.header(counted));
            for part in &picture.parts {
                match part {
                    Part::Fixed(range) => output.put(&picture.fixed[range.clone()]),
                    Part::Sizes(place) => {
                        self.slices(*place, cells).for_each(|slice| output.put(&size_of(slice)))
                    }
                    Part::Slices(place) => {
                        self.slices(*place, cells).for_each(|slice| output.put(slice));
                    }
                }
            }
        }
    }

    /// The slices of a row under a counter.
    ///
    /// - `cells`: those of all counters.
    fn slices(
        &self,
        CounterRow { counter, row }: CounterRow,
        cells: &[Cell],
    ) -> impl Iterator<Item = &[u8]> {
        let before: usize = self.counters[..counter].iter().map(Counter::column_count).sum();
        let counter = &self.counters[counter];
        let cells = cells[before..before + counter.column_count()].iter();
        cells.map(move |cell| counter.slice(*cell, row))
    }
}

/// Bytes of a frame's size, with which it begins.
const SIZE_LEN: usize = 4;

/// A frame up to its first picture: room for its size, `icpf` and the frame header.
fn head(shape: &FlatShape) -> Vec<u8> {
    let is_444 = shape.chroma == Chroma::Full;
    let interlace = match shape.scan {
        Scan::TopFieldFirst => 1,
        Scan::BottomFieldFirst => 2,
        _ => 0,
    };
    let mut head = vec![0; SIZE_LEN];
    head.extend(b"icpf\x00\x94");
    // Version 0 has neither 4:4:4 nor alpha.
    head.extend([0, u8::from(is_444)]);
    head.extend(b"intc");
    head.extend(shape.width.to_be_bytes());
    head.extend(shape.height.to_be_bytes());
    // The shape of pixels and the rate are the movie's to tell.
    head.extend([if is_444 { 0xc0 } else { 0x80 } | interlace << 2, 0]);
    let color = [shape.color.primaries, shape.color.transfer, shape.color.matrix];
    head.extend(color.map(|code| u8::try_from(code).unwrap_or(UNSPECIFIED)));
    // Both matrices are there, as all writers have them.
    head.extend([if shape.alpha { 2 } else { 0 }, 0, 3]);
    head.extend([WEIGHT; 128]);
    head
}

/// The code of a colour that nobody knows.
const UNSPECIFIED: u8 = 2;

/// Bytes that are filled from somewhere within a frame on.
struct Output<'o> {
    bytes: &'o mut [u8],
    at: usize,
    /// Bytes that come before.
    skip: usize,
}

impl Output<'_> {
    /// Adds bytes, as far as they are wanted.
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        let bytes = &bytes[skipped..];
        let len = bytes.len().min(self.bytes.len() - self.at);
        self.bytes[self.at..self.at + len].copy_from_slice(&bytes[..len]);
        self.at += len;
    }
}
