//! A folder in which the command is run as people run it: by names, not by paths.
//!
//! - Out: [`Desk`], a folder with a base that has sound, and clips as they are asked for; [`ends_with`].
//! - Not here: splices that are run over and over (`job`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::builder::{MovieSpec, TrackSpec};
use crate::media;
use crate::program::intercut;

/// A folder with `base.mov`: 50 frames at 25 fps from 01:00:00:00 on, with sound.
#[derive(Debug)]
pub struct Desk {
    folder: TempDir,
}

impl Default for Desk {
    fn default() -> Self {
        let folder = TempDir::with_prefix_in("desk-", media::tmp_dir()).expect("a folder");
        let desk = Self { folder };
        let mut base = MovieSpec::with_timecode(1, 90_000, vec![3000; 50]);
        base.tracks.push(TrackSpec::sound(50 * 1920, 9600));
        base.write(&desk.path("base.mov"));
        desk
    }
}

impl Desk {
    /// Where a file of the folder is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a clip of `count` frames from frame `start` of the day on.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn clip(&self, name: &str, start: i32, count: usize) {
        let seed = 100 + u64::from(start.unsigned_abs());
        MovieSpec::with_timecode(seed, start, vec![5000; count]).write(&self.path(name));
    }

    /// The command, to be run in the folder.
    pub fn command(&self, arguments: &str) -> Command {
        command_in(self.folder.path(), arguments)
    }

    /// Runs the command in the folder.
    ///
    /// # Panics
    /// Where it cannot be run.
    pub fn intercut(&self, arguments: &str) -> Output {
        self.command(arguments).output().expect("the command runs")
    }

    /// Names in the folder, sorted.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder can be read");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// The command with arguments that have no blanks, to be run in `folder`.
pub fn command_in(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(intercut());
    command.args(arguments.split_whitespace()).current_dir(folder);
    command.stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    command
}

/// Asserts that a run ended with `code`; returns what it wrote to standard output and to standard error.
///
/// # Panics
/// Where it ended with another.
#[track_caller]
pub fn ends_with(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "standard output: {out}\nstandard error: {err}");
    (out, err)
}
