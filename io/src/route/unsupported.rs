//! Systems without what `linux/` has: everything goes through the page cache, by `buffered`.
//!
//! - Holds: the same items as `linux/mod.rs`, so that nothing above asks which system it is. A route that is asked for by
//!   name is refused with the reason.

use std::fs::File;

use crate::choice::Route;
use crate::error::IoError;
use crate::route::task::Task;
use crate::route::{Carried, Context, Scope, Stop, kernel, reflink, workers};
use crate::schedule::SourceIndex;
use crate::sys::platform::Filesystem;

/// The order of `auto`.
pub(crate) fn order(_kind: Filesystem) -> &'static [Route] {
    &[Route::Buffered]
}

/// There are no direct writes here.
pub(crate) fn open_direct(
    _target: &File,
    _kind: Filesystem,
    _block: u64,
    _start: u64,
) -> Result<File, String> {
    Err("this system has no direct writes".to_owned())
}

/// Range by range, nothing is shared here.
pub(crate) fn shares(_target: &File, _source: &File, _offset: u64, _len: u64) -> bool {
    false
}

/// What is read past the page cache: nothing.
#[derive(Debug, Default)]
pub(crate) struct Cold;

impl Cold {
    /// Never.
    pub(crate) fn takes(
        &self,
        _context: &Context<'_>,
        _source: SourceIndex,
        _cached: Option<u64>,
        _len: u64,
    ) -> bool {
        false
    }
}

/// Carries what `route` can carry, which the system then refuses.
#[derive(Debug, Default)]
pub(crate) struct BodyCarrier;

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
            Route::Kernel => kernel::carry(context, task, source, offset),
            Route::Mapped | Route::Staged | Route::Buffered => {
                let reason = format!("this system does not have the {route} route");
                Err(Stop::Unsupported { copied: 0, scope: Scope::Target, reason })
            }
        }
    }
}

/// The system writes dirty pages back in its own time.
#[derive(Debug, Default)]
pub(crate) struct WriteBack;

impl WriteBack {
    /// Nothing is started early.
    pub(crate) fn wrote(&mut self, _context: &Context<'_>, _task: &Task) -> Result<(), Stop> {
        Ok(())
    }
}

/// Threads: there is no io_uring here.
pub(crate) struct DirectEngine;

impl DirectEngine {
    /// Nothing has to be opened.
    pub(crate) fn open(_context: &Context<'_>) -> Self {
        Self
    }

    /// It is as fast as it can be here.
    pub(crate) fn why_slower(&self) -> Option<String> {
        None
    }

    /// Nothing is read past the page cache.
    pub(crate) fn cold(&self, _context: &Context<'_>) -> Result<Cold, IoError> {
        Ok(Cold)
    }

    /// Carries `tasks` by threads.
    pub(crate) fn run(
        self,
        context: &Context<'_>,
        route: Route,
        tasks: Vec<Task>,
        _cold: &Cold,
    ) -> Result<Carried, IoError> {
        workers::run(context, route, tasks, workers::count(context))
    }
}
