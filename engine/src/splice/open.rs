//! Checks the target, finds the clips, opens the movies.
//!
//! - In: a [`Splice`].
//! - Out: [`OpenedSplice`]: the base and the clips that were given, in the order in which they were found.
//! - Holds: what cannot be written is refused before anything is opened; nothing is created; who cancels waits for
//!   one read.
//! - Not here: where the clips go (`plan`).

use std::iter::repeat_n;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use intercut_io::process::cpu_time;
use intercut_io::{Cancel, Control, FileId, Identity, IoError, Target};

use super::{OwnBase, Splice, SpliceError};
use crate::discover::{self, FoundClips, OpenError, OpenList, OpenMovie, PassedOver, SkipReason};
use crate::plan::{Rank, Reason, Refusal, SplicePlan};

/// What it cost to get this far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// When it began.
    pub(super) started: SystemTime,
    /// Time spent here, without what the caller did in between.
    pub(super) setup: Duration,
    /// The process's user and system time at the start.
    pub(super) cpu_start: (Duration, Duration),
}

/// A clip, and what it is.
type Ranked = (OpenMovie, Rank);

/// A splice whose movies are open. Nothing is planned, nothing has been created.
#[derive(Debug)]
pub struct OpenedSplice {
    pub(super) splice: Splice,
    pub(super) base: OpenMovie,
    pub(super) clips: Vec<OpenMovie>,
    pub(super) lists: Vec<OpenList>,
    /// What each clip is; of no matter where a plan is replayed.
    pub(super) ranks: Vec<Rank>,
    /// Each clip that is damaged or not supported.
    pub(super) unreadable: Vec<Refusal>,
    pub(super) cost: Cost,
    pub(super) cancel: Cancel,
    passed_over: Vec<PassedOver>,
}

impl Splice {
    /// Checks that the target can be written, and opens the base and the clips, or the movies of the plan that is replayed.
    ///
    /// - `control`: cancels before each entry of a folder and before each read.
    ///
    /// # Errors
    /// [`SpliceError::Io`], [`SpliceError::Open`].
    pub fn open(&self, control: &Control) -> Result<OpenedSplice, SpliceError> {
        let (started, start, cpu_start) = (SystemTime::now(), Instant::now(), cpu_time());
        let cancel = &control.cancel;
        cancel.check()?;
        if let Some(output) = &self.output {
            self.must_be_no_source(output)?;
            if !self.is_only_planned {
                Target::check(output, self.options.replace, &[])?;
            }
        }
        let (base, clips, ranks, unreadable, passed_over) = match &self.plan {
            Some(plan) => {
                let (base, clips) = (self.open_base(cancel)?, open_clips_of(plan, cancel)?);
                (base, clips, Vec::new(), Vec::new(), Vec::new())
            }
            None => {
                let movies = self.clips.iter().chain(&self.vfx);
                // Those behind links that lead nowhere are found, and refused by the plan.
                let movies = movies.filter(|path| !discover::is_offline_movie(path));
                must_be_there(movies.chain(&self.lists))?;
                let results: Vec<PathBuf> =
                    self.finished.iter().chain(&self.output).cloned().collect();
                let found =
                    discover::find_clips(&self.clips, &self.vfx, &self.base, &results, cancel)?;
                let base = self.open_base(cancel)?;
                self.must_replace_a_result(&found, cancel)?;
                let (clips, unreadable) = self.open_clips(&found, cancel)?;
                let (clips, ranks) = clips.into_iter().unzip();
                (base, clips, ranks, unreadable, found.passed_over)
            }
        };
        let lists = match &self.plan {
            Some(_) => Vec::new(),
            None => self.open_lists(cancel)?,
        };
        let cost = Cost { started, setup: start.elapsed(), cpu_start };
        let (mut splice, cancel) = (self.clone(), cancel.clone());
        splice.output = splice.output.filter(|_| !self.is_only_planned);
        Ok(OpenedSplice {
            splice,
            base,
            clips,
            lists,
            ranks,
            unreadable,
            cost,
            cancel,
            passed_over,
        })
    }

    /// Refuses an output that is named as a source, too, before anything is said about replacing it.
    fn must_be_no_source(&self, output: &Path) -> Result<(), IoError> {
        let clips = self.clips.iter().chain(&self.vfx).chain(&self.lists);
        let sources = std::iter::once(&self.base).chain(clips);
        discover::must_be_none_of(output, sources.map(PathBuf::as_path))
    }

