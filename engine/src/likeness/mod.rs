//! How well pictures of a clip fit pictures of the base, and what follows from it.
//!
//! ```text
//! pictures at 1/8 ─▶ Grey ─▶ motion, direction ─▶ scores by frame ─▶ Evidence of a place ─▶ Judgement of several
//!                            of base and clip     (as it is, reframed)
//! ```
//!
//! - In: decoded pictures of both, at a few places.
//! - Out: [`Evidence`], [`Judgement`].
//! - Holds: pure functions of pictures. A grade may change all colours, contrast and sharpness, and turn bright into dark.
//! - Not here: which pictures are looked at, and reading them (`content`).

mod cut;
mod direction;
mod dots;
mod grey;
mod judge;
mod motion;
mod place;
mod reframe;

pub use cut::cut_among;
pub use grey::Grey;
pub use judge::{ContentNote, ContentVerdict, Judgement, judge_far, judge_near};
pub use place::{Curve, Evidence, Place, Score};
pub use reframe::Reframe;
