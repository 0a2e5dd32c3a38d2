//! How the pictures of a clip differ from the base's.
//!
//! - In: what the two movies say of their pictures.
//! - Out: every [`Difference`], each a sentence about the clip.
//! - Holds: what only one of the two states is not compared; what means the same is not a difference.
//! - Not here: rates (`plan`), and which differences are refused, allowed or only mentioned (`plan`).

use std::fmt;

use super::color::{CleanAperture, ColorAtom, ColorCodes, PixelAspect};
use super::frame::{Chroma, FrameHeader};
use super::{VideoDescription, VideoFormat, described, is_prores};
use crate::units::FourCc;

/// Which part of a movie makes a statement about its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatedIn {
    /// The sample description.
    SampleDescription,
    /// The header of the first frame.
    FrameHeader,
}

impl fmt::Display for StatedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StatedIn::SampleDescription => "sample description",
            StatedIn::FrameHeader => "frame header",
        })
    }
}

/// A width and a height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureSize {
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
}

impl fmt::Display for PictureSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// One way in which the pictures of a clip differ from the base's.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// Another codec.
    #[error("its codec is {}, the base's is {}", described(*clip), described(*base))]
    Codec {
        /// The clip's.
        clip: FourCc,
        /// The base's.
        base: FourCc,
    },
    /// Another size.
    #[error("its {stated_in} says {clip} pixels, the base's says {base}")]
    Size {
        /// What states it.
        stated_in: StatedIn,
        /// The clip's.
        clip: PictureSize,
        /// The base's.
        base: PictureSize,
    },
    /// Other fields, or another order of fields.
    #[error("its {stated_in} says {clip}, the base's says {base}")]
    Fields {
        /// What states it.
        stated_in: StatedIn,
        /// The clip's, in words.
        clip: String,
        /// The base's, in words.
        base: String,
    },
    /// Alpha in one of the two.
    #[error("its {stated_in} says {}, the base's says {}", alpha_text(*clip), alpha_text(!*clip))]
    Alpha {
        /// What states it.
        stated_in: StatedIn,
        /// Whether it is the clip that has it.
        clip: bool,
    },
    /// Colour sampled another way.
    #[error("its frames are {clip}, the base's are {base}")]
    Chroma {
        /// The clip's.
        clip: Chroma,
        /// The base's.
        base: Chroma,
    },
    /// Other colour, by the frame header.
    #[error("its frames have colour {clip}, the base's have {base}")]
    FrameColor {
        /// The clip's.
        clip: ColorCodes,
        /// The base's.
        base: ColorCodes,
    },
    /// Other colour, by the sample description.
    #[error("its colour is {clip}, the base's is {}; the base's is kept", another(clip, base))]
    Color {
        /// The clip's.
        clip: ColorAtom,
        /// The base's.
        base: ColorAtom,
    },
    /// Another sample description, in a codec for which it must be the same byte for byte.
    #[error("its sample description is not the base's: they differ in {part}")]
    Description {
        /// Where they differ first.
        part: String,
    },
    /// Pixels of another shape.
    #[error(
        "its pixel aspect is {clip}, the base's is {}; the base's is kept",
        another(clip, base)
    )]
    PixelAspect {
        /// The clip's.
        clip: PixelAspect,
        /// The base's.
        base: PixelAspect,
    },
    /// Another part of the picture that is meant to be seen.
    #[error(
        "its clean aperture is {clip}, the base's is {}; the base's is kept",
        another(clip, base)
    )]
    CleanAperture {
        /// The clip's.
        clip: CleanAperture,
        /// The base's.
        base: CleanAperture,
    },
}

impl Difference {
    /// The code by which programs know the difference: snake case, never changed once released.
    pub fn code(&self) -> &'static str {
        match self {
            Difference::Codec { .. } => "codec",
            Difference::Size { .. } => "size",
            Difference::Fields { .. } => "field_order",
            Difference::Alpha { .. } => "alpha",
            Difference::Chroma { .. } => "chroma",
            Difference::FrameColor { .. } => "frame_color",
            Difference::Color { .. } => "color",
            Difference::PixelAspect { .. } => "pixel_aspect",
            Difference::CleanAperture { .. } => "clean_aperture",
            Difference::Description { .. } => "sample_description",
        }
    }
}

