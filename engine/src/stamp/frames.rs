//! The frames of a stamped movie: how long each is, and its bytes, which are read and put together when they are asked for.
//!
//! - In: the open movie, what is shown on each frame, the movie on the left.
//! - Out: [`StampedFrames`], which fills any range of the new frames' bytes.
//! - Holds: no frame is kept: when its bytes are asked for, its tables are read once more. If they are others than before, that is an
//!   error, not a broken frame.
//! - Not here: where the frames go (`plan`).

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use intercut_io::{Control, IoError, Made};

use super::StampReason;
use crate::discover::OpenMovie;
use crate::movie::frames::Shown as Presented;
use crate::picture::PictureError;
use crate::picture::flat::{FlatError, FrameKind, Sheet, Shown};
use crate::picture::surgery::{Change, Part, Rebuilt, SliceMap, With};
use crate::timecode::Timecode;
use crate::units::{ByteRange, SampleIndex};

/// The place of a frame in the bytes is noted for one frame in so many.
const STRIDE: usize = 64;

/// Bytes that are asked for ahead of those that are read.
const AHEAD_LEN: u64 = 16 << 20;

/// Frames whose headers are asked for ahead.
const HEADS_AHEAD: u32 = 64;

/// Bytes of a header that are asked for.
const HEAD_LEN: u64 = 4096;

/// A sample that is presented in no frame.
const NOT_SHOWN: u32 = u32::MAX;

/// Text that is burnt in.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) lines: Vec<String>,
    /// The label of the first presented frame, where the movie has none.
    pub(super) first: Option<Timecode>,
    /// Letters of a label.
    pub(super) timecode_len: usize,
}

/// The movie on the left.
#[derive(Debug)]
pub(super) struct LeftPart {
    pub(super) open: OpenMovie,
    pub(super) percent: u8,
}

/// How many frames are stamped.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Stamped {
    /// Frames with other slices.
    pub frames: u32,
    /// Frames that are copied as they are.
    pub copied: u32,
    /// The first of these, counted from 0 in the order of the file, and why.
    pub first_copied: Option<(u32, Left)>,
}

/// Why a frame is copied as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Left {
    /// The movie does not show it.
    #[error("the movie does not show it")]
    NotShown,
    /// It is damaged.
    #[error(transparent)]
    Damaged(PictureError),
    /// The other movie's frame, which is to be on the left, is damaged.
    #[error("the other movie's frame: {0}")]
    OtherDamaged(PictureError),
    /// It cannot take other slices.
    #[error("its slices cannot be replaced")]
    Slices,
    /// It is smaller than what is to be burnt in.
    #[error("its pixels are too few to burn the timecode in")]
    Small(FlatError),
}

/// The frames of a stamped movie.
#[derive(Debug)]
pub(super) struct StampedFrames {
    pub(super) movie: OpenMovie,
    pub(super) left: Option<LeftPart>,
    text: Option<Text>,
    sheets: Vec<(FrameKind, Sheet)>,
    /// The frame of the movie's timeline in which each sample is presented first.
    presented: Vec<u32>,
    /// Whether each sample gets other slices.
    pub(super) is_stamped: Vec<bool>,
    /// Bytes of each new frame, where one frame in [`STRIDE`] begins, and of them all.
    pub(super) sizes: Vec<u32>,
    starts: Vec<u64>,
    len: u64,
    /// How far the movie has been asked for.
    asked: AtomicU64,
}

/// Why a frame is not put together.
pub(super) enum Stop {
    Io(IoError),
    Refused(StampReason),
    Left(Left),
}

impl From<IoError> for Stop {
    fn from(error: IoError) -> Self {
        Self::Io(error)
    }
}

