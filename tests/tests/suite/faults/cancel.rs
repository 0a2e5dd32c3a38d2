//! Runs that are asked to end, by signals and by the library's token, at moments from their start to their end: they stop
//! working, end with exit code 130, and leave nothing.
//!
//! How long that takes is printed. What is asserted is what they still do, not how long it takes on a busy machine.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use intercut_engine::splice::{OpenedSplice, Splice, SpliceError, SpliceOptions, VerifyMode};
use intercut_io::{Control, IoError, Replace, Route};
use intercut_tests::builder::MovieSpec;
use intercut_tests::interrupt::{Ended, Ends, Running, SIGNALS, Signal, heeding, moments};
use intercut_tests::job::{Job, Outcome};
use intercut_tests::program::intercut;
use intercut_tests::proof::by;
use intercut_tests::storage::{Filesystem, Mounted};
use intercut_tests::{media, skip, trace};
use tempfile::TempDir;

/// Bytes of the movies: enough for a few hundred copies in flight, one after the other.
const LARGE: u32 = 200 << 20;

/// Moments of each kind of run.
const MOMENTS: u32 = 15;

/// The most bytes that a library's run may carry after its token is set: the slabs of its budget and what is in flight.
const CARRIED_MAX: u64 = 96 << 20;

fn disk() -> TempDir {
    TempDir::with_prefix_in("cancel-", media::tmp_dir()).expect("a folder")
}

/// How long a run takes that nobody interrupts; its output is removed.
fn uninterrupted(job: &Job, start: &impl Fn() -> Running) -> Duration {
    job.reset(false);
    let begun = Instant::now();
    let output = start().finish(None).output;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let taken = begun.elapsed();
    job.reset(false);
    taken
}

/// Asserts that an interrupted run is cancelled and left what there was before, or came to its end.
#[track_caller]
fn judge(job: &Job, ended: &Ended, old: bool, ends: &mut Ends, context: &str) {
    let said = String::from_utf8_lossy(&ended.output.stderr);
    assert_eq!(job.leftovers(), [] as [&str; 0], "{context}: {said}");
    let before = if old { Outcome::Old } else { Outcome::Absent };
    match (ended.output.status.code(), ended.after) {
        (Some(0), _) => assert_eq!(job.outcome(), Outcome::New, "{context}"),
        (Some(130), Some(after)) => {
            assert_eq!(job.outcome(), before, "{context}");
            ends.add(after);
        }
        // Before the command could listen, in its first millisecond.
        (None, Some(_)) => assert_eq!((job.outcome(), said.as_ref()), (before, ""), "{context}"),
        other => panic!("{context}: {other:?}, {}: {said}", ended.output.status),
    }
}

/// Interrupts runs that `start` starts at moments of their length.
fn interrupt_at_moments(job: &Job, what: &str, old: bool, start: impl Fn() -> Running) {
    // The first run may have to wait until its sources have reached the disk.
    let span = uninterrupted(job, &start).min(uninterrupted(job, &start));
    let mut ends = Ends::default();
    for (moment, signal) in moments(MOMENTS, span).zip(SIGNALS.into_iter().cycle()) {
        job.reset(old);
        let running = start();
        running.wait_until(moment);
        let ended = running.interrupt(signal);
        judge(job, &ended, old, &mut ends, &format!("{what}, {signal:?} at {moment:?}"));
    }
    ends.judge(what);
}

/// Starts the job's command with these options.
fn start(job: &Job, route: &str, options: &[&str]) -> Running {
    Running::start(&mut heeding(&job.command(route, options)))
}

#[test]
fn run_ends_soon_and_leaves_nothing_on_every_route() {
    let (_folder, job) = Job::on_disk(LARGE);
    for route in ["mapped", "staged", "kernel", "buffered"] {
        interrupt_at_moments(&job, route, false, || start(&job, route, &[]));
    }
    interrupt_at_moments(&job, "auto, replacing", true, || start(&job, "auto", &["--force"]));
}

#[test]
fn run_ends_soon_where_io_uring_is_forbidden() {
    let (_folder, job) = Job::on_disk(LARGE);
    for route in ["mapped", "staged"] {
        let what = format!("{route} without a ring");
        let start = || Running::start_without_ring(&job.command(route, &[]));
        if let Err(reason) = start().map(|running| running.finish(None)) {
            return skip::note("seccomp", &reason);
        }
        interrupt_at_moments(&job, &what, false, || start().expect("it could be started before"));
    }
}

