//! Runs a program, or a piece of this one, and measures it from outside.
//!
//! - In: a command, and the file that it writes.
//! - Out: [`Ran`]: seconds until the result is on the disk, processor time, the peak of anonymous memory.
//! - Holds: when the clock stops the file is synced, whether or not the program did that itself.
//! - Not here: which programs (`contender`), whether the result is right (`check`).
//!
//! Processor time is read from the ended process before it is waited for, and so is whole: all threads, the kernel's
//! own for this process too. What the kernel writes back later, in threads of its own, is nobody's; that flatters the
//! programs that leave it dirty pages.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions};

use crate::error::VersusError;
use crate::platform;

/// How often another process's memory is looked at.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(5);

/// Bytes of a program's complaint that are shown.
const COMPLAINT_LEN_MAX: usize = 2000;

/// What a run took.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// From its start until the result was on the disk.
    pub wall_seconds: f64,
    /// Processor time, user and system; `None` where the system does not tell.
    pub cpu_seconds: Option<f64>,
    /// The most anonymous memory that was seen; `None` where it ended before anything was.
    pub anonymous_bytes_peak: Option<u64>,
    /// What it wrote to standard output.
    pub said: String,
}

/// Runs `command`, which writes `output`.
///
/// # Errors
/// [`VersusError::NotRun`], [`VersusError::Failed`]; [`VersusError::Io`] where `output` cannot be synced.
pub fn child(command: &mut Command, output: &Path) -> Result<Ran, VersusError> {
    let begun = Instant::now();
    let ended = run(command)?;
    let own_before = own_cpu_seconds();
    let file = File::open(output).map_err(VersusError::io("open", output))?;
    file.sync_all().map_err(VersusError::io("sync", output))?;
    let wall_seconds = begun.elapsed().as_secs_f64();
    let cpu_seconds = ended.cpu_seconds.map(|seconds| seconds + own_cpu_seconds() - own_before);
    let anonymous_bytes_peak = ended.anonymous_bytes_peak;
    Ok(Ran { wall_seconds, cpu_seconds, anonymous_bytes_peak, said: ended.said })
}

/// Runs `work` in this process; it has to sync what it writes. This process's memory is not told.
///
/// # Errors
/// As `work` gave it.
pub fn here(work: impl FnOnce() -> Result<(), VersusError>) -> Result<Ran, VersusError> {
    let (own_before, begun) = (own_cpu_seconds(), Instant::now());
    work()?;
    Ok(Ran {
        wall_seconds: begun.elapsed().as_secs_f64(),
        cpu_seconds: Some(own_cpu_seconds() - own_before),
        anonymous_bytes_peak: None,
        said: String::new(),
    })
}

/// Runs `command` to its end and returns what it wrote to standard output.
///
/// # Errors
/// [`VersusError::NotRun`], [`VersusError::Failed`].
pub fn finish(command: &mut Command) -> Result<String, VersusError> {
    run(command).map(|ended| ended.said)
}

/// Runs `command` to its end and returns its processor time in seconds.
///
/// # Errors
/// [`VersusError::NotRun`], also where the system does not tell; [`VersusError::Failed`].
pub fn cpu_seconds(command: &mut Command) -> Result<f64, VersusError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let source = io::Error::from(io::ErrorKind::Unsupported);
    run(command)?.cpu_seconds.ok_or(VersusError::NotRun { program, source })
}

struct Ended {
    cpu_seconds: Option<f64>,
    anonymous_bytes_peak: Option<u64>,
    said: String,
}

/// Standard output and error go to files, so that no pipe has to be emptied while the clock runs.
fn run(command: &mut Command) -> Result<Ended, VersusError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let not_run = |source| VersusError::NotRun { program: program.clone(), source };
    let (mut out, mut err) = (scratch().map_err(not_run)?, scratch().map_err(not_run)?);
    command.stdin(Stdio::null());
    command.stdout(out.try_clone().map_err(not_run)?);
    command.stderr(err.try_clone().map_err(not_run)?);
    let mut child = command.spawn().map_err(not_run)?;
    let anonymous_bytes_peak = watch(&child);
    let cpu_seconds = platform::cpu_seconds_of(child.id());
    let status = child.wait().map_err(not_run)?;
    if !status.success() {
        let said = tail(&read(&mut err).map_err(not_run)?);
        return Err(VersusError::Failed { program, status, said });
    }
    let said = read(&mut out).map_err(not_run)?;
    Ok(Ended { cpu_seconds, anonymous_bytes_peak, said })
}

/// Waits until `child` has ended, but leaves it to be waited for; returns the most anonymous memory that was seen.
fn watch(child: &Child) -> Option<u64> {
    let (ended, peak) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                let bytes = platform::anonymous_bytes_of(child.id()).unwrap_or(0);
                peak.fetch_max(bytes, Ordering::Relaxed);
                thread::park_timeout(SAMPLE_INTERVAL);
            }
        });
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) =
            rustix::process::waitid(WaitId::Pid(Pid::from_child(child)), options)
        {}
        ended.store(true, Ordering::Relaxed);
        sampler.thread().unpark();
    });
    Some(peak.into_inner()).filter(|&bytes| bytes > 0)
}

/// This process's processor time so far, in seconds.
pub fn own_cpu_seconds() -> f64 {
    let (user, system) = intercut_io::process::cpu_time();
    (user + system).as_secs_f64()
}

fn scratch() -> io::Result<File> {
    tempfile::tempfile()
}

fn read(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The end of `text`, where programs say what was wrong.
fn tail(text: &str) -> String {
    let text = text.trim();
    let from = text.len().saturating_sub(COMPLAINT_LEN_MAX);
    let from = (from..text.len()).find(|&index| text.is_char_boundary(index));
    text[from.unwrap_or(0)..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_is_measured_and_heard() {
        let out = tempfile::NamedTempFile::new().unwrap();
        let script = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done";
        let ran = child(&mut shell(script), out.path()).unwrap();
        assert_eq!(ran.said, "done\n");
        assert!(ran.wall_seconds > 0.0);
        if cfg!(target_os = "linux") {
            assert!(ran.cpu_seconds.unwrap() > 0.01, "{ran:?}");
            assert!(ran.anonymous_bytes_peak.unwrap() > 10_000, "{ran:?}");
        }
    }

    #[test]
    fn a_program_that_fails_is_quoted() {
        let error = finish(&mut shell("echo no such luck >&2; exit 3")).unwrap_err();
        assert!(error.to_string().contains("no such luck"), "{error}");
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let error = finish(&mut Command::new("no-such-program")).unwrap_err();
        assert!(
            matches!(&error, VersusError::NotRun { program, .. } if program == "no-such-program")
        );
    }
}
