//! Reads Final Cut Pro 7 XML (`xmeml` 4 and 5), as Final Cut Pro 7, Premiere, Resolve and Hiero write it.
//!
//! - In: a parsed document, and the name of a sequence if there are several.
//! - Out: [`CutList`] with positions in frames, one layer a video track.
//! - Holds: an item is as long as it is on the timeline, whatever its `out` and `duration` say. An end that is -1 lies at
//!   the far end of the transition beside it.
//! - Not here: what an item plays (`media`), which layer hides which (`conform`).
//!
//! References: Apple, "Final Cut Pro XML Interchange Format", "Elements Catalog", "XMEML Topics".

mod media;

use roxmltree::Node;

use super::EVENTS_MAX;
use super::cut::{
    Counting, Cut, CutList, ListFormat, Mixed, PassedKind, PassedOver, Play, Retiming, Span,
};
use super::error::{ItemFault, ListError};
use super::quote::shortened;
use super::xml::{Budget, Xml, child, elements, text};
use crate::timecode::FrameRate;
use media::{Ids, Media, Rate, is_true, retiming, whole_number};

/// Sequences in sequences in sequences, at most.
const DEPTH_MAX: usize = 32;

/// Reads a document.
///
/// - `timeline`: the name of the sequence that is wanted.
pub(super) fn read(xml: &Xml<'_>, timeline: Option<&str>) -> Result<CutList, ListError> {
    let root = xml.root();
    let ids = Ids::of(xml)?;
    let is_nested =
        |node: &Node<'_, '_>| node.ancestors().any(|outer| outer.has_tag_name("clipitem"));
    let sequences = root.descendants().filter(|node| {
        node.has_tag_name("sequence") && child(*node, "media").is_some() && !is_nested(node)
    });
    let name = |node: Node<'_, '_>| text(node, "name").unwrap_or_default().to_owned();
    let sequence = super::one_timeline(sequences.collect(), timeline, |node| name(*node))?;
    let item = |fault| ListError::Item {
        line: xml.line(sequence),
        item: format!("sequence {:?}", shortened(&name(sequence))),
        fault,
    };
    let no_rate = || item(ItemFault::Unreadable { what: "rate", text: String::new() });
    let rate = Rate::of(sequence, None).map_err(item)?.ok_or_else(no_rate)?;
    let frame_rate = rate.frame_rate().ok_or_else(no_rate)?;
    let mut list = CutList::new(ListFormat::Xmeml);
    list.title = Some(name(sequence)).filter(|name| !name.is_empty());
    list.rate = Some(frame_rate);
    let timecode = child(sequence, "timecode");
    let start = timecode.and_then(|timecode| text(timecode, "frame"));
    list.has_start = start.is_some();
    let start = start.map_or(Ok(0), |frame| whole_number(frame, "timecode")).map_err(item)?;
    let line = timecode.and_then(|timecode| xml.line(timecode));
    list.counting = match timecode.and_then(|timecode| media::counts_drop(timecode, frame_rate)) {
        Some(true) => Counting::Drop { line },
        Some(false) => Counting::NonDrop { line },
        None => Counting::Unstated,
    };
    let mut walk = Walk { xml, ids, list, rate, frame_rate, start, budget: Budget::default() };
    walk.sequence(sequence)?;
    Ok(walk.list)
}

struct Walk<'a, 'input> {
    xml: &'a Xml<'input>,
    ids: Ids<'a, 'input>,
    list: CutList,
    rate: Rate,
    frame_rate: FrameRate,
    /// Timecode of the sequence's first frame.
    start: i64,
    budget: Budget,
}

/// An item of a track: where it plays, counted from the sequence's first frame, and what is mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    first: i64,
    end: i64,
    mixed: Mixed,
}

impl<'a, 'input> Walk<'a, 'input> {
    fn sequence(&mut self, sequence: Node<'a, 'input>) -> Result<(), ListError> {
        let Some(media) = child(sequence, "media") else { return Ok(()) };
        let tracks = |kind| {
            let kind = child(media, kind);
            kind.into_iter().flat_map(elements).filter(|node| node.has_tag_name("track"))
        };
        for (index, track) in tracks("video").enumerate() {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let is_on = text(track, "enabled").is_none_or(is_true);
            self.track(track, number, is_on)?;
        }
        for item in tracks("audio").flat_map(elements).filter(is_clip) {
            self.pass("A".to_owned(), item, PassedKind::Audio);
        }
        Ok(())
    }

