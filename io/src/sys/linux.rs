//! Linux: files without a name, direct I/O, sharing, preallocation, write-back.
//!
//! - Holds: every function is one system call (or one and its older form) and hands on the errno that it was given.
//! - Not here: when to call them (`target`, `probe`, `route`).

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FallocateFlags, Mode, OFlags, RenameFlags, StatxAttributes, StatxFlags,
};
use rustix::io::retry_on_intr;
use rustix::ioctl::{self, Opcode, Setter};

use super::memory::Memory;

/// The kind of filesystem a file is on, as far as it changes which routes are worth trying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filesystem {
    /// Shares extents between files.
    Sharing,
    /// Keeps files in memory only.
    Memory,
    /// On an NFS server.
    Nfs,
    /// On an SMB server.
    Smb,
    /// On another machine in another way, or behind a process: a page fault costs a round trip.
    Remote,
    /// Any other disk.
    Disk,
}

impl Filesystem {
    /// Whether files can share blocks on it.
    pub(crate) fn shares_extents(self) -> bool {
        self == Filesystem::Sharing
    }

    /// Whether others may use its files without this kernel knowing.
    pub(crate) fn is_remote(self) -> bool {
        matches!(self, Filesystem::Nfs | Filesystem::Smb | Filesystem::Remote)
    }

    /// Whether it is on a file server, which answers for other machines as well.
    pub(crate) fn is_served(self) -> bool {
        matches!(self, Filesystem::Nfs | Filesystem::Smb)
    }

    /// Whether room can be reserved. NFS before 4.2 has no call for it; the server is asked what is free instead.
    pub(crate) fn reserves_room(self) -> bool {
        self != Filesystem::Nfs
    }

    /// Whether a file may be made without a name and get one later. Neither protocol has such files; a kernel that offers
    /// them there all the same has to delete the name of a file that has one.
    pub(crate) fn has_unnamed_files(self) -> bool {
        !self.is_served()
    }
}

/// What filesystem `file` is on, and its block size in bytes.
pub(crate) fn filesystem(file: impl AsFd) -> io::Result<(Filesystem, u64)> {
    let stat = rustix::fs::fstatfs(file)?;
    // Magic numbers: linux/magic.h. `f_type` is signed on some machines; they all fit 32 bits.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "32-bit magic numbers"
    )]
    let kind = match stat.f_type as u32 {
        // XFS, btrfs, bcachefs, OCFS2
        0x5846_5342 | 0x9123_683e | 0xca45_1a4e | 0x7461_636f => Filesystem::Sharing,
        // tmpfs, ramfs
        0x0102_1994 | 0x8584_58f6 => Filesystem::Memory,
        0x6969 => Filesystem::Nfs,
        // SMB, SMB2, CIFS
        0x517b | 0xfe53_4d42 | 0xff53_4d42 => Filesystem::Smb,
        // FUSE, 9P, AFS, Ceph
        0x6573_5546 | 0x0102_1997 | 0x5346_414f | 0x00c3_6400 => Filesystem::Remote,
        _ => Filesystem::Disk,
    };
    Ok((kind, u64::try_from(stat.f_bsize).unwrap_or(4096)))
}

/// Bytes that are free to this user on the filesystem of `file`; an error where it does not tell.
pub(crate) fn free_space(file: impl AsFd) -> io::Result<u64> {
    let stat = rustix::fs::fstatvfs(file)?;
    if stat.f_blocks == 0 {
        return Err(io::ErrorKind::Unsupported.into());
    }
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Creates a file without a name in the folder `directory`.
pub(crate) fn create_unnamed(directory: impl AsFd) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o666);
    Ok(retry_on_intr(|| rustix::fs::openat(&directory, ".", flags, mode))?.into())
}

/// Gives a file that was created without a name the name `name`. Fails where the name is taken.
pub(crate) fn link_unnamed(file: &File, directory: impl AsFd, name: &OsStr) -> io::Result<()> {
    let by_proc = format!("/proc/self/fd/{}", file.as_raw_fd());
    match rustix::fs::linkat(CWD, &by_proc, &directory, name, AtFlags::SYMLINK_FOLLOW) {
        // Without /proc, the descriptor itself can be linked by those who opened it (Linux 6.10) or may search anything.
        Err(rustix::io::Errno::NOENT) => {
            Ok(rustix::fs::linkat(file, "", &directory, name, AtFlags::EMPTY_PATH)?)
        }
        other => Ok(other?),
    }
}

