//! Filesystems to write on: XFS, btrfs, ext4 and others, mounted for one test and gone with it.
//!
//! - In: which one. Out: [`Mounted`], a folder; or the reason why there is none here (no root, no loop device, no
//!   `mkfs`), which is noted as a skip under the name of the kind.
//! - Holds: the filesystem is unmounted and its image removed when [`Mounted`] goes, also in a panic; two tests never
//!   share one.
//!
//! References: mount(8), mkfs.xfs(8), mkfs.btrfs(8), mke2fs(8), bindfs(1).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A kind of filesystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filesystem {
    /// Shares blocks, direct I/O.
    Xfs,
    /// Shares blocks, checksums.
    Btrfs,
    /// A journal, no sharing.
    Ext4,
    /// Can reserve no room.
    Ext2,
    /// Memory: no direct I/O, no sharing.
    Tmpfs,
    /// No files without a name, no links.
    Vfat,
    /// Another folder through FUSE: no files without a name, no rename that refuses to replace.
    Bindfs,
}

impl Filesystem {
    /// What it is called where its lack is noted.
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The program that makes one, with its options.
    fn maker(self) -> Option<&'static [&'static str]> {
        match self {
            Filesystem::Xfs => Some(&["mkfs.xfs", "-q", "-f"]),
            Filesystem::Btrfs => Some(&["mkfs.btrfs", "-q", "-f"]),
            // Nothing kept back for root, so that what is free is free.
            Filesystem::Ext4 => Some(&["mkfs.ext4", "-q", "-F", "-m", "0"]),
            Filesystem::Ext2 => Some(&["mkfs.ext2", "-q", "-F", "-m", "0"]),
            Filesystem::Vfat => Some(&["mkfs.vfat"]),
            Filesystem::Tmpfs | Filesystem::Bindfs => None,
        }
    }
}

/// A mounted filesystem.
#[derive(Debug)]
pub struct Mounted {
    /// Holds the image and the mount point.
    folder: TempDir,
}

impl Mounted {
    /// Makes and mounts one of `len` bytes (sparse: it takes what is written to it).
    ///
    /// # Errors
    /// Why this cannot be done here.
    pub fn new(kind: Filesystem, len: u64) -> Result<Self, String> {
        Self::new_in(kind, len, &crate::media::tmp_dir())
    }

    /// The same; where it cannot be done here, says so as the reason why the running test skips something.
    ///
    /// # Panics
    /// Where no skips are allowed.
    pub fn or_skip(kind: Filesystem, len: u64) -> Option<Self> {
        Self::new(kind, len).inspect_err(|reason| crate::skip::note(&kind.name(), reason)).ok()
    }

    /// The same as [`Mounted::or_skip`], with its image in the folder `place`.
    ///
    /// # Panics
    /// As [`crate::skip::note`].
    pub fn or_skip_in(kind: Filesystem, len: u64, place: &Path) -> Option<Self> {
        let made = Self::new_in(kind, len, place);
        made.inspect_err(|reason| crate::skip::note(&kind.name(), reason)).ok()
    }

    fn new_in(kind: Filesystem, len: u64, place: &Path) -> Result<Self, String> {
        let folder = TempDir::with_prefix_in("mount-", place).map_err(|error| error.to_string())?;
        let (image, point) = (folder.path().join("image"), folder.path().join("point"));
        std::fs::create_dir(&point).map_err(|error| error.to_string())?;
        let point = point.display().to_string();
        let image_name = image.display().to_string();
        match (kind.maker(), kind) {
            (Some([make, options @ ..]), _) => {
                let file = File::create(&image).map_err(|error| error.to_string())?;
                file.set_len(len).map_err(|error| error.to_string())?;
                run(make, &[options, &[&image_name]].concat())?;
                run("mount", &["-o", "loop", &image_name, &point])?;
            }
            (_, Filesystem::Bindfs) => {
                std::fs::create_dir(&image).map_err(|error| error.to_string())?;
                run("bindfs", &["--no-allow-other", "-o", "hard_remove", &image_name, &point])?;
            }
            _ => run("mount", &["-t", "tmpfs", "-o", &format!("size={len}"), "tmpfs", &point])?,
        }
        Ok(Self { folder })
    }

    /// Mounts a copy of another filesystem's image, which replays its journal.
    ///
    /// - `options`: of mount(8).
    ///
    /// # Errors
    /// Why it cannot be mounted.
    pub fn of_image(image: &Path, options: &str) -> Result<Self, String> {
        let folder = TempDir::with_prefix_in("mount-", crate::media::tmp_dir())
            .map_err(|error| error.to_string())?;
        let point = folder.path().join("point");
        std::fs::create_dir(&point).map_err(|error| error.to_string())?;
        run("mount", &["-o", options, &image.display().to_string(), &point.display().to_string()])?;
        Ok(Self { folder })
    }

