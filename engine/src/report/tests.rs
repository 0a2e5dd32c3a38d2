//! The report of a real run as JSON.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use intercut_io::Control;

use super::*;
use crate::layout::fake::{self, FakeTrack};
use crate::plan::{Gap, LeftOut, SplicePlan};
use crate::splice::{Splice, SpliceOptions, Verification, VerifyMode};

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
        placing: Some(PlacingObject::default()),
    };
    assert_eq!(report.options, options);
    assert_eq!((report.layout, report.in_place), (LayoutObject::Ordered, None));
    assert!(!report.host.name.is_empty() && report.host.cores > 0);
    assert!(report.max_rss >= report.memory_bytes.rss_anonymous_peak);
    assert_eq!(report.started.len(), "2026-11-22T03:04:28Z".len());
}

/// The verdict on a plan of two clips that leave a gap of so many frames; `left_out`: codes of clips without a place.
fn verdict(gap: u64, left_out: &[&str], mode: VerifyMode) -> Verdict {
    verdict_of(gap, left_out, mode, false)
}

fn verdict_of(gap: u64, left_out: &[&str], mode: VerifyMode, is_in_place: bool) -> Verdict {
    let mut plan: SplicePlan = serde_json::from_str(include_str!("two_clips.json")).unwrap();
    plan.events[1].record_in += gap;
    plan.events[1].record_out += gap;
    plan.events[1].record_timecode_in = format!("01:00:00:{:02}", 10 + gap);
    if gap > 0 {
        plan.gaps = vec![Gap { record_in: 10, record_out: 10 + gap, frames: gap }];
    }
    plan.left_out = left_out
        .iter()
        .map(|code| LeftOut {
            path: format!("graded/{code}.mov").into(),
            code: (*code).to_owned(),
            reason: "it is in the way".to_owned(),
        })
        .collect();
    let verification = Verification { mode, ..Verification::default() };
    Verdict::of_run(&plan, &verification, is_in_place)
}

#[test]
fn run_is_complete_if_every_clip_has_its_place_and_no_short_gap_is_open() {
    let complete = verdict(0, &[], VerifyMode::Written);
    assert_eq!(complete.word, VerdictWord::Complete);
    assert_eq!(
        complete.to_string(),
        "Complete: 2 of 2 clips placed, 1 of them VFX, every frame verified"
    );
    assert_eq!(complete.findings, [""; 0]);
    // A second and more is a shot of the base.
    let second = verdict(25, &[], VerifyMode::None);
    assert_eq!(second.to_string(), "Complete: 2 of 2 clips placed, 1 of them VFX, not verified");
    let covered = verdict(0, &["outranked"], VerifyMode::Full);
    let expected =
        "Complete: 2 of 3 clips placed, 1 of them VFX, 1 covered by VFX, every frame verified";
    assert_eq!(covered.to_string(), expected);
    assert_eq!(covered.findings, ["outranked.mov is left out: it is in the way"]);
    for (mode, frames) in [(VerifyMode::Written, "new frame"), (VerifyMode::Full, "frame")] {
        let in_place = verdict_of(0, &[], mode, true).to_string();
        assert!(in_place.ends_with(&format!(", every {frames} verified")), "{in_place}");
    }
    let older = verdict(0, &["versions"], VerifyMode::None).to_string();
    assert_eq!(
        older,
        "Complete: 2 of 3 clips placed, 1 of them VFX, 1 older version, not verified"
    );
}

#[test]
fn run_that_leaves_a_clip_or_a_short_gap_has_to_be_looked_at() {
    let look = verdict(8, &["damaged", "rate"], VerifyMode::None);
    assert_eq!(look.word, VerdictWord::Look);
    let expected = "Look: 2 clips left out, 1 gap of 8 frames; 2 of 4 clips placed, 1 of them VFX, not verified";
    assert_eq!(look.to_string(), expected);
    let expected = [
        "damaged.mov is left out: it is in the way",
        "rate.mov is left out: it is in the way",
        "gap of 8 frames, 01:00:00:10 to 01:00:00:18, between a.mov and b.mov",
    ];
    assert_eq!(look.findings, expected);
}
