//! The file that is written: complete and synced under its name, or not there at all.
//!
//! ```text
//! create ──▶ (unnamed, or locked under a recognisable temporary name) ──▶ commit: sync, name, sync folder
//!                                                                   └──▶ drop: gone
//! ```
//!
//! - In: a path, whether a file there may be replaced, and the sources, none of which it may be.
//! - Out: [`Target`], which the routes write to.
//! - Holds: until [`Target::commit`] has synced the bytes, no file of the target's name is touched. Names are taken
//!   relative to the folder that was opened, so a folder that is moved meanwhile does not matter.
//! - Not here: which bytes (`execute`), temporary names (`leftover`).
//!
//! References: open(2), `O_TMPFILE`; linkat(2); rename(2); fsync(2).

pub(crate) mod leftover;
mod naming;
pub mod small;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::AtFlags;
use rustix::io::Errno;

use crate::control::{Control, Phase};
use crate::error::IoError;
use crate::measure::interval::PHASE;
use crate::measure::latency::{Latency, Stage, nanoseconds_since};
use crate::source::in_order::DIRECT_BLOCK_LEN;
use crate::source::{Identity, Source, must_be_file};
use crate::sys::platform;
use naming::{create_named, open_folder, rename_noreplace, with_fresh_name};

/// Extents are laid out to this many bytes where the filesystem does not ask for more: the page size, which direct I/O
/// and every sharing filesystem's default block size divide or equal.
const ALIGNMENT_DEFAULT: u64 = 4096;

/// Whether a file that has the target's name already may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// An existing file is left alone and the run fails.
    Refuse,
    /// An existing file is replaced, in one step, when the new one is complete.
    Allow,
}

/// A file that grows without a name and gets it when it is whole.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    folder: File,
    name: OsString,
    file: File,
    /// The same file for reads past the page cache, once it is synced and where the filesystem has them.
    direct: Option<File>,
    /// The name it has meanwhile, where the filesystem has no unnamed files.
    temporary_name: Option<OsString>,
    replace: Replace,
    latency: Latency,
    synced: bool,
}

