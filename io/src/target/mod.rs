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
pub mod small;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::control::Control;
use crate::error::IoError;
use crate::measure::interval::PHASE;
use crate::measure::latency::{Latency, Stage, nanoseconds_since};
use crate::source::in_order::DIRECT_BLOCK_LEN;
use crate::source::{Identity, Source, must_be_file};
use crate::sys::platform;

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
            self.sync()?;
        }
        control.cancel.check()?;
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
        match (error.raw_os_error(), self.replace) {
            // A filesystem that cannot sync folders (older SMB) makes names durable in its own time.
            (Some(libc::EINVAL | libc::EOPNOTSUPP | libc::ENOSYS), _) => Ok(()),
            (_, Replace::Allow) => {
                Err(IoError::NameNotDurable { path: self.path.clone(), source: error })
            }
            (_, Replace::Refuse) => {
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

/// Opens the folder that `path` lies in; returns it and the name in it.
fn open_folder(path: &Path) -> Result<(File, OsString), IoError> {
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

/// Whether `O_TMPFILE` failed because the filesystem, or the kernel, does not have it.
fn leads_to_a_name(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    error.kind() == io::ErrorKind::Unsupported
        || matches!(errno, Some(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT | Errno::INVAL))
}

/// Creates a file under a temporary name, and locks it.
fn create_named(folder: &File, name: &OsStr) -> io::Result<(File, OsString)> {
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
fn create_new(folder: &File, name: &OsStr) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o666);
    Ok(retry_on_intr(|| rustix::fs::openat(folder, name, flags, mode))?.into())
}

/// Does something with a temporary name for `name` that nobody has taken: chance alone takes one twice, so a few tries
/// are enough. They are too where another run, looking for leftovers, removes a file that a filesystem outside the kernel is
/// still creating: that fails as if there were no folder.
fn with_fresh_name<T>(
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
/// under another name, while it is open.
fn is_named(folder: &File, name: &OsStr, file: &File) -> io::Result<bool> {
    let opened = rustix::fs::fstat(file)?;
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(named) => Ok((named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Renames unless the new name is taken; where the filesystem cannot do that in one step, by a link; where it has no
/// links either, after looking whether the name is free: a file that appears between the two calls is replaced.
fn rename_noreplace(folder: &File, from: &OsStr, to: &OsStr) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    #[cfg(target_os = "linux")]
    use intercut_test_kit::skip;

    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_dropped_target_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mov");
        let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
        target.file().write_all(b"half").unwrap();
        drop(target);
        assert_eq!(names_in(folder.path()), [] as [&str; 0]);
    }

    #[test]
    fn a_committed_target_has_its_name_and_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mov");
        let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
        target.file().write_all(b"whole").unwrap();
        assert_eq!(names_in(folder.path()), [] as [&str; 0]);
        target.commit(&Control::default()).unwrap();
        assert_eq!(names_in(folder.path()), ["out.mov"]);
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
    }

    #[test]
    fn a_name_that_is_taken_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mov");
        let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
        std::fs::write(&path, b"theirs").unwrap();
        let error = target.commit(&Control::default()).unwrap_err();
        assert!(matches!(error, IoError::TargetExists { .. }), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        assert_eq!(names_in(folder.path()), ["out.mov"]);
    }

    #[test]
    fn an_existing_file_is_replaced_only_when_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mov");
        std::fs::write(&path, b"old").unwrap();
        let refused = Target::create(&path, Replace::Refuse, &[]).unwrap_err();
        assert!(matches!(refused, IoError::TargetExists { .. }), "{refused}");
        let target = Target::create(&path, Replace::Allow, &[]).unwrap();
        target.file().write_all(b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        target.commit(&Control::default()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names_in(folder.path()), ["out.mov"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_synced_target_is_out_of_the_page_cache_and_is_read_back_past_it() {
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let path = folder.path().join("out.mov");
        let mut target = Target::create(&path, Replace::Refuse, &[]).unwrap();
        let written: Vec<u8> = (0..(4 << 20) + 99).map(|n: u32| n.to_le_bytes()[1]).collect();
        target.file().write_all(&written).unwrap();
        let cached = |target: &Target| platform::cached_bytes(target.file(), 0, 8 << 20);
        if cached(&target).is_none_or(|bytes| bytes == 0) || target.sync().is_err() {
            return skip::note("cachestat", "this kernel does not tell what is cached");
        }
        if platform::filesystem(target.file()).unwrap().0 == platform::Filesystem::Memory {
            return skip::note("disk", "this filesystem is the page cache");
        }
        target.read_past_cache();
        assert_eq!(cached(&target), Some(0));
        // A buffer that begins at a page, as readers in order have it.
        let mut read = memmap2::MmapMut::map_anon(8 << 20).unwrap();
        target.read_exact_at(&mut read[..4 << 20], 0).unwrap();
        assert_eq!(cached(&target), Some(0));
        assert!(read[..4 << 20] == written[..4 << 20]);
        target.read_exact_at(&mut read[1..100], 4 << 20).unwrap();
        assert_eq!(read[1..100], written[4 << 20..]);
        let past_the_end = target.read_exact_at(&mut read, 0).unwrap_err();
        assert_eq!(past_the_end.to_string(), format!("cannot read back {}", path.display()));
    }

    #[test]
    fn a_source_is_refused_as_target_also_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let source_path = folder.path().join("base.mov");
        std::fs::write(&source_path, b"base").unwrap();
        let link = folder.path().join("link.mov");
        std::os::unix::fs::symlink(&source_path, &link).unwrap();
        let hard = folder.path().join("hard.mov");
        std::fs::hard_link(&source_path, &hard).unwrap();
        let sources = [Source::open(&source_path).unwrap()];
        for path in [&source_path, &link, &hard] {
            let error = Target::check(path, Replace::Allow, &sources).unwrap_err();
            assert!(matches!(error, IoError::TargetIsSource { .. }), "{error}");
        }
    }

    #[test]
    fn a_link_planted_at_a_temporary_name_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        std::fs::write(&victim, b"theirs").unwrap();
        let opened = File::open(folder.path()).unwrap();
        let planted = std::cell::OnceCell::new();
        let (mut file, name) = with_fresh_name(OsStr::new("out.mov"), |temporary| {
            planted.get_or_init(|| {
                let link = folder.path().join(temporary);
                std::os::unix::fs::symlink(&victim, &link).unwrap();
                link
            });
            create_new(&opened, temporary)
        })
        .unwrap();
        file.write_all(b"ours").unwrap();
        assert!(std::fs::symlink_metadata(folder.path().join(name)).unwrap().is_file());
        assert!(planted.get().unwrap().is_symlink());
        assert_eq!(std::fs::read(&victim).unwrap(), b"theirs");
        let nothing_is_free = |_: &OsStr| Err::<(), _>(io::ErrorKind::AlreadyExists.into());
        assert!(with_fresh_name(OsStr::new("out.mov"), nothing_is_free).is_err());
    }

    #[test]
    fn a_name_that_ends_like_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["new/", "new/.", ".", "new/.."] {
            let error = Target::check(&folder.path().join(name), Replace::Refuse, &[]).unwrap_err();
            assert!(matches!(error, IoError::NotAFile { .. }), "{name}: {error}");
        }
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none").join("out.mov");
        let error = Target::check(&path, Replace::Refuse, &[]).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot open the folder of {}", path.display()));
    }

    #[test]
    fn a_cancelled_commit_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mov");
        let target = Target::create(&path, Replace::Refuse, &[]).unwrap();
        let control = Control::default();
        control.cancel.cancel();
        assert!(matches!(target.commit(&control), Err(IoError::Cancelled)));
        assert_eq!(names_in(folder.path()), [] as [&str; 0]);
    }
}