#[test]
fn run_that_verifies_ends_soon() {
    let (_folder, job) = Job::on_disk(LARGE);
    for mode in ["written", "full"] {
        let options = ["--verify", mode];
        let what = format!("auto, --verify {mode}");
        interrupt_at_moments(&job, &what, false, || start(&job, "auto", &options));
    }
}

/// One filesystem of each kind that is carried in a way of its own.
#[test]
fn run_ends_soon_on_other_filesystems() {
    for (kind, len, routes) in [
        (Filesystem::Xfs, 1 << 30, &["reflink", "auto"][..]),
        (Filesystem::Btrfs, 1 << 30, &["reflink"]),
        (Filesystem::Tmpfs, 1 << 30, &["auto", "buffered"]),
        (Filesystem::Vfat, 1 << 30, &["mapped", "buffered"]),
        (Filesystem::Bindfs, 1 << 30, &["auto"]),
    ] {
        let Some(mounted) = Mounted::or_skip(kind, len) else { continue };
        let folder = disk();
        // Sharing needs the sources on the same filesystem.
        let shares = routes.contains(&"reflink");
        let sources = if shares { mounted.path() } else { folder.path().to_owned() };
        let job = Job::new(&sources, &mounted.path().join("out"), LARGE);
        for route in routes {
            let what = format!("{route} on {kind:?}");
            interrupt_at_moments(&job, &what, false, || start(&job, route, &[]));
        }
    }
}

#[test]
fn run_that_is_being_synced_ends_soon() {
    let (_folder, job) = Job::on_disk(LARGE);
    for route in ["mapped", "kernel", "buffered"] {
        let (mut ends, mut met) = (Ends::default(), 0);
        for signal in SIGNALS.into_iter().cycle().take(6) {
            job.reset(false);
            let mut running = start(&job, route, &[]);
            met += usize::from(running.wait_until_syncing());
            let ended = running.interrupt(signal);
            judge(&job, &ended, false, &mut ends, &format!("{route}, in its sync"));
        }
        ends.judge(&format!("{route}, met in fsync {met} times of 6"));
    }
}

#[test]
fn run_with_a_large_budget_does_not_wait_for_what_is_read_ahead() {
    let (_folder, job) = Job::on_disk(LARGE);
    let mut ends = Ends::default();
    for (moment, signal) in moments(6, Duration::from_millis(200)).zip(SIGNALS.into_iter().cycle())
    {
        job.reset(false);
        for source in job.sources() {
            let file = fs::File::open(source).expect("a source can be opened");
            file.sync_all().expect("a source can be synced");
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).expect("advice");
        }
        let running = start(&job, "staged", &["--memory", "2048"]);
        running.wait_until(moment);
        let ended = running.interrupt(signal);
        judge(&job, &ended, false, &mut ends, &format!("cold, at {moment:?}"));
    }
    ends.judge("staged, sources not cached, 2 GiB to read ahead");
}

#[test]
fn library_token_ends_a_run_on_every_route() {
    let (_folder, job) = Job::on_disk(LARGE);
    let splice =
        |options| Splice::new(&job.base).clips(&job.clips).output(job.output()).options(options);
    let routes = [Route::Mapped, Route::Staged, Route::Kernel, Route::Buffered];
    let written = SpliceOptions::default().verify(VerifyMode::Written);
    let full = SpliceOptions::default().verify(VerifyMode::Full);
    let all = routes.map(by).into_iter().chain([written, full]);
    for options in all {
        job.reset(false);
        let begun = Instant::now();
        splice(options).run(&Control::default()).expect("it runs");
        let span = begun.elapsed();
        let what = format!("{:?}, {:?}", options.route, options.verify);
        for moment in moments(MOMENTS, span) {
            job.reset(false);
            let (splice, control) = (splice(options), Control::default());
            let (result, before) = std::thread::scope(|scope| {
                let run = scope.spawn(|| splice.run(&control));
                std::thread::sleep(moment);
                let before = control.progress.bytes_done();
                control.cancel.cancel();
                (run.join().expect("it does not panic"), before)
            });
            match result {
                Ok(_) => assert_eq!(job.outcome(), Outcome::New, "{what}"),
                Err(SpliceError::Io(IoError::Cancelled)) => {
                    assert_eq!(job.names(), [] as [&str; 0], "{what}");
                    let carried = control.progress.bytes_done().saturating_sub(before);
                    assert!(carried < CARRIED_MAX, "{what} at {moment:?}: {carried} bytes more");
                }
                Err(error) => panic!("{what}: {error:?}"),
            }
        }
    }
}

