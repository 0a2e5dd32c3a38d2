//! What one picture is by itself: a fault, black, and a digest by which it is known again.
//!
//! - In: the bytes of its sample.
//! - Out: [`Seen`].
//! - Not here: its neighbours (`join`).

use std::sync::{Mutex, PoisonError};

use twox_hash::XxHash3_128;

use super::finding::FindingKind;
use crate::codec::{self, FrameFault, FrameKind, OtherKind};
use crate::look::{Darkness, Holes, Presented};
use crate::movie::Movie;
use crate::picture::{CodedFrame, Components, PictureError, Planes, Size};
use crate::units::ByteRange;

/// What is wrong with a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Its sample is no frame of the movie.
    #[error(transparent)]
    Frame(#[from] FrameFault),
    /// Its sample cannot be taken apart.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// None of its slices can be decoded.
    #[error("none of its {slices} slices can be decoded")]
    Nothing {
        /// How many it has.
        slices: usize,
    },
    /// Some of its slices cannot be decoded.
    #[error("{damaged} of its {slices} slices cannot be decoded")]
    Slices {
        /// How many cannot be.
        damaged: usize,
        /// How many it has.
        slices: usize,
    },
}

impl Fault {
    /// What a frame with it is called.
    pub(super) fn kind(&self) -> FindingKind {
        match self {
            Self::Slices { .. } => FindingKind::Undecodable,
            _ => FindingKind::Hollow,
        }
    }
}

/// What a picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Faulty(Fault),
    Black,
    /// The digest of its coded bytes, without what follows them in the sample.
    Ordinary(u128),
}

/// Examines the pictures of a movie.
pub(super) struct Examiner {
    kind: FrameKind,
    is_decoded: bool,
    deep: bool,
}

impl Examiner {
    pub(super) fn of(movie: &Movie, deep: bool) -> Self {
        let format = movie.video_format();
        let codec = format.description.codec;
        let kind = FrameKind::of(codec, format.frame_header);
        Self { kind, is_decoded: codec::is_prores(codec), deep }
    }

    /// - Returns: what the picture is, and how it differs from the movie's first one in kind.
    pub(super) fn examine(
        &self,
        picture: &Presented,
        bytes: &[u8],
        planes: &mut Planes,
        holes: &Mutex<Holes<'_>>,
    ) -> (Seen, Option<OtherKind>) {
        match self.look(picture.sample.range, bytes, planes, holes) {
            Ok(found) => found,
            Err(fault) => (Seen::Faulty(fault), None),
        }
    }

    fn look(
        &self,
        range: ByteRange,
        bytes: &[u8],
        planes: &mut Planes,
        holes: &Mutex<Holes<'_>>,
    ) -> Result<(Seen, Option<OtherKind>), Fault> {
        let head = &bytes[..bytes.len().min(self.kind.head_len())];
        let (len, other_kind) = self.kind.check_decodable(head, range.len)?;
        let coded = ByteRange { offset: range.offset, len };
        // Nobody panics with the lock held.
        let mut holes = holes.lock().unwrap_or_else(PoisonError::into_inner);
        if self.kind.has_no_zeros() && holes.touch(coded) {
            return Err(FrameFault::Hole.into());
        }
        drop(holes);
        let bytes = &bytes[..usize::try_from(len).unwrap_or(usize::MAX).min(bytes.len())];
        if self.is_decoded && self.is_black(bytes, planes)? {
            return Ok((Seen::Black, other_kind));
        }
        Ok((Seen::Ordinary(XxHash3_128::oneshot(bytes)), other_kind))
    }

    /// Decodes the brightness, or everything.
    fn is_black(&self, bytes: &[u8], planes: &mut Planes) -> Result<bool, Fault> {
        let frame = CodedFrame::parse(bytes)?;
        let mut damage = frame.decode(Size::Eighth, Components::Luma, planes);
        if self.deep {
            damage = frame.walk();
        }
        let (slices, damaged) = (damage.slices, damage.damaged);
        match damaged {
            0 => Ok(Darkness::of(&frame, planes).is_black()),
            _ if damage.is_total() => Err(Fault::Nothing { slices }),
            _ => Err(Fault::Slices { damaged, slices }),
        }
    }
}
