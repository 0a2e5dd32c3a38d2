//! Events by edit lists: all clips are held to all lists together.
//!
//! - In: the candidates, the lists, the base's clock.
//! - Out: claims, reasons and warnings of the candidates; [`Placed`]: what became of the lists, and what is wrong with them.
//!   For linking, [`hold`]: the same before anybody knows whose clips they are.
//! - Holds: a clip whose record timecode was given is not looked at. With a list no clip goes anywhere by its own timecode
//!   alone.
//! - Not here: which clip fits which event (`list::conform`).

use std::path::{Path, PathBuf};

use intercut_io::Identity;

use super::super::candidates::{self, Candidate};
use super::super::clock::BaseClock;
use super::super::facts::MovieFacts;
use super::super::options::{PlaceOption, PlaceOptions, Rank, Versions};
use super::super::refusal::Reason;
use super::super::refusal::Refusal;
use super::super::splice_plan::{EventOrigin, FileStamp, ListEvent, OpenEvent, PlannedList};
use super::super::versions;
use super::{Claim, given_start};
use crate::discover::OpenList;
use crate::list::conform::{
    BaseFacts, ClipFacts, ConformOptions, Conformed, ListInput, ListSummary, Note, OpenCut,
    Placement, Version, conform,
};
use crate::list::{CutList, ListError, NameKind, Span};
use crate::timecode::{Timecode, TimecodeFormat};

/// What became of the lists.
#[derive(Debug, Default)]
pub(in crate::plan) struct Placed {
    pub(in crate::plan) lists: Vec<PlannedList>,
    /// What a person should know of a list, and not of a single clip.
    pub(in crate::plan) warnings: Vec<String>,
    /// Lists that cannot be used, and options about them that make no sense.
    pub(in crate::plan) refusals: Vec<Refusal>,
}

/// A list that could be read.
struct Readable<'a> {
    path: &'a PathBuf,
    name: String,
    identity: Identity,
    digest: &'a str,
    list: &'a CutList,
}

/// Places the candidates by lists.
pub(in crate::plan) fn place(
    candidates: &mut [Candidate<'_>],
    base: &MovieFacts<'_>,
    lists: &[OpenList],
    clock: &BaseClock,
    options: &PlaceOptions,
) -> Placed {
    let mut placed = Placed::default();
    let lists: Vec<&OpenList> = lists.iter().collect();
    let own = Own::of(candidates, options);
    let result = readable(&lists, options)
        .and_then(|lists| Ok((conformed(&own, base, &lists, clock, options)?, lists)));
    match result {
        Err(refusals) => placed.refusals = refusals,
        Ok((conformed, readable)) => {
            for (list, summary) in readable.iter().zip(&conformed.lists) {
                let planned = list.planned(summary, clock);
                let mut plain = summary.without_clip.iter().filter(|open| open.is_plain);
                match (plain.next(), options.complete) {
                    (Some(OpenCut { event, .. }), true) => {
                        let (count, first) = (1 + plain.count(), event.clone());
                        placed
                            .refusals
                            .push(refusal(list.path, ListError::Incomplete { count, first }));
                    }
                    _ => placed.warnings.extend(planned.without_clip_text()),
                }
                placed.lists.push(planned);
            }
            take(candidates, &own, &readable, conformed, clock.format, &mut placed);
        }
    }
    placed
}

/// What lists say of clips of which nobody knows yet whether they are this base's.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) conformed: Conformed,
    /// For each clip that it counts, its place among the clips that were given.
    pub(crate) given: Vec<usize>,
}

