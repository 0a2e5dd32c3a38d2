//! The name that a new file will get when it is whole, and the file that grows until then.
//!
//! - In: a path, whether a file there may be replaced, and the sources, none of which it may be.
//! - Out: [`NewName`], and the file: without a name, or locked under a temporary one.
//! - Holds: names are taken relative to the folder that was opened, so a folder that is moved meanwhile does not matter.
//! - Not here: what is written, and whether it is durable (`target`); temporary names (`leftover`, `naming`).
//!
//! References: open(2), `O_TMPFILE`; linkat(2); rename(2).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::Replace;
use super::leftover;
use super::naming::{create_named, open_folder, rename_noreplace, with_fresh_name};
use crate::error::IoError;
use crate::measure::interval::PHASE;
use crate::source::{Source, must_be_file};
use crate::storage::Identity;
use crate::sys::platform;

/// A name that is taken when the file that will have it is whole.
#[derive(Debug)]
pub(super) struct NewName {
    path: PathBuf,
    folder: File,
    name: OsString,
    /// The name that the file has meanwhile, where the filesystem has no unnamed files.
    temporary: Option<OsString>,
    replace: Replace,
}

impl NewName {
    /// Finds out whether `path` may be taken, and opens its folder; creates nothing.
    ///
    /// # Errors
    /// As [`super::Target::check`].
    pub(super) fn reserve<'a>(
        path: &Path,
        replace: Replace,
        sources: impl IntoIterator<Item = &'a Source>,
    ) -> Result<Self, IoError> {
        let (folder, name) = open_folder(path)?;
        let this = Self { path: path.to_owned(), folder, name, temporary: None, replace };
        let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        rustix::fs::accessat(&this.folder, ".", access, AtFlags::empty())
            .map_err(|errno| IoError::failed("write to the folder of", path)(errno.into()))?;
        let existing = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            // A name that points nowhere is taken all the same.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match std::fs::symlink_metadata(path) {
                    Ok(_) if replace == Replace::Refuse => Err(exists(path)),
                    _ => Ok(this),
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
        if platform::is_name_fixed(&this.folder, &this.name) {
            return Err(IoError::failed("replace", path)(Errno::PERM.into()));
        }
        Ok(this)
    }

    /// Creates the file, without a name if the filesystem can do that, and removes what a killed run for the same name
    /// left behind.
    ///
    /// # Errors
    /// [`IoError::Failed`] if the folder takes no file.
    pub(super) fn create_file(&mut self) -> Result<File, IoError> {
        leftover::remove_stale(&self.folder, &self.name);
        let failed = IoError::failed("create a file in the folder of", &self.path);
        let kind = platform::filesystem(&self.folder);
        let unnamed = match kind.is_ok_and(|(kind, _)| !kind.has_unnamed_files()) {
            true => Err(io::ErrorKind::Unsupported.into()),
            false => platform::create_unnamed(&self.folder),
        };
        match unnamed {
            Ok(file) => Ok(file),
            Err(error) if leads_to_a_name(&error) => {
                let (file, name) = create_named(&self.folder, &self.name).map_err(failed)?;
                self.temporary = Some(name);
                Ok(file)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Creates the file as a clone of `source`, as [`NewName::create_file`] does.
    ///
    /// # Errors
    /// [`IoError::CloneRefused`] if the filesystem cannot clone it; [`IoError::Failed`] if the folder takes no file.
    pub(super) fn create_clone(&mut self, source: &Source) -> Result<File, IoError> {
        let (path, original) = (self.path.clone(), source.path().to_owned());
        let failed = |source| IoError::CloneRefused { path, original, source };
        let Some(original) = source.file() else {
            return Err(failed(io::ErrorKind::Unsupported.into()));
        };
        let named = |name: &OsStr| platform::clone_named(original, &self.folder, name);
        match with_fresh_name(&self.name, named) {
            Ok(((), temporary)) => {
                let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let opened = rustix::fs::openat(&self.folder, &temporary, flags, Mode::empty());
                self.temporary = Some(temporary);
                let file: File = opened.map_err(|errno| failed(errno.into()))?.into();
                leftover::lock(&file).map_err(IoError::failed("lock", &self.path))?;
                Ok(file)
            }
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                let file = self.create_file()?;
                platform::clone_into(original, &file).map_err(failed)?;
                Ok(file)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Makes the name durable. Where that fails a new name is taken back; a file that was replaced cannot be.
    pub(super) fn sync_name(&self) -> Result<(), IoError> {
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

    /// Gives the name to `file`.
    ///
    /// # Errors
    /// [`IoError::TargetExists`] if somebody took it meanwhile, else [`IoError::Failed`].
    pub(super) fn take(&mut self, file: &File) -> Result<(), IoError> {
        let _phase = tracing::debug_span!(target: PHASE, "rename").entered();
        let named = match (&self.temporary, self.replace) {
            (None, Replace::Refuse) => platform::link_unnamed(file, &self.folder, &self.name),
            (None, Replace::Allow) => self.link_then_replace(file),
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
                self.temporary = None;
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&self.path)),
            Err(error) => Err(IoError::failed("give its name to", &self.path)(error)),
        }
    }

    /// Replaces an existing file in one step: a link cannot, a rename can.
    fn link_then_replace(&mut self, file: &File) -> io::Result<()> {
        // Locked before it has a name, so that no other run takes it for a leftover.
        leftover::lock(file)?;
        let link = |temporary: &OsStr| platform::link_unnamed(file, &self.folder, temporary);
        let ((), temporary) = with_fresh_name(&self.name, link)?;
        let temporary = self.temporary.insert(temporary);
        Ok(rustix::fs::renameat(&self.folder, &*temporary, &self.folder, &self.name)?)
    }
}

impl Drop for NewName {
    fn drop(&mut self) {
        // A file without a name goes with its descriptor.
        if let Some(name) = &self.temporary {
            let _gone_or_not_ours = rustix::fs::unlinkat(&self.folder, name, AtFlags::empty());
        }
    }
}

/// Whether a filesystem cannot sync folders (older SMB): it makes names durable in its own time.
pub(super) fn cannot_sync_folders(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP | libc::ENOSYS))
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
