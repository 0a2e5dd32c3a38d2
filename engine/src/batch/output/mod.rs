//! One output of a batch, and what lies beside it.
//!
//! - In: the path of an output.
//! - Out: [`Found`]: what has that name, and what its sidecar says.
//! - Not here: the sidecar itself (`sidecar`), whether the output has to be made again (`compare`).

pub(super) mod conflicts;
mod naming;

use std::path::Path;

use intercut_io::{Identity, IoError};

pub use naming::OutputWithSidecar;
pub(super) use naming::Unnamed;

use crate::plan::FileStamp;
use crate::sidecar::{Attempt, Beside, ChangedInPlace, Sidecar};

/// How it is known that a file is none that a batch has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignReason {
    /// There is no sidecar.
    #[error("nothing beside it says that an earlier batch made it")]
    NoSidecar,
    /// There is a sidecar that cannot be understood: damaged, or of another version.
    #[error("this version does not understand the .intercut.json beside it")]
    OtherForm,
    /// The sidecar is of a file of another length.
    #[error("an earlier batch made it with {was} bytes, and it has {is}")]
    Length {
        /// Bytes when it was made.
        was: u64,
        /// Bytes now.
        is: u64,
    },
    /// It has other bytes.
    #[error("it was written to since an earlier batch made it")]
    Content,
    /// It was written to between planning and naming.
    #[error("it was written to while the batch ran")]
    WhileRunning,
}

/// What has an output's name, and what its sidecar says.
#[derive(Debug)]
pub(super) struct Found {
    /// The file; `None` if the name is free.
    pub(super) existing: Option<FileStamp>,
    /// What an earlier batch has noted; `None` if there is nothing that can be understood.
    pub(super) sidecar: Option<Sidecar>,
    /// The existing file is the one that the sidecar was written for.
    pub(super) is_as_written: bool,
    /// The existing file is that one with inserts in it.
    pub(super) is_changed_in_place: bool,
    /// The last try at it, if that was noted.
    pub(super) last_attempt: Option<Attempt>,
    /// Why the existing file is none that a batch has made.
    pub(super) foreign: Option<ForeignReason>,
}

impl Found {
    /// Looks at `output` and its sidecar.
    ///
    /// - Cost: a few system calls; reads samples of the output if it is as long as it was and has another time.
    ///
    /// # Errors
    /// [`IoError::TargetExists`] if the name is a link that leads nowhere; [`IoError::Failed`].
    pub(super) fn look(output: &Path) -> Result<Self, IoError> {
        let existing = stamp_of(output)?;
        let (sidecar, last_attempt, is_strange) = match Beside::read(output)? {
            Beside::Made(sidecar) => {
                let last_attempt = sidecar.last_attempt.clone();
                (Some(*sidecar), last_attempt, false)
            }
            Beside::Tried(attempt) => (None, Some(*attempt), false),
            Beside::Strange => (None, None, true),
            Beside::Nothing => (None, None, false),
        };
        let mut found = Self {
            existing,
            sidecar,
            is_as_written: false,
            is_changed_in_place: false,
            last_attempt,
            foreign: None,
        };
        let Some(existing) = existing else { return Ok(found) };
        let Some(sidecar) = &found.sidecar else {
            found.foreign = Some(match is_strange {
                true => ForeignReason::OtherForm,
                false => ForeignReason::NoSidecar,
            });
            return Ok(found);
        };
        found.is_as_written = sidecar.output.is_still(output, existing)?;
        if let Some(ChangedInPlace { inserts, output: changed, .. }) = &sidecar.in_place
            && !found.is_as_written
            && changed.is_still(output, existing)?
        {
            // What was taken back may have a tail that nothing refers to.
            found.is_as_written = *inserts == 0;
            found.is_changed_in_place = *inserts > 0;
        }
        let is_ours =
            found.is_as_written || found.is_changed_in_place || sidecar.replaces == Some(existing);
        let (was, is) = (sidecar.output.stamp.len, existing.len);
        found.foreign = match is_ours {
            true => None,
            false if was != is => Some(ForeignReason::Length { was, is }),
            false => Some(ForeignReason::Content),
        };
        Ok(found)
    }
}

/// What has a name; `None` if it is free.
pub(super) fn stamp_of(path: &Path) -> Result<Option<FileStamp>, IoError> {
    match std::fs::metadata(path) {
        // That a folder cannot be written over is told with all else.
        Ok(metadata) if metadata.is_dir() => Ok(None),
        Ok(metadata) => Ok(Some(FileStamp::of(&Identity::of(&metadata)))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            match std::fs::symlink_metadata(path) {
                Ok(_) => Err(IoError::TargetExists { path: path.to_owned() }),
                Err(_) => Ok(None),
            }
        }
        Err(error) => Err(IoError::failed("examine", path)(error)),
    }
}
