//! Everything that is decided before the first byte is written.
//!
//! ```text
//! outputs (none twice) ──▶ folders ──▶ each job: lock, sidecar, plan, layout, room ──▶ decisions ──▶ room for all
//! ```
//!
//! - In: [`Batch`].
//! - Out: [`PreparedBatch`]: for each job every reason against it, or its plan and whether it has to be made.
//! - Holds: no file is open any more, and of a job its plan alone is kept: memory does not grow with the headers of all
//!   movies. When its turn comes the plan is replayed, which fails where a file has changed meanwhile.
//! - Not here: running (`run`).

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use intercut_io::{Cancel, Control, FileId, IoError, OutputLock, Replace, Room};

use super::change::Change;
use super::compare::{Comparison, compare};
use super::error::JobError;
use super::folders::Folders;
use super::output::{Found, conflicts};
use super::space::{self, NoRoom};
use super::{Batch, BatchOptions, NoteAttempts, UnplacedClip};
use crate::discover::PassedOver;
use crate::in_place::History;
use crate::plan::{FileStamp, LeftOut, PlaceOptions, SplicePlan};
use crate::sidecar::JobNote;
use crate::splice::{Splice, SpliceError, SpliceOptions};
use crate::workers::at_a_time;

/// A batch that is planned. Nothing has been written.
#[derive(Debug)]
pub struct PreparedBatch {
    pub(super) jobs: Vec<PreparedJob>,
    pub(super) no_room: Vec<NoRoom>,
    pub(super) unplaced: Vec<UnplacedClip>,
    pub(super) options: BatchOptions,
    /// When it began.
    pub(super) started: SystemTime,
    pub(super) seconds: Duration,
    /// Once it is set, no job is begun any more.
    pub(super) stop: Cancel,
    /// Those of them that stay empty go with the batch.
    _folders: Folders,
}

/// What was found about one job.
#[derive(Debug)]
#[non_exhaustive]
pub struct PreparedJob {
    /// Its place in the batch as it was given, counted from 0.
    pub index: usize,
    /// The movie that is spliced into.
    pub base: PathBuf,
    /// The movie that is written.
    pub output: PathBuf,
    /// What will become of it.
    pub decision: Decision,
    /// What was passed over in folders, and why.
    pub passed_over: Vec<PassedOver>,
    /// What of it is noted in its sidecar.
    pub(super) noted: NoteAttempts,
}

/// What will become of a job.
#[derive(Debug)]
#[non_exhaustive]
pub enum Decision {
    /// It cannot be done, for these reasons.
    Refused(Vec<JobError>),
    /// Nothing changed since it was done.
    Skip(Box<PlannedJob>),
    /// Nothing changed since it was done, but it is to be verified further.
    Verify(Box<PlannedJob>),
    /// It will be done.
    Run(Box<PlannedJob>),
}

/// A job that can be done.
#[derive(Debug)]
#[non_exhaustive]
pub struct PlannedJob {
    /// Which samples go where.
    pub plan: SplicePlan,
    /// Length of the output in bytes.
    pub bytes: u64,
    /// Why it has to be done; empty if it has not.
    pub reasons: Vec<Change>,
    /// What it takes up; `None` if nothing is to be written.
    pub(super) room: Option<Room>,
    pub(super) options: SpliceOptions,
    pub(super) place: PlaceOptions,
    /// What has the output's name and may be replaced.
    pub(super) existing: Option<FileStamp>,
    /// Keeps other processes from the output; `None` if nothing is to be done.
    pub(super) lock: Option<OutputLock>,
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
        let chosen = self.chosen();
        let mut make = |path: &Path| folders.make(&conflicts::folder_of(path)).err();
        let unmade: Vec<Option<IoError>> =
            chosen.iter().map(|job| self.jobs[*job].output_path().and_then(&mut make)).collect();
        if self.tasks.is_some() {
            // Another task may be about to write there.
            folders.keep();
        }
        let few = NonZeroUsize::new(rayon::current_num_threads()).unwrap_or(NonZeroUsize::MIN);
        let same = conflicts::same(&self.output_paths());
        let planned = at_a_time(few, chosen.len(), |nth| {
            let job = chosen[nth];
            // One of two that write the same file would be kept out by the other.
            let is_alone = same[job].is_none();
            let can_be = unmade[nth].is_none().then_some(is_alone);
            self.plan_job(job, can_be, &outputs, control)
        });
        if let Err(cancelled) = control.cancel.check() {
            // Each lets go of its output.
            drop(planned);
            self.note_unplanned("cancelled", &cancelled.to_string(), true);
            return Err(cancelled);
        }
        let (mut jobs, sources): (Vec<PreparedJob>, Vec<_>) =
            planned.into_iter().map(|planned| (planned.job, planned.sources)).unzip();
        for (job, error) in jobs.iter_mut().zip(unmade) {
            error.into_iter().for_each(|error| job.refuse(error.into()));
        }
        self.refuse_conflicts(&mut jobs, &same, sources);
        let rooms: Vec<(&Path, Room)> = jobs.iter().filter_map(PreparedJob::room).collect();
        let no_room = space::check(&rooms, self.options.jobs_at_a_time.get());
        let (options, seconds) = (self.options, start.elapsed());
        let unplaced = self.unplaced.clone();
        Ok(PreparedBatch {
            jobs,
            no_room,
            unplaced,
            options,
            started,
            seconds,
            stop: Cancel::default(),
            _folders: folders,
        })
    }

    /// Plans one job and decides what will become of it.
    ///
    /// - `can_be_locked`: whether no other job of the batch has the same output; `None` if there is no folder for it, so
    ///   that nothing is looked at.
    fn plan_job(
        &self,
        index: usize,
        can_be_locked: Option<bool>,
        outputs: &[PathBuf],
        control: &Control,
    ) -> Planned {
        let splice = &self.jobs[index];
        let base = splice.base_path().to_owned();
        let output = splice.output_path().map(Path::to_owned).unwrap_or_default();
        let mut sources: Vec<FileId> = FileId::at(&base).into_iter().collect();
        let decision = Decision::Refused(Vec::new());
        let noted = self.options.note_attempts;
        let mut job = PreparedJob { index, base, output, decision, passed_over: Vec::new(), noted };
        if let Some(can_be_locked) = can_be_locked {
            let mut judge = Judge {
                options: &self.options,
                splice,
                outputs,
                passed_over: &mut job.passed_over,
                noted: &mut job.noted,
                sources: &mut sources,
                control,
            };
            job.decision = judge.decide(can_be_locked).unwrap_or_else(Decision::Refused);
        }
        Planned { job, sources }
    }
}