    /// What would be on the disk if the power went now: a copy of the image, which shares its blocks on `outer`.
    ///
    /// # Panics
    /// If the image is not on `outer`, or that cannot share blocks.
    pub fn snapshot(&self, outer: &Self, number: usize) -> PathBuf {
        let copy = outer.path().join(format!("snapshot-{number}"));
        let mut command = Command::new("cp");
        command.arg("--reflink=always").args([&self.image(), &copy]);
        assert!(command.status().expect("cp runs").success(), "the image can be cloned");
        copy
    }

    /// The file that holds the filesystem.
    pub fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    /// Mounts it anew with other options, such as `ro`.
    ///
    /// # Errors
    /// Why this cannot be done here.
    pub fn remount(&self, options: &str) -> Result<(), String> {
        let options = format!("remount,{options}");
        run("mount", &["-o", &options, &self.path().display().to_string()])
    }

    /// Writes back everything that is on it, and nothing else.
    ///
    /// # Panics
    /// Where that fails.
    #[cfg(target_os = "linux")]
    pub fn sync(&self) {
        let folder = File::open(self.path()).expect("a mounted folder can be opened");
        rustix::fs::syncfs(folder).expect("a filesystem can be synced");
    }

    /// Damages the 4096 bytes at `offset` of `file` behind the filesystem's back: where it has checksums (btrfs), reads of
    /// them answer `EIO` from now on.
    ///
    /// # Panics
    /// Where the bytes are not found on the device.
    #[cfg(target_os = "linux")]
    pub fn damage(&self, file: &Path, offset: u64) {
        use std::os::unix::fs::FileExt;
        let source = File::open(file).expect("the file can be opened");
        source.sync_all().expect("the file can be synced");
        let mut block = vec![0; BLOCK_LEN];
        source.read_exact_at(&mut block, offset).expect("the file is long enough");
        rustix::fs::fadvise(&source, 0, None, rustix::fs::Advice::DontNeed).expect("it is advice");
        let image = File::options().read(true).write(true).open(self.image());
        let image = image.expect("the image can be opened");
        let mut piece = vec![0; 256 * BLOCK_LEN];
        for at in (0..).step_by(piece.len()) {
            image.read_exact_at(&mut piece, at).expect("the block is somewhere");
            let found = piece.chunks(BLOCK_LEN).position(|found| found == block);
            if let Some(found) = found {
                let here = at + (found * BLOCK_LEN) as u64;
                return image.write_all_at(&[!block[0]], here).expect("the image can be written");
            }
        }
    }

    /// The folder that it is mounted on.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("point")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let point = self.path().display().to_string();
        if run("umount", &[&point]).is_err() {
            // Something still has a file open: let it go when that is closed, and say so if even that fails.
            if let Err(reason) = run("umount", &["--lazy", &point]) {
                eprintln!("{point} stays mounted: {reason}");
            }
        }
    }
}

/// Copies a file so that both names have blocks of their own.
///
/// # Panics
/// Where it cannot be copied.
pub fn copy_into(folder: &Path, file: &Path) -> PathBuf {
    let copy = folder.join(file.file_name().expect("a file has a name"));
    std::fs::copy(file, &copy).expect("the file can be copied");
    File::open(&copy).and_then(|copy| copy.sync_all()).expect("the copy can be synced");
    copy
}

/// Fills the filesystem of `folder` until about `left` bytes are free. What fills it is gone with what is returned.
///
/// # Panics
/// Where it cannot be filled.
#[cfg(target_os = "linux")]
pub fn filled_to(folder: &Path, left: u64) -> tempfile::NamedTempFile {
    use std::os::unix::fs::FileExt;
    let free = || {
        let stat = rustix::fs::statvfs(folder).expect("a filesystem tells what is free");
        stat.f_bavail * stat.f_frsize
    };
    let mut ballast = tempfile::NamedTempFile::new_in(folder).expect("a file can be made");
    let flags = rustix::fs::FallocateFlags::empty();
    while free() > left + (1 << 18) {
        let (at, len) = (ballast.as_file().metadata().expect("it is open").len(), free() - left);
        if rustix::fs::fallocate(ballast.as_file(), flags, at, len).is_err() {
            // It cannot reserve, or not so much at once.
            let piece = usize::try_from(len.min(1 << 20)).expect("it is at most a mebibyte");
            ballast.as_file().write_all_at(&vec![1; piece], at).expect("there is room");
        }
        ballast.as_file_mut().sync_all().expect("what fills it can be synced");
    }
    ballast
}

/// Bytes of a block of the filesystems here.
#[cfg(target_os = "linux")]
const BLOCK_LEN: usize = 4096;

const PATH: &str = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .env("PATH", PATH)
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{program}: {}", said.trim())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mounted_filesystem_can_be_written_and_is_gone_afterwards() {
        for kind in [Filesystem::Xfs, Filesystem::Btrfs, Filesystem::Tmpfs] {
            let Some(mounted) = Mounted::or_skip(kind, 320 << 20) else { continue };
            let point = mounted.path();
            std::fs::write(point.join("file"), b"bytes").expect("it can be written");
            drop(mounted);
            assert!(!point.exists(), "{kind:?}");
        }
    }
}
