//! One schedule, every route, the same bytes; and each filesystem gets the route that suits it.

use std::fs;
use std::path::{Path, PathBuf};

use intercut_engine::report::ReportObject;
use intercut_engine::splice::{Report, SpliceError, SpliceOptions, VerifyMode};
use intercut_io::{IoError, Route};
use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::oracle::splicer::{Replaced, run};
use intercut_tests::proof::{DISK_ROUTES, by, splice, splice_and_check};
use intercut_tests::storage::{Filesystem, Mounted};
use tempfile::TempDir;

fn disk() -> TempDir {
    TempDir::with_prefix_in("routes-", intercut_tests::media::tmp_dir()).expect("a folder")
}

/// A base of 200 frames of about 60 kB with sound once a second, and three clips of about 150 kB a frame.
fn movies(folder: &Path) -> (PathBuf, Vec<PathBuf>, Vec<Replaced>) {
    let size = |least: u32| move |frame: u32| least + frame * 7919 % 5000;
    let mut base = MovieSpec::with_timecode(1, 90_000, (0..200).map(size(60_000)).collect());
    base.tracks.push(TrackSpec::sound(200 * 1920, 48_000));
    let path = folder.join("base.mov");
    base.write(&path);
    let shots = [(20, 30), (50, 10), (170, 30)];
    let mut clips = Vec::new();
    let mut replaced = Vec::new();
    for (index, (first, count)) in shots.into_iter().enumerate() {
        let start = 90_000 + i32::try_from(first).expect("few frames");
        let sizes = (0..count).map(size(150_000)).collect();
        let clip = folder.join(format!("clip {index}.mov"));
        MovieSpec::with_timecode(100 + index as u64, start, sizes).write(&clip);
        replaced.extend(run(first, count as usize, index, 0));
        clips.push(clip);
    }
    (path, clips, replaced)
}

fn carried(report: &Report, route: Route) -> u64 {
    report.copied.bytes_by_route.by(route)
}

/// Whether each byte of the output went some way, but for gaps that a route need not write.
fn is_whole(report: &Report) -> bool {
    let total = report.copied.bytes_by_route.total();
    let (bytes, gaps) = (report.bytes, report.bytes.saturating_sub(total));
    total <= bytes && gaps * 100 < bytes
}

#[test]
fn every_route_writes_the_same_bytes() {
    for faststart in [false, true] {
        let folder = disk();
        let (base, clips, replaced) = movies(folder.path());
        let mut outputs = Vec::new();
        for route in DISK_ROUTES {
            let output = folder.path().join(format!("{route}.mov"));
            let options = by(route).faststart(faststart);
            let report = splice_and_check(&base, &clips, &output, &replaced, options);
            assert!(is_whole(&report), "{route}: {:?}", report.copied.bytes_by_route);
            assert!(carried(&report, route) > 0, "{route}: {:?}", report.copied.bytes_by_route);
            outputs.push(fs::read(output).expect("the output can be read"));
        }
        for (output, route) in outputs.iter().zip(DISK_ROUTES) {
            assert!(*output == outputs[0], "{route} differs from {}", DISK_ROUTES[0]);
        }
    }
}

#[test]
fn mapped_route_carries_most_of_the_media_past_user_space() {
    let folder = disk();
    let (base, clips, _) = movies(folder.path());
    let output = folder.path().join("output.mov");
    let report = splice(&base, &clips, &output, by(Route::Mapped)).expect("a disk has direct I/O");
    assert!(carried(&report, Route::Mapped) * 10 > report.bytes * 9, "{report:?}");
}

#[test]
fn latencies_are_told_in_nanoseconds() {
    let folder = disk();
    let (base, clips, _) = movies(folder.path());
    for route in DISK_ROUTES {
        let output = folder.path().join(format!("{route}.mov"));
        let report = splice(&base, &clips, &output, by(route)).expect("a disk has every route");
        let report = ReportObject::from(&report);
        let (write, seconds) = (report.latency_ns.write, report.seconds);
        // No write of half a megabyte takes less than a microsecond, and none longer than the whole.
        assert!(write.count > 0 && write.max > 1000, "{route}: {write:?}");
        assert!(write.max as f64 / 1e9 <= seconds.total * 1.01, "{route}: {write:?} {seconds:?}");
        let (sync, all) = (report.latency_ns.sync, seconds.sync * 1e9);
        assert!(sync.max as f64 > all / 10.0 && sync.max as f64 <= all * 1.01, "{route}: {sync:?}");
    }
}

