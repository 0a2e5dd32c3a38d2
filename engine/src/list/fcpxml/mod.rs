//! Reads FCPXML 1.8 to 1.14, as Final Cut Pro and Resolve write it.
//!
//! - In: a parsed document, and the name of a project if there are several.
//! - Out: [`CutList`] with positions in frames; lanes are layers.
//! - Holds: times are exact rationals; those of picture items must be whole frames of the timeline.
//! - Not here: compound clips (`follow`), which layer hides which (`conform`).
//!
//! Reference: Apple, "FCPXML Reference".

mod follow;
mod resources;
mod time;

use roxmltree::Node;

use super::EVENTS_MAX;
use super::cut::{
    Counting, Cut, CutList, ListFormat, ListName, Mixed, NameKind, PassedKind, PassedOver, Play,
    Retiming, Span,
};
use super::error::{ItemFault, ListError};
use super::quote::shortened;
use super::xml::{Xml, child, elements};
use crate::timecode::FrameRate;
use follow::{Inner, chosen, is_media, local_start};
use resources::{Resources, names, rate, time, too_large};
use time::Seconds;

/// Reads a document.
///
/// - `timeline`: the name of the project that is wanted.
pub(super) fn read(xml: &Xml<'_>, timeline: Option<&str>) -> Result<CutList, ListError> {
    let root = xml.root();
    let resources = Resources::of(xml)?;
    let projects = root.descendants().filter(|node| node.has_tag_name("project"));
    let sequences: Vec<_> = projects.filter_map(|node| child(node, "sequence")).collect();
    let name = |sequence: &Node<'_, '_>| {
        let project = sequence.parent_element().and_then(|project| project.attribute("name"));
        project.unwrap_or_default().to_owned()
    };
    let sequence = super::one_timeline(sequences, timeline, name)?;
    let line = xml.line(sequence);
    let item = |fault| {
        let name = name(&sequence);
        ListError::Item { line, item: format!("project {:?}", shortened(&name)), fault }
    };
    let no_rate = || item(ItemFault::Unreadable { what: "rate", text: String::new() });
    let frame = resources.frame(sequence).ok_or_else(no_rate)?;
    let mut list = CutList::new(ListFormat::Fcpxml);
    list.title = Some(name(&sequence)).filter(|name| !name.is_empty());
    list.rate = Some(rate(frame).ok_or_else(no_rate)?);
    list.counting = match sequence.attribute("tcFormat") {
        Some("DF") => Counting::Drop { line },
        Some("NDF") => Counting::NonDrop { line },
        _ => Counting::Unstated,
    };
    let start = time(sequence, "tcStart").map_err(item)?;
    list.has_start = start.is_some();
    let timeline = list.rate.ok_or_else(no_rate)?;
    let mut walk =
        Walk { xml, resources, list, frame, timeline, spines: Vec::new(), layers: Vec::new() };
    if let Some(spine) = child(sequence, "spine") {
        walk.spines.push(Spine { node: spine, origin: Seconds::ZERO, layer: vec![0] });
    }
    while let Some(spine) = walk.spines.pop() {
        walk.spine(&spine)?;
    }
    walk.number_layers();
    Ok(walk.list)
}

/// A storyline: its children's offsets count from `origin`.
struct Spine<'a, 'input> {
    node: Node<'a, 'input>,
    origin: Seconds,
    /// The lanes that lead to it.
    layer: Vec<i32>,
}

struct Walk<'a, 'input> {
    xml: &'a Xml<'input>,
    resources: Resources<'a, 'input>,
    list: CutList,
    /// How long a frame of the timeline is.
    frame: Seconds,
    timeline: FrameRate,
    /// Storylines that are still to be walked.
    spines: Vec<Spine<'a, 'input>>,
    /// The lanes that lead to each cut.
    layers: Vec<Vec<i32>>,
}

/// Where an item is on the timeline.
#[derive(Debug, Clone, Copy)]
struct Place {
    first: Seconds,
    end: Seconds,
    /// Transitions that reach into it: before and after.
    transitions: [Option<(Seconds, Seconds)>; 2],
}

