//! What a plan says of its clips' pictures: whether they show what they replace.
//!
//! - In: what the content check found. Out: [`ContentFinding`], a part of the plan once it was asked for.
//! - Not here: how it is found (`likeness`, `content`).

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::likeness::{ContentNote, ContentVerdict};
use crate::units::EventIndex;

/// Whether a clip shows what it replaces, for one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ContentFinding {
    /// Which event, counted from 0.
    pub event: EventIndex,
    /// The verdict.
    pub verdict: ContentVerdict,
    /// The base frame at which the event begins, minus the base frame that its first picture shows: 3 if its pictures belong
    /// 3 frames earlier. `null` if it cannot be told.
    pub offset: Option<i64>,
    /// By how much that frame fits better than those more than one frame away, from 0 to 1.
    pub margin: Margin,
    /// Places of the event that could tell anything.
    pub places: u64,
    /// What else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<ContentNote>,
}

impl ContentFinding {
    /// Whether its pictures do not belong there.
    pub fn is_wrong(&self) -> bool {
        matches!(self.verdict, ContentVerdict::Shifted | ContentVerdict::Other)
    }
}

/// A share, in thousandths; in JSON a number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Margin(pub u16);

impl Margin {
    /// The nearest one.
    pub fn of(share: f32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
        Self((share.clamp(0.0, 1.0) * 1000.0).round() as u16)
    }

    /// As a number from 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

impl Serialize for Margin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.share())
    }
}

impl<'de> Deserialize<'de> for Margin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        f64::deserialize(deserializer).map(|share| Self::of(share as f32))
    }
}

impl JsonSchema for Margin {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Margin".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}
