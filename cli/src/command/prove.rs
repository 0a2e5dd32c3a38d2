//! `intercut verify OUT --run RUN.json`: proves a result from the digests of its run; the sources may be gone.
//!
//! - In: the result, and the report object of a run with `--verify full`.
//! - Out: a sentence, or one object (`intercut.verify/1`); every difference is named, and any makes the exit code 1.
//! - Not here: digests (`intercut_engine::verify`).

use std::path::Path;

use intercut_engine::discover::open;
use intercut_engine::verify::{Digests, Proof, prove};
use serde::Serialize;

use super::verify::SCHEMA;
use super::{control, load_report};
use crate::args::VerifyArgs;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::text;

pub(super) fn run(args: &VerifyArgs, run: &Path) -> Result<Exit, Failure> {
    let saved = load_digests(run)?;
    let control = control();
    let output = open(&args.output, &control.cancel)?;
    let watch = Watch::start(&control.progress, args.show);
    let proof = prove(&output, &saved, &control);
    drop(watch);
    let proof = proof?;
    let is_proved = proof.differences.is_empty();
    if args.json {
        print(&to_json(args, run, &proof))?;
    } else if !args.show.quiet || !is_proved {
        print(&describe(args, run, &proof))?;
    }
    Ok(if is_proved { Exit::Done } else { Exit::Failed })
}

/// The digests that a saved report holds.
fn load_digests(path: &Path) -> Result<Digests, Failure> {
    let help = "give the object that `intercut splice --verify full --json` printed";
    let report = load_report(path, help)?;
    let mode = report.verify.mode;
    report.verify.digests.ok_or_else(|| {
        let message = format!("{} has no digests: its run was made with --verify {mode}", path.display());
        let help = "only --verify full saves digests; prove it by its sources instead: intercut verify OUT BASE CLIP|DIR...";
        Failure::new(Exit::Failed, message, Some(help))
    })
}

fn describe(args: &VerifyArgs, run: &Path, proof: &Proof) -> String {
    let (output, run) = (args.output.display(), run.display());
    let Digests { tracks, file, .. } = &proof.digests;
    if proof.differences.is_empty() {
        let samples = tracks.iter().map(|track| u64::from(track.samples)).sum();
        let (tracks, samples) =
            (text::counted(tracks.len() as u64, "track"), text::counted(samples, "sample"));
        return format!(
            "{output}: byte for byte what {run} says: {tracks}, {samples}, xxh3-128 {file}\n"
        );
    }
    let mut shown = format!("{output}: not what {run} says\n");
    for difference in &proof.differences {
        shown.push_str(&format!("  {difference}\n"));
    }
    shown
}

#[derive(Serialize)]
struct Object<'a> {
    schema: &'static str,
    output: String,
    run: String,
    identical: bool,
    differences: Vec<String>,
    digests: &'a Digests,
}

fn to_json(args: &VerifyArgs, run: &Path, proof: &Proof) -> String {
    let object = Object {
        schema: SCHEMA,
        output: args.output.display().to_string(),
        run: run.display().to_string(),
        identical: proof.differences.is_empty(),
        differences: proof.differences.iter().map(ToString::to_string).collect(),
        digests: &proof.digests,
    };
    let text = serde_json::to_string_pretty(&object);
    text.expect("every field of the object has a form in JSON") + "\n"
}
