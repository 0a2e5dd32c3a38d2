//! Sends signals to the command at moments of its run, and measures what it still does before it ends.
//!
//! - In: a command, moments, signals.
//! - Out: [`Ended`]: how it ended and what it did after the first signal; [`Ends`] of many.
//! - Holds: signals that this process was started to ignore (`nohup`, jobs of scripts) are not ignored by the command.
//!   What is asserted is counted (bytes written, processor time), because the clock also counts what other programs do;
//!   the time on the clock is printed.
//! - Not here: what has to be left behind (the tests).
//!
//! References: kill(2), env(1), proc_pid_syscall(5), proc_pid_io(5).

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use rustix::process::Signal;
use rustix::process::{Pid, WaitId, WaitIdOptions, kill_process, waitid};

use crate::{cpu, older};

/// The signals that cancel.
pub const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

/// The most bytes that a run may write after it was asked to end: what was in flight, less than half of any movie here.
const WRITTEN_MAX: u64 = 96 << 20;

/// The most processor time that it may take.
const CPU_MAX: Duration = Duration::from_secs(1);

/// What a process has done so far, or between two moments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Processor time of all its threads.
    pub cpu: Duration,
    /// Bytes that it wrote to files, by any route but shared blocks.
    pub written: u64,
}

impl Work {
    /// What a process has done so far; nothing where the system does not tell.
    fn of(pid: Pid) -> Self {
        let id = pid.as_raw_nonzero().get().unsigned_abs();
        let io = fs::read_to_string(format!("/proc/{id}/io")).unwrap_or_default();
        let count = |name: &str| {
            let line = io.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0)
        };
        // Rings do not count as calls of write(2), files in memory not as blocks.
        let written = count("wchar:").max(count("write_bytes:"));
        Self { cpu: cpu::of_process(id).unwrap_or_default(), written }
    }

    fn since(self, before: Self) -> Self {
        let written = self.written.saturating_sub(before.written);
        Self { cpu: self.cpu.saturating_sub(before.cpu), written }
    }
}

/// How an interrupted command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code and what it said.
    pub output: Output,
    /// What it did after the first signal, and how long that took on the clock; `None` where it had ended before.
    pub after: Option<(Work, Duration)>,
}

/// A command that is running and will be interrupted.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// The command itself, which may be the child of a tracer.
    pid: Pid,
    begun: Instant,
}

/// `command`, heeding the signals that cancel the process that started this one.
pub fn heeding(command: &Command) -> Command {
    let mut env = Command::new("env");
    env.arg("--default-signal=INT,TERM,HUP");
    same_arguments(env, command)
}

/// `wrapper COMMAND ARGUMENTS`, with pipes and without standard input.
fn same_arguments(mut wrapper: Command, command: &Command) -> Command {
    wrapper.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        wrapper.current_dir(folder);
    }
    wrapper.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    wrapper.env_remove("RUST_BACKTRACE");
    wrapper
}

