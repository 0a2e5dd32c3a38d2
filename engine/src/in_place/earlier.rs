//! Reads a movie as it was before inserts, from the file as it is: what they replaced is still there, and so is the old header.
//!
//! - In: the history of a movie. Out: the movie before one of its inserts.
//! - Holds: nothing is written; the header is the one that an undo would bring back.
//! - Not here: undoing (`undo`).

use intercut_io::{Cancel, Source};

use super::{History, HistoryEntry};
use crate::append::{Change, HeaderPlace};
use crate::atom::ReadError;
use crate::discover::{OpenError, OpenMovie};
use crate::movie::Survey;

impl History {
    /// The movie as it was before the insert `nth`, counted from 0 at the oldest; `None` if it cannot be taken back, with the
    /// later ones, or if the movie has changed since.
    ///
    /// - Cost: as [`discover::open`](crate::discover::open).
    ///
    /// # Errors
    /// [`OpenError`] if the file cannot be read.
    pub fn before(&self, nth: usize, cancel: &Cancel) -> Result<Option<OpenMovie>, OpenError> {
        let inserts = self.inserts.get(nth..).unwrap_or_default();
        let Some(HistoryEntry { journal, is_undoable: true }) = inserts.first() else {
            return Ok(None);
        };
        let source = Source::open(&self.path)?;
        if source.len() != self.len {
            return Ok(None);
        }
        let mut read = |buffer: &mut [u8], offset: u64| {
            cancel.check()?;
            source.read_exact_at(buffer, offset)?;
            for insert in inserts.iter().rev() {
                put_back(&insert.journal.switch, buffer, offset);
            }
            Ok(())
        };
        let movie = match Survey::read(journal.before.len, &mut read) {
            Ok(survey) => survey.into_movie(),
            Err(ReadError::Read(error)) => return Err(OpenError::Io(error)),
            Err(ReadError::Format(error)) => Err(error),
        };
        let is_before = |header: &crate::atom::file::Header| {
            HeaderPlace::of(header.moov_offset, &header.moov) == journal.moov_before
        };
        let movie = movie.ok().filter(|movie| is_before(movie.header()));
        Ok(movie.map(|movie| OpenMovie { source, movie, growing: None }))
    }
}

/// Puts what a change replaced back into bytes that were read from `offset` on.
fn put_back(change: &Change, buffer: &mut [u8], offset: u64) {
    for (at, byte) in (change.offset..).zip(&change.before.0) {
        let place = at.checked_sub(offset).and_then(|at| usize::try_from(at).ok());
        if let Some(place) = place.and_then(|place| buffer.get_mut(place)) {
            *place = *byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::append::Bytes;

    #[test]
    fn change_is_put_back_where_it_meets_what_was_read() {
        let change =
            Change { offset: 10, before: Bytes(vec![1, 2, 3]), after: Bytes(vec![7, 8, 9]) };
        let read = |from: u64, len: usize| {
            let mut bytes = vec![0; len];
            put_back(&change, &mut bytes, from);
            bytes
        };
        assert_eq!(read(8, 6), [0, 0, 1, 2, 3, 0]);
        assert_eq!(read(11, 1), [2]);
        assert_eq!(read(12, 3), [3, 0, 0]);
        assert_eq!((read(5, 5), read(13, 2)), (vec![0; 5], vec![0; 2]));
    }
}
