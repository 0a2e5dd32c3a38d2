//! Which base frames each event has replaced.
//!
//! - In: the events of a plan or of a report, and the overlaps between them.
//! - Out: what each event claims, less what it lost.
//! - Holds: no frame is two events'; runs are sorted and never empty.

use std::collections::HashMap;
use std::ops::Range;

use super::{Event, PlannedOverlap};
use crate::units::EventIndex;

/// The base frames that each event replaced, in the order of the events; an event that lost all of its frames has none.
///
/// - Cost: O(n log n) in overlaps.
pub fn owned_frames(events: &[Event], overlaps: &[PlannedOverlap]) -> Vec<Vec<Range<u64>>> {
    let mut lost = lost_frames(overlaps);
    let of = |(index, event): (usize, &Event)| {
        let lost = lost.remove(&EventIndex::new(index)).unwrap_or_default();
        without(event.record(), lost).collect()
    };
    events.iter().enumerate().map(of).collect()
}

/// The base frames that events lost to others, in order; an event that lost none is not there.
pub(crate) fn lost_frames(overlaps: &[PlannedOverlap]) -> HashMap<EventIndex, Vec<Range<u64>>> {
    let mut lost: HashMap<EventIndex, Vec<Range<u64>>> = HashMap::new();
    for overlap in overlaps {
        lost.entry(overlap.loser).or_default().push(overlap.record_in..overlap.record_out);
    }
    lost.values_mut().for_each(|lost| lost.sort_by_key(|frames| frames.start));
    lost
}

/// What is left of a range.
///
/// - `taken`: in order.
pub(crate) fn without(
    range: Range<u64>,
    taken: impl IntoIterator<Item = Range<u64>>,
) -> impl Iterator<Item = Range<u64>> {
    let mut from = range.start;
    let end = range.end..range.end;
    let left = taken.into_iter().chain([end]).map(move |taken| {
        let left = from..taken.start.min(range.end);
        from = from.max(taken.end);
        left
    });
    left.filter(|left| !left.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_range_lies_between_what_was_taken() {
        let left = |taken: &[Range<u64>]| {
            let left = without(10..20, taken.to_vec()).map(|left| [left.start, left.end]);
            left.collect::<Vec<_>>()
        };
        assert_eq!(left(&[]), [[10, 20]]);
        assert_eq!(left(&[0..10, 20..30]), [[10, 20]]);
        assert_eq!(left(&[5..12, 11..14, 18..25]), [[14, 18]]);
        assert_eq!(left(&[12..13, 15..16]), [[10, 12], [13, 15], [16, 20]]);
        assert!(left(&[0..40, 41..42]).is_empty());
    }
}
