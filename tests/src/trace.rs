//! Runs a command under `strace`, which makes chosen system calls fail, or kills the command at them.
//!
//! - In: the command, the calls to watch, and what to do at which of them.
//! - Out: [`Traced`]: how the command ended, and every watched call in the order of its return.
//! - Holds: the command has no seam for faults: what is run is what users run. A fault is counted by thread: where
//!   several threads make the same call, the n-th of each fails.
//! - Not here: what should follow from a fault (the tests). A transfer that is really short cannot be made this way: the
//!   answer would lie about bytes that were never moved. Completions of a ring never pass through a call either.
//!
//! References: strace(1), "Tampering"; ptrace(2).

use std::fs;
use std::process::{Command, Output, Stdio};

use tempfile::NamedTempFile;

/// What to do at a call.
#[derive(Debug, Clone)]
pub struct Injection {
    /// Names of the calls, separated by commas. `?` is before one that not every machine has.
    pub calls: String,
    /// `error=EIO`, `signal=KILL`, `delay_enter=500000`.
    pub what: String,
    /// The first call it happens at, counted from 1.
    pub nth: usize,
    /// Whether it happens at all calls after that one too.
    pub lasting: bool,
}

impl Injection {
    /// `what` at the `nth` of `calls`, and never again.
    pub fn at(calls: &str, what: &str, nth: usize) -> Self {
        Self { calls: calls.to_owned(), what: what.to_owned(), nth, lasting: false }
    }

    /// `what` at every one of `calls`.
    pub fn always(calls: &str, what: &str) -> Self {
        Self { lasting: true, ..Self::at(calls, what, 1) }
    }

    fn argument(&self) -> String {
        let Self { calls, what, nth, lasting } = self;
        format!("--inject={calls}:{what}:when={nth}{}", if *lasting { "+" } else { "" })
    }
}

/// A system call that returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its thread.
    pub thread: u32,
    /// Its name.
    pub name: String,
    /// Its arguments, as `strace` prints them.
    pub arguments: String,
    /// What it answered, as `strace` prints it; empty where it never returned.
    pub answer: String,
    /// Whether the answer was made up.
    pub is_injected: bool,
}

impl Call {
    /// The number that it answered, below 0 for an error.
    pub fn number(&self) -> i64 {
        let word = self.answer.split_whitespace().next().unwrap_or("-1");
        word.parse().unwrap_or(-1)
    }

    /// An argument, counted from 0. Those after a structure or a string with a comma are counted wrongly.
    pub fn argument(&self, index: usize) -> &str {
        self.arguments.split(", ").nth(index).unwrap_or_default()
    }
}

/// A run that was traced.
#[derive(Debug)]
pub struct Traced {
    /// How it ended and what it said.
    pub output: Output,
    /// The watched calls, in the order of their return.
    pub calls: Vec<Call>,
}

impl Traced {
    /// The calls whose answer was made up.
    pub fn injected(&self) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.is_injected).collect()
    }
}

/// Whether commands cannot be traced here, which is noted as a skip of the running test.
///
/// # Panics
/// As [`crate::skip::note`].
pub fn is_missing() -> bool {
    available().inspect_err(|reason| crate::skip::note("strace", reason)).is_err()
}

