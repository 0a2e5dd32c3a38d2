//! What is written together: moves the tasks that come next into one write, as long as they are neighbours.
//!
//! - In: the queue, the sources' windows, what `cold` says, the slabs.
//! - Out: a [`JoinedWrite`], and what has to be read for it first.
//! - Holds: a body that goes through a slab is alone in its write, so that nothing else waits for its read.
//! - Not here: reads, writes and their answers (`ring`, `answers`).

use super::body::{BodyPath, SlabRead};
use super::joined::{JoinedWrite, Member};
use super::slabs::Portion;
use super::{RingRun, Waiting, op_len};
use crate::choice::Route;
use crate::measure::interval::IN_FLIGHT;
use crate::measure::latency::{Stage, nanoseconds_since};
use crate::route::stage;
use crate::route::task::{Task, TaskBytes};
use crate::schedule::SourceIndex;
use crate::sys::ring::Buffer;

impl RingRun<'_> {
    /// Moves what comes next, and its neighbours, into `write`; nothing where there is nothing more, or no slab. Says how
    /// its slab is to be read into, where it is a body that has one.
    pub(super) fn gather(&mut self, write: &mut JoinedWrite) -> Option<SlabRead> {
        self.parts.clear();
        while let Some(next) = self.queue.peek().and_then(|next| write.room_for(next)) {
            let TaskBytes::Body { source, offset } = next.bytes else {
                if !self.join_slab(write, next, None) {
                    break;
                }
                continue;
            };
            match self.path_of(source, offset, next.len) {
                BodyPath::Mapping => {
                    if !self.join_mapped(write, next.len, source, offset) {
                        break;
                    }
                }
                // By itself, so that nothing else waits for its read.
                BodyPath::Slab(reading) => {
                    let is_alone = write.members.is_empty();
                    let joined = is_alone && self.join_slab(write, next, Some(reading));
                    return joined.then_some(reading);
                }
            }
        }
        None
    }

    fn path_of(&mut self, source: SourceIndex, offset: u64, len: u64) -> BodyPath {
        let direct = match self.cold.reads_directly(self.context, source, offset, len) {
            true => self.direct_files.file_of(self.context, &mut self.ring, source),
            false => None,
        };
        match direct {
            Some(file) => BodyPath::Slab(SlabRead::Direct(file)),
            None if self.mapped => BodyPath::Mapping,
            None => BodyPath::Slab(SlabRead::ThroughCache),
        }
    }

    /// Moves the body that comes next into `write`, to be written from its mapping; answers whether it could be mapped. A
    /// process that may map no more leaves it to another route.
    fn join_mapped(
        &mut self,
        write: &mut JoinedWrite,
        len: u64,
        source: SourceIndex,
        offset: u64,
    ) -> bool {
        match self.windows.covering(source, self.context.source(source), offset) {
            Ok(window) => {
                self.waiting = None;
                self.join(write, len, Route::Mapped, Buffer::Window { window, offset });
                true
            }
            Err(error) => {
                self.refused = true;
                self.carried.refuse(format!("a source cannot be mapped: {error}"));
                false
            }
        }
    }

    /// Moves the task that comes next, a body that is read in this way or a composed run, into the slab of `write`;
    /// answers whether there was one.
    fn join_slab(&mut self, write: &mut JoinedWrite, next: Task, body: Option<SlabRead>) -> bool {
        let Some(mut portion) = write.portion.take().or_else(|| self.portion(body)) else {
            return false;
        };
        let len = portion.room().min(op_len(next.len) as usize);
        let bytes = self.slabs.grow(&mut portion, len);
        let (slot, at) = (portion.slot, bytes.start);
        write.portion = Some(portion);
        let task = self.join(write, bytes.len() as u64, Route::Staged, Buffer::Slot { slot, at });
        let bytes = self.ring.fill(slot, bytes);
        if let Err(error) = stage::compose(self.context, &task, bytes, at, &mut self.parts) {
            // What is in flight comes to its end; nobody will see the target.
            self.failure.get_or_insert(error);
        }
        true
    }

    fn join(&mut self, write: &mut JoinedWrite, len: u64, route: Route, buffer: Buffer) -> Task {
        let task = self.queue.next_within(len).expect("it was looked at");
        let span = copy_span!(IN_FLIGHT, route, self.context.schedule, &task);
        write.join(Member { task, route, buffer, span });
        task
    }

    /// A portion of a slab for what comes next; without one, a wait begins or goes on.
    fn portion(&mut self, body: Option<SlabRead>) -> Option<Portion> {
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
                let _span = tracing::trace_span!(target: IN_FLIGHT, "stage_wait");
                self.waiting = Some(Waiting { due: self.due, _span });
            }
            return None;
        };
        let due = self.waiting.take().map_or(self.due, |waiting| waiting.due);
        self.carried.latency.record(Stage::StageWait, nanoseconds_since(due));
        Some(self.slabs.begin(&mut self.ring, slab, body.is_some(), due))
    }
}
