//! Lists, read and held to clips: small ones of our own, after what programs really write.
//!
//! `reading`, `formats`: what a file says. `matching`: which clip goes where. `outside`: lists that do not lie in the base.
//! `complaints`: what users of other tools reported. `saving`: lists of our own.

mod complaints;
mod formats;
mod matching;
mod outside;
mod reading;
mod saving;

use super::conform::{
    BaseFacts, ClipFacts, ConformOptions, Conformed, ListInput, conform as conform_lists,
};
use super::*;
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};

pub(super) const R24: (u64, u64, bool) = (24, 1, false);
pub(super) const R23_976: (u64, u64, bool) = (24_000, 1001, false);
pub(super) const R25: (u64, u64, bool) = (25, 1, false);
pub(super) const R29_97_DROP: (u64, u64, bool) = (30_000, 1001, true);
pub(super) const R29_97: (u64, u64, bool) = (30_000, 1001, false);
pub(super) const R59_94_DROP: (u64, u64, bool) = (60_000, 1001, true);

pub(super) fn format((numerator, denominator, drop_frame): (u64, u64, bool)) -> TimecodeFormat {
    let rate = FrameRate::matching(numerator, denominator).expect("it is a rate");
    TimecodeFormat { rate, drop_frame }
}

pub(super) fn timecode(text: &str, rate: (u64, u64, bool)) -> Timecode {
    Timecode::parse(text, format(rate)).expect("it is a timecode")
}

/// A base from a timecode on.
pub(super) struct Base {
    pub(super) rate: (u64, u64, bool),
    pub(super) stretches: Vec<(u64, Timecode)>,
    pub(super) frames: u64,
}

impl Base {
    pub(super) fn new(start: &str, frames: u64, rate: (u64, u64, bool)) -> Self {
        Self { rate, stretches: vec![(0, timecode(start, rate))], frames }
    }

    pub(super) fn facts(&self) -> BaseFacts<'_> {
        let format = format(self.rate);
        BaseFacts { format, rate: format.rate, stretches: &self.stretches, frames: self.frames }
    }
}

/// A clip from a timecode on.
#[derive(Clone)]
pub(super) struct Clip {
    pub(super) name: &'static str,
    pub(super) reel: Option<&'static str>,
    pub(super) stretches: Vec<(u64, Timecode)>,
    pub(super) frames: u64,
    pub(super) rank: u8,
    pub(super) handles: u64,
    pub(super) versions: Vec<conform::Version>,
}

impl Clip {
    pub(super) fn new(
        name: &'static str,
        start: &str,
        frames: u64,
        rate: (u64, u64, bool),
    ) -> Self {
        let stretches = vec![(0, timecode(start, rate))];
        Self { name, reel: None, stretches, frames, rank: 0, handles: 0, versions: Vec::new() }
    }

    pub(super) fn without_timecode(name: &'static str, frames: u64) -> Self {
        let stretches = Vec::new();
        Self { name, reel: None, stretches, frames, rank: 0, handles: 0, versions: Vec::new() }
    }

    pub(super) fn reel(self, reel: &'static str) -> Self {
        Self { reel: Some(reel), ..self }
    }

    pub(super) fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }

    pub(super) fn version(self, shot: &str, number: u64) -> Self {
        let versions = vec![conform::Version { shot: shot.to_owned(), number: vec![number] }];
        Self { versions, ..self }
    }

    fn facts(&self) -> ClipFacts<'_> {
        let Self { name, reel, stretches, frames, rank, handles, versions } = self;
        ClipFacts {
            file_name: name,
            reel: *reel,
            stretches,
            frames: *frames,
            rank: *rank,
            handles: *handles,
            versions,
        }
    }
}

/// A cut of CMX 3600, as its line.
pub(super) fn event(
    number: &str,
    reel: &str,
    source: (&str, &str),
    record: (&str, &str),
) -> String {
    format!("{number}  {reel} V     C        {} {} {} {}\n", source.0, source.1, record.0, record.1)
}

#[track_caller]
pub(super) fn read_text(text: &str) -> CutList {
    match read(text.as_bytes(), None) {
        Ok(list) => list,
        Err(error) => panic!("{error}"),
    }
}

/// The refusal of a list, with its code.
#[track_caller]
pub(super) fn refusal(bytes: impl AsRef<[u8]>) -> String {
    match read(bytes.as_ref(), None) {
        Ok(list) => panic!("{list:?}"),
        Err(error) => format!("{}: {error}", error.code()),
    }
}

/// A cut as a line: label, record, source, names.
pub(super) fn cut_text(cut: &Cut) -> String {
    let span = |span: Span| match span {
        Span::Labels { first, end } => format!("{first}-{end}"),
        Span::Frames { first, end } => format!("{first}..{end}"),
    };
    let names: Vec<&str> = cut.names.iter().map(|name| name.text.as_str()).collect();
    format!("{} {} {} [{}]", cut.label, span(cut.record), span(cut.source), names.join(", "))
}

pub(super) fn cut_texts(list: &CutList) -> Vec<String> {
    list.cuts.iter().map(cut_text).collect()
}

pub(super) fn try_conform(
    lists: &[&CutList],
    base: &Base,
    clips: &[Clip],
    options: &ConformOptions<'_>,
) -> Result<Conformed, Vec<(usize, ListError)>> {
    const NAMES: [&str; 3] = ["cut.edl", "v2.edl", "v3.edl"];
    let lists: Vec<ListInput<'_>> =
        lists.iter().zip(NAMES).map(|(list, name)| ListInput { name, list }).collect();
    let facts: Vec<ClipFacts<'_>> = clips.iter().map(Clip::facts).collect();
    conform_lists(&lists, &base.facts(), &facts, options)
}

/// Everything that conforming says, as lines: placements in record order, then refusals, what is left out, notes.
#[track_caller]
pub(super) fn conform_with(
    lists: &[&CutList],
    base: &Base,
    clips: &[Clip],
    options: &ConformOptions<'_>,
) -> Vec<String> {
    let conformed = match try_conform(lists, base, clips, options) {
        Ok(conformed) => conformed,
        Err(errors) => {
            let text = |(_, error): &(usize, ListError)| format!("{}: {error}", error.code());
            return errors.iter().map(text).collect();
        }
    };
    let name = |clip: usize| clips[clip].name;
    let mut lines = Vec::new();
    for placed in &conformed.placements {
        let conform::Placement { record_in, frames, source_in, .. } = placed;
        lines.push(format!(
            "{} {record_in}+{frames} from {source_in} {:?} {:?} {}/{}",
            name(placed.clip),
            placed.confidence,
            placed.by,
            placed.head,
            placed.tail
        ));
    }
    for (clip, reason) in &conformed.refusals {
        lines.push(format!("{} {}: {reason}", name(*clip), reason.code()));
    }
    for (clip, left_out) in &conformed.left_out {
        lines.push(format!("{} {}: {left_out}", name(*clip), left_out.code()));
    }
    for note in &conformed.notes {
        let clip = note.clip().map(|clip| format!("{}: ", name(clip))).unwrap_or_default();
        lines.push(format!("note: {clip}{note}"));
    }
    lines
}

#[track_caller]
pub(super) fn conform(list: &CutList, base: &Base, clips: &[Clip]) -> Vec<String> {
    conform_with(&[list], base, clips, &ConformOptions::default())
}
