//! Letters on a canvas: how wide a line of them is, and where its dots are.
//!
//! - In: text, the side of a dot.
//! - Out: places of lit dots.
//! - Holds: a margin of one dot is around the line; what is too long ends in two full stops.
//! - Not here: the face (`picture::flat`), the canvas.

use crate::picture::flat::face::{ADVANCE, HEIGHT, is_lit, letters};

/// Dots of the margin around a line.
const MARGIN: usize = 1;

/// Pixels from one letter to the next.
pub fn advance(dot: usize) -> usize {
    ADVANCE * dot
}

/// Pixels of a line, with its margin.
pub fn line_height(dot: usize) -> usize {
    (HEIGHT + 2 * MARGIN) * dot
}

/// Pixels of so many letters, with their margin. The last letter has its gap.
pub(super) fn width(count: usize, dot: usize) -> usize {
    if count == 0 { 0 } else { (ADVANCE * count + 2 * MARGIN) * dot }
}

/// The letters of a text that fit into `width` pixels.
pub(super) fn fitting(text: &str, width: usize, dot: usize) -> Vec<u8> {
    let room = (width / dot.max(1)).saturating_sub(2 * MARGIN) / ADVANCE;
    let mut all = letters(text);
    if all.len() > room {
        all.truncate(room.saturating_sub(2));
        all.extend(std::iter::repeat_n(b'.', 2.min(room)));
    }
    all
}

/// Calls `lit` with column and line of each lit dot: pixels from the corner of the box.
pub(super) fn lit_dots(letters: &[u8], dot: usize, mut lit: impl FnMut(usize, usize)) {
    for (nth, &letter) in letters.iter().enumerate() {
        for y in 0..HEIGHT {
            for x in (0..ADVANCE).filter(|&x| is_lit(letter, x, y)) {
                lit((MARGIN + nth * ADVANCE + x) * dot, (MARGIN + y) * dot);
            }
        }
    }
}
