//! Turns spans and events of `tracing` into signposts for Instruments.
//!
//! - In: what `intercut_io::interval` describes.
//! - Out: an interval per span and an event per note, in the Points of Interest lane. Counters have no signpost.
//! - Holds: while no Instruments listens nothing is kept and nothing is formatted.
//! - Not here: the system's interface (`intercut_io::signpost`). Type-checked; it has not been run.

use std::ffi::CString;
use std::fmt;

use intercut_io::interval::NOTE;
use intercut_io::signpost::{Interval, Metadata};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::chrome::Shape;
use super::layer::shape;

/// Emits signposts.
#[derive(Debug, Default)]
pub(super) struct Signposts {
    out: intercut_io::signpost::Signposts,
}

/// What is known of a span.
struct Post {
    shape: Shape,
    fields: Fields,
    begun: Option<Interval>,
}

impl Signposts {
    fn begin(&self, name: &str, post: &mut Post) {
        post.begun = self.out.begin(name, post.fields.metadata());
    }

    fn end(&self, post: &mut Post) {
        if let Some(interval) = post.begun.take() {
            let carried = post.fields.carried.map(Metadata::Carried);
            self.out.end(interval, carried.unwrap_or(Metadata::None));
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Signposts {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let (Some(shape), Some(span)) = (shape(attributes.metadata()), context.span(id)) else {
            return;
        };
        if !self.out.is_enabled() {
            return;
        }
        let mut post = Post { shape, fields: Fields::default(), begun: None };
        attributes.record(&mut post.fields);
        if shape == Shape::InFlight {
            self.begin(attributes.metadata().name(), &mut post);
        }
        span.extensions_mut().insert(post);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(post) = span.extensions_mut().get_mut::<Post>()
        {
            values.record(&mut post.fields);
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(post) = span.extensions_mut().get_mut::<Post>()
            && post.shape == Shape::Lane
        {
            self.begin(span.name(), post);
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(post) = span.extensions_mut().get_mut::<Post>()
            && post.shape == Shape::Lane
        {
            self.end(post);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(post) = span.extensions_mut().get_mut::<Post>()
        {
            self.end(post);
        }
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() == NOTE && self.out.is_enabled() {
            let mut fields = Fields::default();
            event.record(&mut fields);
            self.out.mark(event.metadata().name(), fields.metadata());
        }
    }
}

/// The fields of a span or event.
#[derive(Default)]
struct Fields {
    bytes: Option<u64>,
    offset: Option<u64>,
    source: Option<u64>,
    carried: Option<u64>,
    /// Texts, one after the other, after the source if that is a number.
    text: Option<CString>,
}

impl Fields {
    fn metadata(&self) -> Metadata<'_> {
        match (&self.text, self.bytes, self.offset) {
            (Some(text), _, _) => Metadata::Text(text),
            (None, Some(bytes), Some(offset)) => {
                let source = self.source.and_then(|source| u32::try_from(source).ok());
                Metadata::Copy { bytes, offset, source }
            }
            (None, Some(bytes), None) => Metadata::Bytes(bytes),
            (None, None, _) => Metadata::None,
        }
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "bytes" => self.bytes = Some(value),
            "offset" => self.offset = Some(value),
            "source" => self.source = Some(value),
            "carried" => self.carried = Some(value),
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let before = self.text.take().map(|text| text.to_string_lossy().into_owned() + ", ");
        let source = self.source.take().map(|source| format!("source {source}, "));
        let text = format!(
            "{}{}{} {value}",
            before.unwrap_or_default(),
            source.unwrap_or_default(),
            field.name()
        );
        // A path holds no zero.
        self.text = CString::new(text).ok();
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
