//! A program that is run beside this one: fed through pipes, watched, and gone when it is no longer wanted.
//!
//! ```text
//! Command ─▶ start ─▶ Child ─▶ inputs: bytes, while it takes them ─▶ closed ─▶ wait: how it ended, its last lines
//!                       └──▶ dropped, cancelled: killed, with whatever it started
//! ```
//!
//! - In: a program, its arguments, where its standard output goes.
//! - Out: [`Child`] with its [`ChildInput`]s; [`Ended`].
//! - Holds: no shell is in between. A write waits for the child, but never past a cancel. The child dies with this process: on
//!   Linux by a signal, elsewhere by the end of its input. Of what it says only the last lines are kept.
//! - Not here: what the program is (the caller).

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::control::Cancel;
use crate::error::IoError;
use crate::sys::spawn::spawn;

/// How long a wait lasts before the cancel is looked at again.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// How long the last words of a child that ended are waited for: something that it started may keep the pipe open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Lines that are kept, and bytes of each.
const LINES_MAX: usize = 12;
const LINE_LEN_MAX: usize = 400;

/// Bytes that a pipe should hold, where the system lets it: a picture takes fewer turns.
#[cfg(target_os = "linux")]
const PIPE_LEN: usize = 1 << 20;

/// The file that a child writes as its standard output, and the name by which it can open that again.
#[derive(Debug)]
pub struct ChildOutput {
    /// The file, open for reading and writing.
    pub file: File,
}

impl ChildOutput {
    /// The name of the file in the child: for programs that want a name, and seek.
    ///
    /// It begins with a slash, so that nobody takes it for an option.
    pub const NAME: &'static str =
        if cfg!(target_os = "linux") { "/proc/self/fd/1" } else { "/dev/fd/1" };

    /// Whether a second opening by that name has a position of its own.
    pub const REOPENS: bool = cfg!(target_os = "linux");
}

/// How a child ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Whether it says that it did what it was asked.
    pub success: bool,
    /// How: `exit status: 1`, `signal: 9 (SIGKILL)`.
    pub status: String,
    /// The last lines that it wrote to standard error.
    pub last_lines: Vec<String>,
}

/// Why bytes did not reach a child.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It reads no more: it ended, or closed its input. [`Child::wait`] says how.
    #[error("the program reads no more")]
    Closed,
    /// The run was cancelled, or the pipe failed.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// A pipe into a child.
#[derive(Debug)]
pub struct ChildInput {
    pipe: OwnedFd,
    program: PathBuf,
}

/// A program that runs.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    program: PathBuf,
    said: Arc<Mutex<VecDeque<String>>>,
    /// Told when it has closed its standard error.
    fell_silent: Receiver<()>,
    has_ended: bool,
}

/// What is started.
#[derive(Debug)]
pub struct ChildCommand {
    /// The program: a path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// A second pipe into a child, beside standard input, and the number that it has there.
#[derive(Debug)]
pub struct SecondInput {
    read: OwnedFd,
    write: OwnedFd,
}

impl SecondInput {
    /// Makes it, before the child is told its number.
    ///
    /// # Errors
    /// [`IoError::Failed`] if the system has no pipe.
    pub fn new() -> Result<Self, IoError> {
        let (read, write) = io::pipe().map_err(IoError::failed("make", "a pipe".as_ref()))?;
        Ok(Self { read: read.into(), write: write.into() })
    }

    /// Its number in the child.
    pub fn number(&self) -> i32 {
        self.read.as_raw_fd()
    }
}

impl Child {
    /// Starts a program that is fed.
    ///
    /// - `output`: becomes its standard output; nothing does if there is none.
    /// - `second`: another input.
    /// - Linux: it is killed if the thread that this is called on ends.
    /// - Returns: the child, its standard input, its second input.
    ///
    /// # Errors
    /// [`IoError::Failed`] if it cannot be started.
    pub fn start(
        what: ChildCommand,
        output: Option<ChildOutput>,
        second: Option<SecondInput>,
    ) -> Result<(Self, ChildInput, Option<ChildInput>), IoError> {
        let stdout = output.map_or_else(Stdio::null, |output| Stdio::from(output.file));
        let (read, write) = match second {
            Some(SecondInput { read, write }) => (Some(read), Some(write)),
            None => (None, None),
        };
        let program = what.program.clone();
        let mut child = Self::spawn(what, stdout, read)?;
        let stdin = child.process.stdin.take().map(OwnedFd::from);
        let stdin = stdin.ok_or(io::ErrorKind::BrokenPipe.into());
        let stdin = stdin.map_err(IoError::failed("feed", &program))?;
        let input = ChildInput::new(stdin, &program)?;
        let second = write.map(|write| ChildInput::new(write, &program)).transpose()?;
        Ok((child, input, second))
    }

