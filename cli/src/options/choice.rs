//! An option's values, by one name each: on the command line, in a jobs file and in its schema.
//!
//! - In: for each of the library's enumerations, a table of its values with their names and their help.
//! - Out: [`Choice`], which clap, serde and schemars read alike.
//! - Not here: which options there are (`options`).

use std::borrow::Cow;

use clap::ValueEnum;
use clap::builder::PossibleValue;
use intercut_engine::blank::Flavor;
use intercut_engine::list::{Confidence, Transitions};
use intercut_engine::plan::{ClipEdges, Overlap, Versions};
use intercut_engine::splice::{CheckContent, LayoutChoice, VerifyMode};
use intercut_io::{Route, RouteChoice};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice<T> {
    /// The library's value.
    pub(crate) value: T,
    name: &'static str,
    help: &'static str,
}

/// The values that an option can have.
pub(crate) trait Choices: Copy + Send + Sync + Sized + 'static {
    /// What the schema calls them.
    const TITLE: &'static str;
    /// All of them, in the order in which `--help` lists them.
    const ALL: &'static [Choice<Self>];
}

const fn choice<T: Copy>(value: T, name: &'static str, help: &'static str) -> Choice<T> {
    Choice { value, name, help }
}

impl Choices for Flavor {
    const TITLE: &'static str = "Flavour";
    const ALL: &'static [Choice<Self>] = &[
        choice(Flavor::Proxy, "proxy", "ProRes 422 Proxy"),
        choice(Flavor::Lt, "lt", "ProRes 422 LT"),
        choice(Flavor::Standard, "422", "ProRes 422"),
        choice(Flavor::Hq, "hq", "ProRes 422 HQ"),
        choice(Flavor::Full, "4444", "ProRes 4444"),
        choice(Flavor::FullXq, "4444xq", "ProRes 4444 XQ"),
    ];
}

impl Choices for Overlap {
    const TITLE: &'static str = "Overlap";
    const ALL: &'static [Choice<Self>] = &[
        choice(Overlap::Error, "error", "None: the plan is refused (default)"),
        choice(Overlap::Last, "last", "The clip that starts later"),
        choice(Overlap::First, "first", "The clip that starts earlier"),
    ];
}

impl Choices for Versions {
    const TITLE: &'static str = "Versions";
    const ALL: &'static [Choice<Self>] = &[
        choice(Versions::Refuse, "refuse", "All but the highest are refused (default)"),
        choice(Versions::Latest, "latest", "The highest is used, the others are left out"),
    ];
}

impl Choices for ClipEdges {
    const TITLE: &'static str = "ClipEdges";
    const ALL: &'static [Choice<Self>] = &[
        choice(ClipEdges::Error, "error", "The plan is refused (default)"),
        choice(ClipEdges::Trim, "trim", "The frames outside the base are not used"),
    ];
}

impl Choices for RouteChoice {
    const TITLE: &'static str = "Route";
    const ALL: &'static [Choice<Self>] = &[
        choice(RouteChoice::Auto, "auto", "The fastest that works here, found by trying (default)"),
        choice(
            RouteChoice::Only(Route::Reflink),
            "reflink",
            "The filesystem shares the sources' blocks",
        ),
        choice(
            RouteChoice::Only(Route::Mapped),
            "mapped",
            "Direct writes straight from the mapped sources",
        ),
        choice(
            RouteChoice::Only(Route::Staged),
            "staged",
            "Direct writes from memory that the sources are read into",
        ),
        choice(
            RouteChoice::Only(Route::Kernel),
            "kernel",
            "The kernel or the file server copies (copy_file_range)",
        ),
        choice(
            RouteChoice::Only(Route::Buffered),
            "buffered",
            "Reads and writes through the page cache; works anywhere",
        ),
    ];
}

impl Choices for LayoutChoice {
    const TITLE: &'static str = "Layout";
    const ALL: &'static [Choice<Self>] = &[
        choice(LayoutChoice::Auto, "auto", "A clone on APFS, else in order (default)"),
        choice(LayoutChoice::Ordered, "ordered", "A new file with its media in the base's order"),
        choice(
            LayoutChoice::Append,
            "append",
            "A clone of the base with what is new behind it: XFS, btrfs, APFS",
        ),
    ];
}

impl Choices for VerifyMode {
    const TITLE: &'static str = "Verify";
    const ALL: &'static [Choice<Self>] = &[
        choice(VerifyMode::None, "none", "Nothing is read back (default)"),
        choice(
            VerifyMode::Written,
            "written",
            "Everything is read back from the disk and compared with the sources",
        ),
        choice(
            VerifyMode::Full,
            "full",
            "Every sample is hashed while it is copied and again from the disk; the report keeps the digests for \
             `verify --run`",
        ),
    ];
}

impl Choices for CheckContent {
    const TITLE: &'static str = "CheckContent";
    const ALL: &'static [Choice<Self>] = &[
        choice(CheckContent::Warn, "warn", "A clip that shows something else is a warning"),
        choice(CheckContent::Strict, "strict", "A clip that shows something else is refused"),
    ];
}

impl Choices for Confidence {
    const TITLE: &'static str = "Confidence";
    const ALL: &'static [Choice<Self>] = &[
        choice(Confidence::High, "high", "Timecode, and a name or a reel"),
        choice(
            Confidence::Medium,
            "medium",
            "Timecode and part of a name, or timecode alone if nothing else fits (default)",
        ),
        choice(Confidence::Low, "low", "Timecode alone, or a name alone"),
    ];
}

impl Choices for Transitions {
    const TITLE: &'static str = "Transitions";
    const ALL: &'static [Choice<Self>] = &[
        choice(Transitions::Error, "error", "The plan is refused (default)"),
        choice(Transitions::Leave, "leave", "Their mixed frames keep the base's pictures"),
    ];
}

impl<T: Choices> ValueEnum for Choice<T> {
    fn value_variants<'a>() -> &'a [Self] {
        T::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.help))
    }
}

impl<T> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de, T: Choices> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let named = T::ALL.iter().find(|choice| choice.name == text);
        named.copied().ok_or_else(|| {
            let names: Vec<String> = T::ALL.iter().map(|one| format!("`{}`", one.name)).collect();
            D::Error::custom(format!(
                "unknown value `{text}`, expected one of {}",
                names.join(", ")
            ))
        })
    }
}

impl<T: Choices> JsonSchema for Choice<T> {
    fn schema_name() -> Cow<'static, str> {
        T::TITLE.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let value = |choice: &Choice<T>| json_schema!({ "type": "string", "const": choice.name, "description": choice.help });
        let values: Vec<Schema> = T::ALL.iter().map(value).collect();
        json_schema!({ "oneOf": values })
    }
}
