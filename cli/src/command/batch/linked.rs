//! Jobs from folders: each base with the clips that belong to it.
//!
//! - In: `--bases`, `--clips`, `--vfx`, `--out`.
//! - Out: one splice for each base that has a clip; its output has the base's name.
//! - Holds: clips without a base are told with the reason and are warnings, with `--strict` a refusal.
//! - Not here: which clip belongs to which base (`intercut_engine::link`).

use std::path::{Path, PathBuf};

use intercut_engine::batch::Sidecar;
use intercut_engine::discover::Role;
use intercut_engine::link::{LinkReport, link_turnover};
use intercut_engine::splice::Splice;
use intercut_io::Cancel;

use crate::args::BatchArgs;
use crate::diagnostic::{Failure, warn};
use crate::exit::Exit;
use crate::text;

/// The splices of a turnover.
///
/// # Errors
/// [`Failure`] where it cannot be read, where no clip has a base, or with `--strict` where any has none.
pub(super) fn splices(
    args: &BatchArgs,
    out: &Path,
    cancel: &Cancel,
) -> Result<Vec<Splice>, Failure> {
    let turnover = args.turnover.turnover(vec![out.to_owned()]);
    let settings = args.settings();
    let report = link_turnover(&turnover, &args.link_options(), cancel)?;
    let strays = tell_strays(&report);
    tell_left_behind(&report, out);
    let clips = text::counted(strays as u64, "clip");
    if args.turnover.strict && strays > 0 {
        let help = Some("leave out --strict, or move them away");
        return Err(Failure::new(Exit::Refused, format!("--strict: {clips} without a base"), help));
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
        true => Err(Failure::new(
            Exit::Refused,
            "no clip belongs to any base",
            Some("`intercut link` says what speaks against each"),
        )),
        false => Ok(splices),
    }
}

/// What becomes of a base.
fn output_of(base: &Path, out: &Path) -> PathBuf {
    out.join(base.file_name().unwrap_or_default())
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
        warn(&format!("{}: passed over: {}", one.path.display(), one.why));
    }
    for one in &report.unlinked {
        warn(&format!("{} has no base: {}", one.clip.path.display(), one.reason));
    }
    let unreadable = report.unreadable.iter().filter(|one| one.role != Role::Base).count();
    report.unlinked.len() + unreadable
}
