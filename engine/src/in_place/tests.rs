//! Whole inserts into small movies, and back.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use intercut_io::{Cancel, Control, IoError, Route, RouteChoice};
use tempfile::TempDir;

use super::*;
use crate::layout::fake::{self, FakeTrack};
use crate::plan::PlaceOptions;
use crate::splice::{Splice, SpliceError, SpliceOptions, VerifyMode};

/// A folder with a movie of ten frames and a clip of three.
fn movies() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let video = |chunks| FakeTrack::new(b"vide", chunks);
    let sound = FakeTrack::new(b"soun", vec![(78, vec![4; 5]), (148, vec![20])]);
    let base = fake::file(1000, 1, &[video(vec![(28, vec![10; 5]), (98, vec![10; 5])]), sound]);
    let clip = fake::file(3_000_000, 2, &[video(vec![(28, vec![1_000_000, 7, 8])])]);
    fs::write(folder.path().join("movie.mov"), base).unwrap();
    fs::write(folder.path().join("clip.mov"), clip).unwrap();
    folder
}

fn movie(folder: &TempDir) -> PathBuf {
    folder.path().join("movie.mov")
}

fn insert_at(folder: &TempDir, timecode: &str, options: SpliceOptions) -> Insert {
    let place = PlaceOptions {
        base_timecode: Some("01:00:00:00".to_owned()),
        at: [("clip.mov".to_owned(), timecode.to_owned())].into(),
        ..PlaceOptions::default()
    };
    let clip = folder.path().join("clip.mov");
    Insert::new(Splice::new(movie(folder)).clips([clip]).place(place).options(options))
}

fn insert(folder: &TempDir) -> crate::splice::Report {
    insert_at(folder, "01:00:00:04", SpliceOptions::default()).run(&Control::default()).unwrap()
}

/// Everything that must be as it was.
fn state(path: &Path) -> (Vec<u8>, i64, i64) {
    let metadata = fs::metadata(path).unwrap();
    (fs::read(path).unwrap(), metadata.mtime(), metadata.mtime_nsec())
}

fn undo(folder: &TempDir) -> Result<Undone, InPlaceError> {
    Undo::new(movie(folder)).run()
}

#[test]
fn insert_appends_and_undo_gives_back_the_file_with_its_time() {
    let folder = movies();
    let before = state(&movie(&folder));
    let report = insert(&folder);
    let after = fs::read(movie(&folder)).unwrap();
    assert_eq!(report.bytes, after.len() as u64);
    let in_place = report.in_place.unwrap();
    assert_eq!(in_place.bytes_appended, (after.len() - before.0.len()) as u64);
    // `ftyp` has 20 bytes; the size of the `mdat` behind it is all that changes.
    assert_eq!((in_place.switch_offset, in_place.switch_len), (20, 4));
    assert_eq!((&after[..20], &after[24..before.0.len()]), (&before.0[..20], &before.0[24..]));
    let undone = undo(&folder).unwrap();
    assert_eq!(undone.kept, None);
    assert_eq!(undone.bytes_cut, in_place.bytes_appended);
    assert!(state(&movie(&folder)) == before);
}

#[test]
fn changed_movie_is_what_a_splice_would_have_written() {
    let folder = movies();
    let base = folder.path().join("base.mov");
    fs::copy(movie(&folder), &base).unwrap();
    let report = insert(&folder);
    let open = |path: &Path| crate::discover::open(path, &Cancel::default()).unwrap();
    let clips = [open(&folder.path().join("clip.mov"))];
    let found = crate::verify::verify(
        &open(&movie(&folder)),
        &open(&base),
        &clips,
        &report.plan,
        crate::verify::VerifyOptions::default(),
        &Control::default(),
    );
    let found = found.unwrap();
    assert!(found.is_identical(), "{found:?}");
    assert_eq!(found.samples_checked, 16);
    assert_eq!(found.unreferenced_bytes, report.in_place.unwrap().garbage_bytes);
}

