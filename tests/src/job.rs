//! One splice that fault, crash and change tests run over and over with the real command.
//!
//! - In: where the sources and the output lie, and how large the movies are.
//! - Out: [`Job`]: the command line of the splice, and what became of its output.
//! - Holds: the reference is what the portable route made and the oracle found right; every other run of the job has to
//!   make the same bytes or none. The output's folder holds nothing else, so that what a run leaves is seen.
//! - Not here: what goes wrong during a run (`trace`, the tests).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use intercut_io::Route;
use tempfile::TempDir;

use crate::builder::{MovieSpec, TrackSpec};
use crate::media;
use crate::oracle::splicer::run;
use crate::program::intercut;
use crate::proof::{by, splice_and_check};

/// What stood under the output's name before, where a run is to replace it.
pub const OLD: &[u8] = b"last night's work";

/// What is under the output's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing.
    Absent,
    /// [`OLD`].
    Old,
    /// The whole splice.
    New,
}

/// A splice of two clips into a base with sound.
#[derive(Debug)]
pub struct Job {
    /// The base.
    pub base: PathBuf,
    /// The clips: one long enough to be carried in whole blocks, one that is packed.
    pub clips: [PathBuf; 2],
    /// What the splice makes.
    pub reference: Vec<u8>,
    folder: PathBuf,
}

impl Job {
    /// [`Job::new`] in a folder of its own, which goes when it is dropped: sources in it, and the output's folder.
    ///
    /// # Panics
    /// As [`Job::new`].
    pub fn on_disk(len: u32) -> (TempDir, Self) {
        let folder = TempDir::with_prefix_in("job-", media::tmp_dir()).expect("a folder");
        let job = Self::new(folder.path(), &folder.path().join("out"), len);
        (folder, job)
    }

    /// Writes the sources of about `len` bytes into `sources`, and finds out what their splice is.
    ///
    /// - `folder`: where the output will go; made if it is missing.
    ///
    /// # Panics
    /// Where a folder cannot be written, or the reference is wrong.
    pub fn new(sources: &Path, folder: &Path, len: u32) -> Self {
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::create_dir_all(sources).expect("a folder can be made");
        let size = len / 60;
        let sizes = |count: u32| (0..count).map(|frame| size + frame * 7919 % (size / 8)).collect();
        let mut base = MovieSpec::with_timecode(1, 90_000, sizes(50));
        base.tracks.push(TrackSpec::sound(50 * 1920, 48_000));
        let path = |name: &str| sources.join(name);
        base.write(&path("base.mov"));
        // A whole second apart: nothing is said of a gap, so that what a run says is its failure alone.
        MovieSpec::with_timecode(2, 90_002, sizes(20)).write(&path("long shot.mov"));
        MovieSpec::with_timecode(3, 90_047, vec![9_000; 2]).write(&path("short shot.mov"));
        let clips = [path("long shot.mov"), path("short shot.mov")];
        let replaced = [run(2, 20, 0, 0), run(47, 2, 1, 0)].concat();
        let reference = path("reference.mov");
        splice_and_check(&path("base.mov"), &clips, &reference, &replaced, by(Route::Buffered));
        let bytes = fs::read(&reference).expect("the reference can be read");
        fs::remove_file(reference).expect("the reference can be removed");
        Self { base: path("base.mov"), clips, reference: bytes, folder: folder.to_owned() }
    }

    /// Base and clips.
    pub fn sources(&self) -> [&Path; 3] {
        [&self.base, &self.clips[0], &self.clips[1]]
    }

    /// The output.
    pub fn output(&self) -> PathBuf {
        self.folder.join("out.mov")
    }

    /// The command of the splice, by `route` (`auto` too), with further options.
    pub fn command(&self, route: &str, options: &[&str]) -> Command {
        let mut command = Command::new(intercut());
        command.arg("splice").arg(&self.base).args(&self.clips).arg("-o").arg(self.output());
        command.args(["--route", route, "--json", "--no-progress"]).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env_remove("RUST_BACKTRACE");
        command
    }

    /// Empties the output's folder; puts [`OLD`] under the output's name where it is to be replaced.
    ///
    /// # Panics
    /// Where the folder cannot be written.
    pub fn reset(&self, old: bool) {
        for name in self.names() {
            fs::remove_file(self.folder.join(name)).expect("a left file can be removed");
        }
        if old {
            fs::write(self.output(), OLD).expect("the output can be written");
        }
    }

    /// The names in the output's folder, sorted.
    ///
    /// # Panics
    /// Where the folder cannot be read.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).expect("the folder can be read");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry.expect("the folder can be read"))).collect();
        names.sort();
        names
    }

    /// The names in the output's folder but the output's own.
    pub fn leftovers(&self) -> Vec<String> {
        self.names().into_iter().filter(|name| name != "out.mov").collect()
    }

    /// What is under the output's name.
    ///
    /// # Panics
    /// Where it is neither the old file nor the whole new one.
    #[track_caller]
    pub fn outcome(&self) -> Outcome {
        outcome_of(&self.output(), &self.reference)
    }

    /// Asserts that a run ended with its whole movie, or with a failure that names a file and left things as they were.
    ///
    /// - `old`: whether there was a file to be replaced.
    /// - Returns: whether there is a movie, and what standard error says.
    ///
    /// # Panics
    /// Where something else happened; `context` says where.
    #[track_caller]
    pub fn all_or_nothing(&self, output: &Output, old: bool, context: &str) -> (bool, String) {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let left = self.leftovers();
        assert!(left.is_empty(), "{context}: {left:?} is left: {said}");
        let before = if old { Outcome::Old } else { Outcome::Absent };
        match output.status.code() {
            Some(0) => assert_eq!(self.outcome(), Outcome::New, "{context}: {said}"),
            Some(1) => {
                let keeps = self.outcome() == before || said.contains("is complete, but");
                assert!(keeps, "{context}: {:?} after a failure: {said}", self.outcome());
                let named = [&self.base, &self.clips[0], &self.clips[1], &self.output()]
                    .iter()
                    .any(|path| said.contains(&*path.to_string_lossy()));
                assert!(said.starts_with("error: ") && named, "{context}: {said}");
            }
            other => panic!("{context}: {other:?}, {}: {said}", output.status),
        }
        (output.status.success(), said)
    }
}

/// What is under `path`, where `reference` is the whole splice.
///
/// # Panics
/// Where it is neither the old file nor the whole new one.
#[track_caller]
pub fn outcome_of(path: &Path, reference: &[u8]) -> Outcome {
    match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Outcome::Absent,
        Err(error) => panic!("{}: {error}", path.display()),
        Ok(bytes) if bytes == OLD => Outcome::Old,
        Ok(bytes) if bytes == reference => Outcome::New,
        Ok(bytes) => {
            let wanted = reference.len();
            let differs = bytes.iter().zip(reference).position(|(is, should)| is != should);
            panic!(
                "{} is torn: {} of {wanted} bytes, {differs:?} differs",
                path.display(),
                bytes.len()
            )
        }
    }
}
