//! `intercut batch`: many splices, unattended.
//!
//! ```text
//! jobs file, or folders ──▶ Batch::prepare ──▶ every refusal, what will be done ──▶ run, watched ──▶ page, summary
//! ```
//!
//! - Out: the finished movies; a table of what became of each job, or a JSON object a line (`--json`).
//! - Holds: every refusal is told before the first byte is written; a job that fails is told when it does, and again at
//!   the end.
//! - Not here: what is done (`intercut_engine::batch`), which files a jobs file means (`jobs`).

mod blanks;
mod board;
mod commands;
mod farm;
mod lines;
mod linked;
mod submit;
mod summary;
mod watch;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use intercut_engine::batch::{
    Batch, BatchReport, Decision, JobNote, JobOutcome, PreparedBatch, PreparedJob,
};
use intercut_engine::plan::LeftOut;
use intercut_io::Control;

use self::board::Board;
pub(super) use self::lines::Line;
use self::lines::Lines;
use super::{control, note_passed_over};
use crate::args::{BatchArgs, FarmArgs, ProgressForm};
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::jobs::{Expanded, expand};
use crate::pictures::{self, Pictures};
use crate::refusal::Refusal;
use crate::save::NewFile;
use crate::table::{self, Row};
use crate::{page, text};

pub(crate) fn run(args: &BatchArgs) -> Result<Exit, Failure> {
    if args.watch.watch {
        return watch::run(args);
    }
    if let Some(file) = &args.jobs_file {
        match &args.farm {
            FarmArgs { commands: true, .. } => return commands::print_all(args, file),
            FarmArgs { submit: Some(what), .. } => return submit::print_one(args, file, *what),
            FarmArgs { summary: true, .. } => return summary::run(args, file),
            _ => {}
        }
    }
    let control = control();
    let lines = Lines::new(args.json);
    let jobs = jobs(args, &control, lines);
    let jobs = jobs.inspect_err(|failure| farm::note_unplanned(args, failure));
    let (Expanded { splices, unplaced, mut passed_over }, tasks) = jobs?;
    let mut batch = Batch::new(splices, args.options()).unplaced(unplaced);
    if let Some(tasks) = tasks {
        batch = batch.only(tasks);
    }
    let prepared = batch.prepare(&control)?;
    passed_over.extend(prepared.jobs().iter().flat_map(|job| job.passed_over.clone()));
    if !args.show.quiet {
        note_passed_over(&passed_over);
    }
    lines.passed_over(&passed_over)?;
    lines.planned(&prepared)?;
    let mut exit = tell_refusals(&prepared);
    if args.dry_run {
        return dry_run(&prepared, args).map(|()| exit);
    }
    let page = args.report.as_deref().map(|path| page_file(path, &prepared)).transpose()?;
    let refused: Vec<(usize, Vec<Refusal>)> =
        prepared.jobs().iter().map(|job| (job.index, lines::reasons(job))).collect();
    let board = Board::start(&prepared, args.show, lines);
    let report = prepared.run(&control, &|event| board.on(event));
    board.end();
    lines.summary(&report, &refused)?;
    if !args.json && !args.show.quiet {
        print(&summary(&report))?;
    }
    tell_failures(&report);
    let is_cancelled = control.cancel.is_cancelled();
    if let Some(file) = page {
        // The movies are what was asked for: they are done, with their page or without.
        let page = page::of_batch(&report, pictures_of(&report, args, &control).as_deref());
        let saved = file.write_and_save(|out| out.write_all(page.as_bytes()));
        saved.unwrap_or_else(|failure| failure.warn());
    }
    if report.totals.failed > 0 {
        exit = Exit::Failed;
    }
    if is_cancelled {
        warn("cancelled: outputs that are done stay, and no part of another is left behind");
        exit = Exit::Cancelled;
    }
    Ok(exit)
}

/// The pictures of the page, unless it is to have none.
fn pictures_of(report: &BatchReport, args: &BatchArgs, control: &Control) -> Option<Vec<Pictures>> {
    if args.no_pictures {
        return None;
    }
    let reports: Vec<_> = report.jobs.iter().filter_map(|job| job.report.as_ref()).collect();
    let form = ProgressForm::default();
    Some(pictures::make(&reports, args.memory_budget(), control, args.show, form))
}

/// The splices of the jobs file, or of the folders, and which of them are to be done here; `None` means all.
fn jobs(
    args: &BatchArgs,
    control: &Control,
    lines: Lines,
) -> Result<(Expanded, Option<BTreeSet<usize>>), Failure> {
    let cancel = &control.cancel;
    match (&args.jobs_file, &args.out) {
        (Some(file), _) => {
            let located = farm::located(args, file)?;
            let tasks = farm::tasks(&args.farm, located.count())?;
            let expanded = expand(&located, &args.settings(), tasks.as_ref(), cancel)?;
            Ok((expanded, tasks))
        }
        (None, Some(out)) => Ok((linked::splices(args, out, control, lines)?, None)),
        (None, None) => Err(Failure::new(Exit::Usage, "no jobs file is named", None)),
    }
}

/// The file of the report page, which must not take the place of a movie, not even of one that is yet to come.
fn page_file(path: &Path, prepared: &PreparedBatch) -> Result<NewFile, Failure> {
    let movies = prepared.jobs().iter().flat_map(|job| [&job.base, &job.output]);
    NewFile::create(page::FILE, path, movies.map(PathBuf::as_path))
}

