//! A region that is appended to an existing file on other filesystems: shared where blocks can be, refused on a full disk, and
//! cut off again without a trace.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use intercut_io::{
    Control, CopyOptions, InPlaceFile, IoError, Outcome, Patch, Route, RouteChoice, Schedule,
    ScheduleBuilder, Source, SourceIndex, Target, execute,
};
use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::Desk;
use intercut_tests::storage::{Filesystem, Mounted};

const OLD_LEN: u64 = 1_000_001;
const CLIP_LEN: u64 = 8 << 20;

fn bytes_of(seed: u64, len: u64) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + at / 251 + seed).to_le_bytes()[0]).collect()
}

fn schedule() -> Schedule {
    let mut builder = ScheduleBuilder::appending(4096, OLD_LEN);
    builder.push_inline(&[5; 64]);
    builder.push_zero(4096 - builder.position() % 4096);
    builder.push_source(SourceIndex(0), 8192, 6 << 20);
    builder.push_inline(&[6; 3000]);
    builder.push_patch(Patch::new(32, &bytes_of(0, 48)[32..48], &[9; 16]));
    builder.finish()
}

fn expected() -> Vec<u8> {
    let (mut new, clip) = (bytes_of(0, OLD_LEN), bytes_of(1, CLIP_LEN));
    new[32..48].fill(9);
    new.extend([5; 64]);
    new.resize(1_003_520, 0);
    new.extend(&clip[8192..8192 + (6 << 20)]);
    new.extend([6; 3000]);
    new
}

/// Makes a movie and a clip in `folder`.
fn files(folder: &Path) -> Vec<Source> {
    fs::write(folder.join("movie"), bytes_of(0, OLD_LEN)).expect("there is room");
    fs::write(folder.join("clip"), bytes_of(1, CLIP_LEN)).expect("there is room");
    vec![Source::open(&folder.join("clip")).expect("it is a file")]
}

fn append(folder: &Path, sources: &[Source], route: RouteChoice) -> Result<Outcome, IoError> {
    let mut target = Target::append(InPlaceFile::open(&folder.join("movie"))?);
    let options = CopyOptions { route, memory_budget: 16 << 20, sources_wanted_again: false };
    let control = Control::default();
    let outcome = execute(&schedule(), sources, &mut target, &options, &control)?;
    target.commit(&control)?;
    Ok(outcome)
}

#[test]
fn region_shares_the_blocks_of_its_sources_where_the_filesystem_can() {
    for kind in [Filesystem::Xfs, Filesystem::Btrfs] {
        let Some(mounted) = Mounted::or_skip(kind, 512 << 20) else { continue };
        for route in [RouteChoice::Auto, RouteChoice::Only(Route::Reflink)] {
            let sources = files(&mounted.path());
            let outcome = append(&mounted.path(), &sources, route).expect("there is room");
            let shared = outcome.bytes_by_route.by(Route::Reflink);
            assert_eq!(shared, 6 << 20, "{kind:?}: {outcome:?}");
            let movie = fs::read(mounted.path().join("movie")).expect("it can be read");
            assert!(movie == expected(), "{kind:?}");
        }
    }
}

#[test]
fn filesystems_without_reservations_or_direct_writes_take_a_region_too() {
    for kind in [Filesystem::Ext2, Filesystem::Tmpfs, Filesystem::Bindfs, Filesystem::Vfat] {
        let Some(mounted) = Mounted::or_skip(kind, 64 << 20) else { continue };
        let sources = files(&mounted.path());
        append(&mounted.path(), &sources, RouteChoice::Auto).expect("there is room");
        let movie = fs::read(mounted.path().join("movie")).expect("it can be read");
        assert!(movie == expected(), "{kind:?}");
    }
}

#[test]
fn full_disk_is_known_first_and_the_file_stays_as_it_is() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Ext4, 32 << 20) else { return };
    let sources = files(&mounted.path());
    let before = fs::metadata(mounted.path().join("movie")).expect("it is there");
    let taken = fs::File::create(mounted.path().join("taken")).expect("there is room");
    let mut len = 32_u64 << 20;
    // As much as goes in, until little is left.
    while len > 64 << 10 {
        if !grow(&taken, len) {
            len /= 2;
        }
    }
    let error = append(&mounted.path(), &sources, RouteChoice::Auto).expect_err("it is full");
    assert!(matches!(error, IoError::NoSpace { .. }), "{error}");
    let after = fs::metadata(mounted.path().join("movie")).expect("it is there");
    let of = |stat: &fs::Metadata| (stat.len(), stat.mtime(), stat.mtime_nsec(), stat.blocks());
    assert_eq!(of(&after), of(&before));
}

