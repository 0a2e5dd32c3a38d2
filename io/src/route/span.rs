//! The `tracing` spans of copies: one for each piece that a route carries.
//!
//! - In: the route and the task. Out: a [`Span`] that lasts until the copy is over.
//! - Not here: names and targets (`measure::interval`).

use tracing::Span;

use crate::choice::Route;
use crate::measure::interval::WORK;
use crate::route::task::{Task, TaskBytes};
use crate::schedule::Schedule;

/// One callsite a route, because a span's name is static.
macro_rules! copy_span {
    ($target:expr, $route:expr, $schedule:expr, $task:expr) => {
        match $route {
            Route::Reflink => copy_span!(named $target, "reflink", $schedule, $task),
            Route::Mapped => copy_span!(named $target, "mapped", $schedule, $task),
            Route::Staged => copy_span!(named $target, "staged", $schedule, $task),
            Route::Kernel => copy_span!(named $target, "kernel", $schedule, $task),
            Route::Buffered => copy_span!(named $target, "buffered", $schedule, $task),
        }
    };
    (named $target:expr, $name:literal, $schedule:expr, $task:expr) => {
        tracing::trace_span!(
            target: $target,
            $name,
            bytes = $task.len_in($schedule),
            offset = $task.target,
            source = $crate::route::span::source_of($task),
            carried = ::tracing::field::Empty,
        )
    };
}

/// A copy that a thread carries: to be entered.
pub(crate) fn work(route: Route, schedule: &Schedule, task: &Task) -> Span {
    copy_span!(WORK, route, schedule, task)
}

/// Tells how many bytes of a copy were put in place.
pub(crate) fn carried(copy: &Span, bytes: u64) {
    // A span that nobody listens to would look the field's name up all the same.
    if !copy.is_disabled() {
        copy.record("carried", bytes);
    }
}

/// The source of a task, where it has only one.
pub(crate) fn source_of(task: &Task) -> Option<u32> {
    match task.bytes {
        TaskBytes::Body { source, .. } => Some(source.0),
        TaskBytes::Compose => None,
    }
}
