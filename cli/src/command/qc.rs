//! `intercut qc`: frames that should not be in a movie.
//!
//! - In: movies.
//! - Out: a line for each movie and each finding, or one object (`intercut.qc/1`).
//! - Holds: a movie that cannot be looked at has its diagnostic, and the others are looked at all the same.
//! - Not here: what is looked for (`intercut_engine::qc`).

use intercut_engine::discover::{OpenError, OpenMovie, open};
use intercut_engine::json::{self, Form, Schema};
use intercut_engine::plan::forms::PathObject;
use intercut_engine::qc::{self, Finding, FindingKind, MovieFindings};
use intercut_io::{Phase, Work};
use schemars::JsonSchema;
use serde::Serialize;

use super::control;
use crate::args::QcArgs;
use crate::diagnostic::{Failure, note, print};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::{table, text};

/// What was found in movies.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Object {
    schema: Schema<Object>,
    /// In the order of the arguments.
    movies: Vec<Entry>,
}

impl Form for Object {
    const SCHEMA: &'static str = "intercut.qc/1";
}

/// One movie.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
enum Entry {
    Movie {
        path: PathObject,
        #[serde(flatten)]
        found: MovieFindings,
    },
    Failed {
        path: PathObject,
        /// Why it could not be looked at.
        error: String,
    },
}

pub(crate) fn run(args: &QcArgs) -> Result<Exit, Failure> {
    check(args).map_err(|failure| failure.cancelled_as("cancelled: not all was looked at"))
}

fn check(args: &QcArgs) -> Result<Exit, Failure> {
    let (control, options) = (control(), args.options());
    let mut exit = Exit::Done;
    let opened: Vec<Result<OpenMovie, OpenError>> =
        args.movies.iter().map(|path| open(path, &control.cancel)).collect();
    let bytes = opened.iter().flatten().map(|movie| qc::bytes_to_read(movie, &options)).sum();
    let frames = opened.iter().flatten().map(|movie| movie.movie.frames().presented());
    let frames = frames.map(|frames| frames.end - frames.start).sum();
    control.progress.begin(Work { bytes_to_write: 0, bytes_to_verify: bytes, frames });
    control.progress.enter(Phase::Verifying, bytes);
    let watch = Watch::start(&control.progress, args.show, args.progress.unwrap_or_default());

    let mut movies = Vec::with_capacity(opened.len());
    let mut failures = Vec::new();
    for (path, movie) in args.movies.iter().zip(opened) {
        let found = movie.map_err(Failure::from);
        let found = found.and_then(|it| Ok(qc::check(&it, &options, &control)?));
        let path = path.as_path();
        movies.push(match found {
            Ok(found) => {
                if args.strict && !found.findings.is_empty() {
                    exit = Exit::Failed;
                }
                Entry::Movie { path: path.into(), found }
            }
            Err(failure) if failure.exit == Exit::Cancelled => return Err(failure),
            Err(failure) => {
                exit = Exit::Failed;
                let error = failure.messages().join("; ");
                failures.push(failure);
                Entry::Failed { path: path.into(), error }
            }
        });
    }
    drop(watch);
    control.cancel.check()?;
    failures.iter().for_each(Failure::print);
    if args.json {
        print(&json::to_text(&Object { schema: Schema::new(), movies }))?;
    } else {
        for (path, entry) in args.movies.iter().zip(&movies) {
            if let Entry::Movie { found, .. } = entry
                && !(args.show.quiet && found.findings.is_empty())
            {
                print(&described(&path.display().to_string(), found))?;
            }
        }
    }
    Ok(exit)
}

/// What was found in one movie, for people.
fn described(name: &str, found: &MovieFindings) -> String {
    let MovieFindings { frames, looked_at, findings, looked_for, other_kinds, .. } = found;
    let summary = match findings.len() {
        0 => "nothing found".to_owned(),
        count => text::counted(count as u64, "finding"),
    };
    let mut shown = format!("{name}: {}, {summary}", text::counted(*frames, "frame"));
    if looked_at < frames {
        shown.push_str(&format!(" among {} looked at", text::counted(*looked_at, "picture")));
    }
    shown.push('\n');
    if !looked_for.contains(&FindingKind::Black) {
        note(&format!(
            "{name}: its codec is not decoded: only hollow and repeated frames are looked for"
        ));
    }
    if let Some(others) = other_kinds {
        let pictures = text::counted(others.pictures, "picture");
        let (first, found, expected) = (others.first, &others.found, &others.expected);
        note(&format!(
            "{name}: {pictures} of another kind than the first one, from frame {first} on: {found}, not {expected}"
        ));
    }
    let rows = findings.iter().map(row);
    for row in table::columns(rows).lines() {
        shown.push_str(&format!("  {}\n", row.trim_end()));
    }
    shown
}

fn row(finding: &Finding) -> [String; 5] {
    let Finding { kind, frame_in, frame_out, timecode_in, detail, .. } = finding;
    [
        timecode_in.clone().unwrap_or_default(),
        format!("frame {frame_in}"),
        text::counted(frame_out - frame_in, "frame"),
        kind.name().to_owned(),
        detail.clone(),
    ]
}
