//! A source that is cut short, grown, rewritten or replaced while it is spliced: the run says so, or its movie is made of
//! the bytes that were there before. It never dies of `SIGBUS`, and never mixes old and new.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

use intercut_tests::interrupt::Running;
use intercut_tests::job::Job;
use intercut_tests::media;
use intercut_tests::random::Random;
use intercut_tests::storage::{Filesystem, Mounted};
use intercut_tests::trace::{self, Injection};
use tempfile::TempDir;

/// What somebody else does to a source.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Cuts it to half its length.
    Truncate,
    /// Cuts it to nothing and writes it anew, as a copy over it does.
    Recopy,
    /// Adds to its end.
    Extend,
    /// Writes other bytes into its second half.
    Rewrite,
    /// Puts another file under its name.
    Replace,
    /// Removes it.
    Remove,
}

const CHANGES: [Change; 6] = [
    Change::Truncate,
    Change::Recopy,
    Change::Extend,
    Change::Rewrite,
    Change::Replace,
    Change::Remove,
];

fn change(path: &Path, what: Change) -> std::io::Result<()> {
    let open = || File::options().write(true).open(path);
    let len = fs::metadata(path)?.len();
    match what {
        Change::Truncate => open()?.set_len(len / 2),
        Change::Recopy => fs::write(path, vec![0x5a; usize::try_from(len).expect("small")]),
        Change::Extend => open()?.write_all_at(&[0x5a; 5000], len),
        Change::Rewrite => {
            let half = usize::try_from(len / 2).expect("small");
            open()?.write_all_at(&vec![0x5a; half], len / 2)
        }
        Change::Replace => {
            let other = path.with_extension("other");
            fs::write(&other, vec![0x5a; usize::try_from(len).expect("small")])?;
            fs::rename(other, path)
        }
        Change::Remove => fs::remove_file(path),
    }
}

/// How often each change was met by a refusal, and how often it came too late to matter.
#[derive(Debug, Default)]
struct Counts {
    refused: usize,
    done: usize,
}

/// Runs the splice again and again while a source changes.
fn sources_change(job: &Job, route: &str, injections: &[Injection], rounds: usize) {
    let seed = 0x1e7e_4c0d_e000_0000 ^ route.len() as u64;
    let mut random = Random::new(seed);
    let originals = job.sources().map(|path| fs::read(path).expect("a source can be read"));
    let restore = |index: usize| {
        fs::write(job.sources()[index], &originals[index]).expect("a source can be restored");
    };
    let start = || {
        let command = job.command(route, &[]);
        let traced = trace::background(&command, injections);
        let mut command = if injections.is_empty() { command } else { traced };
        command.spawn().expect("the command runs")
    };
    // The first run finds nothing in the page cache, the others what these runs will find.
    let measure = |_| {
        job.reset(false);
        let begun = Instant::now();
        let output = start().wait_with_output().expect("it ends");
        let took = begun.elapsed();
        assert!(job.all_or_nothing(&output, false, "untouched").0);
        took
    };
    let usual = (0..3).map(measure).min().expect("three runs");
    let mut counts = Counts::default();
    for round in 0..rounds {
        for what in CHANGES {
            job.reset(false);
            let victim = random.below(3);
            // Every other change falls on the moment at which the sources are opened: a write that is under way then
            // does not show in their times later.
            let span = if round % 2 == 0 { 0.3 } else { 1.1 };
            let delay = usual.mul_f64(random.share_of(span));
            let child = start();
            std::thread::sleep(delay);
            change(job.sources()[victim], what).expect("a source can be changed");
            let output = child.wait_with_output().expect("it ends");
            let context = format!(
                "{route}, seed {seed:#x}, round {round}: {what:?} of source {victim} after {delay:?}"
            );
            let is_ended = output.status.code();
            // A source that is not a movie when it is opened may also be refused.
            if is_ended == Some(3) {
                assert!(job.names().is_empty(), "{context}");
                counts.refused += 1;
            } else if job.all_or_nothing(&output, false, &context).0 {
                counts.done += 1;
            } else {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let name = job.sources()[victim].display().to_string();
                assert!(said.contains(&name), "{context}: {said}");
                counts.refused += 1;
            }
            restore(victim);
        }
    }
    println!("{route}: {counts:?}");
    assert!(counts.refused > 0, "{route}: nothing was ever changed in time");
}

fn folder() -> TempDir {
    TempDir::with_prefix_in("mappings-", media::tmp_dir()).expect("a folder")
}

const LEN: u32 = 24 << 20;

/// Each change is made so many times on each route.
const ROUNDS: usize = 6;

fn on_disk(route: &str) {
    let (_folder, job) = Job::on_disk(LEN);
    sources_change(&job, route, &[], ROUNDS);
}

#[test]
fn source_that_changes_under_the_mapped_route_is_told() {
    on_disk("mapped");
}

#[test]
fn source_that_changes_under_the_staged_route_is_told() {
    on_disk("staged");
}

#[test]
fn source_that_changes_under_the_kernel_route_is_told() {
    on_disk("kernel");
}

#[test]
fn source_that_changes_under_the_buffered_route_is_told() {
    on_disk("buffered");
}

#[test]
fn source_that_changes_under_the_mapped_route_without_a_ring_is_told() {
    if trace::is_missing() {
        return;
    }
    let (_folder, job) = Job::on_disk(LEN);
    let no_ring = [Injection::always("io_uring_setup", "error=EPERM")];
    sources_change(&job, "mapped", &no_ring, ROUNDS / 2);
}

#[test]
fn source_that_changes_under_the_reflink_route_is_told() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 512 << 20) else { return };
    let job = Job::new(&mounted.path(), &mounted.path().join("out"), LEN);
    sources_change(&job, "reflink", &[], ROUNDS);
}

/// Held up where every byte is written and nothing has a name yet: the last look at the sources is still to come.
#[test]
fn source_that_changes_before_the_last_look_is_always_told() {
    if trace::is_missing() {
        return;
    }
    let folder = folder();
    for what in CHANGES {
        let job = Job::new(folder.path(), &folder.path().join("out"), 4 << 20);
        job.reset(false);
        // The sync of the data.
        let slow = [Injection::at("fsync", "delay_enter=2000000", 1)];
        let command = trace::background(&job.command("mapped", &[]), &slow);
        let mut running = Running::start(&mut { command });
        assert!(running.wait_until_syncing(), "{what:?}: it ended without a sync");
        change(&job.base, what).expect("a source can be changed");
        let output = running.finish(None).output;
        let (is_done, said) = job.all_or_nothing(&output, false, &format!("{what:?}"));
        assert!(
            !is_done && said.contains("base.mov changed while it was used"),
            "{what:?}: {said}"
        );
    }
}
