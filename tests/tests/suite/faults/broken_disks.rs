//! Disks that are full, limited, read-only, gone or broken for real: what the system calls of `disk_faults` are made to say
//! is said here by filesystems.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use intercut_tests::interrupt::Running;
use intercut_tests::job::{Job, OLD};
use intercut_tests::storage::{Filesystem, Mounted, copy_into, filled_to};
use intercut_tests::trace::{self, Injection};
use intercut_tests::{media, skip};
use serde_json::Value;
use tempfile::TempDir;

fn disk() -> TempDir {
    TempDir::with_prefix_in("disks-", media::tmp_dir()).expect("a folder")
}

/// The report on standard output.
fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a run that is done reports")
}

#[test]
fn full_disk_is_known_before_the_first_byte_is_copied() {
    for kind in [Filesystem::Xfs, Filesystem::Ext4, Filesystem::Ext2, Filesystem::Tmpfs] {
        let len = if kind == Filesystem::Tmpfs { 24 << 20 } else { 320 << 20 };
        let Some(mounted) = Mounted::or_skip(kind, len) else { continue };
        let folder = disk();
        let job = Job::new(folder.path(), &mounted.path().join("out"), 24 << 20);
        let ballast = filled_to(&mounted.path(), 5 << 20);
        for route in ["auto", "buffered"] {
            let output = job.command(route, &[]).output().expect("the command runs");
            let context = format!("{kind:?}, {route}");
            let (is_done, said) = job.all_or_nothing(&output, false, &context);
            assert!(!is_done, "{context}");
            // `no room for PATH: N bytes are needed, M are free`
            let numbers: Vec<u64> = said
                .lines()
                .next()
                .and_then(|line| line.rsplit_once("out.mov: "))
                .map(|(_, tail)| tail.split(' ').filter_map(|word| word.parse().ok()).collect())
                .unwrap_or_default();
            assert_eq!(numbers.len(), 2, "{context}: {said}");
            assert!(said.contains("no room for") && said.contains("help: free"), "{said}");
            let whole = job.reference.len() as u64;
            assert!(numbers[0].abs_diff(whole) < 4096, "{context}: {whole} {said}");
            assert!((1 << 20..6 << 20).contains(&numbers[1]), "{context}: {said}");
        }
        drop(ballast);
        let output = job.command("auto", &[]).output().expect("the command runs");
        let (is_done, said) = job.all_or_nothing(&output, false, "room again");
        assert!(is_done, "{kind:?}: {said}");
    }
}

#[test]
fn reflink_splice_works_on_a_disk_with_no_room_for_a_copy() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 400 << 20) else { return };
    let job = Job::new(&mounted.path(), &mounted.path().join("out"), 60 << 20);
    let _ballast = filled_to(&mounted.path(), 8 << 20);
    for route in ["auto", "reflink"] {
        job.reset(false);
        let output = job.command(route, &[]).output().expect("the command runs");
        let (is_done, said) = job.all_or_nothing(&output, false, route);
        assert!(is_done, "{route}: {said}");
        let shared = report(&output)["bytes_by_route"]["reflink"].as_u64();
        assert!(shared > Some(job.reference.len() as u64 * 9 / 10), "{shared:?}");
    }
    job.reset(false);
    let output = job.command("buffered", &[]).output().expect("the command runs");
    let (is_done, said) = job.all_or_nothing(&output, false, "a copy");
    assert!(!is_done && said.contains("no room for"), "{said}");
}

#[test]
fn quota_that_is_used_up_is_told_as_a_quota() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Btrfs, 512 << 20) else { return };
    let limited = mounted.path().join("limited");
    if let Err(reason) = limited_subvolume(&mounted, &limited) {
        return skip::note("btrfs quotas", &reason);
    }
    let folder = disk();
    let job = Job::new(folder.path(), &limited, 24 << 20);
    for route in ["auto", "mapped", "staged", "kernel", "buffered"] {
        let output = job.command(route, &[]).output().expect("the command runs");
        let (is_done, said) = job.all_or_nothing(&output, false, route);
        assert!(!is_done, "{route}: the quota is not kept");
        assert!(said.contains("out.mov") && said.to_lowercase().contains("quota"), "{said}");
    }
}

