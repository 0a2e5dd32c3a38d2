//! The content check: do clips show what they replace?
//!
//! ```text
//! plan ─▶ 3 places an event, near ─▶ 5 more, near ─▶ up to 4 places, 12 frames each way ─▶ finding
//!         └─ most end here          └─ little moves  └─ nothing fits near: search, other framings
//! ```
//!
//! - In: a plan, its open base and clips.
//! - Out: [`ContentCheck`]: a finding for each event; how much was read for them.
//! - Holds: whole samples are read, and no more than a verdict needs; all events of a round go through one pool of slabs; of
//!   pictures only those of one place are kept.
//! - Not here: what pictures tell (`likeness`), what follows from a finding (`splice`).

mod changes;
mod wanted;

use std::ops::Range;
use std::time::{Duration, Instant};

use intercut_io::interval::PHASE;
use intercut_io::{Control, Phase, Work};
use tracing::debug_span;

use crate::codec;
use crate::discover::OpenMovie;
use crate::likeness::{
    ContentVerdict, Evidence, Grey, Judgement, Place, cut_among, judge_far, judge_near,
};
use crate::look::{LookAcross, LookError, PictureFinder, Presented};
use crate::picture::{CodedFrame, Components, Planes, Size};
use crate::plan::{ContentFinding, Margin, Rank, SplicePlan, owned_frames};
use crate::units::EventIndex;
pub(crate) use changes::ListStart;
use wanted::{EventPictures, Spot};

/// Places of an event that are searched.
const SEARCHED: usize = 4;

/// How far the check looks for events that are not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// At a few places.
    Near,
    /// At more of them.
    Further,
    /// At every frame within reach, under other framings, too.
    Search,
}

impl Round {
    /// Its name in traces.
    fn name(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Further => "further",
            Self::Search => "search",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContentCheck {
    /// One for each event of the plan, in its order.
    pub(crate) findings: Vec<ContentFinding>,
    /// The events of lists near whose first frame the base cuts.
    pub(crate) list_starts: Vec<ListStart>,
    /// What it cost.
    pub(crate) cost: ContentCost,
}

/// What a check cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContentCost {
    /// Samples that were read.
    pub samples: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How long it took.
    pub time: Duration,
}

/// Looks at the pictures of every event.
///
/// - `clips`: in the order of the plan.
/// - `memory_budget`: bytes for samples and decoded pictures; those of one place (at most 31 small ones) come on top.
/// - `control`: bytes are added as they are read.
///
/// # Errors
/// [`LookError`] if a file cannot be read, the budget has no room for a frame, or the run was cancelled.
pub(crate) fn check(
    plan: &SplicePlan,
    base: &OpenMovie,
    clips: &[OpenMovie],
    memory_budget: u64,
    control: &Control,
) -> Result<ContentCheck, LookError> {
    let start = Instant::now();
    let movies: Vec<&OpenMovie> = std::iter::once(base).chain(clips).collect();
    let is_decoded =
        |movie: &OpenMovie| codec::is_prores(movie.movie.video_format().description.codec);
    let by_movie: Vec<PictureFinder<'_>> =
        movies.iter().map(|movie| PictureFinder::of(&movie.movie)).collect();
    let owned = owned_frames(&plan.events, &plan.overlaps);
    let wanted = (0..plan.events.len()).filter(|_| is_decoded(base)).map(|event| {
        let source = plan.events[event].clip.get() + 1;
        let planned = &plan.events[event];
        let nothing = planned.record_in..planned.record_in;
        let frames = longest(&owned[event]).unwrap_or(nothing);
        let first = movies[source].movie.frames().first_frame().unwrap_or(0);
        let clip_frame = first + planned.source_in + (frames.start - planned.record_in);
        let (base, clip) = (&by_movie[0], &by_movie[source]);
        let pictures = EventPictures { event, frames, clip_frame, base, clip };
        OpenEvent::new(pictures, plan.clip_of(planned).rank == Rank::Vfx)
    });
    let events = wanted.collect();
    let starts = if is_decoded(base) { changes::starts(plan, &by_movie[0]) } else { Vec::new() };
    let mut check = Check {
        plan,
        movies,
        events,
        list_starts: Vec::new(),
        memory_budget,
        cost: ContentCost::default(),
    };
    check.begin(&starts, control);
    for round in [Round::Near, Round::Further, Round::Search] {
        check.round(round, control)?;
    }
    check.look_at_starts(&starts, control)?;
    let findings = (0..plan.events.len()).map(|event| {
        let judgement = check.events.get(event).and_then(|event| event.judgement);
        finding(EventIndex::new(event), judgement)
    });
    let findings = findings.collect();
    let cost = ContentCost { time: start.elapsed(), ..check.cost };
    Ok(ContentCheck { findings, list_starts: check.list_starts, cost })
}

/// What a judgement says of an event.
fn finding(event: EventIndex, judgement: Option<Judgement>) -> ContentFinding {
    let (verdict, at, margin, places, note) = match judgement {
        Some(found) => (found.verdict, found.at, found.margin, found.places, found.note),
        None => (ContentVerdict::CannotTell, 0, 0.0, 0, None),
    };
    let is_placed = matches!(verdict, ContentVerdict::Fits | ContentVerdict::Shifted);
    // The event begins at the frame that is replaced, and its picture shows the frame that stands out.
    let offset = is_placed.then_some(-(at as i64));
    ContentFinding {
        event,
        verdict,
        offset,
        margin: Margin::of(margin),
        places: places as u64,
        note,
    }
}

/// The longest of some ranges.
fn longest(ranges: &[Range<u64>]) -> Option<Range<u64>> {
    // Of equals the first.
    ranges.iter().rev().max_by_key(|range| range.end - range.start).cloned()
}

/// An event whose verdict may still be open.
struct OpenEvent<'p, 'm> {
    pictures: EventPictures<'p, 'm>,
    /// Whether the clip may show what the base does not, as an effect does.
    may_differ: bool,
    /// What places told, with the base frames at which they begin.
    evidence: Vec<(u64, Evidence)>,
    judgement: Option<Judgement>,
    /// Places of this round that were not looked at yet.
    places_left: usize,
    /// About as many bytes as may still be read for it.
    bytes_left: u64,
}

impl<'p, 'm> OpenEvent<'p, 'm> {
    fn new(pictures: EventPictures<'p, 'm>, may_differ: bool) -> Self {
        let bytes_left = pictures.bytes_at_most(SEARCHED);
        let (evidence, judgement) = (Vec::new(), None);
        Self { pictures, may_differ, evidence, judgement, places_left: 0, bytes_left }
    }

