//! Decodes frames of ProRes to planes of samples: whole, or at a half, a quarter or an eighth of their size. Makes frames
//! that are black but for text ([`flat`]), frames with some slices of others ([`surgery`]), and frames of any picture
//! ([`ProxyEncoder`]).
//!
//! ```text
//! sample ─▶ CodedFrame (header, pictures, slices) ─▶ entropy (DC, run/level) ─▶ idct or scaled ─▶ Planes
//! ```
//!
//! - In: the bytes of one sample.
//! - Out: [`Planes`], and what of the frame could not be decoded ([`Damage`]).
//! - Holds: a scaled picture is decoded as such: the bitstream has the low frequencies of all blocks of a slice first, so
//!   the rest is not read. Damage is per slice: what cannot be decoded is grey and counted. Memory is bounded by the
//!   sample's length, whatever the header claims.
//! - Not here: files, colour conversion, what a picture shows.
//!
//! References: SMPTE RDD 36:2022, "Apple ProRes Bitstream Syntax and Decoding Process".

mod alpha;
mod bits;
mod codes;
mod decode;
mod encode;
mod entropy;
pub mod flat;
mod frame;
mod idct;
mod planes;
mod scaled;
mod slices;
pub mod surgery;
mod walk;

pub use decode::{Components, Damage};
pub use encode::{EncoderScratch, Picture422, ProxyEncoder};
pub use frame::{AlphaDepth, CodedFrame, PictureError};
pub use planes::{Plane, Planes};

/// The size at which a picture is decoded, as a part of its width and of its height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Size {
    /// All of it.
    Full,
    /// A half.
    Half,
    /// A quarter.
    Quarter,
    /// An eighth: one sample for each block, its mean.
    Eighth,
}

impl Size {
    /// By how much width and height are divided.
    pub fn divisor(self) -> usize {
        match self {
            Size::Full => 1,
            Size::Half => 2,
            Size::Quarter => 4,
            Size::Eighth => 8,
        }
    }

    /// Samples of a component that is decoded at this size, at most, of a frame of so many pixels: planes reach to whole
    /// macroblocks, and each of two fields may have a row of them more.
    pub fn samples_max(self, width: u16, height: u16) -> u64 {
        let lens = [width, height].map(|len| {
            u64::from(len).next_multiple_of(2 * frame::MACROBLOCK as u64) / self.divisor() as u64
        });
        lens.iter().product()
    }

    /// A width or a height at this size, rounded up.
    pub fn of(self, len: usize) -> usize {
        len.div_ceil(self.divisor())
    }
}
