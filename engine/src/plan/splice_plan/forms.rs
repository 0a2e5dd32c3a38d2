//! How the values of a plan look in JSON: rates are `25/1`, codecs four characters, paths text (or a list of bytes where
//! they are not UTF-8), times text.
//!
//! - In: one value, or the JSON that claims to be one.
//! - Out: modules for `#[serde(with)]`; [`Schema`].
//! - Holds: what is written reads back equal.
//! - Not here: the plan itself (`splice_plan`), whether it contradicts itself (`json`).

use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::timecode::FrameRate;

/// The name of this form of plan.
pub(in crate::plan) const SCHEMA: &str = "intercut.plan/2";

/// The most warnings that a plan may carry: a few for each of thousands of clips.
const WARNINGS_MAX: usize = 100_000;

/// The schema of a plan. A plan of any other schema is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Schema;

impl schemars::JsonSchema for Schema {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PlanSchema".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": SCHEMA })
    }
}

impl From<Schema> for &'static str {
    fn from(_: Schema) -> Self {
        SCHEMA
    }
}

impl TryFrom<String> for Schema {
    type Error = OtherSchema;

    fn try_from(found: String) -> Result<Self, OtherSchema> {
        if found == SCHEMA { Ok(Schema) } else { Err(OtherSchema { found }) }
    }
}

/// The document is of another kind, or a plan of another version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "its schema is {found:?}, and this version reads {SCHEMA:?} alone{}",
    if found.starts_with("intercut.plan/") { ": the plan has to be made again" } else { "" }
)]
pub struct OtherSchema {
    /// What it says.
    pub found: String,
}

/// A rate as the plan and the report write it: `25/1`.
pub fn text_of(rate: FrameRate) -> String {
    format!("{}/{}", rate.numerator(), rate.denominator())
}

/// Rates as `25/1`. For `#[serde(with)]`.
pub mod rate_text {
    use super::*;

    /// Writes `25/1`.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(rate: &FrameRate, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text_of(*rate))
    }

    /// Reads what [`serialize`] wrote.
    ///
    /// # Errors
    /// Where it is not a ratio, or not one in the form that [`serialize`] writes.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FrameRate, D::Error> {
        let text = String::deserialize(deserializer)?;
        let ratio =
            text.split_once('/').and_then(|(n, d)| Some((n.parse().ok()?, d.parse().ok()?)));
        ratio
            .and_then(|(numerator, denominator)| FrameRate::matching(numerator, denominator))
            .filter(|rate| text_of(*rate) == text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a frame rate such as 25/1")))
    }
}

/// Codecs as four characters. For `#[serde(with)]`.
pub mod fourcc_text {
    use super::*;
    use crate::units::FourCc;

    /// Writes the four characters.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(codec: &FourCc, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(codec)
    }

    /// Reads four characters, those that cannot be printed as [`FourCc`] shows them: `\\xf0`, `©`.
    ///
    /// # Errors
    /// If there are not four.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FourCc, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a codec of four characters")))
    }

    fn parse(text: &str) -> Option<FourCc> {
        let is_plain = |bytes: &[u8; 4]| bytes.iter().all(|byte| matches!(byte, 0x20..=0x7e));
        if let Some(plain) = text.as_bytes().try_into().ok().filter(is_plain) {
            return Some(FourCc(plain));
        }
        let (mut bytes, mut rest) = (Vec::with_capacity(4), text);
        while !rest.is_empty() && bytes.len() < 4 {
            let hex = rest.strip_prefix("\\x").and_then(|hex| hex.get(..2));
            let (byte, len) = match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                Some(byte) => (byte, 4),
                None if rest.starts_with('©') => (0xa9, '©'.len_utf8()),
                None => (*rest.as_bytes().first().filter(|byte| matches!(byte, 0x20..=0x7e))?, 1),
            };
            bytes.push(byte);
            rest = &rest[len..];
        }
        bytes.try_into().ok().filter(|_| rest.is_empty()).map(FourCc)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn codec_of_any_four_bytes_reads_back() {
            for codec in [*b"apch", *b"a\xf04h", *b"\xa9\0\xff ", *b"\\xf0", *b"\\x\xf0a"] {
                assert_eq!(parse(&FourCc(codec).to_string()), Some(FourCc(codec)), "{codec:?}");
            }
            assert_eq!(parse("apc"), None);
            assert_eq!(parse("apchx"), None);
            assert_eq!(parse("\\xzzab"), None);
        }
    }
}

/// Whole numbers that are too long for JSON's, as text. For `#[serde(with)]`.
pub mod integer_text {
    use super::*;

    /// Writes the digits as text.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads digits.
    ///
    /// # Errors
    /// Where they are not a whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a whole number")))
    }
}

/// Paths as text, or as a list of bytes where they are not UTF-8. For `#[serde(with)]`.
pub mod path_text {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};

    use super::*;

    /// Writes text or bytes.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_seq(path.as_os_str().as_bytes()),
        }
    }

    /// Reads what [`serialize`] wrote.
    ///
    /// # Errors
    /// Where it is neither text nor bytes.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        deserializer.deserialize_any(PathVisitor)
    }

    /// Takes either form as it comes: an untagged enum would first keep every byte of the list as a value of its own.
    struct PathVisitor;

    impl<'de> Visitor<'de> for PathVisitor {
        type Value = PathBuf;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a path as text or as a list of bytes")
        }

        fn visit_str<E>(self, text: &str) -> Result<PathBuf, E> {
            Ok(PathBuf::from(text))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PathBuf, A::Error> {
            let mut bytes = Vec::new();
            while let Some(byte) = list.next_element()? {
                bytes.push(byte);
            }
            Ok(PathBuf::from(OsString::from_vec(bytes)))
        }
    }
}

/// A path as text, or as a list of bytes if it is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PathObject(
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub PathBuf,
);

impl From<&Path> for PathObject {
    fn from(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

/// The same for a path that may be missing. For `#[serde(with)]`.
pub mod optional_path_text {
    use super::*;

    /// Writes text, bytes or nothing.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        path.clone().map(PathObject).serialize(serializer)
    }

    /// Reads what [`serialize`] wrote.
    ///
    /// # Errors
    /// If it is neither text nor bytes nor nothing.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<PathObject>::deserialize(deserializer)?.map(|PathObject(path)| path))
    }
}

/// Several paths. For `#[serde(with = "paths_text")]`.
pub mod paths_text {
    use super::*;

    /// Writes a list of texts or bytes.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().cloned().map(PathObject))
    }

    /// Reads what [`serialize`] wrote.
    ///
    /// # Errors
    /// If it is no such list.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<PathBuf>, D::Error> {
        let paths = Vec::<PathObject>::deserialize(deserializer)?;
        Ok(paths.into_iter().map(|PathObject(path)| path).collect())
    }
}

/// Warnings, which a plan has few of. For `#[serde(deserialize_with)]`.
///
/// # Errors
/// Where they are not a list of texts, or more than [`WARNINGS_MAX`].
pub(in crate::plan) fn few_warnings<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    struct WarningsVisitor;

    impl<'de> Visitor<'de> for WarningsVisitor {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "at most {WARNINGS_MAX} warnings")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
            let mut warnings = Vec::new();
            while let Some(warning) = list.next_element()? {
                if warnings.len() == WARNINGS_MAX {
                    return Err(A::Error::invalid_length(WARNINGS_MAX + 1, &self));
                }
                warnings.push(warning);
            }
            Ok(warnings)
        }
    }

    deserializer.deserialize_seq(WarningsVisitor)
}
