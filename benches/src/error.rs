//! What stops a comparison.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Why a comparison could not be made, or cannot be believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VersusError {
    /// The system refused an action on a file.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot run {program}")]
    NotRun {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program failed.
    #[error("{program} failed ({status}): {said}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it wrote to standard error.
        said: String,
    },
    /// A program's answer makes no sense.
    #[error("{program} answered {answer:?}, which is not {expected}")]
    Answer {
        /// The program.
        program: String,
        /// What it wrote to standard output.
        answer: String,
        /// What was wanted.
        expected: &'static str,
    },
    /// A contender wrote something else than the others.
    #[error("{contender} wrote a wrong result: {what} is {found}, not {expected}")]
    WrongResult {
        /// The contender.
        contender: String,
        /// What differs.
        what: &'static str,
        /// Its value in the result.
        found: String,
        /// Its value in the result that was verified.
        expected: String,
    },
    /// The page cache is not in the state that was asked for.
    #[error(
        "{resident} of {wanted} bytes of the sources are in the page cache, so the run would not be {cache}; {advice}"
    )]
    Cache {
        /// Bytes of the sources that are in memory.
        resident: u64,
        /// Bytes of the sources.
        wanted: u64,
        /// `cold` or `warm`.
        cache: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// Two comparisons at once would spoil each other.
    #[error("another comparison is measuring in {}; wait for it, or name another --folder", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// There is no folder to keep the workloads in.
    #[error("neither XDG_CACHE_HOME nor HOME names a folder; name one with --folder")]
    NoFolder,
    /// What was to be measured is not there on this system.
    #[error("this system has no {what}")]
    NotHere {
        /// What is missing.
        what: &'static str,
    },
    /// The storage limit, which everything else is compared with, could not be measured.
    #[error("the storage limit cannot be measured here: {reason}")]
    NoLimit {
        /// Why.
        reason: String,
    },
}

impl VersusError {
    /// Makes an error of what the system said about `path`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// The error and its causes, in one line.
    pub fn told(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text += &format!(": {error}");
            cause = error.source();
        }
        text
    }
}
