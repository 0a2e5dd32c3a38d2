//! `mapped` without io_uring: direct writes straight from the source's mapping, one at a time.

use std::io;

use super::source_fault::source_fault;
use super::windows::Windows;
use crate::choice::Route;
use crate::error::IoError;
use crate::route::task::Task;
use crate::route::{Context, Scope, Stop, write_stop};
use crate::schedule::SourceIndex;
use crate::sys::window::write_from;

/// Writes one body from the mapping of its source.
pub(crate) fn carry(
    context: &Context<'_>,
    task: &Task,
    source: SourceIndex,
    offset: u64,
    windows: &mut Windows,
) -> Result<(), Stop> {
    let file = context.direct.expect("probing found that direct writes work");
    let from = context.source(source);
    let window = windows.covering(source, from, offset).map_err(|error| {
        let reason = format!("a source cannot be mapped: {error}");
        Stop::Unsupported { copied: 0, scope: Scope::Source, reason }
    })?;
    let mut done = 0;
    while done < task.len {
        let left = task.len - done;
        let len = usize::try_from(left).map_err(|e| fail(context, io::Error::other(e)))?;
        match write_from(&window, offset + done, len, file, task.target + done) {
            Ok(0) => return Err(fail(context, io::ErrorKind::WriteZero.into())),
            Ok(written) => done += written as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.raw_os_error() == Some(libc::EFAULT) => {
                return Err(Stop::Failed(source_fault(context, source, offset + done, left)));
            }
            Err(error) => return Err(write_stop(context, Route::Mapped, done, error)),
        }
    }
    Ok(())
}

fn fail(context: &Context<'_>, error: io::Error) -> Stop {
    Stop::Failed(IoError::failed("write", context.target_path)(error))
}
