//! Quantities as people read them.
//!
//! - In: bytes, seconds, counts, rates, codecs, outcomes of jobs, what became of lists, what pictures show.
//! - Out: short text with its unit; sizes in decimal units, as disks are sold and as players show them.
//! - Not here: JSON, which has plain numbers.

use std::time::Duration;

use intercut_engine::batch::{JobOutcome, Totals};
use intercut_engine::likeness::ContentVerdict;
use intercut_engine::list::Confidence;
use intercut_engine::plan::{ContentFinding, PlannedList};
use intercut_engine::timecode::FrameRate;
use intercut_engine::units::FourCc;

const UNITS: [(&str, u64); 4] =
    [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];

/// `9.53 GB`, `12 bytes`.
pub(crate) fn bytes(count: u64) -> String {
    match UNITS.iter().find(|(_, unit)| count >= *unit) {
        Some((name, unit)) => {
            let value = count as f64 / *unit as f64;
            let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
            format!("{value:.digits$} {name}")
        }
        None => counted(count, "byte"),
    }
}

/// `1 clip`, `13 clips`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", plural(count, noun))
}

/// What a noun ends in where there are so many.
pub(crate) fn plural(count: u64, noun: &str) -> &'static str {
    match count {
        1 => "",
        _ if noun.ends_with("ch") => "es",
        _ => "s",
    }
}

/// How sure something is, in one word.
pub(crate) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

/// `cuts/reel_1.edl "REEL 1" (CMX 3600): 2 of 3 events placed, 1 without a clip; passed over: 148 audio, 2 black`.
pub(crate) fn list(list: &PlannedList) -> String {
    let title = list.title.as_ref().map(|title| format!(" {title:?}")).unwrap_or_default();
    let of = |count: u64, what: &str| {
        if count > 0 { format!(", {count} {what}") } else { String::new() }
    };
    let passed: Vec<String> =
        list.passed_over.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let passed = match passed.is_empty() {
        true => String::new(),
        false => format!("; passed over: {}", passed.join(", ")),
    };
    format!(
        "{}{title} ({}): {} of {} placed{}{}{}{passed}",
        list.path.display(),
        list.format,
        list.placed,
        counted(list.cuts, "event"),
        of(list.without_clip, "without a clip"),
        of(list.hidden, "hidden by layers above"),
        of(list.outside_base, "not in the base"),
    )
}

/// Bytes a second; 0 if no time has passed.
pub(crate) fn per_second(bytes: u64, time: Duration) -> u64 {
    let rate = (u128::from(bytes) * 1_000_000_000).checked_div(time.as_nanos()).unwrap_or(0);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// How long something took: `21 ms`, `4.02 s`, `1 min 05 s`.
pub(crate) fn seconds(value: f64) -> String {
    match value {
        value if value < 1.0 => format!("{:.0} ms", value * 1000.0),
        value if value < 60.0 => format!("{value:.2} s"),
        value => left(Duration::try_from_secs_f64(value).unwrap_or(Duration::MAX)),
    }
}

/// Time that is left, in whole seconds: `3 s`, `1 min 05 s`, `2 h 10 min`.
pub(crate) fn left(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// `25 fps`, `29.97 fps`.
pub(crate) fn rate(rate: FrameRate) -> String {
    let value = f64::from(rate.numerator()) / f64::from(rate.denominator());
    match rate.denominator() {
        1 => format!("{} fps", rate.numerator()),
        _ => format!("{} fps", format!("{value:.3}").trim_end_matches('0')),
    }
}

/// `ap4h (ProRes 4444)`, or the four characters alone.
pub(crate) fn codec(codec: FourCc) -> String {
    match intercut_engine::codec::name(codec) {
        Some(name) => format!("{codec} ({name})"),
        None => codec.to_string(),
    }
}

/// What became of a job.
pub(crate) fn outcome(outcome: JobOutcome) -> &'static str {
    match outcome {
        JobOutcome::Done => "done",
        JobOutcome::Skipped => "unchanged",
        JobOutcome::Refused => "refused",
        JobOutcome::Verified => "verified",
        JobOutcome::Failed => "failed",
        JobOutcome::Cancelled => "cancelled",
        JobOutcome::NotRun => "not run",
        _ => "ended",
    }
}

/// What became of all jobs: `2 done, 1 failed`.
pub(crate) fn outcomes(totals: &Totals) -> String {
    let counts = [
        (totals.done, JobOutcome::Done),
        (totals.verified, JobOutcome::Verified),
        (totals.skipped, JobOutcome::Skipped),
        (totals.refused, JobOutcome::Refused),
        (totals.failed, JobOutcome::Failed),
        (totals.cancelled, JobOutcome::Cancelled),
        (totals.not_run, JobOutcome::NotRun),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> =
        counts.map(|(count, what)| format!("{count} {}", outcome(what))).collect();
    counts.join(", ")
}

/// What the content check found of the pictures of an event: `fit`, `belong 3 frames earlier`, `cannot tell`.
pub(crate) fn content(finding: &ContentFinding) -> String {
    let offset = finding.offset.unwrap_or(0);
    let frames = counted(offset.unsigned_abs(), "frame");
    let verdict = match finding.verdict {
        ContentVerdict::Shifted if offset > 0 => format!("belong {frames} earlier"),
        ContentVerdict::Shifted => format!("belong {frames} later"),
        ContentVerdict::Fits => "fit".to_owned(),
        ContentVerdict::Other => "are others".to_owned(),
        ContentVerdict::CannotTell => "cannot tell".to_owned(),
        ContentVerdict::NoReference => "nothing to compare".to_owned(),
    };
    match finding.note {
        Some(note) => format!("{verdict}, {}", note.name()),
        None => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_three_digits_and_name_their_unit() {
        let text = [0, 1, 999, 1000, 123_456, 34_500_000, 9_530_000_000, 1 << 50].map(bytes);
        let expected = [
            "0 bytes",
            "1 byte",
            "999 bytes",
            "1.00 kB",
            "123 kB",
            "34.5 MB",
            "9.53 GB",
            "1126 TB",
        ];
        assert_eq!(text, expected);
    }

    #[test]
    fn time_left_is_told_in_the_units_that_matter() {
        let text = [0, 59, 65, 7800].map(|seconds| left(Duration::from_secs(seconds)));
        assert_eq!(text, ["0 s", "59 s", "1 min 05 s", "2 h 10 min"]);
    }

    #[test]
    fn rates_are_told_as_people_say_them() {
        let text = [(25, 1), (30_000, 1001), (24_000, 1001)]
            .map(|(n, d)| rate(FrameRate::matching(n, d).unwrap()));
        assert_eq!(text, ["25 fps", "29.97 fps", "23.976 fps"]);
    }
}
