//! An existing file on a real disk: a region behind it by every route, its patches, and the way back.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its files fails")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use intercut_io::{
    BeingWritten, Control, CopyOptions, InPlaceFile, IoError, OpenElsewhere, Outcome, Patch, Route,
    RouteChoice, Schedule, ScheduleBuilder, Source, SourceIndex, Target, execute,
};
use intercut_test_kit::skip;

const OLD_LEN: u64 = 1_000_001;

struct Files {
    folder: tempfile::TempDir,
    sources: Vec<Source>,
}

fn bytes_of(seed: u64, len: u64) -> Vec<u8> {
    (0..len).map(|at| (at * 7 + at / 251 + seed).to_le_bytes()[0]).collect()
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        fs::write(folder.path().join("movie"), bytes_of(0, OLD_LEN)).unwrap();
        let clip = folder.path().join("clip");
        fs::write(&clip, bytes_of(1, 6 << 20)).unwrap();
        let sources = vec![Source::open(&clip).unwrap()];
        Self { folder, sources }
    }

    fn movie(&self) -> PathBuf {
        self.folder.path().join("movie")
    }

    fn append(&self, choice: RouteChoice) -> Result<(Target, Outcome), IoError> {
        let mut target = Target::append(InPlaceFile::open(&self.movie())?);
        let options =
            CopyOptions { route: choice, memory_budget: 16 << 20, sources_wanted_again: false };
        let outcome =
            execute(&schedule(), &self.sources, &mut target, &options, &Control::default())?;
        Ok((target, outcome))
    }
}

fn schedule() -> Schedule {
    let mut builder = ScheduleBuilder::appending(4096, OLD_LEN);
    builder.push_inline(&[5; 64]);
    builder.push_zero(4096 - builder.position() % 4096);
    builder.push_source(SourceIndex(0), 8192, 5 << 20);
    builder.push_source(SourceIndex(0), 77, 70_000);
    builder.push_inline(&[6; 3000]);
    builder.push_patch(Patch::new(32, &bytes_of(0, 48)[32..48], &[9; 16]));
    builder.finish()
}

fn new() -> Vec<u8> {
    let (mut new, clip) = (bytes_of(0, OLD_LEN), bytes_of(1, 6 << 20));
    new[32..48].fill(9);
    new.extend([5; 64]);
    new.resize(1_003_520, 0);
    new.extend(&clip[8192..8192 + (5 << 20)]);
    new.extend(&clip[77..70_077]);
    new.extend([6; 3000]);
    new
}

#[test]
fn every_route_appends_the_same_bytes() {
    let routes = [Route::Mapped, Route::Staged, Route::Kernel, Route::Buffered];
    for choice in routes.map(RouteChoice::Only).into_iter().chain([RouteChoice::Auto]) {
        let files = Files::new();
        let (target, outcome) = match files.append(choice) {
            Ok(appended) => appended,
            Err(IoError::RouteRefused { route, reason, .. }) => {
                skip::note(&format!("{route} route"), &reason);
                continue;
            }
            Err(error) => panic!("{choice:?}: {error}"),
        };
        // Until it is committed, the file begins as it was.
        assert!(fs::read(files.movie()).unwrap()[..1_000_001] == bytes_of(0, OLD_LEN));
        target.commit(&Control::default()).unwrap();
        assert!(fs::read(files.movie()).unwrap() == new(), "{choice:?}: {outcome:?}");
    }
}

#[test]
fn what_is_not_committed_is_cut_off_and_the_time_of_change_set_back() {
    let files = Files::new();
    let before = fs::metadata(files.movie()).unwrap();
    let (target, _outcome) = files.append(RouteChoice::Auto).unwrap();
    assert!(fs::metadata(files.movie()).unwrap().len() > OLD_LEN);
    drop(target);
    let after = fs::metadata(files.movie()).unwrap();
    let times = |stat: &fs::Metadata| (stat.mtime(), stat.mtime_nsec());
    assert_eq!((after.len(), times(&after)), (OLD_LEN, times(&before)));
    assert_eq!(after.blocks(), before.blocks());
    assert!(fs::read(files.movie()).unwrap() == bytes_of(0, OLD_LEN));
}

