//! One run at a time makes an output: a lock beside it, for as long as the run lasts.
//!
//! - In: the output's path. Out: [`OutputLock`], or that another run has it.
//! - Holds: the lock file is hidden, says whose it is, and is gone with the run; what a killed run leaves of it locks nobody
//!   out.
//! - Not here: an existing file that is changed in place (`in_place`): it is locked itself.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use super::leftover;
use super::naming::{is_named, open_folder};
use crate::error::IoError;
use crate::sys::platform;

/// The right to make one output, until it is dropped.
#[derive(Debug)]
pub struct OutputLock {
    folder: File,
    name: OsString,
    /// Locked as long as it is open.
    _file: File,
}

impl OutputLock {
    /// Takes the lock of `output`, which need not exist.
    ///
    /// # Errors
    /// [`IoError::Locked`] if another run has it, [`IoError::Failed`] if the folder takes no file.
    pub fn take(output: &Path) -> Result<Self, IoError> {
        let (folder, name) = open_folder(output)?;
        let name = leftover::lock_name(&name);
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let failed = IoError::failed("create a lock in the folder of", output);
        let mut tries = 8;
        loop {
            let mode = Mode::from_raw_mode(0o666);
            tries -= 1;
            let file: File = match retry_on_intr(|| rustix::fs::openat(&folder, &name, flags, mode))
            {
                Ok(file) => file.into(),
                // A filesystem outside the kernel says so too if the run that had the lock removes it meanwhile.
                Err(Errno::NOENT | Errno::STALE) if tries > 0 => continue,
                Err(errno) => return Err(failed(errno.into())),
            };
            match platform::lock(&file) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err(IoError::Locked { path: output.to_owned() });
                }
                Err(error) => return Err(IoError::failed("lock", output)(error)),
            }
            // The run that had it may have removed it between the opening and the lock.
            if is_named(&folder, &name, &file).map_err(IoError::failed("lock", output))? {
                return Ok(Self { folder, name, _file: file });
            }
        }
    }
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        let _stays = rustix::fs::unlinkat(&self.folder, &self.name, AtFlags::empty());
    }
}
