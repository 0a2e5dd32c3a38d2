//! Colour and shape of pictures in words: `colr`, `pasp`, `clap`, and the numbers of ITU-T H.273.
//!
//! - In: payloads of the three atoms; colour codes.
//! - Out: types that compare by what they mean and print as people say it.
//! - Holds: what cannot be read prints its length, never its bytes.
//! - Not here: which of two movies is right (`plan`).
//!
//! References: QuickTime File Format, "Color Parameter Atoms", "Pixel Aspect Ratio", "Clean Aperture"; ISO/IEC 14496-12
//! 12.1.4, 12.1.5; ITU-T H.273, tables 2 to 4.

use std::fmt;

use crate::atom::{array_at, u16_at, u32_at};

/// Colour by three numbers of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColorCodes {
    /// Primaries.
    pub primaries: u16,
    /// Transfer characteristic.
    pub transfer: u16,
    /// Matrix coefficients.
    pub matrix: u16,
}

/// `1-1-1 (BT.709)`, `9-16-9 (BT.2020, PQ, BT.2020)`: numbers, then names; one name if all three have it.
impl fmt::Display for ColorCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { primaries, transfer, matrix } = *self;
        write!(f, "{primaries}-{transfer}-{matrix} (")?;
        let names = [primaries_name(primaries), transfer_name(transfer), matrix_name(matrix)];
        if names.iter().all(|name| *name == names[0]) {
            f.write_str(names[0])?;
        } else {
            f.write_str(&names.join(", "))?;
        }
        f.write_str(")")
    }
}

/// The name of a set of primaries.
pub fn primaries_name(code: u16) -> &'static str {
    match code {
        0 | 2 => "unspecified",
        1 => "BT.709",
        4 => "BT.470 M",
        5 => "BT.601 625",
        6 => "BT.601 525",
        7 => "SMPTE 240M",
        8 => "film",
        9 => "BT.2020",
        10 => "XYZ",
        11 => "DCI-P3",
        12 => "Display P3",
        22 => "EBU 3213",
        _ => "unknown",
    }
}

/// The name of a transfer characteristic.
pub fn transfer_name(code: u16) -> &'static str {
    match code {
        0 | 2 => "unspecified",
        1 => "BT.709",
        4 => "gamma 2.2",
        5 => "gamma 2.8",
        6 => "BT.601",
        7 => "SMPTE 240M",
        8 => "linear",
        9 => "log 100:1",
        10 => "log 316:1",
        11 => "xvYCC",
        12 => "BT.1361",
        13 => "sRGB",
        14 => "BT.2020 10-bit",
        15 => "BT.2020 12-bit",
        16 => "PQ",
        17 => "SMPTE 428",
        18 => "HLG",
        _ => "unknown",
    }
}

/// The name of matrix coefficients.
pub fn matrix_name(code: u16) -> &'static str {
    match code {
        0 => "RGB",
        1 => "BT.709",
        2 => "unspecified",
        4 => "FCC",
        5 | 6 => "BT.601",
        7 => "SMPTE 240M",
        8 => "YCgCo",
        9 => "BT.2020",
        10 => "BT.2020 constant",
        11 => "SMPTE 2085",
        14 => "ICtCp",
        _ => "unknown",
    }
}

/// What `colr` says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColorAtom {
    /// `nclc` or `nclx`: numbers, and whether the range is full.
    Codes(ColorCodes, bool),
    /// `prof` or `rICC`: an ICC profile.
    Profile(Vec<u8>),
    /// Anything else, as it is.
    Unknown(Vec<u8>),
}

impl ColorAtom {
    /// Reads the payload of a `colr` atom.
    pub fn parse(payload: &[u8]) -> Self {
        let kind: [u8; 4] = array_at(payload, 0).unwrap_or_default();
        let codes = || {
            let [primaries, transfer, matrix] = [4, 6, 8].map(|at| u16_at(payload, at));
            Some(ColorCodes { primaries: primaries?, transfer: transfer?, matrix: matrix? })
        };
        match &kind {
            b"nclc" | b"nclx" => match codes() {
                Some(codes) => {
                    let range = payload.get(10).filter(|_| &kind == b"nclx");
                    Self::Codes(codes, range.is_some_and(|range| range & 0x80 != 0))
                }
                None => Self::Unknown(payload.to_vec()),
            },
            b"prof" | b"rICC" => Self::Profile(payload[4..].to_vec()),
            _ => Self::Unknown(payload.to_vec()),
        }
    }
}

impl fmt::Display for ColorAtom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codes(codes, false) => write!(f, "nclc {codes}"),
            Self::Codes(codes, true) => write!(f, "nclx {codes}, full range"),
            Self::Profile(profile) => write!(f, "an ICC profile of {} bytes", profile.len()),
            Self::Unknown(bytes) => unreadable(f, bytes),
        }
    }
}

/// What `pasp` says: the shape of a pixel.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum PixelAspect {
    /// Across and down.
    Ratio(u32, u32),
    /// Anything else, as it is.
    Unknown(Vec<u8>),
}

