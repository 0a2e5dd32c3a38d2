//! How a run is watched and stopped from outside.
//!
//! - [`Cancel`]: set once, from any thread or a signal handler; every route looks at it between copies.
//! - [`Progress`]: counters that the routes add to and that anybody may read at any time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A token that ends a run early. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A token over a flag that something else, such as a signal handler, sets.
    pub fn from_flag(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Asks the run to end.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the run was asked to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`crate::error::IoError::Cancelled`] where the run was asked to end.
    pub fn check(&self) -> Result<(), crate::error::IoError> {
        if self.is_cancelled() { Err(crate::error::IoError::Cancelled) } else { Ok(()) }
    }
}

/// How far a run has come. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    bytes_done: AtomicU64,
    bytes_total: AtomicU64,
}

impl Progress {
    /// Bytes of the target that are in place, shared or written.
    pub fn bytes_done(&self) -> u64 {
        self.0.bytes_done.load(Ordering::Relaxed)
    }

    /// Bytes that the run will put in place; 0 until it is known.
    pub fn bytes_total(&self) -> u64 {
        self.0.bytes_total.load(Ordering::Relaxed)
    }

    /// Counts `bytes` more as done.
    pub fn add(&self, bytes: u64) {
        self.0.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Says how many bytes there are to do, and starts again from none.
    pub fn start(&self, bytes_total: u64) {
        self.0.bytes_done.store(0, Ordering::Relaxed);
        self.0.bytes_total.store(bytes_total, Ordering::Relaxed);
    }
}

/// Cancellation and progress of one run.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// Ends the run early.
    pub cancel: Cancel,
    /// How far it has come.
    pub progress: Progress,
}
