//! `batch --watch`: copies, renders and servers at work on the folders that are watched.
//!
//! - Holds: nothing waits for a number of seconds; what is waited for is what the command says, a line at a time.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};

use intercut_tests::media;
use intercut_tests::skip;
use rustix::process::Signal;
use serde_json::Value;

use super::rivals::signal;
use super::{Reels, alter};

const FOLDERS: &str =
    "batch --bases bases --clips graded --out finished --watch --json --quiet-for 1";
const FILE: &str = "batch jobs.toml --watch --json --quiet-for 1";

/// A watcher and what it says.
struct Watcher {
    child: Child,
    lines: Receiver<Value>,
    said: Vec<Value>,
}

impl Watcher {
    fn start(desk: &Reels, arguments: &str) -> Self {
        let mut child = desk.command(arguments).spawn().expect("it starts");
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).expect("an object a line");
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, said: Vec::new() }
    }

    /// Waits until an event is told of an output.
    #[track_caller]
    fn wait_for(&mut self, event: &str, output: &str) {
        loop {
            let line = self.lines.recv().unwrap_or_else(|_| panic!("no {event}: {:#?}", self.said));
            self.said.push(line.clone());
            let is_of = line["output"].as_str().unwrap_or_default().ends_with(output);
            if line["event"] == event && is_of {
                return;
            }
        }
    }

    /// Waits until all three outputs are there, and forgets what was said of them.
    #[track_caller]
    fn wait_for_all(&mut self) {
        // In several passes, if some of the files are a moment younger than others.
        let is_done =
            |said: &[Value], reel: u16| count(said, "finished", &format!("reel_{reel}.mov")) > 0;
        while !(1..=3).all(|reel| is_done(&self.said, reel)) {
            self.wait_for("finished", "");
        }
        self.said.clear();
    }

    /// Tells it to end after what it does; returns its exit code, all that it said, and its standard error.
    fn stop(mut self) -> (Option<i32>, Vec<Value>, String) {
        signal(&self.child, Signal::TERM);
        self.end()
    }

    fn end(&mut self) -> (Option<i32>, Vec<Value>, String) {
        let mut err = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        let status = self.child.wait().expect("it ends");
        let mut said = std::mem::take(&mut self.said);
        said.extend(self.lines.iter());
        (status.code(), said, err)
    }
}

/// How often an event is told of an output.
fn count(said: &[Value], event: &str, output: &str) -> usize {
    let is_it = |line: &&Value| {
        line["event"] == event && line["output"].as_str().is_some_and(|own| own.ends_with(output))
    };
    said.iter().filter(is_it).count()
}

#[test]
fn base_is_printed_again_when_its_clips_change_and_no_other_is() {
    for arguments in [FOLDERS, FILE] {
        let desk = Reels::new();
        let mut watcher = Watcher::start(&desk, arguments);
        watcher.wait_for_all();
        alter(&desk.path("graded/reel_2/reel_2_one.mov"));
        watcher.wait_for("finished", "reel_2.mov");
        (1..=3).for_each(|reel| desk.judge(reel));
        let (code, said, err) = watcher.stop();
        assert_eq!(code, Some(0), "{err}");
        assert_eq!(said.last().expect("a line")["event"], "stopped");
        let finished = [1, 2, 3].map(|reel| count(&said, "finished", &format!("reel_{reel}.mov")));
        assert_eq!(finished, [0, 1, 0], "{said:#?}");
        assert_eq!(count(&said, "failed", ""), 0, "{said:#?}");
    }
}

#[test]
fn clip_that_is_copied_slowly_is_waited_for() {
    let desk = Reels::new();
    desk.clip("elsewhere.mov", 90_020, 4);
    let bytes = fs::read(desk.path("elsewhere.mov")).expect("it is there");
    let mut watcher = Watcher::start(&desk, FOLDERS);
    watcher.wait_for_all();
    // The copier gives it its length and its header first, and stays at work on it.
    let mut copy = File::create(desk.path("graded/reel_1/reel_1_new.mov")).expect("it can be made");
    copy.write_all(&bytes).expect("it can be written");
    watcher.wait_for("waiting", "reel_1.mov");
    copy.write_all(&[]).expect("it is open");
    drop(copy);
    watcher.wait_for("finished", "reel_1.mov");
    let (_, said, _) = watcher.stop();
    assert_eq!(count(&said, "failed", ""), 0, "{said:#?}");
    assert_eq!(count(&said, "waiting", "reel_1.mov"), 1, "{said:#?}");
}

