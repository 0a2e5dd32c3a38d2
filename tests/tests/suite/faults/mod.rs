//! What is left when something fails: the whole movie under its name, or nothing and a message.

#![cfg(target_os = "linux")]

/// Filesystems that are full, limited, read-only, gone or broken.
mod broken_disks;
/// Sources that are cut, grown, rewritten or replaced during a run.
mod broken_mappings;
/// Signals and the library's token at every moment of a run.
mod cancel;
/// `kill -9` and power cuts at every moment of a run.
mod crash;
/// Every system call of a splice made to fail, one at a time.
mod disk_faults;
/// A region behind an existing file, on filesystems that share blocks and others.
mod in_place;
/// Kernels that lack what a route needs.
mod older_kernels;
/// `review` while its encoder fails, while it is cancelled or killed.
mod review;
/// Two runs for one output, and a run that reads what another replaces.
mod two_at_a_time;

use intercut_tests::job::Job;
use intercut_tests::trace;

/// The number of the call, in its thread, that creates the file without a name.
fn unnamed_open(job: &Job) -> usize {
    let traced = trace::run(&job.command("buffered", &["--force"]), "openat", &[]);
    let at = traced.calls.iter().position(|call| call.arguments.contains("O_TMPFILE"));
    let at = at.expect("a disk has files without a name");
    let thread = traced.calls[at].thread;
    traced.calls[..=at].iter().filter(|call| call.thread == thread).count()
}
