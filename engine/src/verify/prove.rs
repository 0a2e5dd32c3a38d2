//! Proves a result from the digests of its run alone: the sources may be gone.
//!
//! - In: a movie, and the [`Digests`] that the report of a fully verified run holds.
//! - Out: [`Proof`]: the digests of the movie now, and every one that is not what it was.
//! - Holds: equal digests of the file mean equal digests of its tracks; the tracks say where to look.
//! - Not here: reading the report (`report`).

use intercut_io::Control;

use super::VerifyError;
use super::VerifyOptions;
use super::digests::{Digests, TrackDigest};
use super::hashed::digests_of;
use crate::digest::Digest;
use crate::discover::OpenMovie;

/// What became of a movie since its run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// Its digests now.
    pub digests: Digests,
    /// What is not as it was; empty where the movie is, byte for byte.
    pub differences: Vec<DigestDifference>,
}

/// Something that is not as it was when the movie was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DigestDifference {
    /// There are more or fewer tracks.
    #[error("it has {output} tracks, but had {saved} when it was written")]
    TrackCount {
        /// Tracks now.
        output: usize,
        /// Tracks then.
        saved: usize,
    },
    /// A track is another one: another id, or it holds something else.
    #[error(
        "track {} ({}) stands where track {} ({}) was when it was written",
        output.id, output.kind, saved.id, saved.kind
    )]
    OtherTrack {
        /// The track now.
        output: TrackDigest,
        /// The track then.
        saved: TrackDigest,
    },
    /// A track has another number of samples or bytes.
    #[error(
        "track {} ({}) has {} samples of {} bytes in all, but had {} of {} when it was written",
        output.id, output.kind, output.samples, output.bytes, saved.samples, saved.bytes
    )]
    TrackLen {
        /// The track now.
        output: TrackDigest,
        /// The track then.
        saved: TrackDigest,
    },
    /// The samples of a track have other bytes.
    #[error(
        "the samples of track {} ({}) differ: their digest is {}, but was {} when it was written",
        output.id, output.kind, output.digest, saved.digest
    )]
    Samples {
        /// The track now.
        output: TrackDigest,
        /// The track then.
        saved: TrackDigest,
    },
    /// The file has other bytes; where no track is named before it, outside the samples: in headers or between chunks.
    #[error("the file differs: its digest is {output}, but was {saved} when it was written")]
    File {
        /// The digest now.
        output: Digest,
        /// The digest then.
        saved: Digest,
    },
}

/// Recomputes the digests of `output` and compares them with `saved`.
///
/// - Cost: one read of the file.
///
/// # Errors
/// [`VerifyError`] where it cannot be read, changed meanwhile, or the run was cancelled.
pub fn prove(output: &OpenMovie, saved: &Digests, control: &Control) -> Result<Proof, VerifyError> {
    let digests = digests_of(output, VerifyOptions::default(), control)?;
    let differences = differences(&digests, saved);
    Ok(Proof { digests, differences })
}

fn differences(now: &Digests, then: &Digests) -> Vec<DigestDifference> {
    let mut found = Vec::new();
    if now.tracks.len() != then.tracks.len() {
        let (output, saved) = (now.tracks.len(), then.tracks.len());
        found.push(DigestDifference::TrackCount { output, saved });
    }
    for (output, saved) in now.tracks.iter().zip(&then.tracks) {
        let (output, saved) = (output.clone(), saved.clone());
        if (output.id, &output.kind) != (saved.id, &saved.kind) {
            found.push(DigestDifference::OtherTrack { output, saved });
        } else if (output.samples, output.bytes) != (saved.samples, saved.bytes) {
            found.push(DigestDifference::TrackLen { output, saved });
        } else if output.digest != saved.digest {
            found.push(DigestDifference::Samples { output, saved });
        }
    }
    if now.file != then.file {
        found.push(DigestDifference::File { output: now.file, saved: then.file });
    }
    found
}
