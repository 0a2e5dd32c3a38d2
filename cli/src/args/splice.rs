//! `intercut splice`, `plan` and `verify` as they are typed: one base, its clips, and one result.

use std::path::PathBuf;

use clap::Args;
use intercut_engine::splice::SpliceOptions;
use intercut_io::Replace;

use super::inputs::{
    InputArgs, MemoryArgs, MovieArgs, PlaceArgs, ProgressForm, SaveListArgs, ShowArgs,
};
use crate::options::{Checking, Writing};

const PLAN_BASE: &str =
    "The movie to splice into; or a jobs file alone, of which every job is planned";

#[derive(Debug, Args)]
pub(crate) struct SpliceArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// The movie to write; it appears complete under this name, or not at all
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Replace OUT if it exists, in one step, once the new movie is complete
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    memory: MemoryArgs,
    /// Save the plan as JSON, to look at or to replay with --plan
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    pub(crate) save_plan: Option<PathBuf>,
    /// Save beside OUT what it was made of, as OUT.intercut.json, so that `verify OUT` proves it and a batch knows it
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) sidecar: bool,
    /// Save how long copies took as read.hgrm, stage_wait.hgrm, write.hgrm and sync.hgrm, in microseconds, for
    /// HdrHistogram's plotters; files of these names are replaced
    #[arg(long, value_name = "DIR", conflicts_with = "dry_run")]
    pub(crate) histogram: Option<PathBuf>,
    /// Save what the run did when, for ui.perfetto.dev and chrome://tracing, even if it fails or is cancelled. An
    /// older trace of this name is replaced
    #[arg(long, value_name = "FILE.json")]
    pub(crate) trace: Option<PathBuf>,
    /// Save a page about the run: timeline, pictures of every cut, throughput, latencies, routes; it needs no network, and
    /// replaces an older page
    #[arg(long, value_name = "FILE.html", conflicts_with = "dry_run")]
    pub(crate) report: Option<PathBuf>,
    /// Leave the pictures out of the page: no frame is decoded
    #[arg(long, requires = "report")]
    pub(crate) no_pictures: bool,
    /// Do everything up to the first byte: plan and lay out, but write no movie
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one report object (intercut.report/2) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    /// How progress is shown
    #[arg(long, value_name = "FORM", value_enum, conflicts_with_all = ["quiet", "no_progress"])]
    pub(crate) progress: Option<ProgressForm>,
    #[command(flatten)]
    pub(crate) save_list: SaveListArgs,
    #[command(flatten)]
    checking: Checking,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

impl SpliceArgs {
    /// The memory budget in bytes.
    pub(crate) fn memory_budget(&self) -> u64 {
        self.memory.budget()
    }

    /// The library's options.
    pub(crate) fn options(&self) -> SpliceOptions {
        let mut options = self.writing.splice_options(&self.checking);
        options.replace = if self.force { Replace::Allow } else { Replace::Refuse };
        options.memory_budget = self.memory.budget();
        options
    }
}

#[derive(Debug, Args)]
// `mut_arg` moves an argument behind the others: both positional ones are named, in order.
#[command(mut_arg("base", |arg| arg.required(true).value_name("BASE|JOBS.toml").help(PLAN_BASE)))]
#[command(mut_arg("clips", |arg| arg))]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) movies: MovieArgs,
    /// Print the plan as JSON (intercut.plan/2), which `splice --plan` and `verify --plan` replay
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but the plan, warnings and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) save_list: SaveListArgs,
    #[command(flatten)]
    pub(crate) checking: Checking,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
#[command(mut_arg("base", |arg| arg.required_unless_present("output")))]
#[command(mut_arg("clips", |arg| arg.required_unless_present("output")))]
pub(crate) struct VerifyArgs {
    /// The movie to prove; alone, by the OUT.intercut.json beside it
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// Prove it by the report object of its run alone (`splice --verify full --json`): the sources may be gone
    #[arg(long, value_name = "FILE", conflicts_with_all = ["MovieArgs", "plan", "PlaceArgs", "Placing"])]
    pub(crate) run: Option<PathBuf>,
    /// Prove every movie that is named, each by the .intercut.json beside it: OUT..., folders, and jobs files
    #[arg(long, conflicts_with_all = ["plan", "run", "vfx", "PlaceArgs", "Placing"])]
    pub(crate) each: bool,
    /// Print one object (intercut.verify/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}