impl StampedFrames {
    pub(super) fn new(movie: OpenMovie, left: Option<LeftPart>, text: Option<Text>) -> Self {
        let presented = presented(&movie);
        let (sheets, is_stamped, sizes, starts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let asked = AtomicU64::new(0);
        Self { movie, left, text, sheets, presented, is_stamped, sizes, starts, len: 0, asked }
    }

    /// Finds out how long each new frame is.
    ///
    /// - Cost: a small read of each frame, and of each one on the left.
    ///
    /// # Errors
    /// What cannot be read; within, what is refused.
    pub(super) fn measure(
        &mut self,
        control: &Control,
    ) -> Result<Result<Stamped, StampReason>, IoError> {
        let mut found = Stamped::default();
        for (nth, sample) in (0..self.presented.len()).zip(0..) {
            control.cancel.check()?;
            self.read_heads_ahead(sample);
            let len = match self.measured(sample) {
                Ok(len) => {
                    found.frames += 1;
                    self.is_stamped.push(true);
                    len as u64
                }
                Err(Stop::Left(left)) => {
                    found.copied += 1;
                    found.first_copied.get_or_insert((sample, left));
                    self.is_stamped.push(false);
                    sample_of(&self.movie, sample).len
                }
                Err(Stop::Refused(reason)) => return Ok(Err(reason)),
                Err(Stop::Io(error)) => return Err(error),
            };
            if nth.is_multiple_of(STRIDE) {
                self.starts.push(self.len);
            }
            self.sizes.push(u32::try_from(len).expect("a frame's size has 32 bits"));
            self.len += len;
        }
        Ok(Ok(found))
    }

    /// How long a new frame is; makes the slices that it needs.
    fn measured(&mut self, sample: u32) -> Result<usize, Stop> {
        let map = slice_map(&self.movie, sample)?;
        if let Some(text) = &self.text {
            let kind = map.kind().ok_or(Stop::Left(Left::Slices))?;
            let place = match self.sheets.iter().position(|(of, _)| *of == kind) {
                Some(place) => place,
                None => {
                    let count = self.presented.len();
                    let count = u32::try_from(count).expect("samples are counted in 32 bits");
                    let sheet = Sheet::new(&kind, &text.lines, count, text.timecode_len);
                    let sheet = sheet.map_err(|error| Stop::Left(Left::Small(error)))?;
                    self.sheets.push((kind, sheet));
                    self.sheets.len() - 1
                }
            };
            let shown = self.shown(sample, text)?;
            self.sheets[place].1.prepare(shown);
        }
        Ok(self.rebuilt(sample, &map)?.len())
    }

    /// Puts a frame together whose text was prepared.
    fn rebuilt(&self, sample: u32, map: &SliceMap) -> Result<Rebuilt, Stop> {
        let left = self.left_slices(sample, map)?;
        let (mut touched, mut text) = (Vec::new(), Vec::new());
        if let Some(burnt_in) = &self.text {
            let sheet = self.sheet(sample, map)?;
            touched.extend(sheet.touched());
            text = sheet.slices(self.shown(sample, burnt_in)?);
        }
        let mut changes = Vec::new();
        for picture in 0..map.picture_count() {
            let mut left = left.iter().filter(|(of, ..)| *of == picture).peekable();
            for (&slice, bytes) in touched.iter().zip(&text) {
                while let Some((_, other, range)) = left.next_if(|(_, other, _)| *other <= slice) {
                    if *other < slice {
                        let with = With::Other(range.clone());
                        changes.push(Change { picture, slice: *other, with });
                    }
                }
                let with = With::Colors(bytes, None);
                changes.push(Change { picture, slice, with });
            }
            changes.extend(left.map(|(_, slice, range)| Change {
                picture,
                slice: *slice,
                with: With::Other(range.clone()),
            }));
        }
        if map.has_alpha() {
            self.keep_alpha(sample, map, &mut changes)?;
        }
        Rebuilt::new(map, &changes).ok_or(Stop::Left(Left::Slices))
    }

    /// The slices of the text for a frame.
    fn sheet(&self, sample: u32, map: &SliceMap) -> Result<&Sheet, Stop> {
        let kind = map.kind().ok_or(Stop::Left(Left::Slices))?;
        let sheet = self.sheets.iter().find(|(of, _)| *of == kind);
        // Prepared for another kind: the frame has changed.
        sheet.map(|(_, sheet)| sheet).ok_or_else(|| self.changed(sample))
    }

    /// The slices of a frame that get other bytes, each as its picture and its place there, in no order.
    pub(super) fn touched(&self, sample: u32, map: &SliceMap) -> Result<Vec<(usize, usize)>, Stop> {
        let left = self.left_slices(sample, map)?.into_iter();
        let mut touched: Vec<_> = left.map(|(picture, slice, _)| (picture, slice)).collect();
        if self.text.is_some() {
            let text = self.sheet(sample, map)?;
            let pictures = 0..map.picture_count();
            touched.extend(pictures.flat_map(|nth| text.touched().map(move |slice| (nth, slice))));
        }
        Ok(touched)
    }

    /// The slices of the movie on the left: picture, slice, and its bytes in that movie's sample.
    fn left_slices(
        &self,
        sample: u32,
        map: &SliceMap,
    ) -> Result<Vec<(usize, usize, Range<usize>)>, Stop> {
        let Some(LeftPart { open, percent }) = &self.left else { return Ok(Vec::new()) };
        let other = slice_map(open, sample).map_err(|stop| match stop {
            Stop::Left(Left::Damaged(error)) => Stop::Left(Left::OtherDamaged(error)),
            stop => stop,
        })?;
        if let Some(what) = map.difference(&other) {
            let base = open.source.path().to_owned();
            return Err(Stop::Refused(StampReason::Differs { frame: sample, base, what }));
        }
        let (begins, columns) = map.boundaries();
        let wanted = columns * usize::from(*percent) / 100;
        let nearest = (1..begins.len()).min_by_key(|&slice| begins[slice].abs_diff(wanted));
        let parted = nearest.ok_or(Stop::Refused(StampReason::OneSlice))?;
        let mut slices = Vec::new();
        for picture in 0..other.picture_count() {
            let is_left = |slice: &usize| slice % begins.len() < parted;
            let wanted = (0..other.slice_count(picture)).filter(is_left);
            let ranges = other.slices(picture, wanted.clone());
            slices.extend(wanted.zip(ranges).map(|(slice, range)| (picture, slice, range)));
        }
        Ok(slices)
    }

    /// Makes text keep the alpha of what it replaces.
    fn keep_alpha(
        &self,
        sample: u32,
        map: &SliceMap,
        changes: &mut [Change<'_>],
    ) -> Result<(), Stop> {
        let at = sample_of(&self.movie, sample).offset;
        for picture in 0..map.picture_count() {
            let mut text: Vec<&mut Change<'_>> = changes.iter_mut().collect();
            text.retain(|it| it.picture == picture && matches!(it.with, With::Colors(..)));
            let wanted: Vec<usize> = text.iter().map(|change| change.slice).collect();
            let ranges = map.slices(picture, wanted.into_iter());
            for (change, range) in text.into_iter().zip(ranges) {
                let mut header = [0; 8];
                if range.len() < header.len() {
                    return Err(Stop::Left(Left::Slices));
                }
                self.movie.source.read_exact_at(&mut header, at + range.start as u64)?;
                if let With::Colors(_, own) = &mut change.with {
                    *own = Some(header);
                }
            }
        }
        Ok(())
    }

    /// What the counters show on a frame.
    fn shown(&self, sample: u32, text: &Text) -> Result<Shown, Stop> {
        let frame = self.presented[sample as usize];
        if frame == NOT_SHOWN {
            return Err(Stop::Left(Left::NotShown));
        }
        let movie = &self.movie.movie;
        let first = movie.frames().first_frame().unwrap_or(0);
        let number = u64::from(frame).saturating_sub(first);
        let number = u32::try_from(number).expect("it is less than another one of 32 bits");
        let timecode = match text.first {
            Some(first) => Some(first.add(number.into())),
            None => movie.timecode_at(frame.into()),
        };
        Ok(Shown { timecode, number })
    }

    pub(super) fn changed(&self, sample: u32) -> Stop {
        Stop::Io(self.changed_error(sample))
    }

    /// A frame that is not what it was when it was measured.
    pub(super) fn changed_error(&self, sample: u32) -> IoError {
        let what = format!("its frame {sample} is another one");
        let path = self.movie.source.path().to_owned();
        IoError::SourceChanged { path, what }
    }

    /// Asks for the headers of frames that will be read.
    fn read_heads_ahead(&self, sample: u32) {
        for open in
            [Some(&self.movie), self.left.as_ref().map(|left| &left.open)].into_iter().flatten()
        {
            let ahead = sample.saturating_add(HEADS_AHEAD);
            if (ahead as usize) < self.presented.len() {
                open.source.read_ahead(sample_of(open, ahead).offset, HEAD_LEN);
            }
        }
    }

    /// Asks for the bytes behind those of a frame.
    fn read_ahead(&self, sample: u32) {
        let at = sample_of(&self.movie, sample).offset;
        let asked = self.asked.load(Ordering::Relaxed);
        if asked < at + AHEAD_LEN / 2 || asked > at + 2 * AHEAD_LEN {
            let from = if (at..at + AHEAD_LEN).contains(&asked) { asked } else { at };
            self.asked.store(at + AHEAD_LEN, Ordering::Relaxed);
            self.movie.source.read_ahead(from, at + AHEAD_LEN - from);
            if let Some(LeftPart { open, .. }) = &self.left {
                open.source.read_ahead(sample_of(open, sample).offset, AHEAD_LEN);
            }
        }
    }

    /// Puts the part of a new frame from `skip` on into `bytes`, as far as there is room; returns how many bytes it put.
    fn put(&self, sample: u32, mut skip: usize, bytes: &mut [u8]) -> Result<usize, Stop> {
        let old = sample_of(&self.movie, sample);
        let rebuilt = if self.is_stamped[sample as usize] {
            self.rebuilt(sample, &slice_map(&self.movie, sample)?)?
        } else {
            let whole = usize::try_from(old.len).expect("a frame's size has 32 bits");
            Rebuilt { made: Vec::new(), parts: vec![Part::Kept(0..whole)] }
        };
        if rebuilt.len() != self.sizes[sample as usize] as usize {
            return Err(self.changed(sample));
        }
        let mut done = 0;
        for part in &rebuilt.parts {
            let skipped = skip.min(part.len());
            skip -= skipped;
            let len = (part.len() - skipped).min(bytes.len() - done);
            let target = &mut bytes[done..done + len];
            let of = |range: &Range<usize>| range.start + skipped;
            match part {
                Part::Made(range) => target.copy_from_slice(&rebuilt.made[of(range)..][..len]),
                Part::Kept(range) => {
                    self.movie.source.read_exact_at(target, old.offset + of(range) as u64)?;
                }
                Part::Other(range) => {
                    let left = self.left.as_ref().expect("what is on the left is a movie's");
                    let at = sample_of(&left.open, sample).offset + of(range) as u64;
                    left.open.source.read_exact_at(target, at)?;
                }
            }
            done += len;
        }
        Ok(done)
    }

    /// Fails if a movie is not what it was.
    pub(super) fn check_unchanged(&self) -> Result<(), IoError> {
        self.movie.source.check_unchanged()?;
        self.left.iter().try_for_each(|left| left.open.source.check_unchanged())
    }
}

impl Made for StampedFrames {
    fn len(&self) -> u64 {
        self.len
    }

    fn fill(&self, offset: u64, bytes: &mut [u8]) -> Result<(), IoError> {
        let stride = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let mut start = self.starts.get(stride).copied().unwrap_or(0);
        let mut sample = stride * STRIDE;
        while start + u64::from(self.sizes[sample]) <= offset {
            start += u64::from(self.sizes[sample]);
            sample += 1;
        }
        let mut skip = usize::try_from(offset - start).expect("it is within a frame");
        let mut done = 0;
        while done < bytes.len() {
            let nth = u32::try_from(sample).expect("samples are counted in 32 bits");
            self.read_ahead(nth);
            done += match self.put(nth, skip, &mut bytes[done..]) {
                Ok(put) => put,
                Err(Stop::Io(error)) => return Err(error),
                // It was put together before.
                Err(Stop::Left(_) | Stop::Refused(_)) => return Err(self.changed_error(nth)),
            };
            (skip, sample) = (0, sample + 1);
        }
        Ok(())
    }
}

/// The frame in which each sample of the video track is presented first.
fn presented(open: &OpenMovie) -> Vec<u32> {
    let movie = &open.movie;
    let count = movie.table(movie.video()).sample_count();
    let mut presented = vec![NOT_SHOWN; count as usize];
    let mut show = |sample: u64, frame: u64| {
        let place = usize::try_from(sample).ok().and_then(|sample| presented.get_mut(sample));
        if let Some(place) = place.filter(|place| **place == NOT_SHOWN) {
            *place = u32::try_from(frame).unwrap_or(NOT_SHOWN);
        }
    };
    for run in &movie.frames().runs {
        match run.shown {
            Presented::Samples(first) => {
                let samples = u64::from(first.0)..;
                samples
                    .zip(run.first_frame..run.first_frame + run.frame_count)
                    .for_each(|(sample, frame)| show(sample, frame));
            }
            Presented::Held(sample) => show(sample.0.into(), run.first_frame),
            Presented::Crowded { first, second } => {
                show(first.0.into(), run.first_frame);
                show(second.0.into(), run.first_frame);
            }
            Presented::Nothing => {}
        }
    }
    presented
}

/// The bytes of a sample of the video track.
pub(super) fn sample_of(open: &OpenMovie, sample: u32) -> ByteRange {
    let table = open.movie.table(open.movie.video());
    let found = table.samples_from(SampleIndex(sample)).next();
    found.expect("the track has as many samples").range
}

/// The slices of a frame.
fn slice_map(open: &OpenMovie, sample: u32) -> Result<SliceMap, Stop> {
    let ByteRange { offset, len } = sample_of(open, sample);
    let len = usize::try_from(len).expect("a frame's size has 32 bits");
    let mut read = |bytes: &mut [u8], at: usize| -> Result<(), IoError> {
        open.source.read_exact_at(bytes, offset + at as u64)
    };
    SliceMap::read(len, &mut read)?.map_err(|error| Stop::Left(Left::Damaged(error)))
}
