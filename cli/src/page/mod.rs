//! The report of a run as one page that needs nothing else.
//!
//! ```text
//! ReportObject ──▶ body: verdict, timeline, pictures, lists, verification, how it was made; then figures, phases, latency, routes ─┐
//! BlanksObject, StampObject ──▶ made: what they are, verification; then figures, phases, latency, routes ───────┤
//! BatchReport ──▶ batch: totals, one row per job, each with its run's body ───────────────────────────────────┴─▶ document
//! ```
//!
//! - In: a [`ReportObject`], a [`BatchReport`], or what `blank` and `stamp` print; pictures of what they tell, and where a review of
//!   it is.
//! - Out: HTML with its style, its drawings and its script inside; nothing is loaded from anywhere.
//! - Holds: everything from outside is escaped; everything but pointing at charts and leafing through pictures works
//!   without the script; no element
//!   has an id, so that a page can have [`body`] several times.
//! - Not here: saving it (`save`), the report object (`intercut_engine::report`).

mod batch;
mod chart;
mod farm;
mod latency;
mod lists;
mod made;
mod pictures;
mod placing;
mod review;
mod speed;
mod timeline;
mod usage;
mod words;

use std::path::Path;

use intercut_engine::batch::{BatchReport, Summary};
use intercut_engine::blank::BlanksObject;
use intercut_engine::report::{ReportObject, Verdict, VerdictWord};
use intercut_engine::stamp::StampObject;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::pictures::Pictures;
use crate::save::{Kind, contains};
use crate::text;

pub(crate) use review::Review;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// The page may load nothing, not even if a file's name asks for it.
const POLICY: &str = include_str!("policy.txt");

/// The file that a page is saved as. An older one is recognised by what its `generator` says.
pub(crate) const FILE: Kind = Kind {
    noun: "a page of intercut",
    is_ours: Some(|head| head.starts_with(b"<!DOCTYPE html>") && contains(head, GENERATOR)),
};

/// A table with more rows is folded.
const ROWS_OPEN_MAX: usize = 40;

const GENERATOR: &str = "content=\"intercut ";
const VERSION: &str = concat!("intercut ", env!("CARGO_PKG_VERSION"));

/// The page of one run.
///
/// - `pictures`: of its splice points, if it is to have any.
/// - `review`: the movie of what was replaced, if there is one.
pub(crate) fn of_run(
    report: &ReportObject,
    pictures: Option<&Pictures>,
    review: Option<&Review>,
) -> String {
    let name = words::file_name(&report.output.path);
    let content = html! {
        (heading(report))
        @if let Some(review) = review { (review::section(report, review)) }
        (body(report, pictures))
    };
    document(&format!("{name} - intercut"), &content)
}

/// The page of blanks.
pub(crate) fn of_blanks(report: &BlanksObject) -> String {
    document(&format!("{} - intercut", made::title(report)), &made::blanks(report))
}

/// The page of a stamped movie.
pub(crate) fn of_stamp(report: &StampObject) -> String {
    let name = words::file_name(&report.output.0);
    document(&format!("{name} - intercut"), &made::stamp(report))
}

/// The page of a batch.
///
/// - `pictures`: of each job that has a report, in the order of the jobs, if it is to have any.
pub(crate) fn of_batch(batch: &BatchReport, pictures: Option<&[Pictures]>) -> String {
    let title = words::counted(batch.totals.jobs, "job");
    document(&format!("{title} - intercut"), &batch::content(batch, pictures))
}

/// The page of a batch that ran in many processes.
pub(crate) fn of_summary(summary: &Summary) -> String {
    let title = words::counted(summary.totals.jobs, "job");
    document(&format!("{title} - intercut"), &farm::content(summary))
}

