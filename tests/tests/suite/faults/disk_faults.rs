//! System calls of a splice made to fail, one at a time. Whatever fails, a run ends with the whole movie, or with a message
//! that names the file and what was tried, and leaves everything as it was.
//!
//! Here is what only the system can show: direct writes, rings, names, early write-back. What the executor asks of a file
//! beside those fails in memory, much faster, in the tests of `io/src/execute`.

use std::collections::BTreeMap;
use std::process::Output;

use intercut_tests::job::{Job, Outcome};
use intercut_tests::trace::{self, Call, Injection, Traced};
use serde_json::Value;

use super::unnamed_open;

/// Bytes of the movies whose every call fails once: a few pieces for every thread.
const SMALL: u32 = 5 << 20;

/// What must follow from a call that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// The run fails, and these words are in what it says.
    Failure(&'static str),
    /// The movie is made all the same.
    Success,
    /// Either, as long as it is all or nothing: what fails is not the movie's own reading or writing.
    AllOrNothing,
}

/// What must follow where a thread's call answers with this error and the route was named.
fn follows(call: &Call, error: &str) -> Follows {
    use Follows::{AllOrNothing, Failure, Success};
    let is_full = error == "ENOSPC";
    let is_lacking = matches!(error, "EOPNOTSUPP" | "EXDEV" | "EINVAL" | "ENOSYS");
    match (call.name.as_str(), error) {
        ("pread64", "EINTR") => Success,
        ("pread64", _) => Failure("cannot read"),
        ("pwrite64", _) if tries_direct_writes(call) => AllOrNothing,
        ("fallocate", _) if is_full => Failure("no room for"),
        ("fallocate", "EINTR" | "EOPNOTSUPP" | "ENOSYS") => Success,
        ("fallocate", _) => Failure("cannot reserve room for"),
        ("pwrite64" | "copy_file_range" | "ftruncate" | "fsync", "EINTR") => Success,
        ("ioctl", _) if !call.arguments.contains("FICLONERANGE") => Success,
        ("ioctl", "EINTR") => Success,
        ("pwrite64" | "copy_file_range" | "ioctl", _) if is_lacking => {
            Failure("route cannot write")
        }
        ("pwrite64" | "copy_file_range" | "ioctl", _) => Failure("cannot write"),
        ("ftruncate", _) => Failure("cannot cut to length"),
        ("sync_file_range", _) if is_lacking || error == "EINTR" => Success,
        ("sync_file_range", _) => Failure("cannot write"),
        ("fsync", _) => Failure("cannot sync"),
        ("linkat" | "renameat" | "renameat2", _) => Failure("cannot give its name to"),
        ("io_uring_setup" | "io_uring_register", _) => Success,
        ("io_uring_enter", "EINTR" | "EAGAIN" | "EBUSY") => Success,
        ("io_uring_enter", _) => Failure("cannot write through io_uring"),
        _ => AllOrNothing,
    }
}

/// Whether this is the block of zeros that finds out whether direct writes work; the first copy writes over it.
fn tries_direct_writes(call: &Call) -> bool {
    call.arguments.contains("\"\\0\\0\\0\\0\\0\\0\\0\\0") && call.arguments.ends_with(", 4096, 0")
}

/// Faults that hit the movie itself.
fn own_faults(traced: &Traced) -> usize {
    traced.injected().iter().filter(|call| !tries_direct_writes(call)).count()
}

/// The injected calls that are the command's own: those of the loader, before it starts, are not.
fn ends_in_the_loader(output: &Output) -> bool {
    output.status.code() == Some(127)
}

/// How often each call failed with each error.
#[derive(Debug, Default)]
struct Counts(BTreeMap<String, usize>);

impl Counts {
    fn add(&mut self, calls: &[&Call], error: &str) {
        for call in calls {
            *self.0.entry(format!("{} {error}", call.name)).or_default() += 1;
        }
    }

