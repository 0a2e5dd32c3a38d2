//! Whether events of an edit list begin where the base's picture changes.
//!
//! A list and a base that belong together cut at the same frames. A base without cuts (a camera original, a still, a blank) says
//! nothing, and neither does one that cuts nowhere near.
//!
//! - In: a plan; the base's pictures.
//! - Out: [`ListStart`]: events of lists near whose first frame the base cuts, and where.
//! - Not here: what a cut is (`likeness`), what is said about it (`splice`).

use super::wanted::Spot;
use crate::look::{PictureFinder, Presented};
use crate::plan::{EventOrigin, SplicePlan};

/// Frames before and behind an event's first one at which a cut is looked for.
const REACH: u64 = 6;

/// An event of a list near whose first frame the base cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListStart {
    /// The event's index.
    pub(crate) event: usize,
    /// Frames from the event's first one to the base's cut; 0 if it is there.
    pub(crate) to_cut: i64,
}

/// The pictures of the base around the first frame of each event of a list.
pub(super) fn starts(plan: &SplicePlan, base: &PictureFinder<'_>) -> Vec<Spot> {
    let events = plan.events.iter().enumerate();
    let listed = events.filter(|(_, event)| event.origin == EventOrigin::List);
    let spot = |(index, frame): (usize, u64)| {
        // One frame more before it: a cut is between two.
        let first = frame.saturating_sub(REACH + 1);
        let pictures: Option<Vec<Presented>> =
            (first..frame + REACH + 1).map(|frame| base.presented(frame)).collect();
        let pictures = pictures?;
        let replaced = usize::try_from(frame - first).ok()?;
        Some(Spot { event: index, frame, of_base: pictures.len(), pictures, replaced })
    };
    listed.filter_map(|(index, event)| spot((index, event.record_in))).collect()
}

impl ListStart {
    /// What the pictures around an event's first frame say.
    pub(super) fn of(spot: &Spot, cut: usize) -> Self {
        let to_cut = i64::try_from(cut).unwrap_or(0) - i64::try_from(spot.replaced).unwrap_or(0);
        Self { event: spot.event, to_cut }
    }
}
