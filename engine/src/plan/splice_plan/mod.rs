//! The plan of one splice as a value: what `layout` reads, what JSON carries, what a replay is checked against.
//!
//! - In: the planner's decisions, or a plan file (`json`).
//! - Out: [`SplicePlan`]: files ([`PlannedClip`]), placements ([`Event`]), samples ([`Replacement`]).
//! - Holds for every plan that was planned or read from JSON: [`SplicePlan::replacements`] are sorted by base sample,
//!   never empty, never overlap, and name only samples that the planned base and clips have.
//! - Not here: how the decisions are made (the rest of `plan`), what is written (`layout`), whether the files are still
//!   the ones that were planned (`replay`).

mod content;
pub mod forms;
pub mod json;
pub(super) mod notes;
mod owned;
pub mod picture;
mod replay;
mod saved;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::PathBuf;

use intercut_io::Identity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use content::{ContentFinding, Margin};
pub use forms::OtherSchema;
pub use json::InvalidPlan;
pub use owned::owned_frames;
pub(crate) use owned::{lost_frames, without};
pub use replay::ReplayError;

use super::options::Rank;
use crate::list::Confidence;
use crate::list::conform::Evidence;
use crate::timecode::{FrameRate, Labels, Timecode, TimecodeFormat};
use crate::units::{ClipIndex, EventIndex, FourCc, SampleIndex};

/// The plan of one splice.
///
/// Serialises to JSON (schema `intercut.plan/2`) and reads back exactly; what is read is checked, so that later stages
/// never meet a plan that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(remote = "Self")]
pub struct SplicePlan {
    /// Which form of plan this is.
    pub schema: forms::Schema,
    /// Block size to which extents are laid out, in bytes: part of the plan because the target's bytes depend on it.
    pub alignment: u64,
    /// The movie that is spliced into.
    pub base: PlannedBase,
    /// The clips of which at least one frame is used, in the order of their first event. [`ClipIndex`] counts these.
    pub clips: Vec<PlannedClip>,
    /// The edit lists that events come from, lower ones first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<PlannedList>,
    /// What goes where, in record order. [`EventIndex`] counts these.
    pub events: Vec<Event>,
    /// Base frames between two events that no event covers, in record order.
    pub gaps: Vec<Gap>,
    /// Every clip that was given and is not among `clips`, by path.
    pub left_out: Vec<LeftOut>,
    /// Every replaced run of base samples, in base order, without overlap; never empty runs.
    pub replacements: Vec<Replacement>,
    /// Frames that several events claimed, and who got them, in record order.
    pub overlaps: Vec<PlannedOverlap>,
    /// Whether the clips show what they replace, for each event in its order; nothing if that was not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<ContentFinding>>,
    /// What a person should know, as sentences.
    #[serde(deserialize_with = "forms::few_warnings")]
    pub warnings: Vec<String>,
}

/// The base of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedBase {
    /// Where it is.
    #[serde(with = "forms::path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// Frames on its timeline.
    pub frames: u64,
    /// Samples of its video track.
    pub samples: u32,
    /// Frames per second.
    #[serde(with = "forms::rate_text")]
    #[schemars(with = "String")]
    pub rate: FrameRate,
    /// Timecode of its first frame.
    pub timecode: Option<String>,
    /// Frames per second of its timecode: the same as `rate` but for a few cameras.
    #[serde(with = "forms::rate_text")]
    #[schemars(with = "String")]
    pub timecode_rate: FrameRate,
    /// Whether its timecode drops numbers.
    pub drop_frame: bool,
    /// Where its timecode does not run on, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timecode_jumps: Vec<TimecodeJump>,
    /// Its codec.
    #[serde(with = "forms::fourcc_text")]
    #[schemars(with = "String")]
    pub codec: FourCc,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Which file it was.
    pub identity: FileStamp,
}

/// A frame whose timecode does not follow the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TimecodeJump {
    /// The frame, counted from 0.
    pub frame: u64,
    /// Its timecode.
    pub timecode: String,
}

