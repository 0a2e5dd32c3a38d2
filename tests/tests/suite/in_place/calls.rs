//! Every system call of an insert and of an undo fails once, and the command is killed at each of them: the movie is the old
//! one or the new one, a failure leaves it byte for byte what it was, and the next command goes on from there.

use std::collections::BTreeMap;
use std::process::Command;

use intercut_tests::builder::Layout;
use intercut_tests::in_place_job::InPlaceJob;
use intercut_tests::oracle::in_place::maker::sized;
use intercut_tests::oracle::in_place::shown::shown;
use intercut_tests::trace::{self, Injection};

/// Calls that change the movie, or that a change rests on.
const CALLS: [&str; 9] = [
    "pwrite64",
    "copy_file_range",
    "fallocate",
    "ftruncate",
    "fsync",
    "fdatasync",
    "flock",
    "fcntl",
    "utimensat",
];

/// What a command starts from, and what it is to make of it.
struct Act {
    name: &'static str,
    /// The file before the command.
    from: Vec<u8>,
    /// Whether it shows the new movie.
    from_new: bool,
    command: fn(&InPlaceJob) -> Command,
}

impl Act {
    /// The insert, and the undo of it.
    fn both(job: &InPlaceJob) -> [Act; 2] {
        job.reset();
        job.succeeds(&mut job.insert(&["--route", "kernel"]));
        let inserted = job.now().bytes;
        let from = job.before.bytes.clone();
        let insert = |job: &InPlaceJob| job.insert(&["--route", "kernel"]);
        let undo = |job: &InPlaceJob| job.undo(&[]);
        [
            Act { name: "insert", from, from_new: false, command: insert },
            Act { name: "undo", from: inserted, from_new: true, command: undo },
        ]
    }
}

/// Does `what` at each of the calls, the first, then the second; returns how often that was.
fn at_each_call(
    act: &Act,
    job: &InPlaceJob,
    what: &str,
    check: &dyn Fn(&std::process::Output, &str),
) -> usize {
    let mut count = 0;
    for call in CALLS {
        for nth in 1.. {
            job.put(&act.from);
            let at = [Injection::at(call, what, nth)];
            let traced = trace::run(&(act.command)(job), call, &at);
            let is_killed = what.starts_with("signal") && !traced.output.status.success();
            if traced.injected().is_empty() && !is_killed {
                assert!(traced.output.status.success(), "{}: {call} {nth}", act.name);
                break;
            }
            check(&traced.output, &format!("{}, {what} at {call} number {nth}", act.name));
            count += 1;
        }
    }
    count
}

#[test]
fn call_that_fails_leaves_the_movie_as_it_was_or_changes_it_wholly() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = InPlaceJob::in_memory(Layout::MoovToEnd, 600);
    for act in Act::both(&job) {
        for error in ["EIO", "ENOSPC", "EINTR"] {
            let count = at_each_call(&act, &job, &format!("error={error}"), &|output, context| {
                let said = String::from_utf8_lossy(&output.stderr);
                let file = job.now();
                let is_new = job.is_new(&file.bytes);
                let is_new = is_new.unwrap_or_else(|found| panic!("{context}: {found}: {said}"));
                if output.status.success() {
                    assert_eq!(is_new, !act.from_new, "{context}: {said}");
                } else {
                    // The clip, if nobody can be asked who else has it open.
                    let is_named = said.contains("movie.mov") || said.contains("clip.mov");
                    assert!(said.starts_with("error: ") && is_named, "{context}: {said}");
                }
            });
            println!("{}: {count} times {error}", act.name);
        }
    }
}