/// Renames `from` to `to`, both in `directory`, unless `to` exists.
pub(crate) fn rename_noreplace(directory: impl AsFd, from: &OsStr, to: &OsStr) -> io::Result<()> {
    let directory = directory.as_fd();
    Ok(rustix::fs::renameat_with(directory, from, directory, to, RenameFlags::NOREPLACE)?)
}

/// Whether the name `name` in `directory` can be given to no other file, by chattr(1): the folder or the file that has
/// it is immutable or may only be appended to. `false` where the filesystem does not say.
pub(crate) fn is_name_fixed(directory: &File, name: &OsStr) -> bool {
    let fixed = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
    let is_fixed = |name: &OsStr, flags| {
        let stat = rustix::fs::statx(directory, name, flags, StatxFlags::empty());
        stat.is_ok_and(|stat| stat.stx_attributes.intersects(fixed))
    };
    is_fixed(OsStr::new(""), AtFlags::EMPTY_PATH) || is_fixed(name, AtFlags::SYMLINK_NOFOLLOW)
}

/// A byte that no file has. Every lock of a file covers it.
const BEHIND_ALL: i64 = 1 << 62;

/// Locks `file` for as long as it is open: for other runs here (flock), and for those who ask a file server (a lock of its
/// whole range). Fails with `WouldBlock` if somebody has it. Answers whether it is locked: a filesystem without locks locks
/// nothing.
pub(crate) fn lock(file: &File) -> io::Result<bool> {
    use rustix::fs::FlockOperation::NonBlockingLockExclusive;
    use rustix::io::Errno;
    // What a lock covers can be read and written there by its own descriptor alone, and flock covers the whole file.
    if filesystem(file).is_ok_and(|(kind, _)| kind == Filesystem::Smb) {
        return lock_range(file, BEHIND_ALL, 1);
    }
    let is_locked = match rustix::fs::flock(file, NonBlockingLockExclusive) {
        Ok(()) => true,
        Err(Errno::NOSYS | Errno::OPNOTSUPP | Errno::NOLCK) => false,
        Err(errno) => return Err(errno.into()),
    };
    // From the start to the end, wherever that comes to be. Without the first lock this one alone says nothing: the system may
    // keep it to itself where the filesystem has none.
    lock_range(file, 0, 0)?;
    Ok(is_locked)
}

/// Locks `len` bytes from `start` on for this open file, as [`lock`] does.
fn lock_range(file: &File, start: i64, len: i64) -> io::Result<bool> {
    // SAFETY: every field of `struct flock` is a number, for which 0 is a value.
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    (range.l_type, range.l_whence) = (short(libc::F_WRLCK), short(libc::SEEK_SET));
    (range.l_start, range.l_len) = (start, len);
    // SAFETY: for F_OFD_SETLK, fcntl(2) reads one `struct flock`, which lives until the call returns.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const range) };
    if answer != -1 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EAGAIN | libc::EACCES) => Err(io::ErrorKind::WouldBlock.into()),
        _ => Ok(false),
    }
}

/// The lock that others have to wait for before they may open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseKind {
    /// Nobody may open it for writing; granted if nobody has.
    Read,
    /// Nobody may open it; granted if nobody else has, and nobody has mapped it.
    Write,
}

/// `F_SETSIG`, which libc does not name.
const F_SETSIG: libc::c_int = 10;

/// Asks for a lease on `file`: whether it was granted. Fails if the filesystem has none, or it is somebody else's file.
///
/// Source: fcntl(2), "Leases". A process that opens the file meanwhile waits, and this one gets a signal: by default one
/// that would end it, so it asks for one that is ignored.
pub(crate) fn take_lease(file: &File, kind: LeaseKind) -> io::Result<bool> {
    // SAFETY: for F_SETSIG, fcntl(2) takes a number and touches no memory of this process.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), F_SETSIG, libc::SIGURG) };
    if answer == -1 {
        return Err(io::Error::last_os_error());
    }
    let kind = match kind {
        LeaseKind::Read => libc::F_RDLCK,
        LeaseKind::Write => libc::F_WRLCK,
    };
    // SAFETY: for F_SETLEASE, fcntl(2) takes a number and touches no memory of this process.
    let answer = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, kind) };
    if answer != -1 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() == Some(libc::EAGAIN) { Ok(false) } else { Err(error) }
}

/// Gives a lease back.
pub(crate) fn give_lease_back(file: &File) {
    // SAFETY: for F_SETLEASE, fcntl(2) takes a number and touches no memory of this process.
    let _gone_with_the_file =
        unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_UNLCK) };
}

/// A constant of fcntl(2), as its struct has it.
fn short(constant: libc::c_int) -> libc::c_short {
    libc::c_short::try_from(constant).expect("the constants are below 10")
}