    fn spawn(what: ChildCommand, stdout: Stdio, more: Option<OwnedFd>) -> Result<Self, IoError> {
        let ChildCommand { program, arguments } = what;
        let mut command = Command::new(&program);
        command.args(arguments).stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        let process = spawn(command, more).map_err(IoError::failed("start", &program))?;
        let mut child = Self {
            process,
            program,
            said: Arc::default(),
            fell_silent: channel().1,
            has_ended: false,
        };
        if let Some(stderr) = child.process.stderr.take() {
            child.listen(stderr)?;
        }
        Ok(child)
    }

    /// Keeps the last lines that the child says.
    fn listen(&mut self, stderr: impl Read + Send + 'static) -> Result<(), IoError> {
        let (tell, fell_silent) = channel();
        self.fell_silent = fell_silent;
        let said = Arc::clone(&self.said);
        let listen = move || {
            let mut lines = BufReader::new(stderr);
            let mut line = Vec::new();
            while let Ok(count) =
                (&mut lines).take(LINE_LEN_MAX as u64).read_until(b'\n', &mut line)
                && count > 0
            {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end();
                if !text.is_empty() {
                    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                    said.push_back(text.to_owned());
                    if said.len() > LINES_MAX {
                        said.pop_front();
                    }
                }
                line.clear();
            }
            // Nobody may be waiting.
            let _unheard = tell.send(());
        };
        let thread = std::thread::Builder::new().name("child".to_owned()).spawn(listen);
        thread.map(drop).map_err(|source| IoError::NoThread { source })
    }

    /// Waits for its end. Its inputs should be closed by then.
    ///
    /// # Errors
    /// [`IoError::Cancelled`]: the child is gone then; [`IoError::Failed`] if it cannot be waited for.
    pub fn wait(&mut self, cancel: &Cancel) -> Result<Ended, IoError> {
        self.wait_at_most(Duration::MAX, cancel)
    }

