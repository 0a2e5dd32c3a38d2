//! Folders to clips: which files of a folder are movies, in name order.
//!
//! - In: the paths that were named as clips, and the files that are no clips (base, output).
//! - Out: [`FoundClips`]: paths of clips, and what was passed over and why.
//! - Holds: every folder is read once, so that links in a circle end; the order is that of the arguments, and by name
//!   within a folder, whatever order the filesystem has.
//! - Not here: opening the clips. What is a movie by its name and then is none is an error there, never silently passed
//!   over: a damaged clip must not just be missing from the result.

use std::collections::HashSet;
use std::fmt;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, Identity, IoError};

/// Endings of movie names, in lower case.
const MOVIE_EXTENSIONS: [&str; 4] = ["mov", "mp4", "m4v", "qt"];

/// The clips that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundClips {
    /// Clips, in the order of the arguments and by name within a folder.
    pub paths: Vec<PathBuf>,
    /// What was passed over in folders, in the order in which it was met.
    pub passed_over: Vec<PassedOver>,
}

/// A file or folder that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub why: Why,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: passed over: {}", self.path.display(), self.why)
    }
}

/// Why a file or folder was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its name begins with a dot.
    Hidden,
    /// macOS keeps a file's further attributes in it, on filesystems that have no place for them.
    AppleDouble,
    /// Its name does not end like a movie's.
    NotAMovie,
    /// It is neither a file nor a folder.
    NotAFile,
    /// It is a link that leads nowhere.
    BrokenLink,
    /// It is the base, perhaps by another name.
    Base,
    /// It is the output, perhaps by another name.
    Output,
    /// It is a folder that was searched already, by another name.
    Searched,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::Hidden => "its name begins with a dot",
            Why::AppleDouble => "it holds a file's attributes (AppleDouble)",
            Why::NotAMovie => "it is not named like a movie (.mov, .mp4, .m4v, .qt)",
            Why::NotAFile => "it is neither a file nor a folder",
            Why::BrokenLink => "it is a link that leads nowhere",
            Why::Base => "it is the base",
            Why::Output => "it is the output",
            Why::Searched => "the folder was searched already",
        })
    }
}

/// Finds the clips that `arguments` name: files as they are, folders searched recursively.
///
/// - `base`, `results`: passed over in folders, also under other names (by device and inode). Results of splices need not
///   exist.
/// - `cancel`: looked at before each entry of a folder.
/// - Whether a file in a folder is a movie is told by its name alone. A file that is named outright is taken whatever it
///   is called.
///
/// # Errors
/// [`IoError::Failed`] where an argument does not exist or a folder cannot be read; [`IoError::Cancelled`].
pub fn find_clips(
    arguments: &[PathBuf],
    base: &Path,
    results: &[PathBuf],
    cancel: &Cancel,
) -> Result<FoundClips, IoError> {
    let identity =
        |path: &Path| std::fs::metadata(path).ok().map(|metadata| Identity::of(&metadata));
    let mut search = Search {
        base: identity(base),
        results: HashSet::new(),
        cancel,
        searched: HashSet::new(),
        found: FoundClips::default(),
    };
    if arguments.iter().any(|argument| argument.is_dir()) {
        let identities = results.iter().filter_map(|result| identity(result));
        search.results = identities.map(|found| (found.device, found.inode)).collect();
    }
    for argument in arguments {
        cancel.check()?;
        let metadata = std::fs::metadata(argument).map_err(IoError::failed("find", argument))?;
        if metadata.is_dir() {
            search.folder(argument, &metadata)?;
        } else {
            search.found.paths.push(argument.clone());
        }
    }
    Ok(search.found)
}

struct Search<'a> {
    base: Option<Identity>,
    /// Device and inode of every result that is there.
    results: HashSet<(u64, u64)>,
    cancel: &'a Cancel,
    /// Device and inode of every folder that was read.
    searched: HashSet<(u64, u64)>,
    found: FoundClips,
}

impl Search<'_> {
    /// Searches a folder and those in it, depth first. Keeps its own stack: a tree may be deeper than the thread's.
    fn folder(&mut self, root: &Path, metadata: &Metadata) -> Result<(), IoError> {
        let mut waiting: Vec<(PathBuf, Option<Metadata>)> =
            vec![(root.to_owned(), Some(metadata.clone()))];
        while let Some((path, known)) = waiting.pop() {
            self.cancel.check()?;
            // A root is searched whatever it is called.
            let metadata = match known {
                Some(metadata) => metadata,
                None => match self.examine(&path)? {
                    Some(metadata) => metadata,
                    None => continue,
                },
            };
            if !metadata.is_dir() {
                self.file(path, &metadata);
            } else if self.searched.insert((metadata.dev(), metadata.ino())) {
                let mut inside = self.entries(&path)?;
                // The stack gives back the last first.
                inside.sort_unstable_by(|a, b| b.file_name().cmp(&a.file_name()));
                waiting.extend(inside.into_iter().map(|path| (path, None)));
            } else {
                self.pass_over(path, Why::Searched);
            }
        }
        Ok(())
    }

    /// What a folder's entry is, followed through links; `None` where it was passed over.
    fn examine(&mut self, path: &Path) -> Result<Option<Metadata>, IoError> {
        let name = path.file_name().unwrap_or_default().as_bytes();
        if name.starts_with(b".") {
            let why = if name.starts_with(b"._") { Why::AppleDouble } else { Why::Hidden };
            self.pass_over(path.to_owned(), why);
            return Ok(None);
        }
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(_) if path.is_symlink() => {
                self.pass_over(path.to_owned(), Why::BrokenLink);
                Ok(None)
            }
            Err(error) => Err(IoError::failed("examine", path)(error)),
        }
    }

    fn file(&mut self, path: PathBuf, metadata: &Metadata) {
        let identity = Identity::of(metadata);
        let is_same =
            |other: &Option<Identity>| other.is_some_and(|other| other.is_same_file(&identity));
        if !metadata.is_file() {
            self.pass_over(path, Why::NotAFile);
        } else if is_same(&self.base) {
            self.pass_over(path, Why::Base);
        } else if self.results.contains(&(identity.device, identity.inode)) {
            self.pass_over(path, Why::Output);
        } else if !is_named_like_a_movie(&path) {
            self.pass_over(path, Why::NotAMovie);
        } else {
            self.found.paths.push(path);
        }
    }

    fn entries(&self, folder: &Path) -> Result<Vec<PathBuf>, IoError> {
        let failed = || IoError::failed("read the folder", folder);
        let entries = std::fs::read_dir(folder).map_err(failed())?;
        entries
            .map(|entry| {
                self.cancel.check()?;
                Ok(entry.map_err(failed())?.path())
            })
            .collect()
    }

    fn pass_over(&mut self, path: PathBuf, why: Why) {
        self.found.passed_over.push(PassedOver { path, why });
    }
}

