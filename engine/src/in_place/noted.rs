//! Keeps the sidecar of a batch's output true while the output is changed in place.
//!
//! - In: the movie as it is before the change; then as it will be, and as it is.
//! - Out: the sidecar beside it, if a batch has left one that is about this very file.
//! - Holds: before an insert switches, its sidecar knows the old file and the new one; a crash leaves neither looking like
//!   somebody else's. Taken back as far as the file that the batch made, the sidecar says nothing of it any more.
//! - Not here: what a batch does with it (`batch`).

use std::path::{Path, PathBuf};

use intercut_io::{Cancel, Control, Identity, IoError, ReadExactAt};

use super::{History, InPlaceError};
use crate::append::Leftover;
use crate::plan::FileStamp;
use crate::sidecar::{ChangedInPlace, FileRecord, Fingerprint, Sidecar};
use crate::verify::Digests;

/// The sidecar of a movie that is changed in place.
#[derive(Debug)]
pub(super) struct Noted {
    path: PathBuf,
    /// Where the sidecar is.
    place: PathBuf,
    sidecar: Sidecar,
    /// What was there before this run.
    text_before: Option<Vec<u8>>,
}

impl Noted {
    /// The sidecar of the movie at `path`, if it is about the file that is there, or was before something was left behind it.
    ///
    /// - Cost: reads samples of the movie if it has another time than the sidecar says.
    ///
    /// # Errors
    /// [`IoError`] if one of them cannot be read.
    pub(super) fn of(path: &Path, leftover: Option<&Leftover>) -> Result<Option<Self>, IoError> {
        let place = Sidecar::place_of(path)?;
        let text_before = Sidecar::text(&place)?;
        let Some(sidecar) = text_before.as_deref().and_then(Sidecar::parse) else {
            return Ok(None);
        };
        let now = stamp_of(path)?;
        let changed = sidecar.in_place.as_ref().map(|changed| changed.output);
        for record in std::iter::once(sidecar.output).chain(changed) {
            let is_before = leftover.is_some_and(|leftover| before(leftover) == record.stamp);
            if is_before || record.is_still(path, now)? {
                return Ok(Some(Self { path: path.to_owned(), place, sidecar, text_before }));
            }
        }
        Ok(None)
    }

    /// Notes what the movie will be: `len` bytes that are read like this.
    ///
    /// # Errors
    /// [`IoError`] if the sidecar cannot be written.
    pub(super) fn expect(&mut self, len: u64, read: &ReadExactAt<'_>) -> Result<(), IoError> {
        // Nobody knows the time that it will have; the fingerprint decides.
        let stamp = FileStamp { len, mtime_ns: 0 };
        let output = FileRecord { stamp, fingerprint: Fingerprint::of(len, read)? };
        let (inserts, digests) = (self.inserts() + 1, None);
        let written_anew = self.is_written_anew();
        self.sidecar.in_place = Some(ChangedInPlace { inserts, output, written_anew, digests });
        self.sidecar.write(&self.place, &Control::default())
    }

    /// Notes what the movie is now.
    ///
    /// - `digests`: of it, if they are known.
    ///
    /// # Errors
    /// [`IoError`] if the sidecar cannot be written.
    pub(super) fn settle(mut self, digests: Option<Digests>) -> Result<(), InPlaceError> {
        let (now, inserts_before) = (stamp_of(&self.path)?, self.inserts());
        let was_anew = self.is_written_anew();
        self.sidecar.in_place = None;
        let made = self.sidecar.output.stamp;
        if !self.sidecar.output.is_still(&self.path, now)? {
            let history = History::read(&self.path, &Cancel::default())?;
            let (inserts, written_anew) = match (history.inserts.len() as u64, history.leftover) {
                (0, Some(leftover)) if leftover.start == made.len => (0, was_anew),
                // Written anew, it has what was inserted, and no history.
                (0, _) => (inserts_before.max(1), true),
                (count, _) => (count, was_anew),
            };
            let output = FileRecord::of(&self.path, now)?;
            let changed = ChangedInPlace { inserts, output, written_anew, digests };
            self.sidecar.in_place = Some(changed);
        }
        Ok(self.sidecar.write(&self.place, &Control::default())?)
    }

    /// Inserts that are in the movie, by the sidecar.
    fn inserts(&self) -> u64 {
        self.sidecar.in_place.as_ref().map_or(0, |changed| changed.inserts)
    }

    fn is_written_anew(&self) -> bool {
        self.sidecar.in_place.as_ref().is_some_and(|changed| changed.written_anew)
    }

    /// Puts back what was there before this run: the movie did not change.
    pub(super) fn put_back(&self) {
        // A sidecar that knows a file which is not there does no harm.
        let _known: Result<(), _> = self.sidecar.put_back(self.text_before.as_deref(), &self.place);
    }
}

/// The sentence for a sidecar that could not be brought up to date after the movie had changed.
pub(super) fn warning(path: &Path, error: &InPlaceError) -> String {
    let sidecar = Sidecar::place_of(path).unwrap_or_else(|_| Sidecar::path_of(path));
    format!("{} does not know of the change: {error}", sidecar.display())
}

/// What the file was before something was left behind it.
fn before(leftover: &Leftover) -> FileStamp {
    FileStamp { len: leftover.start, mtime_ns: leftover.modified_ns }
}

fn stamp_of(path: &Path) -> Result<FileStamp, IoError> {
    let metadata = std::fs::metadata(path).map_err(IoError::failed("examine", path))?;
    Ok(FileStamp::of(&Identity::of(&metadata)))
}
