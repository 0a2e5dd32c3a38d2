//! `intercut stamp`: burnt-in timecode and wipes in finished movies, by slices.
//!
//! - In: a movie; for a wipe a second one.
//! - Out: the stamped movie; two lines about it, a third if it was verified; or one object (`--json`, intercut.stamp/1). A page.
//! - Not here: the stamped movie itself (`intercut_engine::stamp`).

use std::io::Write;

use intercut_engine::json;
use intercut_engine::stamp::{Stamp, StampObject, StampReport};

use super::blank::how;
use super::control;
use crate::args::StampArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::save::{NewFile, check_distinct};
use crate::{page, text, trace};

pub(crate) fn run(args: &StampArgs) -> Result<Exit, Failure> {
    let (trace, report) = (args.write.trace.as_deref(), args.write.report.as_deref());
    check_distinct(&[("--output", Some(&args.output)), ("--report", report), ("--trace", trace)])?;
    trace::recorded(trace, &args.output, || stamp(args))
}

fn stamp(args: &StampArgs) -> Result<Exit, Failure> {
    let (control, options) = (control(), args.write.options());
    let planned = Stamp::new(&args.movie, &args.output).options(args.options());
    let planned = planned.plan(options.replace, &control)?;
    let named = planned.movie().display().to_string();
    planned.warnings().iter().for_each(|warning| warn(&format!("{named}: {warning}")));
    // Whether it can be saved is known before the first byte is written.
    let movies = args.base().into_iter().chain([args.movie.as_path(), &args.output]);
    let page = args.write.report.as_deref();
    let page = page.map(|path| NewFile::create(page::FILE, path, movies)).transpose()?;
    let progress = args.write.progress.unwrap_or_default();
    let watch = Watch::start(&control.progress, args.show, progress);
    let report = planned.write(options, &control);
    drop(watch);
    let report = report?;
    let made = StampObject::from(&report);
    let printed = match args {
        _ if args.json => print(&json::to_text(&made)),
        _ if args.show.quiet => Ok(()),
        _ => print(&described(&report)),
    };
    // The movie is what was asked for: it is done, with its page or without.
    if let Some(file) = page {
        let saved = file.write_and_save(|out| out.write_all(page::of_stamp(&made).as_bytes()));
        saved.unwrap_or_else(|failure| failure.warn());
    }
    printed.map(|()| Exit::Done)
}

/// What was made, for people.
fn described(report: &StampReport) -> String {
    let StampReport { movie, output, stamped, written, slices_checked, .. } = report;
    let kept = match slices_checked {
        0 => String::new(),
        count => {
            format!(
                "  {} outside of what was put in are the movie's\n",
                text::counted(*count, "slice")
            )
        }
    };
    format!(
        "{}: {}, for review: {} are not those of {} any more\n{}{kept}",
        output.display(),
        text::counted(u64::from(stamped.frames) + u64::from(stamped.copied), "frame"),
        stamped.frames,
        movie.display(),
        how(written),
    )
}
