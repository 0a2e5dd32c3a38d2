//! Looks at the pictures of a movie: read, decoded and measured on all threads, in bounded memory, handed on in order.
//!
//! ```text
//! presented pictures ─▶ slab (waited for) ─▶ work, on any thread ─▶ in order ─▶ caller
//!        └─▶ read ahead: asked for, or past the page cache by threads that only read
//! ```
//!
//! - In: an open movie, the pictures that are wanted, and what to do with the bytes of each.
//! - Out: what the work found, in the order of the pictures; how the pool was used.
//! - Holds: as many slabs and as many decoded pictures as fit into the memory budget, made once; whoever wants one more waits.
//!   No more pictures are begun than a few for each thread, so that nothing queues up. Media is read into slabs, never loaded
//!   from a mapping.
//! - Not here: what a picture shows (`darkness`), what is wrong with a movie (`qc`).

mod across;
mod darkness;
mod holes;
mod in_order;
mod presented;

pub(crate) use across::LookAcross;
pub use darkness::Darkness;
pub use holes::Holes;
pub(crate) use in_order::{in_order, usual_limit};
pub use presented::{PictureFinder, Presented, presented, presented_at, presented_each};

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use intercut_io::{Control, DirectReads, FrameBytes, FramePool, IoError, PoolStats, Source};

use crate::discover::OpenMovie;
use crate::movie::Movie;
use crate::picture::{Planes, Size};
use crate::units::ByteRange;

/// Bytes that are asked for ahead of the picture that is read.
const AHEAD_LEN: u64 = 32 << 20;

/// Why pictures cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// Not even one frame fits into the memory that may be used.
    #[error(
        "{}: a frame needs {needed} bytes of memory, and {budget} may be used", path.display()
    )]
    NoRoom {
        /// The movie.
        path: PathBuf,
        /// Bytes of its longest sample, and of its picture.
        needed: u64,
        /// Bytes that may be used.
        budget: u64,
    },
    /// A file cannot be read, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// What is used for one movie.
pub struct Look<'a> {
    movie: &'a OpenMovie,
    pool: FramePool,
    /// Reads past the page cache, if that is the faster way.
    direct: Option<DirectReads>,
    planes: SparePlanes,
}

/// Decoded pictures that nobody is working on.
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

impl<'a> Look<'a> {
    /// Makes room for pictures of a movie.
    ///
    /// - `pictures`: that will be looked at; the longest sample decides.
    /// - `size`: at which brightness is decoded, at most; `None` if nothing is.
    /// - `budget`: bytes of memory for samples and decoded pictures.
    ///
    /// # Errors
    /// [`LookError::NoRoom`], or if the system has no memory.
    pub fn new(
        movie: &'a OpenMovie,
        pictures: impl Iterator<Item = Presented>,
        size: Option<Size>,
        budget: u64,
    ) -> Result<Self, LookError> {
        let planes_len = size.map_or(0, |size| luma_len(&movie.movie, size));
        Self::with_room(movie, pictures, planes_len, budget)
    }

    /// Makes room for pictures of a movie, for work that needs other memory than [`Look::new`] reckons with.
    ///
    /// - `working_len`: bytes that the work on one picture needs beside its sample.
    /// - Others: as [`Look::new`].
    ///
    /// # Errors
    /// As [`Look::new`].
    pub fn with_room(
        movie: &'a OpenMovie,
        pictures: impl Iterator<Item = Presented>,
        working_len: u64,
        budget: u64,
    ) -> Result<Self, LookError> {
        let Media { frame_len, mean_len, span } = Media::of(pictures);
        let slab_len = FramePool::slab_len(usize::try_from(frame_len).unwrap_or(usize::MAX)) as u64;
        let needed = slab_len.saturating_add(working_len);
        let mut count = at_a_time(movie, needed, budget)?;
        let direct = DirectReads::of(&movie.source, span, mean_len);
        if direct.is_some() {
            let left = budget - count * needed;
            count += (left / slab_len).min(FramePool::AHEAD);
        }
        let frame_len = usize::try_from(frame_len).unwrap_or(usize::MAX);
        let pool = FramePool::new(count, frame_len)?;
        Ok(Self { movie, pool, direct, planes: SparePlanes::default() })
    }