    /// The places that are looked at in a round.
    fn spots(&mut self, round: Round) -> Vec<Spot> {
        match round {
            Round::Near => self.pictures.first(),
            Round::Further => self.pictures.further(),
            Round::Search => {
                let spots = self.pictures.searched(&self.telling());
                self.evidence.clear();
                spots
            }
        }
    }

    /// Judges it, if all places of the round were looked at. What is not needed any more counts as read.
    fn settle(&mut self, round: Round, control: &Control) {
        if self.places_left > 0 {
            return;
        }
        self.judgement = match round {
            Round::Near => judge_near(&self.all(), false),
            Round::Further => judge_near(&self.all(), true),
            Round::Search => Some(judge_far(&self.all(), self.may_differ)),
        };
        if self.judgement.is_some() {
            control.progress.add(std::mem::take(&mut self.bytes_left));
        }
    }

    /// What all places told, in the order of the event.
    fn all(&self) -> Vec<Evidence> {
        let mut places: Vec<&(u64, Evidence)> = self.evidence.iter().collect();
        places.sort_by_key(|(frame, _)| *frame);
        places.into_iter().map(|(_, evidence)| evidence.clone()).collect()
    }

    /// The places that tell most.
    fn telling(&self) -> Vec<u64> {
        let mut places: Vec<(f32, u64)> =
            self.evidence.iter().map(|(frame, one)| (one.information(), *frame)).collect();
        places.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut frames: Vec<u64> =
            places.into_iter().take(SEARCHED).map(|(_, frame)| frame).collect();
        frames.sort_unstable();
        frames
    }
}

/// A check that is under way.
struct Check<'a, 'p, 'm> {
    plan: &'a SplicePlan,
    /// The base, then the clips.
    movies: Vec<&'a OpenMovie>,
    events: Vec<OpenEvent<'p, 'm>>,
    list_starts: Vec<ListStart>,
    memory_budget: u64,
    cost: ContentCost,
}

