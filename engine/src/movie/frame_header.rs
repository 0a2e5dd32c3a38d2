//! The header of a ProRes frame, as far as it decides whether a clip fits (SMPTE RDD 36, 5.1).
//!
//! - In: the first [`FRAME_HEADER_LEN`] bytes of a sample. Out: [`FrameHeader`], or `None` where they are not one.
//! - Not here: the frame's size, which need not be the sample's (stuffing, padding), and pictures.

/// Bytes of a sample that [`FrameHeader::parse`] looks at: frame size, `icpf`, and the header's fixed part.
pub const FRAME_HEADER_LEN: usize = 28;

/// What the header of the first frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// 0 progressive, 1 interlaced with the top field first, 2 with the bottom field first.
    pub interlace_mode: u8,
    /// 2 for 4:2:2, 3 for 4:4:4.
    pub chroma_format: u8,
    /// 0 no alpha, 1 8-bit, 2 16-bit.
    pub alpha_channel_type: u8,
    /// As in ITU-T H.273.
    pub color_primaries: u8,
    /// As in ITU-T H.273.
    pub transfer_characteristic: u8,
    /// As in ITU-T H.273.
    pub matrix_coefficients: u8,
}

impl FrameHeader {
    /// Reads the header at the start of a sample; `None` where there is no `icpf` or the sample is too short.
    pub fn parse(sample: &[u8]) -> Option<Self> {
        let bytes: &[u8; FRAME_HEADER_LEN] = sample.first_chunk()?;
        if &bytes[4..8] != b"icpf" {
            return None;
        }
        Some(Self {
            width: u16::from_be_bytes([bytes[16], bytes[17]]),
            height: u16::from_be_bytes([bytes[18], bytes[19]]),
            chroma_format: bytes[20] >> 6,
            interlace_mode: bytes[20] >> 2 & 3,
            color_primaries: bytes[22],
            transfer_characteristic: bytes[23],
            matrix_coefficients: bytes[24],
            alpha_channel_type: bytes[25] & 15,
        })
    }
}
