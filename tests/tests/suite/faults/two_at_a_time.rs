//! Two runs at a time: for one output, and one that reads what the other replaces. One wins or both refuse; nothing is
//! torn, nothing is left.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use intercut_tests::job::{Job, Outcome};
use intercut_tests::media;
use intercut_tests::program::intercut;
use intercut_tests::storage::{Filesystem, Mounted};
use intercut_tests::trace::{self, Call, Injection};
use serde_json::Value;
use tempfile::TempDir;

/// Bytes of the movies: a few milliseconds of copying.
const SMALL: u32 = 6 << 20;

/// How often two runs are started together.
const ROUNDS: usize = 20;

/// Two splices that make different movies of the same name.
struct Rivals {
    job: Job,
    /// What each of them makes.
    movies: [Vec<u8>; 2],
}

impl Rivals {
    fn new(sources: &Path, out: &Path) -> Self {
        let job = Job::new(sources, out, SMALL);
        let mut rivals = Self { movies: [job.reference.clone(), Vec::new()], job };
        let output = rivals.command(1, "auto", &[]).output().expect("the command runs");
        assert!(output.status.success(), "{}", said(&output));
        rivals.movies[1] = fs::read(rivals.job.output()).expect("it is there");
        assert!(rivals.movies[0] != rivals.movies[1]);
        rivals
    }

    /// The splice of both clips, or of the first alone.
    fn command(&self, which: usize, route: &str, options: &[&str]) -> Command {
        let mut command = Command::new(intercut());
        command.arg("splice").arg(&self.job.base).args(&self.job.clips[..2 - which]);
        command.arg("-o").arg(self.job.output());
        command.args(["--route", route, "--no-progress", "--quiet"]).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Which of the two movies is under the output's name.
    #[track_caller]
    fn winner(&self, context: &str) -> usize {
        let bytes = fs::read(self.job.output()).expect("somebody won");
        let which = self.movies.iter().position(|movie| *movie == bytes);
        which.unwrap_or_else(|| panic!("{context}: the output is neither's: {} bytes", bytes.len()))
    }

    /// Lets both run at a time, over and over.
    fn race(&self, options: &[&str], what: &str) {
        let mut wins = [0, 0];
        for round in 0..ROUNDS {
            self.job.reset(false);
            let route = ["auto", "buffered", "mapped", "staged"][round % 4];
            let start = |which: usize| self.command(which, route, options).spawn();
            // The order of the start changes too.
            let (first, second) = (round % 2, 1 - round % 2);
            let children = [first, second].map(|which| start(which).expect("the command runs"));
            let outputs = children.map(|child| child.wait_with_output().expect("it ends"));
            let done = outputs.each_ref().map(|output| output.status.code());
            let context = format!("{what}, {route}: {} {}", said(&outputs[0]), said(&outputs[1]));
            assert_eq!(self.job.names(), ["out.mov"], "{context}");
            let winner = self.winner(&context);
            wins[usize::from(winner != first)] += 1;
            if options.contains(&"--force") {
                assert_eq!(done, [Some(0), Some(0)], "{context}");
                continue;
            }
            let loser = if winner == first { 1 } else { 0 };
            assert_eq!(done[1 - loser], Some(0), "{context}");
            assert_eq!(done[loser], Some(1), "{context}");
            assert!(said(&outputs[loser]).contains("out.mov exists already"), "{context}");
        }
        println!("{what}: {ROUNDS} rounds, the first won {}, the second {}", wins[0], wins[1]);
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn disk() -> TempDir {
    TempDir::with_prefix_in("two-", media::tmp_dir()).expect("a folder")
}

#[test]
fn two_runs_for_one_output_have_one_winner() {
    let folder = disk();
    let rivals = Rivals::new(folder.path(), &folder.path().join("out"));
    rivals.race(&[], "disk");
    rivals.race(&["--force"], "disk, --force");
    rivals.race(&["--force", "--verify", "written"], "disk, --force --verify written");
}

#[test]
fn two_runs_for_one_output_have_one_winner_where_files_always_have_names() {
    for kind in [Filesystem::Bindfs, Filesystem::Vfat] {
        let Some(mounted) = Mounted::or_skip(kind, 256 << 20) else { continue };
        let folder = disk();
        let rivals = Rivals::new(folder.path(), &mounted.path().join("out"));
        rivals.race(&[], &format!("{kind:?}"));
        rivals.race(&["--force"], &format!("{kind:?}, --force"));
    }
}

/// Another run looks for leftovers while this one creates its file: a filesystem outside the kernel may know nothing more of the
/// file then, though it is open.
#[test]
fn file_that_another_run_removes_while_it_is_created_is_created_anew() {
    if trace::is_missing() {
        return;
    }
    let Some(mounted) = Mounted::or_skip(Filesystem::Bindfs, 0) else { return };
    let folder = disk();
    let job = Job::new(folder.path(), &mounted.path().join("out"), SMALL);
    let is_created = |call: &Call| call.arguments.contains(".partial") && call.name == "openat";
    let examined = |calls: &[Call]| {
        let created = calls.iter().position(is_created).expect("the file has a name");
        1 + calls[..created].iter().filter(|call| call.name == "fstat").count()
    };
    let command = job.command("auto", &[]);
    let nth = examined(&trace::run(&command, "openat,fstat", &[]).calls);
    for error in ["ENOENT", "ESTALE"] {
        job.reset(false);
        let removed = [Injection::at("fstat", &format!("error={error}"), nth)];
        let traced = trace::run(&command, "openat,fstat", &removed);
        assert_eq!(traced.calls.iter().filter(|call| is_created(call)).count(), 2, "{error}");
        assert!(traced.output.status.success(), "{error}: {}", said(&traced.output));
        assert_eq!(job.outcome(), Outcome::New, "{error}");
    }
}

/// Runs `read` over and over while another process replaces the output by one movie and the other.
fn while_replaced(rivals: &Rivals, mut read: impl FnMut(usize)) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut replaced = 0;
            while !is_over.load(Ordering::Relaxed) {
                let output = rivals.command(replaced % 2, "auto", &["--force"]).output();
                let output = output.expect("the command runs");
                assert!(output.status.success(), "{}", said(&output));
                replaced += 1;
            }
            replaced
        });
        // A reader that panics ends the writer too.
        struct End<'a>(&'a AtomicBool);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let end = End(&is_over);
        (0..2 * ROUNDS).for_each(&mut read);
        drop(end);
        println!("replaced {} times meanwhile", writer.join().expect("the writer is sound"));
    });
    assert_eq!(rivals.job.names(), ["out.mov"]);
}