impl<'a, 'input> Walk<'a, 'input> {
    fn spine(&mut self, spine: &Spine<'a, 'input>) -> Result<(), ListError> {
        let items: Vec<_> = elements(spine.node).map(chosen).collect();
        let mut next = spine.origin;
        for (index, &item) in items.iter().enumerate() {
            let is_item = is_media(item)
                || ["gap", "title", "audio"].iter().any(|name| item.has_tag_name(*name));
            if !is_item {
                continue;
            }
            let line = self.xml.line(item);
            let of_item = |fault| ListError::Item { line, item: called(item), fault };
            let (first, end) = range(item, spine.origin, next).map_err(of_item)?;
            next = end;
            let beside = |index: Option<usize>| {
                let item = index.and_then(|index| items.get(index).copied());
                let transition = item.filter(|item| item.has_tag_name("transition"));
                transition.map(|item| range(item, spine.origin, next)).transpose()
            };
            let before = beside(index.checked_sub(1)).map_err(of_item)?;
            let after = beside(Some(index + 1)).map_err(of_item)?;
            let place = Place { first, end, transitions: [before, after] };
            self.item(item, place, &spine.layer)?;
            if item.has_children() {
                self.anchored(item, first, &spine.layer)?;
            }
        }
        Ok(())
    }

    /// What is connected to an item: clips in lanes above and below it, storylines of their own.
    fn anchored(
        &mut self,
        parent: Node<'a, 'input>,
        record: Seconds,
        layer: &[i32],
    ) -> Result<(), ListError> {
        const LANES_DEEP_MAX: usize = 16;
        let mut parents = vec![(parent, record, layer.to_vec())];
        while let Some((parent, record, layer)) = parents.pop() {
            let is_gap_or_media =
                parent.has_tag_name("gap") || parent.has_tag_name("title") || is_media(parent);
            if !is_gap_or_media || layer.len() > LANES_DEEP_MAX {
                continue;
            }
            for item in elements(parent) {
                let Some(lane) = item.attribute("lane") else { continue };
                let item = chosen(item);
                let line = self.xml.line(item);
                let of_item = |fault| ListError::Item { line, item: called(item), fault };
                let unreadable = || ItemFault::Unreadable { what: "lane", text: shortened(lane) };
                let lane: i32 = lane.parse().map_err(|_| of_item(unreadable()))?;
                let start = local_start(&self.resources, parent).map_err(of_item)?;
                let origin = record.minus(start).ok_or_else(too_large).map_err(of_item)?;
                let mut layer = layer.clone();
                layer.push(lane);
                if item.has_tag_name("spine") {
                    let offset = time(item, "offset").map_err(of_item)?.unwrap_or(Seconds::ZERO);
                    let origin = origin.plus(offset).ok_or_else(too_large).map_err(of_item)?;
                    self.spines.push(Spine { node: item, origin, layer });
                } else if is_media(item) {
                    let (first, end) = range(item, origin, origin).map_err(of_item)?;
                    self.item(item, Place { first, end, transitions: [None; 2] }, &layer)?;
                    parents.push((item, first, layer));
                } else if item.has_tag_name("title") {
                    self.pass(item, PassedKind::Generator);
                } else if item.has_tag_name("audio") {
                    self.pass(item, PassedKind::Audio);
                }
            }
        }
        Ok(())
    }

    fn pass(&mut self, item: Node<'a, 'input>, kind: PassedKind) {
        let (label, line) = (self.label(), self.xml.line(item));
        self.list.passed_over.push(PassedOver { label, line, kind, hides: None });
    }

    /// What the next item is called: its number in the order in which they are read.
    fn label(&self) -> String {
        (self.list.cuts.len() + self.list.passed_over.len() + 1).to_string()
    }

    fn item(
        &mut self,
        item: Node<'a, 'input>,
        place: Place,
        layer: &[i32],
    ) -> Result<(), ListError> {
        if self.list.cuts.len() + self.list.passed_over.len() >= EVENTS_MAX {
            return Err(ListError::TooMany { what: "events", max: EVENTS_MAX });
        }
        if item.has_tag_name("gap") {
            return Ok(());
        }
        let line = self.xml.line(item);
        let of_item = |fault| ListError::Item { line, item: called(item), fault };
        if item.attribute("enabled") == Some("0") {
            self.pass(item, PassedKind::Disabled);
            return Ok(());
        }
        let start = local_start(&self.resources, item).map_err(of_item)?;
        let duration = place.end.minus(place.first).ok_or_else(too_large).map_err(of_item)?;
        let inner = follow::inner(&self.resources, item, start, duration, self.timeline);
        match inner.map_err(of_item)? {
            Inner::Sound => self.pass(item, PassedKind::Audio),
            Inner::Generator => self.pass(item, PassedKind::Generator),
            Inner::Several { clips } => {
                let mut cut = self.cut(item, place).map_err(of_item)?;
                let name = item.attribute("name").unwrap_or_default().to_owned();
                cut.names.push(ListName { kind: NameKind::Clip, text: name });
                cut.play = Play::Nested { clips };
                self.push(cut, layer);
            }
            Inner::Asset { item: inner, asset, first, retiming } => {
                let mut cut = self.cut(item, place).map_err(of_item)?;
                cut.names = names(inner, asset);
                self.source(&mut cut, asset, first);
                if let Some(retiming) = retiming {
                    cut.play = Play::Retimed(retiming);
                }
                self.push(cut, layer);
            }
        }
        Ok(())
    }

