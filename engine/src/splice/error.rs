//! Why a splice was not made.

use std::path::PathBuf;

use intercut_io::IoError;

use crate::append::AppendError;
use crate::discover::OpenError;
use crate::layout::LayoutError;
use crate::look::LookError;
use crate::movie::MovieError;
use crate::plan::{PlanError, ReplayError};
use crate::verify::{VerifyError, VerifyReport};

/// Why a splice was not made. The output is what it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpliceError {
    /// No output was named.
    #[error("no output is named")]
    NoOutput,
    /// A movie is damaged, none, or of a kind that is not handled.
    #[error(transparent)]
    Open(OpenError),
    /// The clips do not fit.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A saved plan does not fit the files.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The plan cannot be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The base cannot be continued by new samples.
    #[error("{} cannot be continued by new samples", path.display())]
    Append {
        /// The base.
        path: PathBuf,
        /// Why.
        source: AppendError,
    },
    /// A clone of the base has its header where it is.
    #[error("a clone of the base cannot get its header before the media")]
    HeaderOfClone,
    /// Pictures cannot be looked at.
    #[error(transparent)]
    Look(LookError),
    /// Reading or writing failed, or the run was cancelled.
    #[error(transparent)]
    Io(#[from] IoError),
    /// What was written cannot be verified.
    #[error(transparent)]
    Verify(VerifyError),
    /// What was written is not a movie when it is read back.
    #[error("what was written for {} is no movie when it is read back", path.display())]
    ReadBack {
        /// The output.
        path: PathBuf,
        /// What is wrong with it.
        source: MovieError,
    },
    /// What was written is not what was planned.
    #[error("what was written for {} differs from its sources{}", path.display(), first_of(found))]
    Differs {
        /// The output.
        path: PathBuf,
        /// Where.
        found: Box<VerifyReport>,
    },
}

impl From<OpenError> for SpliceError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => Self::Io(error),
            error => Self::Open(error),
        }
    }
}

impl From<LookError> for SpliceError {
    fn from(error: LookError) -> Self {
        match error {
            LookError::Io(error) => Self::Io(error),
            error @ LookError::NoRoom { .. } => Self::Look(error),
        }
    }
}

impl From<VerifyError> for SpliceError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Plan(error) => Self::Layout(error),
            VerifyError::Io(error) => Self::Io(error),
            error @ (VerifyError::SharedTooOften { .. } | VerifyError::Scattered { .. }) => {
                Self::Verify(error)
            }
        }
    }
}

fn first_of(found: &VerifyReport) -> String {
    let sample = found.first.as_ref().map(|first| format!(": {first}"));
    sample.or_else(|| found.structure.first().map(|first| format!(": {first}"))).unwrap_or_default()
}
