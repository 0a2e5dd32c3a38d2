//! ProRes: its fourccs and the header of its frames (SMPTE RDD 36, 5.1).
//!
//! - In: the first bytes of a sample: frame size, `icpf`, and the fixed part of the frame header.
//! - Out: [`FrameHeader`], or `None` where they are not one.
//! - Not here: ProRes RAW (`aprn`, `aprh`), whose frames are another bitstream; pictures.

use super::Codec;
use super::color::ColorCodes;
use super::frame::{Chroma, FrameHeader, Scan};
use crate::atom::u32_at;

/// Bytes of a sample up to the end of the frame header's fixed part.
const HEAD_LEN: usize = 28;

/// Proxy, LT, 422, HQ, 4444, 4444 XQ.
pub(super) const CODEC: Codec = Codec {
    fourccs: &[*b"apco", *b"apcs", *b"apcn", *b"apch", *b"ap4h", *b"ap4x"],
    head_len: HEAD_LEN,
    read,
    coded_len: |head| u32_at(head, 0).unwrap_or(0).into(),
};

/// The frame size need not be the sample's: stuffing and padding may follow.
fn read(sample: &[u8]) -> Option<FrameHeader> {
    let bytes: &[u8; HEAD_LEN] = sample.first_chunk()?;
    if &bytes[4..8] != b"icpf" {
        return None;
    }
    Some(FrameHeader {
        width: u16::from_be_bytes([bytes[16], bytes[17]]),
        height: u16::from_be_bytes([bytes[18], bytes[19]]),
        scan: match bytes[20] >> 2 & 3 {
            0 => Scan::Progressive,
            1 => Scan::TopFieldFirst,
            2 => Scan::BottomFieldFirst,
            mode => Scan::Unknown(mode),
        },
        chroma: match bytes[20] >> 6 {
            2 => Chroma::Half,
            3 => Chroma::Full,
            format => Chroma::Unknown(format),
        },
        alpha: bytes[25] & 15 != 0,
        color: Some(ColorCodes {
            primaries: bytes[22].into(),
            transfer: bytes[23].into(),
            matrix: bytes[24].into(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a 4:2:2 interlaced frame of 1920x1080 that `prores_ks` wrote, with BT.709 colour and no alpha.
    const HEAD: [u8; HEAD_LEN] = *b"\x00\x01\x00\x00icpf\x00\x94\x00\x00Lavc\x07\x80\x04\x38\x84\x00\x01\x01\x01\x00\x00\x03";

    #[test]
    fn header_says_raster_fields_chroma_alpha_and_colour() {
        let header = read(&HEAD).unwrap();
        assert_eq!((header.width, header.height), (1920, 1080));
        assert_eq!((header.scan, header.chroma), (Scan::TopFieldFirst, Chroma::Half));
        assert!(!header.alpha);
        assert_eq!(header.color, Some(ColorCodes { primaries: 1, transfer: 1, matrix: 1 }));
    }

    #[test]
    fn sample_without_icpf_or_too_short_has_no_header() {
        let mut other = HEAD;
        other[4] = b'x';
        assert_eq!(read(&other), None);
        assert_eq!(read(&HEAD[..27]), None);
        assert_eq!(read(&[]), None);
    }
}
