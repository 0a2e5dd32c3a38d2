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
//! - Out: [`FlatFrames`]: the length of each frame, and the bytes of all of them, from any offset on. [`Sheet`]: the slices under
//!   the same text, for frames that are there already.
//! - Holds: the bytes are the same however they are asked for. Black is exactly the legal black (64 of 1023, 256 of 4095),
//!   and nothing but the blocks of the letters differs from it.
//! - Not here: movies (`blank`), decoding (the rest of `picture`).
//!
//! References: SMPTE RDD 36:2022, 5 and 7.

mod canvas;
mod counter;
pub(crate) mod face;
mod frames;
mod lettering;
mod picture;
mod sheet;
mod slice;

use crate::codec::color::ColorCodes;
use crate::codec::{Chroma, Scan};
use crate::timecode::Timecode;

pub use counter::Shown;
pub use frames::FlatFrames;
pub use sheet::{FrameKind, Sheet};

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
