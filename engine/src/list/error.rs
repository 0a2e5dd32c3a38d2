//! Why a list cannot be used: data with a code, and one neutral sentence each.
//!
//! - In: what reading found, or what `conform` found when it held the list to the base.
//! - Out: [`ListError`].
//! - Holds: every line that is to blame is named, with both numbers where two disagree.
//! - Not here: why one clip has no place ([`super::conform::ClipReason`]); what to do about it (the command).

use std::fmt;

use super::quote::{AndOthers, At, EventName, InLine, TimelinesText, WithOffset};
use crate::timecode::{FrameRate, Timecode, counting_name};

/// A list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// Longer than any list.
    #[error("it is {len} bytes long, and lists may have {max}")]
    TooLong {
        /// Bytes of the file.
        len: u64,
        /// Bytes that are read at most.
        max: u64,
    },
    /// Bytes that no text has.
    #[error("it is not text: byte {offset} is zero")]
    NotText {
        /// The first such byte, counted from 0.
        offset: usize,
    },
    /// UTF-16 by its signature alone.
    #[error("it begins as UTF-16, and it is not")]
    NotUtf16,
    /// No JSON or XML.
    #[error("{}it is not {format}: {message}", At(*line))]
    Syntax {
        /// What it should be.
        format: &'static str,
        /// The line, counted from 1.
        line: Option<u32>,
        /// What the parser says.
        message: String,
    },
    /// XML that defines names for texts or files, which nobody follows.
    #[error("{}it declares an entity, and entities are not followed", At(*line))]
    Entity {
        /// The line, counted from 1.
        line: Option<u32>,
    },
    /// More objects, elements or events than any list has.
    #[error("it holds more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read at most.
        max: usize,
    },
    /// Something without which nothing after it can be placed.
    #[error("{}{what} cannot be read", At(*line))]
    Missing {
        /// The line, counted from 1.
        line: Option<u32>,
        /// What it is.
        what: String,
    },
    /// A line that is an event, but cannot be read as one.
    #[error("{}this cannot be read as an event: {text}", At(Some(*line)))]
    EventLine {
        /// The line, counted from 1.
        line: u32,
        /// The line itself, shortened.
        text: String,
    },
    /// An `M2` line whose speed cannot be read, or that follows no event.
    #[error("{}this cannot be read as the speed of an event: {text}", At(Some(*line)))]
    SpeedLine {
        /// The line, counted from 1.
        line: u32,
        /// The line itself, shortened.
        text: String,
    },
    /// An item of a timeline whose place cannot be read.
    #[error("{}{item}: {fault}", At(*line))]
    Item {
        /// The line, counted from 1.
        line: Option<u32>,
        /// What people call the item.
        item: String,
        /// What is wrong with it.
        fault: ItemFault,
    },
    /// A record range that ends before it begins.
    #[error("{}event {event} ends at {end}, before it begins at {first}", At(*line))]
    Backwards {
        /// The line, counted from 1.
        line: Option<u32>,
        /// The event.
        event: String,
        /// Its record in.
        first: Timecode,
        /// Its record out.
        end: Timecode,
    },
    /// A frame number that the base's rate does not have.
    #[error("{}\"{label}\" has frame {frames}, the base counts {nominal} frames a second", At(*line))]
    FrameNumber {
        /// The line, counted from 1.
        line: Option<u32>,
        /// The label.
        label: String,
        /// Its last field.
        frames: u32,
        /// Frames a second of the base's timecode.
        nominal: u32,
    },
    /// A timeline at another rate than the base.
    #[error("its timeline counts {list} frames a second, the base {base}")]
    TimelineRate {
        /// The list's rate.
        list: FrameRate,
        /// The base's.
        base: FrameRate,
    },
    /// Drop frame against non-drop.
    #[error(
        "its record timecode is {}{}, the base's is {}",
        counting_name(*list), InLine(*line), counting_name(!*list)
    )]
    DropFrame {
        /// Whether the list's drops numbers; the base's does the opposite.
        list: bool,
        /// The line that says so, counted from 1.
        line: Option<u32>,
    },
    /// A record label that the base's drop frame leaves out.
    #[error("{}\"{label}\" does not exist in drop frame, which the base's timecode is", At(*line))]
    DroppedLabel {
        /// The line, counted from 1.
        line: Option<u32>,
        /// The label.
        label: String,
    },
    /// No cut lies in the base; or some do, and all would if the list were shifted.
    #[error(
        "{}its record timecode {first} to {end} is not in the base ({} to {}){}{}",
        At(*line), base[0], base[1], AndOthers { outside: *outside, count: *count },
        WithOffset(offset.as_deref(), *count)
    )]
    OutsideBase {
        /// The line of its earliest cut, counted from 1.
        line: Option<u32>,
        /// Record in of the earliest cut.
        first: Timecode,
        /// Record out of the same.
        end: Timecode,
        /// The base's first timecode, and the one after its last.
        base: Box<[Timecode; 2]>,
        /// How many cuts it has.
        count: usize,
        /// How many of them are not in the base.
        outside: usize,
        /// The offset with which all of them would be in the base.
        offset: Option<String>,
    },
    /// Nothing that places a picture.
    #[error("it has no picture event ({audio} audio events, {other} others)")]
    NoPicture {
        /// Audio events.
        audio: usize,
        /// Black, generators, keys and the like.
        other: usize,
    },
    /// Markers written in the form of events.
    #[error(
        "it is a list of markers: every event ({count}) is one frame long, and its source is its record timecode"
    )]
    Markers {
        /// How many.
        count: usize,
    },
    /// No timeline of the name that was asked for, or several and none was.
    #[error("{}", TimelinesText { names, asked: asked.as_deref() })]
    Timelines {
        /// The names of its timelines.
        names: Vec<String>,
        /// The one that was asked for.
        asked: Option<String>,
    },
    /// A file of a kind that is not a list, or none that is read.
    #[error("it is {kind}")]
    Kind {
        /// What it is.
        kind: OtherKind,
    },
    /// Cuts without a clip, where none may be without.
    #[error("{count} of its events have no clip; the first is event {}{}", first.label, InLine(first.line))]
    Incomplete {
        /// How many.
        count: usize,
        /// The first of them.
        first: EventName,
    },
    /// A timeline without a start, over a base that does not begin at 0.
    #[error("it does not say at which timecode it starts, and the base starts at {base_in}")]
    Start {
        /// The base's first timecode.
        base_in: Timecode,
    },
}

