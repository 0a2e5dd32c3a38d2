//! Folders to movies: which files of a folder are movies by their names, in name order.
//!
//! - In: arguments, and what to pass over.
//! - Out: [`FoundMovie`]s, and what was passed over and why.
//! - Holds: a folder is read once, so that links in a circle end; the order is that of the arguments, and by name within
//!   a folder, whatever order the filesystem has.
//! - Not here: opening the movies. A file that is named like a movie and is none is an error there, never silently passed
//!   over: a damaged clip must not just be missing from the result.

use std::collections::{HashMap, HashSet};
use std::fs::{DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, FileId, IoError, beside};

use super::passed_over::{PassedOver, SkipReason};
use super::spelling::as_on_disk;
use super::system_folders;

/// The path of the sidecar that a batch writes beside an output: `OUT.intercut.json`.
pub(crate) fn sidecar_path(output: &Path) -> PathBuf {
    beside(output, "", ".intercut.json")
}

/// Endings of movie names, in lower case.
const MOVIE_EXTENSIONS: [&str; 4] = ["mov", "mp4", "m4v", "qt"];

/// A file that is a movie by its name, or was named outright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundMovie {
    pub(super) path: PathBuf,
    pub(super) file: FileId,
    /// How many folders lead to it from its argument, that argument included; 0 for a file that was named outright.
    pub(super) depth: usize,
    /// Whether it was met in a folder that also holds a sidecar of its name.
    pub(super) has_sidecar: bool,
}

impl FoundMovie {
    /// The reason why it is not a clip.
    pub(super) fn made_by_a_batch(&self) -> PassedOver {
        PassedOver { path: self.path.clone(), reason: SkipReason::HasSidecar }
    }
}

/// How near the nearest argument is to each file.
pub(super) fn nearest(found: &[FoundMovie]) -> HashMap<FileId, usize> {
    let mut depths = HashMap::new();
    for movie in found {
        let depth = depths.entry(movie.file).or_insert(movie.depth);
        *depth = movie.depth.min(*depth);
    }
    depths
}

/// Keeps the first of what several searches passed over.
pub(super) fn drop_repeated(passed_over: &mut Vec<PassedOver>) {
    let mut known = HashSet::new();
    passed_over.retain(|over| known.insert(over.path.clone()));
}

/// Searches files and folders, in their order.
///
/// - `skipped`: files and folders that are passed over where they are met in a folder.
pub(super) fn search(
    arguments: &[PathBuf],
    skipped: &HashMap<FileId, SkipReason>,
    cancel: &Cancel,
) -> Result<(Vec<FoundMovie>, Vec<PassedOver>), IoError> {
    let (found, passed_over) = (Vec::new(), Vec::new());
    let searched = HashSet::new();
    let mut search = Search { skipped, cancel, searched, found, passed_over };
    for argument in arguments {
        cancel.check()?;
        let argument = as_on_disk(argument);
        let metadata = match std::fs::metadata(&argument) {
            Ok(metadata) => metadata,
            Err(_) if is_offline_movie(&argument) => {
                let link = argument.symlink_metadata();
                let file = FileId::of(&link.map_err(IoError::failed("find", &argument))?);
                let path = argument;
                search.found.push(FoundMovie { path, file, depth: 0, has_sidecar: false });
                continue;
            }
            Err(error) => return Err(IoError::failed("find", &argument)(error)),
        };
        if metadata.is_dir() {
            search.folder(&argument, &metadata)?;
        } else {
            search.found.push(FoundMovie {
                path: argument,
                file: FileId::of(&metadata),
                depth: 0,
                has_sidecar: false,
            });
        }
    }
    Ok((search.found, search.passed_over))
}

/// What is to be looked at, and how it was met.
struct Entry {
    path: PathBuf,
    /// What it is, where that is known.
    metadata: Option<Metadata>,
    depth: usize,
    has_sidecar: bool,
}

struct Search<'a> {
    skipped: &'a HashMap<FileId, SkipReason>,
    cancel: &'a Cancel,
    /// Every folder that was read.
    searched: HashSet<FileId>,
    found: Vec<FoundMovie>,
    passed_over: Vec<PassedOver>,
}

