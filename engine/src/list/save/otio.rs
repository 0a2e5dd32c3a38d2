//! A list of our own as an OpenTimelineIO timeline.
//!
//! - In: [`SavedList`]. Out: the JSON.
//! - Holds: the lower track is the base as one clip, the upper one what was placed, with gaps. Rates are the exact ones as
//!   the nearest floats. Metadata name the base and the very clips, so that the timeline gives the same plan when it is
//!   given back.
//!
//! Reference: OpenTimelineIO, "Serialized Data Documentation": `Timeline.1`, `Clip.2`.

use serde_json::{Value, json};

use super::{SavedEvent, SavedList, SavedMovie};
use crate::timecode::FrameRate;

/// Writes a timeline.
pub fn to_otio(list: &SavedList) -> String {
    let rate = list.rate;
    let base = &list.base;
    let own = json!({ "intercut": { "role": "base" } });
    let lower = vec![clip(base, signed(base.start.frame()), 0, base.frames, rate, &own)];
    let mut upper = Vec::new();
    let mut position = 0;
    for SavedEvent { clip: movie, source_in, source, record_in, frames, .. } in &list.events {
        // Where timecode jumps, that of the stretch counts which plays.
        let start = signed(source.frame()) - signed(*source_in);
        if *record_in > position {
            upper.push(gap(record_in - position, rate));
        }
        let mut own = json!({ "intercut": { "clip": movie.file_name } });
        if let Some(reel) = &movie.reel {
            own["cmx_3600"] = json!({ "reel": reel });
        }
        upper.push(clip(movie, start, *source_in, *frames, rate, &own));
        position = record_in + frames;
    }
    let timeline = json!({
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": list.title,
        "global_start_time": time(signed(base.start.frame()), rate),
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "metadata": {},
            "name": "tracks",
            "source_range": null,
            "effects": [],
            "markers": [],
            "enabled": true,
            "children": [track("V1", lower), track("V2", upper)],
        },
    });
    format!("{timeline:#}\n")
}

fn track(name: &str, children: Vec<Value>) -> Value {
    json!({
        "OTIO_SCHEMA": "Track.1",
        "metadata": {},
        "name": name,
        "source_range": null,
        "effects": [],
        "markers": [],
        "enabled": true,
        "kind": "Video",
        "children": children,
    })
}

fn gap(frames: u64, rate: FrameRate) -> Value {
    json!({
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": range(0, frames, rate),
        "effects": [],
        "markers": [],
        "enabled": true,
    })
}

/// Frames of a movie, counted from its first one, which has the timecode `start`.
fn clip(
    movie: &SavedMovie,
    start: i64,
    source_in: u64,
    frames: u64,
    rate: FrameRate,
    own: &Value,
) -> Value {
    json!({
        "OTIO_SCHEMA": "Clip.2",
        "metadata": own,
        "name": movie.file_name,
        "source_range": range(start + signed(source_in), frames, rate),
        "effects": [],
        "markers": [],
        "enabled": true,
        "media_references": {
            "DEFAULT_MEDIA": {
                "OTIO_SCHEMA": "ExternalReference.1",
                "metadata": {},
                "name": movie.file_name,
                "available_range": range(start, movie.frames, rate),
                "available_image_bounds": null,
                "target_url": movie.path,
            },
        },
        "active_media_reference_key": "DEFAULT_MEDIA",
    })
}

fn range(start: i64, frames: u64, rate: FrameRate) -> Value {
    json!({
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, rate),
        "duration": time(signed(frames), rate),
    })
}

#[expect(clippy::cast_precision_loss, reason = "frames of a movie are far below 2^53")]
fn time(frames: i64, rate: FrameRate) -> Value {
    json!({
        "OTIO_SCHEMA": "RationalTime.1",
        "rate": f64::from(rate.numerator()) / f64::from(rate.denominator()),
        "value": frames as f64,
    })
}

fn signed(frames: u64) -> i64 {
    i64::try_from(frames).unwrap_or(i64::MAX)
}
