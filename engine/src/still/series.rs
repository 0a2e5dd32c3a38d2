//! Shows many frames of a movie: on all threads, in bounded memory.
//!
//! ```text
//! frames ─▶ pictures ─▶ look: a slab for each sample ─▶ decoded and drawn by one thread ─▶ what the caller makes of it
//! ```
//!
//! - In: an open movie, frames of its timeline, a size; what is to be kept of each picture.
//! - Out: for each frame what was kept, or [`NotShown`].
//! - Holds: a frame that is not of the movie's raster is not decoded, so memory is reckoned by the movie and by no frame.
//! - Not here: JPEG (the command).

use std::sync::{Mutex, PoisonError};

use intercut_io::Control;

use super::StillError;
use crate::codec::{self, Chroma, FrameFault, FrameHeader, FrameKind, Scan};
use crate::discover::OpenMovie;
use crate::display::{Colors, Rgb, decoded_size, draw_alone};
use crate::look::{Look, LookError, Presented, presented_each};
use crate::picture::{CodedFrame, Damage, PictureError, Planes, Size};

/// What was kept of a frame.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Shown<T> {
    /// What the caller made of the picture.
    pub picture: T,
    /// What its numbers meant, and whether it is tone-mapped.
    pub colors: Colors,
    /// What could not be decoded, and is grey.
    pub damage: Damage,
}

/// Why there is no picture of a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotShown {
    /// A frame outside of the movie, or of an empty edit.
    #[error("it shows no picture")]
    Nothing,
    /// Its sample is no frame of the movie.
    #[error(transparent)]
    Frame(#[from] FrameFault),
    /// Its sample cannot be taken apart.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// None of its slices can be decoded.
    #[error("none of its {slices} slices can be decoded")]
    Slices {
        /// How many it has.
        slices: usize,
    },
}

/// Frames of a movie that are to be shown.
#[derive(Debug)]
pub struct Series<'a> {
    movie: &'a OpenMovie,
    /// Of each frame; `None` if it shows nothing.
    pictures: Vec<Option<Presented>>,
    size: Size,
}

impl<'a> Series<'a> {
    /// Finds the samples of frames.
    ///
    /// - `frames`: of the movie's timeline, counted from 0, in any order.
    ///
    /// # Errors
    /// [`StillError::Codec`] if the movie is not ProRes.
    pub fn of(movie: &'a OpenMovie, frames: &[u64], size: Size) -> Result<Self, StillError> {
        let codec = movie.movie.video_format().description.codec;
        if !codec::is_prores(codec) {
            return Err(StillError::Codec { path: movie.source.path().to_owned(), codec });
        }
        Ok(Self { movie, pictures: presented_each(&movie.movie, frames), size })
    }

    /// Bytes that [`Series::show`] reads.
    pub fn bytes(&self) -> u64 {
        self.presented().map(|picture| picture.sample.range.len).sum()
    }

    /// Shows the frames.
    ///
    /// - `budget`: bytes of memory for samples and pictures.
    /// - `control`: bytes are added as they are read; the caller says how many there are.
    /// - `keep`: what is kept of a picture; called on any thread, and may use as much memory as the picture has.
    /// - Returns: one entry for each frame, in the order of the frames.
    /// - Cost: one read of each sample; decoding by what the size needs.
    ///
    /// # Errors
    /// [`LookError`] if the file cannot be read, the budget has no room for a frame, or the run was cancelled.
    pub fn show<T: Send>(
        &self,
        budget: u64,
        control: &Control,
        keep: impl Fn(&Rgb) -> T + Sync,
    ) -> Result<Vec<Result<Shown<T>, NotShown>>, LookError> {
        let format = self.movie.movie.video_format();
        let room = format.frame_header.map_or(0, |header| room(&header, self.size));
        let look = Look::with_room(self.movie, self.presented(), room, budget)?;
        let kind = FrameKind::of(format.description.codec, format.frame_header);
        // Pictures that nobody is drawing.
        let spare: Mutex<Vec<Rgb>> = Mutex::default();
        let spare = || spare.lock().unwrap_or_else(PoisonError::into_inner);
        let work = |_: &Presented, bytes: &[u8], planes: &mut Planes| {
            let frame = coded(&kind, bytes)?;
            let colors = Colors::of(&format.description, frame.header());
            let mut picture = spare().pop().unwrap_or_default();
            let size = size_within(room, frame.header(), self.size);
            let damage = draw_alone(&frame, &colors, size, planes, &mut picture);
            let slices = damage.slices;
            let kept = (!damage.is_total()).then(|| keep(&picture));
            spare().push(picture);
            let picture = kept.ok_or(NotShown::Slices { slices })?;
            Ok(Shown { picture, colors, damage })
        };
        let mut shown = Vec::with_capacity(self.pictures.len());
        look.at(self.presented(), control, work, |_, found| shown.push(found))?;
        let mut shown = shown.into_iter();
        let each = self.pictures.iter().map(|picture| match picture {
            Some(_) => shown.next().expect("each picture was looked at"),
            None => Err(NotShown::Nothing),
        });
        Ok(each.collect())
    }

