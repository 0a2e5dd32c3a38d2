//! Runs a schedule over the routes that the two filesystems allow.
//!
//! - In: a [`Schedule`], its sources, a [`Target`], and which route to take.
//! - Out: every byte in place (not yet durable: [`Target::commit`]), and [`Outcome`], which says by which route each byte
//!   went and why a faster one was refused.
//! - Holds: a route that refuses midway loses nothing; what it did stays done.
//! - Not here: what the filesystem can do (`route::system`), how bytes move (`route`).

mod reserve;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::choice::{RefusedRoute, Route, RouteBytes, RouteChoice};
use crate::control::{Control, Phase};
use crate::error::IoError;
use crate::measure::PoolStats;
use crate::measure::interval::NOTE;
use crate::measure::latency::Latency;
use crate::route::pool::Pool;
use crate::route::system::{self, Cold, DirectEngine};
use crate::route::task::{self, Task};
use crate::route::{Carried, Context, readahead, workers};
use crate::schedule::Schedule;
use crate::source::Source;
use crate::storage::{self, Storage};
use crate::sys::platform;
use crate::target::Target;

/// How to run a schedule.
#[derive(Debug, Clone)]
pub struct CopyOptions {
    /// Which route to take.
    pub route: RouteChoice,
    /// Bytes of memory for staging and reading ahead.
    pub memory_budget: u64,
    /// Whether the sources' bytes are wanted again after the copy (to verify it, say): what is not in the page cache is
    /// then read through it, else past it where that works.
    pub sources_wanted_again: bool,
}

/// What a run did.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// Target bytes by the route that carried them.
    pub bytes_by_route: RouteBytes,
    /// Routes that were not taken, and why.
    pub refused: Vec<RefusedRoute>,
    /// Use of the slab pool.
    pub pool: PoolStats,
    /// Latency by stage. Syncs are recorded by [`Target::commit`].
    pub latency: Latency,
    /// What could not be made sure of, as sentences without a full stop.
    pub warnings: Vec<String>,
    /// How long the whole took.
    pub elapsed: Duration,
}

/// Puts every byte of `schedule` into `target`.
///
/// - `sources`: what [`crate::SourceIndex`] counts.
/// - Whether the sources are still what they were is for the caller to check, once nothing reads them any more:
///   [`Source::check_unchanged`].
/// - Memory: `options.memory_budget`, whatever the length of the target.
///
/// # Errors
/// [`IoError`]; the target then has to be dropped, which takes everything back.
///
/// # Panics
/// If the schedule begins elsewhere than the target ends.
pub fn execute(
    schedule: &Schedule,
    sources: &[Source],
    target: &mut Target,
    options: &CopyOptions,
    control: &Control,
) -> Result<Outcome, IoError> {
    let start = Instant::now();
    for (index, source) in sources.iter().enumerate() {
        tracing::debug!(name: "source", target: NOTE, source = index, path = %source.path().display());
    }
    control.progress.enter(Phase::Writing, schedule.bytes_to_write());
    target.begin(schedule);
    let path = target.path().to_owned();
    let pool =
        Pool::new(options.memory_budget).map_err(IoError::failed("stage writes to", &path))?;
    let disk = Disk::examine(target, schedule)?;
    let mut run = Execution {
        context: Context {
            schedule,
            sources,
            target_path: &path,
            target: target.storage(),
            direct: disk.direct.as_ref().ok(),
            pool: &pool,
            control,
        },
        no_direct: disk.direct.as_ref().err(),
        kind: disk.kind,
        grows: target.grows_with_reservations(),
        memory_budget: options.memory_budget,
        sources_wanted_again: options.sources_wanted_again,
        outcome: Outcome::default(),
    };
    run.move_bytes(options.route)?;
    let mut outcome = run.outcome;
    set_len(target.storage(), &path, schedule.len())?;
    // Gaps stay as the file has them: they were nobody's task.
    let left = schedule.bytes_to_write().saturating_sub(control.progress.bytes_in_phase());
    control.progress.add(left);
    outcome.pool = pool.stats();
    outcome.elapsed = start.elapsed();
    Ok(outcome)
}

