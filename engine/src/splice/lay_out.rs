//! Lays a planned splice out: the end of setup.
//!
//! - In: [`PlannedSplice`].
//! - Out: [`LaidOutSplice`]: every byte of the target has its place, nothing has been created.
//! - Not here: where the bytes go (`layout`), writing them (`write`).

use std::path::PathBuf;
use std::time::{Duration, Instant};

use intercut_io::interval::PHASE;
use intercut_io::process::cpu_time;
use intercut_io::{Room, Source, Target};
use tracing::debug_span;

use super::open::Cost;
use super::plan::PlannedSplice;
use super::report::{Report, Times};
use super::{LayoutChoice, SpliceError, SpliceOptions};
use crate::append::{AppendError, Ground, InPlace, Insertion};
use crate::content::ContentCost;
use crate::discover::OpenMovie;
use crate::frame_check::FrameCheck;
use crate::layout::{Layout, LayoutOptions};
use crate::movie::Movie;
use crate::plan::{PlaceOptions, SplicePlan};
use crate::verify::ExpectedTarget;

/// A splice that is laid out: the first byte can be written. Nothing has been created.
#[derive(Debug)]
pub struct LaidOutSplice {
    pub(super) output: PathBuf,
    pub(super) options: SpliceOptions,
    pub(super) plan: SplicePlan,
    pub(super) place: Option<PlaceOptions>,
    /// The base, then the clips of the plan.
    pub(super) sources: Vec<Source>,
    /// What was read of each source.
    pub(super) movies: Vec<Movie>,
    pub(super) layout: Layout,
    /// What becomes of the base, if it is changed in place.
    pub(super) in_place: Option<InPlace>,
    pub(super) frame_check: FrameCheck,
    pub(super) content_cost: Option<ContentCost>,
    pub(super) cost: Cost,
}

impl PlannedSplice {
    /// Lays the target out.
    ///
    /// # Errors
    /// [`SpliceError::NoOutput`], [`SpliceError::Layout`]; [`SpliceError::Append`], [`SpliceError::HeaderOfClone`] and
    /// [`SpliceError::Io`] if the target is to be a clone and cannot be one.
    pub fn lay_out(self) -> Result<LaidOutSplice, SpliceError> {
        let output = self.output.clone().ok_or(SpliceError::NoOutput)?;
        let SpliceOptions { layout, replace, faststart, .. } = self.options;
        let to = output.clone();
        let lay_out = |base: &OpenMovie, clips: &[&Movie], plan: &SplicePlan| {
            let ordered = || Layout::new(&base.movie, clips, plan, LayoutOptions { faststart });
            let clone = || {
                // Gone with its descriptor: whether there can be one is known before anything is written.
                Target::clone_of(&base.source, &to, replace, [])?;
                continued(base, clips, plan)
            };
            Ok(match layout {
                LayoutChoice::Ordered => (ordered()?, ()),
                LayoutChoice::Append if faststart => return Err(SpliceError::HeaderOfClone),
                LayoutChoice::Append => (clone()?, ()),
                LayoutChoice::Auto if !faststart && Target::prefers_clones(&to) => match clone() {
                    Ok(layout) => (layout, ()),
                    Err(_) => (ordered()?, ()),
                },
                LayoutChoice::Auto => (ordered()?, ()),
            })
        };
        self.lay_out_by(output, lay_out).map(|(laid_out, ())| laid_out)
    }

    /// Lays the target out by `lay_out`, and returns what else that returns.
    ///
    /// # Errors
    /// Those of `lay_out`.
    pub(crate) fn lay_out_by<T, E>(
        self,
        output: PathBuf,
        lay_out: impl FnOnce(&OpenMovie, &[&Movie], &SplicePlan) -> Result<(Layout, T), E>,
    ) -> Result<(LaidOutSplice, T), E> {
        let start = Instant::now();
        let Self { options, plan, place, base, clips, frame_check, content_cost, mut cost, .. } =
            self;
        let _phase = debug_span!(target: PHASE, "layout").entered();
        let movies: Vec<&Movie> = clips.iter().map(|clip| &clip.movie).collect();
        let (layout, more) = lay_out(&base, &movies, &plan)?;
        let opened = std::iter::once(base).chain(clips);
        let (sources, movies): (Vec<Source>, Vec<Movie>) =
            opened.map(|open| (open.source, open.movie)).unzip();
        cost.setup += start.elapsed();
        let in_place = None;
        let splice = LaidOutSplice {
            output,
            options,
            plan,
            place,
            sources,
            movies,
            layout,
            in_place,
            frame_check,
            content_cost,
            cost,
        };
        Ok((splice, more))
    }
}

/// The base with what is new behind it.
fn continued(base: &OpenMovie, clips: &[&Movie], plan: &SplicePlan) -> Result<Layout, SpliceError> {
    let read = |buffer: &mut [u8], offset: u64| base.source.read_exact_at(buffer, offset);
    let ground = Ground { movie: &base.movie, read: &read, modified_ns: 0 };
    match Insertion::new(ground, clips, plan, None) {
        Ok(insertion) => Ok(insertion.layout),
        Err(AppendError::Io(error)) => Err(error.into()),
        Err(AppendError::Layout(error)) => Err(error.into()),
        Err(source) => Err(SpliceError::Append { path: base.source.path().to_owned(), source }),
    }
}

impl LaidOutSplice {
    /// The same splice, of which `in_place` is to be reported.
    pub(crate) fn changing_in_place(mut self, in_place: InPlace) -> Self {
        self.in_place = Some(in_place);
        self
    }

    /// The target as its sources have it.
    pub(crate) fn planned(&self) -> ExpectedTarget<'_> {
        let is_in_place = self.in_place.is_some();
        ExpectedTarget { schedule: self.layout.schedule(), sources: &self.sources, is_in_place }
    }

    /// The base, then the clips of the plan.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The plan.
    pub fn plan(&self) -> &SplicePlan {
        &self.plan
    }

    /// The place of every byte.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The space that the target will take up on its disk, found by trying.
    ///
    /// # Errors
    /// [`SpliceError::Io`] if the target cannot be created.
    pub fn room(&self) -> Result<Room, SpliceError> {
        let SpliceOptions { replace, route, .. } = self.options;
        Ok(Room::of(&self.output, replace, self.layout.schedule(), &self.sources, route)?)
    }

    /// The report of a run that ends here: what would be written.
    pub fn report(&self) -> Report {
        let Self { plan, layout, output, options, cost, frame_check, .. } = self;
        let mut report = Report::planned(plan, layout, output, *options, cost.started);
        report.in_place = self.in_place;
        report.place = self.place.clone();
        report.frames_checked = frame_check.frames;
        report.content_cost = self.content_cost;
        report.times = Times {
            setup: cost.setup,
            frame_check: frame_check.time,
            total: cost.setup,
            ..Times::default()
        };
        report.cpu_time = self.cpu_time();
        report
    }

    /// Processor time since the start of the splice.
    pub(super) fn cpu_time(&self) -> (Duration, Duration) {
        let ((user, system), start) = (cpu_time(), self.cost.cpu_start);
        (user.saturating_sub(start.0), system.saturating_sub(start.1))
    }
}
