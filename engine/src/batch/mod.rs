//! Many splices, unattended: all are planned before the first byte is written, and only what changed is made again.
//!
//! ```text
//! Batch ──prepare──▶ PreparedBatch ──run──▶ BatchReport
//!         outputs, plans, decisions, room     copies; a sidecar beside each output
//! ```
//!
//! ```no_run
//! use intercut_engine::batch::{Batch, BatchOptions};
//! use intercut_engine::splice::Splice;
//! use intercut_io::Control;
//!
//! let jobs = ["reel_1", "reel_2"].map(|reel| {
//!     Splice::new(format!("bases/{reel}.mov"))
//!         .clips([format!("graded/{reel}")])
//!         .output(format!("finished/{reel}.mov"))
//! });
//! let report = Batch::new(jobs, BatchOptions::default()).run(&Control::default(), &|_event| {})?;
//! println!("{} made, {} unchanged", report.totals.done, report.totals.skipped);
//! # Ok::<(), intercut_io::IoError>(())
//! ```
//!
//! - In: one [`Splice`] a job, [`BatchOptions`].
//! - Out: the finished movies, each with its sidecar; [`BatchReport`].
//! - Holds: if a job is refused nothing is written, unless the batch is to keep going; an output is replaced only if its
//!   sidecar says that an earlier batch made it, or if that is asked for; it loses no clip that it has, unless that is
//!   allowed; no two batches write it at a time.
//! - Not here: one splice (`splice`), which clip belongs to which base (`link`), jobs files (the command).

mod attempts;
mod change;
mod compare;
mod error;
mod folders;
mod output;
mod prepare;
mod report;
mod run;
mod space;
mod summary;
mod tasks;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use intercut_io::{Control, IoError};

use crate::plan::LeftOut;
use crate::splice::{MEMORY_BUDGET_DEFAULT, Splice};

pub use crate::sidecar::{Attempt, AttemptOutcome, JobNote, Tried};
pub use crate::sidecar::{ChangedInPlace, FileRecord, Fingerprint, Sidecar};
pub use change::Change;
pub use compare::RemovedClip;
pub use error::JobError;
pub use output::{ForeignReason, OutputWithSidecar};
pub use prepare::{Decision, PlannedJob, PreparedBatch, PreparedJob};
pub use report::{BatchReport, BatchSeconds, JobOutcome, JobReport, Totals};
pub use run::Event;
pub use space::NoRoom;
pub use summary::{JobState, JobSummary, Summary, SummaryTotals};

/// How a batch is run.
///
/// Fields may come in any release: end a literal with `..Default::default()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchOptions {
    /// How many jobs are run at a time. One saturates a disk.
    pub jobs_at_a_time: NonZeroUsize,
    /// Bytes for staging, reading ahead, hashing and verifying, shared by the jobs that run at a time.
    pub memory_budget: u64,
    /// Do the other jobs where some are refused.
    pub keep_going: bool,
    /// Do every job again, and replace files that no batch has made.
    pub force: bool,
    /// Which tries are noted in the sidecars of their outputs, where [`Summary`] finds them.
    pub note_attempts: NoteAttempts,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            jobs_at_a_time: NonZeroUsize::MIN,
            memory_budget: MEMORY_BUDGET_DEFAULT,
            keep_going: false,
            force: false,
            note_attempts: NoteAttempts::Again,
        }
    }
}

/// Which tries at an output are noted beside it. An output that has a note already gets the new one in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoteAttempts {
    /// None for the first time.
    #[default]
    Again,
    /// Those that made nothing: refused, failed, cancelled, or not begun because of others.
    Unmade,
    /// All of them, and that they begin, which costs two syncs a job.
    All,
}

/// A clip that was given and is in no job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnplacedClip {
    /// Which clip, and why.
    pub left_out: LeftOut,
    /// Whether a job may miss it: then the batch is refused, unless it is to keep going.
    pub is_refused: bool,
}

/// Splices that are to be made together.
#[derive(Debug, Clone)]
pub struct Batch {
    jobs: Vec<Splice>,
    /// The jobs that this run does; `None` means all.
    tasks: Option<BTreeSet<usize>>,
    unplaced: Vec<UnplacedClip>,
    options: BatchOptions,
}

impl Batch {
    /// A batch of these jobs, each with its output.
    ///
    /// Of a job's options, whether its output is replaced and its memory are the batch's to decide.
    pub fn new(jobs: impl IntoIterator<Item = Splice>, options: BatchOptions) -> Self {
        let jobs = jobs.into_iter().collect();
        Self { jobs, tasks: None, unplaced: Vec::new(), options }
    }

    /// Does these jobs only, by their places in the batch; others do the rest at the same time, perhaps on other machines.
    /// Of those no more is looked at than what they are called.
    #[must_use]
    pub fn only(mut self, jobs: impl IntoIterator<Item = usize>) -> Self {
        self.tasks = Some(jobs.into_iter().collect());
        self
    }

    /// Clips that were given and are in none of the jobs.
    #[must_use]
    pub fn unplaced(mut self, clips: impl IntoIterator<Item = UnplacedClip>) -> Self {
        self.unplaced.extend(clips);
        self.unplaced.sort_by(|one, other| one.left_out.cmp(&other.left_out));
        self
    }

    /// Plans all jobs, and does those that are needed.
    ///
    /// - `on_event`: called from the threads that run the jobs.
    ///
    /// # Errors
    /// [`IoError::Cancelled`] where it was cancelled before anything was written. What becomes of each job is in the
    /// report.
    pub fn run(
        &self,
        control: &Control,
        on_event: &(dyn Fn(Event<'_>) + Sync),
    ) -> Result<BatchReport, IoError> {
        Ok(self.prepare(control)?.run(control, on_event))
    }
}
