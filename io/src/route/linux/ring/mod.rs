//! Direct writes through io_uring: `mapped` straight from the sources' mappings, `staged` from slabs.
//!
//! One thread keeps a bounded number of copies in flight and never waits for a particular one. A copy is one write of
//! neighbours in the target (a range): bodies from their mappings, composed runs from a slab that ranges share. Headers and
//! zeros are put in at once, source bytes are read by the ring, and when the last read is back the range is written. A body
//! that is `staged`, or is not in the page cache and read past it, has a slab of its own.
//!
//! - In: block-aligned tasks.
//! - Out: [`Carried`].
//! - Holds: when it returns, also with an error or a cancel, nothing is in flight.
//! - Not here: what keeps buffers alive (`sys::ring`), reading ahead (`readahead`).

mod range;
mod slabs;
mod way;

use std::io;
use std::iter;
use std::os::fd::AsRawFd;
use std::time::Instant;

use tracing::Span;

use crate::choice::Route;
use crate::error::IoError;
use crate::measure::latency::{Stage, nanoseconds_since};
use crate::route::linux::cold::{Cold, DirectFiles};
use crate::route::linux::windows::Windows;
use crate::route::pool::SLAB_LEN;
use crate::route::span;
use crate::route::stage::{self, Part};
use crate::route::task::{Carry, Queue, Task};
use crate::route::{Carried, Context, Stop, check_readable, source_fault, write_stop};
use crate::schedule::SourceIndex;
use crate::sys::ring::{Buffer, Direction, Op, Ring, Segment, SlotId};
use range::{Member, Range};
use slabs::{Share, Slabs};
use way::{Reading, Way};

/// Bytes of one write, at most.
const WRITE_LEN: u64 = 4 << 20;

/// Bytes in flight: the device always has its next writes, and a cancel waits for no more than these.
///
/// Measured on a virtual disk of 2.5 GB/s, seconds for the same movie, medians of three rounds: 16 writes of 4 MiB 0.94;
/// 4 of 16 MiB 0.97; 8 of 4 MiB 0.99; 2 or 4 of 4 MiB 1.02; 8 of 1 MiB 1.05; 32 of 1 MiB 1.13.
const IN_FLIGHT_LEN_MAX: u64 = 64 << 20;

/// Copies in flight, however short they are.
const COPIES_MAX: usize = 64;

/// Room in the submission queue: a composed run may need many small reads at once.
const ENTRIES: u32 = 256;

/// Index of the target among the ring's registered files. The sources follow in their order, then the sources again, for
/// direct reads.
const TARGET_FILE: u32 = 0;

/// Index of the first source.
const SOURCE_FILES: u32 = 1;

