//! What a codec means to a splice: its name, the header of its frames, and how pictures of two movies differ.
//!
//! - In: the fourcc and the sample description of a video track, the first bytes of a sample.
//! - Out: [`VideoFormat`], [`FrameHeader`], [`Difference`]s; names for people ([`name`], [`color`]).
//! - Holds: a codec whose frames have a header that is known here is one file and one line of `KNOWN`.
//! - Not here: which differences are allowed (`plan`), where samples are (`table`), pictures.

pub mod color;
mod compare;
mod description;
mod frame;
mod frame_kind;
mod names;
mod prores;

pub use compare::{Difference, PictureSize, StatedIn, compare};
pub(crate) use description::VIDEO_EXTENSIONS;
pub use description::{VideoDescription, VideoFormat};
pub use frame::{Chroma, FrameHeader, Scan};
pub use frame_kind::{FRAME_HEAD_LEN_MAX, FrameFault, FrameKind, OtherKind};
pub use names::{described, name};

use crate::units::FourCc;

/// A codec whose frames have a header that is known here.
struct Codec {
    /// The fourccs of its sample descriptions.
    fourccs: &'static [[u8; 4]],
    /// Bytes at the start of a sample that `read` looks at.
    head_len: usize,
    /// Reads the header of a frame from the start of its sample; `None` where there is none.
    read: fn(&[u8]) -> Option<FrameHeader>,
    /// How many bytes the frame has by its header, which was read; the rest of the sample is padding.
    coded_len: fn(&[u8]) -> u64,
}

/// The codecs whose frames have a header that is known here.
const KNOWN: [&Codec; 1] = [&prores::CODEC];

fn known(codec: FourCc) -> Option<&'static Codec> {
    KNOWN.into_iter().find(|known| known.fourccs.contains(&codec.0))
}

/// Whether the codec is one of the ProRes family.
pub fn is_prores(codec: FourCc) -> bool {
    prores::CODEC.fourccs.contains(&codec.0)
}

/// Bytes at the start of a sample that [`frame_header`] looks at; `None` where the frames of the codec have no header
/// that is known here.
pub fn frame_head_len(codec: FourCc) -> Option<usize> {
    known(codec).map(|known| known.head_len)
}

/// Reads the header of a frame.
///
/// - `head`: the first [`frame_head_len`] bytes of its sample, or all of a shorter one.
/// - Returns: `None` where there is no header, or none that is known here.
pub fn frame_header(codec: FourCc, head: &[u8]) -> Option<FrameHeader> {
    (known(codec)?.read)(head)
}

/// Reads the header of a frame of ProRes, whichever of the family it is.
pub(crate) fn prores_frame_header(head: &[u8]) -> Option<FrameHeader> {
    (prores::CODEC.read)(head)
}
