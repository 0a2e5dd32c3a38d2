//! `intercut verify`: proves an existing result sample by sample.
//!
//! - In: the result; base and clips, or the plan that it was made by, or the report of its run.
//! - Out: a sentence, or one object (`intercut.verify/1`); every difference named, and exit 1 where there is one.
//! - Not here: the comparison (`intercut_engine::verify`), proving by a report (`prove`).

use std::path::PathBuf;

use intercut_engine::discover::{OpenMovie, find_clips, open, open_all};
use intercut_engine::plan::{MovieFacts, Planned, Rank, SplicePlan, plan_facts};
use intercut_engine::verify::{SampleDifference, VerifyReport, verify};
use serde::Serialize;

use super::{control, load_plan, note_passed_over, place_options, prove, require_clips};
use crate::args::VerifyArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::{Phase, Watch};
use crate::text;

/// Block size of the plan, in bytes: it decides where samples stand, which verifying does not ask.
const ALIGNMENT: u64 = 4096;
/// The name of the object that `--json` prints.
pub(super) const SCHEMA: &str = "intercut.verify/1";

pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    if let Some(run) = &args.run {
        return prove::run(args, run);
    }
    let output = open(&args.output)?;
    let Sources { base, clips, plan } = sources(args)?;
    let control = control();
    let watch = Watch::start(&control.progress, vec![Phase::Verifying], args.show);
    let found = verify(&output, &base, &clips, &plan, &control);
    drop(watch);
    let found = found?;
    if args.json {
        print(&to_json(args, &found))?;
    } else if !args.show.quiet || !found.is_identical() {
        print(&describe(args, &found, &plan))?;
    }
    Ok(if found.is_identical() { Exit::Done } else { Exit::Failed })
}

/// What the result should have been made of.
struct Sources {
    base: OpenMovie,
    /// In the order of the plan.
    clips: Vec<OpenMovie>,
    plan: SplicePlan,
}

fn sources(args: &VerifyArgs) -> Result<Sources, Failure> {
    let inputs = &args.inputs;
    if let Some(path) = &inputs.plan {
        let plan = load_plan(path)?;
        let base = open(&plan.base.path)?;
        let paths: Vec<PathBuf> = plan.clips.iter().map(|clip| clip.path.clone()).collect();
        let clips = open_all(&paths)?;
        plan.check_against(&base, &clips)?;
        return Ok(Sources { base, clips, plan });
    }
    let Some(base) = &inputs.base else {
        return Err(Failure::new(Exit::Usage, "no base is named", None));
    };
    let found = find_clips(&inputs.clips, &inputs.vfx, base, Some(&args.output))?;
    if !args.show.quiet {
        note_passed_over(&found.passed_over);
    }
    let paths: Vec<PathBuf> = found.paths.iter().chain(&found.vfx).cloned().collect();
    let (base, clips) = (open(base)?, open_all(&paths)?);
    let ranks = std::iter::repeat_n(Rank::Grade, found.paths.len())
        .chain(std::iter::repeat_n(Rank::Vfx, found.vfx.len()));
    let facts: Vec<MovieFacts<'_>> =
        clips.iter().zip(ranks).map(|(clip, rank)| MovieFacts::of(clip).ranked(rank)).collect();
    let options = place_options(&args.place)?;
    let Planned { plan, clip_order } =
        plan_facts(&MovieFacts::of(&base), &facts, &options, ALIGNMENT)?;
    require_clips(&plan, &inputs.clips, &inputs.vfx)?;
    plan.warnings.iter().for_each(|warning| warn(warning));
    let mut clips: Vec<Option<OpenMovie>> = clips.into_iter().map(Some).collect();
    let clips = clip_order.into_iter().filter_map(|index| clips[index].take()).collect();
    Ok(Sources { base, clips, plan })
}

fn describe(args: &VerifyArgs, found: &VerifyReport, plan: &SplicePlan) -> String {
    let output = args.output.display();
    let samples = text::counted(found.samples_checked, "sample");
    if found.is_identical() {
        let clips = text::counted(plan.clips.len() as u64, "clip");
        return format!(
            "{output}: {samples} checked, all equal: {} of {} frames from {clips}, everything else from the base\n",
            plan.frames_replaced(),
            plan.base.frames,
        );
    }
    let mut shown = format!("{output}: {samples} checked, {} differ\n", found.mismatches);
    if let Some(first) = &found.first {
        shown.push_str(&format!("  first: {first}\n"));
    }
    for difference in &found.structure {
        shown.push_str(&format!("  header: {difference}\n"));
    }
    shown
}

#[derive(Serialize)]
struct Object<'a> {
    schema: &'static str,
    output: String,
    identical: bool,
    samples_checked: u64,
    mismatches: u64,
    first: Option<First<'a>>,
    structure: Vec<String>,
}

/// The first sample that differs; offsets are of the first byte that does, from the start of its file.
#[derive(Serialize)]
struct First<'a> {
    track_id: u32,
    sample: u32,
    timecode: Option<String>,
    output_offset: u64,
    source: std::borrow::Cow<'a, str>,
    source_offset: u64,
    message: String,
}

impl<'a> From<&'a SampleDifference> for First<'a> {
    fn from(first: &'a SampleDifference) -> Self {
        Self {
            track_id: first.track_id,
            sample: first.sample.0,
            timecode: first.timecode.map(|timecode| timecode.to_string()),
            output_offset: first.output_offset,
            source: first.source_path.to_string_lossy(),
            source_offset: first.source_offset,
            message: first.to_string(),
        }
    }
}

fn to_json(args: &VerifyArgs, found: &VerifyReport) -> String {
    let object = Object {
        schema: SCHEMA,
        output: args.output.display().to_string(),
        identical: found.is_identical(),
        samples_checked: found.samples_checked,
        mismatches: found.mismatches,
        first: found.first.as_ref().map(First::from),
        structure: found.structure.iter().map(ToString::to_string).collect(),
    };
    let text = serde_json::to_string_pretty(&object);
    text.expect("every field of the object has a form in JSON") + "\n"
}