/// Opens the file behind `file` once more, for direct I/O.
pub(crate) fn open_direct(file: &File) -> io::Result<File> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let flags = OFlags::RDWR | OFlags::DIRECT | OFlags::CLOEXEC;
    let fd: OwnedFd = retry_on_intr(|| rustix::fs::open(Path::new(&path), flags, Mode::empty()))?;
    Ok(fd.into())
}

/// Opens a source once more, for direct reads.
pub(crate) fn open_to_read_directly(file: &File) -> io::Result<File> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let flags = OFlags::RDONLY | OFlags::DIRECT | OFlags::CLOEXEC;
    let fd: OwnedFd = retry_on_intr(|| rustix::fs::open(Path::new(&path), flags, Mode::empty()))?;
    Ok(fd.into())
}

/// Whether `file` can be read directly in blocks of `block` bytes, found by reading its first one. Fails where reading
/// does, not where reading directly does.
pub(crate) fn reads_directly(file: &File, block: u64) -> io::Result<bool> {
    if filesystem(file)?.0 == Filesystem::Memory {
        return Ok(false);
    }
    let len = usize::try_from(block).map_err(io::Error::other)?;
    let mut buffer = Memory::new(len)?;
    let Ok(direct) = open_to_read_directly(file) else { return Ok(false) };
    match direct.read_at(buffer.bytes_mut(0..len), 0) {
        Err(error) if error.raw_os_error() == Some(libc::EIO) => Err(error),
        answer => Ok(answer.is_ok()),
    }
}

/// What direct I/O on `file` has to be aligned to, `(memory, offset)` in bytes; `None` where the filesystem does not say.
pub(crate) fn direct_alignment(file: &File) -> io::Result<Option<(u32, u32)>> {
    let stat = match rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::DIOALIGN) {
        Err(rustix::io::Errno::NOSYS) => return Ok(None),
        other => other?,
    };
    let told = stat.stx_mask & StatxFlags::DIOALIGN.bits() != 0 && stat.stx_dio_offset_align != 0;
    Ok(told.then_some((stat.stx_dio_mem_align, stat.stx_dio_offset_align)))
}

/// Waits until no write(2) to `file` is under way: one that began before changes its times no more.
///
/// `SEEK_DATA` takes the lock that buffered writes hold (ext4, btrfs, tmpfs); on XFS the first read does.
pub(crate) fn wait_for_writes(file: &File) {
    // Whether there is data, and where, is no matter.
    let _place = rustix::fs::seek(file, rustix::fs::SeekFrom::Data(0));
}

