//! What the header of a frame says of its picture, whatever the codec.
//!
//! - In: filled by the codec's own file.
//! - Out: [`FrameHeader`] and its parts, which print as people say them.
//! - Not here: how a header is read (`prores`), how two are compared (`compare`).

use std::fmt;

use super::color::ColorCodes;

/// What the header of a frame says of its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameHeader {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Whole frames, or fields and their order.
    pub scan: Scan,
    /// How often colour is sampled.
    pub chroma: Chroma,
    /// Whether it has an alpha channel.
    pub alpha: bool,
    /// Its colour, where the header has room for it.
    pub color: Option<ColorCodes>,
}

/// Whole frames, or fields and their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scan {
    /// One picture a frame.
    Progressive,
    /// Two fields, the top one first.
    TopFieldFirst,
    /// Two fields, the bottom one first.
    BottomFieldFirst,
    /// A number that no specification describes.
    Unknown(u8),
}

impl fmt::Display for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Progressive => f.write_str("progressive"),
            Self::TopFieldFirst => f.write_str("top field first"),
            Self::BottomFieldFirst => f.write_str("bottom field first"),
            Self::Unknown(mode) => write!(f, "interlace mode {mode}"),
        }
    }
}

/// How often colour is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chroma {
    /// 4:2:2.
    Half,
    /// 4:4:4.
    Full,
    /// A number that no specification describes.
    Unknown(u8),
}

impl fmt::Display for Chroma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Half => f.write_str("4:2:2"),
            Self::Full => f.write_str("4:4:4"),
            Self::Unknown(format) => write!(f, "chroma format {format}"),
        }
    }
}
