//! Plans what is open.
//!
//! - In: [`OpenedSplice`].
//! - Out: [`PlannedSplice`]: the plan, and the movies of the plan in its order.
//! - Holds: the target is none of the sources; nothing is created.
//! - Not here: opening (`open`), the places of bytes (`lay_out`).

use std::path::PathBuf;
use std::time::Instant;

use intercut_io::Target;
use intercut_io::interval::PHASE;
use tracing::debug_span;

use super::open::{Cost, OpenedSplice};
use super::{Splice, SpliceError, SpliceOptions};
use crate::discover::OpenMovie;
use crate::plan::{self, MovieFacts, Planned, SplicePlan};

/// Block size of a plan that is made for no particular filesystem, in bytes.
const ALIGNMENT_DEFAULT: u64 = 4096;

/// A splice that is planned. Nothing has been created.
#[derive(Debug)]
pub struct PlannedSplice {
    pub(super) output: Option<PathBuf>,
    pub(super) options: SpliceOptions,
    pub(super) plan: SplicePlan,
    pub(super) base: OpenMovie,
    /// In the order of the plan.
    pub(super) clips: Vec<OpenMovie>,
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
        let Self { splice, base, clips, ranks, left_out, mut cost, .. } = self;
        let Splice { output, place, options, plan, .. } = splice;
        let (plan, clips) = match plan {
            Some(plan) => {
                let facts: Vec<MovieFacts<'_>> = clips.iter().map(MovieFacts::of).collect();
                plan.check_against(&MovieFacts::of(&base), &facts)?;
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
                    plan::plan(&MovieFacts::of(&base), &facts, &place, alignment)?;
                plan.left_out.extend(left_out);
                plan.left_out.sort();
                (plan, in_order(clips, &clip_order))
            }
        };
        if let Some(output) = &output {
            let sources = std::iter::once(&base).chain(&clips).map(|open| &open.source);
            Target::check(output, options.replace, sources)?;
        }
        cost.setup += start.elapsed();
        Ok(PlannedSplice { output, options, plan, base, clips, cost })
    }
}

/// The clips of a plan, in its order.
fn in_order(clips: Vec<OpenMovie>, order: &[usize]) -> Vec<OpenMovie> {
    let mut clips: Vec<Option<OpenMovie>> = clips.into_iter().map(Some).collect();
    let taken = order.iter().map(|&index| clips[index].take());
    taken.map(|clip| clip.expect("a clip stands in a plan once")).collect()
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
