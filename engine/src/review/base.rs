//! Which movie a result is held against, and opening it.
//!
//! - In: what was named, what was replaced, what was inserted.
//! - Out: [`Wanted`], and the open movie.
//! - Holds: a base that is another movie than the one that was spliced into is not shown, nor is the result as its own base: both
//!   would show as replaced what was not.
//! - Not here: whether it fits the result frame by frame (`facts`).

use std::path::{Path, PathBuf};

use intercut_io::{Cancel, FileId};

use super::Replaced;
use super::error::{ReviewError, ReviewReason};
use crate::codec;
use crate::discover::{self, OpenMovie};
use crate::in_place::History;
use crate::plan::FileStamp;
use crate::sidecar::FileRecord;

/// Opens a movie of which pictures can be shown.
pub(super) fn open(path: &Path, cancel: &Cancel) -> Result<OpenMovie, ReviewError> {
    let movie = discover::open(path, cancel)?;
    let codec = movie.movie.video_format().description.codec;
    if !codec::is_prores(codec) {
        return Err(ReviewError::Codec { path: path.to_owned(), codec });
    }
    Ok(movie)
}

/// Whether two names are one file's.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    FileId::at(one).is_some_and(|id| FileId::at(other) == Some(id))
}

/// The movie that the result is to be held against.
pub(super) enum Wanted<'a> {
    /// Another one, whatever it is.
    Named(PathBuf),
    /// The one that was spliced into.
    Planned {
        path: &'a Path,
        /// What it was then.
        then: FileStamp,
        /// The same with a fingerprint, if one is known.
        record: Option<FileRecord>,
    },
    /// The result itself, before this insert and all later ones.
    Before(usize),
    /// The result itself, though what it was before cannot be read.
    Itself,
}

impl<'a> Wanted<'a> {
    /// - `named`: the base that the caller names.
    pub(super) fn of(
        named: Option<PathBuf>,
        result: &OpenMovie,
        replaced: Option<&'a Replaced>,
        history: Option<&History>,
    ) -> Option<Self> {
        let is_result = |path: &Path| is_same_file(path, result.source.path());
        // As far back as the movie still knows.
        let first = || history.and_then(|it| it.inserts.iter().position(|it| it.is_undoable));
        let before = |first: Option<usize>| first.map_or(Self::Itself, Self::Before);
        match (named, replaced) {
            (Some(named), _) if is_result(&named) => Some(before(first())),
            (Some(named), _) => Some(Self::Named(named)),
            (None, None) => None,
            (None, Some(replaced)) => Some(match &replaced.base {
                None => before(first()),
                Some(base) if replaced.first_insert.is_some() || is_result(&base.path) => {
                    before(replaced.first_insert)
                }
                Some(base) => Self::Planned {
                    path: &base.path,
                    then: base.identity,
                    record: replaced.base_record,
                },
            }),
        }
    }

    /// Opens it; returns too how many inserts came after it, if it is the result itself.
    pub(super) fn open(
        self,
        result: &OpenMovie,
        history: Option<&History>,
        cancel: &Cancel,
    ) -> Result<(OpenMovie, Option<usize>), ReviewError> {
        let refused = |path: &Path, reason| Err(ReviewError::Refused { path: path.into(), reason });
        match self {
            Self::Named(path) => Ok((open(&path, cancel)?, None)),
            Self::Planned { path, then, record } => {
                let base = open(path, cancel)?;
                let now = FileStamp::of(base.source.identity());
                if now.len != then.len {
                    let (planned, found) = (then.len, now.len);
                    return refused(path, ReviewReason::BaseChanged { planned, found });
                }
                match record.map(|record| record.is_still(path, now)).transpose()? {
                    Some(false) => refused(path, ReviewReason::BaseMadeAnew),
                    None if now != then => refused(path, ReviewReason::BaseMadeAnew),
                    Some(true) | None => Ok((base, None)),
                }
            }
            Self::Before(nth) => {
                let inserts = history.map_or(0, |history| history.inserts.len());
                let before = history.map(|history| history.before(nth, cancel)).transpose()?;
                match before.flatten() {
                    Some(base) => Ok((base, Some(inserts - nth))),
                    None => refused(result.source.path(), ReviewReason::BaseIsResult),
                }
            }
            Self::Itself => refused(result.source.path(), ReviewReason::BaseIsResult),
        }
    }
}
