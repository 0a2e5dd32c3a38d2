//! Plans what is open.
//!
//! - In: [`OpenedSplice`].
//! - Out: [`PlannedSplice`]: the plan, and the movies of the plan in its order.
//! - Holds: every clip frame of the plan is a frame of its clip's kind; the target is none of the sources; nothing is
//!   created.
//! - Not here: opening (`open`), the places of bytes (`lay_out`).

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use intercut_io::interval::PHASE;
use intercut_io::{Cancel, IoError, Target};
use tracing::debug_span;

use super::open::{Cost, OpenedSplice};
use super::{SpliceError, SpliceOptions};
use crate::content::ContentCost;
use crate::discover::OpenMovie;
use crate::frame_check::{self, FrameCheck};
use crate::list::is_same_name;
use crate::plan::{
    self, LeftOut, MovieFacts, PlaceOptions, PlanError, Planned, Reason, Refusal, SplicePlan,
};
use crate::units::ClipIndex;

/// Block size of a plan that is made for no particular filesystem, in bytes.
const ALIGNMENT_DEFAULT: u64 = 4096;

/// A splice that is planned. Nothing has been created.
#[derive(Debug)]
pub struct PlannedSplice {
    pub(super) output: Option<PathBuf>,
    pub(super) options: SpliceOptions,
    pub(super) plan: SplicePlan,
    /// How the clips were placed, if that is known.
    pub(super) place: Option<PlaceOptions>,
    pub(super) base: OpenMovie,
    /// In the order of the plan.
    pub(super) clips: Vec<OpenMovie>,
    pub(super) frame_check: FrameCheck,
    /// What the content check cost, if one was made.
    pub(super) content_cost: Option<ContentCost>,
    pub(super) cost: Cost,
}

impl OpenedSplice {
    /// Plans the splice, or checks that the plan that is replayed fits its movies.
    ///
    /// - Without an output (planning only) the plan is for an alignment of 4096 bytes.
    ///
    /// # Errors
    /// [`SpliceError::Plan`], [`SpliceError::Replay`]; [`SpliceError::Io`] where the target is one of the movies.
    pub fn plan(self) -> Result<PlannedSplice, SpliceError> {
        let start = Instant::now();
        let cancel = self.cancel.clone();
        let (output, options) = (self.splice.output.clone(), self.splice.options);
        let place = self.splice.is_place_known.then(|| self.splice.place.clone());
        let (plan, base, clips, mut cost, frame_check) = match self.splice.plan.clone() {
            Some(plan) => {
                let Self { base, clips, cost, .. } = self;
                let facts: Vec<MovieFacts<'_>> = clips.iter().map(MovieFacts::of).collect();
                plan.check_against(&MovieFacts::of(&base), &facts)?;
                let checked =
                    frame_check::check(&plan, &base.movie, &by_reference(&clips), &cancel)?;
                if !checked.hollow.is_empty() {
                    return Err(refused(&plan, &checked).into());
                }
                (plan, base, clips, cost, checked)
            }
            None => self.plan_and_check(&cancel)?,
        };
        if let Some(output) = &output {
            let sources = std::iter::once(&base).chain(&clips).map(|open| &open.source);
            Target::check(output, options.replace, sources)?;
        }
        cost.setup += start.elapsed();
        let content_cost = None;
        let planned = PlannedSplice {
            output,
            options,
            plan,
            place,
            base,
            clips,
            frame_check,
            content_cost,
            cost,
        };
        Ok(planned)
    }

    /// Plans, and looks at the frames that the plan uses. If refused clips are skipped, plans again without the damaged
    /// ones, whose frames may fall to others.
    fn plan_and_check(self, cancel: &Cancel) -> Result<Checked, SpliceError> {
        let Self { splice, base, mut clips, lists, mut ranks, unreadable, cost, .. } = self;
        let mut left_out: Vec<LeftOut> = unreadable.iter().map(left_out_by).collect();
        let is_refused = !unreadable.is_empty() && (!splice.place.skip_refused || clips.is_empty());
        let alignment = splice.target_path().map_or(Ok(ALIGNMENT_DEFAULT), Target::alignment)?;
        loop {
            let phase = debug_span!(target: PHASE, "plan").entered();
            let facts = clips.iter().zip(&ranks);
            let facts: Vec<MovieFacts<'_>> =
                facts.map(|(clip, rank)| MovieFacts::of(clip).ranked(*rank)).collect();
            let base_facts = MovieFacts::of(&base);
            let planned =
                plan::plan_by_lists(&base_facts, &facts, &lists, &splice.place, alignment);
            let Planned { mut plan, clip_order } = match planned {
                Ok(planned) if !is_refused => planned,
                other => {
                    let mut error = with_unreadable(other, unreadable);
                    add_hollow(&mut error, &base, &clips, cancel)?;
                    return Err(error.into());
                }
            };
            drop(phase);
            let (used, unused) = in_order(clips, &clip_order);
            let checked = frame_check::check(&plan, &base.movie, &by_reference(&used), cancel)?;
            if checked.hollow.is_empty() {
                plan.left_out.extend(left_out);
                plan.left_out.sort();
                return Ok((plan, base, used, cost, checked));
            }
            let skips = splice.place.skip_refused && checked.hollow.len() < used.len();
            if !skips {
                return Err(refused(&plan, &checked).into());
            }
            let hollow: HashSet<ClipIndex> = checked.hollow.iter().map(|(clip, _)| *clip).collect();
            for (clip, reason) in &checked.hollow {
                let path = used[clip.get()].source.path().to_owned();
                left_out.push(left_out_by(&Refusal { path, reason: reason.clone() }));
            }
            let used = used.into_iter().zip(clip_order).enumerate();
            let sound = used.filter(|(clip, _)| !hollow.contains(&ClipIndex::new(*clip)));
            let mut rest: Vec<(usize, OpenMovie)> =
                sound.map(|(_, (clip, given))| (given, clip)).chain(unused).collect();
            rest.sort_by_key(|(given, _)| *given);
            ranks = rest.iter().map(|(given, _)| ranks[*given]).collect();
            clips = rest.into_iter().map(|(_, clip)| clip).collect();
        }
    }
}

