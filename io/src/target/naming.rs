//! How a file gets its name: from a folder that was opened, under a temporary name first, never over what it must not.
//!
//! - In: the folder and the name. Out: files that are locked before anybody can take them for leftovers; renames.
//! - Holds: a name that somebody planted, a symbolic link too, is never followed.
//! - Not here: how temporary names look (`leftover`), when a file gets its name (`target`).
//!
//! References: openat(2), `O_EXCL`; renameat2(2), `RENAME_NOREPLACE`; linkat(2).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use super::leftover;
use crate::error::IoError;
use crate::sys::platform;

/// Opens the folder that `path` lies in; returns it and the name in it.
pub(super) fn open_folder(path: &Path) -> Result<(File, OsString), IoError> {
    // `Path` passes over a slash or a dot at the end, which say that a folder is meant.
    let bytes = path.as_os_str().as_bytes();
    let is_folder = bytes.ends_with(b"/") || bytes.ends_with(b"/.");
    let Some(name) = path.file_name().filter(|_| !is_folder) else {
        return Err(IoError::NotAFile { path: path.to_owned(), what: "a directory" });
    };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = retry_on_intr(|| rustix::fs::open(folder, flags, Mode::empty()))
        .map_err(|errno| IoError::failed("open the folder of", path)(errno.into()))?;
    Ok((File::from(folder), name.to_owned()))
}

/// Creates a file under a temporary name, and locks it.
pub(super) fn create_named(folder: &File, name: &OsStr) -> io::Result<(File, OsString)> {
    loop {
        let (file, temporary) = with_fresh_name(name, |temporary| create_new(folder, temporary))?;
        // Another run that looks for leftovers may have found the file before it was locked: it holds the lock while
        // it removes the name.
        match leftover::lock(&file).and_then(|()| is_named(folder, &temporary, &file)) {
            Ok(true) => return Ok((file, temporary)),
            Ok(_removed) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                let _stays = rustix::fs::unlinkat(folder, &temporary, AtFlags::empty());
                return Err(error);
            }
        }
    }
}

/// Creates a file that is not there yet: a name that somebody planted, a symbolic link too, is never followed.
pub(super) fn create_new(folder: &File, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o666);
    Ok(retry_on_intr(|| rustix::fs::openat(folder, name, flags, mode))?.into())
}

/// Does something with a temporary name for `name` that nobody has taken: chance alone takes one twice, so a few tries
/// are enough. They are too where another run, looking for leftovers, removes a file that a filesystem outside the kernel is
/// still creating: that fails as if there were no folder.
pub(super) fn with_fresh_name<T>(
    name: &OsStr,
    take: impl Fn(&OsStr) -> io::Result<T>,
) -> io::Result<(T, OsString)> {
    let mut tries = 8;
    loop {
        let temporary = leftover::temporary_name(name);
        tries -= 1;
        let taken = take(&temporary);
        let error = taken.as_ref().err().map(io::Error::kind);
        let lost = matches!(error, Some(io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound));
        if !lost || tries == 0 {
            return Ok((taken?, temporary));
        }
    }
}

/// Whether `name` still leads to `file`. The number of links would not tell: network filesystems keep what was removed,
/// under another name, while it is open. Filesystems outside the kernel and file servers may know nothing more of a removed
/// file, though it is open.
pub(super) fn is_named(folder: &File, name: &OsStr, file: &File) -> io::Result<bool> {
    let opened = match rustix::fs::fstat(file) {
        Ok(opened) => opened,
        Err(Errno::NOENT | Errno::STALE) => return Ok(false),
        Err(errno) => return Err(errno.into()),
    };
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(named) => Ok((named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)),
        Err(Errno::NOENT | Errno::STALE) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Renames unless the new name is taken; where the filesystem cannot do that in one step, by a link; where it has no
/// links either, after looking whether the name is free: a file that appears between the two calls is replaced.
pub(super) fn rename_noreplace(folder: &File, from: &OsStr, to: &OsStr) -> io::Result<()> {
    match platform::rename_noreplace(folder, from, to) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS)) => {}
        other => return other,
    }
    match rustix::fs::linkat(folder, from, folder, to, AtFlags::empty()) {
        Ok(()) => {
            // The target is there, whole; a second name that stays is removed by the next run.
            let _stays = rustix::fs::unlinkat(folder, from, AtFlags::empty());
            Ok(())
        }
        Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK) => {
            match rustix::fs::statat(folder, to, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => Ok(rustix::fs::renameat(folder, from, folder, to)?),
                Err(errno) => Err(errno.into()),
                Ok(_) => Err(Errno::EXIST.into()),
            }
        }
        Err(errno) => Err(errno.into()),
    }
}