fn is_named_like_a_movie(path: &Path) -> bool {
    let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else {
        return false;
    };
    MOVIE_EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn touch(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        fs::write(&path, b"").expect("a file");
        path
    }

    fn find(arguments: &[PathBuf]) -> Result<FoundClips, IoError> {
        find_clips(arguments, Path::new("/nowhere"), &[], &Cancel::default())
    }

    fn names(found: &FoundClips, root: &Path) -> Vec<String> {
        let relative =
            |path: &PathBuf| path.strip_prefix(root).expect("inside").display().to_string();
        found.paths.iter().map(relative).collect()
    }

    #[test]
    fn folder_is_searched_recursively_in_name_order() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["b/S02.mov", "b/S01.MOV", "c.mp4", "a.mov", "b.mov", "d.qt", "e.m4v"] {
            touch(root.path(), name);
        }
        let found = find(&[root.path().to_owned()]).expect("readable");
        let expected = ["a.mov", "b/S01.MOV", "b/S02.mov", "b.mov", "c.mp4", "d.qt", "e.m4v"];
        assert_eq!(names(&found, root.path()), expected);
        assert_eq!(found.passed_over, []);
    }

    #[test]
    fn what_is_no_clip_is_passed_over_with_the_reason() {
        let root = tempfile::tempdir().expect("a folder");
        let other = tempfile::tempdir().expect("a folder");
        let base = touch(other.path(), "base.mov");
        touch(root.path(), ".hidden.mov");
        touch(root.path(), "._S01.mov");
        touch(root.path(), "S01.mov");
        touch(root.path(), "notes.txt");
        let output = touch(root.path(), "out.mov");
        symlink(&base, root.path().join("linked.mov")).expect("a link");
        symlink("gone", root.path().join("broken.mov")).expect("a link");
        let found = find_clips(&[root.path().to_owned()], &base, &[output], &Cancel::default())
            .expect("readable");
        assert_eq!(names(&found, root.path()), ["S01.mov"]);
        let passed: Vec<(String, Why)> = found
            .passed_over
            .iter()
            .map(|over| {
                (over.path.file_name().expect("a name").to_string_lossy().into_owned(), over.why)
            })
            .collect();
        assert_eq!(
            passed,
            [
                ("._S01.mov".to_owned(), Why::AppleDouble),
                (".hidden.mov".to_owned(), Why::Hidden),
                ("broken.mov".to_owned(), Why::BrokenLink),
                ("linked.mov".to_owned(), Why::Base),
                ("notes.txt".to_owned(), Why::NotAMovie),
                ("out.mov".to_owned(), Why::Output),
            ]
        );
    }

    #[test]
    fn links_in_a_circle_end() {
        let root = tempfile::tempdir().expect("a folder");
        touch(root.path(), "reel/S01.mov");
        symlink(root.path(), root.path().join("reel/again")).expect("a link");
        symlink(root.path().join("reel"), root.path().join("zoom")).expect("a link");
        let found = find(&[root.path().to_owned()]).expect("readable");
        assert_eq!(names(&found, root.path()), ["reel/S01.mov"]);
        assert_eq!(found.passed_over.len(), 2);
        assert!(found.passed_over.iter().all(|over| over.why == Why::Searched));
    }

    #[test]
    fn clip_named_outright_is_taken_whatever_it_is_called() {
        let root = tempfile::tempdir().expect("a folder");
        let clip = touch(root.path(), ".S01.graded");
        let found = find(std::slice::from_ref(&clip)).expect("found");
        assert_eq!(found.paths, [clip]);
    }

    #[test]
    fn clip_that_does_not_exist_is_an_error_that_names_it() {
        let gone = PathBuf::from("/nowhere/S01.mov");
        let error = find(&[gone]).expect_err("it does not exist");
        assert_eq!(error.to_string(), "cannot find /nowhere/S01.mov");
    }

    #[test]
    fn search_ends_where_it_is_cancelled() {
        let root = tempfile::tempdir().expect("a folder");
        touch(root.path(), "S01.mov");
        let cancel = Cancel::default();
        cancel.cancel();
        let found = find_clips(&[root.path().to_owned()], Path::new("/nowhere"), &[], &cancel);
        assert!(matches!(found, Err(IoError::Cancelled)), "{found:?}");
    }
}
