//! What an edit list says, whatever its format: cuts, and what was passed over.
//!
//! - In: what one of the readers found.
//! - Out: [`CutList`], plain data. Positions are timecode labels as they are written (CMX 3600, whose rate is the
//!   base's), or frames counted from midnight (the other formats, which state a rate).
//! - Holds: `end` is exclusive; cuts are in the order of the list, which means nothing.
//! - Not here: reading (`cmx`, `otio`, `xmeml`, `fcpxml`), which clip belongs to which cut (`conform`).

use std::fmt;

use super::label::Label;
use super::spelling;
use crate::timecode::FrameRate;

/// A list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CutList {
    /// The format it is written in.
    pub format: ListFormat,
    /// What it calls itself: the title, or the timeline's name.
    pub title: Option<String>,
    /// Rate of its timeline; `None` for CMX 3600, which has none.
    pub rate: Option<FrameRate>,
    /// Whether it says that its record timecode drops numbers.
    pub counting: Counting,
    /// Whether it says at which timecode its timeline starts.
    pub has_start: bool,
    /// Where the base itself begins in its timeline, in a list of our own: the distance from there counts frames of the base,
    /// whatever its timecode does.
    pub base_at: Option<i64>,
    /// Whether it is not UTF-8, so that letters beyond ASCII are a guess.
    pub is_guessed_text: bool,
    /// Its picture cuts.
    pub cuts: Vec<Cut>,
    /// Its other items.
    pub passed_over: Vec<PassedOver>,
}

impl CutList {
    pub(super) fn new(format: ListFormat) -> Self {
        Self {
            format,
            title: None,
            rate: None,
            counting: Counting::Unstated,
            has_start: true,
            base_at: None,
            is_guessed_text: false,
            cuts: Vec::new(),
            passed_over: Vec::new(),
        }
    }

    /// How many items of one kind were passed over.
    pub fn passed_over_count(&self, kind: PassedKind) -> usize {
        self.passed_over.iter().filter(|passed| passed.kind == kind).count()
    }
}

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListFormat {
    /// CMX 3600 and its relatives: text, an event a line.
    Cmx3600,
    /// OpenTimelineIO: JSON.
    Otio,
    /// Final Cut Pro 7 XML, which Premiere and Resolve write too.
    Xmeml,
    /// Final Cut Pro X XML.
    Fcpxml,
}

impl fmt::Display for ListFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cmx3600 => "CMX 3600",
            Self::Otio => "OTIO",
            Self::Xmeml => "Final Cut Pro 7 XML",
            Self::Fcpxml => "FCPXML",
        })
    }
}

/// What a list says of how its record timecode counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Nothing.
    Unstated,
    /// It drops numbers.
    Drop {
        /// The line that says so, counted from 1.
        line: Option<u32>,
    },
    /// It drops none.
    NonDrop {
        /// The line that says so, counted from 1.
        line: Option<u32>,
    },
}

/// A stretch of timecode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// As labels, whose rate and counting are somebody else's to say.
    Labels {
        /// The first frame.
        first: Label,
        /// The one after the last.
        end: Label,
    },
    /// As frames counted from midnight.
    Frames {
        /// The first frame.
        first: i64,
        /// The one after the last.
        end: i64,
    },
}

impl Span {
    pub(super) fn frames(first: i64, end: i64) -> Self {
        Self::Frames { first, end }
    }

    /// Whether it is not a frame long.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Labels { first, end } => first == end,
            Self::Frames { first, end } => first == end,
        }
    }
}

/// One picture cut: frames of some media that play over frames of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cut {
    /// What people call it: the event's number as it is written, or track and place (`V2-3`).
    pub label: String,
    /// The line that it begins at, counted from 1; `None` for OTIO.
    pub line: Option<u32>,
    /// Layers above hide those below; CMX 3600 has one.
    pub layer: u32,
    /// Frames of the timeline.
    pub record: Span,
    /// Frames of the media, by its own timecode.
    pub source: Span,
    /// Whether the media's start timecode is not stated, so that `source` alone proves nothing.
    pub is_source_unsure: bool,
    /// Everything that names the media, duplicates included.
    pub names: Vec<ListName>,
    /// Frames at its ends that are mixed with another shot.
    pub mixed: Mixed,
    /// Whether the media's frames are the timeline's, one to one.
    pub play: Play,
}