impl Target {
    /// What would stop [`Target::create`], found without creating anything: the folder, an existing file, a source
    /// under the same name or another.
    ///
    /// # Errors
    /// [`IoError::TargetExists`], [`IoError::TargetIsSource`], [`IoError::NotAFile`] where the name is taken by something
    /// that is not a file, or [`IoError::Failed`] where the folder cannot be used.
    pub fn check<'a>(
        path: &Path,
        replace: Replace,
        sources: impl IntoIterator<Item = &'a Source>,
    ) -> Result<(), IoError> {
        let (folder, name) = open_folder(path)?;
        let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        rustix::fs::accessat(&folder, ".", access, AtFlags::empty())
            .map_err(|errno| IoError::failed("write to the folder of", path)(errno.into()))?;
        let existing = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            // A name that points nowhere is taken all the same.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match std::fs::symlink_metadata(path) {
                    Ok(_) if replace == Replace::Refuse => Err(exists(path)),
                    _ => Ok(()),
                };
            }
            Err(error) => return Err(IoError::failed("examine", path)(error)),
        };
        let identity = Identity::of(&existing);
        let is_same = |source: &&Source| source.identity().is_same_file(&identity);
        if let Some(source) = sources.into_iter().find(is_same) {
            let (path, source_path) = (path.to_owned(), source.path().to_owned());
            return Err(IoError::TargetIsSource { path, source_path });
        }
        must_be_file(path, &existing)?;
        if replace == Replace::Refuse {
            return Err(exists(path));
        }
        if platform::is_name_fixed(&folder, &name) {
            return Err(IoError::failed("replace", path)(Errno::PERM.into()));
        }
        Ok(())
    }

    /// The alignment in bytes at which the filesystem of `path`'s folder shares extents: 4096, or more where its blocks
    /// are larger.
    ///
    /// # Errors
    /// [`IoError::Failed`] where the folder cannot be examined.
    pub fn alignment(path: &Path) -> Result<u64, IoError> {
        let (folder, _name) = open_folder(path)?;
        let (kind, block) = platform::filesystem(&folder)
            .map_err(IoError::failed("examine the folder of", path))?;
        let shares = kind.shares_extents() && block.is_power_of_two();
        Ok(if shares { block.max(ALIGNMENT_DEFAULT) } else { ALIGNMENT_DEFAULT })
    }

    /// Creates the file, without a name where the filesystem can do that, and removes what a killed run for the same
    /// target left behind.
    ///
    /// # Errors
    /// As [`Target::check`].
    pub fn create(path: &Path, replace: Replace, sources: &[Source]) -> Result<Self, IoError> {
        Self::check(path, replace, sources)?;
        let (folder, name) = open_folder(path)?;
        leftover::remove_stale(&folder, &name);
        let (file, temporary_name) = match platform::create_unnamed(&folder) {
            Ok(file) => (file, None),
            Err(error) if leads_to_a_name(&error) => {
                let (file, name) = create_named(&folder, &name)
                    .map_err(IoError::failed("create a file in the folder of", path))?;
                (file, Some(name))
            }
            Err(error) => {
                return Err(IoError::failed("create a file in the folder of", path)(error));
            }
        };
        let (path, latency) = (path.to_owned(), Latency::default());
        let (direct, synced) = (None, false);
        Ok(Self { path, folder, name, file, direct, temporary_name, replace, latency, synced })
    }

    /// The name that it will get.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is now. Naming it changes neither its length nor the time of its content's last change.
    ///
    /// # Errors
    /// [`IoError::Failed`] where the system refuses to tell.
    pub fn identity(&self) -> Result<Identity, IoError> {
        let metadata = self.file.metadata().map_err(IoError::failed("examine", &self.path))?;
        Ok(Identity::of(&metadata))
    }

    /// The open file, for the routes.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Fills `buffer` with what is in the file from `offset` on.
    ///
    /// After [`Target::sync`] and [`Target::read_past_cache`], what was written is read from the disk: whole blocks past
    /// the page cache, where the filesystem can do that and the buffer and `offset` begin at a multiple of 4096; the rest
    /// through a page cache from which what was written was dropped.
    ///
    /// # Errors
    /// [`IoError::Failed`] where a read fails or ends early.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        let done = self.read_directly(buffer, offset);
        self.file
            .read_exact_at(&mut buffer[done..], offset + done as u64)
            .map_err(IoError::failed("read back", &self.path))
    }

    /// Reads whole blocks past the page cache as far as that works; returns how many bytes. Why it went no further (the
    /// end of the file, an alignment of another size, a bad block) the cached read of the rest will tell.
    fn read_directly(&self, buffer: &mut [u8], offset: u64) -> usize {
        let Some(direct) = &self.direct else { return 0 };
        let is_aligned = offset.is_multiple_of(DIRECT_BLOCK_LEN as u64)
            && buffer.as_ptr().addr().is_multiple_of(DIRECT_BLOCK_LEN);
        let end = if is_aligned { buffer.len() - buffer.len() % DIRECT_BLOCK_LEN } else { 0 };
        let mut done = 0;
        while done < end {
            match direct.read_at(&mut buffer[done..end], offset + done as u64) {
                Ok(len) if len > 0 && len.is_multiple_of(DIRECT_BLOCK_LEN) => done += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        done
    }

    /// Makes the file's bytes durable.
    ///
    /// # Errors
    /// [`IoError::Failed`]. A failing sync is final: the kernel may have dropped what it could not write.
    pub fn sync(&mut self) -> Result<(), IoError> {
        let _phase = tracing::debug_span!(target: PHASE, "sync").entered();
        let due = Instant::now();
        self.file.sync_all().map_err(IoError::failed("sync", &self.path))?;
        self.latency.record(Stage::Sync, nanoseconds_since(due));
        self.synced = true;
        Ok(())
    }

    /// Drops what is synced from the page cache, so that [`Target::read_exact_at`] asks the disk from now on.
    pub fn read_past_cache(&mut self) {
        platform::drop_from_cache(&self.file);
        // Where there are no direct reads, the rest goes through the cache that was just dropped.
        self.direct = platform::open_direct(&self.file).ok();
    }

    /// Makes the file durable, gives it its name, and makes the name durable. Returns how long each sync took.
    ///
    /// # Errors
    /// [`IoError::TargetExists`] where somebody took the name meanwhile, [`IoError::Failed`], [`IoError::Cancelled`]: the
    /// target is then what it was before. [`IoError::NameNotDurable`] where an existing file has been replaced by the
    /// whole new one, and only the last sync failed.
    pub fn commit(mut self, control: &Control) -> Result<Latency, IoError> {
        control.cancel.check()?;
        if !self.synced {
            control.progress.enter(Phase::Syncing, 0);
            self.sync()?;
        }
        control.cancel.check()?;
        control.progress.enter(Phase::Finishing, 0);
        self.take_name()?;
        let due = Instant::now();
        self.sync_name()?;
        self.latency.record(Stage::Sync, nanoseconds_since(due));
        Ok(std::mem::take(&mut self.latency))
    }

    /// Makes the name durable. Where that fails a new name is taken back; a file that was replaced cannot be.
    fn sync_name(&self) -> Result<(), IoError> {
        let _phase = tracing::debug_span!(target: PHASE, "sync").entered();
        let error = match self.folder.sync_all() {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        match self.replace {
            _ if cannot_sync_folders(&error) => Ok(()),
            Replace::Allow => {
                Err(IoError::NameNotDurable { path: self.path.clone(), source: error })
            }
            Replace::Refuse => {
                let _stays = rustix::fs::unlinkat(&self.folder, &self.name, AtFlags::empty());
                Err(IoError::failed("sync the folder of", &self.path)(error))
            }
        }
    }

    fn take_name(&mut self) -> Result<(), IoError> {
        let _phase = tracing::debug_span!(target: PHASE, "rename").entered();
        let named = match (&self.temporary_name, self.replace) {
            (None, Replace::Refuse) => platform::link_unnamed(&self.file, &self.folder, &self.name),
            (None, Replace::Allow) => self.link_then_replace(),
            (Some(temporary), Replace::Refuse) => {
                rename_noreplace(&self.folder, temporary, &self.name)
            }
            (Some(temporary), Replace::Allow) => {
                rustix::fs::renameat(&self.folder, temporary, &self.folder, &self.name)
                    .map_err(io::Error::from)
            }
        };
        match named {
            Ok(()) => {
                self.temporary_name = None;
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&self.path)),
            Err(error) => Err(IoError::failed("give its name to", &self.path)(error)),
        }
    }

    /// Replaces an existing file in one step: a link cannot, a rename can.
    fn link_then_replace(&mut self) -> io::Result<()> {
        // Locked before it has a name, so that no other run takes it for a leftover.
        leftover::lock(&self.file)?;
        let link = |temporary: &OsStr| platform::link_unnamed(&self.file, &self.folder, temporary);
        let ((), temporary) = with_fresh_name(&self.name, link)?;
        let temporary = self.temporary_name.insert(temporary);
        Ok(rustix::fs::renameat(&self.folder, &*temporary, &self.folder, &self.name)?)
    }
}

/// Whether a filesystem cannot sync folders (older SMB): it makes names durable in its own time.
fn cannot_sync_folders(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP | libc::ENOSYS))
}

impl Drop for Target {
    fn drop(&mut self) {
        // An unnamed file goes with its descriptor.
        if let Some(name) = &self.temporary_name {
            let _gone_or_not_ours = rustix::fs::unlinkat(&self.folder, name, AtFlags::empty());
        }
    }
}

fn exists(path: &Path) -> IoError {
    IoError::TargetExists { path: path.to_owned() }
}

/// Whether `O_TMPFILE` failed because the filesystem, or the kernel, does not have it.
fn leads_to_a_name(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    error.kind() == io::ErrorKind::Unsupported
        || matches!(errno, Some(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT | Errno::INVAL))
}

#[cfg(test)]
mod tests;