/// Drops what is clean of `file` from the page cache. Advice: a kernel that ignores it costs a less strict read-back.
pub(crate) fn drop_from_cache(file: &File) {
    let _advice = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

/// Direct writes bypass the page cache here; what goes through it is written back as the copy goes.
pub(crate) fn bypass_cache(_file: &File) {}

/// Asks for a range of `file` to be read into the page cache. Advice: without it, reads wait for the disk.
pub(crate) fn read_ahead(file: &File, offset: u64, len: u64) {
    let len = std::num::NonZeroU64::new(len);
    let _advice = rustix::fs::fadvise(file, offset, len, rustix::fs::Advice::WillNeed);
}

/// Reserves blocks for `len` bytes from `offset`; the file is as long as before, unless it `grows` over them. A signal may
/// interrupt it.
pub(crate) fn preallocate(file: &File, offset: u64, len: u64, grows: bool) -> io::Result<()> {
    let flags = if grows { FallocateFlags::empty() } else { FallocateFlags::KEEP_SIZE };
    Ok(rustix::fs::fallocate(file, flags, offset, len)?)
}

/// Gives the blocks of `len` bytes from `offset` back; they read as zeros then, and the file is as long as before.
pub(crate) fn punch_hole(file: &File, offset: u64, len: u64) -> io::Result<()> {
    let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    Ok(rustix::fs::fallocate(file, flags, offset, len)?)
}

/// Whether a filesystem clones whole files and no ranges of them: none here.
pub(crate) fn clones_whole_files_alone(_directory: impl AsFd) -> bool {
    false
}

/// Makes `file`, which is empty, share all bytes of `source`.
///
/// Source: ioctl_ficlonerange(2), `FICLONE`.
pub(crate) fn clone_into(source: &File, file: &File) -> io::Result<()> {
    Ok(rustix::fs::ioctl_ficlone(file, source)?)
}

/// A clone has no name here until it is given one.
pub(crate) fn clone_named(_source: &File, _directory: impl AsFd, _name: &OsStr) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[repr(C)]
#[derive(Debug)]
struct FileCloneRange {
    src_fd: i64,
    src_offset: u64,
    src_length: u64,
    dest_offset: u64,
}

const FICLONERANGE: Opcode = ioctl::opcode::write::<FileCloneRange>(0x94, 13);

/// Shares `len` bytes of `source` from `offset` with `file` at `target`.
///
/// Source: ioctl_ficlonerange(2).
pub(crate) fn share(
    file: &File,
    target: u64,
    source: &File,
    offset: u64,
    len: u64,
) -> io::Result<()> {
    let range = FileCloneRange {
        src_fd: i64::from(source.as_raw_fd()),
        src_offset: offset,
        src_length: len,
        dest_offset: target,
    };
    // SAFETY: for FICLONERANGE, `_IOW(0x94, 13, struct file_clone_range)`, the kernel reads one `struct
    // file_clone_range`, which `FileCloneRange` mirrors field by field (linux/fs.h).
    let request = unsafe { Setter::<FICLONERANGE, FileCloneRange>::new(range) };
    // SAFETY: the request's opcode and its input belong together, see above; the ioctl changes the file, no memory.
    Ok(unsafe { ioctl::ioctl(file, request) }?)
}

/// Copies up to `len` bytes inside the kernel; returns how many.
pub(crate) fn copy_range(
    source: &File,
    offset: u64,
    file: &File,
    target: u64,
    len: usize,
) -> io::Result<usize> {
    let (mut from, mut to) = (offset, target);
    Ok(rustix::fs::copy_file_range(source, Some(&mut from), file, Some(&mut to), len)?)
}

/// Starts writing the dirty pages of a range back to the disk; with `wait`, also waits until they are there.
///
/// Source: sync_file_range(2). Not a promise of durability: the sync at the end is.
pub(crate) fn write_back(file: &File, offset: u64, len: u64, wait: bool) -> io::Result<()> {
    let flags = if wait {
        libc::SYNC_FILE_RANGE_WAIT_BEFORE
            | libc::SYNC_FILE_RANGE_WRITE
            | libc::SYNC_FILE_RANGE_WAIT_AFTER
    } else {
        libc::SYNC_FILE_RANGE_WRITE
    };
    let offset = libc::off64_t::try_from(offset).map_err(io::Error::other)?;
    let len = libc::off64_t::try_from(len).map_err(io::Error::other)?;
    // SAFETY: sync_file_range(2) takes numbers only and touches no memory of this process.
    let answer = unsafe { libc::sync_file_range(file.as_raw_fd(), offset, len, flags) };
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[repr(C)]
#[derive(Debug, Default)]
struct CachestatRange {
    off: u64,
    len: u64,
}

#[repr(C)]
#[derive(Debug, Default)]
struct Cachestat {
    nr_cache: u64,
    nr_dirty: u64,
    nr_writeback: u64,
    nr_evicted: u64,
    nr_recently_evicted: u64,
}

/// The number of cachestat(2), the same on every machine (Linux 6.5).
const SYS_CACHESTAT: libc::c_long = 451;

/// Bytes of a range of `file` that are in the page cache, in whole pages; `None` where the kernel does not tell.
pub(crate) fn cached_bytes(file: &File, offset: u64, len: u64) -> Option<u64> {
    let range = CachestatRange { off: offset, len };
    let mut answer = Cachestat::default();
    // SAFETY: cachestat(2) reads one `struct cachestat_range` and writes one `struct cachestat`, which these mirror field
    // by field (linux/mman.h); both live until the call returns. A kernel without the call answers `ENOSYS`.
    let status = unsafe {
        libc::syscall(SYS_CACHESTAT, file.as_raw_fd(), &raw const range, &raw mut answer, 0_u32)
    };
    (status == 0).then(|| answer.nr_cache.saturating_mul(rustix::param::page_size() as u64))
}

/// Where the kernel keeps the counters of the device that holds `folder`; `None` if there is no such device.
pub(crate) fn device_folder(folder: &Path) -> Option<PathBuf> {
    let device = folder.metadata().ok()?.dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    Path::new("/sys/dev/block").join(format!("{major}:{minor}")).canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lock_behind_all_bytes_keeps_others_out_whichever_kind_they_take_and_goes_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("movie");
        std::fs::write(&path, b"bytes").unwrap();
        let open = || File::options().read(true).write(true).open(&path).unwrap();
        let first = open();
        assert!(lock_range(&first, BEHIND_ALL, 1).unwrap());
        let refused = [lock_range(&open(), BEHIND_ALL, 1), lock(&open())];
        for answer in refused {
            assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
        drop(first);
        assert!(lock(&open()).unwrap());
    }
}
