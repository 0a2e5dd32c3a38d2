//! Direct writes through io_uring: `mapped` straight from the sources' mappings, `staged` from slabs.
//!
//! One thread keeps a bounded number of copies in flight and never waits for a particular one. A copy is one
//! write of neighbours in the target: bodies from their mappings, composed runs from a slab that several writes share.
//! Headers and zeros are put in at once, source bytes are read by the ring, and when the last read is back the write
//! starts. A body that is `staged`, or is not in the page cache and read past it, has a slab of its own.
//!
//! - `gather` decides what is written together, and from where; `answers` deals with what the kernel answered.
//!
//! - In: block-aligned tasks.
//! - Out: [`Carried`].
//! - Holds: when it returns, also with an error or a cancel, nothing is in flight.
//! - Not here: what keeps buffers alive (`sys::ring`), reading ahead (`readahead`).

mod answers;
mod body;
mod gather;
mod joined;
mod slabs;

use std::io;
use std::iter;
use std::os::fd::AsRawFd;
use std::time::Instant;

use tracing::Span;

use crate::choice::Route;
use crate::error::IoError;
use crate::route::pool::SLAB_LEN;
use crate::route::stage::SourceRead;
use crate::route::system::cold::{Cold, DirectFiles};
use crate::route::system::windows::Windows;
use crate::route::task::{Queue, Task};
use crate::route::{Carried, Context};
use crate::source::Source;
use crate::sys::ring::{Buffer, Direction, Op, Ring, Segment, SlotId};
use body::SlabRead;
use joined::JoinedWrite;
use slabs::{Portion, Slabs};

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

struct RingRun<'a> {
    context: &'a Context<'a>,
    ring: Ring,
    queue: Queue,
    /// Whether bodies are written from mappings.
    mapped: bool,
    /// What is read past the page cache, and with which files.
    cold: &'a Cold,
    direct_files: DirectFiles,
    copies: Vec<Option<JoinedWrite>>,
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
    /// What is to be read for the write that is being gathered.
    parts: Vec<SourceRead>,
    carried: Carried,
    failure: Option<IoError>,
    refused: bool,
}

/// Opens a ring and registers the files of the run; fails where io_uring is forbidden or unknown.
pub(crate) fn open(context: &Context<'_>) -> io::Result<Ring> {
    let direct = context.direct.expect("probing found that direct writes work");
    // What is made is no file, and nothing is read of it by the ring.
    let fd_of = |source: &Source| match source.file() {
        Some(file) => Ok(file.as_raw_fd()),
        None if source.maker().is_some() => Ok(-1),
        None => Err(io::ErrorKind::Unsupported),
    };
    let sources: Vec<_> = context.sources.iter().map(fd_of).collect::<Result<_, _>>()?;
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
    let mut run = RingRun {
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
        let ring_failed = || IoError::failed("write through io_uring", context.target_path);
        run.start_copies().map_err(ring_failed())?;
        if run.ring.pending() == 0 {
            break;
        }
        run.ring.submit_and_wait().map_err(ring_failed())?;
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

impl RingRun<'_> {
    /// Starts as many copies as there is room for; none once the run is to end.
    ///
    /// What is composed and waits for no read is handed to the kernel at once: the device works while the next one is composed.
    /// All slabs may come back together, since virtual disks tell of many writes at a time, and then the device would wait for all
    /// of them to be filled.
    fn start_copies(&mut self) -> io::Result<()> {
        let over = self.refused || self.failure.is_some();
        if over || self.context.control.cancel.is_cancelled() {
            return Ok(());
        }
        while !self.refused && self.in_flight < COPIES_MAX && self.in_flight_len < IN_FLIGHT_LEN_MAX
        {
            let mut write = JoinedWrite::default();
            let reading = self.gather(&mut write);
            if write.members.is_empty() {
                break;
            }
            let is_composed = write.portion.is_some() && self.parts.is_empty();
            self.start(write, reading);
            if is_composed {
                self.ring.submit()?;
            }
        }
        Ok(())
    }

    /// Starts the reads of a write, or its write where it needs none.
    fn start(&mut self, mut write: JoinedWrite, reading: Option<SlabRead>) {
        let parts = std::mem::take(&mut self.parts);
        let portion = write.portion.as_mut().map(|portion| {
            portion.reads_left = parts.len();
            (portion.slot, portion.due)
        });
        let token = self.insert(write);
        match portion {
            Some((slot, due)) if !parts.is_empty() => {
                for part in &parts {
                    self.ring.push(read_of(part, slot, reading, token, due));
                }
            }
            _ => self.start_write(token),
        }
        self.parts = parts;
    }

    fn insert(&mut self, write: JoinedWrite) -> usize {
        self.in_flight += 1;
        self.in_flight_len += write.len;
        self.staged_len += write.staged_len();
        match self.copies.iter().position(Option::is_none) {
            Some(free) => {
                self.copies[free] = Some(write);
                free
            }
            None => {
                self.copies.push(Some(write));
                self.copies.len() - 1
            }
        }
    }

    /// Takes a write that is over, and its portion of a slab.
    fn remove(&mut self, token: usize) -> JoinedWrite {
        let mut write = self.copies[token].take().expect("a copy in flight is known");
        self.in_flight -= 1;
        self.in_flight_len -= write.len;
        self.staged_len -= write.staged_len();
        self.release(write.portion.take());
        write
    }

    fn copy_mut(&mut self, token: usize) -> &mut JoinedWrite {
        self.copies[token].as_mut().expect("a copy in flight is known")
    }

    /// Hands a write that is complete to the ring.
    fn start_write(&mut self, token: usize) {
        let write = self.copies[token].as_mut().expect("a copy in flight is known");
        if let Some(portion) = &mut write.portion {
            self.slabs.complete(portion);
        }
        self.ring.push(write.op(token, self.due));
    }

    /// Takes the portion of a slab that a write had, if any.
    fn release(&mut self, portion: Option<Portion>) {
        let slab = portion.and_then(|portion| self.slabs.release(&mut self.ring, portion));
        if let Some(slab) = slab {
            self.context.pool.put(slab);
        }
    }
}

/// The read of a part of a slab: of a body, or of what is composed.
fn read_of(
    part: &SourceRead,
    slot: SlotId,
    body: Option<SlabRead>,
    token: usize,
    due: Instant,
) -> Op {
    let buffer = Buffer::Slot { slot, at: part.bytes.start };
    let file = match body {
        Some(SlabRead::Direct(file)) => file,
        _ => SOURCE_FILES + part.source.0,
    };
    Op {
        direction: Direction::Read,
        memory: vec![Segment { buffer, len: op_len(part.bytes.len() as u64) }],
        file,
        offset: part.offset,
        aside: matches!(body, Some(SlabRead::ThroughCache)),
        token,
        due,
    }
}

fn source_count(context: &Context<'_>) -> u32 {
    u32::try_from(context.sources.len()).expect("sources are counted in 32 bits")
}

/// The length of an operation: pieces are at most a slab long.
fn op_len(len: u64) -> u32 {
    u32::try_from(len).expect("a piece is shorter than 4 GiB")
}

#[cfg(test)]
mod tests;