/// A wait for a slab, or for bytes of bodies that are in flight through others.
#[derive(Debug)]
struct Waiting {
    /// Since when.
    due: Instant,
    /// Lasts as long as the wait.
    _span: Span,
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
    copies: Vec<Option<Range>>,
    in_flight: usize,
    in_flight_len: u64,
    /// Bytes of bodies in flight through slabs.
    staged_len: u64,
    windows: Windows,
    slabs: Slabs,
    /// The wait of the task that comes next.
    waiting: Option<Waiting>,
    /// Since when there was room for what is started next.
    due: Instant,
    /// What is to be read for the range that is being started.
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
        slabs: Slabs::default(),
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
    assert!(
        run.refused || run.failure.is_some() || run.queue.peek().is_none(),
        "with nothing in flight there is room for what comes next"
    );
    if let Some(error) = run.failure {
        return Err(error);
    }
    let mut carried = run.carried;
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
            let mut range = Range::default();
            let reading = match self.gather(&mut range) {
                Ok(reading) => reading,
                Err(error) => {
                    self.release(range.share);
                    self.failure = Some(error);
                    return;
                }
            };
            if range.members.is_empty() {
                return;
            }
            self.start(range, reading);
        }
    }

    /// Moves what comes next, and its neighbours, into `range`; nothing where there is nothing more, or no slab. Says how
    /// its slab is to be read into, where it is a body that has one.
    fn gather(&mut self, range: &mut Range) -> Result<Option<Reading>, IoError> {
        self.parts.clear();
        while let Some(next) = self.queue.peek().and_then(|next| range.room_for(next)) {
            let Carry::Body { source, offset } = next.carry else {
                if !self.join_slab(range, next, None) {
                    break;
                }
                continue;
            };
            match self.way_of(source, offset, next.len) {
                Way::Mapping => self.join_mapped(range, next.len, source, offset)?,
                // By itself, so that nothing else waits for its read.
                Way::Slab(reading) => {
                    let is_alone = range.members.is_empty();
                    let joined = is_alone && self.join_slab(range, next, Some(reading));
                    return Ok(joined.then_some(reading));
                }
            }
        }
        Ok(None)
    }

    fn way_of(&mut self, source: SourceIndex, offset: u64, len: u64) -> Way {
        let direct = match self.cold.reads_directly(self.context, source, offset, len) {
            true => self.direct_files.file_of(self.context, &mut self.ring, source),
            false => None,
        };
        match direct {
            Some(file) => Way::Slab(Reading::Direct(file)),
            None if self.mapped => Way::Mapping,
            None => Way::Slab(Reading::ThroughCache),
        }
    }

    /// Moves the body that comes next into `range`, to be written from its mapping.
    fn join_mapped(
        &mut self,
        range: &mut Range,
        len: u64,
        source: SourceIndex,
        offset: u64,
    ) -> Result<(), IoError> {
        let from = self.context.source(source);
        let window = self.windows.covering(source, from, offset);
        let window = window.map_err(IoError::failed("map", from.path()))?;
        self.waiting = None;
        self.join(range, len, Route::Mapped, Buffer::Window { window, offset });
        Ok(())
    }

    /// Moves the task that comes next, a body that is read in this way or a composed run, into the slab of `range`;
    /// answers whether there was one.
    fn join_slab(&mut self, range: &mut Range, next: Task, body: Option<Reading>) -> bool {
        let Some(mut share) = range.share.take().or_else(|| self.share(body)) else {
            return false;
        };
        let len = share.room().min(op_len(next.len) as usize);
        let bytes = self.slabs.grow(&mut share, len);
        let (slot, at) = (share.slot, bytes.start);
        range.share = Some(share);
        let task = self.join(range, bytes.len() as u64, Route::Staged, Buffer::Slot { slot, at });
        let bytes = self.ring.fill(slot, bytes);
        stage::compose(self.context, &task, bytes, at, &mut self.parts);
        true
    }

    fn join(&mut self, range: &mut Range, len: u64, route: Route, buffer: Buffer) -> Task {
        let task = self.queue.next_within(len).expect("it was looked at");
        let span = span::in_flight(route, self.context.schedule, &task);
        range.join(Member { task, route, buffer, span });
        task
    }

    /// A share of a slab for what comes next; without one, a wait begins or goes on.
    fn share(&mut self, body: Option<Reading>) -> Option<Share> {
        let shared = if body.is_none() { self.slabs.next(self.due) } else { None };
        if shared.is_some() {
            return shared;
        }
        let has_room = body.is_none_or(|reading| self.staged_len < reading.staged_len_max());
        let Some(slab) = has_room.then(|| self.context.pool.try_take()).flatten() else {
            if self.waiting.is_none() {
                if has_room {
                    self.context.pool.count_miss();
                }
                let _span = span::stage_wait_in_flight();
                self.waiting = Some(Waiting { due: self.due, _span });
            }
            return None;
        };
        let due = self.waiting.take().map_or(self.due, |waiting| waiting.due);
        self.carried.latency.record(Stage::StageWait, nanoseconds_since(due));
        Some(self.slabs.begin(&mut self.ring, slab, body.is_some(), due))
    }

    /// Takes the share of a slab that a range had, if any.
    fn release(&mut self, share: Option<Share>) {
        let slab = share.and_then(|share| self.slabs.release(&mut self.ring, share));
        if let Some(slab) = slab {
            self.context.pool.put(slab);
        }
    }

    /// Starts the reads of a range, or its write where it needs none.
    fn start(&mut self, mut range: Range, reading: Option<Reading>) {
        let parts = std::mem::take(&mut self.parts);
        let share = range.share.as_mut().map(|share| {
            share.reads_left = parts.len();
            (share.slot, share.due)
        });
        let token = self.insert(range);
        match share {
            Some((slot, due)) if !parts.is_empty() => {
                for part in &parts {
                    self.ring.push(read_of(part, slot, reading, token, due));
                }
            }
            _ => self.write(token),
        }
        self.parts = parts;
    }

    fn insert(&mut self, range: Range) -> usize {
        self.in_flight += 1;
        self.in_flight_len += range.len;
        self.staged_len += range.staged_len();
        match self.copies.iter().position(Option::is_none) {
            Some(free) => {
                self.copies[free] = Some(range);
                free
            }
            None => {
                self.copies.push(Some(range));
                self.copies.len() - 1
            }
        }
    }

    /// Takes a range that is over, and its share of a slab.
    fn remove(&mut self, token: usize) -> Range {
        let mut range = self.copies[token].take().expect("a copy in flight is known");
        self.in_flight -= 1;
        self.in_flight_len -= range.len;
        self.staged_len -= range.staged_len();
        self.release(range.share.take());
        range
    }

    fn copy_mut(&mut self, token: usize) -> &mut Range {
        self.copies[token].as_mut().expect("a copy in flight is known")
    }

    /// Starts the write of a range that is complete.
    fn write(&mut self, token: usize) {
        let range = self.copies[token].as_mut().expect("a copy in flight is known");
        if let Some(share) = &mut range.share {
            self.slabs.complete(&mut self.ring, share);
        }
        self.ring.push(range.write(token, self.due));
    }

    /// Deals with the kernel's answer to one operation.
    fn finish(&mut self, op: Op, answer: i32) {
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

    /// Notes that one read of a range is over; the last one starts the write, or ends the range.
    fn read_is_back(&mut self, token: usize, with_failure: bool) {
        let share = self.copy_mut(token).share_mut();
        share.reads_left -= 1;
        share.failed |= with_failure;
        if share.reads_left > 0 {
            return;
        }
        let (failed, due) = (share.failed, share.due);
        // A cancelled run waits for what is in flight, and puts nothing more there.
        if failed || self.context.control.cancel.is_cancelled() {
            self.remove(token);
        } else {
            self.carried.latency.record(Stage::Read, nanoseconds_since(due));
            self.write(token);
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
            let source = self.context.source(source);
            self.failure.get_or_insert(IoError::failed("read", source.path())(error));
            self.read_is_back(op.token, true);
            return;
        }
        let range = self.remove(op.token);
        let fault = match error.raw_os_error() {
            Some(libc::EFAULT) => self.fault(&range, op.offset),
            _ => None,
        };
        let copied = op.offset - range.members[0].task.target;
        let stop = fault.map_or_else(|| write_stop(self.context, copied, error), Stop::Failed);
        match stop {
            Stop::Failed(error) => {
                self.failure.get_or_insert(error);
            }
            Stop::Unsupported { reason, .. } => {
                self.refused = true;
                self.carried.refuse(reason);
                self.leave(&range, op.offset);
            }
        }
    }

    /// Which source of a range could not be read through its mapping, from `at` in the target on.
    fn fault(&self, range: &Range, at: u64) -> Option<IoError> {
        let check = |(source, offset, len)| check_readable(self.context, source, offset, len).err();
        range.mapped_from(at).find_map(check).or_else(|| {
            let (source, offset, len) = range.mapped_from(at).next()?;
            Some(source_fault(self.context, source, offset, len))
        })
    }

    /// Counts what of a range is in place, up to `at` in the target, and leaves the rest.
    fn leave(&mut self, range: &Range, at: u64) {
        for Member { task, route, span, .. } in &range.members {
            let done = task.len_before(at);
            self.carried.count(self.context, *route, &Task { len: done, ..*task }, span);
            if done < task.len {
                self.carried.left.push(task.after(done));
            }
        }
    }
}

/// The read of a part of a slab: of a body, or of what is composed.
fn read_of(part: &Part, slot: SlotId, body: Option<Reading>, token: usize, due: Instant) -> Op {
    let buffer = Buffer::Slot { slot, at: part.bytes.start };
    let file = match body {
        Some(Reading::Direct(file)) => file,
        _ => SOURCE_FILES + part.source.0,
    };
    Op {
        direction: Direction::Read,
        memory: vec![Segment { buffer, len: op_len(part.bytes.len() as u64) }],
        file,
        offset: part.offset,
        aside: matches!(body, Some(Reading::ThroughCache)),
        token,
        due,
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
mod tests;
