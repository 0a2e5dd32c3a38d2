//! What the tests of more than one module share.
//!
//! - [`arbitrary`]: random splices for properties.
//! - [`builder`]: writes any movie, well-formed or lying; a crate of its own, so that the engine's tests have it too.
//! - [`hostile`]: damages movies by a seed, and judges what the engine makes of them.
//! - [`oracle`]: what a splice must make, and whether an output is that; no code of the engine.
//! - [`media`]: real movies, made once by FFmpeg and GStreamer.
//! - [`compare`]: FFmpeg's opinion of an output.
//! - [`readers`]: what other programs see in a file.
//! - [`storage`]: filesystems to write on.
//! - [`program`]: the `intercut` command, built.
//! - [`proof`]: splices with the engine and has the result judged by oracle and FFmpeg.
//! - [`provenance`]: whose frame each frame of an output is, by its bytes.
//! - [`browser`]: a page as a browser shows it.
//! - [`desk`]: a folder in which the command is run as people run it.
//! - [`job`]: one splice that is run over and over while something goes wrong.
//! - [`in_place_job`]: one insert and its undo, run over and over while something goes wrong.
//! - [`interrupt`]: signals at moments of a run, and what it still does before it ends.
//! - [`older`]: system calls that a kernel does not have.
//! - [`trace`]: system calls that fail, are held up, or kill the command.
//! - [`power`]: what a power cut at any moment of a recorded run may leave.
//! - [`random`]: seeded numbers.
//! - [`python`]: programs from PyPI. [`slurm`]: a scheduler on this machine alone.
//! - [`skip`] and [`cpu`]: visible skips, and processor time; a crate of its own too.

pub use intercut_movie_builder as builder;
pub use intercut_test_kit::{cpu, skip};

pub mod arbitrary;
pub mod browser;
pub mod compare;
pub mod content;
pub mod desk;
pub mod hostile;
pub mod in_place_job;
#[cfg(target_os = "linux")]
pub mod interrupt;
pub mod job;
pub mod media;
#[cfg(target_os = "linux")]
pub mod older;
pub mod oracle;
pub mod power;
pub mod program;
pub mod proof;
pub mod provenance;
pub mod python;
pub mod random;
pub mod readers;
pub mod schemas;
pub mod slurm;
pub mod storage;
pub mod trace;
