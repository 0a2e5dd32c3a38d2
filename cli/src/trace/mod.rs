//! `--trace FILE.json`: what the run did when, for Perfetto's UI and `chrome://tracing`; on macOS, signposts for Instruments.
//!
//! ```text
//! tracing spans and events ──▶ layer ──▶ recorder ──▶ unnamed temporary file ──▶ FILE.json
//!                         └──▶ signposts (macOS)
//! ```
//!
//! - In: a path, and what to record, as a closure.
//! - Out: the trace, even if the run fails or is cancelled: that is when people need it most.
//! - Holds: whether the trace can be written is known before anything else starts. It grows in an unnamed file, so a
//!   killed run leaves nothing, and memory does not grow with the run.
//! - Not here: which intervals there are (`intercut_io::interval`).

mod chrome;
mod layer;
#[cfg(target_os = "macos")]
mod signposts;

use std::path::Path;
use std::sync::Arc;

use intercut_io::IoError;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::save::{Kind, NewFile};
use chrome::{HEAD, Recorder};
use layer::Intervals;

/// Runs `job`, and records it if there is a `path`.
///
/// - `output`: a file that the job makes, which the trace must not be.
/// - The intervals of the whole process are recorded from then on: call it once.
///
/// # Errors
/// [`Failure`] if the trace cannot be started, and those of the job. A trace that cannot be saved is a warning.
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
    // The movie is what was asked for: without its trace it is still done.
    if let Err(failure) = trace.save(path) {
        failure.warn();
    }
    ended
}

/// Hands spans and events to the subscribers; without any, they cost nothing.
fn subscribe(intervals: Option<Intervals>) {
    #[cfg(not(target_os = "macos"))]
    let subscribed = intervals.map(|intervals| Registry::default().with(intervals).try_init());
    // Signposts cost nothing worth measuring while no Instruments listens, and it may start to at any time.
    #[cfg(target_os = "macos")]
    let subscribed =
        Some(Registry::default().with(intervals).with(signposts::Signposts::default()).try_init());
    subscribed.transpose().expect("a process subscribes once");
}

const FILE: Kind =
    Kind { noun: "a trace", is_ours: Some(|head| head.starts_with(HEAD.as_bytes())) };

/// A trace that has no name yet.
#[derive(Debug)]
struct Trace {
    file: NewFile,
    recorder: Arc<Recorder>,
}

impl Trace {
    /// Makes sure that the trace can be written, and begins it.
    fn create(path: &Path, output: &Path) -> Result<Self, Failure> {
        let file = NewFile::create(FILE, path, [output])?;
        let records = file.file().try_clone().map_err(IoError::failed("save", path))?;
        Ok(Self { file, recorder: Arc::new(Recorder::new(records)) })
    }

    /// Ends the trace and gives it its name.
    fn save(self, path: &Path) -> Result<(), Failure> {
        self.recorder.finish().map_err(IoError::failed("save", path))?;
        self.file.save()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
            Trace::create(&trace, &output).unwrap().save(&trace).unwrap();
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
