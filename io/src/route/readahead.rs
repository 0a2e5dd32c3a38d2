//! Asks the system to read sources into the page cache ahead of the copies, so that no copy waits for a small read.
//!
//! A page fault on a mapping reads as little as the device's `read_ahead_kb` says, commonly 128 KiB: measured cold, that
//! alone leaves a direct write at a fifth to two thirds of what it reaches when large pieces are asked for ahead of it.
//! What is in the cache already costs one look-up.
//!
//! - In: the tasks of a route, and how far it has come.
//! - Holds: at most a window's bytes are asked for beyond what is written; nothing waits for this thread.
//! - Not here: reading itself. The advice returns when the reads are queued; a copy that comes too early waits for its
//!   pages, as it would have without it.
//!
//! Measured against it: `MADV_POPULATE_READ` in the same thread (it waits, and reads as little at a time as a fault
//! does). Faster than both, where nothing is cached and nobody wants the bytes again, are direct reads (`cold`).
//!
//! Source: posix_fadvise(2), `POSIX_FADV_WILLNEED`; fcntl(2), `F_RDADVISE` (macOS).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Context;
use super::system::Cold;
use crate::route::task::{Task, TaskBytes, pieces_in};
use crate::schedule::Origin;
use crate::sys::platform;

/// Bytes asked for at a time: long enough for full-size requests at the device, short enough that the queue never holds
/// much that the copies do not need next.
const PIECE_LEN: u64 = 4 << 20;

/// How long to sleep when the window is full: well under the time that the fastest disk takes to write a window.
const PAUSE: Duration = Duration::from_millis(2);

/// The fewest bytes worth keeping ahead.
const WINDOW_LEN_MIN: u64 = 4 * PIECE_LEN;

/// Walks the sources of `tasks` at most `window` bytes ahead of the writer, until the end or until `over` is set.
///
/// What `cold` says is read past the page cache is left out.
pub(crate) fn run(
    context: &Context<'_>,
    tasks: &[Task],
    cold: &Cold,
    window: u64,
    over: &AtomicBool,
) {
    let window = window.max(WINDOW_LEN_MIN);
    let progress = &context.control.progress;
    let done_before = progress.bytes_in_phase();
    let mut asked = 0;
    for task in tasks {
        let is_body = matches!(task.bytes, TaskBytes::Body { .. });
        for piece in pieces_in(context.schedule, task.target, task.target + task.len) {
            let Origin::Source { source, offset } = piece.origin else { continue };
            let Some(file) = context.source(source).file() else { continue };
            let mut at = 0;
            while at < piece.len {
                // Looked at for each piece: a window may be gigabytes, and a cancelled run waits for this thread.
                if over.load(Ordering::Relaxed) || context.control.cancel.is_cancelled() {
                    return;
                }
                if asked >= progress.bytes_in_phase().saturating_sub(done_before) + window {
                    std::thread::park_timeout(PAUSE);
                    continue;
                }
                let len = PIECE_LEN.min(piece.len - at);
                // Asking what is cached costs a fraction of advice about pages that are all there.
                let cached = platform::cached_bytes(file, offset + at, len);
                if cached.is_none_or(|bytes| bytes < len)
                    && !(is_body && cold.takes(context, source, cached, len))
                {
                    platform::read_ahead(file, offset + at, len);
                }
                (at, asked) = (at + len, asked + len);
            }
        }
    }
}