#[test]
fn token_that_is_set_before_the_start_keeps_what_is_there() {
    let (_folder, job) = Job::on_disk(5 << 20);
    job.reset(true);
    let control = Control::default();
    control.cancel.cancel();
    let options = SpliceOptions::default().replace(Replace::Allow);
    let splice = Splice::new(&job.base).clips(&job.clips).output(job.output()).options(options);
    let result = splice.run(&control);
    assert!(matches!(result, Err(SpliceError::Io(IoError::Cancelled))), "{result:?}");
    assert_eq!(job.names(), ["out.mov"]);
    assert_eq!(job.outcome(), Outcome::Old);
}

/// A base of as many frames as there are clips of one frame each.
fn many_clips(folder: &Path, count: u16) {
    let clips = folder.join("clips");
    fs::create_dir(&clips).expect("a folder can be made");
    MovieSpec::with_timecode(1, 90_000, vec![900; usize::from(count)])
        .write(&folder.join("base.mov"));
    for clip in 0..i32::from(count) {
        let spec = MovieSpec::with_timecode(2, 90_000 + clip, vec![1000]);
        spec.write(&clips.join(format!("S{clip:05}.mov")));
    }
}

fn in_folder(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(intercut());
    command.args(arguments.split(' ')).current_dir(folder);
    command
}

#[test]
fn library_token_ends_the_opening_of_many_clips() {
    let folder = disk();
    many_clips(folder.path(), 3000);
    let splice = Splice::new(folder.path().join("base.mov")).clips([folder.path().join("clips")]);
    let begun = Instant::now();
    splice.open(&Control::default()).and_then(OpenedSplice::plan).expect("the clips fit");
    let span = begun.elapsed();
    // At the start it is always cancelled; later moments may come after the end.
    for moment in std::iter::once(Duration::ZERO).chain(moments(MOMENTS, span)) {
        let control = Control::default();
        let result = std::thread::scope(|scope| {
            if moment.is_zero() {
                control.cancel.cancel();
            }
            let run = scope.spawn(|| splice.open(&control).map(drop));
            std::thread::sleep(moment);
            control.cancel.cancel();
            run.join().expect("it does not panic")
        });
        match result {
            Ok(()) => assert!(!moment.is_zero(), "a token that was set is not heeded"),
            Err(SpliceError::Io(IoError::Cancelled)) => {}
            Err(error) => panic!("at {moment:?}: {error:?}"),
        }
    }
}

#[test]
fn planning_of_many_clips_ends_at_once() {
    let folder = disk();
    many_clips(folder.path(), 3000);
    for arguments in [
        "splice base.mov clips -o out.mov --no-progress",
        "plan base.mov clips",
        "verify base.mov base.mov clips --no-progress",
    ] {
        let make = || heeding(&in_folder(folder.path(), arguments));
        let (mut first, begun) = (make(), Instant::now());
        first.output().expect("the command runs");
        let (span, mut ends) = (begun.elapsed(), Ends::default());
        let _removed = fs::remove_file(folder.path().join("out.mov"));
        for (moment, signal) in moments(MOMENTS, span).zip(SIGNALS.into_iter().cycle()) {
            let running = Running::start(&mut make());
            running.wait_until(moment);
            let ended = running.interrupt(signal);
            match ended.output.status.code() {
                Some(130) => ends.add(ended.after.expect("it was interrupted")),
                Some(0 | 1) => {}
                None if ended.output.stderr.is_empty() => {}
                other => panic!("{arguments}: {other:?}, {:?}", ended.output),
            }
            let is_done = ended.output.status.success() && arguments.starts_with("splice");
            assert_eq!(folder.path().join("out.mov").exists(), is_done, "{arguments}");
            let _removed = fs::remove_file(folder.path().join("out.mov"));
            let names = fs::read_dir(folder.path()).expect("it can be read").count();
            assert_eq!(names, 2, "{arguments}: something is left");
        }
        ends.judge(arguments);
    }
}

/// The reads of a log of strace(1): one a line.
fn reads(log: &Path) -> usize {
    fs::read_to_string(log).unwrap_or_default().lines().filter(|line| line.contains(" = ")).count()
}

