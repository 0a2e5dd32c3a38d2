//! Whether the bytes of a sample are a frame of its clip.
//!
//! - In: the codec, the header that every frame is held to, the head of a sample and its length.
//! - Out: nothing, or a [`FrameFault`].
//! - Holds: what a writer may do is let pass: stuffing and padding behind the frame, other colour in some frames.
//! - Not here: reading samples (`frame_check`), damage behind a good header.

use super::frame::FrameHeader;
use super::known;
use crate::units::FourCc;

/// The most bytes of a frame's head that are looked at.
pub const FRAME_HEAD_LEN_MAX: usize = 64;

/// Codecs whose pictures may really be zeros: they are the bare values of pixels.
const UNCOMPRESSED: [&[u8; 4]; 18] = [
    b"raw ", b"v210", b"v216", b"2vuy", b"uyvy", b"yuv2", b"yuvs", b"v308", b"v408", b"v410",
    b"r210", b"R10k", b"R10g", b"b48r", b"b64a", b"b32a", b"b16g", b"r408",
];

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameFault {
    /// Its sample has no bytes.
    #[error("it is empty")]
    Empty,
    /// Its sample begins with zeros.
    #[error("it holds zeros where the frame should begin")]
    Zeros,
    /// A part of its sample was never written.
    #[error("a part of it was never written (a hole in the file)")]
    Hole,
    /// Its sample is not a frame of the codec.
    #[error("it does not begin like a frame of {codec:?}")]
    NoHeader {
        /// The codec.
        codec: FourCc,
    },
    /// Its sample is shorter than the frame.
    #[error("it is {len} bytes long, and its header states {stated}")]
    Cut {
        /// Bytes by its header.
        stated: u64,
        /// Bytes of the sample.
        len: u64,
    },
    /// Another size.
    #[error("it is {found} pixels, the clip is {expected}")]
    Size {
        /// By its header.
        found: String,
        /// By the header that it is held to.
        expected: String,
    },
    /// Other fields, chroma or alpha.
    #[error("it is {found}, the clip is {expected}")]
    Kind {
        /// By its header.
        found: String,
        /// By the header that it is held to.
        expected: String,
    },
}

/// A frame with other fields, chroma or alpha than the others of its clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherKind {
    /// By its header.
    pub found: String,
    /// By the header that it is held to.
    pub expected: String,
}

/// What the frames of a clip have to be.
#[derive(Debug, Clone, Copy)]
pub struct FrameKind {
    codec: FourCc,
    header: Option<FrameHeader>,
}

impl FrameKind {
    /// Frames of this codec that are like the one with this header.
    pub fn of(codec: FourCc, header: Option<FrameHeader>) -> Self {
        Self { codec, header }
    }

    /// Bytes at the start of a sample that are looked at: at most [`FRAME_HEAD_LEN_MAX`].
    pub fn head_len(&self) -> usize {
        known(self.codec).map_or(FRAME_HEAD_LEN_MAX, |known| known.head_len)
    }

    /// Whether no frame has long runs of zeros, so that a hole is damage.
    pub fn has_no_zeros(&self) -> bool {
        !UNCOMPRESSED.contains(&&self.codec.0)
    }

    /// Checks a frame.
    ///
    /// - `head`: the first [`FrameKind::head_len`] bytes of its sample, or all of a shorter one.
    /// - `sample_len`: bytes of the whole sample.
    /// - Returns: how many bytes of the sample belong to the frame, as far as that is known; padding may follow.
    ///
    /// # Errors
    /// [`FrameFault`].
    pub fn check(&self, head: &[u8], sample_len: u64) -> Result<u64, FrameFault> {
        match self.check_decodable(head, sample_len)? {
            (stated, None) => Ok(stated),
            (_, Some(OtherKind { found, expected })) => Err(FrameFault::Kind { found, expected }),
        }
    }

