//! Puts other slices into frames, without decoding any.
//!
//! ```text
//! frame │ size, header │ picture header, table of slices │ slice │ slice │ slice │ …
//!          new size       new sizes                        kept    new     kept
//! ```
//!
//! A slice of ProRes is coded by itself: nothing carries over to the next one but its place. So a frame whose table names other
//! slices is a frame, and what was not replaced is what it was.
//!
//! - In: the first bytes of a sample; which slices are replaced by what.
//! - Out: [`SliceMap`], where the slices of a frame are; [`Rebuilt`], of what the new frame is put together.
//! - Holds: frames whose table does not fit their bytes are refused; slices of another frame fit only if it is of the same kind
//!   ([`SliceMap::difference`]).
//! - Not here: files; the slices of text (`flat`).
//!
//! References: RDD 36, 5.1 to 5.3.

mod map;
mod rebuilt;

pub use map::{ReadSample, SliceMap};
pub use rebuilt::{Change, Part, Rebuilt, With};
