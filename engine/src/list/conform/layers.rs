//! Which frames of which cuts can be seen: upper layers hide lower ones, later lists earlier ones.
//!
//! - In: resolved cuts.
//! - Out: their `visible` base frames.
//! - Holds: what hides is media (clips, retimed and nested ones too) and stills, whether a clip was delivered for them or
//!   not; titles, generators and adjustments hide nothing. Cuts of one layer do not hide one another.
//! - Not here: overlaps within a layer (`plan`).

use std::ops::Range;

use super::super::cut::Span;
use super::ListInput;
use super::base::{BaseFacts, Located};
use super::resolve::Resolved;

/// Frames that layers above cover: sorted, apart.
#[derive(Debug, Default)]
struct Covered(Vec<Range<u64>>);

impl Covered {
    /// What of a range is not covered.
    fn left_of(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut left = Vec::new();
        let mut from = range.start;
        let first = self.0.partition_point(|covered| covered.end <= range.start);
        for covered in self.0[first..].iter().take_while(|covered| covered.start < range.end) {
            if covered.start > from {
                left.push(from..covered.start);
            }
            from = covered.end;
        }
        if from < range.end {
            left.push(from..range.end);
        }
        left
    }

    fn add(&mut self, ranges: Vec<Range<u64>>) {
        self.0.extend(ranges);
        self.0.sort_unstable_by_key(|range| range.start);
        self.0.dedup_by(|next, last| {
            let joins = next.start <= last.end;
            if joins {
                last.end = last.end.max(next.end);
            }
            joins
        });
    }
}

/// Fills in which frames of every cut can be seen.
///
/// - `offset`: frames that are added to every record timecode.
pub(super) fn hide(
    resolved: &mut Resolved<'_>,
    lists: &[ListInput<'_>],
    base: &BaseFacts<'_>,
    offset: i64,
) {
    let mut stills = stills(lists, base, offset);
    let mut order: Vec<usize> = (0..resolved.cuts.len()).collect();
    let layer = |cut: usize| (resolved.cuts[cut].list, resolved.cuts[cut].cut.layer);
    order.sort_by_key(|&cut| std::cmp::Reverse(layer(cut)));
    let layers: Vec<Vec<usize>> =
        order.chunk_by(|a, b| layer(*a) == layer(*b)).map(<[usize]>::to_vec).collect();
    let mut covered = Covered::default();
    for cuts in layers {
        let here = (resolved.cuts[cuts[0]].list, resolved.cuts[cuts[0]].cut.layer);
        // Stills of layers above this one.
        let above = stills.extract_if(.., |(layer, _)| *layer > here);
        covered.add(above.map(|(_, range)| range).collect());
        let mut ranges = Vec::new();
        for cut in cuts {
            let cut = &mut resolved.cuts[cut];
            if let Located::At(first) = cut.located {
                cut.visible = covered.left_of(first..first + cut.count.unsigned_abs());
            }
            ranges.extend(base.overlaps(cut.record_first, cut.count));
        }
        covered.add(ranges);
    }
}

/// Base frames that stills cover, with their layers.
fn stills(
    lists: &[ListInput<'_>],
    base: &BaseFacts<'_>,
    offset: i64,
) -> Vec<((usize, u32), Range<u64>)> {
    let mut found = Vec::new();
    for (index, input) in lists.iter().enumerate() {
        for (layer, span) in input.list.passed_over.iter().filter_map(|passed| passed.hides) {
            let (first, end) = match span {
                Span::Frames { first, end } => (first, end),
                Span::Labels { first, end } => {
                    let frame = |label: super::super::label::Label| label.frame(base.format);
                    let (Ok(first), Ok(end)) = (frame(first), frame(end)) else { continue };
                    (first, end)
                }
            };
            let count = (end - first).max(0);
            let first = (first + offset).rem_euclid(base.day());
            let ranges = base.overlaps(first, count);
            found.extend(ranges.into_iter().map(|range| ((index, layer), range)));
        }
    }
    found
}
