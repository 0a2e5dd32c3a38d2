//! What the tests of more than one module share.
//!
//! - [`arbitrary`]: random splices for properties.
//! - [`builder`]: writes any movie, well-formed or lying.
//! - [`oracle`]: what a splice must make, and whether an output is that; no code of the engine.
//! - [`media`]: real movies, made once by FFmpeg and GStreamer.
//! - [`compare`]: FFmpeg's opinion of an output.
//! - [`storage`]: filesystems to write on.
//! - [`program`]: the `intercut` command, built.
//! - [`proof`]: splices with the engine and has the result judged by oracle and FFmpeg.
//! - [`skip`]: says that a test could not run here, and why.

pub mod arbitrary;
pub mod builder;
pub mod compare;
pub mod media;
pub mod oracle;
pub mod program;
pub mod proof;
pub mod skip;
pub mod storage;
