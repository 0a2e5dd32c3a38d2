//! `kill -9` and power cuts at every moment of a run: the target is absent or whole, what was to be replaced is the old file
//! or the new one, and what is left is known by its name and removed by the next run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use intercut_tests::job::{Job, OLD, Outcome, outcome_of};
use intercut_tests::media;
use intercut_tests::power::cut_anywhere;
use intercut_tests::program::intercut;
use intercut_tests::random::Random;
use intercut_tests::storage::{Filesystem, Mounted};
use intercut_tests::trace::{self, Injection};
use tempfile::TempDir;

use super::unnamed_open;

/// Kills on each route, with and without a file to be replaced.
const KILLS: usize = 20;

/// Long enough that a kill lands in the middle of the copy.
const LEN: u32 = 48 << 20;

fn folder() -> TempDir {
    TempDir::with_prefix_in("crash-", media::tmp_dir()).expect("a folder")
}

fn options(force: bool) -> &'static [&'static str] {
    if force { &["--force"] } else { &[] }
}

/// How long an untouched run takes.
fn usual(job: &Job, route: &str) -> Duration {
    let measure = |_| {
        job.reset(false);
        let begun = Instant::now();
        let output = job.command(route, &[]).output().expect("the command runs");
        let took = begun.elapsed();
        assert!(job.all_or_nothing(&output, false, route).0);
        took
    };
    (0..3).map(measure).min().expect("three runs")
}

fn kill(child: &mut Child) {
    child.kill().expect("a child can be killed");
    child.wait().expect("a child ends");
}

/// Whether a name is one of those that a killed run leaves for `out.mov`.
fn is_recognisable(name: &str) -> bool {
    name.strip_prefix(".out.mov.intercut-")
        .and_then(|rest| rest.strip_suffix(".partial"))
        .is_some_and(|tag| tag.len() == 8 && tag.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Kills runs at random moments; `names_files` where the filesystem has no files without a name.
fn kills(job: &Job, route: &str, names_files: bool) {
    let seed = 0x9e37_79b9 + route.len() as u64;
    let mut random = Random::new(seed);
    let usual = usual(job, route);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for force in [false, true] {
        for round in 0..KILLS {
            job.reset(force);
            let delay = usual.mul_f64(random.share_of(1.05));
            let mut child = job.command(route, options(force)).spawn().expect("it runs");
            std::thread::sleep(delay);
            kill(&mut child);
            let context = format!("{route}, seed {seed:#x}, round {round}, after {delay:?}");
            let outcome = job.outcome();
            let wrong = if force { Outcome::Absent } else { Outcome::Old };
            assert_ne!(outcome, wrong, "{context}");
            let left = job.leftovers();
            assert!(left.len() <= 1 && left.iter().all(|name| is_recognisable(name)), "{left:?}");
            for name in &left {
                assert!(force || names_files, "{context}: {left:?}");
                if !names_files {
                    // Only a complete file ever had a name.
                    let path = job.output().with_file_name(name);
                    assert_eq!(outcome_of(&path, &job.reference), Outcome::New, "{context}");
                }
            }
            let kind = if left.is_empty() { "" } else { " and a leftover" };
            *outcomes.entry(format!("{outcome:?}{kind}")).or_default() += 1;
            if !left.is_empty() {
                let output = job.command(route, &["--force"]).output().expect("it runs");
                let after = format!("{context}, the next run");
                assert!(job.all_or_nothing(&output, force, &after).0, "{after}");
            }
        }
    }
    println!("{route}: {} kills: {outcomes:?}", 2 * KILLS);
}

fn kills_on_disk(route: &str) {
    let (_folder, job) = Job::on_disk(LEN);
    kills(&job, route, false);
}

#[test]
fn killed_run_of_the_mapped_route_leaves_nothing() {
    kills_on_disk("mapped");
}

#[test]
fn killed_run_of_the_staged_route_leaves_nothing() {
    kills_on_disk("staged");
}

#[test]
fn killed_run_of_the_kernel_route_leaves_nothing() {
    kills_on_disk("kernel");
}

#[test]
fn killed_run_of_the_buffered_route_leaves_nothing() {
    kills_on_disk("buffered");
}

#[test]
fn killed_run_of_the_reflink_route_leaves_nothing() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 512 << 20) else { return };
    let job = Job::new(&mounted.path(), &mounted.path().join("out"), LEN);
    kills(&job, "reflink", false);
}

/// A filesystem that has no files without a name: FAT, or a FUSE one where the kernel has no FAT.
fn without_unnamed_files() -> Option<Mounted> {
    let vfat = Mounted::new(Filesystem::Vfat, 256 << 20).ok();
    vfat.or_else(|| Mounted::or_skip(Filesystem::Bindfs, 0))
}

#[test]
fn killed_run_without_unnamed_files_leaves_one_recognisable_file_for_the_next_run_to_remove() {
    let Some(mounted) = without_unnamed_files() else { return };
    let folder = folder();
    let job = Job::new(folder.path(), &mounted.path().join("out"), LEN / 4);
    for route in ["auto", "buffered"] {
        kills(&job, route, true);
    }
}