/// Decides about one job.
struct Judge<'a> {
    options: &'a BatchOptions,
    splice: &'a Splice,
    outputs: &'a [PathBuf],
    passed_over: &'a mut Vec<PassedOver>,
    noted: &'a mut NoteAttempts,
    sources: &'a mut Vec<FileId>,
    control: &'a Control,
}

impl Judge<'_> {
    /// Locks the output and looks at it, plans, and compares.
    fn decide(&mut self, can_be_locked: bool) -> Result<Decision, Vec<JobError>> {
        let Some(output) = self.splice.output_path().map(Path::to_owned) else {
            return Err(vec![SpliceError::NoOutput.into()]);
        };
        let one = |error: IoError| vec![JobError::from(error)];
        let lock = if can_be_locked {
            match OutputLock::take(&output) {
                Ok(lock) => Some(lock),
                Err(IoError::Locked { .. }) => return Err(vec![JobError::Busy { output }]),
                // Nobody writes there, so nobody has to be kept out.
                Err(error) if is_closed(&error) => None,
                Err(error) => return Err(one(error)),
            }
        } else {
            None
        };
        let found = Found::look(&output).map_err(one)?;
        if found.last_attempt.is_some() {
            *self.noted = NoteAttempts::All;
        }
        let foreign = found.foreign.filter(|_| !self.options.force);
        let foreign = foreign.map(|reason| JobError::Foreign { output: output.clone(), reason });
        let foreign = foreign.or_else(|| match found.is_changed_in_place && !self.options.force {
            true => Some(self.changed_in_place(&output, &found)),
            false => None,
        });
        match (self.plan(&output, &found), foreign) {
            (Ok(mut job), None) => {
                let is_verified_only = matches!(job.reasons[..], [Change::Verify { .. }]);
                if job.reasons.is_empty() {
                    return Ok(Decision::Skip(Box::new(job)));
                }
                job.lock = lock;
                let job = Box::new(job);
                Ok(if is_verified_only { Decision::Verify(job) } else { Decision::Run(job) })
            }
            (Ok(_), Some(foreign)) => Err(vec![foreign]),
            // That no batch has made a source is nothing to be told.
            (Err(error), _) if is_source(&error) => Err(vec![error]),
            (Err(error), foreign) => Err(foreign.into_iter().chain([error]).collect()),
        }
    }

    /// Why an output is not made again that was changed in place.
    fn changed_in_place(&self, output: &Path, found: &Found) -> JobError {
        let changed = found.sidecar.as_ref().and_then(|sidecar| sidecar.in_place.as_ref());
        let history = History::read(output, &self.control.cancel);
        let history = history.map_or(Vec::new(), |history| history.sentences());
        let inserts = changed.map_or(0, |changed| changed.inserts);
        JobError::ChangedInPlace { output: output.to_owned(), inserts, history }
    }

    /// Plans the job and says why it has to be done.
    fn plan(&mut self, output: &Path, found: &Found) -> Result<PlannedJob, JobError> {
        // Whether it may be replaced was just found out.
        let options = self.splice.splice_options().replace(Replace::Allow);
        let splice = self.splice.clone().made_absolute()?.finished(self.outputs).options(options);
        let opened = splice.open(self.control)?;
        self.passed_over.extend_from_slice(opened.passed_over());
        self.sources.extend(opened.source_files());
        let planned = opened.plan()?;
        if planned.plan().clips.is_empty() {
            return Err(JobError::NoClips { base: splice.base_path().to_owned() });
        }
        let Comparison { changes, removed } = match &found.sidecar {
            Some(sidecar) => compare(sidecar, planned.plan(), &options, output)?,
            None => Comparison::default(),
        };
        if !removed.is_empty() && !splice.place_options().allow_removed_clips {
            return Err(JobError::RemovedClips { output: output.to_owned(), clips: removed });
        }
        let reasons = self.reasons(found, changes);
        let is_written = reasons.iter().any(|reason| !matches!(reason, Change::Verify { .. }));
        let planned = match is_written {
            true => planned.check_content(&Control {
                cancel: self.control.cancel.clone(),
                ..Control::default()
            })?,
            false => planned,
        };
        let laid_out = planned.lay_out()?;
        let bytes = laid_out.layout().schedule().len();
        let mut plan = laid_out.plan().clone();
        plan.left_out.extend(removed.iter().map(|clip| LeftOut {
            path: clip.path.clone(),
            code: "removed_clip".to_owned(),
            reason: clip.to_string(),
        }));
        plan.left_out.sort();
        let room = if is_written { Some(laid_out.room()?) } else { None };
        let existing = found.existing;
        let place = splice.place_options().clone();
        Ok(PlannedJob { plan, bytes, reasons, room, options, place, existing, lock: None })
    }

    /// Why the job has to be done; empty if it has not.
    fn reasons(&self, found: &Found, changes: Vec<Change>) -> Vec<Change> {
        match (found.existing, &found.sidecar) {
            (None, None) => vec![Change::NotMade],
            (None, Some(_)) => vec![Change::OutputGone],
            _ if self.options.force => vec![Change::Forced],
            _ if found.is_as_written => changes,
            _ => vec![Change::Interrupted],
        }
    }
}