/// What is wrong with an item of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemFault {
    /// A number or a time that cannot be read.
    #[error("its {what} cannot be read: {text:?}")]
    Unreadable {
        /// Which one.
        what: &'static str,
        /// As it is written.
        text: String,
    },
    /// A time that falls between two frames of the timeline.
    #[error("its {what} is between two frames of the timeline")]
    BetweenFrames {
        /// Which one.
        what: &'static str,
    },
    /// A range that ends before it begins.
    #[error("it ends at frame {end}, before it begins at {first}")]
    Backwards {
        /// Its first frame on the timeline.
        first: i64,
        /// The one after its last.
        end: i64,
    },
    /// It is to begin or end where a transition does, and there is none.
    #[error("its {what} is left to a transition, and there is none beside it")]
    NoTransition {
        /// Which end.
        what: &'static str,
    },
    /// What it plays is not in the list.
    #[error("it refers to {id:?}, which the list does not hold")]
    NoSuchId {
        /// The name that it gives.
        id: String,
    },
    /// Clips in clips in clips, more than anybody nests.
    #[error("what is nested in it is too large to be followed")]
    TooLarge,
    /// A kind of item that is not known, whose length nobody can tell.
    #[error("it is a {schema:?}, which is not known")]
    Unknown {
        /// What it calls itself.
        schema: String,
    },
}

impl ListError {
    /// The code that programs tell refusals apart by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. }
            | Self::NotText { .. }
            | Self::NotUtf16
            | Self::Syntax { .. }
            | Self::Entity { .. }
            | Self::TooMany { .. }
            | Self::Missing { .. } => "list_unreadable",
            Self::EventLine { .. }
            | Self::SpeedLine { .. }
            | Self::Item { .. }
            | Self::Backwards { .. } => "list_line",
            Self::FrameNumber { .. } | Self::TimelineRate { .. } => "list_rate",
            Self::DropFrame { .. } | Self::DroppedLabel { .. } => "list_drop_frame",
            Self::OutsideBase { .. } => "list_outside_base",
            Self::NoPicture { .. } => "list_no_picture",
            Self::Markers { .. } => "list_markers",
            Self::Timelines { .. } => "list_timelines",
            Self::Kind { .. } => "list_kind",
            Self::Incomplete { .. } => "incomplete",
            Self::Start { .. } => "list_start",
        }
    }
}

impl ListError {
    /// The line that is to blame, counted from 1.
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::EventLine { line, .. } | Self::SpeedLine { line, .. } => Some(*line),
            Self::Syntax { line, .. }
            | Self::Entity { line }
            | Self::Missing { line, .. }
            | Self::Item { line, .. }
            | Self::Backwards { line, .. }
            | Self::FrameNumber { line, .. }
            | Self::DropFrame { line, .. }
            | Self::DroppedLabel { line, .. }
            | Self::OutsideBase { line, .. } => *line,
            _ => None,
        }
    }
}

/// Files that people take for lists, or that hold one in a form that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherKind {
    /// An Advanced Authoring Format file (an OLE compound file).
    Aaf,
    /// An Avid Log Exchange.
    Ale,
    /// A ZIP archive: `.otioz`, a Resolve project, an archived list.
    Zip,
    /// A gzip archive: a Premiere project.
    Gzip,
    /// An Avid bin.
    AvidBin,
    /// A movie.
    Movie,
    /// A PDF, which is a printed list at best.
    Pdf,
    /// JSON of another kind.
    Json,
    /// An OTIO object that is not a timeline.
    OtioObject {
        /// What it calls itself.
        schema: String,
    },
    /// XML of another kind.
    Xml {
        /// Its root element.
        root: String,
    },
    /// Text without a line that is an event.
    Text,
}

impl fmt::Display for OtherKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aaf => "an AAF",
            Self::Ale => "an Avid Log Exchange, which says nothing about where clips go",
            Self::Zip => "a ZIP archive (an .otioz, or a project)",
            Self::Gzip => "a gzip archive (a Premiere project is one)",
            Self::AvidBin => "an Avid bin",
            Self::Movie => "a movie",
            Self::Pdf => "a PDF",
            Self::Json => "JSON, and not OTIO",
            Self::OtioObject { schema } => {
                return write!(f, "an OTIO {schema}, not a timeline");
            }
            Self::Xml { root } => {
                return write!(f, "XML of another kind (its root element is <{root}>)");
            }
            Self::Text => "text without an event",
        })
    }
}