impl PixelAspect {
    /// Reads the payload of a `pasp` atom.
    pub fn parse(payload: &[u8]) -> Self {
        match (u32_at(payload, 0), u32_at(payload, 4)) {
            (Some(across), Some(down)) if across > 0 && down > 0 => Self::Ratio(across, down),
            _ => Self::Unknown(payload.to_vec()),
        }
    }
}

/// Equal where the shape is: 1:1 and 72:72 are one.
impl PartialEq for PixelAspect {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ratio(a, b), Self::Ratio(c, d)) => {
                u64::from(*a) * u64::from(*d) == u64::from(*c) * u64::from(*b)
            }
            (Self::Unknown(ours), Self::Unknown(theirs)) => ours == theirs,
            _ => false,
        }
    }
}

impl fmt::Display for PixelAspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio(across, down) if across == down => f.write_str("1:1"),
            Self::Ratio(across, down) => write!(f, "{across}:{down}"),
            Self::Unknown(bytes) => unreadable(f, bytes),
        }
    }
}

/// What `clap` says: the part of the picture that is meant to be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CleanAperture {
    /// Width, height, and how far its centre lies right of and below the picture's: each a numerator and a denominator.
    Area([(u32, u32); 2], [(i32, u32); 2]),
    /// Anything else, as it is.
    Unknown(Vec<u8>),
}

impl CleanAperture {
    /// Reads the payload of a `clap` atom.
    pub fn parse(payload: &[u8]) -> Self {
        let ratio = |at| Some((u32_at(payload, at)?, u32_at(payload, at + 4).filter(|&d| d > 0)?));
        let signed = |at| ratio(at).map(|(numerator, d)| (numerator.cast_signed(), d));
        match (ratio(0), ratio(8), signed(16), signed(24)) {
            (Some(width), Some(height), Some(x), Some(y)) => Self::Area([width, height], [x, y]),
            _ => Self::Unknown(payload.to_vec()),
        }
    }
}

impl fmt::Display for CleanAperture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = |numerator: f64, denominator: u32| numerator / f64::from(denominator);
        match self {
            Self::Area([width, height], [x, y]) => {
                let size = [width, height].map(|&(n, d)| decimal(n.into(), d));
                write!(f, "{}x{}", size[0], size[1])?;
                let [x, y] = [x, y].map(|&(n, d)| decimal(n.into(), d));
                if (x, y) == (0.0, 0.0) { Ok(()) } else { write!(f, " off centre by {x}, {y}") }
            }
            Self::Unknown(bytes) => unreadable(f, bytes),
        }
    }
}

fn unreadable(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    write!(f, "{} bytes of an unknown form", bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_has_names_and_one_if_all_three_are_the_same() {
        let told = [(1, 1, 1), (9, 16, 9), (1, 1, 6), (1, 2, 2), (77, 1, 1)].map(
            |(primaries, transfer, matrix)| ColorCodes { primaries, transfer, matrix }.to_string(),
        );
        assert_eq!(
            told,
            [
                "1-1-1 (BT.709)",
                "9-16-9 (BT.2020, PQ, BT.2020)",
                "1-1-6 (BT.709, BT.709, BT.601)",
                "1-2-2 (BT.709, unspecified, unspecified)",
                "77-1-1 (unknown, BT.709, BT.709)",
            ]
        );
    }

    #[test]
    fn colr_is_told_by_what_it_means() {
        let codes = ColorAtom::parse(b"nclc\x00\x01\x00\x01\x00\x01");
        assert_eq!(codes.to_string(), "nclc 1-1-1 (BT.709)");
        assert_eq!(codes, ColorAtom::parse(b"nclx\x00\x01\x00\x01\x00\x01\x00"));
        let full = ColorAtom::parse(b"nclx\x00\x01\x00\x0d\x00\x01\x80");
        assert_eq!(full.to_string(), "nclx 1-13-1 (BT.709, sRGB, BT.709), full range");
        assert_eq!(ColorAtom::parse(b"prof1234567").to_string(), "an ICC profile of 7 bytes");
        assert_eq!(ColorAtom::parse(b"ncl").to_string(), "3 bytes of an unknown form");
        assert_eq!(ColorAtom::parse(b"nclc\x00").to_string(), "5 bytes of an unknown form");
    }

    #[test]
    fn shapes_are_told_by_what_they_mean() {
        let square = PixelAspect::parse(&[0, 0, 0, 72, 0, 0, 0, 72]);
        assert_eq!(square.to_string(), "1:1");
        assert_eq!(square, PixelAspect::parse(&[0, 0, 0, 1, 0, 0, 0, 1]));
        assert_eq!(PixelAspect::parse(&[0, 0, 0, 64, 0, 0, 0, 45]).to_string(), "64:45");
        let zero = PixelAspect::parse(&[0; 8]);
        assert_eq!(zero.to_string(), "8 bytes of an unknown form");

        let numbers: [u32; 8] = [1416, 2, 480, 1, u32::MAX, 2, 0, 1];
        let payload: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        assert_eq!(CleanAperture::parse(&payload).to_string(), "708x480 off centre by -0.5, 0");
        assert_eq!(CleanAperture::parse(&payload[..31]).to_string(), "31 bytes of an unknown form");
    }
}
