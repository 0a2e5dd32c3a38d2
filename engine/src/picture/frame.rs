//! A coded frame: its header, its one or two pictures and their tables of slices, as views of the sample.
//!
//! - In: the bytes of one sample.
//! - Out: [`CodedFrame`].
//! - Holds: nothing is allocated from a size that the header claims: a frame with more slices than its sample has room for
//!   is refused. What writers do although RDD 36 forbids it is read: version 0 with 4:4:4, a wrong number of slices, bytes
//!   behind the frame or a picture.
//! - Not here: the fields that every splice needs (`codec`), the slices themselves (`slices`).
//!
//! References: RDD 36, 5.1 (frame header), 5.2 (picture header), 6.1, 6.2.

use std::ops::Range;

use super::slices::{Grid, SLICE_LOG2_MAX, Slice};
use crate::codec::{Chroma, FrameHeader, Scan, prores_frame_header};

/// Bytes of the smallest slice: its entry in the table, and its header.
const SLICE_LEN_MIN: usize = 8;

/// Pixels of a macroblock, across and down.
pub(super) const MACROBLOCK: usize = 16;

/// Where the frame header begins in a sample.
const HEADER_AT: usize = 8;

/// The fixed part of the frame header, in bytes.
const HEADER_LEN_MIN: usize = 20;

/// The matrix of a frame that has none.
const FLAT: [u8; 64] = [4; 64];

/// Why a sample is no frame that can be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// It does not begin like a frame.
    #[error("it does not begin like a ProRes frame")]
    NoHeader,
    /// A part of the header is not what RDD 36 allows.
    #[error("its header is damaged: {what} is {value}")]
    Header {
        /// The field.
        what: &'static str,
        /// What it states.
        value: u64,
    },
    /// The sample cannot hold the picture.
    #[error(
        "its picture is {len} bytes long, too short for the {slices} slices of {width}x{height} pixels"
    )]
    TooShort {
        /// Bytes of the picture that the sample has.
        len: usize,
        /// Slices that the picture has by its size.
        slices: usize,
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
}

/// How exact an alpha channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlphaDepth {
    /// 0 to 255.
    Eight,
    /// 0 to 65535.
    Sixteen,
}

/// A frame, not yet decoded.
#[derive(Debug, Clone)]
pub struct CodedFrame<'a> {
    header: FrameHeader,
    alpha: Option<AlphaDepth>,
    /// Weights of the coefficients, row by row.
    pub(super) luma_matrix: [u8; 64],
    pub(super) chroma_matrix: [u8; 64],
    /// One picture, or two fields in the order of time; a field that the sample does not hold is missing.
    pub(super) pictures: [Option<CodedPicture<'a>>; 2],
}

/// A whole picture, or a field of one.
#[derive(Debug, Clone)]
pub(super) struct CodedPicture<'a> {
    pub(super) grid: Grid,
    table: &'a [[u8; 2]],
    /// From the picture's header on.
    bytes: &'a [u8],
    /// Where each row of slices begins.
    row_starts: Vec<usize>,
}

impl<'a> CodedFrame<'a> {
    /// Reads a frame's headers and tables.
    ///
    /// - Cost: O(slices); one small allocation for each picture.
    ///
    /// # Errors
    /// [`PictureError`] if the sample is no frame, or is too short for the picture that it claims to be.
    pub fn parse(sample: &'a [u8]) -> Result<Self, PictureError> {
        let (mut frame, first_picture) = Self::head(sample)?;
        frame.read_pictures(sample, first_picture)?;
        Ok(frame)
    }

    /// Reads a frame's header alone.
    ///
    /// - Returns: the frame without its pictures, and where the first of them begins.
    pub(super) fn head(sample: &[u8]) -> Result<(Self, usize), PictureError> {
        let header = prores_frame_header(sample).ok_or(PictureError::NoHeader)?;
        let damaged = |what, value| Err(PictureError::Header { what, value });
        let header_len = u16::from_be_bytes([sample[8], sample[9]]);
        let version = u16::from_be_bytes([sample[10], sample[11]]);
        if version > 1 {
            return damaged("its version", version.into());
        }
        if header.width == 0 || header.height == 0 {
            return damaged("its width or height", 0);
        }
        if let Chroma::Unknown(format) = header.chroma {
            return damaged("its chroma format", format.into());
        }
        if let Scan::Unknown(mode) = header.scan {
            return damaged("its interlace mode", mode.into());
        }
        let first_picture = HEADER_AT + usize::from(header_len);
        let matrices = matrices(sample, first_picture);
        let Some((luma_matrix, chroma_matrix)) = matrices else {
            return damaged("its size", header_len.into());
        };
        let alpha = match sample[25] & 15 {
            1 => Some(AlphaDepth::Eight),
            2 => Some(AlphaDepth::Sixteen),
            _ => None,
        };
        let pictures = [None, None];
        Ok((Self { header, alpha, luma_matrix, chroma_matrix, pictures }, first_picture))
    }

    /// What the header says of the picture.
    pub fn header(&self) -> &FrameHeader {
        &self.header
    }

    /// How exact the alpha channel is; `None` without one.
    pub fn alpha(&self) -> Option<AlphaDepth> {
        self.alpha
    }

    /// Whether it is two fields.
    pub fn is_interlaced(&self) -> bool {
        self.header.scan != Scan::Progressive
    }

    /// Which lines of the frame a picture has: all, or every second one from this on.
    pub(super) fn first_line(&self, picture: usize) -> usize {
        match self.header.scan {
            Scan::BottomFieldFirst => 1 - picture,
            _ => picture,
        }
    }

