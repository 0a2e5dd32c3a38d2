//! Changes a movie in place, and takes that back.
//!
//! ```text
//! Insert ─open─▶ locked ─plan─▶ ─lay_out─▶ ─write─▶ appended, synced, verified ─commit─▶ one write: the new movie
//! undo: one write: the old movie, then the file is cut back to what it was
//! ```
//!
//! ```
//! use intercut_engine::Control;
//! use intercut_engine::in_place::{Insert, Undo};
//! use intercut_engine::splice::Splice;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let demo = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo"));
//! # let folder = tempfile::tempdir()?;
//! # let [base, shot] = ["base", "shot_A"].map(|name| demo.join(name).with_extension("mov"));
//! # let movie = folder.path().join("movie.mov");
//! # std::fs::copy(base, &movie)?;
//! let before = std::fs::read(&movie)?;
//! let report = Insert::new(Splice::new(&movie).clips([shot])).run(&Control::default())?;
//! assert_eq!(report.frames_replaced(), 25);
//! assert_eq!(report.bytes, std::fs::metadata(&movie)?.len());
//!
//! Undo::new(&movie).force(true).run()?;
//! assert!(std::fs::read(&movie)? == before);
//! # Ok(())
//! # }
//! ```
//!
//! - In: the path of a movie; for an insert what a splice takes.
//! - Out: a [`Report`](crate::splice::Report) of an insert; [`Undone`]; [`History`].
//! - Holds: one run at a time has the movie. At every moment, after a crash too, the file is the old movie or the new one.
//!   What is refused, or fails before the switch, leaves bytes, length and time of change as they were.
//! - Not here: what is appended (`append`), how bytes move (`intercut_io`).

mod compact;
mod earlier;
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
