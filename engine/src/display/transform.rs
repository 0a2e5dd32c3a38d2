//! Pictures that are not made for an ordinary screen: of PQ, HLG, a logarithm or light itself, which are tone-mapped, and of other
//! primaries than BT.709's.
//!
//! ```text
//! R'G'B' ─▶ light (1 is the white of a page) ─▶ primaries of BT.709 ─▶ shoulder ─▶ sRGB
//!                                                        └─ of an ordinary transfer characteristic ─▶ R'G'B' as it was coded
//! ```
//!
//! - In: a picture's colours, then red, green and blue as they are coded, 0 to 1.
//! - Out: [`Transform`], which gives what is shown, 0 to 1.
//! - Holds: a shoulder scales all three alike, so that hues stay; what is brighter than the peak is white. Colours that BT.709
//!   does not have lose what is too much. Grey of an ordinary transfer characteristic stays what it is.
//! - Not here: grading. Nobody should judge tone-mapped colours by this.
//!
//! References: ITU-R BT.2100, tables 4 and 5 (PQ and HLG); BT.2408, 2.2 (the white of graphics is at 203 cd/m2); ITU-T H.273,
//! tables 2 and 3; BT.1886 (the light of ordinary video); IEC 61966-2-1. The shoulder is Reinhard's, with a white point.

use super::Colors;

/// Steps of the tables: more than the samples have.
const STEPS: usize = 4096;

/// Luminance of white, in cd/m2.
const WHITE: f32 = 203.0;

/// Luminance that is shown as white, in cd/m2: what most pictures are graded to.
const PEAK: f32 = 1000.0;

type Rows = [[f32; 3]; 3];

/// From the primaries of BT.2020 to those of BT.709 (ITU-R BT.2087).
const FROM_2020: Rows =
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]];

/// From P3 with the white of BT.709.
const FROM_P3: Rows = [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]];

/// The exponent by which ordinary video is light.
const VIDEO_GAMMA: f32 = 2.4;

/// From the primaries of standard definition with 625 lines, and with 525 (BT.601), to those of BT.709.
const FROM_625: Rows = [[1.0440, -0.0440, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0118, 0.9882]];
const FROM_525: Rows =
    [[0.9395, 0.0502, 0.0103], [0.0178, 0.9658, 0.0164], [-0.0016, -0.0044, 1.0060]];

/// How a picture is shown.
#[derive(Debug, Clone)]
pub(super) struct Transform {
    /// Light by code.
    light: Vec<f32>,
    /// What is shown, by the square root of light.
    shown: Vec<f32>,
    primaries: Option<Rows>,
    /// The light that is shown as white; 1 where there is no shoulder.
    peak: f32,
}

impl Transform {
    /// `None` for a picture that is shown as it is.
    pub(super) fn of(colors: &Colors) -> Option<Self> {
        let primaries = match colors.primaries {
            5 => Some(FROM_625),
            6 | 7 => Some(FROM_525),
            9 => Some(FROM_2020),
            11 | 12 => Some(FROM_P3),
            _ => None,
        };
        let (to_light, peak): (fn(f32) -> f32, f32) = match colors.transfer {
            8 => (|code| code, 1.0),
            9 => (|code| logarithm(code, 2.0), 1.0),
            10 => (|code| logarithm(code, 2.5), 1.0),
            16 => (|code| pq(code) / WHITE, PEAK / WHITE),
            18 => (|code| hlg(code) / WHITE, PEAK / WHITE),
            _ if primaries.is_none() => return None,
            _ => (|code| code.powf(VIDEO_GAMMA), 1.0),
        };
        let shown: fn(f32) -> f32 = match colors.tone_mapped() {
            Some(_) => srgb,
            None => |light| light.powf(1.0 / VIDEO_GAMMA),
        };
        let steps = || (0..STEPS).map(|step| step as f32 / (STEPS - 1) as f32);
        let light = steps().map(to_light).collect();
        let shown = steps().map(|root| shown(root * root)).collect();
        Some(Self { light, shown, primaries, peak })
    }

    /// What is shown of a pixel.
    pub(super) fn map(&self, coded: [f32; 3]) -> [f32; 3] {
        let mut light = coded.map(|value| self.light[step(value)]);
        if let Some(rows) = &self.primaries {
            let source = light;
            light = rows.map(|row| (0..3).map(|at| row[at] * source[at]).sum::<f32>().max(0.0));
        }
        let brightest = light[0].max(light[1]).max(light[2]);
        if self.peak > 1.0 && brightest > 0.0 {
            let shown = brightest * (1.0 + brightest / (self.peak * self.peak)) / (1.0 + brightest);
            light = light.map(|value| value * shown / brightest);
        }
        light.map(|value| self.shown[step(value.sqrt())])
    }
}

