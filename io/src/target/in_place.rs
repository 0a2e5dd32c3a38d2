//! An existing file that is changed where it is: locked, patched, cut, or continued by a [`super::Target`].
//!
//! - In: a path. Out: [`InPlaceFile`].
//! - Holds: one run at a time has the file; a patch is one write of a few bytes that are what they were expected to be, and
//!   is durable before the next. What was prepared is taken back together with what was appended.
//! - Not here: what is appended (`target`), which bytes make a movie another one (the caller).
//!
//! References: flock(2); fcntl(2), "Open file description locks".

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::IoError;
use crate::schedule::Patch;
use crate::source::must_be_file;
use crate::storage::{self, Identity, OpenElsewhere, Storage};
use crate::sys::platform;

/// Bytes of the blocks that are given back.
const BLOCK_LEN: u64 = 4096;
/// Bytes of a block in [`std::fs::Metadata`], whatever the filesystem's are.
const STAT_BLOCK_LEN: u64 = 512;

/// A file that is changed where it is. It stays locked until it is dropped.
#[derive(Debug)]
pub struct InPlaceFile {
    pub(super) path: PathBuf,
    pub(super) storage: Box<dyn Storage>,
    pub(super) before: Identity,
    /// Patches that were made so that something can be appended, in order.
    prepared: Vec<Patch>,
}

