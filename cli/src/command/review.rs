//! `intercut review`: a small movie of what was replaced, base beside result.
//!
//! - In: a result, and where it is known what was replaced.
//! - Out: the movie; a few lines about it, or one object (`--json`, intercut.review/1); the page of the run with links into the movie.
//! - Holds: nothing is printed on standard output before the movie has its name. The page comes after that, and nothing about it
//!   makes the review fail.
//! - Not here: the review itself (`intercut_engine::review`).

use std::io::Write;
use std::path::Path;

use intercut_engine::in_place::History;
use intercut_engine::json::{self, Form, Schema};
use intercut_engine::plan::forms::PathObject;
use intercut_engine::report::{PoolReport, ReportObject};
use intercut_engine::review::{Review, ReviewReport, Side, Undecodable};
use intercut_engine::units::EventIndex;
use intercut_io::IoError;
use intercut_io::latency::Durations;
use schemars::JsonSchema;
use serde::Serialize;

use super::{control, load_plan, load_report};
use crate::args::ReviewArgs;
use crate::diagnostic::{Failure, note, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::save::{NewFile, check_distinct};
use crate::{page, pictures, text, trace};

/// What makes a report, for `--run`.
const RUN_HELP: &str = "make one with `intercut splice --json > run.json`";

/// What was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Object {
    schema: Schema<Object>,
    /// Version of the engine.
    version: &'static str,
    result: PathObject,
    /// What it is held against.
    base: Option<PathObject>,
    /// How many inserts came after the base, if it is the movie itself as it was before them; else `null`.
    inserts_since_base: Option<usize>,
    output: PathObject,
    /// Its length.
    bytes: u64,
    /// `single`, `side-by-side`, `wipe`, `stacked`.
    layout: &'static str,
    /// Pixels across and down.
    width: usize,
    height: usize,
    /// `h264`, `hevc`, `proxy`.
    codec: &'static str,
    /// The encoder, as FFmpeg calls it; `intercut` if it is this program.
    encoder: &'static str,
    /// Frames per second of the result.
    rate: String,
    /// Frames of the result that each picture stands for.
    every: u64,
    /// Pictures of the review, cards included.
    pictures: u64,
    /// Frames of the result that are shown.
    frames: u64,
    /// Frames that were left out by `--every`, before they were read.
    frames_left_out: u64,
    /// Cards before stretches.
    cards: u64,
    /// Where each event begins that is shown, in the order of the review.
    events: Vec<Begin>,
    /// The label that the review begins with; `null` if its labels do not follow one another, or there are none.
    timecode: Option<String>,
    /// Channels of its sound; 0 if it has none.
    sound_channels: u32,
    /// At which part of their width and height frames were decoded.
    decoded: Vec<Decoded>,
    /// Frames that cannot be decoded, in part or whole, and are grey: at most the first 100.
    undecodable: Vec<UndecodableObject>,
    /// How many there are.
    undecodable_count: u64,
    seconds: Seconds,
    /// How long each stage took for a picture.
    latency_ns: LatencyObject,
    /// Use of the pools of samples and of finished pictures.
    pools: Pools,
    /// What was allowed for them.
    memory_budget: u64,
    /// The peak of the process's anonymous memory, sampled; 0 if the system does not tell.
    rss_anonymous_peak: u64,
    /// What a person should know, as sentences.
    warnings: Vec<String>,
}

impl Form for Object {
    const SCHEMA: &'static str = "intercut.review/1";
}

/// Where an event begins.
#[derive(Debug, Serialize, JsonSchema)]
struct Begin {
    /// Counted from 0: the events of the plan, then those of later inserts, oldest first.
    event: EventIndex,
    /// The first picture that is its own, counted from 0.
    picture: u64,
    /// When that is shown, from the beginning of the review.
    seconds: f64,
}

/// How a side's frames were decoded.
#[derive(Debug, Serialize, JsonSchema)]
struct Decoded {
    /// `base`, `result`.
    side: &'static str,
    /// 1, 2, 4 or 8: by what width and height of brightness are divided.
    divisor: usize,
    /// The same of colour.
    color_divisor: usize,
    /// The transfer characteristic from which pictures are tone-mapped, for display only.
    tone_mapped: Option<&'static str>,
}

/// A frame that cannot be decoded.
#[derive(Debug, Serialize, JsonSchema)]
struct UndecodableObject {
    /// `base`, `result`.
    side: &'static str,
    /// Counted from 0 at the first picture.
    frame: u64,
    /// Parts of the frame that are decoded by themselves; `null` if it is no frame at all.
    slices: Option<usize>,
    /// Those that cannot be decoded.
    damaged_slices: Option<usize>,
}

