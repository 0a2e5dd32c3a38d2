//! Bytes that no file holds: made when they are asked for.
//!
//! - In: a [`Made`]: a length, and the bytes from any offset on.
//! - Out: a storage that is read like a file. It is no file of the system, so nothing is mapped, shared or read ahead.
//! - Holds: the same range has the same bytes whenever and however often it is asked for.
//! - Not here: what is made (the caller).

use std::fmt;
use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::error::IoError;
use crate::storage::{Identity, Storage};
use crate::sys::platform::Filesystem;

/// Bytes that are made when they are asked for, from any thread.
pub trait Made: fmt::Debug + Send + Sync {
    /// How many there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `bytes` with those from `offset` on, which are all there.
    ///
    /// # Errors
    /// If they are made of a file's bytes, which cannot be read.
    fn fill(&self, offset: u64, bytes: &mut [u8]) -> Result<(), IoError>;
}

/// What is made, read like a file.
#[derive(Debug)]
pub(super) struct MadeStorage(pub(super) Arc<dyn Made>);

impl MadeStorage {
    fn unsupported<T>() -> io::Result<T> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Storage for MadeStorage {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = usize::try_from(self.0.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = buffer.len().min(left);
        self.0.fill(offset, &mut buffer[..len]).map_err(io::Error::other)?;
        Ok(len)
    }

    fn write_at(&self, _bytes: &[u8], _offset: u64) -> io::Result<usize> {
        Self::unsupported()
    }

    fn share_from(&self, _to: u64, _from: &dyn Storage, _at: u64, _len: u64) -> io::Result<()> {
        Self::unsupported()
    }

    fn copy_from(&self, _: u64, _: &dyn Storage, _: u64, _: usize) -> io::Result<usize> {
        Self::unsupported()
    }

    fn reserve(&self, _offset: u64, _len: u64, _grows: bool) -> io::Result<()> {
        Self::unsupported()
    }

    fn punch(&self, _offset: u64, _len: u64) -> io::Result<()> {
        Self::unsupported()
    }

    fn set_len(&self, _len: u64) -> io::Result<()> {
        Self::unsupported()
    }

    fn sync(&self) -> io::Result<()> {
        Self::unsupported()
    }

    fn sync_data(&self) -> io::Result<()> {
        Self::unsupported()
    }

    /// Of no device: no file of the system is the same.
    fn identity(&self) -> io::Result<Identity> {
        Ok(Identity { device: 0, inode: 0, len: self.0.len(), mtime_ns: 0, ctime_ns: 0 })
    }

    fn set_modified(&self, _mtime_ns: i128) -> io::Result<()> {
        Self::unsupported()
    }

    fn free_space(&self) -> io::Result<u64> {
        Self::unsupported()
    }

    fn filesystem(&self) -> io::Result<(Filesystem, u64)> {
        Ok((Filesystem::Disk, 4096))
    }

    fn as_file(&self) -> Option<&File> {
        None
    }
}