#[test]
fn small_budget_is_kept_and_changes_no_byte() {
    let folder = disk();
    let (base, clips, replaced) = movies(folder.path());
    let plenty = folder.path().join("plenty.mov");
    splice(&base, &clips, &plenty, SpliceOptions::default()).expect("it is spliced");
    for route in DISK_ROUTES {
        let tight = folder.path().join(format!("tight {route}.mov"));
        let options = by(route).memory_budget(8 << 20);
        let report = splice_and_check(&base, &clips, &tight, &replaced, options);
        assert!(ReportObject::from(&report).memory_bytes.staging_peak <= 8 << 20, "{route}");
        assert!(fs::read(&tight).expect("readable") == fs::read(&plenty).expect("readable"));
    }
}

#[test]
fn written_bytes_are_read_back_on_every_route() {
    let folder = disk();
    let (base, clips, replaced) = movies(folder.path());
    for route in DISK_ROUTES {
        let output = folder.path().join(format!("{route}.mov"));
        let options = by(route).verify(VerifyMode::Written);
        let report = splice_and_check(&base, &clips, &output, &replaced, options);
        let found = report.verification;
        assert_eq!(found.mode, VerifyMode::Written);
        // 200 pictures, one timecode, 384,000 frames of sound.
        assert_eq!((found.samples_checked, found.mismatches), (384_201, 0));
    }
}

fn blocks_are_shared_on(kind: Filesystem) {
    let Some(mounted) = Mounted::or_skip(kind, 512 << 20) else { return };
    let folder = mounted.path();
    let (base, clips, replaced) = movies(&folder);
    for (options, name) in [(SpliceOptions::default(), "auto"), (by(Route::Reflink), "reflink")] {
        let output = folder.join(format!("{name}.mov"));
        let report = splice_and_check(&base, &clips, &output, &replaced, options);
        let shared = carried(&report, Route::Reflink);
        // Sound that stands alone between graded pictures is too short to be worth sharing.
        assert!(shared * 100 > report.bytes * 90, "{name}: {:?}", report.copied.bytes_by_route);
    }
    for route in DISK_ROUTES {
        let output = folder.join(format!("{route}.mov"));
        splice_and_check(&base, &clips, &output, &replaced, by(route));
        let bytes = |name: &str| fs::read(folder.join(name)).expect("the output can be read");
        assert!(bytes(&format!("{route}.mov")) == bytes("reflink.mov"), "{route}");
    }
}

#[test]
fn xfs_shares_the_blocks_of_base_and_clips() {
    blocks_are_shared_on(Filesystem::Xfs);
}

#[test]
fn btrfs_shares_the_blocks_of_base_and_clips() {
    blocks_are_shared_on(Filesystem::Btrfs);
}

#[test]
fn target_in_memory_falls_back_and_says_why() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Tmpfs, 256 << 20) else { return };
    let folder = disk();
    let (base, clips, replaced) = movies(folder.path());
    let output = mounted.path().join("output.mov");
    let report = splice_and_check(&base, &clips, &output, &replaced, SpliceOptions::default());
    let (kernel, buffered) = (carried(&report, Route::Kernel), carried(&report, Route::Buffered));
    assert!(kernel + buffered > 0 && is_whole(&report), "{:?}", report.copied.bytes_by_route);
    assert_eq!(carried(&report, Route::Mapped) + carried(&report, Route::Reflink), 0);
    for route in [Route::Reflink, Route::Mapped] {
        let refused = report.copied.refused.iter().find(|refused| refused.name == route.name());
        assert!(refused.is_some_and(|refused| !refused.reason.is_empty()), "{report:?}");
    }
    let refused = splice(&base, &clips, &mounted.path().join("2.mov"), by(Route::Mapped));
    match refused {
        Err(SpliceError::Io(IoError::RouteRefused { route: Route::Mapped, reason, .. })) => {
            assert!(reason.contains("memory"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert!(!mounted.path().join("2.mov").exists());
}

#[test]
fn sources_on_another_filesystem_are_copied() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 512 << 20) else { return };
    let folder = disk();
    let (base, clips, replaced) = movies(folder.path());
    let output = mounted.path().join("output.mov");
    let report = splice_and_check(&base, &clips, &output, &replaced, SpliceOptions::default());
    assert_eq!(carried(&report, Route::Reflink), 0);
    let refused = splice(&base, &clips, &mounted.path().join("2.mov"), by(Route::Reflink));
    assert!(refused.is_err(), "{refused:?}");
}
