//! How dark a picture is, by the means of its blocks.
//!
//! - In: a picture at an eighth of its size: brightness alone.
//! - Out: [`Darkness`].
//! - Holds: only blocks that lie in the picture whole are counted, since writers fill the others with what they like.
//! - Not here: from when on a picture counts as black by eye; that is [`Darkness::is_black`] and no more.

use crate::picture::{CodedFrame, Plane, Planes};

/// Black and white of video, at 8 bits.
const BLACK: u32 = 16;
const WHITE: u32 = 235;

/// The share of blocks, in thousandths, that are black in a black picture: noise and what compression leaves may be brighter.
const BLACK_BLOCKS_PER_MILLE: usize = 980;

/// How dark a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Darkness {
    /// Whole blocks of the picture.
    pub blocks: usize,
    /// Those that are at most a hundredth of the way from black to white.
    pub black: usize,
    /// Those that are more than a tenth of the way.
    pub bright: usize,
}

impl Darkness {
    /// Counts the blocks of a picture.
    ///
    /// - `planes`: the frame's brightness at an eighth.
    /// - Cost: one pass over the blocks.
    pub fn of(frame: &CodedFrame<'_>, planes: &Planes) -> Self {
        let unit = 1 << (planes.depth - 8);
        let above = |percent| {
            let level = BLACK * unit + (WHITE - BLACK) * unit * percent / 100;
            u16::try_from(level).unwrap_or(u16::MAX)
        };
        let (black, bright) = (above(1), above(10));
        let header = frame.header();
        let luma = &planes.luma;
        let columns = whole(header.width.into(), luma.width());
        let rows = match frame.is_interlaced() {
            // Rows of blocks take turns, and each field has its own partial one at the end.
            true => 2 * whole(usize::from(header.height) / 2, luma.height()),
            false => whole(header.height.into(), luma.height()),
        };
        let mut found = Self { blocks: 0, black: 0, bright: 0 };
        for row in rows_of(luma, rows) {
            let row = &row[..columns];
            found.blocks += row.len();
            found.black += row.iter().filter(|&&sample| sample <= black).count();
            found.bright += row.iter().filter(|&&sample| sample > bright).count();
        }
        found
    }

    /// Whether the picture is black: nearly all blocks are, and none is bright. A title or a few stars on black are not.
    pub fn is_black(&self) -> bool {
        self.bright == 0 && self.black * 1000 >= self.blocks * BLACK_BLOCKS_PER_MILLE
    }
}

/// Blocks that lie whole in so many pixels; all of them if the picture is smaller than one.
fn whole(pixels: usize, blocks: usize) -> usize {
    if pixels < 8 { blocks } else { (pixels / 8).min(blocks) }
}

fn rows_of(plane: &Plane, count: usize) -> impl Iterator<Item = &[u16]> {
    plane.rows().take(count)
}
