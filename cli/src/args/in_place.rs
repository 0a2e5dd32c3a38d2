//! `intercut insert`, `undo`, `history` and `compact` as they are typed: one movie that is changed in place.

use std::path::{Path, PathBuf};

use clap::Args;
use intercut_engine::in_place::{Compact, Undo};
use intercut_engine::splice::{SpliceOptions, VerifyMode};
use intercut_io::RouteChoice;

use super::inputs::{InputArgs, MemoryArgs, PlaceArgs, ProgressForm, ShowArgs};
use crate::options::{Checking, Choice};

const MASTER: &str = "The movie to change: clips go into it where their timecode says";

#[derive(Debug, Args)]
// `mut_arg` moves an argument behind the others: both positional ones are named, in order.
#[command(mut_arg("base", |arg| arg.value_name("MOVIE").help(MASTER)))]
#[command(mut_arg("clips", |arg| arg))]
pub(crate) struct InsertArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// How bytes are moved: one that is named and does not work is an error
    #[arg(long, value_name = "ROUTE", value_enum, help_heading = "Writing")]
    route: Option<Choice<RouteChoice>>,
    /// Check what was appended before the movie changes
    #[arg(long, value_name = "MODE", value_enum, help_heading = "Writing")]
    verify: Option<Choice<VerifyMode>>,
    #[command(flatten)]
    checking: Checking,
    #[command(flatten)]
    memory: MemoryArgs,
    /// Do everything up to the first byte: plan and lay out, but change nothing
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
    pub(crate) place: PlaceArgs,
}

impl InsertArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> SpliceOptions {
        SpliceOptions::default()
            .check_content(self.checking.check_content())
            .route(self.route.map(|choice| choice.value).unwrap_or_default())
            .verify(self.verify.map(|choice| choice.value).unwrap_or_default())
            .memory_budget(self.memory.budget())
    }
}

#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The movie whose last insert is taken back
    #[arg(value_name = "MOVIE")]
    pub(crate) movie: PathBuf,
    /// Leave what was appended behind the movie, where nothing refers to it, instead of cutting the file
    #[arg(long, conflicts_with = "force")]
    keep: bool,
    /// Cut the file even if others have it open: a program that has mapped it may crash
    #[arg(long)]
    force: bool,
    /// Repair a movie of which the disk has written the deciding bytes in part, from the journal in it
    #[arg(long)]
    repair: bool,
}

impl UndoArgs {
    /// What the library is to do.
    pub(crate) fn undo(&self) -> Undo {
        Undo::new(&self.movie).keep(self.keep).force(self.force).repair(self.repair)
    }
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The movie
    #[arg(value_name = "MOVIE")]
    pub(crate) movie: PathBuf,
    /// Print one object (intercut.history/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    /// The movie
    #[arg(value_name = "MOVIE")]
    pub(crate) movie: PathBuf,
    /// Write the compact movie here, and leave MOVIE as it is
    #[arg(long, short, value_name = "OUT", conflicts_with = "punch")]
    output: Option<PathBuf>,
    /// Give unused blocks back where they are: fast, and the file stays as long as it is
    #[arg(long, conflicts_with = "faststart")]
    punch: bool,
    /// Put the movie header before the media
    #[arg(long)]
    faststart: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

impl CompactArgs {
    /// The movie that comes out.
    pub(crate) fn output(&self) -> &Path {
        self.output.as_ref().unwrap_or(&self.movie)
    }

    /// What the library is to do.
    pub(crate) fn compact(&self) -> Compact {
        let compact = Compact::new(&self.movie);
        match &self.output {
            _ if self.punch => compact.punch(),
            Some(output) => compact.output(output).faststart(self.faststart),
            None => compact.faststart(self.faststart),
        }
    }
}
