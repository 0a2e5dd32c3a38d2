//! The commands, one file each.
//!
//! - In: parsed arguments.
//! - Out: how it ended, or what is wrong.
//! - Not here: what the arguments are (`args`), how failures look (`diagnostic`).

mod batch;
mod blank;
mod compact;
mod completions;
mod demo;
mod history;
mod insert;
mod link;
mod man;
mod plan;
mod probe;
mod qc;
mod report;
mod review;
mod schema;
mod splice;
mod stamp;
mod still;
mod undo;
mod verify;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use intercut_engine::discover::{PassedOver, SkipReason};
use intercut_engine::json::JsonError;
use intercut_engine::list::save::{to_edl, to_otio};
use intercut_engine::plan::{PlaceOptions, ReplayError, SplicePlan};
use intercut_engine::report::ReportObject;
use intercut_engine::splice::Splice;
use intercut_io::{Control, IoError, Progress};

use crate::args::{Command, InputArgs, MovieArgs, PlaceArgs, SaveListArgs};
use crate::diagnostic::{Failure, note, warn};
use crate::exit::Exit;
use crate::save::{Kind, NewFile, contains};
use crate::{advice, signal, text};

/// Runs one command.
pub(crate) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Splice(args) => splice::run(args),
        Command::Insert(args) => insert::run(args),
        Command::Undo(args) => undo::run(args),
        Command::History(args) => history::run(args),
        Command::Compact(args) => compact::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Link(args) => link::run(args),
        Command::Probe(args) => probe::run(args),
        Command::Still(args) => still::run(args),
        Command::Blank(args) => blank::run(args),
        Command::Stamp(args) => stamp::run(args),
        Command::Qc(args) => qc::run(args),
        Command::Review(args) => review::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Batch(args) => batch::run(args),
        Command::Report(args) => report::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
        Command::Schema(args) => schema::run(args),
    }
}

/// Lets signals end the process with the exit code of a cancelled run.
pub(crate) fn listen() -> Result<(), Failure> {
    signal::listen().map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot listen to signals: {error}"), None)
    })
}

/// A control that signals cancel, for a command that looks at it from its first file on.
fn control() -> Control {
    Control { cancel: signal::cancel(), progress: Progress::default() }
}

/// The placing options, if they make sense together.
fn place_options(args: &PlaceArgs) -> Result<PlaceOptions, Failure> {
    match args.repeated() {
        None => Ok(args.options()),
        Some((option, clip)) => Err(Failure::new(
            Exit::Usage,
            format!("{option} names {clip} more than once"),
            Some("give one place for each clip"),
        )),
    }
}

/// The splice that base and clips, or a saved plan, describe.
fn given(inputs: &InputArgs, place: &PlaceArgs) -> Result<Splice, Failure> {
    match &inputs.plan {
        Some(plan) => Ok(Splice::replay(load_plan(plan)?)),
        None => named(&inputs.movies, place),
    }
}

/// The splice of a base and its clips.
fn named(movies: &MovieArgs, place: &PlaceArgs) -> Result<Splice, Failure> {
    let base = movies.base.as_ref();
    let base = base.ok_or_else(|| Failure::new(Exit::Usage, "no base is named", None))?;
    let splice = Splice::new(base).clips(&movies.clips).vfx(&movies.vfx).lists(place.lists());
    Ok(splice.place(place_options(place)?))
}

/// Reads a plan that was saved.
fn load_plan(path: &Path) -> Result<SplicePlan, Failure> {
    let text = std::fs::read(path).map_err(IoError::failed("read", path))?;
    // What is not UTF-8 is not a plan, and the reader of JSON says where.
    let plan = SplicePlan::from_json(&String::from_utf8_lossy(&text));
    plan.map_err(|error| match &error {
        // The library was given text and cannot name the file.
        ReplayError::Unreadable { detail } => {
            let message =
                format!("{} is not a plan that can be replayed: {detail}", path.display());
            Failure::new(Exit::Failed, message, Some(advice::replay(&error)))
        }
        _ => error.into(),
    })
}

