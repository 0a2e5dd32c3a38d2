//! `--trace FILE.json`: what the run did when, for Perfetto's UI and `chrome://tracing`; on macOS, signposts for Instruments.
//!
//! ```text
//! tracing spans and events ──▶ layer ──▶ recorder ──▶ unnamed temporary file ──▶ FILE.json
//!                         └──▶ signposts (macOS)
//! ```
//!
//! - In: a path, and what is to be recorded, as a closure.
//! - Out: the trace, also where the run failed or was cancelled: that is when it is wanted most.
//! - Holds: whether the trace can be written is known before anything else is done. It grows in a file without a name, so
//!   that a killed run leaves nothing, and memory does not grow with the run. An older trace is replaced, no other file is.
//! - Not here: which intervals there are (`intercut_io::interval`).

mod chrome;
mod layer;
#[cfg(target_os = "macos")]
mod signposts;

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use intercut_io::IoError;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::diagnostic::{Failure, warn};
use crate::exit::Exit;
use crate::save::is_same_file;
use chrome::{HEAD, Recorder};
use layer::Intervals;

/// Runs `job`, and records it where a `path` is named.
///
/// - `output`: a file that the job makes, which the trace must not be.
/// - The intervals of the whole process are recorded from then on: call it once.
///
/// # Errors
/// Those of the job; otherwise [`Failure`] where the trace cannot be saved.
pub(crate) fn recorded(
    path: Option<&Path>,
    output: &Path,
    job: impl FnOnce() -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let Some(path) = path else {
        subscribe(None);
        return job();
    };
    let trace = Trace::create(path, output)?;
    subscribe(Some(Intervals::new(Arc::clone(&trace.recorder))));
    let ended = job();
    match (trace.save(), ended) {
        (Ok(()), ended) => ended,
        (Err(error), Ok(_)) => Err(error.into()),
        (Err(error), Err(failure)) => {
            warn(&format!("{error}"));
            Err(failure)
        }
    }
}

/// Hands spans and events to whoever wants them; to nobody, and at no cost, where nobody does.
fn subscribe(intervals: Option<Intervals>) {
    #[cfg(not(target_os = "macos"))]
    let subscribed = intervals.map(|intervals| Registry::default().with(intervals).try_init());
    // Signposts cost nothing worth measuring while no Instruments listens, and it may start to at any time.
    #[cfg(target_os = "macos")]
    let subscribed =
        Some(Registry::default().with(intervals).with(signposts::Signposts::default()).try_init());
    subscribed.transpose().expect("a process subscribes once");
}

/// A trace that has no name yet.
#[derive(Debug)]
struct Trace {
    path: PathBuf,
    recorder: Arc<Recorder>,
}

impl Trace {
    /// Makes sure that the trace can be written, and begins it.
    fn create(path: &Path, output: &Path) -> Result<Self, Failure> {
        check(path, output)?;
        let file = tempfile::tempfile_in(folder_of(path))
            .map_err(IoError::failed("write a trace into the folder of", path))?;
        Ok(Self { path: path.to_owned(), recorder: Arc::new(Recorder::new(file)) })
    }

    /// Ends the trace and gives it its name.
    fn save(self) -> Result<(), IoError> {
        let failed = IoError::failed("save the trace", &self.path);
        self.recorder.finish().and_then(|file| name(file, &self.path)).map_err(failed)
    }
}

/// Puts what `file` holds under `path`, in one step.
fn name(mut file: File, path: &Path) -> io::Result<()> {
    file.rewind()?;
    let mut named = tempfile::Builder::new();
    // As open to others as the user's mask lets new files be.
    named.prefix(".intercut-").permissions(Permissions::from_mode(0o666));
    let mut named = named.tempfile_in(folder_of(path))?;
    io::copy(&mut file, named.as_file_mut())?;
    named.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Refuses to write a trace over anything but an older one.
fn check(path: &Path, output: &Path) -> Result<(), Failure> {
    let usage = |message| {
        Err(Failure::new(Exit::Usage, message, Some("save the trace under another name")))
    };
    if is_same_file(path, output) {
        return usage(format!("--trace would write over the movie {}", output.display()));
    }
    let may_be_written = match fs::metadata(path) {
        // Asked before it is opened: opening a FIFO would wait for its writer.
        Ok(metadata) => metadata.is_file() && is_trace(path).unwrap_or(false),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if may_be_written {
        return Ok(());
    }
    usage(format!("--trace would write over {}, which is no trace", path.display()))
}

/// Whether a file is empty, or begins as a trace of ours does.
fn is_trace(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD.len() as u64).read_to_end(&mut head)?;
    Ok(head.is_empty() || head == HEAD.as_bytes())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_older_trace_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (movie, trace) = (folder.path().join("base.mov"), folder.path().join("trace.json"));
        fs::write(&movie, b"\0\0\0\x08wide").unwrap();
        let output = folder.path().join("out.mov");
        for taken in [&movie, &output, folder.path()] {
            let failure = Trace::create(taken, &output).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{}", taken.display());
        }
        for _older in 0..2 {
            Trace::create(&trace, &output).unwrap().save().unwrap();
        }
        let text = fs::read_to_string(&trace).unwrap();
        assert!(text.starts_with(HEAD) && text.ends_with("]}\n"), "{text}");
        assert_eq!(fs::read(&movie).unwrap(), b"\0\0\0\x08wide");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn trace_that_is_not_saved_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.json");
        drop(Trace::create(&path, Path::new("out.mov")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
