//! Base and clips to a plan: which base frames each clip replaces, or every reason why not.
//!
//! ```text
//! facts ──▶ compatible ──▶ place ──▶ overlap ──▶ samples ──▶ SplicePlan ──▶ json, picture
//!               └────────────┴──────────┴───────────┴──────▶ refusal
//! ```
//!
//! - In: the base, the clips, [`PlaceOptions`], the alignment of the layout.
//! - Out: [`Planned`], or a [`PlanError`] with all the reasons for all the clips.
//! - Holds: integer and rational arithmetic only; the order in which clips are given changes nothing but
//!   [`Planned::clip_order`].
//! - Not here: opening files (`discover`), where the samples go (`layout`).

mod compatible;
mod facts;
pub(crate) mod fit;
pub mod json;
mod options;
mod overlap;
pub mod picture;
mod place;
mod refusal;
mod samples;
mod settle;
mod source_range;
mod splice_plan;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub use facts::MovieFacts;
pub use json::InvalidPlan;
pub use options::{ClipEdges, ClipOptions, Overlap, PlaceOptions, Rank, SourceFrame};
pub use refusal::{PlanError, Reason, Refusal};
pub use splice_plan::{
    FileStamp, PlannedBase, PlannedClip, PlannedOverlap, Replacement, ReplayError, SplicePlan,
    TimecodeJump,
};

use crate::discover::OpenMovie;
use json::Schema;
use place::BaseClock;
use settle::{Case, Settled};

/// A plan, and which of the clips that were given each of its clips is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The plan.
    pub plan: SplicePlan,
    /// For each clip of the plan, its index among the clips that were given.
    pub clip_order: Vec<usize>,
}

/// Plans a splice: finds the base frames of every clip by timecode, and the samples of these frames.
///
/// - `clips`: in any order; all of them grades ([`plan_facts`] takes VFX clips too).
/// - `alignment`: block size in bytes, which the plan records for the layout.
/// - Cost: O(n log n) in clips and runs of the frame maps; independent of the media's size. Reads no file.
///
/// # Errors
/// [`PlanError`] with every reason for every file. With [`PlaceOptions::skip_refused`] a refused clip is left out with a
/// warning instead, unless none is left; what is wrong with the base or with the options is refused all the same.
///
/// # Panics
/// If `alignment` is not a power of two: the caller chose it.
pub fn plan(
    base: &OpenMovie,
    clips: &[OpenMovie],
    options: &PlaceOptions,
    alignment: u64,
) -> Result<Planned, PlanError> {
    let clips: Vec<MovieFacts<'_>> = clips.iter().map(MovieFacts::of).collect();
    plan_facts(&MovieFacts::of(base), &clips, options, alignment)
}

