//! Bases and clips to links: which base each clip of a turnover belongs to, or why none.
//!
//! - In: movies and [`LinkOptions`].
//! - Out: [`LinkReport`]: every link with what it rests on; every clip without one with the reasons against each base
//!   that comes near.
//! - Holds: nothing is guessed. Where what speaks for a clip points to several bases it is linked to none; the order in
//!   which bases and clips are given decides the order of the report, and nothing else.
//! - Not here: folders and files (`discover`), where in its base a clip goes (`plan`).

mod report;

pub use report::{
    CANDIDATES_MAX, Candidate, Confidence, Evidence, LeftOut, Link, LinkReport, LinkedBase,
    LinkedClip, LinkedJob, LinkedMovie, SCHEMA, UnlinkedClip, WhyUnlinked,
};

use crate::plan::PlaceOptions;

/// How clips are linked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkOptions {
    /// The least sure link that is made; the others are told as unlinked.
    pub min_confidence: Confidence,
    /// How the clips will be placed: a clip's timecode lies within a base's where the planner would find a place for it
    /// (without its handles, trimmed, by `at`). What may be allowed (field order, alpha) is left to the planner.
    pub place: PlaceOptions,
}