    /// Waits for its end, and brings it about when `patience` is at its end.
    ///
    /// # Errors
    /// As [`Child::wait`].
    pub fn wait_at_most(&mut self, patience: Duration, cancel: &Cancel) -> Result<Ended, IoError> {
        let began = Instant::now();
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(self.ended(status.success(), status.to_string()));
            }
            let is_over = began.elapsed() > patience;
            let checked = cancel.check();
            if is_over || checked.is_err() {
                self.kill();
                checked?;
                return Ok(self.ended(false, format!("no end within {patience:?}")));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LOOK_INTERVAL);
        }
    }

    fn try_wait(&mut self) -> Result<Option<ExitStatus>, IoError> {
        let status = self.process.try_wait();
        let status = status.map_err(IoError::failed("wait for", &self.program))?;
        self.has_ended |= status.is_some();
        Ok(status)
    }

    fn ended(&self, success: bool, status: String) -> Ended {
        let _silent = self.fell_silent.recv_timeout(LAST_WORDS);
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let last_lines = said.iter().cloned().collect();
        Ended { success, status, last_lines }
    }

    /// Ends it at once, with whatever it started.
    pub fn kill(&mut self) {
        if self.has_ended {
            return;
        }
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        // It may have ended meanwhile: until it is waited for nobody else has its number.
        let _ended = pid.map(|pid| kill_process_group(pid, Signal::KILL));
        let _ended = self.process.kill();
        let _waited = self.process.wait();
        self.has_ended = true;
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

impl ChildInput {
    fn new(pipe: OwnedFd, program: &Path) -> Result<Self, IoError> {
        let failed = |errno: Errno| IoError::failed("feed", program)(errno.into());
        let flags = rustix::fs::fcntl_getfl(&pipe).map_err(failed)?;
        rustix::fs::fcntl_setfl(&pipe, flags | OFlags::NONBLOCK).map_err(failed)?;
        // A shorter pipe works as well.
        #[cfg(target_os = "linux")]
        let _shorter = rustix::pipe::fcntl_setpipe_size(&pipe, PIPE_LEN);
        Ok(Self { pipe, program: program.to_owned() })
    }

    /// Hands bytes to the child, and waits until it has taken them.
    ///
    /// # Errors
    /// [`FeedError::Closed`] if it reads no more; [`IoError::Cancelled`]; [`IoError::Failed`].
    pub fn write_all(&mut self, mut bytes: &[u8], cancel: &Cancel) -> Result<(), FeedError> {
        while !bytes.is_empty() {
            cancel.check()?;
            match rustix::io::write(&self.pipe, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait_for_room()?,
                Err(Errno::PIPE) => return Err(FeedError::Closed),
                Err(errno) => return Err(self.failed(errno).into()),
            }
        }
        Ok(())
    }

    fn wait_for_room(&self) -> Result<(), IoError> {
        let interval = i64::try_from(LOOK_INTERVAL.as_nanos()).unwrap_or(i64::MAX);
        let timeout = Timespec { tv_sec: 0, tv_nsec: interval };
        match poll(&mut [PollFd::new(&self.pipe, PollFlags::OUT)], Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(errno) => Err(self.failed(errno)),
        }
    }

    fn failed(&self, errno: Errno) -> IoError {
        IoError::failed("feed", &self.program)(errno.into())
    }
}

/// Runs a program to its end, and returns what it wrote to standard output.
///
/// - `patience`: after this time it is killed, which counts as a failure.
/// - `output_len_max`: bytes of standard output that are kept.
///
/// # Errors
/// [`IoError::Cancelled`]; [`IoError::Failed`] if it cannot be started.
pub fn ask(
    what: ChildCommand,
    patience: Duration,
    output_len_max: u64,
    cancel: &Cancel,
) -> Result<(Ended, Vec<u8>), IoError> {
    let mut child = Child::spawn(what, Stdio::piped(), None)?;
    let (tell, answered) = channel();
    if let Some(stdout) = child.process.stdout.take() {
        let read = move || {
            let mut answer = Vec::new();
            // What cannot be read was not said.
            let _ = stdout.take(output_len_max).read_to_end(&mut answer);
            let _unheard = tell.send(answer);
        };
        let thread = std::thread::Builder::new().name("child".to_owned()).spawn(read);
        thread.map_err(|source| IoError::NoThread { source })?;
    }
    drop(child.process.stdin.take());
    let ended = child.wait_at_most(patience, cancel)?;
    let answer = answered.recv_timeout(LAST_WORDS).unwrap_or_default();
    Ok((ended, answer))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn command(program: &str, arguments: &[&str]) -> ChildCommand {
        let arguments = arguments.iter().map(OsString::from).collect();
        ChildCommand { program: program.into(), arguments }
    }

    fn shell(script: &str) -> ChildCommand {
        command("/bin/sh", &["-c", script])
    }

    #[test]
    fn child_gets_every_byte_of_both_inputs_and_its_output_is_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let file = File::create_new(&path).unwrap();
        let second = SecondInput::new().unwrap();
        let script = format!("cat; cat /dev/fd/{}; echo \"well, \n done\" >&2", second.number());
        let started = Child::start(shell(&script), Some(ChildOutput { file }), Some(second));
        let (mut child, mut first, second) = started.unwrap();
        let cancel = Cancel::default();
        let bytes: Vec<u8> = (0..=255).cycle().take(3 << 20).collect();
        first.write_all(&bytes, &cancel).unwrap();
        drop(first);
        second.unwrap().write_all(b"and the sound", &cancel).unwrap();
        let ended = child.wait(&cancel).unwrap();
        assert!(ended.success && ended.last_lines.join(" ").contains("done"), "{ended:?}");
        let written = fs::read(&path).unwrap();
        assert!(written[..bytes.len()] == bytes && written[bytes.len()..] == *b"and the sound");
    }

    #[test]
    fn child_that_dies_is_told_with_its_last_lines() {
        let script = "i=0; while [ $i -lt 50 ]; do echo line $i >&2; i=$((i+1)); done; exit 7";
        let (mut child, mut input, _) = Child::start(shell(script), None, None).unwrap();
        let cancel = Cancel::default();
        let fed = (0..1000).find_map(|_| input.write_all(&[0; 65536], &cancel).err());
        assert!(matches!(fed, Some(FeedError::Closed)), "{fed:?}");
        let ended = child.wait(&cancel).unwrap();
        assert_eq!((ended.success, &*ended.status), (false, "exit status: 7"));
        assert_eq!(ended.last_lines.len(), LINES_MAX);
        assert_eq!(ended.last_lines.last().unwrap(), "line 49");
    }

    #[test]
    fn cancel_ends_a_write_that_waits_and_the_child_with_what_it_started() {
        let (mut child, mut input, _) =
            Child::start(shell("cat /dev/zero | sleep 1000"), None, None).unwrap();
        let id = child.process.id();
        let cancel = Cancel::default();
        let fed = std::thread::scope(|scope| {
            let feeder = scope.spawn(|| {
                while input.write_all(&[0; 65536], &cancel).is_ok() {}
                input.write_all(&[0], &cancel)
            });
            cancel.cancel();
            feeder.join().unwrap()
        });
        assert!(matches!(fed, Err(FeedError::Io(IoError::Cancelled))), "{fed:?}");
        assert!(matches!(child.wait(&cancel), Err(IoError::Cancelled)));
        let group = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
        // Whatever it started is killed, too; a zombie of it counts until its new parent has waited for it.
        while rustix::process::test_kill_process_group(group).is_ok() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn program_that_is_asked_answers_or_is_given_up() {
        let cancel = Cancel::default();
        let patience = Duration::from_secs(60);
        let (ended, answer) = ask(shell("echo yes; exit 3"), patience, 100, &cancel).unwrap();
        assert_eq!((ended.success, &answer[..]), (false, &b"yes\n"[..]));
        let (ended, _) = ask(shell("sleep 1000"), Duration::ZERO, 100, &cancel).unwrap();
        assert_eq!((ended.success, &*ended.status), (false, "no end within 0ns"));
        let missing = ask(command("/nowhere/ffmpeg", &[]), patience, 100, &cancel).unwrap_err();
        assert_eq!(missing.to_string(), "cannot start /nowhere/ffmpeg");
    }
}
