//! Sends signals to the command at moments of its run, and measures how long it takes to end.
//!
//! - In: a command, moments, signals.
//! - Out: [`Ended`]: how it ended and how long after the first signal; [`Latencies`] of many.
//! - Holds: signals that this process was started to ignore (`nohup`, jobs of scripts) are not ignored by the command.
//! - Not here: what has to be left behind (the tests).
//!
//! References: kill(2), env(1), proc_pid_syscall(5).

use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};

/// The signals that cancel.
pub const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

/// How an interrupted command ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code and what it said.
    pub output: Output,
    /// From the first signal to its end; `None` where it had ended before.
    pub latency: Option<Duration>,
}

/// A command that is running and will be interrupted.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// The command itself, which may be the child of a tracer.
    pid: Pid,
    begun: Instant,
}

/// `command`, heeding the signals that cancel whoever started this process.
pub fn heeding(command: &Command) -> Command {
    let mut env = Command::new("env");
    env.arg("--default-signal=INT,TERM,HUP");
    same_arguments(env, command)
}

/// `command` with io_uring forbidden, as containers do. Heeds signals.
pub fn without_ring(command: &Command) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-f", "--seccomp-bpf", "-o", "/dev/null"]);
    strace.args(["--trace=io_uring_setup", "--inject=io_uring_setup:error=EPERM", "--"]);
    same_arguments(strace, &heeding(command))
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
    /// Starts what [`heeding`] or [`without_ring`] made.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let begun = Instant::now();
        let mut child = command.spawn().expect("the command runs");
        let is_traced = command.get_program() == "strace";
        let pid = if is_traced { traced(&mut child) } else { Some(child.id()) };
        let pid = i32::try_from(pid.unwrap_or(child.id())).ok().and_then(Pid::from_raw);
        Self { child, pid: pid.expect("a process has an id"), begun }
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

    /// Sends a signal. One that comes too late is lost.
    pub fn send(&self, signal: Signal) {
        let _ended = kill_process(self.pid, signal);
    }

    /// Sends a signal, unless the command has ended, and waits for the end.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn interrupt(mut self, signal: Signal) -> Ended {
        let has_ended = self.child.try_wait().expect("it can be waited for").is_some();
        let sent = Instant::now();
        self.send(signal);
        self.finish((!has_ended).then_some(sent))
    }

    /// Waits for the end, and counts from the signal that was sent at `sent`.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn finish(self, sent: Option<Instant>) -> Ended {
        let output = self.child.wait_with_output().expect("it ends");
        Ended { output, latency: sent.map(|sent| sent.elapsed()) }
    }
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

/// Latencies of many runs.
#[derive(Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds one.
    pub fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The longest.
    pub fn max(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    /// Prints how they are distributed.
    pub fn print(&mut self, what: &str) {
        self.0.sort_unstable();
        let at = |percent: usize| {
            let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
            self.0.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
        };
        let count = self.0.len();
        println!(
            "{what}: {count} cancelled; ms to the end: p50 {:.1}, p90 {:.1}, max {:.1}",
            at(50),
            at(90),
            at(100)
        );
    }
}

/// Moments of a run that takes about `span`, the same for the same seed (`INTERCUT_SEED` in the environment).
///
/// # Panics
/// Where `INTERCUT_SEED` is no number.
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