/// Where the time went.
#[derive(Debug, Serialize, JsonSchema)]
struct Seconds {
    /// Opening and planning.
    setup: f64,
    /// Finding FFmpeg and an encoder that works.
    encoder: f64,
    /// Pictures and sound, up to the encoder's end.
    render: f64,
    /// Making the movie durable and giving it its name.
    sync: f64,
    total: f64,
}

/// How long each stage took.
#[derive(Debug, Serialize, JsonSchema)]
struct LatencyObject {
    /// Reading the samples of a picture.
    read: Percentiles,
    /// Decoding them.
    decode: Percentiles,
    /// Putting them on the canvas, with what is written there.
    composite: Percentiles,
    /// The last two together.
    picture: Percentiles,
    /// Handing the picture to the encoder, and waiting for it.
    encode: Percentiles,
}

/// A distribution, in nanoseconds.
#[derive(Debug, Serialize, JsonSchema)]
struct Percentiles {
    count: u64,
    mean: f64,
    p50: u64,
    p95: u64,
    p99: u64,
    max: u64,
}

/// Use of both pools.
#[derive(Debug, Serialize, JsonSchema)]
struct Pools {
    /// What samples are read into.
    samples: PoolReport,
    /// What pictures are put together in.
    pictures: PoolReport,
}

pub(crate) fn run(args: &ReviewArgs) -> Result<Exit, Failure> {
    check_distinct(&[
        ("--output", Some(&args.output)),
        ("--run", args.run.as_deref()),
        ("--plan", args.plan.as_deref()),
        ("--report", args.report.as_deref()),
        ("--trace", args.trace.as_deref()),
    ])?;
    trace::recorded(args.trace.as_deref(), &args.output, || review(args))
}

fn review(args: &ReviewArgs) -> Result<Exit, Failure> {
    let control = control();
    let run = args.run.as_deref().map(|run| load_report(run, RUN_HELP)).transpose()?;
    run.as_ref().map_or(Ok(()), |run| must_be_of_result(run, args))?;
    let page = args.report.as_deref().zip(run.as_ref());
    let page = page.map(|(path, run)| page_of(path, run, args)).transpose()?;
    let replaced = match &args.plan {
        Some(plan) => Some(load_plan(plan)?.into()),
        None => run.clone().map(Into::into),
    };
    let review = Review::new(&args.result, &args.output).against(args.against.clone());
    let planned = review.replaced(replaced).options(args.options()).prepare(&control)?;
    let watch = Watch::start(&control.progress, args.show, args.progress.unwrap_or_default());
    let report = planned.write(&control);
    drop(watch);
    let report = report?;
    report.warnings.iter().for_each(|warning| warn(warning));
    if report.undecodable_count > 0 {
        let frames = text::counted(report.undecodable_count, "frame");
        warn(&format!("{frames} cannot be decoded, in part or whole: they are grey and say so"));
    }
    let printed = if args.json {
        print(&json::to_text(&Object::of(&report)))
    } else if args.show.quiet {
        Ok(())
    } else {
        for (side, transfer) in &report.tone_mapped {
            note(&format!(
                "the {} is tone-mapped from {transfer} for display: its colours are not those of the movie",
                side.name()
            ));
        }
        print(&described(&report))
    };
    // The movie is what was asked for: it is done, with the page or without.
    if let Some((file, mut run)) = page.zip(run) {
        // Paths of a run are those of the folder in which it was made.
        run.output.path.clone_from(&args.result);
        let form = args.progress.unwrap_or_default();
        let pictures = pictures::make(&[&run], args.memory(), &control, args.show, form).pop();
        let link = page::Review::of(&report, file.path());
        let page = page::of_run(&run, pictures.as_ref(), Some(&link));
        let saved = file.write_and_save(|out| out.write_all(page.as_bytes()));
        saved.unwrap_or_else(|failure| failure.warn());
    }
    printed.map(|()| Exit::Done)
}

/// Refuses a run that wrote another movie: it would say of which clips this one's frames are.
fn must_be_of_result(run: &ReportObject, args: &ReviewArgs) -> Result<(), Failure> {
    let result = std::fs::metadata(&args.result).map_err(IoError::failed("read", &args.result))?;
    // Or what it was before something was inserted: the movie itself knows that.
    let is_earlier = || {
        let history = History::read(&args.result, &control().cancel);
        let mut inserts = history.into_iter().flat_map(|history| history.inserts);
        inserts.any(|insert| insert.journal.before.len == run.output.bytes)
    };
    if result.len() == run.output.bytes || is_earlier() {
        return Ok(());
    }
    let message = format!(
        "{} has {} bytes, but the run of --run wrote {}: it is about another movie",
        args.result.display(),
        result.len(),
        run.output.bytes
    );
    Err(Failure::new(Exit::Usage, message, Some("name the run that wrote it")))
}

