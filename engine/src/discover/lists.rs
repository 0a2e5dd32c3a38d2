//! Opens edit lists.
//!
//! - In: a path, and the name of a timeline.
//! - Out: [`OpenList`]: what the list says, or why it cannot be used.
//! - Holds: no more is read than a list may have.
//! - Not here: what a list says (`list`), which clips go where (`plan`).

use std::path::{Path, PathBuf};

use intercut_io::{Cancel, Identity, IoError, Source};
use twox_hash::XxHash3_128;

use crate::list::{self, CutList, ListError};

/// An edit list, and the file it is.
#[derive(Debug, Clone)]
pub struct OpenList {
    /// Where it is.
    pub path: PathBuf,
    /// Which file it is.
    pub identity: Identity,
    /// XXH3-128 of its bytes, in hexadecimal.
    pub digest: String,
    /// What it says, or why it cannot be used.
    pub list: Result<CutList, ListError>,
}

/// Opens a list of any format.
///
/// - `timeline`: the name of the timeline that is wanted, for lists that hold several.
///
/// # Errors
/// [`IoError`] where the file cannot be read. What is wrong with its content is in [`OpenList::list`].
pub fn open_list(
    path: &Path,
    timeline: Option<&str>,
    cancel: &Cancel,
) -> Result<OpenList, IoError> {
    cancel.check()?;
    let source = Source::open(path)?;
    let (path, identity, len) = (path.to_owned(), *source.identity(), source.len());
    if len > list::LEN_MAX {
        let list = Err(ListError::TooLong { len, max: list::LEN_MAX });
        return Ok(OpenList { path, identity, digest: String::new(), list });
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
    source.read_exact_at(&mut bytes, 0)?;
    let digest = format!("{:032x}", XxHash3_128::oneshot(&bytes));
    Ok(OpenList { path, identity, digest, list: list::read(&bytes, timeline) })
}
