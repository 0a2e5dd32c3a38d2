//! What a review is encoded to, and in which kind of file.
//!
//! - In: the codec that is asked for, the name of the output.
//! - Out: [`Codec`], [`Container`].
//! - Not here: the encoders (`ffmpeg`).

use std::path::Path;

use crate::canvas::Pixels;

/// What a review is encoded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// H.264, 8 bits, 4:2:0: plays everywhere.
    H264,
    /// HEVC, 10 bits, 4:2:2 where the encoder has it.
    Hevc,
    /// ProRes Proxy, by this program alone: for editors.
    Proxy,
}

impl Codec {
    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Codec::H264 => "h264",
            Codec::Hevc => "hevc",
            Codec::Proxy => "proxy",
        }
    }

    /// How its encoders take pictures.
    pub(super) fn pixels(self) -> Pixels {
        match self {
            Codec::H264 => Pixels::Nv12,
            Codec::Hevc | Codec::Proxy => Pixels::Yuv422p10,
        }
    }
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// MPEG-4.
    Mp4,
    /// QuickTime.
    Mov,
}

impl Container {
    /// By the name of a file; `None` for other names.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match &*extension {
            "mp4" | "m4v" => Some(Container::Mp4),
            "mov" => Some(Container::Mov),
            _ => None,
        }
    }

    /// What FFmpeg calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Container::Mp4 => "mp4",
            Container::Mov => "mov",
        }
    }
}
