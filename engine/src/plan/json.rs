//! A plan as JSON, and the checks that a plan from JSON has to pass.
//!
//! - In: a [`SplicePlan`], or text that claims to be one.
//! - Out: text, or a plan that holds what [`SplicePlan`] promises; rates are `25/1`, codecs four characters, paths
//!   text (or a list of bytes where they are not UTF-8), times text.
//! - Holds: what is written reads back equal; nothing that is read makes a later stage overflow or index past an end.
//! - Not here: whether the files are still the ones that were planned ([`SplicePlan::check_against`]).

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::splice_plan::{PlannedClip, ReplayError, SplicePlan};
use crate::movie::frames::FRAMES_MAX;
use crate::timecode::{FrameRate, Timecode};

/// The name of this form of plan.
const SCHEMA: &str = "intercut.plan/1";

/// Block sizes that a plan may be laid out to, in bytes: the smallest sector, and more than any filesystem shares by.
const ALIGNMENT: std::ops::RangeInclusive<u64> = 512..=16 << 20;

/// The most warnings that a plan may carry: a few for each of thousands of clips.
const WARNINGS_MAX: usize = 100_000;

/// The schema of a plan: there is one so far, and a plan of another is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Schema;

impl From<Schema> for &'static str {
    fn from(_: Schema) -> Self {
        SCHEMA
    }
}

impl TryFrom<String> for Schema {
    type Error = InvalidPlan;

    fn try_from(found: String) -> Result<Self, InvalidPlan> {
        if found == SCHEMA { Ok(Schema) } else { Err(InvalidPlan::Schema { found }) }
    }
}

/// How a plan contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPlan {
    /// Another kind of document, or a later form of plan.
    #[error("its schema is {found:?}, not {SCHEMA:?}")]
    Schema {
        /// What it says.
        found: String,
    },
    /// A block size that no filesystem has.
    #[error("an alignment of {alignment} bytes is not a power of two from 512 to 16777216")]
    Alignment {
        /// What it says.
        alignment: u64,
    },
    /// A base that is longer than any timeline.
    #[error("its base has {frames} frames, more than the {FRAMES_MAX} that a timeline can have")]
    Frames {
        /// What it says.
        frames: u64,
    },
    /// A timecode that its format does not have, or jumps out of order.
    #[error("the base's timecode {text:?} at frame {frame} is not one, or out of order")]
    Timecode {
        /// The text.
        text: String,
        /// The frame that it is said to stand at.
        frame: u64,
    },
    /// A clip's place is no range of base frames.
    #[error(
        "clip {clip} claims {frames} of the frames {record_in}..{record_out} of a base of {base_frames}"
    )]
    Place {
        /// The clip, counted from 0.
        clip: usize,
        /// Frames that it replaces.
        frames: u64,
        /// First frame.
        record_in: u64,
        /// The one after the last.
        record_out: u64,
        /// Frames of the base.
        base_frames: u64,
    },
    /// A clip that the plan does not have.
    #[error("{what} {index} names clip {clip}, but there are {clips}")]
    NoSuchClip {
        /// `replacement` or `overlap`.
        what: &'static str,
        /// Which one, counted from 0.
        index: usize,
        /// The clip, counted from 0.
        clip: usize,
        /// How many there are.
        clips: usize,
    },
    /// A run of samples that is empty or ends after the track's last one.
    #[error(
        "replacement {index} takes {count} samples from {first} on of the {side}, which has {samples}"
    )]
    Samples {
        /// Which replacement, counted from 0.
        index: usize,
        /// `base` or `clip`.
        side: &'static str,
        /// First sample.
        first: u32,
        /// How many.
        count: u32,
        /// How many there are.
        samples: u32,
    },
    /// Replacements out of order, or one that replaces what another replaced.
    #[error("replacement {index} starts at base sample {first}, but the one before ends at {end}")]
    Order {
        /// Which replacement, counted from 0.
        index: usize,
        /// Its first base sample.
        first: u32,
        /// The base sample after the last one of the replacement before.
        end: u64,
    },
    /// An overlap that is no range of base frames.
    #[error("overlap {index} is {record_in}..{record_out} in a base of {base_frames} frames")]
    OverlapRange {
        /// Which overlap, counted from 0.
        index: usize,
        /// First frame.
        record_in: u64,
        /// The one after the last.
        record_out: u64,
        /// Frames of the base.
        base_frames: u64,
    },
}

impl Serialize for SplicePlan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for SplicePlan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let plan = Self::deserialize(deserializer)?;
        plan.validate().map_err(D::Error::custom)?;
        Ok(plan)
    }
}

