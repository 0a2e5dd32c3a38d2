//! Whole splices of small movies without timecode: the clip is placed by hand.

use std::path::Path;

use intercut_io::{IoError, Replace, Route, RouteChoice};
use tempfile::TempDir;

use super::*;
use crate::layout::fake::{self, FakeTrack};

/// A folder with a base of ten frames and a clip of three.
fn movies() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let video = |chunks| FakeTrack::new(b"vide", chunks);
    let sound = FakeTrack::new(b"soun", vec![(78, vec![4; 5]), (148, vec![20])]);
    let base = fake::file(1000, 1, &[video(vec![(28, vec![10; 5]), (98, vec![10; 5])]), sound]);
    let clip = fake::file(3_000_000, 2, &[video(vec![(28, vec![1_000_000, 7, 8])])]);
    std::fs::write(folder.path().join("base.mov"), base).unwrap();
    std::fs::write(folder.path().join("clip.mov"), clip).unwrap();
    folder
}

fn splice(folder: &Path, output: &str, options: SpliceOptions) -> Splice {
    let place = PlaceOptions {
        base_timecode: Some("01:00:00:00".to_owned()),
        at: [("clip.mov".to_owned(), "01:00:00:04".to_owned())].into(),
        ..PlaceOptions::default()
    };
    let clip = folder.join("clip.mov");
    Splice::new(folder.join("base.mov"))
        .clips([clip])
        .output(folder.join(output))
        .place(place)
        .options(options)
}

fn verified() -> SpliceOptions {
    SpliceOptions::default().verify(VerifyMode::Written)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn report_says_what_was_written_and_verified() {
    let folder = movies();
    let report = splice(folder.path(), "out.mov", verified()).run(&Control::default()).unwrap();
    assert_eq!(report.bytes, std::fs::metadata(folder.path().join("out.mov")).unwrap().len());
    assert_eq!(
        (report.plan.base.frames, report.frames_replaced(), report.plan.alignment),
        (10, 3, 4096)
    );
    let event = &report.plan.events[0];
    assert_eq!((event.record_in, event.record_out, event.source_in), (4, 7, 0));
    assert_eq!((event.frames, report.clip_bytes[0]), (3, 1_000_015));
    assert_eq!(report.verification.mode, VerifyMode::Written);
    assert_eq!((report.verification.samples_checked, report.verification.mismatches), (16, 0));
    let routes = report.copied.bytes_by_route;
    assert!(routes.total() > 1_000_000 && routes.total() <= report.bytes, "{routes:?}");
}

#[test]
fn digests_are_in_the_report_of_a_full_verification_alone() {
    let folder = movies();
    for (name, verify) in [("1.mov", VerifyMode::Written), ("2.mov", VerifyMode::Full)] {
        let options = SpliceOptions::default().verify(verify);
        let report = splice(folder.path(), name, options).run(&Control::default()).unwrap();
        assert_eq!(report.verification.digests.is_some(), verify == VerifyMode::Full);
    }
}

#[test]
fn fully_verified_splice_has_the_same_digests_by_every_route() {
    let folder = movies();
    let mut digests = Vec::new();
    for route in
        [RouteChoice::Auto, RouteChoice::Only(Route::Kernel), RouteChoice::Only(Route::Buffered)]
    {
        let options = SpliceOptions::default().route(route).verify(VerifyMode::Full);
        let control = Control::default();
        let name = format!("{}.mov", digests.len());
        let report = splice(folder.path(), &name, options).run(&control).unwrap();
        assert_eq!((report.verification.samples_checked, report.verification.mismatches), (16, 0));
        assert_eq!(control.progress.bytes_done(), 2 * report.bytes);
        digests.push(report.verification.digests.unwrap());
    }
    // Seven samples of 10 bytes of the base, three of the clip.
    assert_eq!((digests[0].tracks[0].samples, digests[0].tracks[0].bytes), (10, 1_000_085));
    assert_eq!((digests[0].tracks[1].samples, digests[0].tracks[1].bytes), (6, 40));
    assert!(digests.iter().all(|other| *other == digests[0]));
}

#[test]
fn every_route_gives_the_same_bytes() {
    let folder = movies();
    splice(folder.path(), "auto.mov", verified()).run(&Control::default()).unwrap();
    let expected = std::fs::read(folder.path().join("auto.mov")).unwrap();
    for route in [Route::Kernel, Route::Buffered] {
        let options = verified().route(RouteChoice::Only(route));
        let name = format!("{route}.mov");
        splice(folder.path(), &name, options).run(&Control::default()).unwrap();
        assert_eq!(std::fs::read(folder.path().join(name)).unwrap(), expected, "{route}");
    }
}

#[test]
fn dry_run_creates_nothing_and_tells_the_size() {
    let folder = movies();
    let dry = splice(folder.path(), "out.mov", verified());
    let report = dry.open(&Control::default()).unwrap().plan().unwrap().lay_out().unwrap().report();
    assert_eq!(names_in(folder.path()), ["base.mov", "clip.mov"]);
    dry.run(&Control::default()).unwrap();
    assert_eq!(report.bytes, std::fs::metadata(folder.path().join("out.mov")).unwrap().len());
}

#[test]
fn replayed_plan_gives_the_same_bytes() {
    let folder = movies();
    let planned = splice(folder.path(), "one.mov", verified());
    let text = planned.open(&Control::default()).unwrap().plan().unwrap().plan().to_json();
    planned.run(&Control::default()).unwrap();
    let plan = SplicePlan::from_json(&text).unwrap();
    Splice::replay(plan).output(folder.path().join("two.mov")).run(&Control::default()).unwrap();
    let bytes = |name| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(bytes("one.mov"), bytes("two.mov"));
}

#[test]
fn existing_output_is_replaced_only_when_that_is_allowed() {
    let folder = movies();
    let path = folder.path().join("out.mov");
    std::fs::write(&path, b"precious").unwrap();
    let refused = splice(folder.path(), "out.mov", verified()).run(&Control::default());
    assert!(matches!(refused, Err(SpliceError::Io(IoError::TargetExists { .. }))));
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    let options = verified().replace(Replace::Allow);
    splice(folder.path(), "out.mov", options).run(&Control::default()).unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), b"precious");
}

