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

use std::path::PathBuf;

use intercut_io::{Control, IoError, PoolStats};

use crate::discover::OpenMovie;
use crate::movie::Movie;
use crate::picture::{Planes, Size};

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
pub struct Look<'a>(LookAcross<'a>);

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
        let pictures = pictures.map(|picture| (0, picture));
        LookAcross::with_room(vec![movie], pictures, working_len, budget).map(Self)
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
        self.0.at(pictures.map(|picture| (0, picture)), control, work, then)
    }

    /// How the pool was used so far.
    pub fn stats(&self) -> PoolStats {
        self.0.stats()
    }
}

/// Bytes of a decoded picture's brightness, by what the movie says of its frames: others are not decoded.
fn luma_len(movie: &Movie, size: Size) -> u64 {
    let header = movie.video_format().frame_header;
    header.map_or(0, |header| 2 * size.samples_max(header.width, header.height))
}
