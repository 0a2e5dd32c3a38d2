//! `intercut splice`: the main job.
//!
//! ```text
//! prepare (open, plan) ──▶ layout ──▶ dry run: what would be written
//!                                └──▶ execute, watched ──▶ summary or report
//! ```
//!
//! - Out: the finished movie; five lines about it, or one report object (`--json`).
//! - Holds: nothing is printed on standard output before the movie has its name.
//! - Not here: the splice itself (`intercut_engine::splice`).

use std::fs;
use std::path::Path;

use intercut_engine::plan::SplicePlan;
use intercut_engine::report::Report;
use intercut_engine::splice::LaidOutSplice;
use intercut_io::IoError;

use super::report::PageFile;
use super::{control, given, note_passed_over, require_clips};
use crate::args::SpliceArgs;
use crate::command::plan::describe;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::histogram::Histograms;
use crate::progress::{Phase, Watch};
use crate::save::is_same_file;
use crate::summary::summary;
use crate::{page, text, trace};

pub(crate) fn run(args: &SpliceArgs) -> Result<Exit, Failure> {
    trace::recorded(args.trace.as_deref(), &args.output, || splice(args))
}

fn splice(args: &SpliceArgs) -> Result<Exit, Failure> {
    let splice = given(&args.inputs, &args.place)?.output(&args.output).options(args.options());
    let control = control();
    let opened = splice.open(&control)?;
    if !args.show.quiet {
        note_passed_over(opened.passed_over());
    }
    let prepared = opened.plan()?;
    require_clips(prepared.plan(), &args.inputs.movies)?;
    prepared.plan().warnings.iter().for_each(|warning| warn(warning));
    let ready = prepared.lay_out()?;
    if let Some(path) = &args.save_plan {
        save_plan(ready.plan(), path, &args.output)?;
    }
    control.cancel.check()?;
    if args.dry_run {
        return dry_run(&ready, args);
    }
    // Whether they can be saved is known before the first byte is copied.
    let histograms = args.histogram.as_deref().map(Histograms::create).transpose()?;
    let page = args.report.as_deref();
    let page = page.map(|path| PageFile::create(path, movies(ready.plan(), &args.output)));
    let page = page.transpose()?;
    let phases = vec![Phase::Writing(ready.layout().frames().clone()), Phase::Verifying];
    let watch = Watch::start(&control.progress, phases, args.show);
    let report = ready.write(&control).and_then(|written| written.commit(&control));
    drop(watch);
    let (report, latency) = report?;
    if let Some(histograms) = histograms {
        histograms.save(&latency)?;
    }
    if let Some(page) = page {
        page.save(&page::of_run(&report))?;
    }
    if args.json {
        print(&report.to_json())?;
    } else if !args.show.quiet {
        print(&summary(&report))?;
    }
    Ok(Exit::Done)
}

/// Saves the plan, but not over a movie of this splice.
fn save_plan(plan: &SplicePlan, path: &Path, output: &Path) -> Result<(), Failure> {
    if movies(plan, output).any(|movie| is_same_file(movie, path)) {
        let message = format!("--save-plan would write over the movie {}", path.display());
        return Err(Failure::new(Exit::Usage, message, Some("save the plan under another name")));
    }
    fs::write(path, plan.to_json()).map_err(IoError::failed("save the plan as", path))?;
    Ok(())
}

/// The movies of this splice, those that are there and the one that is yet to come.
fn movies<'a>(plan: &'a SplicePlan, output: &'a Path) -> impl Iterator<Item = &'a Path> {
    let sources = plan.clips.iter().map(|clip| clip.path.as_path());
    sources.chain([plan.base.path.as_path(), output])
}

fn dry_run(ready: &LaidOutSplice, args: &SpliceArgs) -> Result<Exit, Failure> {
    let report: Report = ready.report();
    if args.json {
        print(&report.to_json())?;
    } else if !args.show.quiet {
        let size = text::bytes(report.output.bytes);
        let output = args.output.display();
        let plan = describe(ready.plan());
        print(&format!("{plan}\ndry run: {output} would have {size}; no movie was written\n"))?;
    }
    Ok(Exit::Done)
}
