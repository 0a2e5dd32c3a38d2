//! Splices graded shots into a ProRes QuickTime movie, bit for bit.
//!
//! A *base* is a long movie; *clips* are shots of it that came back graded and carry the timecode of the place they were
//! taken from. A splice is a new movie in which the frames that the clips claim are the clips' and everything else is the
//! base's: nothing is decoded or encoded, and the new movie appears complete under its name or not at all.
//!
//! # A splice
//!
//! [`splice::Splice`] is all that most programs need:
//!
//! ```
//! use intercut_engine::splice::{Splice, SpliceOptions, VerifyMode};
//! use intercut_engine::Control;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let demo = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo"));
//! # let folder = tempfile::tempdir()?;
//! # let [base, shot_a, shot_b] = ["base", "shot_A", "shot_B"].map(|name| demo.join(name).with_extension("mov"));
//! # let output = folder.path().join("graded.mov");
//! let report = Splice::new(&base) // 100 frames from 01:00:00:00
//!     .clips([&shot_a, &shot_b]) // 25 frames from 01:00:01:00, 18 from 01:00:02:12
//!     .output(&output)
//!     .options(SpliceOptions::default().verify(VerifyMode::Written))
//!     .run(&Control::default())?;
//!
//! assert_eq!(report.frames_replaced(), 43);
//! assert_eq!((report.plan.events[0].record_in, report.plan.events[0].record_out), (25, 50));
//! assert_eq!(report.verification.mismatches, 0);
//! assert_eq!(report.bytes, std::fs::metadata(&output)?.len());
//! # Ok(())
//! # }
//! ```
//!
//! The [`splice::Report`] says what was replaced, how long each phase took, by which route the bytes went and why a faster
//! one was refused; [`report::ReportObject`] is its JSON form, which the command prints with `--json`.
//!
//! # Progress and cancellation
//!
//! A run is watched and stopped through the [`Control`] that it was given. Clones of its two halves
//! share what they count, so any thread may look:
//!
//! ```
//! use std::time::Duration;
//!
//! use intercut_engine::splice::{Splice, SpliceError};
//! use intercut_engine::{Control, IoError};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let demo = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo"));
//! # let folder = tempfile::tempdir()?;
//! # let [base, clip] = ["base", "shot_A"].map(|name| demo.join(name).with_extension("mov"));
//! # let output = folder.path().join("graded.mov");
//! let splice = Splice::new(&base).clips([&clip]).output(&output);
//!
//! let control = Control::default();
//! let (progress, cancel) = (control.progress.clone(), control.cancel.clone());
//! let run = std::thread::spawn({
//!     let splice = splice.clone();
//!     move || splice.run(&control)
//! });
//! while !run.is_finished() {
//!     println!("{} of {} bytes", progress.bytes_done(), progress.bytes_total());
//!     std::thread::sleep(Duration::from_millis(20));
//! }
//! let report = run.join().expect("a splice does not panic")?;
//! assert_eq!(progress.bytes_done(), report.bytes);
//! # std::fs::remove_file(&output)?;
//!
//! // Whatever has been written when a run is cancelled is gone; a file that it was to replace is as it was.
//! cancel.cancel();
//! let cancelled = splice.run(&Control { cancel, ..Control::default() });
//! assert!(matches!(cancelled, Err(SpliceError::Io(IoError::Cancelled))));
//! assert!(!output.exists());
//! # Ok(())
//! # }
//! ```
//!
//! Work that can be shared out (opening clips, comparing samples) runs in the rayon thread pool that the call is made from;
//! `ThreadPool::install` brings another one. A process that splices thousands of clips calls [`raise_file_limit`] first:
//! every clip stays open until the end.
//!
//! # When clips do not fit
//!
//! Every doubt is refused, and all refusals come at once, before anything is created. [`plan::PlaceOptions`] decides what
//! would otherwise be refused:
//!
//! ```
//! use intercut_engine::plan::{ClipEdges, PlaceOptions};
//! use intercut_engine::splice::{Splice, SpliceError};
//! use intercut_engine::Control;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let demo = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo"));
//! # let folder = tempfile::tempdir()?;
//! # let [base, clip] = ["base", "shot_A"].map(|name| demo.join(name).with_extension("mov"));
//! # let output = folder.path().join("graded.mov");
//! // Moved to where its last 15 frames stick out of the base.
//! let place = PlaceOptions {
//!     at: [("shot_A.mov".to_owned(), "01:00:03:15".to_owned())].into(),
//!     ..PlaceOptions::default()
//! };
//! let splice = Splice::new(&base).clips([&clip]).output(&output);
//! let refused = splice.clone().place(place.clone()).run(&Control::default());
//! assert!(matches!(refused, Err(SpliceError::Plan(_))));
//!
//! let trimmed = PlaceOptions { clip_edges: ClipEdges::Trim, ..place };
//! let report = splice.place(trimmed).run(&Control::default())?;
//! assert_eq!(report.frames_replaced(), 10);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | | |
//! |---|---|
//! | [`splice`] | makes a movie: opens, plans, lays out, writes, verifies, names it |
//! | [`mod@plan`] | decides what goes where, or says everything that stands against it |
//! | [`link`] | finds the base of each clip of a turnover |
//! | [`in_place`] | the same in the base itself, and back |
//! | [`mod@batch`] | many splices, and only those that have to be made again |
//! | [`verify`] | proves a result again later, by its sources or by its digests |
//! | [`probe`] | looks at one movie |
//! | [`still`] | shows one frame of a movie |
//! | [`review`] | makes a small movie of what was replaced, base beside result |
//! | [`qc`] | finds black, repeated, undecodable and hollow frames |
//! | [`report`] | what a run did, as JSON |
//!
//! ```text
//! file ─▶ probe ─▶ plan ─▶ layout ─▶ intercut_io ─▶ finished movie + report
//! ```
//!
//! Everything else that is public is for this project's own tools and may change in any version.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod append;
#[doc(hidden)]
pub mod atom;
pub mod batch;
pub mod blank;
#[doc(hidden)]
pub mod canvas;
#[doc(hidden)]
pub mod codec;
mod content;
#[doc(hidden)]
pub mod demo;
pub mod digest;
#[doc(hidden)]
pub mod discover;
#[doc(hidden)]
pub mod display;
mod frame_check;
pub mod in_place;
pub mod json;
#[doc(hidden)]
pub mod layout;
#[doc(hidden)]
pub mod likeness;
pub mod link;
pub mod list;
#[doc(hidden)]
pub mod look;
#[doc(hidden)]
pub mod movie;
#[doc(hidden)]
pub mod picture;
pub mod plan;
pub mod probe;
pub mod qc;
mod quicktime;
pub mod report;
pub mod review;
#[doc(hidden)]
pub mod sidecar;
pub mod splice;
pub mod stamp;
pub mod still;
#[doc(hidden)]
pub mod table;
pub mod timecode;
pub mod units;
pub mod verify;
mod workers;

pub use intercut_io::process::raise_file_limit;
pub use intercut_io::{
    Cancel, Control, IoError, Phase, Progress, RefusedRoute, Replace, Route, RouteChoice,
};

/// What a program hands from thread to thread.
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Control>();
    is_send_and_sync::<splice::Splice>();
    is_send_and_sync::<splice::SpliceError>();
    is_send_and_sync::<splice::Report>();
    is_send_and_sync::<report::ReportObject>();
    is_send_and_sync::<plan::SplicePlan>();
    is_send_and_sync::<batch::Batch>();
};