/// Where the page of the run goes.
fn page_of(path: &Path, run: &ReportObject, args: &ReviewArgs) -> Result<NewFile, Failure> {
    let clips = run.clips.iter().map(|clip| clip.planned.path.as_path());
    let movies = clips.chain([run.base.path.as_path(), &args.result, &args.output]);
    NewFile::create(page::FILE, path, movies)
}

/// What was made, for people.
fn described(report: &ReviewReport) -> String {
    let ReviewReport { output, pictures, frames, layout, size, rate, .. } = report;
    let [_, _, render, sync] = report.times;
    let time = (render + sync).as_secs_f64();
    let against = match (&report.base, report.inserts_since_base) {
        (None, _) => String::new(),
        (Some(_), None) => format!(", {} against the base", layout.name()),
        (Some(_), Some(count)) => {
            let inserts = text::counted(count as u64, "insert");
            format!(", {} against the movie before {inserts}", layout.name())
        }
    };
    let left_out = match report.frames_left_out {
        0 => String::new(),
        count => format!(", {} left out", text::counted(count, "frame")),
    };
    let cards = match report.cards {
        0 => String::new(),
        count => format!(", {}", text::counted(count, "card")),
    };
    let timecode = match report.timecode {
        Some(timecode) => format!("timecode from {timecode}"),
        None => "timecode burnt in only".to_owned(),
    };
    format!(
        "{}: {}{left_out}{cards}{against}\n  {}x{} {} at {} by {}, {timecode}, {} in {}, {:.1} pictures/s\n",
        output.display(),
        text::counted(*frames, "frame"),
        size[0],
        size[1],
        report.codec.name(),
        text::rate(*rate),
        report.encoder,
        text::bytes(report.bytes),
        text::seconds(time),
        *pictures as f64 / time.max(1e-9),
    )
}

impl Object {
    fn of(report: &ReviewReport) -> Self {
        let [setup, encoder, render, sync] = report.times.map(|time| time.as_secs_f64());
        let tone = |side: Side| {
            let mapped = report.tone_mapped.iter().find(|(mapped, _)| *mapped == side);
            mapped.map(|(_, transfer)| *transfer)
        };
        let mut stages = report.stages.iter().map(|(_, durations)| Percentiles::of(durations));
        let mut stage = || stages.next().expect("every stage is reported");
        let latency_ns = LatencyObject {
            read: stage(),
            decode: stage(),
            composite: stage(),
            picture: stage(),
            encode: stage(),
        };
        let [samples, pictures] = report.pools.map(PoolReport::from);
        Self {
            schema: Schema::new(),
            version: env!("CARGO_PKG_VERSION"),
            result: report.result.as_path().into(),
            base: report.base.as_deref().map(PathObject::from),
            inserts_since_base: report.inserts_since_base,
            output: report.output.as_path().into(),
            bytes: report.bytes,
            layout: report.layout.name(),
            width: report.size[0],
            height: report.size[1],
            codec: report.codec.name(),
            encoder: report.encoder,
            rate: format!("{}/{}", report.rate.numerator(), report.rate.denominator()),
            every: report.every,
            pictures: report.pictures,
            frames: report.frames,
            frames_left_out: report.frames_left_out,
            cards: report.cards,
            events: report
                .begins
                .iter()
                .map(|&(event, picture)| Begin {
                    event,
                    picture,
                    seconds: report.seconds_at(picture),
                })
                .collect(),
            timecode: report.timecode.map(|timecode| timecode.to_string()),
            sound_channels: report.sound_channels,
            decoded: report
                .decoded
                .iter()
                .map(|&(side, [luma, chroma])| Decoded {
                    side: side.name(),
                    divisor: luma.divisor(),
                    color_divisor: chroma.divisor(),
                    tone_mapped: tone(side),
                })
                .collect(),
            undecodable: report.undecodable.iter().map(UndecodableObject::of).collect(),
            undecodable_count: report.undecodable_count,
            seconds: Seconds {
                setup,
                encoder,
                render,
                sync,
                total: setup + encoder + render + sync,
            },
            latency_ns,
            pools: Pools { samples, pictures },
            memory_budget: report.memory_budget,
            rss_anonymous_peak: report.rss_anonymous_peak,
            warnings: report.warnings.clone(),
        }
    }
}

impl UndecodableObject {
    fn of(found: &Undecodable) -> Self {
        Self {
            side: found.side.name(),
            frame: found.frame,
            slices: found.damage.map(|damage| damage.slices),
            damaged_slices: found.damage.map(|damage| damage.damaged),
        }
    }
}

impl Percentiles {
    fn of(durations: &Durations) -> Self {
        Self {
            count: durations.count(),
            mean: durations.mean(),
            p50: durations.quantile(0.5),
            p95: durations.quantile(0.95),
            p99: durations.quantile(0.99),
            max: durations.max(),
        }
    }
}
