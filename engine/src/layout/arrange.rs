//! Orders the media as the base does and finds the extents: runs that are contiguous in a source and in the target.
//!
//! - In: every chunk of every track, as bytes of a source and a place in the base's file order.
//! - Out: [`Media`]: the extents in target order, and for each chunk where in which extent it begins.
//! - Holds: every base byte that a chunk refers to is in exactly one extent, however many chunks refer to it, so that a
//!   file whose samples share bytes cannot make the target larger than itself plus the clips; a chunk lies in one extent.
//! - Not here: target offsets (`place`).

use intercut_io::SourceIndex;

use super::cut::BASE;
use crate::units::ByteRange;

/// A chunk that the target needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    /// The file that its bytes come from.
    pub(super) source: SourceIndex,
    /// Its bytes in that file.
    pub(super) range: ByteRange,
    /// Its place in the base's file order: bytes from the start of the base.
    pub(super) base_offset: u64,
}

/// A run of bytes of a source that stays contiguous in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The file.
    pub(super) source: SourceIndex,
    /// Its bytes in that file; never empty.
    pub(super) range: ByteRange,
}

/// Where a chunk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Anchor {
    /// Index of its run.
    pub(super) run: usize,
    /// Bytes from the start of that run.
    pub(super) delta: u64,
}

/// The media of a target, in target order, before it has offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Media {
    /// The runs, in target order.
    pub(super) runs: Vec<Run>,
    /// Where each item begins, in the order of the items.
    pub(super) anchors: Vec<Anchor>,
    /// Bytes of all the runs.
    pub(super) len: u64,
}

impl Media {
    /// Arranges `items`. Items of the base whose bytes overlap stay together; items at the same place keep their order.
    ///
    /// - Returns: `None` where the media would have 2^63 bytes or more.
    /// - Cost: O(items log items).
    pub(super) fn arrange(items: &[Item]) -> Option<Self> {
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|&index| items[index].base_offset);
        let mut groups = overlapping(items, &order).into_iter();

        let mut media = Media {
            runs: Vec::new(),
            anchors: vec![Anchor { run: 0, delta: 0 }; items.len()],
            len: 0,
        };
        // The group that was placed last, where, and how many of its items are still to come.
        let mut placed = (ByteRange { offset: 0, len: 0 }, Anchor { run: 0, delta: 0 }, 0);
        for index in order {
            let item = &items[index];
            if item.source != BASE {
                media.anchors[index] = media.append(item.source, item.range)?;
                continue;
            }
            if placed.2 == 0 {
                let group = groups.next().expect("every item of the base is in a group");
                placed = (group.range, media.append(BASE, group.range)?, group.item_count);
            }
            let (group, anchor, left) = &mut placed;
            *left -= 1;
            let delta = anchor.delta + (item.range.offset - group.offset);
            media.anchors[index] = Anchor { run: anchor.run, delta };
        }
        Some(media)
    }

    /// Appends bytes, to the last run where they continue it, and says where they begin.
    fn append(&mut self, source: SourceIndex, range: ByteRange) -> Option<Anchor> {
        self.len = self.len.checked_add(range.len).filter(|&len| len < 1 << 63)?;
        match self.runs.last_mut() {
            Some(last)
                if range.len == 0
                    || (last.source == source && last.range.end() == range.offset) =>
            {
                let delta = last.range.len;
                last.range.len += range.len;
                Some(Anchor { run: self.runs.len() - 1, delta })
            }
            // Nothing stands at the very start of the media; the first run will begin there.
            None if range.len == 0 => Some(Anchor { run: 0, delta: 0 }),
            _ => {
                self.runs.push(Run { source, range });
                Some(Anchor { run: self.runs.len() - 1, delta: 0 })
            }
        }
    }
}

/// Items of the base whose bytes overlap.
struct Group {
    range: ByteRange,
    item_count: usize,
}

