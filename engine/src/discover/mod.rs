//! Opens movies: folders to clips, in parallel; reads headers once into owned memory.
//!
//! - In: paths.
//! - Out: [`FoundClips`], [`OpenMovie`], [`OpenedTurnover`].
//! - Holds: a movie that was opened has been parsed and cross-checked, and its media has not been read, except for the
//!   timecode samples and the header of the first frame. Whether somebody still writes to it is known.
//! - Not here: what the movies are to one another (`plan`).

mod clips;
mod growing;
mod lists;
mod passed_over;
mod search;
mod spelling;
mod system_folders;
mod tree;
mod turnover;

pub use clips::{FoundClips, find_clips, is_earlier_result, passed_over_below};
pub use growing::Growing;
pub use lists::{OpenList, TurnoverLists, lists_beside, open_list, open_lists};
pub use passed_over::{PassedOver, SkipReason};
pub(crate) use search::{is_offline_movie, sidecar_path};
pub use spelling::{as_on_disk, spellings};
pub use tree::{counts, files_that_count};
pub use turnover::{OpenedTurnover, Role, Turnover, TurnoverError, Unreadable, open_turnover};

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use intercut_io::interval::PHASE;
use intercut_io::{Cancel, FileId, IoError, Source};
use rayon::prelude::*;
use tracing::debug_span;

use crate::atom::ReadError;
use crate::movie::{Movie, MovieError, Survey};

/// A movie and the file it is in.
#[derive(Debug)]
pub struct OpenMovie {
    /// The file.
    pub source: Source,
    /// What was read of it.
    pub movie: Movie,
    /// How it is known that it is still being written; `None` if it is finished.
    pub growing: Option<Growing>,
}

/// Why a movie cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be opened or read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The file is damaged, no movie, or of a kind that is not handled.
    #[error("{} {}", path.display(), what_is_wrong(source, *growing))]
    Movie {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        source: MovieError,
        /// How it is known that it is still being written, so that it may come right by itself.
        growing: Option<Growing>,
    },
    /// The path is a link whose file is not there: offline, moved or deleted.
    #[error("{} is a link to {}, which is not there", path.display(), target.display())]
    Dangling {
        /// The link.
        path: PathBuf,
        /// What it leads to, as the link says it.
        target: PathBuf,
    },
    /// Nobody who is this user may read the file.
    #[error("cannot open {}", path.display())]
    NoPermission {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Several of the files that were to be opened together cannot be.
    #[error("{} movies cannot be opened:{}", errors.len(), Lines(errors))]
    Several {
        /// Why not, in the order in which the files were given.
        errors: Vec<OpenError>,
    },
}

impl OpenError {
    /// Whether the file is at fault, and not the disk: it is damaged, of a kind that is not handled, missing behind its
    /// link, or not open to this user.
    pub fn is_of_file(&self) -> bool {
        matches!(self, Self::Movie { .. } | Self::Dangling { .. } | Self::NoPermission { .. })
    }

    /// The code by which programs know what is wrong: snake case, never changed once released.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "io",
            Self::Movie { growing: Some(_), .. } => "growing",
            Self::Movie { source, .. } if source.is_unsupported() => "unsupported",
            Self::Movie { .. } => "damaged",
            Self::Dangling { .. } => "dangling",
            Self::NoPermission { .. } => "no_permission",
            Self::Several { .. } => "several",
        }
    }

    /// The file, if the error is about one alone.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Movie { path, .. }
            | Self::Dangling { path, .. }
            | Self::NoPermission { path, .. } => Some(path),
            Self::Io(IoError::Failed { path, .. }) => Some(path),
            Self::Io(_) | Self::Several { .. } => None,
        }
    }

    /// What is wrong with the file, without its path, for lists that name it anyway: its causes, one after another.
    pub fn why(&self) -> String {
        let mut told = match self {
            Self::Movie { growing: Some(_), .. } => STILL_BEING_WRITTEN.to_owned(),
            Self::Movie { source, .. } => source.to_string(),
            Self::Dangling { target, .. } => {
                format!("it is a link to {}, which is not there", target.display())
            }
            Self::NoPermission { .. } => "it cannot be opened".to_owned(),
            other => other.to_string(),
        };
        let mut cause = match self {
            Self::Movie { source, growing: None, .. } => source.source(),
            other => other.source(),
        };
        while let Some(error) = cause {
            told.push_str(&format!(": {error}"));
            cause = error.source();
        }
        told
    }

    /// The error for several movies that cannot be opened, or for the only one.
    pub(crate) fn together(mut errors: Vec<OpenError>) -> Self {
        match errors.pop() {
            Some(only) if errors.is_empty() => only,
            last => OpenError::Several { errors: errors.into_iter().chain(last).collect() },
        }
    }
}

/// What is said of a file that may come right by itself.
const STILL_BEING_WRITTEN: &str = "it is still being written, and cannot be read yet";

fn what_is_wrong(error: &MovieError, growing: Option<Growing>) -> &'static str {
    match growing {
        Some(_) => "is still being written, and cannot be read yet",
        None if error.is_unsupported() => "is not supported",
        None => "is damaged or no movie",
    }
}

