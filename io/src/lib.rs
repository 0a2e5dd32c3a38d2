//! Moves extents between files as fast as the disk can write. Has never heard of movies.
//!
//! ```text
//! Source (mapped, read-only)  ──┐
//! Schedule (plain data)       ──┼──▶ execute ──▶ Target (unnamed until it is whole) ──▶ Outcome
//! Control (cancel, progress)  ──┘
//! ```
//!
//! - [`source`]: files that are read: identified, mapped, never loaded from.
//! - [`schedule`]: what goes where, as plain data that tiles the target.
//! - [`target`]: the file that is written: all or nothing.
//! - [`mod@execute`]: runs a schedule over the routes that the two filesystems allow.
//! - [`in_order`]: reads a file in order, several blocks ahead.
//! - [`latency`], [`control`], [`error`]: what happened, how to stop it, what went wrong.
//! - [`throughput`], [`disk`], [`machine`], [`process`]: how fast, on what, and what it used.
//!
//! All `unsafe` code of the workspace is in `sys/`.

pub mod control;
pub mod disk;
pub mod error;
pub mod execute;
pub mod in_order;
pub mod latency;
mod leftover;
pub mod machine;
mod probe;
pub mod process;
mod route;
pub mod schedule;
mod slab;
pub mod source;
mod sys;
pub mod target;
mod task;
pub mod throughput;

pub use control::{Cancel, Control, Progress};
pub use error::IoError;
pub use execute::{CopyOptions, Outcome, Route, RouteChoice, execute};
pub use in_order::{AlignedBuffer, DIRECT_BLOCK_LEN, ReadExactAt, read_in_order};
pub use schedule::{Origin, Piece, Schedule, ScheduleBuilder, SourceIndex};
pub use source::{Identity, Source};
pub use target::{Replace, Target};
