//! `kernel`: `copy_file_range`, which copies in the kernel, on the server where there is one.
//!
//! Source: copy_file_range(2).

use std::io;

use crate::choice::Route;
use crate::error::IoError;
use crate::route::task::Task;
use crate::route::{Context, Stop, write_stop};
use crate::schedule::SourceIndex;

/// Copies one body inside the kernel.
pub(crate) fn carry(
    context: &Context<'_>,
    task: &Task,
    source: SourceIndex,
    offset: u64,
) -> Result<(), Stop> {
    let from = context.source(source);
    let mut done = 0;
    while done < task.len {
        let len = usize::try_from(task.len - done).unwrap_or(usize::MAX);
        let (at, to) = (offset + done, task.target + done);
        match context.target.copy_from(to, from.storage(), at, len) {
            // Nothing copied means that the source ends here.
            Ok(0) => {
                let (path, wanted) = (from.path().to_owned(), task.len - done);
                let error = IoError::SourceTooShort { path, len: at, offset: at, wanted };
                return Err(Stop::Failed(error));
            }
            Ok(copied) => done += copied as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                match error.raw_os_error() {
                    // The kernel does not say which of the two disks failed.
                    Some(libc::EIO | libc::ESTALE) => {
                        let left = task.len - done;
                        check_readable(context, source, at, left).map_err(Stop::Failed)?;
                    }
                    // Where the filesystem shares the range: see `share`.
                    Some(libc::EINVAL) => from.check_unchanged().map_err(Stop::Failed)?,
                    _ => {}
                }
                return Err(write_stop(context, Route::Kernel, done, error));
            }
        }
    }
    Ok(())
}

/// Fails where a source has changed or a range of it cannot be read: a read answers with the errno that a page fault, or
/// a copy inside the kernel, could not tell apart.
pub(crate) fn check_readable(
    context: &Context<'_>,
    source: SourceIndex,
    offset: u64,
    len: u64,
) -> Result<(), IoError> {
    let source = context.source(source);
    source.check_unchanged()?;
    let mut buffer = vec![0; 4096];
    for at in (offset..offset + len).step_by(buffer.len()) {
        let wanted = usize::try_from(len - (at - offset)).map_or(4096, |left| left.min(4096));
        source.read_exact_at(&mut buffer[..wanted], at)?;
    }
    Ok(())
}