/// Each error on a line of its own, with its causes: a list has no one `source()` that could tell them.
struct Lines<'a>(&'a [OpenError]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in self.0 {
            write!(f, "\n  {error}")?;
            let mut cause = error.source();
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

/// Opens one movie: reads its header, parses and cross-checks it.
///
/// - `cancel`: looked at before each read.
/// - Cost: a few reads, one pass over the header, and the question who else has it open; independent of the media's size.
///
/// # Errors
/// [`OpenError::Io`], [`OpenError::Movie`].
pub fn open(path: &Path, cancel: &Cancel) -> Result<OpenMovie, OpenError> {
    let (source, survey) = survey(path, cancel)?;
    let growing = Growing::of(&source);
    match survey.into_movie() {
        Ok(movie) => Ok(OpenMovie { source, movie, growing }),
        Err(source) => Err(OpenError::Movie { path: path.to_owned(), source, growing }),
    }
}

/// Reads as much of a movie as can be read, to describe it.
///
/// - `cancel`, cost: as [`open`].
///
/// # Errors
/// [`OpenError::Io`]; [`OpenError::Movie`] if the file has no header that can be read.
pub fn survey(path: &Path, cancel: &Cancel) -> Result<(Source, Survey), OpenError> {
    cancel.check()?;
    let source = Source::open(path).map_err(|error| not_opened(path, error))?;
    let bytes = source.len();
    let _phase = debug_span!(target: PHASE, "parse", bytes, source = %path.display()).entered();
    let mut read = |buffer: &mut [u8], offset: u64| {
        cancel.check()?;
        source.read_exact_at(buffer, offset)
    };
    match Survey::read(source.len(), &mut read) {
        Ok(survey) => Ok((source, survey)),
        Err(ReadError::Read(error)) => Err(OpenError::Io(error)),
        Err(ReadError::Format(error)) => {
            let growing = Growing::of(&source);
            Err(OpenError::Movie { path: path.to_owned(), source: error, growing })
        }
    }
}

/// The error for a file that cannot be opened, by what is at fault.
fn not_opened(path: &Path, error: IoError) -> OpenError {
    if search::is_link_to_nothing(path)
        && let Ok(target) = std::fs::read_link(path)
    {
        return OpenError::Dangling { path: path.to_owned(), target };
    }
    match error {
        IoError::Failed { source, path, .. } if source.kind() == ErrorKind::PermissionDenied => {
            OpenError::NoPermission { path, source }
        }
        error => OpenError::Io(error),
    }
}

/// Opens movies in parallel; answers for each path, in the order of `paths`.
///
/// # Errors
/// [`IoError::Cancelled`] where it was, whatever was found until then.
pub fn open_each(
    paths: &[PathBuf],
    cancel: &Cancel,
) -> Result<Vec<Result<OpenMovie, OpenError>>, IoError> {
    let results = paths.par_iter().map(|path| open(path, cancel)).collect();
    cancel.check()?;
    Ok(results)
}

/// Opens movies in parallel, and returns them in the order of `paths`.
///
/// # Errors
/// As [`open`]; [`OpenError::Several`] where more than one cannot be opened, so that all are told at once.
pub fn open_all(paths: &[PathBuf], cancel: &Cancel) -> Result<Vec<OpenMovie>, OpenError> {
    let mut opened = Vec::with_capacity(paths.len());
    let mut errors = Vec::new();
    for result in open_each(paths, cancel)? {
        match result {
            Ok(movie) => opened.push(movie),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(opened) } else { Err(OpenError::together(errors)) }
}

/// Refuses an output that is one of these files under any name, even where existing files may be replaced.
///
/// # Errors
/// [`IoError::TargetIsSource`].
pub(crate) fn must_be_none_of<'p>(
    output: &Path,
    files: impl IntoIterator<Item = &'p Path>,
) -> Result<(), IoError> {
    let Some(file) = FileId::at(output) else { return Ok(()) };
    match files.into_iter().find(|path| FileId::at(path) == Some(file)) {
        Some(source) => {
            let (path, source_path) = (output.to_owned(), source.to_owned());
            Err(IoError::TargetIsSource { path, source_path })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_that_is_no_movie_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("S01.mov");
        std::fs::write(&path, b"this is a text, whatever its name says").expect("a file");
        let error = open(&path, &Cancel::default()).expect_err("it is a text");
        assert_eq!(error.to_string(), format!("{} is damaged or no movie", path.display()));
        assert!(
            error.source().expect("a cause").to_string().starts_with("not a movie"),
            "{error:?}"
        );
    }

    #[test]
    fn every_file_that_cannot_be_opened_is_told_with_its_cause() {
        let folder = tempfile::tempdir().expect("a folder");
        let gone = folder.path().join("gone.mov");
        let empty = folder.path().join("empty.mov");
        std::fs::write(&empty, b"").expect("a file");
        let error = open_all(&[gone.clone(), empty.clone()], &Cancel::default())
            .expect_err("neither is a movie");
        let told = error.to_string();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "2 movies cannot be opened:");
        assert!(
            lines[1].starts_with(&format!("  cannot open {}: No such file", gone.display())),
            "{told}"
        );
        assert!(
            lines[2].starts_with(&format!("  {} is damaged or no movie: ", empty.display())),
            "{told}"
        );
    }

    #[test]
    fn cancelled_opening_says_so_and_not_what_else_was_found() {
        let gone = vec![PathBuf::from("/nowhere/S01.mov"); 3];
        let cancel = Cancel::default();
        cancel.cancel();
        let opened = open_all(&gone, &cancel);
        assert!(matches!(opened, Err(OpenError::Io(IoError::Cancelled))), "{opened:?}");
    }
}
