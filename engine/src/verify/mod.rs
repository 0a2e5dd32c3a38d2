//! Proves a finished splice sample by sample, from the output's own tables: an independent check of `layout`.
//!
//! ```text
//! verify (output, sources, plan)      every sample compared with the one that it should be
//! prove (output, digests of its run)  digests recomputed: the sources may be gone
//! ```
//!
//! - In: the output; the base, the clips and the plan, or the digests that a run saved.
//! - Out: [`VerifyReport`]: how many samples were compared, how many differ, the first that does, and every atom that is
//!   not what promise 2 of the design allows; or [`Proof`].
//! - Holds: media is read into owned buffers of a fixed size, never from a mapping; memory grows with the tables only.
//! - Not here: how the target was laid out (`layout`).

mod apart;
mod compare;
mod digest;
mod gaps;
mod hashed;
mod pages;
mod prove;
mod runs;
mod structure;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;

use intercut_io::{Control, IoError, Source};

use crate::discover::OpenMovie;
use crate::layout::{self, LayoutError};
use crate::movie::frames::Shown;
use crate::movie::{Movie, TrackKind};
use crate::plan::SplicePlan;
use crate::timecode::Timecode;
use crate::units::SampleIndex;

pub use digest::{Algorithm, Digest, Digests, NotADigest, TrackDigest};
pub(crate) use digest::{check_sharing, digests};
pub(crate) use hashed::{Planned, verify_hashed};
pub use intercut_io::ReadExactAt;
pub use prove::{DigestDifference, Proof, prove};
use runs::Pairing;
pub use structure::StructureDifference;

/// A movie and how its bytes are read.
#[derive(Clone, Copy)]
pub(crate) struct Readable<'a> {
    pub(crate) movie: &'a Movie,
    pub(crate) read: &'a ReadExactAt<'a>,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Samples of all tracks that were compared with the sample that they should be.
    pub samples_checked: u64,
    /// How many of them differ.
    pub mismatches: u64,
    /// The first sample that differs, by track, then by sample.
    pub first: Option<SampleDifference>,
    /// What differs outside the samples, up to [`StructureDifference::COUNT_MAX`].
    pub structure: Vec<StructureDifference>,
}

impl VerifyReport {
    /// Whether the output is what the plan says.
    pub fn is_identical(&self) -> bool {
        self.mismatches == 0 && self.structure.is_empty()
    }
}

/// How a sample differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Why a verification could not be carried out. A difference is no error but a finding.
#[derive(Debug, thiserror::Error)]
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
    /// A file could not be read, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// Compares `output` with what `plan` says it is.
///
/// - `clips`: the movies of `plan.clips`, in that order.
/// - Cost: reads every media byte of the output and the bytes that they came from, in parallel; two buffers of 1 MiB a
///   thread.
///
/// # Errors
/// [`VerifyError`] where the comparison could not be made, or a file changed meanwhile; differences are in the report.
///
/// # Panics
/// Where `clips` has not as many movies as the plan has clips.
pub fn verify(
    output: &OpenMovie,
    base: &OpenMovie,
    clips: &[OpenMovie],
    plan: &SplicePlan,
    control: &Control,
) -> Result<VerifyReport, VerifyError> {
    let sources: Vec<(&Source, &Movie)> =
        std::iter::once(base).chain(clips).map(|open| (&open.source, &open.movie)).collect();
    let read = |buffer: &mut [u8], offset: u64| output.source.read_exact_at(buffer, offset);
    let output_movie = Readable { movie: &output.movie, read: &read };
    let found = verify_readable(output_movie, &sources, plan, control)?;
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
    control: &Control,
) -> Result<VerifyReport, VerifyError> {
    let movies: Vec<&Movie> = sources.iter().map(|(_, movie)| *movie).collect();
    let (mut structure, pairing) = examine(output, sources[0].0, &movies, plan, control)?;
    structure.extend(gaps::first_difference(output, &control.cancel)?);
    let base = movies[0];
    let (found, samples_checked) = compare::compare(output, sources, pairing, control)?;
    let first = found.first.map(|at| {
        let track = &base.tracks()[at.track];
        let is_video = track.index == base.video().index;
        SampleDifference {
            track_id: track.id,
            track_kind: track.kind,
            sample: at.sample,
            timecode: if is_video { timecode_of(base, at.sample) } else { None },
            output_offset: at.output_offset,
            source_path: sources[at.source].0.path().to_owned(),
            source_offset: at.source_offset,
            difference: at.difference,
        }
    });
    Ok(VerifyReport { samples_checked, mismatches: found.mismatches, first, structure })
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
    let shows = base.frames().runs.iter().find_map(|run| match run.shown {
        Shown::Samples(first) => {
            let frames = u64::from(sample.0.checked_sub(first.0)?);
            (frames < run.frame_count).then_some(run.first_frame + frames)
        }
        Shown::Held(held) => (held == sample).then_some(run.first_frame),
        Shown::Nothing => None,
    });
    base.timecode_at(shows?)
}
