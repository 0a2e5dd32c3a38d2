//! The movies of `intercut demo` and of the documentation's examples, made by `demo/make.sh`.
//!
//! - [`BASE`]: 100 frames from 01:00:00:00. [`SHOT_A`]: 25 of them from 01:00:01:00. [`SHOT_B`]: 18 from 01:00:02:12.

/// The movie that is spliced into.
pub const BASE: &[u8] = include_bytes!("../demo/base.mov");
/// A graded shot.
pub const SHOT_A: &[u8] = include_bytes!("../demo/shot_A.mov");
/// Another one.
pub const SHOT_B: &[u8] = include_bytes!("../demo/shot_B.mov");
