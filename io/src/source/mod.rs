//! Files that are read: opened read-only, identified, mapped, never loaded from.
//!
//! - In: a path that names a regular file; or bytes that are made.
//! - Out: [`Source`], with positioned reads into owned memory and a mapping that only the kernel touches.
//! - Holds: [`Source::check_unchanged`] fails where the file, by descriptor or by path, is not the one that was opened.
//! - Not here: what the bytes mean (the caller).

pub(crate) mod in_order;
mod made;

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::SeekFrom;

use crate::error::IoError;
use crate::measure::interval::PHASE;
use crate::storage::{self, BeingWritten, Identity, Storage};
use crate::sys::platform;

pub use made::Made;
use made::MadeStorage;

/// Refuses what is not a regular file, and says what it is.
pub(crate) fn must_be_file(path: &Path, metadata: &Metadata) -> Result<(), IoError> {
    let kind = metadata.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(IoError::NotAFile { path: path.to_owned(), what })
}

/// A file that is read, or bytes that are made as if one held them.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    made: Option<Arc<dyn Made>>,
    storage: Box<dyn Storage>,
    identity: Identity,
}

impl Source {
    /// Opens `path` read-only and identifies it. Never waits for the writer of a FIFO.
    ///
    /// # Errors
    /// [`IoError::NotAFile`] for anything but a regular file, [`IoError::Failed`] where the system refuses.
    pub fn open(path: &Path) -> Result<Self, IoError> {
        let _phase =
            tracing::debug_span!(target: PHASE, "open", source = %path.display()).entered();
        // Asked before it is opened too: a socket cannot be, and opening a device may set it to work.
        let metadata = std::fs::metadata(path).map_err(IoError::failed("open", path))?;
        must_be_file(path, &metadata)?;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
            .open(path)
            .map_err(IoError::failed("open", path))?;
        let metadata = file.metadata().map_err(IoError::failed("examine", path))?;
        must_be_file(path, &metadata)?;
        // In this order: a write that is under way ends before anything is read; a later one changes the times above.
        platform::wait_for_writes(&file);
        let identity = Identity::of(&metadata);
        Ok(Self { path: path.to_owned(), made: None, storage: Box::new(file), identity })
    }

    /// Bytes that no file holds.
    ///
    /// - `path`: by which messages call it.
    pub fn made(path: &Path, made: Arc<dyn Made>) -> Self {
        let storage = MadeStorage(Arc::clone(&made));
        let identity = storage.identity().expect("what is made has a length");
        Self { path: path.to_owned(), made: Some(made), storage: Box::new(storage), identity }
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes when it was opened.
    pub fn len(&self) -> u64 {
        self.identity.len
    }

    /// Whether it was empty when it was opened.
    pub fn is_empty(&self) -> bool {
        self.identity.len == 0
    }

    /// What it was when it was opened.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A source that is not a file of the system.
    #[cfg(test)]
    pub(crate) fn in_storage(path: &Path, storage: Box<dyn Storage>) -> Self {
        let identity = storage.identity().expect("it tells what it is");
        Self { path: path.to_owned(), made: None, storage, identity }
    }

    /// What makes its bytes, if no file holds them.
    pub(crate) fn maker(&self) -> Option<&dyn Made> {
        self.made.as_deref()
    }

    /// What is read.
    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// The open file, for what only the system has.
    pub(crate) fn file(&self) -> Option<&File> {
        self.storage.as_file()
    }

    /// Fills `buffer` with the bytes from `offset`.
    ///
    /// # Errors
    /// [`IoError::SourceTooShort`] if the file ends earlier, [`IoError::Failed`] if a read fails.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        let wanted = buffer.len() as u64;
        storage::read_exact_at(&*self.storage, buffer, offset).map_err(|source| {
            match source.kind() {
                io::ErrorKind::UnexpectedEof => IoError::SourceTooShort {
                    path: self.path.clone(),
                    len: self.storage.identity().map_or(0, |now| now.len),
                    offset,
                    wanted,
                },
                _ => self.failed("read")(source),
            }
        })
    }

    /// What it means that the system could not do something with the file: one that its server does not know any more was
    /// removed, or replaced by another.
    pub(crate) fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> IoError {
        let path = self.path.clone();
        move |error| match error.raw_os_error() {
            Some(libc::ESTALE) => {
                let what = "its server does not know it any more".to_owned();
                IoError::SourceChanged { path, what }
            }
            _ => IoError::Failed { action, path, source: error },
        }
    }

    /// Asks for a range to be read into the page cache, and does not wait for it.
    pub fn read_ahead(&self, offset: u64, len: u64) {
        if let Some(file) = self.file() {
            platform::read_ahead(file, offset, len);
        }
    }

    /// The first hole that ends behind `offset`: bytes that were never written and read as zeros. `None` if there is none,
    /// or if the filesystem cannot tell.
    pub fn hole_from(&self, offset: u64) -> Option<Range<u64>> {
        let (len, file) = (self.identity.len, self.file()?);
        let start = rustix::fs::seek(file, SeekFrom::Hole(offset)).ok()?;
        if start >= len {
            return None;
        }
        // No more data: the hole reaches to the end.
        let end = rustix::fs::seek(file, SeekFrom::Data(start)).unwrap_or(len);
        Some(start..end.max(start + 1))
    }

    /// Whether somebody has the file open for writing, now. A recorder or a renderer that is at work has.
    pub fn being_written(&self) -> BeingWritten {
        self.file().map_or(BeingWritten::CannotTell, BeingWritten::of)
    }

    /// Fails where the file is not what it was when it was opened, by its descriptor or by its path.
    ///
    /// # Errors
    /// [`IoError::SourceChanged`] with what differs.
    pub fn check_unchanged(&self) -> Result<(), IoError> {
        let changed = |what| IoError::SourceChanged { path: self.path.clone(), what };
        let by_descriptor = self.storage.identity();
        let by_descriptor = by_descriptor.map_err(self.failed("examine"))?;
        if let Some(what) = self.identity.difference(&by_descriptor) {
            return Err(changed(what));
        }
        if self.file().is_none() {
            return Ok(());
        }
        let by_path = match std::fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(changed("it is gone".to_owned()));
            }
            Err(error) => return Err(self.failed("examine")(error)),
        };
        match self.identity.difference(&Identity::of(&by_path)) {
            Some(what) => Err(changed(what)),
            None => Ok(()),
        }
    }
}
