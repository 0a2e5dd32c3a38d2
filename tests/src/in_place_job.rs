//! A movie that is inserted into with the real command, and put back, over and over while something goes wrong.
//!
//! - In: a folder and a layout. Out: [`InPlaceJob`]: the command lines, and what became of the movie.
//! - Holds: what the movie must show after the insert is known by the oracle, which has found the first insert right.
//! - Not here: what goes wrong (`trace`, `power`, the tests).

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::builder::{Layout, MovieSpec, TrackSpec};
use crate::media;
use crate::oracle::in_place::insert;
use crate::oracle::in_place::shown::{Shown, shown, which};
use crate::oracle::reader::Movie;
use crate::oracle::splicer::{Replaced, run};
use crate::program::intercut;

/// When the movie was last changed, before the first insert.
const MADE: Duration = Duration::new(1_700_000_000, 123_456_789);

/// A file with its length and the time of its last change, which an undo brings back.
#[derive(Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// When it was changed last: seconds and nanoseconds since 1970.
    pub modified: (i64, i64),
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes, changed at {:?}", self.bytes.len(), self.modified)
    }
}

impl Snapshot {
    /// The file as it is.
    ///
    /// # Panics
    /// If it cannot be read.
    #[track_caller]
    pub fn of(path: &Path) -> Self {
        let metadata = fs::metadata(path).unwrap_or_else(|error| panic!("{error}"));
        let bytes = fs::read(path).expect("it can be read");
        Self { bytes, modified: (metadata.mtime(), metadata.mtime_nsec()) }
    }
}

/// A movie, and a clip to insert.
#[derive(Debug)]
pub struct InPlaceJob {
    /// The movie that is changed.
    pub movie: PathBuf,
    /// The clip.
    pub clip: PathBuf,
    /// What it replaces.
    pub replaced: Vec<Replaced>,
    /// The movie as it is before an insert.
    pub before: Snapshot,
    /// What it shows then.
    pub old: Shown,
    /// What it must show after the insert.
    pub new: Shown,
}

impl InPlaceJob {
    /// In a folder of its own, which goes when it is dropped.
    ///
    /// # Panics
    /// As [`InPlaceJob::new`].
    pub fn on_disk(layout: Layout, picture_len: u32) -> (TempDir, Self) {
        let folder = TempDir::with_prefix_in("in-place-", media::tmp_dir()).expect("a folder");
        let job = Self::new(folder.path(), layout, picture_len);
        (folder, job)
    }

    /// In a folder of its own in memory, where syncs take no time: for what does not depend on the disk.
    ///
    /// # Panics
    /// As [`InPlaceJob::new`].
    pub fn in_memory(layout: Layout, picture_len: u32) -> (TempDir, Self) {
        let folder = media::folder_in_memory();
        let job = Self::new(folder.path(), layout, picture_len);
        (folder, job)
    }

    /// Writes `movie.mov`, of 12 pictures of about `picture_len` bytes, and `clip.mov`, of 4, into `folder`, and finds out
    /// what the insert makes.
    ///
    /// # Panics
    /// If a file cannot be written, or the insert is wrong.
    pub fn new(folder: &Path, layout: Layout, picture_len: u32) -> Self {
        let sizes = |count: u32| (0..count).map(|frame| picture_len + 3 * frame).collect();
        let mut base = MovieSpec::with_timecode(1, 90_000, sizes(12));
        base.tracks.push(TrackSpec::sound(400, 100));
        let (movie, clip) = (folder.join("movie.mov"), folder.join("clip.mov"));
        MovieSpec::with_timecode(2, 90_003, sizes(4)).write(&clip);
        base.in_layout(layout).write(&movie);
        set_modified(&movie, MADE);
        let before = Snapshot::of(&movie);
        let old = shown(&before.bytes).expect("the movie is well-formed");
        let replaced = run(3, 4, 0, 0);
        let job = Self { movie, clip, replaced, new: old.clone(), before, old };
        job.succeeds(&mut job.insert(&[]));
        let after = fs::read(&job.movie).expect("the movie can be read");
        let clips = [Movie::open(&job.clip).expect("the clip is well-formed")];
        let checked = insert::check(&job.before.bytes, &after, &clips, &job.replaced);
        checked.unwrap_or_else(|found| panic!("{layout:?}: {found}"));
        let new = shown(&after).expect("it was found right");
        job.reset();
        Self { new, ..job }
    }

    /// The insert.
    pub fn insert(&self, options: &[&str]) -> Command {
        let mut command = Command::new(intercut());
        command.arg("insert").arg(&self.movie).arg(&self.clip).args(options).arg("--no-progress");
        quietly(command)
    }

    /// Its undo.
    pub fn undo(&self, options: &[&str]) -> Command {
        let mut command = Command::new(intercut());
        command.arg("undo").arg(&self.movie).args(options);
        quietly(command)
    }

    /// Runs a command that must succeed; returns what it wrote to standard output and to standard error.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn succeeds(&self, command: &mut Command) -> (String, String) {
        let Output { status, stdout, stderr } = command.output().expect("the command runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(status.success(), "{command:?}: {status}: {}", text(&stderr));
        (text(&stdout), text(&stderr))
    }

    /// Makes the movie what it was in the beginning.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn reset(&self) {
        self.put(&self.before.bytes);
    }

    /// Makes the movie these bytes, last changed when it was in the beginning.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn put(&self, bytes: &[u8]) {
        fs::write(&self.movie, bytes).expect("the movie can be written");
        set_modified(&self.movie, MADE);
    }

    /// The movie as it is.
    #[track_caller]
    pub fn now(&self) -> Snapshot {
        Snapshot::of(&self.movie)
    }

    /// Which movie bytes show: whether it is the new one.
    ///
    /// # Errors
    /// Why it is neither.
    pub fn is_new(&self, bytes: &[u8]) -> Result<bool, String> {
        which(bytes, &[&self.old, &self.new]).map(|number| number == 1)
    }

    /// Asserts that the movie is what it was in the beginning: bytes, length and time of change.
    ///
    /// # Panics
    /// If it is not; `context` says when.
    #[track_caller]
    pub fn assert_untouched(&self, context: &str) {
        let (now, before) = (self.now(), &self.before);
        let differs = now.bytes.iter().zip(&before.bytes).position(|(is, was)| is != was);
        assert!(now == *before, "{context}: {before:?} became {now:?}, {differs:?} differs");
    }
}

fn quietly(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("RUST_BACKTRACE");
    command
}

/// Sets the time of a file's last change.
///
/// # Panics
/// If that cannot be done.
pub fn set_modified(path: &Path, since_1970: Duration) {
    let file = File::options().write(true).open(path).expect("the file can be opened");
    let times = FileTimes::new().set_modified(SystemTime::UNIX_EPOCH + since_1970);
    file.set_times(times).expect("a time can be set");
}
