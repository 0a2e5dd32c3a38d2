//! Neighbours in the target that are written at once.
//!
//! - In: tasks, one behind another, each with where its bytes are or will be.
//! - Out: one write for all of them, and which of their bytes are in place when it stops midway.
//! - Holds: the members tile the write; they are few, and those that are not in mappings are in one portion of a slab.
//! - Not here: when a write is started and who fills its slab (`ring`).

use std::time::Instant;

use tracing::Span;

use super::slabs::Portion;
use super::{TARGET_FILE, WRITE_LEN, op_len};
use crate::choice::Route;
use crate::route::pool::SLAB_LEN;
use crate::route::task::{Task, TaskBytes};
use crate::schedule::SourceIndex;
use crate::sys::ring::{Buffer, Direction, Op, Segment};

/// Members of a write: far below what one write takes (`IOV_MAX`, 1024), and enough for 4 MiB of the shortest bodies.
const MEMBERS_MAX: usize = 64;

/// A task that is written with its neighbours.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) task: Task,
    /// What its bytes are counted as.
    pub(super) route: Route,
    /// Where its bytes are.
    pub(super) buffer: Buffer,
    /// Lasts until it is in place.
    pub(super) span: Span,
}

/// Tasks that are written at once.
#[derive(Debug, Default)]
pub(super) struct JoinedWrite {
    pub(super) members: Vec<Member>,
    pub(super) portion: Option<Portion>,
    pub(super) len: u64,
}

impl JoinedWrite {
    /// As much of `next` as can be written with it; `None` ends it.
    pub(super) fn room_for(&self, next: Task) -> Option<Task> {
        let follows = self.members.last().is_none_or(|last| {
            last.task.target + last.task.len == next.target && self.members.len() < MEMBERS_MAX
        });
        let in_slab = self.portion.as_ref().map_or(SLAB_LEN, Portion::room);
        let room = match next.bytes {
            TaskBytes::Body { .. } => WRITE_LEN - self.len,
            TaskBytes::Compose => (in_slab as u64).min(WRITE_LEN - self.len),
        };
        (follows && room > 0).then(|| Task { len: next.len.min(room), ..next })
    }

    pub(super) fn join(&mut self, member: Member) {
        self.len += member.task.len;
        self.members.push(member);
    }

    /// The portion of a slab, of a write that is known to have one.
    pub(super) fn portion_mut(&mut self) -> &mut Portion {
        self.portion.as_mut().expect("only slabs are read into")
    }

    /// Its bytes that are bodies in the slab.
    pub(super) fn staged_len(&self) -> u64 {
        let staged = |member: &&Member| {
            member.route == Route::Staged && matches!(member.task.bytes, TaskBytes::Body { .. })
        };
        self.members.iter().filter(staged).map(|member| member.task.len).sum()
    }

    /// The ranges of sources that are written from mappings to the target from `at` on.
    pub(super) fn mapped_from(&self, at: u64) -> impl Iterator<Item = (SourceIndex, u64, u64)> {
        self.members.iter().filter_map(move |member| match member.task.bytes {
            TaskBytes::Body { source, offset } if member.route == Route::Mapped => {
                let before = len_before(&member.task, at);
                let left = member.task.len - before;
                (left > 0).then_some((source, offset + before, left))
            }
            _ => None,
        })
    }

    /// The write of all its members.
    pub(super) fn op(&self, token: usize, due: Instant) -> Op {
        let segment = |member: &Member| Segment {
            buffer: member.buffer.clone(),
            len: op_len(member.task.len),
        };
        Op {
            direction: Direction::Write,
            memory: self.members.iter().map(segment).collect(),
            file: TARGET_FILE,
            offset: self.members[0].task.target,
            aside: false,
            token,
            due,
        }
    }
}

/// How many bytes of `task` lie before `at` in the target.
pub(super) fn len_before(task: &Task, at: u64) -> u64 {
    at.saturating_sub(task.target).min(task.len)
}
