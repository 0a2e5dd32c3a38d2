//! Which base frame a clip's picture shows, for simple cases: the one after which most changes as it does in the clip.
//!
//! - In: two movies of one size, and where the clip goes.
//! - Out: the base frame where the clip begins, minus the base frame that its first picture shows.
//! - Holds: nothing is shared with the engine: the slow decoder, one sum, every frame of the search.
//! - Not here: whether the answer means anything: a still picture has one, too.

use super::prores::decode;
use super::reader::Movie;

/// Frames that the search goes each way.
const REACH: usize = 5;

/// Frames of the clip after which changes are compared.
const PLACES: [usize; 2] = [4, 40];

/// The offset of a clip that goes to `record_in` of a base.
///
/// # Panics
/// If the movies are shorter than the search needs.
pub fn offset(base: &Movie, clip: &Movie, record_in: usize) -> i64 {
    let change = |movie: &Movie, frame: usize| -> Vec<f64> {
        let track = movie.video().expect("one video track");
        let [here, next] = [frame, frame + 1].map(|frame| {
            let picture = decode(movie.sample(track, frame), 8);
            let samples = picture.components[0].samples.iter();
            samples.map(|sample| sample.expect("a whole picture")).collect::<Vec<f64>>()
        });
        let change: Vec<f64> = here.iter().zip(&next).map(|(here, next)| next - here).collect();
        let mean = change.iter().sum::<f64>() / change.len() as f64;
        change.into_iter().map(|value| value - mean).collect()
    };
    let of_clip: Vec<Vec<f64>> = PLACES.iter().map(|place| change(clip, *place)).collect();
    let score = |first: usize| -> f64 {
        let alike = |(place, clip): (&usize, &Vec<f64>)| {
            let base = change(base, first + place);
            let product =
                |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
            let size = (product(&base, &base) * product(clip, clip)).sqrt();
            if size > 0.0 { product(&base, clip).abs() / size } else { 0.0 }
        };
        PLACES.iter().zip(&of_clip).map(alike).sum()
    };
    let firsts = record_in - REACH..=record_in + REACH;
    let scored = firsts.map(|first| (first, score(first)));
    let (shown, _) = scored.max_by(|one, other| one.1.total_cmp(&other.1)).expect("a frame");
    i64::try_from(record_in).expect("a frame") - i64::try_from(shown).expect("a frame")
}
