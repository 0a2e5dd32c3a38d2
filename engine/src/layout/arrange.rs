//! Orders the media as the base does and finds the extents: bytes that are contiguous in a source and in the target.
//!
//! - In: every chunk of every track, as bytes of a source and a place in the base's file order.
//! - Out: [`Media`]: the extents in target order, and for each chunk where in the media it begins.
//! - Holds: every base byte that a chunk refers to is in exactly one extent, however many chunks refer to it, so that a
//!   file whose samples share bytes cannot make the target larger than itself plus the clips; a chunk lies in one extent.
//!   Meanwhile a chunk costs 20 bytes, afterwards eight: a header may name millions.
//! - Not here: target offsets (`place`).

use intercut_io::SourceIndex;

use super::LayoutError;
use super::cut::BASE;
use crate::units::ByteRange;

/// Extents that any movie may fall into, and the bytes of media for each further one. Who writes movies writes frames:
/// media in millions of crumbs would take more memory to copy than the movie has bytes.
const EXTENTS_FREE: u64 = 1 << 14;
const EXTENT_LEN_MEAN_MIN: u64 = 256;

/// The chunks that the target needs, track by track.
#[derive(Debug, Clone, Default)]
pub(super) struct Items {
    /// The place of each in the base's file order: bytes from the start of the base.
    base_offsets: Vec<u64>,
    lens: Vec<u64>,
    /// Those that come from a clip.
    clips: Vec<ClipItem>,
    clip_len: u64,
}

#[derive(Debug, Clone, Copy)]
struct ClipItem {
    /// Which item it is.
    index: u32,
    source: SourceIndex,
    /// Where it is in the clip.
    offset: u64,
}

impl Items {
    pub(super) fn with_capacity(count: usize) -> Self {
        let (base_offsets, lens) = (Vec::with_capacity(count), Vec::with_capacity(count));
        Self { base_offsets, lens, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.lens.len()
    }

    /// Adds a chunk of the base.
    pub(super) fn push_base(&mut self, range: ByteRange) {
        self.base_offsets.push(range.offset);
        self.lens.push(range.len);
    }

    /// Adds a chunk of any source, which belongs where the base has `base_offset`.
    pub(super) fn push(&mut self, source: SourceIndex, range: ByteRange, base_offset: u64) {
        if source != BASE {
            let index =
                u32::try_from(self.len()).expect("moov has room for fewer than 2^32 chunks");
            self.clips.push(ClipItem { index, source, offset: range.offset });
            self.clip_len = self.clip_len.saturating_add(range.len);
        }
        self.base_offsets.push(base_offset);
        self.lens.push(range.len);
    }

    /// Every item in the order of the media; items at the same place keep theirs.
    fn in_order(&self) -> Vec<u32> {
        let count = u32::try_from(self.len()).expect("moov has room for fewer than 2^32 chunks");
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_by_key(|&index| self.base_offsets[index as usize]);
        order
    }
}

/// Bytes of a source that stay contiguous in the target; where in the target is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SourceExtent {
    /// The file.
    pub(super) source: SourceIndex,
    /// Its bytes in that file; never empty.
    pub(super) range: ByteRange,
}

/// The media of a target, in target order, before it has offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Media {
    /// The extents, in target order.
    pub(super) extents: Vec<SourceExtent>,
    /// Where each item begins, in the order of the items: bytes of the extents before it, without gaps.
    pub(super) positions: Vec<u64>,
    /// Bytes of all the extents.
    pub(super) len: u64,
}

/// The group of overlapping items that was placed last.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    /// Where it begins in the base.
    offset: u64,
    /// Where it begins in the media.
    position: u64,
    /// How many of its items are still to come.
    items_left: usize,
}

