//! The lines of one event, with the comments below them, as cuts.
//!
//! - In: event lines of one number, one after another, and what is under them.
//! - Out: cuts and passed-over items of a [`CutList`]; what a transition leaves behind ([`Tail`]).
//! - Holds: in a transition `FROM` names the outgoing line and `TO` the incoming one; other names belong to the side that
//!   was spoken of last (Avid). The record range of an incoming line begins with its mixed frames.
//! - Not here: the cut whose media runs on into a mix (`mod`), because any line of the list may be it.

use super::super::cut::{
    Cut, CutList, ListName, Mixed, NameKind, PassedKind, PassedOver, Play, Retiming, Span, Speed,
};
use super::super::label::Label;
use super::comment::Comment;
use super::line::{Edit, EventLine, SpeedLine};

/// Lines of one event, at most: sound has a line for every few channels.
const HALVES_MAX: usize = 64;

/// A line of the event, and what was said of it alone.
#[derive(Debug)]
struct Half<'a> {
    line: u32,
    event: EventLine<'a>,
    speed: Option<Speed>,
}

/// Names and what is made of them, for one side of an event.
#[derive(Debug, Default)]
struct Side {
    names: Vec<ListName>,
    made: Option<PassedKind>,
}

/// One event.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    halves: Vec<Half<'a>>,
    has_comments: bool,
    from: Side,
    /// What `TO` says, which is the incoming line's alone.
    to: Side,
    /// Names that follow a `TO`.
    after_to: Vec<ListName>,
    is_after_to: bool,
    replaced: Vec<(String, String)>,
    is_warped: bool,
}

/// A shot that plays on for `frames` after its cut, within a mix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) reel: String,
    /// Where the cut ends.
    pub(super) record: Label,
    pub(super) source: Label,
    pub(super) frames: u32,
    pub(super) is_wipe: bool,
}

