//! One line of a CMX 3600 list: an event, a speed, a heading, or a comment.
//!
//! - In: a line without blanks around it.
//! - Out: [`Line`], or the error that names the line.
//! - Holds: an event is read from the right, because reels may hold blanks and are 3 to 32 characters long: four labels,
//!   the kind of edit with its length, the channels; what is left is the reel. A line that looks like an event and
//!   cannot be read as one is refused, never passed over.
//! - Not here: which comment belongs to which event (`group`).
//!
//! References: CMX 3600 edit list format; EDLs by Avid, Resolve, Premiere, Final Cut Pro 7, Hiero and Edit 15.

use super::super::cut::Speed;
use super::super::error::ListError;
use super::super::label::Label;
use super::super::quote::shortened;

/// Bytes of a line that may be an event, at most: the longest reels have 32 letters.
const EVENT_LEN_MAX: usize = 4096;

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Event(EventLine<'a>),
    Speed(SpeedLine<'a>),
    Title(&'a str),
    /// `FCM:`, and whether it says drop frame.
    CountingMode {
        is_drop: bool,
    },
    /// Anything else, without stars before it.
    Comment(&'a str),
    Blank,
}

/// A line that is an event, or one half of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EventLine<'a> {
    pub(super) number: &'a str,
    /// May be empty, and may hold blanks.
    pub(super) reel: &'a str,
    pub(super) is_picture: bool,
    pub(super) edit: Edit,
    /// In and out.
    pub(super) source: (Label, Label),
    /// In and out.
    pub(super) record: (Label, Label),
}

/// How an event begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Cut,
    /// A mix with what was there before, over so many frames.
    Dissolve(u32),
    Wipe(u32),
    Key,
}

/// An `M2` line: the speed of the event line above it that has this reel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpeedLine<'a> {
    pub(super) reel: &'a str,
    pub(super) speed: Speed,
    pub(super) source_in: Label,
}

/// Reads one line.
pub(super) fn read(number: u32, line: &str) -> Result<Line<'_>, ListError> {
    if line.is_empty() {
        return Ok(Line::Blank);
    }
    if let Some(comment) = line.strip_prefix('*') {
        return Ok(Line::Comment(comment.trim_start_matches(['*', ' ', '\t'])));
    }
    let not_event = || ListError::EventLine { line: number, text: shortened(line) };
    if line.len() > EVENT_LEN_MAX {
        let begins_as_event = line.as_bytes()[0].is_ascii_digit() || line.starts_with("M2 ");
        return if begins_as_event { Err(not_event()) } else { Ok(Line::Comment(line)) };
    }
    let fields: Vec<&str> = line.split_whitespace().collect();
    if fields[0] == "M2" {
        let refused = || ListError::SpeedLine { line: number, text: shortened(line) };
        return speed(line, &fields).map(Line::Speed).ok_or_else(refused);
    }
    if let Some(rest) = after_key(line, "TITLE") {
        return Ok(Line::Title(rest));
    }
    if let Some(mode) = after_key(line, "FCM").and_then(|mode| mode.get(..3)) {
        // `DROP FRAME`; `NON-DROP FRAME`, `NON DROP FRAME`, `NONDROP`.
        let is_drop = mode.eq_ignore_ascii_case("DRO");
        if is_drop || mode.eq_ignore_ascii_case("NON") {
            return Ok(Line::CountingMode { is_drop });
        }
    }
    if looks_like_event(&fields) {
        return event(line, &fields).map(Line::Event).ok_or_else(not_event);
    }
    Ok(Line::Comment(line))
}

/// What follows `KEY:` at the start of a line, whatever its case.
pub(super) fn after_key<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (head, rest) = line.split_at_checked(key.len())?;
    if !head.eq_ignore_ascii_case(key) {
        return None;
    }
    rest.trim_start().strip_prefix(':').map(str::trim)
}

/// Whether a line is an event, be it one that cannot be read.
///
/// Comments may begin with a number (lines that Avid wrapped at 80 columns) and may hold a label, but not several of
/// them at their end.
fn looks_like_event(fields: &[&str]) -> bool {
    let labels = fields.iter().filter(|field| Label::has_form(field)).count();
    let last_labels = fields.iter().rev().take_while(|field| Label::has_form(field)).count();
    let is_numbered = fields[0].bytes().all(|byte| byte.is_ascii_digit());
    let begins_with_digit = |field: &&str| field.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let last_numbers = fields.iter().rev().take_while(|field| begins_with_digit(field)).count();
    last_labels >= 4 || is_numbered && (labels >= 2 || fields.len() >= 8 && last_numbers >= 4)
}

