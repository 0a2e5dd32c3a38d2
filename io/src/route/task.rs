//! Cuts a schedule into the tasks that routes carry: whole blocks of one source, and blocks to be composed.
//!
//! - In: a [`Schedule`] and a block size.
//! - Out: [`Task`]s in target order, and [`Queue`], which hands them out in pieces of bounded length.
//! - Holds: every byte of the schedule that is not zero lies in exactly one task; tasks for direct writes begin and end
//!   on block boundaries (the last one may end after the schedule does: the target is cut to length at the end), except
//!   the first bytes of a region that begins within a block.
//! - Not here: who carries a task, and how (`route`).

use std::collections::VecDeque;

use crate::schedule::{Origin, Piece, Schedule, SourceIndex};

/// The shortest run of whole blocks that is carried as a body of its own. Below it one more write costs more than
/// composing the bytes together with their neighbours'.
const BODY_LEN_MIN: u64 = 64 << 10;

/// How the bytes of a task come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TaskBytes {
    /// They are a run of one source's bytes.
    Body {
        /// The source.
        source: SourceIndex,
        /// Bytes from the start of the source.
        offset: u64,
    },
    /// They are composed in a slab from the schedule's pieces.
    Compose,
}

/// A run of target bytes to put in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task {
    /// First target byte.
    pub(crate) target: u64,
    /// Length in bytes.
    pub(crate) len: u64,
    /// Where the bytes come from.
    pub(crate) bytes: TaskBytes,
}

impl Task {
    /// How many of its bytes lie in the file: the last block may reach beyond the file's end.
    pub(crate) fn len_in(&self, schedule: &Schedule) -> u64 {
        (self.target + self.len).min(schedule.len()).saturating_sub(self.target)
    }

    /// What is left of the task when its first `copied` bytes are in place.
    pub(crate) fn after(self, copied: u64) -> Task {
        let bytes = match self.bytes {
            TaskBytes::Body { source, offset } => {
                TaskBytes::Body { source, offset: offset + copied }
            }
            TaskBytes::Compose => TaskBytes::Compose,
        };
        Task { target: self.target + copied, len: self.len - copied, bytes }
    }
}

/// The bytes before the first whole block of a region behind an existing file: they share a block with the file's last ones,
/// which must not be written again, so they go through the page cache. `None` if there are none.
pub(crate) fn first_partial_block(schedule: &Schedule) -> Option<Task> {
    let target = schedule.start();
    let end = target.next_multiple_of(schedule.alignment()).min(schedule.len());
    (target < end).then_some(Task { target, len: end - target, bytes: TaskBytes::Compose })
}

/// Tasks for routes that work in whole blocks: congruent middles as bodies, everything between them composed. What
/// [`first_partial_block`] covers is left out.
pub(crate) fn block_tasks(schedule: &Schedule) -> Vec<Task> {
    let block = schedule.alignment();
    let mut tasks = Vec::new();
    let mut composed_to = schedule.start().next_multiple_of(block);
    let compose = |from: u64, to: u64, tasks: &mut Vec<Task>| {
        if from < to && pieces_in(schedule, from, to).any(|piece| piece.origin != Origin::Zero) {
            tasks.push(Task { target: from, len: to - from, bytes: TaskBytes::Compose });
        }
    };
    for piece in schedule.pieces() {
        let Origin::Source { source, offset } = piece.origin else { continue };
        if !piece.target.abs_diff(offset).is_multiple_of(block) {
            continue;
        }
        let start = piece.target.next_multiple_of(block);
        let end = piece.end() - piece.end() % block;
        if end < start + BODY_LEN_MIN.max(block) {
            continue;
        }
        compose(composed_to, start, &mut tasks);
        let offset = offset + (start - piece.target);
        let bytes = TaskBytes::Body { source, offset };
        tasks.push(Task { target: start, len: end - start, bytes });
        composed_to = end;
    }
    compose(composed_to, schedule.len().next_multiple_of(block), &mut tasks);
    tasks
}

/// Tasks for routes that write any byte range: each run of source bytes as a body, the rest composed.
pub(crate) fn byte_tasks(schedule: &Schedule) -> Vec<Task> {
    let task = |piece: &Piece| {
        let bytes = match piece.origin {
            Origin::Source { source, offset } => TaskBytes::Body { source, offset },
            Origin::Made { .. } | Origin::Inline { .. } => TaskBytes::Compose,
            Origin::Zero => return None,
        };
        Some(Task { target: piece.target, len: piece.len, bytes })
    };
    schedule.pieces().iter().filter_map(task).collect()
}

/// The schedule's pieces, cut to the target range `start..end`.
pub(crate) fn pieces_in(
    schedule: &Schedule,
    start: u64,
    end: u64,
) -> impl Iterator<Item = Piece> + '_ {
    let first = schedule.pieces().partition_point(|piece| piece.end() <= start);
    schedule.pieces()[first..].iter().map_while(move |piece| piece.clip(start, end))
}

