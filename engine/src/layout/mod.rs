//! A plan to the bytes of the target: what is where, before the first byte is written. Pure arithmetic.
//!
//! ```text
//! ftyp, other atoms │ moov (--faststart) │ mdat: extent, gap, extent, … │ moov │ other atoms
//! ```
//!
//! - In: base movie, clip movies in the order of the plan, [`SplicePlan`], [`LayoutOptions`].
//! - Out: [`Layout`], a new movie: the [`Schedule`] whose source 0 is the base and whose source `1 + i` is clip `i` of the
//!   plan. Or [`Region`], which changes the base in place.
//! - Holds: the media is in the base's file order; extents tile it, sorted, with gaps of less than one block; the same
//!   input gives the same bytes.
//! - Not here: moving bytes (`intercut_io`), which samples are replaced (`plan`).
//!
//! References: QuickTime File Format, "Movie Atoms", "Sample Table Atoms".

mod arrange;
mod cut;
#[cfg(test)]
pub(crate) mod fake;
mod moov;
mod new_movie;
mod place;
mod region;
mod spliced;
mod tables;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::PathBuf;

use intercut_io::{Schedule, SourceIndex};

use crate::atom::file::MOOV_LEN_MAX;
use crate::movie::{Movie, Unsupported};
use crate::plan::{InvalidPlan, Replacement, SplicePlan};
use crate::units::{ByteRange, ClipIndex, SampleIndex};

pub(crate) use cut::BASE;
pub use region::Region;
use spliced::ClipTable;

/// How the target is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LayoutOptions {
    /// Whether `moov` is before the media.
    pub faststart: bool,
}

/// A run of target bytes that is contiguous in one source too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// First target byte.
    pub target: u64,
    /// The file that its bytes come from.
    pub source: SourceIndex,
    /// Its bytes in that file.
    pub range: ByteRange,
}

/// Where every byte of a target comes from.
#[derive(Debug, Clone)]
pub struct Layout {
    schedule: Schedule,
    moov: Range<usize>,
    media: ByteRange,
    extents: Vec<Extent>,
    gap_bytes: u64,
    clip_bytes: Vec<u64>,
}

impl Layout {
    /// Lays out the splice that `plan` describes.
    ///
    /// - `clips`: the movies of `plan.clips`, in that order.
    /// - Cost: O(n log n) in the chunks of all tracks and the replaced samples; no system calls.
    ///
    /// # Errors
    /// [`LayoutError`] where the plan does not belong to these movies, or the target would not be a movie.
    ///
    /// # Panics
    /// Where `clips` has not as many movies as the plan has clips.
    pub fn new(
        base: &Movie,
        clips: &[&Movie],
        plan: &SplicePlan,
        options: LayoutOptions,
    ) -> Result<Self, LayoutError> {
        check(base, clips, plan)?;
        let clips = ClipTable::of(clips);
        let movie = new_movie::NewMovie::plan(base, clips, &plan.replacements, options)?;
        movie.finish(plan.alignment, None)
    }

    /// Lays out the base with other frames, all of which source 1 makes.
    ///
    /// - `sizes`: of all samples of the video track, which follow one another in source 1.
    /// - Cost: as [`Layout::new`].
    ///
    /// # Errors
    /// [`LayoutError::HeaderTooLong`], [`LayoutError::MediaTooLong`], [`LayoutError::Scattered`].
    pub fn remade(base: &Movie, sizes: &[u32], alignment: u64) -> Result<Self, LayoutError> {
        let (first, clip) = (SampleIndex(0), ClipIndex(0));
        let sample_count = u32::try_from(sizes.len()).expect("a track has fewer than 2^32 samples");
        let all = [Replacement { base_sample: first, sample_count, clip, clip_sample: first }];
        let (frames, options) = (vec![ClipTable::Made(sizes)], LayoutOptions::default());
        let movie = new_movie::NewMovie::plan(base, frames, &all, options)?;
        movie.finish(alignment, Some(clip.source_index()))
    }

    /// The copies that make the target.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Whether the target is the base with something behind it.
    pub fn is_appended(&self) -> bool {
        self.schedule.start() > 0
    }

    /// The target's whole `moov` atom.
    pub fn moov(&self) -> &[u8] {
        &self.schedule.inline()[self.moov.clone()]
    }

    /// The payload of the target's `mdat`: bytes from the start of the target.
    pub fn media(&self) -> ByteRange {
        self.media
    }

    /// The extents of the media, in target order.
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }

    /// Zeros between extents, in bytes: less than 1 % of the media.
    pub fn gap_bytes(&self) -> u64 {
        self.gap_bytes
    }

    /// Media bytes that each clip of the plan brings.
    pub fn clip_bytes(&self) -> &[u64] {
        &self.clip_bytes
    }
}

/// Why a plan cannot be laid out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The plan contradicts itself.
    #[error("the plan contradicts itself")]
    Plan(#[from] InvalidPlan),
    /// A movie is not the one that was planned.
    #[error("the plan was made for {planned} video samples in {}, which has {present}", path.display())]
    OtherMovie {
        /// The movie, by the plan.
        path: PathBuf,
        /// Samples of its video track by the plan.
        planned: u32,
        /// Samples that there are.
        present: u32,
    },
    /// A movie of a kind that cannot be spliced.
    #[error("{} cannot be spliced", path.display())]
    Unsupported {
        /// The movie, by the plan.
        path: PathBuf,
        /// Why.
        source: Unsupported,
    },
    /// A header that no reader of ours would read again.
    #[error("the target's 'moov' would be {len} bytes long, more than {MOOV_LEN_MAX}")]
    HeaderTooLong {
        /// Its length in bytes.
        len: u64,
    },
    /// Media of 2^63 bytes or more: clips whose samples claim the same bytes again and again.
    #[error("the target's media would be longer than any file")]
    MediaTooLong,
    /// Media that lies about in crumbs.
    #[error(
        "the media stands in too many separate pieces for its {bytes} bytes: no program writes that"
    )]
    Scattered {
        /// Bytes of the base and of what the clips bring.
        bytes: u64,
    },
}

/// Checks that `plan` is sound and belongs to these movies: it may have been read from a file.
///
/// # Errors
/// [`LayoutError::Plan`], [`LayoutError::OtherMovie`], [`LayoutError::Unsupported`].
///
/// # Panics
/// Where `clips` has not as many movies as the plan has clips.
pub(crate) fn check(base: &Movie, clips: &[&Movie], plan: &SplicePlan) -> Result<(), LayoutError> {
    assert_eq!(clips.len(), plan.clips.len(), "one movie for each clip of the plan");
    plan.validate()?;
    let planned =
        plan.clips.iter().map(|clip| (&clip.path, clip.samples)).zip(clips.iter().copied());
    for ((path, planned), movie) in
        [((&plan.base.path, plan.base.samples), base)].into_iter().chain(planned)
    {
        let obstacles = movie.obstacles();
        let is_base = std::ptr::eq(movie, base);
        let of_the_rest = obstacles.of_the_rest.first().filter(|_| is_base);
        if let Some(obstacle) = obstacles.of_pictures.first().or(of_the_rest) {
            let (path, source) = (path.clone(), obstacle.clone());
            return Err(LayoutError::Unsupported { path, source });
        }
        let present = movie.table(movie.video()).sample_count();
        if planned != present {
            return Err(LayoutError::OtherMovie { path: path.clone(), planned, present });
        }
    }
    Ok(())
}