#[test]
fn any_number_of_inserts_is_taken_back_one_by_one() {
    let folder = movies();
    let mut states = vec![state(&movie(&folder))];
    for timecode in ["01:00:00:04", "01:00:00:00", "01:00:00:04", "01:00:00:05"] {
        let insert = insert_at(&folder, timecode, SpliceOptions::default());
        insert.run(&Control::default()).unwrap();
        states.push(state(&movie(&folder)));
    }
    let history = History::read(&movie(&folder), &Cancel::default()).unwrap();
    let object = HistoryObject::from(&history);
    let events: Vec<(u64, u64, bool)> = object
        .inserts
        .iter()
        .map(|insert| (insert.number, insert.events[0].record_in, insert.undoable))
        .collect();
    assert_eq!(events, [(1, 4, true), (2, 0, true), (3, 4, true), (4, 5, true)]);
    states.pop();
    while let Some(before) = states.pop() {
        undo(&folder).unwrap();
        assert!(state(&movie(&folder)) == before, "{} left", states.len());
    }
    let error = undo(&folder).unwrap_err();
    assert_eq!(error.code(), Some("nothing_to_undo"));
}

#[test]
fn every_route_inserts_the_same_and_is_verified_before_the_switch() {
    let mut sizes = Vec::new();
    for (route, verify) in [
        (RouteChoice::Auto, VerifyMode::Written),
        (RouteChoice::Only(Route::Kernel), VerifyMode::Full),
        (RouteChoice::Only(Route::Buffered), VerifyMode::Full),
    ] {
        let folder = movies();
        let before = state(&movie(&folder));
        let options = SpliceOptions::default().route(route).verify(verify);
        let control = Control::default();
        let report = insert_at(&folder, "01:00:00:04", options).run(&control).unwrap();
        let checked = if verify == VerifyMode::Full { 16 } else { 3 };
        let found = &report.verification;
        assert_eq!((found.samples_checked, found.mismatches), (checked, 0));
        if let Some(digests) = &found.digests {
            let opened = crate::discover::open(&movie(&folder), &Cancel::default()).unwrap();
            let proof = crate::verify::prove(&opened, digests, &control).unwrap();
            assert_eq!(proof.differences, []);
        }
        sizes.push(report.bytes);
        assert_eq!(undo(&folder).unwrap().kept, None);
        assert!(state(&movie(&folder)) == before);
    }
    assert_eq!(sizes[1], sizes[2]);
}

#[test]
fn refused_or_cancelled_insert_leaves_the_movie_as_it_was() {
    let folder = movies();
    let before = state(&movie(&folder));
    let refused = insert_at(&folder, "01:00:00:08", SpliceOptions::default());
    let error = refused.run(&Control::default()).unwrap_err();
    assert!(matches!(error, InPlaceError::Splice(SpliceError::Plan(_))), "{error}");
    assert!(state(&movie(&folder)) == before);
    // Appended and synced, and then nobody wants it.
    let insert = insert_at(&folder, "01:00:00:04", SpliceOptions::default());
    let control = Control::default();
    let laid_out = insert.open(&control).unwrap().plan().unwrap().lay_out().unwrap();
    let written = laid_out.write(&control).unwrap();
    assert!(fs::metadata(movie(&folder)).unwrap().len() > before.0.len() as u64);
    control.cancel.cancel();
    let error = written.commit(&control).unwrap_err();
    assert!(matches!(error, InPlaceError::Splice(SpliceError::Io(IoError::Cancelled))), "{error}");
    assert!(state(&movie(&folder)) == before);
}

#[test]
fn insert_that_was_killed_is_removed_by_the_next_insert_or_undo() {
    for is_undo in [false, true] {
        let folder = movies();
        let before = state(&movie(&folder));
        let insert = insert_at(&folder, "01:00:00:04", SpliceOptions::default());
        let control = Control::default();
        let laid_out = insert.open(&control).unwrap().plan().unwrap().lay_out().unwrap();
        // Its bytes are there, and nobody is left to cut them off.
        let written = laid_out.write(&control).unwrap();
        let left = fs::read(movie(&folder)).unwrap();
        drop(written);
        fs::write(movie(&folder), &left).unwrap();
        let history = History::read(&movie(&folder), &Cancel::default()).unwrap();
        assert_eq!(history.leftover.unwrap().start, before.0.len() as u64);
        assert!(history.inserts.is_empty());
        if is_undo {
            let undone = undo(&folder).unwrap();
            assert_eq!(undone.insert, None);
            assert_eq!(undone.bytes_cut, (left.len() - before.0.len()) as u64);
        } else {
            let report = self::insert(&folder);
            assert!(report.warnings.iter().any(|text| text.contains("are removed")));
            assert_eq!(report.bytes, left.len() as u64);
            undo(&folder).unwrap();
        }
        assert!(state(&movie(&folder)) == before, "{is_undo}");
    }
}

