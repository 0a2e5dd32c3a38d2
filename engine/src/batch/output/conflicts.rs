//! Outputs that stand in each other's way.
//!
//! - In: the outputs of a batch; the sources of each job.
//! - Out: for each job, the other job that it cannot go with.
//! - Holds: names that differ in case alone count as one, or in how an accent is written (one character or two): they are
//!   one on many disks that a delivery goes to.
//! - Not here: an output that is a source of its own job (`intercut_io::Target`).

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use intercut_io::FileId;
use unicode_normalization::UnicodeNormalization;

/// For each output, another job with the same one.
pub(in crate::batch) fn same(outputs: &[&Path]) -> Vec<Option<usize>> {
    let mut by_place: HashMap<OsString, Vec<usize>> = HashMap::new();
    for (job, output) in outputs.iter().enumerate() {
        by_place.entry(place(output)).or_default().push(job);
    }
    let mut others = vec![None; outputs.len()];
    for jobs in by_place.values().filter(|jobs| jobs.len() > 1) {
        for &job in jobs {
            others[job] = jobs.iter().copied().find(|other| *other != job);
        }
    }
    others
}

/// Where a path leads, through links, without regard to case and to how accents are written.
fn place(path: &Path) -> OsString {
    let resolved = path.canonicalize().or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
        Ok::<_, std::io::Error>(folder.join(path.file_name().unwrap_or_default()))
    });
    let resolved = resolved.unwrap_or_else(|_| path.to_owned()).into_os_string();
    match resolved.to_str() {
        Some(text) => text.to_lowercase().nfc().collect::<String>().into(),
        None => resolved,
    }
}

/// For each output that is there, another job that reads it.
///
/// - `sources`: of each job.
pub(in crate::batch) fn sources_of_others(
    outputs: &[&Path],
    sources: &[Vec<FileId>],
) -> Vec<Option<usize>> {
    let mut readers: HashMap<FileId, Vec<usize>> = HashMap::new();
    for (job, sources) in sources.iter().enumerate() {
        sources.iter().for_each(|file| readers.entry(*file).or_default().push(job));
    }
    let reader = |(job, output): (usize, &&Path)| {
        let readers = readers.get(&FileId::at(output)?)?;
        readers.iter().copied().find(|reader| *reader != job)
    };
    outputs.iter().enumerate().map(reader).collect()
}

/// The folder that a path lies in.
pub(in crate::batch) fn folder_of(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_the_same_by_name_by_link_by_case_and_by_accent() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir(path("out")).unwrap();
        std::os::unix::fs::symlink(path("out"), path("link")).unwrap();
        let outputs = ["out/a.mov", "link/a.mov", "out/b.mov", "out/B.MOV", "out/c.mov"].map(path);
        let outputs: Vec<&Path> = outputs.iter().map(PathBuf::as_path).collect();
        assert_eq!(same(&outputs), [Some(1), Some(0), Some(3), Some(2), None]);
        // A Mac writes the umlaut as a character of its own.
        let outputs = ["out/b\u{e4}r.mov", "out/BA\u{308}R.mov"].map(path);
        let outputs: Vec<&Path> = outputs.iter().map(PathBuf::as_path).collect();
        assert_eq!(same(&outputs), [Some(1), Some(0)]);
    }

    #[test]
    fn output_that_another_job_reads_is_found_by_any_name() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::write(path("a.mov"), b"movie").unwrap();
        std::fs::hard_link(path("a.mov"), path("other name.mov")).unwrap();
        let read = vec![FileId::at(&path("other name.mov")).unwrap()];
        let outputs = [path("a.mov"), path("b.mov")];
        let outputs: Vec<&Path> = outputs.iter().map(PathBuf::as_path).collect();
        assert_eq!(sources_of_others(&outputs, &[vec![], read.clone()]), [Some(1), None]);
        assert_eq!(sources_of_others(&outputs, &[read, vec![]]), [None, None]);
    }
}