    /// Looks at pictures.
    ///
    /// - `pictures`: of this movie, in any order.
    /// - `work`: is called on any thread, with the bytes of the picture's sample and memory to decode into.
    /// - `then`: is called on this thread, in the order of `pictures`.
    /// - Cost: one read of each sample.
    ///
    /// # Errors
    /// The first error of a read, in the order of the pictures; [`IoError::Cancelled`].
    pub fn at<T: Send>(
        &self,
        pictures: impl Iterator<Item = Presented> + Clone + Send,
        control: &Control,
        work: impl Fn(&Presented, &[u8], &mut Planes) -> T + Sync,
        then: impl FnMut(Presented, T),
    ) -> Result<(), IoError> {
        let source = &self.movie.source;
        let Some(direct) = &self.direct else {
            let samples = pictures.clone().map(|picture| (source, picture.sample.range));
            let mut asked = Asked::of(samples);
            let begun = pictures.inspect(|picture| asked.go_on(picture.sample.range.len));
            return self.work_on(begun, |_, picture| self.read(picture), control, work, then);
        };
        let ranges = pictures.clone().map(|picture| range_of(&picture));
        self.pool.reading_ahead(source, direct, ranges, |ahead| {
            let bytes = |nth, picture: &Presented| match ahead.take(nth) {
                Some(read) => read,
                None => self.read(picture),
            };
            self.work_on(pictures, bytes, control, work, then)
        })
    }

    /// Works on pictures, each with its bytes by its number.
    fn work_on<'p, T: Send>(
        &self,
        pictures: impl Iterator<Item = Presented>,
        bytes: impl Fn(u64, &Presented) -> Result<FrameBytes<'p>, IoError> + Sync,
        control: &Control,
        work: impl Fn(&Presented, &[u8], &mut Planes) -> T + Sync,
        mut then: impl FnMut(Presented, T),
    ) -> Result<(), IoError> {
        let one = |(nth, picture): (u64, Presented)| -> Result<(Presented, T), IoError> {
            control.cancel.check()?;
            let bytes = bytes(nth, &picture)?;
            let found = self.planes.lend(|planes| work(&picture, &bytes, planes));
            Ok((picture, found))
        };
        in_order((0..).zip(pictures), usual_limit(), one, |(picture, found)| {
            control.progress.add(picture.sample.range.len);
            then(picture, found);
            Ok(())
        })
    }

    /// Reads a picture's sample.
    fn read(&self, picture: &Presented) -> Result<FrameBytes<'_>, IoError> {
        let (offset, len) = range_of(picture);
        self.pool.read(&self.movie.source, offset, len)
    }

    /// How the pool was used so far.
    pub fn stats(&self) -> PoolStats {
        self.pool.stats()
    }
}

/// Bytes of a decoded picture's brightness, by what the movie says of its frames: others are not decoded.
fn luma_len(movie: &Movie, size: Size) -> u64 {
    let header = movie.video_format().frame_header;
    header.map_or(0, |header| 2 * size.samples_max(header.width, header.height))
}

/// Where a picture's sample is, and how long it is.
fn range_of(picture: &Presented) -> (u64, usize) {
    let range = picture.sample.range;
    (range.offset, usize::try_from(range.len).unwrap_or(usize::MAX))
}

/// Where samples are in their file, and how long they are.
struct Media {
    frame_len: u64,
    mean_len: u64,
    span: Range<u64>,
}

impl Media {
    fn of(pictures: impl Iterator<Item = Presented>) -> Self {
        let (mut frame_len, mut sum, mut count) = (0, 0_u64, 0_u64);
        let mut span: Option<Range<u64>> = None;
        for picture in pictures {
            let range = picture.sample.range;
            frame_len = range.len.max(frame_len);
            (sum, count) = (sum.saturating_add(range.len), count + 1);
            let known = span.unwrap_or(range.offset..range.end());
            span = Some(known.start.min(range.offset)..known.end.max(range.end()));
        }
        Self { frame_len, mean_len: sum / count.max(1), span: span.unwrap_or_default() }
    }
}

/// Asks for what will be read, and does not wait for it.
struct Asked<I> {
    samples: I,
    /// Bytes that were asked for and are not read yet.
    len: u64,
}

impl<'s, I: Iterator<Item = (&'s Source, ByteRange)>> Asked<I> {
    /// - `samples`: all that will be read, in order, with the files that they are in.
    fn of(samples: I) -> Self {
        Self { samples, len: 0 }
    }

    /// Asks for more, as the next sample is read.
    ///
    /// - `len`: bytes of that.
    fn go_on(&mut self, len: u64) {
        while self.len < AHEAD_LEN
            && let Some((source, range)) = self.samples.next()
        {
            source.read_ahead(range.offset, range.len);
            self.len += range.len;
        }
        self.len = self.len.saturating_sub(len);
    }
}