fn event<'a>(line: &'a str, fields: &[&'a str]) -> Option<EventLine<'a>> {
    let (number, fields) = fields.split_first()?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let (fields, labels) = fields.split_at_checked(fields.len().checked_sub(4)?)?;
    let label = |index: usize| Label::parse(labels.get(index)?);
    let source = (label(0)?, label(1)?);
    let record = (label(2)?, label(3)?);
    let (fields, edit) = edit(fields)?;
    let (reel_fields, is_picture) = channels(fields)?;
    let reel = match (reel_fields.first(), reel_fields.last()) {
        (Some(first), Some(last)) => between(line, first, last),
        _ => "",
    };
    is_number.then_some(EventLine { number, reel, is_picture, edit, source, record })
}

/// The text of a line from one of its fields to another.
fn between<'a>(line: &'a str, first: &'a str, last: &'a str) -> &'a str {
    let offset = |part: &str| part.as_ptr().addr() - line.as_ptr().addr();
    &line[offset(first)..offset(last) + last.len()]
}

/// The kind of edit at the end of these fields, and the fields before it.
fn edit<'f, 'a>(fields: &'f [&'a str]) -> Option<(&'f [&'a str], Edit)> {
    let (last, rest) = fields.split_last()?;
    let len = last.parse::<u32>().ok().filter(|_| last.len() <= 4);
    if let Some(len) = len.filter(|_| last.bytes().all(|byte| byte.is_ascii_digit())) {
        let (kind, before) = rest.split_last()?;
        return match kind_of(kind) {
            Some('D') => Some((before, Edit::Dissolve(len))),
            Some('W') => Some((before, Edit::Wipe(len))),
            Some('K') => Some((before, Edit::Key)),
            Some('F') => key_of_two_fields(before).map(|before| (before, Edit::Key)),
            // Avid leaves the D out.
            None if channel(kind).is_some() => Some((rest, Edit::Dissolve(len))),
            _ => None,
        };
    }
    match kind_of(last)? {
        'C' => Some((rest, Edit::Cut)),
        'K' => Some((rest, Edit::Key)),
        'F' => key_of_two_fields(rest).map(|before| (before, Edit::Key)),
        _ => None,
    }
}

/// `C`, `D`, `W` (with its pattern), `K` (with `B` or `O` behind it), or `F` for a `B` or `O` on its own.
fn kind_of(field: &str) -> Option<char> {
    match field {
        "C" | "D" => field.chars().next(),
        "K" | "KB" | "KO" => Some('K'),
        "B" | "O" | "(F)" => Some('F'),
        field => {
            let pattern = field.strip_prefix('W')?;
            pattern.bytes().all(|byte| byte.is_ascii_digit()).then_some('W')
        }
    }
}

/// The fields before a `K` that is before a `B` or `O`.
fn key_of_two_fields<'f, 'a>(fields: &'f [&'a str]) -> Option<&'f [&'a str]> {
    fields.split_last().filter(|(key, _)| **key == "K").map(|(_, before)| before)
}

/// The fields of the reel, and whether the channels after it have picture.
///
/// The channels are the last field that has picture, else the last field; what is after it are further channels.
fn channels<'f, 'a>(fields: &'f [&'a str]) -> Option<(&'f [&'a str], bool)> {
    let last = fields.len().checked_sub(1)?;
    channel(fields[last])?;
    // The first field is the reel unless it stands alone: a reel may be called V.
    let run = fields.iter().rev().take_while(|field| channel(field).is_some()).count();
    let picture = (last + 1 - run.min(last).max(1)..=last)
        .rev()
        .find(|&index| channel(fields[index]) == Some(true));
    let index = picture.unwrap_or(last);
    Some((&fields[..index], picture.is_some()))
}

/// Whether a field that names channels has picture among them; `None` if it names no channels.
fn channel(field: &str) -> Option<bool> {
    if field == "B" {
        return Some(true);
    }
    if field == "NONE" {
        return Some(false);
    }
    let is_channel = |c: char| matches!(c, 'A' | 'V' | '/' | ',' | '0'..='9');
    let begins = field.starts_with(['A', 'V']);
    (begins && field.chars().all(is_channel)).then(|| field.contains('V'))
}

fn speed<'a>(line: &'a str, fields: &[&'a str]) -> Option<SpeedLine<'a>> {
    let [_, reel @ .., speed, label] = fields else { return None };
    let reel = match (reel.first(), reel.last()) {
        (Some(first), Some(last)) => between(line, first, last),
        _ => "",
    };
    Some(SpeedLine { reel, speed: thousandths(speed)?, source_in: Label::parse(label)? })
}

/// Reads `[-]digits[.digits]`.
fn thousandths(text: &str) -> Option<Speed> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let fraction = format!("{fraction:0<3}");
    let value = whole.parse::<i64>().ok()? * 1000 + fraction[..3].parse::<i64>().ok()?;
    Some(Speed(if is_negative { -value } else { value }))
}
