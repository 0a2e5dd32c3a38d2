//! The edit lists of a run: what became of their events, and what is open on both sides.
//!
//! - In: the lists and events of a report, and what is left out.
//! - Out: a section; nothing without lists.
//! - Holds: events without a clip and clips without an event stand together. Many of both are what the wrong version of a
//!   list looks like.
//! - Not here: the timeline (`timeline`).

use intercut_engine::list::conform::Evidence;
use intercut_engine::plan::{Event, ListEvent, OpenEvent, PlannedList};
use intercut_engine::report::ReportObject;
use maud::{Markup, html};

use super::{folded, timeline, words};
use crate::text;

pub(super) fn section(report: &ReportObject) -> Markup {
    if report.lists.is_empty() {
        return html! {};
    }
    let listed: Vec<(usize, &ListEvent)> = listed(&report.events);
    let open: Vec<(&PlannedList, &OpenEvent)> = report
        .lists
        .iter()
        .flat_map(|list| list.open.iter().map(move |open| (list, open)))
        .collect();
    let is_several = report.lists.len() > 1;
    html! {
        section {
            h2 { (words::counted(report.lists.len() as u64, "edit list")) }
            ul { @for list in &report.lists { li { (text::list(list)) } } }
            @if !listed.is_empty() {
                (folded(listed.len(), "event", " that clips were placed by", &placed(report, &listed, is_several)))
            }
            h3 { "Events without a clip" }
            @if open.is_empty() {
                p class="soft" { "None." }
            } @else {
                p { (words::counted(open.len() as u64, "event")) ": the base's pictures stay there." }
                (folded(open.len(), "event", " without a clip", &without_clip(&open, is_several)))
            }
            h3 { "Clips without an event" }
            @if report.left_out.is_empty() {
                p class="soft" { "None." }
            } @else {
                ul { @for one in &report.left_out {
                    li { span class="name" { (words::file_name(&one.path)) } ": " (one.reason) }
                } }
            }
        }
    }
}

/// The events that a list placed, with their place in the report.
fn listed(events: &[Event]) -> Vec<(usize, &ListEvent)> {
    let events = events.iter().enumerate();
    events.filter_map(|(index, event)| Some((index, event.list.as_ref()?))).collect()
}

fn placed(report: &ReportObject, listed: &[(usize, &ListEvent)], is_several: bool) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label="Events that clips were placed by" {
            table {
                thead { tr {
                    @if is_several { th { "list" } }
                    th { "event" } th { "clip" } th { "record in" } th { "reel" } th { "source in" } th { "confidence" } th { "evidence" }
                    th class="n minor" { "head" } th class="n minor" { "tail" }
                } }
                tbody {
                    @for (index, list) in listed {
                        tr {
                            @if is_several { td class="name" { (words::file_name(&list.path)) } }
                            td { (event(&list.event, list.line)) }
                            td class="name" { (timeline::clip_name(report, *index)) }
                            td { (report.events[*index].record_timecode_in) }
                            td class="name" { (list.reel.as_deref().unwrap_or("-")) }
                            td { (list.source) }
                            td { (text::confidence(list.confidence)) }
                            td { (evidence(&list.by)) }
                            td class="n minor" { (list.head) } td class="n minor" { (list.tail) }
                        }
                    }
                }
            }
        }
    }
}

fn without_clip(open: &[(&PlannedList, &OpenEvent)], is_several: bool) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label="Events without a clip" {
            table {
                thead { tr {
                    @if is_several { th { "list" } }
                    th { "event" } th { "plays" } th { "record in" } th class="minor" { "record out" } th { "" }
                } }
                tbody {
                    @for (list, one) in open {
                        tr {
                            @if is_several { td class="name" { (words::file_name(&list.path)) } }
                            td { (event(&one.event, one.line)) }
                            td class="name" { (one.name.as_deref().unwrap_or("-")) }
                            td { (one.record_timecode_in) } td class="minor" { (one.record_timecode_out) }
                            td { @if !one.is_plain { "not one to one" } }
                        }
                    }
                }
            }
        }
    }
}

/// `004, line 13`.
fn event(label: &str, line: Option<u32>) -> String {
    line.map_or_else(|| label.to_owned(), |line| format!("{label}, line {line}"))
}

/// `timecode, reel`.
fn evidence(by: &[Evidence]) -> String {
    let words = by.iter().map(|evidence| match evidence {
        Evidence::Timecode => "timecode",
        Evidence::Reel => "reel",
        Evidence::File => "file",
        Evidence::ClipName => "clip name",
        Evidence::ByHand => "by hand",
    });
    words.collect::<Vec<_>>().join(", ")
}
