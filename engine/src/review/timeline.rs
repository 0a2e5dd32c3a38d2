//! Which frames a review shows, in which order, with which cards between them.
//!
//! ```text
//! Cut: these frames are this clip's ─▶ stretches, with context, joined where they meet ─▶ Step by Step
//! ```
//!
//! - In: the frames of the result, what was replaced in order, what is asked for.
//! - Out: [`Timeline`]: every picture of the review as a [`Step`], and which stretch of sound goes with them.
//! - Holds: steps are in order, and their number is known before the first is made. Frames that are left out are left out before
//!   anything is read, and counted; an event keeps one where that takes no other's.
//! - Not here: what the frames are (`facts`), whose they are (`replaced`), what is on a card (`captions`).

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::ops::Range;

use crate::units::EventIndex;

/// Frames of the result that are one event's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    /// Frames of the timeline.
    pub(super) record: Range<u64>,
    /// Whose.
    pub(super) event: EventIndex,
}

/// One picture of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A frame of the timeline.
    Frame(u64),
    /// The card before a stretch.
    Card(usize),
}

/// Frames that are shown without a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Frames of the timeline.
    pub(super) frames: Range<u64>,
    /// The cuts in it, as places in [`Timeline::cuts`].
    pub(super) cuts: Range<usize>,
}

/// What sounds during some pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sounding {
    /// The first picture of the review.
    pub(super) first_step: u64,
    /// How many.
    pub(super) steps: u64,
    /// The frame of the timeline with whose sound they begin; silence if there is none.
    pub(super) from: Option<u64>,
}

/// What a review shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timeline {
    /// What was replaced, in order, without overlap.
    pub(super) cuts: Vec<Cut>,
    /// What is shown, in order; no two touch.
    pub(super) stretches: Vec<Stretch>,
    /// Every so many frames are shown.
    every: NonZeroU64,
    /// Pictures of a card.
    card: u64,
}

impl Timeline {
    /// All frames, without cards.
    pub(super) fn whole(frames: Range<u64>, cuts: Vec<Cut>, every: NonZeroU64) -> Self {
        let all = 0..cuts.len();
        let stretches = match frames.is_empty() {
            true => Vec::new(),
            false => vec![Stretch { frames, cuts: all }],
        };
        Self { cuts, stretches, every, card: 0 }
    }

    /// The cuts, each with `context` frames at both ends, and a card before each stretch if there are several.
    ///
    /// - `frames`: that there are.
    /// - `card`: frames that a card lasts.
    pub(super) fn replaced(
        frames: &Range<u64>,
        cuts: Vec<Cut>,
        context: u64,
        card: u64,
        every: NonZeroU64,
    ) -> Self {
        let mut stretches: Vec<Stretch> = Vec::new();
        for (nth, cut) in cuts.iter().enumerate() {
            let from = cut.record.start.saturating_sub(context).max(frames.start);
            let until = cut.record.end.saturating_add(context).min(frames.end);
            match stretches.last_mut() {
                Some(last) if from <= last.frames.end => {
                    last.frames.end = last.frames.end.max(until);
                    last.cuts.end = nth + 1;
                }
                _ if from < until => {
                    stretches.push(Stretch { frames: from..until, cuts: nth..nth + 1 });
                }
                _ => {}
            }
        }
        let card = if stretches.len() > 1 { card.div_ceil(every.get()) } else { 0 };
        Self { cuts, stretches, every, card }
    }

