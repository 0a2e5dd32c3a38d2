//! Signals that end a run early.
//!
//! - In: SIGINT (Ctrl-C), SIGTERM, SIGHUP.
//! - Out: after [`cancel`], the first signal sets a [`Cancel`]: the run ends by itself and leaves nothing. The second ends
//!   the process at once, and so does the first if the command never called [`cancel`].
//! - Holds: the exit code is 130 either way. An unnamed target is gone even after a second signal; a target under a
//!   temporary name is removed by the next run. A signal that is ignored stays ignored, so `nohup` and background jobs of
//!   scripts work.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use intercut_io::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

use crate::exit::CANCELLED;

/// Set by every signal; one that finds it set ends the process.
static IS_LAST: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));

/// Ends the process by the first signal, from now on.
///
/// # Errors
/// What the system answered.
pub(crate) fn listen() -> io::Result<()> {
    let is_last = &*IS_LAST;
    let ignored = ignored();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        if ignored >> (signal - 1) & 1 == 1 {
            continue;
        }
        // In this order: a signal that finds the flag unset only sets it.
        flag::register_conditional_shutdown(signal, i32::from(CANCELLED), Arc::clone(is_last))?;
        flag::register(signal, Arc::clone(is_last))?;
    }
    // A file longer than its limit: caught, so that the write returns EFBIG and the failure can be reported.
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    Ok(())
}

/// A token that the next signal sets; from now on the command must look at it.
pub(crate) fn cancel() -> Cancel {
    IS_LAST.store(false, Ordering::Relaxed);
    Cancel::from_flag(Arc::clone(&IS_LAST))
}

/// The signals that this process was started to ignore, one bit each, by proc_pid_status(5); none without `/proc`.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
