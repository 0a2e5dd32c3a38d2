//! What was handed over: folders and files of bases, grades and VFX clips, found and opened.
//!
//! - In: arguments by role.
//! - Out: [`OpenedTurnover`]: what the caller keeps of each movie, and what was passed over and why.
//! - Holds: a file has one role, that of the argument nearest to it, and is opened once, whatever names lead to it. Its
//!   descriptor and its header are let go as soon as the caller has taken what it keeps.
//! - Not here: which clip belongs to which base (`link`).

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, FileId, IoError};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::passed_over::{PassedOver, SkipReason};
use super::search::{FoundMovie, nearest, search};
use super::{OpenError, OpenMovie, open};

/// What a file is given as.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A movie to splice into.
    Base,
    /// A graded clip.
    Clip,
    /// A VFX clip, which goes before graded ones.
    Vfx,
}

/// Files, and folders that are searched, by what is expected there.
///
/// Folders may lie within one another (`--bases show --clips show/graded`): a file is what the argument nearest to it
/// says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turnover {
    /// Movies to splice into.
    pub bases: Vec<PathBuf>,
    /// Graded clips.
    pub clips: Vec<PathBuf>,
    /// VFX clips.
    pub vfx: Vec<PathBuf>,
    /// Edit lists for all bases. Without any, each base has the one that lies beside it.
    pub lists: Vec<PathBuf>,
    /// Files and folders that are passed over where they are met in a folder: what earlier runs made. They need not
    /// exist.
    pub outputs: Vec<PathBuf>,
}

/// A turnover whose movies were opened.
#[derive(Debug)]
pub struct OpenedTurnover<T> {
    /// What was taken of each movie: bases, then grades, then VFX clips, each in the order of the arguments and by name
    /// within a folder.
    pub movies: Vec<T>,
    /// Movies in folders that are damaged, or of a kind that is not handled, in the same order.
    pub unreadable: Vec<Unreadable>,
    /// What else was passed over in folders.
    pub passed_over: Vec<(Role, PassedOver)>,
}

/// A movie in a folder that cannot be opened.
#[derive(Debug)]
pub struct Unreadable {
    /// Where it is.
    pub path: PathBuf,
    /// What it would have been.
    pub role: Role,
    /// Why.
    pub error: OpenError,
}

/// Why a turnover cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TurnoverError {
    /// An argument does not exist, or a folder cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A movie that is named outright cannot be opened, or any file cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Two arguments give a file two roles, and neither is nearer to it.
    #[error("{} is given both as {} and as {}", path.display(), text(roles.0), text(roles.1))]
    TwoRoles {
        /// The file.
        path: PathBuf,
        /// Its roles.
        roles: (Role, Role),
    },
    /// Nothing says which of several lists is that of a base.
    #[error("{} has {} edit lists beside it: {}", base.display(), lists.len(), names(lists))]
    SeveralLists {
        /// The base.
        base: PathBuf,
        /// The lists.
        lists: Vec<PathBuf>,
    },
}

fn names(paths: &[PathBuf]) -> String {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn text(role: Role) -> &'static str {
    match role {
        Role::Base => "a base",
        Role::Clip => "a clip",
        Role::Vfx => "a VFX clip",
    }
}