/// Reads the report object of a run; `help` says what makes one.
fn load_report(path: &Path, help: &str) -> Result<ReportObject, Failure> {
    let text = std::fs::read(path).map_err(IoError::failed("read", path))?;
    // What is not UTF-8 is not a report, and the reader of JSON says where.
    parse_report(path, &String::from_utf8_lossy(&text), help)
}

/// The report object that was read from `path`.
fn parse_report(path: &Path, text: &str, help: &str) -> Result<ReportObject, Failure> {
    ReportObject::from_json(text).map_err(|error| {
        let message = match &error {
            JsonError::Unreadable { message: cause } => {
                format!("{} is not the report of a run: {cause}", path.display())
            }
            error => format!("{} cannot be used: {error}", path.display()),
        };
        Failure::new(Exit::Failed, message, Some(help))
    })
}

/// Refuses to go on without a clip: the result would be the base again, which nobody asks for.
fn require_clips(plan: &SplicePlan, movies: &MovieArgs) -> Result<(), Failure> {
    if !plan.clips.is_empty() {
        return Ok(());
    }
    let folders = movies.clips.iter().chain(&movies.vfx).map(|path| path.display().to_string());
    let folders: Vec<String> = folders.collect();
    let message = format!("there is no clip in {}", folders.join(", "));
    Err(Failure::refused("no_clips", message, Some("name clips, or a folder that holds some")))
}

const EDL_FILE: Kind = Kind {
    noun: "an EDL that intercut saved",
    is_ours: Some(|head| contains(head, "* INTERCUT CLIP: ")),
};
const OTIO_FILE: Kind = Kind {
    noun: "a timeline that intercut saved",
    is_ours: Some(|head| contains(head, "\"intercut\": {")),
};

/// Saves what a plan replaces as lists, as far as that is asked for.
///
/// - `outputs`: movies that are yet to come.
fn save_lists(args: &SaveListArgs, plan: &SplicePlan, outputs: &[&PathBuf]) -> Result<(), Failure> {
    let given = [(&args.save_edl, EDL_FILE), (&args.save_otio, OTIO_FILE)];
    for (path, kind) in given.into_iter().filter_map(|(path, kind)| Some((path.as_ref()?, kind))) {
        let Some(list) = plan.saved_list() else {
            let message = "the base has no timecode, by which lists say where something is";
            let help = Some("pass the timecode of its first frame with --base-timecode");
            return Err(Failure::new(Exit::Usage, message, help));
        };
        let is_otio = args.save_otio.as_ref() == Some(path);
        let text = if is_otio { to_otio(&list) } else { to_edl(&list) };
        let clips = plan.clips.iter().map(|clip| clip.path.as_path());
        let lists = plan.lists.iter().map(|list| list.path.as_path());
        let outputs = outputs.iter().map(|output| output.as_path());
        let sources = clips.chain(lists).chain(outputs).chain([plan.base.path.as_path()]);
        NewFile::create(kind, path, sources)?
            .write_and_save(|out| out.write_all(text.as_bytes()))?;
    }
    Ok(())
}

/// Tells what was passed over in folders.
fn note_passed_over(passed_over: &[PassedOver]) {
    // The output is where the user said it is.
    let told = passed_over.iter().filter(|over| over.reason != SkipReason::Output);
    note_passed_by_reason(told.map(|over| (over.path.as_path(), over.reason)));
}

/// Tells what was passed over and why: the first files of each kind by name, the others by their number. What may have
/// held clips is a warning, and named one by one.
fn note_passed_by_reason<'a>(passed_over: impl Iterator<Item = (&'a Path, SkipReason)>) {
    const NAMED_MAX: usize = 3;
    let mut by_reason: BTreeMap<SkipReason, Vec<&Path>> = BTreeMap::new();
    for (path, reason) in passed_over {
        if reason.is_warning() {
            warn(&format!("{}: passed over: {reason}", path.display()));
        } else {
            by_reason.entry(reason).or_default().push(path);
        }
    }
    for (reason, paths) in by_reason {
        for path in paths.iter().take(NAMED_MAX) {
            note(&format!("{}: passed over: {reason}", path.display()));
        }
        let more = paths.len().saturating_sub(NAMED_MAX);
        if more > 0 {
            note(&format!("{} passed over: {reason}", text::counted(more as u64, "more file")));
        }
    }
}
