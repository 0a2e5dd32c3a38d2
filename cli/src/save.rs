//! Files that a command leaves beside its movie: plans, pages, traces, histograms, jobs files, manual pages.
//!
//! - In: where the file goes and what kind it is; then its content.
//! - Out: the file, complete and synced under its name.
//! - Holds: whether it can be written is known before the run. It replaces an older file of its own kind and nothing
//!   else. A run that fails or is killed leaves no part of it and replaces nothing.
//! - Not here: what is in it.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};

use intercut_io::{Identity, IoError};

use crate::diagnostic::Failure;
use crate::exit::Exit;

/// What a file is, by which an older one is recognised.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// Such as `a report page`.
    pub(crate) noun: &'static str,
    /// Whether a file that begins so is one of this kind that intercut wrote; `None` if even such a file is kept,
    /// because people edit it.
    pub(crate) is_ours: Option<fn(&[u8]) -> bool>,
}

/// How much of an older file is looked at.
const HEAD_LEN: u64 = 4096;

/// A file that has no name yet.
#[derive(Debug)]
pub(crate) struct NewFile {
    kind: Kind,
    path: PathBuf,
    file: File,
}

impl NewFile {
    /// Starts a file, which has no name until it is saved.
    ///
    /// - `movies`: files that it must not replace, even if they do not exist yet.
    ///
    /// # Errors
    /// [`Failure`] if `path` is one of `movies` or an existing file of another kind, or if its folder cannot be written.
    pub(crate) fn create<'a>(
        kind: Kind,
        path: &Path,
        movies: impl IntoIterator<Item = &'a Path>,
    ) -> Result<Self, Failure> {
        if movies.into_iter().any(|movie| is_same_file(movie, path)) {
            let message = format!(
                "{} is a source or the output: it is not replaced by {}",
                path.display(),
                kind.noun
            );
            return Err(Failure::new(Exit::Usage, message, Some(OTHER_NAME)));
        }
        check(kind, path)?;
        let file = tempfile::tempfile_in(folder_of(path)).map_err(IoError::failed("save", path))?;
        Ok(Self { kind, path: path.to_owned(), file })
    }

    /// Its name, once it is saved.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the content goes.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Writes the content and gives the file its name.
    ///
    /// # Errors
    /// As [`NewFile::save`].
    pub(crate) fn write_and_save(
        self,
        write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = BufWriter::new(&self.file);
        let written = write(&mut out).and_then(|()| out.flush());
        drop(out);
        written.map_err(IoError::failed("save", &self.path))?;
        self.save()
    }

    /// Gives the file its name, in one step.
    ///
    /// # Errors
    /// [`Failure`] if it cannot be written, or if a file of another kind has taken its name since.
    pub(crate) fn save(self) -> Result<(), Failure> {
        check(self.kind, &self.path)?;
        let (path, mut file) = (&self.path, self.file);
        let mut name = || {
            file.rewind()?;
            let mut named = tempfile::Builder::new();
            // As open to others as the user's mask lets new files be.
            named.prefix(".intercut-").permissions(Permissions::from_mode(0o666));
            let mut named = named.tempfile_in(folder_of(path))?;
            io::copy(&mut file, named.as_file_mut())?;
            named.as_file().sync_all()?;
            named.persist(path).map_err(|error| error.error)
        };
        name().map(drop).map_err(IoError::failed("save", path))?;
        Ok(())
    }
}

const OTHER_NAME: &str = "save it under another name";

