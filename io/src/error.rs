//! What can go wrong while bytes are moved, with the action and the path named.
//!
//! - Holds: the cause is told once, by `source()`; `Display` never repeats it.
//! - Not here: what a person can do about it (the command line says that).

use std::io;
use std::path::{Path, PathBuf};

use crate::choice::Route;

/// A failure of the engine's input or output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IoError {
    /// A system call failed.
    #[error("cannot {action} {}", path.display())]
    Failed {
        /// What was being done, as a verb: `open`, `map`, `write`.
        action: &'static str,
        /// The file it was done to.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Something that is not a regular file was given as a source.
    #[error("{} is {what}, not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is instead: `a directory`, `a FIFO`.
        what: &'static str,
    },
    /// A source is not what it was when it was opened.
    #[error("{} changed while it was used: {what}", path.display())]
    SourceChanged {
        /// The source.
        path: PathBuf,
        /// What differs, with both values.
        what: String,
    },
    /// A source ended before the bytes that were asked for.
    #[error("{} ends at byte {len}, but bytes {offset}..{} are needed", path.display(), offset + wanted)]
    SourceTooShort {
        /// The source.
        path: PathBuf,
        /// Its length in bytes now.
        len: u64,
        /// The first byte that was asked for.
        offset: u64,
        /// How many bytes were asked for.
        wanted: u64,
    },
    /// The target's filesystem has no room.
    #[error("no room for {}: {needed} bytes are needed, {available} are free", path.display())]
    NoSpace {
        /// The target.
        path: PathBuf,
        /// Bytes that have to be written.
        needed: u64,
        /// Bytes that the filesystem says are free to this user.
        available: u64,
    },
    /// The target exists and may not be replaced.
    #[error("{} exists already", path.display())]
    TargetExists {
        /// The target.
        path: PathBuf,
    },
    /// The target is one of the sources, perhaps by another name.
    #[error("{} is the same file as the source {}", path.display(), source_path.display())]
    TargetIsSource {
        /// The target.
        path: PathBuf,
        /// The source.
        source_path: PathBuf,
    },
    /// Another run makes or changes this file at the moment.
    #[error("{} is being made or changed by another run", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// An existing file that is being changed is not what it was.
    #[error("{} was changed by somebody else: {what}", path.display())]
    TargetChanged {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// The target replaced an existing file, complete and synced, but the sync of its folder failed.
    #[error(
        "{} is complete, but a power cut may bring back what it replaced: its folder cannot be synced",
        path.display()
    )]
    NameNotDurable {
        /// The target.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The route that was asked for by name cannot be used here.
    #[error("the {route} route cannot write {}: {reason}", path.display())]
    RouteRefused {
        /// The route.
        route: Route,
        /// The target.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The target cannot begin as a clone of another file.
    #[error("cannot clone {} to {}", original.display(), path.display())]
    CloneRefused {
        /// The target.
        path: PathBuf,
        /// The file that was to be cloned.
        original: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A file that is read whole is longer than any of its kind.
    #[error("{} is {len} bytes long, and at most {len_max} were expected", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        len: u64,
        /// The longest that is read.
        len_max: u64,
    },
    /// The system allows this process no more threads.
    #[error("cannot start a thread")]
    NoThread {
        /// What the system answered.
        source: io::Error,
    },
    /// The run was cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl IoError {
    /// Wraps the answer of a system call: `map_err(IoError::failed("open", path))`.
    pub fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> IoError {
        let path = path.to_owned();
        move |source| IoError::Failed { action, path, source }
    }

    /// The file that it is about; `None` if it is about none.
    pub fn path(&self) -> Option<&Path> {
        match self {
            IoError::Failed { path, .. }
            | IoError::NotAFile { path, .. }
            | IoError::SourceChanged { path, .. }
            | IoError::SourceTooShort { path, .. }
            | IoError::NoSpace { path, .. }
            | IoError::TargetExists { path }
            | IoError::Locked { path }
            | IoError::TargetChanged { path, .. }
            | IoError::TargetIsSource { path, .. }
            | IoError::NameNotDurable { path, .. }
            | IoError::RouteRefused { path, .. }
            | IoError::CloneRefused { path, .. }
            | IoError::TooLong { path, .. } => Some(path),
            IoError::NoThread { .. } | IoError::Cancelled => None,
        }
    }
}
