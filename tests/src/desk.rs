//! A folder in which the command is run as people run it: by names, not by paths.
//!
//! - Out: [`Desk`], a folder with nothing in it, or with a base that has sound; movies, files and commands as they are
//!   asked for; [`ends_with`].
//! - Not here: splices that are run over and over (`job`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::builder::{MovieSpec, TrackSpec};
use crate::media;
use crate::media::ffmpeg::Recipe;
use crate::program::intercut;
use crate::schemas;
use crate::skip;

/// A folder, which goes when the desk is dropped.
#[derive(Debug)]
pub struct Desk {
    folder: TempDir,
}

impl Default for Desk {
    /// With `base.mov`: 50 frames at 25 fps from 01:00:00:00 on, with sound.
    fn default() -> Self {
        let desk = Self::empty();
        let mut base = MovieSpec::with_timecode(1, 90_000, vec![3000; 50]);
        base.tracks.push(TrackSpec::sound(50 * 1920, 9600));
        desk.movie("base.mov", &base);
        desk
    }
}

impl Desk {
    /// With nothing on it.
    ///
    /// # Panics
    /// If no folder can be made.
    pub fn empty() -> Self {
        Self::in_folder(TempDir::with_prefix_in("desk-", media::tmp_dir()).expect("a folder"))
    }

    /// In this folder.
    pub fn in_folder(folder: TempDir) -> Self {
        Self { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a file of the folder is.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders that it is in.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.made(name), contents).expect("a file can be written");
    }

    /// What a text file says.
    ///
    /// # Panics
    /// If it cannot be read.
    #[track_caller]
    pub fn read(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path(name));
        text.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a movie, and the folders that it is in.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn movie(&self, name: &str, spec: &MovieSpec) {
        spec.write(&self.made(name));
    }

    /// Writes a clip of `count` frames from frame `start` of the day on.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn clip(&self, name: &str, start: i32, count: usize) {
        let seed = 100 + u64::from(start.unsigned_abs());
        self.movie(name, &MovieSpec::with_timecode(seed, start, vec![5000; count]));
    }

    /// Copies a movie that FFmpeg made.
    ///
    /// # Panics
    /// If it cannot be copied.
    pub fn real(&self, name: &str, recipe: &Recipe) {
        fs::copy(recipe.path(), self.made(name)).expect("a movie can be copied");
    }

    /// Where a file is, in a folder that is there.
    fn made(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        path
    }

    /// The command, to be run in the folder.
    pub fn command(&self, arguments: &str) -> Command {
        command_in(self.folder.path(), arguments)
    }

    /// Runs the command in the folder.
    ///
    /// # Panics
    /// If it cannot be run.
    pub fn intercut(&self, arguments: &str) -> Output {
        self.command(arguments).output().expect("the command runs")
    }

    /// Runs the command in the folder; returns what it wrote to standard output and to standard error.
    ///
    /// # Panics
    /// If it ends with another code than `code`.
    #[track_caller]
    pub fn ends(&self, arguments: &str, code: i32) -> (String, String) {
        ends_with(&self.intercut(arguments), code)
    }

    /// Makes the same movie once by each route that writes, and holds it against the one that is there. A route that this
    /// filesystem does not have is noted as a skip.
    ///
    /// - `arguments`: of the command, without output and route.
    /// - `made`: the movie that is there.
    ///
    /// # Panics
    /// If a route fails, or makes other bytes.
    #[track_caller]
    pub fn is_the_same_by_every_route(&self, arguments: &str, made: &str) {
        let expected = fs::read(self.path(made)).expect("it is there");
        for route in ["mapped", "staged", "kernel", "buffered"] {
            let output = self.intercut(&format!("{arguments} -o {route}.mov --route {route}"));
            let error = String::from_utf8_lossy(&output.stderr);
            if error.contains("no direct writes") || error.contains("direct writes mean nothing") {
                skip::note(&format!("{route} route"), &error);
                continue;
            }
            assert!(output.status.success(), "{route}: {error}");
            let written = fs::read(self.path(format!("{route}.mov"))).expect("it is there");
            assert!(written == expected, "{route}");
        }
    }

    /// The object that the command writes to standard output.
    ///
    /// # Panics
    /// If it ends with another code than `code`, or writes anything else.
    #[track_caller]
    pub fn json(&self, arguments: &str, code: i32) -> Value {
        let (out, _) = self.ends(arguments, code);
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments}: {error}: {out}"))
    }

    /// Names in the folder, sorted.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn names(&self) -> Vec<String> {
        self.names_in("")
    }

    /// Names in a folder of the folder, sorted; none if it is not there.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn names_in(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry.expect("it can be read"))).collect();
        names.sort();
        names
    }
}

/// The command with arguments that have no blanks, to be run in `folder`.
pub fn command_in(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(intercut());
    command.args(arguments.split_whitespace()).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("RUST_BACKTRACE");
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
    schemas::check(&out);
    (out, err)
}
