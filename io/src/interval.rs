//! What takes time, told as `tracing` spans: for traces, for Instruments, for whoever subscribes.
//!
//! - In: what begins. Out: a [`Span`] that lasts until it is dropped.
//! - Holds: names are static and listed in [`NAMES`]; with no subscriber a span costs one load and one branch, and no field
//!   is evaluated.
//! - Not here: what is made of spans (the `intercut` command writes Chrome traces, and signposts on macOS).
//!
//! Four kinds, told apart by the span's or event's target:
//!
//! | target | what | level |
//! |---|---|---|
//! | [`PHASE`] | a step of the run, entered by its thread: nests | debug |
//! | [`WORK`] | a thread carries one piece or waits for a slab: nests | trace |
//! | [`IN_FLIGHT`] | a copy that the kernel carries, or a wait that no thread sits out: never entered, overlaps with others | trace |
//! | [`COUNTER`], [`NOTE`] | events: a value that changed; something worth a mark | trace, debug |
//!
//! Fields: `bytes` asked for, `offset` in the target, `source` (an index, as in the schedule; a path where a file is
//! opened), and, known only at the end, `carried`: the bytes that were put in place. The sum of `carried` over all copies
//! of a name is what the run says it carried by that route.

use tracing::Span;
use tracing::field::Empty;

use crate::execute::Route;
use crate::schedule::Schedule;
use crate::task::{Carry, Task};

/// Target of spans that are steps of a run.
pub const PHASE: &str = "intercut::phase";
/// Target of spans in which a thread carries or waits for one piece.
pub const WORK: &str = "intercut::work";
/// Target of spans that no thread is inside of.
pub const IN_FLIGHT: &str = "intercut::in_flight";
/// Target of events that tell a value: `slabs_in_use`.
pub const COUNTER: &str = "intercut::counter";
/// Target of events that are worth a mark: `source` says which index is which file, `route_refused` why a route was not
/// taken.
pub const NOTE: &str = "intercut::note";

/// Hands every name to another macro: signposts need each as a literal.
macro_rules! every_name {
    ($to:ident) => {
        $to! {
            "open", "parse", "plan", "layout", "render", "preallocate", "reflink", "mapped", "staged", "kernel",
            "buffered", "stage_wait", "sync", "rename", "hash", "verify", "source", "route_refused"
        }
    };
}
#[cfg(target_os = "macos")]
pub(crate) use every_name;

macro_rules! list {
    ($($name:literal),*) => { &[$($name),*] };
}

/// The name of every span, and of every event of [`NOTE`]. Copies have the name of their route.
pub const NAMES: &[&str] = every_name!(list);

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
