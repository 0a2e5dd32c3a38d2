//! A frame with other slices: its new headers and tables, and what of the old bytes goes between them.
//!
//! - In: a [`SliceMap`], and what replaces some of its slices.
//! - Out: [`Rebuilt`]: parts that follow one another.
//! - Holds: all bytes that are not sizes, table or replaced slices are those of the old frame; the sizes are those of the parts.
//! - Not here: whether the slices fit (`map`).
//!
//! References: RDD 36, 5.1 to 5.3.

use std::ops::Range;

use super::map::{PictureMap, SliceMap};
use crate::picture::slices::Slice;

/// A slice that is replaced.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The picture, and the slice of it, each from 0.
    pub picture: usize,
    /// The slice of the picture, from 0.
    pub slice: usize,
    /// What replaces it.
    pub with: With<'a>,
}

/// What replaces a slice.
#[derive(Debug, Clone)]
pub enum With<'a> {
    /// A slice without alpha; and the slice's own header, whose alpha is kept.
    Colors(&'a [u8], Option<[u8; 8]>),
    /// A slice of another frame: its bytes in that frame's sample.
    Other(Range<usize>),
}

/// Some bytes of a rebuilt frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Bytes of [`Rebuilt::made`].
    Made(Range<usize>),
    /// Bytes of the old sample.
    Kept(Range<usize>),
    /// Bytes of the other frame's sample.
    Other(Range<usize>),
}

/// A frame with other slices.
#[derive(Debug, Clone, Default)]
pub struct Rebuilt {
    /// What neither sample has.
    pub made: Vec<u8>,
    /// All of the frame, in order.
    pub parts: Vec<Part>,
}

impl Part {
    /// Bytes of it.
    pub fn len(&self) -> usize {
        match self {
            Part::Made(range) | Part::Kept(range) | Part::Other(range) => range.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Rebuilt {
    /// Puts slices into a frame.
    ///
    /// - `changes`: by picture and slice.
    /// - Returns: `None` if a slice or the frame would be longer than its size can state.
    ///
    /// # Panics
    /// If a change is of no slice, or they are not in order.
    pub fn new(map: &SliceMap, changes: &[Change<'_>]) -> Option<Self> {
        let mut rebuilt = Self::default();
        rebuilt.make(&map.head);
        let mut end = map.head.len();
        for (nth, picture) in map.pictures.iter().enumerate() {
            let from = changes.partition_point(|change| change.picture < nth);
            let to = changes.partition_point(|change| change.picture <= nth);
            rebuilt.picture(picture, &changes[from..to])?;
            end = picture.range.end;
        }
        rebuilt.push(Part::Kept(end..map.len));
        // What the frame states of its size may leave out what lies behind it.
        let stated = u32::from_be_bytes(*map.head.first_chunk()?);
        let grown = i64::try_from(rebuilt.len()).ok()? - i64::try_from(map.len).ok()?;
        let stated = u32::try_from(i64::from(stated).saturating_add(grown).max(0)).ok()?;
        rebuilt.made[..4].copy_from_slice(&stated.to_be_bytes());
        u32::try_from(rebuilt.len()).ok().map(|_| rebuilt)
    }

    /// Bytes of the frame.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn picture(&mut self, picture: &PictureMap, changes: &[Change<'_>]) -> Option<()> {
        let header = self.make(&picture.header);
        let table = self.make(picture.table.as_flattened());
        let (before, mut changes) = (self.len(), changes.iter().peekable());
        let mut end = picture.slices_at();
        for (nth, slice) in picture.slices().enumerate() {
            end = slice.end;
            let Some(change) = changes.next_if(|change| change.slice == nth) else {
                self.push(Part::Kept(slice));
                continue;
            };
            let len = match &change.with {
                With::Other(range) => {
                    self.push(Part::Other(range.clone()));
                    range.len()
                }
                With::Colors(bytes, None) => self.make(bytes).len(),
                With::Colors(bytes, Some(own)) => {
                    let alpha = alpha_of(own, &slice)?;
                    let len = self.make(&with_alpha(bytes)?).len() + alpha.len();
                    self.push(Part::Kept(alpha));
                    len
                }
            };
            let at = table.start + 2 * nth;
            self.made[at..at + 2].copy_from_slice(&u16::try_from(len).ok()?.to_be_bytes());
        }
        assert!(changes.next().is_none(), "changes are of slices, in order");
        self.push(Part::Kept(end..picture.range.end));
        let len = header.len() + table.len() + (self.len() - before);
        let len = u32::try_from(len).ok()?;
        self.made[header.start + 1..header.start + 5].copy_from_slice(&len.to_be_bytes());
        Some(())
    }

    /// Adds bytes that neither sample has; returns where they are among them.
    fn make(&mut self, bytes: &[u8]) -> Range<usize> {
        let range = self.made.len()..self.made.len() + bytes.len();
        self.made.extend_from_slice(bytes);
        self.push(Part::Made(range.clone()));
        range
    }

    /// Adds a part, to the one before where it continues that.
    fn push(&mut self, part: Part) {
        match (self.parts.last_mut(), &part) {
            _ if part.is_empty() => {}
            (Some(Part::Made(last)), Part::Made(next))
            | (Some(Part::Kept(last)), Part::Kept(next))
            | (Some(Part::Other(last)), Part::Other(next))
                if last.end == next.start =>
            {
                last.end = next.end;
            }
            _ => self.parts.push(part),
        }
    }
}

/// Where the alpha of a slice is, by its header; `None` if that does not fit it.
fn alpha_of(header: &[u8; 8], slice: &Range<usize>) -> Option<Range<usize>> {
    let header_len = usize::from(header[0] >> 3);
    if header_len < 8 {
        // It states no size of Cr, so there is nothing behind it.
        return Some(slice.end..slice.end);
    }
    let words = header[2..].as_chunks::<2>().0;
    let colors = words.iter().map(|word| usize::from(u16::from_be_bytes(*word))).sum::<usize>();
    let start = slice.start + header_len + colors;
    (start <= slice.end).then_some(start..slice.end)
}

/// A slice with a header that states the size of Cr, so that alpha can follow.
fn with_alpha(slice: &[u8]) -> Option<Vec<u8>> {
    let Slice { luma, cb, cr, .. } = Slice::parse(slice)?;
    let mut bytes = vec![8 << 3, slice[1]];
    for component in [luma, cb, cr] {
        bytes.extend(u16::try_from(component.len()).ok()?.to_be_bytes());
    }
    [luma, cb, cr].into_iter().for_each(|component| bytes.extend(component));
    Some(bytes)
}
