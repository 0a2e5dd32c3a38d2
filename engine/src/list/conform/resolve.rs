//! Labels to frames: every cut of every list by the base's counting, and lists that cannot be this base's refused.
//!
//! - In: lists, the base, the offset.
//! - Out: [`Resolved`]: cuts with record frames, with source frames under both countings, with names and shots.
//! - Holds: a list that contradicts the base in rate or counting, or that has no cut in it, is refused as a whole.
//! - Not here: which cut hides which (`layers`), clips.

use std::collections::HashMap;
use std::ops::Range;

use super::super::cut::{Counting, Cut, Play, Span};
use super::super::error::ListError;
use super::super::label::{Label, LabelFault};
use super::super::names::{CutNames, NameIndex};
use super::super::quote::EventName;
use super::base::{BaseFacts, Located};
use super::note::Note;
use super::reason::Obstacle;
use super::{ConformOptions, ListInput};
use crate::timecode::{Timecode, TimecodeFormat};

/// All cuts of all lists.
pub(super) struct Resolved<'a> {
    pub(super) cuts: Vec<ResolvedCut<'a>>,
    /// Where the cuts of each list begin.
    starts: Vec<usize>,
    pub(super) list_names: Vec<String>,
    pub(super) names: NameIndex,
    pub(super) shot_count: usize,
    pub(super) notes: Vec<Note>,
    /// How the base counts.
    pub(super) format: TimecodeFormat,
}

/// One cut, as the base counts it.
#[derive(Debug)]
pub(super) struct ResolvedCut<'a> {
    pub(super) cut: &'a Cut,
    /// Index of its list.
    pub(super) list: usize,
    /// Record in, frames from midnight by the base's counting.
    pub(super) record_first: i64,
    /// Record frames.
    pub(super) count: i64,
    pub(super) located: Located,
    /// Base frames at which it can be seen.
    pub(super) visible: Vec<Range<u64>>,
    /// Source frames, if the clip's timecode drops no numbers; if it does.
    pub(super) sources: [Option<Source>; 2],
    pub(super) names: CutNames,
    /// Cuts of one shot have the same names and the same source frames.
    pub(super) shot: usize,
}

/// Frames of a clip's timecode, counted from midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Source {
    pub(super) first: i64,
    pub(super) count: i64,
}

impl ResolvedCut<'_> {
    /// Record frames that are not mixed, as a range of the cut's own frames; all of them where none is left.
    pub(super) fn plain(&self) -> Range<i64> {
        let (head, tail) = (i64::from(self.cut.mixed.head), i64::from(self.cut.mixed.tail));
        if head + tail >= self.count { 0..self.count } else { head..self.count - tail }
    }

    /// How many of its record frames are mixed.
    pub(super) fn mixed_count(&self) -> i64 {
        self.count.min(i64::from(self.cut.mixed.head) + i64::from(self.cut.mixed.tail))
    }

    /// Why it is not a copy of its media one to one, for a clip whose timecode drops numbers or not.
    pub(super) fn obstacle(&self, drops: bool, format: TimecodeFormat) -> Option<Obstacle> {
        match &self.cut.play {
            Play::Speed(speed) if !speed.is_rate(format.rate) => Some(Obstacle::Speed(*speed)),
            Play::Retimed(retiming) => Some(Obstacle::Retimed(retiming.clone())),
            Play::Nested { clips } => Some(Obstacle::Nested { clips: *clips }),
            Play::Plain | Play::Speed(_) => {
                let source = self.sources[usize::from(drops)]?.count;
                let record = self.count;
                (source != record).then_some(Obstacle::Lengths { source, record })
            }
        }
    }

    /// Whether some clip could be copied to it one to one.
    pub(super) fn can_be_plain(&self) -> bool {
        let is_one_to_one =
            |source: &Option<Source>| source.is_some_and(|source| source.count == self.count);
        matches!(self.cut.play, Play::Plain | Play::Speed(_))
            && self.sources.iter().any(is_one_to_one)
    }
}