fn available() -> Result<(), String> {
    let output = Command::new("strace").args(["-qq", "-f", "-o", "/dev/null", "true"]).output();
    let output = output.map_err(|error| format!("strace: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("strace: {}", said.trim())) }
}

/// Runs `command` and watches `calls`.
///
/// # Panics
/// Where it cannot be run.
pub fn run(command: &Command, calls: &str, injections: &[Injection]) -> Traced {
    run_printing(&["-s", "200"], command, calls, injections)
}

/// Runs `command` and watches `calls`, whose strings are kept whole, as hexadecimal digits.
///
/// # Panics
/// Where it cannot be run.
pub fn run_with_bytes(command: &Command, calls: &str) -> Traced {
    run_printing(&["-xx", "-s", "16777216"], command, calls, &[])
}

/// Starts `command` under `strace` without waiting for its end; the calls are not kept.
pub fn background(command: &Command, injections: &[Injection]) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-f", "-o", "/dev/null"]);
    finish(strace, command, injections)
}

/// - `printing`: how strings are printed.
fn run_printing(
    printing: &[&str],
    command: &Command,
    calls: &str,
    injections: &[Injection],
) -> Traced {
    let log = NamedTempFile::new_in(crate::media::tmp_dir()).expect("a log can be made");
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-f"]).args(printing);
    // Only the calls that are watched stop the command. Signals are not sent then (strace 6.1).
    if !injections.iter().any(|injection| injection.what.starts_with("signal=")) {
        strace.arg("--seccomp-bpf");
    }
    strace.arg(format!("--trace={calls}")).arg("-o").arg(log.path());
    let child = finish(strace, command, injections).spawn().expect("strace runs");
    let output = child.wait_with_output().expect("strace ends");
    let log = fs::read(log.path()).expect("the log can be read");
    Traced { output, calls: parse(&String::from_utf8_lossy(&log)) }
}

fn finish(mut strace: Command, command: &Command, injections: &[Injection]) -> Command {
    strace.args(injections.iter().map(Injection::argument));
    strace.arg("--").arg(command.get_program()).args(command.get_args());
    strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    strace.env_remove("RUST_BACKTRACE");
    strace
}

/// Reads a log of `strace -f -o`: `THREAD NAME(ARGUMENTS) = ANSWER`, in two lines where another thread came between.
fn parse(log: &str) -> Vec<Call> {
    let mut unfinished: Vec<(u32, String)> = Vec::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let (Ok(thread), text) = (thread.parse::<u32>(), text.trim_start()) else { continue };
        if let Some(start) = text.strip_suffix(" <unfinished ...>") {
            unfinished.push((thread, start.to_owned()));
            continue;
        }
        let whole = match text.split_once(" resumed>") {
            Some((_, end)) if text.starts_with("<... ") => {
                let Some(at) = unfinished.iter().position(|(other, _)| *other == thread) else {
                    continue;
                };
                unfinished.remove(at).1 + end
            }
            _ => text.to_owned(),
        };
        calls.extend(parse_call(thread, &whole));
    }
    // What a killed command was doing.
    calls.extend(unfinished.iter().filter_map(|(thread, text)| parse_call(*thread, text)));
    calls
}

fn parse_call(thread: u32, text: &str) -> Option<Call> {
    let (name, rest) = text.split_once('(')?;
    let (arguments, answer) = rest.rsplit_once(" = ").unwrap_or((rest, ""));
    Some(Call {
        thread,
        name: name.to_owned(),
        arguments: arguments.trim_end().trim_end_matches(')').to_owned(),
        answer: answer.to_owned(),
        is_injected: answer.contains("(INJECTED)"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_also_where_threads_come_between() {
        let log = "\
7     openat(AT_FDCWD, \"/a b\", O_RDONLY) = 3
7     pwrite64(4, \"x\", 1, 0 <unfinished ...>
8     fsync(4)                          = -1 EIO (Input/output error) (INJECTED)
7     <... pwrite64 resumed>)           = 1
8     linkat(AT_FDCWD, \"x\", 3, \"y\", 0 <unfinished ...>
8     +++ killed by SIGKILL +++
";
        let calls = parse(log);
        let told: Vec<(u32, &str, i64, bool)> = calls
            .iter()
            .map(|call| (call.thread, call.name.as_str(), call.number(), call.is_injected))
            .collect();
        assert_eq!(
            told,
            [
                (7, "openat", 3, false),
                (8, "fsync", -1, true),
                (7, "pwrite64", 1, false),
                (8, "linkat", -1, false)
            ]
        );
        assert_eq!(calls[0].argument(1), "\"/a b\"");
        assert_eq!(calls[2].arguments, "4, \"x\", 1, 0");
    }
}
