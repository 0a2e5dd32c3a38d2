//! Simulates deliveries for real edit lists: a render for each cut, named in several ways, with handles.
//!
//! - In: paths of lists. `cargo run --example simulate_lists -- LIST...`
//! - Out: for each list and each way of naming: clips, placed, refused, left out, **wrong**.
//! - Holds: a placement is wrong if a base frame gets another frame of another source than the list says. The exit code is 1
//!   if there is any.
//! - Not here: part of continuous integration; the lists are not ours to ship.

use std::collections::HashMap;
use std::process::ExitCode;

use intercut_engine::list::conform::{
    BaseFacts, ClipFacts, Confidence, ConformOptions, Conformed, ListInput, Transitions, conform,
};
use intercut_engine::list::{Counting, Cut, CutList, ListError, NameKind, Play, Span, read};
use intercut_engine::timecode::{FrameRate, Timecode, TimecodeFormat};
use intercut_tests::random::Random;

/// How clips are named: as file or clip name, by reel alone, both with a number, by reel in the name, by nothing.
const NAMINGS: [&str; 5] = ["file", "reel", "file+reel", "reel name", "nothing (low)"];
/// Frames of handles; the last stands for any up to 24.
const HANDLES: [i64; 5] = [0, 8, 12, 24, -1];
/// Hundredths of the cuts that are delivered.
const SHARES: [usize; 2] = [100, 30];

/// A cut in frames: record and source, each with its first frame.
struct Plain<'a> {
    cut: &'a Cut,
    record: (i64, i64),
    source: i64,
}

/// A clip that was rendered for a cut.
struct Render {
    name: String,
    reel: Option<String>,
    start: [(u64, Timecode); 1],
    frames: u64,
    cut: usize,
}

#[derive(Default)]
struct Counts {
    clips: usize,
    placed: usize,
    refused: usize,
    left_out: usize,
    wrong: usize,
}

