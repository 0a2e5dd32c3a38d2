//! Why a clip has no place by a list: data, with a code and a neutral sentence each.
//!
//! - Not here: clips that are left out without fault (`note`), why a list cannot be used at all ([`super::super::ListError`]); what to do about it (the command).

use std::fmt;

use super::super::cut::{NameKind, Retiming, Speed};
use super::super::quote::EventName;
use crate::timecode::Timecode;
use crate::units::in_frames;

/// Why a clip has no place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClipReason {
    /// No event fits.
    NoEvent {
        /// The lists.
        lists: Vec<String>,
        /// The events that come closest.
        nearest: Vec<Candidate>,
    },
    /// The event that it was given by hand does not fit it.
    NotThatEvent {
        /// The event, and what speaks against it.
        event: Candidate,
    },
    /// The event that it was given by hand is not in the lists.
    NoSuchEvent {
        /// The lists.
        lists: Vec<String>,
        /// The label that was given.
        label: String,
    },
    /// Several events fit it as well as one another.
    Ambiguous {
        /// The events.
        events: Vec<EventName>,
        /// Clips that fit them as well, by file name.
        others: Vec<String>,
    },
    /// Other versions of it fit as well.
    Versions {
        /// The events.
        events: Vec<EventName>,
        /// The other versions, by file name.
        others: Vec<String>,
    },
    /// Too little speaks for the event that it fits best.
    Weak {
        /// The event.
        event: EventName,
        /// What speaks for it.
        weak: Weak,
        /// How many other shots it contains, unless it looks like a render of this one.
        others: usize,
    },
    /// The event that it fits is not a copy one to one.
    Obstacle {
        /// The event.
        event: EventName,
        /// Why not.
        obstacle: Obstacle,
    },
    /// The event lies outside of the base.
    OutsideBase {
        /// The event.
        event: EventName,
        /// Its record in.
        first: Timecode,
        /// Its record out.
        end: Timecode,
        /// The base's first timecode.
        base_in: Timecode,
        /// The one after its last.
        base_out: Timecode,
    },
    /// The clip's timecode jumps, and has the event's source timecode more than once.
    SourceTwice {
        /// The event.
        event: EventName,
        /// The clip's frame that would be the event's first, counted from 0.
        first: i64,
        /// Another.
        second: i64,
    },
    /// The event's record timecode is in the base more than once.
    Twice {
        /// The event.
        event: EventName,
        /// One base frame.
        first: u64,
        /// Another.
        second: u64,
    },
}

/// What little speaks for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weak {
    /// Timecode alone.
    Timecode,
    /// A name and the length.
    Length,
    /// Timecode, and a name in part or none to compare.
    Partial,
}

/// Why an event is not a copy of its media one to one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// It plays at another speed.
    Speed(Speed),
    /// Its two ranges are not equally long.
    Lengths {
        /// Source frames.
        source: i64,
        /// Record frames.
        record: i64,
    },
    /// An effect, another rate, a still.
    Retimed(Retiming),
    /// Several clips, or what cannot be said.
    Nested {
        /// How many clips.
        clips: usize,
    },
    /// Some of its frames are mixed with another shot's.
    Mixed {
        /// How many.
        mixed: i64,
        /// Of how many.
        frames: i64,
        /// Whether by a wipe.
        is_wipe: bool,
    },
}

/// An event that comes close, and what speaks against it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The event.
    pub event: EventName,
    /// The kind of name that agrees.
    pub agrees: Option<NameKind>,
    /// Its source in and out, where the list says them.
    pub source: Option<(String, String)>,
    /// What speaks against it.
    pub against: Objection,
}

/// What speaks against an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// Both name a reel, and not the same.
    Reel {
        /// The clip's.
        clip: String,
        /// The event's.
        event: String,
    },
    /// The clip's timecode does not contain it.
    Outside {
        /// Frames of the event before the clip's first.
        before: i64,
        /// Frames of the event after the clip's last.
        after: i64,
    },
    /// The list does not say at which timecode its media starts, and no name agrees.
    Unsure,
    /// The clip has no timecode, and is not as long as the event.
    NoTimecode {
        /// Frames of the clip.
        clip: u64,
        /// Frames of the event.
        event: u64,
    },
}

impl ClipReason {
    /// The code that programs tell refusals apart by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoEvent { .. } | Self::NotThatEvent { .. } | Self::NoSuchEvent { .. } => {
                "no_event"
            }
            Self::Ambiguous { .. } => "ambiguous_event",
            Self::Versions { .. } => "versions",
            Self::Weak { .. } => "weak_evidence",
            Self::Obstacle { obstacle: Obstacle::Mixed { .. }, .. } => "in_transition",
            Self::Obstacle { obstacle: Obstacle::Nested { .. }, .. } => "nested",
            Self::Obstacle { .. } => "retimed",
            Self::OutsideBase { .. } => "list_outside_base",
            Self::SourceTwice { .. } | Self::Twice { .. } => "ambiguous_place",
        }
    }
}

