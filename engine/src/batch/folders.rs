//! Folders of outputs that are not there yet.
//!
//! - In: the folders that a batch writes to.
//! - Out: the folders.
//! - Holds: those that were made and stayed empty are gone when [`Folders`] is: a refused batch leaves none.

use std::io;
use std::path::{Path, PathBuf};

use intercut_io::IoError;
use intercut_io::small::make_folder;

/// Folders that were made, the outermost of each first.
#[derive(Debug, Default)]
pub(super) struct Folders {
    made: Vec<PathBuf>,
}

impl Folders {
    /// Makes `folder` and those that it lies in, as far as they are missing.
    pub(super) fn make(&mut self, folder: &Path) -> Result<(), IoError> {
        let missing: Vec<&Path> =
            folder.ancestors().take_while(|folder| !is_there(folder)).collect();
        for folder in missing.into_iter().rev() {
            if make_folder(folder)? {
                self.made.push(folder.to_owned());
            }
        }
        Ok(())
    }

    /// Lets them stay, empty or not.
    pub(super) fn keep(&mut self) {
        self.made.clear();
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in self.made.iter().rev() {
            // Those that are in use stay.
            let _stays: io::Result<()> = std::fs::remove_dir(folder);
        }
    }
}

/// Whether something has that name; an empty path is the folder that the process is in.
fn is_there(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || folder.symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_stay_empty_are_gone_again() {
        let root = tempfile::tempdir().unwrap();
        let (used, unused) = (root.path().join("a/used"), root.path().join("a/b/unused"));
        let mut folders = Folders::default();
        folders.make(&used).unwrap();
        folders.make(&unused).unwrap();
        folders.make(root.path()).unwrap();
        std::fs::write(used.join("out.mov"), b"movie").unwrap();
        drop(folders);
        assert!(used.join("out.mov").exists());
        assert!(!root.path().join("a/b").exists());
    }
}