impl Resolved<'_> {
    /// The index among all cuts of a cut of one list.
    pub(super) fn index(&self, list: usize, cut: usize) -> usize {
        self.starts[list] + cut
    }

    /// The index in its own list of one of all cuts.
    pub(super) fn index_in_list(&self, cut: usize) -> usize {
        cut - self.starts[self.cuts[cut].list]
    }

    pub(super) fn event_name(&self, cut: &ResolvedCut<'_>) -> EventName {
        EventName {
            list: self.list_names[cut.list].clone(),
            label: cut.cut.label.clone(),
            line: cut.cut.line,
        }
    }
}

/// Resolves every list, or says what is wrong with each that cannot be used.
pub(super) fn resolve<'a>(
    lists: &[ListInput<'a>],
    base: &BaseFacts<'_>,
    options: &ConformOptions<'_>,
) -> Result<Resolved<'a>, Vec<(usize, ListError)>> {
    let mut resolved = Resolved {
        cuts: Vec::new(),
        starts: Vec::new(),
        list_names: lists.iter().map(|input| input.name.to_owned()).collect(),
        names: NameIndex::default(),
        shot_count: 0,
        notes: Vec::new(),
        format: base.format,
    };
    let mut refused = Vec::new();
    for (index, input) in lists.iter().enumerate() {
        resolved.starts.push(resolved.cuts.len());
        let list = List { index, input, base, offset: options.offset };
        match list.resolve(&mut resolved.names) {
            Ok(cuts) => {
                resolved.notes.extend(list.notes(&cuts));
                resolved.cuts.extend(cuts);
            }
            Err(error) => refused.push((index, error)),
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut shots = HashMap::new();
    for cut in &mut resolved.cuts {
        let ids: Vec<_> = cut.names.ids.iter().map(|(id, _)| *id).collect();
        let next = shots.len();
        cut.shot = *shots.entry((ids, cut.sources)).or_insert(next);
    }
    resolved.shot_count = shots.len();
    Ok(resolved)
}

struct List<'a, 'b> {
    index: usize,
    input: &'b ListInput<'a>,
    base: &'b BaseFacts<'b>,
    offset: Option<i64>,
}

impl<'a> List<'a, '_> {
    fn resolve(&self, names: &mut NameIndex) -> Result<Vec<ResolvedCut<'a>>, ListError> {
        let list = self.input.list;
        self.check_counting()?;
        let mut cuts = Vec::with_capacity(list.cuts.len());
        for cut in &list.cuts {
            let (record_first, count) = self.record(cut)?;
            let (record_first, located) = match self.base_frame(cut, count) {
                Some(frame) => (self.base.label_at(frame), Located::At(frame)),
                None => (record_first, self.base.locate(record_first, count)),
            };
            cuts.push(ResolvedCut {
                cut,
                list: self.index,
                record_first,
                count,
                located,
                visible: Vec::new(),
                sources: self.sources(cut)?,
                names: names.add(cut, list.is_guessed_text),
                shot: 0,
            });
        }
        let is_marker = |cut: &ResolvedCut<'_>| cut.count == 1 && cut.cut.source == cut.cut.record;
        if cuts.iter().all(is_marker) {
            return Err(ListError::Markers { count: cuts.len() });
        }
        self.check_inside(&cuts)?;
        Ok(cuts)
    }

    /// Refuses a list whose timeline counts otherwise than the base.
    fn check_counting(&self) -> Result<(), ListError> {
        let (list, base) = (self.input.list, self.base);
        let timecode = base.format.rate;
        if timecode.nominal() != base.rate.nominal() {
            // A label would be no picture.
            let (list, base) = (timecode, base.rate);
            return Err(ListError::TimelineRate { list, base });
        }
        if let Some(rate) = list.rate.filter(|rate| rate.nominal() != timecode.nominal()) {
            let (list, base) = (rate, timecode);
            return Err(ListError::TimelineRate { list, base });
        }
        match list.counting {
            Counting::Drop { line } if !base.format.drop_frame => {
                return Err(ListError::DropFrame { list: true, line });
            }
            Counting::NonDrop { line } if base.format.drop_frame => {
                return Err(ListError::DropFrame { list: false, line });
            }
            _ => {}
        }
        if !list.has_start && self.offset.is_none() && base.start().frame() != 0 {
            return Err(ListError::Start { base_in: base.start() });
        }
        Ok(())
    }

    /// The base frame that a cut of our own timeline begins at, if the base is the one that it was saved with and its timecode
    /// jumps, so that labels would say something else.
    fn base_frame(&self, cut: &Cut, count: i64) -> Option<u64> {
        let (list, base) = (self.input.list, self.base);
        let base_at = list.base_at.filter(|_| self.offset.is_none() && !base.runs_on())?;
        let is_saved_with = u64::try_from(base_at).ok()? == base.start().frame();
        let Span::Frames { first, .. } = cut.record else { return None };
        let frame = u64::try_from(first - base_at).ok().filter(|_| is_saved_with)?;
        let end = frame.checked_add(u64::try_from(count).ok()?)?;
        (end <= base.frames).then_some(frame)
    }

    /// Record in, from midnight and with the offset, and record frames.
    fn record(&self, cut: &Cut) -> Result<(i64, i64), ListError> {
        let format = self.base.format;
        let (first, end) = match cut.record {
            Span::Frames { first, end } => (first, end),
            Span::Labels { first, end } => {
                let frame = |label: Label| {
                    label.frame(format).map_err(|fault| label_error(cut, label, fault, format))
                };
                (frame(first)?, frame(end)?)
            }
        };
        let mut count = end - first;
        if count < 0 && matches!(cut.record, Span::Labels { .. }) {
            if !self.base.reaches_midnight() {
                let timecode = |frame| Timecode::from_frame(frame, format);
                return Err(ListError::Backwards {
                    line: cut.line,
                    event: cut.label.clone(),
                    first: timecode(first),
                    end: timecode(end),
                });
            }
            count += self.base.day();
        }
        Ok((first.saturating_add(self.offset.unwrap_or(0)).rem_euclid(self.base.day()), count))
    }

    /// Source frames under both countings.
    fn sources(&self, cut: &Cut) -> Result<[Option<Source>; 2], ListError> {
        let (first, end) = match cut.source {
            Span::Frames { first, end } => {
                let source = Some(Source { first, count: end - first });
                return Ok([source; 2]);
            }
            Span::Labels { first, end } => (first, end),
        };
        let mut sources = [None; 2];
        for (source, drop_frame) in sources.iter_mut().zip([false, true]) {
            let format = TimecodeFormat { drop_frame, ..self.base.format };
            let frame = |label: Label| match label.frame(format) {
                Ok(frame) => Ok(Some(frame)),
                // Media at another rate are retimed, and say so.
                Err(LabelFault::Rate) if !matches!(cut.play, Play::Plain) => Ok(None),
                Err(LabelFault::Rate) => Err(label_error(cut, label, LabelFault::Rate, format)),
                Err(LabelFault::Dropped) => Ok(None),
            };
            if let (Some(first), Some(end)) = (frame(first)?, frame(end)?) {
                let day = i64::try_from(format.frames_per_day()).unwrap_or(i64::MAX);
                *source = Some(Source { first, count: (end - first).rem_euclid(day) });
            }
        }
        Ok(sources)
    }

    /// Refuses a list of which no plain cut lies in the base, and one that seems to be off by hours: what is in the base then
    /// is there by chance. An offset that is given, even one of nothing, is an answer to that.
    fn check_inside(&self, cuts: &[ResolvedCut<'_>]) -> Result<(), ListError> {
        let is_inside = |cut: &ResolvedCut<'_>| cut.located != Located::Outside;
        let outside = cuts.iter().filter(|cut| !is_inside(cut)).count();
        let is_used = cuts.iter().any(|cut| is_inside(cut) && cut.can_be_plain());
        if outside == 0 || (is_used && (self.offset.is_some() || !self.is_far_off(cuts))) {
            return Ok(());
        }
        let Some(earliest) = cuts.iter().min_by_key(|cut| cut.record_first) else { return Ok(()) };
        let base = self.base;
        let all_in = |shift: &i64| {
            cuts.iter().all(|cut| {
                let first = (cut.record_first + shift).rem_euclid(base.day());
                base.locate(first, cut.count) != Located::Outside
            })
        };
        let mut shifts = shifts(earliest.record_first, base).into_iter();
        let shift = if is_used { shifts.next().filter(all_in) } else { shifts.find(all_in) };
        if is_used && shift.is_none() {
            return Ok(());
        }
        let offset = shift.map(|shift| (self.offset.unwrap_or(0) + shift) % base.day());
        let timecode = |frame: i64| Timecode::from_frame(frame, base.format);
        let sign = |offset| if offset < 0 { "-" } else { "" };
        let first = timecode(earliest.record_first);
        Err(ListError::OutsideBase {
            line: earliest.cut.line,
            first,
            end: first.add(earliest.count),
            base: Box::new([base.start(), base.end()]),
            count: cuts.len(),
            outside,
            offset: offset.map(|offset| format!("{}{}", sign(offset), timecode(offset.abs()))),
        })
    }

    /// Whether so much of a list lies so far from the base that it is no leader or tail, nor an event that strayed.
    ///
    /// Bars, slate and countdown take up to two minutes before a programme. Of one that is off by an hour, an hour lies
    /// outside: more than a tenth, however long it is.
    fn is_far_off(&self, cuts: &[ResolvedCut<'_>]) -> bool {
        const SHARE: usize = 10;
        let margin = self.base.day() / (24 * 30);
        let is_far = |cut: &&ResolvedCut<'_>| {
            let first = cut.record_first - margin;
            self.base.overlaps(first, cut.count + 2 * margin).is_empty()
        };
        cuts.iter().filter(is_far).count() * SHARE >= cuts.len()
    }

    /// What a person should know of a list that can be used.
    fn notes(&self, cuts: &[ResolvedCut<'_>]) -> Vec<Note> {
        let mut notes = Vec::new();
        let list = || self.input.name.to_owned();
        if self.input.list.is_guessed_text {
            notes.push(Note::GuessedText { list: list() });
        }
        if let Some(rate) = self.input.list.rate.filter(|rate| *rate != self.base.format.rate) {
            let (rate, base) = (rate, self.base.format.rate);
            notes.push(Note::NearRate { list: list(), rate, base });
        }
        let outside = || cuts.iter().filter(|cut| cut.located == Located::Outside);
        if let Some(first) = outside().min_by_key(|cut| cut.record_first) {
            let format = self.base.format;
            notes.push(Note::OutsideBase {
                list: list(),
                count: outside().count(),
                label: first.cut.label.clone(),
                line: first.cut.line,
                first: Timecode::from_frame(first.record_first, format),
            });
        }
        if has_one_frame_gaps(cuts) {
            notes.push(Note::OneFrameGaps { list: list() });
        }
        notes
    }
}

/// How a list may be shifted against the base, the likeliest first: by whole hours, since lists and masters begin at an hour
/// of their own, leader or not; else so that its first cut is at the base's start.
fn shifts(earliest: i64, base: &BaseFacts<'_>) -> [i64; 2] {
    const HOURS: i64 = 24;
    let hour = base.day() / HOURS;
    let start = i64::try_from(base.start().frame()).unwrap_or(i64::MAX);
    let to_start = start - earliest;
    // The least number of hours after which the first cut is not before the base.
    let hours = to_start.div_euclid(hour) + i64::from(to_start.rem_euclid(hour) != 0);
    [hours * hour, to_start]
}

/// Whether every cut ends one frame before the next begins: out points were written as if they were inclusive.
fn has_one_frame_gaps(cuts: &[ResolvedCut<'_>]) -> bool {
    const CUTS_MIN: usize = 3;
    let mut ranges: Vec<(i64, i64)> =
        cuts.iter().map(|cut| (cut.record_first, cut.record_first + cut.count)).collect();
    ranges.sort_unstable();
    ranges.len() >= CUTS_MIN && ranges.windows(2).all(|pair| pair[1].0 - pair[0].1 == 1)
}

fn label_error(cut: &Cut, label: Label, fault: LabelFault, format: TimecodeFormat) -> ListError {
    let (line, text) = (cut.line, label.to_string());
    match fault {
        LabelFault::Rate => ListError::FrameNumber {
            line,
            label: text,
            frames: label.frames(),
            nominal: format.rate.nominal(),
        },
        LabelFault::Dropped => ListError::DroppedLabel { line, label: text },
    }
}