/// Calls that a run changes the disk with, and those that tell what their descriptors are.
const CHANGING: &str = "?open,openat,pwrite64,copy_file_range,ioctl,io_uring_enter,fallocate,ftruncate,fsync,fdatasync,\
                        flock,linkat,?renameat,renameat2,unlinkat";

/// The four ways to a name: without or with a temporary one, taking a free name or replacing a file.
fn ways_to_a_name(job: &Job) -> Vec<(&'static str, bool, Vec<Injection>)> {
    let named = vec![Injection::at("openat", "error=EOPNOTSUPP", unnamed_open(job))];
    let no_rename = Injection::always("renameat2", "error=EINVAL");
    vec![
        ("unnamed, linked", false, Vec::new()),
        ("unnamed, replacing", true, Vec::new()),
        ("named, renamed", false, named.clone()),
        ("named, replacing", true, named.clone()),
        ("named, linked", false, [named, vec![no_rename]].concat()),
    ]
}

#[test]
fn run_that_is_killed_at_each_of_its_calls_leaves_the_old_or_the_new() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(3 << 20);
    let mut killed = 0;
    for (way, force, injections) in ways_to_a_name(&job) {
        for call in [
            "pwrite64",
            "fallocate",
            "ftruncate",
            "fsync",
            "flock",
            "linkat",
            "?renameat",
            "renameat2",
            "unlinkat",
        ] {
            for nth in 1.. {
                job.reset(force);
                let kill = Injection::at(call, "signal=KILL", nth);
                // One call can be made to do one thing.
                let others = injections.iter().filter(|other| other.calls != call);
                let all: Vec<Injection> = others.cloned().chain([kill]).collect();
                let traced = trace::run(&job.command("buffered", options(force)), CHANGING, &all);
                let context = format!("{way}, killed at {call} number {nth}");
                if traced.output.status.success() {
                    assert_eq!((job.outcome(), job.leftovers().len()), (Outcome::New, 0));
                    break;
                }
                killed += 1;
                let wrong = if force { Outcome::Absent } else { Outcome::Old };
                assert_ne!(job.outcome(), wrong, "{context}");
                let left = job.leftovers();
                assert!(left.iter().all(|name| is_recognisable(name)), "{context}: {left:?}");
                let mut left_max = usize::from(force || way.starts_with("named"));
                // A link beside the temporary name is the target: nothing is wrong with either.
                left_max = left_max.max(left.len().min(1) * usize::from(way == "named, linked"));
                assert!(left.len() <= left_max, "{context}: {left:?}");
                let output = job.command("buffered", &["--force"]).output().expect("it runs");
                assert!(job.all_or_nothing(&output, force, &format!("{context}, next run")).0);
            }
        }
    }
    println!("{killed} kills, one at each call");
}

#[test]
fn power_cut_after_each_call_leaves_the_target_absent_or_whole() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(5 << 20);
    let mut states = 0;
    for route in ["mapped", "staged", "kernel", "buffered"] {
        for (way, force, injections) in ways_to_a_name(&job) {
            job.reset(force);
            let traced = trace::run(&job.command(route, options(force)), CHANGING, &injections);
            assert!(traced.output.status.success(), "{route}, {way}");
            let cut = cut_anywhere(&traced.calls, "out.mov", force);
            states += cut.unwrap_or_else(|found| panic!("{route}, {way}: {found}"));
        }
    }
    println!("{states} states after a power cut");
}

/// Snapshots of a filesystem, taken while a run writes to it, are mounted as they were: the journal is replayed.
fn power_is_cut_on(kind: Filesystem, mount_options: &str, routes: &[&str]) {
    let Some(outer) = Mounted::or_skip(Filesystem::Xfs, 4 << 30) else { return };
    let Some(inner) = Mounted::or_skip_in(kind, 400 << 20, &outer.path()) else { return };
    let sources = folder();
    // Blocks can be shared within a filesystem only.
    let place = if routes.contains(&"reflink") { inner.path() } else { sources.path().to_owned() };
    let job = Job::new(&place, &inner.path().join("out"), LEN);
    let mut random = Random::new(0xdead_beef);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for route in routes {
        let usual = usual(&job, route);
        for force in [false, true] {
            job.reset(force);
            inner.sync();
            let mut child = job.command(route, options(force)).spawn().expect("it runs");
            let mut images = Vec::new();
            while child.try_wait().expect("a child can be asked").is_none() && images.len() < 12 {
                std::thread::sleep(usual.mul_f64(random.share_of(0.25)));
                images.push(inner.snapshot(&outer, images.len()));
            }
            let output = child.wait_with_output().expect("it ends");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            images.push(inner.snapshot(&outer, images.len()));
            let last = images.len() - 1;
            for (index, image) in images.iter().enumerate() {
                let after = Mounted::of_image(image, mount_options).expect("it can be mounted");
                let outcome = outcome_of(&after.path().join("out/out.mov"), &job.reference);
                let context = format!("{kind:?}, {route}, image {index} of {last}");
                let wrong = if force { Outcome::Absent } else { Outcome::Old };
                assert_ne!(outcome, wrong, "{context}");
                // Once the command has ended, the result is there whatever happens.
                assert!(index < last || outcome == Outcome::New, "{context}: {outcome:?}");
                *outcomes.entry(format!("{outcome:?}")).or_default() += 1;
                drop(after);
                fs::remove_file(image).expect("an image can be removed");
            }
        }
    }
    println!("{kind:?}: {outcomes:?}");
}

