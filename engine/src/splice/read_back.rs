//! Reads the target back and compares it with its sources, before it has its name.
//!
//! - In: [`LaidOutSplice`], the target, the digests of the sources if they were computed.
//! - Out: a [`VerifyReport`], and the digests of what was written.
//! - Not here: the comparison (`verify`).

use std::path::Path;

use intercut_io::interval::PHASE;
use intercut_io::{Control, Source, Target};
use tracing::debug_span;

use super::SpliceError;
use super::lay_out::LaidOutSplice;
use crate::atom::ReadError;
use crate::movie::Movie;
use crate::verify::{
    Digests, ExpectedTarget, ReadExactAt, Readable, VerifyOptions, VerifyReport, verify_hashed,
    verify_readable,
};

impl LaidOutSplice {
    /// The target as its sources have it.
    pub(super) fn planned(&self) -> ExpectedTarget<'_> {
        ExpectedTarget { schedule: self.layout.schedule(), sources: &self.sources }
    }

    /// Reads the target back, before it has its name, and compares it with the sources: by their digests where these were
    /// computed, else byte by byte.
    pub(super) fn read_back(
        &self,
        target: &Target,
        expected: Option<Digests>,
        control: &Control,
    ) -> Result<(VerifyReport, Option<Digests>), SpliceError> {
        let len = self.layout.schedule().len();
        let _phase = debug_span!(target: PHASE, "verify", bytes = len).entered();
        let Self { plan, sources, movies, .. } = self;
        let read = |buffer: &mut [u8], offset: u64| target.read_exact_at(buffer, offset);
        let movie = read_movie(&self.output, len, &read)?;
        let pairs: Vec<(&Source, &Movie)> = sources.iter().zip(movies).collect();
        let output = Readable { movie: &movie, read: &read };
        let how = VerifyOptions::default().memory_budget(self.options.memory_budget);
        Ok(match expected {
            None => (verify_readable(output, &pairs, plan, how, control)?, None),
            Some(expected) => {
                let (found, digests) =
                    verify_hashed(output, &pairs, plan, self.planned(), &expected, how, control)?;
                (found, Some(digests))
            }
        })
    }
}

/// Reads the header of the target.
pub(super) fn read_movie(
    output: &Path,
    len: u64,
    read: &ReadExactAt<'_>,
) -> Result<Movie, SpliceError> {
    Movie::read(len, &mut |buffer: &mut [u8], offset| read(buffer, offset)).map_err(|error| {
        match error {
            ReadError::Read(error) => SpliceError::Io(error),
            ReadError::Format(source) => SpliceError::ReadBack { path: output.to_owned(), source },
        }
    })
}
