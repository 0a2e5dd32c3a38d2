//! Proves a finished splice sample by sample, from the output's own tables: an independent check of `layout`.
//!
//! ```text
//! verify (output, sources, plan)      every sample compared with the one that it should be
//! prove (output, digests of its run)  digests recomputed: the sources may be gone
//! verify_made (output, its schedule)  every byte compared with the same one, made once more
//! ```
//!
//! - In: the output; the base, the clips and the plan, or the digests that a run saved.
//! - Out: [`VerifyReport`]: how many samples were compared, how many differ, the first that does, and every atom that is
//!   not what promise 2 of the design allows; or [`Proof`].
//! - Holds: media is read into owned buffers of a fixed size, never from a mapping; memory grows with the tables only.
//! - Not here: how the target was laid out (`layout`).

mod compare;
mod digests;
mod gaps;
mod hashed;
mod made;
mod prove;
mod runs;
mod structure;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use intercut_io::{Control, IoError, Source};

use crate::append;
use crate::discover::OpenMovie;
use crate::layout::{self, LayoutError};
use crate::movie::{Movie, TrackKind};
use crate::plan::SplicePlan;
use crate::timecode::Timecode;
use crate::units::SampleIndex;

pub use digests::{Algorithm, Digests, TrackDigest};
pub(crate) use digests::{check_media, digests};
pub(crate) use gaps::{gaps as unreferenced, len as unreferenced_bytes};
pub(crate) use hashed::{ExpectedTarget, digests_of, verify_hashed};
pub use intercut_io::ReadExactAt;
pub use made::MadeDifference;
pub(crate) use made::verify_made;
pub use prove::{DigestDifference, Proof, prove};
use runs::Pairing;
pub use structure::StructureDifference;

/// A movie and how its bytes are read.
#[derive(Clone, Copy)]
pub(crate) struct Readable<'a> {
    pub(crate) movie: &'a Movie,
    pub(crate) read: &'a ReadExactAt<'a>,
}

/// Bytes that are compared for each byte of the output. Samples that share bytes in another way than whole (a thing that
/// no writer does) are compared one by one, up to here.
const READS_PER_BYTE_MAX: u64 = 64;

/// Pieces of media that any movie may fall into, and the bytes of the file for each further one: twice as many as `layout`
/// allows, for each of two tracks side by side.
const PIECES_FREE: u64 = 1 << 16;
const PIECE_LEN_MEAN_MIN: u64 = 64;

/// Memory for a verification, if nobody says otherwise.
const MEMORY_BUDGET_DEFAULT: u64 = 64 << 20;

/// How a verification is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Bytes of memory for what is read, headers apart.
    pub memory_budget: u64,
    /// Whether only what was appended is compared: a sample that is where the base has it is the base's own.
    appended_alone: bool,
}

impl VerifyOptions {
    /// The same with another memory budget. It is exceeded where it has no room for one comparison, which needs 2 MiB.
    #[must_use]
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.memory_budget = bytes;
        self
    }

    /// The same for a movie that is being changed in place: its base is the file itself.
    #[must_use]
    pub(crate) fn appended_alone(mut self) -> Self {
        self.appended_alone = true;
        self
    }
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { memory_budget: MEMORY_BUDGET_DEFAULT, appended_alone: false }
    }
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Samples of all tracks that were compared with the sample that they should be.
    pub samples_checked: u64,
    /// How many of them differ.
    pub mismatches: u64,
    /// The first sample that differs, by track, then by sample.
    pub first: Option<SampleDifference>,
    /// What differs outside the samples, up to [`StructureDifference::COUNT_MAX`].
    pub structure: Vec<StructureDifference>,
    /// Bytes of the media that no sample refers to: gaps of a new movie, which are zeros; in a movie that was changed in
    /// place also what is no longer used.
    pub unreferenced_bytes: u64,
}

impl VerifyReport {
    /// Whether the output is what the plan says.
    pub fn is_identical(&self) -> bool {
        self.mismatches == 0 && self.structure.is_empty()
    }
}

/// How a sample differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// It has another length.
    Size {
        /// Its bytes in the output.
        output: u64,
        /// Its bytes in the source.
        source: u64,
    },
    /// It has as many bytes, but not the same.
    Content,
}

/// A sample of the output that is not the source sample that the plan names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SampleDifference {
    /// The track, by the id in its `tkhd`.
    pub track_id: u32,
    /// What the track holds.
    pub track_kind: TrackKind,
    /// The sample of the output.
    pub sample: SampleIndex,
    /// Timecode of the first frame that shows it, for a video sample of a base that has timecode.
    pub timecode: Option<Timecode>,
    /// Where the first byte that differs is: bytes from the start of the output.
    pub output_offset: u64,
    /// The file that the sample should be from.
    pub source_path: PathBuf,
    /// Where the same byte is there: bytes from the start of that file.
    pub source_offset: u64,
    /// How they differ.
    pub difference: Difference,
}

impl fmt::Display for SampleDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { track_id, sample, output_offset, source_offset, .. } = self;
        let kind = kind_name(self.track_kind);
        write!(f, "sample {} of track {track_id} ({kind}", sample.0)?;
        if let Some(timecode) = self.timecode {
            write!(f, ", {timecode}")?;
        }
        let path = self.source_path.display();
        match self.difference {
            Difference::Size { output, source } => write!(
                f,
                ") has {output} bytes at byte {output_offset}, but {source} at byte {source_offset} of {path}"
            ),
            Difference::Content => {
                write!(f, ") differs at byte {output_offset} from byte {source_offset} of {path}")
            }
        }
    }
}

