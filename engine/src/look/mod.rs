//! Looks at the pictures of a movie: read, decoded and measured on all threads, in bounded memory, handed on in order.
//!
//! ```text
//! presented pictures ─▶ slab (waited for) ─▶ work, on any thread ─▶ in order ─▶ caller
//!        └─▶ read ahead
//! ```
//!
//! - In: an open movie, the pictures that are wanted, and what to do with the bytes of each.
//! - Out: what the work found, in the order of the pictures; how the pool was used.
//! - Holds: as many slabs and as many decoded pictures as fit into the memory budget, made once; whoever wants one more waits.
//!   No more pictures are begun than a few for each thread, so that nothing queues up. Media is read into slabs, never loaded
//!   from a mapping.
//! - Not here: what a picture shows (`darkness`), what is wrong with a movie (`qc`).

mod darkness;
mod holes;
mod in_order;
mod presented;

pub use darkness::Darkness;
pub use holes::Holes;
pub(crate) use in_order::{in_order, usual_limit};
pub use presented::{PictureFinder, Presented, presented, presented_at, presented_each};

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use intercut_io::{Control, FramePool, IoError, PoolStats};

use crate::discover::OpenMovie;
use crate::movie::Movie;
use crate::picture::{Planes, Size};

/// Bytes that are asked for ahead of the picture that is read.
const AHEAD_LEN: u64 = 32 << 20;

/// Pixels of a macroblock, across and down, to which planes reach.
const MACROBLOCK: u64 = 16;

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

/// What is used for one movie, or for several together.
pub struct Look<'a> {
    movies: Vec<&'a OpenMovie>,
    pool: FramePool,
    /// Decoded pictures that nobody is working on.
    planes: Mutex<Vec<Planes>>,
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
        Self::across(&[movie], pictures.map(|picture| (0, picture)), working_len, budget)
    }

    /// Makes room for pictures of several movies, that are looked at together.
    ///
    /// - `pictures`: that will be looked at, each with the place of its movie in the list.
    /// - `working_len`: bytes that the work on one picture needs beside its sample.
    ///
    /// # Errors
    /// As [`Look::new`].
    pub fn across(
        movies: &[&'a OpenMovie],
        pictures: impl Iterator<Item = (usize, Presented)>,
        working_len: u64,
        budget: u64,
    ) -> Result<Self, LookError> {
        let lens = pictures.map(|(movie, picture)| (picture.sample.range.len, movie));
        let (frame_len, longest) = lens.max().unwrap_or((0, 0));
        let needed = frame_len.saturating_add(working_len);
        if needed > budget {
            let path = movies[longest].source.path().to_owned();
            return Err(LookError::NoRoom { path, needed, budget });
        }
        let count = budget / needed.max(1);
        let count = count.clamp(1, rayon::current_num_threads() as u64);
        let frame_len = usize::try_from(frame_len).unwrap_or(usize::MAX);
        let pool = FramePool::new(count, frame_len)?;
        Ok(Self { movies: movies.to_vec(), pool, planes: Mutex::default() })
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
        pictures: impl Iterator<Item = Presented> + Clone,
        control: &Control,
        work: impl Fn(&Presented, &[u8], &mut Planes) -> T + Sync,
        then: impl FnMut(Presented, T),
    ) -> Result<(), IoError> {
        self.at_each(pictures.map(|picture| (0, picture)), control, work, then)
    }

    /// Looks at pictures of several movies.
    ///
    /// - `pictures`: in any order, each with the place of its movie in the list.
    ///
    /// # Errors
    /// As [`at`](Self::at).
    pub fn at_each<T: Send>(
        &self,
        pictures: impl Iterator<Item = (usize, Presented)> + Clone,
        control: &Control,
        work: impl Fn(&Presented, &[u8], &mut Planes) -> T + Sync,
        mut then: impl FnMut(Presented, T),
    ) -> Result<(), IoError> {
        let mut ahead = Ahead { pictures: pictures.clone(), len: 0 };
        let one = |(movie, picture): (usize, Presented)| -> Result<(Presented, T), IoError> {
            control.cancel.check()?;
            let range = picture.sample.range;
            let len = usize::try_from(range.len).unwrap_or(usize::MAX);
            let bytes = self.pool.read(&self.movies[movie].source, range.offset, len)?;
            let mut planes = self.planes().pop().unwrap_or_default();
            let found = work(&picture, &bytes, &mut planes);
            self.planes().push(planes);
            Ok((picture, found))
        };
        let begun = pictures.inspect(|(_, picture)| {
            ahead.ask(&self.movies);
            ahead.len = ahead.len.saturating_sub(picture.sample.range.len);
        });
        in_order(begun, usual_limit(), one, |(picture, found)| {
            control.progress.add(picture.sample.range.len);
            then(picture, found);
            Ok(())
        })
    }

    /// How the pool was used so far.
    pub fn stats(&self) -> PoolStats {
        self.pool.stats()
    }

    fn planes(&self) -> MutexGuard<'_, Vec<Planes>> {
        // Nobody panics with the lock held, and a list is whole at any time.
        self.planes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of a decoded picture's brightness, by what the movie says of its frames: others are not decoded.
pub(crate) fn luma_len(movie: &Movie, size: Size) -> u64 {
    let Some(header) = movie.video_format().frame_header else { return 0 };
    let samples = [header.width, header.height].map(|len| {
        // Fields may each have a row of macroblocks more.
        u64::from(len).next_multiple_of(2 * MACROBLOCK) / size.divisor() as u64
    });
    2 * samples[0] * samples[1]
}

/// Asks for what will be read, and does not wait for it.
struct Ahead<I> {
    pictures: I,
    /// Bytes that were asked for and are not read yet.
    len: u64,
}

impl<I: Iterator<Item = (usize, Presented)>> Ahead<I> {
    fn ask(&mut self, movies: &[&OpenMovie]) {
        while self.len < AHEAD_LEN
            && let Some((movie, picture)) = self.pictures.next()
        {
            let range = picture.sample.range;
            movies[movie].source.read_ahead(range.offset, range.len);
            self.len += range.len;
        }
    }
}
