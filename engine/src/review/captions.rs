//! What is written on the pictures of a review.
//!
//! - In: what should be, and a frame's label, number and clip.
//! - Out: lines of text; the lines of a card.
//! - Holds: labels are the movie's own, by `timecode`; what a viewer might misjudge is written whatever was asked for.
//! - Not here: letters (`canvas`).

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use super::replaced::Replaced;
use super::timeline::{Stretch, Timeline};
use crate::timecode::Timecode;
use crate::units::EventIndex;

/// Lines of the picture for a dot of a letter: a letter of seven dots is a 34th of the height.
const LINES_PER_DOT: usize = 240;

/// Events that a card names.
const NAMED_MAX: usize = 8;

/// Something that is written on every picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The label of the frame.
    Timecode,
    /// The clip that the frame comes from.
    Clip,
    /// The number of the frame, counted from 0.
    Frame,
    /// A text.
    Text(String),
}

/// What is written on every picture, from left to right; nothing if it is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BurnIn(pub Vec<Item>);

impl Default for BurnIn {
    fn default() -> Self {
        Self(vec![Item::Timecode, Item::Clip])
    }
}

/// `timecode,clip,frame,text=...`: a text reaches to the end. `none` for nothing.
impl FromStr for BurnIn {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let (mut items, mut rest) = (Vec::new(), Some(text));
        while let Some(text) = rest {
            if let Some(text) = text.strip_prefix("text=") {
                items.push(Item::Text(text.to_owned()));
                break;
            }
            let (word, behind) = match text.split_once(',') {
                Some((word, behind)) => (word, Some(behind)),
                None => (text, None),
            };
            items.push(match word {
                "timecode" => Item::Timecode,
                "clip" => Item::Clip,
                "frame" => Item::Frame,
                _ => {
                    return Err(
                        "write timecode, clip, frame or text=..., with commas between, or none",
                    );
                }
            });
            rest = behind;
        }
        Ok(Self(items))
    }
}

/// Pixels of a dot of a letter.
pub(super) fn dot([_, height]: [usize; 2]) -> usize {
    (height / LINES_PER_DOT).max(1)
}

/// What is known of a frame.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) frame: u64,
    pub(super) timecode: Option<Timecode>,
    /// The clip that it comes from; `None` for a frame of the base, or if nobody knows.
    pub(super) clip: Option<&'a str>,
    /// Whether it is known to be the base's.
    pub(super) is_of_base: bool,
}

impl BurnIn {
    /// Writes the line of a frame.
    pub(super) fn line(&self, shown: &Shown<'_>, line: &mut String) {
        line.clear();
        for item in &self.0 {
            if !line.is_empty() {
                line.push_str("  ");
            }
            // Writing to a string does not fail.
            let _written = match (item, shown.timecode) {
                (Item::Timecode, Some(timecode)) => write!(line, "{timecode}"),
                (Item::Timecode, None) => write!(line, "--:--:--:--"),
                (Item::Frame, _) => write!(line, "#{}", shown.frame),
                (Item::Text(text), _) => write!(line, "{text}"),
                (Item::Clip, _) => match shown.clip {
                    Some(clip) => write!(line, "{clip}"),
                    None if shown.is_of_base => write!(line, "(base)"),
                    None => Ok(()),
                },
            };
        }
    }
}

/// The name of a file, for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What stands for the name of a clip that is not known any more.
const UNKNOWN: &str = "(changed since)";

/// The lines of the card before a stretch.
pub(super) fn card(timeline: &Timeline, nth: usize, replaced: &Replaced) -> Vec<String> {
    let Stretch { cuts, .. } = &timeline.stretches[nth];
    let events = events_of(timeline, cuts.clone());
    let mut lines = vec![format!("{} / {}", nth + 1, timeline.stretches.len())];
    for &index in events.iter().take(NAMED_MAX) {
        let name = replaced.name_of(index).map(OsStr::to_string_lossy);
        lines.push(name.map_or(UNKNOWN.to_owned(), Cow::into_owned));
        lines.push(place(replaced, index));
    }
    if events.len() > NAMED_MAX {
        lines.push(format!("and {} more", events.len() - NAMED_MAX));
    }
    lines
}

/// The events of some cuts, each once.
fn events_of(timeline: &Timeline, cuts: Range<usize>) -> Vec<EventIndex> {
    let mut events = Vec::new();
    for cut in &timeline.cuts[cuts] {
        if !events.contains(&cut.event) {
            events.push(cut.event);
        }
    }
    events
}

/// Where an event is.
fn place(replaced: &Replaced, event: EventIndex) -> String {
    let frames = match replaced.frames_of(event) {
        1 => "1 frame".to_owned(),
        frames => format!("{frames} frames"),
    };
    let [first, after] = &replaced.events[event.get()].timecodes;
    format!("{first} - {after}  {frames}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timecode::{FrameRate, TimecodeFormat};

    #[test]
    fn burn_in_is_read_as_it_is_typed_and_a_text_reaches_to_the_end() {
        let read = |text: &str| text.parse::<BurnIn>().map(|burn_in| burn_in.0);
        assert_eq!(read("none"), Ok(Vec::new()));
        assert_eq!(read("frame"), Ok(vec![Item::Frame]));
        let text = Item::Text("for Anna, not final".to_owned());
        assert_eq!(
            read("timecode,clip,text=for Anna, not final"),
            Ok(vec![Item::Timecode, Item::Clip, text])
        );
        for wrong in ["", "name", "timecode,", "timecode;clip"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn line_of_a_frame_has_its_own_label_and_says_whose_it_is() {
        let rate = FrameRate::matching(30_000, 1001).unwrap();
        let format = TimecodeFormat { rate, drop_frame: true };
        let timecode = Some(Timecode::parse("00:01:00;02", format).unwrap());
        let all: BurnIn = "timecode,clip,frame,text=draft".parse().unwrap();
        let mut line = "old".to_owned();
        let mut shown =
            Shown { frame: 1800, timecode, clip: Some("S03_v4.mov"), is_of_base: false };
        all.line(&shown, &mut line);
        assert_eq!(line, "00:01:00;02  S03_v4.mov  #1800  draft");
        (shown.clip, shown.timecode, shown.is_of_base) = (None, None, true);
        all.line(&shown, &mut line);
        assert_eq!(line, "--:--:--:--  (base)  #1800  draft");
    }
}
