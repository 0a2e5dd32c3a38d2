//! The file that is written: a new one, complete and synced under its name or not there at all; or an existing one with a
//! region behind it, in use or cut off again.
//!
//! ```text
//! create ──▶ (unnamed, or locked under a recognisable temporary name) ──▶ commit: sync, name, sync folder
//! append ──▶ (the old file, and behind it bytes that nobody refers to) ──▶ commit: sync, patch, sync
//!                                                                     └──▶ drop: as if it had never been
//! ```
//!
//! - In: where it is, and for a new file whether another one may be replaced.
//! - Out: [`Target`], which the routes write to.
//! - Holds: until [`Target::commit`] has synced the bytes, no file of a new target's name is touched, and no byte of an
//!   existing file.
//! - Not here: which bytes (`execute`), names (`new_name`), the file that is appended to (`in_place`).
//!
//! References: fsync(2).

pub(crate) mod beside;
mod in_place;
pub(crate) mod leftover;
mod naming;
mod new_name;
mod output_lock;
pub mod small;

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub use in_place::InPlaceFile;
pub use output_lock::OutputLock;

use crate::control::{Control, Phase};
use crate::error::IoError;
use crate::measure::interval::PHASE;
use crate::measure::latency::{Latency, Stage, nanoseconds_since};
use crate::schedule::{Patch, Schedule};
use crate::source::Source;
use crate::source::in_order::DIRECT_BLOCK_LEN;
use crate::storage::{self, Identity, Storage};
use crate::sys::platform;
use naming::open_folder;
use new_name::NewName;

/// Extents are laid out to this many bytes where the filesystem does not ask for more: the page size, which direct I/O
/// and every sharing filesystem's default block size divide or equal.
const ALIGNMENT_DEFAULT: u64 = 4096;

/// Whether a file that has the target's name already may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replace {
    /// An existing file is left alone and the run fails.
    Refuse,
    /// An existing file is replaced, in one step, when the new one is complete.
    Allow,
}

/// A file that is being written, and what becomes of it in the end.
#[derive(Debug)]
pub struct Target {
    place: Place,
    /// The same file for reads past the page cache, once it is synced and where the filesystem has them.
    direct: Option<File>,
    patches: Vec<Patch>,
    /// How long it is once every byte is in place.
    len_after: u64,
    latency: Latency,
    synced: bool,
}

#[derive(Debug)]
enum Place {
    /// It gets its name when it is whole.
    New {
        path: PathBuf,
        name: NewName,
        file: File,
        /// Its length if it began as a clone of another file, else 0.
        len_before: u64,
    },
    /// It is an existing file that grows.
    Behind { file: InPlaceFile, state: Region },
}

/// What became of the region behind an existing file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Region {
    /// Nothing was written.
    Untouched,
    /// Bytes were written behind the file's end; nobody refers to them.
    Written,
    /// A byte before that end may have changed: the region must stay.
    InUse,
}

