//! macOS: what it lacks is answered with `Unsupported`, and the portable route is taken.
//!
//! - Holds: the same functions as `linux.rs`.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// The kind of filesystem a file is on, as far as it changes which routes are worth trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filesystem {
    /// Any disk.
    Disk,
}

impl Filesystem {
    /// Whether files can share blocks on it, range by range.
    pub(crate) fn shares_extents(self) -> bool {
        false
    }
}

/// What filesystem `file` is on, and its block size in bytes.
pub(crate) fn filesystem(file: impl AsFd) -> io::Result<(Filesystem, u64)> {
    let stat = rustix::fs::fstatfs(file)?;
    Ok((Filesystem::Disk, u64::from(stat.f_bsize)))
}

/// Bytes that are free to this user on the filesystem of `file`.
pub(crate) fn free_space(file: impl AsFd) -> io::Result<u64> {
    let stat = rustix::fs::fstatvfs(file)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// There are no files without a name here.
pub(crate) fn create_unnamed(_directory: impl AsFd) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no files without a name here.
pub(crate) fn link_unnamed(_file: &File, _directory: impl AsFd, _name: &OsStr) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Renames `from` to `to`, both in `directory`, unless `to` exists.
pub(crate) fn rename_noreplace(directory: impl AsFd, from: &OsStr, to: &OsStr) -> io::Result<()> {
    let directory = directory.as_fd();
    let flags = rustix::fs::RenameFlags::NOREPLACE;
    Ok(rustix::fs::renameat_with(directory, from, directory, to, flags)?)
}

/// Not asked here: giving the name says so.
pub(crate) fn is_name_fixed(_directory: &File, _name: &OsStr) -> bool {
    false
}

/// There is no such way to open a file here.
pub(crate) fn open_direct(_file: &File) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There is no call that waits for other people's writes here.
pub(crate) fn wait_for_writes(_file: &File) {}

/// There is no call that drops one file from the page cache here.
pub(crate) fn drop_from_cache(_file: &File) {}

/// Asks for a range of `file` to be read into the page cache (`F_RDADVISE`). Advice: without it, reads wait for the disk.
pub(crate) fn read_ahead(file: &File, offset: u64, len: u64) {
    let _advice = rustix::fs::fcntl_rdadvise(file, offset, len);
}

/// There is no cheap way to ask here: advice about what is cached costs little.
pub(crate) fn cached_bytes(_file: &File, _offset: u64, _len: u64) -> Option<u64> {
    None
}

/// Reserves blocks for `len` bytes from `offset`, and lets the file grow over them (`F_PREALLOCATE`, `ftruncate`).
pub(crate) fn preallocate(file: &File, offset: u64, len: u64) -> io::Result<()> {
    let flags = rustix::fs::FallocateFlags::empty();
    Ok(rustix::fs::fallocate(file, flags, offset, len)?)
}

/// Lets what is written bypass the page cache (`F_NOCACHE`): the target is not read again.
pub(crate) fn bypass_cache(file: &File) {
    let _advice = rustix::fs::fcntl_nocache(file, true);
}

/// Devices have no counters that can be read here.
pub(crate) fn device_folder(_folder: &Path) -> Option<PathBuf> {
    None
}
