//! Takes the last insert back.
//!
//! ```text
//! ftyp mdat[ a a a b b b   moov head B B journal ] moov'      one write of the old header's bytes
//! ftyp mdat[ a a a b b b ] moov mdat[ B B journal moov' ]     the old movie; then the file is cut to its old length
//! ```
//!
//! - In: the movie. Out: [`Undone`].
//! - Holds: a movie that is not what the last insert left is not touched. Switching back is safe whoever has the movie open;
//!   the tail is cut off only if nobody has. An undo that was killed is finished by the next one, which takes nothing else back.
//! - Not here: the journal (`append`), cutting (`leftover`).

use std::path::{Path, PathBuf};

use intercut_io::{InPlaceFile, IoError, ReadExactAt};

use super::InPlaceError;
use super::leftover::{self, Care, Examined, Kept, KeptBecause};
use super::noted::{self, Noted};
use crate::append::{Block, HeaderPlace, Journal, Leftover, ReadJournal, State};
use crate::atom::ReadError;
use crate::atom::file::{Header, MOOV_LEN_MAX};
use crate::discover::OpenError;
use crate::movie::MovieError;

/// An undo that is to be made.
#[derive(Debug, Clone)]
pub struct Undo {
    path: PathBuf,
    /// Leave the tail.
    keep: bool,
    /// Cut the tail off whoever has the movie open.
    force: bool,
    /// Put the block back that the disk has cut.
    repair: bool,
}

/// What an undo did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undone {
    /// The insert that was taken back; `None` if an insert or an undo before had not come to its end, and was finished.
    pub insert: Option<Journal>,
    /// Length of the movie now, without what was kept behind it.
    pub len: u64,
    /// Bytes that were cut off.
    pub bytes_cut: u64,
    /// What was not cut off.
    pub kept: Option<Kept>,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl Undo {
    /// Takes the last insert into the movie at `path` back.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), keep: false, force: false, repair: false }
    }

    /// Whether what was appended stays behind the movie, where nothing refers to it.
    #[must_use]
    pub fn keep(mut self, keep: bool) -> Self {
        self.keep = keep;
        self
    }

    /// Whether the file is cut while others have it open, too.
    #[must_use]
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// Whether a switch that the disk has cut is repaired from the journal.
    #[must_use]
    pub fn repair(mut self, repair: bool) -> Self {
        self.repair = repair;
        self
    }

    /// Does it.
    ///
    /// # Errors
    /// [`InPlaceError`]; the movie is then what it was.
    pub fn run(&self) -> Result<Undone, InPlaceError> {
        let mut file = InPlaceFile::open(&self.path)?;
        let examined = leftover::examine(&file);
        let leftover = examined.as_ref().ok().and_then(|examined| examined.leftover);
        let noted = Noted::of(&self.path, leftover.as_ref())?;
        let mut undone = self.take_back(&mut file, examined)?;
        if let Some(noted) = noted {
            let settled = noted.settle(None);
            undone.warnings.extend(settled.err().map(|error| noted::warning(&self.path, &error)));
        }
        Ok(undone)
    }

    fn take_back(
        &self,
        file: &mut InPlaceFile,
        examined: Result<Examined, ReadError<IoError, MovieError>>,
    ) -> Result<Undone, InPlaceError> {
        let path = &self.path;
        let examined = match examined {
            Ok(examined) if examined.is_whole => examined,
            Ok(_) => return self.torn(file, None),
            Err(ReadError::Format(error)) => return self.torn(file, Some(error)),
            Err(ReadError::Read(error)) => return Err(error.into()),
        };
        if self.repair {
            return Err(InPlaceError::NothingToRepair { path: path.clone() });
        }
        let Examined { header, leftover, .. } = examined;
        match leftover {
            // Cutting it off is all that there is to do.
            Some(_) if self.keep => return Err(InPlaceError::LeftBehind { path: path.clone() }),
            Some(leftover) => return self.finish(file, None, &leftover),
            None => {}
        }
        let found = last_journal(path, &header, file)?;
        let journal = found.journal;
        let changed =
            |what: &str| InPlaceError::Changed { path: path.clone(), what: what.to_owned() };
        let switch = journal.switch.patch().ok_or_else(|| changed("its journal is damaged"))?;
        check_old_header(file, &journal).map_err(|what| match what {
            Ok(what) => changed(what),
            Err(error) => error.into(),
        })?;
        file.patch(&[switch.reversed()])?;
        let leftover = leftover_of(&journal, file.identity().len);
        self.finish(file, Some(journal), &leftover)
    }

    /// Cuts off what nothing refers to any more.
    fn finish(
        &self,
        file: &mut InPlaceFile,
        insert: Option<Journal>,
        leftover: &Leftover,
    ) -> Result<Undone, InPlaceError> {
        let care = if self.force { Care::Force } else { Care::Keep };
        let kept = match self.keep {
            true => Some(Kept { bytes: leftover.len, because: KeptBecause::Asked }),
            false => leftover::cut_off(file, leftover, care)?,
        };
        let bytes_cut = if kept.is_some() { 0 } else { leftover.len };
        Ok(Undone { insert, len: leftover.start, bytes_cut, kept, warnings: Vec::new() })
    }

    /// Repairs a movie whose atoms cannot be followed, if that is because of its switch.
    fn torn(
        &self,
        file: &mut InPlaceFile,
        error: Option<MovieError>,
    ) -> Result<Undone, InPlaceError> {
        let (path, len) = (&self.path, file.identity().len);
        let read = |buffer: &mut [u8], offset: u64| file.read_exact_at(buffer, offset);
        let found = find_torn(len, &read).map_err(|error| InPlaceError::of_journal(path, error))?;
        let Some(ReadJournal { journal, .. }) = found else {
            return Err(match error {
                Some(source) => {
                    OpenError::Movie { path: path.clone(), source, growing: None }.into()
                }
                None => InPlaceError::NothingToUndo { path: path.clone() },
            });
        };
        if !self.repair {
            return Err(InPlaceError::Torn { path: path.clone(), offset: journal.switch.offset });
        }
        let Block { offset, bytes } = &journal.block;
        file.put_back(*offset, &bytes.0)?;
        let leftover = leftover_of(&journal, len);
        self.finish(file, Some(journal), &leftover)
    }
}