#[test]
fn base_that_is_no_movie_yet_is_waited_for() {
    for arguments in [FOLDERS, FILE] {
        let desk = Reels::new();
        let bytes = fs::read(desk.path("bases/reel_2.mov")).expect("it is there");
        let mut copy = File::create(desk.path("bases/reel_2.mov")).expect("it can be made");
        copy.write_all(&bytes[..bytes.len() / 2]).expect("it can be written");
        let mut watcher = Watcher::start(&desk, arguments);
        watcher.wait_for("finished", "reel_3.mov");
        copy.write_all(&bytes[bytes.len() / 2..]).expect("it can be written");
        drop(copy);
        watcher.wait_for("finished", "reel_2.mov");
        let (_, said, err) = watcher.stop();
        assert_eq!(count(&said, "failed", ""), 0, "{said:#?}");
        assert!(!err.contains("error"), "{err}");
    }
}

#[test]
fn render_is_taken_when_it_gets_its_name_and_temporary_names_are_not() {
    let desk = Reels::new();
    desk.clip("elsewhere.mov", 90_020, 4);
    let mut watcher = Watcher::start(&desk, FOLDERS);
    watcher.wait_for_all();
    let folder = desk.path("graded/reel_1");
    // What rsync, Macs, Windows and NFS servers, and browsers leave meanwhile.
    let strays =
        [".reel_1_new.mov.hX3b1", "._reel_1_new.mov", ".nfs00000001.mov", "reel_1_new.mov.part"];
    for name in strays {
        fs::write(folder.join(name), "half a movie").expect("it can be written");
    }
    let rendering = folder.join("reel_1_new.mov.tmp");
    fs::copy(desk.path("elsewhere.mov"), &rendering).expect("it can be copied");
    fs::rename(&rendering, folder.join("reel_1_new.mov")).expect("it can be renamed");
    watcher.wait_for("finished", "reel_1.mov");
    let (code, said, err) = watcher.stop();
    assert_eq!(code, Some(0));
    assert_eq!(count(&said, "failed", "") + count(&said, "waiting", ""), 0, "{said:#?}");
    assert_eq!(count(&said, "finished", "reel_1.mov"), 1, "{said:#?}");
    assert!(!err.contains("left out"), "{err}");
}

#[test]
fn clip_that_is_renamed_away_and_back_is_no_change() {
    let desk = Reels::new();
    let mut watcher = Watcher::start(&desk, FOLDERS);
    watcher.wait_for_all();
    let (clip, away) = ("graded/reel_1/reel_1_one.mov", "graded/reel_1/reel_1_one.mov.bak");
    fs::rename(desk.path(clip), desk.path(away)).expect("it can be renamed");
    fs::rename(desk.path(away), desk.path(clip)).expect("it can be renamed");
    // What changes later is done later.
    alter(&desk.path("graded/reel_2/reel_2_one.mov"));
    watcher.wait_for("finished", "reel_2.mov");
    let (_, said, err) = watcher.stop();
    assert_eq!(count(&said, "finished", "reel_1.mov"), 0, "{said:#?}");
    assert!(!err.contains("reel_1_one.mov"), "{err}");
}

#[test]
fn refusal_is_told_once_and_the_job_is_done_when_its_files_allow_it() {
    let desk = Reels::new();
    let mut watcher = Watcher::start(&desk, FILE);
    watcher.wait_for_all();
    // Long before the base.
    desk.clip("graded/reel_1/reel_1_far.mov", 100, 5);
    watcher.wait_for("failed", "reel_1.mov");
    for reel in ["reel_2", "reel_3"] {
        alter(&desk.path(format!("graded/{reel}/{reel}_one.mov")));
        watcher.wait_for("finished", &format!("{reel}.mov"));
    }
    desk.clip("graded/reel_1/reel_1_far.mov", 90_030, 5);
    watcher.wait_for("finished", "reel_1.mov");
    let (_, said, err) = watcher.stop();
    assert_eq!(count(&said, "failed", "reel_1.mov"), 1, "{said:#?}");
    assert_eq!(err.matches("reel_1_far.mov").count(), 1, "{err}");
}

#[test]
fn jobs_file_may_be_wrong_for_a_while_and_is_read_again() {
    let desk = Reels::new();
    let mut watcher = Watcher::start(&desk, FILE);
    watcher.wait_for_all();
    let jobs = desk.read("jobs.toml");
    desk.write("jobs.toml", jobs.replace("clips", "clipz"));
    watcher.wait_for("unplanned", "");
    desk.write("jobs.toml", jobs.replace("{base}", "new_{base}"));
    watcher.wait_for("summary", "");
    let (code, said, err) = watcher.stop();
    assert_eq!(code, Some(0));
    assert_eq!(count(&said, "finished", "new_reel_3.mov"), 1, "{said:#?}");
    assert!(err.contains("unknown field `clipz`"), "{err}");
}

