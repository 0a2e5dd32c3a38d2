//! JSON objects that carry the name of their form.
//!
//! - In: a type with a [`Form`], or the text of one.
//! - Out: text; or the type, if the text names the same form.
//! - Holds: what is written reads back equal; a text of another form is refused by the name it has and the one it should
//!   have; nothing of the JSON library is seen from outside.
//! - Not here: what the objects say.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An object whose key `schema` says what it is.
pub trait Form {
    /// What it says: `intercut.plan/2`.
    const SCHEMA: &'static str;
}

/// The key `schema` of the object `T`. A text in which it says anything else is not read.
pub struct Schema<T>(PhantomData<fn() -> T>);

impl<T> Schema<T> {
    /// The one value there is.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> Default for Schema<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Schema<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Schema<T> {}

impl<T> PartialEq for Schema<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Schema<T> {}

impl<T: Form> fmt::Debug for Schema<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::SCHEMA)
    }
}

impl<T: Form> Serialize for Schema<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(T::SCHEMA)
    }
}

impl<'de, T: Form> Deserialize<'de> for Schema<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = String::deserialize(deserializer)?;
        if found == T::SCHEMA {
            return Ok(Self::new());
        }
        Err(D::Error::custom(format!("its schema is {found:?}, not {:?}", T::SCHEMA)))
    }
}

impl<T: Form> JsonSchema for Schema<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Schema".into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::SCHEMA.into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": T::SCHEMA })
    }
}

/// A moment as objects say it: RFC 3339, whole seconds, UTC.
pub(crate) fn moment(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What a path looks like: text, or a list of bytes if it is not UTF-8.
pub struct PathForm;

impl JsonSchema for PathForm {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A path: text, or its bytes if they are not UTF-8",
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "integer", "minimum": 0, "maximum": 255 } }
            ]
        })
    }
}

/// The JSON Schema of an object, as indented JSON with a line feed at the end.
pub fn schema_of<T: JsonSchema>() -> String {
    let generator = schemars::generate::SchemaSettings::draft07().for_serialize().into_generator();
    to_text(&generator.into_root_schema_for::<T>())
}

/// Why a text is not the object that it should be.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is an object of another form: of another version, or for another purpose.
    #[error("its schema is '{found}', not '{expected}'")]
    OtherForm {
        /// What its `schema` says.
        found: String,
        /// What it should say.
        expected: &'static str,
    },
    /// It is not JSON, or a key is missing or has a value that it cannot have.
    #[error("{message}")]
    Unreadable {
        /// What is wrong, and in which line and column.
        message: String,
    },
}

/// The object as indented JSON with a line feed at the end.
///
/// # Panics
/// If a value has no form in JSON, such as a map whose keys are not text.
pub fn to_text<T: Serialize>(object: &T) -> String {
    let mut text =
        serde_json::to_string_pretty(object).expect("every field of the object has a form in JSON");
    text.push('\n');
    text
}

/// Reads what [`to_text`] wrote.
///
/// # Errors
/// [`JsonError::OtherForm`] before anything else is looked at; [`JsonError::Unreadable`].
pub fn from_text<T: Form + DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    let object = serde_json::from_str(text);
    object.map_err(|error| match form_of(text) {
        Some(found) if found != T::SCHEMA => JsonError::OtherForm { found, expected: T::SCHEMA },
        _ => JsonError::Unreadable { message: error.to_string() },
    })
}

/// What the key `schema` of an object says, whatever else is in it.
pub fn form_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        schema: String,
    }
    serde_json::from_str(text).ok().map(|Named { schema }| schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Count {
        schema: Schema<Count>,
        count: u32,
    }

    impl Form for Count {
        const SCHEMA: &'static str = "intercut.count/2";
    }

    #[test]
    fn object_says_its_form_and_reads_back() {
        let count = Count { schema: Schema::new(), count: 7 };
        let text = to_text(&count);
        assert_eq!(text, "{\n  \"schema\": \"intercut.count/2\",\n  \"count\": 7\n}\n");
        assert_eq!(from_text::<Count>(&text).expect("it was just written"), count);
    }

    #[test]
    fn object_of_another_form_is_refused_by_both_names_whatever_is_in_it() {
        let error = from_text::<Count>(r#"{"number": 7, "schema": "intercut.count/1"}"#);
        let error = error.expect_err("it is an older form").to_string();
        assert_eq!(error, "its schema is 'intercut.count/1', not 'intercut.count/2'");
    }

    #[test]
    fn text_that_cannot_be_read_is_refused_by_line_and_column() {
        for (text, expected) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("{}", "missing field `schema` at line 1 column 2"),
            (
                "{\"schema\": \"intercut.count/2\",\n\"count\": -1}",
                "invalid value: integer `-1`, expected u32 at line 2 column 11",
            ),
        ] {
            let error = from_text::<Count>(text).expect_err("it cannot be read");
            assert_eq!(error.to_string(), expected);
        }
    }
}
