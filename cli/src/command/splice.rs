//! `intercut splice`: the main job.
//!
//! ```text
//! prepare (open, plan) ──▶ layout ──▶ dry run: what would be written
//!                                └──▶ execute, watched ──▶ summary or report
//! ```
//!
//! - Out: the finished movie; five lines about it, or one report object (`--json`).
//! - Holds: nothing is printed on standard output before the movie has its name. Pictures for the page are made after that, and
//!   nothing about them makes the run fail.
//! - Not here: the splice itself (`intercut_engine::splice`).

use std::io::Write;
use std::path::Path;

use intercut_engine::batch::{OutputWithSidecar, Sidecar};
use intercut_engine::plan::SplicePlan;
use intercut_engine::report::ReportObject;
use intercut_engine::splice::{LaidOutSplice, Report};
use intercut_io::Control;

use super::{control, given, note_passed_over, require_clips, save_lists};
use crate::args::SpliceArgs;
use crate::command::plan::describe;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::histogram::Histograms;
use crate::pictures::{self, Pictures};
use crate::progress::Watch;
use crate::save::{self, Kind, NewFile, check_distinct, contains};
use crate::summary::summary;
use crate::{page, table, text, trace};

pub(crate) fn run(args: &SpliceArgs) -> Result<Exit, Failure> {
    let sidecar = args.sidecar.then(|| Sidecar::path_of(&args.output));
    check_distinct(&[
        ("--output", Some(&args.output)),
        ("--sidecar", sidecar.as_deref()),
        ("--save-plan", args.save_plan.as_deref()),
        ("--save-edl", args.save_list.save_edl.as_deref()),
        ("--save-otio", args.save_list.save_otio.as_deref()),
        ("--report", args.report.as_deref()),
        ("--trace", args.trace.as_deref()),
        ("--histogram", args.histogram.as_deref()),
    ])?;
    sidecar.map_or(Ok(()), |path| save::check(SIDECAR_FILE, &path))?;
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
    let watch = Watch::start(&control.progress, args.show, args.progress.unwrap_or_default());
    let prepared = prepared.check_content(&control);
    drop(watch);
    let prepared = prepared?;
    prepared.plan().notes().iter().for_each(|note| warn(note));
    let ready = prepared.lay_out()?;
    if let Some(path) = &args.save_plan {
        let file = NewFile::create(PLAN_FILE, path, movies(ready.plan(), &args.output))?;
        file.write_and_save(|out| out.write_all(ready.plan().to_json().as_bytes()))?;
    }
    save_lists(&args.save_list, ready.plan(), &[&args.output])?;
    control.cancel.check()?;
    if args.dry_run {
        return dry_run(&ready, args);
    }
    let beside = args.sidecar.then(|| OutputWithSidecar::take(&args.output)).transpose()?;
    // Whether they can be saved is known before the first byte is copied.
    let histograms = args.histogram.as_deref().map(Histograms::create).transpose()?;
    let page = args.report.as_deref();
    let page =
        page.map(|path| NewFile::create(page::FILE, path, movies(ready.plan(), &args.output)));
    let page = page.transpose()?;
    let watch = Watch::start(&control.progress, args.show, args.progress.unwrap_or_default());
    let report = ready.write(&control).and_then(|written| match beside {
        Some(beside) => beside.commit(written, &control),
        None => written.commit(&control),
    });
    drop(watch);
    let done = report?;
    warn_of(&done);
    let report = ReportObject::from(&done);
    let printed = match args {
        _ if args.json => print(&report.to_json()),
        _ if args.show.quiet => Ok(()),
        _ => print(&summary(&report, table::terminal())),
    };
    // The movie is what was asked for: it is done, with these files or without.
    let saved = [
        histograms.map_or(Ok(()), |files| files.save(&done.latency)),
        page.map_or(Ok(()), |file| {
            let page = page::of_run(&report, pictures_of(&report, args, &control).as_ref(), None);
            file.write_and_save(|out| out.write_all(page.as_bytes()))
        }),
    ];
    saved.into_iter().filter_map(Result::err).for_each(|failure| failure.warn());
    printed.map(|()| Exit::Done)
}

/// Tells what the run could not make sure of.
pub(super) fn warn_of(done: &Report) {
    let output = done.output.display();
    done.copied.warnings.iter().for_each(|warning| warn(&format!("{output}: {warning}")));
}

/// The pictures of the page, unless it is to have none.
fn pictures_of(report: &ReportObject, args: &SpliceArgs, control: &Control) -> Option<Pictures> {
    if args.no_pictures {
        return None;
    }
    let form = args.progress.unwrap_or_default();
    pictures::make(&[report], args.memory_budget(), control, args.show, form).pop()
}

const SIDECAR_FILE: Kind = Kind {
    noun: "a sidecar of intercut",
    is_ours: Some(|head| contains(head, "\"intercut.sidecar/")),
};
const PLAN_FILE: Kind =
    Kind { noun: "a saved plan", is_ours: Some(|head| contains(head, "\"intercut.plan/")) };

/// The movies of this splice, those that are there and the one that is yet to come.
fn movies<'a>(plan: &'a SplicePlan, output: &'a Path) -> impl Iterator<Item = &'a Path> {
    let sources = plan.clips.iter().map(|clip| clip.path.as_path());
    sources.chain([plan.base.path.as_path(), output])
}

fn dry_run(ready: &LaidOutSplice, args: &SpliceArgs) -> Result<Exit, Failure> {
    let report = ReportObject::from(&ready.report());
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
