//! What an item of a Final Cut Pro 7 timeline plays: its media's names, rate and start, and whether it is retimed.
//!
//! - In: a `clipitem`.
//! - Out: [`Media`]; [`retiming`]; rates with what they inherit.
//! - Holds: an element that is given once and referred to by its `id` is found again; a `rate` without `ntsc` or
//!   `timebase` takes it from the element around it; a file's timecode is read at its own rate.
//! - Not here: where the item is (`walk`).

use std::collections::HashMap;

use roxmltree::Node;

use super::super::cut::{ListName, NameKind, Retiming};
use super::super::error::{ItemFault, ListError};
use super::super::label::Label;
use super::super::spelling::file_name_of_url;
use super::super::xml::{Xml, child, elements, text};
use crate::timecode::{FrameRate, TimecodeFormat};

/// Elements that are given once and referred to later.
#[derive(Default)]
pub(super) struct Ids<'a, 'input> {
    by_id: HashMap<(&'a str, &'a str), Node<'a, 'input>>,
}

impl<'a, 'input> Ids<'a, 'input> {
    pub(super) fn of(xml: &'a Xml<'input>) -> Result<Self, ListError> {
        let root = xml.root();
        let mut by_id = HashMap::new();
        let can_be_referred_to = ["file", "sequence", "clip"];
        for node in root.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            if let Some(id) = node.attribute("id").filter(|_| can_be_referred_to.contains(&name))
                && elements(node).next().is_some()
            {
                xml.check_shared(node)?;
                by_id.entry((name, id)).or_insert(node);
            }
        }
        Ok(Self { by_id })
    }

    /// The element itself, or the one that it refers to.
    pub(super) fn whole(&self, node: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
        if elements(node).next().is_some() {
            return Some(node);
        }
        self.by_id.get(&(node.tag_name().name(), node.attribute("id")?)).copied()
    }
}

/// A `rate` as its element states it: what is missing is inherited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) timebase: u64,
    pub(super) is_ntsc: bool,
}

impl Rate {
    /// The rate of an element within one that has the rate `outer`.
    pub(super) fn of(node: Node<'_, '_>, outer: Option<Rate>) -> Result<Option<Self>, ItemFault> {
        let Some(rate) = child(node, "rate") else { return Ok(outer) };
        let timebase = match (text(rate, "timebase"), outer) {
            (Some(text), _) => whole_number(text, "timebase")?,
            (None, Some(outer)) => i64::try_from(outer.timebase).unwrap_or(0),
            (None, None) => return Ok(None),
        };
        let is_ntsc = match text(rate, "ntsc") {
            Some(text) => is_true(text),
            None => outer.is_some_and(|outer| outer.is_ntsc),
        };
        let timebase = u64::try_from(timebase).unwrap_or(0);
        Ok(Some(Self { timebase, is_ntsc }))
    }

    pub(super) fn frame_rate(self) -> Option<FrameRate> {
        let (numerator, denominator) = if self.is_ntsc { (1000, 1001) } else { (1, 1) };
        FrameRate::matching(self.timebase.checked_mul(numerator)?, denominator)
    }
}

pub(super) fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("TRUE")
}

/// Reads a number of frames: `12`, `-1`, `12.0`.
pub(super) fn whole_number(text: &str, what: &'static str) -> Result<i64, ItemFault> {
    let unreadable = || ItemFault::Unreadable { what, text: super::super::quote::shortened(text) };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_number = |text: &str| text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || !is_number(digits) || !is_number(fraction) {
        return Err(unreadable());
    }
    if fraction.bytes().any(|byte| byte != b'0') {
        return Err(ItemFault::BetweenFrames { what });
    }
    whole.parse().map_err(|_| unreadable())
}

/// What a clip item plays.
pub(super) struct Media {
    pub(super) names: Vec<ListName>,
    /// Rate of the media; `None` where the list does not say.
    pub(super) rate: Option<FrameRate>,
    /// Its first frame's timecode in frames of the media; `None` where the list does not say.
    pub(super) start: Option<i64>,
    /// Whether the editing program makes it: a title, a slug.
    pub(super) is_generated: bool,
}

