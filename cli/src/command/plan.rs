//! `intercut plan`: what would go where, as a table and a picture, or as JSON that replays.
//!
//! - In: base, clips, placing options.
//! - Out: [`describe`]s the plan; a refused plan is a failure that names every reason.
//! - Not here: planning and the picture (`intercut_engine::plan`).

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use intercut_engine::plan::picture::{CLIP_COLUMNS, clip_rows, timeline, titled};
use intercut_engine::plan::{PlannedOverlap, SplicePlan};
use intercut_engine::splice::Splice;

use super::{control, note_passed_over, place_options, require_clips};
use crate::args::PlanArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::{table, text};

/// Rows of clips on a terminal: more would push the picture out of sight.
const ROWS_MAX: usize = 30;
/// How many of these are the last clips.
const ROWS_LAST: usize = 5;
/// Blanks around a cell.
const CELL_MARGIN: usize = 3;
/// Letters that a name keeps on the narrowest terminal.
const NAME_LEN_MIN: usize = 12;
/// The headings and the line under them.
const HEADING_LINES: usize = 2;
/// Where the cells of a line of the timeline begin.
const MARGIN: usize = 6;
/// Of the colours that every terminal has, the one that reads well on dark and on light.
const CLIP: Style = AnsiColor::Magenta.on_default().bold();
const FAINT: Style = Style::new().dimmed();

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
    shown.push_str(&clips(plan, std::io::stdout().is_terminal().then(table::width)));
    if !plan.overlaps.is_empty() {
        shown.push('\n');
        plan.overlaps.iter().for_each(|overlap| shown.push_str(&describe_overlap(plan, overlap)));
    }
    shown.push('\n');
    shown.push_str(&painted(&timeline(plan, table::width())));
    shown
}

/// The clips as a table. On a terminal of so many columns it fits them: names lose their middle, columns that say nothing
/// new and clips beyond some dozens are left out. Elsewhere it is whole.
fn clips(plan: &SplicePlan, terminal: Option<usize>) -> String {
    // The name comes last: it may be long, and everything before it has its width.
    let [sign, name, timecode, record_in, record_out, frames, source_in] = CLIP_COLUMNS;
    let headings = [sign, timecode, record_in, record_out, "base frame", frames, source_in, name];
    let mut rows: Vec<[String; 8]> = clip_rows(plan)
        .into_iter()
        .zip(&plan.clips)
        .map(|(row, clip)| {
            let [sign, name, timecode, record_in, record_out, frames, source_in] = row;
            let base_frame = clip.record_in.to_string();
            [sign, timecode, record_in, record_out, base_frame, frames, source_in, name]
        })
        .collect();
    let Some(width) = terminal else {
        return table::draw(&headings, &[4, 5, 6], rows);
    };
    let says_something = |column: usize| match column {
        1 => rows.iter().any(|row| row[1] != row[2]),
        6 => rows.iter().any(|row| row[6] != "0"),
        _ => true,
    };
    let columns: Vec<usize> = (0..8).filter(|column| says_something(*column)).collect();
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    if left_out > 0 {
        rows.drain(ROWS_MAX - ROWS_LAST..rows.len() - ROWS_LAST);
    }
    let before_name: usize = columns
        .iter()
        .filter(|column| **column != 7)
        .map(|&column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([headings[column].len()]).max().unwrap_or(0) + CELL_MARGIN
        })
        .sum();
    let name_len = width.saturating_sub(before_name + CELL_MARGIN).max(NAME_LEN_MIN);
    let headings: Vec<&str> = columns.iter().map(|&column| headings[column]).collect();
    let numbers: Vec<usize> =
        (0..columns.len()).filter(|place| (4..7).contains(&columns[*place])).collect();
    let cells = rows.into_iter().map(|mut row| {
        row[7] = table::shortened(&row[7], name_len);
        columns.iter().map(|&column| std::mem::take(&mut row[column])).collect::<Vec<_>>()
    });
    let drawn = table::draw(&headings, &numbers, cells);
    let mut lines: Vec<String> = drawn.lines().map(str::to_owned).collect();
    for line in lines.iter_mut().take(HEADING_LINES) {
        *line = format!("{FAINT}{line}{FAINT:#}");
    }
    if left_out > 0 {
        let more = text::counted(left_out as u64, "more clip");
        let line = format!(
            " {FAINT}… {more}: `--json` has them, and so has what goes into a pipe{FAINT:#}"
        );
        lines.insert(lines.len() - ROWS_LAST, line);
    }
    lines.join("\n") + "\n"
}

/// The timeline with colour: clips stand out, what only leads the eye stands back.
fn painted(lines: &[String]) -> String {
    const RULER_LINES: usize = 2;
    let mut shown = String::new();
    for (index, line) in lines.iter().enumerate() {
        let (name, cells) = line.split_at_checked(MARGIN).unwrap_or((line, ""));
        shown.push_str(&match name.trim() {
            _ if index + 1 == lines.len() => line.clone(),
            "cuts" => format!("{FAINT}{line}{FAINT:#}"),
            _ if index < RULER_LINES => format!("{FAINT}{line}{FAINT:#}"),
            "base" => {
                let runs = cells.split_inclusive('#').map(|run| match run.strip_suffix('#') {
                    Some(base) => format!("{base}{CLIP}#{CLIP:#}"),
                    None => run.to_owned(),
                });
                name.to_owned() + &runs.collect::<String>()
            }
            _ => format!("{name}{CLIP}{cells}{CLIP:#}"),
        });
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
