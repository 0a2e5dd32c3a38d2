//! Direct writes through io_uring: `mapped` straight from the sources' mappings, `staged` from slabs.
//!
//! One thread keeps a bounded number of copies in flight and never waits for a particular one. A body is one write from
//! a mapping. A composed run takes a slab: headers and zeros are put in at once, source bytes are read by the ring, and
//! when the last read is back the slab is written. So does a body that is not in the page cache, read past it.
//!
//! - In: block-aligned tasks.
//! - Out: [`Carried`].
//! - Holds: when it returns, also with an error or a cancel, nothing is in flight.
//! - Not here: what keeps buffers alive (`sys::ring`), reading ahead (`readahead`).

use std::io;
use std::iter;
use std::os::fd::AsRawFd;
use std::time::Instant;

use tracing::Span;

use super::cold::{Cold, DirectFiles};
use super::stage::{self, Part};
use super::windows::Windows;
use super::{Carried, Context, Stop, source_fault, write_stop};
use crate::error::IoError;
use crate::execute::Route;
use crate::interval;
use crate::latency::Stage;
use crate::schedule::SourceIndex;
use crate::slab::{SLAB_LEN, State, nanoseconds_since};
use crate::sys::ring::{Buffer, Direction, Op, Ring, SlotId};
use crate::task::{Carry, Queue, Task};

/// Bytes of one write from a mapping.
const WRITE_LEN: u64 = 4 << 20;

/// Bytes in flight: the device always has its next writes, and a cancel waits for no more than these.
///
/// Measured on a virtual disk of 2.5 GB/s, seconds for the same movie, medians of three rounds: 16 writes of 4 MiB 0.94;
/// 4 of 16 MiB 0.97; 8 of 4 MiB 0.99; 2 or 4 of 4 MiB 1.02; 8 of 1 MiB 1.05; 32 of 1 MiB 1.13.
const IN_FLIGHT_LEN_MAX: u64 = 64 << 20;

/// Bytes of bodies in flight through slabs: enough that one is read while another is written, few enough that the same
/// memory is used again while it is still in the processor's caches (a virtual disk copies it once more).
///
/// Measured cold on such a disk, seconds for 2.46 GB, medians of four rounds: 4 MiB 1.97, 8 MiB 2.25, 16 MiB 2.27,
/// 32 MiB 2.47; raw direct reads and writes 1.92; mappings behind `POSIX_FADV_WILLNEED` 2.67.
const STAGED_LEN_MAX: u64 = 4 << 20;

/// Copies in flight, however short they are.
const COPIES_MAX: usize = 64;

/// Room in the submission queue: a composed run may need many small reads at once.
const ENTRIES: u32 = 256;

/// Index of the target among the ring's registered files. The sources follow in their order, then the sources again, for
/// direct reads.
const TARGET_FILE: u32 = 0;

/// Index of the first source.
const SOURCE_FILES: u32 = 1;

/// A copy in flight.
#[derive(Debug)]
enum Copy {
    /// A write from a mapping.
    Body { task: Task, source: SourceIndex, span: Span },
    /// A slab that is being filled or written.
    Slab {
        task: Task,
        slot: SlotId,
        reads_left: usize,
        read_due: Instant,
        failed: bool,
        span: Span,
    },
}

/// A task that found no free slab.
#[derive(Debug)]
struct Waiting {
    task: Task,
    /// Since when it waits.
    due: Instant,
    /// Lasts as long as the wait.
    span: Span,
}

impl Copy {
    fn task(&self) -> &Task {
        match self {
            Copy::Body { task, .. } | Copy::Slab { task, .. } => task,
        }
    }

    /// Its bytes, if it is a body that goes through a slab.
    fn staged_len(&self) -> u64 {
        match self {
            Copy::Slab { task: task @ Task { carry: Carry::Body { .. }, .. }, .. } => task.len,
            _ => 0,
        }
    }
}

