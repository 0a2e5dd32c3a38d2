//! Files below some folders whose change may change what a batch makes: movies and edit lists, by their names.
//!
//! - In: files and folders.
//! - Out: what each of these files is now: [`files_that_count`]; whether a name counts: [`counts`].
//! - Holds: what does not count costs an entry of a folder and no more, so that a tree full of single frames is cheap. What
//!   cannot be read counts as empty: planning says what is wrong with it.
//! - Not here: when a file has been quiet for long enough (the command); what the files are (`search`).

use std::collections::{BTreeMap, HashSet};
use std::fs::{DirEntry, Metadata};
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, FileId, Identity, IoError};

use super::lists::is_named_like_a_list;
use super::search::{is_named_like_a_movie, reserved_folder};

/// Whether a file of this name may change what a batch makes. Hidden files do not: servers, copies and Macs leave such
/// files beside the real ones.
pub fn counts(path: &Path) -> bool {
    !is_hidden(path) && (is_named_like_a_movie(path) || is_named_like_a_list(path))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// The files below `roots` that count, through links; a root that is a file counts whatever it is called.
///
/// - Cost: reads each folder once, and asks for the length and times of what counts.
///
/// # Errors
/// [`IoError::Cancelled`].
pub fn files_that_count(
    roots: &[PathBuf],
    cancel: &Cancel,
) -> Result<BTreeMap<PathBuf, Identity>, IoError> {
    let mut found = BTreeMap::new();
    let mut searched = HashSet::new();
    for root in roots {
        match std::fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => {
                folder(root, &metadata, &mut found, &mut searched, cancel)?;
            }
            Ok(metadata) => drop(found.insert(root.clone(), Identity::of(&metadata))),
            Err(_gone) => {}
        }
    }
    Ok(found)
}

/// Searches a folder and those in it. Keeps its own stack: a tree may be deeper than the thread's.
fn folder(
    root: &Path,
    metadata: &Metadata,
    found: &mut BTreeMap<PathBuf, Identity>,
    searched: &mut HashSet<FileId>,
    cancel: &Cancel,
) -> Result<(), IoError> {
    let mut waiting = vec![(root.to_owned(), metadata.clone())];
    while let Some((folder, metadata)) = waiting.pop() {
        if !searched.insert(FileId::of(&metadata)) {
            continue;
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            cancel.check()?;
            let path = entry.path();
            if is_hidden(&path) || !(counts(&path) || may_be_folder(&entry)) {
                continue;
            }
            match std::fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() && reserved_folder(&path).is_none() => {
                    waiting.push((path, metadata));
                }
                Ok(metadata) if metadata.is_file() && counts(&path) => {
                    found.insert(path, Identity::of(&metadata));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn may_be_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use intercut_test_kit::cpu;

    use super::super::search::tests::touch;
    use super::*;

    fn names(root: &Path) -> Vec<String> {
        let found = files_that_count(&[root.to_owned()], &Cancel::default()).unwrap();
        let name = |path: &PathBuf| path.strip_prefix(root).unwrap().display().to_string();
        found.keys().map(name).collect()
    }

    #[test]
    fn movies_and_lists_count_and_what_servers_and_copies_leave_does_not() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for name in ["a.mov", "b/c.MOV", "b/cut.edl", "b/cut.fcpxml"] {
            touch(root, name);
        }
        let strays = [
            ".a.mov.Xy12",
            "._a.mov",
            ".nfs000000012.mov",
            "a.mov.part",
            "a.mov.tmp",
            "x/frame.0001.dpx",
        ];
        strays.iter().for_each(|name| drop(touch(root, name)));
        symlink(root.join("b"), root.join("link")).unwrap();
        symlink(root, root.join("b/loop")).unwrap();
        assert_eq!(names(root).len(), 4, "{:?}", names(root));
        assert!(names(root).contains(&"a.mov".to_owned()));
    }

    #[test]
    fn hundred_thousand_foreign_files_cost_less_than_a_second() {
        let root = tempfile::tempdir().unwrap();
        for folder in 0..10 {
            let path = root.path().join(format!("shot_{folder}"));
            std::fs::create_dir(&path).unwrap();
            for frame in 0..10_000 {
                std::fs::File::create(path.join(format!("frame.{frame:06}.dpx"))).unwrap();
            }
        }
        touch(root.path(), "shot_3/a.mov");
        let before = cpu::of_thread();
        assert_eq!(names(root.path()), ["shot_3/a.mov"]);
        let took = cpu::of_thread() - before;
        println!("{took:?}");
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}
