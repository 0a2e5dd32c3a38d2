//! Hashes the sources of a splice beside its copy.
//!
//! - In: the schedule, the sources, and the copy as a closure.
//! - Out: what the copy returned, and the digests that the target shall have.
//! - Holds: the sources are read into buffers of a fixed size, in the target's order, so that the reading finds in the
//!   page cache what the copy has asked for, and the other way round; it ends when the copy fails.
//! - Not here: reading the target back (`read_back`), what is hashed (`verify`).

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use intercut_io::interval::PHASE;
use intercut_io::{Control, IoError, Phase};

use super::SpliceError;
use super::read_back::read_movie;
use crate::verify::{Digests, ExpectedTarget, Readable, VerifyError, check_media, digests};

/// How far the hashing is, seen from both threads.
#[derive(Default)]
struct State {
    /// Nobody wants the digests any more.
    is_abandoned: AtomicBool,
    /// The copy is done: what is still hashed counts as progress.
    is_awaited: AtomicBool,
    bytes_done: AtomicU64,
}

/// Runs `copy`, and hashes `planned` in a thread of its own meanwhile.
///
/// - `memory`: bytes for what is read to be hashed.
/// - Progress counts what is copied; then, where hashing takes longer, what is still to be hashed.
///
/// # Errors
/// Those of the copy first, then those of the hashing.
pub(super) fn beside<T>(
    planned: ExpectedTarget<'_>,
    output: &Path,
    memory: u64,
    control: &Control,
    copy: impl FnOnce() -> Result<T, SpliceError>,
) -> Result<(T, Digests), SpliceError> {
    let read = |buffer: &mut [u8], offset: u64| planned.read_exact_at(buffer, offset);
    let movie = read_movie(output, planned.schedule.len(), &read)?;
    check_media(&movie)?;
    let file = Readable { movie: &movie, read: &read };
    let state = State::default();
    std::thread::scope(|scope| {
        let hashing = std::thread::Builder::new().name("hash".to_owned());
        let hashing = hashing.spawn_scoped(scope, || hash(file, memory, control, &state));
        let hashing = hashing.map_err(|source| IoError::NoThread { source })?;
        let copied = copy();
        match &copied {
            Ok(_) => await_hashing(planned, control, &state),
            Err(_) => state.is_abandoned.store(true, Ordering::Relaxed),
        }
        let hashed = hashing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((copied?, hashed?))
    })
}

/// Lets the rest of the hashing be seen.
fn await_hashing(planned: ExpectedTarget<'_>, control: &Control, state: &State) {
    let left = planned.schedule.len().saturating_sub(state.bytes_done.load(Ordering::Relaxed));
    if left > 0 {
        // What was read before the copy ended was not counted; the target is read back after it.
        control.progress.enter(Phase::Verifying, left.saturating_add(planned.schedule.len()));
        state.is_awaited.store(true, Ordering::Relaxed);
    }
}

/// The digests of the target as the sources have it, by the tables that will be written.
fn hash(
    file: Readable<'_>,
    memory: u64,
    control: &Control,
    state: &State,
) -> Result<Digests, VerifyError> {
    let bytes = file.movie.header().file_len;
    let _phase = tracing::debug_span!(target: PHASE, "hash", bytes).entered();
    digests(file, memory, &|bytes| {
        state.bytes_done.fetch_add(bytes, Ordering::Relaxed);
        if state.is_awaited.load(Ordering::Relaxed) {
            control.progress.add(bytes);
        }
        if state.is_abandoned.load(Ordering::Relaxed) {
            return Err(IoError::Cancelled);
        }
        control.cancel.check()
    })
}
