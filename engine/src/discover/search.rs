//! Folders to clips: which files of a folder are movies, in name order.
//!
//! - In: the paths that were named as clips and as VFX, and the files that are no clips (base, output).
//! - Out: [`FoundClips`]: paths of clips, and what was passed over and why.
//! - Holds: a folder is read once for each role, so that links in a circle end; the order is that of the arguments, and by name
//!   within a folder, whatever order the filesystem has.
//! - Not here: opening the clips. What is a movie by its name and then is none is an error there, never silently passed
//!   over: a damaged clip must not just be missing from the result.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fmt;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, IoError};

/// What the name of a sidecar ends with, after the whole name of the output that a batch wrote it for.
pub(crate) const SIDECAR_ENDING: &str = ".intercut.json";

/// Endings of movie names, in lower case.
const MOVIE_EXTENSIONS: [&str; 4] = ["mov", "mp4", "m4v", "qt"];

/// The clips that were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundClips {
    /// Clips, in the order of the arguments and by name within a folder.
    pub paths: Vec<PathBuf>,
    /// VFX clips, in the same order. A file is among both only where it is named as near as the other.
    pub vfx: Vec<PathBuf>,
    /// What was passed over in folders.
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
    /// A batch made it: its sidecar lies beside it.
    HasSidecar,
    /// It is a folder that was searched already, by another name.
    Searched,
    /// It is a file that was found already, by another name.
    Found,
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
            Why::HasSidecar => {
                "a batch made it, as the .intercut.json beside it says; name it outright to take it"
            }
            Why::Searched => "the folder was searched already",
            Why::Found => "it is a file that was found already, by another name",
        })
    }
}

/// Finds the clips that `clips` and `vfx` name: files as they are, folders searched recursively.
///
/// - `base`, `results`: passed over in folders, also under other names (by device and inode). Results of splices need not
///   exist.
/// - `cancel`: looked at before each entry of a folder.
/// - Whether a file in a folder is a movie is told by its name alone. A file that is named outright is taken whatever it
///   is called.
/// - What a batch made is no clip for being in a folder with clips: it has the timecode of all of them, and could win over
///   newer ones.
/// - Where both lead to a file, it is what the nearer argument says: `graded` and `graded/vfx` may be given together.
///
/// # Errors
/// [`IoError::Failed`] where an argument does not exist or a folder cannot be read; [`IoError::Cancelled`].
pub fn find_clips(
    clips: &[PathBuf],
    vfx: &[PathBuf],
    base: &Path,
    results: &[PathBuf],
    cancel: &Cancel,
) -> Result<FoundClips, IoError> {
    let base = file_of(base).map(|file| (file, Why::Base));
    let results = results.iter().filter_map(|path| Some((file_of(path)?, Why::Output)));
    let skipped: HashMap<FileId, Why> = results.chain(base).collect();
    let (clips, mut passed_over) = search(clips, &skipped, cancel)?;
    let (vfx, also_passed_over) = search(vfx, &skipped, cancel)?;
    passed_over.extend(also_passed_over);
    let depths = [nearest(&clips), nearest(&vfx)];
    let is_outright = |movie: &FoundMovie| {
        depths.iter().any(|depths| depths.get(&movie.file).is_some_and(|depth| *depth == 0))
    };
    let made = |movie: &FoundMovie| movie.has_sidecar && !is_outright(movie);
    let all = clips.iter().chain(&vfx);
    passed_over.extend(all.filter(|movie| made(movie)).map(FoundMovie::made_by_a_batch));
    drop_repeated(&mut passed_over);
    let paths = |found: Vec<FoundMovie>, own: usize| {
        let is_nearest = |movie: &FoundMovie| {
            let other = depths[1 - own].get(&movie.file);
            other.is_none_or(|depth| depths[own][&movie.file] <= *depth)
        };
        let is_clip = |movie: &FoundMovie| is_nearest(movie) && !made(movie);
        found.into_iter().filter(is_clip).map(|movie| movie.path).collect()
    };
    Ok(FoundClips { paths: paths(clips, 0), vfx: paths(vfx, 1), passed_over })
}

