//! The facts of a refusal by an edit list.
//!
//! - In: what is wrong with a list, or why it gives a clip no place.
//! - Out: fields; the first event as `list`, `event` and `line`, all that come into question as `candidates`.

use super::{Field, Keyed, number, text};
use crate::list::conform::{Candidate, ClipReason, EventName, Objection, Obstacle};
use crate::list::{ListError, NameKind};

/// The facts of a list that cannot be used.
pub(super) fn of_list(error: &ListError) -> Vec<Keyed> {
    let mut fields = Vec::new();
    fields.extend(error.line().map(|line| number("line", u64::from(line))));
    match error {
        ListError::FrameNumber { label, frames, nominal, .. } => fields.extend([
            text("label", label),
            number("frame", u64::from(*frames)),
            number("rate", u64::from(*nominal)),
        ]),
        ListError::TimelineRate { list, base } => {
            fields.extend([text("list", list), text("base", base)]);
        }
        ListError::OutsideBase { first, end, base, count, outside, offset, .. } => {
            fields.extend([
                text("record_timecode_in", first),
                text("record_timecode_out", end),
                text("base_in", base[0]),
                text("base_out", base[1]),
                number("count", *count as u64),
                number("outside", *outside as u64),
            ]);
            fields.extend(offset.as_ref().map(|offset| text("offset", offset)));
        }
        ListError::NoPicture { audio, other } => {
            fields.extend([number("audio", *audio as u64), number("other", *other as u64)]);
        }
        ListError::Markers { count } => fields.push(number("count", *count as u64)),
        ListError::Timelines { names, .. } => fields.push(text("timelines", names.join(", "))),
        ListError::Incomplete { count, first } => {
            fields.push(number("count", *count as u64));
            fields.extend(of_name(first));
        }
        ListError::Start { base_in } => fields.push(text("base_in", base_in)),
        _ => {}
    }
    fields
}

/// The facts of a clip that has no place by a list.
pub(super) fn of_event(reason: &ClipReason) -> Vec<Keyed> {
    match reason {
        ClipReason::NoEvent { nearest, .. } => {
            let first = nearest.first().map(|candidate| of_name(&candidate.event));
            let mut fields = first.unwrap_or_default();
            fields.push(candidates(nearest.iter().map(of_candidate)));
            fields
        }
        ClipReason::NotThatEvent { event } => of_candidate(event),
        ClipReason::NoSuchEvent { label, .. } => vec![text("event", label)],
        ClipReason::Ambiguous { events, others } | ClipReason::Versions { events, others } => {
            let mut fields = events.first().map(of_name).unwrap_or_default();
            fields.push(number("events", events.len() as u64));
            fields.push(candidates(events.iter().map(of_name)));
            fields.extend(others.first().map(|other| text("other", other)));
            fields.push(("others", Field::List(others.iter().cloned().map(Field::Text).collect())));
            fields
        }
        ClipReason::Weak { event, .. } => of_name(event),
        ClipReason::Obstacle { event, obstacle } => {
            let mut fields = of_name(event);
            match obstacle {
                Obstacle::Speed(speed) => fields.push(text("speed", speed)),
                Obstacle::Lengths { source, record } => fields.extend([
                    number("source_frames", source.unsigned_abs()),
                    number("record_frames", record.unsigned_abs()),
                ]),
                Obstacle::Nested { clips } => fields.push(number("clips", *clips as u64)),
                Obstacle::Mixed { mixed, frames, .. } => fields.extend([
                    number("mixed", mixed.unsigned_abs()),
                    number("frames", frames.unsigned_abs()),
                ]),
                _ => {}
            }
            fields
        }
        ClipReason::OutsideBase { event, first, end, base_in, base_out } => {
            let mut fields = of_name(event);
            fields.extend([
                text("record_timecode_in", first),
                text("record_timecode_out", end),
                text("base_in", base_in),
                text("base_out", base_out),
            ]);
            fields
        }
        ClipReason::SourceTwice { event, first, second } => {
            let mut fields = of_name(event);
            fields.extend([
                number("first", first.unsigned_abs()),
                number("second", second.unsigned_abs()),
            ]);
            fields
        }
        ClipReason::Twice { event, first, second } => {
            let mut fields = of_name(event);
            fields.extend([number("first", *first), number("second", *second)]);
            fields
        }
    }
}

fn of_name(event: &EventName) -> Vec<Keyed> {
    let mut fields = vec![text("list", &event.list), text("event", &event.label)];
    fields.extend(event.line.map(|line| number("line", u64::from(line))));
    fields
}

fn candidates(all: impl Iterator<Item = Vec<Keyed>>) -> Keyed {
    ("candidates", Field::List(all.map(Field::Facts).collect()))
}

/// An event that comes close to a clip, and what speaks against it.
fn of_candidate(candidate: &Candidate) -> Vec<Keyed> {
    let Candidate { event, agrees, source, against } = candidate;
    let mut fields = of_name(event);
    fields.extend(agrees.map(|kind| {
        let kind = match kind {
            NameKind::Reel => "reel",
            NameKind::File | NameKind::Placed => "file",
            NameKind::Clip => "clip_name",
        };
        text("agrees", kind)
    }));
    if let Some((first, end)) = source {
        fields.extend([text("source_in", first), text("source_out", end)]);
    }
    let (against, facts) = match against {
        Objection::Reel { clip, event } => {
            ("reel", vec![text("clip_reel", clip), text("event_reel", event)])
        }
        Objection::Outside { before, after } => (
            "outside",
            vec![number("before", before.unsigned_abs()), number("after", after.unsigned_abs())],
        ),
        Objection::Unsure => ("media_start", Vec::new()),
        Objection::NoTimecode { clip, event } => {
            ("no_timecode", vec![number("clip_frames", *clip), number("event_frames", *event)])
        }
    };
    fields.push(text("against", against));
    fields.extend(facts);
    fields
}