/// Each read takes a third of a second: a run that is asked to end begins no more than its threads have begun.
#[test]
fn planning_on_slow_storage_ends_at_once() {
    if trace::is_missing() {
        return;
    }
    let (folder, logs) = (disk(), disk());
    let log = logs.path().join("reads");
    many_clips(folder.path(), 60);
    let command = in_folder(folder.path(), "splice base.mov clips -o out.mov --no-progress");
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-f", "--seccomp-bpf", "--trace=pread64", "-o"]).arg(&log);
    strace.arg("--inject=pread64:delay_enter=300000").arg("--");
    let heeding = heeding(&command);
    strace.arg(heeding.get_program()).args(heeding.get_args()).current_dir(folder.path());
    strace.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    for signal in SIGNALS {
        let running = Running::start(&mut strace);
        while reads(&log) < 8 {
            std::thread::sleep(Duration::from_millis(10));
        }
        let ended = running.interrupt(signal);
        assert_eq!(ended.output.status.code(), Some(130), "{ended:?}");
        // Opening all takes some hundreds. Every thread may be in one when it hears of the signal.
        assert!(reads(&log) < 60, "{} reads", reads(&log));
        fs::remove_file(&log).expect("it is there");
        let said = String::from_utf8_lossy(&ended.output.stderr);
        assert_eq!(said, "cancelled: no movie was written, and no part of one is left behind\n");
        assert_eq!(fs::read_dir(folder.path()).expect("it can be read").count(), 2);
    }
}

#[test]
fn second_signal_ends_the_run_at_once_and_the_next_run_removes_what_is_left() {
    for kind in [None, Some(Filesystem::Bindfs)] {
        let mounted = kind.map(|kind| Mounted::or_skip(kind, 1 << 30));
        let mounted = match mounted {
            Some(None) => continue,
            mounted => mounted.flatten(),
        };
        let folder = disk();
        let out = mounted.as_ref().map_or(folder.path().to_owned(), Mounted::path).join("out");
        let job = Job::new(folder.path(), &out, LARGE);
        let span = uninterrupted(&job, &|| start(&job, "buffered", &[]));
        let (mut ends, mut left) = (Ends::default(), 0);
        for moment in moments(MOMENTS, span) {
            let mut running = start(&job, "buffered", &[]);
            running.wait_until(moment);
            let mark = running.mark();
            running.send(Signal::INT);
            std::thread::sleep(Duration::from_millis(2));
            running.send(Signal::INT);
            let ended = running.finish(mark);
            let leftovers = job.leftovers();
            for name in &leftovers {
                assert!(
                    name.starts_with(".out.mov.intercut-") && name.ends_with(".partial"),
                    "{name} is not recognisable"
                );
                assert!(mounted.is_some(), "{name} is left where files need no name");
            }
            assert!(leftovers.len() <= 1, "{leftovers:?}");
            left += leftovers.len();
            // A run that says that it was cancelled left no movie. One that was ended at once says nothing: the signal
            // may have come when the movie had its name already, and then the movie is whole.
            let is_silent = ended.output.stderr.is_empty();
            match (ended.output.status.code(), job.outcome()) {
                (Some(0), Outcome::New) => {}
                (Some(130) | None, Outcome::New) if is_silent => {}
                (Some(130), Outcome::Absent) => ends.add(ended.after.expect("it was interrupted")),
                (None, Outcome::Absent) if is_silent => {}
                other => panic!("{other:?}: {ended:?}"),
            }
            // What a killed run left under another name stays for the next.
            let _removed = fs::remove_file(job.output());
        }
        ends.judge(&format!("two signals, {kind:?}, {left} leftovers"));
        let _removed = fs::remove_file(job.output());
        let output = job.command("buffered", &[]).output().expect("the command runs");
        let (is_done, said) = job.all_or_nothing(&output, false, "the next run");
        assert!(is_done, "{said}");
    }
}

#[test]
fn signal_that_is_ignored_stays_ignored() {
    let (_folder, job) = Job::on_disk(40 << 20);
    for signal in SIGNALS {
        job.reset(false);
        let command = job.command("buffered", &[]);
        let mut ignoring = Command::new("env");
        ignoring.arg("--ignore-signal=INT,TERM,HUP").arg(command.get_program());
        ignoring.args(command.get_args()).stderr(std::process::Stdio::piped());
        ignoring.stdout(std::process::Stdio::piped());
        let running = Running::start(&mut ignoring);
        running.wait_until(Duration::from_millis(20));
        running.send(signal);
        running.send(signal);
        let ended = running.finish(None);
        let (is_done, said) = job.all_or_nothing(&ended.output, false, "ignoring");
        assert!(is_done, "{said}");
    }
}
