//! What is appended to a movie to change it in place: a region that nothing refers to, until one write of at most 16 bytes
//! makes it the movie's.
//!
//! ```text
//! before     ftyp wide mdat[ a a a b b b c c ] moov
//! appended   ftyp wide mdat[ a a a b b b c c ] moov mdat(to the end)[ B B B journal moov' ]      still the old movie
//! switched   ftyp wide mdat[ a a a b b b c c   moov head              B B B journal ] moov'      the new movie
//! ```
//!
//! - In: a movie, clips, a plan; how the file is read.
//! - Out: `Insertion`, the region with its patches; of a movie that was changed in place, its [`Journal`]s and what is left
//!   behind it ([`Leftover`]).
//! - Holds: every state of the file shows one `moov`; what the old one refers to is not written over, so the same bytes
//!   written back undo it.
//! - Not here: writing (`in_place`, `splice`), where the samples go (`layout`).

mod insertion;
mod journal;
mod leftover;
mod preview;
mod switch;
#[cfg(test)]
mod tests;

use intercut_io::{IoError, ReadExactAt};

use crate::layout::LayoutError;
use crate::movie::Movie;

/// The share of a file, in hundredths, from which on unused bytes are worth a word.
const GARBAGE_PERCENT_TOLD: u64 = 25;

/// What becomes of a movie that is changed in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InPlace {
    /// Bytes that are appended.
    pub bytes_appended: u64,
    /// Bytes of the movie that nothing refers to any more, afterwards.
    pub garbage_bytes: u64,
    /// Where the write is that decides, and how many bytes it has.
    pub switch_offset: u64,
    /// Bytes of that write.
    pub switch_len: u64,
}

impl InPlace {
    /// What a person should know of a file of `len` bytes, if much of it is not used any more.
    pub(crate) fn warning(&self, len: u64) -> Option<String> {
        let percent = self.garbage_bytes.saturating_mul(100) / len.max(1);
        (percent >= GARBAGE_PERCENT_TOLD)
            .then(|| format!("{percent} % of the movie's bytes are not used any more"))
    }
}

pub(crate) use insertion::{Ground, Insertion, Made};
pub use journal::{Block, Bytes, Change, HeaderPlace, InsertedEvent, Journal, JournalError};
pub(crate) use journal::{ReadJournal, State, journals, moov_offsets_from_end};
pub use leftover::Leftover;

/// Whether a movie has been changed in place, or holds what such a change left behind: then bytes that no sample refers to
/// may be what was replaced, an older header or a journal.
///
/// - Cost: as [`Journal::before`] and [`Leftover::find`].
///
/// # Errors
/// [`IoError`] if the file cannot be read.
pub(crate) fn leaves_bytes(movie: &Movie, read: &ReadExactAt<'_>) -> Result<bool, IoError> {
    let header = movie.header();
    match Journal::before(header.moov_offset, read) {
        Ok(None) => Ok(Leftover::find(header, Some(movie), read)?.is_some()),
        // One of another version was left by a change as well.
        Ok(Some(_)) | Err(JournalError::Form(_)) => Ok(true),
        Err(JournalError::Io(error)) => Err(error),
    }
}

/// Why nothing can be appended to a movie.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The plan cannot be laid out.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// No header can be enlarged by one write that a disk makes whole.
    #[error("no atom before its header can be made to reach over it in one write")]
    NoPlace,
    /// Bytes behind the last atom that are too few for an atom: what follows them would be read as a part of them.
    #[error(
        "{len} bytes from byte {offset} on are no atom, and nothing can be appended behind them"
    )]
    TrailingBytes {
        /// Where they begin.
        offset: u64,
        /// How many.
        len: u64,
    },
    /// The atoms could not be followed.
    #[error("its atoms could not be followed any more if something were appended")]
    Unsound,
    /// The file could not be read.
    #[error(transparent)]
    Io(#[from] IoError),
}
