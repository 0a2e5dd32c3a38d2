//! The plan of one splice as a value: what `layout` reads, what JSON carries, what a replay is checked against.
//!
//! - In: the planner's decisions, or a plan file (`json`).
//! - Out: [`SplicePlan`]; [`SplicePlan::check_against`] for the movies of a replay.
//! - Holds for every plan that was planned or read from JSON: [`SplicePlan::replacements`] are sorted by base sample,
//!   never empty, never overlap, and name only samples that the planned base and clips have.
//! - Not here: how the decisions are made (the rest of `plan`), what is written (`layout`).

use std::path::PathBuf;

use intercut_io::Identity;
use serde::{Deserialize, Serialize};

use super::facts::{MovieFacts, rescale};
use super::json;
use super::options::Rank;
use crate::discover::OpenMovie;
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};
use crate::units::{FourCc, SampleIndex};

/// The plan of one splice.
///
/// Serialises to JSON (schema `intercut.plan/1`) and reads back exactly; what is read is checked, so that later stages
/// never meet a plan that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct SplicePlan {
    /// Which form of plan this is.
    pub schema: json::Schema,
    /// Block size to which extents are laid out, in bytes: part of the plan because the target's bytes depend on it.
    pub alignment: u64,
    /// The movie that is spliced into.
    pub base: PlannedBase,
    /// The clips, in the order of their first frame in the base.
    pub clips: Vec<PlannedClip>,
    /// Every replaced run of base samples, in base order, without overlap; never empty runs.
    pub replacements: Vec<Replacement>,
    /// Frames that several clips claimed, and who got them, in record order.
    pub overlaps: Vec<PlannedOverlap>,
    /// What a person should know, as sentences.
    #[serde(deserialize_with = "json::few_warnings")]
    pub warnings: Vec<String>,
}

/// The base of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedBase {
    /// Where it is.
    #[serde(with = "json::path_text")]
    pub path: PathBuf,
    /// Frames on its timeline.
    pub frames: u64,
    /// Samples of its video track.
    pub samples: u32,
    /// Frames per second.
    #[serde(with = "json::rate_text")]
    pub rate: FrameRate,
    /// Timecode of its first frame.
    pub timecode: Option<String>,
    /// Frames per second of its timecode: the same as `rate` but for a few cameras.
    #[serde(with = "json::rate_text")]
    pub timecode_rate: FrameRate,
    /// Whether its timecode drops numbers.
    pub drop_frame: bool,
    /// Where its timecode does not run on, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timecode_jumps: Vec<TimecodeJump>,
    /// Its codec.
    #[serde(with = "json::fourcc_text")]
    pub codec: FourCc,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Which file it was.
    pub identity: FileStamp,
}

/// A frame whose timecode does not follow the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimecodeJump {
    /// The frame, counted from 0.
    pub frame: u64,
    /// Its timecode.
    pub timecode: String,
}

/// One clip of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedClip {
    /// Where it is.
    #[serde(with = "json::path_text")]
    pub path: PathBuf,
    /// Whether it is VFX, and so goes before every grade.
    #[serde(default)]
    pub rank: Rank,
    /// Its own timecode at its first presented frame.
    pub timecode: Option<String>,
    /// The first base frame that it claims, counted from 0.
    pub record_in: u64,
    /// The base frame after the last one that it claims.
    pub record_out: u64,
    /// Timecode of `record_in` in the base.
    pub record_timecode_in: String,
    /// Timecode after the clip's last frame, in the base.
    pub record_timecode_out: String,
    /// Which of its frames, counted from 0, goes to `record_in`.
    pub source_in: u64,
    /// Base frames that it replaces: `record_out - record_in`, less what it lost to other clips.
    pub frames: u64,
    /// Samples of its video track.
    pub samples: u32,
    /// Which file it was.
    pub identity: FileStamp,
}

/// A run of base samples and the clip samples that take their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// The first base sample that is replaced.
    pub base_sample: SampleIndex,
    /// How many samples.
    pub sample_count: u32,
    /// Which clip of the plan, counted from 0.
    pub clip: usize,
    /// The first of that clip's samples.
    pub clip_sample: SampleIndex,
}

/// Base frames that two clips claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedOverlap {
    /// The clip of the plan whose frames are used, counted from 0.
    pub winner: usize,
    /// The clip of the plan whose frames are not used, counted from 0.
    pub loser: usize,
    /// The first base frame of the overlap.
    pub record_in: u64,
    /// The one after the last.
    pub record_out: u64,
}

/// Enough of a file's identity to know on replay that it is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Length in bytes.
    pub len: u64,
    /// Last change of the content, nanoseconds since 1970 (text in JSON, whose numbers are too short for it).
    #[serde(with = "json::integer_text")]
    pub mtime_ns: i128,
}

