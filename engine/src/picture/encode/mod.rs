//! Encodes frames of ProRes Proxy: 4:2:2, 10 bits, progressive, with one quantiser for a whole frame.
//!
//! ```text
//! planes ─▶ blocks ─▶ cosine transform ─▶ levels ─▶ codes ─▶ slices, their table ─▶ sample
//! ```
//!
//! - In: the samples of a picture, as [`Picture422`] has them.
//! - Out: [`ProxyEncoder`], which makes the bytes of a sample.
//! - Holds: the bytes depend on the picture and the quantiser alone. A slice that is too long for its table is coded more coarsely.
//!   What is outside of the picture repeats its edge. Nothing is allocated after the first picture.
//! - Not here: a rate: the same quantiser gives more bytes where there is more to see.
//!
//! References: SMPTE RDD 36:2022, 5 (syntax) and 7 (decoding, which this inverts); matrices are the encoder's own choice.

mod component;
mod slice;
mod transform;

pub(super) use component::write_dcs;

use super::frame::MACROBLOCK;
use super::slices::{Grid, SLICE_LOG2_MAX};
use crate::codec::color::ColorCodes;
use slice::SliceCoder;

/// Bytes of the frame header, with both matrices.
const HEADER_LEN: u16 = 148;

/// Bytes of the picture header.
const PICTURE_HEADER_LEN: u8 = 8;

/// What the header names as its maker.
const MAKER: &[u8; 4] = b"icut";

/// Weights of the coefficients, row by row: the higher the frequency, the coarser, and colour more so.
const LUMA_MATRIX: [u8; 64] = weights(3);
const CHROMA_MATRIX: [u8; 64] = weights(4);

const fn weights(step: u8) -> [u8; 64] {
    let mut weights = [0; 64];
    let mut at = 0_u8;
    while at < 64 {
        weights[at as usize] = 4 + step * (at % 8 + at / 8);
        at += 1;
    }
    weights
}

/// The samples of a picture: 10 bits in 16, low byte first.
#[derive(Debug, Clone, Copy)]
pub struct Picture422<'a> {
    /// Brightness, row by row.
    pub luma: &'a [[u8; 2]],
    /// Blue minus brightness, half as wide.
    pub cb: &'a [[u8; 2]],
    /// Red minus brightness, half as wide.
    pub cr: &'a [[u8; 2]],
}

/// Encodes pictures of one size.
#[derive(Debug, Clone)]
pub struct ProxyEncoder {
    size: [usize; 2],
    quantiser: u8,
    color: ColorCodes,
    grid: Grid,
}

/// What one thread needs to encode, once.
#[derive(Debug, Default)]
pub struct EncoderScratch(SliceCoder);

impl ProxyEncoder {
    /// - `size`: pixels across and down.
    /// - `quantiser`: 1 (finest) to 128.
    ///
    /// # Panics
    /// If a side is 0, odd across, or longer than a header can state; if there is no such quantiser.
    pub fn new(size: [usize; 2], quantiser: u8, color: ColorCodes) -> Self {
        let [width, height] = size;
        assert!((1..=128).contains(&quantiser), "quantiser {quantiser}");
        let is_stated = size.iter().all(|side| (1..=usize::from(u16::MAX)).contains(side));
        assert!(is_stated && width.is_multiple_of(2), "{width}x{height} pixels");
        let [columns, rows] = size.map(|side| side.div_ceil(MACROBLOCK));
        let grid = Grid { columns, rows, slice_log2: SLICE_LOG2_MAX };
        assert!(u16::try_from(grid.slices()).is_ok(), "more slices than a header can state");
        Self { size, quantiser, color, grid }
    }

    /// Encodes a picture.
    ///
    /// - `sample`: takes the bytes; what it held is gone.
    /// - Cost: a transform for each block, and its codes; on this thread.
    ///
    /// # Panics
    /// If the planes are not of the encoder's size.
    pub fn encode(
        &self,
        picture: &Picture422<'_>,
        scratch: &mut EncoderScratch,
        sample: &mut Vec<u8>,
    ) {
        let [width, height] = self.size;
        let lens = [picture.luma, picture.cb, picture.cr].map(<[_]>::len);
        let half = width / 2 * height;
        assert_eq!(lens, [width * height, half, half], "planes of another size");
        sample.clear();
        self.header(sample);
        let picture_at = sample.len();
        sample.extend(self.picture_header());
        let table_at = sample.len();
        sample.resize(table_at + 2 * self.grid.slices(), 0);
        let mut nth = 0;
        for row in 0..self.grid.rows {
            for (first, count) in self.grid.row() {
                let start = sample.len();
                let place = slice::Place { size: self.size, row, first, count };
                scratch.0.code(picture, place, self.quantiser, sample);
                let len = u16::try_from(sample.len() - start).expect("a slice fits its table");
                sample[table_at + 2 * nth..][..2].copy_from_slice(&len.to_be_bytes());
                nth += 1;
            }
        }
        let len = |from: usize| u32::try_from(sample.len() - from).expect("65535 slices are short");
        let (picture_len, frame_len) = (len(picture_at), len(0));
        sample[picture_at + 1..][..4].copy_from_slice(&picture_len.to_be_bytes());
        sample[..4].copy_from_slice(&frame_len.to_be_bytes());
    }

