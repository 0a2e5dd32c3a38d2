//! io_uring behind an interface that owns every buffer for as long as the kernel may touch it.
//!
//! - In: [`Op`]s over registered files, whose buffers are windows of mappings or parked memory.
//! - Out: the same [`Op`]s with the kernel's answer, in the order in which they finished.
//! - Holds: a buffer that the kernel may touch is owned by the ring; of parked memory only those bytes are lent that no
//!   operation has named. The ring is drained before its buffers go; where that fails they are leaked.
//! - Not here: short counts, errors, what an operation is for (`route::ring`).
//!
//! References: io_uring(7), io_uring_enter(2), io_uring_register(2).

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::time::Instant;

use io_uring::{IoUring, Probe, opcode, squeue, types};

use super::memory::Memory;
use super::window::Window;

/// Memory that the ring owns until it is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotId(usize);

impl SlotId {
    /// Its number; those that were taken back are given again.
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

/// Where bytes of an operation are.
#[derive(Debug, Clone)]
pub(crate) enum Buffer {
    /// Source bytes in a mapping.
    Window {
        /// The mapping.
        window: Arc<Window>,
        /// Bytes from the start of the source.
        offset: u64,
    },
    /// Bytes of parked memory.
    Slot {
        /// The memory.
        slot: SlotId,
        /// Bytes from its start.
        at: usize,
    },
}

/// A part of an operation's memory.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Where it begins.
    pub(crate) buffer: Buffer,
    /// Length in bytes.
    pub(crate) len: u32,
}

impl Segment {
    /// Cuts `len` bytes off its front.
    fn advance(&mut self, len: u32) {
        match &mut self.buffer {
            Buffer::Window { offset, .. } => *offset += u64::from(len),
            Buffer::Slot { at, .. } => *at += len as usize,
        }
        self.len -= len;
    }
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Fills its buffer, which is parked memory.
    Read,
    /// Writes its buffer.
    Write,
}

/// A positioned read or write.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    /// What it does.
    pub(crate) direction: Direction,
    /// Its memory, one part behind another; a read has one.
    pub(crate) memory: Vec<Segment>,
    /// Index among the registered files.
    pub(crate) file: u32,
    /// Bytes from the start of that file.
    pub(crate) offset: u64,
    /// Whether a thread of the kernel does it from the start. Else the one that submits does what needs no wait, as
    /// copying from the page cache.
    pub(crate) aside: bool,
    /// What the caller knows it by.
    pub(crate) token: usize,
    /// When it was due.
    pub(crate) due: Instant,
}

impl Op {
    /// Length in bytes.
    pub(crate) fn len(&self) -> u32 {
        self.memory.iter().map(|segment| segment.len).sum()
    }

    /// What is left of the operation after `done` bytes.
    pub(crate) fn after(mut self, done: u32) -> Op {
        let mut passed = done;
        self.memory.retain_mut(|segment| {
            let here = segment.len.min(passed);
            segment.advance(here);
            passed -= here;
            segment.len > 0
        });
        self.offset += u64::from(done);
        self
    }

    /// The slot of each of its segments that lies in one.
    fn slots(&self) -> impl Iterator<Item = usize> + '_ {
        self.memory.iter().filter_map(|segment| match segment.buffer {
            Buffer::Slot { slot: SlotId(index), .. } => Some(index),
            Buffer::Window { .. } => None,
        })
    }
}

/// An operation, and what the kernel reads besides its bytes.
#[derive(Debug)]
struct Held {
    op: Op,
    /// The addresses of its memory, where it has several segments.
    vectors: Vec<libc::iovec>,
}

#[derive(Debug)]
struct Slot {
    memory: Memory,
    /// Segments of operations that lie in it.
    segments: u32,
    /// Bytes before this one have been named by operations.
    named_to: usize,
}

/// A ring, the operations that it was given, and their buffers.
pub(crate) struct Ring {
    uring: IoUring,
    lent: ManuallyDrop<Lent>,
    backlog: VecDeque<usize>,
    in_kernel: usize,
    /// Changes the kernel's answers, for tests of what follows from them.
    #[cfg(test)]
    pub(crate) inject: Option<Inject>,
}

/// Takes an operation and the kernel's answer to it, and gives the answer that is handed out.
#[cfg(test)]
pub(crate) type Inject = Box<dyn FnMut(&Op, i32) -> i32>;

