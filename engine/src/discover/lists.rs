//! Opens edit lists, and finds those that lie beside bases.
//!
//! - In: a path, and the name of a timeline; a turnover.
//! - Out: [`OpenList`]: what the list says, or why it cannot be used. [`TurnoverLists`].
//! - Holds: no more is read than a list may have.
//! - Not here: what a list says (`list`), which clips go where (`plan`).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, Identity, IoError, Source};
use twox_hash::XxHash3_128;

use super::growing::Growing;
use super::turnover::{Turnover, TurnoverError};
use crate::list::{self, CutList, ListError, OtherKind};

/// Endings of the names of lists, in lower case.
const EXTENSIONS: [&str; 4] = ["edl", "otio", "fcpxml", XML];
/// XML may be anything.
const XML: &str = "xml";

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
    /// How it is known that it is still being written; `None` if it is finished.
    pub growing: Option<Growing>,
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
    let growing = Growing::of(&source);
    let (path, identity, len) = (path.to_owned(), *source.identity(), source.len());
    if len > list::LEN_MAX {
        let list = Err(ListError::TooLong { len, max: list::LEN_MAX });
        return Ok(OpenList { path, identity, digest: String::new(), list, growing });
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
    source.read_exact_at(&mut bytes, 0)?;
    let digest = format!("{:032x}", XxHash3_128::oneshot(&bytes));
    Ok(OpenList { path, identity, digest, list: list::read(&bytes, timeline), growing })
}

/// The edit lists of a turnover.
#[derive(Debug, Default)]
pub struct TurnoverLists {
    /// Those for all bases.
    pub shared: Vec<OpenList>,
    /// That of each base.
    pub beside: Vec<Option<OpenList>>,
}

/// Opens the lists of a turnover: those that it names, else those that lie beside its bases and have their names.
///
/// - `bases`: the movies that were found.
///
/// # Errors
/// [`TurnoverError`] where a list or a folder cannot be read, or where two lie beside one base.
pub fn open_lists(
    turnover: &Turnover,
    bases: &[&Path],
    timeline: Option<&str>,
    cancel: &Cancel,
) -> Result<TurnoverLists, TurnoverError> {
    let open = |path: &PathBuf| open_list(path, timeline, cancel);
    if !turnover.lists.is_empty() {
        let shared = turnover.lists.iter().map(open).collect::<Result<_, IoError>>()?;
        return Ok(TurnoverLists { shared, beside: bases.iter().map(|_| None).collect() });
    }
    let mut folders: HashMap<&Path, Vec<PathBuf>> = HashMap::new();
    let beside = bases.iter().map(|base| {
        let folder = base.parent().unwrap_or(Path::new(""));
        let names = match folders.entry(folder) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(lists_in(folder)?),
        };
        let mut lists = Vec::new();
        for name in names.iter().filter(|name| name.file_stem() == base.file_stem()) {
            let list = open(&folder.join(name))?;
            if !is_other_xml(&list) {
                lists.push(list);
            }
        }
        match lists.len() {
            0 | 1 => Ok(lists.pop()),
            _ => {
                let lists = lists.into_iter().map(|list| list.path).collect();
                Err(TurnoverError::SeveralLists { base: base.to_path_buf(), lists })
            }
        }
    });
    let beside = beside.collect::<Result<_, TurnoverError>>()?;
    Ok(TurnoverLists { shared: Vec::new(), beside })
}

/// The names in a folder that are those of lists by their endings, in order.
fn lists_in(folder: &Path) -> Result<Vec<PathBuf>, IoError> {
    let failed = || IoError::failed("read the folder", folder);
    let here = if folder == Path::new("") { Path::new(".") } else { folder };
    let mut found = Vec::new();
    for entry in here.read_dir().map_err(failed())? {
        let name = PathBuf::from(entry.map_err(failed())?.file_name());
        let is_list = |name: &PathBuf| is_named_like_a_list(name) && folder.join(name).is_file();
        found.extend(Some(name).filter(is_list));
    }
    found.sort();
    Ok(found)
}

/// The names that the list of a base may have beside it.
pub fn lists_beside(base: &Path) -> impl Iterator<Item = PathBuf> {
    EXTENSIONS.iter().map(|ending| base.with_extension(ending))
}

/// Whether a path has the ending of a list.
pub(super) fn is_named_like_a_list(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| EXTENSIONS.iter().any(|known| ending == *known))
}

/// Whether a file is XML that no editing program writes as a list: cameras and players leave such files beside movies.
fn is_other_xml(list: &OpenList) -> bool {
    let is_xml = list.path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(XML));
    is_xml && matches!(&list.list, Err(ListError::Kind { kind: OtherKind::Xml { .. } }))
}