impl Media {
    /// Arranges `items` of a base of `base_len` bytes. Items of the base whose bytes overlap stay together.
    ///
    /// - Cost: O(items log items).
    ///
    /// # Errors
    /// [`LayoutError::MediaTooLong`], [`LayoutError::Scattered`].
    pub(super) fn arrange(items: Items, base_len: u64) -> Result<Self, LayoutError> {
        let order = items.in_order();
        let Items { base_offsets: mut positions, lens, mut clips, clip_len } = items;
        // As in `order`.
        clips.sort_by_key(|clip| positions[clip.index as usize]);
        let mut clips = clips.as_slice();
        let extents_max = EXTENTS_FREE + base_len.saturating_add(clip_len) / EXTENT_LEN_MEAN_MIN;
        let mut media = Media { extents: Vec::new(), positions: Vec::new(), len: 0 };
        let mut group = Group::default();
        for (place, &index) in order.iter().enumerate() {
            let (offset, len) = (positions[index as usize], lens[index as usize]);
            let clip = take_clip(&mut clips, index);
            positions[index as usize] = match clip {
                Some(clip) => media.append(clip.source, ByteRange { offset: clip.offset, len })?,
                None => {
                    if group.items_left == 0 {
                        let ahead = order[place..].iter().copied();
                        let (range, items_left) = overlapping(ahead, &positions, &lens, clips);
                        let position = media.append(BASE, range)?;
                        group = Group { offset, position, items_left };
                    }
                    group.items_left -= 1;
                    group.position + (offset - group.offset)
                }
            };
            if media.extents.len() as u64 > extents_max {
                return Err(LayoutError::Scattered { bytes: base_len.saturating_add(clip_len) });
            }
        }
        media.positions = positions;
        Ok(media)
    }

    /// Appends bytes, to the last extent where they continue it, and says where in the media they begin.
    fn append(&mut self, source: SourceIndex, range: ByteRange) -> Result<u64, LayoutError> {
        let position = self.len;
        let len = position.checked_add(range.len).filter(|&len| len < 1 << 63);
        self.len = len.ok_or(LayoutError::MediaTooLong)?;
        match self.extents.last_mut() {
            _ if range.len == 0 => {}
            Some(last) if last.source == source && last.range.end() == range.offset => {
                last.range.len += range.len;
            }
            _ => self.extents.push(SourceExtent { source, range }),
        }
        Ok(position)
    }
}

/// Takes the first clip off the slice where it is the item `index`.
fn take_clip(clips: &mut &[ClipItem], index: u32) -> Option<ClipItem> {
    let (first, others) = clips.split_first().filter(|(first, _)| first.index == index)?;
    *clips = others;
    Some(*first)
}

