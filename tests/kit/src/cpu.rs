//! What something costs in processor time, which other programs do not change, unlike the time on the clock.
//!
//! - Out: the time that the calling thread, or another process, has used so far; in steps of 10 ms.
//! - Holds: Linux only. Elsewhere a thread's time is the time on the clock, and other processes' is not known.
//!
//! References: proc_pid_stat(5).

use std::time::Duration;

/// What the calling thread has used so far.
///
/// # Panics
/// If the system does not tell.
#[cfg(target_os = "linux")]
pub fn of_thread() -> Duration {
    read("/proc/thread-self/stat").expect("a thread knows its own time")
}

/// What the calling thread has used so far: without `/proc`, the time on the clock.
#[cfg(not(target_os = "linux"))]
pub fn of_thread() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// What all threads of a process have used so far. `None` once it is gone; a zombie still tells.
#[cfg(target_os = "linux")]
pub fn of_process(id: u32) -> Option<Duration> {
    read(&format!("/proc/{id}/stat"))
}

#[cfg(target_os = "linux")]
fn read(path: &str) -> Option<Duration> {
    parse(&std::fs::read_to_string(path).ok()?)
}

/// User and system time are the 14th and 15th field. The second is a name in parentheses that may hold anything.
#[cfg(target_os = "linux")]
fn parse(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    // Linux counts in hundredths of a second for user space, whatever its own ticks are.
    Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added_whatever_the_name_is() {
        let stat = "7 (a ) b) R 6 6 5 0 -1 4194304 101 0 0 0 12 30 0 0 20 0 1 0 223604";
        assert_eq!(parse(stat), Some(Duration::from_millis(420)));
    }

    #[test]
    fn thread_that_works_is_seen_to_work_and_other_threads_are_not_counted() {
        let start = of_thread();
        let mut sum = 0_u64;
        while of_thread() - start < Duration::from_millis(30) {
            sum = std::hint::black_box(sum + 1);
        }
        let other = std::thread::spawn(of_thread).join().expect("it does not panic");
        assert!(other < Duration::from_millis(30), "{other:?}");
    }
}