impl Media {
    /// The media of a `clipitem`.
    ///
    /// - `outer`: the rate of the item.
    pub(super) fn of<'a>(
        item: Node<'a, '_>,
        file: Option<Node<'a, '_>>,
        outer: Rate,
    ) -> Result<Self, ItemFault> {
        let mut names = Vec::new();
        let mut add = |kind, text: Option<String>| {
            names.extend(text.filter(|text| !text.is_empty()).map(|text| ListName { kind, text }));
        };
        add(NameKind::Clip, text(item, "name").map(str::to_owned));
        let Some(file) = file else {
            return Ok(Self { names, rate: None, start: None, is_generated: false });
        };
        add(NameKind::File, text(file, "name").map(str::to_owned));
        add(NameKind::File, text(file, "pathurl").map(file_name_of_url));
        let timecode = child(file, "timecode");
        let reel = timecode.and_then(|timecode| text(child(timecode, "reel")?, "name"));
        add(NameKind::Reel, reel.map(str::to_owned));
        let own = Rate::of(file, Some(outer))?;
        let rate = child(file, "rate").and(own).and_then(Rate::frame_rate);
        let start = match timecode {
            Some(timecode) => start(timecode, own.unwrap_or(outer))?,
            None => None,
        };
        let is_generated = child(file, "mediaSource").is_some() && text(file, "pathurl").is_none();
        Ok(Self { names, rate, start, is_generated })
    }
}

/// The start that a `timecode` states, in frames of what it is in, whose rate is `outer`.
fn start(timecode: Node<'_, '_>, outer: Rate) -> Result<Option<i64>, ItemFault> {
    let own = Rate::of(timecode, Some(outer))?.unwrap_or(outer);
    let frame = match text(timecode, "frame") {
        Some(frame) => Some(whole_number(frame, "timecode")?),
        None => text(timecode, "string").and_then(|label| {
            let label = Label::parse(label)?;
            let drop_frame = states_drop(timecode).unwrap_or(label.says_drop());
            label.frame(TimecodeFormat { rate: own.frame_rate()?, drop_frame }).ok()
        }),
    };
    // Timecode of 60 frames a second is often counted in pairs, as 30.
    let factor = outer.timebase.checked_div(own.timebase).unwrap_or(0);
    let is_multiple = factor.checked_mul(own.timebase) == Some(outer.timebase) && factor > 0;
    let factor = i64::try_from(factor).ok().filter(|_| is_multiple);
    Ok(frame.zip(factor).and_then(|(frame, factor)| frame.checked_mul(factor)))
}

/// What a `timecode` says of drop frame.
fn states_drop(timecode: Node<'_, '_>) -> Option<bool> {
    match text(timecode, "displayformat")? {
        format if format.eq_ignore_ascii_case("DF") => Some(true),
        format if format.eq_ignore_ascii_case("NDF") => Some(false),
        _ => None,
    }
}

/// Whether a sequence's `timecode` drops numbers, as far as its label and its frame prove it: what it calls itself is not
/// reliable (Apple, "XMEML Topics").
pub(super) fn counts_drop(timecode: Node<'_, '_>, rate: FrameRate) -> Option<bool> {
    let label = Label::parse(text(timecode, "string")?)?;
    let frame = whole_number(text(timecode, "frame")?, "timecode").ok()?;
    let is_at = |drop_frame| label.frame(TimecodeFormat { rate, drop_frame }) == Ok(frame);
    match (is_at(true), is_at(false)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// The filter of an item that changes which frame plays when.
pub(super) fn retiming(item: Node<'_, '_>) -> Option<Retiming> {
    if text(item, "stillframe").is_some_and(is_true) {
        return Some(Retiming::Still);
    }
    let filters = elements(item).filter(|node| node.has_tag_name("filter"));
    for filter in filters.filter(|filter| text(*filter, "enabled").is_none_or(is_true)) {
        let Some(effect) = child(filter, "effect") else { continue };
        if !text(effect, "effectid").is_some_and(|id| id.eq_ignore_ascii_case("timeremap")) {
            continue;
        }
        let parameters = elements(effect).filter(|node| node.has_tag_name("parameter"));
        let changes = |parameter: Node<'_, '_>| {
            let value = text(parameter, "value");
            match text(parameter, "parameterid") {
                Some("speed") => value.is_none_or(|speed| whole_number(speed, "speed") != Ok(100)),
                Some("reverse") => value.is_some_and(is_true),
                Some("variablespeed") => {
                    value.is_some_and(|on| on != "0" && !on.eq_ignore_ascii_case("FALSE"))
                }
                _ => false,
            }
        };
        if parameters.into_iter().any(changes) {
            let name = text(effect, "name").unwrap_or("timeremap").to_owned();
            return Some(Retiming::Effect { name });
        }
    }
    None
}
