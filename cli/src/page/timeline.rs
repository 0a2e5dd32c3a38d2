//! The timeline to scale: which clip has which frames, and the clips as a table.
//!
//! - In: the base, the clips and their overlaps.
//! - Out: a strip of the base with the clips' frames in it and a mark at each splice point; a table of the clips.
//! - Holds: a clip is drawn over the frames that it replaced, without those that it lost to another clip.

use std::collections::HashMap;
use std::ops::Range;

use intercut_engine::report::{ClipReport, Report};
use maud::{Markup, html};

use super::chart::{Chart, Tick, UNITS, round_ticks, units};
use super::words;
use crate::text;

/// A table with more clips is folded.
const ROWS_OPEN_MAX: usize = 40;
/// Splice points that get a stroke.
const POINTS_DRAWN_MAX: usize = 400;
/// Labels of the ruler.
const LABELS: u64 = 6;

pub(super) fn section(report: &Report) -> Markup {
    let frames = report.base.frames.max(1);
    let owned = owned(report);
    let points = splice_points(&owned, report.base.frames);
    // Beyond this, strokes would be all there is to see.
    let is_dense = points.len() > POINTS_DRAWN_MAX;
    let at = |frame: u64| frame as f64 / frames as f64 * UNITS;
    let drawing = html! {
        rect class="other" stroke="none" x="0" y="300" width="1000" height="400" {}
        @for (index, runs) in owned.iter().enumerate() {
            @let title = describe(index, &report.clips[index]);
            @for run in runs {
                rect class={ "item clip " (if index % 2 == 0 { "a" } else { "b" }) }
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
                "To scale. Blue frames are the clips' (two blues, so that neighbours can be told apart), grey ones the base's. There are "
                (words::counted(points.len() as u64, "splice point"))
                @if !is_dense { ", a stroke below each" } "."
            }
            @if report.clips.len() <= ROWS_OPEN_MAX {
                (table(report))
            } @else {
                details { summary { "The " (words::counted(report.clips.len() as u64, "clip")) " as a table" } (table(report)) }
            }
            @if !report.overlaps.is_empty() { (overlaps(report)) }
        }
    }
}

/// One clip in a line.
fn describe(index: usize, clip: &ClipReport) -> String {
    let place = if clip.record_timecode_in.is_empty() {
        format!("frames {} to {}", clip.record_in, clip.record_out)
    } else {
        format!(
            "{} to {} (frames {} to {})",
            clip.record_timecode_in, clip.record_timecode_out, clip.record_in, clip.record_out
        )
    };
    format!(
        "{}  {}\n{place}, {} replaced, from frame {} of the clip on, {}",
        index + 1,
        words::file_name(&clip.path),
        words::counted(clip.frames, "frame"),
        clip.source_in,
        text::bytes(clip.bytes),
    )
}

fn table(report: &Report) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label="Clips" {
            table {
                thead { tr {
                    th class="n" { "#" } th { "clip" } th { "record in" } th class="minor" { "record out" } th class="n minor" { "base frame" }
                    th class="n" { "frames" } th class="n minor" { "clip frame" } th class="n" { "bytes" }
                } }
                tbody {
                    @for (index, clip) in report.clips.iter().enumerate() {
                        tr {
                            td class="n" { (index + 1) }
                            td class="name" { (words::file_name(&clip.path)) }
                            td { (clip.record_timecode_in) } td class="minor" { (clip.record_timecode_out) }
                            td class="n minor" { (clip.record_in) } td class="n" { (clip.frames) }
                            td class="n minor" { (clip.source_in) } td class="n" { (text::bytes(clip.bytes)) }
                        }
                    }
                }
            }
        }
    }
}

fn overlaps(report: &Report) -> Markup {
    let name = |clip: usize| {
        let clip = report.clips.get(clip).map_or("?", |clip| words::file_name(&clip.path));
        html! { span class="name" { (clip) } }
    };
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

/// The base frames that each clip replaced: what it claims, less what it lost. Sorted, never empty.
fn owned(report: &Report) -> Vec<Vec<Range<u64>>> {
    let mut lost: HashMap<usize, Vec<Range<u64>>> = HashMap::new();
    for overlap in &report.overlaps {
        lost.entry(overlap.loser.get()).or_default().push(overlap.record_in..overlap.record_out);
    }
    let of = |(index, clip): (usize, &ClipReport)| {
        let mut lost = lost.remove(&index).unwrap_or_default();
        lost.sort_by_key(|frames| frames.start);
        let (mut runs, mut from) = (Vec::new(), clip.record_in);
        for frames in lost {
            runs.push(from..frames.start);
            from = from.max(frames.end);
        }
        runs.push(from..clip.record_out);
        runs.retain(|run| !run.is_empty());
        runs
    };
    report.clips.iter().enumerate().map(of).collect()
}

/// Frames at which the picture changes from one file to another.
fn splice_points(owned: &[Vec<Range<u64>>], frames: u64) -> Vec<u64> {
    let ends = owned.iter().flatten().flat_map(|run| [run.start, run.end]);
    let mut points: Vec<u64> = ends.filter(|point| (1..frames).contains(point)).collect();
    points.sort_unstable();
    points.dedup();
    points
}

/// Timecodes if the base's timecode is continuous through all clips, otherwise frames.
fn ruler(report: &Report) -> Vec<Tick> {
    let base = &report.base;
    let first = base.timecode.as_deref().zip(words::frame_rate(&base.rate));
    let first = first.and_then(|(text, rate)| words::timecode(text, rate));
    let at = |frame: u64| first.map(|first| first.add(i64::try_from(frame).unwrap_or(i64::MAX)));
    let runs_on = report.clips.iter().all(|clip| {
        at(clip.record_in).is_some_and(|label| label.to_string() == clip.record_timecode_in)
    });
    if !runs_on || report.clips.is_empty() {
        return round_ticks(base.frames.max(1) as f64, LABELS as f64, |frame| format!("{frame}"));
    }
    let rate = words::frame_rate(&base.rate).map_or(25, |rate| u64::from(rate.nominal()));
    let seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
    let steps = seconds.into_iter().map(|seconds: u64| seconds * rate);
    let step_min = base.frames.div_ceil(LABELS).max(1);
    let step = steps.into_iter().find(|step| *step >= step_min).unwrap_or(step_min);
    let frames = (0..base.frames).step_by(usize::try_from(step).unwrap_or(usize::MAX));
    let tick = |(index, frame): (usize, u64)| Tick {
        at: frame as f64 / base.frames as f64 * UNITS,
        label: at(frame).map_or_else(String::new, |label| label.to_string()),
        is_minor: index % 2 == 1,
    };
    frames.enumerate().map(tick).collect()
}
