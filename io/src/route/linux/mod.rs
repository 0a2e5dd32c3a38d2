//! What moves bytes on Linux alone: direct writes, io_uring, windows of mapped sources.
//!
//! - [`probe`]: what the target's filesystem can do, found by trying.
//! - [`ring`]: direct writes (`mapped`, `staged`) through io_uring, one thread; [`windows`]: which ranges of the sources
//!   are mapped; [`cold`]: what is read past the page cache.
//! - [`mapped`]: how a worker carries one piece by direct writes; [`writeback`]: how what it
//!   wrote through the page cache gets to the disk meanwhile.
//! - Holds: the same items as `unsupported.rs`, which other systems have instead.

pub(crate) mod cold;
mod mapped;
pub(crate) mod probe;
mod ring;
mod source_fault;
mod windows;
mod writeback;

pub(crate) use cold::Cold;
pub(crate) use probe::{open_direct, order, shares};
pub(crate) use writeback::WriteBack;

use crate::choice::Route;
use crate::error::IoError;
use crate::route::task::Task;
use crate::route::{Carried, Context, Stop, kernel, reflink, workers};
use crate::schedule::SourceIndex;
use crate::sys::ring::Ring;
use windows::Windows;

/// Carries bodies by the routes that do not go through a slab: one worker's own state.
#[derive(Debug, Default)]
pub(crate) struct BodyCarrier {
    windows: Windows,
}

impl BodyCarrier {
    /// Carries one body from `offset` in `source` by `route`.
    pub(crate) fn carry(
        &mut self,
        context: &Context<'_>,
        route: Route,
        task: &Task,
        (source, offset): (SourceIndex, u64),
    ) -> Result<(), Stop> {
        match route {
            Route::Reflink => reflink::carry(context, task, source, offset),
            Route::Mapped => mapped::carry(context, task, source, offset, &mut self.windows),
            Route::Kernel => kernel::carry(context, task, source, offset),
            Route::Staged | Route::Buffered => unreachable!("their bodies go through slabs"),
        }
    }
}

/// What drives direct writes.
pub(crate) enum DirectEngine {
    /// One thread and io_uring.
    Ring(Box<Ring>),
    /// Threads that each carry one piece at a time, because there is no io_uring, for this reason.
    Workers(String),
}

impl DirectEngine {
    /// The ring, unless io_uring is forbidden or unknown: containers and some distributions forbid it.
    pub(crate) fn open(context: &Context<'_>) -> Self {
        match ring::open(context) {
            Ok(ring) => Self::Ring(Box::new(ring)),
            Err(error) => Self::Workers(error.to_string()),
        }
    }

    /// Why it is slower than it could be.
    pub(crate) fn why_slower(&self) -> Option<String> {
        match self {
            Self::Ring(_) => None,
            Self::Workers(reason) => Some(reason.clone()),
        }
    }

    /// What of the sources is read past the page cache: with threads, nothing.
    ///
    /// # Errors
    /// As [`Cold::probe`].
    pub(crate) fn cold(&self, context: &Context<'_>) -> Result<Cold, IoError> {
        match self {
            Self::Ring(_) => Cold::probe(context),
            Self::Workers(_) => Ok(Cold::default()),
        }
    }

    /// Carries `tasks` by direct writes: bodies by `route`, the rest, and what `cold` says, through slabs.
    ///
    /// # Errors
    /// As [`workers::run`].
    pub(crate) fn run(
        self,
        context: &Context<'_>,
        route: Route,
        tasks: Vec<Task>,
        cold: &Cold,
    ) -> Result<Carried, IoError> {
        match self {
            Self::Ring(ring) => ring::run(context, *ring, route, tasks, cold),
            Self::Workers(_) => workers::run(context, route, tasks, workers::count(context)),
        }
    }
}