    fn print(&self, route: &str) {
        let total: usize = self.0.values().sum();
        println!("{route}: {total} faults: {:?}", self.0);
    }
}

/// Lets each call of `calls` fail with each of `errors`, the first of every thread, then the second, until there are no
/// more.
fn every_call_fails(
    job: &Job,
    route: &str,
    (calls, errors): (&[&str], &[&str]),
    always: &[Injection],
    counts: &mut Counts,
) {
    for &call in calls {
        for &error in errors {
            for nth in 1.. {
                let context = format!("{route}: {error} from {call} number {nth}");
                let what = format!("error={error}");
                let injections = [&[Injection::at(call, &what, nth)], always].concat();
                job.reset(false);
                let traced =
                    trace::run(&job.command(route, &[]), &watched(call, always), &injections);
                let injected = traced.injected();
                let injected: Vec<&Call> = injected
                    .into_iter()
                    .filter(|injected| injected.name == call.trim_start_matches('?'))
                    .collect();
                if injected.is_empty() {
                    assert!(traced.output.status.success(), "{context}: it fails untouched");
                    break;
                }
                if ends_in_the_loader(&traced.output) {
                    continue;
                }
                let (is_done, said) = job.all_or_nothing(&traced.output, false, &context);
                check(&injected, error, is_done, &said, &context);
                counts.add(&injected, error);
            }
        }
    }
}

fn watched(call: &str, always: &[Injection]) -> String {
    let calls = always.iter().map(|injection| injection.calls.as_str()).chain([call]);
    calls.collect::<Vec<_>>().join(",")
}

#[track_caller]
fn check(injected: &[&Call], error: &str, is_done: bool, said: &str, context: &str) {
    let all: Vec<Follows> = injected.iter().map(|call| follows(call, error)).collect();
    let mut failures = all.iter().filter_map(|follows| match follows {
        Follows::Failure(words) => Some(words),
        _ => None,
    });
    // The first write of a run tries whether direct writes work: where not, that is why the route is refused.
    let is_refused = said.contains("no direct writes");
    if failures.clone().next().is_some() {
        assert!(!is_done, "{context}: it went on");
        let is_told = failures.any(|words| said.contains(words));
        assert!(is_told || is_refused, "{context}: {all:?} in {said}");
    } else if all.iter().all(|follows| *follows == Follows::Success) {
        assert!(is_done, "{context}: {said}");
    }
}

/// What a write to the target can answer, and what must not matter.
const WRITE_ERRORS: [&str; 5] = ["EIO", "ENOSPC", "EDQUOT", "EINTR", "EINVAL"];

fn on_disk(route: &str, calls: &[&str], errors: &[&str], always: &[Injection]) {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    let mut counts = Counts::default();
    every_call_fails(&job, route, (calls, errors), always, &mut counts);
    counts.print(route);
}

#[test]
fn every_write_of_the_mapped_route_without_a_ring_fails_once() {
    let no_ring = [Injection::always("io_uring_setup", "error=EPERM")];
    on_disk("mapped", &["pwrite64"], &WRITE_ERRORS, &no_ring);
}

#[test]
fn every_write_of_the_staged_route_without_a_ring_fails_once() {
    let no_ring = [Injection::always("io_uring_setup", "error=ENOSYS")];
    on_disk("staged", &["pwrite64"], &["EIO", "ENOSPC", "EDQUOT", "EINTR"], &no_ring);
}

#[test]
fn every_call_to_the_ring_fails_once() {
    let calls = ["io_uring_setup", "io_uring_register"];
    on_disk("mapped", &calls, &["EPERM", "ENOSYS", "ENOMEM"], &[]);
    for route in ["mapped", "staged"] {
        on_disk(route, &["io_uring_enter"], &["EINTR", "EBUSY", "EAGAIN", "EIO"], &[]);
    }
}

