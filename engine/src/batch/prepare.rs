//! Everything that is decided before the first byte is written.
//!
//! ```text
//! outputs (none twice) ──▶ folders ──▶ each job: sidecar, plan, layout, room ──▶ decisions ──▶ room for all
//! ```
//!
//! - In: [`Batch`].
//! - Out: [`PreparedBatch`]: for each job every reason against it, or its plan and whether it has to be made.
//! - Holds: no file is open any more, and of a job its plan alone is kept: memory does not grow with the headers of all
//!   movies. When its turn comes the plan is replayed, which fails where a file has changed meanwhile.
//! - Not here: running (`run`).

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use intercut_io::{Control, FileId, IoError, Replace, Room};

use super::changes::changes;
use super::error::JobError;
use super::folders::Folders;
use super::outputs;
use super::sidecar::Found;
use super::space::{self, NoRoom};
use super::workers::at_a_time;
use super::{Batch, BatchOptions};
use crate::discover::PassedOver;
use crate::plan::{FileStamp, SplicePlan};
use crate::splice::{Splice, SpliceError, SpliceOptions};

/// A batch that is planned. Nothing has been written.
#[derive(Debug)]
pub struct PreparedBatch {
    pub(super) jobs: Vec<PreparedJob>,
    pub(super) no_room: Vec<NoRoom>,
    pub(super) options: BatchOptions,
    /// When it began.
    pub(super) started: SystemTime,
    pub(super) seconds: Duration,
    /// Those of them that stay empty go with the batch.
    _folders: Folders,
}

/// What was found about one job.
#[derive(Debug)]
pub struct PreparedJob {
    /// The movie that is spliced into.
    pub base: PathBuf,
    /// The movie that is written.
    pub output: PathBuf,
    /// What will become of it.
    pub decision: Decision,
    /// What was passed over in folders, and why.
    pub passed_over: Vec<PassedOver>,
}

/// What will become of a job.
#[derive(Debug)]
pub enum Decision {
    /// It cannot be done, for these reasons.
    Refused(Vec<JobError>),
    /// Nothing changed since it was done.
    Skip(Box<PlannedJob>),
    /// It will be done.
    Run(Box<PlannedJob>),
}

/// A job that can be done.
#[derive(Debug)]
pub struct PlannedJob {
    /// Which samples go where.
    pub plan: SplicePlan,
    /// Length of the output in bytes.
    pub bytes: u64,
    /// Why it has to be done; empty where it has not.
    pub reasons: Vec<String>,
    /// What it takes up; `None` where it has not to be done, so that nothing was tried.
    pub(super) room: Option<Room>,
    pub(super) options: SpliceOptions,
    /// What stands under the output's name and may be replaced.
    pub(super) existing: Option<FileStamp>,
}

/// What planning one job has found.
struct Planned {
    job: PreparedJob,
    /// Which files its sources are.
    sources: Vec<FileId>,
}

impl Batch {
    /// Plans every job, in parallel, and decides which have to be done.
    ///
    /// - Makes the folders of outputs that are missing; they are gone again where nothing was written to them.
    /// - Cost: opens every movie of the batch once.
    ///
    /// # Errors
    /// [`IoError::Cancelled`]. What is wrong with a job is in its decision.
    pub fn prepare(&self, control: &Control) -> Result<PreparedBatch, IoError> {
        let (started, start) = (SystemTime::now(), Instant::now());
        let outputs: Vec<PathBuf> =
            self.jobs.iter().filter_map(|job| job.output_path().map(Path::to_owned)).collect();
        let mut folders = Folders::default();
        let mut make = |path: &Path| folders.make(&outputs::folder_of(path)).err();
        let unmade: Vec<Option<IoError>> =
            self.jobs.iter().map(|job| job.output_path().and_then(&mut make)).collect();
        let few = NonZeroUsize::new(rayon::current_num_threads()).unwrap_or(NonZeroUsize::MIN);
        let planned = at_a_time(few, self.jobs.len(), |job| {
            self.plan_job(&self.jobs[job], unmade[job].is_none(), &outputs, control)
        });
        control.cancel.check()?;
        let (mut jobs, sources): (Vec<PreparedJob>, Vec<_>) =
            planned.into_iter().map(|planned| (planned.job, planned.sources)).unzip();
        for (job, error) in jobs.iter_mut().zip(unmade) {
            error.into_iter().for_each(|error| job.refuse(error.into()));
        }
        refuse_conflicts(&mut jobs, &sources);
        let rooms: Vec<(&Path, Room)> = jobs.iter().filter_map(PreparedJob::room).collect();
        let no_room = space::check(&rooms, self.options.jobs_at_a_time.get());
        let (options, seconds) = (self.options, start.elapsed());
        Ok(PreparedBatch { jobs, no_room, options, started, seconds, _folders: folders })
    }

    /// Plans one job and decides what will become of it.
    ///
    /// - `has_folder`: whether there is one for its output; where there is none, nothing is looked at.
    fn plan_job(
        &self,
        splice: &Splice,
        has_folder: bool,
        outputs: &[PathBuf],
        control: &Control,
    ) -> Planned {
        let base = splice.base_path().to_owned();
        let output = splice.output_path().map(Path::to_owned).unwrap_or_default();
        let mut job = PreparedJob {
            base,
            output,
            decision: Decision::Refused(Vec::new()),
            passed_over: Vec::new(),
        };
        let mut sources = Vec::new();
        if has_folder {
            match self.judge(splice, outputs, &mut job.passed_over, &mut sources, control) {
                Ok(decision) => job.decision = decision,
                Err(errors) => job.decision = Decision::Refused(errors),
            }
        }
        Planned { job, sources }
    }

