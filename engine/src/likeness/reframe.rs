//! How a clip's picture is framed differently from the base's: larger or smaller, moved, flipped, turned by 180 degrees.
//!
//! - In: a picture of the base and one of the clip.
//! - Out: the [`Reframe`] under which their edges fit best ([`Search`]).
//! - Holds: looks at the whole range at a small size first, then finer; cost does not depend on the pictures.
//! - Not here: whether the clip fits under it (`place`).

use super::direction::{self, Direction};
use super::grey::Grey;

/// The sizes that are tried first, from the smallest: a clip is rarely reframed by more.
const SCALES: usize = 21;
const SCALE_MIN: f32 = 0.86;
const SCALE_STEP: f32 = 0.015;

/// How far the picture may be moved, as a share of its width.
const SHIFT_MAX: f32 = 0.08;

/// Samples across at which the whole range is looked at.
const COARSE_WIDTH: usize = 64;

/// How often steps are halved at full size.
const FINER: usize = 3;

/// The flips that are tried: none, left to right, top to bottom, both.
const MIRRORED: [[bool; 2]; 4] = [[false, false], [true, false], [false, true], [true, true]];

/// A step is taken again if the last one gained more.
const LEAST_GAIN: f32 = 2e-3;

/// Where a clip's picture shows the base's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reframe {
    /// Larger than 1 where the clip shows less of the scene.
    pub scale: f32,
    /// By how much it is moved to the right and down, as a share of the picture's width.
    pub shift: [f32; 2],
    /// Whether it is flipped left to right, and whether top to bottom; both together are a turn of 180 degrees.
    pub mirrored: [bool; 2],
}

impl Reframe {
    /// Not reframed.
    pub const NONE: Self = Self { scale: 1.0, shift: [0.0; 2], mirrored: [false; 2] };

    /// Whether it is within what is looked for.
    fn is_small(&self) -> bool {
        let moved = self.shift[0].abs().max(self.shift[1].abs());
        moved <= 2.0 * SHIFT_MAX && (self.scale - 1.0).abs() <= 0.2
    }

    /// Whether nobody would see the difference.
    pub(super) fn is_as_it_was(&self) -> bool {
        let moved = self.shift[0].abs().max(self.shift[1].abs());
        self.mirrored == [false; 2] && (self.scale - 1.0).abs() < 0.01 && moved < 0.01
    }

    /// A picture of the base as the clip frames it, and the part of it that the base shows: columns and rows.
    pub(super) fn apply(&self, base: &Grey) -> (Grey, [std::ops::Range<usize>; 2]) {
        let (width, height) = (base.width(), base.height());
        let across = axis(width, self.scale, self.shift[0] * width as f32, self.mirrored[0]);
        let down = axis(height, self.scale, self.shift[1] * width as f32, self.mirrored[1]);
        let mut values = Vec::with_capacity(width * height);
        for y in &down.samples {
            let rows = [base.row(y.first), base.row(y.second)];
            values.extend(across.samples.iter().map(|x| {
                let mix = |row: &[f32]| row[x.first] + (row[x.second] - row[x.first]) * x.part;
                let [upper, lower] = rows.map(mix);
                upper + (lower - upper) * y.part
            }));
        }
        (Grey::new(width, values), [across.inside, down.inside])
    }
}

/// Looks for the framing of a clip's picture.
pub(super) struct Search {
    clip: Direction,
    /// The same at a small size.
    small: Direction,
    small_width: usize,
    /// How often the small size is half the other.
    halvings: usize,
}

impl Search {
    /// Prepares the clip's picture.
    pub(super) fn new(clip: &Grey) -> Self {
        let (mut small, mut halvings) = (clip.clone(), 0);
        while small.width() > COARSE_WIDTH {
            (small, halvings) = (small.halved(), halvings + 1);
        }
        let (width, direction) = (small.width(), Direction::of(&small));
        Self { clip: Direction::of(clip), small: direction, small_width: width, halvings }
    }

    /// The framing under which the edges of a base's picture fit best, among all, mirrored or not.
    ///
    /// - Cost: some ten milliseconds.
    pub(super) fn whole(&self, base: &Grey) -> Reframe {
        let mut small = base.clone();
        for _ in 0..self.halvings {
            small = small.halved();
        }
        let found = MIRRORED.map(|mirrored| {
            let coarse = self.coarse(&small, mirrored);
            self.refined(base, coarse, 0.5 / self.small_width as f32)
        });
        let best = found.into_iter().reduce(|best, one| if one.1 > best.1 { one } else { best });
        best.map_or(Reframe::NONE, |(framing, _)| framing)
    }

    /// The best framing near one of these, whichever fits best as it is, or would if it were in the middle.
    pub(super) fn near(&self, base: &Grey, framings: &[Reframe]) -> Reframe {
        let centered = framings.iter().map(|framing| Reframe { shift: [0.0; 2], ..*framing });
        let starts = framings.iter().copied().chain(centered);
        let scored = starts.map(|framing| (self.score(base, &framing), framing));
        let best = scored.max_by(|one, other| one.0.total_cmp(&other.0));
        let start = best.map_or(Reframe::NONE, |(_, framing)| framing);
        self.refined(base, start, 0.25 / self.small_width as f32).0
    }

    /// How well the edges fit under a framing, at full size.
    fn score(&self, base: &Grey, framing: &Reframe) -> f32 {
        let (picture, inside) = framing.apply(base);
        let direction = Direction::of(&picture);
        direction::alike_moved(&direction, &self.clip, base.width(), [0, 0], &inside)
    }

