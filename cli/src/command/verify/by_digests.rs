//! Proves a result by the digests of its run; the sources may be gone.
//!
//! - In: the result, and the digests that a report or a sidecar holds.
//! - Out: [`Proved::ByDigests`].
//! - Not here: digests (`intercut_engine::verify`).

use std::path::Path;

use intercut_engine::probe::open;
use intercut_engine::verify::{Digests, Proof, prove};
use intercut_io::Control;

use super::object::Proved;
use crate::args::{ProgressForm, ShowArgs};
use crate::command::load_report;
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::progress::Watch;
use crate::text;

/// Proves a result by the report object of a run with `--verify full`.
pub(super) fn by_report(
    output: &Path,
    run: &Path,
    show: ShowArgs,
    control: &Control,
) -> Result<Proved, Failure> {
    let saved = load_digests(run)?;
    by_saved(output, &saved, run, show, control)
}

/// Proves a result by the digests that the file `from` holds.
pub(super) fn by_saved(
    output: &Path,
    saved: &Digests,
    from: &Path,
    show: ShowArgs,
    control: &Control,
) -> Result<Proved, Failure> {
    let output = open(output, &control.cancel)?;
    let watch = Watch::start(&control.progress, show, ProgressForm::Auto);
    let proof = prove(&output, saved, control);
    drop(watch);
    Ok(Proved::ByDigests { from: from.to_owned(), proof: proof? })
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

/// What was found, for people.
pub(super) fn sentence(output: &Path, from: &Path, proof: &Proof) -> String {
    let (output, from) = (output.display(), from.display());
    let Digests { tracks, file, .. } = &proof.digests;
    if proof.differences.is_empty() {
        let samples = tracks.iter().map(|track| u64::from(track.samples)).sum();
        let (tracks, samples) =
            (text::counted(tracks.len() as u64, "track"), text::counted(samples, "sample"));
        return format!(
            "{output}: byte for byte what {from} says: {tracks}, {samples}, xxh3-128 {file}\n"
        );
    }
    let mut shown = format!("{output}: not what {from} says\n");
    for difference in &proof.differences {
        shown.push_str(&format!("  {difference}\n"));
    }
    shown
}
