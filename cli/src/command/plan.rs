//! `intercut plan`: what would go where, as a table and a picture, or as JSON that replays.
//!
//! - In: base, clips, placing options.
//! - Out: [`describe`]s the plan; a refused plan is a failure that names every reason.
//! - Not here: planning and the picture (`intercut_engine::plan`).

use intercut_engine::plan::picture::{CLIP_COLUMNS, clip_rows, timeline, titled};
use intercut_engine::plan::{PlannedOverlap, SplicePlan};
use intercut_engine::splice::Splice;

use super::{control, note_passed_over, place_options, require_clips};
use crate::args::PlanArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::{table, text};

pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    let place = place_options(&args.place)?;
    let splice = Splice::new(&args.base).clips(&args.clips).vfx(&args.vfx).place(place);
    let opened = splice.open(&control())?;
    if !args.quiet {
        note_passed_over(opened.passed_over());
    }
    let prepared = opened.plan()?;
    let plan = prepared.plan();
    require_clips(plan, &args.clips, &args.vfx)?;
    print(&if args.json { plan.to_json() } else { describe(plan) })?;
    plan.warnings.iter().for_each(|warning| warn(warning));
    Ok(Exit::Done)
}

/// The plan for people: the base, the clips, who won which frames, the timeline.
pub(crate) fn describe(plan: &SplicePlan) -> String {
    let base = &plan.base;
    let start =
        base.timecode.as_ref().map_or("no timecode".to_owned(), |start| format!("from {start}"));
    let mut shown = format!(
        "{}\n  {} at {}, {start}, {}, {}x{}\n\n",
        base.path.display(),
        text::counted(base.frames, "frame"),
        text::rate(base.rate),
        text::codec(base.codec),
        base.width,
        base.height,
    );
    // The name comes last: it may be long, and everything before it has its width.
    let [sign, name, timecode, record_in, record_out, frames, source_in] = CLIP_COLUMNS;
    let headings = [sign, timecode, record_in, record_out, "base frame", frames, source_in, name];
    let rows = clip_rows(plan).into_iter().zip(&plan.clips).map(|(row, clip)| {
        let [sign, name, timecode, record_in, record_out, frames, source_in] = row;
        let base_frame = clip.record_in.to_string();
        [sign, timecode, record_in, record_out, base_frame, frames, source_in, name]
    });
    shown.push_str(&table::draw(headings, &[4, 5, 6], rows));
    if !plan.overlaps.is_empty() {
        shown.push('\n');
        plan.overlaps.iter().for_each(|overlap| shown.push_str(&describe_overlap(plan, overlap)));
    }
    shown.push('\n');
    for line in timeline(plan, table::width()) {
        shown.push_str(line.trim_end());
        shown.push('\n');
    }
    shown
}

fn describe_overlap(plan: &SplicePlan, overlap: &PlannedOverlap) -> String {
    let name = |clip: usize| titled(&plan.clips[clip]);
    let timecode = |frame: u64| match plan.base.timecode_at(frame) {
        Some(timecode) => timecode.to_string(),
        None => format!("frame {frame}"),
    };
    format!(
        "{} to {} ({}): {} wins over {}\n",
        timecode(overlap.record_in),
        timecode(overlap.record_out),
        text::counted(overlap.record_out - overlap.record_in, "frame"),
        name(overlap.winner),
        name(overlap.loser),
    )
}
