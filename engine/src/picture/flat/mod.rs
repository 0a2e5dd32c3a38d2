//! Makes frames of ProRes that are black but for text, without a transform and without coding a picture.
//!
//! ```text
//! FlatShape ─┐
//! BurnIn ────┼─▶ lettering ─▶ slices of flat blocks, each coded once ─▶ FlatFrames ─▶ any range of all frames' bytes
//! ```
//!
//! Every 8x8 block is black or white, so a slice is a few DCs and its bytes follow from which of its blocks are lit. All
//! that changes from frame to frame are the slices under the counting text, and their bytes are made once for each text
//! that comes up. A frame is then a gather of slices that are there already.
//!
//! - In: what the frames are, what is written on them, how many there are.
//! - Out: [`FlatFrames`]: the length of each frame, and the bytes of all of them, from any offset on.
//! - Holds: the bytes are the same however they are asked for. Black is exactly the legal black (64 of 1023, 256 of 4095),
//!   and nothing but the blocks of the letters differs from it.
//! - Not here: movies (`blank`), decoding (the rest of `picture`).
//!
//! References: SMPTE RDD 36:2022, 5 and 7.

mod counter;
mod face;
mod frames;
mod lettering;
mod picture;
mod slice;

use super::slices::Grid;
use crate::codec::color::ColorCodes;
use crate::codec::{Chroma, Scan};
use crate::timecode::Timecode;

pub use frames::FlatFrames;

/// Macroblocks of a slice, as a power of two: as many as there can be, so that black is short.
const SLICE_LOG2: u32 = 3;

/// The most slices that a picture's header can state.
const SLICES_MAX: usize = 0xffff;

/// What all the frames are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlatShape {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// How often colour is sampled.
    pub chroma: Chroma,
    /// Whole frames, or fields and their order.
    pub scan: Scan,
    /// Whether there is an alpha channel (16 bits); it is opaque.
    pub alpha: bool,
    /// What the header says of colour.
    pub color: ColorCodes,
}

/// What is written on the frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BurnIn {
    /// The label of the first frame; those of the others are counted from it.
    pub timecode: Timecode,
    /// Lines at the top, such as the movie's name.
    pub lines: Vec<String>,
}

/// Why there can be no such frames.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlatError {
    /// A picture without pixels, or with more slices than its header can state.
    #[error("ProRes has no frames of {width}x{height} pixels")]
    Raster {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
    /// Alpha in 4:2:2.
    #[error("a 4:2:2 frame has no alpha channel")]
    Alpha,
}

impl FlatShape {
    /// Refuses frames that cannot be made.
    fn check(&self) -> Result<(), FlatError> {
        let Self { width, height, .. } = *self;
        let slices = self.grid(0).slices();
        if slices == 0 || slices > SLICES_MAX || (self.is_interlaced() && height < 2) {
            return Err(FlatError::Raster { width, height });
        }
        if self.alpha && self.chroma != Chroma::Full {
            return Err(FlatError::Alpha);
        }
        Ok(())
    }

    fn is_interlaced(&self) -> bool {
        matches!(self.scan, Scan::TopFieldFirst | Scan::BottomFieldFirst)
    }

    /// Pictures of a frame: one, or two fields.
    fn pictures(&self) -> usize {
        if self.is_interlaced() { 2 } else { 1 }
    }

    /// Lines of a picture, in the order of time.
    fn lines(&self, picture: usize) -> usize {
        let height = usize::from(self.height);
        match self.scan {
            Scan::TopFieldFirst => (height + 1 - picture) / 2,
            Scan::BottomFieldFirst => (height + picture) / 2,
            _ => height,
        }
    }

    /// How a picture is cut into slices.
    fn grid(&self, picture: usize) -> Grid {
        let columns = usize::from(self.width).div_ceil(16);
        Grid { columns, rows: self.lines(picture).div_ceil(16), slice_log2: SLICE_LOG2 }
    }
}
