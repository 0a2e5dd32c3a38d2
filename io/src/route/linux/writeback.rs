//! Writes dirty pages back as the copy goes, so that the sync at the end is short and dirty memory stays small.
//!
//! - In: what a worker has just written through the page cache.
//! - Holds: at most [`WINDOWS`] windows of [`WINDOW_LEN`] bytes of one worker are dirty or being written.
//!
//! Source: sync_file_range(2): started early, waited for late.

use std::collections::VecDeque;
use std::io;

use crate::error::IoError;
use crate::route::task::Task;
use crate::route::{Context, Stop};
use crate::sys::platform;

/// Bytes written before their write-back is started.
const WINDOW_LEN: u64 = 8 << 20;

/// Windows under way before the oldest is waited for.
const WINDOWS: usize = 4;

/// What one worker has written and not yet seen reach the disk.
#[derive(Debug, Default)]
pub(crate) struct WriteBack {
    /// Ranges being written, oldest first.
    under_way: VecDeque<(u64, u64)>,
    /// The range that is still growing.
    current: Option<(u64, u64)>,
}

impl WriteBack {
    /// Takes note of what was written; starts and waits for write-back as due.
    pub(crate) fn wrote(&mut self, context: &Context<'_>, task: &Task) -> Result<(), Stop> {
        let end = task.target + task.len;
        let (start, len) = match self.current {
            Some((start, _)) if task.target >= start && end - start <= 4 * WINDOW_LEN => {
                (start, end - start)
            }
            Some((start, len)) => {
                self.start(context, start, len)?;
                (task.target, task.len)
            }
            None => (task.target, task.len),
        };
        if len < WINDOW_LEN {
            self.current = Some((start, len));
            return Ok(());
        }
        self.current = None;
        self.start(context, start, len)
    }

    fn start(&mut self, context: &Context<'_>, start: u64, len: u64) -> Result<(), Stop> {
        let done = |result: io::Result<()>| match result {
            // What a failing disk has lost the sync at the end may not tell again.
            Err(error) if is_lost(&error) => {
                Err(Stop::Failed(IoError::failed("write", context.target_path)(error)))
            }
            // A filesystem that cannot be asked, or forbids it, writes back in its own time; the sync at the end counts.
            _ => Ok(()),
        };
        let Some(file) = context.target.as_file() else { return Ok(()) };
        done(platform::write_back(file, start, len, false))?;
        self.under_way.push_back((start, len));
        if self.under_way.len() > WINDOWS
            && let Some((start, len)) = self.under_way.pop_front()
        {
            done(platform::write_back(file, start, len, true))?;
        }
        Ok(())
    }
}

/// Whether write-back failed because bytes could not be written, and not because it was asked for.
fn is_lost(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EIO | libc::ENOSPC | libc::EDQUOT))
}
