//! The same for pictures of several movies that are looked at together, a few of each.
//!
//! - In: open movies, the pictures that are wanted of each, and what to do with the bytes of each.
//! - Out: what the work found, in the order of the pictures.
//! - Holds: one pool of slabs for all. A movie is read past the page cache where that is the faster way; where it is for none,
//!   what will be read is asked for ahead, whichever movie it is in.
//! - Not here: what is done with one movie alone ([`Look`](super::Look)).

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use intercut_io::{
    Control, DirectReads, FrameAt, FrameBytes, FramePool, IoError, PoolStats, Source,
};

use super::{LookError, Presented, in_order, luma_len, usual_limit};
use crate::discover::OpenMovie;
use crate::picture::{Planes, Size};
use crate::units::ByteRange;

/// Bytes that are asked for ahead of the picture that is read.
const AHEAD_LEN: u64 = 32 << 20;

/// What is used for several movies.
pub(crate) struct LookAcross<'a> {
    movies: Vec<&'a OpenMovie>,
    pool: FramePool,
    /// For each movie reads past the page cache, if that is the faster way.
    direct: Vec<Option<DirectReads>>,
    planes: SparePlanes,
}

/// Spare memory for decoded pictures.
#[derive(Default)]
struct SparePlanes(Mutex<Vec<Planes>>);

impl SparePlanes {
    /// Lends one for a piece of work.
    fn lend<T>(&self, work: impl FnOnce(&mut Planes) -> T) -> T {
        let mut planes = self.list().pop().unwrap_or_default();
        let found = work(&mut planes);
        self.list().push(planes);
        found
    }

    fn list(&self) -> MutexGuard<'_, Vec<Planes>> {
        // Nobody panics with the lock held, and a list is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many pictures are worked on at a time: as many as the budget has room for, and no more than there are threads.
///
/// - `needed`: bytes for one of them; never 0.
/// - `longest`: the movie with the longest sample.
fn at_a_time(longest: &OpenMovie, needed: u64, budget: u64) -> Result<u64, LookError> {
    if needed > budget {
        let path = longest.source.path().to_owned();
        return Err(LookError::NoRoom { path, needed, budget });
    }
    Ok((budget / needed).clamp(1, rayon::current_num_threads() as u64))
}

impl<'a> LookAcross<'a> {
    /// Makes room for pictures of some movies.
    ///
    /// - `pictures`: that will be looked at, each with the place of its movie in the list; the longest sample decides.
    /// - `size`: at which brightness is decoded.
    /// - `budget`: bytes of memory for samples and decoded pictures.
    ///
    /// # Errors
    /// [`LookError::NoRoom`], or if the system has no memory.
    pub(crate) fn new(
        movies: Vec<&'a OpenMovie>,
        pictures: impl Iterator<Item = (usize, Presented)>,
        size: Size,
        budget: u64,
    ) -> Result<Self, LookError> {
        let planes_len = movies.iter().map(|movie| luma_len(&movie.movie, size)).max();
        Self::with_room(movies, pictures, planes_len.unwrap_or(0), budget)
    }

    /// Makes room for pictures of some movies, for work that needs other memory than [`LookAcross::new`] reckons with.
    ///
    /// - `working_len`: bytes that the work on one picture needs beside its sample.
    /// - Others: as [`LookAcross::new`].
    ///
    /// # Errors
    /// As [`LookAcross::new`].
    pub(super) fn with_room(
        movies: Vec<&'a OpenMovie>,
        pictures: impl Iterator<Item = (usize, Presented)>,
        working_len: u64,
        budget: u64,
    ) -> Result<Self, LookError> {
        let mut media = vec![Media::default(); movies.len()];
        pictures.for_each(|(movie, picture)| media[movie].add(picture.sample.range));
        let lens = media.iter().zip(&movies).map(|(media, movie)| (media.frame_len, movie));
        let longest = lens.max_by_key(|(frame_len, _)| *frame_len);
        let frame_len = longest.map_or(0, |(frame_len, _)| frame_len);
        let frame_len = usize::try_from(frame_len).unwrap_or(usize::MAX);
        let slab_len = FramePool::slab_len(frame_len) as u64;
        let needed = slab_len.saturating_add(working_len);
        // Without movies there is nothing to look at, and no longest one.
        let mut count = longest.map_or(Ok(1), |(_, movie)| at_a_time(movie, needed, budget))?;
        let direct = movies.iter().zip(media).map(|(movie, media)| media.direct(&movie.source));
        let direct: Vec<Option<DirectReads>> = direct.collect();
        if direct.iter().any(Option::is_some) {
            let left = budget - count * needed;
            count += (left / slab_len).min(FramePool::AHEAD);
        }
        let pool = FramePool::new(count, frame_len)?;
        Ok(Self { movies, pool, direct, planes: SparePlanes::default() })
    }

