//! `intercut batch`: many splices, unattended, made again only where something changed.
//!
//! - In: [`Desk`], three reels with their clips and a jobs file.
//! - Not here: `link` without a batch (`command::link`).

/// Files that were copied, moved or touched are the same; what was verified less is verified, not made again.
mod identity;
/// Outputs that were changed in place since.
mod in_place;
/// What a batch writes, refuses, skips, makes again, and says.
mod jobs_file;
/// An output never loses a shot without a word.
mod losses;
/// Two batches at a time on the same outputs.
mod rivals;
/// Which files of the folders are clips, however they are spelt.
mod search;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::desk::{command_in, ends_with};
use intercut_tests::media;
use intercut_tests::oracle::checker::{Expected, check};
use intercut_tests::oracle::splicer::run;
use intercut_tests::program::intercut;
use serde_json::Value;
use tempfile::TempDir;

/// Three reels of 50 frames with sound, two clips each, and a jobs file.
pub(super) struct Desk {
    pub(super) folder: TempDir,
    pub(super) frame_len: u32,
}

pub(super) const JOBS: &str = "\
[defaults]
output = \"finished/{base}.mov\"

[[job]]
base = \"bases/reel_1.mov\"
clips = [\"graded/reel_1\"]

[[job]]
base = \"bases/reel_2.mov\"
clips = [\"graded/reel_2/*.mov\"]

[[job]]
base = \"bases/reel_3.mov\"
clips = [\"graded/reel_3/reel_3_one.mov\", \"graded/reel_3/reel_3_two.mov\"]
";

impl Desk {
    pub(super) fn new() -> Self {
        Self::with_frames(&media::tmp_dir(), 5000)
    }

    pub(super) fn with_frames(place: &Path, frame_len: u32) -> Self {
        let folder = TempDir::with_prefix_in("batch-", place).expect("a folder");
        let desk = Self { folder, frame_len };
        fs::create_dir(desk.path("bases")).expect("a folder can be made");
        for reel in 1..=3_u16 {
            let start = i32::from(reel) * 90_000;
            let mut base = MovieSpec::with_timecode(u64::from(reel), start, vec![frame_len; 50]);
            base.tracks.push(TrackSpec::sound(50 * 1920, 9600));
            base.write(&desk.path(&format!("bases/reel_{reel}.mov")));
            fs::create_dir_all(desk.path(&format!("graded/reel_{reel}"))).expect("a folder");
            desk.clip(&format!("graded/reel_{reel}/reel_{reel}_one.mov"), start + 7, 5);
            desk.clip(&format!("graded/reel_{reel}/reel_{reel}_two.mov"), start + 40, 10);
        }
        desk.write("jobs.toml", JOBS);
        desk
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file can be written");
    }

    pub(super) fn clip(&self, name: &str, start: i32, count: usize) {
        let seed = 1000 + u64::from(start.unsigned_abs());
        let sizes = vec![self.frame_len + 1000; count];
        MovieSpec::with_timecode(seed, start, sizes).write(&self.path(name));
    }

    pub(super) fn command(&self, arguments: &str) -> Command {
        let mut command = command_in(self.folder.path(), arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the command with what strace does to its calls of fsync(2).
    pub(super) fn with_syncs_that(&self, how: &str, arguments: &str) -> Output {
        self.under_strace(&["--trace=fsync", &format!("--inject=fsync:{how}")], arguments)
    }

    /// Runs the command under strace with these options.
    pub(super) fn under_strace(&self, options: &[&str], arguments: &str) -> Output {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null"]).args(options).arg(intercut());
        strace.args(arguments.split_whitespace()).current_dir(self.folder.path());
        strace.output().expect("strace runs")
    }

    pub(super) fn intercut(&self, arguments: &str) -> Output {
        self.command(arguments).output().expect("the command runs")
    }

    /// Runs a batch with `--json`; returns its lines.
    #[track_caller]
    pub(super) fn lines(&self, arguments: &str, code: i32) -> Vec<Value> {
        let output = self.intercut(&format!("batch {arguments} --json"));
        let (out, _) = ends_with(&output, code);
        out.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
    }

    pub(super) fn judge(&self, reel: u16) {
        let clips = ["one", "two"]
            .map(|name| self.path(&format!("graded/reel_{reel}/reel_{reel}_{name}.mov")));
        let expected = Expected::new([run(7, 5, 0, 0), run(40, 10, 1, 0)].concat());
        let base = self.path(&format!("bases/reel_{reel}.mov"));
        let output = self.path(&format!("finished/reel_{reel}.mov"));
        assert_eq!(check(&output, &base, &clips, &expected), Ok(()), "reel {reel}");
    }

    /// Names in a folder, sorted; none where it is not there.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry.expect("it can be read"))).collect();
        names.sort();
        names
    }

    /// What became of each job, and why, by the summary.
    pub(super) fn outcomes(lines: &[Value]) -> Vec<(String, String)> {
        let summary = lines.last().expect("a summary");
        assert_eq!(summary["event"], "summary");
        let jobs = summary["jobs"].as_array().expect("jobs");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        jobs.iter()
            .map(|job| {
                let reasons = job["reasons"].as_array().expect("reasons").iter().map(reason);
                (text(&job["outcome"]), reasons.collect::<Vec<_>>().join("; "))
            })
            .collect()
    }
}

/// A reason as people read it: the file that it is about, and what is said of it.
pub(super) fn reason(reason: &Value) -> String {
    let message = reason["message"].as_str().expect("a message");
    match reason["path"].as_str() {
        Some(path) => format!("{path}: {message}"),
        None => message.to_owned(),
    }
}

/// Changes a byte of a file, and its time: the same length, another content.
pub(super) fn alter(path: &Path) {
    let mut bytes = fs::read(path).expect("it can be read");
    // In the midst of the media, which comes before the header.
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("it can be written");
    touch(path);
}

/// Sets a file's time of change to another, later one, so that it counts as written to.
pub(super) fn touch(path: &Path) {
    let file = File::options().write(true).open(path).expect("it can be opened");
    file.set_modified(SystemTime::now() + Duration::from_secs(1)).expect("it can be touched");
}

pub(super) fn outcome(name: &str, why: &str) -> (String, String) {
    (name.to_owned(), why.to_owned())
}
