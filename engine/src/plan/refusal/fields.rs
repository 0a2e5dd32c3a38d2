//! The numbers, names and files of a refusal, each under the key that it has in JSON.
//!
//! - In: a [`Reason`].
//! - Out: [`Field`]s in the order in which the sentence has them.
//! - Holds: every variant is listed, so that a new one cannot be forgotten. Timecodes and rates are text, as in a plan.
//! - Not here: code and sentence (`reason`).

mod lists;

use std::path::{Path, PathBuf};

use super::super::splice_plan::Margin;
use super::super::splice_plan::forms::text_of;
use super::reason::Reason;
use crate::codec::Difference;
use crate::discover::Growing;
use crate::timecode::Timecode;

/// One fact of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// A count of frames, a frame or a sample, counted from 0.
    Number(i128),
    /// A timecode, a rate, a codec, a name.
    Text(String),
    /// Another file.
    Path(PathBuf),
    /// Whether something is so.
    Flag(bool),
    /// A share, from 0 to 1.
    Share(Margin),
    /// Several of a kind.
    List(Vec<Field>),
    /// Something that has facts of its own.
    Facts(Vec<(&'static str, Field)>),
}

/// A fact and its key.
type Keyed = (&'static str, Field);

impl Reason {
    /// Every fact of the reason beside its code, by its key.
    pub fn fields(&self) -> Vec<(&'static str, Field)> {
        match self {
            Reason::Differs(difference) => difference_fields(difference),
            Reason::Growing { how, is_readable } => {
                let ago = match how {
                    Growing::Changed(ago) => Some(number("changed_seconds_ago", ago.as_secs())),
                    Growing::Open => None,
                };
                ago.into_iter().chain([("is_readable", Field::Flag(*is_readable))]).collect()
            }
            Reason::Dangling { target } => vec![path("target", target)],
            Reason::Hollow { frame, timecode, damaged, frames, .. } => {
                let at = timecode.map(|timecode| text("timecode", timecode));
                let counts = [number("damaged", *damaged), number("frames", *frames)];
                [number("frame", *frame)].into_iter().chain(at).chain(counts).collect()
            }
            Reason::ContentShifted { frame, timecode, offset, shown, shown_timecode, margin } => {
                let label =
                    |key, timecode: &Option<_>| timecode.map(|timecode| text(key, timecode));
                let labels = [label("timecode", timecode), label("shown_timecode", shown_timecode)];
                let frames = [number("frame", *frame), number("shown", *shown)];
                let found = [
                    ("offset", Field::Number((*offset).into())),
                    ("margin", Field::Share(*margin)),
                ];
                frames.into_iter().chain(labels.into_iter().flatten()).chain(found).collect()
            }
            Reason::ContentOther { frame, timecode, places } => {
                let at = timecode.map(|timecode| text("timecode", timecode));
                let counts = [number("frame", *frame), number("places", *places)];
                counts.into_iter().chain(at).collect()
            }
            Reason::Rate { clip, base } | Reason::TimecodeRate { clip, base } => {
                vec![text("clip", text_of(*clip)), text("base", text_of(*base))]
            }
            Reason::DropFrame { clip } => vec![("clip", Field::Flag(*clip))],
            Reason::BaseHasTimecode { own, given } => vec![text("own", own), text("given", given)],
            Reason::BadTimecode { option, text: given, .. } => {
                vec![text("option", option), text("text", given)]
            }
            Reason::AtNamesSeveral { count } | Reason::EventNamesSeveral { count } => {
                vec![number("count", *count as u64)]
            }
            Reason::TimecodeJumps { frame, timecode } => {
                vec![number("frame", *frame), text("timecode", timecode)]
            }
            Reason::OutsideBase { clip_in, clip_out, base_in, base_out } => {
                span([clip_in, clip_out, base_in, base_out])
            }
            Reason::SticksOut { clip_in, clip_out, base_in, base_out, head, tail } => {
                let mut fields = span([clip_in, clip_out, base_in, base_out]);
                fields.extend([number("head", *head), number("tail", *tail)]);
                fields
            }
            Reason::AmbiguousPlace { timecode, first, second } => vec![
                text("timecode", timecode),
                ("first", Field::Number(*first)),
                ("second", Field::Number(*second)),
            ],
            Reason::BetweenFrames { timecode } => vec![text("timecode", timecode)],
            Reason::SameFile { other } | Reason::BothRanks { other } => vec![path("other", other)],
            Reason::Overlaps { other, record_in, record_out, frames, whole } => vec![
                path("other", other),
                text("record_timecode_in", record_in),
                text("record_timecode_out", record_out),
                number("frames", *frames),
                ("whole", Field::Flag(*whole)),
            ],
            Reason::VfxOverlap { other, record_in, record_out, frames } => vec![
                path("other", other),
                text("record_timecode_in", record_in),
                text("record_timecode_out", record_out),
                number("frames", *frames),
            ],
            Reason::Versions { other, version, other_version } => vec![
                path("other", other),
                text("version", version),
                text("other_version", other_version),
            ],
            Reason::Handles { other, record_in, record_out, frames, handles, alike, overlaps } => {
                vec![
                    path("other", other),
                    text("record_timecode_in", record_in),
                    text("record_timecode_out", record_out),
                    number("frames", *frames),
                    number("handles", u64::from(*handles)),
                    number("alike", *alike as u64),
                    number("overlaps", *overlaps as u64),
                ]
            }
            Reason::Reel { clip, base } => vec![text("clip", clip), text("base", base)],
            Reason::Incomplete { from, to, frames } => {
                vec![text("from", from), text("to", to), number("frames", *frames)]
            }
            Reason::HandlesTooLong { handles, frames } => {
                vec![number("handles", u64::from(*handles)), number("frames", *frames)]
            }
            Reason::SourceRange { first, end, frames } => {
                let mut fields = range(*first, *end);
                fields.push(number("frames", *frames));
                fields
            }
            Reason::NoSuchFrame { option, timecode } => {
                vec![text("option", option), text("timecode", timecode)]
            }
            Reason::BaseShowsNothing { first, end }
            | Reason::ClipShowsNothing { first, end }
            | Reason::BaseHoldsSample { first, end }
            | Reason::ClipHoldsSample { first, end } => range(*first, *end),
            Reason::BaseCrowded { frame, first, second }
            | Reason::ClipCrowded { frame, first, second } => vec![
                number("frame", *frame),
                number("first", u64::from(*first)),
                number("second", u64::from(*second)),
            ],
            Reason::BaseShowsTwice { sample } => vec![number("sample", u64::from(*sample))],
            Reason::List(error) => lists::of_list(error),
            Reason::Event(reason) => lists::of_event(reason),
            // The sentence has the details of each kind.
            Reason::Unsupported(_)
            | Reason::Unreadable(_)
            | Reason::NoPermission { .. }
            | Reason::NoTimecode
            | Reason::BaseWithoutTimecode
            | Reason::AtNamesNoClip
            | Reason::EventNamesNoClip
            | Reason::IsBase
            | Reason::OptionsForNoClip
            | Reason::NoFrames => Vec::new(),
        }
    }
}

fn difference_fields(difference: &Difference) -> Vec<Keyed> {
    let pair = |clip: String, base: String| vec![text("clip", clip), text("base", base)];
    match difference {
        Difference::Codec { clip, base } => pair(clip.to_string(), base.to_string()),
        Difference::Size { clip, base, .. } => pair(clip.to_string(), base.to_string()),
        Difference::Fields { clip, base, .. } => pair(clip.clone(), base.clone()),
        Difference::Alpha { clip, .. } => vec![("clip", Field::Flag(*clip))],
        Difference::Chroma { clip, base } => pair(clip.to_string(), base.to_string()),
        Difference::FrameColor { clip, base } => pair(clip.to_string(), base.to_string()),
        Difference::Color { clip, base } => pair(clip.to_string(), base.to_string()),
        Difference::PixelAspect { clip, base } => pair(clip.to_string(), base.to_string()),
        Difference::CleanAperture { clip, base } => pair(clip.to_string(), base.to_string()),
        Difference::Description { part } => vec![text("part", part)],
    }
}

fn text(key: &'static str, value: impl ToString) -> Keyed {
    (key, Field::Text(value.to_string()))
}

fn number(key: &'static str, value: u64) -> Keyed {
    (key, Field::Number(i128::from(value)))
}

fn path(key: &'static str, value: &Path) -> Keyed {
    (key, Field::Path(value.to_owned()))
}

fn range(first: u64, end: u64) -> Vec<Keyed> {
    vec![number("first", first), number("end", end)]
}

fn span(timecodes: [&Timecode; 4]) -> Vec<Keyed> {
    let keys = ["clip_in", "clip_out", "base_in", "base_out"];
    keys.into_iter().zip(timecodes).map(|(key, timecode)| text(key, timecode)).collect()
}