/// Hands out tasks in target order, in pieces of bounded length, without holding the pieces.
#[derive(Debug)]
pub(crate) struct Queue {
    tasks: VecDeque<Task>,
    body_len_max: u64,
    composed_len_max: u64,
}

impl Queue {
    /// A queue whose pieces are at most this long, both multiples of the block size.
    pub(crate) fn new(tasks: Vec<Task>, body_len_max: u64, composed_len_max: u64) -> Self {
        Self { tasks: tasks.into(), body_len_max, composed_len_max }
    }

    /// The next piece.
    pub(crate) fn next(&mut self) -> Option<Task> {
        self.next_within(u64::MAX)
    }

    /// The next piece, cut to at most `len` bytes, a multiple of the block size; the rest comes next.
    pub(crate) fn next_within(&mut self, len: u64) -> Option<Task> {
        let piece = self.peek()?;
        let piece = Task { len: piece.len.min(len), ..piece };
        let task = self.tasks.front_mut()?;
        if piece.len < task.len {
            *task = task.after(piece.len);
        } else {
            self.tasks.pop_front();
        }
        Some(piece)
    }

    /// The next piece, which stays where it is.
    pub(crate) fn peek(&self) -> Option<Task> {
        let task = *self.tasks.front()?;
        let len_max = match task.bytes {
            TaskBytes::Body { .. } => self.body_len_max,
            TaskBytes::Compose => self.composed_len_max,
        };
        Some(Task { len: task.len.min(len_max), ..task })
    }

    /// Everything that was not handed out.
    pub(crate) fn into_rest(self) -> Vec<Task> {
        self.tasks.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::ScheduleBuilder;

    #[test]
    fn partial_blocks_of_neighbours_are_composed_together() {
        let mut builder = ScheduleBuilder::new(4096);
        builder.push_inline(&[1; 100]);
        builder.push_zero(900);
        builder.push_source(SourceIndex(0), 4096 + 1000, 100 * 4096); // 1000..410600: congruent
        builder.push_zero(4096);
        builder.push_source(SourceIndex(1), 600, 100 * 4096); // 414696, mod 4096 = 1000: not congruent
        let tasks = block_tasks(&builder.finish());
        let body = TaskBytes::Body { source: SourceIndex(0), offset: 8192 };
        assert_eq!(
            tasks,
            [
                Task { target: 0, len: 4096, bytes: TaskBytes::Compose },
                Task { target: 4096, len: 99 * 4096, bytes: body },
                Task { target: 409_600, len: 102 * 4096, bytes: TaskBytes::Compose },
            ]
        );
    }

    #[test]
    fn a_queue_hands_out_bounded_pieces_in_order() {
        let body = |offset| TaskBytes::Body { source: SourceIndex(0), offset };
        let composed = Task { target: 10, len: 5, bytes: TaskBytes::Compose };
        let mut queue =
            Queue::new(vec![Task { target: 0, len: 10, bytes: body(500) }, composed], 4, 3);
        let pieces: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        let piece = |target, len, bytes| Task { target, len, bytes };
        assert_eq!(
            pieces,
            [
                piece(0, 4, body(500)),
                piece(4, 4, body(504)),
                piece(8, 2, body(508)),
                piece(10, 3, TaskBytes::Compose),
                piece(13, 2, TaskBytes::Compose),
            ]
        );
    }

    /// Pieces of a random schedule: `(kind, length, misalignment)`.
    fn schedules() -> impl Strategy<Value = Schedule> {
        prop::collection::vec((0_u8..4, 1_u64..400_000, 0_u64..3), 1..40).prop_map(|pieces| {
            let mut builder = ScheduleBuilder::new(4096);
            for (kind, len, shift) in pieces {
                match kind {
                    0 => builder.push_inline(&vec![7; usize::try_from(len % 5000).unwrap()]),
                    1 => builder.push_zero(len % 9000),
                    _ => {
                        let offset = builder.position() % 4096 + 4096 * 9 + shift;
                        builder.push_source(SourceIndex(u32::from(kind)), offset, len);
                    }
                }
            }
            builder.finish()
        })
    }

    proptest! {
        #[test]
        fn block_tasks_are_aligned_sorted_and_cover_every_byte_that_is_not_zero(schedule in schedules()) {
            let tasks = block_tasks(&schedule);
            let mut at = 0;
            for task in &tasks {
                prop_assert!(task.target >= at && task.len > 0);
                prop_assert!(task.target % 4096 == 0 && task.len % 4096 == 0);
                prop_assert!(pieces_in(&schedule, at, task.target).all(|p| p.origin == Origin::Zero));
                if let TaskBytes::Body { source, offset } = task.bytes {
                    prop_assert_eq!(offset % 4096, 0);
                    let under: Vec<_> = pieces_in(&schedule, task.target, task.target + task.len).collect();
                    prop_assert_eq!(under.len(), 1);
                    prop_assert_eq!(under[0].origin, Origin::Source { source, offset });
                }
                at = task.target + task.len;
            }
            prop_assert!(pieces_in(&schedule, at, schedule.len()).all(|p| p.origin == Origin::Zero));
        }
    }
}
