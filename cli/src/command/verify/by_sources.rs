//! Proves a result sample by sample: by its base and clips, or by a plan that names them.
//!
//! - In: the result, and what it should have been made of.
//! - Out: [`Proved::BySources`].
//! - Not here: the comparison (`intercut_engine::verify`).

use std::path::Path;

use intercut_engine::probe::open;
use intercut_engine::splice::PlannedSplice;
use intercut_engine::verify::{VerifyOptions, VerifyReport, verify};
use intercut_io::Control;

use super::object::{Frames, Proved};
use crate::args::{ProgressForm, ShowArgs, VerifyArgs};
use crate::command::{given, note_passed_over, require_clips};
use crate::diagnostic::{Failure, warn};
use crate::progress::Watch;
use crate::text;

/// Proves a result by what is named on the command line.
pub(super) fn by_arguments(args: &VerifyArgs, control: &Control) -> Result<Proved, Failure> {
    let opened = given(&args.inputs, &args.place)?.finished([&args.output]).open(control)?;
    if !args.show.quiet {
        note_passed_over(opened.passed_over());
    }
    let planned = opened.plan()?;
    require_clips(planned.plan(), &args.inputs.movies)?;
    planned.plan().notes().iter().for_each(|note| warn(note));
    by_plan(&args.output, &planned, args.show, control)
}

/// Proves a result by the movies of its plan.
pub(super) fn by_plan(
    output: &Path,
    planned: &PlannedSplice,
    show: ShowArgs,
    control: &Control,
) -> Result<Proved, Failure> {
    let (plan, options) = (planned.plan(), VerifyOptions::default());
    let output = open(output, &control.cancel)?;
    let watch = Watch::start(&control.progress, show, ProgressForm::Auto);
    let found = verify(&output, planned.base(), planned.clips(), plan, options, control);
    drop(watch);
    let frames = Frames {
        replaced: plan.frames_replaced(),
        all: plan.base.frames,
        clips: plan.clips.len() as u64,
    };
    Ok(Proved::BySources { found: found?, frames })
}

/// What was found, for people.
pub(super) fn sentence(output: &Path, found: &VerifyReport, frames: Frames) -> String {
    let output = output.display();
    let samples = text::counted(found.samples_checked, "sample");
    if found.is_identical() {
        return format!(
            "{output}: {samples} checked, all equal: {} of {} frames from {}, everything else from the base\n",
            frames.replaced,
            frames.all,
            text::counted(frames.clips, "clip"),
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