#[test]
fn ring_that_fails_for_good_ends_the_run() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    let broken = [Injection { nth: 2, ..Injection::always("io_uring_enter", "error=EIO") }];
    let traced = trace::run(&job.command("mapped", &[]), "io_uring_enter", &broken);
    let (is_done, said) = job.all_or_nothing(&traced.output, false, "a dead ring");
    assert!(!is_done && said.contains("cannot write through io_uring"), "{said}");
}

#[test]
fn every_read_fails_once_on_every_route() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    for route in ["buffered", "kernel", "mapped"] {
        let mut counts = Counts::default();
        every_call_fails(&job, route, (&["pread64"], &["EIO", "EINTR"]), &[], &mut counts);
        counts.print(route);
    }
}

#[test]
fn interrupted_and_failing_calls_around_the_copy_are_told_apart() {
    let soft = ["fallocate", "ftruncate", "fsync"];
    on_disk("buffered", &soft, &["EINTR"], &[]);
    on_disk("buffered", &["fallocate"], &["EIO", "ENOSPC", "EDQUOT", "EOPNOTSUPP"], &[]);
    on_disk("mapped", &["ftruncate"], &["EIO", "ENOSPC"], &[]);
    on_disk("kernel", &["linkat"], &["EIO", "ENOSPC", "EDQUOT", "EXDEV", "EPERM"], &[]);
    on_disk("buffered", &["?open"], &["EIO", "EINTR"], &[]);
    on_disk("buffered", &["openat"], &["EINTR"], &[]);
    on_disk("mapped", &["fstatfs", "fadvise64"], &["EIO"], &[]);
}

#[test]
fn early_write_back_that_fails_is_fatal() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(60 << 20);
    for route in ["kernel", "buffered"] {
        let mut counts = Counts::default();
        let errors: &[&str] = &["EIO", "ENOSPC", "EINTR", "EOPNOTSUPP"];
        every_call_fails(&job, route, (&["sync_file_range"], errors), &[], &mut counts);
        counts.print(route);
        assert!(!counts.0.is_empty(), "{route} writes nothing back early");
    }
}

#[test]
fn folder_that_cannot_be_synced_is_no_failure_where_the_filesystem_never_can() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    // The second sync is that of the folder.
    for (error, is_done) in [("EINVAL", true), ("EOPNOTSUPP", true), ("EIO", false)] {
        for options in [&[][..], &["--force"]] {
            let old = !options.is_empty();
            job.reset(old);
            let at = [Injection::at("fsync", &format!("error={error}"), 2)];
            let traced = trace::run(&job.command("buffered", options), "fsync", &at);
            assert_eq!(traced.injected().len(), 1);
            let (done, said) = job.all_or_nothing(&traced.output, old, error);
            assert_eq!(done, is_done, "{error}: {said}");
            // What was replaced cannot be brought back: the new file stays, and the message says what that means.
            let after = if is_done || old { Outcome::New } else { Outcome::Absent };
            assert_eq!(job.outcome(), after, "{error}: {said}");
            assert!(is_done || !old || said.contains("a power cut may bring back"), "{said}");
        }
    }
}

#[test]
fn file_to_be_replaced_survives_every_failure() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    for call in
        ["fallocate", "pwrite64", "ftruncate", "fsync", "flock", "linkat", "?renameat", "renameat2"]
    {
        for nth in 1..=8 {
            job.reset(true);
            let at = [Injection::at(call, "error=EIO", nth)];
            let traced = trace::run(&job.command("buffered", &["--force"]), call, &at);
            let context = format!("EIO from {call} number {nth}");
            let (is_done, said) = job.all_or_nothing(&traced.output, true, &context);
            assert_eq!(is_done, own_faults(&traced) == 0, "{context}: {said}");
        }
    }
}