/// Joins the base's items into groups of bytes that overlap, in file order. Items that only touch are apart, so that a
/// clip may stand between them.
fn overlapping(items: &[Item], order: &[usize]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for item in order.iter().map(|&index| &items[index]).filter(|item| item.source == BASE) {
        match groups.last_mut() {
            Some(group) if item.range.offset < group.range.end() => {
                group.range.len = group.range.len.max(item.range.end() - group.range.offset);
                group.item_count += 1;
            }
            _ => groups.push(Group { range: item.range, item_count: 1 }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base(offset: u64, len: u64) -> Item {
        Item { source: BASE, range: ByteRange { offset, len }, base_offset: offset }
    }

    fn clip(source: u32, offset: u64, len: u64, base_offset: u64) -> Item {
        Item { source: SourceIndex(source), range: ByteRange { offset, len }, base_offset }
    }

    fn run(source: u32, offset: u64, len: u64) -> Run {
        Run { source: SourceIndex(source), range: ByteRange { offset, len } }
    }

    fn arrange(items: &[Item]) -> (Vec<Run>, Vec<(usize, u64)>) {
        let media = Media::arrange(items).expect("it is short");
        (media.runs, media.anchors.iter().map(|anchor| (anchor.run, anchor.delta)).collect())
    }

    #[test]
    fn untouched_chunks_of_all_tracks_are_one_run_in_file_order() {
        let video = [base(100, 50), base(160, 50)];
        let sound = [base(150, 10), base(210, 10)];
        assert_eq!(
            arrange(&[video, sound].concat()),
            (vec![run(0, 100, 120)], vec![(0, 0), (0, 60), (0, 50), (0, 110)])
        );
    }

    #[test]
    fn clip_stands_where_the_bytes_that_it_replaces_stood() {
        let items = [base(100, 10), clip(1, 7000, 33, 110), base(120, 10), base(130, 5)];
        assert_eq!(
            arrange(&items),
            (
                vec![run(0, 100, 10), run(1, 7000, 33), run(0, 120, 15)],
                vec![(0, 0), (1, 0), (2, 0), (2, 10)]
            )
        );
    }

    #[test]
    fn bytes_that_no_sample_refers_to_are_not_carried_over() {
        let items = [base(100, 10), base(111, 10)];
        assert_eq!(arrange(&items), (vec![run(0, 100, 10), run(0, 111, 10)], vec![(0, 0), (1, 0)]));
    }

    #[test]
    fn one_black_frame_that_every_sample_refers_to_is_carried_over_once() {
        let items = vec![base(4000, 190_000); 10_000];
        let (runs, anchors) = arrange(&items);
        assert_eq!(runs, [run(0, 4000, 190_000)]);
        assert_eq!(anchors, vec![(0, 0); 10_000]);
    }

    #[test]
    fn chunks_that_overlap_stay_together_where_a_clip_would_part_them() {
        let items = [base(100, 50), clip(1, 0, 8, 120), base(140, 40), base(180, 10)];
        assert_eq!(
            arrange(&items),
            (
                vec![run(0, 100, 80), run(1, 0, 8), run(0, 180, 10)],
                vec![(0, 0), (1, 0), (0, 40), (2, 0)]
            )
        );
    }

    #[test]
    fn empty_chunks_take_no_place() {
        let items = [base(0, 0), base(100, 10), base(105, 0), base(110, 0), base(500, 0)];
        assert_eq!(
            arrange(&items),
            (vec![run(0, 100, 10)], vec![(0, 0), (0, 0), (0, 5), (0, 10), (0, 10)])
        );
    }

    #[test]
    fn media_too_long_for_any_file_is_refused() {
        let items = vec![clip(1, 0, 1 << 62, 0); 2];
        assert_eq!(Media::arrange(&items), None);
    }

    proptest! {
        #[test]
        fn every_item_finds_its_own_bytes_and_no_base_byte_is_placed_twice(
            items in prop::collection::vec((0u32..3, 0u64..400, 0u64..60, 0u64..400), 0..60)
        ) {
            let items: Vec<Item> = items
                .into_iter()
                .map(|(source, offset, len, place)| match source {
                    0 => base(offset, len),
                    _ => clip(source, offset, len, place),
                })
                .collect();
            let media = Media::arrange(&items).expect("it is short");
            for (item, anchor) in items.iter().zip(&media.anchors).filter(|(item, _)| item.range.len > 0) {
                let run = media.runs[anchor.run];
                prop_assert_eq!(run.source, item.source);
                prop_assert_eq!(run.range.offset + anchor.delta, item.range.offset);
                prop_assert!(anchor.delta + item.range.len <= run.range.len);
            }
            let mut placed = [0u8; 500];
            for run in media.runs.iter().filter(|run| run.source == BASE) {
                for byte in run.range.offset..run.range.end() {
                    placed[usize::try_from(byte).expect("small")] += 1;
                }
            }
            for (byte, &count) in placed.iter().enumerate() {
                let needed = items.iter().any(|item| {
                    item.source == BASE && (item.range.offset..item.range.end()).contains(&(byte as u64))
                });
                prop_assert_eq!(count, u8::from(needed));
            }
            let clips: u64 = items.iter().filter(|item| item.source != BASE).map(|item| item.range.len).sum();
            let placed: u64 = placed.iter().map(|&count| u64::from(count)).sum();
            prop_assert_eq!(media.len, clips + placed);
            prop_assert!(media.runs.iter().all(|run| run.range.len > 0));
        }
    }
}
