//! How many frames are in place once so many bytes of the target are.
//!
//! - In: the video chunks of the target: where they stand, how many frames they hold.
//! - Out: [`FramesByOffset`], for the progress of a run that counts bytes.
//! - Not here: the counting (`intercut_io::Progress`).

use crate::units::ByteRange;

/// Frames by target offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramesByOffset {
    /// Target bytes of a chunk, and the frames in the chunks before it; by offset.
    chunks: Vec<(ByteRange, u64)>,
    frame_count: u64,
}

impl FramesByOffset {
    /// From the target bytes and the frames of every video chunk, in any order.
    pub(super) fn new(chunks: impl Iterator<Item = (ByteRange, u32)>) -> Self {
        let mut chunks: Vec<(ByteRange, u64)> =
            chunks.map(|(range, count)| (range, u64::from(count))).collect();
        chunks.sort_unstable_by_key(|(range, _)| (range.offset, range.len));
        let mut frame_count = 0;
        for (_, frames) in &mut chunks {
            frame_count += std::mem::replace(frames, frame_count);
        }
        Self { chunks, frame_count }
    }

    /// Frames in the whole target.
    pub fn frame_count(&self) -> u64 {
        self.frame_count
    }

    /// Frames that end at or before target byte `offset`; inside a chunk of several frames, the share that its bytes
    /// suggest.
    ///
    /// - Cost: O(log chunks).
    pub fn at(&self, offset: u64) -> u64 {
        let behind = self.chunks.partition_point(|(range, _)| range.offset <= offset);
        let Some((range, before)) = behind.checked_sub(1).map(|index| self.chunks[index]) else {
            return 0;
        };
        let frames = self.chunks.get(behind).map_or(self.frame_count, |next| next.1) - before;
        if offset >= range.end() {
            return before + frames;
        }
        let share = u128::from(offset - range.offset) * u128::from(frames) / u128::from(range.len);
        before + u64::try_from(share).expect("a share of the frames is at most all of them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_as_their_bytes_arrive() {
        let chunk = |offset, len, frames| (ByteRange { offset, len }, frames);
        let frames = FramesByOffset::new([chunk(200, 50, 1), chunk(100, 40, 4)].into_iter());
        assert_eq!(frames.frame_count(), 5);
        let at =
            [0, 100, 109, 110, 139, 140, 199, 200, 249, 250, 9999].map(|offset| frames.at(offset));
        assert_eq!(at, [0, 0, 0, 1, 3, 4, 4, 4, 4, 5, 5]);
    }

    #[test]
    fn movie_without_frames_has_none_anywhere() {
        assert_eq!(FramesByOffset::new(std::iter::empty()).at(100), 0);
    }
}
