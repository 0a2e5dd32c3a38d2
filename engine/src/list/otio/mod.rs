//! Reads OpenTimelineIO files (`.otio`), as Resolve, Hiero, Premiere, AYON and OpenTimelineIO's own adapters write them.
//!
//! - In: the text of a file, and the name of a timeline if there are several.
//! - Out: [`CutList`] with positions in frames, one layer a picture track.
//! - Holds: schemas of any version are read, and those that are not needed are skipped; an item of an unknown kind in a
//!   track is refused, because nobody knows how long it is.
//! - Not here: which layer hides which (`conform`).
//!
//! References: OpenTimelineIO, "Timeline Structure", "Time Ranges", "Transitions".

mod model;
mod nested;
mod time;

use super::EVENTS_MAX;
use super::cut::{
    Cut, CutList, ListFormat, ListName, Mixed, NameKind, PassedKind, PassedOver, Play, Retiming,
    Span,
};
use super::error::OtherKind;
use super::error::{ItemFault, ListError};
use super::spelling::file_name_of_url;
use crate::timecode::FrameRate;
use model::{Kind, Media, Object};
use nested::Inner;

/// Reads a file.
///
/// - `timeline`: the name of the timeline that is wanted.
pub(super) fn read(text: &str, timeline: Option<&str>) -> Result<CutList, ListError> {
    let top = model::read(text)?;
    let timeline = choose(&top, timeline)?;
    let Some(tracks) = &timeline.tracks else {
        return Err(ListError::Missing {
            line: None,
            what: "the tracks of its timeline".to_owned(),
        });
    };
    let of_timeline =
        |fault| ListError::Item { line: None, item: "its timeline".to_owned(), fault };
    let rate = rate(timeline, tracks).map_err(of_timeline)?;
    let start = match timeline.global_start_time {
        Some(start) => time::frames(start, rate, "start").map_err(of_timeline)?,
        None => 0,
    };
    let mut list = CutList::new(ListFormat::Otio);
    list.title = timeline.name.as_deref().filter(|name| !name.is_empty()).map(str::to_owned);
    list.rate = Some(rate);
    list.has_start = timeline.global_start_time.is_some();
    let window = Window::of(tracks, start, rate).map_err(of_timeline)?;
    let mut walk = Walk { list, rate, window, track: 0, item: 0 };
    for child in tracks.children() {
        walk.layer(child)?;
    }
    Ok(walk.list)
}

/// The timeline of a file.
fn choose<'a>(top: &'a Object, asked: Option<&str>) -> Result<&'a Object, ListError> {
    let timelines: Vec<&Object> = match top.kind() {
        Kind::Timeline => vec![top],
        Kind::Collection => {
            top.children().iter().filter(|child| child.kind() == Kind::Timeline).collect()
        }
        _ => {
            let kind = match &top.schema {
                Some(schema) => OtherKind::OtioObject { schema: super::quote::shortened(schema) },
                None => OtherKind::Json,
            };
            return Err(ListError::Kind { kind });
        }
    };
    let name = |timeline: &&Object| timeline.name.as_deref().unwrap_or_default().to_owned();
    super::one_timeline(timelines, asked, name)
}

/// The timeline's rate: the start's, else that of the first item that has one.
fn rate(timeline: &Object, tracks: &Object) -> Result<FrameRate, ItemFault> {
    if let Some(start) = timeline.global_start_time {
        return time::rate(start.rate);
    }
    let mut objects = vec![tracks];
    while let Some(object) = objects.pop() {
        let range = object.source_range.as_deref().copied();
        let media = || object.media().and_then(|media| media.available_range);
        if let Some(range) = range.filter(|_| object.kind() != Kind::Track).or_else(media) {
            return time::rate(range.duration.rate);
        }
        objects.extend(object.children().iter().rev());
    }
    Err(ItemFault::Unreadable { what: "rate", text: "null".to_owned() })
}

/// Frames of the record timeline that an object's own range leaves of what it holds.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// Where its first child begins.
    origin: i64,
    first: i64,
    end: i64,
}

impl Window {
    /// The window of a composition that begins at `position`.
    fn of(object: &Object, position: i64, rate: FrameRate) -> Result<Self, ItemFault> {
        let origin = position.saturating_sub(nested::own_start(object, rate)?);
        let end = match object.source_range {
            Some(_) => position.saturating_add(nested::frame_count(object, rate)?),
            None => i64::MAX,
        };
        Ok(Self { origin, first: position, end })
    }

    fn within(self, outer: Window) -> Self {
        Self { first: self.first.max(outer.first), end: self.end.min(outer.end), ..self }
    }
}

