//! `intercut plan`: what would go where, as a table and a picture, or as JSON that replays.
//!
//! - In: base, clips, placing options; or a jobs file.
//! - Out: [`describe`]s the plan. If it is refused: what could be placed, and a failure that names every reason.
//! - Not here: planning and the picture (`intercut_engine::plan`).

use std::path::Path;

use anstyle::{AnsiColor, Style};
use intercut_engine::plan::picture::{EVENT_COLUMNS, event_rows, timeline, titled};
use intercut_engine::plan::{PlannedOverlap, SplicePlan};
use intercut_engine::report::Verdict;
use intercut_engine::splice::{Splice, SpliceError, SpliceOptions};

use super::{control, named, note_passed_over, require_clips, save_lists};
use crate::args::{PlanArgs, ProgressForm, ShowArgs};
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::jobs::{Located, expand};
use crate::options::Settings;
use crate::progress::Watch;
use crate::{summary, table, text};

/// Refusals by which it is open who wins frames that two clips claim.
const UNDECIDED: [&str; 3] = ["overlap", "versions", "handles"];
/// Rows of clips on a terminal: more would push the picture out of sight.
const ROWS_MAX: usize = 30;
/// How many of these are the last clips.
const ROWS_LAST: usize = 5;
/// Where the cells of a line of the timeline begin.
const MARGIN: usize = 6;
/// Of the colours that every terminal has, the one that reads well on dark and on light.
const CLIP: Style = AnsiColor::Magenta.on_default().bold();
const FAINT: Style = Style::new().dimmed();

pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Failure> {
    if let Some(file) = jobs_file(args) {
        return jobs(file, args);
    }
    if args.movies.clips.is_empty() && args.movies.vfx.is_empty() {
        let help =
            "name clips, or a folder of them, or a jobs file alone: see intercut plan --help";
        return Err(Failure::new(Exit::Usage, "there is nothing to plan", Some(help)));
    }
    let options = SpliceOptions::default().check_content(args.checking.check_content());
    let plan = planned(&named(&args.movies, &args.place)?.options(options), args)?;
    require_clips(&plan, &args.movies)?;
    save_lists(&args.save_list, &plan, &[])?;
    show(&plan, args)?;
    Ok(Exit::Done)
}

