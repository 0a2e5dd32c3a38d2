//! How the clips were placed: the options that say something other than what is done anyway.
//!
//! - In: the placing options of a report.
//! - Out: rows of a table, by the options' own names.
//! - Not here: where each clip went (`timeline`), how the movie was written (`usage`).

use intercut_engine::plan::ClipOptions;
use intercut_engine::report::{ClipPlacing, PlacingObject, ReportObject};
use maud::{Markup, html};
use serde::Serialize;

use super::words;

/// The rows about placing.
pub(super) fn rows(report: &ReportObject) -> Markup {
    html! {
        @match &report.options.placing {
            None => { tr { th { "placing" } td { "by a saved plan" } } },
            Some(placing) => {
                @for (option, value) in options(placing) { tr { th { (option) } td { (value) } } }
            },
        }
    }
}

/// Options and their values, without those that have their default.
fn options(placing: &PlacingObject) -> Vec<(&'static str, String)> {
    let usual = PlacingObject::default();
    let mut rows = Vec::new();
    let mut row = |option, is_usual: bool, value: String| {
        if !is_usual {
            rows.push((option, value));
        }
    };
    let frames = |frames: u32| words::counted(u64::from(frames), "frame");
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    row("overlap", placing.overlap == usual.overlap, name(placing.overlap));
    row("versions", placing.versions == usual.versions, name(placing.versions));
    row("handles", placing.handles == 0, frames(placing.handles));
    row("VFX handles", placing.vfx_handles == 0, frames(placing.vfx_handles));
    row("clip edges", placing.clip_edges == usual.clip_edges, name(placing.clip_edges));
    row("base timecode", placing.base_timecode.is_none(), text(&placing.base_timecode));
    row("skip refused", !placing.skip_refused, "yes".to_owned());
    row("complete", !placing.complete, "yes".to_owned());
    row("allow", placing.allow.is_empty(), placing.allow.join(", "));
    let lists = placing.edl.iter().map(|list| list.display().to_string());
    row("edit lists", placing.edl.is_empty(), lists.collect::<Vec<_>>().join(", "));
    row("list offset", placing.edl_offset.is_none(), text(&placing.edl_offset));
    row("list timeline", placing.edl_timeline.is_none(), text(&placing.edl_timeline));
    let confidence = placing.min_confidence;
    row("least confidence", confidence == usual.min_confidence, name(confidence));
    row("transitions", placing.transitions == usual.transitions, name(placing.transitions));
    let by_name = [("at", &placing.at), ("event", &placing.event)];
    for (option, given) in by_name {
        given.iter().for_each(|(clip, value)| row(option, false, format!("{clip} = {value}")));
    }
    placing.clips.iter().for_each(|clip| row("clip", false, of_clip(clip)));
    rows
}

/// `S01.mov: at 01:00:00:00, handles 8`.
fn of_clip(clip: &ClipPlacing) -> String {
    let ClipOptions { at, event, handles, source_in, source_out } = &clip.options;
    let said = [
        ("at", at.clone()),
        ("event", event.clone()),
        ("handles", handles.map(|handles| handles.to_string())),
        ("source in", source_in.as_ref().map(ToString::to_string)),
        ("source out", source_out.as_ref().map(ToString::to_string)),
    ];
    let said = said.into_iter().filter_map(|(option, value)| Some(format!("{option} {}", value?)));
    format!("{}: {}", words::file_name(&clip.path), said.collect::<Vec<_>>().join(", "))
}

/// The name of a value, as the command line and reports have it.
fn name(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
