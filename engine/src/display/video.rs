//! From a movie's samples to those of ordinary video: BT.709, video range, 10 bits.
//!
//! - In: a picture's colours, then brightness and colour differences.
//! - Out: [`ToVideo`].
//! - Holds: what is BT.709 already is not touched; another matrix or range is one multiplication by a matrix; PQ, HLG,
//!   logarithms, light and other primaries are shown as stills are.
//! - Not here: which sample goes where (`canvas`).
//!
//! References: ITU-R BT.709, 3 and 4.

use super::draw::Scale;
use super::transform::Transform;
use super::{Colors, Matrix};

/// Video: what everything becomes.
const VIDEO: Matrix = Matrix { red: 0.2126, blue: 0.0722, name: "BT.709" };

/// Black, and the distance from black to white, at 10 bits.
const BLACK: f32 = 64.0;
const LUMA: f32 = 876.0;
/// No colour, and the distance of the strongest ones.
const NEUTRAL: f32 = 512.0;
const CHROMA: f32 = 896.0;

/// How samples become those of video.
#[derive(Debug, Clone)]
pub struct ToVideo(Way);

#[derive(Debug, Clone)]
enum Way {
    /// They are already.
    Same,
    /// By another matrix, or of another range.
    Other(Scale),
    /// By their light.
    Mapped(Scale, Box<Transform>),
}

impl ToVideo {
    /// - `depth`: bits of a sample.
    pub fn of(colors: &Colors, depth: u32) -> Self {
        let scale = Scale::of(colors, depth);
        let is_video = colors.matrix.red == VIDEO.red && colors.matrix.blue == VIDEO.blue;
        Self(match Transform::of(colors) {
            Some(transform) => Way::Mapped(scale, Box::new(transform)),
            None if is_video && !colors.is_full_range => Way::Same,
            None => Way::Other(scale),
        })
    }

    /// Whether samples stay as they are, but for their number of bits.
    pub fn is_same(&self) -> bool {
        matches!(self.0, Way::Same)
    }

    /// Brightness, Cb and Cr at 10 bits.
    #[inline]
    pub fn convert(&self, [luma, cb, cr]: [u16; 3]) -> [f32; 3] {
        let [luma, cb, cr] = [luma, cb, cr].map(f32::from);
        match &self.0 {
            Way::Same => [luma, cb, cr],
            Way::Other(scale) => video(scale.rgb(luma, cb, cr)),
            Way::Mapped(scale, transform) => video(transform.map(scale.rgb(luma, cb, cr))),
        }
    }
}

/// Red, green and blue from 0 to 1 as video.
#[inline]
fn video([red, green, blue]: [f32; 3]) -> [f32; 3] {
    let Matrix { red: of_red, blue: of_blue, .. } = VIDEO;
    let luma = of_red * red + (1.0 - of_red - of_blue) * green + of_blue * blue;
    let [cb, cr] = [(blue, of_blue), (red, of_red)]
        .map(|(value, share)| (value - luma) / (2.0 * (1.0 - share)));
    [BLACK + LUMA * luma, NEUTRAL + CHROMA * cb, NEUTRAL + CHROMA * cr]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colors(matrix: Matrix, is_full_range: bool, transfer: u16) -> Colors {
        Colors { matrix, is_full_range, transfer, primaries: 1 }
    }

    #[track_caller]
    fn assert_near(found: [f32; 3], expected: [f32; 3]) {
        let near =
            found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1.5);
        assert!(near, "{found:?}, not {expected:?}");
    }

    #[test]
    fn bars_of_another_matrix_become_those_of_the_recommendation() {
        let sd = Matrix { red: 0.299, blue: 0.114, name: "BT.601" };
        let way = ToVideo::of(&colors(sd, false, 1), 10);
        assert!(!way.is_same());
        // 100 % red, green and white: BT.601 at 10 bits, BT.709 at 10 bits (SMPTE RP 219).
        assert_near(way.convert([326, 361, 960]), [250.0, 409.0, 960.0]);
        assert_near(way.convert([578, 215, 137]), [690.0, 167.0, 105.0]);
        assert_near(way.convert([940, 512, 512]), [940.0, 512.0, 512.0]);
    }

    #[test]
    fn full_range_is_brought_to_that_of_video() {
        let way = ToVideo::of(&colors(VIDEO, true, 1), 12);
        assert_near(way.convert([4095, 2048, 2048]), [940.0, 512.0, 512.0]);
        assert_near(way.convert([0, 2048, 2048]), [64.0, 512.0, 512.0]);
    }

    #[test]
    fn ordinary_pictures_stay_as_they_are_and_light_is_mapped() {
        assert!(ToVideo::of(&colors(VIDEO, false, 1), 12).is_same());
        let mapped = ToVideo::of(&colors(VIDEO, false, 16), 10);
        assert!(!mapped.is_same());
        assert_near(mapped.convert([64, 512, 512]), [64.0, 512.0, 512.0]);
        // The white of graphics in PQ, 58 %, is a light grey under the shoulder.
        let [white, ..] = mapped.convert([64 + 508, 512, 512]);
        assert!((600.0..900.0).contains(&white), "{white}");
    }
}
