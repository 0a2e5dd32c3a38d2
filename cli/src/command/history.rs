//! `intercut history`: what was inserted into a movie.
//!
//! - Out: a table, oldest insert first, or one object (`intercut.history/1`).
//! - Not here: reading the journals (`intercut_engine::in_place`).

use intercut_engine::in_place::{History, HistoryObject, InsertObject};

use super::control;
use crate::args::HistoryArgs;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::{table, text};

pub(crate) fn run(args: &HistoryArgs) -> Result<Exit, Failure> {
    let history = History::read(&args.movie, &control().cancel)?;
    let object = HistoryObject::from(&history);
    match args.json {
        true => print(&object.to_json())?,
        false => print(&described(&object, history.len))?,
    }
    Ok(Exit::Done)
}

fn described(history: &HistoryObject, len: u64) -> String {
    let movie = history.movie.display();
    let mut shown = match history.inserts.len() as u64 {
        0 => format!("{movie}: nothing was inserted\n"),
        count => format!("{movie}: {}\n", text::counted(count, "insert")),
    };
    let rows = history.inserts.iter().map(row);
    for line in table::columns(rows).lines() {
        shown.push_str(&format!("  {}\n", line.trim_end()));
    }
    let share = history.garbage_bytes as f64 * 100.0 / len.max(1) as f64;
    if !history.inserts.is_empty() {
        let garbage = text::bytes(history.garbage_bytes);
        shown.push_str(&format!("  {garbage} ({share:.1} % of the file) are not used any more\n"));
    }
    if history.leftover_bytes > 0 {
        let bytes = text::bytes(history.leftover_bytes);
        shown.push_str(&format!(
            "  {bytes} behind the movie were left by an insert or undo that was cut short, or told to keep them\n"
        ));
    }
    shown
}

fn row(insert: &InsertObject) -> [String; 6] {
    let frames = insert.events.iter().map(|event| event.frames).sum();
    let first = insert.events.first();
    let mut clips: Vec<&std::path::Path> =
        insert.events.iter().map(|event| event.clip.as_path()).collect();
    clips.sort_unstable();
    clips.dedup();
    let from = first.map_or(String::new(), |event| format!("from {}", event.record_timecode_in));
    [
        format!("{}", insert.number),
        insert.time.clone(),
        text::counted(frames, "frame"),
        format!("of {}", text::counted(clips.len() as u64, "clip")),
        from,
        match insert.undoable {
            true => format!("{} appended", text::bytes(insert.bytes_appended)),
            false => {
                format!("{} appended, cannot be taken back", text::bytes(insert.bytes_appended))
            }
        },
    ]
}