/// [`plan`] for movies whose facts are known, and whose clips may be VFX.
///
/// # Errors
/// The same.
///
/// # Panics
/// The same.
pub fn plan_facts(
    base: &MovieFacts<'_>,
    clips: &[MovieFacts<'_>],
    options: &PlaceOptions,
    alignment: u64,
) -> Result<Planned, PlanError> {
    assert!(alignment.is_power_of_two(), "an alignment of {alignment} is not a power of two");
    let mut general: Vec<Reason> =
        compatible::check_codec(base.format.description.codec).into_iter().collect();
    let clock = match BaseClock::new(base, options) {
        Ok(clock) => Some(clock),
        // Without clips nothing has to be placed, so nothing is wrong with a base that has no timecode.
        Err(Reason::BaseWithoutTimecode) if clips.is_empty() => None,
        Err(reason) => {
            general.push(reason);
            None
        }
    };
    let mut refusals: Vec<Refusal> =
        general.into_iter().map(|reason| Refusal { path: base.path.to_owned(), reason }).collect();
    refusals.extend(check_names(clips, options));
    let is_general = !refusals.is_empty();

    let mut cases = settle::judge(base, clips, clock.as_ref(), options);
    let settled = settle::settle(&mut cases, base, clock.as_ref(), options);
    for case in &cases {
        let path = case.facts.path;
        refusals.extend(
            case.reasons
                .iter()
                .map(|reason| Refusal { path: path.to_owned(), reason: reason.clone() }),
        );
    }
    let goes_on = options.skip_refused && !is_general && !settled.live.is_empty();
    if !refusals.is_empty() && !goes_on {
        return Err(PlanError { refusals });
    }
    let warnings = warnings(&cases, &settled);
    let plan = SplicePlan {
        schema: Schema,
        alignment,
        base: planned_base(base, clock.as_ref()),
        clips: planned_clips(&cases, &settled, clock.as_ref()),
        replacements: settled.replacements,
        overlaps: settled.overlaps,
        warnings,
    };
    let clip_order = settled.live.iter().map(|&case| cases[case].clip).collect();
    Ok(Planned { plan, clip_order })
}

/// Checks that each name of `--at` names one clip, and that each clip that something is said about is there.
fn check_names(clips: &[MovieFacts<'_>], options: &PlaceOptions) -> Vec<Refusal> {
    let names: Vec<String> = clips.iter().map(MovieFacts::name).collect();
    let judge = |name: &String| {
        let reason = match names.iter().filter(|known| *known == name).count() {
            0 => Reason::AtNamesNoClip,
            1 => return None,
            count => Reason::AtNamesSeveral { count },
        };
        Some(Refusal { path: name.into(), reason })
    };
    let is_clip = |path: &&PathBuf| clips.iter().any(|clip| clip.path == path.as_path());
    let strangers = options.by_clip.keys().filter(|path| !is_clip(path));
    let stranger =
        |path: &PathBuf| Refusal { path: path.clone(), reason: Reason::OptionsForNoClip };
    options.at.keys().filter_map(judge).chain(strangers.map(stranger)).collect()
}

fn planned_base(base: &MovieFacts<'_>, clock: Option<&BaseClock>) -> PlannedBase {
    let format = clock.map(|clock| clock.format);
    let starts: Vec<_> = clock.into_iter().flat_map(BaseClock::starts).collect();
    let text_at_start =
        starts.first().filter(|(frame, _)| *frame == 0).map(|(_, timecode)| timecode.to_string());
    PlannedBase {
        path: base.path.to_owned(),
        frames: base.frames.frame_count(),
        samples: base.sample_count,
        rate: base.format.rate,
        timecode: text_at_start,
        timecode_rate: format.map_or(base.format.rate, |format| format.rate),
        drop_frame: format.is_some_and(|format| format.drop_frame),
        timecode_jumps: starts
            .iter()
            .filter(|(frame, _)| *frame != 0)
            .map(|(frame, timecode)| TimecodeJump { frame: *frame, timecode: timecode.to_string() })
            .collect(),
        codec: base.format.description.codec,
        width: base.format.description.width,
        height: base.format.description.height,
        identity: FileStamp::of(&base.identity),
    }
}

fn planned_clips(
    cases: &[Case<'_>],
    settled: &Settled,
    clock: Option<&BaseClock>,
) -> Vec<PlannedClip> {
    let mut clips = Vec::with_capacity(settled.live.len());
    for (index, &case) in settled.live.iter().enumerate() {
        let facts = cases[case].facts;
        let place = cases[case].place.expect("a case that is left has a place");
        let clock = clock.expect("a place was found by the base's clock");
        let record_start = clock.timecode_at(place.record_in);
        clips.push(PlannedClip {
            path: facts.path.to_owned(),
            rank: facts.rank,
            timecode: facts
                .timecode_at(facts.presented().start)
                .map(|timecode| timecode.to_string()),
            record_in: place.record_in,
            record_out: place.record_out(),
            record_timecode_in: record_start.to_string(),
            record_timecode_out: clock.after(record_start, place.frame_count).to_string(),
            source_in: place.source_in,
            frames: settled.frames_used[index],
            samples: facts.sample_count,
            identity: FileStamp::of(&facts.identity),
        });
    }
    clips
}

/// What a person should know of a plan that was made: clips left out, then clip by clip in record order. What holds for
/// many clips is said once.
fn warnings(cases: &[Case<'_>], settled: &Settled) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    for case in cases.iter().filter(|case| !case.reasons.is_empty()) {
        let reasons: Vec<String> = case.reasons.iter().map(ToString::to_string).collect();
        warnings.push(format!("left out {}: {}", case.facts.path.display(), reasons.join("; ")));
    }
    let mut of_clips: Vec<(&Path, String)> = Vec::new();
    for (index, &case) in settled.live.iter().enumerate() {
        let case = &cases[case];
        let mut add = |warning: String| of_clips.push((case.facts.path, warning));
        case.warnings.iter().for_each(|warning| add(warning.to_string()));
        if let Some((head, tail)) =
            case.place.map(|place| place.trimmed).filter(|trimmed| *trimmed != (0, 0))
        {
            add(format!(
                "it sticks out of the base: its first {head} and last {tail} frames are not used"
            ));
        }
        if settled.frames_used[index] == 0 {
            let mut lost = settled.overlaps.iter().filter(|overlap| overlap.loser == index);
            let is_vfx = |winner: usize| cases[settled.live[winner]].facts.rank == Rank::Vfx;
            let by = if lost.all(|overlap| is_vfx(overlap.winner)) { "VFX" } else { "other" };
            add(format!("no frame of it is used: {by} clips cover it"));
        }
    }
    warnings.extend(gathered(&of_clips));
    warnings
}

/// A warning for each clip, or one for all of them where more than a few have the same.
fn gathered(warnings: &[(&Path, String)]) -> Vec<String> {
    const NAMED_MAX: usize = 3;
    let mut paths_of: HashMap<&str, Vec<&Path>> = HashMap::new();
    for (path, warning) in warnings {
        paths_of.entry(warning).or_default().push(path);
    }
    let told = warnings.iter().filter_map(|(path, warning)| {
        let paths = &paths_of[warning.as_str()];
        let names: Vec<String> =
            paths.iter().take(NAMED_MAX).map(|path| path.display().to_string()).collect();
        match paths.len() - names.len() {
            0 => Some(format!("{}: {warning}", path.display())),
            more if paths[0] == *path => {
                Some(format!("{} and {more} more clips: {warning}", names.join(", ")))
            }
            _ => None,
        }
    });
    told.collect()
}
