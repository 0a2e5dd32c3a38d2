//! The same for pictures of several movies that are looked at together, a few of each.
//!
//! - In: open movies, the pictures that are wanted of each, and what to do with the bytes of each.
//! - Out: what the work found, in the order of the pictures.
//! - Holds: one pool of slabs for all; what will be read is asked for ahead, whichever movie it is in.
//! - Not here: all pictures of one movie ([`Look`](super::Look)), of which many more are read.

use intercut_io::{Control, FramePool, IoError};

use super::{Asked, LookError, Presented, SparePlanes, at_a_time, in_order, luma_len, usual_limit};
use crate::discover::OpenMovie;
use crate::picture::{Planes, Size};

/// What is used for several movies.
pub(crate) struct LookAcross<'a> {
    movies: &'a [&'a OpenMovie],
    pool: FramePool,
    planes: SparePlanes,
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
        movies: &'a [&'a OpenMovie],
        pictures: impl Iterator<Item = (usize, Presented)>,
        size: Size,
        budget: u64,
    ) -> Result<Self, LookError> {
        let lens = pictures.map(|(movie, picture)| (picture.sample.range.len, movie));
        let (frame_len, longest) = lens.max().unwrap_or((0, 0));
        let planes_len = movies.iter().map(|movie| luma_len(&movie.movie, size)).max();
        let frame_len = usize::try_from(frame_len).unwrap_or(usize::MAX);
        let slab_len = FramePool::slab_len(frame_len) as u64;
        let needed = slab_len.saturating_add(planes_len.unwrap_or(0));
        // Without movies there is nothing to look at, and no longest one.
        let count = movies.get(longest).map_or(Ok(1), |movie| at_a_time(movie, needed, budget))?;
        Ok(Self { movies, pool: FramePool::new(count, frame_len)?, planes: SparePlanes::default() })
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
        pictures: impl Iterator<Item = (usize, Presented)> + Clone,
        control: &Control,
        work: impl Fn(&[u8], &mut Planes) -> T + Sync,
        mut then: impl FnMut(T),
    ) -> Result<(), IoError> {
        let one = |(movie, picture): (usize, Presented)| -> Result<(u64, T), IoError> {
            control.cancel.check()?;
            let range = picture.sample.range;
            let len = usize::try_from(range.len).unwrap_or(usize::MAX);
            let bytes = self.pool.read(&self.movies[movie].source, range.offset, len)?;
            Ok((range.len, self.planes.lend(|planes| work(&bytes, planes))))
        };
        let samples = pictures.clone();
        let mut asked =
            Asked::of(samples.map(|(movie, next)| (&self.movies[movie].source, next.sample.range)));
        let begun = pictures.inspect(|(_, picture)| asked.go_on(picture.sample.range.len));
        in_order(begun, usual_limit(), one, |(len, found)| {
            control.progress.add(len);
            then(found);
            Ok(())
        })
    }
}
