//! What a sidecar keeps of a file, so that the file is known again.
//!
//! - In: a file as it is now.
//! - Out: [`FileRecord`], and whether a file is still the one that was recorded.
//! - Holds: a file of another length is another one. One of the same length and time is the same. If the times differ (a
//!   copy, a filesystem that keeps whole seconds, a change to summer time, a touch) the fingerprint decides.
//! - Not here: the fingerprint itself (`fingerprint`).

use std::path::Path;

use intercut_io::{IoError, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use crate::plan::FileStamp;

/// A file as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct FileRecord {
    /// Its length and time of change.
    #[serde(flatten)]
    pub stamp: FileStamp,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

impl FileRecord {
    /// The record of a file of which `stamp` is known.
    ///
    /// # Errors
    /// [`IoError`] if it cannot be read.
    pub(crate) fn of(path: &Path, stamp: FileStamp) -> Result<Self, IoError> {
        Ok(Self { stamp, fingerprint: fingerprint_of(path)? })
    }

    /// Whether the file at `path`, which is `now`, is this one.
    ///
    /// # Errors
    /// [`IoError`] if it has to be read and cannot be.
    pub(crate) fn is_still(&self, path: &Path, now: FileStamp) -> Result<bool, IoError> {
        if self.stamp.len != now.len || self.stamp == now {
            return Ok(self.stamp == now);
        }
        Ok(fingerprint_of(path)? == self.fingerprint)
    }
}

fn fingerprint_of(path: &Path) -> Result<Fingerprint, IoError> {
    let source = Source::open(path)?;
    Fingerprint::of(source.len(), &|buffer: &mut [u8], offset| source.read_exact_at(buffer, offset))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use intercut_io::Identity;

    use super::*;

    fn stamp(path: &Path) -> FileStamp {
        FileStamp::of(&Identity::of(&fs::metadata(path).unwrap()))
    }

    #[test]
    fn copy_that_keeps_whole_seconds_or_is_an_hour_off_is_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("S01.mov");
        fs::write(&path, b"graded").unwrap();
        let record = FileRecord::of(&path, stamp(&path)).unwrap();
        let set = |time: SystemTime| {
            File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        };
        let second = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for time in [second, second + Duration::from_secs(3600), second + Duration::from_nanos(1)] {
            set(time);
            assert!(record.is_still(&path, stamp(&path)).unwrap());
        }
        // As long, and another: a new rendering.
        fs::write(&path, b"Graded").unwrap();
        assert!(!record.is_still(&path, stamp(&path)).unwrap());
        fs::write(&path, b"graded longer").unwrap();
        assert!(!record.is_still(&path, stamp(&path)).unwrap());
    }
}
