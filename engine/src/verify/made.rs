//! Proves a movie whose frames were made: what the disk kept against the same bytes, made once more.
//!
//! - In: the schedule and what its bytes are made of; the target, read back.
//! - Out: [`MadeFound`]: how many samples were compared, how many differ, and the first byte that does; digests of what was read.
//! - Holds: every byte is read once, in order. The sample tables are those of the schedule, so that a header that the disk lost
//!   is reported and not followed.
//! - Not here: movies that are made of other movies' samples (`compare`, `hashed`).

use std::sync::atomic::{AtomicU64, Ordering};

use intercut_io::{Control, IoError, Phase, READING_MAX, ReadExactAt, read_in_order};

use super::digests::{Digests, digests};
use super::hashed::ExpectedTarget;
use super::{Readable, VerifyError, kind_name};
use crate::movie::Movie;
use crate::units::{ByteRange, SampleIndex};

/// Bytes of a sample that are compared at a time.
const PART_LEN: u64 = 1 << 20;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MadeFound {
    /// Samples of all tracks.
    pub(crate) samples_checked: u64,
    /// How many of them differ.
    pub(crate) mismatches: u64,
    /// The first byte that differs.
    pub(crate) first: Option<MadeDifference>,
    /// Digests of what was read, if they were asked for.
    pub(crate) digests: Option<Digests>,
}

/// Where a movie of made frames is not what was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MadeDifference {
    /// In a sample.
    #[error("sample {sample} of track {track_id} ({kind}) differs at byte {output_offset}")]
    Sample {
        /// The track, by the id in its `tkhd`.
        track_id: u32,
        /// What it holds.
        kind: String,
        /// The sample, counted from 0.
        sample: u64,
        /// The first byte that differs, from the start of the output.
        output_offset: u64,
    },
    /// In a header or between samples.
    #[error("byte {output_offset}, outside every sample, differs")]
    Outside {
        /// The first byte that differs, from the start of the output.
        output_offset: u64,
    },
    /// A slice that was to be kept.
    #[error(
        "slice {slice} of sample {sample} is not the movie's any more, although nothing was to be put there"
    )]
    Slice {
        /// The sample, counted from 0.
        sample: u32,
        /// The slice of the frame, counted from 0 over all its pictures.
        slice: usize,
    },
}

/// Reads the target back, and compares it with what is made for it once more.
///
/// - `movie`: what `planned` comes to.
/// - `with_digests`: whether what is read is hashed, too.
/// - `memory`: bytes for what is read and what is compared with it.
/// - Cost: one read of the target, and what making its bytes costs; only if something differs, both again.
///
/// # Errors
/// [`VerifyError`] if something cannot be read or made, or the run was cancelled.
pub(crate) fn verify_made(
    movie: &Movie,
    planned: ExpectedTarget<'_>,
    read: &ReadExactAt<'_>,
    (with_digests, memory): (bool, u64),
    control: &Control,
) -> Result<MadeFound, VerifyError> {
    let len = movie.header().file_len;
    control.progress.enter(Phase::Verifying, len);
    let first = AtomicU64::new(u64::MAX);
    let compared = |bytes: &mut [u8], offset: u64| {
        read(bytes, offset)?;
        let mut own = vec![0; bytes.len()];
        planned.read_exact_at(&mut own, offset)?;
        if let Some(at) = bytes.iter().zip(&own).position(|(one, other)| one != other) {
            first.fetch_min(offset + at as u64, Ordering::Relaxed);
        }
        Ok(())
    };
    let tick = |bytes: u64| {
        control.progress.add(bytes);
        control.cancel.check()
    };
    // Half as much again is needed for what is compared.
    let memory = memory.min(READING_MAX) / 3 * 2;
    let digests = match with_digests {
        true => Some(digests(Readable { movie, read: &compared }, memory, &tick)?),
        false => {
            let whole = std::iter::once(0..len);
            read_in_order(whole, memory, &compared, |_, bytes| tick(bytes.len() as u64))?;
            None
        }
    };
    let samples_checked =
        movie.tracks().iter().map(|track| u64::from(movie.table(track).sample_count()));
    let mut found =
        MadeFound { samples_checked: samples_checked.sum(), digests, ..MadeFound::default() };
    match first.into_inner() {
        u64::MAX => {}
        first => count(movie, planned, read, first, &mut found, control)?,
    }
    Ok(found)
}

/// Finds the samples that differ.
fn count(
    movie: &Movie,
    planned: ExpectedTarget<'_>,
    read: &ReadExactAt<'_>,
    output_offset: u64,
    found: &mut MadeFound,
    control: &Control,
) -> Result<(), IoError> {
    found.first = Some(MadeDifference::Outside { output_offset });
    for track in movie.tracks() {
        let samples = movie.table(track).samples_from(SampleIndex(0));
        for (nth, sample) in (0..).zip(samples) {
            control.cancel.check()?;
            let range = sample.range;
            if is_equal(planned, read, range)? {
                continue;
            }
            found.mismatches += 1;
            if (range.offset..range.end()).contains(&output_offset) {
                let (track_id, kind) = (track.id, kind_name(track.kind));
                found.first =
                    Some(MadeDifference::Sample { track_id, kind, sample: nth, output_offset });
            }
        }
    }
    Ok(())
}

/// Whether bytes were kept.
fn is_equal(
    planned: ExpectedTarget<'_>,
    read: &ReadExactAt<'_>,
    range: ByteRange,
) -> Result<bool, IoError> {
    let (mut there, mut own) = (Vec::new(), Vec::new());
    let mut at = range.offset;
    while at < range.end() {
        let len = usize::try_from(PART_LEN.min(range.end() - at)).expect("it is short");
        there.resize(len, 0);
        own.resize(len, 0);
        read(&mut there, at)?;
        planned.read_exact_at(&mut own, at)?;
        if there != own {
            return Ok(false);
        }
        at += len as u64;
    }
    Ok(true)
}
