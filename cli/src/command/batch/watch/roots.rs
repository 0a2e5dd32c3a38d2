//! Which files and folders are looked at.
//!
//! - In: the command line, and the jobs file that it names.
//! - Out: absolute paths: folders with all that is in them, and single files.
//! - Holds: of a pattern, what is before its first letter with a meaning. A jobs file that cannot be read names none; that
//!   it cannot be read is told by whoever reads it for the jobs.
//! - Not here: which of the files count (`intercut_engine::discover`).

use std::path::{Path, PathBuf, absolute};

use intercut_engine::discover::lists_beside;

use crate::args::BatchArgs;
use crate::jobs::Located;

/// The places of everything that the jobs may read.
pub(super) fn of(args: &BatchArgs) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    if let Some(Ok(located)) = args.jobs_file.as_deref().map(Located::read) {
        roots.extend(located.places(&args.settings()));
    }
    let given = &args.turnover;
    let named = given.bases.iter().chain(&given.clips).chain(&given.vfx).chain(args.lists());
    roots.extend(named.filter_map(|path| absolute(path).ok()));
    let files = given.bases.iter().filter(|base| !base.is_dir());
    roots.extend(files.flat_map(|base| lists_beside(base)).filter_map(|list| absolute(list).ok()));
    without_inner(roots)
}

/// Each place once, and none that lies in another folder of them.
fn without_inner(mut roots: Vec<PathBuf>) -> Vec<PathBuf> {
    roots.sort();
    roots.dedup();
    let folders: Vec<PathBuf> = roots.iter().filter(|root| root.is_dir()).cloned().collect();
    let is_inner = |root: &Path| {
        root.ancestors().skip(1).any(|above| folders.iter().any(|folder| folder == above))
    };
    roots.into_iter().filter(|root| !is_inner(root)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_within_another_is_looked_at_once() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir_all(path("graded/late")).unwrap();
        std::fs::write(path("base.mov"), b"movie").unwrap();
        let given = ["graded/late", "graded", "graded/S01.mov", "base.mov", "base.mov"].map(path);
        assert_eq!(without_inner(given.to_vec()), ["base.mov", "graded"].map(path));
    }
}