/// One clip of a plan: the file. Where its frames go is in [`SplicePlan::events`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedClip {
    /// Where it is.
    #[serde(with = "forms::path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// Whether it is VFX, and so goes before every grade.
    pub rank: Rank,
    /// Its own timecode at its first presented frame.
    pub timecode: Option<String>,
    /// Where its timecode does not run on, in order; frames count from the first presented one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timecode_jumps: Vec<TimecodeJump>,
    /// Its reel, by its timecode track.
    pub reel: Option<String>,
    /// Frames that it presents.
    pub frames: u64,
    /// Samples of its video track.
    pub samples: u32,
    /// Which file it was.
    pub identity: FileStamp,
}

/// These frames of this clip go to these frames of the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Whose frames.
    pub clip: ClipIndex,
    /// The first base frame that it claims, counted from 0.
    pub record_in: u64,
    /// The base frame after the last one that it claims.
    pub record_out: u64,
    /// Timecode of `record_in` in the base.
    pub record_timecode_in: String,
    /// Timecode after the event's last frame, in the base.
    pub record_timecode_out: String,
    /// The clip's frame that goes to `record_in`, counted from the first one that the clip presents.
    pub source_in: u64,
    /// Base frames that it replaces: `record_out - record_in`, less what it lost to other events.
    pub frames: u64,
    /// Who says that it goes there.
    pub origin: EventOrigin,
    /// The event of an edit list that says so, if its origin is a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<ListEvent>,
}

/// An event of an edit list, and what speaks for the clip that it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ListEvent {
    /// The list.
    #[serde(with = "forms::path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// The event's number, or its track and place.
    pub event: String,
    /// Its line, counted from 1; `None` for OTIO.
    pub line: Option<u32>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What speaks for it.
    pub by: Vec<Evidence>,
    /// The reel that it names.
    pub reel: Option<String>,
    /// Its source in, as the list has it.
    pub source: String,
    /// Frames of the clip before the event.
    pub head: u64,
    /// Frames of the clip after the event.
    pub tail: u64,
}

/// An edit list of a plan: the file, and what became of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PlannedList {
    /// Where it is.
    #[serde(with = "forms::path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// Which file it was.
    pub identity: FileStamp,
    /// XXH3-128 of its bytes, in hexadecimal.
    pub digest: String,
    /// What it calls itself.
    pub title: Option<String>,
    /// Its format.
    pub format: String,
    /// Its picture events.
    pub cuts: u64,
    /// Events of which a frame was placed.
    pub placed: u64,
    /// Events that have no clip and can be seen: they keep the base's pictures.
    pub without_clip: u64,
    /// Events that layers above hide whole.
    pub hidden: u64,
    /// Events whose record timecode is not in the base, or is there more than once.
    pub outside_base: u64,
    /// Items of the list that are no picture events, by kind: audio, black, titles and so on.
    pub passed_over: BTreeMap<String, u64>,
    /// The events that have no clip, in record order.
    pub open: Vec<OpenEvent>,
}

/// An event of a list that has no clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenEvent {
    /// The event's number, or its track and place.
    pub event: String,
    /// Its line, counted from 1; `None` for OTIO.
    pub line: Option<u32>,
    /// What it plays: the first name that the list has for it.
    pub name: Option<String>,
    /// The first base frame that can be seen of it, counted from 0.
    pub record_in: u64,
    /// The one after the last.
    pub record_out: u64,
    /// Timecode of `record_in` in the base.
    pub record_timecode_in: String,
    /// Timecode after the last frame, in the base.
    pub record_timecode_out: String,
    /// Whether a clip could be copied to it. A retime and a compound clip are no copies one to one.
    pub is_plain: bool,
}

/// Who says where an event goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EventOrigin {
    /// The clip's own timecode.
    Timecode,
    /// A record timecode that was given for the clip.
    At,
    /// An edit list.
    List,
}