    fn track(
        &mut self,
        track: Node<'a, 'input>,
        number: u32,
        is_on: bool,
    ) -> Result<(), ListError> {
        let items: Vec<_> = elements(track)
            .filter(|node| {
                is_clip(node) || is_transition(node) || node.has_tag_name("generatoritem")
            })
            .collect();
        let mut item_number = 0;
        for (index, &item) in items.iter().enumerate().filter(|(_, item)| !is_transition(item)) {
            item_number += 1;
            let label = format!("V{number}-{item_number}");
            if self.list.cuts.len() + self.list.passed_over.len() >= EVENTS_MAX {
                return Err(ListError::TooMany { what: "events", max: EVENTS_MAX });
            }
            let is_item_on = text(item, "enabled").is_none_or(is_true);
            if !is_on || !is_item_on {
                self.pass(label, item, PassedKind::Disabled);
            } else if !is_clip(&item) {
                self.pass(label, item, PassedKind::Generator);
            } else {
                let before = index.checked_sub(1).map(|before| items[before]).filter(is_transition);
                let after = items.get(index + 1).copied().filter(is_transition);
                let line = self.xml.line(item);
                let of_item = |fault| ListError::Item { line, item: label.clone(), fault };
                let place = place(item, before, after).map_err(of_item)?;
                self.item(item, &label, number, place).map_err(of_item)?;
            }
        }
        Ok(())
    }

    fn pass(&mut self, label: String, item: Node<'a, 'input>, kind: PassedKind) {
        let line = self.xml.line(item);
        self.list.passed_over.push(PassedOver { label, line, kind, hides: None });
    }

    fn item(
        &mut self,
        item: Node<'a, 'input>,
        label: &str,
        layer: u32,
        place: Place,
    ) -> Result<(), ItemFault> {
        if place.first == place.end {
            self.pass(label.to_owned(), item, PassedKind::Empty);
            return Ok(());
        }
        let found = self.follow(item, place.end - place.first)?;
        let Found { clip, file, first, play } = found;
        let media = Media::of(clip, file, Rate::of(clip, Some(self.rate))?.unwrap_or(self.rate))?;
        if media.is_generated && play == Play::Plain {
            self.pass(label.to_owned(), item, PassedKind::Generator);
            return Ok(());
        }
        let source = media.start.unwrap_or(0).saturating_add(first);
        let record = (self.start.saturating_add(place.first), self.start.saturating_add(place.end));
        let other_rate = media.rate.filter(|rate| *rate != self.frame_rate);
        let timeline = self.frame_rate;
        self.list.cuts.push(Cut {
            label: label.to_owned(),
            line: self.xml.line(item),
            layer,
            record: Span::frames(record.0, record.1),
            source: Span::frames(source, source.saturating_add(place.end - place.first)),
            is_source_unsure: media.start.is_none(),
            names: media.names,
            mixed: place.mixed,
            play: match other_rate {
                Some(media) if play == Play::Plain => {
                    Play::Retimed(Retiming::Rate { media, timeline })
                }
                _ => play,
            },
        });
        Ok(())
    }

    /// The single clip that an item comes down to, through sequences in sequences.
    fn follow(&self, item: Node<'a, 'input>, count: i64) -> Result<Found<'a, 'input>, ItemFault> {
        let mut item = item;
        let mut first = self.source_in(item)?;
        let mut found = None;
        for _ in 0..DEPTH_MAX {
            found = found.or(self.retimed(item)?);
            let play = |other| found.clone().map_or(other, Play::Retimed);
            let file = match child(item, "file") {
                Some(file) => Some(self.ids.whole(file).ok_or_else(|| no_such_id(file))?),
                None => None,
            };
            let done = |play| Ok(Found { clip: item, file, first, play });
            if child(item, "multiclip").is_some() || is_subclip(item) {
                return done(Play::Nested { clips: 1 });
            }
            let Some(sequence) = child(item, "sequence") else { return done(play(Play::Plain)) };
            let sequence = self.ids.whole(sequence).ok_or_else(|| no_such_id(sequence))?;
            let rate = Rate::of(sequence, Some(self.rate))?.and_then(Rate::frame_rate);
            if let Some(media) = rate.filter(|rate| *rate != self.frame_rate) {
                let timeline = self.frame_rate;
                return done(play(Play::Retimed(Retiming::Rate { media, timeline })));
            }
            match playing(sequence, first, first.saturating_add(count), &self.budget)? {
                Playing::One { clip, clip_first } => {
                    let skipped = first.saturating_sub(clip_first);
                    item = clip;
                    first = self.source_in(item)?.saturating_add(skipped);
                }
                Playing::Several { clips } => return done(Play::Nested { clips }),
            }
        }
        Ok(Found { clip: item, file: None, first, play: Play::Nested { clips: 1 } })
    }