    fn push(&mut self, cut: Cut, layer: &[i32]) {
        if cut.record.is_empty() {
            let (label, line) = (cut.label, cut.line);
            let kind = PassedKind::Empty;
            self.list.passed_over.push(PassedOver { label, line, kind, hides: None });
            return;
        }
        self.layers.push(layer.to_vec());
        self.list.cuts.push(cut);
    }

    /// A cut of which only the record side is known.
    fn cut(&self, item: Node<'a, 'input>, place: Place) -> Result<Cut, ItemFault> {
        let frames =
            |time: Seconds, what| time.frames(self.frame).ok_or(ItemFault::BetweenFrames { what });
        let (first, end) = (frames(place.first, "offset")?, frames(place.end, "duration")?);
        if end < first {
            return Err(ItemFault::Backwards { first, end });
        }
        let mut mixed = Mixed::default();
        let count = |frames: i64| u32::try_from(frames).unwrap_or(0);
        let [before, after] = place.transitions;
        if let Some((from, to)) = before {
            let (from, to) = (frames(from, "transition")?, frames(to, "transition")?);
            mixed.head = count(to.min(end) - first);
            mixed.before = count(first - from);
        }
        if let Some((from, to)) = after {
            let (from, to) = (frames(from, "transition")?, frames(to, "transition")?);
            mixed.tail = count(end - from.max(first));
            mixed.after = count(to - end);
        }
        Ok(Cut {
            label: self.label(),
            line: self.xml.line(item),
            layer: 0,
            record: Span::frames(first, end),
            source: Span::frames(0, end - first),
            is_source_unsure: true,
            names: Vec::new(),
            mixed,
            play: Play::Plain,
        })
    }

    /// The frames of its asset that a cut plays.
    fn source(&self, cut: &mut Cut, asset: Node<'a, 'input>, first: Seconds) {
        let Span::Frames { first: record, end } = cut.record else { return };
        let frame = self.resources.frame(asset).unwrap_or(self.frame);
        if frame != self.frame
            && let Some(media) = rate(frame).filter(|media| *media != self.timeline)
        {
            let timeline = self.timeline;
            cut.play = Play::Retimed(Retiming::Rate { media, timeline });
        }
        match first.frames(frame) {
            Some(first) => {
                cut.source = Span::frames(first, first.saturating_add(end - record));
                cut.is_source_unsure = false;
            }
            None if cut.play == Play::Plain => cut.play = Play::Retimed(Retiming::BetweenFrames),
            None => {}
        }
    }

    /// Turns the lanes that lead to each cut into layers.
    fn number_layers(&mut self) {
        // A parent lies at lane 0 among what is connected to it.
        let deepest = self.layers.iter().map(Vec::len).max().unwrap_or(0);
        for layer in &mut self.layers {
            layer.resize(deepest, 0);
        }
        let mut order = self.layers.clone();
        order.sort_unstable();
        order.dedup();
        for (cut, layer) in self.list.cuts.iter_mut().zip(&self.layers) {
            let index = order.partition_point(|other| other < layer);
            cut.layer = u32::try_from(index).unwrap_or(u32::MAX);
        }
    }
}

/// What an item is called in an error.
fn called(item: Node<'_, '_>) -> String {
    let name = item.attribute("name").unwrap_or_default();
    format!("<{}> {:?}", item.tag_name().name(), shortened(name))
}

/// Where an item begins and ends, `next` being where it begins if it does not say.
fn range(
    item: Node<'_, '_>,
    origin: Seconds,
    next: Seconds,
) -> Result<(Seconds, Seconds), ItemFault> {
    let first = match time(item, "offset")? {
        Some(offset) => origin.plus(offset).ok_or_else(too_large)?,
        None => next,
    };
    let duration = match (time(item, "duration")?, item.tag_name().name()) {
        (Some(duration), _) => duration,
        (None, _) => {
            return Err(ItemFault::Unreadable { what: "duration", text: String::new() });
        }
    };
    Ok((first, first.plus(duration).ok_or_else(too_large)?))
}