/// Holds clips to the lists of a base, as [`place`] does.
///
/// # Errors
/// What is wrong with the base, the options or the lists.
pub(crate) fn hold(
    base: &MovieFacts<'_>,
    clips: &[MovieFacts<'_>],
    lists: &[&OpenList],
    options: &PlaceOptions,
) -> Result<Held, Vec<Refusal>> {
    let of_base = |reason| vec![Refusal { path: base.path.to_owned(), reason }];
    let clock = BaseClock::new(base, options).map_err(of_base)?;
    let candidates = candidates::judge(base, clips, Some(&clock), options, true);
    let own = Own::of(&candidates, options);
    let conformed = conformed(&own, base, &readable(lists, options)?, &clock, options)?;
    let given = own.iter().map(|own| candidates[own.candidate].given).collect();
    Ok(Held { conformed, given })
}

/// The lists, if all of them can be read.
fn readable<'a>(
    lists: &[&'a OpenList],
    options: &PlaceOptions,
) -> Result<Vec<Readable<'a>>, Vec<Refusal>> {
    let mut readable = Vec::with_capacity(lists.len());
    let mut refusals = Vec::new();
    for OpenList { path, identity, digest, list, growing } in lists {
        // Half a list would place half the clips.
        if let Some(reason) = super::super::growing_reason(*growing, options) {
            refusals.push(Refusal { path: path.clone(), reason });
            continue;
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        match list {
            Ok(list) => readable.push(Readable { path, name, identity: *identity, digest, list }),
            Err(error) => refusals.push(refusal(path, error.clone())),
        }
    }
    if refusals.is_empty() { Ok(readable) } else { Err(refusals) }
}

fn refusal(path: &Path, error: ListError) -> Refusal {
    Refusal { path: path.to_owned(), reason: Reason::List(Box::new(error)) }
}

/// Clips held to lists.
fn conformed(
    own: &[Own<'_>],
    base: &MovieFacts<'_>,
    lists: &[Readable<'_>],
    clock: &BaseClock,
    options: &PlaceOptions,
) -> Result<Conformed, Vec<Refusal>> {
    let offset = offset(clock.format, options)
        .map_err(|reason| vec![Refusal { path: base.path.to_owned(), reason }])?;
    let stretches: Vec<(u64, Timecode)> = clock.starts().collect();
    let facts = BaseFacts {
        format: clock.format,
        rate: base.format.rate,
        stretches: &stretches,
        frames: base.frames.frame_count(),
    };
    let clips: Vec<ClipFacts<'_>> = own.iter().map(Own::facts).collect();
    let by_hand: Vec<(usize, &str)> = own
        .iter()
        .enumerate()
        .filter_map(|(clip, own)| {
            let event = options.of_clip(own.clip.path).event.as_deref();
            Some((clip, event.or_else(|| own.clip.named_in(&options.lists.event))?))
        })
        .collect();
    let inputs: Vec<ListInput<'_>> =
        lists.iter().map(|one| ListInput { name: &one.name, list: one.list }).collect();
    let options = ConformOptions {
        min_confidence: options.lists.min_confidence,
        transitions: options.lists.transitions,
        offset,
        latest_version: options.versions == Versions::Latest,
        by_hand: &by_hand,
    };
    conform(&inputs, &facts, &clips, &options).map_err(|errors| {
        errors.into_iter().map(|(list, error)| refusal(lists[list].path, error)).collect()
    })
}

/// The frames that are added to every record timecode.
fn offset(format: TimecodeFormat, options: &PlaceOptions) -> Result<Option<i64>, Reason> {
    let Some(text) = &options.lists.offset else { return Ok(None) };
    let (sign, bare) = match text.strip_prefix('-') {
        Some(bare) => (-1, bare),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let offset = PlaceOption::ListOffset.timecode(bare, format)?;
    Ok(i64::try_from(offset.frame()).ok().map(|frames| sign * frames))
}

/// A clip that lists are to place.
struct Own<'a> {
    candidate: usize,
    clip: &'a MovieFacts<'a>,
    name: String,
    /// The first frame that it presents, from which lists count.
    first: u64,
    frames: u64,
    /// From the first presented frame on.
    stretches: Vec<(u64, Timecode)>,
    handles: u64,
    versions: Vec<Version>,
}

impl<'a> Own<'a> {
    /// The candidates that nothing else places. With reasons against them they would only be in the way of others if they
    /// are skipped.
    fn of(candidates: &[Candidate<'a>], options: &PlaceOptions) -> Vec<Self> {
        let mut own = Vec::new();
        for (candidate, Candidate { facts, reasons, .. }) in candidates.iter().enumerate() {
            let is_copy = reasons.iter().any(|reason| {
                matches!(
                    reason,
                    Reason::IsBase | Reason::SameFile { .. } | Reason::BothRanks { .. }
                )
            });
            let counts_otherwise = reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Rate { .. } | Reason::TimecodeRate { .. }));
            let is_skipped = options.skip_refused && !reasons.is_empty();
            if is_copy || counts_otherwise || is_skipped || given_start(facts, options).is_some() {
                continue;
            }
            let presented = facts.presented();
            let handles = options.of_clip(facts.path).handles.unwrap_or(options.handles);
            own.push(Self {
                candidate,
                clip: facts,
                name: facts.name(),
                first: presented.start,
                frames: presented.end - presented.start,
                stretches: facts.presented_stretches(),
                handles: u64::from(handles),
                versions: versions::explicit(facts.path),
            });
        }
        own
    }

    fn facts(&self) -> ClipFacts<'_> {
        ClipFacts {
            file_name: &self.name,
            reel: self.clip.named_reel(),
            stretches: &self.stretches,
            frames: self.frames,
            rank: u8::from(self.clip.rank == Rank::Vfx),
            handles: self.handles,
            versions: &self.versions,
        }
    }
}

impl Readable<'_> {
    fn planned(&self, summary: &ListSummary, clock: &BaseClock) -> PlannedList {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let passed = summary.passed_over.iter();
        PlannedList {
            path: self.path.clone(),
            identity: FileStamp::of(&self.identity),
            digest: self.digest.to_owned(),
            title: self.list.title.clone(),
            format: self.list.format.to_string(),
            cuts: count(summary.cuts),
            placed: count(summary.placed),
            without_clip: count(summary.without_clip.len()),
            hidden: count(summary.hidden),
            outside_base: count(summary.outside),
            passed_over: passed.map(|(kind, n)| (kind.name().to_owned(), count(*n))).collect(),
            open: summary.without_clip.iter().map(|open| self.open_event(open, clock)).collect(),
        }
    }

    fn open_event(&self, open: &OpenCut, clock: &BaseClock) -> OpenEvent {
        let OpenCut { ref event, cut, record_in, frames, is_plain } = *open;
        let start = clock.timecode_at(record_in);
        OpenEvent {
            event: event.label.clone(),
            line: event.line,
            name: self.list.cuts[cut].name().map(str::to_owned),
            record_in,
            record_out: record_in + frames,
            record_timecode_in: start.to_string(),
            record_timecode_out: clock.after(start, frames).to_string(),
            is_plain,
        }
    }
}

