//! Looks at one movie: its tracks, its timeline, its timecode, and what keeps it from being spliced.
//!
//! - In: a path.
//! - Out: [`survey`] for any movie, as much of it as can be read; [`open`] for one that is whole: [`OpenMovie`], the file
//!   and its [`Movie`].
//! - Not here: what several movies are to one another (`plan`, `link`).

pub use crate::discover::{OpenError, OpenMovie, open, survey};
pub use crate::movie::{
    Movie, MovieError, Obstacles, Outline, PictureRate, Survey, Track, TrackKind,
};
