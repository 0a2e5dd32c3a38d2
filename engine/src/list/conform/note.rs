//! What a person should know of clips that are placed by a list, and of those that are left out without fault.
//!
//! - Out: [`LeftOut`], [`Note`]: data, with a neutral sentence each.
//! - Not here: why a clip is refused (`reason`).

use std::fmt;

use super::super::quote::{EventName, InLine};
use super::reason::{And, ClipReason, Events, Obstacle};
use crate::timecode::{FrameRate, Timecode};
use crate::units::in_frames;

/// Why a clip that has a place does not get it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeftOut {
    /// More speaks for another clip.
    Outranked {
        /// The events.
        events: Vec<EventName>,
        /// The other clips, by file name.
        by: Vec<String>,
    },
    /// Layers above hide all of its events.
    Hidden {
        /// The events.
        events: Vec<EventName>,
    },
}

impl LeftOut {
    /// The code that programs tell them apart by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Outranked { .. } => "outranked",
            Self::Hidden { .. } => "hidden",
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outranked { events, by } => {
                write!(f, "more speaks for {} in {}", And(by), Events(events))
            }
            Self::Hidden { events } => write!(f, "clips of upper tracks hide {}", Events(events)),
        }
    }
}

/// What a person should know of a plan that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The list is not UTF-8.
    GuessedText {
        /// The list.
        list: String,
    },
    /// The list's timeline counts the same frames at another exact rate.
    NearRate {
        /// The list.
        list: String,
        /// Its rate.
        rate: FrameRate,
        /// The base's.
        base: FrameRate,
    },
    /// Some events lie outside of the base.
    OutsideBase {
        /// The list.
        list: String,
        /// How many.
        count: usize,
        /// The earliest of them.
        label: String,
        /// Its line.
        line: Option<u32>,
        /// Its record in.
        first: Timecode,
    },
    /// Every event ends one frame before the next.
    OneFrameGaps {
        /// The list.
        list: String,
    },
    /// The clip's timecode counts otherwise than the base's, and was read as its own.
    DropFrame {
        /// Index of the clip.
        clip: usize,
        /// Whether the clip's drops numbers.
        clip_drops: bool,
    },
    /// The clip's media plays on in a mix that keeps the base's pictures.
    RunsOn {
        /// The event.
        event: EventName,
        /// Mixed frames.
        frames: u32,
    },
    /// Mixed frames of an event that was placed keep the base's pictures.
    MixedLeft {
        /// The event.
        event: EventName,
        /// Mixed frames.
        frames: i64,
    },
    /// A layer above hides part of an event that was placed.
    HiddenInPart {
        /// The event.
        event: EventName,
        /// Frames that are hidden.
        frames: u64,
    },
    /// The clip contains further events that have no clip, and was taken for a render of another.
    AlsoContains {
        /// Index of the clip.
        clip: usize,
        /// The events that were not placed.
        events: Vec<EventName>,
    },
    /// The clip contains an event that is not a copy one to one.
    NotPlaced {
        /// Index of the clip.
        clip: usize,
        /// The event.
        event: EventName,
        /// Why not.
        obstacle: Obstacle,
    },
    /// Another clip has one of the events that the clip fits.
    EventTaken {
        /// Index of the clip.
        clip: usize,
        /// The events.
        events: Vec<EventName>,
        /// The other clips, by file name.
        by: Vec<String>,
    },
}

impl Note {
    /// The clip that it is about; else it is about a list.
    pub fn clip(&self) -> Option<usize> {
        match self {
            Self::DropFrame { clip, .. }
            | Self::AlsoContains { clip, .. }
            | Self::NotPlaced { clip, .. }
            | Self::EventTaken { clip, .. } => Some(*clip),
            _ => None,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GuessedText { list } => {
                write!(f, "{list} is not UTF-8: only ASCII letters of its names are compared")
            }
            Self::NearRate { list, rate, base } => {
                write!(f, "the timeline of {list} counts {rate} frames a second, the base {base}")
            }
            Self::OutsideBase { list, count: 1, label, line, first } => {
                write!(
                    f,
                    "event {label}{} of {list}, at {first}, is not in the base",
                    InLine(*line)
                )
            }
            Self::OutsideBase { list, count, label, line, first } => write!(
                f,
                "{count} events of {list} are not in the base; the first is event {label}{} at {first}",
                InLine(*line)
            ),
            Self::OneFrameGaps { list } => write!(
                f,
                "every event of {list} ends one frame before the next begins: its out points may be inclusive"
            ),
            Self::DropFrame { clip_drops, .. } => {
                let [clip, base] = match clip_drops {
                    true => ["drop frame", "non-drop"],
                    false => ["non-drop", "drop frame"],
                };
                write!(f, "its timecode is {clip}, the base's is {base}")
            }
            Self::RunsOn { event, frames } => {
                write!(
                    f,
                    "{event} runs on into {frames} mixed frames, which keep the base's pictures"
                )
            }
            Self::MixedLeft { event, frames } => {
                write!(f, "{frames} mixed frames of {event} keep the base's pictures")
            }
            Self::HiddenInPart { event, frames } => {
                write!(f, "clips of upper tracks hide {} of {event}", in_frames(*frames))
            }
            Self::AlsoContains { events, .. } => {
                write!(f, "it also contains {}, which it was not rendered for", Events(events))
            }
            Self::NotPlaced { event, obstacle, .. } => {
                let (event, obstacle) = (event.clone(), obstacle.clone());
                write!(f, "not placed there: {}", ClipReason::Obstacle { event, obstacle })
            }
            Self::EventTaken { events, by, .. } => {
                write!(f, "more speaks for {} in {}", And(by), Events(events))
            }
        }
    }
}
