//! Where the slices of a frame are, by its headers and tables alone.
//!
//! - In: the length of a sample, and a closure that reads parts of it.
//! - Out: [`SliceMap`].
//! - Holds: every slice lies in its picture, every picture in the sample, none on top of another. Memory is bounded by the bytes of
//!   the tables that the sample has.
//! - Not here: what the slices hold.
//!
//! References: RDD 36, 5.1 (frame header), 5.2 (picture header), 6.2.

use std::ops::Range;

use crate::picture::flat::FrameKind;
use crate::picture::frame::CodedFrame;
use crate::picture::slices::{Grid, SLICE_LOG2_MAX};
use crate::picture::{AlphaDepth, PictureError};

/// Bytes that are read at once: the headers and the table of nearly all frames.
const READ_FIRST: usize = 4096;

/// Bytes of a picture's header, at least.
const PICTURE_HEADER_LEN: usize = 8;

/// Fills a buffer with the bytes of a sample from an offset on, which it has.
pub type ReadSample<'r, E> = dyn FnMut(&mut [u8], usize) -> Result<(), E> + 'r;

/// The slices of a frame.
#[derive(Debug, Clone)]
pub struct SliceMap {
    frame: CodedFrame<'static>,
    /// Bytes of the sample.
    pub(super) len: usize,
    /// The sample's bytes before its first picture.
    pub(super) head: Vec<u8>,
    pub(super) pictures: Vec<PictureMap>,
}

/// The slices of a picture.
#[derive(Debug, Clone)]
pub(super) struct PictureMap {
    /// Its bytes in the sample.
    pub(super) range: Range<usize>,
    pub(super) header: Vec<u8>,
    /// The length of each slice.
    pub(super) table: Vec<[u8; 2]>,
    pub(super) grid: Grid,
}

impl PictureMap {
    /// Where its first slice begins in the sample.
    pub(super) fn slices_at(&self) -> usize {
        self.range.start + self.header.len() + 2 * self.table.len()
    }

    /// The bytes of each slice in the sample.
    pub(super) fn slices(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut at = self.slices_at();
        self.table.iter().map(move |len| {
            let start = at;
            at += usize::from(u16::from_be_bytes(*len));
            start..at
        })
    }
}