/// A page that needs nothing else.
fn document(title: &str, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(VERSION);
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main { (content) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// Everything about one run but its name: first what a supervisor asks, then what an engineer does.
fn body(report: &ReportObject, pictures: Option<&Pictures>) -> Markup {
    html! {
        (verdict(&report.verdict))
        (what(report))
        (warnings(&report.warnings))
        (timeline::section(report))
        @if let Some(pictures) = pictures { (pictures::section(report, pictures)) }
        (lists::section(report))
        @if is_written(report) { (usage::verification(&report.verify, report.output.bytes, usage::Compared::Sources)) }
        (usage::made(report))
        div class="engineer" {
            h2 { "For the engineer" }
            (figures(report))
            (speed::phases(report.seconds))
            (speed::throughput(report))
            (latency::section(&report.latency_ns))
            (usage::routes(report.bytes_by_route, &report.refused_routes))
            @if is_written(report) { (usage::resources(report)) }
        }
    }
}

/// What the run comes to, and what to look at.
fn verdict(verdict: &Verdict) -> Markup {
    let class = match verdict.word {
        VerdictWord::Complete => "complete",
        _ => "look",
    };
    html! {
        section class={ "verdict " (class) } {
            p { (verdict) }
            @if !verdict.findings.is_empty() { ul { @for finding in &verdict.findings { li { (finding) } } } }
        }
    }
}

/// Whether there is a movie: the report of a dry run has no render.
fn is_written(report: &ReportObject) -> bool {
    report.seconds.render > 0.0
}

fn heading(report: &ReportObject) -> Markup {
    html! {
        header {
            p class="soft" { "intercut " @if is_written(report) { "wrote" } @else { "would write (dry run)" } }
            h1 { (words::file_name(&report.output.path)) }
            (began(&report.started))
        }
    }
}

/// When it was: `2026-11-22 03:04:28 UTC`.
fn began(started: &str) -> Markup {
    let text = started.replacen('T', " ", 1).replacen('Z', " UTC", 1);
    html! {
        @if !started.is_empty() { p class="soft" { time datetime=(started) { (text) } } }
    }
}

fn what(report: &ReportObject) -> Markup {
    let (base, output) = (&report.base, &report.output.path);
    html! {
        @if output.parent().is_some_and(|folder| folder != Path::new("")) {
            p class="soft name" { (output.display()) }
        }
        p {
            (words::counted(report.frames_replaced, "frame")) " of " span class="name" { (words::file_name(&base.path)) }
            " replaced by those of " (words::counted(report.clips.len() as u64, "clip")) "; everything else is the base's, byte for byte."
        }
        p class="soft" {
            "Base: " span class="name" { (base.path.display()) } ", " (words::counted(base.frames, "frame")) " at " (text::rate(base.rate))
            @if let Some(timecode) = &base.timecode { ", from " (timecode) }
            ", " (text::codec(base.codec)) ", " (base.width) " × " (base.height)
        }
    }
}

fn figures(report: &ReportObject) -> Markup {
    let seconds = &report.seconds;
    let share = words::share(report.frames_replaced as f64, report.base.frames as f64);
    let rate = words::rate(words::bytes_per_second(report));
    html! {
        div class="figures" {
            div { b { (text::bytes(report.output.bytes)) } span { "the movie" } }
            div { b { (share) } span { "of the frames replaced" } }
            @if is_written(report) {
                div { b { (text::seconds(seconds.total)) } span { "in all" } }
                div { b { (rate) } span { "render and sync together" } }
                @if let Some(disk) = report.disk.as_ref().filter(|disk| disk.watched_seconds > 0.0) {
                    div { b { (words::share(disk.busy_seconds, disk.watched_seconds)) } span { "of render and sync the disk was busy" } }
                }
            }
        }
    }
}

/// A table of rows that `noun` names, folded if it is long.
fn folded(rows: usize, noun: &str, what: &str, table: &Markup) -> Markup {
    html! {
        @if rows <= ROWS_OPEN_MAX {
            (table)
        } @else {
            details { summary { "The " (words::counted(rows as u64, noun)) (what) } (table) }
        }
    }
}

/// What a verification found.
fn verified(report: &ReportObject) -> &'static str {
    match (report.verify.mode.as_str(), report.verify.mismatches) {
        ("none", _) => "no",
        (_, 0) => "all equal",
        _ => "differs",
    }
}

fn warnings(warnings: &[String]) -> Markup {
    if warnings.is_empty() {
        return html! {};
    }
    html! {
        section class="warnings" {
            h2 { (words::counted(warnings.len() as u64, "warning")) }
            ul { @for warning in warnings { li { (warning) } } }
        }
    }
}
