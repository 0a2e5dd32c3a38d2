//! The end of a run in a few lines that can be pasted into a ticket: the verdict, then five lines about the run.
//!
//! - In: the [`ReportObject`].
//! - Out: what was written, how much, how fast, by which route and why not by a faster one, and whether it was verified.
//! - Not here: the report object (`--json`).

use std::time::Duration;

use intercut_engine::likeness::ContentVerdict;
use intercut_engine::report::{ReportObject, Verdict, VerifyObject};

use crate::{table, text};

/// Where the text of a line begins.
const INDENT: usize = 10;

/// The lines, wrapped for a terminal of so many columns.
pub(crate) fn summary(report: &ReportObject, terminal: Option<usize>) -> String {
    let lines = lines(report).map(|(word, text)| {
        let text = terminal.map_or(text.clone(), |width| table::wrapped(&text, INDENT, width));
        format!("{word:INDENT$}{text}\n")
    });
    verdict(&report.verdict, terminal) + &lines.collect::<String>()
}

/// The verdict and what to look at: `Look: 2 clips left out; 11 of 13 clips placed, not verified`.
pub(crate) fn verdict(verdict: &Verdict, terminal: Option<usize>) -> String {
    let wrapped = |text: String, indent| match terminal {
        Some(width) => table::wrapped(&text, indent, width),
        None => text,
    };
    let mut shown = wrapped(verdict.to_string(), 0) + "\n";
    for finding in &verdict.findings {
        shown.push_str(&format!("  {}\n", wrapped(finding.clone(), 2)));
    }
    shown
}

/// The five lines about the run, and one about its pictures if these were compared: a word and its text.
fn lines(report: &ReportObject) -> impl Iterator<Item = (&'static str, String)> {
    let (output, base, seconds) = (&report.output, &report.base, &report.seconds);
    let clips = text::counted(report.clips.len() as u64, "clip");
    // Without the sync, bytes that are still in the page cache would count as written.
    let written = Duration::from_secs_f64(seconds.render + seconds.sync);
    let share = report.frames_replaced as f64 * 100.0 / base.frames.max(1) as f64;
    let bytes = report.in_place.map_or(output.bytes, |in_place| in_place.bytes_appended);
    let lines = [
        wrote(report),
        (
            "replaced",
            format!(
                "{} of {} frames ({share:.1} %) by {clips}, in {}",
                report.frames_replaced,
                base.frames,
                base.path.display()
            ),
        ),
        (
            "took",
            format!(
                "{}: setup {}, render {}, sync {} ({}/s){}{}",
                text::seconds(seconds.total),
                text::seconds(seconds.setup),
                text::seconds(seconds.render),
                text::seconds(seconds.sync),
                text::bytes(text::per_second(bytes, written)),
                if report.verify.mode != "none" {
                    format!(", verify {}", text::seconds(seconds.verify))
                } else {
                    String::new()
                },
                disk(report),
            ),
        ),
        ("routes", routes(report)),
        ("verified", verified(&report.verify)),
    ];
    lines.into_iter().chain(pictures(report))
}

/// `pictures  12 of 13 events fit; 585 samples looked at in 0.9 s`.
fn pictures(report: &ReportObject) -> Option<(&'static str, String)> {
    let findings = report.content.as_ref()?;
    let fit = findings.iter().filter(|found| found.verdict == ContentVerdict::Fits).count();
    let mut text = format!("{fit} of {} fit", text::counted(findings.len() as u64, "event"));
    if let Some(check) = report.content_check {
        let samples = text::counted(check.samples, "sample");
        text.push_str(&format!("; {samples} looked at in {}", text::seconds(check.seconds)));
    }
    Some(("pictures", text))
}

/// The movie that was written, or changed.
fn wrote(report: &ReportObject) -> (&'static str, String) {
    let (path, version) = (report.output.path.display(), &report.version);
    let bytes = text::bytes(report.output.bytes);
    match &report.in_place {
        None => ("wrote", format!("{path} ({bytes}, intercut {version})")),
        Some(in_place) => {
            let appended = text::bytes(in_place.bytes_appended);
            let unused = in_place.garbage_share * 100.0;
            let text = format!(
                "{path} ({bytes}, {appended} of them new, {unused:.1} % not used any more, intercut {version})"
            );
            ("changed", text)
        }
    }
}

/// `; disk vda busy for 97 % of render and sync`: near 100 %, the disk is the limit; far below, something else is.
fn disk(report: &ReportObject) -> String {
    let disk = report.disk.as_ref().filter(|disk| disk.watched_seconds > 0.0);
    disk.map_or_else(String::new, |disk| {
        let share = disk.busy_seconds / disk.watched_seconds * 100.0;
        format!("; disk {} busy for {share:.0} % of render and sync", disk.device)
    })
}

/// `mapped 9.52 GB, staged 8.10 MB; not reflink: ...`.
fn routes(report: &ReportObject) -> String {
    let taken = report.bytes_by_route.by_name().into_iter();
    let taken: Vec<String> = taken
        .filter(|(_, bytes)| *bytes > 0)
        .map(|(route, bytes)| format!("{route} {}", text::bytes(bytes)))
        .collect();
    let refused = report.refused_routes.iter();
    let refused: String =
        refused.map(|refused| format!("; not {}: {}", refused.route, refused.reason)).collect();
    taken.join(", ") + &refused
}

/// What was verified: `written: 10635 samples, 0 differ`.
pub(crate) fn verified(verify: &VerifyObject) -> String {
    match verify.mode.as_str() {
        "none" => "no (--verify written re-reads what reached the disk; `intercut verify` proves it later)".to_owned(),
        "full" => format!(
            "full: {}, {} differ{}",
            text::counted(verify.samples_checked, "sample"),
            verify.mismatches,
            verify.digests.as_ref().map_or_else(String::new, |all| format!("; xxh3-128 {}", all.file)),
        ),
        mode => format!("{mode}: {}, {} differ", text::counted(verify.samples_checked, "sample"), verify.mismatches),
    }
}