impl FileStamp {
    /// The stamp of a file.
    pub fn of(identity: &Identity) -> Self {
        Self { len: identity.len, mtime_ns: identity.mtime_ns }
    }
}

impl PlannedBase {
    /// How its timecode is counted.
    pub fn timecode_format(&self) -> TimecodeFormat {
        TimecodeFormat { rate: self.timecode_rate, drop_frame: self.drop_frame }
    }

    /// Timecode of a frame, also of one after the end; `None` where the base has none.
    pub fn timecode_at(&self, frame: u64) -> Option<Timecode> {
        let after = self.timecode_jumps.partition_point(|jump| jump.frame <= frame);
        let (first, text) = match after.checked_sub(1) {
            Some(last) => (self.timecode_jumps[last].frame, &self.timecode_jumps[last].timecode),
            None => (0, self.timecode.as_ref()?),
        };
        let timecode = Timecode::parse(text, self.timecode_format()).ok()?;
        Some(timecode.add(rescale(frame - first, self.rate, self.timecode_rate).0))
    }
}

/// Why a plan cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The text is no plan, or one that contradicts itself.
    #[error("this is not a plan that can be replayed")]
    Unreadable(#[source] serde_json::Error),
    /// Not as many clips as the plan has.
    #[error("the plan has {planned} clips, but {found} were opened")]
    ClipCount {
        /// Clips of the plan.
        planned: usize,
        /// Clips that were opened.
        found: usize,
    },
    /// A file is not the one that the plan was made for.
    #[error("{} is not the file that was planned: its {what} was {planned} and is {found}", path.display())]
    FileChanged {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// Its value in the plan.
        planned: String,
        /// Its value now.
        found: String,
    },
}

impl SplicePlan {
    /// Base frames that come from a clip.
    pub fn frames_replaced(&self) -> u64 {
        self.clips.iter().map(|clip| clip.frames).sum()
    }

    /// Checks that these are the movies that the plan was made for: length, time of change, samples, frames, format.
    ///
    /// - `clips`: in the order of [`SplicePlan::clips`].
    ///
    /// # Errors
    /// [`ReplayError::FileChanged`] for the first file that differs, [`ReplayError::ClipCount`].
    pub fn check_against(&self, base: &OpenMovie, clips: &[OpenMovie]) -> Result<(), ReplayError> {
        let clips: Vec<MovieFacts<'_>> = clips.iter().map(MovieFacts::of).collect();
        self.check_facts(&MovieFacts::of(base), &clips)
    }

    /// [`SplicePlan::check_against`] for movies whose facts are known.
    ///
    /// # Errors
    /// The same.
    pub fn check_facts(
        &self,
        base: &MovieFacts<'_>,
        clips: &[MovieFacts<'_>],
    ) -> Result<(), ReplayError> {
        if clips.len() != self.clips.len() {
            return Err(ReplayError::ClipCount { planned: self.clips.len(), found: clips.len() });
        }
        self.check_file(base, self.base.identity, self.base.samples)?;
        let changed = |what, planned, found| changed(base, what, planned, found);
        changed("number of frames", self.base.frames, base.frames.frame_count())?;
        for (planned, clip) in self.clips.iter().zip(clips) {
            self.check_file(clip, planned.identity, planned.samples)?;
        }
        Ok(())
    }

    fn check_file(
        &self,
        movie: &MovieFacts<'_>,
        stamp: FileStamp,
        samples: u32,
    ) -> Result<(), ReplayError> {
        let now = FileStamp::of(&movie.identity);
        changed(movie, "length in bytes", stamp.len, now.len)?;
        changed(movie, "number of samples", samples, movie.sample_count)?;
        changed(movie, "codec", self.base.codec, movie.format.description.codec)?;
        changed(movie, "width", self.base.width, movie.format.description.width)?;
        changed(movie, "height", self.base.height, movie.format.description.height)?;
        changed(
            movie,
            "frame rate",
            json::text_of(self.base.rate),
            json::text_of(movie.format.rate),
        )?;
        changed(movie, "time of last change (ns since 1970)", stamp.mtime_ns, now.mtime_ns)
    }
}

fn changed<T: PartialEq + ToString>(
    movie: &MovieFacts<'_>,
    what: &'static str,
    planned: T,
    found: T,
) -> Result<(), ReplayError> {
    if planned == found {
        return Ok(());
    }
    Err(ReplayError::FileChanged {
        path: movie.path.to_owned(),
        what,
        planned: planned.to_string(),
        found: found.to_string(),
    })
}