impl Cut {
    /// What it plays, for people: the first name that is one.
    pub fn name(&self) -> Option<&str> {
        let names = self.names.iter().map(|name| name.text.as_str());
        names.into_iter().find(|text| spelling::is_name(&spelling::fold(text)))
    }
}

/// How many frames at the ends of a cut are mixed with its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mixed {
    /// The first frames of its record range.
    pub head: u32,
    /// The last frames of its record range.
    pub tail: u32,
    /// Frames of its media that play before its record range.
    pub before: u32,
    /// Frames of its media that play after its record range.
    pub after: u32,
    /// Whether the mix is a wipe and no dissolve.
    pub is_wipe: bool,
}

/// Whether a cut copies its media one to one, as far as the list says so outright.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Play {
    /// Frame by frame, provided that both ranges turn out to be equally long.
    Plain,
    /// With a speed in frames a second, which is plain if it is the timeline's own rate.
    Speed(Speed),
    /// Otherwise than one to one.
    Retimed(Retiming),
    /// The item holds several clips, or what it holds cannot be said.
    Nested {
        /// How many clips play over its range.
        clips: usize,
    },
}

/// A speed in thousandths of a frame a second, as an `M2` line states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed(pub i64);

impl Speed {
    /// Whether it is this rate, allowing for how coarsely lists write rates: 29.9 for 30000/1001, 24 for 24000/1001.
    pub(super) fn is_rate(self, rate: FrameRate) -> bool {
        let exact = i64::from(rate.numerator()) * 1000 / i64::from(rate.denominator());
        (self.0 - exact).abs() < 100 || self.0 == i64::from(rate.nominal()) * 1000
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, thousandths) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        let fraction = format!("{thousandths:03}");
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

/// Why an item does not play one to one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retiming {
    /// An effect changes its speed or freezes it.
    Effect {
        /// What the list calls it.
        name: String,
    },
    /// Its media, or the item itself, counts at another rate than the timeline.
    Rate {
        /// The media's or the item's rate.
        media: FrameRate,
        /// The timeline's.
        timeline: FrameRate,
    },
    /// It begins between two frames of its media.
    BetweenFrames,
    /// It is a still picture.
    Still,
}

/// One name of an event's media.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListName {
    /// What kind of name it is.
    pub kind: NameKind,
    /// As it is written, without blanks around it.
    pub text: String,
}

/// What a name in a list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NameKind {
    /// A tape or camera reel.
    Reel,
    /// A media file.
    File,
    /// A clip in a bin: a file's name, or scene and take.
    Clip,
    /// The very clip of which a list of our own says that it was placed here.
    Placed,
}

/// An item that places nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// What people call it.
    pub label: String,
    /// The line that it begins at, counted from 1; `None` for OTIO.
    pub line: Option<u32>,
    /// What it is.
    pub kind: PassedKind,
    /// Where it hides the layers under it, if it does: a still picture.
    pub hides: Option<(u32, Span)>,
}

/// What an item is that places nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PassedKind {
    /// Sound.
    Audio,
    /// Black.
    Black,
    /// Made by the editing program: bars, titles, slugs.
    Generator,
    /// A still picture.
    Still,
    /// A key over the picture, or the picture under a key.
    Key,
    /// Switched off.
    Disabled,
    /// No frame long.
    Empty,
    /// Media without a name.
    Unnamed,
    /// The base, in a list of our own.
    Base,
}

impl PassedKind {
    /// The kind in words, for `count` items.
    pub fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Black => "black",
            Self::Generator => "generator",
            Self::Still => "still",
            Self::Key => "key",
            Self::Disabled => "disabled",
            Self::Empty => "empty",
            Self::Unnamed => "unnamed",
            Self::Base => "base",
        }
    }
}
