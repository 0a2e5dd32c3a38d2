//! `intercut report`, `splice --report`: the page of a run.
//!
//! - In: a report object, saved or just made.
//! - Out: one HTML file.
//! - Holds: whether it can be written is known before the run; it replaces pages and nothing else.
//! - Not here: what the page looks like (`page`).

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use intercut_engine::report::Report;
use intercut_io::IoError;

use super::load_report;
use crate::args::ReportArgs;
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::page;
use crate::save::NewFile;

pub(crate) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let help = "give the object that `intercut splice --json` printed";
    let report = load_report(&args.run, help)?;
    PageFile::create(&args.output)?.save(&report)?;
    Ok(Exit::Done)
}

/// A page that has no lasting name yet.
#[derive(Debug)]
pub(super) struct PageFile(NewFile);

impl PageFile {
    /// Makes the file; refuses to replace what is no page.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        if !is_free(path).map_err(IoError::failed("read", path))? {
            let message =
                format!("{} exists and is no HTML page: it is not replaced", path.display());
            return Err(Failure::new(
                Exit::Usage,
                message,
                Some("save the page under another name"),
            ));
        }
        Ok(Self(NewFile::create(path)?))
    }

    /// Writes the page of a run and gives it its name.
    pub(super) fn save(self, report: &Report) -> Result<(), IoError> {
        self.0.save(|out| out.write_all(page::of_run(report).as_bytes()))
    }
}

/// Whether there is nothing at `path`, an empty file, or a page.
fn is_free(path: &Path) -> std::io::Result<bool> {
    match path.metadata() {
        // Asked of the kind first: opening a pipe would wait for its writer. Of folders, saving tells more.
        Ok(metadata) if !metadata.is_file() => return Ok(metadata.is_dir()),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    }
    let mut beginning = Vec::new();
    File::open(path)?.take(page::BEGINNING.len() as u64).read_to_end(&mut beginning)?;
    Ok(beginning.is_empty() || beginning.eq_ignore_ascii_case(page::BEGINNING.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_pages_and_empty_files_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("old.html"), "<!doctype html>\n<html>").unwrap();
        fs::write(path("empty"), "").unwrap();
        fs::write(path("movie.html"), b"\0\0\0\x14ftypqt  ").unwrap();
        fs::write(path("run.json"), "{}").unwrap();
        let is_free = ["none", "old.html", "empty", "movie.html", "run.json"]
            .map(|name| is_free(&path(name)).unwrap());
        assert_eq!(is_free, [true, true, true, false, false]);
        assert!(PageFile::create(&path("movie.html")).is_err());
    }
}