/// A plan, its movies, what it cost to open them, and what was found of its frames.
type Checked = (SplicePlan, OpenMovie, Vec<OpenMovie>, Cost, FrameCheck);

fn left_out_by(refusal: &Refusal) -> LeftOut {
    let Refusal { path, reason } = refusal;
    LeftOut { path: path.clone(), code: reason.code().to_owned(), reason: reason.to_string() }
}

/// The refusal of a plan some of whose clips cannot be read, with whatever else is wrong with the others.
fn with_unreadable(planned: Result<Planned, PlanError>, unreadable: Vec<Refusal>) -> PlanError {
    let mut error = match planned {
        Ok(Planned { plan, .. }) => {
            let placed = Some(plan).filter(|plan| !plan.clips.is_empty()).map(Box::new);
            PlanError { placed, ..PlanError::new(Vec::new()) }
        }
        Err(error) => error,
    };
    // An option for a clip that cannot be read names one that is there all the same.
    let is_unreadable = |refusal: &Refusal| {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let named = |other: &Refusal| match (name(&other.path), name(&refusal.path)) {
            (Some(one), Some(other)) => is_same_name(&one, &other),
            _ => false,
        };
        matches!(
            refusal.reason,
            Reason::AtNamesNoClip | Reason::EventNamesNoClip | Reason::OptionsForNoClip
        ) && unreadable.iter().any(named)
    };
    error.refusals.retain(|refusal| !is_unreadable(refusal));
    error.refusals.extend(unreadable);
    error
}

/// The refusal of a plan for the damaged frames of its clips.
fn refused(plan: &SplicePlan, checked: &FrameCheck) -> PlanError {
    let refusals = hollow(plan, checked).collect();
    PlanError { refusals, placed: Some(Box::new(plan.clone())) }
}

/// Adds the damaged frames among those that could be placed to a plan that is refused anyway, so that they are told with
/// the rest.
fn add_hollow(
    error: &mut PlanError,
    base: &OpenMovie,
    clips: &[OpenMovie],
    cancel: &Cancel,
) -> Result<(), IoError> {
    let Some(placed) = &error.placed else { return Ok(()) };
    let by_path: HashMap<&Path, &OpenMovie> =
        clips.iter().map(|clip| (clip.source.path(), clip)).collect();
    let used: Vec<&OpenMovie> =
        placed.clips.iter().filter_map(|clip| by_path.get(&*clip.path).copied()).collect();
    let checked = frame_check::check(placed, &base.movie, &used, cancel)?;
    let found: Vec<Refusal> = hollow(placed, &checked).collect();
    error.refusals.extend(found);
    Ok(())
}

/// A refusal for each clip that has damaged frames.
fn hollow<'a>(plan: &'a SplicePlan, checked: &'a FrameCheck) -> impl Iterator<Item = Refusal> + 'a {
    checked.hollow.iter().map(|(clip, reason)| Refusal {
        path: plan.clips[clip.get()].path.clone(),
        reason: reason.clone(),
    })
}

fn by_reference(clips: &[OpenMovie]) -> Vec<&OpenMovie> {
    clips.iter().collect()
}

/// The clips of a plan, in its order, and the others, each with its place among those that were given.
fn in_order(clips: Vec<OpenMovie>, order: &[usize]) -> (Vec<OpenMovie>, Vec<(usize, OpenMovie)>) {
    let mut clips: Vec<Option<OpenMovie>> = clips.into_iter().map(Some).collect();
    let taken = order.iter().map(|&index| clips[index].take());
    let used = taken.map(|clip| clip.expect("a clip stands in a plan once")).collect();
    let unused = clips.into_iter().enumerate();
    (used, unused.filter_map(|(given, clip)| Some((given, clip?))).collect())
}

impl PlannedSplice {
    /// The plan.
    pub fn plan(&self) -> &SplicePlan {
        &self.plan
    }

    /// The movie that is spliced into.
    pub fn base(&self) -> &OpenMovie {
        &self.base
    }

    /// The clips of the plan, in its order.
    pub fn clips(&self) -> &[OpenMovie] {
        &self.clips
    }
}
