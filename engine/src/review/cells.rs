//! Where base and result are on the canvas.
//!
//! - In: the layout, the canvas, the shape of each picture.
//! - Out: [`Cell`]s.
//! - Holds: a picture keeps its shape and is as large as its cell allows; both have one size; every side is even.
//! - Not here: what is written beside it (`captions`).

use crate::canvas::Rect;

/// How base and result lie beside one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// The result alone.
    Single,
    /// The base on the left, the result on the right, both whole.
    SideBySide,
    /// The left half of the base beside the right half of the result.
    Wipe,
    /// The base above the result.
    Stacked,
}

impl Layout {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Single => "single",
            Layout::SideBySide => "side-by-side",
            Layout::Wipe => "wipe",
            Layout::Stacked => "stacked",
        }
    }

    /// Whether the base is shown.
    pub fn needs_base(self) -> bool {
        self != Layout::Single
    }
}

/// Whose picture it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The base's.
    Base,
    /// The result's.
    Result,
}

impl Side {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Side::Base => "base",
            Side::Result => "result",
        }
    }
}

/// A picture's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) side: Side,
    /// Its part of the canvas, where its label is.
    pub(super) area: Rect,
    /// Where the whole picture lies.
    pub(super) whole: Rect,
    /// What is shown of it.
    pub(super) shown: Rect,
}

/// The part of the canvas that a side has.
fn area(layout: Layout, side: Side, [width, height]: [usize; 2]) -> Rect {
    let half = |len: usize| len / 4 * 2;
    let (left, upper) = (half(width), half(height));
    match (layout, side) {
        (Layout::Single, _) => Rect { x: 0, y: 0, width, height },
        (Layout::SideBySide | Layout::Wipe, Side::Base) => Rect { x: 0, y: 0, width: left, height },
        (Layout::SideBySide, Side::Result) => Rect { x: left, y: 0, width: left, height },
        (Layout::Wipe, Side::Result) => Rect { x: left, y: 0, width: width - left, height },
        (Layout::Stacked, Side::Base) => Rect { x: 0, y: 0, width, height: upper },
        (Layout::Stacked, Side::Result) => Rect { x: 0, y: upper, width, height: upper },
    }
}

/// The place of a side's picture.
///
/// - `canvas`: pixels across and down.
/// - `shape`: width and height of the picture as it should be seen, in any unit.
pub(super) fn cell(layout: Layout, side: Side, canvas: [usize; 2], shape: [f64; 2]) -> Cell {
    let area = area(layout, side, canvas);
    let [width, height] = canvas;
    let room = match layout {
        Layout::Wipe => Rect { x: 0, y: 0, width, height },
        _ => area,
    };
    let whole = fit(shape, room);
    let (from, until) = (whole.x.max(area.x), (whole.x + whole.width).min(area.x + area.width));
    let shown = Rect { x: from, width: until.saturating_sub(from), ..whole };
    Cell { side, area, whole, shown }
}

/// The largest rectangle of a shape within a room, in its middle.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is held to the room"
)]
fn fit([width, height]: [f64; 2], room: Rect) -> Rect {
    let scale = (room.width as f64 / width).min(room.height as f64 / height);
    let side = |len: f64, room: usize| ((len * scale / 2.0).round() as usize * 2).clamp(2, room);
    let (wide, high) = (side(width, room.width), side(height, room.height));
    let even = |len: usize| len / 2 * 2;
    Rect {
        x: room.x + even((room.width - wide) / 2),
        y: room.y + even((room.height - high) / 2),
        width: wide,
        height: high,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect([x, y, width, height]: [usize; 4]) -> Rect {
        Rect { x, y, width, height }
    }

    #[test]
    fn pictures_keep_their_shape_and_lie_in_the_middle_of_their_cells() {
        let canvas = [1920, 1080];
        let place = |layout, side| cell(layout, side, canvas, [4096.0, 2928.0]).whole;
        assert_eq!(place(Layout::Single, Side::Result), rect([204, 0, 1510, 1080]));
        assert_eq!(place(Layout::SideBySide, Side::Base), rect([0, 196, 960, 686]));
        assert_eq!(place(Layout::SideBySide, Side::Result), rect([960, 196, 960, 686]));
        assert_eq!(place(Layout::Stacked, Side::Base), rect([582, 0, 756, 540]));
        assert_eq!(place(Layout::Stacked, Side::Result), rect([582, 540, 756, 540]));
    }

    #[test]
    fn halves_of_a_wipe_meet_in_the_middle() {
        let [base, result] = [Side::Base, Side::Result]
            .map(|side| cell(Layout::Wipe, side, [1280, 720], [1920.0, 1080.0]));
        assert_eq!((base.whole, result.whole), (rect([0, 0, 1280, 720]), rect([0, 0, 1280, 720])));
        assert_eq!(base.shown, rect([0, 0, 640, 720]));
        assert_eq!(result.shown, rect([640, 0, 640, 720]));
    }

    #[test]
    fn every_side_is_even_whatever_the_shape() {
        for canvas in [[64, 64], [66, 64], [854, 480], [1998, 1080]] {
            for shape in [[1.0, 1.0], [3.0, 1000.0], [1000.0, 3.0], [65_535.0, 1.0], [719.0, 577.0]]
            {
                for layout in [Layout::Single, Layout::SideBySide, Layout::Wipe, Layout::Stacked] {
                    let sides = [Side::Base, Side::Result];
                    let [one, other] = sides.map(|side| cell(layout, side, canvas, shape).whole);
                    assert_eq!((one.width, one.height), (other.width, other.height));
                    for side in sides {
                        let Cell { area, whole, shown, .. } = cell(layout, side, canvas, shape);
                        for Rect { x, y, width, height } in [area, whole, shown] {
                            assert!([x, y, width, height].iter().all(|it| it % 2 == 0));
                            assert!(x + width <= canvas[0] && y + height <= canvas[1]);
                        }
                    }
                }
            }
        }
    }
}