#[test]
fn undo_that_was_killed_is_finished_and_takes_no_older_insert_back() {
    let folder = movies();
    insert(&folder);
    let once = state(&movie(&folder));
    insert(&folder);
    let undone = Undo::new(movie(&folder)).keep(true).run().unwrap();
    assert_eq!(undone.kept.unwrap().because, KeptBecause::Asked);
    assert_eq!(undone.len, once.0.len() as u64);
    let history = History::read(&movie(&folder), &Cancel::default()).unwrap();
    assert_eq!((history.inserts.len(), history.undoable_count()), (1, 1));
    let undone = undo(&folder).unwrap();
    assert_eq!((undone.insert, undone.kept), (None, None));
    assert!(state(&movie(&folder)) == once);
}

#[test]
fn movie_that_somebody_reads_gets_its_old_header_back_and_keeps_its_tail() {
    let folder = movies();
    let before = state(&movie(&folder));
    insert(&folder);
    let reader = fs::File::open(movie(&folder)).unwrap();
    let undone = undo(&folder).unwrap();
    let kept = undone.kept.unwrap();
    assert!(kept.because != KeptBecause::Asked && kept.bytes > 0, "{kept:?}");
    let now = fs::read(movie(&folder)).unwrap();
    assert!(now.len() > before.0.len() && now.starts_with(&before.0));
    drop(reader);
    let reader = fs::File::open(movie(&folder)).unwrap();
    Undo::new(movie(&folder)).force(true).run().unwrap();
    drop(reader);
    assert!(state(&movie(&folder)) == before);
}

#[test]
fn movie_that_another_program_changed_is_not_taken_back() {
    for (what, change) in [
        (
            "length",
            &(|bytes: &mut Vec<u8>| bytes.extend(b"\0\0\0\x08free")) as &dyn Fn(&mut Vec<u8>),
        ),
        ("header", &|bytes| {
            let at = bytes.windows(4).rposition(|window| window == b"xMoo").unwrap();
            bytes[at + 4] ^= 1;
        }),
        ("before", &|bytes| {
            let at = bytes.windows(4).position(|window| window == b"xMoo").unwrap();
            bytes[at + 4] ^= 1;
        }),
    ] {
        let folder = movies();
        insert(&folder);
        let mut bytes = fs::read(movie(&folder)).unwrap();
        change(&mut bytes);
        fs::write(movie(&folder), &bytes).unwrap();
        let error = undo(&folder).unwrap_err();
        assert_eq!(error.code(), Some("changed_since"), "{what}: {error}");
        assert!(fs::read(movie(&folder)).unwrap() == bytes);
    }
}

#[test]
fn switch_that_the_disk_cut_is_repaired_from_the_journal() {
    let folder = movies();
    let before = state(&movie(&folder));
    insert(&folder);
    let whole = fs::read(movie(&folder)).unwrap();
    let mut bytes = whole.clone();
    bytes[22] ^= 0x55;
    fs::write(movie(&folder), &bytes).unwrap();
    let error = undo(&folder).unwrap_err();
    assert!(matches!(error, InPlaceError::Torn { offset: 20, .. }), "{error}");
    let undone = Undo::new(movie(&folder)).repair(true).run().unwrap();
    assert_eq!(undone.kept, None);
    assert!(state(&movie(&folder)) == before);
    let error = Undo::new(movie(&folder)).repair(true).run().unwrap_err();
    assert_eq!(error.code(), Some("nothing_to_repair"));
}

#[test]
fn two_runs_at_a_time_are_one_too_many() {
    let folder = movies();
    let insert = insert_at(&folder, "01:00:00:04", SpliceOptions::default());
    let first = insert.open(&Control::default()).unwrap();
    let second = insert.open(&Control::default()).unwrap_err();
    assert!(matches!(second, InPlaceError::Splice(SpliceError::Io(IoError::Locked { .. }))));
    let error = undo(&folder).unwrap_err();
    assert!(matches!(error, InPlaceError::Splice(SpliceError::Io(IoError::Locked { .. }))));
    drop(first);
}

