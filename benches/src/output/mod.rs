//! How a summary looks: as a table on a terminal, as a page, as JSON.

pub mod html;
pub mod json;
pub mod table;

use crate::statistics::Spread;
use crate::summary::Summary;

/// A spread as `median (min to max)`, each with so many digits after the point.
fn spread(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or("–".to_owned(), |Spread { median, min, max }| {
        format!("{median:.digits$} ({min:.digits$} to {max:.digits$})")
    })
}

/// How the storage limit was reached.
fn limit(summary: &Summary) -> String {
    summary.limit.map_or("none".to_owned(), |shape| format!("raw writes, {shape} at a time"))
}

/// The median alone.
fn median(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or("–".to_owned(), |spread| format!("{:.digits$}", spread.median))
}

/// The columns of the main table, the same on a terminal and on the page.
const COLUMNS: [&str; 10] = [
    "",
    "seconds to disk",
    "GB/s",
    "of the limit",
    "of the fresh limit",
    "set-up s",
    "render s",
    "sync s",
    "CPU s per GB",
    "anonymous MiB",
];

/// The cells of one line of the main table.
fn cells(line: &crate::line::Line) -> [String; 10] {
    let mebibytes = line.anonymous_bytes_peak.map(|bytes| Spread {
        median: bytes.median / f64::from(1 << 20),
        min: bytes.min / f64::from(1 << 20),
        max: bytes.max / f64::from(1 << 20),
    });
    [
        line.name.clone(),
        spread(line.seconds, 3),
        line.gb_per_second.map_or("–".to_owned(), |rate| format!("{rate:.2}")),
        spread(line.share_of_limit, 2),
        median(line.share_of_fresh_limit, 2),
        median(line.setup_seconds, 3),
        median(line.render_seconds, 3),
        median(line.sync_seconds, 3),
        spread(line.cpu_seconds_per_gb, 3),
        median(mebibytes, 1),
    ]
}
