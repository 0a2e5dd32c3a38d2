//! The facts of a refusal by an edit list.
//!
//! - In: what is wrong with a list, or why it gives a clip no place.
//! - Out: fields; events as `event`, `line` and `list`, further ones in the sentence alone.

use super::{Keyed, number, text};
use crate::list::ListError;
use crate::list::conform::{ClipReason, EventName, Obstacle};

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
            nearest.first().map(|candidate| of_name(&candidate.event)).unwrap_or_default()
        }
        ClipReason::NoSuchEvent { label, .. } => vec![text("event", label)],
        ClipReason::Ambiguous { events, others } | ClipReason::Versions { events, others } => {
            let mut fields = events.first().map(of_name).unwrap_or_default();
            fields.push(number("events", events.len() as u64));
            fields.extend(others.first().map(|other| text("other", other)));
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
