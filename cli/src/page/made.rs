//! The page of blanks, and of a stamped movie: what they are, what was verified, how they were written.
//!
//! - In: [`BlanksObject`], [`StampObject`].
//! - Out: the same sections as those of a splice, but for what only a plan has. A stamped movie is said to be no master.
//! - Not here: the document around it (`page`).

use intercut_engine::blank::{BlankObject, BlanksObject};
use intercut_engine::report::MadeReport;
use intercut_engine::stamp::StampObject;
use maud::{Markup, html};

use super::usage::Compared;
use super::{latency, speed, usage, warnings, words};
use crate::text;

/// The blanks of one run.
pub(super) fn blanks(report: &BlanksObject) -> Markup {
    html! {
        header {
            p class="soft" { "intercut blank wrote" }
            h1 { (title(report)) }
        }
        @for blank in &report.blanks {
            @if report.blanks.len() > 1 { h2 { (words::file_name(&blank.output.0)) } }
            (what(blank))
            (body(&blank.written, &blank.warnings))
        }
    }
}

/// The name of the blank, or how many there are.
pub(super) fn title(report: &BlanksObject) -> String {
    match &report.blanks[..] {
        [one] => words::file_name(&one.output.0),
        all => words::counted(all.len() as u64, "blank"),
    }
}

fn what(blank: &BlankObject) -> Markup {
    html! {
        p class="soft name" { (blank.output.0.display()) }
        p {
            "A blank: " (words::counted(blank.frames.into(), "black frame")) " at " (blank.rate) " frames a second from "
            (blank.timecode) ", " (blank.codec) ", " (blank.width) " × " (blank.height)
            @if let Some(reel) = &blank.reel { ", reel " span class="name" { (reel) } }
            @if blank.sound_tracks > 0 { ", with " (words::counted(blank.sound_tracks as u64, "sound track")) " of its source" }
            ". Graded shots are spliced into it."
        }
        @if let Some(source) = &blank.source { p class="soft" { "Like " span class="name" { (source.0.display()) } } }
    }
}

/// A stamped movie.
pub(super) fn stamp(report: &StampObject) -> Markup {
    let movie = words::file_name(&report.movie.0);
    html! {
        header {
            p class="soft" { "intercut stamp wrote" }
            h1 { (words::file_name(&report.output.0)) }
        }
        section class="verdict look" {
            p {
                "For review, never a master: " (words::grouped(report.frames_changed.into())) " of "
                (words::counted(report.frames.into(), "frame")) " are not those of " span class="name" { (movie) } " any more"
            }
        }
        p class="soft name" { (report.output.0.display()) }
        p {
            "Only slices under the text"
            @if let Some(base) = &report.base { ", and those left of the wipe, which are of " span class="name" { (base.0.display()) } "," }
            " are other ones."
            @if report.slices_checked > 0 {
                " " (words::counted(report.slices_checked, "slice")) " outside of them were read back and are the movie's, bit for bit."
            }
        }
        (body(&report.written, &report.warnings))
    }
}

fn body(written: &MadeReport, told: &[String]) -> Markup {
    let seconds = written.seconds;
    let rate = written.bytes as f64 / (seconds.render + seconds.sync).max(1e-9);
    html! {
        (warnings(told))
        (usage::verification(&written.verify, written.bytes, Compared::Made))
        div class="engineer" {
            h2 { "For the engineer" }
            div class="figures" {
                div { b { (text::bytes(written.bytes)) } span { "the movie" } }
                div { b { (text::seconds(seconds.total)) } span { "in all" } }
                div { b { (words::rate(rate)) } span { "render and sync together" } }
                div { b { (text::bytes(written.rss_anonymous_peak)) } span { "peak of the process's anonymous memory" } }
            }
            (speed::phases(seconds))
            (latency::section(&written.latency_ns))
            (usage::routes(written.bytes_by_route, &written.refused_routes))
        }
    }
}
