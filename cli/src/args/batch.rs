//! `intercut batch` and `link` as they are typed: folders of bases and clips, or a jobs file.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use intercut_engine::batch::{BatchOptions, NoteAttempts};
use intercut_engine::blank::{BlankOptions, Flavor, WriteOptions};
use intercut_engine::link::LinkOptions;
use intercut_engine::list::Confidence;
use intercut_engine::plan::{ListOptions, PlaceOptions};
use intercut_engine::splice::SpliceOptions;
use intercut_io::Replace;

use super::farm::{FarmArgs, WatchArgs};
use super::inputs::{MemoryArgs, ShowArgs, TurnoverArgs};
use crate::options::{Checking, Choice, Placing, Settings, Writing};

pub(super) const HELP: &str = "\
Examples:
  intercut batch --bases masters/ --clips graded/ --vfx effects/ --out finished/
  intercut batch --bases rushes/ --blank blanks/ --codec 4444 --clips graded/ --out finished/
  intercut batch jobs.toml --dry-run

  jobs.toml:  [defaults]
              output = \"finished/{base}.mov\"
              [[job]]
              base = \"bases/reel_1.mov\"
              clips = [\"graded/reel_1\", { path = \"late/S07.mov\", at = \"01:00:10:00\", handles = 8 }]

Paths are relative to the file. A job says more than the command line, and that more than [defaults]. A clip's table \
may have at, event, handles, source_in and source_out. Folders of outputs are made where they are missing. Beside each output \
is OUT.intercut.json: by it a job whose sources and plan are unchanged is skipped the next time, OUT is replaced only if \
a batch made it, and a job that would lose a clip that OUT has is refused (--allow removed-clips). Files are known by \
length and time of change, and if the times differ by samples of their content: a project may be moved or copied. If \
more verification is asked for than OUT had, OUT is verified and not written again.

Beside a base may lie its edit list, of the same name (reel_1.mov, reel_1.edl; .otio, .xml, .fcpxml): then its clips are \
those that the list plays, and they go where it says. --edl names lists for all bases instead.

Many processes may do one jobs file: --task and --partition do a part of it, and two that begin the same output keep each \
other out (exit code 1). --commands and --submit print what starts them. Each try is noted in the sidecar of its output \
(last_attempt: outcome, may_retry, started, ended, host, reasons), from which --summary says what became of all jobs.

--watch does not end: a job is done when its files have changed and have been quiet for --quiet-for seconds. It prints the \
events below, and watching (paths, is_polled), waiting (job, output, reason), unplanned (reasons) and stopped.

A clip in a folder that is damaged, that leads nowhere, or that should fit a base by its name, reel or timecode and does \
not, is refused (--skip-refused goes on without it). A clip of no base is a warning.

With --blank each base that has clips is a camera original of any codec: a black movie like it is made in that folder, once, \
and the clips go into that. What has the name of a blank and is none of its original is replaced with --force only. A jobs \
file names finished blanks as bases: `intercut blank ORIGINALS... -o DIR` makes them, once, before the first task begins.

--json prints, under the key event: blank (original, output, action make|keep, bytes) for each blank; then, each with its job \
counted from 0: planned (base, output, action \
run|verify|skip|refuse, reasons, clips, frames_replaced, bytes), started (output, frames, bytes), progress once a second \
(phase setup|writing|syncing|verifying|finishing, frames_done, bytes_done, bytes_total), finished (output, report: \
intercut.report/2), verified (output), failed (output, outcome refused|failed|not_run, reasons), cancelled (output), \
skipped (output); left_out (job or null, path, code, reason) for each clip that is in no output, passed_over (path, \
code, reason); and at the end summary (intercut.batch/2: totals, seconds, no_room, left_out, jobs). Reasons are as in \
intercut.refusal/1: code, path, message, help and numbers. --dry-run prints planned, left_out and passed_over.

Exit codes: 0 done or unchanged; 1 a job failed, another process is at work on the output, or files are still being \
written and nothing else is wrong: trying again may help; 2 usage; 3 jobs were refused; 130 cancelled. --summary: 0 all \
jobs are done; 1 some are not.";

#[derive(Debug, Args)]
#[command(mut_arg("bases", |arg| arg.requires("out").help(BASES)))]
#[command(mut_arg("clips", |arg| arg.requires("bases")))]
#[command(mut_arg("vfx", |arg| arg.requires("bases")))]
#[command(mut_arg("strict", |arg| arg.requires("bases")))]
pub(crate) struct BatchArgs {
    /// A jobs file (TOML), as shown below: a job has base, clips, vfx, output and any option for placing, checking and writing
    #[arg(value_name = "JOBS.toml", required_unless_present = "bases")]
    #[arg(conflicts_with_all = ["bases", "clips", "vfx", "out"])]
    pub(crate) jobs_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) turnover: TurnoverArgs,
    /// The folder to write to, made if it is missing; each output has its base's name. {folder} and {base} in it stand for
    /// the names of the base's folder and of the base
    #[arg(long, value_name = "DIR", requires = "bases")]
    pub(crate) out: Option<PathBuf>,
    /// The bases are camera originals: make a blank of each that has clips in this folder, unless it is there, and splice into that
    #[arg(long, value_name = "DIR", requires = "bases")]
    pub(crate) blank: Option<PathBuf>,
    /// The flavour of ProRes of blanks; must be said unless the originals are ProRes
    #[arg(long, value_name = "FLAVOUR", value_enum, requires = "blank")]
    codec: Option<Choice<Flavor>>,
    /// Copy the originals' sound into their blanks, bit for bit
    #[arg(long, requires = "blank")]
    sound: bool,
    /// Run N jobs at a time; one saturates a disk
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) jobs: NonZeroUsize,
    #[command(flatten)]
    memory: MemoryArgs,
    /// Run the other jobs if some are refused
    #[arg(long)]
    keep_going: bool,
    /// Run every job again, changed or not, and replace outputs that no batch has made
    #[arg(long)]
    force: bool,
    /// Save a page about the batch, even if jobs fail: one row a job, each with its run; an older page is replaced
    #[arg(long, value_name = "FILE.html", conflicts_with = "dry_run")]
    pub(crate) report: Option<PathBuf>,
    /// Leave the pictures of cuts out of the page: no frame is decoded
    #[arg(long, requires = "report")]
    pub(crate) no_pictures: bool,
    /// Plan everything and say what would be done, but write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object a line on standard output, as it happens, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) farm: FarmArgs,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
    #[command(flatten)]
    placing: Placing,
    #[command(flatten)]
    checking: Checking,
    #[command(flatten)]
    writing: Writing,
}

