//! Cuts off what nothing refers to behind a movie: after an undo, or what an insert left that was killed.
//!
//! - In: a file that is locked, what is to be cut off.
//! - Out: the file as it was before, or [`Kept`]: the tail stays, because somebody may look at it.
//! - Holds: nobody is killed by it: who has mapped bytes that are cut off, and looks at them, is ended by the system. While
//!   the file is cut nobody else can open it.
//! - Not here: how leftovers are found (`append`).

use intercut_io::{InPlaceFile, IoError, OpenElsewhere, Patch, ReadExactAt};

use crate::append::Leftover;
use crate::atom::file::Header;
use crate::atom::{ReadAt, ReadError};
use crate::movie::{MovieError, Survey};

/// A tail that nothing refers to and that was not cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its bytes.
    pub bytes: u64,
    /// Why it was kept.
    pub because: KeptBecause,
}

/// Why a tail was not cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeptBecause {
    /// It was asked for.
    Asked,
    /// Somebody else has the movie open or mapped.
    OpenElsewhere,
    /// The system cannot tell whether somebody has.
    CannotTell,
}

/// What to do if somebody may look at the tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Keep it if anybody might.
    Keep,
    /// Cut it off whoever does.
    Force,
}

/// Cuts `leftover` off, and gives the file its old time of change.
///
/// # Errors
/// [`IoError`]; what is left is then known again as a leftover, or gone.
pub(super) fn cut_off(
    file: &mut InPlaceFile,
    leftover: &Leftover,
    care: Care,
) -> Result<Option<Kept>, IoError> {
    let kept = |because| Ok(Some(Kept { bytes: leftover.len, because }));
    let _lease = match (file.open_elsewhere(), care) {
        (OpenElsewhere::No(lease), _) => Some(lease),
        (_, Care::Force) => None,
        (OpenElsewhere::Yes, Care::Keep) => return kept(KeptBecause::OpenElsewhere),
        (_, Care::Keep) => return kept(KeptBecause::CannotTell),
    };
    let read = |buffer: &mut [u8], offset: u64| file.read_exact_at(buffer, offset);
    let size = size_taken_back(leftover, &read)?;
    file.cut_back(leftover.start, size.as_slice(), leftover.modified_ns)?;
    Ok(None)
}

/// What takes the size back that was filled in so that the leftover could follow, if its atom is the last one without it.
///
/// # Errors
/// [`IoError`] if the file cannot be read.
pub(super) fn size_taken_back(
    leftover: &Leftover,
    read: &ReadExactAt<'_>,
) -> Result<Option<Patch>, IoError> {
    let Some(at) = leftover.sized_at else { return Ok(None) };
    let mut size = [0; 4];
    read(&mut size, at)?;
    let is_last = at + u64::from(u32::from_be_bytes(size)) == leftover.start;
    Ok(is_last.then(|| Patch::new(at, &size, &[0; 4])))
}

/// The top-level atoms of a locked file, what is wrong with them, and what is left behind the movie.
pub(super) struct Examined {
    pub(super) header: Header,
    /// Whether the atoms could be followed to the end.
    pub(super) is_whole: bool,
    pub(super) leftover: Option<Leftover>,
}

/// Looks at a locked file.
///
/// # Errors
/// [`ReadError::Format`] if there is no `moov` that can be read.
pub(super) fn examine(file: &InPlaceFile) -> Result<Examined, ReadError<IoError, MovieError>> {
    let len = file.identity().len;
    let read = |buffer: &mut [u8], offset: u64| file.read_exact_at(buffer, offset);
    let mut reading = read;
    let reading: &mut ReadAt<'_, IoError> = &mut reading;
    let (header, flaw) = Header::read(len, reading).map_err(ReadError::widen)?;
    let survey = Survey::read(len, reading)?;
    let leftover = Leftover::find(&header, survey.movie(), &read).map_err(ReadError::Read)?;
    Ok(Examined { header, is_whole: flaw.is_none(), leftover })
}