impl<'a> Group<'a> {
    /// Whether a line goes on with this event: its number, with nothing said in between. Two cuts with picture are two
    /// events, whatever their numbers: the comments below are about the second.
    pub(super) fn takes(&self, event: &EventLine<'_>) -> bool {
        let is_shot = |event: &EventLine<'_>| {
            event.is_picture && event.edit == Edit::Cut && event.record.0 != event.record.1
        };
        let is_next = is_shot(event) && self.halves.iter().any(|half| is_shot(&half.event));
        !self.has_comments
            && !is_next
            && self.halves.len() < HALVES_MAX
            && self.halves.last().is_some_and(|half| half.event.number == event.number)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.halves.is_empty()
    }

    pub(super) fn add(&mut self, line: u32, event: EventLine<'a>) {
        self.halves.push(Half { line, event, speed: None });
    }

    /// Gives a speed to the line that it belongs to: by reel and source in, by source in, by reel, else to all.
    pub(super) fn add_speed(&mut self, speed: &SpeedLine<'_>) {
        self.has_comments = true;
        let starts = |half: &Half<'_>| half.event.source.0 == speed.source_in;
        // The column of the reel may be narrower than in the event.
        let named = |half: &Half<'_>| {
            let (event, reel) = (half.event.reel, speed.reel);
            !reel.is_empty()
                && (event == reel || event.starts_with(reel) || reel.starts_with(event))
        };
        let rules: [&dyn Fn(&Half<'_>) -> bool; 4] =
            [&|half| starts(half) && named(half), &starts, &named, &|_| true];
        let rule = rules.into_iter().find(|rule| self.halves.iter().any(rule));
        for half in self.halves.iter_mut().filter(|half| rule.is_some_and(|rule| rule(half))) {
            half.speed = Some(speed.speed);
        }
    }

    pub(super) fn add_comment(&mut self, comment: Option<Comment>) {
        self.has_comments = true;
        match comment {
            None => {}
            Some(Comment::From(name)) => {
                self.is_after_to = false;
                self.from.names.push(name);
            }
            Some(Comment::To(name)) => {
                self.is_after_to = true;
                self.to.names.push(name);
            }
            Some(Comment::Name(name)) => self.side().push(name),
            Some(Comment::Names(names)) => self.side().extend(names),
            Some(Comment::ReelReplaced { whole, short }) => self.replaced.push((whole, short)),
            Some(Comment::Made { is_to, is_still }) => {
                let kind = if is_still { PassedKind::Still } else { PassedKind::Generator };
                let side = if is_to { &mut self.to } else { &mut self.from };
                side.made = Some(kind);
            }
            Some(Comment::TimeWarp) => self.is_warped = true,
        }
    }

    fn side(&mut self) -> &mut Vec<ListName> {
        if self.is_after_to { &mut self.after_to } else { &mut self.from.names }
    }

    /// Ends the event: adds its cuts to the list, and what runs on after a cut to `tails`.
    pub(super) fn end(self, list: &mut CutList, tails: &mut Vec<Tail>) {
        let halves = &self.halves;
        for (index, half) in halves.iter().enumerate() {
            let is_outgoing =
                |next: &Half<'_>| next.event.is_picture && next.event.edit.mix().is_some();
            let mix =
                halves.get(index + 1).filter(|next| is_outgoing(next) && half.event.is_picture);
            let mix = mix.and_then(|next| next.event.edit.mix());
            let is_zero = half.event.record.0 == half.event.record.1;
            if let Some((frames, is_wipe)) = mix.filter(|_| is_zero) {
                let EventLine { reel, source, record, .. } = &half.event;
                let (reel, record, source) = (reel.to_string(), record.0, source.0);
                tails.push(Tail { reel, record, source, frames, is_wipe });
            }
            match self.passed(half, is_zero) {
                Some(kind) => {
                    let record =
                        Span::Labels { first: half.event.record.0, end: half.event.record.1 };
                    list.passed_over.push(PassedOver {
                        label: half.event.number.to_owned(),
                        line: Some(half.line),
                        kind,
                        hides: (kind == PassedKind::Still).then_some((0, record)),
                    });
                }
                None => list.cuts.push(self.cut(half, mix)),
            }
        }
    }

    /// Whether the shot of a line is the one that a transition leads to.
    fn is_incoming(&self, half: &Half<'_>) -> bool {
        half.event.edit.mix().is_some() && (self.halves.len() > 1 || !self.to.names.is_empty())
    }

    fn passed(&self, half: &Half<'_>, is_zero: bool) -> Option<PassedKind> {
        let side = if self.is_incoming(half) { &self.to } else { &self.from };
        match &half.event {
            event if !event.is_picture => Some(PassedKind::Audio),
            event if event.edit == Edit::Key => Some(PassedKind::Key),
            event if event.reel.eq_ignore_ascii_case("BL") => Some(PassedKind::Black),
            event if event.reel.eq_ignore_ascii_case("GEN") => Some(PassedKind::Generator),
            _ => side.made.or_else(|| is_zero.then_some(PassedKind::Empty)),
        }
    }

    fn cut(&self, half: &Half<'_>, mix: Option<(u32, bool)>) -> Cut {
        let EventLine { number, reel, source, record, edit, .. } = half.event;
        let mut names = vec![ListName { kind: NameKind::Reel, text: reel.to_owned() }];
        names.extend(
            self.replaced
                .iter()
                .filter(|(_, short)| short == reel)
                .map(|(whole, _)| ListName { kind: NameKind::Reel, text: whole.clone() }),
        );
        if self.is_incoming(half) {
            names.extend(self.to.names.iter().chain(&self.after_to).cloned());
        } else {
            names.extend(self.from.names.iter().cloned());
            let is_cut = !self.halves.iter().any(|half| half.event.edit.mix().is_some());
            names.extend(self.after_to.iter().filter(|_| is_cut).cloned());
        }
        let (head, is_wipe) = edit.mix().unwrap_or_default();
        let (after, ends_in_wipe) = mix.unwrap_or_default();
        Cut {
            label: number.to_owned(),
            line: Some(half.line),
            layer: 0,
            record: Span::Labels { first: record.0, end: record.1 },
            source: Span::Labels { first: source.0, end: source.1 },
            is_source_unsure: false,
            names,
            mixed: Mixed { head, after, is_wipe: is_wipe || ends_in_wipe, ..Mixed::default() },
            play: match half.speed {
                Some(speed) => Play::Speed(speed),
                None if self.is_warped => {
                    Play::Retimed(Retiming::Effect { name: "timewarp".to_owned() })
                }
                None => Play::Plain,
            },
        }
    }
}

impl Edit {
    /// The frames that it mixes, and whether by a wipe.
    fn mix(self) -> Option<(u32, bool)> {
        match self {
            Self::Dissolve(frames) => Some((frames, false)),
            Self::Wipe(frames) => Some((frames, true)),
            Self::Cut | Self::Key => None,
        }
    }
}
