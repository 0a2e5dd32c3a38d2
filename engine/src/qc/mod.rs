//! Finds frames that should not be in a movie: black, repeated, undecodable, hollow.
//!
//! ```text
//! pictures ─▶ look (in order, on all threads): examine each ─▶ join: runs, cadence ─▶ MovieFindings
//! ```
//!
//! - In: an open movie, or some pictures of it.
//! - Out: [`MovieFindings`].
//! - Holds: a frame is named once: as hollow, else as undecodable, else as black, else as repeated. What cannot be told is not
//!   found: of a codec that is not decoded only empty, cut and repeated frames.
//! - Not here: whether a black frame is black in the base too (whoever has the base).

mod cadence;
mod examine;
mod finding;
mod join;

pub use examine::Fault;
pub use finding::{Finding, FindingKind, MovieFindings, OtherKinds};

use std::num::NonZeroU64;
use std::sync::Mutex;

use intercut_io::Control;

use crate::codec::{self, OtherKind};
use crate::discover::OpenMovie;
use crate::look::{Holes, Look, LookError, Presented, presented};
use crate::picture::Size;
use examine::Examiner;
use join::Joiner;

/// Memory for samples and decoded pictures, if nobody says otherwise.
pub const MEMORY_BUDGET_DEFAULT: u64 = 64 << 20;

/// How a movie is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QcOptions {
    /// Whether every coefficient is read, and not only headers, tables and the brightness of each block.
    pub deep: bool,
    /// Only every so many pictures are looked at, from the first one on. With more than 1, repeats are not looked for.
    pub every: NonZeroU64,
    /// Bytes of memory for samples and decoded pictures.
    pub memory_budget: u64,
}

impl Default for QcOptions {
    fn default() -> Self {
        Self { deep: false, every: NonZeroU64::MIN, memory_budget: MEMORY_BUDGET_DEFAULT }
    }
}

impl QcOptions {
    /// The pictures that are looked at.
    fn pictures<'m>(
        &self,
        movie: &'m OpenMovie,
    ) -> impl Iterator<Item = Presented> + Clone + Send + 'm {
        let every = usize::try_from(self.every.get()).unwrap_or(usize::MAX);
        presented(&movie.movie).step_by(every)
    }
}

/// Bytes of the samples that [`check`] reads.
pub fn bytes_to_read(movie: &OpenMovie, options: &QcOptions) -> u64 {
    options.pictures(movie).map(|picture| picture.sample.range.len).sum()
}

/// Looks at the pictures of a movie, all of them or every so many.
///
/// - `control`: bytes are added as they are read; the caller says how many there are.
/// - Cost: one read of each sample.
///
/// # Errors
/// [`LookError`] if a file cannot be read, the budget has no room for a frame, or the run was cancelled; faults of frames
/// are findings.
pub fn check(
    movie: &OpenMovie,
    options: &QcOptions,
    control: &Control,
) -> Result<MovieFindings, LookError> {
    check_pictures(movie, options.pictures(movie), options, control)
}

/// Looks at some pictures of a movie, such as those at both sides of a cut.
///
/// - `pictures`: in the order in which they are presented. Frames between them are not spoken of, unless the options say that
///   these are every so many.
///
/// # Errors
/// As [`check`].
pub fn check_pictures(
    movie: &OpenMovie,
    pictures: impl Iterator<Item = Presented> + Clone + Send,
    options: &QcOptions,
    control: &Control,
) -> Result<MovieFindings, LookError> {
    let codec = movie.movie.video_format().description.codec;
    let is_decoded = codec::is_prores(codec);
    let size = is_decoded.then_some(Size::Eighth);
    let look = Look::new(movie, pictures.clone(), size, options.memory_budget)?;
    let examiner = Examiner::of(&movie.movie, options.deep);
    let holes = Mutex::new(Holes::of(&movie.source));
    let is_sampled = options.every.get() > 1;
    let mut joiner = Joiner::new(is_sampled);
    let mut others: Option<OtherKinds> = None;
    look.at(
        pictures,
        control,
        |picture, bytes, planes| examiner.examine(picture, bytes, planes, &holes),
        |picture, (seen, other_kind)| {
            joiner.add(&picture, seen);
            let first = picture.frames.start;
            if let Some(OtherKind { found, expected }) = other_kind {
                others
                    .get_or_insert(OtherKinds { pictures: 0, first, found, expected })
                    .pictures += 1;
            }
        },
    )?;
    movie.source.check_unchanged()?;
    let (looked_at, findings) = joiner.finish(&movie.movie);
    let presented = movie.movie.frames().presented();
    let frames = presented.end - presented.start;
    if let Some(others) = &mut others {
        others.first -= presented.start;
    }
    let looked_for = looked_for(is_decoded, is_sampled);
    let pool = look.stats().into();
    Ok(MovieFindings { frames, looked_at, looked_for, findings, other_kinds: others, pool })
}

fn looked_for(is_decoded: bool, is_sampled: bool) -> Vec<FindingKind> {
    let mut kinds = vec![FindingKind::Hollow];
    if is_decoded {
        kinds.extend([FindingKind::Black, FindingKind::Undecodable]);
    }
    if !is_sampled {
        kinds.push(FindingKind::Repeated);
    }
    kinds
}