    /// `icpf`, and the frame header. RDD 36, 5.1.
    fn header(&self, sample: &mut Vec<u8>) {
        let [width, height] = self.size.map(|side| u16::try_from(side).expect("it was checked"));
        let code = |code: u16| u8::try_from(code).unwrap_or(2);
        let ColorCodes { primaries, transfer, matrix } = self.color;
        // The length comes at the end.
        sample.extend([0; 4]);
        sample.extend(b"icpf");
        sample.extend(HEADER_LEN.to_be_bytes());
        // Version 0: 4:2:2 without alpha.
        sample.extend([0, 0]);
        sample.extend(MAKER);
        sample.extend(width.to_be_bytes());
        sample.extend(height.to_be_bytes());
        // 4:2:2, progressive; no aspect, no rate.
        sample.extend([2 << 6, 0]);
        sample.extend([code(primaries), code(transfer), code(matrix)]);
        // No alpha; reserved; both matrices follow.
        sample.extend([0, 0, 3]);
        sample.extend(LUMA_MATRIX);
        sample.extend(CHROMA_MATRIX);
    }

    /// The picture header. RDD 36, 5.2.
    fn picture_header(&self) -> [u8; PICTURE_HEADER_LEN as usize] {
        let slices = u16::try_from(self.grid.slices()).expect("it was checked");
        let [high, low] = slices.to_be_bytes();
        let log2 = SLICE_LOG2_MAX.to_be_bytes()[3];
        [PICTURE_HEADER_LEN << 3, 0, 0, 0, 0, high, low, log2 << 4]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{CodedFrame, Components, Planes, Size};

    const COLOR: ColorCodes = ColorCodes { primaries: 1, transfer: 1, matrix: 1 };

    /// A picture that has everything: flat parts, ramps, noise.
    fn plane(width: usize, height: usize, seed: usize) -> Vec<[u8; 2]> {
        let level = |at: usize| {
            let (x, y) = (at % width, at / width);
            let noise = at.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 7 & 63;
            match (x / 24 + y / 24 + seed) % 3 {
                0 => 64 + (x * 3 + y * 2) % 800,
                1 => 500,
                _ => 400 + noise,
            }
        };
        (0..width * height).map(|at| u16::try_from(level(at)).unwrap().to_le_bytes()).collect()
    }

    /// The root of the mean square of what differs, of brightness and both colours.
    fn differences(size: [usize; 2], quantiser: u8) -> ([f64; 3], usize) {
        let [width, height] = size;
        let planes = [(width, 0), (width / 2, 1), (width / 2, 2)];
        let [luma, cb, cr] = planes.map(|(width, seed)| plane(width, height, seed));
        let picture = Picture422 { luma: &luma, cb: &cb, cr: &cr };
        let mut sample = Vec::new();
        let encoder = ProxyEncoder::new(size, quantiser, COLOR);
        encoder.encode(&picture, &mut EncoderScratch::default(), &mut sample);
        let frame = CodedFrame::parse(&sample).unwrap();
        assert_eq!(frame.header().color, Some(COLOR));
        let mut decoded = Planes::default();
        let damage = frame.decode(Size::Full, Components::Color, &mut decoded);
        assert_eq!(damage.damaged, 0, "{size:?}");
        let pairs = [(&luma, &decoded.luma), (&cb, &decoded.cb), (&cr, &decoded.cr)];
        let differences = pairs.map(|(original, decoded)| {
            let decoded = decoded.rows().flatten();
            let squares = original.iter().zip(decoded).map(|(original, decoded)| {
                let original = f64::from(u16::from_le_bytes(*original));
                (original - f64::from(*decoded)).powi(2)
            });
            (squares.sum::<f64>() / original.len() as f64).sqrt()
        });
        (differences, sample.len())
    }

    #[test]
    fn pictures_of_any_size_decode_to_nearly_what_they_were() {
        for size in [[16, 16], [128, 64], [130, 50], [250, 34], [2, 1]] {
            let (found, _) = differences(size, 2);
            assert!(found.iter().all(|&it| it < 6.0), "{size:?}: {found:?}");
        }
    }

    #[test]
    fn coarser_quantisers_give_fewer_bytes_and_larger_differences() {
        let found = [1, 4, 16, 64, 128].map(|quantiser| differences([256, 128], quantiser));
        for pair in found.windows(2) {
            let [(fine, long), (coarse, short)] = pair else { unreachable!("windows of two") };
            assert!(coarse[0] > fine[0] && short < long, "{found:?}");
        }
        assert!(found[0].0[0] < 1.5, "{found:?}");
    }
}