#[test]
fn source_is_never_the_output() {
    let folder = movies();
    let before = std::fs::read(folder.path().join("clip.mov")).unwrap();
    let options = verified().replace(Replace::Allow);
    let refused = splice(folder.path(), "clip.mov", options)
        .open(&Control::default())
        .and_then(OpenedSplice::plan);
    assert!(matches!(refused, Err(SpliceError::Io(IoError::TargetIsSource { .. }))));
    assert_eq!(std::fs::read(folder.path().join("clip.mov")).unwrap(), before);
}

#[test]
fn cancelled_splice_leaves_nothing() {
    let folder = movies();
    let control = Control::default();
    control.cancel.cancel();
    let cancelled = splice(folder.path(), "out.mov", verified()).run(&control);
    assert!(matches!(cancelled, Err(SpliceError::Io(IoError::Cancelled))));
    assert_eq!(names_in(folder.path()), ["base.mov", "clip.mov"]);
}

#[test]
fn clip_that_is_not_a_movie_is_left_out_with_its_reason_if_refused_clips_are_skipped() {
    let folder = movies();
    let damaged = folder.path().join("damaged.mov");
    std::fs::write(&damaged, b"not a movie at all").unwrap();
    let with_damaged = splice(folder.path(), "out.mov", verified()).clips([damaged]);
    assert!(matches!(
        with_damaged.open(&Control::default()).and_then(OpenedSplice::plan),
        Err(SpliceError::Plan(_))
    ));
    let place = PlaceOptions { skip_refused: true, ..with_damaged.place.clone() };
    let report = with_damaged.place(place).run(&Control::default()).unwrap();
    assert_eq!(report.plan.clips.len(), 1);
    let left_out = &report.plan.left_out[0];
    assert!(left_out.path.ends_with("damaged.mov"), "{left_out:?}");
    assert!(left_out.reason.starts_with("not a movie"), "{left_out:?}");
}

#[test]
fn splice_without_an_output_can_be_planned_but_not_laid_out() {
    let folder = movies();
    let planned = Splice::new(folder.path().join("base.mov"))
        .open(&Control::default())
        .unwrap()
        .plan()
        .unwrap();
    assert_eq!(planned.plan().alignment, 4096);
    assert!(matches!(planned.lay_out(), Err(SpliceError::NoOutput)));
}

#[test]
fn every_clip_that_is_not_there_is_told() {
    let folder = movies();
    let gone = ["gone_1.mov", "gone_2.mov"].map(|name| folder.path().join(name));
    let splice = splice(folder.path(), "out.mov", SpliceOptions::default()).clips(gone.clone());
    let told =
        splice.open(&Control::default()).and_then(OpenedSplice::plan).unwrap_err().to_string();
    for path in gone {
        assert!(told.contains(&format!("cannot find {}: No such file", path.display())), "{told}");
    }
}
