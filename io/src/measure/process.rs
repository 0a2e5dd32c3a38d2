//! What the process used, and may use: processor time, the peak of its anonymous memory, open files.

use std::fs::File;
use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::sys::usage;

/// How often memory is looked at: short against a run, long against the few microseconds that a look costs.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(10);

/// Longer than the file is; `RssAnon` is in its first third.
const STATUS_LEN_MAX: usize = 4096;

/// User and system time of the whole process so far.
pub fn cpu_time() -> (Duration, Duration) {
    usage::cpu_time()
}

/// The peak of the process's resident memory in bytes since it was started. Pages of mapped files count, though the kernel
/// can take them back at any time.
pub fn max_rss() -> u64 {
    usage::max_rss()
}

/// Descriptors that the kernel's table is made large enough for: 32 KiB on Linux.
const FILES_EXPECTED: i32 = 4096;

/// Lets this process open as many files as the system allows it: a splice holds each clip open, and common soft limits
/// are 256 (macOS) and 1024. To be called before the first thread is started.
///
/// Linux doubles the table of a process's descriptors when it is full, and where the process has threads it then waits
/// for an RCU grace period (`expand_fdtable`), some milliseconds each time: 30 of the 73 ms that it took to set 2,000 clips
/// up. So the table gets its size while there is one thread.
///
/// # Errors
/// What the system answered: opening many clips may then fail, with an error of its own, or take some milliseconds longer.
pub fn raise_file_limit() -> std::io::Result<()> {
    let limit = usage::raise_file_limit()?.and_then(|limit| i32::try_from(limit).ok());
    usage::make_room_for_files(limit.unwrap_or(i32::MAX).min(FILES_EXPECTED))
}

/// Samples the process's anonymous memory (`RssAnon`) in a thread of its own until it is stopped.
#[derive(Debug)]
pub struct RssSampler {
    stop: Arc<AtomicBool>,
    peak_bytes: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl RssSampler {
    /// Starts sampling.
    pub fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let status = Status::open();
        let peak_bytes = Arc::new(AtomicU64::new(status.rss_anonymous_bytes()));
        let (flag, peak) = (Arc::clone(&stop), Arc::clone(&peak_bytes));
        let thread = std::thread::Builder::new().name("rss-sampler".to_owned()).spawn(move || {
            while !flag.load(Ordering::Relaxed) {
                peak.fetch_max(status.rss_anonymous_bytes(), Ordering::Relaxed);
                std::thread::park_timeout(SAMPLE_INTERVAL);
            }
        });
        // A process that may not start one more thread still splices; it only knows its memory less well.
        Self { stop, peak_bytes, thread: thread.ok() }
    }

    /// The most bytes that were seen; 0 where the system does not tell.
    pub fn stop(mut self) -> u64 {
        self.end();
        self.peak_bytes.fetch_max(Status::open().rss_anonymous_bytes(), Ordering::Relaxed);
        self.peak_bytes.load(Ordering::Relaxed)
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            thread.join().expect("the sampler does not panic");
        }
    }
}

impl Drop for RssSampler {
    fn drop(&mut self) {
        self.end();
    }
}

/// Where the system tells what this process uses: proc_pid_status(5). Kept open: a look is two system calls.
struct Status {
    file: Option<File>,
}

impl Status {
    fn open() -> Self {
        Self { file: File::open("/proc/self/status").ok() }
    }

    /// `RssAnon` in bytes; 0 where the system does not tell.
    fn rss_anonymous_bytes(&self) -> u64 {
        let mut bytes = [0; STATUS_LEN_MAX];
        let read = self.file.as_ref().and_then(|mut file| {
            file.rewind().ok()?;
            file.read(&mut bytes).ok()
        });
        let text = String::from_utf8_lossy(&bytes[..read.unwrap_or(0)]);
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kibibytes =
            line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        kibibytes.map_or(0, |kibibytes| kibibytes * 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_touched_is_seen() {
        let sampler = RssSampler::start();
        let touched = vec![1_u8; 32 << 20];
        while sampler.peak_bytes.load(Ordering::Relaxed) < 32 << 20 {
            std::thread::yield_now();
        }
        drop(std::hint::black_box(touched));
        let peak_bytes = sampler.stop();
        assert!(peak_bytes > 32 << 20, "{peak_bytes}");
    }

    #[test]
    fn work_is_counted_as_processor_time() {
        let before = cpu_time().0;
        let mut sum = 0_u64;
        while cpu_time().0 - before < Duration::from_millis(20) {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(sum > 0);
    }
}
