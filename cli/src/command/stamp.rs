//! `intercut stamp`: burnt-in timecode and wipes in finished movies, by slices.
//!
//! - In: a movie; for a wipe a second one.
//! - Out: the stamped movie; three lines about it, or one object (`--json`, intercut.stamp/1).
//! - Not here: the stamped movie itself (`intercut_engine::stamp`).

use intercut_engine::json::{self, Form, Schema};
use intercut_engine::stamp::{Stamp, StampReport};
use schemars::JsonSchema;
use serde::Serialize;

use super::control;
use super::verify::PathObject;
use super::written::Written;
use crate::args::StampArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::save::check_distinct;
use crate::{text, trace};

/// What was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Object {
    schema: Schema<Object>,
    /// Version of the engine.
    version: &'static str,
    /// The movie that was stamped.
    movie: PathObject,
    /// The movie on the left; `null` without a wipe.
    base: Option<PathObject>,
    output: PathObject,
    /// Its length.
    bytes: u64,
    frames: u32,
    /// Frames that are not the movie's any more.
    frames_changed: u32,
    /// Frames that could not be changed and are the movie's.
    frames_copied: u32,
    #[serde(flatten)]
    written: Written,
    /// What a person should know, as sentences.
    warnings: Vec<String>,
}

impl Form for Object {
    const SCHEMA: &'static str = "intercut.stamp/1";
}

pub(crate) fn run(args: &StampArgs) -> Result<Exit, Failure> {
    let trace = args.write.trace.as_deref();
    check_distinct(&[("--output", Some(&args.output)), ("--trace", trace)])?;
    trace::recorded(trace, &args.output, || stamp(args))
}

fn stamp(args: &StampArgs) -> Result<Exit, Failure> {
    let (control, options) = (control(), args.write.options());
    let planned = Stamp::new(&args.movie, &args.output).options(args.options());
    let planned = planned.plan(options.replace, &control)?;
    let named = planned.movie().display().to_string();
    planned.warnings().iter().for_each(|warning| warn(&format!("{named}: {warning}")));
    let progress = args.write.progress.unwrap_or_default();
    let watch = Watch::start(&control.progress, args.show, progress);
    let report = planned.write(options, &control);
    drop(watch);
    let report = report?;
    if args.json {
        print(&json::to_text(&Object::of(&report)))?;
    } else if !args.show.quiet {
        print(&described(&report))?;
    }
    Ok(Exit::Done)
}

/// What was made, for people.
fn described(report: &StampReport) -> String {
    let StampReport { movie, output, bytes, stamped, times: [_, render, sync], .. } = report;
    let speed = text::per_second(*bytes, *render + *sync);
    format!(
        "{}: {}, for review: {} are not those of {} any more\n  {} in {}, {}/s\n",
        output.display(),
        text::counted(u64::from(stamped.frames) + u64::from(stamped.copied), "frame"),
        stamped.frames,
        movie.display(),
        text::bytes(*bytes),
        text::seconds((*render + *sync).as_secs_f64()),
        text::bytes(speed),
    )
}

impl Object {
    fn of(report: &StampReport) -> Self {
        let StampReport { stamped, copied, .. } = report;
        Self {
            schema: Schema::new(),
            version: env!("CARGO_PKG_VERSION"),
            movie: report.movie.as_path().into(),
            base: report.base.as_deref().map(PathObject::from),
            output: report.output.as_path().into(),
            bytes: report.bytes,
            frames: stamped.frames + stamped.copied,
            frames_changed: stamped.frames,
            frames_copied: stamped.copied,
            written: Written::of(
                report.times,
                copied,
                report.memory_budget,
                report.rss_anonymous_peak,
            ),
            warnings: report.warnings.clone(),
        }
    }
}