/// The journal of the last insert, if the movie is what that insert left.
pub(super) fn last_journal(
    path: &Path,
    header: &Header,
    file: &InPlaceFile,
) -> Result<ReadJournal, InPlaceError> {
    let read = |buffer: &mut [u8], offset: u64| file.read_exact_at(buffer, offset);
    let found = Journal::before(header.moov_offset, &read);
    let found = found.map_err(|error| InPlaceError::of_journal(path, error))?;
    let found = found.ok_or_else(|| InPlaceError::NothingToUndo { path: path.to_owned() })?;
    if found.state == State::Punched {
        return Err(InPlaceError::Punched { path: path.to_owned() });
    }
    let changed = |what: String| InPlaceError::Changed { path: path.to_owned(), what };
    let Journal { len_after, moov_after, ref switch, .. } = found.journal;
    if header.file_len != len_after {
        return Err(changed(format!(
            "its length was {len_after} bytes and is {}",
            header.file_len
        )));
    }
    if HeaderPlace::of(header.moov_offset, &header.moov) != moov_after {
        return Err(changed("its movie header is another one".to_owned()));
    }
    let mut bytes = vec![0; switch.after.0.len()];
    read(&mut bytes, switch.offset)?;
    if bytes != switch.after.0 {
        return Err(changed(format!("the bytes at byte {} are others", switch.offset)));
    }
    Ok(found)
}

/// Checks that the header which the movie gets back is still there.
fn check_old_header(
    file: &InPlaceFile,
    journal: &Journal,
) -> Result<(), Result<&'static str, IoError>> {
    let HeaderPlace { offset, len, .. } = journal.moov_before;
    let is_sound = len <= MOOV_LEN_MAX && offset.saturating_add(len) <= file.identity().len;
    let len = usize::try_from(len).ok().filter(|_| is_sound);
    let mut moov = vec![0; len.ok_or(Ok("its journal is damaged"))?];
    file.read_exact_at(&mut moov, offset).map_err(Err)?;
    if let Some(switch) = journal.switch.patch() {
        switch.reversed().show(&mut moov, offset);
    }
    match HeaderPlace::of(offset, &moov) == journal.moov_before {
        true => Ok(()),
        false => Err(Ok("the movie header that it had before is not there any more")),
    }
}

/// What is left of an insert once the movie has its old header back.
fn leftover_of(journal: &Journal, len: u64) -> Leftover {
    let Journal { before, sized_at, .. } = journal;
    Leftover {
        start: before.len,
        len: len.saturating_sub(before.len),
        modified_ns: before.mtime_ns,
        sized_at: *sized_at,
    }
}

/// The journal of an insert whose switch is neither made nor not made, found from the end of the file.
fn find_torn(
    len: u64,
    read: &ReadExactAt<'_>,
) -> Result<Option<ReadJournal>, crate::append::JournalError> {
    for moov_offset in crate::append::moov_offsets_from_end(len, MOOV_LEN_MAX, read)? {
        let Some(found) = Journal::before(moov_offset, read)? else { continue };
        let Journal { len_after, ref switch, .. } = found.journal;
        let mut bytes = vec![0; switch.after.0.len()];
        read(&mut bytes, switch.offset)?;
        let is_torn = bytes != switch.before.0 && bytes != switch.after.0;
        if len_after == len && is_torn && switch.patch().is_some() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