struct Run<'a> {
    context: &'a Context<'a>,
    ring: Ring,
    queue: Queue,
    /// Whether bodies are written from mappings.
    mapped: bool,
    /// What is read past the page cache, and with which files.
    cold: &'a Cold,
    direct_files: DirectFiles,
    copies: Vec<Option<Copy>>,
    in_flight: usize,
    in_flight_len: u64,
    /// Bytes of bodies in flight through slabs.
    staged_len: u64,
    windows: Windows,
    waiting: Option<Waiting>,
    /// Since when there was room for what is started next.
    due: Instant,
    parts: Vec<Part>,
    carried: Carried,
    failure: Option<IoError>,
    refused: bool,
}

/// Opens a ring and registers the files of the run; fails where io_uring is forbidden or unknown.
pub(crate) fn open(context: &Context<'_>) -> io::Result<Ring> {
    let direct = context.direct.expect("probing found that direct writes work");
    let sources = context.sources.iter().map(|source| source.file().as_raw_fd());
    let set_later = context.sources.iter().map(|_| -1);
    let files: Vec<_> = iter::once(direct.as_raw_fd()).chain(sources).chain(set_later).collect();
    Ring::new(ENTRIES, &files)
}

/// Carries `tasks`, bodies by `route` (`mapped` or `staged`), the rest, and what `cold` says, through slabs.
///
/// # Errors
/// The first failure, or [`IoError::Cancelled`].
pub(crate) fn run(
    context: &Context<'_>,
    ring: Ring,
    route: Route,
    tasks: Vec<Task>,
    cold: &Cold,
) -> Result<Carried, IoError> {
    let body_len_max = if route == Route::Mapped { WRITE_LEN } else { SLAB_LEN as u64 };
    let mut run = Run {
        context,
        ring,
        queue: Queue::new(tasks, body_len_max, SLAB_LEN as u64),
        mapped: route == Route::Mapped,
        cold,
        direct_files: DirectFiles::new(SOURCE_FILES + source_count(context), context.sources.len()),
        copies: Vec::new(),
        in_flight: 0,
        in_flight_len: 0,
        staged_len: 0,
        windows: Windows::default(),
        waiting: None,
        due: Instant::now(),
        parts: Vec::new(),
        carried: Carried::default(),
        failure: None,
        refused: false,
    };
    let mut finished = Vec::new();
    loop {
        run.start_copies();
        if run.ring.pending() == 0 {
            break;
        }
        let ring_failed = IoError::failed("write through io_uring", context.target_path);
        run.ring.submit_and_wait().map_err(ring_failed)?;
        run.ring.reap(&mut finished);
        run.due = Instant::now();
        for (op, answer) in finished.drain(..) {
            run.finish(op, answer);
        }
    }
    context.control.cancel.check()?;
    if let Some(error) = run.failure {
        return Err(error);
    }
    let mut carried = run.carried;
    carried.left.extend(run.waiting.map(|waiting| waiting.task));
    carried.left.extend(run.queue.into_rest());
    Ok(carried)
}