const BASES: &str = "Movies to splice into, or folders of them, instead of a jobs file: each one that has clips is a job";

impl BatchArgs {
    /// The memory budget in bytes.
    pub(crate) fn memory_budget(&self) -> u64 {
        self.memory.budget()
    }

    /// What holds for a job unless it says otherwise.
    pub(crate) fn settings(&self) -> Settings {
        let (placing, writing) = (self.placing.clone().with_absolute_lists(), self.writing.clone());
        let checking = self.checking.clone();
        Settings { placing, checking, writing, ..Settings::default() }
    }

    /// What blanks are like.
    pub(crate) fn blank_options(&self) -> BlankOptions {
        let (flavor, sound) = (self.codec.map(|choice| choice.value), self.sound);
        BlankOptions { flavor, sound, ..BlankOptions::default() }
    }

    /// How blanks are written: if something else has their name, only if it may be replaced.
    pub(crate) fn blank_writing(&self) -> WriteOptions {
        let (replace, memory_budget) = (Replace::Allow, self.memory.budget());
        let SpliceOptions { route, verify, .. } = self.writing.splice_options(&self.checking);
        WriteOptions { replace, route, memory_budget, verify }
    }

    /// How many movies are written at a time.
    pub(crate) fn jobs_at_a_time(&self) -> NonZeroUsize {
        self.jobs
    }

    /// Whether what no batch has made may be replaced.
    pub(crate) fn is_forced(&self) -> bool {
        self.force
    }

    /// The edit lists for all bases.
    pub(crate) fn lists(&self) -> &[PathBuf] {
        self.placing.lists()
    }

    /// How clips are linked to bases.
    pub(crate) fn link_options(&self) -> LinkOptions {
        let (min_confidence, place) = (self.placing.min_confidence(), self.placing.place_options());
        LinkOptions { min_confidence, place }
    }

    /// The library's options.
    pub(crate) fn options(&self) -> BatchOptions {
        BatchOptions {
            jobs_at_a_time: self.jobs,
            memory_budget: self.memory.budget(),
            keep_going: self.keep_going || self.watch.watch,
            force: self.force,
            note_attempts: match &self.jobs_file {
                _ if self.dry_run => NoteAttempts::Again,
                _ if self.farm.is_part() || self.watch.watch => NoteAttempts::All,
                // What `--summary` is asked about.
                Some(_) => NoteAttempts::Unmade,
                None => NoteAttempts::Again,
            },
        }
    }
}

#[derive(Debug, Args)]
#[command(mut_arg("bases", |arg| arg.required(true)))]
#[command(mut_arg("clips", |arg| arg.required_unless_present("vfx")))]
pub(crate) struct LinkArgs {
    #[command(flatten)]
    pub(crate) turnover: TurnoverArgs,
    /// Link by this edit list for all bases, instead of by those beside them (repeatable)
    #[arg(long, value_name = "LIST")]
    pub(crate) edl: Vec<PathBuf>,
    /// The lowest confidence of a link that is made
    #[arg(long, value_name = "HOW", value_enum)]
    min_confidence: Option<Choice<Confidence>>,
    /// Save the jobs as a file that `batch` runs (an existing one is left alone)
    #[arg(long, value_name = "JOBS.toml")]
    pub(crate) save: Option<PathBuf>,
    /// Print one object (intercut.link/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but the result, warnings and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl LinkArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> LinkOptions {
        let min_confidence = self.min_confidence.map(|choice| choice.value).unwrap_or_default();
        let lists = ListOptions { min_confidence, ..ListOptions::default() };
        LinkOptions { min_confidence, place: PlaceOptions { lists, ..PlaceOptions::default() } }
    }
}