    /// Looks at pictures.
    ///
    /// - `pictures`: in any order, each with the place of its movie in the list.
    /// - `work`: is called on any thread, with the bytes of the picture's sample and memory to decode into.
    /// - `then`: is called on this thread, in the order of `pictures`.
    /// - Cost: one read of each sample.
    ///
    /// # Errors
    /// The first error of a read, in the order of the pictures; [`IoError::Cancelled`].
    pub(crate) fn at<T: Send>(
        &self,
        pictures: impl Iterator<Item = (usize, Presented)> + Clone + Send,
        control: &Control,
        work: impl Fn(&Presented, &[u8], &mut Planes) -> T + Sync,
        then: impl FnMut(Presented, T),
    ) -> Result<(), IoError> {
        let frames = pictures.clone().map(|(movie, picture)| self.frame(movie, &picture));
        if self.direct.iter().all(Option::is_none) {
            let mut asked = Asked::of(frames);
            let begun = pictures.inspect(|(_, picture)| asked.go_on(picture.sample.range.len));
            return self.work_on(begun, |_, frame| self.read(frame), control, work, then);
        }
        self.pool.reading_ahead(frames, |ahead| {
            let taken =
                |nth, frame: FrameAt<'_>| ahead.take(nth).unwrap_or_else(|| self.read(frame));
            self.work_on(pictures, taken, control, work, then)
        })
    }

    /// Works on pictures, each with its bytes by its number.
    fn work_on<'p, T: Send>(
        &self,
        pictures: impl Iterator<Item = (usize, Presented)>,
        bytes: impl Fn(u64, FrameAt<'_>) -> Result<FrameBytes<'p>, IoError> + Sync,
        control: &Control,
        work: impl Fn(&Presented, &[u8], &mut Planes) -> T + Sync,
        mut then: impl FnMut(Presented, T),
    ) -> Result<(), IoError> {
        let one = |(nth, (movie, picture))| -> Result<(Presented, T), IoError> {
            control.cancel.check()?;
            let bytes = bytes(nth, self.frame(movie, &picture))?;
            let found = self.planes.lend(|planes| work(&picture, &bytes, planes));
            Ok((picture, found))
        };
        in_order((0..).zip(pictures), usual_limit(), one, |(picture, found)| {
            control.progress.add(picture.sample.range.len);
            then(picture, found);
            Ok(())
        })
    }

    /// Where a picture's sample is.
    fn frame(&self, movie: usize, picture: &Presented) -> FrameAt<'_> {
        let ByteRange { offset, len } = picture.sample.range;
        let (source, direct) = (&self.movies[movie].source, self.direct[movie].as_ref());
        FrameAt { source, direct, offset, len: usize::try_from(len).unwrap_or(usize::MAX) }
    }

    fn read(&self, frame: FrameAt<'_>) -> Result<FrameBytes<'_>, IoError> {
        self.pool.read(frame.source, frame.offset, frame.len)
    }

    /// How the pool was used so far.
    pub(super) fn stats(&self) -> PoolStats {
        self.pool.stats()
    }
}

/// Where samples are in their file, and how long they are.
#[derive(Debug, Clone, Default)]
struct Media {
    frame_len: u64,
    sum: u64,
    count: u64,
    span: Option<Range<u64>>,
}

impl Media {
    fn add(&mut self, range: ByteRange) {
        self.frame_len = range.len.max(self.frame_len);
        self.sum = self.sum.saturating_add(range.len);
        self.count += 1;
        let known = self.span.take().unwrap_or(range.offset..range.end());
        self.span = Some(known.start.min(range.offset)..known.end.max(range.end()));
    }

    /// How they are read past the page cache, if that is the faster way.
    fn direct(self, source: &Source) -> Option<DirectReads> {
        DirectReads::of(source, self.span?, self.sum / self.count)
    }
}

/// Asks for what will be read, and does not wait for it.
struct Asked<I> {
    frames: I,
    /// Bytes that were asked for and are not read yet.
    len: u64,
}

impl<'s, I: Iterator<Item = FrameAt<'s>>> Asked<I> {
    /// - `frames`: all that will be read, in order.
    fn of(frames: I) -> Self {
        Self { frames, len: 0 }
    }

    /// Asks for more, as the next sample is read.
    ///
    /// - `len`: bytes of that.
    fn go_on(&mut self, len: u64) {
        while self.len < AHEAD_LEN
            && let Some(frame) = self.frames.next()
        {
            frame.source.read_ahead(frame.offset, frame.len as u64);
            self.len += frame.len as u64;
        }
        self.len = self.len.saturating_sub(len);
    }
}