#[test]
fn committed_region_is_taken_back_by_its_patch_reversed_and_a_cut() {
    let files = Files::new();
    let before = InPlaceFile::open(&files.movie()).unwrap().identity().mtime_ns;
    files.append(RouteChoice::Auto).unwrap().0.commit(&Control::default()).unwrap();
    let mut movie = InPlaceFile::open(&files.movie()).unwrap();
    let back: Vec<Patch> = schedule().patches().iter().cloned().map(Patch::reversed).collect();
    movie.patch(&back).unwrap();
    movie.cut_back(OLD_LEN, &[], before).unwrap();
    drop(movie);
    assert!(fs::read(files.movie()).unwrap() == bytes_of(0, OLD_LEN));
    assert_eq!(InPlaceFile::open(&files.movie()).unwrap().identity().mtime_ns, before);
}

#[test]
fn what_was_prepared_for_a_region_is_taken_back_with_it() {
    let files = Files::new();
    let before = fs::metadata(files.movie()).unwrap();
    let patch = Patch::new(100, &bytes_of(0, 104)[100..104], b"size");
    for is_appended in [false, true] {
        let mut movie = InPlaceFile::open(&files.movie()).unwrap();
        movie.prepare(std::slice::from_ref(&patch)).unwrap();
        assert_eq!(fs::read(files.movie()).unwrap()[100..104], *b"size");
        let mut target = Target::append(movie);
        if is_appended {
            let options = CopyOptions {
                route: RouteChoice::Auto,
                memory_budget: 16 << 20,
                sources_wanted_again: false,
            };
            let control = Control::default();
            execute(&schedule(), &files.sources, &mut target, &options, &control).unwrap();
        }
        drop(target);
        let after = fs::metadata(files.movie()).unwrap();
        let of = |stat: &fs::Metadata| (stat.len(), stat.mtime(), stat.mtime_nsec());
        assert_eq!(of(&after), of(&before));
        assert!(fs::read(files.movie()).unwrap() == bytes_of(0, OLD_LEN));
    }
}

#[test]
fn one_run_at_a_time_has_the_file() {
    let files = Files::new();
    let first = InPlaceFile::open(&files.movie()).unwrap();
    let second = InPlaceFile::open(&files.movie()).unwrap_err();
    assert!(matches!(second, IoError::Locked { .. }), "{second}");
    drop(first);
    InPlaceFile::open(&files.movie()).unwrap();
}

#[test]
fn bytes_that_somebody_else_changed_are_not_patched_and_the_region_goes() {
    let files = Files::new();
    let (target, _outcome) = files.append(RouteChoice::Auto).unwrap();
    let other = fs::File::options().write(true).open(files.movie()).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&other, b"theirs", 33).unwrap();
    let error = target.commit(&Control::default()).unwrap_err();
    assert!(matches!(error, IoError::TargetChanged { .. }), "{error}");
    let mut expected = bytes_of(0, OLD_LEN);
    expected[33..39].copy_from_slice(b"theirs");
    assert!(fs::read(files.movie()).unwrap() == expected);
}

#[test]
fn file_that_somebody_writes_is_told_from_one_that_is_finished() {
    let files = Files::new();
    let source = Source::open(&files.movie()).unwrap();
    let before = source.being_written();
    if before == BeingWritten::CannotTell {
        return skip::note("file leases", "this filesystem has none");
    }
    assert_eq!(before, BeingWritten::No);
    let reader = fs::File::open(files.movie()).unwrap();
    assert_eq!(source.being_written(), BeingWritten::No);
    let writer = fs::File::options().append(true).open(files.movie()).unwrap();
    assert_eq!(source.being_written(), BeingWritten::Yes);
    drop((reader, writer));
    assert_eq!(source.being_written(), BeingWritten::No);
}

#[test]
fn file_that_somebody_reads_is_known_before_it_is_cut() {
    let files = Files::new();
    let movie = InPlaceFile::open(&files.movie()).unwrap();
    match movie.open_elsewhere() {
        OpenElsewhere::No(lease) => drop(lease),
        OpenElsewhere::CannotTell => return skip::note("file leases", "this filesystem has none"),
        other => panic!("{other:?}"),
    }
    let reader = fs::File::open(files.movie()).unwrap();
    assert!(matches!(movie.open_elsewhere(), OpenElsewhere::Yes));
    drop(reader);
    assert!(matches!(movie.open_elsewhere(), OpenElsewhere::No(_)));
}