#[test]
fn insert_that_fails_before_the_switch_leaves_bytes_length_and_time_of_change() {
    if trace::is_missing() {
        return;
    }
    for layout in [Layout::WideMdatMoov, Layout::MoovToEnd, Layout::ZerosBehind] {
        let (_folder, job) = InPlaceJob::in_memory(layout, 600);
        let [insert, _] = Act::both(&job);
        let mut failed = 0;
        for call in ["pwrite64", "copy_file_range", "fallocate", "fsync"] {
            for nth in 1..=4 {
                job.put(&insert.from);
                let at = [Injection::at(call, "error=EIO", nth)];
                let traced = trace::run(&(insert.command)(&job), call, &at);
                let is_old = job.is_new(&job.now().bytes) == Ok(false);
                if !traced.output.status.success() && is_old {
                    job.assert_untouched(&format!("{layout:?}: EIO at {call} number {nth}"));
                    failed += 1;
                }
            }
        }
        assert!(failed >= 4, "{layout:?}: only {failed} inserts failed");
    }
}

#[test]
fn insert_that_is_cancelled_leaves_the_movie_as_it_was_or_has_been_made() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = InPlaceJob::in_memory(Layout::WideMdatMoov, 600);
    let [insert, _] = Act::both(&job);
    let mut codes: BTreeMap<Option<i32>, usize> = BTreeMap::new();
    // Calls that one thread makes: a second signal ends the run at once.
    for call in ["fallocate", "fsync", "fdatasync", "flock"] {
        for nth in 1.. {
            job.put(&insert.from);
            let at = [Injection::at(call, "signal=INT", nth)];
            let traced = trace::run(&(insert.command)(&job), call, &at);
            if traced.calls.iter().filter(|one| one.name == call).count() < nth {
                break;
            }
            let context = format!("cancelled at {call} number {nth}");
            let said = String::from_utf8_lossy(&traced.output.stderr).into_owned();
            let code = traced.output.status.code();
            match code {
                Some(0) => assert_eq!(job.is_new(&job.now().bytes), Ok(true), "{context}: {said}"),
                Some(130) => job.assert_untouched(&format!("{context}: {said}")),
                other => panic!("{context}: {other:?}: {said}"),
            }
            *codes.entry(code).or_default() += 1;
        }
    }
    println!("{codes:?}");
    assert_eq!(codes.len(), 2, "none was cancelled, or none was finished: {codes:?}");
}

#[test]
fn command_that_is_killed_at_each_call_is_finished_or_taken_back_by_the_next() {
    if trace::is_missing() {
        return;
    }
    for layout in [Layout::MoovToEnd, Layout::MoovFirst] {
        let (_folder, job) = InPlaceJob::in_memory(layout, 600);
        for act in Act::both(&job) {
            let count = at_each_call(&act, &job, "signal=KILL", &|_, context| {
                let left = job.now().bytes;
                let is_new = job.is_new(&left);
                let is_new = is_new.unwrap_or_else(|found| panic!("{context}: {found}"));
                // The command again, and it is done.
                let again = (act.command)(&job).output().expect("the command runs");
                let said = String::from_utf8_lossy(&again.stderr).into_owned();
                if act.from_new {
                    let bytes = job.now().bytes;
                    match again.status.code() {
                        Some(0) => job.assert_untouched(&format!("{context}, then undo: {said}")),
                        // The cut was made: nothing says any more when the movie was changed last, and that a size was 0.
                        Some(3) => assert!(
                            bytes == job.before.bytes || bytes == sized(&job.before.bytes),
                            "{context}, then undo: {said}"
                        ),
                        other => panic!("{context}, then undo: {other:?}: {said}"),
                    }
                } else {
                    assert!(again.status.success(), "{context}: {said}");
                    let now = shown(&job.now().bytes).expect("it is a movie");
                    now.has_samples_of(&job.new).expect("the new pictures");
                    for _ in 0..1 + usize::from(is_new) {
                        job.succeeds(&mut job.undo(&[]));
                    }
                    assert_eq!(job.is_new(&job.now().bytes), Ok(false), "{context}: {said}");
                }
            });
            println!("{layout:?}, {}: {count} kills", act.name);
            assert!(count > 4, "{count} kills");
        }
    }
}