/// Device and inode: a file, whatever it is called.
pub(super) type FileId = (u64, u64);

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
    /// The reason why it is no clip.
    pub(super) fn made_by_a_batch(&self) -> PassedOver {
        PassedOver { path: self.path.clone(), why: Why::HasSidecar }
    }
}

/// The file at a path, if there is one.
pub(super) fn file_of(path: &Path) -> Option<FileId> {
    std::fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
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
fn drop_repeated(passed_over: &mut Vec<PassedOver>) {
    let mut known = HashSet::new();
    passed_over.retain(|over| known.insert(over.path.clone()));
}

/// Searches files and folders, in their order.
///
/// - `skipped`: files and folders that are passed over where they are met in a folder.
pub(super) fn search(
    arguments: &[PathBuf],
    skipped: &HashMap<FileId, Why>,
    cancel: &Cancel,
) -> Result<(Vec<FoundMovie>, Vec<PassedOver>), IoError> {
    let (found, passed_over) = (Vec::new(), Vec::new());
    let searched = HashSet::new();
    let mut search = Search { skipped, cancel, searched, found, passed_over };
    for argument in arguments {
        cancel.check()?;
        let metadata = std::fs::metadata(argument).map_err(IoError::failed("find", argument))?;
        if metadata.is_dir() {
            search.folder(argument, &metadata)?;
        } else {
            search.found.push(FoundMovie {
                path: argument.clone(),
                file: (metadata.dev(), metadata.ino()),
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
    skipped: &'a HashMap<FileId, Why>,
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
                None => match self.examine(&path)? {
                    Some(metadata) => metadata,
                    None => continue,
                },
            };
            if !metadata.is_dir() {
                self.file(path, &metadata, depth, has_sidecar);
            } else if self.searched.insert((metadata.dev(), metadata.ino())) {
                let mut inside = self.entries(&path)?;
                // The stack gives back the last first.
                inside.sort_unstable_by(|a, b| b.file_name().cmp(&a.file_name()));
                let with_sidecar = with_sidecar(&inside);
                waiting.extend(inside.into_iter().map(|path| {
                    let has_sidecar = with_sidecar.contains(&path);
                    Entry { path, metadata: None, depth: depth + 1, has_sidecar }
                }));
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
            Ok(metadata) => match self.skipped.get(&(metadata.dev(), metadata.ino())) {
                Some(&why) if metadata.is_file() || metadata.is_dir() => {
                    self.pass_over(path.to_owned(), why);
                    Ok(None)
                }
                _ => Ok(Some(metadata)),
            },
            Err(_) if path.is_symlink() => {
                self.pass_over(path.to_owned(), Why::BrokenLink);
                Ok(None)
            }
            Err(error) => Err(IoError::failed("examine", path)(error)),
        }
    }

    fn file(&mut self, path: PathBuf, metadata: &Metadata, depth: usize, has_sidecar: bool) {
        if !metadata.is_file() {
            self.pass_over(path, Why::NotAFile);
        } else if !is_named_like_a_movie(&path) {
            self.pass_over(path, Why::NotAMovie);
        } else {
            let file = (metadata.dev(), metadata.ino());
            self.found.push(FoundMovie { path, file, depth, has_sidecar });
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
        self.passed_over.push(PassedOver { path, why });
    }
}

/// The paths in a folder whose sidecar is among them.
fn with_sidecar(paths: &[PathBuf]) -> HashSet<PathBuf> {
    let of_sidecar = |path: &PathBuf| {
        let name = path.file_name()?.as_bytes().strip_suffix(SIDECAR_ENDING.as_bytes())?;
        Some(path.with_file_name(OsStr::from_bytes(name)))
    };
    paths.iter().filter_map(of_sidecar).collect()
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

    fn names(found: &FoundClips, root: &Path) -> Vec<String> {
        let relative =
            |path: &PathBuf| path.strip_prefix(root).expect("inside").display().to_string();
        found.paths.iter().map(relative).collect()
    }

    fn find(clips: &[PathBuf], vfx: &[PathBuf]) -> Result<FoundClips, IoError> {
        find_clips(clips, vfx, Path::new("/nowhere"), &[], &Cancel::default())
    }

    #[test]
    fn folder_is_searched_recursively_in_name_order() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["b/S02.mov", "b/S01.MOV", "c.mp4", "a.mov", "b.mov", "d.qt", "e.m4v"] {
            touch(root.path(), name);
        }
        let found = find(&[root.path().to_owned()], &[]).expect("readable");
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
        let found =
            find_clips(&[root.path().to_owned()], &[], &base, &[output], &Cancel::default())
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
    fn what_a_batch_made_is_no_clip_unless_it_is_named() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["S01.mov", "old/out.mov", "old/out.mov.intercut.json", "old/out.mov2.mov"] {
            touch(root.path(), name);
        }
        let made = root.path().join("old/out.mov");
        let folder = [root.path().to_owned()];
        let found = find(&folder, &[]).expect("readable");
        assert_eq!(names(&found, root.path()), ["S01.mov", "old/out.mov2.mov"]);
        let passed = PassedOver { path: made.clone(), why: Why::HasSidecar };
        assert!(found.passed_over.contains(&passed), "{found:?}");
        let found = find(std::slice::from_ref(&made), &folder).expect("readable");
        assert_eq!(found.paths, [made]);
        assert!(!found.passed_over.contains(&passed), "{found:?}");
    }

    #[test]
    fn links_in_a_circle_end() {
        let root = tempfile::tempdir().expect("a folder");
        touch(root.path(), "reel/S01.mov");
        symlink(root.path(), root.path().join("reel/again")).expect("a link");
        symlink(root.path().join("reel"), root.path().join("zoom")).expect("a link");
        let found = find(&[root.path().to_owned()], &[]).expect("readable");
        assert_eq!(names(&found, root.path()), ["reel/S01.mov"]);
        assert_eq!(found.passed_over.len(), 2);
        assert!(found.passed_over.iter().all(|over| over.why == Why::Searched));
    }

    #[test]
    fn clip_named_outright_is_taken_whatever_it_is_called() {
        let root = tempfile::tempdir().expect("a folder");
        let clip = touch(root.path(), ".S01.graded");
        let found = find(std::slice::from_ref(&clip), &[]).expect("found");
        assert_eq!(found.paths, [clip]);
    }

    #[test]
    fn clip_that_does_not_exist_is_an_error_that_names_it() {
        let gone = PathBuf::from("/nowhere/S01.mov");
        let error = find(&[gone], &[]).expect_err("it does not exist");
        assert_eq!(error.to_string(), "cannot find /nowhere/S01.mov");
    }

    #[test]
    fn search_ends_where_it_is_cancelled() {
        let root = tempfile::tempdir().expect("a folder");
        touch(root.path(), "S01.mov");
        let cancel = Cancel::default();
        cancel.cancel();
        let root = [root.path().to_owned()];
        let found = find_clips(&root, &[], Path::new("/nowhere"), &[], &cancel);
        assert!(matches!(found, Err(IoError::Cancelled)), "{found:?}");
    }

    #[test]
    fn file_that_two_arguments_lead_to_is_what_the_nearer_one_says() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["S01.mov", "vfx/S02.mov", "vfx/late/S03.mov"] {
            touch(root.path(), name);
        }
        let vfx = [root.path().join("vfx")];
        let found = find(&[root.path().to_owned()], &vfx).expect("readable");
        assert_eq!(names(&found, root.path()), ["S01.mov"]);
        assert_eq!(found.vfx, ["S02.mov", "late/S03.mov"].map(|name| vfx[0].join(name)));
        let outright = [vfx[0].join("S02.mov")];
        let found = find(&outright, &vfx).expect("readable");
        assert_eq!(found.paths, outright);
        assert_eq!(found.vfx, [vfx[0].join("late/S03.mov")]);
        assert_eq!(found.passed_over, []);
    }
}