/// Tells every warning and everything that stands in the way. Returns what the process ends with if nothing else fails.
fn tell_refusals(prepared: &PreparedBatch) -> Exit {
    let mut exit = Exit::Done;
    for clip in prepared.unplaced() {
        if clip.is_refused {
            let failure = Failure::of_clip(&clip.left_out);
            failure.print();
            exit = exit.worse(failure.exit);
        } else {
            let LeftOut { path, reason, .. } = &clip.left_out;
            warn(&format!("{} is left out: {reason}", path.display()));
        }
    }
    for job in prepared.jobs() {
        for note in job.planned().into_iter().flat_map(|planned| planned.plan.notes()) {
            warn(&format!("{}: {note}", job.output.display()));
        }
        let Decision::Refused(errors) = &job.decision else { continue };
        for error in errors {
            let failure = Failure::of_job(&job.output, error);
            failure.print();
            exit = exit.worse(failure.exit);
        }
    }
    for disk in prepared.no_room() {
        Failure::no_room(disk).print();
        exit = Exit::Failed;
    }
    if prepared.is_refused() {
        let refused = prepared.jobs().iter().filter(|job| job.planned().is_none()).count();
        let all = text::counted(prepared.jobs().len() as u64, "job");
        let what = match refused {
            0 => "no job was begun".to_owned(),
            _ => format!("{refused} of {all} refused"),
        };
        warn(&format!("{what}; no movie was written (--keep-going does what can be done)"));
    }
    exit
}

/// What would be done.
fn dry_run(prepared: &PreparedBatch, args: &BatchArgs) -> Result<(), Failure> {
    if args.json || args.show.quiet {
        return Ok(());
    }
    let row = |job: &PreparedJob| {
        let reasons = || few(&job.notes());
        let (what, bytes, why) = match &job.decision {
            Decision::Skip(_) => ("skip", String::new(), "nothing changed".to_owned()),
            Decision::Verify(_) => ("verify", String::new(), reasons()),
            Decision::Run(planned) => ("run", text::bytes(planned.bytes), reasons()),
            _ => ("refuse", String::new(), reasons()),
        };
        let clips = job.planned().map_or(0, |planned| planned.plan.clips.len());
        let output = job.output.display().to_string();
        Row { cells: vec![what.to_owned(), clips.to_string(), bytes, output], note: why }
    };
    let rows = prepared.jobs().iter().map(row).collect();
    let drawn = table::noted(&["dry run", "clips", "size", "output"], &[1, 2], "why", rows);
    let due = prepared.jobs().iter().filter(|job| matches!(job.decision, Decision::Run(_)));
    let placements = due.filter_map(|job| Some((job, job.planned()?))).map(|(job, planned)| {
        format!("{}\n{}\n", job.output.display(), super::plan::describe(&planned.plan))
    });
    print(&format!("{}{drawn}\nno movie was written\n", placements.collect::<String>()))
}

/// The first reasons, and how many more there are.
fn few(reasons: &[JobNote]) -> String {
    const TOLD_MAX: usize = 2;
    let told = reasons.iter().take(TOLD_MAX).map(ToString::to_string);
    let mut told = told.collect::<Vec<_>>().join("; ");
    let more = reasons.len().saturating_sub(TOLD_MAX);
    if more > 0 {
        told.push_str(&format!("; {}", text::counted(more as u64, "more reason")));
    }
    told
}

/// What became of each job, which clips are in no output, and what it comes to.
fn summary(report: &BatchReport) -> String {
    let rows = report.jobs.iter().map(|job| {
        let (frames, bytes, took) = match &job.report {
            Some(done) => (
                done.frames_replaced.to_string(),
                text::bytes(done.output.bytes),
                text::seconds(done.seconds.total),
            ),
            None => Default::default(),
        };
        let why = match job.outcome {
            JobOutcome::Skipped => "nothing changed".to_owned(),
            _ => few(&job.reasons),
        };
        let outcome = text::outcome(job.outcome).to_owned();
        let output = job.output.display().to_string();
        Row { cells: vec![outcome, frames, bytes, took, output], note: why }
    });
    let headings = ["job", "frames replaced", "size", "took", "output"];
    let mut shown = table::noted(&headings, &[1, 2, 3], "why", rows.collect());
    shown.push('\n');
    for (job, clip) in report.all_left_out() {
        let of_job = job.map(|job| format!(" ({})", job.output.display())).unwrap_or_default();
        shown.push_str(&format!("left out: {}{of_job}: {}\n", clip.path.display(), clip.reason));
    }
    let totals = &report.totals;
    let (bytes, seconds) = (text::bytes(totals.bytes), text::seconds(report.seconds.total));
    shown.push_str(&format!("{}; {bytes} in {seconds}\n", text::outcomes(totals)));
    shown
}

/// Names the jobs that failed once more: the first word about them may be hours old.
fn tell_failures(report: &BatchReport) {
    for job in report.jobs.iter().filter(|job| job.outcome == JobOutcome::Failed) {
        let reasons: Vec<String> = job.reasons.iter().map(ToString::to_string).collect();
        warn(&format!("{} failed: {}", job.output.display(), reasons.join("; ")));
    }
}