struct Walk {
    list: CutList,
    rate: FrameRate,
    window: Window,
    /// Picture tracks so far.
    track: u32,
    /// Items of the track so far.
    item: u32,
}

/// An item of a track: where it plays, and what is mixed.
#[derive(Debug, Clone, Copy)]
struct Place {
    first: i64,
    end: i64,
    mixed: Mixed,
}

impl Walk {
    /// One child of the timeline's stack: a track, or an item that is there alone.
    fn layer(&mut self, child: &Object) -> Result<(), ListError> {
        let is_picture = !child.is_sound();
        self.track += u32::from(is_picture);
        self.item = 0;
        let of_track = |fault| ListError::Item {
            line: None,
            item: format!("track {:?}", child.name.as_deref().unwrap_or_default()),
            fault,
        };
        if child.kind() != Kind::Track {
            let len = nested::frame_count(child, self.rate).map_err(of_track)?;
            let end = self.window.origin.saturating_add(len);
            let place = Place { first: self.window.origin, end, mixed: Mixed::default() };
            return self.place(child, place, self.window, None);
        }
        let window = Window::of(child, self.window.origin, self.rate).map_err(of_track)?;
        let window = window.within(self.window);
        if !is_picture || !child.is_enabled() {
            let kind = if is_picture { PassedKind::Disabled } else { PassedKind::Audio };
            let items = child.children().iter().filter(|item| item.kind() == Kind::Clip);
            let label = if is_picture { format!("V{}", self.track) } else { "A".to_owned() };
            for _ in items {
                self.pass(label.clone(), kind);
            }
            return Ok(());
        }
        let retiming = nested::retiming(child);
        let mut position = window.origin;
        for (index, item) in child.children().iter().enumerate() {
            if item.kind() == Kind::Transition {
                continue;
            }
            let label = self.label(1);
            let of_item = |fault| ListError::Item { line: None, item: label.clone(), fault };
            let len = nested::frame_count(item, self.rate).map_err(of_item)?;
            let end = position.saturating_add(len);
            let mixed = self.mixed(child.children(), index).map_err(of_item)?;
            self.place(item, Place { first: position, end, mixed }, window, retiming.clone())?;
            position = end;
        }
        Ok(())
    }

    /// What the transitions beside an item mix of it.
    fn mixed(&self, items: &[Object], index: usize) -> Result<Mixed, ItemFault> {
        let offset = |offset: &Option<_>| match offset {
            Some(offset) => {
                Ok(u32::try_from(time::frames(*offset, self.rate, "offset")?).unwrap_or(0))
            }
            None => Ok(0),
        };
        let mut mixed = Mixed::default();
        let is_transition = |item: &&Object| item.kind() == Kind::Transition;
        let before = index.checked_sub(1).and_then(|before| items.get(before));
        if let Some(transition) = before.filter(is_transition) {
            mixed.before = offset(&transition.in_offset)?;
            mixed.head = offset(&transition.out_offset)?;
        }
        if let Some(transition) = items.get(index + 1).filter(is_transition) {
            mixed.tail = offset(&transition.in_offset)?;
            mixed.after = offset(&transition.out_offset)?;
        }
        Ok(mixed)
    }

    /// What the next item is called, or the one that is `ahead` of it.
    fn label(&self, ahead: u32) -> String {
        format!("V{}-{}", self.track, self.item + ahead)
    }

    fn pass(&mut self, label: String, kind: PassedKind) {
        self.list.passed_over.push(PassedOver { label, line: None, kind, hides: None });
    }