/// Base frames between two events that no event covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Gap {
    /// The first base frame, counted from 0.
    pub record_in: u64,
    /// The one after the last.
    pub record_out: u64,
    /// How many: `record_out - record_in`.
    pub frames: u64,
}

/// A clip that was given and is not in the result.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// Where it is.
    #[serde(with = "forms::path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// Why, for programs: a code of [`super::Reason::code`], or `outranked` (VFX clips cover it), `hidden` (other clips
    /// cover it), `damaged`.
    pub code: String,
    /// Why, for people: what is wrong, without the path.
    pub reason: String,
}

/// A run of base samples and the clip samples that take their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replacement {
    /// The first base sample that is replaced.
    pub base_sample: SampleIndex,
    /// How many samples.
    pub sample_count: u32,
    /// Which clip of the plan.
    pub clip: ClipIndex,
    /// The first of that clip's samples.
    pub clip_sample: SampleIndex,
}

/// Base frames that two events claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PlannedOverlap {
    /// The event whose frames are used.
    pub winner: EventIndex,
    /// The event whose frames are not used.
    pub loser: EventIndex,
    /// The first base frame of the overlap.
    pub record_in: u64,
    /// The one after the last.
    pub record_out: u64,
}

/// Enough of a file's identity to know on replay that it is another one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct FileStamp {
    /// Length in bytes.
    pub len: u64,
    /// Last change of the content, nanoseconds since 1970 (text in JSON, whose numbers are too short for it).
    #[serde(with = "forms::integer_text")]
    #[schemars(with = "String")]
    pub mtime_ns: i128,
}

impl FileStamp {
    /// The stamp of a file.
    pub fn of(identity: &Identity) -> Self {
        Self { len: identity.len, mtime_ns: identity.mtime_ns }
    }
}

impl Event {
    /// The base frames that it claims.
    pub fn record(&self) -> Range<u64> {
        self.record_in..self.record_out
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
        Labels { pictures: self.rate, stretches: &[(first, timecode)] }.label_of(frame)
    }
}

impl SplicePlan {
    /// Base frames that come from a clip.
    pub fn frames_replaced(&self) -> u64 {
        self.events.iter().map(|event| event.frames).sum()
    }

    /// The clip of an event.
    pub fn clip_of(&self, event: &Event) -> &PlannedClip {
        &self.clips[event.clip.get()]
    }

    /// The clip of an event that is known by its index.
    pub fn clip_of_event(&self, event: EventIndex) -> &PlannedClip {
        self.clip_of(&self.events[event.get()])
    }

    /// The events of one clip, in record order. Cost: O(events).
    pub fn events_of(&self, clip: ClipIndex) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.clip == clip)
    }
}

/// The frames between the first event and the last that no event covers.
///
/// - `events`: the frames of each, in record order.
pub(super) fn gaps(events: impl Iterator<Item = Range<u64>>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut covered: Option<u64> = None;
    for event in events {
        if let Some(record_in) = covered.filter(|end| *end < event.start) {
            let (record_out, frames) = (event.start, event.start - record_in);
            gaps.push(Gap { record_in, record_out, frames });
        }
        covered = covered.max(Some(event.end));
    }
    gaps
}

/// The gaps that look like mistakes: shorter than a second, and not between two events of lists, which have gaps of their own.
pub(crate) fn short_gaps(events: &[Event], rate: FrameRate) -> Vec<Gap> {
    let listed = || events.iter().filter(|event| event.origin == EventOrigin::List);
    let ends: HashSet<u64> = listed().map(|event| event.record_out).collect();
    let starts: HashSet<u64> = listed().map(|event| event.record_in).collect();
    let is_of_list = |gap: &Gap| ends.contains(&gap.record_in) && starts.contains(&gap.record_out);
    let mut short = gaps(events.iter().map(Event::record));
    short.retain(|gap| gap.frames < u64::from(rate.nominal()) && !is_of_list(gap));
    short
}