    /// Opens the base.
    fn open_base(&self, cancel: &Cancel) -> Result<OpenMovie, OpenError> {
        let opened = discover::open(&self.base, cancel);
        let Some(OwnBase { growing }) = self.in_place else { return opened };
        match opened {
            Ok(base) => Ok(OpenMovie { growing, ..base }),
            Err(OpenError::Movie { path, source, .. }) => {
                Err(OpenError::Movie { path, source, growing })
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses an output that lies among the clips, unless it is what an earlier splice into this base made: its name may be
    /// that of a clip by mistake.
    fn must_replace_a_result(
        &self,
        found: &FoundClips,
        cancel: &Cancel,
    ) -> Result<(), SpliceError> {
        let Some(output) = &self.output else { return Ok(()) };
        let file = FileId::at(output);
        let is_output =
            |over: &PassedOver| over.reason == SkipReason::Output && FileId::at(&over.path) == file;
        if !found.passed_over.iter().any(is_output)
            || discover::is_earlier_result(output, &self.base, cancel)?
        {
            return Ok(());
        }
        let (path, source_path) = (output.clone(), output.clone());
        Err(IoError::TargetIsSource { path, source_path }.into())
    }

    /// Opens the edit lists. What is wrong with their content is for the planner to refuse.
    fn open_lists(&self, cancel: &Cancel) -> Result<Vec<OpenList>, OpenError> {
        let timeline = self.place.lists.timeline.as_deref();
        let lists = self.lists.iter();
        lists.map(|path| Ok(discover::open_list(path, timeline, cancel)?)).collect()
    }

    /// Opens the clips. Those that are damaged, not supported or not open to this user are refusals like others: the plan
    /// decides.
    fn open_clips(
        &self,
        found: &FoundClips,
        cancel: &Cancel,
    ) -> Result<(Vec<Ranked>, Vec<Refusal>), OpenError> {
        let paths: Vec<PathBuf> = found.paths.iter().chain(&found.vfx).cloned().collect();
        let ranks = repeat_n(Rank::Grade, found.paths.len());
        let ranks = ranks.chain(repeat_n(Rank::Vfx, found.vfx.len()));
        let (mut clips, mut unreadable, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (result, rank) in discover::open_each(&paths, cancel)?.into_iter().zip(ranks) {
            match result {
                Ok(clip) => clips.push((clip, rank)),
                Err(OpenError::Movie { path, source, growing: None }) => {
                    unreadable.push(Refusal { path, reason: Reason::Unreadable(source) });
                }
                Err(OpenError::Movie { path, growing: Some(how), .. }) => {
                    let reason = Reason::Growing { how, is_readable: false };
                    unreadable.push(Refusal { path, reason });
                }
                Err(OpenError::Dangling { path, target }) => {
                    unreadable.push(Refusal { path, reason: Reason::Dangling { target } });
                }
                Err(OpenError::NoPermission { path, source }) => {
                    let reason = Reason::NoPermission { detail: source.to_string() };
                    unreadable.push(Refusal { path, reason });
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok((clips, unreadable)) } else { Err(OpenError::together(errors)) }
    }
}

/// Tells every path that leads nowhere, not the first one alone.
fn must_be_there<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<(), OpenError> {
    let missing = |path: &PathBuf| {
        let error = std::fs::metadata(path).err()?;
        Some(OpenError::Io(IoError::failed("find", path)(error)))
    };
    let missing: Vec<OpenError> = paths.filter_map(missing).collect();
    if missing.is_empty() { Ok(()) } else { Err(OpenError::together(missing)) }
}

/// Opens the clips that a saved plan names.
fn open_clips_of(plan: &SplicePlan, cancel: &Cancel) -> Result<Vec<OpenMovie>, OpenError> {
    let paths: Vec<PathBuf> = plan.clips.iter().map(|clip| clip.path.clone()).collect();
    discover::open_all(&paths, cancel)
}

impl OpenedSplice {
    /// Which file the base is.
    pub(crate) fn base_identity(&self) -> &Identity {
        self.base.source.identity()
    }

    /// What was passed over in folders, and why: worth telling even if the plan is refused.
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// Which files were given, whether they are used or not.
    pub(crate) fn source_files(&self) -> impl Iterator<Item = FileId> + '_ {
        let movies = std::iter::once(&self.base).chain(&self.clips);
        movies.map(|open| open.source.identity().file())
    }
}
