//! Asks the kernel who else has a file open: it knows, where a look at the clock can only guess.
//!
//! - In: an open file. Out: whether somebody writes to it, or has it open at all.
//! - Holds: what this process has open counts too, but for the file that is asked about. What was closed a moment ago may
//!   still count: the kernel clears rings and mappings of a process away after its end.
//! - Not here: what follows from it (the caller).
//!
//! Reference: fcntl(2), "Leases".

use std::fs::File;
use std::time::Duration;

use crate::sys::platform::{self, LeaseKind};

/// Whether somebody has a file open for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BeingWritten {
    /// Nobody has.
    No,
    /// Somebody has: it may still grow or change.
    Yes,
    /// The kernel cannot tell: the file is on a server, or belongs to somebody else, or this system has no leases.
    CannotTell,
}

impl BeingWritten {
    /// Asks about `file`, which is open for reading.
    pub(crate) fn of(file: &File) -> Self {
        match platform::take_lease(file, LeaseKind::Read) {
            Ok(true) => {
                platform::give_lease_back(file);
                Self::No
            }
            // A file server answers like that too if it has not promised to tell about others.
            Ok(false) if platform::filesystem(file).is_ok_and(|(kind, _)| kind.is_remote()) => {
                Self::CannotTell
            }
            Ok(false) => Self::Yes,
            Err(_) => Self::CannotTell,
        }
    }
}

/// How long it is asked again whether somebody has a file open: what was closed a moment ago may still count.
const WAITS: [Duration; 6] = {
    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }
    [ms(1), ms(4), ms(20), ms(50), ms(100), ms(200)]
};

/// Whether somebody else has a file open or mapped.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenElsewhere {
    /// Nobody has; as long as the lease is kept, a process that opens the file waits, up to 45 s by default.
    No(Lease),
    /// Somebody has.
    Yes,
    /// The kernel cannot tell: the file is on a server, or belongs to somebody else.
    CannotTell,
}

impl OpenElsewhere {
    /// Asks about `file`.
    pub(crate) fn of(file: &File) -> Self {
        let Ok(own) = file.try_clone() else { return Self::CannotTell };
        let mut waits = WAITS.into_iter();
        loop {
            match platform::take_lease(file, LeaseKind::Write) {
                Ok(true) => return Self::No(Lease(own)),
                Ok(false) => match waits.next() {
                    Some(wait) => std::thread::sleep(wait),
                    // A file server answers like that too if it has not promised to tell about others.
                    None if platform::filesystem(file).is_ok_and(|(kind, _)| kind.is_served()) => {
                        return Self::CannotTell;
                    }
                    None => return Self::Yes,
                },
                Err(_) => return Self::CannotTell,
            }
        }
    }
}

/// Keeps others from opening a file until it is dropped.
#[derive(Debug)]
pub struct Lease(File);

impl Drop for Lease {
    fn drop(&mut self) {
        platform::give_lease_back(&self.0);
    }
}