fn main() -> ExitCode {
    let mut wrong = 0;
    for path in std::env::args().skip(1) {
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        match read(&bytes, None) {
            Ok(list) => wrong += simulate(&name, &list),
            Err(error) => println!("{name}: {}: {error}", error.code()),
        }
    }
    println!("wrong: {wrong}");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The format that a list's base must have: the lowest standard rate that its frame numbers allow.
fn format_of(list: &CutList) -> TimecodeFormat {
    let drop_frame = matches!(list.counting, Counting::Drop { .. });
    if let Some(rate) = list.rate {
        return TimecodeFormat { rate, drop_frame };
    }
    let mut highest = 0;
    for span in list.cuts.iter().flat_map(|cut| [cut.record, cut.source]) {
        if let Span::Labels { first, end } = span {
            for label in [first.to_string(), end.to_string()] {
                let frames = label.rsplit([':', ';']).next().and_then(|text| text.parse().ok());
                highest = highest.max(frames.unwrap_or(0));
            }
        }
    }
    let nominal = [24, 25, 30, 50, 60].into_iter().find(|nominal| highest < *nominal).unwrap_or(60);
    let ratio = if nominal % 30 == 0 { (nominal * 1000, 1001) } else { (nominal, 1) };
    let rate = FrameRate::matching(ratio.0, ratio.1).expect("it is a rate");
    TimecodeFormat { rate, drop_frame }
}

/// The first frame of a span and how many.
fn frames_of(span: Span, format: TimecodeFormat) -> Option<(i64, i64)> {
    let frame = |text: String| {
        let (clock, frames) = text.rsplit_once([':', ';'])?;
        let separator = if format.drop_frame { ';' } else { ':' };
        let timecode = Timecode::parse(&format!("{clock}{separator}{frames}"), format).ok()?;
        i64::try_from(timecode.frame()).ok()
    };
    let (first, end) = match span {
        Span::Frames { first, end } => (first, end),
        Span::Labels { first, end } => (frame(first.to_string())?, frame(end.to_string())?),
    };
    Some((first, end - first))
}

/// The names of a cut's media, by which two cuts are of the same.
fn media(cut: &Cut) -> Vec<&str> {
    let mut names: Vec<&str> = cut.names.iter().map(|name| name.text.as_str()).collect();
    names.sort_unstable();
    names
}

fn simulate(name: &str, list: &CutList) -> usize {
    let format = format_of(list);
    let mut truth: HashMap<i64, Vec<(&Cut, i64)>> = HashMap::new();
    let mut plain = Vec::new();
    let mut range = (i64::MAX, i64::MIN);
    for cut in &list.cuts {
        let (Some(record), Some(source)) =
            (frames_of(cut.record, format), frames_of(cut.source, format))
        else {
            continue;
        };
        range = (range.0.min(record.0), range.1.max(record.0 + record.1));
        for frame in 0..record.1 {
            truth.entry(record.0 + frame).or_default().push((cut, source.0 + frame));
        }
        let mixed = i64::from(cut.mixed.head) + i64::from(cut.mixed.tail);
        if cut.play == Play::Plain && source.1 == record.1 && mixed < record.1 {
            plain.push(Plain { cut, record, source: source.0 });
        }
    }
    println!(
        "{name}: {} cuts, {} plain, {} fps",
        list.cuts.len(),
        plain.len(),
        format.rate.nominal()
    );
    let start = [(0, Timecode::from_frame(range.0, format))];
    let frames = u64::try_from(range.1 - range.0).unwrap_or(0);
    let base = BaseFacts { format, rate: format.rate, stretches: &start, frames };
    let mut wrong = 0;
    let mut random = Random::new(1);
    for naming in NAMINGS {
        for share in SHARES {
            let mut counts = Counts::default();
            for handles in HANDLES {
                let delivered: Vec<usize> =
                    (0..plain.len()).filter(|_| random.below(100) < share).collect();
                let renders: Vec<Render> = delivered
                    .into_iter()
                    .enumerate()
                    .map(|(number, cut)| {
                        let handles = match handles {
                            -1 => i64::try_from(random.below(25)).unwrap_or(0),
                            handles => handles,
                        };
                        let handles = handles.min(plain[cut].source);
                        render(&plain[cut], cut, number, naming, handles, format)
                    })
                    .collect();
                match deliver(list, &base, &renders, naming) {
                    Ok(conformed) => {
                        count(&conformed, &renders, &plain, &truth, range.0, &mut counts)
                    }
                    Err(error) => {
                        println!("  {error}");
                        return wrong;
                    }
                }
            }
            let Counts { clips, placed, refused, left_out, .. } = counts;
            println!(
                "  {naming:14}{share:4} %: {clips:5} clips: {placed:5} placed, {refused:4} refused, {left_out:3} left out, {} wrong",
                counts.wrong
            );
            wrong += counts.wrong;
        }
    }
    wrong
}

fn render(
    plain: &Plain<'_>,
    cut: usize,
    number: usize,
    naming: &str,
    handles: i64,
    format: TimecodeFormat,
) -> Render {
    let named = |kind| {
        let name = plain.cut.names.iter().find(|name| name.kind == kind);
        name.map(|name| name.text.clone())
    };
    let reel = named(NameKind::Reel);
    let file = named(NameKind::File).or(named(NameKind::Clip)).or(reel.clone()).unwrap_or_default();
    let stem = file.strip_suffix(".mov").unwrap_or(&file).replace('/', "_");
    let (name, reel) = match naming {
        "file" => (format!("{stem}.mov"), None),
        "reel" => (format!("S{number:03}.mov"), reel),
        "file+reel" => (format!("{stem}_S{number:03}.mov"), reel),
        "reel name" => (format!("{}_S{number:03}.mov", reel.unwrap_or(stem)), None),
        _ => (format!("S{number:03}.mov"), None),
    };
    let start = [(0, Timecode::from_frame(plain.source - handles, format))];
    let frames = u64::try_from(plain.record.1 + 2 * handles).unwrap_or(0);
    Render { name, reel, start, frames, cut }
}

fn deliver(
    list: &CutList,
    base: &BaseFacts<'_>,
    renders: &[Render],
    naming: &str,
) -> Result<Conformed, String> {
    let clips: Vec<ClipFacts<'_>> = renders
        .iter()
        .map(|render| ClipFacts {
            file_name: &render.name,
            reel: render.reel.as_deref(),
            stretches: &render.start,
            frames: render.frames,
            rank: 0,
            handles: 0,
            versions: &[],
        })
        .collect();
    let is_low = naming.ends_with("(low)");
    let options = ConformOptions {
        min_confidence: if is_low { Confidence::Low } else { Confidence::Medium },
        transitions: Transitions::Leave,
        ..ConformOptions::default()
    };
    let first = |errors: Vec<(usize, ListError)>| {
        errors.first().map(|(_, error)| error.to_string()).unwrap_or_default()
    };
    conform(&[ListInput { name: "list", list }], base, &clips, &options).map_err(first)
}

fn count(
    conformed: &Conformed,
    renders: &[Render],
    plain: &[Plain<'_>],
    truth: &HashMap<i64, Vec<(&Cut, i64)>>,
    base_start: i64,
    counts: &mut Counts,
) {
    counts.clips += renders.len();
    counts.refused += conformed.refusals.len();
    counts.left_out += conformed.left_out.len();
    let signed = |frames: u64| i64::try_from(frames).unwrap_or(i64::MAX);
    for (index, render) in renders.iter().enumerate() {
        let own = media(plain[render.cut].cut);
        let mut placements =
            conformed.placements.iter().filter(|placed| placed.clip == index).peekable();
        if placements.peek().is_none() {
            continue;
        }
        let is_right = placements.all(|placed| {
            (0..placed.frames).all(|frame| {
                let source = signed(render.start[0].1.frame()) + signed(placed.source_in + frame);
                let record = base_start + signed(placed.record_in + frame);
                let here = truth.get(&record).into_iter().flatten();
                here.into_iter().any(|(cut, its)| *its == source && media(cut) == own)
            })
        });
        if is_right {
            counts.placed += 1;
        } else {
            counts.wrong += 1;
        }
    }
}
