//! What the numbers of a picture's samples mean: matrix, range, transfer characteristic, primaries.
//!
//! - In: the sample description and the header of a frame.
//! - Out: [`Colors`].
//! - Holds: the sample description counts, where it says nothing the frame does; where neither says anything, pictures of
//!   720 lines and more are BT.709 and smaller ones BT.601, with the video range.
//! - Not here: arithmetic (`draw`, `transform`).
//!
//! References: ITU-T H.273, tables 2 to 4; ITU-R BT.601, BT.709, BT.2020.

use crate::codec::color::{self, ColorAtom, ColorCodes};
use crate::codec::{FrameHeader, VideoDescription};

/// From how many lines on a picture without tags is BT.709.
const LINES_OF_HD: u16 = 720;

/// How brightness and colour differences were made of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matrix {
    /// The share of red in brightness.
    pub red: f32,
    /// The share of blue.
    pub blue: f32,
    /// What it is called.
    pub name: &'static str,
}

/// What the numbers of a picture's samples mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colors {
    /// Matrix coefficients.
    pub matrix: Matrix,
    /// Whether black and white are at the ends of the range, and not where video has them.
    pub is_full_range: bool,
    /// The transfer characteristic by its number in ITU-T H.273; 2 if nobody says.
    pub transfer: u16,
    /// The primaries by their number; 2 if nobody says.
    pub primaries: u16,
}

impl Colors {
    /// The colours of a movie's frame.
    pub fn of(description: &VideoDescription, header: &FrameHeader) -> Self {
        let (of_movie, is_full_range) = match &description.colr {
            Some(ColorAtom::Codes(codes, is_full_range)) => (Some(*codes), *is_full_range),
            _ => (None, false),
        };
        let codes = [of_movie, header.color];
        let first = |code: fn(&ColorCodes) -> u16| {
            let stated = codes.iter().flatten().map(code);
            stated.filter(|code| !matches!(code, 0 | 2)).find(|code| *code < 256).unwrap_or(2)
        };
        let stated = codes.iter().flatten().find_map(|codes| matrix(codes.matrix));
        let by_size = if header.height >= LINES_OF_HD { 1 } else { 6 };
        Self {
            matrix: stated.or(matrix(by_size)).expect("both are known"),
            is_full_range,
            transfer: first(|codes| codes.transfer),
            primaries: first(|codes| codes.primaries),
        }
    }

    /// The transfer characteristic from which the picture is tone-mapped; `None` if it is shown as it is.
    pub fn tone_mapped(&self) -> Option<&'static str> {
        // Light, logarithms, PQ and HLG; the others look right, or nearly so, on any display.
        matches!(self.transfer, 8 | 9 | 10 | 16 | 18).then(|| color::transfer_name(self.transfer))
    }
}

/// The matrix with this number, if it is one of red, green and blue.
fn matrix(code: u16) -> Option<Matrix> {
    let (red, blue) = match code {
        1 => (0.2126, 0.0722),
        4 => (0.30, 0.11),
        5 | 6 => (0.299, 0.114),
        7 => (0.212, 0.087),
        9 | 10 => (0.2627, 0.0593),
        _ => return None,
    };
    Some(Matrix { red, blue, name: color::matrix_name(code) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Chroma, Scan};
    use crate::units::FourCc;

    fn colors(colr: Option<&[u8]>, codes: (u16, u16, u16), height: u16) -> Colors {
        let description = VideoDescription {
            codec: FourCc(*b"apch"),
            width: 1920,
            height,
            depth: 24,
            fiel: None,
            colr: colr.map(ColorAtom::parse),
            pasp: None,
            clap: None,
            payload: Vec::new(),
        };
        let (primaries, transfer, matrix) = codes;
        let header = FrameHeader {
            width: 1920,
            height,
            scan: Scan::Progressive,
            chroma: Chroma::Half,
            alpha: false,
            color: Some(ColorCodes { primaries, transfer, matrix }),
        };
        Colors::of(&description, &header)
    }

    #[test]
    fn picture_without_tags_is_of_hd_from_720_lines_on() {
        assert_eq!(colors(None, (2, 2, 2), 720).matrix.name, "BT.709");
        assert_eq!(colors(None, (0, 0, 0), 719).matrix.name, "BT.601");
        let untagged = colors(None, (2, 2, 2), 1080);
        assert_eq!((untagged.transfer, untagged.primaries, untagged.is_full_range), (2, 2, false));
    }

    #[test]
    fn movie_counts_before_the_frame_and_the_frame_where_the_movie_says_nothing() {
        let of_movie = colors(Some(b"nclx\x00\x09\x00\x10\x00\x09\x80"), (1, 1, 1), 1080);
        assert_eq!((of_movie.matrix.name, of_movie.tone_mapped()), ("BT.2020", Some("PQ")));
        assert!(of_movie.is_full_range);
        let of_frame = colors(Some(b"nclc\x00\x02\x00\x02\x00\x02"), (1, 1, 6), 1080);
        assert_eq!((of_frame.matrix.name, of_frame.tone_mapped()), ("BT.601", None));
        assert_eq!((of_frame.transfer, of_frame.primaries), (1, 1));
        let unknown = colors(Some(b"nclc\x00\x01\x00\x01\x00\x0e"), (2, 2, 2), 1080);
        assert_eq!(unknown.matrix.name, "BT.709", "a matrix that is none of red, green and blue");
    }
}
