//! Raw direct reads of parts of files: how fast the disk gives what a program asks it for.
//!
//! - In: which parts; how many threads read at a time.
//! - Out: nothing; the bytes come past the page cache, a part at a time, in whole blocks.
//! - Not here: timing (the caller), writes ([`limit`](crate::limit)).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::error::VersusError;
use crate::limit::{BLOCK_LEN, buffer, in_memory};
use crate::platform;

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The file.
    pub path: PathBuf,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How many bytes it has.
    pub len: u64,
}

/// Reads parts of files past the page cache, in their order.
///
/// - `depth`: threads that each read, one part at a time.
///
/// # Errors
/// [`VersusError::NoLimit`] where the filesystem has no direct I/O, [`VersusError::Io`].
pub fn read_directly(parts: &[Part], depth: usize) -> Result<(), VersusError> {
    let longest = parts.iter().map(|part| part.len).max().unwrap_or(0);
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), VersusError> {
        let mut buffer = buffer(longest.next_multiple_of(BLOCK_LEN) + BLOCK_LEN, 0)?;
        let mut open: Option<(&PathBuf, File)> = None;
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = match open.take() {
                Some((path, file)) if *path == part.path => file,
                _ => platform::open_direct(&part.path)
                    .map_err(|error| VersusError::NoLimit { reason: error.to_string() })?,
            };
            fill(&file, &mut buffer, part).map_err(VersusError::io("read", &part.path))?;
            open = Some((&part.path, file));
        }
        Ok(())
    };
    thread::scope(|scope| {
        let readers: Vec<_> = (0..depth).map(|_| scope.spawn(work)).collect();
        readers.into_iter().try_for_each(|reader| reader.join().expect("no reader panics"))
    })
}

/// Reads the whole blocks that hold a part; at the end of the file fewer bytes are there.
fn fill(file: &File, buffer: &mut [u8], part: &Part) -> io::Result<()> {
    let first = part.offset / BLOCK_LEN * BLOCK_LEN;
    let end = (part.offset + part.len).next_multiple_of(BLOCK_LEN);
    let count = file.read_at(&mut buffer[..in_memory(end - first)], first)?;
    if first + (count as u64) < part.offset + part.len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_and_one_behind_the_end_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        let part = |offset, len| Part { path: path.clone(), offset, len };
        match read_directly(&[part(0, 1), part(4095, 8194), part(99_000, 1000)], 2) {
            Err(VersusError::NoLimit { reason }) => {
                return intercut_tests::skip::note("direct I/O", &reason);
            }
            read => read.unwrap(),
        }
        assert!(read_directly(&[part(99_000, 1001)], 1).is_err());
    }
}
