//! What makes a file the file that it is, and how it shows that it has changed.
//!
//! - In: what the system says about a file. Out: [`FileId`], [`Identity`], and in words how two of them differ.
//! - Not here: when they are compared (`source`, `target`).

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

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

    /// How the file differs from what it is `now`, as a sentence without a full stop; `None` if it does not.
    pub fn difference(&self, now: &Identity) -> Option<String> {
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