    /// Frames from the first one of an item's media to the first one that it plays.
    fn source_in(&self, item: Node<'a, 'input>) -> Result<i64, ItemFault> {
        text(item, "in").map_or(Ok(0), |frame| whole_number(frame, "in"))
    }

    fn retimed(&self, item: Node<'a, 'input>) -> Result<Option<Retiming>, ItemFault> {
        let rate = Rate::of(item, Some(self.rate))?.and_then(Rate::frame_rate);
        let timeline = self.frame_rate;
        let other = rate.filter(|rate| *rate != timeline);
        let other = other.map(|media| Retiming::Rate { media, timeline });
        Ok(retiming(item).or(other))
    }
}

/// What an item comes down to.
struct Found<'a, 'input> {
    clip: Node<'a, 'input>,
    file: Option<Node<'a, 'input>>,
    /// Frames from the first one of its media.
    first: i64,
    play: Play,
}

fn no_such_id(node: Node<'_, '_>) -> ItemFault {
    ItemFault::NoSuchId { id: shortened(node.attribute("id").unwrap_or_default()) }
}

fn is_clip(node: &Node<'_, '_>) -> bool {
    node.has_tag_name("clipitem")
}

fn is_transition(node: &Node<'_, '_>) -> bool {
    node.has_tag_name("transitionitem")
}

/// Whether an item's frames are counted from somewhere within its media: programs disagree from where.
fn is_subclip(item: Node<'_, '_>) -> bool {
    let offset = child(item, "subclipinfo").and_then(|info| text(info, "startoffset"));
    offset.is_some_and(|offset| offset != "0")
}

/// Where an item plays.
fn place(
    item: Node<'_, '_>,
    before: Option<Node<'_, '_>>,
    after: Option<Node<'_, '_>>,
) -> Result<Place, ItemFault> {
    let number = |node: Node<'_, '_>, what: &'static str| match text(node, what) {
        Some(text) => whole_number(text, what),
        None => Err(ItemFault::Unreadable { what, text: String::new() }),
    };
    let range = |node| Ok((number(node, "start")?, number(node, "end")?));
    let before = before.map(range).transpose()?;
    let after = after.map(range).transpose()?;
    let (mut first, mut end) = range(item)?;
    if first == -1 {
        first = before.ok_or(ItemFault::NoTransition { what: "start" })?.0;
    }
    if end == -1 {
        end = after.ok_or(ItemFault::NoTransition { what: "end" })?.1;
    }
    if end < first {
        return Err(ItemFault::Backwards { first, end });
    }
    let frames = |count: i64| u32::try_from(count).unwrap_or(0);
    let mut mixed = Mixed::default();
    if let Some((from, to)) = before {
        mixed.head = frames(to.min(end) - first);
        mixed.before = frames(first - from);
    }
    if let Some((from, to)) = after {
        mixed.tail = frames(end - from.max(first));
        mixed.after = frames(to - end);
    }
    Ok(Place { first, end, mixed })
}

/// What plays over some frames of a nested sequence.
enum Playing<'a, 'input> {
    One { clip: Node<'a, 'input>, clip_first: i64 },
    Several { clips: usize },
}

fn playing<'a, 'input>(
    sequence: Node<'a, 'input>,
    first: i64,
    end: i64,
    budget: &Budget,
) -> Result<Playing<'a, 'input>, ItemFault> {
    let video = child(sequence, "media").and_then(|media| child(media, "video"));
    let is_on = |node: &Node<'_, '_>| text(*node, "enabled").is_none_or(is_true);
    let mut clips = Vec::new();
    let mut others = 0;
    for track in video.into_iter().flat_map(elements).filter(|node| node.has_tag_name("track")) {
        budget.spend()?;
        let mut items = Vec::new();
        for item in elements(track) {
            budget.spend()?;
            items.push(item);
        }
        if !is_on(&track) {
            continue;
        }
        for (index, &item) in items.iter().enumerate().filter(|(_, item)| is_on(item)) {
            let is_item = is_clip(&item) || item.has_tag_name("generatoritem");
            if !is_item && !is_transition(&item) {
                continue;
            }
            let beside = |index: Option<usize>| {
                index.and_then(|index| items.get(index)).copied().filter(is_transition)
            };
            let place = place(item, beside(index.checked_sub(1)), beside(Some(index + 1)))?;
            if place.first >= end || place.end <= first {
                continue;
            }
            match is_clip(&item) {
                true => clips.push((item, place)),
                false => others += 1,
            }
        }
    }
    Ok(match clips[..] {
        [(clip, place)] if others == 0 && place.first <= first && place.end >= end => {
            Playing::One { clip, clip_first: place.first }
        }
        _ => Playing::Several { clips: clips.len() },
    })
}
