//! Whether a file is still being written: by a recorder, a renderer, a copy.
//!
//! - In: an open file.
//! - Out: [`Growing`], or nothing if it is finished.
//! - Holds: what the kernel knows decides. Only if it cannot tell who has the file open does the clock count.
//! - Not here: what follows from it (`plan`); that a file changes later (`intercut_io::Source::check_unchanged`).

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use intercut_io::{BeingWritten, Source};

/// A file that changed within this time is taken to be still being written, if nobody knows better.
const QUIET: Duration = Duration::from_secs(5);

/// How it is known that a file is still being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Growing {
    /// Somebody has it open for writing.
    Open,
    /// It changed this long before it was looked at, and the system cannot tell who has it open.
    Changed(Duration),
}

impl Growing {
    /// Asks about a file that was just opened.
    pub fn of(source: &Source) -> Option<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::judge(source.being_written(), source.identity().mtime_ns, now)
    }

    /// - `mtime_ns`: last change, nanoseconds since 1970.
    /// - `now`: since 1970.
    fn judge(being_written: BeingWritten, mtime_ns: i128, now: Duration) -> Option<Self> {
        match being_written {
            BeingWritten::No => None,
            BeingWritten::Yes => Some(Self::Open),
            // A time to come is that of another clock, which says nothing about now.
            _ => {
                let ago = i128::try_from(now.as_nanos()).ok()? - mtime_ns;
                let ago = Duration::from_nanos(u64::try_from(ago).ok()?);
                (ago < QUIET).then_some(Self::Changed(ago))
            }
        }
    }
}

impl fmt::Display for Growing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("another program has it open for writing"),
            Self::Changed(ago) => {
                write!(
                    f,
                    "it changed {:.1} s ago, and the system cannot tell who has it open",
                    ago.as_secs_f64()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    fn judged(being_written: BeingWritten, seconds_ago: i128) -> Option<Growing> {
        let mtime_ns = 1_700_000_000_000_000_000 - seconds_ago * 1_000_000_000;
        Growing::judge(being_written, mtime_ns, NOW)
    }

    #[test]
    fn what_the_kernel_knows_decides_whatever_the_clock_says() {
        assert_eq!(judged(BeingWritten::No, 0), None);
        assert_eq!(judged(BeingWritten::Yes, 3600), Some(Growing::Open));
    }

    #[test]
    fn clock_counts_if_the_kernel_cannot_tell() {
        let changed = judged(BeingWritten::CannotTell, 2);
        assert_eq!(changed, Some(Growing::Changed(Duration::from_secs(2))));
        assert_eq!(judged(BeingWritten::CannotTell, 5), None);
        assert_eq!(judged(BeingWritten::CannotTell, -60), None, "the server's clock is ahead");
        let text = changed.map(|growing| growing.to_string()).unwrap_or_default();
        assert_eq!(text, "it changed 2.0 s ago, and the system cannot tell who has it open");
    }
}
