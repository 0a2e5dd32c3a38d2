//! What the executor asks of a file: a few calls, which tests answer from memory.
//!
//! - Out: [`Storage`], and what a real file answers.
//! - Holds: a call may be short or interrupted, as those of the system may; who calls goes on where it stopped.
//! - Not here: what only the system has (mappings, direct writes, rings): that needs [`Storage::as_file`].

mod identity;
mod lease;
#[cfg(test)]
pub(crate) mod memory;

use std::fmt;
use std::fs::{File, FileTimes};
use std::io;
use std::os::unix::fs::FileExt;
use std::time::{Duration, SystemTime};

pub use identity::{FileId, Identity};
pub use lease::{BeingWritten, Lease, OpenElsewhere};

use crate::sys::platform::{self, Filesystem};

/// A file that is read or written at offsets.
pub(crate) trait Storage: fmt::Debug + Send + Sync {
    /// Fills the beginning of `buffer` with bytes from `offset`; returns how many, 0 at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes the beginning of `bytes` at `offset`; returns how many bytes.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Shares `len` bytes of `source` from `offset` with this file at `target`.
    fn share_from(
        &self,
        target: u64,
        source: &dyn Storage,
        offset: u64,
        len: u64,
    ) -> io::Result<()>;

    /// Copies up to `len` bytes of `source` from `offset` to `target`, without this process seeing them; returns how many.
    fn copy_from(
        &self,
        target: u64,
        source: &dyn Storage,
        offset: u64,
        len: usize,
    ) -> io::Result<usize>;

    /// Reserves room for `len` bytes from `offset`; the file is as long as before, unless it `grows` over them.
    fn reserve(&self, offset: u64, len: u64, grows: bool) -> io::Result<()>;

    /// Gives the blocks of `len` bytes from `offset` back: they read as zeros then.
    fn punch(&self, offset: u64, len: u64) -> io::Result<()>;

    /// Cuts the file to this length, or makes it as long with zeros.
    fn set_len(&self, len: u64) -> io::Result<()>;

    /// Makes bytes and length durable.
    fn sync(&self) -> io::Result<()>;

    /// Makes bytes durable that were written over older ones.
    fn sync_data(&self) -> io::Result<()>;

    /// What the file is now.
    fn identity(&self) -> io::Result<Identity>;

    /// Sets the time of the last change of the content, in nanoseconds since 1970.
    fn set_modified(&self, mtime_ns: i128) -> io::Result<()>;

    /// Bytes that are free to this user on its filesystem; an error if it does not tell.
    fn free_space(&self) -> io::Result<u64>;

    /// What kind of filesystem it is on, and the size of its blocks.
    fn filesystem(&self) -> io::Result<(Filesystem, u64)>;

    /// The file of the system, if it is one.
    fn as_file(&self) -> Option<&File>;
}

impl Storage for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn share_from(
        &self,
        target: u64,
        source: &dyn Storage,
        offset: u64,
        len: u64,
    ) -> io::Result<()> {
        platform::share(self, target, file_of(source)?, offset, len)
    }

    fn copy_from(
        &self,
        target: u64,
        source: &dyn Storage,
        offset: u64,
        len: usize,
    ) -> io::Result<usize> {
        platform::copy_range(file_of(source)?, offset, self, target, len)
    }

    fn reserve(&self, offset: u64, len: u64, grows: bool) -> io::Result<()> {
        platform::preallocate(self, offset, len, grows)
    }

    fn punch(&self, offset: u64, len: u64) -> io::Result<()> {
        platform::punch_hole(self, offset, len)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn identity(&self) -> io::Result<Identity> {
        self.metadata().map(|metadata| Identity::of(&metadata))
    }

    fn set_modified(&self, mtime_ns: i128) -> io::Result<()> {
        let apart = u64::try_from(mtime_ns.unsigned_abs()).map_err(io::Error::other)?;
        let (epoch, apart) = (SystemTime::UNIX_EPOCH, Duration::from_nanos(apart));
        let time = if mtime_ns < 0 { epoch - apart } else { epoch + apart };
        self.set_times(FileTimes::new().set_modified(time))
    }

    fn free_space(&self) -> io::Result<u64> {
        platform::free_space(self)
    }

    fn filesystem(&self) -> io::Result<(Filesystem, u64)> {
        platform::filesystem(self)
    }

    fn as_file(&self) -> Option<&File> {
        Some(self)
    }
}

/// The file of the system that `storage` is.
fn file_of(storage: &dyn Storage) -> io::Result<&File> {
    storage.as_file().ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// Fills `buffer` with the bytes from `offset`, in as many reads as it takes.
///
/// # Errors
/// The first error but an interruption; [`io::ErrorKind::UnexpectedEof`] if the file ends earlier.
pub(crate) fn read_exact_at(
    storage: &dyn Storage,
    mut buffer: &mut [u8],
    mut offset: u64,
) -> io::Result<()> {
    while !buffer.is_empty() {
        match storage.read_at(buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(len) => {
                buffer = &mut buffer[len..];
                offset += len as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes all of `bytes` at `offset`, in as many writes as it takes.
///
/// # Errors
/// The first error but an interruption, and how many bytes were written before it.
pub(crate) fn write_all_at(
    storage: &dyn Storage,
    bytes: &[u8],
    offset: u64,
) -> Result<(), (u64, io::Error)> {
    let mut done = 0;
    while done < bytes.len() {
        match storage.write_at(&bytes[done..], offset + done as u64) {
            Ok(0) => return Err((done as u64, io::ErrorKind::WriteZero.into())),
            Ok(written) => done += written,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((done as u64, error)),
        }
    }
    Ok(())
}

/// Makes bytes and length of `storage` durable, again if a signal that does not end the run interrupted it.
///
/// # Errors
/// What the system answered: the kernel may have dropped what it could not write.
pub(crate) fn sync(storage: &dyn Storage) -> io::Result<()> {
    again(|| storage.sync())
}

/// Does it again as long as it is interrupted.
///
/// # Errors
/// Its first other error.
pub(crate) fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            answer => return answer,
        }
    }
}
