//! What slices of flat blocks are made for: how a picture is cut, and how black and the text are told.
//!
//! - In: a [`FlatShape`]; for frames that are there already, their slices' width and their weight of DCs.
//! - Out: [`Canvas`].
//! - Holds: the middle of the range is always told exactly, and so is black with the weights that writers use.
//! - Not here: the bytes (`slice`).
//!
//! References: RDD 36, 5.2 (slices), 7.3 (inverse quantisation).

use super::{FlatError, FlatShape};
use crate::codec::{Chroma, Scan};
use crate::picture::slices::{Grid, SLICE_LOG2_MAX};

/// The most slices that a picture's header can state.
const SLICES_MAX: usize = 0xffff;

/// The weight of every coefficient of frames that are ours.
pub(super) const WEIGHT: u8 = 4;

/// The quantisers that are multiplied as they are.
const QUANTISERS: std::ops::RangeInclusive<u8> = 1..=128;

/// Black, by how far it is below the middle of 1023 levels.
const BLACK: i32 = 448;

/// White, by how far it is above the middle.
const WHITE: i32 = 428;

/// Levels by which the text may be darker than white.
const BELOW_WHITE_MAX: i32 = 40;

/// A step of a DC has so many levels for each unit of weight times quantiser.
const UNITS_PER_LEVEL: i32 = 32;

/// What slices are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Canvas {
    pub(super) shape: FlatShape,
    /// Macroblocks of a slice, as a power of two.
    pub(super) slice_log2: u32,
    pub(super) tones: Tones,
}

/// The quantiser of slices, and the DCs of black and of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tones {
    pub(super) quantiser: u8,
    pub(super) black: i32,
    pub(super) lit: i32,
}

impl Tones {
    /// For blocks whose DC has this weight, which is not 0: as near to black as can be, and then in steps that are as large as
    /// can be, because large steps have short codes.
    pub(super) fn of_weight(weight: u8) -> Self {
        let tones = QUANTISERS.map(|quantiser| {
            let step = i32::from(weight) * i32::from(quantiser);
            let black = (BLACK * UNITS_PER_LEVEL + step / 2) / step;
            let lit = WHITE * UNITS_PER_LEVEL / step;
            let off = (black * step - BLACK * UNITS_PER_LEVEL).abs();
            let is_dim = (WHITE - BELOW_WHITE_MAX) * UNITS_PER_LEVEL > lit * step;
            ((is_dim, off, -step), Self { quantiser, black: -black, lit })
        });
        let best = tones.min_by_key(|(order, _)| *order);
        best.expect("there are quantisers").1
    }
}

impl Canvas {
    /// Frames that are ours: slices are as wide as they can be, so that black is short.
    pub(super) fn ours(shape: &FlatShape) -> Self {
        Self { shape: *shape, slice_log2: SLICE_LOG2_MAX, tones: Tones::of_weight(WEIGHT) }
    }

    /// Refuses frames that cannot be made.
    pub(super) fn check(&self) -> Result<(), FlatError> {
        let FlatShape { width, height, .. } = self.shape;
        let slices = self.grid(0).slices();
        if slices == 0 || slices > SLICES_MAX || (self.is_interlaced() && height < 2) {
            return Err(FlatError::Raster { width, height });
        }
        if self.shape.alpha && self.shape.chroma != Chroma::Full {
            return Err(FlatError::Alpha);
        }
        Ok(())
    }

    fn is_interlaced(&self) -> bool {
        matches!(self.shape.scan, Scan::TopFieldFirst | Scan::BottomFieldFirst)
    }

    /// Pictures of a frame: one, or two fields.
    pub(super) fn pictures(&self) -> usize {
        if self.is_interlaced() { 2 } else { 1 }
    }

    /// Lines of a picture, in the order of time.
    pub(super) fn lines(&self, picture: usize) -> usize {
        let height = usize::from(self.shape.height);
        match self.shape.scan {
            Scan::TopFieldFirst => (height + 1 - picture) / 2,
            Scan::BottomFieldFirst => (height + picture) / 2,
            _ => height,
        }
    }

    /// How a picture is cut into slices.
    pub(super) fn grid(&self, picture: usize) -> Grid {
        let columns = usize::from(self.shape.width).div_ceil(16);
        let rows = self.lines(picture).div_ceil(16);
        Grid { columns, rows, slice_log2: self.slice_log2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_is_exact_with_every_weight_that_writers_use_and_text_is_bright() {
        for weight in [2, 4, 5, 7, 8, 14] {
            let Tones { quantiser, black, lit } = Tones::of_weight(weight);
            let step = i32::from(weight) * i32::from(quantiser);
            let level = |dc: i32| f64::from(dc * step) / 32.0;
            let (black, lit) = (level(black), level(lit));
            assert!((black + 448.0).abs() < 0.1, "{weight}: {black}");
            assert!((388.0..=428.0).contains(&lit), "{weight}: {lit}");
        }
        let ours = Tones { quantiser: 128, black: -28, lit: 26 };
        assert_eq!(Tones::of_weight(4), ours);
        for weight in 1..=u8::MAX {
            let Tones { quantiser, black, lit } = Tones::of_weight(weight);
            let step = i32::from(weight) * i32::from(quantiser);
            assert!(lit * step <= WHITE * 32 && -black * step < 512 * 32, "{weight}");
        }
    }
}
