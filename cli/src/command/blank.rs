//! `intercut blank`: black movies with burnt-in timecode, like camera originals or by numbers.
//!
//! - In: movies, folders of them, or numbers.
//! - Out: the blanks; two lines about each, or one object (`--json`, intercut.blank/1).
//! - Holds: every blank is planned before the first is written, so that nothing is made if one is refused.
//! - Not here: the blanks themselves (`intercut_engine::blank`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use intercut_engine::blank::{Blank, BlankReport, PlannedBlank, write_all};
use intercut_engine::codec::{Scan, color};
use intercut_engine::discover::find_clips;
use intercut_engine::json::{self, Form, Schema};
use intercut_io::{Control, IoError};
use schemars::JsonSchema;
use serde::Serialize;

use super::verify::PathObject;
use super::written::Written;
use super::{control, note_passed_over};
use crate::args::BlankArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::save::check_distinct;
use crate::{text, trace};

/// What was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Object {
    schema: Schema<Object>,
    /// Version of the engine.
    version: &'static str,
    /// One for each blank, in order.
    blanks: Vec<BlankObject>,
}

impl Form for Object {
    const SCHEMA: &'static str = "intercut.blank/1";
}

/// One blank.
#[derive(Debug, Serialize, JsonSchema)]
struct BlankObject {
    /// The movie that it is like; `null` if it was made by numbers.
    source: Option<PathObject>,
    output: PathObject,
    /// Its length.
    bytes: u64,
    /// The fourcc of its codec.
    codec: String,
    /// Pixels across and down.
    width: u16,
    height: u16,
    frames: u32,
    /// Frames per second, as `25/1`.
    rate: String,
    /// The label of its first frame.
    timecode: String,
    drop_frame: bool,
    reel: Option<String>,
    /// `progressive`, `top` or `bottom`: the field that is first.
    fields: &'static str,
    alpha: bool,
    /// How many sound tracks were copied from the source.
    sound_tracks: usize,
    /// Primaries, transfer characteristic and matrix by ITU-T H.273.
    color: Option<[u16; 3]>,
    #[serde(flatten)]
    written: Written,
    /// What a person should know, as sentences.
    warnings: Vec<String>,
}

pub(crate) fn run(args: &BlankArgs) -> Result<Exit, Failure> {
    let trace = args.write.trace.as_deref();
    check_distinct(&[("--output", Some(&args.output)), ("--trace", trace)])?;
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
    let progress = args.write.progress.unwrap_or_default();
    let watch = Watch::start(&control.progress, args.show, progress);
    let written = write_all(planned, args.jobs, options, &control);
    drop(watch);
    let (mut objects, mut failures) = (Vec::new(), Vec::new());
    for written in written.into_iter().flatten() {
        match written {
            Ok(report) => {
                if !args.json && !args.show.quiet {
                    print(&described(&report))?;
                }
                objects.push(BlankObject::of(&report));
            }
            Err(error) => failures.push(error.into()),
        }
    }
    if let Some(failure) = Failure::together(failures, "some blanks were not made") {
        return Err(failure);
    }
    if args.json {
        let version = env!("CARGO_PKG_VERSION");
        print(&json::to_text(&Object { schema: Schema::new(), version, blanks: objects }))?;
    }
    Ok(Exit::Done)
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
    let BlankReport { output, bytes, facts, times, .. } = report;
    let [_, render, sync] = times;
    let (width, height) = facts.raster;
    let reel = facts.reel.as_ref().map_or(String::new(), |reel| format!(", reel {reel}"));
    let sound = match facts.sound_tracks {
        0 => String::new(),
        count => format!(", with {}", text::counted(count as u64, "sound track")),
    };
    let speed = text::per_second(*bytes, *render + *sync);
    format!(
        "{}: {} at {}, from {}{reel}, {}, {width}x{height}{sound}\n  {} in {}, {}/s\n",
        output.display(),
        text::counted(facts.frames.into(), "frame"),
        text::rate(facts.rate),
        facts.timecode,
        text::codec(facts.flavor.codec()),
        text::bytes(*bytes),
        text::seconds((*render + *sync).as_secs_f64()),
        text::bytes(speed),
    )
}

impl BlankObject {
    fn of(report: &BlankReport) -> Self {
        let BlankReport { facts, copied, .. } = report;
        let codes = |codes: color::ColorCodes| [codes.primaries, codes.transfer, codes.matrix];
        Self {
            source: report.source.as_deref().map(PathObject::from),
            output: report.output.as_path().into(),
            bytes: report.bytes,
            codec: facts.flavor.codec().to_string(),
            width: facts.raster.0,
            height: facts.raster.1,
            frames: facts.frames,
            rate: format!("{}/{}", facts.rate.numerator(), facts.rate.denominator()),
            timecode: facts.timecode.to_string(),
            drop_frame: facts.timecode.format.drop_frame,
            reel: facts.reel.clone(),
            fields: match facts.scan {
                Scan::TopFieldFirst => "top",
                Scan::BottomFieldFirst => "bottom",
                _ => "progressive",
            },
            alpha: facts.alpha,
            sound_tracks: facts.sound_tracks,
            color: facts.color.map(codes),
            written: Written::of(
                report.times,
                copied,
                report.memory_budget,
                report.rss_anonymous_peak,
            ),
            warnings: facts.warnings.clone(),
        }
    }
}
