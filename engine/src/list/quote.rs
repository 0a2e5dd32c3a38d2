//! How errors and notes quote a list: its lines, events, timelines and texts.
//!
//! - In: numbers and names from the list. Out: a few words each, as `Display`.
//! - Holds: a quoted text is shortened, and has no control characters.
//! - Not here: the sentences (`error`, `conform::reason`, `conform::note`).

use std::fmt;

/// An event, as people find it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventName {
    /// The list's file name.
    pub list: String,
    /// The event's number or place.
    pub label: String,
    /// Its line, counted from 1.
    pub line: Option<u32>,
}

impl EventName {
    /// The event without its list.
    pub(super) fn in_list(&self) -> String {
        format!("event {}{}", self.label, InLine(self.line))
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.in_list(), self.list)
    }
}

/// A line of a list as an error or a refusal quotes it.
pub(super) fn shortened(text: &str) -> String {
    const LETTERS_MAX: usize = 120;
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(LETTERS_MAX).collect();
    if text.chars().nth(LETTERS_MAX).is_some() {
        short.push_str("...");
    }
    short
}

/// `line 14: `, or nothing.
pub(super) struct At(pub(super) Option<u32>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(line) => write!(f, "line {line}: "),
            None => Ok(()),
        }
    }
}

/// ` (line 14)`, or nothing.
pub(super) struct InLine(pub(super) Option<u32>);

impl fmt::Display for InLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(line) => write!(f, " (line {line})"),
            None => Ok(()),
        }
    }
}

/// How many cuts are outside of a base, the first of which was named.
pub(super) struct AndOthers {
    pub(super) outside: usize,
    pub(super) count: usize,
}

impl fmt::Display for AndOthers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self { count: 1, .. } => Ok(()),
            Self { outside, count } if outside == count => {
                write!(f, ", nor is any other of its {count}")
            }
            Self { outside: 1, count } => write!(f, ", alone among its {count} events"),
            Self { outside, count } => {
                write!(f, ", nor are {} more of its {count} events", outside - 1)
            }
        }
    }
}

/// The offset that would bring all events into the base, if there is one.
pub(super) struct WithOffset<'a>(pub(super) Option<&'a str>, pub(super) usize);

impl fmt::Display for WithOffset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Some(offset), count) => {
                write!(f, "; with an offset of {offset} all {count} would be")
            }
            Self(None, _) => Ok(()),
        }
    }
}

/// The timelines of a list, against the one that was asked for.
pub(super) struct TimelinesText<'a> {
    pub(super) names: &'a [String],
    pub(super) asked: Option<&'a str>,
}

impl fmt::Display for TimelinesText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMED_MAX: usize = 8;
        let names: Vec<String> = self
            .names
            .iter()
            .take(NAMED_MAX)
            .map(|name| format!("{:?}", shortened(name)))
            .collect();
        let more = if self.names.len() > NAMED_MAX { ", ..." } else { "" };
        let names = names.join(", ");
        match (self.names.len(), self.asked) {
            (0, _) => f.write_str("it has no timeline"),
            (1, Some(asked)) => write!(f, "it has no timeline {asked:?}, only {names}"),
            (count, Some(asked)) if self.names.iter().any(|name| name == asked) => {
                write!(f, "several of its {count} timelines are called {asked:?}")
            }
            (count, Some(asked)) => {
                write!(f, "none of its {count} timelines is called {asked:?}: {names}{more}")
            }
            (count, None) => write!(f, "it has {count} timelines: {names}{more}"),
        }
    }
}