/// Refuses to replace anything but an empty file or an older one of this kind.
///
/// # Errors
/// [`Failure`] that says what is there.
pub(crate) fn check(kind: Kind, path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        let message = format!("{} is a directory", path.display());
        return Err(Failure::new(Exit::Usage, message, Some(OTHER_NAME)));
    }
    let head = match path.metadata() {
        // The kind of file comes first: opening a pipe would wait for its writer.
        Ok(metadata) if metadata.is_file() => head(path).map_err(IoError::failed("read", path))?,
        Ok(_) => Vec::from(b"no file"),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(IoError::failed("read", path)(error).into()),
    };
    let path = path.display();
    let message = match kind.is_ours {
        _ if head.is_empty() => return Ok(()),
        Some(is_ours) if is_ours(&head) => return Ok(()),
        Some(_) => format!("{path} exists and is not {}: it is not replaced", kind.noun),
        None => format!("{path} exists: it is not replaced, because it may have been edited"),
    };
    Err(Failure::new(Exit::Usage, message, Some(OTHER_NAME)))
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_LEN).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether `head` contains `text`.
pub(crate) fn contains(head: &[u8], text: &str) -> bool {
    head.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Refuses two options that name the same file: the later one would replace the earlier.
///
/// # Errors
/// [`Failure`] that names both options.
pub(crate) fn check_distinct(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let named = || files.iter().filter_map(|(option, path)| Some((*option, (*path)?)));
    for (index, (option, path)) in named().enumerate() {
        let same = named().take(index).find(|(_, earlier)| is_same_file(earlier, path));
        if let Some((earlier, _)) = same {
            let message = format!("{earlier} and {option} name the same file, {}", path.display());
            return Err(Failure::new(Exit::Usage, message, Some(OTHER_NAME)));
        }
    }
    Ok(())
}

/// Whether two paths lead to one file, by whatever links, or would if it existed.
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

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: Kind = Kind { noun: "a note", is_ours: Some(|head| head.starts_with(b"note: ")) };

    fn save(path: &Path, text: &str) -> Result<(), Failure> {
        NewFile::create(NOTE, path, [])?.write_and_save(|out| out.write_all(text.as_bytes()))
    }

    #[test]
    fn file_that_is_not_saved_leaves_the_older_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        save(&path, "note: older").unwrap();
        let file = NewFile::create(NOTE, &path, []).unwrap();
        file.file().write_all(b"note: half").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"note: older");
        save(&path, "note: newer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"note: newer");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_empty_files_and_older_ones_of_the_same_kind_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("movie"), b"\0\0\0\x14ftypqt  ").unwrap();
        fs::write(path("empty"), b"").unwrap();
        save(&path("older"), "note: older").unwrap();
        fs::create_dir(path("folder")).unwrap();
        let replaced = ["movie", "folder", "empty", "older", "new"]
            .map(|name| save(&path(name), "note: newer").is_ok());
        assert_eq!(replaced, [false, false, true, true, true]);
        assert_eq!(fs::read(path("movie")).unwrap(), b"\0\0\0\x14ftypqt  ");
        let edited = Kind { noun: "a list", is_ours: None };
        let failure = NewFile::create(edited, &path("older"), []).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        let message = failure.messages()[0].clone();
        let expected = "exists: it is not replaced, because it may have been edited";
        assert!(message.ends_with(expected), "{message}");
    }

    #[test]
    fn movie_that_takes_the_name_during_the_run_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        let file = NewFile::create(NOTE, &path, []).unwrap();
        fs::write(&path, b"\0\0\0\x14ftypqt  ").unwrap();
        assert!(file.write_and_save(|out| out.write_all(b"note: newer")).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"\0\0\0\x14ftypqt  ");
    }

    #[test]
    fn file_that_does_not_exist_yet_is_known_by_its_folder_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.mov");
        let other = folder.path().join("./out.mov");
        let files =
            [("--output", Some(path.as_path())), ("--plan", None), ("--trace", Some(&other))];
        let failure = check_distinct(&files).unwrap_err();
        assert!(failure.messages()[0].starts_with("--output and --trace name the same file, "));
        assert!(NewFile::create(NOTE, &other, [path.as_path()]).is_err());
        assert!(check_distinct(&files[..2]).is_ok());
    }

    #[test]
    fn folder_that_does_not_exist_is_named_by_the_file() {
        let failure = save(Path::new("/no such folder/page.html"), "").unwrap_err();
        assert_eq!(failure.messages(), ["cannot save /no such folder/page.html"]);
    }
}