    /// The best of the whole range.
    fn coarse(&self, base: &Grey, mirrored: [bool; 2]) -> Reframe {
        let width = base.width();
        #[expect(clippy::cast_possible_truncation, reason = "a few samples")]
        let reach = (width as f32 * SHIFT_MAX).round().max(1.0) as isize;
        let mut best = (f32::MIN, Reframe { mirrored, ..Reframe::NONE });
        for step in 0..SCALES {
            let scale = SCALE_MIN + SCALE_STEP * step as f32;
            let framed = Reframe { scale, mirrored, ..Reframe::NONE };
            let (picture, inside) = framed.apply(base);
            let direction = Direction::of(&picture);
            for down in -reach..=reach {
                for across in -reach..=reach {
                    let by = [across, down];
                    let score = direction::alike_moved(&direction, &self.small, width, by, &inside);
                    if score > best.0 {
                        let shift = by.map(|by| by as f32 / width as f32);
                        best = (score, Reframe { shift, ..framed });
                    }
                }
            }
        }
        best.1
    }

    /// The best near a framing, at full size, and how well it fits.
    ///
    /// - `step`: by how much it is changed at first, as a share of the width.
    fn refined(&self, base: &Grey, framing: Reframe, mut step: f32) -> (Reframe, f32) {
        let mut best = (framing, self.score(base, &framing));
        for _ in 0..FINER {
            loop {
                let Reframe { scale, shift: [x, y], .. } = best.0;
                let near = [
                    Reframe { scale: scale + 2.0 * step, ..best.0 },
                    Reframe { scale: scale - 2.0 * step, ..best.0 },
                    Reframe { shift: [x + step, y], ..best.0 },
                    Reframe { shift: [x - step, y], ..best.0 },
                    Reframe { shift: [x, y + step], ..best.0 },
                    Reframe { shift: [x, y - step], ..best.0 },
                ];
                let before = best.1;
                for framed in near.into_iter().filter(Reframe::is_small) {
                    let found = self.score(base, &framed);
                    if found > best.1 {
                        best = (framed, found);
                    }
                }
                if best.1 - before < LEAST_GAIN {
                    break;
                }
            }
            step /= 2.0;
        }
        best
    }
}

/// Where the samples of a row or a column come from.
struct Axis {
    samples: Vec<Between>,
    /// Those that lie in the picture.
    inside: std::ops::Range<usize>,
}

/// A place between two samples.
struct Between {
    first: usize,
    second: usize,
    /// How far it is from the first to the second, from 0 to 1.
    part: f32,
}

fn axis(len: usize, scale: f32, shift: f32, mirrored: bool) -> Axis {
    let last = (len.max(1) - 1) as f32;
    let center = last / 2.0;
    let place = |at: usize| {
        let from = (at as f32 - center - shift) / scale;
        if mirrored { center - from } else { center + from }
    };
    let is_inside = |at: &usize| (-0.01..=last + 0.01).contains(&place(*at));
    let start = (0..len).find(is_inside).unwrap_or(0);
    let end = (0..len).rev().find(is_inside).map_or(0, |at| at + 1);
    let samples = (0..len).map(|at| {
        let place = place(at).clamp(0.0, last);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
        let first = place as usize;
        Between { first, second: (first + 1).min(len - 1), part: place - first as f32 }
    });
    Axis { samples: samples.collect(), inside: start.min(end)..end }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with many edges, as `reframe` frames it: painted, not resampled.
    fn scene(reframe: Reframe) -> Grey {
        let (width, height) = (96, 54);
        let paint = |at: usize| {
            let [x, y] = [at % width, at / width].map(|place| place as f32);
            let [shift_x, shift_y] = reframe.shift.map(|by| by * width as f32);
            let mut x = (x - 47.5 - shift_x) / reframe.scale;
            let mut y = (y - 26.5 - shift_y) / reframe.scale;
            let [across, down] = reframe.mirrored;
            x = if across { -x } else { x };
            y = if down { -y } else { y };
            let waves = (x / 5.0 + (y / 7.0).sin()).sin() + (y / 3.0 + x / 11.0).cos();
            0.5 + waves / 5.0
        };
        Grey::new(width, (0..width * height).map(paint).collect())
    }

    #[test]
    fn reframe_is_found_again() {
        for (scale, shift, mirrored) in [
            (1.10, [0.03, -0.02], [false, false]),
            (0.95, [-0.02, 0.01], [false, false]),
            (1.04, [0.02, 0.0], [true, false]),
            (1.0, [0.0, 0.02], [false, true]),
            (1.02, [0.01, 0.0], [true, true]),
        ] {
            let reframe = Reframe { scale, shift, mirrored };
            let best = Search::new(&scene(reframe)).whole(&scene(Reframe::NONE));
            assert_eq!(best.mirrored, mirrored, "{best:?}");
            let error = (best.scale - scale).abs()
                + (best.shift[0] - shift[0]).abs()
                + (best.shift[1] - shift[1]).abs();
            assert!(error < 0.02, "{reframe:?}: {best:?}");
        }
    }

    #[test]
    fn not_reframed_is_the_picture_itself() {
        let picture = scene(Reframe::NONE);
        let (same, inside) = Reframe::NONE.apply(&picture);
        assert_eq!((same, inside), (picture, [0..96, 0..54]));
    }
}
