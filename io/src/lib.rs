//! Moves extents between files as fast as the disk can write. Has never heard of movies.
//!
//! ```text
//! Source (mapped, read-only)  ──┐
//! Schedule (plain data)       ──┼──▶ execute ──▶ Target (unnamed until it is whole) ──▶ Outcome
//! Control (cancel, progress)  ──┘
//! ```
//!
//! A [`Schedule`] says which bytes of which sources make a file. [`execute()`] puts them there by the fastest *route* that
//! the two filesystems allow: blocks are shared (`reflink`), written past the page cache straight from the source's mapping
//! (`mapped`) or from aligned memory (`staged`), copied in the kernel (`kernel`), or read and written (`buffered`). Which
//! ones work is found out by trying. The bytes are the same by every route.
//!
//! ```
//! use intercut_io::{
//!     Control, CopyOptions, Replace, RouteChoice, ScheduleBuilder, Source, SourceIndex, Target, execute,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let [long, short, new] = ["long", "short", "new"].map(|name| folder.path().join(name));
//! # std::fs::write(&long, vec![b'L'; 1 << 20])?;
//! # std::fs::write(&short, vec![b's'; 4096])?;
//! // A megabyte, of which the second 4 KiB come from another file.
//! let sources = [Source::open(&long)?, Source::open(&short)?];
//! let mut builder = ScheduleBuilder::new(Target::alignment(&new)?);
//! builder.push_source(SourceIndex(0), 0, 4096);
//! builder.push_source(SourceIndex(1), 0, 4096);
//! builder.push_source(SourceIndex(0), 8192, sources[0].len() - 8192);
//! let schedule = builder.finish();
//!
//! let control = Control::default();
//! let mut target = Target::create(&new, Replace::Refuse, &sources)?;
//! let options = CopyOptions {
//!     route: RouteChoice::Auto,
//!     memory_budget: 16 << 20,
//!     sources_wanted_again: false,
//! };
//! let outcome = execute(&schedule, &sources, &mut target, &options, &control)?;
//! assert!(!new.exists());
//! target.commit(&control)?; // synced, then named
//!
//! assert_eq!(outcome.bytes_by_route.total(), 1 << 20);
//! assert_eq!(std::fs::read(&new)?[8190..8194], *b"ssLL");
//! # Ok(())
//! # }
//! ```
//!
//! A copy by direct writes is as fast as that only where source and target offsets are congruent modulo the alignment, as
//! above; other pieces go through slabs.
//!
//! A [`Control`] that was cancelled ends the run between two copies, and a [`Target`] that is dropped without
//! [`Target::commit`] was never there:
//!
//! ```
//! use intercut_io::{Control, CopyOptions, IoError, Replace, RouteChoice, ScheduleBuilder, Target, execute};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let new = folder.path().join("new");
//! let mut builder = ScheduleBuilder::new(4096);
//! builder.push_inline(b"header");
//! let mut target = Target::create(&new, Replace::Refuse, &[])?;
//!
//! let control = Control::default();
//! control.cancel.cancel(); // from any thread, or a signal handler through `Cancel::from_flag`
//! let options = CopyOptions {
//!     route: RouteChoice::Auto,
//!     memory_budget: 16 << 20,
//!     sources_wanted_again: false,
//! };
//! let result = execute(&builder.finish(), &[], &mut target, &options, &control);
//! assert!(matches!(result, Err(IoError::Cancelled)));
//! drop(target);
//! assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! - `source/`: [`Source`], a file that is read: identified, mapped, never loaded from; [`read_in_order`].
//! - `target/`: [`Target`], the file that is written: all or nothing; [`small`]: notes that are whole or not there.
//! - `route/`: how bytes move; [`Room`]: how much room a run will take up.
//! - `frames`: [`FramePool`], memory that frames are read into.
//! - [`child`]: a program that is run beside this one, and fed.
//! - `measure/`: [`latency`], [`throughput`], [`process`], [`disk`], [`machine`], and [`interval`]s for traces.
//! - `sys/`: system calls, and all `unsafe` code of the workspace.
//!
//! [`Schedule`] says what goes where, [`execute()`] runs it, [`Control`] watches and stops it.

pub mod child;
mod choice;
mod control;
mod error;
mod execute;
mod frames;
mod measure;
mod route;
mod schedule;
mod source;
mod storage;
mod sys;
mod target;

pub use choice::{RefusedRoute, Route, RouteBytes, RouteChoice};
pub use control::{Cancel, Control, Phase, Progress, Work};
pub use error::IoError;
pub use execute::{CopyOptions, Outcome, execute};
pub use frames::{DirectReads, FrameAt, FrameBytes, FramePool, FramesAhead};
pub use measure::{PoolStats, disk, interval, latency, machine, process, throughput};
pub use route::pool::STAGING_MIN;
pub use route::room::Room;
pub use schedule::{Origin, Patch, Piece, Schedule, ScheduleBuilder, SourceIndex};
pub use source::in_order::{
    AlignedBuffer, DIRECT_BLOCK_LEN, READING_MAX, ReadExactAt, read_in_order,
};
pub use source::{Made, Source};
pub use storage::{BeingWritten, FileId, Identity, Lease, OpenElsewhere};
pub use target::beside::beside;
pub use target::small;
pub use target::{InPlaceFile, OutputLock, Replace, Target};

#[cfg(target_os = "macos")]
pub use sys::signpost;
