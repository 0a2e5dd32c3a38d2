//! Checks the target, opens the movies, plans.
//!
//! - In: a [`Splice`].
//! - Out: [`Prepared`]: the plan, and the movies of the plan in its order.
//! - Holds: what cannot be written is refused before anything is opened; nothing is created.
//! - Not here: layout, writing (`execute`).

use std::error::Error;
use std::iter::repeat_n;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use intercut_io::process::cpu_seconds;
use intercut_io::{Source, Target};
use rayon::prelude::*;

use super::execute::Ready;
use super::{Splice, SpliceError, SpliceOptions};
use crate::discover::{self, FoundClips, OpenError, OpenMovie, PassedOver};
use crate::layout::{Layout, LayoutOptions};
use crate::movie::Movie;
use crate::plan::{self, MovieFacts, Planned, Rank, SplicePlan};

/// Block size of a plan that is made for no particular filesystem, in bytes.
const ALIGNMENT_DEFAULT: u64 = 4096;

/// A clip, and what it is.
type Ranked = (OpenMovie, Rank);

/// What it cost to get this far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Time spent here, without what the caller did in between.
    pub(super) setup: Duration,
    /// The process's user and system seconds at the start.
    pub(super) cpu_start: (f64, f64),
}

/// A splice that is planned. Nothing has been created.
#[derive(Debug)]
pub struct Prepared {
    pub(super) output: Option<PathBuf>,
    pub(super) options: SpliceOptions,
    pub(super) plan: SplicePlan,
    /// The base, then the clips of the plan.
    pub(super) sources: Vec<Source>,
    pub(super) movies: Vec<Movie>,
    pub(super) cost: Cost,
    passed_over: Vec<PassedOver>,
}

impl Splice {
    /// Checks that the target can be written, opens the base and the clips, and plans.
    ///
    /// - Without an output (planning only) the plan is for an alignment of 4096 bytes.
    ///
    /// # Errors
    /// [`SpliceError::Io`], [`SpliceError::Open`], [`SpliceError::Plan`], [`SpliceError::Replay`].
    pub fn prepare(&self) -> Result<Prepared, SpliceError> {
        let (start, cpu_start) = (Instant::now(), cpu_seconds());
        if let Some(output) = &self.output {
            Target::check(output, self.options.replace, &[])?;
        }
        let (plan, opened, passed_over) = match &self.plan {
            Some(plan) => {
                let opened = open_planned(plan)?;
                plan.check_against(&opened[0], &opened[1..])?;
                (plan.clone(), opened, Vec::new())
            }
            None => self.open_and_plan()?,
        };
        let (sources, movies): (Vec<Source>, Vec<Movie>) =
            opened.into_iter().map(|open| (open.source, open.movie)).unzip();
        if let Some(output) = &self.output {
            Target::check(output, self.options.replace, &sources)?;
        }
        let cost = Cost { setup: start.elapsed(), cpu_start };
        let (output, options) = (self.output.clone(), self.options);
        Ok(Prepared { output, options, plan, sources, movies, cost, passed_over })
    }

    /// Opens base and clips and plans; returns the movies of the plan in its order, the base first.
    fn open_and_plan(&self) -> Result<(SplicePlan, Vec<OpenMovie>, Vec<PassedOver>), SpliceError> {
        let output = self.output.as_deref();
        let found = discover::find_clips(&self.clips, &self.vfx, &self.base, output)?;
        let base = discover::open(&self.base)?;
        let (clips, left_out) = self.open_clips(&found)?;
        let alignment = match &self.output {
            Some(output) => Target::alignment(output)?,
            None => ALIGNMENT_DEFAULT,
        };
        let facts: Vec<MovieFacts<'_>> =
            clips.iter().map(|(clip, rank)| MovieFacts::of(clip).ranked(*rank)).collect();
        let Planned { mut plan, clip_order } =
            plan::plan_facts(&MovieFacts::of(&base), &facts, &self.place, alignment)?;
        plan.warnings.extend(left_out);
        let mut clips: Vec<Option<OpenMovie>> =
            clips.into_iter().map(|(clip, _)| Some(clip)).collect();
        let in_order = clip_order.into_iter().map(|index| clips[index].take());
        let in_order = in_order.map(|clip| clip.expect("a clip stands in a plan once"));
        Ok((plan, std::iter::once(base).chain(in_order).collect(), found.passed_over))
    }

    /// Opens the clips. Where refused clips are skipped, those that are no movies we handle are left out, each with a
    /// warning, unless none is left.
    fn open_clips(&self, found: &FoundClips) -> Result<(Vec<Ranked>, Vec<String>), OpenError> {
        let paths: Vec<PathBuf> = found.paths.iter().chain(&found.vfx).cloned().collect();
        let ranks = repeat_n(Rank::Grade, found.paths.len());
        let ranks = ranks.chain(repeat_n(Rank::Vfx, found.vfx.len()));
        if !self.place.skip_refused {
            return Ok((discover::open_all(&paths)?.into_iter().zip(ranks).collect(), Vec::new()));
        }
        let results: Vec<_> = paths.par_iter().map(|path| discover::open(path)).collect();
        let (mut clips, mut refused) = (Vec::new(), Vec::new());
        for (result, rank) in results.into_iter().zip(ranks) {
            match result {
                Ok(clip) => clips.push((clip, rank)),
                Err(error @ OpenError::Movie { .. }) => refused.push(error),
                Err(error) => return Err(error),
            }
        }
        let warning = |error: &OpenError| match error.source() {
            Some(cause) => format!("{error} and was left out: {cause}"),
            None => format!("{error} and was left out"),
        };
        let left_out = refused.iter().map(warning).collect();
        match OpenError::together(refused).filter(|_| clips.is_empty()) {
            Some(error) => Err(error),
            None => Ok((clips, left_out)),
        }
    }
}

/// Opens the movies that a saved plan names: the base, then the clips.
fn open_planned(plan: &SplicePlan) -> Result<Vec<OpenMovie>, SpliceError> {
    let paths: Vec<PathBuf> = plan.clips.iter().map(|clip| clip.path.clone()).collect();
    let mut opened = vec![discover::open(&plan.base.path)?];
    opened.extend(discover::open_all(&paths)?);
    Ok(opened)
}

impl Prepared {
    /// The plan.
    pub fn plan(&self) -> &SplicePlan {
        &self.plan
    }

    /// The movie that is spliced into.
    pub fn base(&self) -> &Movie {
        &self.movies[0]
    }

    /// The clips of the plan, in its order.
    pub fn clips(&self) -> &[Movie] {
        &self.movies[1..]
    }

    /// What was passed over in folders, and why.
    pub fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }

    /// Lays the target out: the end of setup.
    ///
    /// # Errors
    /// [`SpliceError::NoOutput`], [`SpliceError::Layout`].
    pub fn layout(mut self) -> Result<Ready, SpliceError> {
        let start = Instant::now();
        let Some(output) = self.output.take() else {
            return Err(SpliceError::NoOutput);
        };
        let clips: Vec<&Movie> = self.movies[1..].iter().collect();
        let options = LayoutOptions { faststart: self.options.faststart };
        let layout = Layout::new(&self.movies[0], &clips, &self.plan, options)?;
        self.cost.setup += start.elapsed();
        Ok(Ready { prepared: self, output, layout })
    }
}
