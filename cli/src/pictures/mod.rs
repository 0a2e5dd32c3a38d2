//! Pictures of what a run did, for its page: from the finished movie, and of the base what went.
//!
//! ```text
//! ReportObject ─▶ wanted: which frames of each event ─▶ movie, base: decoded on all threads ─▶ JPEG of a few kB ─▶ Pictures
//! ```
//!
//! - In: reports of runs whose movies have their names.
//! - Out: [`Pictures`] of each: JPEG, or the reason why there is none.
//! - Holds: all pages of one command together stay within a number of bytes, by smaller pictures and then by fewer events; what
//!   is left out is counted. Nothing here makes a run fail.
//! - Not here: how a page shows them (`page`).

mod fit;
mod make;
mod wanted;

use std::rc::Rc;

pub(crate) use make::make;
pub(crate) use wanted::Place;

/// The pictures of one run.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    /// Of each event that has any, in record order.
    pub(crate) strips: Vec<Strip>,
    /// Events without pictures, because they would make the page too long.
    pub(crate) left_out: usize,
    /// The transfer characteristic from which they are tone-mapped.
    pub(crate) tone_mapped: Option<&'static str>,
    /// Why there are none, or none of the base.
    pub(crate) missing: Vec<Missing>,
}

/// Why something has no pictures.
#[derive(Debug)]
pub(crate) struct Missing {
    /// As a sentence without a full stop.
    pub(crate) why: String,
    /// Whether a person should be warned: it should have worked.
    pub(crate) is_fault: bool,
}

/// The pictures of one event.
#[derive(Debug)]
pub(crate) struct Strip {
    /// Which one of the report.
    pub(crate) event: usize,
    /// In the order of time, the base's last.
    pub(crate) shots: Vec<Shot>,
}

/// One picture.
#[derive(Debug)]
pub(crate) struct Shot {
    /// What it is to the event.
    pub(crate) place: Place,
    /// The frame of the base's timeline, which is the movie's.
    pub(crate) frame: u64,
    /// The event that the frame belongs to; `None` if it is the base's.
    pub(crate) of: Option<usize>,
    /// The picture, or why there is none.
    pub(crate) shown: Result<Rc<Jpeg>, String>,
}

/// A picture as a JPEG file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jpeg {
    pub(crate) bytes: Vec<u8>,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// What of it is grey, because it cannot be decoded: parts of all.
    pub(crate) damaged: (usize, usize),
}
