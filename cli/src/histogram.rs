//! `--histogram DIR`: one `STAGE.hgrm` for each stage of the copy.
//!
//! - In: a folder, which is made if it is not there; at the end, the latencies.
//! - Out: files in HdrHistogram's percentile format.
//! - Holds: whether the folder can be written is known before the copy; a run that fails leaves no file and replaces none.
//! - Not here: the format (`intercut_io::latency`).

use std::fs::{self, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use intercut_io::IoError;
use intercut_io::latency::{Latency, Stage};
use tempfile::NamedTempFile;

/// A file for each stage, which have no lasting name yet.
#[derive(Debug)]
pub(crate) struct Histograms {
    files: Vec<(Stage, PathBuf, NamedTempFile)>,
}

impl Histograms {
    /// Makes the folder and a temporary file for each stage in it.
    ///
    /// # Errors
    /// [`IoError::Failed`] where the folder cannot be made or written, or a name is taken by a folder.
    pub(crate) fn create(folder: &Path) -> Result<Self, IoError> {
        fs::create_dir_all(folder).map_err(IoError::failed("make the folder", folder))?;
        let files = Stage::ALL.into_iter().map(|stage| {
            let path = folder.join(format!("{}.hgrm", stage.name()));
            if path.is_dir() {
                return Err(IoError::NotAFile { path, what: "a directory" });
            }
            // As open to others as the user's mask lets new files be.
            let mut named = tempfile::Builder::new();
            named.prefix(".intercut-").permissions(Permissions::from_mode(0o666));
            let file = named
                .tempfile_in(folder)
                .map_err(IoError::failed("save the histograms in", folder))?;
            Ok((stage, path, file))
        });
        Ok(Self { files: files.collect::<Result<_, _>>()? })
    }

    /// Writes the files and gives them their names.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub(crate) fn save(self, latency: &Latency) -> Result<(), IoError> {
        for (stage, path, file) in self.files {
            let saved = write(latency, stage, &file)
                .and_then(|()| file.persist(&path).map_err(|error| error.error));
            saved.map_err(IoError::failed("save the histogram", &path))?;
        }
        Ok(())
    }
}

fn write(latency: &Latency, stage: Stage, file: &NamedTempFile) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    latency.write_percentiles(stage, &mut out)?;
    out.flush()
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
        fs::write(path.join("write.hgrm"), b"older").unwrap();
        drop(Histograms::create(&path).unwrap());
        assert_eq!(names_in(&path), ["write.hgrm"]);
        Histograms::create(&path).unwrap().save(&Latency::default()).unwrap();
        assert_eq!(names_in(&path), ["read.hgrm", "stage_wait.hgrm", "sync.hgrm", "write.hgrm"]);
        assert_ne!(fs::read(path.join("write.hgrm")).unwrap(), b"older");
    }

    #[test]
    fn folder_that_cannot_be_made_is_told_before_anything_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"no folder").unwrap();
        let error = Histograms::create(&file.join("histograms")).unwrap_err();
        let expected = format!("cannot make the folder {}", file.join("histograms").display());
        assert_eq!(error.to_string(), expected);
    }
}