#[cfg(test)]
mod tests {
    use intercut_engine::report::DiskReport;

    use super::*;

    const REPORT: &str = r#"{
        "schema": "intercut.report/2", "version": "0.1.0", "started": "2026-11-22T03:04:28Z", "alignment": 4096,
        "layout": "ordered", "in_place": null,
        "verdict": {"word": "look", "text": "1 clip left out; 13 of 14 clips placed, not verified",
                    "findings": ["S07.mov is left out: it has no timecode at its first frame"]},
        "base": {"path": "reel.mov", "frames": 10635, "samples": 10635, "rate": "25/1",
                 "timecode": "01:00:00:00", "timecode_rate": "25/1", "drop_frame": false,
                 "codec": "ap4h", "width": 4096, "height": 2928, "identity": {"len": 9530000000, "mtime_ns": "1"}},
        "output": {"path": "final.mov", "bytes": 9530000000}, "frames_replaced": 918, "clips": [], "events": [], "gaps": [],
        "left_out": [], "overlaps": [],
        "options": {"faststart": false, "force": false, "route": "auto", "verify": "none", "memory": 67108864,
                    "placing": null},
        "seconds": {"setup": 0.021, "render": 3.6, "sync": 0.4, "verify": 0.0, "total": 4.021},
        "frame_check": {"frames": 918, "seconds": 0.004}, "throughput": {"written": [], "verified": []}, "max_rss": 0, "disk": null,
        "host": {"name": "suite-3", "cores": 8, "kernel": "Linux 6.1", "filesystem": "ext4"},
        "bytes_by_route": {"reflink": 0, "mapped": 9520000000, "staged": 10000000, "kernel": 0, "buffered": 0},
        "refused_routes": [{"route": "reflink", "reason": "ext4 does not share extents"}],
        "cpu_seconds": {"user": 0.1, "system": 1.2},
        "memory_bytes": {"budget": 67108864, "staging_peak": 0, "rss_anonymous_peak": 0},
        "pool": {"slabs": 0, "hits": 0, "misses": 0, "high_water": 0},
        "latency_ns": {
            "read": {"count": 0, "p50": 0, "p95": 0, "p99": 0, "p999": 0, "max": 0},
            "stage_wait": {"count": 0, "p50": 0, "p95": 0, "p99": 0, "p999": 0, "max": 0},
            "write": {"count": 0, "p50": 0, "p95": 0, "p99": 0, "p999": 0, "max": 0},
            "sync": {"count": 0, "p50": 0, "p95": 0, "p99": 0, "p999": 0, "max": 0}},
        "verify": {"mode": "none", "samples_checked": 0, "mismatches": 0}, "warnings": []
    }"#;

    #[test]
    fn run_ends_with_its_verdict_and_five_lines() {
        let report: ReportObject = serde_json::from_str(REPORT).unwrap();
        let lines = summary(&report, None);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines[0], "Look: 1 clip left out; 13 of 14 clips placed, not verified");
        assert_eq!(lines[1], "  S07.mov is left out: it has no timecode at its first frame");
        let lines = &lines[2..];
        assert_eq!(lines[0], "wrote     final.mov (9.53 GB, intercut 0.1.0)");
        assert_eq!(lines[1], "replaced  918 of 10635 frames (8.6 %) by 0 clips, in reel.mov");
        assert_eq!(
            lines[2],
            "took      4.02 s: setup 21 ms, render 3.60 s, sync 400 ms (2.38 GB/s)"
        );
        let routes =
            "routes    mapped 9.52 GB, staged 10.0 MB; not reflink: ext4 does not share extents";
        assert_eq!(lines[3], routes);
        assert!(lines[4].starts_with("verified  no "), "{}", lines[4]);
        assert_eq!(lines.len(), 5);
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let report: ReportObject = serde_json::from_str(REPORT).unwrap();
        let lines = summary(&report, Some(60));
        assert!(lines.lines().all(|line| line.chars().count() <= 60), "{lines}");
        let verdict = "Look: 1 clip left out; 13 of 14 clips placed, not verified\n";
        assert!(lines.starts_with(verdict), "{lines}");
        assert!(lines.contains("not reflink: ext4\n          does not share extents\n"), "{lines}");
    }

    #[test]
    fn share_of_the_time_that_the_disk_was_busy_is_told_where_it_is_known() {
        let mut report: ReportObject = serde_json::from_str(REPORT).unwrap();
        report.disk = Some(DiskReport {
            device: "nvme0n1p2".to_owned(),
            watched_seconds: 4.0,
            busy_seconds: 3.88,
            read_bytes: 0,
            written_bytes: 9_530_000_000,
        });
        let lines = summary(&report, None);
        let expected = "(2.38 GB/s); disk nvme0n1p2 busy for 97 % of render and sync\n";
        assert!(lines.contains(expected), "{lines}");
    }

    #[test]
    fn verified_run_says_how_much_was_read_back() {
        let mut report: ReportObject = serde_json::from_str(REPORT).unwrap();
        report.verify.mode = "written".to_owned();
        report.verify.samples_checked = 10_635;
        report.seconds.verify = 2.5;
        let lines = summary(&report, None);
        assert!(lines.contains("sync 400 ms (2.38 GB/s), verify 2.50 s\n"), "{lines}");
        assert!(lines.ends_with("verified  written: 10635 samples, 0 differ\n"), "{lines}");
    }
}
