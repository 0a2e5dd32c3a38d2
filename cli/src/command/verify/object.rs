//! What a verification found, as one JSON object.
//!
//! - In: what was proved of one result, and how.
//! - Out: [`VerifyObject`], schema `intercut.verify/1`.
//! - Not here: proving.

use std::path::{Path, PathBuf};

use intercut_engine::json::{self, Form, Schema};
use intercut_engine::plan::forms::PathObject;
use intercut_engine::verify::{Digests, Proof, SampleDifference, VerifyReport};
use schemars::JsonSchema;
use serde::Serialize;

/// What was proved of a result.
#[derive(Debug)]
pub(super) enum Proved {
    /// Every sample was compared with the one that it should be.
    BySources { found: VerifyReport, frames: Frames },
    /// Every byte was hashed; `from` holds the digests of the run.
    ByDigests { from: PathBuf, proof: Proof },
}

/// What a plan comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frames {
    /// Base frames that come from clips.
    pub(super) replaced: u64,
    /// Frames of the base.
    pub(super) all: u64,
    pub(super) clips: u64,
}

impl Proved {
    pub(super) fn is_identical(&self) -> bool {
        match self {
            Self::BySources { found, .. } => found.is_identical(),
            Self::ByDigests { proof, .. } => proof.differences.is_empty(),
        }
    }
}

/// What was found of one result.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VerifyObject {
    schema: Schema<VerifyObject>,
    /// The result.
    output: PathObject,
    /// Whether it is what it should be.
    identical: bool,
    #[serde(flatten)]
    how: How,
}

impl Form for VerifyObject {
    const SCHEMA: &'static str = "intercut.verify/1";
}

/// How it was proved, and what was found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "lowercase")]
enum How {
    /// Every sample was compared with the one that it should be.
    Sources {
        /// Samples of all tracks that were compared.
        samples_checked: u64,
        /// How many of them differ.
        mismatches: u64,
        /// The first one that differs.
        first: Option<First>,
        /// What differs outside the samples, as sentences.
        structure: Vec<String>,
        /// Bytes of the media that no sample refers to.
        unreferenced_bytes: u64,
    },
    /// Every byte was hashed, and compared with the digests of the run.
    Digests {
        /// The report or sidecar that holds the digests of the run.
        run: PathObject,
        /// What is not as it was, as sentences.
        differences: Vec<String>,
        /// The digests now.
        digests: Digests,
    },
}

/// The first sample that differs; offsets are of the first byte that does, from the start of its file.
#[derive(Debug, Serialize, JsonSchema)]
struct First {
    track_id: u32,
    sample: u32,
    timecode: Option<String>,
    output_offset: u64,
    source: PathObject,
    source_offset: u64,
    message: String,
}

impl From<&SampleDifference> for First {
    fn from(first: &SampleDifference) -> Self {
        Self {
            track_id: first.track_id,
            sample: first.sample.0,
            timecode: first.timecode.map(|timecode| timecode.to_string()),
            output_offset: first.output_offset,
            source: first.source_path.as_path().into(),
            source_offset: first.source_offset,
            message: first.to_string(),
        }
    }
}

impl VerifyObject {
    pub(super) fn of(output: &Path, proved: &Proved) -> Self {
        let how = match proved {
            Proved::BySources { found, .. } => How::Sources {
                samples_checked: found.samples_checked,
                mismatches: found.mismatches,
                first: found.first.as_ref().map(First::from),
                structure: found.structure.iter().map(ToString::to_string).collect(),
                unreferenced_bytes: found.unreferenced_bytes,
            },
            Proved::ByDigests { from, proof } => How::Digests {
                run: from.as_path().into(),
                differences: proof.differences.iter().map(ToString::to_string).collect(),
                digests: proof.digests.clone(),
            },
        };
        let (output, identical) = (output.into(), proved.is_identical());
        Self { schema: Schema::new(), output, identical, how }
    }

    pub(super) fn to_json(&self) -> String {
        json::to_text(self)
    }
}
