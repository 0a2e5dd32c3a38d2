//! The page of a batch: its totals, and one row per job, which opens to everything about that job.
//!
//! - In: a [`BatchReport`].
//! - Out: figures; rows that align like a table and close like a list, even without the script.
//! - Holds: every job has a row, and the row says why if nothing was written; a closed row prints as a row.
//! - Not here: what a row opens to (`page::body`).

use intercut_engine::batch::{BatchReport, JobOutcome, JobReport};
use intercut_engine::report::{BytesByRoute, RefusedRouteReport, ReportObject, VerdictWord};
use maud::{Markup, html};

use super::{began, body, usage, verified, warnings, words};
use crate::pictures::Pictures;
use crate::text;

/// What the cells beside a job's name say.
const COLUMNS: [&str; 7] = ["clips", "frames", "size", "took", "rate", "route", "verified"];

pub(super) fn content(batch: &BatchReport, pictures: Option<&[Pictures]>) -> Markup {
    let mut pictures = pictures.into_iter().flatten();
    html! {
        header {
            p class="soft" { "intercut batch" }
            h1 { (words::counted(batch.totals.jobs, "job")) ": " (text::outcomes(&batch.totals)) }
            (began(&batch.started))
        }
        (figures(batch))
        (warnings(&batch.no_room))
        section {
            h2 { "Jobs" }
            div class="jobs" {
                div class="row head" aria-hidden="true" {
                    span { "outcome" } span { "output, base" }
                    @for column in COLUMNS { span class="n" { (column) } }
                }
                @for job in &batch.jobs { (row(job, job.report.as_ref().and_then(|_| pictures.next()))) }
            }
            p class="soft" {
                "A row opens to everything about its job. Frames are those that clips replaced. The rate is that of render and sync together."
            }
        }
        (left_out(batch))
        (usage::routes(batch.totals.bytes_by_route, &refused_routes(batch)))
    }
}

/// Clips that were given and are in no output.
fn left_out(batch: &BatchReport) -> Markup {
    let clips: Vec<_> = batch.all_left_out().collect();
    html! {
        @if !clips.is_empty() {
            section {
                h2 { "Clips left out" }
                ul {
                    @for (job, clip) in clips {
                        li {
                            span class="name" { (clip.path.display()) } ": " (clip.reason)
                            @if let Some(job) = job { " (" span class="name" { (job.output.display()) } ")" }
                        }
                    }
                }
            }
        }
    }
}

fn figures(batch: &BatchReport) -> Markup {
    let (totals, seconds) = (&batch.totals, batch.seconds);
    let done = || batch.jobs.iter().filter_map(|job| job.report.as_ref());
    let verified = done().filter(|report| report.verify.mode != "none").count();
    html! {
        div class="figures" {
            div { b { (text::bytes(totals.bytes)) } span { "written or shared" } }
            div { b { (words::grouped(totals.frames_replaced)) } span { "frames replaced" } }
            div { b { (text::seconds(seconds.total)) } span { "in all, " (text::seconds(seconds.prepare)) " of it to plan" } }
            @if totals.bytes > 0 {
                div { b { (words::rate(totals.bytes as f64 / seconds.run.max(1e-9))) } span { "while jobs ran" } }
            }
            div { b { (verified) " of " (totals.done) } span { "outputs verified" } }
        }
    }
}

/// One job: its row, and what is known of it.
fn row(job: &JobReport, pictures: Option<&Pictures>) -> Markup {
    let why = why(job);
    html! {
        details {
            summary class="row" {
                span class={ "outcome " (class(job.outcome)) } { (text::outcome(job.outcome)) }
                span class="what" {
                    b class="name" { (words::file_name(&job.output)) }
                    span class="soft name" { (words::file_name(&job.base)) }
                    @if let Some(why) = &why { span class="why" { (why) } }
                }
                @let cells = job.report.as_ref().map(cells).unwrap_or_default();
                @for (column, cell) in COLUMNS.iter().zip(cells) {
                    span class="n" data-column=(column) { (cell) }
                }
            }
            div class="run" {
                @if job.reasons.len() > 1 || job.report.is_some() {
                    ul class="soft" { @for reason in &job.reasons { li { (reason) } } }
                }
                @match &job.report {
                    Some(report) => (body(report, pictures)),
                    None => {
                        p class="soft" { "Output: " span class="name" { (job.output.display()) } }
                        p class="soft" { "Base: " span class="name" { (job.base.display()) } }
                    }
                }
            }
        }
    }
}

/// The cells of a job that was done.
fn cells(report: &ReportObject) -> [String; COLUMNS.len()] {
    let rate = words::rate(words::bytes_per_second(report));
    [
        words::grouped(report.clips.len() as u64),
        words::grouped(report.frames_replaced),
        text::bytes(report.output.bytes),
        text::seconds(report.seconds.total),
        rate,
        main_route(report.bytes_by_route).to_owned(),
        verified(report).to_owned(),
    ]
}

/// What to know about a job before opening it: why nothing was written, or that there are warnings.
fn why(job: &JobReport) -> Option<String> {
    let verdict = job.report.as_ref().map(|report| &report.verdict);
    let verdict = verdict.filter(|verdict| verdict.word != VerdictWord::Complete);
    let warnings = job.report.as_ref().map_or(0, |report| report.warnings.len() as u64);
    match (job.outcome, job.reasons.as_slice()) {
        (JobOutcome::Done, _) if verdict.is_some() => verdict.map(ToString::to_string),
        (JobOutcome::Done, _) => (warnings > 0).then(|| words::counted(warnings, "warning")),
        (JobOutcome::Skipped, _) => Some("nothing changed since it was made".to_owned()),
        (JobOutcome::Verified, _) => Some("nothing changed; it was verified".to_owned()),
        (_, []) => None,
        (_, [reason]) => Some(reason.to_string()),
        (_, [first, more @ ..]) => Some(format!("{first} (and {} more)", more.len())),
    }
}

fn class(outcome: JobOutcome) -> &'static str {
    match outcome {
        JobOutcome::Done | JobOutcome::Verified => "good",
        JobOutcome::Skipped => "soft",
        _ => "bad",
    }
}

/// The route that carried most of the bytes.
fn main_route(bytes: BytesByRoute) -> &'static str {
    let routes = bytes.by_name().into_iter();
    routes.max_by_key(|(_, bytes)| *bytes).map_or("", |(name, _)| name)
}

/// Why routes were not taken, each reason once.
fn refused_routes(batch: &BatchReport) -> Vec<RefusedRouteReport> {
    let reports = batch.jobs.iter().filter_map(|job| job.report.as_ref());
    let mut refused: Vec<RefusedRouteReport> = Vec::new();
    for one in reports.flat_map(|report| &report.refused_routes) {
        if !refused.contains(one) {
            refused.push(one.clone());
        }
    }
    refused
}
