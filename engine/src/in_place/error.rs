//! Why a movie was not changed in place, or not back.
//!
//! - Holds: whatever is said here, the movie is what it was.
//! - Not here: what a person can do about it (the command line).

use std::path::{Path, PathBuf};

use intercut_io::IoError;

use crate::append::{AppendError, JournalError};
use crate::discover::OpenError;
use crate::splice::SpliceError;

/// Why a movie was not changed in place, or not back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InPlaceError {
    /// What may be wrong with any splice.
    #[error(transparent)]
    Splice(#[from] SpliceError),
    /// This movie cannot be appended to.
    #[error("{}: it cannot be changed in place", path.display())]
    Append {
        /// The movie.
        path: PathBuf,
        /// Why.
        source: AppendError,
    },
    /// Nothing was inserted, or whoever wrote the movie anew left that out.
    #[error("{}: nothing was inserted into it that could be taken back", path.display())]
    NothingToUndo {
        /// The movie.
        path: PathBuf,
    },
    /// The movie is not what the last insert left.
    #[error("{}: another program changed it since the last insert: {what}", path.display())]
    Changed {
        /// The movie.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// The space of what was replaced was given back.
    #[error("{}: the space of what was replaced was given back, and with it the way back", path.display())]
    Punched {
        /// The movie.
        path: PathBuf,
    },
    /// The last insert was made by another version.
    #[error("{}: the last insert was made by another version: {detail}", path.display())]
    OtherVersion {
        /// The movie.
        path: PathBuf,
        /// How it differs.
        detail: String,
    },
    /// The disk wrote a part of the few bytes that decide.
    #[error("{}: the disk cut the write at byte {offset} that decides between the old movie and the new one", path.display())]
    Torn {
        /// The movie.
        path: PathBuf,
        /// Where those bytes are.
        offset: u64,
    },
    /// Somebody has the movie open, and would see zeros.
    #[error("{}: another program has it open", path.display())]
    OpenElsewhere {
        /// The movie.
        path: PathBuf,
    },
    /// What an insert or undo left is still behind the movie, and is to be kept there.
    #[error("{}: what an insert or undo left is still behind it, so nothing more is taken back", path.display())]
    LeftBehind {
        /// The movie.
        path: PathBuf,
    },
    /// The few bytes that decide are whole.
    #[error("{}: there is nothing to repair, its headers are whole", path.display())]
    NothingToRepair {
        /// The movie.
        path: PathBuf,
    },
}

impl InPlaceError {
    /// The code by which programs know the refusal, snake case; `None` for what is none, or has codes of its own.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Splice(_)
            | Self::Append { source: AppendError::Io(_) | AppendError::Layout(_), .. } => {
                return None;
            }
            Self::Append { .. } => "no_room_for_switch",
            Self::NothingToUndo { .. } => "nothing_to_undo",
            Self::Changed { .. } => "changed_since",
            Self::Punched { .. } => "punched",
            Self::OtherVersion { .. } => "other_version",
            Self::Torn { .. } => "torn_switch",
            Self::OpenElsewhere { .. } => "open_elsewhere",
            Self::LeftBehind { .. } => "left_behind",
            Self::NothingToRepair { .. } => "nothing_to_repair",
        })
    }

    /// The movie that is refused.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Splice(_) => None,
            Self::Append { path, .. }
            | Self::NothingToUndo { path }
            | Self::Changed { path, .. }
            | Self::Punched { path }
            | Self::OtherVersion { path, .. }
            | Self::Torn { path, .. }
            | Self::OpenElsewhere { path }
            | Self::LeftBehind { path }
            | Self::NothingToRepair { path } => Some(path),
        }
    }

    /// What is wrong with the movie, without its path: a sentence with its cause, without a full stop.
    pub fn why(&self) -> String {
        let mut text = self.to_string();
        if let Some(path) = self.path() {
            let prefix = format!("{}: ", path.display());
            text = text.strip_prefix(&prefix).map_or_else(|| text.clone(), str::to_owned);
        }
        if let Self::Append { source, .. } = self {
            text.push_str(&format!(": {source}"));
        }
        text
    }

    /// Why nothing can be appended to the movie at `path`.
    pub(super) fn of_append(path: &Path, error: AppendError) -> Self {
        match error {
            AppendError::Io(error) => error.into(),
            AppendError::Layout(error) => SpliceError::from(error).into(),
            source => Self::Append { path: path.to_owned(), source },
        }
    }

    /// Why the journal of the movie at `path` cannot be used.
    pub(super) fn of_journal(path: &Path, error: JournalError) -> Self {
        match error {
            JournalError::Io(error) => error.into(),
            JournalError::Form(detail) => Self::OtherVersion { path: path.to_owned(), detail },
        }
    }
}

impl From<IoError> for InPlaceError {
    fn from(error: IoError) -> Self {
        Self::Splice(error.into())
    }
}

impl From<OpenError> for InPlaceError {
    fn from(error: OpenError) -> Self {
        Self::Splice(error.into())
    }
}