    fn presented(&self) -> impl Iterator<Item = Presented> + Clone + '_ {
        self.pictures.iter().flatten().cloned()
    }
}

/// Takes a sample apart, if it is a frame of the movie.
fn coded<'b>(kind: &FrameKind, bytes: &'b [u8]) -> Result<CodedFrame<'b>, NotShown> {
    let head = &bytes[..bytes.len().min(kind.head_len())];
    let (len, _) = kind.check_decodable(head, bytes.len() as u64)?;
    let len = usize::try_from(len).unwrap_or(usize::MAX).min(bytes.len());
    Ok(CodedFrame::parse(&bytes[..len])?)
}

/// Bytes that are set aside for one frame beside its sample: what a frame like the movie's first one needs, and what any frame
/// of its raster needs at the smallest size.
fn room(first: &FrameHeader, size: Size) -> u64 {
    let any = FrameHeader { scan: Scan::TopFieldFirst, chroma: Chroma::Full, ..*first };
    working_len(first, size).max(working_len(&any, Size::Eighth))
}

/// The size at which a frame is shown in so much memory: one that has fields, or more colour, where the first one has none
/// may have to be smaller.
fn size_within(room: u64, header: &FrameHeader, size: Size) -> Size {
    let sizes = [Size::Full, Size::Half, Size::Quarter, Size::Eighth].into_iter();
    let mut sizes = sizes.skip_while(|smaller| smaller.divisor() < size.divisor());
    sizes.find(|&size| working_len(header, size) <= room).unwrap_or(Size::Eighth)
}

/// Bytes that a frame needs beside its sample: decoded components, the picture, and as much again for what is made of it.
fn working_len(header: &FrameHeader, size: Size) -> u64 {
    let has_fields = header.scan != Scan::Progressive;
    let plane = decoded_size(has_fields, size).samples_max(header.width, header.height);
    let samples = if header.chroma == Chroma::Half { 2 * plane } else { 3 * plane };
    let pixels = [header.width, header.height].map(|len| size.of(len.into()) as u64);
    2 * samples + 2 * 3 * pixels[0] * pixels[1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_that_needs_more_memory_than_the_first_one_is_shown_smaller() {
        let first = FrameHeader {
            width: 1920,
            height: 1080,
            chroma: Chroma::Half,
            scan: Scan::Progressive,
            alpha: false,
            color: None,
        };
        let fields = FrameHeader { scan: Scan::TopFieldFirst, chroma: Chroma::Full, ..first };
        for size in [Size::Full, Size::Half, Size::Quarter, Size::Eighth] {
            let room = room(&first, size);
            assert_eq!(size_within(room, &first, size), size);
            let smaller = size_within(room, &fields, size);
            assert!(working_len(&fields, smaller) <= room, "{smaller:?}");
            assert!(smaller != size || size == Size::Full || size == Size::Eighth, "{size:?}");
        }
    }
}
