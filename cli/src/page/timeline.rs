//! The timeline to scale: which clip has which frames, and the clips as a table.
//!
//! - In: the base, the clips and their overlaps.
//! - Out: a strip of the base with the clips' frames in it and a mark at each splice point; a table of the clips.
//! - Holds: a clip is drawn over the frames that it replaced, without those that it lost to another clip.

use std::ops::Range;

use intercut_engine::plan::{Event, Rank, owned_frames};
use intercut_engine::report::{ClipReport, ReportObject};
use maud::{Markup, html};

use super::chart::{Chart, Tick, UNITS, round_ticks, units};
use super::{folded, words};
use crate::text;

/// Splice points that get a stroke.
const POINTS_DRAWN_MAX: usize = 400;
/// Labels of the ruler.
const LABELS: u64 = 6;

pub(super) fn section(report: &ReportObject) -> Markup {
    let frames = report.base.frames.max(1);
    let owned = owned_frames(&report.events, &report.overlaps);
    let points = splice_points(&owned, report.base.frames);
    // Beyond this, strokes would be all there is to see.
    let is_dense = points.len() > POINTS_DRAWN_MAX;
    let at = |frame: u64| frame as f64 / frames as f64 * UNITS;
    let drawing = html! {
        rect class="other" stroke="none" x="0" y="300" width="1000" height="400" {}
        @for (index, runs) in owned.iter().enumerate() {
            @let title = describe(report, index);
            @for run in runs {
                rect class={ "item clip " (colour(report, index)) }
                    x=(units(at(run.start))) width=(units(at(run.end) - at(run.start))) y="120" height="760" {
                    title { (title) }
                }
            }
        }
        @for point in points.iter().filter(|_| !is_dense) {
            line class="cut" x1=(units(at(*point))) x2=(units(at(*point))) y1="900" y2="1000" {}
        }
    };
    let label = format!(
        "Timeline of {}; the arrow keys go from clip to clip",
        words::counted(report.base.frames, "frame")
    );
    let chart = Chart {
        kind: if is_dense { "timeline dense" } else { "timeline" },
        label: &label,
        hint: "Point at a clip, or focus the timeline and use the arrow keys.",
        drawing,
        x: ruler(report),
        y: Vec::new(),
    };
    html! {
        section {
            h2 { "Timeline" }
            (chart.draw())
            p class="soft" {
                "To scale. Grey frames are the base's, blue ones the clips' (neighbours differ in shade)"
                @if has_vfx(report) { ", violet ones VFX" } ". "
                (words::counted(points.len() as u64, "splice point")) @if !is_dense { ", a stroke below each" } "."
            }
            (folded(report.events.len(), "event", " as a table", &table(report)))
            @if !report.overlaps.is_empty() { (overlaps(report)) }
        }
    }
}

/// One event in two lines.
fn describe(report: &ReportObject, index: usize) -> String {
    let event = &report.events[index];
    let (record_in, record_out) = (event.record_in, event.record_out);
    format!(
        "{}  {}\n{} to {} (frames {record_in} to {record_out}), {} replaced, from frame {} of the clip on, {}",
        index + 1,
        clip_name(report, index),
        event.record_timecode_in,
        event.record_timecode_out,
        words::counted(event.frames, "frame"),
        event.source_in,
        text::bytes(clip_of(report, event).map_or(0, |clip| clip.bytes)),
    )
}

fn is_vfx(report: &ReportObject, event: &Event) -> bool {
    clip_of(report, event).is_some_and(|clip| clip.planned.rank == Rank::Vfx)
}

fn has_vfx(report: &ReportObject) -> bool {
    report.events.iter().any(|event| is_vfx(report, event))
}

/// The class of an event's colour.
fn colour(report: &ReportObject, index: usize) -> &'static str {
    match (is_vfx(report, &report.events[index]), index % 2) {
        (true, _) => "v",
        (false, 0) => "a",
        (false, _) => "b",
    }
}

