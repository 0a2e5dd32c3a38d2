//! `intercut insert`: puts clips into a movie in place.
//!
//! - Out: the changed movie; a few lines about it, or one report object (`--json`).
//! - Holds: nothing is printed on standard output before the movie has changed.
//! - Not here: the insert itself (`intercut_engine::in_place`).

use intercut_engine::in_place::{InPlaceError, Insert, LaidOutInsert};
use intercut_engine::report::ReportObject;

use super::{control, given, note_passed_over, require_clips};
use crate::args::InsertArgs;
use crate::command::plan::describe;
use crate::command::splice::warn_of;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::summary::summary;
use crate::{table, text};

pub(crate) fn run(args: &InsertArgs) -> Result<Exit, Failure> {
    insert(args).map_err(Failure::cancelled_in_place)
}

fn insert(args: &InsertArgs) -> Result<Exit, Failure> {
    let splice = given(&args.inputs, &args.place)?.options(args.options());
    let control = control();
    let opened = Insert::new(splice).open(&control)?;
    if !args.show.quiet {
        note_passed_over(opened.passed_over());
    }
    opened.warnings().iter().for_each(|warning| warn(warning));
    let planned = opened.plan()?;
    require_clips(planned.plan(), &args.inputs.movies)?;
    let watch = Watch::start(&control.progress, args.show, args.progress.unwrap_or_default());
    let planned = planned.check_content(&control);
    drop(watch);
    let planned = planned?;
    planned.plan().notes().iter().for_each(|note| warn(note));
    let ready = planned.lay_out()?;
    control.cancel.check()?;
    if args.dry_run {
        return dry_run(&ready, args);
    }
    let watch = Watch::start(&control.progress, args.show, args.progress.unwrap_or_default());
    let done: Result<_, InPlaceError> =
        ready.write(&control).and_then(|written| written.commit(&control));
    drop(watch);
    let done = done?;
    warn_of(&done);
    let report = ReportObject::from(&done);
    if report.in_place.is_some_and(|in_place| in_place.garbage_share >= GARBAGE_SHARE_TOLD) {
        let (movie, share) = (report.output.path.display(), garbage(&report));
        warn(&format!(
            "{share} of {movie} are not used any more: `intercut compact` gives that back"
        ));
    }
    match args {
        _ if args.json => print(&report.to_json())?,
        _ if args.show.quiet => {}
        _ => print(&summary(&report, table::terminal()))?,
    }
    Ok(Exit::Done)
}

/// From this share of a movie on, compacting it is worth a word.
const GARBAGE_SHARE_TOLD: f64 = 0.25;

fn garbage(report: &ReportObject) -> String {
    let share = report.in_place.map_or(0.0, |in_place| in_place.garbage_share);
    format!("{:.0} %", share * 100.0)
}

fn dry_run(ready: &LaidOutInsert, args: &InsertArgs) -> Result<Exit, Failure> {
    let report = ReportObject::from(&ready.report());
    if args.json {
        print(&report.to_json())?;
    } else if !args.show.quiet {
        let grows = report.in_place.map_or(0, |in_place| in_place.bytes_appended);
        let (movie, grows) = (report.output.path.display(), text::bytes(grows));
        let plan = describe(ready.plan());
        print(&format!("{plan}\ndry run: {movie} would grow by {grows}; nothing was changed\n"))?;
    }
    Ok(Exit::Done)
}