/// Whether the folder of an output takes no new files.
fn is_closed(error: &IoError) -> bool {
    let IoError::Failed { source, .. } = error else { return false };
    matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// Whether the output is one of the job's own sources.
fn is_source(error: &JobError) -> bool {
    matches!(error, JobError::Splice(SpliceError::Io(IoError::TargetIsSource { .. })))
}

impl PreparedJob {
    /// The job as it would be done, unless it is refused.
    pub fn planned(&self) -> Option<&PlannedJob> {
        match &self.decision {
            Decision::Refused(_) => None,
            Decision::Skip(job) | Decision::Verify(job) | Decision::Run(job) => Some(job),
        }
    }

    /// Why it is refused, or has to be done; empty if nothing changed.
    pub fn notes(&self) -> Vec<JobNote> {
        match &self.decision {
            Decision::Refused(errors) => errors.iter().flat_map(JobError::notes).collect(),
            _ => {
                let reasons = self.planned().into_iter().flat_map(|job| &job.reasons);
                reasons.map(JobNote::from).collect()
            }
        }
    }

    /// Clips that were given and will not be in the output.
    pub fn left_out(&self) -> &[LeftOut] {
        self.planned().map_or(&[], |job| &job.plan.left_out)
    }

    /// Refuses the job for a reason because of which its output must not be replaced whatever is said.
    pub(super) fn refuse_for_good(&mut self, error: JobError) {
        if let Decision::Refused(errors) = &mut self.decision {
            errors.retain(|error| !matches!(error, JobError::Foreign { .. }));
        }
        self.refuse(error);
    }

    pub(super) fn refuse(&mut self, error: JobError) {
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

    /// Clips that were given and are in no job.
    pub fn unplaced(&self) -> &[UnplacedClip] {
        &self.unplaced
    }

    /// Drops jobs from the batch, and lets others have their outputs. They are in no report.
    pub fn retain(&mut self, keep: impl FnMut(&PreparedJob) -> bool) {
        self.jobs.retain(keep);
    }

    /// Begins no job any more once `stop` is set; those that run come to their end.
    #[must_use]
    pub fn stopped_by(mut self, stop: Cancel) -> Self {
        self.stop = stop;
        self
    }

    /// How long it took.
    pub fn seconds(&self) -> Duration {
        self.seconds
    }

    /// Whether nothing will be written: a job or a clip is refused, or there is no room for all, and the batch is not to
    /// keep going.
    pub fn is_refused(&self) -> bool {
        let refused = |job: &PreparedJob| matches!(job.decision, Decision::Refused(_));
        let is_any = self.jobs.iter().any(refused)
            || self.unplaced.iter().any(|clip| clip.is_refused)
            || !self.no_room.is_empty();
        is_any && !self.options.keep_going
    }
}
