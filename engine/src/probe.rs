//! Looks at one movie: its tracks, its timeline, its timecode, and what keeps it from being spliced.
//!
//! - In: a path.
//! - Out: [`OpenMovie`]: the file, and its [`Movie`].
//! - Not here: what several movies are to one another (`plan`, `link`).

pub use crate::discover::{OpenError, OpenMovie, open};
pub use crate::movie::{Movie, MovieError, Obstacles, Outline, Survey, Track, TrackKind};