/// What a track holds, in a word; the media handler's subtype where it is nothing that we know.
fn kind_name(kind: TrackKind) -> String {
    match kind {
        TrackKind::Video => "video".to_owned(),
        TrackKind::Sound => "sound".to_owned(),
        TrackKind::Timecode => "timecode".to_owned(),
        TrackKind::Text => "text".to_owned(),
        TrackKind::Other(kind) => kind.to_string(),
    }
}

/// Why a verification could not be carried out. A difference is not an error but a finding.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The plan does not belong to these movies.
    #[error(transparent)]
    Plan(#[from] LayoutError),
    /// Samples that refer to the same bytes again and again: comparing each would take for ever.
    #[error(
        "the samples of the output refer to {bytes} bytes that would have to be compared, more than {limit}: \
         they share bytes as no movie does"
    )]
    SharedTooOften {
        /// Bytes that would have to be compared.
        bytes: u64,
        /// The most that are, for a file of its length.
        limit: u64,
    },
    /// Samples that lie about in pieces of a few bytes: reading each would take for ever.
    #[error(
        "the samples of the output stand in {pieces} separate pieces, more than {limit}: no program writes that"
    )]
    Scattered {
        /// Pieces that would have to be read.
        pieces: u64,
        /// The most that are, for a file of its length.
        limit: u64,
    },
    /// A file could not be read, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// Refuses media in so many pieces that reading them would take for ever.
fn check_pieces(pieces: u64, file_len: u64) -> Result<(), VerifyError> {
    let limit = PIECES_FREE + file_len / PIECE_LEN_MEAN_MIN;
    if pieces > limit { Err(VerifyError::Scattered { pieces, limit }) } else { Ok(()) }
}

/// Compares `output` with what `plan` says it is.
///
/// - `clips`: the movies of `plan.clips`, in that order.
/// - Cost: reads every media byte of the output and the bytes that they came from, in the current rayon thread pool; 2 MiB
///   for each thread, within the memory budget.
///
/// # Errors
/// [`VerifyError`] if the comparison could not be made, or a file changed meanwhile; differences are in the report.
///
/// # Panics
/// If `clips` has not as many movies as the plan has clips.
pub fn verify(
    output: &OpenMovie,
    base: &OpenMovie,
    clips: &[OpenMovie],
    plan: &SplicePlan,
    options: VerifyOptions,
    control: &Control,
) -> Result<VerifyReport, VerifyError> {
    let sources: Vec<(&Source, &Movie)> =
        std::iter::once(base).chain(clips).map(|open| (&open.source, &open.movie)).collect();
    let read = |buffer: &mut [u8], offset: u64| output.source.read_exact_at(buffer, offset);
    let output_movie = Readable { movie: &output.movie, read: &read };
    let found = verify_readable(output_movie, &sources, plan, options, control)?;
    // Nothing is vouched for that has changed, or lost its name to another file, while it was read.
    output.source.check_unchanged()?;
    sources.iter().try_for_each(|(source, _)| source.check_unchanged())?;
    Ok(found)
}

/// [`verify`] for an output that need not have a name yet. `sources` are the base and then the clips of the plan.
pub(crate) fn verify_readable(
    output: Readable<'_>,
    sources: &[(&Source, &Movie)],
    plan: &SplicePlan,
    options: VerifyOptions,
    control: &Control,
) -> Result<VerifyReport, VerifyError> {
    let movies: Vec<&Movie> = sources.iter().map(|(_, movie)| *movie).collect();
    let (mut structure, pairing) = examine(output, sources[0].0, &movies, plan, control)?;
    let compared = compare::Compared { appended_alone: options.appended_alone };
    let survey = compare::survey(output.movie.header().file_len, &pairing, compared, control)?;
    // Only a movie that was changed in place has anything but zeros there: the base, or what a splice made of it.
    if survey.has_moved
        && let Some(found) = gaps::first_not_zero(output, &control.cancel)?
        && !append::leaves_bytes(output.movie, output.read)?
    {
        structure.push(found);
    }
    let base = movies[0];
    let budget = options.memory_budget;
    let (found, samples_checked) =
        compare::compare(output, sources, &pairing, compared, &survey, budget, control)?;
    let first = found.first.map(|mismatch| {
        let track = &base.tracks()[mismatch.track];
        let is_video = track.index == base.video().index;
        SampleDifference {
            track_id: track.id,
            track_kind: track.kind,
            sample: mismatch.sample,
            timecode: if is_video { timecode_of(base, mismatch.sample) } else { None },
            output_offset: mismatch.output_offset,
            source_path: sources[mismatch.source].0.path().to_owned(),
            source_offset: mismatch.source_offset,
            difference: mismatch.difference,
        }
    });
    let (mismatches, unreferenced_bytes) = (found.count, gaps::len(output.movie));
    Ok(VerifyReport { samples_checked, mismatches, first, structure, unreferenced_bytes })
}

/// Compares what is not media, and says which samples have to be compared. `movies` are the base's and the clips'.
fn examine<'a>(
    output: Readable<'a>,
    base_source: &Source,
    movies: &'a [&'a Movie],
    plan: &'a SplicePlan,
    control: &Control,
) -> Result<(Vec<StructureDifference>, Pairing<'a>), VerifyError> {
    let (base, clips) = (movies[0], &movies[1..]);
    layout::check(base, clips, plan)?;
    let structure = structure::differences(output, (base_source, base), &control.cancel)?;
    Ok((structure, Pairing { output: output.movie, base, clips, plan }))
}

/// Timecode of the first frame of `base` that shows a video sample.
fn timecode_of(base: &Movie, sample: SampleIndex) -> Option<Timecode> {
    base.timecode_at(base.frames().frame_of(sample)?)
}