/// Every difference between the pictures of a clip and the base's, rates aside.
pub fn compare(clip: &VideoFormat, base: &VideoFormat) -> Vec<Difference> {
    let mut found = Vec::new();
    let (codec, base_codec) = (clip.description.codec, base.description.codec);
    if codec != base_codec {
        found.push(Difference::Codec { clip: codec, base: base_codec });
    }
    compare_sizes(&clip.description, &base.description, &mut found);
    // What an unlike codec says of fields or colour means nothing.
    if codec != base_codec && !(is_prores(codec) && is_prores(base_codec)) {
        return found;
    }
    compare_descriptions(&clip.description, &base.description, &mut found);
    if let (Some(clip), Some(base)) = (&clip.frame_header, &base.frame_header) {
        compare_frame_headers(clip, base, &mut found);
    }
    if found.is_empty() && !is_prores(codec) {
        let part = clip.description.differing_part(&base.description);
        found.extend(part.map(|part| Difference::Description { part }));
    }
    found
}

fn compare_sizes(clip: &VideoDescription, base: &VideoDescription, found: &mut Vec<Difference>) {
    let size = |of: &VideoDescription| PictureSize { width: of.width, height: of.height };
    if size(clip) != size(base) {
        let stated_in = StatedIn::SampleDescription;
        found.push(Difference::Size { stated_in, clip: size(clip), base: size(base) });
    }
}

fn compare_descriptions(
    clip: &VideoDescription,
    base: &VideoDescription,
    found: &mut Vec<Difference>,
) {
    let stated_in = StatedIn::SampleDescription;
    if let (Some(clip), Some(base)) = (clip.fields(), base.fields())
        && clip != base
    {
        found.push(Difference::Fields { stated_in, clip, base });
    }
    if let (Some(clip), Some(base)) = (clip.alpha(), base.alpha())
        && clip != base
    {
        found.push(Difference::Alpha { stated_in, clip });
    }
    if let Some((clip, base)) = differing(&clip.colr, &base.colr) {
        found.push(Difference::Color { clip, base });
    }
    if let Some((clip, base)) = differing(&clip.pasp, &base.pasp) {
        found.push(Difference::PixelAspect { clip, base });
    }
    if let Some((clip, base)) = differing(&clip.clap, &base.clap) {
        found.push(Difference::CleanAperture { clip, base });
    }
}

fn compare_frame_headers(clip: &FrameHeader, base: &FrameHeader, found: &mut Vec<Difference>) {
    let stated_in = StatedIn::FrameHeader;
    let size = |header: &FrameHeader| PictureSize { width: header.width, height: header.height };
    // Where the descriptions differ in size already, the frames do so too.
    let is_said = found.iter().any(|difference| matches!(difference, Difference::Size { .. }));
    if !is_said && size(clip) != size(base) {
        found.push(Difference::Size { stated_in, clip: size(clip), base: size(base) });
    }
    if clip.scan != base.scan {
        let (clip, base) = (clip.scan.to_string(), base.scan.to_string());
        found.push(Difference::Fields { stated_in, clip, base });
    }
    if clip.alpha != base.alpha {
        found.push(Difference::Alpha { stated_in, clip: clip.alpha });
    }
    if clip.chroma != base.chroma {
        found.push(Difference::Chroma { clip: clip.chroma, base: base.chroma });
    }
    if let Some((clip, base)) = differing(&clip.color, &base.color) {
        found.push(Difference::FrameColor { clip, base });
    }
}

/// Both, where both are there and they differ.
fn differing<T: PartialEq + Clone>(clip: &Option<T>, base: &Option<T>) -> Option<(T, T)> {
    let both = clip.as_ref().zip(base.as_ref());
    both.filter(|(clip, base)| clip != base).map(|(clip, base)| (clip.clone(), base.clone()))
}

/// The base's in words, which must not be the clip's: two ICC profiles may have one length.
fn another(clip: &impl fmt::Display, base: &impl fmt::Display) -> String {
    let (clip, base) = (clip.to_string(), base.to_string());
    if clip == base { format!("another, {base}") } else { base }
}

fn alpha_text(alpha: bool) -> &'static str {
    if alpha { "alpha" } else { "no alpha" }
}
