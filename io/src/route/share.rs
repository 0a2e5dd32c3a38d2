//! `reflink`: the filesystem shares the source's blocks with the target.
//!
//! Source: ioctl_ficlonerange(2).

use std::io;

use super::{Context, Stop, write_stop};
use crate::schedule::SourceIndex;
use crate::sys::platform;
use crate::task::Task;

/// Shares the blocks of one body.
pub(crate) fn carry(
    context: &Context<'_>,
    task: &Task,
    source: SourceIndex,
    offset: u64,
) -> Result<(), Stop> {
    let from = context.source(source).file();
    loop {
        match platform::share(context.file, task.target, from, offset, task.len) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(write_stop(context, 0, error)),
        }
    }
}