impl SplicePlan {
    /// The plan as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("every field of a plan has a form in JSON");
        text.push('\n');
        text
    }

    /// Reads a plan that [`SplicePlan::to_json`] wrote, or that claims to be one.
    ///
    /// # Errors
    /// [`ReplayError::Unreadable`] with the line, or with what contradicts itself ([`InvalidPlan`]).
    pub fn from_json(text: &str) -> Result<Self, ReplayError> {
        serde_json::from_str(text).map_err(ReplayError::Unreadable)
    }

    /// Checks that the plan is one that could have been planned, as far as later stages rely on it.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn validate(&self) -> Result<(), InvalidPlan> {
        if !self.alignment.is_power_of_two() || !ALIGNMENT.contains(&self.alignment) {
            return Err(InvalidPlan::Alignment { alignment: self.alignment });
        }
        // One more than what edits can add up to, for a last frame without duration.
        if self.base.frames > FRAMES_MAX + 1 {
            return Err(InvalidPlan::Frames { frames: self.base.frames });
        }
        self.validate_timecode()?;
        for (index, clip) in self.clips.iter().enumerate() {
            validate_place(index, clip, self.base.frames)?;
        }
        self.validate_replacements()?;
        for (index, overlap) in self.overlaps.iter().enumerate() {
            for clip in [overlap.winner, overlap.loser] {
                self.validate_clip("overlap", index, clip)?;
            }
            let (record_in, record_out) = (overlap.record_in, overlap.record_out);
            if record_in >= record_out || record_out > self.base.frames {
                let base_frames = self.base.frames;
                return Err(InvalidPlan::OverlapRange {
                    index,
                    record_in,
                    record_out,
                    base_frames,
                });
            }
        }
        Ok(())
    }

    fn validate_timecode(&self) -> Result<(), InvalidPlan> {
        let first = self.base.timecode.iter().map(|text| (0, text));
        let jumps = self.base.timecode_jumps.iter().map(|jump| (jump.frame, &jump.timecode));
        let mut next_frame = 0;
        for (frame, text) in first.chain(jumps) {
            let known = Timecode::parse(text, self.base.timecode_format()).is_ok();
            if !known || frame < next_frame || frame >= self.base.frames.max(1) {
                return Err(InvalidPlan::Timecode { text: text.clone(), frame });
            }
            next_frame = frame + 1;
        }
        Ok(())
    }

    fn validate_replacements(&self) -> Result<(), InvalidPlan> {
        let mut end = 0;
        for (index, run) in self.replacements.iter().enumerate() {
            self.validate_clip("replacement", index, run.clip)?;
            let sides = [
                ("base", run.base_sample.0, self.base.samples),
                ("clip", run.clip_sample.0, self.clips[run.clip].samples),
            ];
            let count = run.sample_count;
            for (side, first, samples) in sides {
                if count == 0 || u64::from(first) + u64::from(count) > u64::from(samples) {
                    return Err(InvalidPlan::Samples { index, side, first, count, samples });
                }
            }
            let first = run.base_sample.0;
            if u64::from(first) < end {
                return Err(InvalidPlan::Order { index, first, end });
            }
            end = u64::from(first) + u64::from(count);
        }
        Ok(())
    }

    fn validate_clip(
        &self,
        what: &'static str,
        index: usize,
        clip: usize,
    ) -> Result<(), InvalidPlan> {
        let clips = self.clips.len();
        if clip < clips {
            Ok(())
        } else {
            Err(InvalidPlan::NoSuchClip { what, index, clip, clips })
        }
    }
}

fn validate_place(clip: usize, planned: &PlannedClip, base_frames: u64) -> Result<(), InvalidPlan> {
    let (record_in, record_out, frames) = (planned.record_in, planned.record_out, planned.frames);
    let in_base = record_in < record_out && record_out <= base_frames;
    let in_clip = planned.source_in.checked_add(frames).is_some();
    if in_base && in_clip && frames <= record_out - record_in {
        return Ok(());
    }
    Err(InvalidPlan::Place { clip, frames, record_in, record_out, base_frames })
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
    /// Where it is no ratio, or not one in the form that [`serialize`] writes.
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

    /// Reads four characters.
    ///
    /// # Errors
    /// Where there are not four, or not of ASCII.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FourCc, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes: Option<[u8; 4]> = text.as_bytes().try_into().ok();
        bytes
            .filter(|bytes| bytes.iter().all(|byte| matches!(byte, 0x20..=0x7e)))
            .map(FourCc)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a codec of four characters")))
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
    /// Where they are no whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text:?} is not a whole number")))
    }
}

/// Paths as text, or as a list of bytes where they are not UTF-8. For `#[serde(with)]`.
pub mod path_text {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::path::{Path, PathBuf};

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

/// Warnings, which a plan has few of. For `#[serde(deserialize_with)]`.
///
/// # Errors
/// Where they are no list of texts, or more than [`WARNINGS_MAX`].
pub(super) fn few_warnings<'de, D: Deserializer<'de>>(
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
