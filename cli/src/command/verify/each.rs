//! `intercut verify --each`: proves many results, each by what lies beside it.
//!
//! - In: results, folders that hold some, and jobs files whose outputs they are.
//! - Out: a line for each result, or one object (`intercut.verifications/1`).
//! - Holds: one that cannot be proved does not hide the others; exit 1 if any differs or cannot be proved.
//! - Not here: proving one (`beside`).

use std::path::{Path, PathBuf};

use intercut_engine::discover::{SkipReason, find_clips};
use intercut_engine::json::{self, Form, Schema};
use intercut_engine::plan::forms::PathObject;
use intercut_io::{Cancel, IoError};
use schemars::JsonSchema;
use serde::Serialize;

use super::object::VerifyObject;
use super::{beside, sentence};
use crate::args::VerifyArgs;
use crate::command::control;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::jobs::{Located, expand};
use crate::options::Settings;
use crate::text;

/// What was proved of many results.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Verifications {
    schema: Schema<Verifications>,
    /// Results that are what they were made of.
    identical: u64,
    /// Results that are not.
    different: u64,
    /// Results of which nothing can be said.
    failed: u64,
    /// Each result, in the order of the arguments.
    movies: Vec<Verification>,
}

impl Form for Verifications {
    const SCHEMA: &'static str = "intercut.verifications/1";
}

/// One result.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Verification {
    Proved(VerifyObject),
    Failed {
        /// The result.
        output: PathObject,
        /// Why nothing can be said of it.
        error: String,
    },
}

pub(super) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let control = control();
    let movies = &args.inputs.movies;
    let names = [&args.output].into_iter().chain(&movies.base).chain(&movies.clips);
    let outputs = outputs(names, &control.cancel)?;
    let mut all = Verifications {
        schema: Schema::new(),
        identical: 0,
        different: 0,
        failed: 0,
        movies: Vec::new(),
    };
    for output in &outputs {
        match beside::prove(output, args.show, &super::control()) {
            Ok(proved) => {
                let is_identical = proved.is_identical();
                *(if is_identical { &mut all.identical } else { &mut all.different }) += 1;
                if !args.json && (!args.show.quiet || !is_identical) {
                    print(&sentence(output, &proved))?;
                }
                all.movies.push(Verification::Proved(VerifyObject::of(output, &proved)));
            }
            Err(failure) if failure.exit == Exit::Cancelled => return Err(failure),
            Err(failure) => {
                failure.print();
                all.failed += 1;
                let (output, error) = (output.as_path().into(), failure.messages().join("; "));
                all.movies.push(Verification::Failed { output, error });
            }
        }
    }
    if args.json {
        print(&json::to_text(&all))?;
    } else if !args.show.quiet {
        print(&summary(&all))?;
    }
    Ok(super::exit(all.different == 0 && all.failed == 0))
}

fn summary(all: &Verifications) -> String {
    let movies = text::counted(all.movies.len() as u64, "result");
    let (identical, different, failed) = (all.identical, all.different, all.failed);
    format!("{movies}: {identical} identical, {different} different, {failed} not proved\n")
}

/// The results that the arguments mean.
fn outputs<'a>(
    names: impl Iterator<Item = &'a PathBuf>,
    cancel: &Cancel,
) -> Result<Vec<PathBuf>, Failure> {
    let mut outputs: Vec<PathBuf> = Vec::new();
    for name in names {
        let is_folder = std::fs::metadata(name).is_ok_and(|metadata| metadata.is_dir());
        let found = match name.extension() {
            _ if is_folder => in_folder(name, cancel)?,
            Some(ending) if ending.eq_ignore_ascii_case("toml") => of_jobs(name, cancel)?,
            _ => vec![name.clone()],
        };
        if found.is_empty() {
            let message = format!("no movie in {} has an .intercut.json beside it", name.display());
            return Err(Failure::new(Exit::Failed, message, Some("name the movies themselves")));
        }
        outputs.extend(found);
    }
    Ok(outputs)
}

/// The movies of a folder that have a sidecar.
fn in_folder(folder: &Path, cancel: &Cancel) -> Result<Vec<PathBuf>, IoError> {
    let found = find_clips(&[folder.to_owned()], &[], Path::new(""), &[], cancel)?;
    let made = found.passed_over.into_iter().filter(|one| one.reason == SkipReason::HasSidecar);
    Ok(made.map(|one| one.path).collect())
}

/// The outputs of a jobs file.
fn of_jobs(file: &Path, cancel: &Cancel) -> Result<Vec<PathBuf>, Failure> {
    let expanded = expand(&Located::read(file)?, &Settings::default(), None, cancel)?;
    let outputs = expanded.splices.iter().filter_map(|splice| splice.output_path());
    Ok(outputs.map(Path::to_owned).collect())
}
