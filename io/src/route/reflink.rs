//! `reflink`: the filesystem shares the source's blocks with the target.
//!
//! Source: ioctl_ficlonerange(2).

use std::io;

use crate::choice::Route;
use crate::route::task::Task;
use crate::route::{Context, Scope, Stop, write_stop};
use crate::schedule::SourceIndex;

/// Shares the blocks of one body.
pub(crate) fn carry(
    context: &Context<'_>,
    task: &Task,
    source: SourceIndex,
    offset: u64,
) -> Result<(), Stop> {
    let from = context.source(source).storage();
    loop {
        match context.target.share_from(task.target, from, offset, task.len) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                // A range that the source has no more is refused as one that is not aligned. A server that does not know a
                // file any more does not say which of the two.
                if matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ESTALE)) {
                    context.source(source).check_unchanged().map_err(Stop::Failed)?;
                }
                return Err(refusal(write_stop(context, Route::Reflink, 0, error)));
            }
        }
    }
}

/// Says what it is that the filesystem cannot do.
fn refusal(stop: Stop) -> Stop {
    match stop {
        Stop::Unsupported { copied, scope: Scope::Target, .. } => {
            let reason = "the filesystem does not share blocks between files".to_owned();
            Stop::Unsupported { copied, scope: Scope::Target, reason }
        }
        other => other,
    }
}