/// Gives the candidates what was found about them.
fn take(
    candidates: &mut [Candidate<'_>],
    own: &[Own<'_>],
    lists: &[Readable<'_>],
    conformed: Conformed,
    format: TimecodeFormat,
    placed: &mut Placed,
) {
    for placement in &conformed.placements {
        let own = &own[placement.clip];
        let candidate = &mut candidates[own.candidate];
        candidate.claims.push(Claim {
            candidate: own.candidate,
            rank: candidate.facts.rank,
            record_in: placement.record_in,
            record_out: placement.record_in + placement.frames,
            source_in: own.first + placement.source_in,
            trimmed: (0, 0),
            kept: (0, 0),
            origin: EventOrigin::List,
            list: Some(candidate.list_events.len()),
        });
        candidate.list_events.push(list_event(placement, &lists[placement.list], format));
    }
    for (clip, reason) in conformed.refusals {
        candidates[own[clip].candidate].reasons.push(Reason::Event(Box::new(reason)));
    }
    for (clip, left_out) in conformed.left_out {
        candidates[own[clip].candidate].left_out = Some(left_out);
    }
    for note in &conformed.notes {
        match note.clip() {
            Some(clip) => candidates[own[clip].candidate].warnings.push(note.to_string()),
            None => placed.warnings.push(Note::to_string(note)),
        }
    }
}

fn list_event(placement: &Placement, list: &Readable<'_>, format: TimecodeFormat) -> ListEvent {
    let cut = &list.list.cuts[placement.cut];
    let reel = cut.names.iter().find(|name| name.kind == NameKind::Reel && !name.text.is_empty());
    ListEvent {
        path: list.path.clone(),
        event: cut.label.clone(),
        line: cut.line,
        confidence: placement.confidence,
        by: placement.by.clone(),
        reel: reel.map(|name| name.text.clone()),
        source: match cut.source {
            Span::Labels { first, .. } => first.to_string(),
            Span::Frames { first, .. } => Timecode::from_frame(first, format).to_string(),
        },
        head: placement.head,
        tail: placement.tail,
    }
}
