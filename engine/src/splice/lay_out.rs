//! Lays a planned splice out: the end of setup.
//!
//! - In: [`PlannedSplice`].
//! - Out: [`LaidOutSplice`]: every byte of the target has its place, nothing has been created.
//! - Not here: where the bytes go (`layout`), writing them (`write`).

use std::path::PathBuf;
use std::time::{Duration, Instant};

use intercut_io::interval::PHASE;
use intercut_io::process::cpu_time;
use intercut_io::{Room, Source};
use tracing::debug_span;

use super::open::Cost;
use super::plan::PlannedSplice;
use super::report::{Report, Times};
use super::{SpliceError, SpliceOptions};
use crate::frame_check::FrameCheck;
use crate::layout::{Layout, LayoutOptions};
use crate::movie::Movie;
use crate::plan::{PlaceOptions, SplicePlan};

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
    pub(super) frame_check: FrameCheck,
    pub(super) cost: Cost,
}

impl PlannedSplice {
    /// Lays the target out.
    ///
    /// # Errors
    /// [`SpliceError::NoOutput`], [`SpliceError::Layout`].
    pub fn lay_out(self) -> Result<LaidOutSplice, SpliceError> {
        let start = Instant::now();
        let Self { output, options, plan, place, base, clips, frame_check, mut cost } = self;
        let output = output.ok_or(SpliceError::NoOutput)?;
        let _phase = debug_span!(target: PHASE, "layout").entered();
        let movies: Vec<&Movie> = clips.iter().map(|clip| &clip.movie).collect();
        let layout_options = LayoutOptions { faststart: options.faststart };
        let layout = Layout::new(&base.movie, &movies, &plan, layout_options)?;
        let opened = std::iter::once(base).chain(clips);
        let (sources, movies): (Vec<Source>, Vec<Movie>) =
            opened.map(|open| (open.source, open.movie)).unzip();
        cost.setup += start.elapsed();
        Ok(LaidOutSplice {
            output,
            options,
            plan,
            place,
            sources,
            movies,
            layout,
            frame_check,
            cost,
        })
    }
}

impl LaidOutSplice {
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
        report.place = self.place.clone();
        report.frames_checked = frame_check.frames;
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
