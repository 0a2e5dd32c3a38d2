//! `batch --summary`: what became of all jobs, wherever they ran.
//!
//! - In: the jobs file; the sidecars beside its outputs.
//! - Out: a table, or `intercut.summary/1` (`--json`); a page (`--report`).
//! - Holds: 0 if all jobs are done, else 1.
//! - Not here: what is read (`intercut_engine::batch::Summary`).

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use intercut_engine::batch::{JobSummary, Summary};

use super::{farm, few};
use crate::args::BatchArgs;
use crate::command::control;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::jobs::expand;
use crate::save::NewFile;
use crate::table::{self, Row};
use crate::{page, text};

pub(super) fn run(args: &BatchArgs, file: &Path) -> Result<Exit, Failure> {
    let control = control();
    let located = farm::located(args, file)?;
    // Nothing but names is needed of any job.
    let jobs = expand(&located, &args.settings(), Some(&BTreeSet::new()), &control.cancel)?.splices;
    let movies = jobs.iter().filter_map(|job| job.output_path());
    let page = args.report.as_deref();
    let page = page.map(|path| NewFile::create(page::FILE, path, movies)).transpose()?;
    let summary = Summary::of(&jobs, &control.cancel)?;
    if args.json {
        print(&summary.to_json())?;
    } else {
        print(&table(&summary))?;
    }
    if let Some(file) = page {
        file.write_and_save(|out| out.write_all(page::of_summary(&summary).as_bytes()))?;
    }
    Ok(if summary.is_complete() { Exit::Done } else { Exit::Failed })
}

/// Every job, the clips that are left out, and what it comes to.
fn table(summary: &Summary) -> String {
    let rows = summary.jobs.iter().map(|job| {
        let (took, host) = job.last_attempt.as_ref().map_or_else(Default::default, |attempt| {
            (attempt.ended.clone().unwrap_or_default(), attempt.host.clone())
        });
        let state = job.state.name().to_owned();
        let output = job.output.display().to_string();
        Row { cells: vec![job.task.to_string(), state, took, host, output], note: why(job) }
    });
    let headings = ["task", "job", "ended", "host", "output"];
    let mut shown = table::noted(&headings, &[0], "why", rows.collect());
    shown.push('\n');
    for job in &summary.jobs {
        for clip in &job.left_out {
            let (path, output) = (clip.path.display(), job.output.display());
            shown.push_str(&format!("left out: {path} ({output}): {}\n", clip.reason));
        }
    }
    shown.push_str(&format!("{}\n", totals(summary)));
    shown
}

/// Why a job is not done.
fn why(job: &JobSummary) -> String {
    let older = match job.has_output && !job.reasons.is_empty() {
        true => "; the output that is there is of an earlier run",
        false => "",
    };
    format!("{}{older}", few(&job.reasons))
}

/// `9 done, 2 failed, 1 missing; 3 clips left out`.
pub(super) fn totals(summary: &Summary) -> String {
    let totals = &summary.totals;
    let counts = [
        (totals.done, "done"),
        (totals.running, "running"),
        (totals.failed, "failed"),
        (totals.missing, "missing"),
    ];
    let told = counts.iter().filter(|(count, _)| *count > 0);
    let mut told: Vec<String> = told.map(|(count, word)| format!("{count} {word}")).collect();
    if told.is_empty() {
        told.push("no jobs".to_owned());
    }
    let left_out = match totals.left_out {
        0 => String::new(),
        count => format!("; {} left out", text::counted(count, "clip")),
    };
    format!("{}{left_out}", told.join(", "))
}
