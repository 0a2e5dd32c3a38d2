//! What the process used, and may use: processor time, open files.

use std::io;
use std::time::Duration;

/// User and system time of the whole process so far.
pub(crate) fn cpu_time() -> (Duration, Duration) {
    let usage = usage();
    (duration(usage.ru_utime), duration(usage.ru_stime))
}

/// The peak of resident memory in bytes.
pub(crate) fn max_rss() -> u64 {
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "linux") { 1024 } else { 1 };
    u64::try_from(usage().ru_maxrss).unwrap_or(0).saturating_mul(unit)
}

fn usage() -> libc::rusage {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage(2) writes one `rusage` to the address, which has room for it.
    let answer = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
    assert_eq!(answer, 0, "getrusage fails only for a bad address or a bad `who`");
    // SAFETY: it was zeroed, which is a valid value of these integers, and then filled by the call.
    unsafe { usage.assume_init() }
}

fn duration(time: libc::timeval) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let microseconds = u64::try_from(time.tv_usec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(microseconds)
}

/// Raises the soft limit on open files to the hard one; returns it, or none where there is none.
pub(crate) fn raise_file_limit() -> io::Result<Option<u64>> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
    Ok(limit.maximum)
}

/// Makes the kernel's table of this process's descriptors large enough for `count` of them, by using the last one for a
/// moment.
pub(crate) fn make_room_for_files(count: i32) -> io::Result<()> {
    let last = rustix::io::fcntl_dupfd_cloexec(io::stderr(), count - 1)?;
    drop(last);
    Ok(())
}