    /// The pictures, in order.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> + Clone + '_ {
        self.stretches.iter().enumerate().flat_map(|(nth, stretch)| {
            let cards = (0..self.card).map(move |_| Step::Card(nth));
            cards.chain(self.shown(stretch).map(Step::Frame))
        })
    }

    /// How many pictures there are.
    pub(super) fn len(&self) -> u64 {
        self.stretches.iter().map(|stretch| self.card + self.count(stretch)).sum()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Frames of the stretches that are left out.
    pub(super) fn left_out(&self) -> u64 {
        let left_out =
            |stretch: &Stretch| stretch.frames.end - stretch.frames.start - self.count(stretch);
        self.stretches.iter().map(left_out).sum()
    }

    /// Cards.
    pub(super) fn cards(&self) -> u64 {
        if self.card > 0 { self.stretches.len() as u64 } else { 0 }
    }

    /// The one frame with which a review begins whose frames follow one another as those of the timeline do; `None` for others:
    /// their timecode cannot be counted from one label.
    pub(super) fn counts_from(&self) -> Option<u64> {
        match &self.stretches[..] {
            [stretch] if self.every.get() == 1 => Some(stretch.frames.start),
            _ => None,
        }
    }

    /// What sounds, in order, from the first picture to the last.
    pub(super) fn sounding(&self) -> impl Iterator<Item = Sounding> + '_ {
        let mut first_step = 0;
        self.stretches.iter().flat_map(move |stretch| {
            let parts = [(self.card, None), (self.count(stretch), Some(stretch.frames.start))];
            parts.map(|(steps, from)| {
                let sounding = Sounding { first_step, steps, from };
                first_step += steps;
                sounding
            })
        })
    }

    /// The cut that a frame is in.
    pub(super) fn cut_at(&self, frame: u64) -> Option<&Cut> {
        let after = self.cuts.partition_point(|cut| cut.record.start <= frame);
        self.cuts[..after].last().filter(|cut| cut.record.contains(&frame))
    }

    /// Events that are shown, each with the first picture that is its own, counted from 0: in the order of these.
    pub(super) fn begins(&self) -> Vec<(EventIndex, u64)> {
        let (mut seen, mut begins) = (BTreeSet::new(), Vec::new());
        for (picture, step) in (0..).zip(self.steps()) {
            if let Step::Frame(frame) = step
                && let Some(cut) = self.cut_at(frame)
                && seen.insert(cut.event)
            {
                begins.push((cut.event, picture));
            }
        }
        begins
    }

    /// How many events have frames in the stretches, and none that is shown.
    pub(super) fn events_without_pictures(&self) -> usize {
        let meets = |cut: &&Cut| {
            let record = &cut.record;
            let mut frames = self.stretches.iter().map(|stretch| &stretch.frames);
            frames.any(|frames| record.start < frames.end && frames.start < record.end)
        };
        let events: BTreeSet<EventIndex> =
            self.cuts.iter().filter(meets).map(|it| it.event).collect();
        events.len() - self.begins().len()
    }

    /// The frames that are shown, each for as many as it stands for.
    fn shown<'a>(&'a self, stretch: &'a Stretch) -> impl Iterator<Item = u64> + Clone + 'a {
        let every = usize::try_from(self.every.get()).unwrap_or(usize::MAX);
        let firsts = stretch.frames.clone().step_by(every);
        firsts.map(|first| self.shown_from(first, stretch))
    }

    /// The one of these frames that is shown: the first, or the first of a cut that would otherwise have no picture.
    fn shown_from(&self, first: u64, stretch: &Stretch) -> u64 {
        let Range { start, end } = stretch.frames;
        let every = self.every.get();
        let until = first.saturating_add(every).min(end);
        let after = self.cuts.partition_point(|cut| cut.record.start <= first);
        let is_only_picture = self.cuts[..after].last().is_some_and(|own| {
            let begins = own.record.start.max(start);
            own.record.contains(&first) && own.record.end <= until && first - begins < every
        });
        let hidden = self.cuts.get(after).filter(|cut| cut.record.end <= until);
        hidden.filter(|_| !is_only_picture).map_or(first, |cut| cut.record.start)
    }

    fn count(&self, stretch: &Stretch) -> u64 {
        (stretch.frames.end - stretch.frames.start).div_ceil(self.every.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: NonZeroU64 = NonZeroU64::MIN;

    fn cut(record: Range<u64>, event: usize) -> Cut {
        Cut { record, event: EventIndex::new(event) }
    }

    fn frames(timeline: &Timeline) -> String {
        let step = |step| match step {
            Step::Frame(frame) => frame.to_string(),
            Step::Card(nth) => format!("[{nth}]"),
        };
        timeline.steps().map(step).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn whole_movie_has_every_frame_once() {
        let timeline = Timeline::whole(2..7, vec![cut(3..5, 0)], ONE);
        assert_eq!(frames(&timeline), "2 3 4 5 6");
        assert_eq!((timeline.len(), timeline.left_out(), timeline.cards()), (5, 0, 0));
        assert_eq!(timeline.counts_from(), Some(2));
        assert_eq!(timeline.cut_at(4).map(|cut| cut.event.get()), Some(0));
        assert_eq!((timeline.cut_at(2), timeline.cut_at(5)), (None, None));
    }

    #[test]
    fn frames_that_are_left_out_are_counted() {
        let every = NonZeroU64::new(3).unwrap();
        let timeline = Timeline::whole(0..8, Vec::new(), every);
        assert_eq!(frames(&timeline), "0 3 6");
        assert_eq!((timeline.len(), timeline.left_out()), (3, 5));
        // The second part of an event is not its beginning; what falls between two pictures is not shown.
        let cuts = vec![cut(0..2, 1), cut(2..3, 0), cut(3..8, 1)];
        let shown = Timeline::whole(0..12, cuts, every);
        assert_eq!(shown.begins(), [(EventIndex::new(1), 0)]);
        assert_eq!(shown.events_without_pictures(), 1);
        assert_eq!(timeline.counts_from(), None, "labels do not follow one another");
    }

    #[test]
    fn event_that_falls_between_two_pictures_is_shown_by_the_one_before() {
        let every = NonZeroU64::new(4).unwrap();
        let shown = |record: Range<u64>, cuts: Vec<Cut>| {
            let timeline = Timeline::whole(record, cuts, every);
            assert_eq!(timeline.steps().count() as u64, timeline.len());
            (frames(&timeline), timeline.events_without_pictures())
        };
        assert_eq!(shown(0..14, vec![cut(5..7, 0)]), ("0 5 8 12".to_owned(), 0));
        assert_eq!(shown(0..14, vec![cut(13..14, 0)]), ("0 4 8 13".to_owned(), 0));
        // One that has a picture of its own gives up another, never its only one.
        let beside = vec![cut(2..6, 0), cut(6..7, 1)];
        assert_eq!(shown(0..14, beside), ("0 4 8 12".to_owned(), 1));
        let long = vec![cut(0..6, 0), cut(6..7, 1)];
        assert_eq!(shown(0..14, long), ("0 6 8 12".to_owned(), 0));
        // The first part of an event that begins before the movie's pictures is its only one.
        let early = vec![cut(0..5, 0), cut(5..6, 1)];
        assert_eq!(shown(2..14, early), ("2 6 10".to_owned(), 1));
        assert_eq!(shown(0..14, vec![cut(1..2, 0), cut(2..3, 1)]), ("1 4 8 12".to_owned(), 1));
    }

    #[test]
    fn reel_has_a_card_before_each_stretch_and_joins_those_that_meet() {
        let cuts = vec![cut(10..12, 0), cut(15..16, 1), cut(40..41, 2), cut(98..100, 3)];
        let timeline = Timeline::replaced(&(0..100), cuts, 2, 2, ONE);
        assert_eq!(
            frames(&timeline),
            "[0] [0] 8 9 10 11 12 13 14 15 16 17 [1] [1] 38 39 40 41 42 [2] [2] 96 97 98 99"
        );
        assert_eq!(timeline.stretches[0].cuts, 0..2);
        let begins = [(0, 4), (1, 9), (2, 16), (3, 23)];
        assert_eq!(timeline.begins(), begins.map(|(event, at)| (EventIndex::new(event), at)));
        assert_eq!((timeline.len(), timeline.cards()), (25, 3));
        assert_eq!(timeline.counts_from(), None);
    }

    #[test]
    fn reel_of_one_stretch_needs_no_card_and_counts_on() {
        let timeline = Timeline::replaced(&(5..100), vec![cut(6..8, 0)], 4, 25, ONE);
        assert_eq!(frames(&timeline), "5 6 7 8 9 10 11");
        assert_eq!((timeline.cards(), timeline.counts_from()), (0, Some(5)));
        let none = Timeline::replaced(&(5..100), Vec::new(), 4, 25, ONE);
        assert!(none.is_empty() && none.steps().next().is_none());
    }

    #[test]
    fn sound_follows_the_pictures_and_is_silent_under_cards() {
        let every = NonZeroU64::new(2).unwrap();
        let cuts = vec![cut(10..13, 0), cut(30..31, 1)];
        let timeline = Timeline::replaced(&(0..50), cuts, 1, 3, every);
        assert_eq!(frames(&timeline), "[0] [0] 9 11 13 [1] [1] 30 31");
        let sounding: Vec<_> =
            timeline.sounding().map(|it| (it.first_step, it.steps, it.from)).collect();
        assert_eq!(sounding, [(0, 2, None), (2, 3, Some(9)), (5, 2, None), (7, 2, Some(29))]);
    }
}