/// What the target is on, and how it can be written.
struct Disk {
    kind: platform::Filesystem,
    /// For direct writes, or why there are none.
    direct: Result<File, String>,
}

impl Disk {
    fn examine(target: &Target, schedule: &Schedule) -> Result<Self, IoError> {
        let examined = target.storage().filesystem();
        let (kind, _) = examined.map_err(IoError::failed("examine", target.path()))?;
        let Some(file) = target.storage().as_file() else {
            let direct = Err("the target is not a file of the system".to_owned());
            return Ok(Self { kind, direct });
        };
        platform::bypass_cache(file);
        let direct = system::open_direct(file, kind, schedule.alignment(), schedule.start());
        Ok(Self { kind, direct })
    }
}

/// One run of a schedule.
struct Execution<'a> {
    context: Context<'a>,
    no_direct: Option<&'a String>,
    /// What the target is on.
    kind: platform::Filesystem,
    /// Whether what is reserved becomes part of the target at once.
    grows: bool,
    memory_budget: u64,
    sources_wanted_again: bool,
    outcome: Outcome,
}

impl Execution<'_> {
    /// Takes one route after another until nothing is left.
    fn move_bytes(&mut self, choice: RouteChoice) -> Result<(), IoError> {
        let named = [match choice {
            RouteChoice::Only(route) => route,
            RouteChoice::Auto => Route::Buffered,
        }];
        let order = match choice {
            RouteChoice::Auto => system::order(self.kind),
            RouteChoice::Only(_) => &named,
        };
        let by_block = order.iter().any(|route| works_in_blocks(*route));
        let by_block = by_block && (self.context.direct.is_some() || order[0] == Route::Reflink);
        let mut left = if by_block {
            task::block_tasks(self.context.schedule)
        } else {
            task::byte_tasks(self.context.schedule)
        };
        if order[0] != Route::Reflink {
            let schedule = self.context.schedule;
            self.reserve(&[(schedule.start(), schedule.bytes_to_write())])?;
        }
        if let Some(task) = task::first_partial_block(self.context.schedule).filter(|_| by_block) {
            self.take(Route::Buffered, vec![task])?;
        }
        for &route in order {
            if left.is_empty() {
                break;
            }
            left = self.take(route, left)?;
            if route == Route::Reflink {
                left = self.after_sharing(left, choice)?;
            }
        }
        match (choice, left.is_empty()) {
            (_, true) => Ok(()),
            (RouteChoice::Only(route), false) => Err(self.refusal_of(route)),
            (RouteChoice::Auto, false) => Err(self.refusal_of(Route::Buffered)),
        }
    }

    /// What sharing left is preallocated; and carried, where sharing was asked for by name.
    fn after_sharing(
        &mut self,
        left: Vec<Task>,
        choice: RouteChoice,
    ) -> Result<Vec<Task>, IoError> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for task in &left {
            match ranges.last_mut() {
                Some((start, len)) if *start + *len == task.target => *len += task.len,
                _ => ranges.push((task.target, task.len)),
            }
        }
        self.reserve(&ranges)?;
        let bodies_left =
            left.iter().any(|task| matches!(task.bytes, task::TaskBytes::Body { .. }));
        match choice {
            RouteChoice::Only(_) if !bodies_left => {
                let ends =
                    if self.context.direct.is_some() { Route::Staged } else { Route::Buffered };
                self.take(ends, left)
            }
            _ => Ok(left),
        }
    }

    /// Carries what one route can carry; returns the rest.
    fn take(&mut self, route: Route, tasks: Vec<Task>) -> Result<Vec<Task>, IoError> {
        if let (Route::Mapped | Route::Staged, Some(reason)) = (route, self.no_direct) {
            self.refuse(route.name(), reason.clone());
            return Ok(tasks);
        }
        let engine = matches!(route, Route::Mapped | Route::Staged)
            .then(|| DirectEngine::open(&self.context));
        if let Some(reason) = engine.as_ref().and_then(DirectEngine::why_slower) {
            self.refuse("io_uring", reason);
        }
        let carried = match route {
            // Sharing reads nothing; it is bound by the filesystem's journal, which takes one change at a time.
            Route::Reflink => workers::run(&self.context, route, tasks, 1)?,
            Route::Mapped | Route::Staged | Route::Kernel | Route::Buffered => {
                self.copy_behind_read_ahead(route, engine, tasks)?
            }
        };
        self.outcome.latency.merge(&carried.latency);
        for (sum, bytes) in self.outcome.bytes_by_route.0.iter_mut().zip(carried.bytes_by_route) {
            *sum += bytes;
        }
        for reason in carried.refusals {
            self.refuse(route.name(), reason);
        }
        let mut left = carried.left;
        left.sort_unstable_by_key(|task| task.target);
        Ok(left)
    }

    /// Copies while a thread of its own asks for the sources' next bytes.
    fn copy_behind_read_ahead(
        &self,
        route: Route,
        engine: Option<DirectEngine>,
        tasks: Vec<Task>,
    ) -> Result<Carried, IoError> {
        let cold = match &engine {
            Some(engine) if !self.sources_wanted_again => engine.cold(&self.context)?,
            _ => Cold::default(),
        };
        let (ahead, over) = (tasks.clone(), AtomicBool::new(false));
        let (context, window) = (&self.context, self.memory_budget);
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().name("read-ahead".to_owned());
            let ahead = || readahead::run(context, &ahead, &cold, window, &over);
            // Without a thread for it nothing is read ahead: the copies wait for their own reads.
            let reader = reader.spawn_scoped(scope, ahead).ok();
            let carried = match engine {
                Some(engine) => engine.run(context, route, tasks, &cold),
                None => {
                    // Also what is composed: direct and cached writes to one block do not mix.
                    let through_cache = Context { direct: None, ..*context };
                    workers::run(&through_cache, route, tasks, workers::count(context))
                }
            };
            over.store(true, Ordering::Relaxed);
            reader.iter().for_each(|reader| reader.thread().unpark());
            carried
        })
    }

    /// Reserves room for `ranges`; an existing file is as long as it will be from then on.
    fn reserve(&mut self, ranges: &[(u64, u64)]) -> Result<(), IoError> {
        if self.kind.reserves_room() {
            reserve::reserve(&self.context, ranges, self.grows)?;
            if self.grows {
                return Ok(());
            }
        } else if !ranges.is_empty() {
            self.outcome.warnings.extend(reserve::ask_for_room(&self.context, ranges)?);
        }
        // Writes that do not make a file longer can overtake one another.
        set_len(self.context.target, self.context.target_path, self.context.schedule.len())
    }

    fn refuse(&mut self, name: &'static str, reason: String) {
        tracing::debug!(name: "route_refused", target: NOTE, route = name, reason);
        self.outcome.refused.push(RefusedRoute { name, reason });
    }

    fn refusal_of(&self, route: Route) -> IoError {
        let reasons: Vec<&str> = self
            .outcome
            .refused
            .iter()
            .filter(|refused| refused.name == route.name())
            .map(|refused| refused.reason.as_str())
            .collect();
        let (path, reason) = (self.context.target_path.to_owned(), reasons.join("; "));
        IoError::RouteRefused { route, path, reason }
    }
}

/// Cuts the target to this length, or makes it as long.
fn set_len(target: &dyn Storage, path: &Path, len: u64) -> Result<(), IoError> {
    let set = storage::again(|| target.set_len(len));
    set.map_err(IoError::failed("cut to length", path))
}

/// Whether a route's tasks begin and end on block boundaries.
fn works_in_blocks(route: Route) -> bool {
    matches!(route, Route::Reflink | Route::Mapped | Route::Staged)
}

#[cfg(test)]
mod tests;