#[test]
fn watcher_that_is_killed_goes_on_where_it_was() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let mut first = Watcher::start(&desk, FILE);
    first.wait_for("finished", "reel_1.mov");
    first.child.kill().expect("it can be killed");
    let (_, said, _) = first.end();
    let done = (1..=3).filter(|reel| count(&said, "finished", &format!("reel_{reel}.mov")) > 0);
    let left = 3 - done.count();
    let mut second = Watcher::start(&desk, FILE);
    if left > 0 {
        second.wait_for("summary", "");
    }
    alter(&desk.path("graded/reel_1/reel_1_one.mov"));
    second.wait_for("finished", "reel_1.mov");
    let (_, said, _) = second.stop();
    assert_eq!(count(&said, "finished", "reel_1.mov"), 1, "{said:#?}");
    (1..=3).for_each(|reel| desk.judge(reel));
}

#[test]
fn two_watchers_of_one_folder_make_every_output_once() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let mut one = Watcher::start(&desk, FILE);
    let mut other = Watcher::start(&desk, FILE);
    // Whoever comes second sees what the first has made.
    one.wait_for("watching", "");
    other.wait_for("watching", "");
    let is_done = |reel: u16| {
        let path = desk.path(format!("finished/reel_{reel}.mov.intercut.json"));
        fs::read_to_string(path).is_ok_and(|text| text.contains("\"done\""))
    };
    while !(1..=3).all(is_done) {
        assert!(one.child.try_wait().expect("it can be asked").is_none());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (first, second) = (one.stop(), other.stop());
    assert_eq!((first.0, second.0), (Some(0), Some(0)), "{} {}", first.2, second.2);
    let said = [first.1, second.1].concat();
    for reel in 1..=3 {
        assert_eq!(count(&said, "finished", &format!("reel_{reel}.mov")), 1, "{said:#?}");
        desk.judge(reel);
    }
    assert_eq!(count(&said, "failed", ""), 0, "{said:#?}");
}

#[test]
fn first_signal_lets_the_running_job_end_and_the_second_cancels_it() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let mut watcher = Watcher::start(&desk, FILE);
    watcher.wait_for("started", "reel_1.mov");
    signal(&watcher.child, Signal::TERM);
    let (code, said, _) = watcher.end();
    assert_eq!(code, Some(0));
    assert_eq!(count(&said, "finished", "reel_1.mov"), 1, "{said:#?}");
    assert_eq!(count(&said, "started", ""), 1, "{said:#?}");
    // The syncs of the movie hang until a signal comes.
    let options =
        ["-f", "-qq", "-o", "/dev/null", "--trace=fsync", "--inject=fsync:delay_enter=3s:when=3+"];
    let mut strace = Command::new("strace");
    strace.args(options).arg(intercut_tests::program::intercut());
    strace.args(FILE.split(' ')).current_dir(desk.folder());
    strace.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = strace.spawn().expect("strace runs");
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut lines = out.lines().map_while(Result::ok);
    let started = lines.any(|line| line.contains("\"started\"") && line.contains("reel_2.mov"));
    assert!(started, "the second job begins");
    let own = fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).expect("it");
    let pid = rustix::process::Pid::from_raw(own.trim().parse().expect("one child"));
    for signal in [Signal::TERM, Signal::INT] {
        rustix::process::kill_process(pid.expect("a process"), signal).expect("it runs");
    }
    let told: Vec<String> = lines.collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{told:#?}");
    assert!(!desk.path("finished/reel_2.mov").exists(), "{told:#?}");
    assert!(!desk.path("finished/reel_3.mov").exists(), "{told:#?}");
}

#[test]
fn unit_file_is_one_that_systemd_takes() {
    let unit =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/packaging/intercut-watch@.service");
    let desk = Reels::new();
    // It must find the program that it runs.
    let text = fs::read_to_string(unit).expect("it is shipped");
    let program = intercut_tests::program::intercut().display().to_string();
    desk.write("intercut-watch@show.service", text.replace("/usr/bin/intercut", &program));
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no", "./intercut-watch@show.service"]).current_dir(desk.folder());
    match verify.output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            let ours: Vec<&str> = told.lines().filter(|line| line.contains("intercut")).collect();
            assert!(ours.is_empty() && output.status.success(), "{told}");
        }
        Err(error) => skip::note("systemd", &error.to_string()),
    }
}
