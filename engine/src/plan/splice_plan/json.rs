//! A plan as JSON, and the checks that a plan from JSON has to pass.
//!
//! - In: a [`SplicePlan`], or text that claims to be one.
//! - Out: text, or a plan that holds what [`SplicePlan`] promises.
//! - Holds: what is written reads back equal; nothing that is read makes a later stage overflow or index past an end.
//! - Not here: how single values look (`forms`), whether the files are still the ones that were planned (`replay`).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::replay::ReplayError;
use super::{Event, SplicePlan, gaps};
use crate::movie::frames::FRAMES_MAX;
use crate::timecode::Timecode;

/// Block sizes that a plan may be laid out to, in bytes: the smallest sector, and more than any filesystem shares by.
const ALIGNMENT: std::ops::RangeInclusive<u64> = 512..=16 << 20;

/// How a plan contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPlan {
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
        /// The frame that it is said to be at.
        frame: u64,
    },
    /// An event is not a range of base frames, or takes frames that its clip does not have.
    #[error(
        "event {event} takes {frames} frames from {source_in} on of clip {clip} ({clip_frames} frames) for \
         {record_in}..{record_out} of a base of {base_frames}"
    )]
    Event {
        /// Which event, counted from 0.
        event: usize,
        /// Its clip, counted from 0.
        clip: usize,
        /// Frames of the clip.
        clip_frames: u64,
        /// The clip's first frame.
        source_in: u64,
        /// Frames that it replaces.
        frames: u64,
        /// First frame.
        record_in: u64,
        /// The one after the last.
        record_out: u64,
        /// Frames of the base.
        base_frames: u64,
    },
    /// An event that begins before the one that is listed before it.
    #[error("event {event} begins at frame {record_in}, before event {}", event - 1)]
    EventOrder {
        /// Which event, counted from 0.
        event: usize,
        /// Its first base frame.
        record_in: u64,
    },
    /// The gaps are not the frames that the events leave.
    #[error("its {listed} gaps are not the {left} that its events leave")]
    Gaps {
        /// How many are listed.
        listed: usize,
        /// How many there are.
        left: usize,
    },
    /// A clip or an event that the plan does not have.
    #[error("{what} {index} names {list} {named}, but there are {count}")]
    NoSuch {
        /// `event`, `replacement` or `overlap`.
        what: &'static str,
        /// Which one, counted from 0.
        index: usize,
        /// `clip` or `event`.
        list: &'static str,
        /// What it names, counted from 0.
        named: usize,
        /// How many there are.
        count: usize,
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
    /// An overlap that is not a range of base frames.
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
        serde_json::from_str(text)
            .map_err(|error| ReplayError::Unreadable { detail: error.to_string() })
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
        self.validate_events()?;
        self.validate_replacements()?;
        for (index, overlap) in self.overlaps.iter().enumerate() {
            for event in [overlap.winner, overlap.loser] {
                is_listed("overlap", index, "event", event.get(), self.events.len())?;
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
        for (index, finding) in self.content.iter().flatten().enumerate() {
            let named = finding.event.get();
            is_listed("content", index, "event", named, self.events.len())?;
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

    fn validate_events(&self) -> Result<(), InvalidPlan> {
        let mut before = 0;
        for (index, event) in self.events.iter().enumerate() {
            is_listed("event", index, "clip", event.clip.get(), self.clips.len())?;
            let Event { record_in, record_out, source_in, frames, clip, .. } = *event;
            let clip_frames = self.clips[clip.get()].frames;
            let base_frames = self.base.frames;
            let claimed = record_out.saturating_sub(record_in);
            let in_base = claimed > 0 && record_out <= base_frames;
            let in_clip = source_in.checked_add(claimed).is_some_and(|end| end <= clip_frames);
            if !in_base || !in_clip || frames > claimed {
                return Err(InvalidPlan::Event {
                    event: index,
                    clip: clip.get(),
                    clip_frames,
                    source_in,
                    frames,
                    record_in,
                    record_out,
                    base_frames,
                });
            }
            if record_in < before {
                return Err(InvalidPlan::EventOrder { event: index, record_in });
            }
            before = record_in;
        }
        let left = gaps(self.events.iter().map(Event::record));
        if left == self.gaps {
            Ok(())
        } else {
            Err(InvalidPlan::Gaps { listed: self.gaps.len(), left: left.len() })
        }
    }

    fn validate_replacements(&self) -> Result<(), InvalidPlan> {
        let mut end = 0;
        for (index, run) in self.replacements.iter().enumerate() {
            is_listed("replacement", index, "clip", run.clip.get(), self.clips.len())?;
            let sides = [
                ("base", run.base_sample.0, self.base.samples),
                ("clip", run.clip_sample.0, self.clips[run.clip.get()].samples),
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
}

/// Checks that what an entry names is in its list.
fn is_listed(
    what: &'static str,
    index: usize,
    list: &'static str,
    named: usize,
    count: usize,
) -> Result<(), InvalidPlan> {
    if named < count {
        Ok(())
    } else {
        Err(InvalidPlan::NoSuch { what, index, list, named, count })
    }
}
