//! `intercut compact`: gives back the space of what a movie does not use any more.
//!
//! - Out: a line about how much was given back.
//! - Not here: how (`intercut_engine::in_place`).

use intercut_engine::in_place::Compacted;

use super::control;
use crate::args::CompactArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::text;

pub(crate) fn run(args: &CompactArgs) -> Result<Exit, Failure> {
    let control = control();
    let watch = Watch::start(&control.progress, args.show, Default::default());
    let done = args.compact().run(&control);
    drop(watch);
    let done = done.map_err(|error| Failure::from(error).cancelled_in_place())?;
    if !args.show.quiet {
        print(&described(args, &done))?;
    }
    done.warnings.iter().for_each(|warning| warn(warning));
    Ok(Exit::Done)
}

fn described(args: &CompactArgs, done: &Compacted) -> String {
    let movie = args.output().display();
    let (before, after) = (text::bytes(done.len_before), text::bytes(done.len));
    let given_back = text::bytes(done.given_back);
    if !done.is_changed {
        return format!("{movie} ({before}) has nothing to give back\n");
    }
    let undo = match done.inserts_ended {
        0 => String::new(),
        1 => "; its insert cannot be taken back any more".to_owned(),
        count => format!("; its {count} inserts cannot be taken back any more"),
    };
    match done.len == done.len_before {
        true => format!("{movie}: {given_back} given back, the file is as long as before{undo}\n"),
        false => format!("{movie}: {before} before, {after} now, {given_back} given back{undo}\n"),
    }
}