/// Finds the movies of a turnover and opens them in parallel.
///
/// - `take`: what is kept of each movie.
/// - A movie in a folder that is damaged or not handled is told and passed over, since turnovers hold strays.
///
/// # Errors
/// [`TurnoverError`]; of movies that cannot be opened, all at once.
pub fn open_turnover<T: Send>(
    turnover: &Turnover,
    cancel: &Cancel,
    take: impl Fn(Role, OpenMovie) -> T + Sync,
) -> Result<OpenedTurnover<T>, TurnoverError> {
    let (found, passed_over) = find(turnover, cancel)?;
    let opened: Vec<_> = found
        .into_par_iter()
        .map(|(role, movie)| {
            let opened = open(&movie.path, cancel).map(|opened| take(role, opened));
            (role, movie, opened)
        })
        .collect();
    let mut result = OpenedTurnover { movies: Vec::new(), unreadable: Vec::new(), passed_over };
    let mut errors = Vec::new();
    for (role, FoundMovie { path, depth, .. }, opened) in opened {
        match opened {
            Ok(movie) => result.movies.push(movie),
            Err(error) if depth > 0 && error.is_of_file() => {
                result.unreadable.push(Unreadable { path, role, error });
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(result) } else { Err(OpenError::together(errors).into()) }
}

/// What was passed over, by whose search.
type PassedOverByRole = Vec<(Role, PassedOver)>;

/// The movies, each once and in one role, and what was passed over.
fn find(
    turnover: &Turnover,
    cancel: &Cancel,
) -> Result<(Vec<(Role, FoundMovie)>, PassedOverByRole), TurnoverError> {
    let outputs = turnover.outputs.iter().filter_map(|path| FileId::at(path));
    let skipped: HashMap<FileId, SkipReason> =
        outputs.map(|file| (file, SkipReason::Output)).collect();
    let arguments =
        [(Role::Base, &turnover.bases), (Role::Clip, &turnover.clips), (Role::Vfx, &turnover.vfx)];
    let mut found: Vec<(Role, FoundMovie)> = Vec::new();
    let mut passed_over: PassedOverByRole = Vec::new();
    let mut roles: HashMap<FileId, (usize, Role)> = HashMap::new();
    for (role, arguments) in arguments {
        let (movies, over) = search(arguments, &skipped, cancel)?;
        let mut depths: Vec<(FileId, usize)> = nearest(&movies).into_iter().collect();
        depths.sort_unstable();
        for (file, depth) in depths {
            match roles.get(&file) {
                Some((other, _)) if *other < depth => {}
                Some(&(other, first)) if other == depth => {
                    return Err(two_roles(&movies, file, (first, role)));
                }
                _ => drop(roles.insert(file, (depth, role))),
            }
        }
        found.extend(movies.into_iter().map(|movie| (role, movie)));
        passed_over.extend(over.into_iter().map(|over| (role, over)));
    }
    // A folder that two searches went through.
    let mut known: HashSet<PathBuf> = HashSet::new();
    passed_over.retain(|(_, over)| known.insert(over.path.clone()));
    found.retain(|(role, movie)| roles[&movie.file].1 == *role);
    // What a batch made may be spliced into again, but has the timecode of every clip that is in it.
    found.retain(|(role, movie)| {
        let (nearest, _) = roles[&movie.file];
        let is_made = *role != Role::Base && movie.has_sidecar && nearest > 0;
        if is_made {
            passed_over.push((*role, movie.made_by_a_batch()));
        }
        !is_made
    });
    let mut first: HashMap<FileId, PathBuf> = HashMap::new();
    found.retain(|(role, movie)| match first.get(&movie.file) {
        None => first.insert(movie.file, movie.path.clone()).is_none(),
        Some(path) => {
            if *path != movie.path {
                let over = PassedOver { path: movie.path.clone(), reason: SkipReason::Found };
                passed_over.push((*role, over));
            }
            false
        }
    });
    Ok((found, passed_over))
}

fn two_roles(movies: &[FoundMovie], file: FileId, roles: (Role, Role)) -> TurnoverError {
    let path = movies.iter().find(|movie| movie.file == file).map(|movie| movie.path.as_path());
    TurnoverError::TwoRoles { path: path.unwrap_or(Path::new("")).to_owned(), roles }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::search::tests::touch;
    use super::*;

    /// `role name` of each movie that is found.
    fn found(root: &Path, turnover: &Turnover) -> Vec<String> {
        let (found, _) = find(turnover, &Cancel::default()).expect("readable");
        let line = |(role, movie): &(Role, FoundMovie)| {
            format!("{role:?} {}", movie.path.strip_prefix(root).expect("inside").display())
        };
        found.iter().map(line).collect()
    }

    #[test]
    fn what_a_batch_made_is_a_base_among_bases_and_nothing_among_clips() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        for name in ["A.mov", "old/B.mov", "graded/A_S01.mov", "graded/old.mov"] {
            touch(root, name);
        }
        touch(root, "old/B.mov.intercut.json");
        let made =
            touch(root, "graded/old.mov.intercut.json").with_extension("").with_extension("");
        let mut turnover = Turnover {
            bases: vec![root.to_owned()],
            clips: vec![root.join("graded")],
            ..Turnover::default()
        };
        let expected = ["Base A.mov", "Base old/B.mov", "Clip graded/A_S01.mov"];
        assert_eq!(found(root, &turnover), expected);
        turnover.clips.push(made);
        assert_eq!(found(root, &turnover).last().expect("a clip"), "Clip graded/old.mov");
    }

    #[test]
    fn clips_within_the_folder_of_bases_are_clips_and_bases_within_that_of_clips_are_bases() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        for name in ["A.mov", "graded/A_S01.mov", "graded/vfx/A_S02.mov"] {
            touch(root, name);
        }
        let turnover = Turnover {
            bases: vec![root.to_owned()],
            clips: vec![root.join("graded")],
            vfx: vec![root.join("graded/vfx")],
            ..Turnover::default()
        };
        let expected = ["Base A.mov", "Clip graded/A_S01.mov", "Vfx graded/vfx/A_S02.mov"];
        assert_eq!(found(root, &turnover), expected);
        let base_outright = Turnover {
            bases: vec![root.join("A.mov")],
            clips: vec![root.to_owned()],
            ..Turnover::default()
        };
        let expected = ["Base A.mov", "Clip graded/A_S01.mov", "Clip graded/vfx/A_S02.mov"];
        assert_eq!(found(root, &base_outright), expected);
    }

    #[test]
    fn folder_that_is_given_twice_with_two_roles_is_refused() {
        let root = tempfile::tempdir().expect("a folder");
        let movie = touch(root.path(), "A.mov");
        let folder = vec![root.path().to_owned()];
        let turnover = Turnover { bases: folder.clone(), clips: folder, ..Turnover::default() };
        let error = find(&turnover, &Cancel::default()).expect_err("nothing says which it is");
        let expected = format!("{} is given both as a base and as a clip", movie.display());
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn file_of_two_names_is_found_once() {
        let root = tempfile::tempdir().expect("a folder");
        let clip = touch(root.path(), "A_S01.mov");
        let again = root.path().join("copy of A_S01.mov");
        fs::hard_link(&clip, &again).expect("a link");
        let twice = vec![root.path().to_owned(), clip];
        let turnover = Turnover { clips: twice, ..Turnover::default() };
        assert_eq!(found(root.path(), &turnover), ["Clip A_S01.mov"]);
        let (_, passed_over) = find(&turnover, &Cancel::default()).expect("readable");
        assert_eq!(
            passed_over,
            [(Role::Clip, PassedOver { path: again, reason: SkipReason::Found })]
        );
    }

    #[test]
    fn outputs_of_earlier_runs_are_passed_over_wherever_they_lie() {
        let root = tempfile::tempdir().expect("a folder");
        for name in ["A.mov", "out/A.mov", "A_old.mov"] {
            touch(root.path(), name);
        }
        let turnover = Turnover {
            clips: vec![root.path().to_owned()],
            outputs: vec![root.path().join("out"), root.path().join("A_old.mov")],
            ..Turnover::default()
        };
        assert_eq!(found(root.path(), &turnover), ["Clip A.mov"]);
    }

    #[test]
    fn stray_in_a_folder_is_told_and_one_that_is_named_outright_is_an_error() {
        let root = tempfile::tempdir().expect("a folder");
        let stray = touch(root.path(), "notes.mov");
        let folder = Turnover { clips: vec![root.path().to_owned()], ..Turnover::default() };
        let opened =
            open_turnover(&folder, &Cancel::default(), |_, _| ()).expect("strays do no harm");
        assert!(opened.movies.is_empty());
        let told: Vec<(&Path, Role)> =
            opened.unreadable.iter().map(|one| (one.path.as_path(), one.role)).collect();
        assert_eq!(told, [(stray.as_path(), Role::Clip)]);
        let outright = Turnover { clips: vec![stray.clone()], ..Turnover::default() };
        let error =
            open_turnover(&outright, &Cancel::default(), |_, _| ()).expect_err("it is no movie");
        assert_eq!(error.to_string(), format!("{} is damaged or no movie", stray.display()));
    }
}
