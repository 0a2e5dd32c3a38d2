//! `intercut batch` as it is typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use intercut_engine::batch::BatchOptions;
use intercut_engine::link::LinkOptions;
use intercut_engine::splice::MEMORY_BUDGET_DEFAULT;

use super::values::ConfidenceArg;
use super::{MEMORY_MIB_MAX, MEMORY_MIB_MIN, MIB, ShowArgs};
use crate::jobs::Settings;

pub(super) const HELP: &str = "\
Examples:
  intercut batch --bases masters/ --clips graded/ --vfx effects/ --out finished/
  intercut batch jobs.toml --dry-run

  jobs.toml:  [defaults]
              output = \"finished/{base}.mov\"
              [[job]]
              base = \"bases/reel_1.mov\"
              clips = [\"graded/reel_1\", { path = \"late/S07.mov\", at = \"01:00:10:00\", handles = 8 }]

Paths are relative to the file. A job says more than the command line, and that more than [defaults]. A clip's table
may have at, handles, source_in and source_out. Folders of outputs are made where they are missing. Beside each output
stands OUT.intercut.json: by it a job whose sources and plan are unchanged is skipped the next time, and OUT is
replaced only if a batch made it. What keeps a file's length and time of change is not seen; `verify` sees it.

--json prints, each with its job counted from 0: planned (base, output, action run|skip|refuse, reasons, clips,
frames_replaced, bytes), started (output, frames, bytes), progress once a second (phase writing|verifying, frames_done,
bytes_done, bytes_total), finished (output, report: intercut.report/1), failed (output, outcome
refused|failed|not_run, reasons), skipped (output), and at the end summary (intercut.batch/1: totals, seconds,
no_room, jobs); the name is under the key event. --dry-run prints planned alone.

Exit codes: 0 done or unchanged; 1 a job failed; 2 usage; 3 jobs were refused; 130 cancelled.";

#[derive(Debug, Args)]
pub(crate) struct BatchArgs {
    /// A jobs file (TOML), as shown below: a job has base, clips, vfx, output and any option of those with defaults
    #[arg(value_name = "JOBS.toml", required_unless_present = "bases")]
    #[arg(conflicts_with_all = ["bases", "clips", "vfx", "out"])]
    pub(crate) jobs_file: Option<PathBuf>,
    /// Movies to splice into, or folders of them, instead of a jobs file: a job is made of each that clips belong to
    #[arg(long, value_name = "BASE|DIR", requires = "out")]
    pub(crate) bases: Vec<PathBuf>,
    /// Graded clips, or folders of them (repeatable); `intercut link` shows which belongs to which base, and why
    #[arg(long, value_name = "CLIP|DIR", requires = "bases")]
    pub(crate) clips: Vec<PathBuf>,
    /// VFX clips, or folders of them: they win over graded ones on every frame, and are never cut (repeatable)
    #[arg(long, value_name = "CLIP|DIR", requires = "bases")]
    pub(crate) vfx: Vec<PathBuf>,
    /// The folder to write to, made if it is missing; each output has its base's name
    #[arg(long, value_name = "DIR", requires = "bases")]
    pub(crate) out: Option<PathBuf>,
    /// The least sure link that is made
    #[arg(long, value_name = "HOW", value_enum, default_value = "medium", requires = "bases")]
    min_confidence: ConfidenceArg,
    /// Refuse the batch if any clip has no base
    #[arg(long, requires = "bases")]
    pub(crate) strict: bool,
    /// Run N jobs at a time; one saturates a disk
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Memory for staging and reading ahead, in MiB, shared by the jobs that run at a time
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_BUDGET_DEFAULT / MIB)]
    #[arg(value_parser = clap::value_parser!(u64).range(MEMORY_MIB_MIN..=MEMORY_MIB_MAX))]
    memory: u64,
    /// Do the other jobs where some are refused
    #[arg(long)]
    keep_going: bool,
    /// Do every job again, changed or not, and replace outputs that no batch has made
    #[arg(long)]
    force: bool,
    /// Save a page about the batch, whatever becomes of its jobs: a row each, which opens to its run; replaces an older page
    #[arg(long, value_name = "FILE.html", conflicts_with = "dry_run")]
    pub(crate) report: Option<PathBuf>,
    /// Plan everything and say what would be done, but write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object a line on standard output, as it happens, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

impl BatchArgs {
    /// How clips are linked to bases.
    pub(crate) fn link_options(&self) -> LinkOptions {
        let place = self.settings.place_options();
        LinkOptions { min_confidence: self.min_confidence.choice(), place }
    }

    /// The library's options.
    pub(crate) fn options(&self) -> BatchOptions {
        BatchOptions {
            jobs_at_a_time: self.jobs,
            memory_budget: self.memory * MIB,
            keep_going: self.keep_going,
            force: self.force,
        }
    }
}
