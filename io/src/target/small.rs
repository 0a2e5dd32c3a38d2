//! Small files that are whole or not there: what a program notes about its work.
//!
//! - In: a path and bytes.
//! - Out: the file under its name, durable.
//! - Holds: as for every [`Target`]: it replaces in one step, and a crash leaves what was there before.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use crate::control::Control;
use crate::error::IoError;
use crate::source::Source;
use crate::storage;
use crate::target::new_name::cannot_sync_folders;
use crate::target::{Replace, Target};

/// Writes `bytes` under the name `path`, over what has that name.
///
/// # Errors
/// As [`Target::create`] and [`Target::commit`].
pub fn write_whole(path: &Path, bytes: &[u8], control: &Control) -> Result<(), IoError> {
    let target = Target::create(path, Replace::Allow, &[])?;
    storage::write_all_at(target.storage(), bytes, 0)
        .map_err(|(_written, error)| IoError::failed("write to", path)(error))?;
    target.commit(control)?;
    Ok(())
}

/// Makes a folder whose own name is durable, so that what is durable in it is not lost with it. Answers whether it was
/// missing.
///
/// # Errors
/// [`IoError::Failed`].
pub fn make_folder(path: &Path) -> Result<bool, IoError> {
    match std::fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(IoError::failed("make the folder", path)(error)),
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    match File::open(parent).and_then(|parent| parent.sync_all()) {
        // A folder may allow new entries and not be readable.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
        Err(error) if cannot_sync_folders(&error) => {}
        synced => synced.map_err(IoError::failed("sync", parent))?,
    }
    Ok(true)
}

/// Reads a file that is expected to be small; `None` where there is none of that name.
///
/// # Errors
/// [`IoError::NotAFile`], [`IoError::Failed`]; [`IoError::TooLong`] where it is longer than `len_max` bytes.
pub fn read_whole(path: &Path, len_max: u64) -> Result<Option<Vec<u8>>, IoError> {
    let source = match Source::open(path) {
        Err(IoError::Failed { source, .. }) if source.kind() == ErrorKind::NotFound => {
            return Ok(None);
        }
        other => other?,
    };
    let too_long = || IoError::TooLong { path: path.to_owned(), len: source.len(), len_max };
    let len = usize::try_from(source.len()).map_err(|_| too_long())?;
    if source.len() > len_max {
        return Err(too_long());
    }
    let mut bytes = vec![0; len];
    source.read_exact_at(&mut bytes, 0)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_file_is_replaced_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note.json");
        assert_eq!(read_whole(&path, 100).unwrap(), None);
        for text in ["first", "second"] {
            write_whole(&path, text.as_bytes(), &Control::default()).unwrap();
            assert_eq!(read_whole(&path, 100).unwrap().unwrap(), text.as_bytes());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let too_long = read_whole(&path, 5).unwrap_err().to_string();
        assert_eq!(
            too_long,
            format!("{} is 6 bytes long, and at most 5 were expected", path.display())
        );
    }
}
