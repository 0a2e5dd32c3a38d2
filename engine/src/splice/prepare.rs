//! Plans what is open, and lays it out.
//!
//! - In: [`Opened`].
//! - Out: [`Prepared`]: the plan, and the movies of the plan in its order; then [`Ready`].
//! - Holds: the target is none of the sources; nothing is created.
//! - Not here: opening (`open`), writing (`execute`).

use std::path::PathBuf;
use std::time::Instant;

use intercut_io::interval::PHASE;
use intercut_io::{Control, Source, Target};
use tracing::debug_span;

use super::execute::Ready;
use super::open::{Cost, Opened};
use super::{Splice, SpliceError, SpliceOptions};
use crate::discover::OpenMovie;
use crate::layout::{Layout, LayoutOptions};
use crate::movie::Movie;
use crate::plan::{self, MovieFacts, Planned, SplicePlan};

/// Block size of a plan that is made for no particular filesystem, in bytes.
const ALIGNMENT_DEFAULT: u64 = 4096;

/// A splice that is planned. Nothing has been created.
#[derive(Debug)]
pub struct Prepared {
    output: Option<PathBuf>,
    options: SpliceOptions,
    plan: SplicePlan,
    base: OpenMovie,
    /// In the order of the plan.
    clips: Vec<OpenMovie>,
    cost: Cost,
}

impl Splice {
    /// Checks that the target can be written, opens the base and the clips, and plans.
    ///
    /// # Errors
    /// As [`Splice::open`] and [`Opened::plan`].
    pub fn prepare(&self, control: &Control) -> Result<Prepared, SpliceError> {
        self.open(control)?.plan()
    }
}

impl Opened {
    /// Plans the splice, or checks that the plan that is replayed fits its movies.
    ///
    /// - Without an output (planning only) the plan is for an alignment of 4096 bytes.
    ///
    /// # Errors
    /// [`SpliceError::Plan`], [`SpliceError::Replay`]; [`SpliceError::Io`] where the target is one of the movies.
    pub fn plan(self) -> Result<Prepared, SpliceError> {
        let start = Instant::now();
        let Self { splice, base, clips, ranks, left_out, mut cost, .. } = self;
        let Splice { output, place, options, plan, .. } = splice;
        let (plan, clips) = match plan {
            Some(plan) => {
                plan.check_against(&base, &clips)?;
                (plan, clips)
            }
            None => {
                let alignment =
                    output.as_deref().map_or(Ok(ALIGNMENT_DEFAULT), Target::alignment)?;
                let _phase = debug_span!(target: PHASE, "plan").entered();
                let facts = clips.iter().zip(&ranks);
                let facts: Vec<MovieFacts<'_>> =
                    facts.map(|(clip, rank)| MovieFacts::of(clip).ranked(*rank)).collect();
                let Planned { mut plan, clip_order } =
                    plan::plan_facts(&MovieFacts::of(&base), &facts, &place, alignment)?;
                plan.warnings.extend(left_out);
                (plan, in_order(clips, &clip_order))
            }
        };
        if let Some(output) = &output {
            let sources = std::iter::once(&base).chain(&clips).map(|open| &open.source);
            Target::check(output, options.replace, sources)?;
        }
        cost.setup += start.elapsed();
        Ok(Prepared { output, options, plan, base, clips, cost })
    }
}

/// The clips of a plan, in its order.
fn in_order(clips: Vec<OpenMovie>, order: &[usize]) -> Vec<OpenMovie> {
    let mut clips: Vec<Option<OpenMovie>> = clips.into_iter().map(Some).collect();
    let taken = order.iter().map(|&index| clips[index].take());
    taken.map(|clip| clip.expect("a clip stands in a plan once")).collect()
}

impl Prepared {
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

    /// Lays the target out: the end of setup.
    ///
    /// # Errors
    /// [`SpliceError::NoOutput`], [`SpliceError::Layout`].
    pub fn layout(self) -> Result<Ready, SpliceError> {
        let start = Instant::now();
        let Self { output, options, plan, base, clips, mut cost } = self;
        let output = output.ok_or(SpliceError::NoOutput)?;
        let _phase = debug_span!(target: PHASE, "layout").entered();
        let movies: Vec<&Movie> = clips.iter().map(|clip| &clip.movie).collect();
        let layout_options = LayoutOptions { faststart: options.faststart };
        let layout = Layout::new(&base.movie, &movies, &plan, layout_options)?;
        let opened = std::iter::once(base).chain(clips);
        let (sources, movies): (Vec<Source>, Vec<Movie>) =
            opened.map(|open| (open.source, open.movie)).unzip();
        cost.setup += start.elapsed();
        Ok(Ready { output, options, plan, sources, movies, layout, cost })
    }
}
