//! `intercut verify`: proves an existing result sample by sample.
//!
//! - In: the result; base and clips, or the plan that it was made by, or the report of its run.
//! - Out: a sentence, or one object (`intercut.verify/1`); every difference named, and exit 1 where there is one.
//! - Not here: the comparison (`intercut_engine::verify`), proving by a report (`prove`).

use intercut_engine::discover::open;
use intercut_engine::plan::SplicePlan;
use intercut_engine::splice::PlannedSplice;
use intercut_engine::verify::{SampleDifference, VerifyOptions, VerifyReport, verify};
use intercut_io::Control;
use serde::Serialize;

use super::{control, given, note_passed_over, require_clips};
use crate::args::VerifyArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::text;

/// The name of the object that `--json` prints.
pub(super) const SCHEMA: &str = "intercut.verify/1";

pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let control = control();
    let output = open(&args.output, &control.cancel)?;
    let prepared = prepared(args, &control)?;
    let watch = Watch::start(&control.progress, args.show);
    let found = verify(
        &output,
        prepared.base(),
        prepared.clips(),
        prepared.plan(),
        VerifyOptions::default(),
        &control,
    );
    drop(watch);
    let found = found?;
    if args.json {
        print(&to_json(args, &found))?;
    } else if !args.show.quiet || !found.is_identical() {
        print(&describe(args, &found, prepared.plan()))?;
    }
    Ok(if found.is_identical() { Exit::Done } else { Exit::Failed })
}

/// What the result should have been made of.
fn prepared(args: &VerifyArgs, control: &Control) -> Result<PlannedSplice, Failure> {
    let opened = given(&args.inputs, &args.place)?.finished([&args.output]).open(control)?;
    if !args.show.quiet {
        note_passed_over(opened.passed_over());
    }
    let prepared = opened.plan()?;
    require_clips(prepared.plan(), &args.inputs.movies)?;
    prepared.plan().notes().iter().for_each(|note| warn(note));
    Ok(prepared)
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
