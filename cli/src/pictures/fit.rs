//! Makes a JPEG of a picture that is not longer than it may be.
//!
//! - In: an RGB picture, and how many bytes there are for it.
//! - Out: a JPEG file that has at most so many.
//! - Holds: a picture with more detail than fits loses some quality first, and then size: a soft picture shows a wrong shot
//!   as well as a sharp one does, blocks do not.
//! - Not here: how many bytes a picture has (`make`).

use std::io;

use intercut_engine::display::Rgb;

use super::Jpeg;
use crate::image::{JpegFor, jpeg};

/// What JPEG keeps, 1 to 100: of a picture that fits anyway, of one that nearly does, of one that is made smaller.
const QUALITY: u8 = 74;
const QUALITY_MIN: u8 = 52;
const QUALITY_SMALLER: u8 = 62;

/// By how much a picture is too long if the lower quality will do.
const NEARLY: f64 = 1.5;

/// Pixels of the longer side that are kept, whatever they take.
const SIDE_MIN: usize = 48;

/// The picture as a JPEG of at most `len_max` bytes.
///
/// # Errors
/// If the picture is too large for JPEG.
pub(super) fn fit(picture: &Rgb, len_max: usize) -> io::Result<Jpeg> {
    let whole = of(picture, QUALITY)?;
    let excess = whole.bytes.len() as f64 / len_max.max(1) as f64;
    if excess <= 1.0 {
        return Ok(whole);
    }
    if excess <= NEARLY {
        let rougher = of(picture, QUALITY_MIN)?;
        if rougher.bytes.len() <= len_max {
            return Ok(rougher);
        }
    }
    // Half the pixels have more than half the detail.
    let mut share = excess.powf(-0.6);
    loop {
        let [width, height] = [picture.width, picture.height].map(|len| scaled(len, share));
        let smaller = of(&shrink(picture, width, height), QUALITY_SMALLER)?;
        if smaller.bytes.len() <= len_max || width.max(height) <= SIDE_MIN {
            return Ok(smaller);
        }
        share *= 0.8;
    }
}

fn of(picture: &Rgb, quality: u8) -> io::Result<Jpeg> {
    let (bytes, width, height) =
        (jpeg(picture, quality, JpegFor::Glancing)?, picture.width, picture.height);
    Ok(Jpeg { bytes, width, height, damaged: (0, 0) })
}

/// A share of a length, at least a pixel.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths are small and positive"
)]
fn scaled(len: usize, share: f64) -> usize {
    ((len as f64 * share).round() as usize).clamp(1, len.max(1))
}

/// The picture with fewer pixels, each the mean of those that it covers.
///
/// - `width`, `height`: at most those of the picture, and not 0.
fn shrink(picture: &Rgb, width: usize, height: usize) -> Rgb {
    let columns = spans(picture.width, width);
    let mut pixels = Vec::with_capacity(3 * width * height);
    // First whole lines, then along them: the lines are most of the work, and many of their samples are added at a time.
    let mut sums = vec![0.0_f32; 3 * picture.width];
    for row in spans(picture.height, height) {
        sums.fill(0.0);
        for (line, weight) in row.parts() {
            let line = &picture.pixels[3 * picture.width * line..][..3 * picture.width];
            for (sum, sample) in sums.iter_mut().zip(line) {
                *sum += f32::from(*sample) * weight;
            }
        }
        for column in &columns {
            let mut pixel = [0.0_f32; 3];
            for (at, share) in column.parts() {
                for (mean, sum) in pixel.iter_mut().zip(&sums[3 * at..][..3]) {
                    *mean += sum * share;
                }
            }
            pixels.extend(pixel.map(rounded));
        }
    }
    Rgb { width, height, pixels }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of bytes is one; a float becomes the nearest"
)]
fn rounded(mean: f32) -> u8 {
    (mean + 0.5) as u8
}

/// The samples that one covers: from a part of the first to a part of the last.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: usize,
    last: usize,
    first_share: f32,
    whole_share: f32,
    last_share: f32,
}

impl Span {
    /// Each sample, and how much it counts; together they count 1.
    fn parts(self) -> impl Iterator<Item = (usize, f32)> {
        (self.first..=self.last).map(move |at| match at {
            _ if at == self.first => (at, self.first_share),
            _ if at == self.last => (at, self.last_share),
            _ => (at, self.whole_share),
        })
    }
}

/// What each of `to` samples covers of `from`.
fn spans(from: usize, to: usize) -> Vec<Span> {
    // In units of which a sample has `to` before and `from` after.
    let span = |nth: usize| {
        let (begin, end) = (nth * from, (nth + 1) * from);
        let (first, last) = (begin / to, (end - 1) / to);
        let share = |units: usize| units as f32 / from as f32;
        Span {
            first,
            last,
            first_share: share(((first + 1) * to).min(end) - begin),
            whole_share: share(to),
            last_share: share(end - last * to),
        }
    };
    (0..to).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of which no pixel can be told from its neighbours.
    fn noise(width: usize, height: usize) -> Rgb {
        let mut state = 1_u32;
        let pixels = (0..3 * width * height).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        });
        Rgb { width, height, pixels: pixels.collect() }
    }

    #[test]
    fn picture_of_one_colour_keeps_its_size_and_noise_is_made_to_fit() {
        let plain = Rgb { width: 640, height: 360, pixels: vec![90; 3 * 640 * 360] };
        let shown = fit(&plain, 9000).unwrap();
        assert_eq!((shown.width, shown.height), (640, 360));
        for len_max in [200_000, 60_000, 9000, 5000] {
            let shown = fit(&noise(640, 360), len_max).unwrap();
            assert!(shown.bytes.len() <= len_max, "{}", shown.bytes.len());
            let shape = shown.width as f64 / shown.height as f64;
            assert!((shape - 640.0 / 360.0).abs() < 0.1, "{} x {}", shown.width, shown.height);
        }
    }

    #[test]
    fn smaller_picture_is_the_mean_of_what_it_covers() {
        let pixels: Vec<u8> = [10, 20, 40, 80, 10, 20, 40, 80].map(|grey| [grey; 3]).concat();
        let picture = Rgb { width: 4, height: 2, pixels };
        assert_eq!(shrink(&picture, 2, 1).pixels, [15, 15, 15, 60, 60, 60]);
        // Each covers one sample and a third of the next.
        let three: Vec<u8> = [13, 30, 70].map(|grey| [grey; 3]).concat();
        assert_eq!(shrink(&picture, 3, 1).pixels, three);
        assert_eq!(shrink(&picture, 4, 2), picture);
    }
}
