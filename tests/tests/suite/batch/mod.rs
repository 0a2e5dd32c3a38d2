//! `intercut batch`: many splices, unattended, made again only where something changed.
//!
//! - In: [`Reels`], three reels with their clips and a jobs file.
//! - Not here: `link` without a batch (`command::link`).

/// A list beside each base, or one for all.
mod by_lists;
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
/// The files that `--submit` prints, run by Slurm and others.
mod schedulers;
/// Which files of the folders are clips, however they are spelt.
mod search;
/// One part of a batch in each of many processes.
mod tasks;
/// `--watch`: jobs are done whenever their files change.
mod watch;

use std::fs::{self, File};
use std::ops::Deref;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::media;
use intercut_tests::oracle::checker::{Expected, check};
use intercut_tests::oracle::splicer::run;
use intercut_tests::program::intercut;
use serde_json::Value;
use tempfile::TempDir;

/// A desk with three reels of 50 frames with sound, two clips each, and a jobs file.
pub(super) struct Reels {
    desk: Desk,
    pub(super) frame_len: u32,
}

impl Deref for Reels {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
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

impl Reels {
    pub(super) fn new() -> Self {
        Self::with_frames(&media::tmp_dir(), 5000)
    }

    pub(super) fn with_frames(place: &Path, frame_len: u32) -> Self {
        let folder = TempDir::with_prefix_in("batch-", place).expect("a folder");
        let desk = Self { desk: Desk::in_folder(folder), frame_len };
        for reel in 1..=3_u16 {
            let start = i32::from(reel) * 90_000;
            let mut base = MovieSpec::with_timecode(u64::from(reel), start, vec![frame_len; 50]);
            base.tracks.push(TrackSpec::sound(50 * 1920, 9600));
            desk.movie(&format!("bases/reel_{reel}.mov"), &base);
            desk.clip(&format!("graded/reel_{reel}/reel_{reel}_one.mov"), start + 7, 5);
            desk.clip(&format!("graded/reel_{reel}/reel_{reel}_two.mov"), start + 40, 10);
        }
        desk.write("jobs.toml", JOBS);
        desk
    }

    pub(super) fn clip(&self, name: &str, start: i32, count: usize) {
        let seed = 1000 + u64::from(start.unsigned_abs());
        let sizes = vec![self.frame_len + 1000; count];
        self.movie(name, &MovieSpec::with_timecode(seed, start, sizes));
    }

    /// Runs the command with what strace does to its calls of fsync(2).
    pub(super) fn with_syncs_that(&self, how: &str, arguments: &str) -> Output {
        self.under_strace(&["--trace=fsync", &format!("--inject=fsync:{how}")], arguments)
    }

    /// Runs the command under strace with these options.
    pub(super) fn under_strace(&self, options: &[&str], arguments: &str) -> Output {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null"]).args(options).arg(intercut());
        strace.args(arguments.split_whitespace()).current_dir(self.folder());
        strace.output().expect("strace runs")
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
            .map(|name| self.path(format!("graded/reel_{reel}/reel_{reel}_{name}.mov")));
        let expected = Expected::new([run(7, 5, 0, 0), run(40, 10, 1, 0)].concat());
        let base = self.path(format!("bases/reel_{reel}.mov"));
        let output = self.path(format!("finished/reel_{reel}.mov"));
        assert_eq!(check(&output, &base, &clips, &expected), Ok(()), "reel {reel}");
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
