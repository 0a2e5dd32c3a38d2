//! Pictures of every cut: what is in the finished movie on both sides, and what went.
//!
//! - In: [`Pictures`], and the report that they are of.
//! - Out: a strip for each event. A picture opens large where it stands; with the script in a window of its own, in which the
//!   arrow keys leaf through them.
//! - Holds: each picture says in words what it shows; a frame that cannot be shown says why in its place.
//! - Not here: which frames there are, and how they are made (`crate::pictures`).

use intercut_engine::report::ReportObject;
use maud::{Markup, html};

use super::timeline::clip_name;
use super::words;
use crate::image::jpeg_uri;
use crate::pictures::{Jpeg, Pictures, Place, Shot, Strip};

/// More strips are folded.
const STRIPS_OPEN_MAX: usize = 40;

pub(super) fn section(report: &ReportObject, pictures: &Pictures) -> Markup {
    let Pictures { strips, left_out, tone_mapped, missing } = pictures;
    html! {
        @if !(strips.is_empty() && missing.is_empty()) {
            section class="pictures" {
                h2 { "Pictures at the cuts" }
                @for one in missing {
                    p { @if strips.is_empty() { "No pictures: " } @else { "No pictures of the base: " } (one.why) "." }
                }
                @if !strips.is_empty() {
                    p class="soft" {
                        "Frames of the finished movie; those marked " b { "replaced" } " are what the base had instead. Open one, and the arrow keys leaf "
                        "through them: left and right to the next picture, up and down to the next cut. They are made small for this page: "
                        code { "intercut still" } " shows a frame as it is."
                        @if let Some(transfer) = tone_mapped {
                            " They are tone-mapped from " (transfer) " for display: their colours are not those of the movie."
                        }
                    }
                    @if strips.len() <= STRIPS_OPEN_MAX {
                        @for strip in strips { (of_event(report, strip)) }
                    } @else {
                        details {
                            summary { "The pictures of " (words::counted(strips.len() as u64, "event")) }
                            @for strip in strips { (of_event(report, strip)) }
                        }
                    }
                    @if *left_out > 0 {
                        p class="soft" {
                            "The first " (words::counted(strips.len() as u64, "event")) " have pictures. "
                            (words::counted(*left_out as u64, "more event")) " are left out, so that the page stays small enough to open."
                        }
                    }
                }
            }
        }
    }
}

fn of_event(report: &ReportObject, strip: &Strip) -> Markup {
    let Some(event) = report.events.get(strip.event) else { return html! {} };
    html! {
        div class="strip" {
            h3 {
                (strip.event + 1) " " span class="name" { (clip_name(report, strip.event)) } " "
                span class="soft" { (event.record_timecode_in) " to " (event.record_timecode_out) }
            }
            div class="shots" { @for shot in &strip.shots { (of_shot(report, strip.event, shot)) } }
        }
    }
}

fn of_shot(report: &ReportObject, event: usize, shot: &Shot) -> Markup {
    let at = at(report, shot.frame);
    let caption = html! { span { b { (shot.place.name()) } " " (at) } };
    let class = if shot.place == Place::Base { "shot gone" } else { "shot" };
    html! {
        @match &shot.shown {
            Ok(jpeg) => {
                details class=(class) {
                    summary class="picture" {
                        (picture(jpeg, &described(report, event, shot, &at)))
                        (caption)
                        @if jpeg.damaged.0 > 0 {
                            span class="fault" { (jpeg.damaged.0) " of " (jpeg.damaged.1) " slices cannot be decoded and are grey" }
                        }
                    }
                }
            }
            Err(why) => { div class={ (class) " none" } { p { (why) } (caption) } }
        }
    }
}

fn picture(jpeg: &Jpeg, alt: &str) -> Markup {
    html! {
        img alt=(alt) width=(jpeg.width) height=(jpeg.height) decoding="async" src=(jpeg_uri(&jpeg.bytes));
    }
}

/// Where a frame is: its timecode if it has one.
fn at(report: &ReportObject, frame: u64) -> String {
    match report.base.timecode_at(frame) {
        Some(timecode) => timecode.to_string(),
        None => format!("frame {frame}"),
    }
}

/// What a picture shows, in words: `S03.mov, first frame, 01:02:20:20`.
fn described(report: &ReportObject, event: usize, shot: &Shot, at: &str) -> String {
    let (clip, base) = (clip_name(report, event), words::file_name(&report.base.path));
    let whose = shot.of.map_or_else(|| base.clone(), |event| clip_name(report, event));
    match shot.place {
        Place::Before | Place::After => {
            format!("The frame {} {clip}, {at}: {whose}", shot.place.name())
        }
        Place::Base => format!("What {clip} replaced at its first frame, {at}: {base}"),
        Place::First | Place::Middle | Place::Last => {
            format!("{clip}, {} frame, {at}", shot.place.name())
        }
    }
}
