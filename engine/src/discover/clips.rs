//! The clips of one splice: files as they are named, folders searched.
//!
//! - In: the paths that were named as clips and as VFX, and the files that are not clips (base, output).
//! - Out: [`FoundClips`]: paths of clips, and what was passed over and why.
//! - Holds: a file is found in one role, that of the argument nearest to it.
//! - Not here: reading folders (`search`), opening the clips.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, FileId, IoError};

use super::passed_over::{PassedOver, SkipReason};
use super::search::{FoundMovie, drop_repeated, nearest, reserved_folder, search, sidecar_path};
use super::{OpenError, open};
use crate::movie::Movie;

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

/// Finds the clips that `clips` and `vfx` name: files as they are, folders searched recursively.
///
/// - `base`, `results`: passed over in folders, also under other names (by device and inode). Results of splices need not
///   exist.
/// - `cancel`: looked at before each entry of a folder.
/// - The name alone says whether a file in a folder is a movie. A file that is named outright is taken whatever it
///   is called.
/// - What a batch made is not a clip for being in a folder with clips: it has the timecode of all of them, and could win over
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
    let base = FileId::at(base).map(|file| (file, SkipReason::Base));
    let results = results.iter().filter_map(|path| Some((FileId::at(path)?, SkipReason::Output)));
    let skipped: HashMap<FileId, SkipReason> = results.chain(base).collect();
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

/// Whether a file is what an earlier splice into `base` made, and not a clip: a batch says so beside it, or it is a movie
/// with the base's tracks, length and start.
///
/// # Errors
/// As [`super::open`], but not for a file that is damaged or no movie: that is no result.
pub fn is_earlier_result(path: &Path, base: &Path, cancel: &Cancel) -> Result<bool, OpenError> {
    if sidecar_path(path).exists() {
        return Ok(true);
    }
    let facts = |movie: &Movie| {
        let tracks = movie.tracks().iter().map(|track| (track.id, track.sample_count));
        let tracks: Vec<(u32, u32)> = tracks.collect();
        (tracks, movie.frames().frame_count(), movie.start_timecode())
    };
    match open(path, cancel) {
        Ok(earlier) => Ok(facts(&earlier.movie) == facts(&open(base, cancel)?.movie)),
        Err(error) if error.is_of_file() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Why a search of `root` would not have come to `path`, or would have passed it over; `None` if it is a clip. For paths
/// that were found by a pattern.
///
/// - Cost: looks at each folder between the two.
pub fn passed_over_below(root: &Path, path: &Path) -> Option<PassedOver> {
    let between: Vec<&Path> = path.ancestors().take_while(|folder| *folder != root).collect();
    for folder in between.into_iter().rev().filter(|folder| folder.is_dir()) {
        if let Some(reason) = reserved_folder(folder) {
            return Some(PassedOver { path: folder.to_owned(), reason });
        }
    }
    let is_made = sidecar_path(path).exists();
    is_made.then(|| PassedOver { path: path.to_owned(), reason: SkipReason::HasSidecar })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::search::tests::touch;
    use super::*;

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
        symlink("gone", root.path().join("broken.txt")).expect("a link");
        let found =
            find_clips(&[root.path().to_owned()], &[], &base, &[output], &Cancel::default())
                .expect("readable");
        assert_eq!(names(&found, root.path()), ["S01.mov"]);
        let passed: Vec<(String, SkipReason)> = found
            .passed_over
            .iter()
            .map(|over| {
                (over.path.file_name().expect("a name").to_string_lossy().into_owned(), over.reason)
            })
            .collect();
        assert_eq!(
            passed,
            [
                ("._S01.mov".to_owned(), SkipReason::AppleDouble),
                (".hidden.mov".to_owned(), SkipReason::HiddenFile),
                ("broken.txt".to_owned(), SkipReason::BrokenLink),
                ("linked.mov".to_owned(), SkipReason::Base),
                ("notes.txt".to_owned(), SkipReason::NotAMovie),
                ("out.mov".to_owned(), SkipReason::Output),
            ]
        );
    }

    #[test]
    fn bins_and_folders_of_servers_are_passed_over_with_the_reason() {
        let root = tempfile::tempdir().expect("a folder");
        let files = [
            "#recycle/S02.mov",
            "$RECYCLE.BIN/S-1-5-21-1/S02.mov",
            ".Trashes/501/S02.mov",
            "@Recently-Snapshot/S01.mov",
            "@Recycle/S02.mov",
            "@eaDir/S01.mov",
            "S01.mov",
            "lost+found/#1234.mov",
        ];
        files.iter().for_each(|name| drop(touch(root.path(), name)));
        let found = find(&[root.path().to_owned()], &[]).expect("readable");
        assert_eq!(names(&found, root.path()), ["S01.mov"]);
        let reasons: Vec<SkipReason> = found.passed_over.iter().map(|over| over.reason).collect();
        let expected = [
            SkipReason::Bin,
            SkipReason::Bin,
            SkipReason::HiddenFile,
            SkipReason::Snapshot,
            SkipReason::Bin,
            SkipReason::ServerFolder,
            SkipReason::SystemFolder,
        ];
        assert_eq!(reasons, expected);
        assert!(!reasons.iter().any(|reason| reason.is_warning()));
        // Who names a bin wants what is in it.
        let found = find(&[root.path().join("#recycle")], &[]).expect("readable");
        assert_eq!(names(&found, root.path()), ["#recycle/S02.mov"]);
    }

    #[test]
    fn movie_behind_a_link_that_leads_nowhere_is_found_so_that_it_is_missed() {
        let root = tempfile::tempdir().expect("a folder");
        symlink("../offline/S01.mov", root.path().join("S01.mov")).expect("a link");
        let found = find(&[root.path().to_owned()], &[]).expect("readable");
        assert_eq!(names(&found, root.path()), ["S01.mov"]);
        let error = super::super::open(&found.paths[0], &Cancel::default()).expect_err("offline");
        let link = root.path().join("S01.mov");
        let expected =
            format!("{} is a link to ../offline/S01.mov, which is not there", link.display());
        assert_eq!(error.to_string(), expected);
        assert!(error.is_of_file());
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
        let passed = PassedOver { path: made.clone(), reason: SkipReason::HasSidecar };
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
        assert!(found.passed_over.iter().all(|over| over.reason == SkipReason::Searched));
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