/// A part of a btrfs that may take 8 MiB.
fn limited_subvolume(mounted: &Mounted, path: &Path) -> Result<(), String> {
    let (root, path) = (mounted.path().display().to_string(), path.display().to_string());
    for arguments in [
        &["quota", "enable", &root][..],
        &["subvolume", "create", &path],
        &["qgroup", "limit", "8M", &path],
    ] {
        let output = Command::new("btrfs").args(arguments).output();
        let output = output.map_err(|error| format!("btrfs: {error}"))?;
        if !output.status.success() {
            return Err(format!("btrfs: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
    }
    Ok(())
}

#[test]
fn limit_on_the_length_of_files_is_told_and_kills_nobody() {
    let (_folder, job) = Job::on_disk(24 << 20);
    for route in ["mapped", "staged", "kernel", "buffered"] {
        job.reset(false);
        let command = job.command(route, &[]);
        // In pieces of 512 bytes.
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -f 8192; exec \"$0\" \"$@\""]).arg(command.get_program());
        let output = limited.args(command.get_args()).output().expect("the command runs");
        let (is_done, said) = job.all_or_nothing(&output, false, route);
        assert!(!is_done && said.contains("File too large"), "{route}: {said}");
        assert!(said.contains("help: "), "{route}: {said}");
    }
}

#[test]
fn read_only_volume_is_told_before_anything_is_read() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 320 << 20) else { return };
    let folder = disk();
    let job = Job::new(folder.path(), &mounted.path().join("out"), 5 << 20);
    mounted.remount("ro").expect("it can be made read-only");
    let output = job.command("auto", &[]).output().expect("the command runs");
    let (is_done, said) = job.all_or_nothing(&output, false, "read-only");
    assert!(!is_done && said.contains("the volume is read-only"), "{said}");
}

#[test]
fn folder_that_vanishes_during_the_run_is_told() {
    if trace::is_missing() {
        return;
    }
    let folder = disk();
    for route in ["mapped", "buffered"] {
        let out = folder.path().join("out");
        let job = Job::new(folder.path(), &out, 5 << 20);
        let slow = [Injection::always("fsync", "delay_enter=2000000")];
        let mut running = Running::start(&mut trace::background(&job.command(route, &[]), &slow));
        assert!(running.wait_until_syncing(), "{route}: it ended without a sync");
        fs::remove_dir(&out).expect("it is empty, as nothing has a name yet");
        let output = running.finish(None).output;
        fs::create_dir(&out).expect("a folder can be made");
        let (is_done, said) = job.all_or_nothing(&output, false, route);
        assert!(!is_done && said.contains("cannot give its name to"), "{said}");
    }
}

/// A filesystem on a block device that fails where nobody expects it: an image that is larger than the memory it lies in.
#[test]
fn device_that_fails_to_write_fails_the_run() {
    for kind in [Filesystem::Ext4, Filesystem::Ext2] {
        for (route, options) in [("auto", &[][..]), ("staged", &[]), ("buffered", &["--force"])] {
            let Some(memory) = Mounted::or_skip(Filesystem::Tmpfs, 40 << 20) else { return };
            let mounted = Mounted::or_skip_in(kind, 300 << 20, &memory.path());
            let Some(mounted) = mounted else { return };
            let folder = disk();
            let job = Job::new(folder.path(), &mounted.path().join("out"), 50 << 20);
            let old = !options.is_empty();
            job.reset(old);
            mounted.sync();
            let output = job.command(route, options).output().expect("the command runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let context = format!("{kind:?} on a failing device, {route}");
            assert_eq!(output.status.code(), Some(1), "{context}: {said}");
            assert!(said.starts_with("error: ") && said.contains("out.mov"), "{context}: {said}");
            println!("{context}: {}", said.lines().take(2).collect::<Vec<_>>().join(" "));
            if old {
                assert_eq!(fs::read(job.output()).ok().as_deref(), Some(OLD), "{context}");
            } else {
                assert!(!job.output().exists(), "{context}");
            }
        }
    }
}

#[test]
fn block_that_cannot_be_read_is_told_with_the_name_of_the_source() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Btrfs, 320 << 20) else { return };
    let folder = disk();
    let mut job = Job::new(folder.path(), &mounted.path().join("out"), 24 << 20);
    job.base = copy_into(&mounted.path(), &job.base);
    for clip in &mut job.clips {
        *clip = copy_into(&mounted.path(), clip);
    }
    // In a frame that stays the base's own.
    mounted.damage(&job.base, 16 << 20);
    for route in ["mapped", "staged", "buffered"] {
        let output = job.command(route, &[]).output().expect("the command runs");
        let (is_done, said) = job.all_or_nothing(&output, false, route);
        assert!(!is_done, "{route}: what cannot be read was spliced");
        let is_told = said.contains("base.mov") && said.contains("Input/output error");
        assert!(is_told, "{route}: {said}");
    }
    // What is shared is not read (a copy in the kernel shares too, here), unless the result is to be verified.
    for route in ["auto", "kernel"] {
        let output = job.command(route, &["--verify", "written"]).output().expect("it runs");
        let (is_done, said) = job.all_or_nothing(&output, false, "verified");
        assert!(!is_done && said.contains("Input/output error"), "{route}: {said}");
    }
}
