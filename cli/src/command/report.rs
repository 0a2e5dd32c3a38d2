//! `intercut report`, and the files of `splice --report` and `batch --report`: the page of a run.
//!
//! - In: what a run printed; a page that was just made.
//! - Out: one HTML file.
//! - Holds: whether it can be written is known before the run; it replaces pages and nothing else.
//! - Not here: what the page looks like (`page`).

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use intercut_engine::batch::{BATCH_SCHEMA, BatchReport};
use intercut_io::IoError;
use serde::Deserialize;
use serde_json::{Deserializer, Value};

use super::parse_report;
use crate::args::ReportArgs;
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::page;
use crate::save::{NewFile, is_same_file};

const OTHER_NAME: &str = "save the page under another name";

pub(crate) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let page = page_of(&args.run)?;
    PageFile::create(&args.output, [])?.save(&page)?;
    Ok(Exit::Done)
}

/// The page of what a run printed: one report object, or a batch's lines, of which the last one tells of all its jobs.
fn page_of(path: &Path) -> Result<String, Failure> {
    let help = "give what `intercut splice --json` or `intercut batch --json` printed";
    let text = fs::read(path).map_err(IoError::failed("read", path))?;
    let text = String::from_utf8_lossy(&text);
    let objects = Deserializer::from_str(&text).into_iter::<Value>();
    let is_batch = |last: &Value| last["schema"] == BATCH_SCHEMA;
    match objects.last() {
        Some(Ok(last)) if is_batch(&last) => match BatchReport::deserialize(last) {
            Ok(batch) => Ok(page::of_batch(&batch)),
            Err(error) => {
                let message = format!("{} is no report of a batch: {error}", path.display());
                Err(Failure::new(Exit::Failed, message, Some(help)))
            }
        },
        Some(Ok(last)) if last.get("event").is_some() => {
            let message = format!("{} ends before its batch did", path.display());
            let help = "run the batch again with --json: what is done is skipped";
            Err(Failure::new(Exit::Failed, message, Some(help)))
        }
        _ => Ok(page::of_run(&parse_report(path, &text, help)?)),
    }
}

/// A page that has no lasting name yet.
#[derive(Debug)]
pub(super) struct PageFile(NewFile);

impl PageFile {
    /// Makes the file; refuses to replace what is no page, and to take the place of one of `movies`.
    pub(super) fn create<'a>(
        path: &Path,
        movies: impl IntoIterator<Item = &'a Path>,
    ) -> Result<Self, Failure> {
        if movies.into_iter().any(|movie| is_same_file(movie, path)) {
            let message = format!("--report would write over the movie {}", path.display());
            return Err(Failure::new(Exit::Usage, message, Some(OTHER_NAME)));
        }
        if !is_free(path).map_err(IoError::failed("read", path))? {
            let message =
                format!("{} exists and is no HTML page: it is not replaced", path.display());
            return Err(Failure::new(Exit::Usage, message, Some(OTHER_NAME)));
        }
        Ok(Self(NewFile::create(path)?))
    }

    /// Writes the page and gives it its name.
    pub(super) fn save(self, page: &str) -> Result<(), IoError> {
        self.0.save(|out| out.write_all(page.as_bytes()))
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
        assert!(PageFile::create(&path("movie.html"), []).is_err());
    }
}
