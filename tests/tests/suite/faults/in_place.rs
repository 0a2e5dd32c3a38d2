//! A region that is appended to an existing file on other filesystems: shared where blocks can be, refused on a full disk, and
//! cut off again without a trace.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use intercut_io::{
    Control, CopyOptions, InPlaceFile, IoError, Outcome, Patch, Route, RouteChoice, Schedule,
    ScheduleBuilder, Source, SourceIndex, Target, execute,
};
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
