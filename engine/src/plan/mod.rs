//! Base and clips to a plan: which base frames each clip replaces, or every reason why not.
//!
//! ```text
//! facts ──▶ candidates ──────────────▶ overlap ──▶ samples ──▶ assemble ──▶ SplicePlan ──▶ json, picture
//!           compatible, events         └─────── settle ─────┘
//!           └──────────────────────────────┴──────▶ refusal
//! ```
//!
//! - In: the base, the clips, [`PlaceOptions`], the alignment of the layout.
//! - Out: [`Planned`], or a [`PlanError`] with all the reasons for all the clips.
//! - Holds: integer and rational arithmetic only; the order in which clips are given changes nothing but
//!   [`Planned::clip_order`].
//! - Not here: opening files (`discover`), where the samples go (`layout`).

mod assemble;
mod candidates;
mod clock;
mod compatible;
mod events;
mod facts;
pub(crate) mod fit;
mod options;
mod overlap;
pub(crate) mod reel;
mod refusal;
mod samples;
mod settle;
mod splice_plan;
#[cfg(test)]
mod tests;
mod versions;

use std::path::PathBuf;

pub use facts::MovieFacts;
pub use options::{
    ClipEdges, ClipOptions, ListOptions, Overlap, PlaceOption, PlaceOptions, Rank, SourceFrame,
    Versions,
};
pub use refusal::{Field, PlanError, Reason, Refusal};
pub use splice_plan::{
    ContentFinding, Event, EventOrigin, FileStamp, Gap, InvalidPlan, LeftOut, ListEvent, Margin,
    OpenEvent, OtherSchema, PlannedBase, PlannedClip, PlannedList, PlannedOverlap, Replacement,
    ReplayError, SplicePlan, TimecodeJump, forms, json, owned_frames, picture,
};

use crate::discover::{Growing, OpenList};
use crate::list::is_same_name;
use clock::BaseClock;
use events::list::Placed;
pub(crate) use events::list::hold;
pub(crate) use splice_plan::{lost_frames, short_gaps, without};

/// A plan, and which of the clips that were given each of its clips is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The plan.
    pub plan: SplicePlan,
    /// For each clip of the plan, its place among the clips that were given.
    pub clip_order: Vec<usize>,
}

