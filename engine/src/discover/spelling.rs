//! Paths as the disk spells them: an accented letter is one character or two.
//!
//! - In: a path as somebody typed it.
//! - Out: the path of the file that is there, if its name differs in that alone; else the same path.
//! - Holds: a name that is there as it was typed is never replaced by another.
//! - Not here: upper and lower case, which is the filesystem's to decide.
//!
//! Mac OS filesystems used to store names decomposed, and copies of them keep that on every other filesystem; keyboards
//! and jobs files have them composed. Both look the same.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::list::is_same_name;

/// The path as the disk spells it.
///
/// - Cost: one look at the file where it is there; else one at each folder, and reading the folder in which a name is not
///   found.
pub fn as_on_disk(path: &Path) -> PathBuf {
    if path.as_os_str().is_ascii() || path.symlink_metadata().is_ok() {
        return path.to_owned();
    }
    let mut spelt = PathBuf::new();
    for component in path.components() {
        let Component::Normal(name) = component else {
            spelt.push(component);
            continue;
        };
        let typed = spelt.join(name);
        spelt = match typed.symlink_metadata() {
            Ok(_) => typed,
            Err(_) => same_name_in(&spelt, name).unwrap_or(typed),
        };
    }
    spelt
}

/// A text as it may be spelt on a disk: as it is, composed, and decomposed. For patterns.
pub fn spellings(text: &str) -> BTreeSet<String> {
    [text.to_owned(), text.nfc().collect(), text.nfd().collect()].into()
}

/// The entry of a folder whose name is spelt otherwise.
fn same_name_in(folder: &Path, name: &OsStr) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let wanted = name.to_str()?;
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.find(|name| is_same_name(name, wanted)).map(|name| folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_that_was_typed_composed_is_found_decomposed_and_the_other_way_round() {
        let root = tempfile::tempdir().unwrap();
        let [composed, decomposed] = ["b\u{e4}r", "ba\u{308}r"].map(|name| root.path().join(name));
        std::fs::create_dir(&decomposed).unwrap();
        std::fs::write(decomposed.join("\u{e9}.mov"), b"clip").unwrap();
        let typed = composed.join("e\u{301}.mov");
        assert_eq!(as_on_disk(&typed), decomposed.join("\u{e9}.mov"));
        assert_eq!(as_on_disk(&composed.join("new\u{e4}.mov")), decomposed.join("new\u{e4}.mov"));
        assert_eq!(as_on_disk(&decomposed), decomposed);
    }

    #[test]
    fn name_that_is_there_as_it_was_typed_stays() {
        let root = tempfile::tempdir().unwrap();
        let both = ["b\u{e4}r.mov", "ba\u{308}r.mov"].map(|name| root.path().join(name));
        both.iter().for_each(|path| std::fs::write(path, b"clip").unwrap());
        both.iter().for_each(|path| assert_eq!(as_on_disk(path), *path));
        let gone = root.path().join("f\u{e4}r.mov");
        assert_eq!(as_on_disk(&gone), gone);
    }
}
