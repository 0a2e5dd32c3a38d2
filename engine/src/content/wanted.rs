//! Which pictures are compared.
//!
//! - In: an event of a plan; how far the search goes.
//! - Out: [`Spot`]s: places of the event with their pictures.
//! - Holds: places are spread over the frames that the event has, and are the same in each run; as few as the question needs.
//! - Not here: reading them (`content`), what they show (`likeness`).

use std::ops::{Range, RangeInclusive};

use crate::look::{PictureFinder, Presented};

/// Consecutive pictures of the clip at a place: two changes, so that pictures shown twice leave one.
const RUN: u64 = 3;

/// Frames before and behind the replaced ones at which the base is looked at first.
const NEAR: RangeInclusive<i64> = -3..=3;

/// The same at one place: a motion that repeats itself is seen in one direction as well as in the other.
const NEAR_AND_LATER: RangeInclusive<i64> = -3..=12;

/// The same in a search.
const FAR: RangeInclusive<i64> = -12..=12;

/// Samples of a place that is searched: of the base, and of the clip.
const FAR_SAMPLES: u64 = 25 + RUN - 1 + RUN;

/// The places of an event that are looked at one round after the other, in eighths of its length.
const FIRST: [u64; 3] = [1, 4, 7];
const FURTHER: [u64; 5] = [0, 2, 3, 6, 8];

/// Frames of an event for each place, at least.
const FRAMES_A_PLACE: u64 = 6;

/// A place of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// The event's index.
    pub(super) event: usize,
    /// The base frame that the clip's first picture replaces.
    pub(super) frame: u64,
    /// The pictures: of the base, then of the clip.
    pub(super) pictures: Vec<Presented>,
    /// How many of them are the base's.
    pub(super) of_base: usize,
    /// Which of them is the first that is replaced.
    pub(super) replaced: usize,
}

impl Spot {
    /// The bytes of its pictures' samples.
    pub(super) fn bytes(&self) -> u64 {
        self.pictures.iter().map(|picture| picture.sample.range.len).sum()
    }
}

/// The frames of an event, and where their pictures are.
pub(super) struct EventPictures<'p, 'm> {
    /// The event's index.
    pub(super) event: usize,
    /// The longest stretch of base frames that it has.
    pub(super) frames: Range<u64>,
    /// The frame of the clip that goes to the first of these.
    pub(super) clip_frame: u64,
    pub(super) base: &'p PictureFinder<'m>,
    pub(super) clip: &'p PictureFinder<'m>,
}

impl EventPictures<'_, '_> {
    /// The first places.
    pub(super) fn first(&self) -> Vec<Spot> {
        let reach = |nth| if nth == FIRST.len() / 2 { NEAR_AND_LATER } else { NEAR };
        let spots = self.starts(&FIRST).into_iter().enumerate();
        spots.filter_map(|(nth, start)| self.spot(start, reach(nth))).collect()
    }

    /// The others.
    pub(super) fn further(&self) -> Vec<Spot> {
        let first = self.starts(&FIRST);
        let starts = self.starts(&FURTHER).into_iter().filter(|start| !first.contains(start));
        starts.filter_map(|start| self.spot(start, NEAR)).collect()
    }

    /// Places that were looked at, to be searched.
    pub(super) fn searched(&self, frames: &[u64]) -> Vec<Spot> {
        frames.iter().filter_map(|frame| self.spot(*frame, FAR)).collect()
    }

    /// About as many bytes as are read if nothing is decided before the end.
    ///
    /// - `searched`: places that are searched at most.
    pub(super) fn bytes_at_most(&self, searched: usize) -> u64 {
        let near = [self.first(), self.further()].concat();
        let bytes = near.iter().map(Spot::bytes).sum::<u64>();
        let samples = near.iter().map(|spot| spot.pictures.len() as u64).sum::<u64>();
        let mean = bytes.checked_div(samples).unwrap_or(0);
        bytes + searched.min(near.len()) as u64 * FAR_SAMPLES * mean
    }

