//! Everything that needs more than one module, as one binary: one link instead of one for every topic.
//!
//! - [`movies`]: which bytes are in the finished movie.
//! - [`batch`]: many splices, unattended.
//! - [`command`]: what people and scripts see of the `intercut` command.
//! - [`faults`]: what is left when disks, mappings, kernels, signals and power fail.
//! - [`in_place`]: movies that are changed in place and back.
//! - [`field`]: the kinds of faults that users reported.
//! - [`pictures`]: what frames decode to.
//! - [`hostile`]: what the engine makes of damaged and malicious files.
//!
//! Run one topic with `cargo nextest run -p intercut-tests -E 'test(batch::)'`. Beside this binary there are only
//! `hostile_memory`, whose allocator counts for its whole process, and `tidy`, which reads source files alone.

mod batch;
mod command;
mod faults;
mod field;
mod hostile;
mod in_place;
mod movies;
mod pictures;
