//! What takes time, as `tracing` spans: for traces, for Instruments, for any subscriber.
//!
//! - In: what begins. Out: a `tracing::Span` that lasts until it is dropped.
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

use crate::sys::every_name;

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

macro_rules! list {
    ($($name:literal),*) => { &[$($name),*] };
}

/// The name of every span, and of every event of [`NOTE`]. Copies have the name of their route.
pub const NAMES: &[&str] = every_name!(list);
