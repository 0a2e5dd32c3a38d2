//! `--histogram DIR`: one `STAGE.hgrm` for each stage of the copy.
//!
//! - In: a folder, which is created if it is missing; at the end, the latencies.
//! - Out: files in HdrHistogram's percentile format.
//! - Holds: whether they can be written is known before the copy; a run that fails leaves no file and replaces none.
//! - Not here: the format (`intercut_io::latency`).

use std::fs;
use std::path::Path;

use intercut_io::IoError;
use intercut_io::latency::{Latency, Stage};

use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::save::{Kind, NewFile};

const FILE: Kind = Kind {
    noun: "a latency histogram",
    is_ours: Some(|head| {
        head.starts_with(b"       Value     Percentile TotalCount 1/(1-Percentile)")
    }),
};

/// A file for each stage, still unnamed.
#[derive(Debug)]
pub(crate) struct Histograms {
    files: Vec<(Stage, NewFile)>,
}

impl Histograms {
    /// Creates the folder, and an unnamed file in it for each stage.
    ///
    /// # Errors
    /// [`Failure`] if the folder cannot be created or written, or contains other files of these names.
    pub(crate) fn create(folder: &Path) -> Result<Self, Failure> {
        if folder.exists() && !folder.is_dir() {
            let message = format!("{} is a file: histograms need a folder", folder.display());
            return Err(Failure::new(Exit::Usage, message, Some("name another folder")));
        }
        fs::create_dir_all(folder).map_err(IoError::failed("create the folder", folder))?;
        let files = Stage::ALL.into_iter().map(|stage| {
            let path = folder.join(format!("{}.hgrm", stage.name()));
            Ok((stage, NewFile::create(FILE, &path, [])?))
        });
        Ok(Self { files: files.collect::<Result<_, Failure>>()? })
    }

    /// Writes the files and gives them their names.
    ///
    /// # Errors
    /// [`Failure`] if one cannot be written.
    pub(crate) fn save(self, latency: &Latency) -> Result<(), Failure> {
        let mut files = self.files.into_iter();
        files.try_for_each(|(stage, file)| {
            file.write_and_save(|out| latency.write_percentiles(stage, out))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn histograms_of_a_run_that_failed_leave_the_older_ones_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("histograms").join("deep");
        fs::create_dir_all(&path).unwrap();
        fs::write(
            path.join("write.hgrm"),
            b"       Value     Percentile TotalCount 1/(1-Percentile)\n",
        )
        .unwrap();
        drop(Histograms::create(&path).unwrap());
        assert_eq!(names_in(&path), ["write.hgrm"]);
        Histograms::create(&path).unwrap().save(&Latency::default()).unwrap();
        assert_eq!(names_in(&path), ["read.hgrm", "stage_wait.hgrm", "sync.hgrm", "write.hgrm"]);
        let text = fs::read_to_string(path.join("write.hgrm")).unwrap();
        assert!(text.contains("#[Max "), "{text}");
    }

    #[test]
    fn folder_that_cannot_be_made_is_told_before_anything_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"no folder").unwrap();
        let error = Histograms::create(&file.join("histograms")).unwrap_err();
        let expected = format!("cannot create the folder {}", file.join("histograms").display());
        assert_eq!(error.messages(), [expected]);
    }
}
