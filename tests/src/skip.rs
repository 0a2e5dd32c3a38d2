//! Says that a test could not run here, and why, so that nobody takes it for a pass.
//!
//! - In: the reason. Out: a line on standard error, and the same line in `tmp/skipped` of the target folder, which
//!   `tests/run` prints at the end.
//! - Holds: with `INTERCUT_NO_SKIPS` in the environment (CI), a skip is a failure.

use std::fs::OpenOptions;
use std::io::Write;

/// Notes that the running test skips what it was to show.
///
/// # Panics
/// Where `INTERCUT_NO_SKIPS` is set.
pub fn note(reason: &str) {
    let thread = std::thread::current();
    let line = format!("SKIPPED {}: {reason}\n", thread.name().unwrap_or("a test"));
    assert!(std::env::var_os("INTERCUT_NO_SKIPS").is_none(), "{line}");
    eprint!("{line}");
    let file = crate::media::tmp_dir().join("skipped");
    let appended = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    appended.expect("the target folder can be written");
}