impl Running {
    /// Starts a command, or a tracer with the command in it.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the command runs");
        let is_traced = command.get_program() == "strace";
        let pid = if is_traced { traced(&mut child) } else { Some(child.id()) };
        Self::of(pid.unwrap_or(child.id()), child)
    }

    /// Starts a command that heeds signals and to which io_uring is forbidden, as containers do.
    ///
    /// # Errors
    /// Why commands cannot be run so here.
    pub fn start_without_ring(command: &Command) -> Result<Self, String> {
        let child = older::spawn_without(&[older::RING_FORBIDDEN], &mut heeding(command))?;
        Ok(Self::of(child.id(), child))
    }

    fn of(pid: u32, child: Child) -> Self {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process has an id");
        Self { child, pid, begun: Instant::now() }
    }

    /// Waits until `moment` after the start.
    pub fn wait_until(&self, moment: Duration) {
        std::thread::sleep(moment.saturating_sub(self.begun.elapsed()));
    }

    /// Waits until a thread of the command is inside fsync(2); answers whether that happened before it ended.
    ///
    /// # Panics
    /// Where the command cannot be waited for.
    pub fn wait_until_syncing(&mut self) -> bool {
        // Numbers of fsync: asm/unistd.h.
        let fsync = if cfg!(target_arch = "x86_64") { "74" } else { "82" };
        let tasks = format!("/proc/{}/task", self.pid.as_raw_nonzero());
        while self.child.try_wait().expect("it can be waited for").is_none() {
            let threads = fs::read_dir(&tasks).into_iter().flatten().flatten();
            let mut calls = threads.map(|thread| fs::read_to_string(thread.path().join("syscall")));
            if calls.any(|call| call.is_ok_and(|call| call.split(' ').next() == Some(fsync))) {
                return true;
            }
        }
        false
    }

    /// Waits until the command has written so many bytes: it is past its setup.
    ///
    /// # Panics
    /// Where it ends before.
    pub fn wait_until_written(&mut self, bytes: u64) {
        while Work::of(self.pid).written < bytes {
            let ended = self.child.try_wait().expect("it can be waited for");
            assert!(ended.is_none(), "{ended:?} before {bytes} bytes were written");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends a signal. One that comes too late is lost.
    pub fn send(&self, signal: Signal) {
        let _ended = kill_process(self.pid, signal);
    }

    /// What the command has done so far, and now: which the sender of a signal gives to [`Running::finish`].
    pub fn mark(&mut self) -> Option<Mark> {
        let has_ended = self.child.try_wait().expect("it can be waited for").is_some();
        (!has_ended).then(|| Mark { work: Work::of(self.pid), sent: Instant::now() })
    }

    /// Sends a signal, unless the command has ended, and waits for the end.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn interrupt(mut self, signal: Signal) -> Ended {
        let mark = self.mark();
        self.send(signal);
        self.finish(mark)
    }

    /// Waits for the end, and counts from `mark`.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn finish(mut self, mark: Option<Mark>) -> Ended {
        let (out, err) = (drained(self.child.stdout.take()), drained(self.child.stderr.take()));
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        // A zombie still tells what it did. A tracer's child is not ours to wait for.
        let is_ours = waitid(WaitId::Pid(self.pid), options).is_ok();
        let after = mark.filter(|_| is_ours).map(|mark| {
            let took = mark.sent.elapsed();
            (Work::of(self.pid).since(mark.work), took)
        });
        let status = self.child.wait().expect("it ends");
        let read = |pipe: JoinHandle<Vec<u8>>| pipe.join().expect("a pipe can be read");
        Ended { output: Output { status, stdout: read(out), stderr: read(err) }, after }
    }
}

/// What a command had done when it was interrupted.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    work: Work,
    sent: Instant,
}

/// Reads a pipe to its end beside whatever else is done.
fn drained(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.map(|mut pipe| pipe.read_to_end(&mut bytes)).transpose().expect("a pipe can be read");
        bytes
    })
}

/// The first child of a tracer, once it has one.
fn traced(strace: &mut Child) -> Option<u32> {
    let children = format!("/proc/{0}/task/{0}/children", strace.id());
    while strace.try_wait().expect("it can be waited for").is_none() {
        let pids = fs::read_to_string(&children).unwrap_or_default();
        let first = pids.split_whitespace().next().and_then(|pid| pid.parse::<u32>().ok());
        // Until it has become the command, it is the tracer's own copy.
        let name = first.and_then(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).ok());
        if name.is_some_and(|name| name.trim() != "strace") {
            return first;
        }
    }
    None
}

/// What many runs did after they were asked to end.
#[derive(Debug, Default)]
pub struct Ends(Vec<(Work, Duration)>);

impl Ends {
    /// Adds one.
    pub fn add(&mut self, after: (Work, Duration)) {
        self.0.push(after);
    }

    /// Prints how they are distributed, and asserts that none went on working.
    ///
    /// # Panics
    /// Where one did.
    #[track_caller]
    pub fn judge(&mut self, what: &str) {
        self.0.sort_unstable_by_key(|(_, took)| *took);
        let at = |percent: usize| {
            let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
            self.0.get(index).map_or(0.0, |(_, took)| took.as_secs_f64() * 1000.0)
        };
        let most = self.0.iter().fold(Work::default(), |most, (work, _)| Work {
            cpu: most.cpu.max(work.cpu),
            written: most.written.max(work.written),
        });
        let (count, p50, p90, max) = (self.0.len(), at(50), at(90), at(100));
        println!("{what}: {count} ended; ms: p50 {p50:.1}, p90 {p90:.1}, max {max:.1}; {most:?}");
        assert!(most.cpu < CPU_MAX && most.written < WRITTEN_MAX, "{what} went on: {most:?}");
    }
}

/// Moments of a run that takes about `span`, the same for the same seed (`INTERCUT_SEED` in the environment).
///
/// # Panics
/// Where `INTERCUT_SEED` is not a number.
pub fn moments(count: u32, span: Duration) -> impl Iterator<Item = Duration> {
    let seed = std::env::var("INTERCUT_SEED").ok();
    let seed = seed.map_or(1, |text| text.parse().expect("INTERCUT_SEED is a number"));
    println!("{count} moments of {span:?}, seed {seed}");
    (0..count).map(move |index| {
        let random = crate::builder::payload::bytes(seed, 0, index as usize, 4);
        let random = u32::from_le_bytes(random.try_into().expect("four bytes were asked for"));
        span.mul_f64(f64::from(random) / f64::from(u32::MAX))
    })
}
