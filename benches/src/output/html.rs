//! A summary as one page that needs nothing else: a chart, the table, the bars, the timings on record.
//!
//! - Holds: what comes from outside is escaped; the page follows the reader's light or dark setting; no script.

use std::fmt::Write as _;

use super::{COLUMNS, cells, limit};
use crate::cache::Cache;
use crate::line::Line;
use crate::summary::Summary;

/// Width of the chart in pixels.
const WIDTH: f64 = 900.0;
/// Where its bars begin: the names are before them.
const BARS_LEFT: f64 = 190.0;
/// Room for a figure behind the longest bar.
const FIGURES: f64 = 110.0;
/// From the top of one bar to the top of the next.
const STEP: f64 = 30.0;
/// Height of a bar.
const BAR: f64 = 18.0;

/// Colours by role, for light and dark pages.
const STYLE: &str = "
:root { color-scheme: light dark; --ground: #fff; --ink: #1d1d1f; --faint: #5f6068; --rule: #d8d8dc;
  --limit: #9a9aa2; --own: #0a6cd6; --peer: #c9822b; --pass: #1d7f43; --miss: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ground: #16171a; --ink: #ececf0; --faint: #a5a8b4; --rule: #34353b;
  --limit: #74747e; --own: #4c9df5; --peer: #dd9c4c; --pass: #5cc98a; --miss: #f2766d; } }
body { background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
p.note { color: var(--faint); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; font-size: 13px; }
div.wide { overflow-x: auto; }
th, td { border-bottom: 1px solid var(--rule); padding: .3rem .5rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, table.words td { text-align: left; }
.pass { color: var(--pass); } .miss { color: var(--miss); }
svg { width: 100%; min-width: 40rem; height: auto; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.limit { fill: var(--limit); } .own { fill: var(--own); } .peer { fill: var(--peer); }
.spread { stroke: var(--ink); stroke-width: 1.5; } .grid { stroke: var(--rule); }
";

/// The summary as a page.
pub fn render(summary: &Summary) -> String {
    let workload = &summary.workload;
    let title = format!("intercut versus: {} at scale {}", workload.name.name(), workload.scale);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    page += &introduction(summary);
    page += "<h2>Seconds until the movie is on the disk</h2>\n";
    page += &chart(summary);
    page += "<h2>Figures</h2>\n";
    page += &figures(summary);
    if !summary.bars.is_empty() {
        page += "<h2>The project's own bars</h2>\n";
        page += &bars(summary);
    }
    page += "<h2>On record, from other machines</h2>\n";
    page += &record(summary);
    page += "</body>\n</html>\n";
    page
}

fn introduction(summary: &Summary) -> String {
    let (workload, machine) = (&summary.workload, &summary.machine);
    let (width, height) = workload.raster;
    let gib = machine.memory_bytes.map_or(0, |bytes| bytes >> 30);
    let filesystem = machine.filesystem.as_deref().unwrap_or("an unknown filesystem");
    let fresh = match summary.cache {
        Cache::Warm => {
            " “Fresh” raw writes are from memory that was not used for a while, as that of a warm movie."
        }
        Cache::Cold => "",
    };
    format!(
        "<p>{width} × {height}, {} frames, {} of them from {} clips; the finished movie has {} bytes. Sources {}, \
         {} rounds, the order moved on in each; every result was checked. {}, {} cores, {gib} GiB, {}. The storage \
         limit is the fastest raw direct I/O of as many bytes: {}.{}</p>\n",
        workload.frames,
        workload.frames_replaced,
        workload.clips,
        workload.output_bytes,
        summary.cache.name(),
        summary.rounds,
        escape(&machine.kernel),
        machine.cores,
        escape(filesystem),
        limit(summary),
        fresh,
    )
}

/// One bar for each contender, as long as its median, with a line from its fastest to its slowest run.
fn chart(summary: &Summary) -> String {
    let lines: Vec<&Line> =
        summary.contenders.iter().filter(|line| line.seconds.is_some()).collect();
    let longest = lines.iter().filter_map(|line| line.seconds).map(|spread| spread.max);
    let longest = longest.fold(f64::MIN_POSITIVE, f64::max);
    let x = |seconds: f64| BARS_LEFT + seconds / longest * (WIDTH - BARS_LEFT - FIGURES);
    let mut rows = String::new();
    let mut top = 4.0;
    for line in &lines {
        let Some(spread) = line.seconds else { continue };
        let class = match line.name.as_str() {
            name if name.starts_with("raw") => "limit",
            name if name.starts_with("intercut") => "own",
            _ => "peer",
        };
        let (middle, length) = (top + BAR / 2.0, x(spread.median) - BARS_LEFT);
        let (least, most) = (x(spread.min), x(spread.max));
        let _ = writeln!(
            rows,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n\
             <rect class=\"{class}\" x=\"{BARS_LEFT}\" y=\"{top}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\"/>\n\
             <line class=\"spread\" x1=\"{least:.1}\" y1=\"{middle}\" x2=\"{most:.1}\" y2=\"{middle}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{:.3} s</text>",
            BARS_LEFT - 8.0,
            middle + 4.5,
            escape(&line.name),
            most + 8.0,
            middle + 4.5,
            spread.median,
        );
        top += STEP;
    }
    format!(
        "<div class=\"wide\"><svg viewBox=\"0 0 {WIDTH} {top}\" role=\"img\" aria-label=\"Seconds of each contender\">\n\
         <line class=\"grid\" x1=\"{BARS_LEFT}\" y1=\"0\" x2=\"{BARS_LEFT}\" y2=\"{top}\"/>\n{rows}</svg></div>\n\
         <p class=\"note\">A bar is the median; the line across its end reaches from the fastest run to the slowest.</p>\n"
    )
}

fn figures(summary: &Summary) -> String {
    let took_part = summary.contenders.iter().filter(|line| line.refused.is_none());
    let rows = took_part.map(|line| row("td", cells(line)));
    let mut text = format!(
        "<div class=\"wide\"><table>{}{}</table></div>\n",
        row("th", COLUMNS),
        rows.collect::<String>()
    );
    for line in &summary.contenders {
        if let Some(reason) = &line.refused {
            let (name, reason) = (escape(&line.name), escape(reason));
            let _ = writeln!(text, "<p class=\"note\">{name} did not take part: {reason}</p>");
        }
    }
    text
}

fn bars(summary: &Summary) -> String {
    let mut rows = row("th", ["", "bar", "reached", ""]);
    for bar in &summary.bars {
        let sign = if bar.at_least { "at least" } else { "at most" };
        let verdict = if bar.pass { "pass" } else { "miss" };
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{sign} {}</td><td>{:.3}</td><td class=\"{verdict}\">{verdict}</td></tr>",
            escape(&bar.what),
            bar.bar,
            bar.reached,
        );
    }
    format!("<div class=\"wide\"><table>{rows}</table></div>\n")
}

fn record(summary: &Summary) -> String {
    let known = summary.on_record.iter();
    let rows = known.map(|known| {
        let seconds = format!("{:.2}", known.seconds);
        row("td", [known.what.as_str(), &seconds, &known.note, &known.source])
    });
    format!(
        "<div class=\"wide\"><table class=\"words\">{}</table></div>\n<p class=\"note\">For the seed workload at scale 1. Another machine's \
         seconds beside this one's are no comparison: only ratios taken in one run are.</p>\n",
        rows.collect::<String>()
    )
}

fn row<const N: usize>(tag: &str, cells: [impl AsRef<str>; N]) -> String {
    let cells = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell.as_ref())));
    format!("<tr>{}</tr>\n", cells.collect::<String>())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