impl SliceMap {
    /// Reads a frame's headers and tables.
    ///
    /// - `len`: bytes of the sample.
    /// - Cost: one read of at most 4 KiB; a further one for a longer table, and for the second field.
    ///
    /// # Errors
    /// As `read` gave it; within, [`PictureError`] for a frame that is damaged.
    pub fn read<E>(
        len: usize,
        read: &mut ReadSample<'_, E>,
    ) -> Result<Result<Self, PictureError>, E> {
        let mut first = vec![0; len.min(READ_FIRST)];
        read(&mut first, 0)?;
        let (frame, head_len) = match CodedFrame::head(&first) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let mut map = Self { frame, len, head: first[..head_len].to_vec(), pictures: Vec::new() };
        let mut at = head_len;
        for nth in 0..if map.frame.is_interlaced() { 2 } else { 1 } {
            let mut part = |range: Range<usize>| -> Result<Option<Vec<u8>>, E> {
                if let Some(bytes) = first.get(range.clone()) {
                    return Ok(Some(bytes.to_vec()));
                }
                if range.end > len {
                    return Ok(None);
                }
                let mut bytes = vec![0; range.len()];
                read(&mut bytes, range.start)?;
                Ok(Some(bytes))
            };
            match map.picture(nth, at, &mut part)? {
                Ok(picture) => {
                    at = picture.range.end;
                    map.pictures.push(picture);
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(map))
    }

    /// Reads a picture that begins at `at`.
    fn picture<E>(
        &self,
        nth: usize,
        at: usize,
        part: &mut impl FnMut(Range<usize>) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Result<PictureMap, PictureError>, E> {
        let damaged =
            |what, value: usize| Ok(Err(PictureError::Header { what, value: value as u64 }));
        let fixed = part(at..at + PICTURE_HEADER_LEN)?;
        let Some(&[first, a, b, c, d, high, low, sizes]) =
            fixed.as_deref().and_then(<[u8]>::first_chunk)
        else {
            return damaged("the length of its picture", self.len.saturating_sub(at));
        };
        let (header_len, stated) =
            (usize::from(first >> 3), u32::from_be_bytes([a, b, c, d]) as usize);
        let slice_log2 = u32::from(sizes >> 4);
        if slice_log2 > SLICE_LOG2_MAX || sizes & 15 != 0 {
            return damaged("the size of its slices", sizes.into());
        }
        let grid = self.frame.grid(nth, (slice_log2, u16::from_be_bytes([high, low]).into()));
        let table_at = at + header_len;
        let end = at.saturating_add(stated);
        let table_len = 2 * grid.slices();
        if header_len < PICTURE_HEADER_LEN || end > self.len || table_at + table_len > end {
            return damaged("the length of its picture", stated);
        }
        let (Some(header), Some(table)) =
            (part(at..table_at)?, part(table_at..table_at + table_len)?)
        else {
            return damaged("the length of its picture", stated);
        };
        let table = table.as_chunks().0.to_vec();
        let picture = PictureMap { range: at..end, header, table, grid };
        match picture.slices().last() {
            Some(last) if last.end <= end => Ok(Ok(picture)),
            last => damaged("the length of its slices", last.map_or(0, |last| last.end - at)),
        }
    }

    /// What decides which slices of text fit; `None` if its blocks have no brightness (a weight of 0).
    pub fn kind(&self) -> Option<FrameKind> {
        let header = self.frame.header();
        Some(FrameKind {
            width: header.width,
            height: header.height,
            chroma: header.chroma,
            scan: header.scan,
            slice_log2: self.pictures.first()?.grid.slice_log2,
            weight: Some(self.frame.luma_matrix[0]).filter(|&weight| weight > 0)?,
        })
    }

    /// Pictures of the frame: one, or two fields.
    pub fn picture_count(&self) -> usize {
        self.pictures.len()
    }

    /// Slices of each row of macroblocks.
    pub fn slices_in_row(&self) -> usize {
        self.pictures.first().map_or(0, |picture| picture.grid.slices_in_row())
    }

    /// Slices of a picture.
    pub fn slice_count(&self, picture: usize) -> usize {
        self.pictures[picture].table.len()
    }

    /// The macroblock at which each slice of a row begins, and how many there are in the row.
    pub fn boundaries(&self) -> (Vec<usize>, usize) {
        let grid = self.pictures.first().map(|picture| picture.grid);
        let begins = grid.iter().flat_map(Grid::row).map(|(first, _)| first).collect();
        (begins, grid.map_or(0, |grid| grid.columns))
    }

    /// The bytes of some slices of a picture, in the sample.
    ///
    /// - `wanted`: in order.
    pub fn slices(&self, picture: usize, wanted: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
        let mut slices = self.pictures[picture].slices().enumerate();
        wanted.filter_map(|wanted| slices.find(|(nth, _)| *nth == wanted)).map(|it| it.1).collect()
    }

    /// Whether its slices have alpha behind their colours.
    pub fn has_alpha(&self) -> bool {
        self.frame.alpha().is_some()
    }

    /// In what its slices differ from another frame's, so that they do not fit one another; `None` if they fit.
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        let (mine, theirs) = (self.frame.header(), other.frame.header());
        let sliced = |map: &Self| map.pictures.iter().map(|it| it.grid).collect::<Vec<_>>();
        let alpha = |map: &Self| map.frame.alpha() == Some(AlphaDepth::Sixteen);
        let matrices = |map: &Self| (map.frame.luma_matrix, map.frame.chroma_matrix);
        [
            ((mine.width, mine.height) != (theirs.width, theirs.height), "size in pixels"),
            (mine.chroma != theirs.chroma, "chroma format"),
            (mine.scan != theirs.scan, "fields"),
            (self.has_alpha() != other.has_alpha() || alpha(self) != alpha(other), "alpha channel"),
            (matrices(self) != matrices(other), "quantisation matrices"),
            (sliced(self) != sliced(other), "width of slices"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }
}
