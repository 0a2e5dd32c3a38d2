//! Gives a splice that is written its name.
//!
//! - In: [`WrittenSplice`].
//! - Out: the finished movie, the [`Report`], and every latency that was recorded.
//! - Holds: the target has its name only after its bytes are durable.
//! - Not here: writing (`write`).

use std::time::Instant;

use intercut_io::latency::Latency;
use intercut_io::process::RssSampler;
use intercut_io::{Control, Target};

use super::SpliceError;
use super::lay_out::LaidOutSplice;
use crate::plan::FileStamp;
use crate::report::Report;
use crate::verify::Digests;

/// A splice that is written, durable, and verified as far as was asked, and has no name yet. Dropped, it is gone.
#[derive(Debug)]
pub struct WrittenSplice {
    pub(super) splice: LaidOutSplice,
    pub(super) target: Target,
    pub(super) report: Report,
    pub(super) latency: Latency,
    /// When the first byte was due.
    pub(super) start: Instant,
    pub(super) sampler: RssSampler,
}

impl WrittenSplice {
    /// What the output will be told by later.
    ///
    /// # Errors
    /// [`SpliceError::Io`] where the file cannot be examined.
    pub fn stamp(&self) -> Result<FileStamp, SpliceError> {
        Ok(FileStamp::of(&self.target.identity()?))
    }

    /// The digests of what was written, after a full verification.
    pub fn digests(&self) -> Option<&Digests> {
        self.report.verify.digests.as_ref()
    }

    /// Gives the movie its name. Returns the report, and the latencies that it sums up.
    ///
    /// # Errors
    /// [`SpliceError`]; the target is then gone, and an existing output is untouched.
    pub fn commit(self, control: &Control) -> Result<(Report, Latency), SpliceError> {
        let Self { splice, target, mut report, mut latency, start, sampler } = self;
        let committed = Instant::now();
        latency.merge(&target.commit(control)?);
        report.seconds.sync += committed.elapsed().as_secs_f64();
        report.seconds.total = (splice.cost.setup + start.elapsed()).as_secs_f64();
        report.add_latency(&latency);
        report.cpu_seconds = splice.cpu_seconds();
        report.memory_bytes.rss_anonymous_peak = sampler.stop();
        Ok((report, latency))
    }
}
