//! `intercut verify`: proves existing results.
//!
//! ```text
//! OUT BASE CLIP…, OUT --plan ──▶ by_sources: every sample ─┐
//! OUT --run ───────────────────▶ by_digests: every byte ───┼──▶ object, sentence
//! OUT, --each OUT… ────▶ beside: whichever its sidecar has ┘
//! ```
//!
//! - Out: a sentence, or one object (`intercut.verify/1`, `intercut.verifications/1`) for each result; every difference is
//!   named, and any makes the exit code 1.
//! - Not here: the comparison (`intercut_engine::verify`).

mod beside;
mod by_digests;
mod by_sources;
mod each;
mod object;

use std::path::Path;

pub(super) use self::each::Verifications;
use self::object::Proved;
pub(super) use self::object::VerifyObject;
use super::control;
use crate::args::VerifyArgs;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;

pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    if args.each {
        return each::run(args);
    }
    let control = control();
    let movies = &args.inputs.movies;
    let proved = match (&args.run, &args.inputs.plan, &movies.base) {
        (Some(run), _, _) => by_digests::by_report(&args.output, run, args.show, &control)?,
        (None, None, None) if movies.vfx.is_empty() => {
            beside::prove(&args.output, args.show, &control)?
        }
        (None, None, Some(_)) if movies.clips.is_empty() && movies.vfx.is_empty() => {
            let help = "give the clips too: intercut verify OUT BASE CLIP|DIR...; or intercut verify --each OUT OUT... for \
                        results that have an .intercut.json beside them";
            return Err(Failure::new(Exit::Usage, "no clip is named", Some(help)));
        }
        _ => by_sources::by_arguments(args, &control)?,
    };
    if args.json {
        print(&VerifyObject::of(&args.output, &proved).to_json())?;
    } else if !args.show.quiet || !proved.is_identical() {
        print(&sentence(&args.output, &proved))?;
    }
    Ok(exit(proved.is_identical()))
}

fn exit(is_identical: bool) -> Exit {
    if is_identical { Exit::Done } else { Exit::Failed }
}

/// What was found, for people.
fn sentence(output: &Path, proved: &Proved) -> String {
    match proved {
        Proved::BySources { found, frames } => by_sources::sentence(output, found, *frames),
        Proved::ByDigests { from, proof } => by_digests::sentence(output, from, proof),
    }
}
