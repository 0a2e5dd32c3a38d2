//! Where a base changes from one shot to another.
//!
//! - In: consecutive pictures. Out: the first picture of another shot, if one change stands out among them.
//! - Holds: silent where nothing changes, and where everything does.
//! - Not here: where a change should be (`content`).

use super::direction::{self, Direction};
use super::grey::Grey;

/// How unlike the edges before and after a cut are, at least.
const UNLIKE: f32 = 0.4;

/// By how much more unlike than any other two pictures in a row.
const MARGIN: f32 = 0.25;

/// The place of the first picture that shows another shot than the one before it.
///
/// - `pictures`: of one size; with fewer than four nothing stands out.
pub fn cut_among(pictures: &[Grey]) -> Option<usize> {
    let first = pictures.first()?;
    if pictures.len() < 4 || !pictures.iter().all(|picture| picture.is_like(first)) {
        return None;
    }
    let weights = vec![1.0; first.values().len()];
    let directions: Vec<Direction> = pictures.iter().map(Direction::of).collect();
    let unlike = |pair: &[Direction]| {
        let [one, other] = [&pair[..1], &pair[1..]].map(<[Direction]>::iter);
        1.0 - direction::alike(&weights, one, other)
    };
    let mut changes: Vec<(f32, usize)> =
        directions.windows(2).enumerate().map(|(at, pair)| (unlike(pair), at + 1)).collect();
    changes.sort_by(|one, other| other.0.total_cmp(&one.0));
    let [(most, at), (next, _), ..] = changes[..] else { return None };
    let is_blank = pictures[at - 1].is_blank() || pictures[at].is_blank();
    (most >= UNLIKE && most - next >= MARGIN && !is_blank).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of one of two shots, as its camera moves.
    fn picture(shot: bool, frame: usize) -> Grey {
        let wave = |at: usize| {
            let (x, y) = ((at % 48) as f32, (at / 48) as f32);
            let moved = x + frame as f32 * 0.3;
            let phase = if shot { moved / 3.0 + (y / 5.0).sin() } else { y / 2.0 + moved / 9.0 };
            0.5 + phase.sin() / 3.0
        };
        Grey::new(48, (0..48 * 27).map(wave).collect())
    }

    #[test]
    fn first_picture_of_another_shot_is_found() {
        let pictures: Vec<Grey> = (0..15).map(|frame| picture(frame < 9, frame)).collect();
        assert_eq!(cut_among(&pictures), Some(9));
    }

    #[test]
    fn shot_without_a_cut_has_none_whether_it_moves_or_not() {
        let moving: Vec<Grey> = (0..15).map(|frame| picture(true, frame)).collect();
        assert_eq!(cut_among(&moving), None);
        assert_eq!(cut_among(&vec![picture(true, 0); 15]), None);
        assert_eq!(cut_among(&vec![Grey::new(48, vec![0.06; 48 * 27]); 15]), None);
        assert_eq!(cut_among(&[]), None);
    }
}
