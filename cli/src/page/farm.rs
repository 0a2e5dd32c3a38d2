//! The page of a batch that ran in many processes: what became of each job, by its sidecar.
//!
//! - In: a [`Summary`].
//! - Out: totals; a row a job, those that are not done first.
//! - Not here: how one run went (`batch`): only the process that ran it knew.

use intercut_engine::batch::{JobState, JobSummary, Summary};
use maud::{Markup, html};

use super::{began, words};

pub(super) fn content(summary: &Summary) -> Markup {
    let totals = &summary.totals;
    let mut jobs: Vec<&JobSummary> = summary.jobs.iter().collect();
    jobs.sort_by_key(|job| job.state == JobState::Done);
    html! {
        header {
            p class="soft" { "intercut batch --summary" }
            h1 { (totals.done) " of " (words::counted(totals.jobs, "job")) " done" }
            (began(&summary.read))
        }
        div class="figures" {
            div { b { (totals.failed) } span { "failed or refused" } }
            div { b { (totals.missing) } span { "missing" } }
            div { b { (totals.running) } span { "running, or killed" } }
            div { b { (totals.left_out) } span { "clips left out" } }
        }
        section {
            h2 { "Jobs" }
            div class="jobs" { @for job in jobs { (row(job)) } }
        }
    }
}

/// One job: its row, and what is known of its last try.
fn row(job: &JobSummary) -> Markup {
    let class = if job.state == JobState::Done { "good" } else { "bad" };
    html! {
        details {
            summary class="row" {
                span class={ "outcome " (class) } { (job.state.name()) }
                span class="what" {
                    b class="name" { (words::file_name(&job.output)) }
                    span class="soft name" { (words::file_name(&job.base)) }
                    @if let Some(why) = job.reasons.first() { span class="why" { (why) } }
                }
            }
            div class="run" {
                p class="soft" { "Job " (job.task) ", output: " span class="name" { (job.output.display()) } }
                p class="soft" { "Base: " span class="name" { (job.base.display()) } }
                @if let Some(last) = &job.last_attempt {
                    p class="soft" {
                        "Last try: on " (last.host) ", from " (last.started)
                        @if let Some(ended) = &last.ended { " to " (ended) }
                        @if job.state == JobState::Failed {
                            @if last.may_retry { "; trying again may help" } @else { "; trying again does not help" }
                        }
                    }
                }
                ul class="soft" { @for reason in &job.reasons { li { (reason) } } }
                @if !job.left_out.is_empty() {
                    p { "Clips left out:" }
                    ul { @for clip in &job.left_out {
                        li { span class="name" { (clip.path.display()) } ": " (clip.reason) }
                    } }
                }
            }
        }
    }
}