#[test]
fn power_cut_on_ext4_leaves_the_target_absent_or_whole() {
    power_is_cut_on(Filesystem::Ext4, "loop", &["mapped", "buffered"]);
}

#[test]
fn power_cut_on_xfs_leaves_the_target_absent_or_whole() {
    power_is_cut_on(Filesystem::Xfs, "loop,nouuid", &["reflink", "mapped"]);
}

#[test]
fn leftover_of_a_killed_run_is_no_clip() {
    let folder = folder();
    let job = Job::new(&folder.path().join("clips"), &folder.path().join("out"), 3 << 20);
    let base = folder.path().join("base.mov");
    fs::rename(&job.base, &base).expect("it moves");
    let left = folder.path().join("clips/.out.mov.intercut-0123abcd.partial");
    fs::write(&left, &job.reference).expect("it can be written");
    let output = Command::new(intercut())
        .args(["splice".as_ref(), base.as_os_str(), folder.path().join("clips").as_os_str()])
        .args(["-o".as_ref(), job.output().as_os_str()])
        .stdin(Stdio::null())
        .output()
        .expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    assert_eq!(job.outcome(), Outcome::New, "{said}");
    assert!(left.exists(), "it belongs to another target");
}

#[test]
fn file_of_a_live_run_is_left_alone_by_another_run_for_the_same_target() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(3 << 20);
    let dead = job.output().with_file_name(".out.mov.intercut-deadbeef.partial");
    fs::write(&dead, b"half").expect("it can be written");
    // The first run has a temporary name, and is held up before it syncs.
    let held = [
        Injection::at("openat", "error=EOPNOTSUPP", unnamed_open(&job)),
        Injection::at("fsync", "delay_enter=1500000", 1),
    ];
    assert!(!dead.exists(), "what a killed run left is still there");
    job.reset(false);
    fs::write(&dead, b"half again").expect("it can be written");
    let first = trace::background(&job.command("buffered", &["--force"]), &held).spawn();
    let mut first = first.expect("the command runs");
    wait_for(&mut first, || live_names(&job, &dead) == 1);
    let second = job.command("buffered", &["--force"]).output().expect("the command runs");
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(live_names(&job, &dead), 1, "the first run's file is gone");
    assert_eq!(job.outcome(), Outcome::New);
    let output = first.wait_with_output().expect("it ends");
    assert!(job.all_or_nothing(&output, true, "the first run").0);
}

/// Between the creation of a file and its lock, another run takes it for a leftover.
#[test]
fn file_that_is_removed_before_it_is_locked_is_made_again() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(3 << 20);
    let held = [
        Injection::at("openat", "error=EOPNOTSUPP", unnamed_open(&job)),
        Injection::at("flock", "delay_enter=1500000", 1),
    ];
    job.reset(false);
    let first = trace::background(&job.command("buffered", &["--force"]), &held).spawn();
    let mut first = first.expect("the command runs");
    wait_for(&mut first, || !job.leftovers().is_empty());
    let second = job.command("buffered", &["--force"]).output().expect("the command runs");
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    assert_eq!(job.names(), ["out.mov"], "the second run does not remove what nobody has locked");
    let output = first.wait_with_output().expect("it ends");
    let (is_done, said) = job.all_or_nothing(&output, true, "the first run");
    assert!(is_done, "{said}");
}

fn live_names(job: &Job, dead: &Path) -> usize {
    let dead = dead.file_name().expect("it has a name").to_string_lossy().into_owned();
    job.leftovers().iter().filter(|name| is_recognisable(name) && **name != dead).count()
}

/// Waits for what a run will make true before it ends.
#[track_caller]
fn wait_for(run: &mut Child, mut condition: impl FnMut() -> bool) {
    while !condition() {
        let ended = run.try_wait().expect("it can be waited for");
        assert!(ended.is_none(), "it ended too early: {ended:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn planted_file_at_a_temporary_name_is_never_followed() {
    let (folder, job) = Job::on_disk(3 << 20);
    let precious = folder.path().join("precious");
    fs::write(&precious, OLD).expect("it can be written");
    let planted = job.output().with_file_name(".out.mov.intercut-0123abcd.partial");
    std::os::unix::fs::symlink(&precious, &planted).expect("a link can be made");
    let output = job.command("buffered", &[]).output().expect("the command runs");
    assert!(output.status.success());
    assert_eq!(fs::read(&precious).expect("it is there"), OLD);
    assert_eq!(job.outcome(), Outcome::New);
}
