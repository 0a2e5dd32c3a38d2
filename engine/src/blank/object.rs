//! Blanks as `blank` tells programs: one object (`--json`, intercut.blank/1).
//!
//! - In: [`BlankReport`]s.
//! - Out: [`BlanksObject`]; field names are the contract.
//! - Not here: how a movie of made frames was written (`report`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::write::{BlankReport, Written};
use crate::codec::{Scan, color::ColorCodes};
use crate::json::{Form, Schema};
use crate::plan::forms::PathObject;
use crate::report::MadeReport;

/// What was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Object")]
#[non_exhaustive]
pub struct BlanksObject {
    /// `intercut.blank/1`.
    pub schema: Schema<BlanksObject>,
    /// Version of the engine.
    pub version: String,
    /// One for each blank, in order.
    pub blanks: Vec<BlankObject>,
}

impl Form for BlanksObject {
    const SCHEMA: &'static str = "intercut.blank/1";
}

/// One blank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BlankObject {
    /// The movie that it is like; `null` if it was made by numbers.
    pub source: Option<PathObject>,
    /// The movie that was written.
    pub output: PathObject,
    /// The fourcc of its codec.
    pub codec: String,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// How many frames it has.
    pub frames: u32,
    /// Frames per second, as `25/1`.
    pub rate: String,
    /// The label of its first frame.
    pub timecode: String,
    /// Whether labels are dropped.
    pub drop_frame: bool,
    /// The reel.
    pub reel: Option<String>,
    /// `progressive`, `top` or `bottom`: the field that is first.
    pub fields: String,
    /// Whether there is an alpha channel.
    pub alpha: bool,
    /// How many sound tracks were copied from the source.
    pub sound_tracks: usize,
    /// Primaries, transfer characteristic and matrix by ITU-T H.273.
    pub color: Option<[u16; 3]>,
    /// How it was written.
    #[serde(flatten)]
    pub written: MadeReport,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl BlanksObject {
    /// What was made, in order.
    pub fn of(reports: &[BlankReport]) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self {
            schema: Schema::new(),
            version,
            blanks: reports.iter().map(BlankObject::of).collect(),
        }
    }
}

impl BlankObject {
    fn of(report: &BlankReport) -> Self {
        let BlankReport { source, output, facts, written } = report;
        let fields = match facts.scan {
            Scan::TopFieldFirst => "top",
            Scan::BottomFieldFirst => "bottom",
            _ => "progressive",
        };
        let codes = |codes: ColorCodes| [codes.primaries, codes.transfer, codes.matrix];
        Self {
            source: source.clone().map(PathObject),
            output: PathObject(output.clone()),
            codec: facts.flavor.codec().to_string(),
            width: facts.raster.0,
            height: facts.raster.1,
            frames: facts.frames,
            rate: format!("{}/{}", facts.rate.numerator(), facts.rate.denominator()),
            timecode: facts.timecode.to_string(),
            drop_frame: facts.timecode.format.drop_frame,
            reel: facts.reel.clone(),
            fields: fields.to_owned(),
            alpha: facts.alpha,
            sound_tracks: facts.sound_tracks,
            color: facts.color.map(codes),
            written: written.report(),
            warnings: facts.warnings.clone(),
        }
    }
}

impl Written {
    /// The same for programs.
    pub(crate) fn report(&self) -> MadeReport {
        let memory = (self.memory_budget, self.rss_anonymous_peak);
        MadeReport::of(self.bytes, &self.times, &self.copied, &self.verification, memory)
    }
}