    /// One item of a picture track.
    fn place(
        &mut self,
        item: &Object,
        place: Place,
        window: Window,
        retiming: Option<Retiming>,
    ) -> Result<(), ListError> {
        if item.kind() == Kind::Gap {
            return Ok(());
        }
        self.item += 1;
        let label = self.label(0);
        let of_item = |fault| ListError::Item { line: None, item: label.clone(), fault };
        let (first, end) = (place.first.max(window.first), place.end.min(window.end));
        if !item.is_enabled() {
            self.pass(label, PassedKind::Disabled);
            return Ok(());
        }
        if first >= end {
            self.pass(label, PassedKind::Empty);
            return Ok(());
        }
        if self.list.cuts.len() + self.list.passed_over.len() >= EVENTS_MAX {
            return Err(ListError::TooMany { what: "events", max: EVENTS_MAX });
        }
        let skipped = first.saturating_sub(place.first);
        let inner = nested::inner(item, skipped, end - first, self.rate).map_err(of_item)?;
        let mut cut = Cut {
            label: label.clone(),
            line: None,
            layer: self.track,
            record: Span::frames(first, end),
            source: Span::frames(0, end - first),
            is_source_unsure: true,
            names: Vec::new(),
            mixed: trimmed(place, first, end),
            play: Play::Plain,
        };
        match inner {
            Inner::Nothing => return Ok(()),
            Inner::Several { clips } => {
                cut.names.extend(name(NameKind::Clip, item.name.as_deref()));
                cut.play = Play::Nested { clips };
            }
            Inner::Clip { clip, skipped, retiming: inner } => {
                cut.names = names(item, clip);
                let own = clip.metadata.as_ref().and_then(|metadata| metadata.intercut.as_ref());
                let is_base = own.is_some_and(|own| own.role.0.as_deref() == Some("base"));
                let is_generator = clip.media().is_some_and(Media::is_generator);
                let passed = [
                    (is_base, PassedKind::Base),
                    (is_generator, PassedKind::Generator),
                    (cut.names.is_empty(), PassedKind::Unnamed),
                ];
                if is_base {
                    self.list.base_at = Some(first);
                }
                if let Some((_, kind)) = passed.into_iter().find(|(is_so, _)| *is_so) {
                    self.pass(label, kind);
                    return Ok(());
                }
                self.source(&mut cut, clip, skipped).map_err(of_item)?;
                if let Some(retiming) = retiming.or(inner) {
                    cut.play = Play::Retimed(retiming);
                }
            }
        }
        self.list.cuts.push(cut);
        Ok(())
    }

    /// The frames of its media that a cut plays.
    fn source(&self, cut: &mut Cut, clip: &Object, skipped: i64) -> Result<(), ItemFault> {
        let Span::Frames { first, end } = cut.record else { return Ok(()) };
        let media = clip.media().and_then(|media| media.available_range);
        let Some(range) = clip.source_range.as_deref().copied().or(media) else { return Ok(()) };
        let rates =
            [Some(range.start_time), Some(range.duration), media.map(|media| media.start_time)];
        for stated in rates.into_iter().flatten() {
            let stated = time::rate(stated.rate)?;
            if stated != self.rate {
                let timeline = self.rate;
                cut.play = Play::Retimed(Retiming::Rate { media: stated, timeline });
            }
        }
        let start = match media {
            Some(media) => time::into_media(range.start_time, &media, self.rate)
                .map(|(start, frames)| start + frames),
            None => time::absolute(range.start_time),
        };
        match start {
            Some(start) => {
                let start = start.saturating_add(skipped);
                cut.source = Span::frames(start, start.saturating_add(end - first));
                cut.is_source_unsure = media.is_none();
            }
            None if cut.play == Play::Plain => cut.play = Play::Retimed(Retiming::BetweenFrames),
            None => {}
        }
        Ok(())
    }
}

/// What is mixed of an item that its track cuts off.
fn trimmed(place: Place, first: i64, end: i64) -> Mixed {
    let less = |frames: u32, by: i64| frames.saturating_sub(u32::try_from(by).unwrap_or(u32::MAX));
    let (head_cut, tail_cut) = (first - place.first, place.end - end);
    let mut mixed = place.mixed;
    mixed.head = less(mixed.head, head_cut);
    mixed.tail = less(mixed.tail, tail_cut);
    if head_cut > 0 {
        mixed.before = 0;
    }
    if tail_cut > 0 {
        mixed.after = 0;
    }
    mixed
}

fn name(kind: NameKind, text: Option<&str>) -> Option<ListName> {
    let text = text?.trim();
    (!text.is_empty()).then(|| ListName { kind, text: text.to_owned() })
}

/// Everything that names what an item plays.
///
/// - `clip`: the item itself, or the clip that it comes down to.
fn names(item: &Object, clip: &Object) -> Vec<ListName> {
    let mut names = Vec::new();
    names.extend(name(NameKind::Clip, clip.name.as_deref()));
    if !std::ptr::eq(item, clip) {
        names.extend(name(NameKind::Clip, item.name.as_deref()));
    }
    let media = clip.media();
    if let Some(media) = media {
        names.extend(name(NameKind::File, media.name.as_deref()));
        names.extend(name(NameKind::File, media.name_prefix.as_deref()));
        let url = media.target_url.as_deref().map(file_name_of_url);
        names.extend(name(NameKind::File, url.as_deref()));
    }
    let metadata = [clip.metadata.as_ref(), media.and_then(|media| media.metadata.as_ref())];
    for metadata in metadata.into_iter().flatten() {
        let reel = metadata.cmx_3600.as_ref().and_then(|cmx| cmx.reel.0.as_deref());
        names.extend(name(NameKind::Reel, reel));
        let placed = metadata.intercut.as_ref().and_then(|own| own.clip.0.as_deref());
        names.extend(name(NameKind::Placed, placed));
    }
    names
}
