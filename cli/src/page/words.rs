//! Quantities as the page writes them.

use std::path::Path;

use intercut_engine::report::ReportObject;

use crate::text;

/// `10,635`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 frame`, `10,635 frames`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), text::plural(count, noun))
}

/// `850 ns`, `83.2 µs`, `1.25 ms`, `2.10 s`.
pub(super) fn nanoseconds(ns: u64) -> String {
    let units = [("s", 1e9), ("ms", 1e6), ("µs", 1e3)];
    let ns_float = ns as f64;
    match units.into_iter().find(|(_, unit)| ns_float >= *unit) {
        Some((name, unit)) => {
            let value = ns_float / unit;
            let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
            format!("{value:.digits$} {name}")
        }
        None => format!("{ns} ns"),
    }
}

/// Seconds along an axis: `0`, `200 ms`, `1.5 s`, `10 min`.
pub(super) fn axis_seconds(seconds: f64) -> String {
    match seconds {
        0.0 => "0".to_owned(),
        s if s < 0.9995 => format!("{} ms", rounded(s * 1000.0)),
        s if s < 120.0 => format!("{} s", rounded(s)),
        s => format!("{} min", rounded(s / 60.0)),
    }
}

/// At most two decimals, without zeros at the end.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// `2.65 GB/s`.
pub(super) fn rate(bytes_per_second: f64) -> String {
    // A float becomes the nearest integer; no rate that was measured comes near the largest.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rates are positive"
    )]
    let whole = bytes_per_second.round() as u64;
    format!("{}/s", text::bytes(whole))
}

/// Bytes a second over render and sync: without the sync, bytes that are still in the page cache would count as written.
pub(super) fn bytes_per_second(report: &ReportObject) -> f64 {
    report.output.bytes as f64 / (report.seconds.render + report.seconds.sync).max(1e-9)
}

/// `96.4 %`.
pub(super) fn share(part: f64, whole: f64) -> String {
    if whole > 0.0 { format!("{:.1} %", part / whole * 100.0) } else { "-".to_owned() }
}

/// The last part of a path.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_people_read_them() {
        let counts = [0, 918, 10_635, 1_000_000].map(grouped);
        assert_eq!(counts, ["0", "918", "10,635", "1,000,000"]);
        let times = [850, 83_200, 1_250_000, 2_100_000_000].map(nanoseconds);
        assert_eq!(times, ["850 ns", "83.2 µs", "1.25 ms", "2.10 s"]);
        let axis = [0.0, 0.002, 0.5, 1.0, 2.5, 600.0].map(axis_seconds);
        assert_eq!(axis, ["0", "2 ms", "500 ms", "1 s", "2.5 s", "10 min"]);
        assert_eq!(file_name(Path::new("/reels/a/b.mov")), "b.mov");
    }
}