    fn read_pictures(&mut self, sample: &'a [u8], first: usize) -> Result<(), PictureError> {
        let count = if self.is_interlaced() { 2 } else { 1 };
        let mut at = first;
        for nth in 0..count {
            let bytes = sample.get(at..).unwrap_or_default();
            match CodedPicture::parse(bytes, |stated| self.grid(nth, stated)) {
                Ok((picture, len)) => {
                    self.must_fit(&picture.grid, bytes.len())?;
                    at = at.saturating_add(len);
                    self.pictures[nth] = Some(picture);
                }
                // One field can be shown without the other.
                Err(error) if nth == 0 => return Err(error),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Refuses a picture with more slices than its bytes can hold.
    fn must_fit(&self, grid: &Grid, len: usize) -> Result<(), PictureError> {
        let slices = grid.slices();
        let FrameHeader { width, height, .. } = self.header;
        if slices.saturating_mul(SLICE_LEN_MIN) > len {
            return Err(PictureError::TooShort { len, slices, width, height });
        }
        Ok(())
    }

    /// How a picture is cut.
    ///
    /// - `stated`: the number of slices by its header. Of a frame of fields with an odd number of lines, some writers
    ///   give the shorter field as many rows as the longer one; only this number tells.
    pub(super) fn grid(&self, picture: usize, (slice_log2, stated): (u32, usize)) -> Grid {
        let columns = usize::from(self.header.width).div_ceil(MACROBLOCK);
        let height = usize::from(self.header.height);
        let lines = match self.is_interlaced() {
            true => (height + 1 - self.first_line(picture)) / 2,
            false => height,
        };
        let grid = Grid { columns, rows: lines.div_ceil(MACROBLOCK), slice_log2 };
        let longer = Grid { rows: height.div_ceil(2 * MACROBLOCK), ..grid };
        if self.is_interlaced() && longer.slices() == stated { longer } else { grid }
    }
}

/// The matrices of a frame whose header ends at `end`: luma's, chroma's. `None` if the header has no room for them.
fn matrices(sample: &[u8], end: usize) -> Option<([u8; 64], [u8; 64])> {
    let flags = sample[27];
    let mut rest = sample.get(HEADER_AT + HEADER_LEN_MIN..end)?;
    let mut matrix = |is_there: bool| -> Option<Option<[u8; 64]>> {
        if !is_there {
            return Some(None);
        }
        let (matrix, behind) = rest.split_first_chunk::<64>()?;
        rest = behind;
        Some(Some(*matrix))
    };
    let luma = matrix(flags & 2 != 0)?.unwrap_or(FLAT);
    let chroma = matrix(flags & 1 != 0)?.unwrap_or(luma);
    Some((luma, chroma))
}

impl<'a> CodedPicture<'a> {
    /// Reads a picture's header and table.
    ///
    /// - `grid`: cuts a picture with slices of 2^n macroblocks and so many slices by its header.
    /// - Returns: the picture, and how many bytes it has by its header.
    fn parse(
        bytes: &'a [u8],
        grid: impl FnOnce((u32, usize)) -> Grid,
    ) -> Result<(Self, usize), PictureError> {
        let damaged = |what, value| Err(PictureError::Header { what, value });
        let Some(&[len, a, b, c, d, slices_a, slices_b, sizes]) = bytes.first_chunk() else {
            return damaged("the length of its picture", bytes.len() as u64);
        };
        let header_len = usize::from(len >> 3);
        let stated = u32::from_be_bytes([a, b, c, d]) as usize;
        if header_len < 8 || stated < header_len {
            return damaged("the length of its picture", stated as u64);
        }
        let (slice_log2, slice_rows) = (u32::from(sizes >> 4), sizes & 15);
        if slice_log2 > SLICE_LOG2_MAX || slice_rows != 0 {
            return damaged("the size of its slices", sizes.into());
        }
        let grid = grid((slice_log2, u16::from_be_bytes([slices_a, slices_b]).into()));
        let bytes = &bytes[..stated.min(bytes.len())];
        let table_len = 2 * grid.slices();
        let table = bytes.get(header_len..header_len + table_len);
        let Some(table) = table.map(|table| table.as_chunks().0) else {
            return damaged("the length of its picture", bytes.len() as u64);
        };
        let mut at = header_len + table_len;
        let rows = table.chunks(grid.slices_in_row());
        let row_starts = rows.map(|row| {
            let start = at;
            at += row.iter().map(|len| usize::from(u16::from_be_bytes(*len))).sum::<usize>();
            start
        });
        let row_starts = row_starts.collect();
        Ok((Self { grid, table, bytes, row_starts }, stated))
    }

    /// The slices of a row, each with its macroblocks; `None` in place of one that cannot be read.
    pub(super) fn row(
        &self,
        row: usize,
    ) -> impl Iterator<Item = (Range<usize>, Option<Slice<'a>>)> + use<'a> {
        let count = self.grid.slices_in_row();
        let table: &'a [[u8; 2]] =
            self.table.get(row * count..(row + 1) * count).unwrap_or_default();
        let (bytes, mut at) = (self.bytes, self.row_starts.get(row).copied().unwrap_or(0));
        table.iter().zip(self.grid.row()).map(move |(len, (first, macroblocks))| {
            let start = at;
            at += usize::from(u16::from_be_bytes(*len));
            let slice = bytes.get(start..at).and_then(Slice::parse);
            (first..first + macroblocks, slice)
        })
    }
}
