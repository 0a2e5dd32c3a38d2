//! The report of a real run as JSON.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use intercut_io::Control;

use super::*;
use crate::layout::fake::{self, FakeTrack};
use crate::splice::{Splice, SpliceOptions, VerifyMode};

/// The report of a splice of nothing into a base of three frames, in a folder of this name.
fn report(folder: &OsStr) -> ReportObject {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join(folder);
    std::fs::create_dir(&folder).unwrap();
    let track = FakeTrack::new(b"vide", vec![(28, vec![100; 3])]);
    std::fs::write(folder.join("base.mov"), fake::file(1000, 1, &[track])).unwrap();
    let options = SpliceOptions::default().verify(VerifyMode::Full);
    let splice = Splice::new(folder.join("base.mov")).output(folder.join("out.mov"));
    ReportObject::from(&splice.options(options).run(&Control::default()).unwrap())
}

#[test]
fn report_reads_back_as_it_was_written() {
    let report = report(OsStr::new("reels"));
    assert!(report.verify.digests.is_some());
    assert_eq!(ReportObject::from_json(&report.to_json()).unwrap(), report);
    let older = report.to_json().replace("intercut.report/2", "intercut.report/1");
    let error = ReportObject::from_json(&older).unwrap_err().to_string();
    assert_eq!(error, "its schema is 'intercut.report/1', not 'intercut.report/2'");
}

#[test]
fn path_that_is_not_utf_8_reads_back_as_it_was() {
    let report = report(OsStr::from_bytes(b"bobine \xe9t\xe9"));
    let read = ReportObject::from_json(&report.to_json()).unwrap();
    assert_eq!(read.output.path, report.output.path);
    assert!(read.output.path.as_os_str().as_bytes().ends_with(b"bobine \xe9t\xe9/out.mov"));
}

#[test]
fn report_says_how_it_was_written_and_where_it_ran() {
    let report = report(OsStr::new("reels"));
    let options = OptionsObject {
        faststart: false,
        force: false,
        route: "auto".to_owned(),
        verify: "full".to_owned(),
        memory: 64 << 20,
    };
    assert_eq!(report.options, options);
    assert_eq!((report.layout, report.in_place), (LayoutObject::Ordered, None));
    assert!(!report.host.name.is_empty() && report.host.cores > 0);
    assert!(report.max_rss >= report.memory_bytes.rss_anonymous_peak);
    assert_eq!(report.started.len(), "2026-11-22T03:04:28Z".len());
}