/// The clip of an event. A report that was edited by hand may name one that it does not have.
fn clip_of<'r>(report: &'r ReportObject, event: &Event) -> Option<&'r ClipReport> {
    report.clips.get(event.clip.get())
}

/// The file name of an event's clip.
pub(super) fn clip_name(report: &ReportObject, event: usize) -> String {
    let clip = report.events.get(event).and_then(|event| clip_of(report, event));
    clip.map_or("?".to_owned(), |clip| words::file_name(&clip.planned.path))
}

fn table(report: &ReportObject) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label="Clips" {
            table {
                thead { tr {
                    th class="n" { "#" } th { "clip" } th { "record in" } th class="minor" { "record out" } th class="n minor" { "base frame" }
                    th class="n" { "frames" } th class="n minor" { "clip frame" } th class="n" { "bytes" }
                    @if report.content.is_some() { th { "pictures" } }
                } }
                tbody {
                    @for (index, event) in report.events.iter().enumerate() {
                        tr {
                            td class="n" { (index + 1) }
                            td class="name" { (clip_name(report, index)) @if is_vfx(report, event) { " " span class="vfx" { "VFX" } } }
                            td { (event.record_timecode_in) } td class="minor" { (event.record_timecode_out) }
                            td class="n minor" { (event.record_in) } td class="n" { (event.frames) }
                            td class="n minor" { (event.source_in) }
                            td class="n" { (text::bytes(clip_of(report, event).map_or(0, |clip| clip.bytes))) }
                            @if report.content.is_some() { td { (pictures(report, index)) } }
                        }
                    }
                }
            }
        }
    }
}

/// What the content check found of an event.
fn pictures(report: &ReportObject, event: usize) -> String {
    let mut findings = report.content.iter().flatten();
    let finding = findings.find(|finding| finding.event.get() == event);
    finding.map_or_else(String::new, text::content)
}

fn overlaps(report: &ReportObject) -> Markup {
    let name = |event: usize| html! { span class="name" { (clip_name(report, event)) } };
    html! {
        details {
            summary { (words::counted(report.overlaps.len() as u64, "stretch")) " of frames that several clips claimed" }
            ul {
                @for overlap in &report.overlaps {
                    li {
                        "Frames " (overlap.record_in) " to " (overlap.record_out) ": " (name(overlap.winner.get())) " won over "
                        (name(overlap.loser.get()))
                    }
                }
            }
        }
    }
}

/// Frames at which the picture changes from one file to another.
fn splice_points(owned: &[Vec<Range<u64>>], frames: u64) -> Vec<u64> {
    let ends = owned.iter().flatten().flat_map(|run| [run.start, run.end]);
    let mut points: Vec<u64> = ends.filter(|point| (1..frames).contains(point)).collect();
    points.sort_unstable();
    points.dedup();
    points
}

/// Timecodes if the base's timecode runs on from its first frame to its last, otherwise frames.
fn ruler(report: &ReportObject) -> Vec<Tick> {
    let base = &report.base;
    let runs_on = base.timecode.is_some() && base.timecode_jumps.is_empty();
    if !runs_on || report.events.is_empty() {
        return round_ticks(base.frames.max(1) as f64, LABELS as f64, |frame| format!("{frame}"));
    }
    let rate = u64::from(base.rate.nominal());
    let seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
    let steps = seconds.into_iter().map(|seconds: u64| seconds * rate);
    let step_min = base.frames.div_ceil(LABELS).max(1);
    let step = steps.into_iter().find(|step| *step >= step_min).unwrap_or(step_min);
    let frames = (0..base.frames).step_by(usize::try_from(step).unwrap_or(usize::MAX));
    let tick = |(index, frame): (usize, u64)| Tick {
        at: frame as f64 / base.frames as f64 * UNITS,
        label: base.timecode_at(frame).map_or_else(String::new, |label| label.to_string()),
        is_minor: index % 2 == 1,
    };
    frames.enumerate().map(tick).collect()
}
