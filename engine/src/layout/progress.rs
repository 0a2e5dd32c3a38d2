//! How many frames are in place once so many bytes of the target are.
//!
//! - In: the video chunks of the target: where they stand, how many frames they hold.
//! - Out: [`FramesByOffset`], for the progress of a run that counts bytes.
//! - Holds: a fixed number of marks, however many chunks there are, and however they overlap.
//! - Not here: the counting (`intercut_io::Progress`).

use crate::units::ByteRange;

/// Marks in a target: more than a progress bar has columns and a run has seconds.
const MARKS_MAX: u64 = 1 << 14;

/// Frames are counted in parts of this many.
const PARTS_PER_FRAME: u128 = 1 << 32;

/// More parts than rounding down loses from one end of a chunk to the other: so many less than a frame are one.
const PARTS_LOST_MAX: u128 = 1 << 16;

/// Frames by target offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FramesByOffset {
    /// The media: bytes from the start of the target.
    media: ByteRange,
    /// Bytes from one mark to the next.
    step: u64,
    /// Parts of frames that end at or before each mark; the first mark is the start of the media.
    marks: Vec<u128>,
    frame_count: u64,
}

impl FramesByOffset {
    /// From the target bytes and the frames of every video chunk, in any order; each lies in `media`.
    ///
    /// - Cost: O(chunks); a few kB of memory.
    pub(super) fn new(media: ByteRange, chunks: impl Iterator<Item = (ByteRange, u32)>) -> Self {
        let step = media.len.div_ceil(MARKS_MAX).max(1);
        let count = usize::try_from(media.len.div_ceil(step)).expect("there are few") + 1;
        // Between two marks: parts that belong there alone, and what begins or ceases to be added at each mark from there on.
        let (mut alone, mut slopes) = (vec![0_i128; count], vec![0_i128; count + 1]);
        let mut frame_count = 0;
        for (range, frames) in chunks {
            frame_count += u64::from(frames);
            let parts = i128::from(frames) << PARTS_PER_FRAME.ilog2();
            let (start, end) = (range.offset - media.offset, range.end() - media.offset);
            let index = |byte: u64| usize::try_from(byte / step).expect("there are few marks");
            let (first, last) = (index(start), index(end.saturating_sub(1).max(start)));
            if first == last {
                alone[first] += parts;
                continue;
            }
            let len = i128::from(range.len);
            let (whole, to_mark) = (parts * i128::from(step) / len, step - start % step);
            let head = parts * i128::from(to_mark) / len;
            let between = i128::try_from(last - first - 1).expect("there are few marks");
            alone[first] += head;
            alone[last] += parts - head - between * whole;
            slopes[first + 1] += whole;
            slopes[last] -= whole;
        }
        let (mut sum, mut slope) = (0, 0);
        let marks = alone.iter().zip(&slopes).map(|(alone, change)| {
            let before = sum;
            slope += change;
            sum += alone + slope;
            u128::try_from(before).expect("every chunk adds frames")
        });
        Self { media, step, marks: marks.collect(), frame_count }
    }

    /// Frames in the whole target.
    pub fn frame_count(&self) -> u64 {
        self.frame_count
    }

    /// Frames that end at or before target byte `offset`; inside a chunk of several frames, and between two marks (which
    /// are a sixteen thousandth of the media apart), the share that the bytes suggest.
    ///
    /// - Cost: O(1).
    pub fn at(&self, offset: u64) -> u64 {
        if offset >= self.media.end() {
            return self.frame_count;
        }
        let done = offset.saturating_sub(self.media.offset);
        let mark = usize::try_from(done / self.step).expect("there are few marks");
        let (before, next) = (self.marks[mark], self.marks[mark + 1]);
        let share = (next - before) * u128::from(done % self.step) / u128::from(self.step);
        let frames = (before + share + PARTS_LOST_MAX) / PARTS_PER_FRAME;
        u64::try_from(frames).expect("a share of the frames is at most all of them")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(offset: u64, len: u64) -> ByteRange {
        ByteRange { offset, len }
    }

    #[test]
    fn frames_are_counted_as_their_bytes_arrive() {
        let chunks = [(range(200, 50), 1), (range(100, 40), 4)];
        let frames = FramesByOffset::new(range(90, 170), chunks.into_iter());
        assert_eq!(frames.frame_count(), 5);
        let at =
            [0, 100, 109, 110, 139, 140, 199, 200, 249, 250, 9999].map(|offset| frames.at(offset));
        assert_eq!(at, [0, 0, 0, 1, 3, 4, 4, 4, 4, 5, 5]);
    }

    #[test]
    fn frames_of_a_long_movie_are_counted_to_the_frame() {
        // 100,000 frames of 8 MB, each a chunk, with as much sound behind each.
        let (frame, both) = (8_000_000, 8_007_680);
        let chunks = (0..100_000).map(|index| (range(48 + index * both, frame), 1));
        let frames = FramesByOffset::new(range(48, 100_000 * both), chunks);
        for index in [0, 1, 777, 50_000, 99_999] {
            let counted = frames.at(48 + index * both);
            assert!(counted.abs_diff(index) <= 1, "{counted} of {index}");
        }
        assert_eq!(frames.at(48 + 100_000 * both), 100_000);
    }

    #[test]
    fn frames_that_share_their_bytes_are_all_counted() {
        let chunks = std::iter::repeat_n((range(0, 1_000_000), 1), 1000);
        let frames = FramesByOffset::new(range(0, 1_000_000), chunks);
        assert_eq!([0, 500_100, 999_999, 1_000_000].map(|at| frames.at(at)), [0, 500, 999, 1000]);
    }

    #[test]
    fn movie_without_frames_has_none_anywhere() {
        assert_eq!(FramesByOffset::new(range(8, 0), std::iter::empty()).at(100), 0);
    }
}
