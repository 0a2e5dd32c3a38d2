//! The headers of a file with a region behind it, before a byte of it is written.
//!
//! - In: the schedule of the region, and how the file is read.
//! - Out: the top-level atoms and the `moov` that a reader will find, before the switch or after it.
//! - Holds: media is not read; where a clip's bytes will be there are zeros.
//! - Not here: what the headers should be (`insertion`).

use intercut_io::{IoError, Origin, Patch, ReadExactAt, Schedule};

use super::AppendError;
use crate::atom::ReadError;
use crate::atom::file::Header;
use crate::layout::BASE;

/// A file as it will be.
pub(super) struct Preview<'a> {
    /// The region.
    pub(super) schedule: &'a Schedule,
    /// How the file is read as it is.
    pub(super) base: &'a ReadExactAt<'a>,
    /// Whether its patches are made.
    pub(super) is_switched: bool,
}

impl Preview<'_> {
    /// What a reader finds.
    ///
    /// # Errors
    /// [`AppendError::Unsound`] if that is no movie; [`AppendError::Io`].
    pub(super) fn header(&self) -> Result<Header, AppendError> {
        let mut read = |buffer: &mut [u8], offset: u64| self.read_exact_at(buffer, offset);
        match Header::read(self.schedule.len(), &mut read) {
            Ok((header, None)) => Ok(header),
            Ok((_, Some(_))) | Err(ReadError::Format(_)) => Err(AppendError::Unsound),
            Err(ReadError::Read(error)) => Err(error.into()),
        }
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        let (schedule, end) = (self.schedule, offset + buffer.len() as u64);
        let index = |at: u64| usize::try_from(at - offset).expect("it is in memory");
        if offset < schedule.start() {
            let old = &mut buffer[..index(end.min(schedule.start()))];
            (self.base)(old, offset)?;
        }
        let first = schedule.pieces().partition_point(|piece| piece.end() <= offset);
        let pieces = schedule.pieces()[first..].iter();
        for piece in pieces.map_while(|piece| piece.clip(offset.max(schedule.start()), end)) {
            let part = &mut buffer[index(piece.target)..index(piece.end())];
            match piece.origin {
                Origin::Inline { offset } => {
                    let start = usize::try_from(offset).expect("inline bytes are in memory");
                    part.copy_from_slice(&schedule.inline()[start..start + part.len()]);
                }
                Origin::Source { source, offset } if source == BASE => (self.base)(part, offset)?,
                Origin::Source { .. } | Origin::Made { .. } | Origin::Zero => part.fill(0),
            }
        }
        let patches: &[Patch] = if self.is_switched { schedule.patches() } else { &[] };
        patches.iter().for_each(|patch| patch.show(buffer, offset));
        Ok(())
    }
}
