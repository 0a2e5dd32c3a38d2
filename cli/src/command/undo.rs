//! `intercut undo`: takes the last insert into a movie back.
//!
//! - Out: a line about what was taken back; a warning if something stays behind the movie.
//! - Not here: the undo itself (`intercut_engine::in_place`).

use std::path::Path;

use intercut_engine::in_place::{Kept, KeptBecause, Undone};

use crate::args::UndoArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::text;

pub(crate) fn run(args: &UndoArgs) -> Result<Exit, Failure> {
    let undone = args.undo().run()?;
    print(&described(&args.movie, &undone))?;
    undone.warnings.iter().for_each(|warning| warn(warning));
    if let Some(kept) = undone.kept {
        warn(&about_tail(&args.movie, kept));
    }
    Ok(Exit::Done)
}

/// What was done, in a line.
fn described(movie: &Path, undone: &Undone) -> String {
    let movie = movie.display();
    let done = match &undone.insert {
        Some(insert) => {
            let frames = insert.events.iter().map(|event| event.frames).sum();
            let frames = text::counted(frames, "frame");
            format!("took back the insert of {} ({frames}) into {movie}", insert.time)
        }
        None => format!(
            "cut off what an insert or undo before had left behind {movie}; no insert was taken back"
        ),
    };
    let cut = match undone.bytes_cut {
        0 => String::new(),
        bytes => format!("; {} given back", text::bytes(bytes)),
    };
    format!("{done}{cut}\n")
}

/// What stays behind the movie.
fn about_tail(movie: &Path, kept: Kept) -> String {
    let (movie, bytes) = (movie.display(), kept.bytes);
    let why = match kept.because {
        KeptBecause::OpenElsewhere => "another program has the movie open",
        KeptBecause::CannotTell => "this file system cannot tell whether others have it open",
        _ => "as asked",
    };
    format!(
        "{bytes} bytes stay behind {movie}: {why}; the next insert, undo or compact cuts them off, `undo --force` does now"
    )
}
