//! The `tracing` spans of copies: one for each piece that a route carries.
//!
//! - In: the route and the task. Out: a [`Span`] that lasts until the copy is over.
//! - Not here: names and targets (`measure::interval`).

use tracing::Span;
use tracing::field::Empty;

use crate::choice::Route;
use crate::measure::interval::{IN_FLIGHT, WORK};
use crate::route::task::{Carry, Task};
use crate::schedule::Schedule;

/// One callsite a route, because a span's name is static.
macro_rules! copy {
    ($target:expr, $route:expr, $schedule:expr, $task:expr) => {
        match $route {
            Route::Reflink => copy!(named $target, "reflink", $schedule, $task),
            Route::Mapped => copy!(named $target, "mapped", $schedule, $task),
            Route::Staged => copy!(named $target, "staged", $schedule, $task),
            Route::Kernel => copy!(named $target, "kernel", $schedule, $task),
            Route::Buffered => copy!(named $target, "buffered", $schedule, $task),
        }
    };
    (named $target:expr, $name:literal, $schedule:expr, $task:expr) => {
        tracing::trace_span!(
            target: $target,
            $name,
            bytes = $task.len_in($schedule),
            offset = $task.target,
            source = source_of($task),
            carried = Empty,
        )
    };
}

/// A copy that a thread carries: to be entered.
pub(crate) fn work(route: Route, schedule: &Schedule, task: &Task) -> Span {
    copy!(WORK, route, schedule, task)
}

/// A copy that the kernel carries: to be kept until it is done.
#[cfg(target_os = "linux")]
pub(crate) fn in_flight(route: Route, schedule: &Schedule, task: &Task) -> Span {
    copy!(IN_FLIGHT, route, schedule, task)
}

/// A wait for a slab that no thread sits out: to be kept until there is one.
#[cfg(target_os = "linux")]
pub(crate) fn stage_wait_in_flight() -> Span {
    tracing::trace_span!(target: IN_FLIGHT, "stage_wait")
}

/// Tells how many bytes of a copy were put in place.
pub(crate) fn carried(copy: &Span, bytes: u64) {
    // A span that nobody listens to would look the field's name up all the same.
    if !copy.is_disabled() {
        copy.record("carried", bytes);
    }
}

/// The source of a task, where it has only one.
fn source_of(task: &Task) -> Option<u32> {
    match task.carry {
        Carry::Body { source, .. } => Some(source.0),
        Carry::Compose => None,
    }
}