    /// Looks at the output, plans, and compares.
    fn judge(
        &self,
        splice: &Splice,
        outputs: &[PathBuf],
        passed_over: &mut Vec<PassedOver>,
        sources: &mut Vec<FileId>,
        control: &Control,
    ) -> Result<Decision, Vec<JobError>> {
        let one = |error: SpliceError| vec![JobError::from(error)];
        let Some(output) = splice.output_path() else { return Err(one(SpliceError::NoOutput)) };
        let found = Found::look(output).map_err(|error| one(error.into()))?;
        let foreign = found.foreign().filter(|_| !self.options.force);
        let foreign = foreign.map(|why| JobError::Foreign { output: output.to_owned(), why });
        // Whether it may be replaced was just found out.
        let options = splice.splice_options().replace(Replace::Allow);
        let planned = (|| {
            let splice = splice.clone().made_absolute()?.finished(outputs).options(options);
            let opened = splice.open(control)?;
            passed_over.extend_from_slice(opened.passed_over());
            let prepared = opened.plan()?;
            if prepared.plan().clips.is_empty() {
                return Err(JobError::NoClips { base: splice.base_path().to_owned() });
            }
            let ready = prepared.lay_out()?;
            sources.extend(ready.source_files());
            let bytes = ready.layout().schedule().len();
            let plan = ready.plan().clone();
            let reasons = self.reasons(&found, &plan, &options);
            let room = if reasons.is_empty() { None } else { Some(ready.room()?) };
            let existing = found.existing;
            Ok(PlannedJob { plan, bytes, reasons, room, options, existing })
        })();
        match (planned, foreign) {
            (Ok(job), None) if job.reasons.is_empty() => Ok(Decision::Skip(Box::new(job))),
            (Ok(job), None) => Ok(Decision::Run(Box::new(job))),
            (Ok(_), Some(foreign)) => Err(vec![foreign]),
            (Err(error), foreign) => Err(foreign.into_iter().chain([error]).collect()),
        }
    }

    /// Why a job has to be done; empty where it has not.
    fn reasons(&self, found: &Found, plan: &SplicePlan, options: &SpliceOptions) -> Vec<String> {
        let only = |reason: &str| vec![reason.to_owned()];
        match (found.existing, &found.sidecar) {
            (None, None) => only("it was not made yet"),
            (None, Some(_)) => only("the output is not there"),
            (Some(_), _) if self.options.force => only("everything is to be made again"),
            (Some(existing), Some(sidecar)) if existing == sidecar.output => {
                changes(sidecar, plan, options)
            }
            (Some(_), _) => only("the run before did not come to its end"),
        }
    }
}

/// Refuses jobs whose output another job writes or reads.
fn refuse_conflicts(jobs: &mut [PreparedJob], sources: &[Vec<FileId>]) {
    let paths: Vec<&Path> = jobs.iter().map(|job| job.output.as_path()).collect();
    let same = outputs::same(&paths);
    let read = outputs::sources_of_others(&paths, sources);
    for job in 0..jobs.len() {
        let output = jobs[job].output.clone();
        if let Some(other) = same[job] {
            let (base, other) = (jobs[job].base.clone(), jobs[other].base.clone());
            jobs[job].refuse(JobError::SameOutput { output: output.clone(), base, other });
        }
        if let Some(other) = read[job] {
            let other = jobs[other].output.clone();
            jobs[job].refuse(JobError::OutputIsSource { output, other });
        }
    }
}

impl PreparedJob {
    /// The job as it would be done, unless it is refused.
    pub fn planned(&self) -> Option<&PlannedJob> {
        match &self.decision {
            Decision::Refused(_) => None,
            Decision::Skip(job) | Decision::Run(job) => Some(job),
        }
    }

    /// Why it is refused, or has to be done, as sentences; empty where nothing changed.
    pub fn reasons(&self) -> Vec<String> {
        match &self.decision {
            Decision::Refused(errors) => errors.iter().flat_map(JobError::sentences).collect(),
            Decision::Skip(job) | Decision::Run(job) => job.reasons.clone(),
        }
    }

    fn refuse(&mut self, error: JobError) {
        match &mut self.decision {
            Decision::Refused(errors) => errors.push(error),
            decision => *decision = Decision::Refused(vec![error]),
        }
    }

    /// What it takes up, where it will be done.
    fn room(&self) -> Option<(&Path, Room)> {
        match &self.decision {
            Decision::Run(job) => Some((&self.output, job.room?)),
            _ => None,
        }
    }
}

impl PreparedBatch {
    /// The jobs, in the order in which they were given.
    pub fn jobs(&self) -> &[PreparedJob] {
        &self.jobs
    }

    /// Disks that have not enough room for what is to be written there.
    pub fn no_room(&self) -> &[NoRoom] {
        &self.no_room
    }

    /// How long it took.
    pub fn seconds(&self) -> Duration {
        self.seconds
    }

    /// Whether nothing will be written: a job is refused, or there is no room for all, and the batch is not to keep going.
    pub fn is_refused(&self) -> bool {
        let refused = |job: &PreparedJob| matches!(job.decision, Decision::Refused(_));
        !self.options.keep_going && (!self.no_room.is_empty() || self.jobs.iter().any(refused))
    }
}