/// The nearest step of a table.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is held to the range"
)]
fn step(value: f32) -> usize {
    (value.clamp(0.0, 1.0) * (STEPS - 1) as f32 + 0.5) as usize
}

/// 0 to 255; anything outside is held to that.
#[inline(always)]
pub(super) fn eight_bits(value: f32) -> u8 {
    // From 3 times 2^22 on a float has no fraction, and its last bits are the number. A conversion would be done one by one.
    const NO_FRACTION: f32 = 12_582_912.0;
    (value.clamp(0.0, 1.0) * 255.0 + NO_FRACTION).to_bits().to_le_bytes()[0]
}

/// Light by a logarithm of so many decades.
fn logarithm(code: f32, decades: f32) -> f32 {
    if code > 0.0 { 10_f32.powf((code - 1.0) * decades) } else { 0.0 }
}

/// Light in cd/m2 by PQ.
fn pq(code: f32) -> f32 {
    const M1: f32 = 2610.0 / 16384.0;
    const M2: f32 = 2523.0 / 4096.0 * 128.0;
    const C1: f32 = 3424.0 / 4096.0;
    const C2: f32 = 2413.0 / 4096.0 * 32.0;
    const C3: f32 = 2392.0 / 4096.0 * 32.0;
    let root = code.powf(1.0 / M2);
    10_000.0 * ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1)
}

/// Light in cd/m2 by HLG on a display of 1000 cd/m2, each colour by itself.
fn hlg(code: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 0.284_668_92;
    const C: f32 = 0.559_910_7;
    let scene = if code <= 0.5 { code * code / 3.0 } else { (((code - C) / A).exp() + B) / 12.0 };
    PEAK * scene.powf(1.2)
}

/// The code of light by sRGB.
fn srgb(light: f32) -> f32 {
    if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::Matrix;

    fn transform(transfer: u16, primaries: u16) -> Option<Transform> {
        let matrix = Matrix { red: 0.2627, blue: 0.0593, name: "BT.2020" };
        Transform::of(&Colors { matrix, is_full_range: false, transfer, primaries })
    }

    #[test]
    fn light_of_known_codes_is_that_of_the_recommendations() {
        // BT.2408, table 1: the white of graphics is 58 % in PQ and 75 % in HLG.
        assert!((pq(0.58) - 203.0).abs() < 3.0, "{}", pq(0.58));
        assert!((hlg(0.75) - 203.0).abs() < 3.0, "{}", hlg(0.75));
        assert!((pq(1.0) - 10_000.0).abs() < 5.0 && pq(0.0) == 0.0);
        assert!((hlg(1.0) - 1000.0).abs() < 1.0 && hlg(0.0) == 0.0);
        assert!((logarithm(0.5, 2.0) - 0.1).abs() < 1e-6);
    }

    #[test]
    fn grey_stays_grey_black_stays_black_and_the_peak_is_white() {
        for (transfer, white) in [(16, 0.752), (18, 1.0), (8, 1.0), (9, 1.0), (10, 1.0)] {
            let transform = transform(transfer, 9).unwrap();
            assert_eq!(transform.map([0.0; 3]), [0.0; 3], "{transfer}");
            assert!(transform.map([white; 3]).iter().all(|&value| value > 0.99), "{transfer}");
            let [red, green, blue] = transform.map([0.5; 3]);
            let is_grey = (red - green).abs() < 0.004 && (green - blue).abs() < 0.004;
            assert!(is_grey && (0.08..0.92).contains(&red), "{transfer}: {red} {green} {blue}");
        }
    }

    #[test]
    fn ordinary_pictures_are_shown_as_they_are() {
        for transfer in [1, 2, 6, 13, 14] {
            for primaries in [0, 1, 2, 3] {
                assert!(transform(transfer, primaries).is_none(), "{transfer} {primaries}");
            }
        }
    }

    #[test]
    fn other_primaries_become_those_of_the_screen_and_grey_keeps_its_level() {
        for (transfer, primaries) in [(1, 5), (6, 6), (1, 9), (14, 9), (1, 11), (1, 12)] {
            let transform = transform(transfer, primaries).unwrap();
            for level in [0.0, 0.02, 0.1, 0.5, 0.9, 1.0] {
                let shown = transform.map([level; 3]);
                let stays = shown.iter().all(|value| (value - level).abs() < 0.0015);
                assert!(stays, "{transfer} {primaries} {level}: {shown:?}");
            }
        }
        // BT.2087: the red of BT.709 in primaries of BT.2020 has this light.
        let red = [0.6274_f32, 0.0691, 0.0164].map(|light| light.powf(1.0 / VIDEO_GAMMA));
        let shown = transform(14, 9).unwrap().map(red);
        let is_red = shown[0] > 0.995 && shown[1] < 0.03 && shown[2] < 0.03;
        assert!(is_red, "{shown:?}");
    }
}
