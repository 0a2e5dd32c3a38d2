//! Why a job of a batch was refused, or failed.

use std::path::PathBuf;

use intercut_io::IoError;

use crate::splice::SpliceError;

/// Why a job was refused, or failed. Its output is what it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// What may be wrong with any splice.
    #[error(transparent)]
    Splice(#[from] SpliceError),
    /// There is nothing to be put into the base.
    #[error("there is no clip for {}", base.display())]
    NoClips {
        /// The base.
        base: PathBuf,
    },
    /// Another job writes the same file.
    #[error("{} is also the output of the job of {}", output.display(), other.display())]
    SameOutput {
        /// The output.
        output: PathBuf,
        /// The base of this job.
        base: PathBuf,
        /// The other job's base.
        other: PathBuf,
    },
    /// Another job reads it.
    #[error("{} is a source of the job that writes {}", output.display(), other.display())]
    OutputIsSource {
        /// The output.
        output: PathBuf,
        /// The other job's output.
        other: PathBuf,
    },
    /// The output's name is taken by a file that no batch has made, or that was changed since.
    #[error("{} is not replaced: {why}", output.display())]
    Foreign {
        /// The output.
        output: PathBuf,
        /// How that is known.
        why: String,
    },
}

impl From<IoError> for JobError {
    fn from(error: IoError) -> Self {
        Self::Splice(SpliceError::Io(error))
    }
}

impl JobError {
    /// Whether the job did not fail but was asked to end.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Splice(SpliceError::Io(IoError::Cancelled)))
    }

    /// The error and its causes as sentences: one a file, where several are wrong.
    pub(super) fn sentences(&self) -> Vec<String> {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        let mut lines = text.lines().map(|line| line.trim().to_owned());
        let first = lines.next();
        let others: Vec<String> = lines.collect();
        // The first line of a list says no more than that it is one.
        if others.is_empty() { first.into_iter().collect() } else { others }
    }
}
