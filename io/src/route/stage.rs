//! Through a slab: bytes are read or composed in it, then written, past the page cache or through it.
//!
//! - [`compose`] puts what the schedule itself carries into a slab and says what is still to be read;
//! - [`carry`] does all of it, one step after another, for worker threads. The ring does the same steps without waiting.

use std::ops::Range;
use std::time::Instant;

use super::{Carried, Context, Stop, write_stop};
use crate::error::IoError;
use crate::measure::latency::{Stage, nanoseconds_since};
use crate::route::pool::SlabState;
use crate::route::task::{Task, TaskBytes, pieces_in};
use crate::schedule::{Origin, SourceIndex};
use crate::storage;

/// Source bytes that belong into a slab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceRead {
    /// The source.
    pub(crate) source: SourceIndex,
    /// Bytes from its start.
    pub(crate) offset: u64,
    /// Where in the slab they go.
    pub(crate) bytes: Range<usize>,
}

/// Puts what of `task` is no file's into `bytes`, which are as many and are at `at` in a slab; adds to `parts` what
/// is to be read from sources.
///
/// # Errors
/// What cannot be made; the slab's bytes are then of no use.
pub(crate) fn compose(
    context: &Context<'_>,
    task: &Task,
    bytes: &mut [u8],
    at: usize,
    parts: &mut Vec<SourceRead>,
) -> Result<(), IoError> {
    if let TaskBytes::Body { source, offset } = task.bytes {
        parts.push(SourceRead { source, offset, bytes: at..at + bytes.len() });
        return Ok(());
    }
    let mut filled_to = 0;
    for piece in pieces_in(context.schedule, task.target, task.target + task.len) {
        let start = slab_index(piece.target - task.target);
        let range = start..start + slab_index(piece.len);
        filled_to = range.end;
        match piece.origin {
            Origin::Source { source, offset } => {
                parts.push(SourceRead { source, offset, bytes: at + range.start..at + range.end });
            }
            Origin::Made { source, offset } => {
                let made = context.source(source).maker();
                let made = made.expect("only what is made is scheduled as made");
                made.fill(offset, &mut bytes[range])?;
            }
            Origin::Inline { offset } => {
                let from = slab_index(offset);
                let inline = &context.schedule.inline()[from..from + range.len()];
                bytes[range].copy_from_slice(inline);
            }
            Origin::Zero => bytes[range].fill(0),
        }
    }
    // The last block of the file reaches beyond its end.
    bytes[filled_to..].fill(0);
    Ok(())
}

/// Carries a task of at most one slab's length through a slab.
pub(crate) fn carry(
    context: &Context<'_>,
    task: &Task,
    carried: &mut Carried,
    parts: &mut Vec<SourceRead>,
) -> Result<(), Stop> {
    let (mut slab, waited_ns) = context.pool.take();
    carried.latency.record(Stage::StageWait, waited_ns);
    let len = slab_index(task.len);
    parts.clear();
    let composed = compose(context, task, slab.bytes_mut(0..len), 0, parts);
    let due = Instant::now();
    let read = composed.and_then(|()| {
        parts.iter().try_for_each(|part| {
            let bytes = slab.bytes_mut(part.bytes.clone());
            context.source(part.source).read_exact_at(bytes, part.offset)
        })
    });
    if let Err(error) = read {
        context.pool.put(slab);
        return Err(Stop::Failed(error));
    }
    carried.latency.record(Stage::Read, nanoseconds_since(due));
    slab.state.move_to(SlabState::Sealed);
    slab.state.move_to(SlabState::InFlight);
    let written = storage::write_all_at(context.slab_target(), slab.bytes(0..len), task.target);
    context.pool.put(slab);
    written.map_err(|(copied, error)| write_stop(context, context.slab_route(), copied, error))
}

/// A length or offset inside a slab, or inside the inline bytes, which are in memory.
fn slab_index(value: u64) -> usize {
    usize::try_from(value).expect("it lies inside memory that is allocated")
}
