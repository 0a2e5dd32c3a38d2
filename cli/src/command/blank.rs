//! `intercut blank`: black movies with burnt-in timecode, like camera originals or by numbers.
//!
//! - In: movies, folders of them, or numbers.
//! - Out: the blanks; two lines about each, a third if it was verified; or one object (`--json`, intercut.blank/1). A page.
//! - Holds: every blank is planned before the first is written, so that nothing is made if one is refused.
//! - Not here: the blanks themselves (`intercut_engine::blank`).

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use intercut_engine::blank::{Blank, BlankReport, BlanksObject, PlannedBlank, Written, write_all};
use intercut_engine::discover::find_clips;
use intercut_engine::json;
use intercut_engine::report::VerifyObject;
use intercut_engine::splice::Times;
use intercut_io::{Control, IoError};

use super::{control, note_passed_over};
use crate::args::BlankArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::save::{NewFile, check_distinct};
use crate::{page, summary, text, trace};

pub(crate) fn run(args: &BlankArgs) -> Result<Exit, Failure> {
    let (trace, report) = (args.write.trace.as_deref(), args.write.report.as_deref());
    check_distinct(&[("--output", Some(&args.output)), ("--report", report), ("--trace", trace)])?;
    trace::recorded(trace, &args.output, || make(args))
}

fn make(args: &BlankArgs) -> Result<Exit, Failure> {
    let control = control();
    let blanks = blanks(args, &control)?;
    let options = args.write.options();
    let folder = is_folder(args).then(|| Folder::make(&args.output)).transpose()?;
    let (mut planned, mut failures) = (Vec::<PlannedBlank>::new(), Vec::<Failure>::new());
    for blank in blanks {
        match blank.options(args.options()).plan(options.replace, &control) {
            Ok(blank) => planned.push(blank),
            Err(error) => failures.push(error.into()),
        }
    }
    if let Some(failure) = Failure::together(failures, "no blank was made") {
        folder.iter().for_each(Folder::take_back);
        return Err(failure);
    }
    for blank in &planned {
        let named = blank.source().unwrap_or(blank.output()).display().to_string();
        blank.facts().warnings.iter().for_each(|warning| warn(&format!("{named}: {warning}")));
    }
    // Whether it can be saved is known before the first byte is written.
    let movies = planned.iter().flat_map(|blank| [Some(blank.output()), blank.source()]);
    let page = args.write.report.as_deref();
    let page = page.map(|path| NewFile::create(page::FILE, path, movies.flatten())).transpose();
    let page = page.inspect_err(|_| folder.iter().for_each(Folder::take_back))?;
    let progress = args.write.progress.unwrap_or_default();
    let watch = Watch::start(&control.progress, args.show, progress);
    let written = write_all(planned, args.jobs, options, &control);
    drop(watch);
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    for written in written.into_iter().flatten() {
        match written {
            Ok(report) => {
                if !args.json && !args.show.quiet {
                    print(&described(&report))?;
                }
                reports.push(report);
            }
            Err(error) => failures.push(error.into()),
        }
    }
    if let Some(failure) = Failure::together(failures, "some blanks were not made") {
        return Err(failure);
    }
    let made = BlanksObject::of(&reports);
    let printed = if args.json { print(&json::to_text(&made)) } else { Ok(()) };
    // The blanks are what was asked for: they are done, with their page or without.
    if let Some(file) = page {
        let saved = file.write_and_save(|out| out.write_all(page::of_blanks(&made).as_bytes()));
        saved.unwrap_or_else(|failure| failure.warn());
    }
    printed.map(|()| Exit::Done)
}

/// The folder of the blanks.
pub(super) struct Folder<'a> {
    path: &'a Path,
    was_there: bool,
}

impl<'a> Folder<'a> {
    pub(super) fn make(path: &'a Path) -> Result<Self, Failure> {
        let was_there = path.is_dir();
        std::fs::create_dir_all(path).map_err(IoError::failed("create", path))?;
        Ok(Self { path, was_there })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.path
    }

    /// Removes it, if it was made for nothing.
    pub(super) fn take_back(&self) {
        if !self.was_there {
            // One that is not empty stays, and whoever filled it knows it.
            let _ = std::fs::remove_dir(self.path);
        }
    }
}

/// Whether the output is a folder.
fn is_folder(args: &BlankArgs) -> bool {
    args.output.is_dir() || args.sources.len() > 1 || args.sources.iter().any(|path| path.is_dir())
}

/// The blanks that are asked for, each with its output.
fn blanks(args: &BlankArgs, control: &Control) -> Result<Vec<Blank>, Failure> {
    if let Some(numbers) = args.numbers() {
        return Ok(vec![Blank::of_numbers(numbers, &args.output)]);
    }
    let outputs = [args.output.clone()];
    let found = find_clips(&args.sources, &[], &args.output, &outputs, &control.cancel)?;
    if !args.show.quiet {
        note_passed_over(&found.passed_over);
    }
    if found.paths.is_empty() {
        let sources: Vec<String> = args.sources.iter().map(|it| it.display().to_string()).collect();
        let message = format!("there is no movie in {}", sources.join(", "));
        return Err(Failure::new(Exit::Failed, message, None));
    }
    if !is_folder(args) {
        return Ok(vec![Blank::of_movie(&found.paths[0], &args.output)]);
    }
    let mut taken: BTreeMap<PathBuf, &Path> = BTreeMap::new();
    let mut blanks = Vec::new();
    for source in &found.paths {
        let mut name = source.file_stem().unwrap_or_default().to_owned();
        name.push(".mov");
        let output = args.output.join(name);
        if let Some(other) = taken.insert(output.clone(), source) {
            let (other, source, output) = (other.display(), source.display(), output.display());
            let message = format!("{other} and {source} would both be {output}");
            let help = "give one of them in a run of its own";
            return Err(Failure::new(Exit::Usage, message, Some(help)));
        }
        blanks.push(Blank::of_movie(source, output));
    }
    Ok(blanks)
}

/// What was made, for people.
fn described(report: &BlankReport) -> String {
    let BlankReport { output, facts, written, .. } = report;
    let (width, height) = facts.raster;
    let reel = facts.reel.as_ref().map_or(String::new(), |reel| format!(", reel {reel}"));
    let sound = match facts.sound_tracks {
        0 => String::new(),
        count => format!(", with {}", text::counted(count as u64, "sound track")),
    };
    format!(
        "{}: {} at {}, from {}{reel}, {}, {width}x{height}{sound}\n{}",
        output.display(),
        text::counted(facts.frames.into(), "frame"),
        text::rate(facts.rate),
        facts.timecode,
        text::codec(facts.flavor.codec()),
        how(written),
    )
}

/// How a movie of made frames was written, for people: a line, and a second one if it was verified.
pub(super) fn how(written: &Written) -> String {
    let Times { render, sync, .. } = written.times;
    let verify = VerifyObject::from(&written.verification);
    let verified = match verify.mode.as_str() {
        "none" => String::new(),
        _ => format!("  verified {}\n", summary::verified(&verify)),
    };
    format!(
        "  {} in {}, {}/s\n{verified}",
        text::bytes(written.bytes),
        text::seconds((render + sync).as_secs_f64()),
        text::bytes(text::per_second(written.bytes, render + sync)),
    )
}
