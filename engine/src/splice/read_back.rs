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
    Digests, ReadExactAt, Readable, VerifyOptions, VerifyReport, verify_hashed, verify_readable,
};

impl LaidOutSplice {
    /// Reads the target back, before it has its name or its patches, and compares it with the sources: by their digests where
    /// these were computed, else byte by byte.
    pub(super) fn read_back(
        &self,
        target: &Target,
        expected: Option<Digests>,
        control: &Control,
    ) -> Result<(VerifyReport, Option<Digests>), SpliceError> {
        let schedule = self.layout.schedule();
        let len = schedule.len();
        let _phase = debug_span!(target: PHASE, "verify", bytes = len).entered();
        let Self { plan, sources, movies, .. } = self;
        let read = |buffer: &mut [u8], offset: u64| {
            target.read_exact_at(buffer, offset)?;
            schedule.patches().iter().for_each(|patch| patch.show(buffer, offset));
            Ok(())
        };
        let movie = read_movie(&self.output, len, &read)?;
        let pairs: Vec<(&Source, &Movie)> = sources.iter().zip(movies).collect();
        let output = Readable { movie: &movie, read: &read };
        let mut how = VerifyOptions::default().memory_budget(self.options.memory_budget);
        if self.in_place.is_some() {
            how = how.appended_alone();
        }
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