/// Makes the file longer by `len` bytes of zeros; whether there was room.
fn grow(file: &fs::File, len: u64) -> bool {
    use std::io::Write;
    let zeros = vec![0; usize::try_from(len).expect("it is small")];
    let mut file = file;
    file.write_all(&zeros).and_then(|()| file.sync_all()).is_ok()
}

/// A base of 12 MB and a clip of 8 MB, in frames as long as those of a master.
fn movies(desk: &Desk) {
    desk.movie("base.mov", &MovieSpec::with_timecode(1, 90_000, vec![240_000; 50]));
    desk.movie("fix.mov", &MovieSpec::with_timecode(9, 90_020, vec![2_000_000; 4]));
}

#[test]
fn insert_shares_the_samples_of_its_clips_where_blocks_can_be_shared() {
    for kind in [Filesystem::Xfs, Filesystem::Btrfs] {
        let Some(mounted) = Mounted::or_skip(kind, 512 << 20) else { continue };
        let folder = tempfile::tempdir_in(mounted.path()).expect("a folder");
        let desk = Desk::in_folder(folder);
        movies(&desk);
        let before = fs::read(desk.path("base.mov")).expect("it can be read");
        let report = desk.json("insert base.mov fix.mov --json --verify written", 0);
        let shared = report["bytes_by_route"]["reflink"].as_u64().expect("a number");
        assert!(shared * 100 > 99 * 8_000_000, "{kind:?}: {}", report["bytes_by_route"]);
        desk.ends("insert base.mov fix.mov", 0);
        desk.ends("undo base.mov", 0);
        desk.ends("compact base.mov --punch", 0);
        desk.ends("compact base.mov", 0);
        desk.ends("insert base.mov fix.mov", 0);
        desk.ends("undo base.mov", 0);
        // Compact, it has the first insert for good.
        assert!(fs::read(desk.path("base.mov")).expect("it can be read") != before, "{kind:?}");
    }
}

#[test]
fn splice_continues_a_clone_of_the_base_where_files_can_be_cloned() {
    for kind in [Filesystem::Xfs, Filesystem::Btrfs, Filesystem::Ext4] {
        let Some(mounted) = Mounted::or_skip(kind, 512 << 20) else { continue };
        let folder = tempfile::tempdir_in(mounted.path()).expect("a folder");
        let desk = Desk::in_folder(folder);
        movies(&desk);
        let before = fs::read(desk.path("base.mov")).expect("it can be read");
        let line = "splice base.mov fix.mov -o out.mov --layout append --verify full --json";
        if kind == Filesystem::Ext4 {
            let (_, err) = desk.ends(line, 1);
            assert!(err.contains("error: cannot clone base.mov to out.mov"), "{err}");
            assert!(err.contains("leave out --layout"), "{err}");
            assert_eq!(desk.names(), ["base.mov", "fix.mov"]);
            continue;
        }
        let report = desk.json(line, 0);
        assert_eq!((&report["layout"], report["in_place"].is_null()), (&"append".into(), true));
        desk.ends("verify out.mov base.mov fix.mov", 0);
        // The base's bytes were not written again.
        let routed: u64 = ["reflink", "mapped", "staged", "kernel", "buffered"]
            .map(|route| report["bytes_by_route"][route].as_u64().expect("a number"))
            .iter()
            .sum();
        assert!(routed < 9_000_000, "{kind:?}: {}", report["bytes_by_route"]);
        assert!(fs::read(desk.path("base.mov")).expect("it can be read") == before);
        let (_, err) = desk.ends("undo out.mov", 3);
        assert!(err.contains("nothing was inserted into it"), "{err}");
        desk.ends("splice base.mov fix.mov -o first.mov --layout append --faststart", 2);
        desk.ends("splice base.mov fix.mov -o out.mov --layout append --force", 0);
        desk.ends("verify out.mov base.mov fix.mov", 0);
    }
}
