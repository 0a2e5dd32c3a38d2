//! macOS: what it lacks is answered with `Unsupported`, and the portable route is taken.
//!
//! - Holds: the same functions as `linux.rs`.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
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

    /// Whether it is on a file server: of no matter, since there are no leases to ask for.
    pub(crate) fn is_served(self) -> bool {
        false
    }

    /// Whether a reservation is one.
    pub(crate) fn reserves_room(self) -> bool {
        true
    }

    /// Whether a file may be made without a name and get one later.
    pub(crate) fn has_unnamed_files(self) -> bool {
        false
    }

    /// Whether others may use its files without this kernel knowing: of no matter, since there are no leases to ask for.
    pub(crate) fn is_remote(self) -> bool {
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

/// Locks `file` for as long as it is open. Fails with `WouldBlock` if somebody has it. Answers whether it is locked: a
/// filesystem without locks locks nothing.
pub(crate) fn lock(file: &File) -> io::Result<bool> {
    use rustix::io::Errno;
    match rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// The kinds of leases that other systems have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseKind {
    /// Nobody may open it for writing.
    Read,
    /// Nobody may open it.
    Write,
}

/// There are no leases here.
pub(crate) fn take_lease(_file: &File, _kind: LeaseKind) -> io::Result<bool> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no leases here.
pub(crate) fn give_lease_back(_file: &File) {}

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

/// Nothing is read directly here: what is cached is not known.
pub(crate) fn reads_directly(_file: &File, _block: u64) -> io::Result<bool> {
    Ok(false)
}

/// See [`reads_directly`].
pub(crate) fn open_to_read_directly(_file: &File) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Ranges cannot be shared here: a clone is of a whole file, and new.
pub(crate) fn share(
    _file: &File,
    _target: u64,
    _source: &File,
    _offset: u64,
    _len: u64,
) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are no copies inside the kernel here.
pub(crate) fn copy_range(
    _source: &File,
    _offset: u64,
    _file: &File,
    _target: u64,
    _len: usize,
) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Reserves `len` bytes behind what `file` has blocks for; the file is as long as before, unless it `grows` over the range
/// from `offset`.
///
/// Source: fcntl(2), `F_PREALLOCATE` with `F_PEOFPOSMODE`: the length is that of the newly allocated bytes.
pub(crate) fn preallocate(file: &File, offset: u64, len: u64, grows: bool) -> io::Result<()> {
    let mut store = libc::fstore_t {
        fst_flags: libc::F_ALLOCATEALL,
        fst_posmode: libc::F_PEOFPOSMODE,
        fst_offset: 0,
        fst_length: libc::off_t::try_from(len).map_err(io::Error::other)?,
        fst_bytesalloc: 0,
    };
    // SAFETY: for F_PREALLOCATE, fcntl(2) reads and writes one `fstore_t`, which lives until the call returns.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_PREALLOCATE, &raw mut store) };
    if answer == -1 {
        return Err(io::Error::last_os_error());
    }
    let end = offset.saturating_add(len);
    if grows && file.metadata()?.len() < end { file.set_len(end) } else { Ok(()) }
}

/// Gives the blocks of `len` bytes from `offset` back; they read as zeros then, and the file is as long as before.
///
/// Source: fcntl(2), `F_PUNCHHOLE`.
pub(crate) fn punch_hole(file: &File, offset: u64, len: u64) -> io::Result<()> {
    let hole = libc::fpunchhole_t {
        fp_flags: 0,
        reserved: 0,
        fp_offset: libc::off_t::try_from(offset).map_err(io::Error::other)?,
        fp_length: libc::off_t::try_from(len).map_err(io::Error::other)?,
    };
    // SAFETY: for F_PUNCHHOLE, fcntl(2) reads one `fpunchhole_t`, which lives until the call returns.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_PUNCHHOLE, &raw const hole) };
    if answer == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether a filesystem clones whole files and no ranges of them: APFS does.
pub(crate) fn clones_whole_files_alone(directory: impl AsFd) -> bool {
    let name = rustix::fs::fstatfs(directory).map(|stat| stat.f_fstypename);
    name.is_ok_and(|name| name.iter().zip(b"apfs\0").all(|(one, other)| *one as u8 == *other))
}

/// A clone is made under a name here.
pub(crate) fn clone_into(_source: &File, _file: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Makes a file that shares all bytes of `source`.
///
/// Source: clonefile(2).
pub(crate) fn clone_named(source: &File, directory: impl AsFd, name: &OsStr) -> io::Result<()> {
    let flags = rustix::fs::CloneFlags::empty();
    Ok(rustix::fs::fclonefileat(source, directory, name, flags)?)
}

/// Lets what is written bypass the page cache (`F_NOCACHE`): the target is not read again.
pub(crate) fn bypass_cache(file: &File) {
    let _advice = rustix::fs::fcntl_nocache(file, true);
}

/// Devices have no counters that can be read here.
pub(crate) fn device_folder(_folder: &Path) -> Option<PathBuf> {
    None
}
