//! The parts of OpenTimelineIO's JSON that place pictures; everything else is skipped while it is read.
//!
//! - In: the text of a file.
//! - Out: [`Object`], a tree whose nodes are compositions, items and transitions alike.
//! - Holds: objects are counted before anything is allocated; serde_json bounds the depth.
//! - Not here: what the tree means (`walk`, `nested`).
//!
//! Reference: OpenTimelineIO, "Serialized Data Documentation".

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::error::ListError;

/// Objects of a file, at most: a timeline of 5,000 clips has about 100,000.
const OBJECTS_MAX: usize = 1_000_000;

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Object, ListError> {
    if text.bytes().filter(|byte| *byte == b'{').count() > OBJECTS_MAX {
        return Err(ListError::TooMany { what: "objects", max: OBJECTS_MAX });
    }
    serde_json::from_str(text).map_err(|error| ListError::Syntax {
        format: "OTIO",
        line: u32::try_from(error.line()).ok().filter(|line| *line > 0),
        message: error.to_string(),
    })
}

/// An object of a timeline. Which of its fields mean something depends on its schema.
#[derive(Debug, Deserialize)]
pub(super) struct Object {
    #[serde(rename = "OTIO_SCHEMA")]
    pub(super) schema: Option<Box<str>>,
    pub(super) name: Option<Box<str>>,
    pub(super) enabled: Option<bool>,
    pub(super) kind: Option<Box<str>>,
    pub(super) source_range: Option<Box<TimeRange>>,
    pub(super) children: Option<Vec<Object>>,
    pub(super) effects: Option<Vec<Effect>>,
    pub(super) media_reference: Option<Box<Media>>,
    pub(super) media_references: Option<BTreeMap<String, Option<Media>>>,
    pub(super) active_media_reference_key: Option<Box<str>>,
    pub(super) in_offset: Option<RationalTime>,
    pub(super) out_offset: Option<RationalTime>,
    pub(super) tracks: Option<Box<Object>>,
    pub(super) global_start_time: Option<RationalTime>,
    #[serde(default, deserialize_with = "map_or_nothing")]
    pub(super) metadata: Option<Box<Metadata>>,
}

/// What an object is, without the version of its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Timeline,
    Collection,
    Stack,
    Track,
    Clip,
    Gap,
    Transition,
    Unknown,
}

impl Object {
    pub(super) fn kind(&self) -> Kind {
        match schema_name(self.schema.as_deref()) {
            "Timeline" => Kind::Timeline,
            "SerializableCollection" => Kind::Collection,
            "Stack" => Kind::Stack,
            "Track" | "Sequence" => Kind::Track,
            "Clip" => Kind::Clip,
            "Gap" | "Filler" => Kind::Gap,
            "Transition" => Kind::Transition,
            _ => Kind::Unknown,
        }
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.enabled != Some(false)
    }

    pub(super) fn children(&self) -> &[Object] {
        self.children.as_deref().unwrap_or_default()
    }

    /// Whether it is a track without pictures.
    pub(super) fn is_sound(&self) -> bool {
        self.kind() == Kind::Track && self.kind.as_deref().is_some_and(|kind| kind != "Video")
    }

    /// The media that it plays.
    pub(super) fn media(&self) -> Option<&Media> {
        let key = self.active_media_reference_key.as_deref().unwrap_or("DEFAULT_MEDIA");
        let active = self.media_references.as_ref().and_then(|all| all.get(key)?.as_ref());
        active.or(self.media_reference.as_deref())
    }
}

/// `Clip` of `Clip.2`.
fn schema_name(schema: Option<&str>) -> &str {
    schema.and_then(|schema| schema.split('.').next()).unwrap_or_default()
}

/// A value at a rate, both as floats.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct RationalTime {
    pub(super) value: f64,
    pub(super) rate: f64,
}

/// A start and a length.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct TimeRange {
    pub(super) start_time: RationalTime,
    pub(super) duration: RationalTime,
}

/// A media reference of any kind.
#[derive(Debug, Deserialize)]
pub(super) struct Media {
    #[serde(rename = "OTIO_SCHEMA")]
    schema: Option<Box<str>>,
    pub(super) name: Option<Box<str>>,
    pub(super) available_range: Option<TimeRange>,
    pub(super) target_url: Option<Box<str>>,
    pub(super) name_prefix: Option<Box<str>>,
    #[serde(default, deserialize_with = "map_or_nothing")]
    pub(super) metadata: Option<Box<Metadata>>,
}

impl Media {
    pub(super) fn is_generator(&self) -> bool {
        schema_name(self.schema.as_deref()) == "GeneratorReference"
    }
}

/// An effect of any kind.
#[derive(Debug, Deserialize)]
pub(super) struct Effect {
    #[serde(rename = "OTIO_SCHEMA")]
    schema: Option<Box<str>>,
    name: Option<Box<str>>,
    effect_name: Option<Box<str>>,
    time_scalar: Option<f64>,
    enabled: Option<bool>,
}

impl Effect {
    /// Its name, if it changes which frame plays when.
    pub(super) fn retiming(&self) -> Option<String> {
        let schema = schema_name(self.schema.as_deref());
        let is_retiming = match schema {
            "LinearTimeWarp" => self.time_scalar != Some(1.0),
            "FreezeFrame" | "TimeEffect" => true,
            _ => false,
        };
        let names = [&self.effect_name, &self.name];
        let name = names.into_iter().flatten().find(|name| !name.is_empty());
        let name = name.map_or(schema, |name| name);
        (is_retiming && self.enabled != Some(false)).then(|| name.to_owned())
    }
}

/// The few metadata that name media.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default, deserialize_with = "map_or_nothing")]
    pub(super) cmx_3600: Option<Box<Cmx>>,
    #[serde(default, deserialize_with = "map_or_nothing")]
    pub(super) intercut: Option<Box<Own>>,
}

/// What the CMX 3600 adapter keeps.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Cmx {
    #[serde(default)]
    pub(super) reel: Text,
}

/// What a list of our own says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Own {
    /// `base` for the base itself.
    #[serde(default)]
    pub(super) role: Text,
    /// File name of the clip that was placed.
    #[serde(default)]
    pub(super) clip: Text,
}

/// A text, or nothing where something else is.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) Option<Box<str>>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient(PhantomData::<Skipped>)).map(|found| match found {
            Found::Text(text) => Text(Some(text)),
            _ => Text(None),
        })
    }
}

/// A map as `T`; nothing where something else is, because nobody says what metadata are.
fn map_or_nothing<'de, D, T>(deserializer: D) -> Result<Option<Box<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(Lenient(PhantomData::<T>)).map(|found| match found {
        Found::Map(value) => Some(Box::new(value)),
        _ => None,
    })
}

/// A map that is skipped.
struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Skipped)
    }
}

enum Found<T> {
    Map(T),
    Text(Box<str>),
    Other,
}

struct Lenient<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Lenient<T> {
    type Value = Found<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Found::Map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Found::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Found::Text(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Found::Other)
    }
}