impl fmt::Display for ClipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvent { lists, nearest } => {
                write!(f, "no event of {} fits it", lists.join(", "))?;
                match nearest.first() {
                    Some(candidate) => write!(f, "; nearest: {candidate}"),
                    None => Ok(()),
                }
            }
            Self::NotThatEvent { event } => {
                write!(f, "the event that it was given does not fit it: {event}")
            }
            Self::NoSuchEvent { lists, label } => {
                write!(f, "no picture event of {} is called {label:?}", lists.join(", "))
            }
            Self::Ambiguous { events, others } => {
                match events.len() {
                    1 => write!(f, "{} fits it", Events(events))?,
                    _ => write!(f, "{} fit it equally well", Events(events))?,
                }
                match others.len() {
                    0 => Ok(()),
                    _ => write!(f, ", and {} as well as it", And(others)),
                }
            }
            Self::Versions { events, others } => {
                write!(f, "{} fits it, and its other versions: {}", Events(events), And(others))
            }
            Self::Weak { event, weak, others } => match weak {
                Weak::Timecode => {
                    write!(f, "only its timecode speaks for {event}")?;
                    match others {
                        0 => Ok(()),
                        1 => f.write_str(", and for another as well"),
                        others => write!(f, ", and for {others} others as well"),
                    }
                }
                Weak::Length => {
                    write!(
                        f,
                        "only a name and its length speak for {event}: it has no timecode, or one from 00:00:00:00 on"
                    )
                }
                Weak::Partial => write!(f, "no name is the same in it and in {event}"),
            },
            Self::Obstacle { event, obstacle } => match obstacle {
                Obstacle::Speed(speed) => {
                    write!(f, "{event} plays it at {speed} frames a second (M2)")
                }
                Obstacle::Lengths { source, record } => {
                    write!(f, "{event} takes {source} source frames for {record} of the record")
                }
                Obstacle::Retimed(retiming) => write!(f, "{event} {retiming}"),
                Obstacle::Nested { clips: 0 | 1 } => {
                    write!(f, "{event} is a compound clip whose frames cannot be told")
                }
                Obstacle::Nested { clips } => {
                    write!(f, "{event} is a compound clip of {clips} clips")
                }
                Obstacle::Mixed { mixed, frames, is_wipe } => {
                    let mix = if *is_wipe { "wipe" } else { "dissolve" };
                    write!(f, "{mixed} of the {frames} frames of {event} lie in a {mix}")
                }
            },
            Self::OutsideBase { event, first, end, base_in, base_out } => write!(
                f,
                "the record timecode of {event}, {first} to {end}, is not in the base ({base_in} to {base_out})"
            ),
            Self::SourceTwice { event, first, second } => write!(
                f,
                "its timecode jumps, and {event} fits it from its frame {first} and from its frame {second} on"
            ),
            Self::Twice { event, first, second } => write!(
                f,
                "the record timecode of {event} is in the base more than once, at frames {first} and {second}"
            ),
        }
    }
}

impl fmt::Display for Retiming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Effect { name } => write!(f, "plays it through an effect of time ({name})"),
            Self::Rate { media, timeline } => {
                write!(f, "plays media of {} frames a second in a timeline of {}", media, timeline)
            }
            Self::BetweenFrames => f.write_str("begins between two frames of its media"),
            Self::Still => f.write_str("holds one picture of it"),
        }
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.event)?;
        if let Some(kind) = self.agrees {
            let name = match kind {
                NameKind::Reel => "reel",
                NameKind::File | NameKind::Placed => "file name",
                NameKind::Clip => "clip name",
            };
            write!(f, ", same {name}")?;
        }
        if let Some((first, end)) = &self.source {
            write!(f, ", source {first} to {end}")?;
        }
        match &self.against {
            Objection::Reel { clip, event } => {
                write!(f, ", reel {event:?} and not {clip:?}")
            }
            Objection::Outside { before, after: 0 } => {
                write!(f, ", {} before its start", in_frames(before.unsigned_abs()))
            }
            Objection::Outside { before: 0, after } => {
                write!(f, ", {} past its end", in_frames(after.unsigned_abs()))
            }
            Objection::Outside { before, after } => {
                write!(
                    f,
                    ", {} before its start and {after} past its end",
                    in_frames(before.unsigned_abs())
                )
            }
            Objection::Unsure => f.write_str(", whose media starts nobody knows when"),
            Objection::NoTimecode { clip, event } => {
                write!(f, ", {event} frames long; it has {clip} and no timecode")
            }
        }
    }
}

/// `a`, `a and b`, `a, b and c`, and no more than a few of them.
pub(super) struct And<'a, T>(pub(super) &'a [T]);

impl<T: fmt::Display> fmt::Display for And<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMED_MAX: usize = 5;
        let count = self.0.len();
        let named = if count > NAMED_MAX { NAMED_MAX - 1 } else { count };
        for (index, item) in self.0.iter().take(named).enumerate() {
            let separator = match index {
                0 => "",
                _ if index + 1 == count => " and ",
                _ => ", ",
            };
            write!(f, "{separator}{item}")?;
        }
        if count > named {
            write!(f, " and {} more", count - named)?;
        }
        Ok(())
    }
}

/// Events as a sentence names them: `event 002 (line 7) and event 003 (line 10) of cut.edl`.
pub(super) struct Events<'a>(pub(super) &'a [EventName]);

impl fmt::Display for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(events) = self;
        match events {
            [first, rest @ ..] if rest.iter().all(|event| event.list == first.list) => {
                let places: Vec<String> = events.iter().map(EventName::in_list).collect();
                write!(f, "{} of {}", And(&places), first.list)
            }
            _ => write!(f, "{}", And(events)),
        }
    }
}
