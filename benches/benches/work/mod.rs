//! The work of the micro-benchmarks: each piece returns a check value that depends on all of what it did.
//!
//! - [`headers`]: movies of any length without their media.
//! - [`movies`]: parse, plan, layout.
//! - [`copies`]: schedule, and carrying it out through the staged buffer.
//! - [`pictures`]: decoding a frame.

pub(crate) mod copies;
pub(crate) mod headers;
pub(crate) mod movies;
pub(crate) mod pictures;
