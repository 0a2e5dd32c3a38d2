//! Files that are read: opened read-only, identified, mapped, never loaded from.
//!
//! - In: a path that names a regular file.
//! - Out: [`Source`], with positioned reads into owned memory and a mapping that only the kernel touches.
//! - Holds: [`Source::check_unchanged`] fails where the file, by descriptor or by path, is not the one that was opened.
//! - Not here: what the bytes mean (the caller).

pub(crate) mod in_order;

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::SeekFrom;

use crate::error::IoError;
use crate::measure::interval::PHASE;
use crate::sys::platform;

/// A file, whatever it is called: its device, and its inode there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// The file that `metadata` describes.
    pub fn of(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    /// The file that a path leads to, through links; `None` if there is none.
    pub fn at(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().map(|metadata| Self::of(&metadata))
    }
}

/// What makes a file the file that it is: where it is, and when it last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Device number.
    pub device: u64,
    /// Inode number on that device.
    pub inode: u64,
    /// Length in bytes.
    pub len: u64,
    /// Last change of the content, nanoseconds since 1970.
    pub mtime_ns: i128,
    /// Last change of the content or of the inode, nanoseconds since 1970.
    pub ctime_ns: i128,
}

impl Identity {
    /// The identity that `metadata` tells of.
    pub fn of(metadata: &Metadata) -> Self {
        let ns = |seconds: i64, nanoseconds: i64| {
            i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
        };
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            len: metadata.len(),
            mtime_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Which file it is, changed or not.
    pub fn file(&self) -> FileId {
        FileId { device: self.device, inode: self.inode }
    }

    /// Whether both are the same file, changed or not.
    pub fn is_same_file(&self, other: &Identity) -> bool {
        self.file() == other.file()
    }

    fn difference(&self, now: &Identity) -> Option<String> {
        if !self.is_same_file(now) {
            Some("another file has taken its name".to_owned())
        } else if self.len != now.len {
            Some(format!("its length was {} bytes and is {}", self.len, now.len))
        } else if self.mtime_ns != now.mtime_ns {
            Some("its content was written to".to_owned())
        } else if self.ctime_ns != now.ctime_ns {
            Some("its inode was changed (links, permissions or content)".to_owned())
        } else {
            None
        }
    }
}

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

/// A file that is read.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    file: File,
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
        Ok(Self { path: path.to_owned(), file, identity: Identity::of(&metadata) })
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

    /// The open file, for the routes.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Fills `buffer` with the bytes from `offset`.
    ///
    /// # Errors
    /// [`IoError::SourceTooShort`] where the file ends earlier, [`IoError::Failed`] where a read fails.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        self.file.read_exact_at(buffer, offset).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => IoError::SourceTooShort {
                path: self.path.clone(),
                len: self.file.metadata().map_or(0, |metadata| metadata.len()),
                offset,
                wanted: buffer.len() as u64,
            },
            _ => IoError::failed("read", &self.path)(source),
        })
    }

    /// Asks for a range to be read into the page cache, and does not wait for it.
    pub fn read_ahead(&self, offset: u64, len: u64) {
        platform::read_ahead(&self.file, offset, len);
    }

    /// The first hole that ends behind `offset`: bytes that were never written and read as zeros. `None` if there is none,
    /// or if the filesystem cannot tell.
    pub fn hole_from(&self, offset: u64) -> Option<Range<u64>> {
        let len = self.identity.len;
        let start = rustix::fs::seek(&self.file, SeekFrom::Hole(offset)).ok()?;
        if start >= len {
            return None;
        }
        // No more data: the hole reaches to the end.
        let end = rustix::fs::seek(&self.file, SeekFrom::Data(start)).unwrap_or(len);
        Some(start..end.max(start + 1))
    }

    /// Fails where the file is not what it was when it was opened, by its descriptor or by its path.
    ///
    /// # Errors
    /// [`IoError::SourceChanged`] with what differs.
    pub fn check_unchanged(&self) -> Result<(), IoError> {
        let changed = |what| IoError::SourceChanged { path: self.path.clone(), what };
        let by_descriptor = self.file.metadata().map_err(IoError::failed("examine", &self.path))?;
        if let Some(what) = self.identity.difference(&Identity::of(&by_descriptor)) {
            return Err(changed(what));
        }
        let by_path = match std::fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(changed("it is gone".to_owned()));
            }
            Err(error) => return Err(IoError::failed("examine", &self.path)(error)),
        };
        match self.identity.difference(&Identity::of(&by_path)) {
            Some(what) => Err(changed(what)),
            None => Ok(()),
        }
    }
}
