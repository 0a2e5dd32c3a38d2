//! Codes one slice.
//!
//! - In: the picture, the slice's place, the quantiser.
//! - Out: its bytes.
//! - Holds: a slice is at most as long as its table can state: if it is longer, its quantiser is doubled.
//! - Not here: the table of slices (`encode`).
//!
//! References: RDD 36, 5.3, 6.3.

use super::component::{write_dcs, write_levels};
use super::transform::{Block, levels, steps};
use super::{CHROMA_MATRIX, LUMA_MATRIX, Picture422};
use crate::picture::bits::BitWriter;
use crate::picture::decode::{Blocks, PROGRESSIVE};
use crate::picture::entropy::BLOCKS_MAX;
use crate::picture::frame::MACROBLOCK;

/// Bytes of a slice's header.
const HEADER_LEN: u8 = 6;

/// The coarsest quantiser: far more than any slice needs.
const COARSEST: u8 = 128;

/// The middle of 10 bits.
const MIDDLE: f32 = 512.0;

/// Where a slice is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Pixels of the picture.
    pub(super) size: [usize; 2],
    /// Its row of macroblocks.
    pub(super) row: usize,
    /// Its first macroblock, and how many it has.
    pub(super) first: usize,
    pub(super) count: usize,
}

/// Codes slices, in memory that is used again.
#[derive(Debug, Default)]
pub(super) struct SliceCoder {
    levels: Vec<[i16; 64]>,
    writer: BitWriter,
}

impl SliceCoder {
    /// Adds the bytes of a slice to `sample`.
    pub(super) fn code(
        &mut self,
        picture: &Picture422<'_>,
        place: Place,
        quantiser: u8,
        sample: &mut Vec<u8>,
    ) {
        let start = sample.len();
        let mut quantiser = quantiser;
        loop {
            sample.extend([HEADER_LEN << 3, quantiser, 0, 0, 0, 0]);
            let [width, _] = place.size;
            let luma = (picture.luma, width, Blocks::Luma, &LUMA_MATRIX);
            let [cb, cr] = [picture.cb, picture.cr]
                .map(|plane| (plane, width / 2, Blocks::HalfChroma, &CHROMA_MATRIX));
            let mut lens = [0; 3];
            for (len, (plane, width, blocks, matrix)) in lens.iter_mut().zip([luma, cb, cr]) {
                let from = sample.len();
                self.component(plane, width, blocks, &steps(matrix, quantiser), place, sample);
                *len = sample.len() - from;
            }
            let whole = u16::try_from(sample.len() - start);
            if let (Ok(_), [Ok(luma), Ok(cb), Ok(_)]) = (whole, lens.map(u16::try_from)) {
                sample[start + 2..][..2].copy_from_slice(&luma.to_be_bytes());
                sample[start + 4..][..2].copy_from_slice(&cb.to_be_bytes());
                return;
            }
            assert!(quantiser < COARSEST, "a slice of the coarsest quantiser is short");
            quantiser = quantiser.saturating_mul(2).min(COARSEST);
            sample.truncate(start);
        }
    }

    fn component(
        &mut self,
        plane: &[[u8; 2]],
        width: usize,
        blocks: Blocks,
        steps: &[f32; 64],
        place: Place,
        sample: &mut Vec<u8>,
    ) {
        let count = (place.count * blocks.per_macroblock()).min(BLOCKS_MAX);
        let across = blocks.per_macroblock() / 2;
        let height = place.size[1];
        self.levels.clear();
        for nth in 0..count {
            let (x, y) = blocks.place(nth);
            let corner = [8 * (place.first * across + x), MACROBLOCK * place.row + 8 * y];
            self.levels.push(levels(&block(plane, [width, height], corner), steps));
        }
        let all = &self.levels;
        write_dcs(&mut self.writer, all.iter().map(|block| block[0].into()));
        let orders = PROGRESSIVE[1..].iter().map(|&at| usize::from(at));
        write_levels(
            &mut self.writer,
            orders.flat_map(|at| all.iter().map(move |block| block[at])),
        );
        self.writer.finish_into(sample);
    }
}

/// The samples of a block less the middle; those outside of the plane are the nearest ones in it.
fn block(plane: &[[u8; 2]], [width, height]: [usize; 2], [left, top]: [usize; 2]) -> Block {
    let mut block = [[0.0; 8]; 8];
    for (line, row) in block.iter_mut().enumerate() {
        let samples = &plane[(top + line).min(height - 1) * width..][..width];
        for (column, value) in row.iter_mut().enumerate() {
            let sample = samples[(left + column).min(width - 1)];
            *value = f32::from(u16::from_le_bytes(sample)) - MIDDLE;
        }
    }
    block
}
