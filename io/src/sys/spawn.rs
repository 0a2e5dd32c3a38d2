//! Starts a child process that does not outlive this one, with one descriptor more than the standard three.
//!
//! - Holds: between `fork` and `exec` only system calls are made, and nothing is allocated.
//! - Not here: what the child is told, and how it is fed (`child`).
//!
//! References: prctl(2), `PR_SET_PDEATHSIG`; signal-safety(7); CommandExt::pre_exec.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use rustix::io::FdFlags;

/// Starts the child, in a process group of its own: signals of the terminal do not reach it.
///
/// - `more`: a descriptor that the child keeps, under the same number.
/// - Linux: the child is killed when the thread that this is called on ends. Elsewhere its standard input is closed then.
///
/// # Errors
/// What the system answered.
pub(crate) fn spawn(mut command: Command, more: Option<OwnedFd>) -> io::Result<Child> {
    command.process_group(0);
    #[cfg(target_os = "linux")]
    let parent = rustix::process::getpid();
    let prepare = move || {
        #[cfg(target_os = "linux")]
        {
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
            // Whoever died before that call sent no signal.
            if rustix::process::getppid() != Some(parent) {
                return Err(rustix::io::Errno::SRCH.into());
            }
        }
        if let Some(more) = &more {
            rustix::io::fcntl_setfd(more, FdFlags::empty())?;
        }
        Ok(())
    };
    // SAFETY: the closure makes system calls only, which signal-safety(7) allows between fork and exec; it allocates nothing,
    // takes no lock, and an error of it is a number. The descriptor that it uses is its own and open.
    unsafe { command.pre_exec(prepare) };
    command.spawn()
}