/// Bytes of the file's blocks on the disk.
fn blocks(path: &Path) -> u64 {
    fs::metadata(path).unwrap().blocks() * 512
}

#[test]
fn compact_movie_has_the_same_samples_and_no_garbage() {
    for faststart in [false, true] {
        let folder = movies();
        insert(&folder);
        insert(&folder);
        let control = Control::default();
        let digests = |path: &Path| {
            let opened = crate::discover::open(path, &Cancel::default()).unwrap();
            crate::verify::digests_of(&opened, Default::default(), &control).unwrap().tracks
        };
        let (before, len_before) = (digests(&movie(&folder)), blocks(&movie(&folder)));
        fs::set_permissions(movie(&folder), std::os::unix::fs::PermissionsExt::from_mode(0o640))
            .unwrap();
        let done = Compact::new(movie(&folder)).faststart(faststart).run(&control).unwrap();
        assert_eq!(done.inserts_ended, 2);
        assert!(done.is_changed && done.given_back > 1_000_000, "{done:?}");
        assert_eq!(done.len, fs::metadata(movie(&folder)).unwrap().len());
        assert_eq!(fs::metadata(movie(&folder)).unwrap().mode() & 0o777, 0o640);
        assert!(blocks(&movie(&folder)) + 1_000_000 < len_before);
        assert!(digests(&movie(&folder)) == before);
        let history = History::read(&movie(&folder), &Cancel::default()).unwrap();
        assert_eq!((history.inserts.len(), history.garbage_bytes < 4096), (0, true));
        let header_first = Compact::new(movie(&folder)).faststart(faststart).run(&control).unwrap();
        assert!(!header_first.is_changed, "{header_first:?}");
        assert_eq!(undo(&folder).unwrap_err().code(), Some("nothing_to_undo"));
    }
}

#[test]
fn compact_movie_goes_to_another_name_and_the_old_one_stays() {
    let folder = movies();
    insert(&folder);
    let before = state(&movie(&folder));
    let output = folder.path().join("small.mov");
    let done = Compact::new(movie(&folder)).output(&output).run(&Control::default()).unwrap();
    assert_eq!((done.inserts_ended, done.len), (0, fs::metadata(&output).unwrap().len()));
    assert!(state(&movie(&folder)) == before);
    let error = Compact::new(movie(&folder)).output(&output).run(&Control::default()).unwrap_err();
    assert!(matches!(error, InPlaceError::Splice(SpliceError::Io(IoError::TargetExists { .. }))));
    undo(&folder).unwrap();
}

#[test]
fn punched_movie_keeps_its_samples_and_its_history_but_no_way_back() {
    let folder = movies();
    insert(&folder);
    insert(&folder);
    let control = Control::default();
    let tracks = || {
        let opened = crate::discover::open(&movie(&folder), &Cancel::default()).unwrap();
        crate::verify::digests_of(&opened, Default::default(), &control).unwrap().tracks
    };
    let (before, len) = (tracks(), fs::metadata(movie(&folder)).unwrap().len());
    let reader = fs::File::open(movie(&folder)).unwrap();
    let error = Compact::new(movie(&folder)).punch().run(&control).unwrap_err();
    assert_eq!(error.code(), Some("open_elsewhere"));
    drop(reader);
    let done = match Compact::new(movie(&folder)).punch().run(&control) {
        Ok(done) => done,
        Err(error) => return intercut_test_kit::skip::note("holes", &error.to_string()),
    };
    // The first insert's samples, which the second replaced.
    assert!(done.given_back > 900_000 && done.given_back < 1_100_000, "{done:?}");
    assert_eq!((done.inserts_ended, done.len), (2, len));
    assert!(tracks() == before);
    let history = History::read(&movie(&folder), &Cancel::default()).unwrap();
    assert_eq!((history.inserts.len(), history.undoable_count()), (2, 0));
    assert_eq!(undo(&folder).unwrap_err().code(), Some("punched"));
    assert!(!Compact::new(movie(&folder)).punch().run(&control).unwrap().is_changed);
    // What comes later can be taken back as far as here.
    let punched = state(&movie(&folder));
    insert(&folder);
    undo(&folder).unwrap();
    assert!(state(&movie(&folder)) == punched);
}
