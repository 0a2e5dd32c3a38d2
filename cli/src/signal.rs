//! Signals that end a run early.
//!
//! - In: SIGINT (Ctrl-C), SIGTERM, SIGHUP.
//! - Out: after [`cancel`], the first signal sets a [`Cancel`]: the run ends by itself and leaves nothing. The second ends
//!   the process at once, and so does the first if the command never called [`cancel`]. After [`stop_then_cancel`], one more
//!   comes before them, which only keeps the command from beginning anything else.
//! - Holds: the exit code is 130 either way. An unnamed target is gone even after a second signal; a target under a
//!   temporary name is removed by the next run. A signal that is ignored stays ignored, so `nohup` and background jobs of
//!   scripts work.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use intercut_io::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::low_level::pipe;
use signal_hook::{SigId, flag, low_level};

use crate::exit::CANCELLED;

/// Set by every signal; one that finds it set ends the process.
static IS_LAST: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));

/// What sets [`IS_LAST`].
static SETTERS: Mutex<Vec<SigId>> = Mutex::new(Vec::new());

/// Ends the process by the first signal, from now on.
///
/// # Errors
/// What the system answered.
pub(crate) fn listen() -> io::Result<()> {
    let is_last = &*IS_LAST;
    let mut setters = SETTERS.lock().unwrap_or_else(PoisonError::into_inner);
    for signal in heeded() {
        // In this order: a signal that finds the flag unset only sets it.
        flag::register_conditional_shutdown(signal, i32::from(CANCELLED), Arc::clone(is_last))?;
        setters.push(flag::register(signal, Arc::clone(is_last))?);
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

/// Two tokens for a command that runs until it is stopped: the first signal sets `stop`, the second `cancel`, the
/// third ends the process.
///
/// - `on_signal`: called after each, from a thread.
///
/// # Errors
/// What the system answered.
pub(crate) fn stop_then_cancel(
    on_signal: impl Fn() + Send + 'static,
) -> io::Result<(Cancel, Cancel)> {
    let (mut signals, sender) = UnixStream::pair()?;
    for signal in heeded() {
        pipe::register(signal, sender.try_clone()?)?;
    }
    for setter in SETTERS.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        low_level::unregister(setter);
    }
    let (stop, cancel) = (Cancel::default(), cancel());
    let stopped = stop.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while signals.read_exact(&mut [0]).is_ok() {
            match stopped.is_cancelled() {
                false => stopped.cancel(),
                true => IS_LAST.store(true, Ordering::Relaxed),
            }
            on_signal();
        }
    })?;
    Ok((stop, cancel))
}

/// The signals that end a run.
fn heeded() -> impl Iterator<Item = i32> {
    let ignored = ignored();
    [SIGINT, SIGTERM, SIGHUP].into_iter().filter(move |signal| ignored >> (signal - 1) & 1 == 0)
}

/// The signals that this process was started to ignore, one bit each, by proc_pid_status(5); none without `/proc`.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
