//! Jobs from folders: each base with the clips that belong to it.
//!
//! - In: `--bases`, `--clips`, `--vfx`, `--out`.
//! - Out: [`Expanded`]: one splice for each base that has a clip; its output has the base's name.
//! - Holds: clips without a base are told with the reason and are warnings, with `--strict` a refusal.
//! - Not here: which clip belongs to which base (`intercut_engine::link`).

use std::path::{Component, Path, PathBuf, absolute};

use intercut_engine::batch::Sidecar;
use intercut_engine::discover::{PassedOver, Role, as_on_disk};
use intercut_engine::link::{LinkReport, link_turnover};
use intercut_engine::splice::Splice;
use intercut_io::Cancel;

use crate::args::BatchArgs;
use crate::diagnostic::{Failure, warn};
use crate::jobs::{Expanded, named_after};
use crate::text;

/// The splices of a turnover.
///
/// # Errors
/// [`Failure`] where it cannot be read, where no clip has a base, or with `--strict` where any has none.
pub(super) fn splices(args: &BatchArgs, out: &Path, cancel: &Cancel) -> Result<Expanded, Failure> {
    let turnover = args.turnover.turnover(folder_of_outputs(out));
    let settings = args.settings();
    let report = link_turnover(&turnover, &args.link_options(), cancel)?;
    let strays = tell_strays(&report);
    tell_left_behind(&report, out);
    let clips = text::counted(strays as u64, "clip");
    if args.turnover.strict && strays > 0 {
        let help = Some("leave out --strict, or move them away");
        return Err(Failure::refused("no_base", format!("--strict: {clips} without a base"), help));
    }
    let splices: Vec<Splice> = report
        .jobs()
        .into_iter()
        .map(|job| {
            Splice::new(job.base)
                .clips(job.clips)
                .vfx(job.vfx)
                .output(output_of(job.base, out))
                .place(settings.placing.place_options())
                .options(settings.writing.splice_options())
        })
        .collect();
    match splices.is_empty() {
        true => Err(Failure::refused(
            "nothing_linked",
            "no clip belongs to any base",
            Some("`intercut link` says what speaks against each"),
        )),
        false => Ok(Expanded { splices, passed_over: passed_over(&report) }),
    }
}

/// The folder that outputs are written to, as far as no placeholder stands in it.
fn folder_of_outputs(out: &Path) -> Vec<PathBuf> {
    let is_fixed = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains('{');
    let fixed: PathBuf = out.components().take_while(is_fixed).collect();
    if fixed.as_os_str().is_empty() { Vec::new() } else { vec![fixed] }
}

/// What becomes of a base.
fn output_of(base: &Path, out: &Path) -> PathBuf {
    let base = absolute(base).unwrap_or_else(|_| base.to_owned());
    as_on_disk(&named_after(out, &base).join(base.file_name().unwrap_or_default()))
}

/// What was passed over in the folders.
fn passed_over(report: &LinkReport) -> Vec<PassedOver> {
    let over = report.passed_over.iter();
    over.map(|over| PassedOver { path: over.path.clone(), reason: over.code }).collect()
}

/// Tells outputs of earlier batches whose bases have no clip any more: nobody makes them again, and they still hold
/// the clips that went.
fn tell_left_behind(report: &LinkReport, out: &Path) {
    let bases = report.bases.iter().filter(|base| base.clips == 0);
    for output in bases.map(|base| output_of(&base.path, out)) {
        if output.exists() && Sidecar::path_of(&output).exists() {
            let output = output.display();
            warn(&format!("{output} stays as an earlier batch made it: its base has no clip now"));
        }
    }
}

/// Tells the clips that have no base; returns how many there are.
fn tell_strays(report: &LinkReport) -> usize {
    for one in &report.unreadable {
        warn(&format!("{}: passed over: {}", one.path.display(), one.reason));
    }
    for one in &report.unlinked {
        warn(&format!("{} has no base: {}", one.clip.path.display(), one.reason));
    }
    let unreadable = report.unreadable.iter().filter(|one| one.role != Role::Base).count();
    report.unlinked.len() + unreadable
}
