//! A small blank, and a disk that loses a bit, for tests of what proves movies of made frames.

use intercut_io::IoError;

use super::{Flavor, Numbers};
use crate::timecode::FrameRate;
use crate::verify::ExpectedTarget;

/// A blank of so many frames of 640x360.
pub(crate) fn numbers(frames: u64) -> Numbers {
    Numbers {
        raster: (640, 360),
        flavor: Flavor::Hq,
        rate: FrameRate::matching(25, 1).unwrap(),
        frames,
        drop_frame: false,
        timecode: "01:00:00:00".to_owned(),
        reel: None,
    }
}

/// Reads a movie as it was planned, but for a bit of one byte.
pub(crate) fn losing(
    planned: ExpectedTarget<'_>,
    lost: Option<u64>,
) -> impl Fn(&mut [u8], u64) -> Result<(), IoError> {
    move |bytes, offset| {
        planned.read_exact_at(bytes, offset)?;
        let at = lost.and_then(|lost| usize::try_from(lost.checked_sub(offset)?).ok());
        at.and_then(|at| bytes.get_mut(at)).into_iter().for_each(|byte| *byte ^= 4);
        Ok(())
    }
}
