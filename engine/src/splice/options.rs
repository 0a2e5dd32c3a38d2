//! How a splice is written.
//!
//! - In: the command line, a batch job, or a library user.
//! - Out: [`SpliceOptions`], with a setter for each field.
//! - Not here: how clips are placed (`plan::PlaceOptions`).

use intercut_io::{Replace, RouteChoice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes for staging, reading ahead, hashing and verifying, where nobody says otherwise.
pub const MEMORY_BUDGET_DEFAULT: u64 = 64 << 20;

/// How the result is checked before it gets its name. Orders from the least to the most.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum VerifyMode {
    /// Not at all.
    #[default]
    None,
    /// Everything that was written is read back, past the page cache where the filesystem allows, and compared with the
    /// sources sample by sample.
    Written,
    /// Every sample is hashed while the copy runs, from the sources, and again from what was written, past the page cache
    /// where the filesystem allows; both must agree. The report keeps the digests.
    Full,
}

impl VerifyMode {
    /// The mode's name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            VerifyMode::None => "none",
            VerifyMode::Written => "written",
            VerifyMode::Full => "full",
        }
    }
}

/// How the result is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LayoutChoice {
    /// What suits the target's disk: a clone where whole files can be cloned but no ranges of them (APFS), else in order.
    #[default]
    Auto,
    /// A new file with its media in the base's order.
    Ordered,
    /// A clone of the base with what is new behind it. What is not used any more stays in it, and shares its space with the
    /// base.
    Append,
}

/// Whether the pictures of clips are compared with those that they replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CheckContent {
    /// No picture is looked at.
    #[default]
    No,
    /// Clips that show something else are warnings.
    Warn,
    /// Clips that show something else are refused.
    Strict,
}

/// How a splice is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpliceOptions {
    /// Whether an existing output may be replaced.
    pub replace: Replace,
    /// Whether `moov` is before the media.
    pub faststart: bool,
    /// How it is laid out.
    pub layout: LayoutChoice,
    /// Which route the bytes take.
    pub route: RouteChoice,
    /// Bytes for staging, reading ahead, hashing and verifying.
    pub memory_budget: u64,
    /// How the result is checked.
    pub verify: VerifyMode,
    /// Whether pictures are compared before anything is written.
    pub check_content: CheckContent,
}

impl Default for SpliceOptions {
    fn default() -> Self {
        Self {
            replace: Replace::Refuse,
            faststart: false,
            layout: LayoutChoice::Auto,
            route: RouteChoice::Auto,
            memory_budget: MEMORY_BUDGET_DEFAULT,
            verify: VerifyMode::None,
            check_content: CheckContent::No,
        }
    }
}

impl SpliceOptions {
    /// Whether an existing output may be replaced.
    #[must_use]
    pub fn replace(mut self, replace: Replace) -> Self {
        self.replace = replace;
        self
    }

    /// Whether `moov` is before the media.
    #[must_use]
    pub fn faststart(mut self, faststart: bool) -> Self {
        self.faststart = faststart;
        self
    }

    /// How the result is laid out.
    #[must_use]
    pub fn layout(mut self, layout: LayoutChoice) -> Self {
        self.layout = layout;
        self
    }

    /// Which route the bytes take.
    #[must_use]
    pub fn route(mut self, route: RouteChoice) -> Self {
        self.route = route;
        self
    }

    /// Bytes for staging, reading ahead, hashing and verifying.
    #[must_use]
    pub fn memory_budget(mut self, bytes: u64) -> Self {
        self.memory_budget = bytes;
        self
    }

    /// Whether pictures are compared before anything is written.
    #[must_use]
    pub fn check_content(mut self, check_content: CheckContent) -> Self {
        self.check_content = check_content;
        self
    }

    /// How the result is checked.
    #[must_use]
    pub fn verify(mut self, verify: VerifyMode) -> Self {
        self.verify = verify;
        self
    }
}
