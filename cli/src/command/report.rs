//! `intercut report`: the page of a saved run or batch.
//!
//! - In: what `splice`, `insert`, `batch`, `blank` or `stamp` printed with `--json`.
//! - Out: one HTML file.
//! - Not here: what the page looks like (`page`).

use std::fs;
use std::io::Write;
use std::path::Path;

use intercut_engine::batch::BatchReport;
use intercut_engine::blank::BlanksObject;
use intercut_engine::json::{Form, JsonError};
use intercut_engine::stamp::StampObject;
use intercut_io::IoError;
use serde::Deserialize;
use serde_json::{Deserializer, Value};

use super::parse_report;
use crate::args::ReportArgs;
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::page;
use crate::save::NewFile;

pub(crate) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let page = page_of(&args.run)?;
    let file = NewFile::create(page::FILE, &args.output, [args.run.as_path()])?;
    file.write_and_save(|out| out.write_all(page.as_bytes()))?;
    Ok(Exit::Done)
}

/// The page of what a run printed: one report object, or a batch's lines, the last of which covers all jobs.
fn page_of(path: &Path) -> Result<String, Failure> {
    let help =
        "give what `intercut splice --json`, or `batch`, `blank` or `stamp` with --json, printed";
    let text = fs::read(path).map_err(IoError::failed("read", path))?;
    let text = String::from_utf8_lossy(&text);
    let objects = Deserializer::from_str(&text).into_iter::<Value>();
    let is_batch = |last: &Value| last["schema"] == BatchReport::SCHEMA;
    // Another version: the message names the version that is needed.
    let is_other_batch = |last: &Value| {
        last["schema"].as_str().is_some_and(|schema| schema.starts_with("intercut.batch/"))
    };
    match objects.last() {
        Some(Ok(last)) if is_batch(&last) => {
            let batch = BatchReport::deserialize(last);
            batch
                .map(|batch| page::of_batch(&batch, None))
                .map_err(|error| not_one(path, "a batch", &error, help))
        }
        Some(Ok(last)) if last["schema"] == BlanksObject::SCHEMA => {
            let blanks = BlanksObject::deserialize(last);
            blanks
                .map(|blanks| page::of_blanks(&blanks))
                .map_err(|error| not_one(path, "blanks", &error, help))
        }
        Some(Ok(last)) if last["schema"] == StampObject::SCHEMA => {
            let stamp = StampObject::deserialize(last);
            stamp
                .map(|stamp| page::of_stamp(&stamp))
                .map_err(|error| not_one(path, "a stamp", &error, help))
        }
        Some(Ok(last)) if is_other_batch(&last) => {
            let error = JsonError::OtherForm {
                found: last["schema"].as_str().unwrap_or_default().to_owned(),
                expected: BatchReport::SCHEMA,
            };
            let message = format!("{} cannot be used: {error}", path.display());
            Err(Failure::new(Exit::Failed, message, Some(help)))
        }
        Some(Ok(last)) if last.get("event").is_some() => {
            let message = format!("{} ends before its batch did", path.display());
            let help = "run the batch again with --json: what is done is skipped";
            Err(Failure::new(Exit::Failed, message, Some(help)))
        }
        _ => Ok(page::of_run(&parse_report(path, &text, help)?, None, None)),
    }
}

/// Something that names its form and does not have it.
fn not_one(path: &Path, what: &str, error: &serde_json::Error, help: &str) -> Failure {
    let message = format!("{} is not the report of {what}: {error}", path.display());
    Failure::new(Exit::Failed, message, Some(help))
}
