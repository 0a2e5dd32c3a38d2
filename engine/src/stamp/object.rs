//! A stamped movie as `stamp` tells programs: one object (`--json`, intercut.stamp/1).
//!
//! - In: [`StampReport`].
//! - Out: [`StampObject`]; field names are the contract.
//! - Not here: how a movie of made frames was written (`report`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::write::StampReport;
use crate::json::{Form, Schema};
use crate::plan::forms::PathObject;
use crate::report::MadeReport;

/// What was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Object")]
#[non_exhaustive]
pub struct StampObject {
    /// `intercut.stamp/1`.
    pub schema: Schema<StampObject>,
    /// Version of the engine.
    pub version: String,
    /// The movie that was stamped.
    pub movie: PathObject,
    /// The movie on the left; `null` without a wipe.
    pub base: Option<PathObject>,
    /// The movie that was written.
    pub output: PathObject,
    /// How many frames it has.
    pub frames: u32,
    /// Frames that are not the movie's any more.
    pub frames_changed: u32,
    /// Frames that could not be changed and are the movie's.
    pub frames_copied: u32,
    /// Slices outside the text and the wipe that were read back and are the movie's, bit for bit; 0 if nothing was verified.
    pub slices_checked: u64,
    /// How it was written.
    #[serde(flatten)]
    pub written: MadeReport,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl Form for StampObject {
    const SCHEMA: &'static str = "intercut.stamp/1";
}

impl From<&StampReport> for StampObject {
    fn from(report: &StampReport) -> Self {
        let stamped = &report.stamped;
        Self {
            schema: Schema::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            movie: PathObject(report.movie.clone()),
            base: report.base.clone().map(PathObject),
            output: PathObject(report.output.clone()),
            frames: stamped.frames + stamped.copied,
            frames_changed: stamped.frames,
            frames_copied: stamped.copied,
            slices_checked: report.slices_checked,
            written: report.written.report(),
            warnings: report.warnings.clone(),
        }
    }
}
