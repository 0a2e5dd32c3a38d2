//! Which base frames each event has replaced.
//!
//! - In: the events of a plan or of a report, and the overlaps between them.
//! - Out: what each event claims, less what it lost.
//! - Holds: no frame is two events'; runs are sorted and never empty.

use std::collections::HashMap;
use std::ops::Range;

use super::{Event, PlannedOverlap};

/// The base frames that each event replaced, in the order of the events; an event that lost all of its frames has none.
///
/// - Cost: O(n log n) in overlaps.
pub fn owned_frames(events: &[Event], overlaps: &[PlannedOverlap]) -> Vec<Vec<Range<u64>>> {
    let mut lost: HashMap<usize, Vec<Range<u64>>> = HashMap::new();
    for overlap in overlaps {
        lost.entry(overlap.loser.get()).or_default().push(overlap.record_in..overlap.record_out);
    }
    let of = |(index, event): (usize, &Event)| {
        let mut lost = lost.remove(&index).unwrap_or_default();
        lost.sort_by_key(|frames| frames.start);
        let (mut runs, mut from) = (Vec::new(), event.record_in);
        for frames in lost {
            runs.push(from..frames.start);
            from = from.max(frames.end);
        }
        runs.push(from..event.record_out);
        runs.retain(|run| !run.is_empty());
        runs
    };
    events.iter().enumerate().map(of).collect()
}
