//! Hostile movies: good ones, damaged on purpose and by a seed, and what must hold for whatever comes of them.
//!
//! ```text
//! seeds ──▶ mutate (tree) ──▶ bytes ──▶ judge: parse, plan, lay out, read the target's header again
//! ```
//!
//! - [`tree`]: where the atoms of a file are, as far as that can be told.
//! - [`mutate`]: the kinds of damage.
//! - [`seeds`]: small movies of every structure, and those that the command carries with it.
//! - [`worst`]: files of ten megabytes that cost as much as such a file can.
//! - [`lists`]: edit lists of any content, and their own judge.
//! - [`pictures`]: samples of ProRes of any content, and their own judge.
//! - [`judge`]: the pipeline up to the first byte that would be written, with every invariant asserted.
//!
//! The same judge is behind the tests, the fuzz targets of `tests/fuzz` and the named crashers.

pub mod judge;
pub mod lists;
pub mod mutate;
pub mod pictures;
pub mod seeds;
pub mod tree;
pub mod worst;
