//! A place at which a clip is held against the base: a few consecutive pictures of the clip, and those of the base around the
//! frames that they replace.
//!
//! - In: [`Place`].
//! - Out: [`Evidence`]: for each frame of the base how well the clip's pictures fit there.
//! - Not here: what follows from the evidence (`judge`).

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use super::direction::{self, Direction};
use super::grey::Grey;
use super::motion::{self, Motion};
use super::reframe::{Reframe, Search};

/// Frames before and behind the replaced ones at which other framings are tried.
const FRAMED_REACH: usize = 5;

/// Samples across, at most, at which they are tried.
const FRAMED_WIDTH: usize = 128;

/// Consecutive pictures of the clip and of the base.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Pictures of the base.
    pub base: Vec<Grey>,
    /// Which of them the first picture of `clip` replaces.
    pub replaced: usize,
    /// Pictures of the clip.
    pub clip: Vec<Grey>,
}

/// How well pictures fit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// How alike what changes is, from 0 to 1.
    pub motion: f32,
    /// How alike the edges of what moves are, from 0 to 1.
    pub direction: f32,
}

/// How well the pictures of a clip fit at each of some consecutive frames of the base.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curve {
    /// The first frame, counted from the one that is replaced.
    pub first: isize,
    /// One for each frame.
    pub scores: Vec<Score>,
}

impl Score {
    /// Both together, from 0 to 1.
    pub fn together(self) -> f32 {
        f32::midpoint(self.motion, self.direction)
    }
}

impl Curve {
    /// The frames that were compared, counted from the replaced one.
    pub(super) fn frames(&self) -> Range<isize> {
        self.first..self.first + self.scores.len().cast_signed()
    }

    /// The score at a frame.
    pub(super) fn at(&self, frame: isize) -> Option<f32> {
        let place = usize::try_from(frame - self.first).ok()?;
        self.scores.get(place).map(|score| score.together())
    }

    /// The frame with the highest score.
    pub(super) fn best(&self) -> isize {
        let scores = self.frames().filter_map(|frame| Some((frame, self.at(frame)?)));
        scores.max_by(|one, other| one.1.total_cmp(&other.1)).map_or(0, |(frame, _)| frame)
    }

    /// The highest score.
    pub(super) fn highest(&self) -> f32 {
        self.scores.iter().map(|score| score.together()).fold(0.0, f32::max)
    }

    /// By how much the score at a frame is higher than all that are more than one frame away.
    pub(super) fn margin_at(&self, frame: isize) -> f32 {
        self.above(frame, |other| (other - frame).abs() > 1)
    }

    /// By how much the score at a frame is higher than those next to it.
    pub(super) fn lead_at(&self, frame: isize) -> f32 {
        self.above(frame, |other| (other - frame).abs() == 1)
    }

    fn above(&self, frame: isize, which: impl Fn(isize) -> bool) -> f32 {
        let Some(score) = self.at(frame) else { return 0.0 };
        let others = self.frames().filter(|other| which(*other));
        let others = others
            .filter_map(|other| self.at(other))
            .fold(None, |most, score| Some(most.map_or(score, |most: f32| most.max(score))));
        others.map_or(0.0, |highest| score - highest)
    }
}

/// What a place tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// The clip's pictures against the base's.
    pub clip: Curve,
    /// The base's own pictures against the base's: what a clip that fits can reach at wrong frames.
    pub itself: Curve,
    /// The clip's pictures against the base's as the clip may frame them, if that was tried; and the framing at the frames
    /// that are replaced.
    pub reframed: Option<(Reframe, Curve)>,
    /// Whether the base shows no picture, burnt-in text aside.
    pub blank: bool,
    /// Whether anything moves in both, and the clip is no blank.
    pub both_move: bool,
}

/// The features of some pictures in a row.
struct Features {
    motions: Vec<Motion>,
    directions: Vec<Direction>,
}

impl Features {
    fn of(pictures: &[Grey]) -> Self {
        let motions = pictures.windows(2).map(|pair| Motion::between(&pair[0], &pair[1]));
        Self {
            motions: motions.collect(),
            directions: pictures.iter().map(Direction::of).collect(),
        }
    }

    /// How well a few pictures fit at every one of these that has as many behind it.
    fn scores(&self, weights: &[f32], few: &FewFeatures<'_>) -> Vec<Score> {
        let count = few.directions.len();
        let last = self.directions.len().saturating_sub(count);
        let at = |first: usize| Score {
            motion: motion::alike(self.motions[first..].iter(), few.motions.iter()),
            direction: direction::alike(
                weights,
                self.directions[first..].iter(),
                few.directions.iter(),
            ),
        };
        (0..=last).map(at).collect()
    }
}