    /// The base frames at which places begin.
    fn starts(&self, eighths: &[u64]) -> Vec<u64> {
        let len = self.frames.end - self.frames.start;
        let last = len.saturating_sub(RUN);
        let starts = eighths.iter().map(|eighth| self.frames.start + last * eighth / 8);
        let mut starts: Vec<u64> = starts.collect();
        // A short event has room for fewer.
        let middle = starts.len() / 2;
        let room = usize::try_from(len / FRAMES_A_PLACE).unwrap_or(usize::MAX).max(1);
        if room < starts.len() {
            starts.swap(0, middle);
            starts.truncate(room);
        }
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// The place that begins at a base frame, as far as its pictures are there.
    fn spot(&self, frame: u64, reach: RangeInclusive<i64>) -> Option<Spot> {
        let run = RUN.min(self.frames.end - frame);
        let clip_frame = self.clip_frame + (frame - self.frames.start);
        let clip: Option<Vec<Presented>> =
            (clip_frame..clip_frame + run).map(|frame| self.clip.presented(frame)).collect();
        // Frames of the base as far as they follow one another without a gap.
        let first = frame.saturating_add_signed(*reach.start());
        let before: Vec<Presented> =
            (first..frame).rev().map_while(|frame| self.base.presented(frame)).collect();
        let end = frame.saturating_add_signed(*reach.end()) + run;
        let from = (frame..end).map_while(|frame| self.base.presented(frame));
        let replaced = before.len();
        let mut pictures: Vec<Presented> = before.into_iter().rev().chain(from).collect();
        let of_base = pictures.len();
        let is_whole = run > 1 && of_base >= replaced + usize::try_from(run).ok()?;
        pictures.extend(clip?);
        is_whole.then_some(Spot { event: self.event, frame, pictures, of_base, replaced })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{OpenMovie, open};

    /// The movie of the demo, of 100 frames.
    fn movie() -> OpenMovie {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/base.mov");
        open(path.as_ref(), &intercut_io::Cancel::default()).expect("the demo is there")
    }

    /// Where places of an event of a base of 100 frames begin, and how many pictures of the base and of the clip they have.
    fn places(
        frames: Range<u64>,
        which: impl Fn(&EventPictures<'_, '_>) -> Vec<Spot>,
    ) -> Vec<(u64, usize, usize)> {
        let movie = movie();
        let pictures = PictureFinder::of(&movie.movie);
        let (base, clip) = (&pictures, &pictures);
        let event = EventPictures { event: 0, frames, clip_frame: 0, base, clip };
        let spots = which(&event).into_iter();
        spots.map(|it| (it.frame, it.of_base, it.pictures.len() - it.of_base)).collect()
    }

    #[test]
    fn three_places_come_first_and_five_more_between_them() {
        assert_eq!(places(20..80, |event| event.first()), [(27, 9, 3), (48, 18, 3), (69, 9, 3)]);
        let further = places(20..80, |event| event.further());
        assert_eq!(further, [20, 34, 41, 62, 77].map(|frame| (frame, 9, 3)));
    }

    #[test]
    fn short_event_has_fewer_places_and_a_single_frame_none() {
        assert_eq!(places(20..32, |event| event.first()), [(21, 9, 3), (24, 18, 3)]);
        assert_eq!(places(20..22, |event| event.first()), [(20, 8, 2)]);
        assert!(places(20..21, |event| event.first()).is_empty());
        assert!(places(20..20, |event| event.first()).is_empty());
    }

    #[test]
    fn search_ends_where_the_base_does() {
        let searched = |frame| move |event: &EventPictures<'_, '_>| event.searched(&[frame]);
        assert_eq!(places(0..60, searched(30)), [(30, 27, 3)]);
        assert_eq!(places(0..60, searched(4)), [(4, 19, 3)]);
        assert_eq!(places(60..100, searched(97)), [(97, 15, 3)]);
    }
}