#[test]
fn verifying_what_is_being_replaced_finds_one_movie_or_the_other() {
    let folder = disk();
    let rivals = Rivals::new(folder.path(), &folder.path().join("out"));
    let verify = || {
        let mut command = Command::new(intercut());
        command.arg("verify").arg(rivals.job.output()).arg(&rivals.job.base);
        command.args(&rivals.job.clips).args(["--json", "--no-progress"]);
        let output = command.output().expect("the command runs");
        let found = serde_json::from_slice::<Value>(&output.stdout).ok();
        (found.map(|found| found["mismatches"].as_u64().expect("a number")), output)
    };
    // The second movie is there: it lacks the two frames of the second clip.
    assert_eq!(verify().0, Some(2));
    let mut seen = [0, 0, 0];
    while_replaced(&rivals, |_| match verify() {
        (Some(0), output) if output.status.success() => seen[0] += 1,
        (Some(2), output) if output.status.code() == Some(1) => seen[1] += 1,
        (None, output) => {
            let said = said(&output);
            assert!(said.contains("changed while it was used"), "{said}");
            assert_eq!(output.status.code(), Some(1), "{said}");
            seen[2] += 1;
        }
        (found, output) => panic!("{found:?}: {}", said(&output)),
    });
    println!("verify saw one movie, the other, a change: {seen:?}");
}

#[test]
fn splicing_from_what_is_being_replaced_takes_one_movie_or_refuses() {
    let folder = disk();
    let rivals = Rivals::new(folder.path(), &folder.path().join("out"));
    let result = folder.path().join("result.mov");
    let splice = |route: &str| -> (Option<Vec<u8>>, Output) {
        let mut command = Command::new(intercut());
        // The clip that both have, so that the results differ as they do.
        command.arg("splice").arg(rivals.job.output()).arg(&rivals.job.clips[0]);
        command.arg("-o").arg(&result).args(["--route", route, "--quiet"]);
        let output = command.output().expect("the command runs");
        let movie = fs::read(&result).ok();
        let _removed = fs::remove_file(&result);
        (movie, output)
    };
    let expected = rivals.movies.each_ref().map(|movie| {
        fs::write(rivals.job.output(), movie).expect("it can be written");
        splice("buffered").0.expect("nobody is in the way")
    });
    let mut seen = [0, 0, 0];
    while_replaced(&rivals, |round| {
        let route = ["auto", "mapped", "kernel", "buffered"][round % 4];
        let (movie, output) = splice(route);
        let said = said(&output);
        match movie {
            Some(movie) => {
                assert!(output.status.success(), "{said}");
                let which = expected.iter().position(|expected| *expected == movie);
                seen[which.expect("it is spliced from one movie or the other")] += 1;
            }
            None => {
                assert_eq!(output.status.code(), Some(1), "{said}");
                let reasons = ["changed while it was used", "it is still being written"];
                assert!(reasons.iter().any(|reason| said.contains(reason)), "{said}");
                seen[2] += 1;
            }
        }
    });
    println!("spliced from one movie, the other, refused: {seen:?}");
}

/// Whether the child has ended, without waiting for it.
fn has_ended(child: &mut Child) -> bool {
    child.try_wait().expect("it can be waited for").is_some()
}

#[test]
fn live_file_of_another_run_is_not_taken_for_a_leftover() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Bindfs, 0) else { return };
    let folder = disk();
    let out = mounted.path().join("out");
    let job = Job::new(folder.path(), &out, 100 << 20);
    let mut long = job.command("buffered", &["--verify", "written"]).spawn().expect("it runs");
    let partial = loop {
        if let Some(name) = job.leftovers().pop() {
            break out.join(name);
        }
        assert!(!has_ended(&mut long), "it was never seen under a temporary name");
    };
    // Runs for the same name that are cancelled by a plan that is refused do not get as far; this one does.
    let small: PathBuf = folder.path().join("small");
    let other = Job::new(&small, &folder.path().join("elsewhere"), 1 << 20);
    let mut command = Command::new(intercut());
    command.arg("splice").arg(&other.base).args(&other.clips).arg("-o").arg(job.output());
    let output = command.output().expect("the command runs");
    let still_running = !has_ended(&mut long);
    let kept = partial.exists();
    let first = long.wait_with_output().expect("it ends");
    assert!(
        output.status.success() != first.status.success(),
        "{} {}",
        said(&output),
        said(&first)
    );
    assert!(kept || !still_running, "the live file was removed");
    assert_eq!(job.names(), ["out.mov"]);
}