/// The features of a part of them.
struct FewFeatures<'f> {
    motions: &'f [Motion],
    directions: &'f [Direction],
}

impl Place {
    /// Whether there is something to compare: two pictures of the clip, as many of the base at the same place, of one size.
    pub fn is_whole(&self) -> bool {
        let count = self.clip.len();
        let Some(first) = self.clip.first() else { return false };
        count > 1
            && self.replaced + count <= self.base.len()
            && first.width() > 2
            && first.height() > 2
            && self.clip.iter().chain(&self.base).all(|picture| picture.is_like(first))
    }

    /// Compares the clip with every frame of the base.
    ///
    /// - `reframed`: whether other framings are tried, too.
    /// - Cost: one pass over the pictures for each frame; a few ten milliseconds more for other framings.
    ///
    /// # Panics
    /// If it is not [whole](Self::is_whole).
    pub fn evidence(&self, reframed: bool) -> Evidence {
        assert!(self.is_whole(), "pictures of one size, as many as the clip has");
        let (base, clip) = (Features::of(&self.base), Features::of(&self.clip));
        let weights = direction::moving(&self.base);
        let replaced = self.replaced..self.replaced + self.clip.len();
        let few = FewFeatures { motions: &clip.motions, directions: &clip.directions };
        let own = FewFeatures {
            motions: &base.motions[replaced.start..replaced.end - 1],
            directions: &base.directions[replaced.clone()],
        };
        let moves = |motions: &[Motion]| motions.iter().any(Motion::moves);
        let curve = |scores| Curve { first: -self.replaced.cast_signed(), scores };
        Evidence {
            both_move: moves(own.motions) && moves(few.motions) && !self.clip[0].is_blank(),
            blank: self.base[replaced].iter().all(Grey::is_blank),
            clip: curve(base.scores(&weights, &few)),
            itself: curve(base.scores(&weights, &own)),
            reframed: reframed.then(|| {
                let small = self.at_most(FRAMED_WIDTH);
                small.reframed(&direction::moving(&small.base))
            }),
        }
    }

    /// The same place with pictures of at most so many samples across.
    fn at_most(&self, width: usize) -> Cow<'_, Self> {
        let mut place = Cow::Borrowed(self);
        while place.clip[0].width() > width {
            let halved = |pictures: &[Grey]| pictures.iter().map(Grey::halved).collect();
            let (base, clip) = (halved(&place.base), halved(&place.clip));
            place = Cow::Owned(Self { base, replaced: self.replaced, clip });
        }
        place
    }

    /// How well the clip fits at the replaced frames and near them under the framing that is best at each; and the framing at
    /// the replaced ones. A framing that is only sought there would fit best there, whatever the truth is.
    fn reframed(&self, weights: &[f32]) -> (Reframe, Curve) {
        let search = Search::new(&self.clip[0]);
        let weights = Grey::new(self.base[0].width(), weights.to_vec());
        let first = self.replaced.saturating_sub(FRAMED_REACH);
        let last = (self.replaced + FRAMED_REACH).min(self.base.len() - self.clip.len());
        let sought = [first, self.replaced, last].into_par_iter();
        let found: Vec<Reframe> = sought.map(|at| search.whole(&self.base[at])).collect();
        let scores = (first..=last).into_par_iter().map(|at| {
            let framing = search.near(&self.base[at], &found);
            self.score_framed(at, &framing, &weights)
        });
        let scores = scores.collect();
        let first = first.cast_signed() - self.replaced.cast_signed();
        (search.near(&self.base[self.replaced], &found), Curve { first, scores })
    }

    /// How well the clip fits the pictures of the base from `at` on as it would frame them.
    fn score_framed(&self, at: usize, framing: &Reframe, weights: &Grey) -> Score {
        let (weights, inside) = framing.apply(weights);
        let base = self.base[at..at + self.clip.len()].iter();
        let base: Vec<Grey> = base.map(|picture| framing.apply(picture).0.part(&inside)).collect();
        let clip: Vec<Grey> = self.clip.iter().map(|picture| picture.part(&inside)).collect();
        let (base, clip) = (Features::of(&base), Features::of(&clip));
        let few = FewFeatures { motions: &clip.motions, directions: &clip.directions };
        base.scores(weights.part(&inside).values(), &few).first().copied().unwrap_or_default()
    }
}