#[test]
fn target_with_a_temporary_name_is_whole_or_gone_whatever_fails() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    let unnamed = unnamed_open(&job);
    let mut injected = 0;
    for (options, errors) in [(&[][..], ["EIO", "ENOSPC"]), (&["--force"], ["EIO", "EDQUOT"])] {
        for error in errors {
            for call in ["pwrite64", "fsync", "?renameat", "renameat2", "flock"] {
                for nth in 1..=6 {
                    let old = !options.is_empty();
                    job.reset(old);
                    let injections = [
                        Injection::at("openat", "error=EOPNOTSUPP", unnamed),
                        Injection::at(call, &format!("error={error}"), nth),
                    ];
                    let calls = format!("openat,{call}");
                    let traced = trace::run(&job.command("buffered", options), &calls, &injections);
                    let context = format!("temporary name, {error} from {call} number {nth}");
                    let is_unnamed = |call: &&Call| call.arguments.contains("O_TMPFILE");
                    assert!(traced.injected().iter().any(is_unnamed), "{context}");
                    let (is_done, said) = job.all_or_nothing(&traced.output, old, &context);
                    let others = own_faults(&traced) - 1;
                    assert_eq!(is_done, others == 0, "{context}: {said}");
                    injected += others;
                }
            }
        }
    }
    println!("temporary name: {injected} faults");
}

#[test]
fn name_is_taken_without_replacing_where_rename_cannot_promise_that() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    let unnamed = Injection::at("openat", "error=EOPNOTSUPP", unnamed_open(&job));
    let no_rename = Injection::always("renameat2", "error=EINVAL");
    let no_links = Injection::always("linkat", "error=EPERM");
    for injections in [vec![unnamed.clone(), no_rename.clone()], vec![unnamed, no_rename, no_links]]
    {
        job.reset(false);
        let traced =
            trace::run(&job.command("buffered", &[]), "openat,renameat2,linkat", &injections);
        assert_eq!(traced.injected().len(), injections.len(), "{:?}", traced.calls);
        let (is_done, said) = job.all_or_nothing(&traced.output, false, "no RENAME_NOREPLACE");
        assert!(is_done, "{said}");
    }
}

/// The report on standard output.
fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a run that is done reports")
}

#[test]
fn route_that_gives_out_midway_is_followed_by_the_next_one() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    let no_ring = Injection::always("io_uring_setup", "error=EPERM");
    let mut fallbacks = 0;
    for error in ["EINVAL", "EOPNOTSUPP"] {
        // The first write only tries direct writes.
        for nth in 1..=4 {
            job.reset(false);
            let at = [no_ring.clone(), Injection::at("pwrite64", &format!("error={error}"), nth)];
            let traced = trace::run(&job.command("auto", &[]), "io_uring_setup,pwrite64", &at);
            let context = format!("auto, {error} from pwrite64 number {nth}");
            let (is_done, said) = job.all_or_nothing(&traced.output, false, &context);
            let hits = traced.injected().iter().filter(|call| call.name == "pwrite64").count();
            // strace counts by thread: where it refused the last route's write too, there is nothing left to fall back to.
            assert!(is_done || hits > 1, "{context}: {said}");
            if is_done && hits > 0 {
                let report = report(&traced.output);
                let refused = report["refused_routes"].as_array().expect("a list").clone();
                let is_named = refused
                    .iter()
                    .any(|refused| refused["route"] == "mapped" && refused["reason"] != "");
                assert!(is_named, "{context}: {refused:?}");
                fallbacks += 1;
            }
        }
    }
    println!("auto: {fallbacks} fallbacks from mapped");
}

#[test]
fn mapped_and_staged_work_where_io_uring_is_forbidden() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(SMALL);
    for error in ["EPERM", "ENOSYS"] {
        for route in ["mapped", "staged"] {
            job.reset(false);
            let forbidden = [Injection::always("io_uring_setup", &format!("error={error}"))];
            let traced = trace::run(&job.command(route, &[]), "io_uring_setup", &forbidden);
            assert!(!traced.injected().is_empty(), "{route} does not try io_uring");
            let (is_done, said) = job.all_or_nothing(&traced.output, false, route);
            assert!(is_done, "{route}: {said}");
            assert!(report(&traced.output)["bytes_by_route"][route].as_u64() > Some(1 << 20));
        }
    }
}