/// Opens and plans. If the plan is refused, shows what could be placed.
fn planned(splice: &Splice, args: &PlanArgs) -> Result<SplicePlan, Failure> {
    let control = control();
    let opened = splice.open(&control)?;
    if !args.quiet {
        note_passed_over(opened.passed_over());
    }
    let show = ShowArgs { quiet: args.quiet, no_progress: false };
    let watch = Watch::start(&control.progress, show, ProgressForm::Auto);
    let planned = opened.plan().and_then(|planned| planned.check_content(&control));
    drop(watch);
    match planned {
        Ok(planned) => Ok(planned.plan().clone()),
        Err(SpliceError::Plan(error)) => {
            if let Some(placed) = error.placed.as_ref().filter(|_| !args.json) {
                let mut codes = error.refusals.iter().map(|refusal| refusal.reason.code());
                let is_decided = !codes.any(|code| UNDECIDED.contains(&code));
                print(&drawn(placed, is_decided))?;
            }
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn show(plan: &SplicePlan, args: &PlanArgs) -> Result<(), Failure> {
    print(&if args.json { plan.to_json() } else { describe(plan) })?;
    plan.notes().iter().for_each(|note| warn(note));
    Ok(())
}

/// The jobs file, if it is what the command is given.
fn jobs_file(args: &PlanArgs) -> Option<&Path> {
    let movies = &args.movies;
    let file = movies.base.as_deref().filter(|base| base.extension() == Some("toml".as_ref()));
    file.filter(|_| movies.clips.is_empty() && movies.vfx.is_empty())
}

/// Plans every job of a file. A job that is refused does not stop the others.
fn jobs(file: &Path, args: &PlanArgs) -> Result<Exit, Failure> {
    let settings = args.place.settings();
    let Some(settings) = settings.map(|of| Settings { checking: args.checking.clone(), ..of })
    else {
        let help = "give the clip a table with `at` or `event` in the jobs file";
        let message = "--at and --event do not say in which job they place the clip";
        return Err(Failure::new(Exit::Usage, message, Some(help)));
    };
    if args.save_list.save_edl.is_some() || args.save_list.save_otio.is_some() {
        let message = "--save-edl and --save-otio save one plan, and a jobs file has several";
        return Err(Failure::new(Exit::Usage, message, Some("plan the base and its clips alone")));
    }
    let expanded = expand(&Located::read(file)?, &settings, None, &control().cancel)?;
    if !args.quiet {
        note_passed_over(&expanded.passed_over);
    }
    let mut exit = Exit::Done;
    for splice in expanded.splices {
        match planned(&splice.only_planned(), args).and_then(|plan| show(&plan, args)) {
            Err(failure) if failure.exit == Exit::Cancelled => return Err(failure),
            Err(failure) => {
                failure.print();
                if let Some(refusals) = failure.refusals().filter(|_| args.json) {
                    print(&refusals)?;
                }
                exit = exit.worse(failure.exit);
            }
            Ok(()) if args.json => {}
            Ok(()) => print("\n")?,
        }
    }
    Ok(exit)
}

/// The plan for people: the base, the clips, who won which frames, the timeline, the verdict.
pub(crate) fn describe(plan: &SplicePlan) -> String {
    drawn(plan, true) + &summary::verdict(&Verdict::of_plan(plan), table::terminal())
}

/// A plan for people.
///
/// - `is_decided`: whether overlaps are decided, or only what is wrong.
fn drawn(plan: &SplicePlan, is_decided: bool) -> String {
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
    plan.lists.iter().for_each(|list| shown.push_str(&format!("{}\n", text::list(list))));
    if !plan.lists.is_empty() {
        shown.push('\n');
    }
    shown.push_str(&clips(plan, table::terminal()));
    if !plan.overlaps.is_empty() {
        shown.push('\n');
        for overlap in &plan.overlaps {
            shown.push_str(&describe_overlap(plan, overlap, is_decided));
        }
    }
    shown.push('\n');
    shown.push_str(&painted(&timeline(plan, table::width())));
    shown
}

/// A clip's sign, its timecode, record in and out, base frame, frames, clip frame, the list's event, what the content check
/// found, name. The name comes last: it may be long, and everything before it has its width.
type Row = [String; 10];
/// Where a row has the event of a list.
const EVENT: usize = 7;
/// Where it has what the content check found.
const CONTENT: usize = 8;

/// The clips as a table, which fits a terminal of so many columns. Elsewhere it is whole.
fn clips(plan: &SplicePlan, terminal: Option<usize>) -> String {
    let rows = event_rows(plan).into_iter().zip(&plan.events).map(|(row, event)| {
        let [sign, name, timecode, record_in, record_out, frames, source_in] = row;
        let base_frame = event.record_in.to_string();
        let listed = event.list.as_ref().map_or_else(String::new, |list| {
            format!("{} {}", list.event, text::confidence(list.confidence))
        });
        let content = String::new();
        [
            sign, timecode, record_in, record_out, base_frame, frames, source_in, listed, content,
            name,
        ]
    });
    let mut rows: Vec<Row> = rows.collect();
    for finding in plan.content.iter().flatten() {
        rows[finding.event.get()][CONTENT] = text::content(finding);
    }
    match terminal {
        Some(width) => fitted(rows, width),
        None => {
            let columns = columns(&rows, |column| ![EVENT, CONTENT].contains(&column));
            let headings: Vec<&str> = columns.iter().map(|&column| headings()[column]).collect();
            let rows = rows.iter_mut().map(|row| {
                columns.iter().map(|&column| std::mem::take(&mut row[column])).collect::<Vec<_>>()
            });
            table::draw(&headings, &[4, 5, 6], rows)
        }
    }
}

fn headings() -> [&'static str; 10] {
    let [sign, name, timecode, record_in, record_out, frames, source_in] = EVENT_COLUMNS;
    [
        sign,
        timecode,
        record_in,
        record_out,
        "base frame",
        frames,
        source_in,
        "event",
        "pictures",
        name,
    ]
}

/// The columns that are always shown, and those that say something.
fn columns(rows: &[Row], is_always: impl Fn(usize) -> bool) -> Vec<usize> {
    let says_something = |column: usize| match column {
        1 => rows.iter().any(|row| row[1] != row[2]),
        6 => rows.iter().any(|row| row[6] != "0"),
        EVENT | CONTENT => rows.iter().any(|row| !row[column].is_empty()),
        _ => true,
    };
    (0..headings().len()).filter(|&column| is_always(column) || says_something(column)).collect()
}

/// A table that fits the terminal. Columns that say nothing new, and clips beyond some dozens, are left out.
fn fitted(mut rows: Vec<Row>, width: usize) -> String {
    let headings = headings();
    let columns = columns(&rows, |_| false);
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    if left_out > 0 {
        rows.drain(ROWS_MAX - ROWS_LAST..rows.len() - ROWS_LAST);
    }
    let headings: Vec<&str> = columns.iter().map(|&column| headings[column]).collect();
    let numbers: Vec<usize> =
        (0..columns.len()).filter(|place| (4..7).contains(&columns[*place])).collect();
    let rows = rows.into_iter().map(|mut row| table::Row {
        cells: columns.iter().map(|&column| std::mem::take(&mut row[column])).collect(),
        ..table::Row::default()
    });
    let drawn = table::fitted(&headings, &numbers, rows.collect(), width);
    let mut lines: Vec<String> = drawn.lines().map(str::to_owned).collect();
    for line in lines.iter_mut().take(table::HEADING_LINES) {
        *line = format!("{FAINT}{line}{FAINT:#}");
    }
    if left_out > 0 {
        let more = text::counted(left_out as u64, "more clip");
        let line = format!(
            " {FAINT}… {more}: `--json` has all, and so has what goes into a pipe{FAINT:#}"
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

fn describe_overlap(plan: &SplicePlan, overlap: &PlannedOverlap, is_decided: bool) -> String {
    let name = |event| titled(plan.clip_of_event(event));
    let timecode = |frame: u64| match plan.base.timecode_at(frame) {
        Some(timecode) => timecode.to_string(),
        None => format!("frame {frame}"),
    };
    let rank = |event| plan.clip_of_event(event).rank;
    let (winner, loser) = (overlap.winner, overlap.loser);
    let verdict = match is_decided || rank(winner) != rank(loser) {
        true => format!("{} wins over {}", name(winner), name(loser)),
        false => format!("{} and {} claim the same frames", name(loser), name(winner)),
    };
    format!(
        "{} to {} ({}): {verdict}\n",
        timecode(overlap.record_in),
        timecode(overlap.record_out),
        text::counted(overlap.record_out - overlap.record_in, "frame"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::HEADING_LINES;

    /// What is drawn of so many clips, without colour: its lines.
    fn lines(clips: usize, row: impl Fn(usize) -> Row, width: usize) -> Vec<String> {
        let drawn = fitted((1..=clips).map(row).collect(), width);
        let faint = format!("{FAINT}");
        let plain = drawn.replace(&faint, "").replace(&format!("{FAINT:#}"), "");
        plain.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    fn row(clip: usize) -> Row {
        let at = format!("01:00:{:02}:00", clip % 60);
        let name = format!("{clip:04}_a_shot_with_a_rather_long_name_v0012_graded_final.mov");
        [
            clip.to_string(),
            at.clone(),
            at.clone(),
            at,
            clip.to_string(),
            "25".into(),
            "0".into(),
            String::new(),
            String::new(),
            name,
        ]
    }

    #[test]
    fn terminal_shows_the_first_clips_and_the_last_and_says_how_many_are_left_out() {
        assert_eq!(lines(30, row, 80).len(), HEADING_LINES + 30);
        let lines = lines(31, row, 80);
        assert_eq!(lines.len(), HEADING_LINES + 31);
        let number = |line: usize| lines[line].split_whitespace().next().unwrap_or("").to_owned();
        assert_eq!([number(2), number(26), number(28), number(32)], ["1", "25", "27", "31"]);
        assert_eq!(lines[27], " … 1 more clip: `--json` has all, and so has what goes into a pipe");
    }

    #[test]
    fn names_lose_their_middle_and_nothing_is_wider_than_the_terminal() {
        for width in [72, 80, 120] {
            let lines = lines(40, row, width);
            let widest = lines.iter().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{lines:#?}");
            assert!(lines[2].contains("0001") && lines[2].ends_with(".mov"), "{}", lines[2]);
        }
    }

    #[test]
    fn columns_that_say_nothing_new_are_left_out() {
        let lines_of = |source_in: &str, timecode: &str| {
            let changed = |clip| {
                let mut row = row(clip);
                (row[6], row[1]) = (source_in.to_owned(), timecode.to_owned());
                row[2] = "01:00:05:00".to_owned();
                row
            };
            lines(1, changed, 120)[0].clone()
        };
        let [_, timecode, .., source_in, _, _, _] = headings();
        let is_shown =
            |heading: &str, line: &str| line.split("  ").any(|column| column.trim() == heading);
        let line = lines_of("0", "01:00:05:00");
        assert!(!is_shown(source_in, &line) && !is_shown(timecode, &line), "{line}");
        let line = lines_of("8", "02:00:05:00");
        assert!(is_shown(source_in, &line) && is_shown(timecode, &line), "{line}");
    }
}
