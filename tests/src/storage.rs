//! Filesystems to write on: XFS, btrfs and tmpfs, mounted for one test and gone with it.
//!
//! - In: which one. Out: [`Mounted`], a folder; or the reason why there is none here (no root, no loop device, no
//!   `mkfs`), which the test hands to [`crate::skip::note`].
//! - Holds: the filesystem is unmounted and its image removed when [`Mounted`] goes, also in a panic; two tests never
//!   share one.
//!
//! References: mount(8), mkfs.xfs(8), mkfs.btrfs(8).

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
    /// Memory: no direct I/O, no sharing.
    Tmpfs,
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
        let folder = TempDir::with_prefix_in("mount-", crate::media::tmp_dir())
            .map_err(|error| error.to_string())?;
        let (image, point) = (folder.path().join("image"), folder.path().join("point"));
        std::fs::create_dir(&point).map_err(|error| error.to_string())?;
        let point = point.display().to_string();
        let image_name = image.display().to_string();
        let make = match kind {
            Filesystem::Xfs => Some("mkfs.xfs"),
            Filesystem::Btrfs => Some("mkfs.btrfs"),
            Filesystem::Tmpfs => None,
        };
        match make {
            Some(make) => {
                let file = File::create(&image).map_err(|error| error.to_string())?;
                file.set_len(len).map_err(|error| error.to_string())?;
                run(make, &["-q", "-f", &image_name])?;
                run("mount", &["-o", "loop", &image_name, &point])?;
            }
            None => run("mount", &["-t", "tmpfs", "-o", &format!("size={len}"), "tmpfs", &point])?,
        }
        Ok(Self { folder })
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

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program)
        .args(arguments)
        .env("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin")
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{program}: {}", said.trim())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skip;

    #[test]
    fn a_mounted_filesystem_can_be_written_and_is_gone_afterwards() {
        for kind in [Filesystem::Xfs, Filesystem::Btrfs, Filesystem::Tmpfs] {
            let point = match Mounted::new(kind, 320 << 20) {
                Ok(mounted) => {
                    std::fs::write(mounted.path().join("file"), b"bytes")
                        .expect("it can be written");
                    mounted.path()
                }
                Err(reason) => {
                    skip::note(&reason);
                    continue;
                }
            };
            assert!(!point.exists(), "{kind:?}");
        }
    }
}