impl Search<'_> {
    /// Searches a folder and those in it, depth first. Keeps its own stack: a tree may be deeper than the thread's.
    fn folder(&mut self, root: &Path, metadata: &Metadata) -> Result<(), IoError> {
        let (path, metadata) = (root.to_owned(), Some(metadata.clone()));
        let mut waiting = vec![Entry { path, metadata, depth: 0, has_sidecar: false }];
        while let Some(Entry { path, metadata, depth, has_sidecar }) = waiting.pop() {
            self.cancel.check()?;
            // A root is searched whatever it is called.
            let metadata = match metadata {
                Some(metadata) => metadata,
                None => match self.examine(&path, depth)? {
                    Some(metadata) => metadata,
                    None => continue,
                },
            };
            if !metadata.is_dir() {
                self.file(path, &metadata, depth, has_sidecar);
            } else if self.searched.insert(FileId::of(&metadata)) {
                let Some(mut inside) = self.entries(&path, depth)? else { continue };
                // The stack gives back the last first.
                inside.sort_unstable_by(|a, b| b.file_name().cmp(&a.file_name()));
                let names: HashSet<PathBuf> = inside.iter().cloned().collect();
                waiting.extend(inside.into_iter().map(|path| {
                    let has_sidecar = names.contains(&sidecar_path(&path));
                    Entry { path, metadata: None, depth: depth + 1, has_sidecar }
                }));
            } else {
                self.pass_over(path, SkipReason::Searched);
            }
        }
        Ok(())
    }

    /// What a folder's entry is, followed through links; `None` if it was passed over, or is a link that leads nowhere.
    fn examine(&mut self, path: &Path, depth: usize) -> Result<Option<Metadata>, IoError> {
        let name = path.file_name().unwrap_or_default();
        if name.as_encoded_bytes().starts_with(b".") {
            let is_apple_double = name.as_encoded_bytes().starts_with(b"._");
            let reason =
                if is_apple_double { SkipReason::AppleDouble } else { SkipReason::HiddenFile };
            self.pass_over(path.to_owned(), reason);
            return Ok(None);
        }
        match std::fs::metadata(path) {
            Ok(metadata) => {
                let skipped = self.skipped.get(&FileId::of(&metadata)).copied();
                let skipped = skipped.filter(|_| metadata.is_file() || metadata.is_dir());
                let reserved = || reserved_folder(path).filter(|_| metadata.is_dir());
                match skipped.or_else(reserved) {
                    Some(reason) => {
                        self.pass_over(path.to_owned(), reason);
                        Ok(None)
                    }
                    None => Ok(Some(metadata)),
                }
            }
            Err(error) => {
                self.unexaminable(path, depth, error)?;
                Ok(None)
            }
        }
    }

    /// Takes note of an entry that cannot be examined. A movie behind a link that leads nowhere is found all the same, so
    /// that opening it tells that it is missing.
    fn unexaminable(&mut self, path: &Path, depth: usize, error: io::Error) -> Result<(), IoError> {
        match std::fs::symlink_metadata(path) {
            Ok(link) if link.is_symlink() && is_named_like_a_movie(path) => {
                let (path, file) = (path.to_owned(), FileId::of(&link));
                self.found.push(FoundMovie { path, file, depth, has_sidecar: false });
            }
            Ok(link) if link.is_symlink() => {
                self.pass_over(path.to_owned(), SkipReason::BrokenLink);
            }
            Err(gone) if gone.kind() == ErrorKind::NotFound => {
                self.pass_over(path.to_owned(), SkipReason::Vanished);
            }
            _ => return Err(IoError::failed("examine", path)(error)),
        }
        Ok(())
    }

    fn file(&mut self, path: PathBuf, metadata: &Metadata, depth: usize, has_sidecar: bool) {
        if !metadata.is_file() {
            self.pass_over(path, SkipReason::NotAFile);
        } else if !is_named_like_a_movie(&path) {
            self.pass_over(path, SkipReason::NotAMovie);
        } else {
            let file = FileId::of(metadata);
            self.found.push(FoundMovie { path, file, depth, has_sidecar });
        }
    }

    /// The paths in a folder; `None` if the folder itself has just vanished.
    fn entries(&mut self, folder: &Path, depth: usize) -> Result<Option<Vec<PathBuf>>, IoError> {
        let failed = || IoError::failed("read the folder", folder);
        let entries = match std::fs::read_dir(folder) {
            Err(error) if depth > 0 && error.kind() == ErrorKind::NotFound => {
                self.pass_over(folder.to_owned(), SkipReason::Vanished);
                return Ok(None);
            }
            entries => entries.map_err(failed())?,
        };
        let path = |entry: io::Result<DirEntry>| {
            self.cancel.check()?;
            Ok(entry.map_err(failed())?.path())
        };
        entries.map(path).collect::<Result<_, IoError>>().map(Some)
    }

    fn pass_over(&mut self, path: PathBuf, reason: SkipReason) {
        self.passed_over.push(PassedOver { path, reason });
    }
}

/// What the folder at `path` is, if a system or a server keeps it for itself.
pub(super) fn reserved_folder(path: &Path) -> Option<SkipReason> {
    let reason = system_folders::reason_to_skip(path.file_name()?)?;
    let is_of_system = reason == SkipReason::SystemFolder;
    Some(match is_of_system && std::fs::read_dir(path).is_err() {
        true => SkipReason::UnreadableSystemFolder,
        false => reason,
    })
}

/// Whether this is named like a movie, and is a link that leads nowhere: the movie is offline, moved or deleted.
pub(crate) fn is_offline_movie(path: &Path) -> bool {
    is_named_like_a_movie(path) && is_link_to_nothing(path)
}

/// Whether a path is a link whose file is not there: moved, on a volume that is offline, or the link itself.
pub(super) fn is_link_to_nothing(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|link| link.is_symlink())
        && std::fs::metadata(path).is_err_and(|error| error.kind() != ErrorKind::PermissionDenied)
}

pub(super) fn is_named_like_a_movie(path: &Path) -> bool {
    let Some(extension) = path.extension().and_then(|extension| extension.to_str()) else {
        return false;
    };
    MOVIE_EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Writes an empty file, and the folders that it is in.
    pub(in crate::discover) fn touch(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        std::fs::write(&path, b"").expect("a file");
        path
    }

    #[test]
    fn entry_that_vanishes_before_it_is_looked_at_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let (skipped, cancel) = (HashMap::new(), Cancel::default());
        let mut search = Search {
            skipped: &skipped,
            cancel: &cancel,
            searched: HashSet::new(),
            found: Vec::new(),
            passed_over: Vec::new(),
        };
        // A delivery in progress has just renamed the one and taken the other away.
        let [file, folder] = ["S01.mov.part", "day_1"].map(|name| root.path().join(name));
        assert!(search.examine(&file, 1).unwrap().is_none());
        assert_eq!(search.entries(&folder, 1).unwrap(), None);
        let vanished = |path: PathBuf| PassedOver { path, reason: SkipReason::Vanished };
        assert_eq!(search.passed_over, [vanished(file), vanished(folder)]);
        assert!(search.found.is_empty());
        // An argument is not an entry.
        assert!(search.entries(&root.path().join("typed"), 0).is_err());
    }
}
