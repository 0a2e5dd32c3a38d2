//! Gives a movie that is written its name, and its sidecar beside it.
//!
//! - In: [`WrittenSplice`], and what has its name so far.
//! - Out: the finished movie with `OUT.intercut.json`, and the [`Report`].
//! - Holds: the sidecar is written first, so that a crash never leaves a movie that looks like somebody else's. If the movie
//!   does not get its name, the sidecar that was there before is put back.
//! - Not here: what a sidecar says (`sidecar`), whether the output may be replaced (`prepare`, or the caller).

use std::path::{Path, PathBuf};

use intercut_io::{Control, IoError, OutputLock};

use super::stamp_of;
use crate::plan::FileStamp;
use crate::sidecar::{Attempt, FileRecord, Fingerprint, Sidecar};
use crate::splice::{Report, SpliceError, WrittenSplice};

/// One output that is written with its sidecar, outside of a batch. No batch writes it at the same time.
#[derive(Debug)]
pub struct OutputWithSidecar {
    output: PathBuf,
    _lock: OutputLock,
}

impl OutputWithSidecar {
    /// Keeps batches from `output` until it is done.
    ///
    /// # Errors
    /// [`IoError::Locked`] if a batch is at work on it; [`IoError::Failed`] if its folder cannot be written.
    pub fn take(output: &Path) -> Result<Self, IoError> {
        Ok(Self { output: output.to_owned(), _lock: OutputLock::take(output)? })
    }

    /// Gives the movie its name, and its sidecar beside it.
    ///
    /// - Cost: reads samples of the movie and of its sources.
    ///
    /// # Errors
    /// [`SpliceError`]; the output and its sidecar are then what they were.
    pub fn commit(self, written: WrittenSplice, control: &Control) -> Result<Report, SpliceError> {
        let existing = stamp_of(&self.output)?;
        Unnamed::new(&self.output, written, existing, None)?.commit(control)
    }
}

/// A movie that is written and has no name yet, and what will lie beside it.
pub(in crate::batch) struct Unnamed<'a> {
    output: &'a Path,
    written: WrittenSplice,
    sidecar: Sidecar,
}

impl<'a> Unnamed<'a> {
    /// - `existing`: what has the name of `output` and may be replaced.
    /// - `attempt`: the try that has written it, if that is noted.
    pub(in crate::batch) fn new(
        output: &'a Path,
        written: WrittenSplice,
        existing: Option<FileStamp>,
        attempt: Option<Attempt>,
    ) -> Result<Self, SpliceError> {
        let stamp = written.stamp()?;
        let read = |buffer: &mut [u8], offset: u64| written.read_exact_at(buffer, offset);
        let record = FileRecord { stamp, fingerprint: Fingerprint::of(stamp.len, &read)? };
        let options = written.options();
        let sidecar = Sidecar {
            replaces: existing,
            faststart: options.faststart,
            verify: options.verify,
            digests: written.digests().cloned(),
            last_attempt: attempt,
            ..Sidecar::of(output, record, written.plan().clone())?
        };
        Ok(Self { output, written, sidecar })
    }

    /// Writes the sidecar, then gives the movie its name.
    pub(in crate::batch) fn commit(self, control: &Control) -> Result<Report, SpliceError> {
        let Self { output, written, mut sidecar } = self;
        // The movie takes this name, also from a link: its sidecar is beside that, and not beside where the link led.
        let place = Sidecar::path_of(output);
        let before = Sidecar::text(&place)?;
        sidecar.write(&place, control)?;
        let report = match written.commit(control) {
            Ok(report) => report,
            Err(error) => {
                // If only the name is not durable, it leads to the new file, or after a power cut to the old one: the new
                // sidecar knows both.
                if !matches!(&error, SpliceError::Io(IoError::NameNotDurable { .. })) {
                    // The failure is what is told; a sidecar of a file that is not there does no harm.
                    let _told: Result<(), _> = sidecar.put_back(before.as_deref(), &place);
                }
                return Err(error);
            }
        };
        // A few filesystems set the time anew when the file is closed or renamed.
        if let Some(stamp) = stamp_of(output)?.filter(|stamp| *stamp != sidecar.output.stamp) {
            sidecar.output.stamp = stamp;
            sidecar.write(&place, &Control::default())?;
        }
        Ok(report)
    }
}
