//! Changes a movie in place, and takes that back.
//!
//! ```text
//! Insert ─open─▶ locked ─plan─▶ ─lay_out─▶ ─write─▶ appended, synced, verified ─commit─▶ one write: the new movie
//! undo: one write: the old movie, then the file is cut back to what it was
//! ```
//!
//! - In: the path of a movie; for an insert what a splice takes.
//! - Out: a [`Report`](crate::splice::Report) of an insert; [`Undone`]; [`History`].
//! - Holds: one run at a time has the movie. At every moment, after a crash too, the file is the old movie or the new one.
//!   What is refused, or fails before the switch, leaves bytes, length and time of change as they were.
//! - Not here: what is appended (`append`), how bytes move (`intercut_io`).

mod compact;
mod error;
mod history;
mod insert;
mod leftover;
mod noted;
#[cfg(test)]
mod tests;
mod undo;

pub use compact::{Compact, Compacted};
pub use error::InPlaceError;
pub use history::{History, HistoryEntry, HistoryObject, InsertObject};
pub use insert::{Insert, LaidOutInsert, OpenedInsert, PlannedInsert, WrittenInsert};
pub use leftover::{Kept, KeptBecause};
pub use undo::{Undo, Undone};