#[cfg(test)]
thread_local! {
    /// Operations that this thread has handed to the kernel, for tests of when it does.
    pub(crate) static HANDED_OVER: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// What the kernel may touch.
#[derive(Default)]
struct Lent {
    ops: Vec<Option<Held>>,
    free_ops: Vec<usize>,
    slots: Vec<Option<Slot>>,
}

impl Ring {
    /// A ring for `entries` operations at a time over `files`; -1 leaves room for a file that is set later.
    ///
    /// Asks for completions to be handled in this thread when it waits (Linux 6.1), which saves interrupts of the
    /// submitting thread; goes without where the kernel is older. Fails where the kernel's rings cannot read and write
    /// yet as [`Op`]s do (before Linux 5.6).
    pub(crate) fn new(entries: u32, files: &[RawFd]) -> io::Result<Self> {
        let mut builder = IoUring::builder();
        let uring = match builder.setup_single_issuer().setup_defer_taskrun().build(entries) {
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => IoUring::new(entries)?,
            other => other?,
        };
        let mut probe = Probe::new();
        uring.submitter().register_probe(&mut probe)?;
        let codes = [opcode::Read::CODE, opcode::Write::CODE, opcode::Writev::CODE];
        if !codes.iter().all(|code| probe.is_supported(*code)) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        uring.submitter().register_files(files)?;
        let lent = ManuallyDrop::new(Lent::default());
        Ok(Self {
            uring,
            lent,
            backlog: VecDeque::new(),
            in_kernel: 0,
            #[cfg(test)]
            inject: None,
        })
    }

    /// Registers `file` at an index where there was room left. The kernel keeps a reference of its own.
    pub(crate) fn set_file(&mut self, index: u32, file: &File) -> io::Result<()> {
        self.uring.submitter().register_files_update(index, &[file.as_raw_fd()]).map(|_count| ())
    }

    /// Gives memory to the ring, for operations to name.
    pub(crate) fn park(&mut self, memory: Memory) -> SlotId {
        let slot = Some(Slot { memory, segments: 0, named_to: 0 });
        let slots = &mut self.lent.slots;
        match slots.iter().position(Option::is_none) {
            Some(free) => {
                slots[free] = slot;
                SlotId(free)
            }
            None => {
                slots.push(slot);
                SlotId(slots.len() - 1)
            }
        }
    }

    /// Takes memory back that no operation names any more.
    pub(crate) fn unpark(&mut self, SlotId(index): SlotId) -> Memory {
        let slot = self.lent.slots[index].take().expect("memory is taken back once");
        assert_eq!(slot.segments, 0, "the kernel may still touch this memory");
        slot.memory
    }

    /// Bytes of parked memory, behind all that operations have named.
    pub(crate) fn fill(&mut self, SlotId(index): SlotId, range: Range<usize>) -> &mut [u8] {
        let slot = self.lent.slots[index].as_mut().expect("the memory is parked");
        assert!(range.start >= slot.named_to, "the kernel may still touch these bytes");
        slot.memory.bytes_mut(range)
    }

    /// Queues an operation; [`Ring::submit`] hands it to the kernel.
    pub(crate) fn push(&mut self, op: Op) {
        for segment in &op.memory {
            let Buffer::Slot { slot: SlotId(index), at } = segment.buffer else { continue };
            let slot = self.lent.slots[index].as_mut().expect("the memory is parked");
            slot.named_to = slot.named_to.max(at + segment.len as usize);
            slot.segments += 1;
        }
        if op.direction == Direction::Read {
            let into_memory =
                matches!(op.memory[..], [Segment { buffer: Buffer::Slot { .. }, .. }]);
            assert!(into_memory, "a source's mapping is never read into");
        }
        let index = match self.lent.free_ops.pop() {
            Some(index) => index,
            None => {
                self.lent.ops.push(None);
                self.lent.ops.len() - 1
            }
        };
        self.lent.ops[index] = Some(Held { op, vectors: Vec::new() });
        self.backlog.push_back(index);
    }

    /// Operations that were pushed and whose answer was not handed out.
    pub(crate) fn pending(&self) -> usize {
        self.in_kernel + self.backlog.len()
    }

    /// Hands queued operations to the kernel, as many as it takes now.
    pub(crate) fn submit(&mut self) -> io::Result<()> {
        self.enter(0)
    }

    /// Hands queued operations to the kernel and waits until at least one has finished.
    ///
    /// A signal ends the wait early, which is not an error: the caller looks whether it was asked to stop.
    pub(crate) fn submit_and_wait(&mut self) -> io::Result<()> {
        self.enter(1)
    }

    fn enter(&mut self, wanted: usize) -> io::Result<()> {
        self.fill_submission_queue();
        match self.uring.submit_and_wait(wanted.min(self.in_kernel)) {
            Ok(_) => Ok(()),
            // EBUSY and EAGAIN: the kernel wants completions reaped, or memory back, before it takes more.
            Err(error) => match error.raw_os_error() {
                Some(libc::EINTR | libc::EBUSY | libc::EAGAIN) => Ok(()),
                _ => Err(error),
            },
        }
    }

    /// Moves finished operations into `finished`, each with the kernel's answer: a count, or an errno below 0.
    pub(crate) fn reap(&mut self, finished: &mut Vec<(Op, i32)>) {
        for entry in self.uring.completion() {
            let index = usize::try_from(entry.user_data()).expect("the ring numbered it");
            let Held { op, .. } = self.lent.ops[index].take().expect("an operation finishes once");
            self.lent.free_ops.push(index);
            self.in_kernel -= 1;
            for slot in op.slots() {
                self.lent.slots[slot].as_mut().expect("the memory is parked").segments -= 1;
            }
            let answer = entry.result();
            #[cfg(test)]
            let answer = self.inject.as_mut().map_or(answer, |inject| inject(&op, answer));
            finished.push((op, answer));
        }
    }

    fn fill_submission_queue(&mut self) {
        let mut queue = self.uring.submission();
        let Lent { ops, slots, .. } = &mut *self.lent;
        while let Some(&index) = self.backlog.front() {
            if queue.is_full() {
                break;
            }
            let held = ops[index].as_mut().expect("a queued operation is there");
            let entry = entry_of(held, slots, index);
            // SAFETY: `push` asks that "parameters of the entry (such as buffer) are valid and will be valid for the
            // entire duration of the operation".
            // - The file is a registered one: the kernel holds a reference of its own.
            // - A window's bytes are mapped while the `Arc` in `lent.ops` lives; it is dropped by `reap` only.
            // - Parked bytes do not move (they are a mapping of their own), and the memory leaves `lent.slots`
            //   through `unpark` only, which asserts that no operation names it. Bytes that an operation names are lent
            //   to nobody until then (`fill`).
            // - The vectors are on the heap, where they stay when `lent.ops` grows; `entry_of` fills them once, they
            //   are not touched after, and go with their operation, in `reap` only.
            // - `Drop` waits for every operation, or leaks `lent`.
            let pushed = unsafe { queue.push(&entry) };
            pushed.expect("the queue was not full");
            self.backlog.pop_front();
            self.in_kernel += 1;
            #[cfg(test)]
            HANDED_OVER.set(HANDED_OVER.get() + 1);
        }
    }
}

/// The submission entry of an operation; keeps with it what the entry points to.
fn entry_of(held: &mut Held, slots: &[Option<Slot>], index: usize) -> squeue::Entry {
    let Held { op, vectors } = held;
    let file = types::Fixed(op.file);
    let entry = match (op.direction, &op.memory[..]) {
        (Direction::Read, [segment, ..]) => {
            let address = address_of(segment, slots).cast_mut();
            opcode::Read::new(file, address, segment.len).offset(op.offset).build()
        }
        (Direction::Write, [segment]) => {
            let address = address_of(segment, slots);
            opcode::Write::new(file, address, segment.len).offset(op.offset).build()
        }
        (_, segments) => {
            vectors.extend(segments.iter().map(|segment| libc::iovec {
                iov_base: address_of(segment, slots).cast_mut().cast(),
                iov_len: segment.len as usize,
            }));
            let count = u32::try_from(vectors.len()).expect("an operation has few segments");
            opcode::Writev::new(file, vectors.as_ptr(), count).offset(op.offset).build()
        }
    };
    let flags = if op.aside { squeue::Flags::ASYNC } else { squeue::Flags::empty() };
    entry.flags(flags).user_data(index as u64)
}

/// The address of a segment, which is mapped to its end.
fn address_of(segment: &Segment, slots: &[Option<Slot>]) -> *const u8 {
    match &segment.buffer {
        Buffer::Window { window, offset } => window.address(*offset, segment.len as usize),
        Buffer::Slot { slot: SlotId(slot), at } => {
            let slot = slots[*slot].as_ref().expect("the memory is parked");
            slot.memory.address(*at..at + segment.len as usize)
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // What was only queued never reaches the kernel.
        self.backlog.clear();
        let mut finished = Vec::new();
        while self.in_kernel > 0 {
            if self.submit_and_wait().is_err() {
                // The kernel may still write into it: better to lose the memory than to hand it to somebody else.
                return;
            }
            self.reap(&mut finished);
            finished.clear();
        }
        // The kernel lets go of the ring's files only some time after the ring itself: whoever opens the new movie next would
        // be told that somebody still writes to it. If it cannot be asked, they are told that for some milliseconds.
        let _let_go_later = self.uring.submitter().unregister_files();
        // SAFETY: `lent` is dropped here only, and not used after.
        unsafe { ManuallyDrop::drop(&mut self.lent) };
    }
}
