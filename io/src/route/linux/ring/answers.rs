//! What the kernel answered: goes on, ends a write, or says what went wrong and whose fault it is.
//!
//! - In: an operation and the kernel's answer: a count, or an errno below 0.
//! - Holds: interrupted and short transfers go on where they stopped; what a refused write had put in place is counted,
//!   and the rest is left to another route.
//! - Not here: what is written together (`gather`).

use std::io;

use super::joined::{JoinedWrite, Member, len_before};
use super::{RingRun, SOURCE_FILES, source_count};
use crate::choice::Route;
use crate::error::IoError;
use crate::measure::latency::{Stage, nanoseconds_since};
use crate::route::kernel::check_readable;
use crate::route::system::source_fault::source_fault;
use crate::route::task::Task;
use crate::route::{Context, Stop, write_stop};
use crate::schedule::SourceIndex;
use crate::sys::ring::{Direction, Op};

impl RingRun<'_> {
    /// Deals with the kernel's answer to one operation.
    pub(super) fn finish(&mut self, op: Op, answer: i32) {
        match u32::try_from(answer) {
            Ok(count) if count == op.len() => self.complete(&op),
            Ok(count) if count > 0 => self.ring.push(op.after(count)),
            Ok(_nothing) => self.came_to_an_end(&op),
            Err(_) if matches!(-answer, libc::EINTR | libc::EAGAIN) => self.ring.push(op),
            Err(_) => self.fail(&op, io::Error::from_raw_os_error(-answer)),
        }
    }

    fn complete(&mut self, op: &Op) {
        let token = op.token;
        if op.direction == Direction::Read {
            self.read_is_back(token, false);
            return;
        }
        self.carried.latency.record(Stage::Write, nanoseconds_since(op.due));
        for member in &self.remove(token).members {
            self.carried.count(self.context, member.route, &member.task, &member.span);
        }
    }

    /// Notes that one read of a write is over; the last one starts the write, or ends the write.
    fn read_is_back(&mut self, token: usize, with_failure: bool) {
        let portion = self.copy_mut(token).portion_mut();
        portion.reads_left -= 1;
        portion.failed |= with_failure;
        if portion.reads_left > 0 {
            return;
        }
        let (failed, due) = (portion.failed, portion.due);
        // A cancelled run waits for what is in flight, and puts nothing more there.
        if failed || self.context.control.cancel.is_cancelled() {
            let write = self.remove(token);
            self.leave(&write, write.members[0].task.target);
        } else {
            self.carried.latency.record(Stage::Read, nanoseconds_since(due));
            self.start_write(token);
        }
    }

    /// A read of 0 bytes is the end of the source; a write of 0 bytes must not be tried for ever.
    fn came_to_an_end(&mut self, op: &Op) {
        match op.direction {
            Direction::Write => self.fail(op, io::ErrorKind::WriteZero.into()),
            Direction::Read => {
                let source = self.source_of(op);
                let error = too_short(self.context, source, op.offset, u64::from(op.len()));
                self.failure.get_or_insert(error);
                self.read_is_back(op.token, true);
            }
        }
    }

    /// The source that a read is from.
    fn source_of(&self, op: &Op) -> SourceIndex {
        SourceIndex((op.file - SOURCE_FILES) % source_count(self.context))
    }

    fn fail(&mut self, op: &Op, error: io::Error) {
        if op.direction == Direction::Read {
            let source = self.source_of(op);
            let through_cache = SOURCE_FILES + source.0;
            if op.file != through_cache && is_refusal(&error) {
                self.direct_files.refuse(source);
                self.ring.push(Op { file: through_cache, aside: true, ..op.clone() });
                return;
            }
            self.read_failed(op, source, error);
            return;
        }
        let write = self.remove(op.token);
        let fault = match error.raw_os_error() {
            Some(libc::EFAULT) => self.fault(&write, op.offset),
            _ => None,
        };
        let copied = op.offset - write.members[0].task.target;
        let stop = fault
            .map_or_else(|| write_stop(self.context, Route::Mapped, copied, error), Stop::Failed);
        match stop {
            Stop::Failed(error) => {
                self.failure.get_or_insert(error);
            }
            Stop::Unsupported { reason, .. } => {
                self.refused = true;
                self.carried.refuse(reason);
                self.leave(&write, op.offset);
            }
        }
    }

    /// A source's disk that fails ends the run. Whatever else a read answers, another route may read it.
    fn read_failed(&mut self, op: &Op, source: SourceIndex, error: io::Error) {
        if matches!(error.raw_os_error(), Some(libc::EIO | libc::ESTALE)) {
            self.failure.get_or_insert(self.context.source(source).failed("read")(error));
        } else {
            self.refused = true;
            self.carried.refuse(format!("a read was refused: {error}"));
        }
        self.read_is_back(op.token, true);
    }

    /// Which source of a write could not be read through its mapping, from `at` in the target on.
    fn fault(&self, write: &JoinedWrite, at: u64) -> Option<IoError> {
        let check = |(source, offset, len)| check_readable(self.context, source, offset, len).err();
        write.mapped_from(at).find_map(check).or_else(|| {
            let (source, offset, len) = write.mapped_from(at).next()?;
            Some(source_fault(self.context, source, offset, len))
        })
    }

    /// Counts what of a write is in place, up to `at` in the target, and leaves the rest.
    fn leave(&mut self, write: &JoinedWrite, at: u64) {
        for Member { task, route, span, .. } in &write.members {
            let done = len_before(task, at);
            self.carried.count(self.context, *route, &Task { len: done, ..*task }, span);
            if done < task.len {
                self.carried.left.push(task.after(done));
            }
        }
    }
}

/// Whether a direct read may have failed because it was direct: odd files, and what a short one left, which is not a whole
/// block. The read through the page cache tells.
fn is_refusal(error: &io::Error) -> bool {
    !matches!(error.raw_os_error(), Some(libc::EIO | libc::ESTALE))
}

/// What a source that ended before a part was full is reported as.
fn too_short(context: &Context<'_>, source: SourceIndex, at: u64, wanted: u64) -> IoError {
    let source = context.source(source);
    IoError::SourceTooShort { path: source.path().to_owned(), len: at, offset: at, wanted }
}
