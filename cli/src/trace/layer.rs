//! Turns spans and events of `tracing` into lines of a trace.
//!
//! - In: what `intercut_io::interval` describes; everything else is ignored.
//! - Out: calls of the recorder.
//! - Holds: each thing that begins ends, because a span ends when it is dropped, on every way out.
//! - Not here: how lines look, places and counters (`chrome`).

use std::fmt;
use std::sync::Arc;

use intercut_io::interval::{COUNTER, IN_FLIGHT, NOTE, PHASE, WORK};
use serde_json::to_string;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::chrome::{Copied, Interval, Recorder, Shape};

/// Hands intervals to a recorder.
#[derive(Debug)]
pub(super) struct Intervals {
    recorder: Arc<Recorder>,
}

impl Intervals {
    pub(super) fn new(recorder: Arc<Recorder>) -> Self {
        Self { recorder }
    }
}

/// The last part of a target: `work` of `intercut::work`.
fn category(metadata: &Metadata<'static>) -> &'static str {
    metadata.target().rsplit(':').next().unwrap_or_default()
}

/// How spans of a target are drawn, if it is one of ours.
pub(super) fn shape(metadata: &Metadata<'static>) -> Option<Shape> {
    match metadata.target() {
        PHASE | WORK => Some(Shape::Lane),
        IN_FLIGHT => Some(Shape::InFlight),
        _ => None,
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Intervals {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        let (Some(shape), Some(span)) = (shape(metadata), context.span(id)) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        // What can be carried in part is a copy.
        let copy = metadata.fields().field("carried").map(|_| fields.copied);
        let (name, category) = (metadata.name(), category(metadata));
        let mut interval = Interval { name, category, shape, copy, fields: fields.json, place: 0 };
        if shape == Shape::InFlight {
            self.recorder.begin(&mut interval);
        }
        span.extensions_mut().insert(interval);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        with(id, &context, |interval| {
            let mut fields = Fields::default();
            values.record(&mut fields);
            if let Some(copy) = &mut interval.copy {
                copy.carried += fields.copied.carried;
            }
        });
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        with(id, &context, |interval| {
            if interval.shape == Shape::Lane {
                self.recorder.begin(interval);
            }
        });
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        with(id, &context, |interval| {
            if interval.shape == Shape::Lane {
                self.recorder.end(interval);
            }
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        with(&id, &context, |interval| {
            if interval.shape == Shape::InFlight {
                self.recorder.end(interval);
            }
        });
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        match metadata.target() {
            COUNTER => self.recorder.count("slabs", "in use", fields.slabs_in_use),
            NOTE => self.recorder.mark(metadata.name(), category(metadata), &fields.json),
            _ => {}
        }
    }
}

/// Does something with what is known of a span, if it is one of ours.
fn with<S: Subscriber + for<'a> LookupSpan<'a>>(
    id: &Id,
    context: &Context<'_, S>,
    act: impl FnOnce(&mut Interval),
) {
    if let Some(span) = context.span(id)
        && let Some(interval) = span.extensions_mut().get_mut::<Interval>()
    {
        act(interval);
    }
}

/// The fields of a span or event.
#[derive(Default)]
struct Fields {
    copied: Copied,
    slabs_in_use: u64,
    /// All of them, as the members of a JSON object.
    json: String,
}

impl Fields {
    fn push(&mut self, field: &Field, value: &str) {
        let comma = if self.json.is_empty() { "" } else { "," };
        self.json.push_str(&format!("{comma}\"{}\":{value}", field.name()));
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "bytes" => self.copied.bytes = value,
            "carried" => self.copied.carried = value,
            "slabs_in_use" => self.slabs_in_use = value,
            _ => {}
        }
        self.push(field, &value.to_string());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, &to_string(value).unwrap_or_default());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