    /// Checks a frame for whoever decodes it: with other fields, chroma or alpha it is a frame, too.
    ///
    /// - `head`, `sample_len`: as for [`FrameKind::check`].
    /// - Returns: how many bytes belong to the frame, and what it is if the others are something else.
    ///
    /// # Errors
    /// [`FrameFault`], but not [`FrameFault::Kind`].
    pub fn check_decodable(
        &self,
        head: &[u8],
        sample_len: u64,
    ) -> Result<(u64, Option<OtherKind>), FrameFault> {
        if sample_len == 0 {
            return Err(FrameFault::Empty);
        }
        if self.has_no_zeros() && head.iter().all(|&byte| byte == 0) {
            return Err(FrameFault::Zeros);
        }
        let Some(known) = known(self.codec) else { return Ok((sample_len, None)) };
        let codec = self.codec;
        let header = (known.read)(head).ok_or(FrameFault::NoHeader { codec })?;
        let (stated, len) = ((known.coded_len)(head), sample_len);
        if stated > len || stated < known.head_len as u64 {
            return Err(FrameFault::Cut { stated, len });
        }
        let Some(expected) = self.header else { return Ok((stated, None)) };
        let size = |header: &FrameHeader| format!("{}x{}", header.width, header.height);
        if (header.width, header.height) != (expected.width, expected.height) {
            let (found, expected) = (size(&header), size(&expected));
            return Err(FrameFault::Size { found, expected });
        }
        Ok((stated, differs(&header, &expected)))
    }
}

/// How a frame differs from another one of its clip. Colour may differ.
fn differs(found: &FrameHeader, expected: &FrameHeader) -> Option<OtherKind> {
    let alpha = |header: &FrameHeader| if header.alpha { "with alpha" } else { "without alpha" };
    let parts = [
        (found.scan.to_string(), expected.scan.to_string()),
        (found.chroma.to_string(), expected.chroma.to_string()),
        (alpha(found).to_owned(), alpha(expected).to_owned()),
    ];
    let (found, expected) = parts.into_iter().find(|(found, expected)| found != expected)?;
    Some(OtherKind { found, expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Chroma, Scan};

    /// A progressive 4:4:4 frame of 64x48 without alpha that states 100 bytes.
    fn head() -> [u8; 28] {
        *b"\x00\x00\x00\x64icpf\x00\x14\x00\x00Lavc\x00\x40\x00\x30\xc0\x00\x01\x01\x01\x00\x00\x00"
    }

    fn kind() -> FrameKind {
        let codec = FourCc(*b"ap4h");
        let header = FrameHeader {
            width: 64,
            height: 48,
            scan: Scan::Progressive,
            chroma: Chroma::Full,
            alpha: false,
            color: None,
        };
        FrameKind::of(codec, Some(header))
    }

    #[track_caller]
    fn told(change: impl Fn(&mut [u8; 28]), len: u64) -> String {
        let mut head = head();
        change(&mut head);
        let present = usize::try_from(len.min(28)).unwrap();
        kind().check(&head[..present], len).unwrap_err().to_string()
    }

    #[test]
    fn frame_like_the_others_passes_with_padding_and_other_colour() {
        assert_eq!(kind().check(&head(), 100), Ok(100));
        assert_eq!(kind().check(&head(), 4096), Ok(100));
        let mut other = head();
        other[22] = 9;
        assert_eq!(kind().check(&other, 100), Ok(100));
    }

    #[test]
    fn each_damage_is_named() {
        assert_eq!(told(|_| (), 0), "it is empty");
        assert_eq!(
            told(|head| *head = [0; 28], 100),
            "it holds zeros where the frame should begin"
        );
        assert_eq!(told(|head| head[5] = b'X', 100), "it does not begin like a frame of 'ap4h'");
        assert_eq!(told(|_| (), 20), "it does not begin like a frame of 'ap4h'");
        assert_eq!(told(|_| (), 99), "it is 99 bytes long, and its header states 100");
        assert_eq!(
            told(|head| head[..4].copy_from_slice(&[0; 4]), 100),
            "it is 100 bytes long, and its header states 0"
        );
        assert_eq!(told(|head| head[17] = 32, 100), "it is 32x48 pixels, the clip is 64x48");
        assert_eq!(told(|head| head[20] = 0x80, 100), "it is 4:2:2, the clip is 4:4:4");
        assert_eq!(
            told(|head| head[20] = 0xc4, 100),
            "it is top field first, the clip is progressive"
        );
        assert_eq!(told(|head| head[25] = 2, 100), "it is with alpha, the clip is without alpha");
    }

    #[test]
    fn of_other_codecs_empty_and_zero_frames_are_seen_and_black_pixels_are_no_damage() {
        let zeros = [0; FRAME_HEAD_LEN_MAX];
        let cineform = FrameKind::of(FourCc(*b"CFHD"), None);
        assert_eq!(cineform.check(&zeros, 5000), Err(FrameFault::Zeros));
        assert_eq!(cineform.check(&[1; 64], 5000), Ok(5000));
        let raw = FrameKind::of(FourCc(*b"raw "), None);
        assert_eq!(raw.check(&zeros, 5000), Ok(5000));
        assert_eq!(raw.check(&[], 0), Err(FrameFault::Empty));
    }
}
