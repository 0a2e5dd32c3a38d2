//! Gives a splice that is written its name.
//!
//! - In: [`WrittenSplice`].
//! - Out: the finished movie, and the [`Report`].
//! - Holds: the target has its name only after its bytes are durable.
//! - Not here: writing (`write`).

use std::time::Instant;

use intercut_io::process::{RssSampler, max_rss};
use intercut_io::{Control, IoError, Target};

use super::lay_out::LaidOutSplice;
use super::report::Report;
use super::{SpliceError, SpliceOptions};
use crate::plan::{FileStamp, SplicePlan};
use crate::verify::Digests;

/// A splice that is written, durable, and verified as far as was asked, and has no name yet. Dropped, it is gone.
#[derive(Debug)]
pub struct WrittenSplice {
    pub(super) splice: LaidOutSplice,
    pub(super) target: Target,
    pub(super) report: Report,
    /// When the first byte was due.
    pub(super) start: Instant,
    pub(super) sampler: RssSampler,
}

impl WrittenSplice {
    /// What the output will be identified by later.
    ///
    /// # Errors
    /// [`SpliceError::Io`] where the file cannot be examined.
    pub fn stamp(&self) -> Result<FileStamp, SpliceError> {
        Ok(FileStamp::of(&self.target.identity()?))
    }

    /// Fills `buffer` with what was written from `offset` on.
    pub(crate) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        self.target.read_exact_at(buffer, offset)
    }

    /// Fills `buffer` with what will be there from `offset` on when the movie has its patches.
    pub(crate) fn read_committed(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        self.target.read_exact_at(buffer, offset)?;
        let patches = self.splice.layout.schedule().patches();
        patches.iter().for_each(|patch| patch.show(buffer, offset));
        Ok(())
    }

    /// Length of what was written, in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.splice.layout.schedule().len()
    }

    /// The digests of what was written, after a full verification.
    pub fn digests(&self) -> Option<&Digests> {
        self.report.verification.digests.as_ref()
    }

    /// Fails if the movie that is changed in place has another header than the one that was read: another program wrote to
    /// it meanwhile.
    pub(crate) fn check_base_header(&self) -> Result<(), IoError> {
        let header = self.splice.movies[0].header();
        let mut moov = vec![0; header.moov.len()];
        self.target.read_exact_at(&mut moov, header.moov_offset)?;
        if moov == header.moov {
            return Ok(());
        }
        let (path, what) =
            (self.splice.output.clone(), "its movie header is another one".to_owned());
        Err(IoError::TargetChanged { path, what })
    }

    /// The plan that it was made by.
    pub fn plan(&self) -> &SplicePlan {
        self.splice.plan()
    }

    /// How it was written.
    pub fn options(&self) -> SpliceOptions {
        self.report.options
    }

    /// Gives the movie its name, or switches to it.
    ///
    /// # Errors
    /// [`SpliceError`]; the target is then gone, and an existing output is untouched.
    pub fn commit(self, control: &Control) -> Result<Report, SpliceError> {
        let Self { splice, target, mut report, start, sampler } = self;
        let committed = Instant::now();
        report.latency.merge(&target.commit(control)?);
        report.times.sync += committed.elapsed();
        report.times.total = splice.cost.setup + start.elapsed();
        report.cpu_time = splice.cpu_time();
        report.memory.rss_anonymous_peak = sampler.stop();
        report.memory.max_rss = max_rss();
        Ok(report)
    }
}