impl Run<'_> {
    /// Starts as many copies as there is room for; none once the run is to end.
    fn start_copies(&mut self) {
        let over = self.refused || self.failure.is_some();
        if over || self.context.control.cancel.is_cancelled() {
            return;
        }
        while self.in_flight < COPIES_MAX && self.in_flight_len < IN_FLIGHT_LEN_MAX {
            let (task, due, wait) = match self.waiting.take() {
                Some(waiting) => (waiting.task, waiting.due, Some(waiting.span)),
                None => match self.queue.next() {
                    Some(task) => (task, self.due, None),
                    None => return,
                },
            };
            let started = match task.carry {
                Carry::Body { source, offset } => self.start_body(task, source, offset, due, wait),
                Carry::Compose => self.start_slab(task, due, wait, None),
            };
            match started {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    self.failure = Some(error);
                    return;
                }
            }
        }
    }

    /// Starts the copy of a body: from its mapping, or through a slab, read past the page cache where that is worth it.
    fn start_body(
        &mut self,
        task: Task,
        source: SourceIndex,
        offset: u64,
        due: Instant,
        wait: Option<Span>,
    ) -> Result<bool, IoError> {
        let direct = match self.cold.reads_directly(self.context, source, offset, task.len) {
            true => self.direct_files.file_of(self.context, &mut self.ring, source),
            false => None,
        };
        if self.mapped && direct.is_none() {
            return self.write_mapped(task, source, offset);
        }
        let task = self.queue.cut(task, SLAB_LEN as u64);
        self.start_slab(task, due, wait, direct)
    }

    fn write_mapped(
        &mut self,
        task: Task,
        source: SourceIndex,
        offset: u64,
    ) -> Result<bool, IoError> {
        let from = self.context.source(source);
        let window = self.windows.covering(source, from, offset);
        let window = window.map_err(IoError::failed("map", from.path()))?;
        let span = interval::in_flight(Route::Mapped, self.context.schedule, &task);
        let token = self.insert(Copy::Body { task, source, span });
        let buffer = Buffer::Window { window, offset };
        self.ring.push(Op {
            direction: Direction::Write,
            buffer,
            file: TARGET_FILE,
            offset: task.target,
            len: op_len(task.len),
            token,
            due: self.due,
        });
        Ok(true)
    }

    /// Takes a slab and starts filling it, through the file `direct` where there is one; answers whether there was a slab.
    fn start_slab(
        &mut self,
        task: Task,
        due: Instant,
        wait: Option<Span>,
        direct: Option<u32>,
    ) -> Result<bool, IoError> {
        let is_body = matches!(task.carry, Carry::Body { .. });
        let has_room = !is_body || self.staged_len < STAGED_LEN_MAX;
        let Some(mut slab) = has_room.then(|| self.context.pool.try_take()).flatten() else {
            if has_room && due == self.due {
                self.context.pool.count_miss();
            }
            let span = wait.unwrap_or_else(interval::stage_wait_in_flight);
            self.waiting = Some(Waiting { task, due, span });
            return Ok(false);
        };
        drop(wait);
        let span = interval::in_flight(Route::Staged, self.context.schedule, &task);
        self.carried.latency.record(Stage::StageWait, nanoseconds_since(due));
        let mut parts = std::mem::take(&mut self.parts);
        stage::compose(self.context, &task, slab.bytes_mut(), &mut parts);
        let slot = self.ring.park(slab);
        let (reads_left, read_due, failed) = (parts.len(), due, false);
        let token = self.insert(Copy::Slab { task, slot, reads_left, read_due, failed, span });
        for part in &parts {
            self.ring.push(Op {
                direction: Direction::Read,
                buffer: Buffer::Slot { slot, at: part.bytes.start },
                file: direct.unwrap_or(SOURCE_FILES + part.source.0),
                offset: part.offset,
                len: op_len(part.bytes.len() as u64),
                token,
                due,
            });
        }
        if parts.is_empty() {
            self.write_slab(token);
        }
        self.parts = parts;
        Ok(true)
    }

    fn insert(&mut self, copy: Copy) -> usize {
        self.in_flight += 1;
        self.in_flight_len += copy.task().len;
        self.staged_len += copy.staged_len();
        match self.copies.iter().position(Option::is_none) {
            Some(free) => {
                self.copies[free] = Some(copy);
                free
            }
            None => {
                self.copies.push(Some(copy));
                self.copies.len() - 1
            }
        }
    }

    fn remove(&mut self, token: usize) -> Copy {
        let copy = self.copies[token].take().expect("a copy in flight is known");
        self.in_flight -= 1;
        self.in_flight_len -= copy.task().len;
        self.staged_len -= copy.staged_len();
        copy
    }

    /// Starts the write of a slab that is complete.
    fn write_slab(&mut self, token: usize) {
        let Some(Copy::Slab { task, slot, .. }) = &self.copies[token] else {
            unreachable!("only slabs are sealed")
        };
        let (task, slot) = (*task, *slot);
        let slab = self.ring.slab_mut(slot);
        slab.become_(State::Sealed);
        slab.become_(State::InFlight);
        self.ring.push(Op {
            direction: Direction::Write,
            buffer: Buffer::Slot { slot, at: 0 },
            file: TARGET_FILE,
            offset: task.target,
            len: op_len(task.len),
            token,
            due: self.due,
        });
    }

    /// Deals with the kernel's answer to one operation.
    fn finish(&mut self, op: Op, answer: i32) {
        match u32::try_from(answer) {
            Ok(count) if count == op.len => self.complete(&op),
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
        match self.remove(token) {
            Copy::Body { task, span, .. } => {
                self.carried.count(self.context, Route::Mapped, &task, &span);
            }
            Copy::Slab { task, slot, span, .. } => {
                self.context.pool.put(self.ring.unpark(slot));
                self.carried.count(self.context, Route::Staged, &task, &span);
            }
        }
    }

    /// Notes that one read of a slab is over; the last one starts the write, or frees the slab.
    fn read_is_back(&mut self, token: usize, with_failure: bool) {
        let Some(Copy::Slab { reads_left, read_due, failed, .. }) = &mut self.copies[token] else {
            unreachable!("only slabs are read into")
        };
        *reads_left -= 1;
        *failed |= with_failure;
        if *reads_left > 0 {
            return;
        }
        let (failed, read_due) = (*failed, *read_due);
        // A cancelled run waits for what is in flight, and puts nothing more there.
        if failed || self.context.control.cancel.is_cancelled() {
            let Copy::Slab { slot, .. } = self.remove(token) else { unreachable!("it is a slab") };
            self.context.pool.put(self.ring.unpark(slot));
        } else {
            self.carried.latency.record(Stage::Read, nanoseconds_since(read_due));
            self.write_slab(token);
        }
    }

    /// A read of 0 bytes is the end of the source; a write of 0 bytes must not be tried for ever.
    fn came_to_an_end(&mut self, op: &Op) {
        match op.direction {
            Direction::Write => self.fail(op, io::ErrorKind::WriteZero.into()),
            Direction::Read => {
                let source = self.source_of(op);
                let error = too_short(self.context, source, op.offset, u64::from(op.len));
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
                self.ring.push(Op { file: through_cache, ..op.clone() });
                return;
            }
            let source = self.context.source(source);
            self.failure.get_or_insert(IoError::failed("read", source.path())(error));
            self.read_is_back(op.token, true);
            return;
        }
        let (task, by, span, stop) = match self.remove(op.token) {
            Copy::Body { task, source, span } => {
                let stop = match (&op.buffer, error.raw_os_error()) {
                    (Buffer::Window { offset, .. }, Some(libc::EFAULT)) => {
                        Stop::Failed(source_fault(self.context, source, *offset, u64::from(op.len)))
                    }
                    _ => write_stop(self.context, op.offset - task.target, error),
                };
                (task, Route::Mapped, span, stop)
            }
            Copy::Slab { task, slot, span, .. } => {
                self.context.pool.put(self.ring.unpark(slot));
                let stop = write_stop(self.context, op.offset - task.target, error);
                (task, Route::Staged, span, stop)
            }
        };
        match stop {
            Stop::Failed(error) => {
                self.failure.get_or_insert(error);
            }
            Stop::Unsupported { copied, reason, .. } => {
                self.refused = true;
                self.carried.refuse(reason);
                self.carried.count(self.context, by, &Task { len: copied, ..task }, &span);
                self.carried.left.push(task.after(copied));
            }
        }
    }
}

/// Whether a direct read failed because it was direct: odd files, and what a short one left, which is no whole block.
fn is_refusal(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::EOPNOTSUPP))
}

fn source_count(context: &Context<'_>) -> u32 {
    u32::try_from(context.sources.len()).expect("sources are counted in 32 bits")
}

/// What a source that ended before a part was full is reported as.
fn too_short(context: &Context<'_>, source: SourceIndex, at: u64, wanted: u64) -> IoError {
    let source = context.source(source);
    IoError::SourceTooShort { path: source.path().to_owned(), len: at, offset: at, wanted }
}

/// The length of an operation: pieces are at most a slab long.
fn op_len(len: u64) -> u32 {
    u32::try_from(len).expect("a piece is shorter than 4 GiB")
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
