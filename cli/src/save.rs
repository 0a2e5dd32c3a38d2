//! Files that a run leaves beside its movie.
//!
//! - In: where a file shall be; at the end, its content.
//! - Out: the file, complete under its name.
//! - Holds: whether it can be written is known before the copy; a run that fails leaves no file and replaces none.
//! - Not here: what is in it.

use std::fs::{self, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};

use intercut_io::{Identity, IoError};
use tempfile::NamedTempFile;

/// A file that has no lasting name yet.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    file: NamedTempFile,
}

impl NewFile {
    /// Makes the file in the folder of `path`, which must be there, under a temporary name.
    ///
    /// # Errors
    /// [`IoError`] where the folder cannot be written, or the name is taken by a folder.
    pub(crate) fn create(path: &Path) -> Result<Self, IoError> {
        if path.is_dir() {
            return Err(IoError::NotAFile { path: path.to_owned(), what: "a directory" });
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // As open to others as the user's mask lets new files be.
        let mut named = tempfile::Builder::new();
        named.prefix(".intercut-").permissions(Permissions::from_mode(0o666));
        let file = named.tempfile_in(folder.unwrap_or(Path::new(".")));
        Ok(Self { path: path.to_owned(), file: file.map_err(IoError::failed("save", path))? })
    }

    /// Writes the file and gives it its name.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub(crate) fn save(
        self,
        write: impl FnOnce(&mut BufWriter<&NamedTempFile>) -> io::Result<()>,
    ) -> Result<(), IoError> {
        let mut out = BufWriter::new(&self.file);
        let written = write(&mut out).and_then(|()| out.flush());
        drop(out);
        let saved =
            written.and_then(|()| self.file.persist(&self.path).map_err(|error| error.error));
        saved.map(drop).map_err(IoError::failed("save", &self.path))
    }
}

/// Whether two paths lead to one file, by whatever links, or would, where there is none yet.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|metadata| Identity::of(&metadata));
    if let (Ok(one), Ok(other)) = (identity(one), identity(other)) {
        return one.is_same_file(&other);
    }
    let place = |path: &Path| {
        let path = absolute(path)?;
        let folder = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
        Ok::<_, io::Error>((folder, path.file_name().map(ToOwned::to_owned)))
    };
    matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_that_is_not_saved_leaves_the_older_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        fs::write(&path, b"older").unwrap();
        drop(NewFile::create(&path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"older");
        NewFile::create(&path).unwrap().save(|out| out.write_all(b"newer")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn folder_that_is_not_there_is_told_by_the_name_of_the_file() {
        let error = NewFile::create(Path::new("/no such folder/page.html")).unwrap_err();
        assert_eq!(error.to_string(), "cannot save /no such folder/page.html");
    }
}