/// The bytes of the base's items that overlap one another, from the first of `ahead` on, and how many items these are.
/// Items that only touch are apart, so that a clip may be between them.
fn overlapping(
    ahead: impl Iterator<Item = u32>,
    offsets: &[u64],
    lens: &[u64],
    mut clips: &[ClipItem],
) -> (ByteRange, usize) {
    let mut group: Option<(ByteRange, usize)> = None;
    for index in ahead {
        if take_clip(&mut clips, index).is_some() {
            continue;
        }
        let (offset, len) = (offsets[index as usize], lens[index as usize]);
        match &mut group {
            None => group = Some((ByteRange { offset, len }, 1)),
            Some((range, count)) if offset < range.end() => {
                range.len = range.len.max(offset + len - range.offset);
                *count += 1;
            }
            Some(_) => break,
        }
    }
    group.expect("the first item is the base's")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Source, bytes in it, place in the base.
    type Item = (u32, ByteRange, u64);

    fn base(offset: u64, len: u64) -> Item {
        (0, ByteRange { offset, len }, offset)
    }

    fn clip(source: u32, offset: u64, len: u64, base_offset: u64) -> Item {
        (source, ByteRange { offset, len }, base_offset)
    }

    fn extent(source: u32, offset: u64, len: u64) -> SourceExtent {
        SourceExtent { source: SourceIndex(source), range: ByteRange { offset, len } }
    }

    fn media(list: &[Item]) -> Result<Media, LayoutError> {
        let mut items = Items::default();
        for &(source, range, base_offset) in list {
            items.push(SourceIndex(source), range, base_offset);
        }
        Media::arrange(items, 1000)
    }

    fn arrange(items: &[Item]) -> (Vec<SourceExtent>, Vec<u64>) {
        let media = media(items).expect("it is short");
        (media.extents, media.positions)
    }

    #[test]
    fn untouched_chunks_of_all_tracks_are_one_extent_in_file_order() {
        let video = [base(100, 50), base(160, 50)];
        let sound = [base(150, 10), base(210, 10)];
        assert_eq!(
            arrange(&[video, sound].concat()),
            (vec![extent(0, 100, 120)], vec![0, 60, 50, 110])
        );
    }

    #[test]
    fn clip_stands_where_the_bytes_that_it_replaces_stood() {
        let items = [base(100, 10), clip(1, 7000, 33, 110), base(120, 10), base(130, 5)];
        assert_eq!(
            arrange(&items),
            (
                vec![extent(0, 100, 10), extent(1, 7000, 33), extent(0, 120, 15)],
                vec![0, 10, 43, 53]
            )
        );
    }

    #[test]
    fn bytes_that_no_sample_refers_to_are_not_carried_over() {
        let items = [base(100, 10), base(111, 10)];
        assert_eq!(arrange(&items), (vec![extent(0, 100, 10), extent(0, 111, 10)], vec![0, 10]));
    }

    #[test]
    fn one_black_frame_that_every_sample_refers_to_is_carried_over_once() {
        let items = vec![base(4000, 190_000); 10_000];
        let (extents, positions) = arrange(&items);
        assert_eq!(extents, [extent(0, 4000, 190_000)]);
        assert_eq!(positions, vec![0; 10_000]);
    }

    #[test]
    fn chunks_that_overlap_stay_together_where_a_clip_would_part_them() {
        let items = [base(100, 50), clip(1, 0, 8, 120), base(140, 40), base(180, 10)];
        assert_eq!(
            arrange(&items),
            (vec![extent(0, 100, 80), extent(1, 0, 8), extent(0, 180, 10)], vec![0, 80, 40, 88])
        );
    }

    #[test]
    fn empty_chunks_take_no_place() {
        let items = [base(0, 0), base(100, 10), base(105, 0), base(110, 0), base(500, 0)];
        assert_eq!(arrange(&items), (vec![extent(0, 100, 10)], vec![0, 0, 5, 10, 10]));
    }

    #[test]
    fn media_too_long_for_any_file_is_refused() {
        let items = vec![clip(1, 0, 1 << 62, 0); 2];
        assert_eq!(media(&items), Err(LayoutError::MediaTooLong));
    }

    #[test]
    fn media_in_crumbs_is_refused_before_it_takes_memory() {
        let crumbs = |count: u64| (0..count).map(|index| base(2 * index, 1)).collect::<Vec<_>>();
        // 16,384 extents, and three for the 1000 bytes of the base.
        assert_eq!(media(&crumbs(16_387)).expect("it is just whole enough").extents.len(), 16_387);
        assert_eq!(media(&crumbs(16_388)), Err(LayoutError::Scattered { bytes: 1000 }));
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
            let media = media(&items).expect("it is short");
            for (item, &position) in items.iter().zip(&media.positions).filter(|(item, _)| item.1.len > 0) {
                let mut before = 0;
                let extent = media.extents.iter().find(|extent| {
                    before += extent.range.len;
                    position < before
                });
                let extent = extent.expect("the media has its bytes");
                let delta = position - (before - extent.range.len);
                prop_assert_eq!(extent.source, SourceIndex(item.0));
                prop_assert_eq!(extent.range.offset + delta, item.1.offset);
                prop_assert!(delta + item.1.len <= extent.range.len);
            }
            let mut placed = [0u8; 500];
            for extent in media.extents.iter().filter(|extent| extent.source == BASE) {
                for byte in extent.range.offset..extent.range.end() {
                    placed[usize::try_from(byte).expect("small")] += 1;
                }
            }
            for (byte, &count) in placed.iter().enumerate() {
                let needed = items.iter().any(|item| {
                    item.0 == 0 && (item.1.offset..item.1.end()).contains(&(byte as u64))
                });
                prop_assert_eq!(count, u8::from(needed));
            }
            let clips: u64 = items.iter().filter(|item| item.0 != 0).map(|item| item.1.len).sum();
            let placed: u64 = placed.iter().map(|&count| u64::from(count)).sum();
            prop_assert_eq!(media.len, clips + placed);
            prop_assert!(media.extents.iter().all(|extent| extent.range.len > 0));
        }
    }
}
