//! The report of a run as one page that needs nothing else.
//!
//! ```text
//! Report ──▶ body: figures, warnings, timeline, phases, throughput, latency, routes, memory, verification
//!              └──▶ document: style, script, one report or several ──▶ HTML
//! ```
//!
//! - In: a [`Report`].
//! - Out: HTML with its style, its drawings and its script inside; nothing is loaded from anywhere.
//! - Holds: whatever comes from outside is escaped; everything but pointing at charts works without the script; no element
//!   has an id, so that [`body`] may stand on a page several times.
//! - Not here: saving it (`save`), the report object (`intercut_engine::report`).

mod chart;
mod latency;
mod speed;
mod timeline;
mod usage;
mod words;

use intercut_engine::report::Report;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::text;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// Nothing may be loaded, whatever a file is called.
const POLICY: &str = include_str!("policy.txt");

/// How every page begins, in any case of letters: by it a page is told from other files.
pub(crate) const BEGINNING: &str = "<!DOCTYPE html>";

/// The page of one run.
pub(crate) fn of_run(report: &Report) -> String {
    let name = words::file_name(&report.output.path);
    document(&format!("{name} - intercut"), &body(report))
}

/// A page that needs nothing else.
fn document(title: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (content)
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// Everything about one run.
fn body(report: &Report) -> Markup {
    html! {
        main {
            (heading(report))
            (figures(report))
            (warnings(report))
            (timeline::section(report))
            (speed::phases(report))
            (speed::throughput(report))
            (latency::section(report))
            (usage::routes(report))
            (usage::resources(report))
            (usage::verification(report))
        }
    }
}

/// Whether there is a movie: the report of a dry run has no render.
fn is_written(report: &Report) -> bool {
    report.seconds.render > 0.0
}

fn heading(report: &Report) -> Markup {
    let (base, name) = (&report.base, words::file_name(&report.output.path));
    let rate = words::frame_rate(&base.rate).map_or_else(|| base.rate.clone(), text::rate);
    html! {
        header {
            p class="soft" { "intercut " @if is_written(report) { "wrote" } @else { "would write (dry run)" } }
            h1 { (name) }
            @if name != report.output.path { p class="soft name" { (report.output.path) } }
            p {
                (words::counted(report.frames_replaced, "frame")) " of " span class="name" { (words::file_name(&base.path)) }
                " replaced by those of " (words::counted(report.clips.len() as u64, "clip")) "; everything else is the base's, byte for byte."
            }
            p class="soft" {
                "Base: " span class="name" { (base.path) } ", " (words::counted(base.frames, "frame")) " at " (rate)
                @if let Some(timecode) = &base.timecode { ", from " (timecode) }
                ", " (words::codec(&base.codec)) ", " (base.width) " × " (base.height)
            }
        }
    }
}

fn figures(report: &Report) -> Markup {
    let seconds = &report.seconds;
    let verify = &report.verify;
    let share = words::share(report.frames_replaced as f64, report.base.frames as f64);
    let rate = words::rate(report.output.bytes as f64 / seconds.render.max(1e-9));
    let verified = match (verify.mode.as_str(), verify.mismatches) {
        ("none", _) => "no",
        (_, 0) => "all equal",
        _ => "differs",
    };
    html! {
        div class="figures" {
            div { b { (text::bytes(report.output.bytes)) } span { "the movie" } }
            div { b { (share) } span { "of the frames replaced" } }
            @if is_written(report) {
                div { b { (text::seconds(seconds.total)) } span { "in all" } }
                div { b { (rate) } span { "while rendering" } }
                @if let Some(disk) = report.disk.as_ref().filter(|disk| disk.watched_seconds > 0.0) {
                    div { b { (words::share(disk.busy_seconds, disk.watched_seconds)) } span { "of render and sync the disk was busy" } }
                }
                div { b { (verified) } span { @if verify.mode == "none" { "verified" } @else { "verified (" (verify.mode) ")" } } }
            }
        }
    }
}

fn warnings(report: &Report) -> Markup {
    if report.warnings.is_empty() {
        return html! {};
    }
    html! {
        section class="warnings" {
            h2 { (words::counted(report.warnings.len() as u64, "warning")) }
            ul { @for warning in &report.warnings { li { (warning) } } }
        }
    }
}
