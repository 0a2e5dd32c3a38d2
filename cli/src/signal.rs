//! Signals that end a run early.
//!
//! - In: SIGINT (Ctrl-C), SIGTERM, SIGHUP.
//! - Out: a [`Cancel`] that the first one sets: the run then ends by itself and leaves nothing.
//! - Holds: a hangup that is ignored stays ignored, so that `nohup` does what it promises. A second signal ends the process at once. That leaves nothing either where the target has no name yet; a
//!   target under a temporary name is removed by the next run.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use intercut_io::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::exit::CANCELLED;

/// A token that signals set, from now on.
///
/// # Errors
/// What the system answered.
pub(crate) fn cancel() -> io::Result<Cancel> {
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let hangup = if is_ignored(SIGHUP) { None } else { Some(SIGHUP) };
    for signal in [SIGINT, SIGTERM].into_iter().chain(hangup) {
        // In this order: the first signal finds the flag unset, and sets it.
        flag::register_conditional_shutdown(
            signal,
            i32::from(CANCELLED),
            Arc::clone(&is_cancelled),
        )?;
        flag::register(signal, Arc::clone(&is_cancelled))?;
    }
    Ok(Cancel::from_flag(is_cancelled))
}

/// Whether this process was started with `signal` ignored, by proc_pid_status(5); `false` where there is no such file.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
