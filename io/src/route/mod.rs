//! The routes: how bytes get from the sources into the target.
//!
//! - [`task`] cuts a schedule into what routes carry; [`pool`] holds the slabs that bytes are staged in; [`stage`] composes
//!   a task in a slab.
//! - [`workers`]: threads that each carry one piece at a time, by any route but the ring; [`readahead`] asks for what they
//!   will read next.
//! - [`reflink`], [`kernel`]: how a worker carries one piece by sharing blocks, and by a copy in the kernel.
//! - [`system`]: what depends on the system: direct writes and io_uring (`linux/`), or that there are none
//!   (`unsupported.rs`).
//! - [`room`]: how much room a run will take up.
//!
//! A route retries interrupted and short transfers itself and never falls back by itself: it answers what it could not do
//! and why, and `execute` decides.

pub(crate) mod kernel;
pub(crate) mod pool;
pub(crate) mod readahead;
pub(crate) mod reflink;
pub(crate) mod room;
#[macro_use]
mod span;
pub(crate) mod stage;
#[cfg_attr(target_os = "linux", path = "linux/mod.rs")]
#[cfg_attr(not(target_os = "linux"), path = "unsupported.rs")]
pub(crate) mod system;
pub(crate) mod task;
pub(crate) mod workers;

use std::fs::File;
use std::io;
use std::path::Path;

use tracing::Span;

use crate::choice::Route;
use crate::control::Control;
use crate::error::IoError;
use crate::measure::latency::Latency;
use crate::route::pool::Pool;
use crate::route::task::Task;
use crate::schedule::{Schedule, SourceIndex};
use crate::source::Source;
use crate::storage::Storage;

/// What every route of one run works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) schedule: &'a Schedule,
    pub(crate) sources: &'a [Source],
    pub(crate) target_path: &'a Path,
    /// The target, written through the page cache.
    pub(crate) target: &'a dyn Storage,
    /// The target, written past the page cache, where that works.
    pub(crate) direct: Option<&'a File>,
    pub(crate) pool: &'a Pool,
    pub(crate) control: &'a Control,
}

impl Context<'_> {
    /// Where what goes through a slab is written.
    pub(crate) fn slab_target(&self) -> &dyn Storage {
        match self.direct {
            Some(file) => file,
            None => self.target,
        }
    }

    pub(crate) fn source(&self, SourceIndex(index): SourceIndex) -> &Source {
        &self.sources[index as usize]
    }

    /// The route that bytes composed in a slab go by.
    pub(crate) fn slab_route(&self) -> Route {
        if self.direct.is_some() { Route::Staged } else { Route::Buffered }
    }
}

/// How far a refusal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// This source cannot be carried by this route; others may.
    Source,
    /// The target's filesystem does not have this route.
    Target,
}

/// Why a piece was not carried to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The route does not work here; the first `copied` bytes are in place.
    Unsupported { copied: u64, scope: Scope, reason: String },
    /// The run is over.
    Failed(IoError),
}

/// What a route did, and what it left.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// Tasks that were not carried, in no order.
    pub(crate) left: Vec<Task>,
    /// Why, one sentence for each thing that was refused.
    pub(crate) refusals: Vec<String>,
    /// Bytes put in place, in the order of [`Route::ALL`].
    pub(crate) bytes_by_route: [u64; 5],
    /// How long each stage took.
    pub(crate) latency: Latency,
}

impl Carried {
    /// Counts bytes that are in place, and ends the copy's span with their number.
    pub(crate) fn count(&mut self, context: &Context<'_>, route: Route, task: &Task, copy: &Span) {
        let bytes = task.len_in(context.schedule);
        span::carried(copy, bytes);
        self.bytes_by_route[route as usize] += bytes;
        context.control.progress.add(bytes);
    }

    /// Keeps a refusal, once.
    pub(crate) fn refuse(&mut self, reason: String) {
        if !self.refusals.contains(&reason) {
            self.refusals.push(reason);
        }
    }

    /// Adds what another worker or route did. What it left is not added: the caller hands that on.
    pub(crate) fn merge(&mut self, other: Carried) {
        self.left.extend(other.left);
        other.refusals.into_iter().for_each(|reason| self.refuse(reason));
        for (mine, theirs) in self.bytes_by_route.iter_mut().zip(other.bytes_by_route) {
            *mine += theirs;
        }
        self.latency.merge(&other.latency);
    }
}

/// What it means that `route` could not write, share or copy.
///
/// Every route but `buffered` is an offer: only what no other route could do either ends the run, and whatever else the
/// system answers leaves the bytes to the next route. `buffered` is the last one and tells what is wrong.
pub(crate) fn write_stop(
    context: &Context<'_>,
    route: Route,
    copied: u64,
    error: io::Error,
) -> Stop {
    let refused = |scope, reason| Stop::Unsupported { copied, scope, reason };
    match error.raw_os_error() {
        Some(libc::ENOSPC) => Stop::Failed(no_space(context, error)),
        Some(libc::EIO | libc::EDQUOT | libc::EFBIG | libc::ESTALE) => {
            Stop::Failed(IoError::failed("write", context.target_path)(error))
        }
        _ if route == Route::Buffered => {
            Stop::Failed(IoError::failed("write", context.target_path)(error))
        }
        Some(libc::EXDEV) => refused(Scope::Source, "a source is on another filesystem".to_owned()),
        Some(libc::EOPNOTSUPP | libc::ENOSYS | libc::ENOTTY) => {
            refused(Scope::Target, "the filesystem cannot do that".to_owned())
        }
        Some(libc::EPERM | libc::EACCES) => {
            refused(Scope::Target, format!("the system forbids it: {error}"))
        }
        _ => refused(Scope::Source, format!("a piece was refused: {error}")),
    }
}

/// A disk that filled up during the run, with both numbers; or as the system put it, where they do not tell why: a device
/// may have less room than its filesystem believes.
fn no_space(context: &Context<'_>, error: io::Error) -> IoError {
    let path = context.target_path;
    // What is in place is not needed any more.
    let needed =
        context.schedule.bytes_to_write().saturating_sub(context.control.progress.bytes_in_phase());
    match context.target.free_space() {
        Ok(available) if available < needed => {
            IoError::NoSpace { path: path.to_owned(), needed, available }
        }
        _ => IoError::failed("write", path)(error),
    }
}