/// Plans a splice: finds the base frames of every clip, and the samples of these frames.
///
/// - `clips`: in any order, grades and VFX clips.
/// - `alignment`: block size in bytes, which the plan records for the layout.
/// - Cost: O(n log n) in clips and runs of the frame maps; independent of the media's size. Reads no file.
///
/// # Errors
/// [`PlanError`] with every reason for every file. With [`PlaceOptions::skip_refused`] a refused clip is left out
/// instead, unless none is left; what is wrong with the base or with the options is refused all the same.
///
/// # Panics
/// If `alignment` is not a power of two: the caller chose it.
pub fn plan(
    base: &MovieFacts<'_>,
    clips: &[MovieFacts<'_>],
    options: &PlaceOptions,
    alignment: u64,
) -> Result<Planned, PlanError> {
    plan_by_lists(base, clips, &[], options, alignment)
}

/// [`plan`] by edit lists: with any, a clip goes where a list says, or where [`PlaceOptions::at`] does.
///
/// - `lists`: a picture track each, or whole timelines; later ones lie above earlier ones.
///
/// # Errors
/// The same; a list that cannot be used is refused whatever is skipped.
///
/// # Panics
/// The same.
pub fn plan_by_lists(
    base: &MovieFacts<'_>,
    clips: &[MovieFacts<'_>],
    lists: &[OpenList],
    options: &PlaceOptions,
    alignment: u64,
) -> Result<Planned, PlanError> {
    assert!(alignment.is_power_of_two(), "an alignment of {alignment} is not a power of two");
    let mut general: Vec<Reason> = growing_reason(base.growing, options).into_iter().collect();
    general.extend(base.obstacles.all().cloned().map(Reason::Unsupported));
    let clock = match BaseClock::new(base, options) {
        Ok(clock) => Some(clock),
        // Without clips nothing has to be placed, so a base without timecode is good enough.
        Err(Reason::BaseWithoutTimecode) if clips.is_empty() && lists.is_empty() => None,
        Err(reason) => {
            general.push(reason);
            None
        }
    };
    let mut refusals: Vec<Refusal> =
        general.into_iter().map(|reason| Refusal { path: base.path.to_owned(), reason }).collect();
    refusals.extend(check_names(clips, options));

    let by_lists = !lists.is_empty();
    let mut candidates = candidates::judge(base, clips, clock.as_ref(), options, by_lists);
    let mut placed = Placed::default();
    if let Some(clock) = clock.as_ref().filter(|_| by_lists) {
        placed = events::list::place(&mut candidates, base, lists, clock, options);
        refusals.append(&mut placed.refusals);
    }
    let is_general = !refusals.is_empty();
    versions::supersede(&mut candidates, options.versions);
    let settlement = settle::settle(&mut candidates, base, clock.as_ref(), options);
    for candidate in &candidates {
        let path = candidate.facts.path;
        let reasons = candidate.reasons.iter();
        refusals.extend(
            reasons.map(|reason| Refusal { path: path.to_owned(), reason: reason.clone() }),
        );
    }
    let goes_on = options.skip_refused && !is_general && !settlement.clips.is_empty();
    if !refusals.is_empty() && !goes_on {
        let placed = match is_general {
            true => None,
            false => what_fits(base, clips, lists, options, alignment),
        };
        return Err(PlanError { refusals, placed });
    }
    let clip_order = settlement.clips.iter().map(|&clip| candidates[clip].given).collect();
    let plan = assemble::assemble(base, clock.as_ref(), &candidates, settlement, alignment, placed);
    // Lists have gaps of their own; they are asked for events without a clip instead.
    if options.complete && !by_lists && !plan.gaps.is_empty() {
        return Err(incomplete(plan));
    }
    Ok(Planned { plan, clip_order })
}

/// Why a file that somebody still writes to is not used, unless that is allowed.
fn growing_reason(growing: Option<Growing>, options: &PlaceOptions) -> Option<Reason> {
    let how = growing.filter(|_| !options.allow_growing)?;
    Some(Reason::Growing { how, is_readable: true })
}

/// Refuses a plan for its gaps.
fn incomplete(plan: SplicePlan) -> PlanError {
    let refusal = |gap: &Gap| {
        let label = |frame| plan.base.timecode_at(frame).map(|label| label.to_string());
        let Gap { record_in, record_out, frames } = *gap;
        let number = |frame: u64| format!("frame {frame}");
        let from = label(record_in).unwrap_or_else(|| number(record_in));
        let to = label(record_out).unwrap_or_else(|| number(record_out));
        let reason = Reason::Incomplete { from, to, frames };
        Refusal { path: plan.base.path.clone(), reason }
    };
    let refusals = plan.gaps.iter().map(refusal).collect();
    PlanError { refusals, placed: Some(Box::new(plan)) }
}

/// The plan of all clips that could be placed if nobody minded that some overlap.
fn what_fits(
    base: &MovieFacts<'_>,
    clips: &[MovieFacts<'_>],
    lists: &[OpenList],
    options: &PlaceOptions,
    alignment: u64,
) -> Option<Box<SplicePlan>> {
    // Otherwise nothing is left of it.
    if options.skip_refused {
        return None;
    }
    let overlap = match options.overlap {
        Overlap::Error => Overlap::Last,
        chosen => chosen,
    };
    let options = PlaceOptions { skip_refused: true, overlap, ..options.clone() };
    plan_by_lists(base, clips, lists, &options, alignment)
        .ok()
        .map(|planned| Box::new(planned.plan))
}

/// Checks that each name that a record timecode or an event is given for names one clip, and that each clip that something is said
/// about is there.
fn check_names(clips: &[MovieFacts<'_>], options: &PlaceOptions) -> Vec<Refusal> {
    let names: Vec<String> = clips.iter().map(MovieFacts::name).collect();
    let refused = |name: &String, no_clip: Reason, several: fn(usize) -> Reason| {
        let reason = match names.iter().filter(|known| is_same_name(known, name)).count() {
            0 => no_clip,
            1 => return None,
            count => several(count),
        };
        Some(Refusal { path: name.into(), reason })
    };
    let at = options.at.keys().filter_map(|name| {
        refused(name, Reason::AtNamesNoClip, |count| Reason::AtNamesSeveral { count })
    });
    let event = options.lists.event.keys().filter_map(|name| {
        refused(name, Reason::EventNamesNoClip, |count| Reason::EventNamesSeveral { count })
    });
    let is_clip = |path: &&PathBuf| clips.iter().any(|clip| clip.path == path.as_path());
    let strangers = options.by_clip.keys().filter(|path| !is_clip(path));
    let stranger =
        |path: &PathBuf| Refusal { path: path.clone(), reason: Reason::OptionsForNoClip };
    at.chain(event).chain(strangers.map(stranger)).collect()
}