impl InPlaceFile {
    /// Opens `path` for reading and writing, and locks it.
    ///
    /// # Errors
    /// [`IoError::Locked`] if another run has the file, [`IoError::NotAFile`], or [`IoError::Failed`] if it may not be
    /// written to.
    pub fn open(path: &Path) -> Result<Self, IoError> {
        let metadata = std::fs::metadata(path).map_err(IoError::failed("open", path))?;
        must_be_file(path, &metadata)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
            .open(path)
            .map_err(IoError::failed("open for writing", path))?;
        match platform::lock(&file) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(IoError::Locked { path: path.to_owned() });
            }
            Err(error) => return Err(IoError::failed("lock", path)(error)),
        }
        let metadata = file.metadata().map_err(IoError::failed("examine", path))?;
        must_be_file(path, &metadata)?;
        let before = Identity::of(&metadata);
        let prepared = Vec::new();
        let this = Self { path: path.to_owned(), storage: Box::new(file), before, prepared };
        // Another run may have replaced it between its opening and its lock.
        this.check_is_named()?;
        Ok(this)
    }

    /// A file that is not one of the system.
    #[cfg(test)]
    pub(crate) fn in_storage(path: &Path, storage: Box<dyn Storage>) -> Self {
        let before = storage.identity().expect("it tells what it is");
        Self { path: path.to_owned(), storage, before, prepared: Vec::new() }
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it was when it was opened.
    pub fn identity(&self) -> &Identity {
        &self.before
    }

    /// Fills `buffer` with the bytes from `offset`.
    ///
    /// # Errors
    /// [`IoError::Failed`] if a read fails or ends early.
    pub fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        let read = storage::read_exact_at(&*self.storage, buffer, offset);
        read.map_err(IoError::failed("read", &self.path))
    }

    /// Whether somebody else has the file open or mapped; this process counts, but for this file itself. A mapping of bytes
    /// that are cut off kills the process that looks at them.
    pub fn open_elsewhere(&self) -> OpenElsewhere {
        self.storage.as_file().map_or(OpenElsewhere::CannotTell, OpenElsewhere::of)
    }

    /// Replaces a few bytes, each patch by one write that is durable before the next.
    ///
    /// # Errors
    /// [`IoError::TargetChanged`] if the bytes of a patch are not there, before anything is written; [`IoError::Failed`].
    pub fn patch(&mut self, patches: &[Patch]) -> Result<(), IoError> {
        self.check_patches(patches)?;
        patches.iter().try_for_each(|patch| self.apply(patch))
    }

    /// Makes patches that something which is to be appended needs. If it is not appended after all, they are taken back.
    ///
    /// # Errors
    /// As [`InPlaceFile::patch`]; the file is then what it was.
    pub fn prepare(&mut self, patches: &[Patch]) -> Result<(), IoError> {
        self.check_patches(patches)?;
        for patch in patches {
            if let Err(error) = self.apply(patch) {
                // What cannot be taken back means the same as before.
                let _same_meaning = self.restore();
                return Err(error);
            }
            self.prepared.push(patch.clone());
        }
        Ok(())
    }

    /// Takes what the file is now for what it was before: it was changed on purpose.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub fn renew(&mut self) -> Result<(), IoError> {
        let now = self.storage.identity().map_err(IoError::failed("examine", &self.path))?;
        self.before = now;
        Ok(())
    }

    /// Writes the bytes of a whole block of the disk again, durably.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub fn put_back(&mut self, offset: u64, block: &[u8]) -> Result<(), IoError> {
        storage::write_all_at(&*self.storage, block, offset)
            .map_err(|(_written, error)| error)
            .and_then(|()| storage::again(|| self.storage.sync_data()))
            .map_err(IoError::failed("repair", &self.path))
    }

    /// Gives the file back what it was: cuts it to `len` bytes, makes patches, and sets the time of the last change of its
    /// content, in nanoseconds since 1970. All of it is durable in the end.
    ///
    /// # Errors
    /// [`IoError::TargetChanged`] if the bytes of a patch are not there, before anything is done; [`IoError::Failed`].
    pub fn cut_back(&mut self, len: u64, patches: &[Patch], mtime_ns: i128) -> Result<(), IoError> {
        self.check_patches(patches)?;
        // Cut before the time is set, and before the sync: what a crash leaves is never longer and looking untouched.
        storage::again(|| self.storage.set_len(len))
            .map_err(IoError::failed("cut to length", &self.path))?;
        if !patches.is_empty() {
            // A size that reaches to the end of the file must not be durable before that end is.
            storage::sync(&*self.storage).map_err(IoError::failed("sync", &self.path))?;
        }
        patches.iter().try_for_each(|patch| self.apply(patch))?;
        self.storage
            .set_modified(mtime_ns)
            .map_err(IoError::failed("set the time of", &self.path))?;
        storage::sync(&*self.storage).map_err(IoError::failed("sync", &self.path))
    }

    /// Whether blocks of this file can be given back while it stays as long as it is: nothing is changed.
    ///
    /// # Errors
    /// [`IoError::Failed`] if they cannot.
    pub fn check_punch(&self) -> Result<(), IoError> {
        let behind = self.before.len.next_multiple_of(BLOCK_LEN);
        let punched = storage::again(|| self.storage.punch(behind, BLOCK_LEN));
        punched.map_err(IoError::failed("give blocks back of", &self.path))
    }

    /// Gives the blocks of these ranges back, durably: they read as zeros then. Returns the bytes that the disk has more.
    ///
    /// - `ranges`: of whole blocks of 4096 bytes.
    ///
    /// # Errors
    /// [`IoError::Failed`]; some of the ranges may be punched then.
    pub fn punch(&mut self, ranges: &[Range<u64>]) -> Result<u64, IoError> {
        let blocks = |file: &Self| {
            let metadata = file.storage.as_file().map(File::metadata).transpose();
            metadata.map(|metadata| metadata.map_or(0, |metadata| metadata.blocks()))
        };
        let before = blocks(self).map_err(IoError::failed("examine", &self.path))?;
        for range in ranges {
            storage::again(|| self.storage.punch(range.start, range.end - range.start))
                .map_err(IoError::failed("give blocks back of", &self.path))?;
        }
        storage::sync(&*self.storage).map_err(IoError::failed("sync", &self.path))?;
        let after = blocks(self).map_err(IoError::failed("examine", &self.path))?;
        Ok(before.saturating_sub(after) * STAT_BLOCK_LEN)
    }

    /// Whether patches were made that have to be taken back if nothing is appended.
    pub(super) fn is_prepared(&self) -> bool {
        !self.prepared.is_empty()
    }

    /// Gives it back what it was when it was opened, if nothing else before its end was touched: length, what was prepared,
    /// time of change.
    pub(super) fn restore(&mut self) -> Result<(), IoError> {
        let prepared = std::mem::take(&mut self.prepared);
        let back: Vec<Patch> = prepared.into_iter().rev().map(Patch::reversed).collect();
        self.cut_back(self.before.len, &back, self.before.mtime_ns)
    }

    /// Fails if the bytes that patches replace are not what they are expected to be.
    pub(super) fn check_patches(&self, patches: &[Patch]) -> Result<(), IoError> {
        for patch in patches {
            let mut found = vec![0; patch.before().len()];
            self.read_exact_at(&mut found, patch.offset())?;
            if found != patch.before() {
                let what = format!(
                    "the {} bytes at byte {} are not what they were",
                    found.len(),
                    patch.offset()
                );
                return Err(self.changed(what));
            }
        }
        Ok(())
    }

    /// Writes one patch and makes it durable.
    pub(super) fn apply(&mut self, patch: &Patch) -> Result<(), IoError> {
        storage::write_all_at(&*self.storage, patch.after(), patch.offset())
            .map_err(|(_written, error)| error)
            .and_then(|()| storage::again(|| self.storage.sync_data()))
            .map_err(IoError::failed("change", &self.path))
    }

    /// Fails if the file is not `len` bytes long, or its name leads to another one.
    pub(super) fn check_len(&self, len: u64) -> Result<(), IoError> {
        let now = self.storage.identity().map_err(IoError::failed("examine", &self.path))?;
        if now.len != len {
            return Err(self.changed(format!("it is {} bytes long, and should be {len}", now.len)));
        }
        self.check_is_named()
    }

    /// Fails if the path leads to another file, or nowhere.
    fn check_is_named(&self) -> Result<(), IoError> {
        if self.storage.as_file().is_none() {
            return Ok(());
        }
        match std::fs::metadata(&self.path) {
            Ok(named) if Identity::of(&named).is_same_file(&self.before) => Ok(()),
            Ok(_) => Err(self.changed("another file has taken its name".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(self.changed("it is gone".to_owned()))
            }
            Err(error) => Err(IoError::failed("examine", &self.path)(error)),
        }
    }

    fn changed(&self, what: String) -> IoError {
        IoError::TargetChanged { path: self.path.clone(), what }
    }
}