impl Target {
    /// What would stop [`Target::create`], found without creating anything: the folder, an existing file, a source
    /// under the same name or another.
    ///
    /// # Errors
    /// [`IoError::TargetExists`], [`IoError::TargetIsSource`], [`IoError::NotAFile`] if the name is taken by something
    /// that is not a file, or [`IoError::Failed`] if the folder cannot be used.
    pub fn check<'a>(
        path: &Path,
        replace: Replace,
        sources: impl IntoIterator<Item = &'a Source>,
    ) -> Result<(), IoError> {
        NewName::reserve(path, replace, sources).map(|_name| ())
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

    /// Creates a new file, without a name if the filesystem can do that, and removes what a killed run for the same target
    /// left behind.
    ///
    /// # Errors
    /// As [`Target::check`].
    pub fn create(path: &Path, replace: Replace, sources: &[Source]) -> Result<Self, IoError> {
        let mut name = NewName::reserve(path, replace, sources)?;
        let file = name.create_file()?;
        Ok(Self::at(Place::New { path: path.to_owned(), name, file, len_before: 0 }))
    }

    /// Creates a new file as [`Target::create`] does, which begins as a clone of one of the sources: it shares all its bytes.
    ///
    /// # Errors
    /// As [`Target::check`]; [`IoError::CloneRefused`] if the filesystem cannot clone this file to there.
    pub fn clone_of<'a>(
        original: &Source,
        path: &Path,
        replace: Replace,
        sources: impl IntoIterator<Item = &'a Source>,
    ) -> Result<Self, IoError> {
        let mut name = NewName::reserve(path, replace, sources)?;
        let file = name.create_clone(original)?;
        let len_before = original.len();
        Ok(Self::at(Place::New { path: path.to_owned(), name, file, len_before }))
    }

    /// Creates a new file that takes the place of `old` when it is whole, with its permissions, and its owner as far as this
    /// user may give files away.
    ///
    /// # Errors
    /// As [`Target::check`].
    pub fn in_place_of(old: &InPlaceFile) -> Result<Self, IoError> {
        let target = Self::create(&old.path, Replace::Allow, &[])?;
        if let (Some(new), Some(old)) = (target.storage().as_file(), old.storage.as_file()) {
            let stat = old.metadata().map_err(IoError::failed("examine", target.path()))?;
            let _kept = std::os::unix::fs::fchown(new, Some(stat.uid()), Some(stat.gid()));
            let set = new.set_permissions(stat.permissions());
            set.map_err(IoError::failed("set the permissions of", target.path()))?;
        }
        Ok(target)
    }

    /// Whether a new file at `path` is made best as a clone of another one: its filesystem clones whole files and no ranges.
    pub fn prefers_clones(path: &Path) -> bool {
        let folder = open_folder(path);
        folder.is_ok_and(|(folder, _name)| platform::clones_whole_files_alone(&folder))
    }

    /// Appends to `file`. Unless it is committed, the file is cut back to its length, and has its old time of change.
    ///
    /// A source may be the same file: only bytes that it has already are read then.
    pub fn append(file: InPlaceFile) -> Self {
        Self::at(Place::Behind { file, state: Region::Untouched })
    }

    fn at(place: Place) -> Self {
        let (patches, latency) = (Vec::new(), Latency::default());
        Self { place, direct: None, patches, len_after: 0, latency, synced: false }
    }

    /// The name that it has or will get.
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::New { path, .. } => path,
            Place::Behind { file, .. } => &file.path,
        }
    }

    /// What it is now. Naming it changes neither its length nor the time of its content's last change; patching it does.
    ///
    /// # Errors
    /// [`IoError::Failed`] if the system refuses to tell.
    pub fn identity(&self) -> Result<Identity, IoError> {
        self.storage().identity().map_err(IoError::failed("examine", self.path()))
    }

    /// Length of the file before anything was put in place: where a schedule for it starts.
    pub fn len_before(&self) -> u64 {
        match &self.place {
            Place::New { len_before, .. } => *len_before,
            Place::Behind { file, .. } => file.before.len,
        }
    }

    /// The file, for a program that writes all of it as its standard output.
    ///
    /// # Errors
    /// [`IoError::Failed`] if the system has no descriptor left.
    ///
    /// # Panics
    /// If it is an existing file, which no program is let loose on.
    pub fn output_of_child(&mut self) -> Result<File, IoError> {
        let Place::New { file, path, .. } = &self.place else {
            panic!("a child writes new files alone");
        };
        file.try_clone().map_err(IoError::failed("open", path))
    }

    /// Writes bytes of a new file, through the page cache: for files that come bit by bit, and not by a schedule.
    ///
    /// # Errors
    /// [`IoError::Failed`], for instance if the disk is full.
    ///
    /// # Panics
    /// If it is an existing file, of which every byte is planned.
    pub fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> Result<(), IoError> {
        let Place::New { file, path, .. } = &self.place else {
            panic!("an existing file is changed by a schedule");
        };
        let written = storage::write_all_at(file, bytes, offset);
        written.map_err(|(_written, error)| IoError::failed("write to", path)(error))
    }

    /// What is written to.
    pub(crate) fn storage(&self) -> &dyn Storage {
        match &self.place {
            Place::New { file, .. } => file,
            Place::Behind { file, .. } => &*file.storage,
        }
    }

    /// Whether what is reserved becomes part of the file at once: an existing file is not made longer than it is.
    pub(crate) fn grows_with_reservations(&self) -> bool {
        matches!(self.place, Place::New { .. })
    }

    /// Takes note that `schedule` is carried out from now on.
    ///
    /// # Panics
    /// If it begins elsewhere than the file ends, or patches a new file.
    pub(crate) fn begin(&mut self, schedule: &Schedule) {
        assert_eq!(schedule.start(), self.len_before(), "a schedule begins where its target ends");
        self.patches = schedule.patches().to_vec();
        self.len_after = schedule.len();
        match &mut self.place {
            Place::New { len_before, .. } => {
                assert!(self.patches.is_empty() || *len_before > 0, "a new file needs no patch");
            }
            Place::Behind { state, .. } => *state = Region::Written,
        }
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
        storage::read_exact_at(self.storage(), &mut buffer[done..], offset + done as u64)
            .map_err(IoError::failed("read back", self.path()))
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
            match Storage::read_at(direct, &mut buffer[done..end], offset + done as u64) {
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
        storage::sync(self.storage()).map_err(IoError::failed("sync", self.path()))?;
        self.latency.record(Stage::Sync, nanoseconds_since(due));
        self.synced = true;
        Ok(())
    }

    /// Drops what is synced from the page cache, so that [`Target::read_exact_at`] asks the disk from now on.
    pub fn read_past_cache(&mut self) {
        let Some(file) = self.storage().as_file() else { return };
        platform::drop_from_cache(file);
        // Where there are no direct reads, the rest goes through the cache that was just dropped.
        self.direct = platform::open_direct(file).ok();
    }

    /// Makes the file durable and puts it to use. A new file gets its name, durably; an existing one its patches, in order,
    /// each durable before the next. Returns how long each sync took.
    ///
    /// A cancel has no effect any more once the name is taken or a patch is written.
    ///
    /// # Errors
    /// [`IoError::TargetExists`] if somebody took the name meanwhile, [`IoError::TargetChanged`] if the existing file is not
    /// what it was, [`IoError::Failed`], [`IoError::Cancelled`]: the target is then what it was before, unless the failure
    /// came after a patch to bytes that the file had before. [`IoError::NameNotDurable`] if an existing file has been replaced
    /// by the whole new one, and only the last sync failed.
    pub fn commit(mut self, control: &Control) -> Result<Latency, IoError> {
        control.cancel.check()?;
        if !self.synced {
            control.progress.enter(Phase::Syncing, 0);
            self.sync()?;
        }
        control.cancel.check()?;
        control.progress.enter(Phase::Finishing, 0);
        let due;
        match &mut self.place {
            Place::New { name, file, path, .. } => {
                for patch in &self.patches {
                    storage::write_all_at(file, patch.after(), patch.offset())
                        .map_err(|(_written, error)| error)
                        .map_err(IoError::failed("change", path))?;
                }
                if !self.patches.is_empty() {
                    storage::sync(file).map_err(IoError::failed("sync", path))?;
                }
                name.take(file)?;
                due = Instant::now();
                name.sync_name()?;
            }
            Place::Behind { file, state } => {
                file.check_len(self.len_after)?;
                file.check_patches(&self.patches)?;
                due = Instant::now();
                for patch in &self.patches {
                    let state_before = *state;
                    if patch.offset() < file.before.len {
                        *state = Region::InUse;
                    }
                    if let Err(error) = file.apply(patch) {
                        // The disk may hold the old bytes or the new ones, until the old ones are durable again.
                        if file.apply(&patch.clone().reversed()).is_ok() {
                            *state = state_before;
                        }
                        return Err(error);
                    }
                }
                *state = Region::InUse;
            }
        }
        self.latency.record(Stage::Sync, nanoseconds_since(due));
        Ok(std::mem::take(&mut self.latency))
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let Place::Behind { file, state } = &mut self.place else { return };
        let is_to_go =
            *state == Region::Written || (*state == Region::Untouched && file.is_prepared());
        if is_to_go {
            // What cannot be cut off is a tail that nobody refers to.
            let _a_tail = file.restore();
        }
    }
}

#[cfg(test)]
mod tests;
