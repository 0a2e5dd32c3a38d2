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
use std::io;
use std::path::{Path, absolute};

use intercut_engine::plan::SplicePlan;
use intercut_engine::report::Report;
use intercut_engine::splice::Ready;
use intercut_io::{Identity, IoError};

use super::report::PageFile;
use super::{control, named, note_passed_over, require_clips};
use crate::args::SpliceArgs;
use crate::command::plan::describe;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::histogram::Histograms;
use crate::progress::{Phase, Watch};
use crate::summary::summary;
use crate::{text, trace};

pub(crate) fn run(args: &SpliceArgs) -> Result<Exit, Failure> {
    trace::recorded(args.trace.as_deref(), &args.output, || splice(args))
}

fn splice(args: &SpliceArgs) -> Result<Exit, Failure> {
    let splice = named(&args.inputs, &args.place)?.output(&args.output).options(args.options());
    let control = control();
    let opened = splice.open(&control)?;
    if !args.show.quiet {
        note_passed_over(opened.passed_over());
    }
    let prepared = opened.plan()?;
    require_clips(prepared.plan(), &args.inputs.clips, &args.inputs.vfx)?;
    prepared.plan().warnings.iter().for_each(|warning| warn(warning));
    let ready = prepared.layout()?;
    if let Some(path) = &args.save_plan {
        save_plan(ready.plan(), path, &args.output)?;
    }
    control.cancel.check()?;
    if args.dry_run {
        return dry_run(&ready, args);
    }
    // Whether they can be saved is known before the first byte is copied.
    let histograms = args.histogram.as_deref().map(Histograms::create).transpose()?;
    let page = args.report.as_deref().map(|path| page_file(path, ready.plan(), &args.output));
    let page = page.transpose()?;
    let phases = vec![Phase::Writing(ready.layout().frames().clone()), Phase::Verifying];
    let watch = Watch::start(&control.progress, phases, args.show);
    let report = ready.execute(&control);
    drop(watch);
    let (report, latency) = report?;
    if let Some(histograms) = histograms {
        histograms.save(&latency)?;
    }
    if let Some(page) = page {
        page.save(&report)?;
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
    if is_movie(path, plan, output) {
        let message = format!("--save-plan would write over the movie {}", path.display());
        return Err(Failure::new(Exit::Usage, message, Some("save the plan under another name")));
    }
    fs::write(path, plan.to_json()).map_err(IoError::failed("save the plan as", path))?;
    Ok(())
}

/// The file of the report page, which must not take the place of a movie either, not even of one that is yet to come.
fn page_file(path: &Path, plan: &SplicePlan, output: &Path) -> Result<PageFile, Failure> {
    if is_movie(path, plan, output) {
        let message = format!("--report would write over the movie {}", path.display());
        return Err(Failure::new(Exit::Usage, message, Some("save the page under another name")));
    }
    PageFile::create(path)
}

/// Whether `path` is a movie of this splice.
fn is_movie(path: &Path, plan: &SplicePlan, output: &Path) -> bool {
    let sources = plan.clips.iter().map(|clip| clip.path.as_path());
    let mut movies = sources.chain([plan.base.path.as_path(), output]);
    movies.any(|movie| is_same_file(movie, path))
}

/// Whether two paths lead to one file, by whatever links, or would, where there is none yet.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|metadata| Identity::of(&metadata));
    if let (Ok(one), Ok(other)) = (identity(one), identity(other)) {
        return one.is_same_file(&other);
    }
    let place = |path: &Path| {
        let path = absolute(path)?;
        let folder = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
        Ok::<_, io::Error>((folder, path.file_name().map(ToOwned::to_owned)))
    };
    matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
}

fn dry_run(ready: &Ready, args: &SpliceArgs) -> Result<Exit, Failure> {
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