impl<'p, 'm> Check<'_, 'p, 'm> {
    /// Says how much may have to be read: all rounds of all events, so that progress never goes back.
    fn begin(&self, starts: &[Spot], control: &Control) {
        let of_events = self.events.iter().map(|event| event.bytes_left);
        let bytes = of_events.chain(starts.iter().map(Spot::bytes)).sum();
        if bytes > 0 {
            control.progress.begin(Work { bytes_to_verify: bytes, ..Work::default() });
            control.progress.enter(Phase::Checking, bytes);
        }
    }

    /// Looks at places of every event that is not judged, and judges it as soon as its last one was seen.
    fn round(&mut self, round: Round, control: &Control) -> Result<(), LookError> {
        let mut events = std::mem::take(&mut self.events);
        let mut wanted = Vec::new();
        for event in events.iter_mut().filter(|event| event.judgement.is_none()) {
            let spots = event.spots(round);
            event.places_left = spots.len();
            wanted.extend(spots);
            event.settle(round, control);
        }
        let looked = self.look(round.name(), &wanted, control, |spot, seen| {
            let event = &mut events[spot.event];
            let evidence = evidence(spot, seen, round == Round::Search);
            event.evidence.extend(evidence.map(|evidence| (spot.frame, evidence)));
            event.places_left -= 1;
            event.bytes_left = event.bytes_left.saturating_sub(spot.bytes());
            event.settle(round, control);
        });
        self.events = events;
        looked
    }

    /// Looks where the base cuts near the first frames of events of lists.
    fn look_at_starts(&mut self, spots: &[Spot], control: &Control) -> Result<(), LookError> {
        let mut found = Vec::new();
        self.look("list", spots, control, |spot, seen| {
            let pictures: Option<Vec<Grey>> = seen.into_iter().collect();
            let cut = pictures.and_then(|pictures| cut_among(&pictures));
            found.extend(cut.map(|cut| ListStart::of(spot, cut)));
        })?;
        self.list_starts = found;
        Ok(())
    }

    /// Reads the pictures of places, and hands on those of each.
    fn look(
        &mut self,
        name: &'static str,
        spots: &[Spot],
        control: &Control,
        mut then: impl FnMut(&Spot, Vec<Option<Grey>>),
    ) -> Result<(), LookError> {
        let wanted = spots.iter().flat_map(|spot| {
            let clip = self.plan.events[spot.event].clip.get() + 1;
            let source = move |place| if place < spot.of_base { 0 } else { clip };
            let pictures = spot.pictures.iter().enumerate();
            pictures.map(move |(place, picture)| (source(place), picture.clone()))
        });
        let bytes = spots.iter().map(Spot::bytes).sum::<u64>();
        let samples = spots.iter().map(|spot| spot.pictures.len() as u64).sum::<u64>();
        if samples == 0 {
            return Ok(());
        }
        let _phase = debug_span!(target: PHASE, "check content", round = name, samples).entered();
        let (movies, budget) = (self.movies.clone(), self.memory_budget);
        let look = LookAcross::new(movies, wanted.clone(), Size::Eighth, budget)?;
        let mut rest = spots.iter();
        let mut spot = rest.next();
        let mut seen = Vec::new();
        look.at(wanted, control, grey, |_, picture| {
            seen.push(picture);
            if let Some(done) = spot.filter(|spot| seen.len() == spot.pictures.len()) {
                then(done, std::mem::take(&mut seen));
                spot = rest.next();
            }
        })?;
        self.cost.samples += samples;
        self.cost.bytes += bytes;
        Ok(())
    }
}

/// A small picture of a frame; nothing if it cannot be decoded.
fn grey(_: &Presented, bytes: &[u8], planes: &mut Planes) -> Option<Grey> {
    let frame = CodedFrame::parse(bytes).ok()?;
    let damage = frame.decode(Size::Eighth, Components::Luma, planes);
    (damage.damaged == 0).then(|| Grey::of(&frame, planes))
}

/// What a place tells, if all its pictures could be decoded.
fn evidence(spot: &Spot, seen: Vec<Option<Grey>>, reframed: bool) -> Option<Evidence> {
    let mut base: Vec<Grey> = seen.into_iter().collect::<Option<_>>()?;
    let clip = base.split_off(spot.of_base);
    let place = Place { base, replaced: spot.replaced, clip };
    place.is_whole().then(|| place.evidence(reframed))
}
