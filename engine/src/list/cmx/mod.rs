//! Reads CMX 3600 lists and their relatives: `file_16`, `file_32`, `file_129`, as Avid, Resolve, Premiere, Final Cut Pro 7,
//! Hiero and Nucoda write them.
//!
//! - In: the text of a list. Out: [`CutList`] with positions as labels.
//! - Holds: nothing depends on the order of events or on their numbers; every line is an event, a comment, or refused.
//! - Not here: how labels count (`conform`, from the base and the clips).
//!
//! A list's header may say `FCM: DROP FRAME`. A change of it further down is about sources: record timecode runs on as
//! the header says. Where the header has both, the separators tell (EDL-X).

mod comment;
mod group;
mod line;

use std::collections::HashMap;

pub(super) use comment::PLACED;

use super::EVENTS_MAX;
use super::cut::{Counting, CutList, ListFormat, Span};
use super::error::ListError;
use super::error::OtherKind;
use super::label::Label;
use super::text::lines;
use group::{Group, Tail};
use line::Line;

/// Lines of a list, at most.
const LINES_MAX: u32 = 2_000_000;

/// Reads a list.
pub(super) fn read(text: &str) -> Result<CutList, ListError> {
    let mut list = CutList::new(ListFormat::Cmx3600);
    let mut group = Group::default();
    let mut tails = Vec::new();
    let mut header = Header::default();
    for (number, line) in lines(text) {
        if number > LINES_MAX {
            return Err(ListError::TooMany { what: "lines", max: LINES_MAX as usize });
        }
        match line::read(number, line)? {
            Line::Event(event) => {
                header.is_over = true;
                header.says_drop |= event.is_picture && event.record.0.says_drop();
                if !group.takes(&event) {
                    std::mem::take(&mut group).end(&mut list, &mut tails);
                }
                group.add(number, event);
                if list.cuts.len() + list.passed_over.len() > EVENTS_MAX {
                    return Err(ListError::TooMany { what: "events", max: EVENTS_MAX });
                }
            }
            Line::Speed(_) if group.is_empty() => {
                let text = super::quote::shortened(line);
                return Err(ListError::SpeedLine { line: number, text });
            }
            Line::Speed(speed) => group.add_speed(&speed),
            Line::Title(title) if list.title.is_none() && !title.is_empty() => {
                list.title = Some(title.to_owned());
            }
            Line::CountingMode { is_drop } => header.add(number, is_drop),
            Line::Comment(text) => group.add_comment(comment::read(text)),
            Line::Title(_) | Line::Blank => {}
        }
    }
    group.end(&mut list, &mut tails);
    if !header.is_over {
        return Err(ListError::Kind { kind: OtherKind::Text });
    }
    list.counting = header.counting();
    add_tails(&mut list, &tails);
    Ok(list)
}

/// What the lines before the first event say of how record timecode counts.
#[derive(Debug, Default)]
struct Header {
    is_over: bool,
    drop: Option<u32>,
    non_drop: Option<u32>,
    /// Whether the separators of a record label say drop frame.
    says_drop: bool,
}

impl Header {
    fn add(&mut self, line: u32, is_drop: bool) {
        if !self.is_over {
            let place = if is_drop { &mut self.drop } else { &mut self.non_drop };
            place.get_or_insert(line);
        }
    }

    fn counting(&self) -> Counting {
        match (self.drop, self.non_drop) {
            (Some(line), None) => Counting::Drop { line: Some(line) },
            (None, Some(line)) => Counting::NonDrop { line: Some(line) },
            (None, None) if !self.says_drop => Counting::Unstated,
            _ if self.says_drop => Counting::Drop { line: None },
            _ => Counting::NonDrop { line: None },
        }
    }
}

/// Tells the cuts that end where a mix begins how long their media runs on.
fn add_tails(list: &mut CutList, tails: &[Tail]) {
    let key = |reel: &str, record: Label| (reel.to_owned(), record.to_string());
    let by_end: HashMap<_, _> =
        tails.iter().map(|tail| (key(&tail.reel, tail.record), tail)).collect();
    if by_end.is_empty() {
        return;
    }
    for cut in &mut list.cuts {
        let (Span::Labels { end: record, .. }, Span::Labels { end: source, .. }) =
            (cut.record, cut.source)
        else {
            continue;
        };
        let reel = cut.names.first().map(|name| name.text.as_str()).unwrap_or_default();
        if let Some(tail) = by_end.get(&key(reel, record)).filter(|tail| tail.source == source) {
            cut.mixed.after = tail.frames;
            cut.mixed.is_wipe |= tail.is_wipe;
        }
    }
}
