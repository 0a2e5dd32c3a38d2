//! Jobs from folders: each base with the clips that belong to it.
//!
//! - In: `--bases`, `--clips`, `--vfx`, `--out`.
//! - Out: [`Expanded`]: one splice for each base that has a clip; its output has the base's name.
//! - Holds: a clip that should fit a base and does not, or that cannot be opened, goes to that base's job, so that the
//!   planner refuses it with the reason. Clips of no base are warnings, with `--strict` a refusal.
//! - Not here: which clip belongs to which base (`intercut_engine::link`).

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf, absolute};

use intercut_engine::batch::{Sidecar, UnplacedClip};
use intercut_engine::discover::{OpenMovie, PassedOver, Role, as_on_disk};
use intercut_engine::link::{
    LinkReport, UnlinkedClip, UnreadableMovie, WhyUnlinked, link_turnover, link_turnover_as,
};
use intercut_engine::plan::{LeftOut, Rank};
use intercut_engine::splice::Splice;
use intercut_io::Control;

use super::blanks::Blanks;
use super::lines::Lines;
use crate::args::BatchArgs;
use crate::command::note_passed_over;
use crate::diagnostic::{Failure, warn};
use crate::jobs::{Expanded, named_after};
use crate::text;

/// The splices of a turnover.
///
/// # Errors
/// [`Failure`] where it cannot be read, where no clip has a base, or with `--strict` where any has none.
pub(super) fn splices(
    args: &BatchArgs,
    out: &Path,
    control: &Control,
    lines: Lines,
) -> Result<Expanded, Failure> {
    let mut outputs = folder_of_outputs(out);
    outputs.extend(args.blank.clone());
    let turnover = args.turnover.turnover(args.lists(), outputs);
    let settings = args.settings();
    let blanks = args.blank.as_deref().map(|folder| Blanks::new(args, folder)).transpose()?;
    let (options, cancel) = (args.link_options(), &control.cancel);
    let report = match &blanks {
        None => link_turnover(&turnover, &options, cancel)?,
        Some(blanks) => {
            let of = |original: &OpenMovie| blanks.facts_of(original, control);
            link_turnover_as(&turnover, &options, cancel, of)?
        }
    };
    let base_of = |path: &Path| match &blanks {
        None => path.to_owned(),
        Some(blanks) => blanks.path_of(path),
    };
    let output_of = |base: &Path| output_of(&base_of(base), out);
    unreadable_bases(&report);
    gone_lists(&report, &output_of);
    let place = settings.placing.place_options();
    let mut unplaced = unplaced(&report, place.skip_refused);
    if args.turnover.strict && !(unplaced.is_empty() && report.is_complete()) {
        let count = report.unlinked.len() + unreadable_clips(&report).count();
        let clips = text::counted(count as u64, "clip");
        let message = format!("--strict: {clips} without a base");
        for one in &unplaced {
            warn(&format!("{} is left out: {}", one.left_out.path.display(), one.left_out.reason));
        }
        let help = Some("leave out --strict, or move them away");
        let failure = Failure::refused("no_base", message, help);
        return Err(failure.beside(unplaced.iter().map(|one| &one.left_out)));
    }
    let mut splices = Vec::new();
    let mut bases = HashSet::new();
    for job in report.jobs() {
        // Without its misfits it has no clips, so it is not a job.
        let has_fault = report.list_faults.iter().any(|fault| fault.base == job.base);
        if place.skip_refused && job.clips.is_empty() && job.vfx.is_empty() && !has_fault {
            unplaced.extend(misfits(&report, job.base));
            continue;
        }
        bases.insert(job.base.to_owned());
        let of = |rank: Rank| {
            let misfits = job.misfits.iter().filter(move |(_, own)| *own == rank);
            misfits.map(|(path, _)| *path)
        };
        let splice = Splice::new(base_of(job.base))
            .clips(job.clips.iter().copied().chain(of(Rank::Grade)))
            .vfx(job.vfx.iter().copied().chain(of(Rank::Vfx)))
            .lists(job.lists.iter().copied())
            .output(output_of(job.base))
            .place(place.clone())
            .options(settings.splice_options());
        splices.push(splice);
    }
    unplaced.extend(left_behind(&report, &bases, &output_of));
    if let Some(blanks) = blanks {
        let missing = blanks.make(&bases, args, control, lines)?;
        splices.retain(|splice| !missing.contains(splice.base_path()));
        if splices.is_empty() && !missing.is_empty() {
            return Ok(Expanded { splices, unplaced, passed_over: passed_over(&report) });
        }
    }
    match splices.is_empty() && !unplaced.iter().any(|clip| clip.is_refused) {
        true => {
            for one in &unplaced {
                warn(&format!(
                    "{} is left out: {}",
                    one.left_out.path.display(),
                    one.left_out.reason
                ));
            }
            if !args.show.quiet {
                note_passed_over(&passed_over(&report));
            }
            Err(no_jobs(args, &report).beside(unplaced.iter().map(|one| &one.left_out)))
        }
        false => Ok(Expanded { splices, unplaced, passed_over: passed_over(&report) }),
    }
}

/// Why there is nothing to do.
fn no_jobs(args: &BatchArgs, report: &LinkReport) -> Failure {
    let named = |paths: &mut dyn Iterator<Item = &PathBuf>| {
        paths.map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    };
    let given = &args.turnover;
    if report.bases.is_empty() && report.unreadable.iter().all(|one| one.role != Role::Base) {
        let message = format!("there is no base in {}", named(&mut given.bases.iter()));
        let help = Some("name bases, or a folder that holds some");
        return Failure::refused("no_bases", message, help);
    }
    if report.links.is_empty()
        && report.unlinked.is_empty()
        && unreadable_clips(report).count() == 0
    {
        let message =
            format!("there is no clip in {}", named(&mut given.clips.iter().chain(&given.vfx)));
        let help = Some("name clips, or a folder that holds some");
        return Failure::refused("no_clips", message, help);
    }
    let help = Some("`intercut link` says what speaks against each");
    Failure::refused("no_jobs", "no clip belongs to any base", help)
}

/// The folder that outputs are written to, up to its first placeholder.
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

/// Warns of bases that cannot be opened.
fn unreadable_bases(report: &LinkReport) {
    for one in report.unreadable.iter().filter(|one| one.role == Role::Base) {
        warn(&format!("{}: passed over: {}", one.path.display(), one.reason));
    }
}

/// Warns of lists by which outputs were made, and which are not there: their clips will be refused or left out.
fn gone_lists(report: &LinkReport, output_of: &dyn Fn(&Path) -> PathBuf) {
    for base in report.bases.iter().filter(|base| base.lists.is_empty()) {
        let output = output_of(&base.path);
        let Ok(Some(sidecar)) = Sidecar::read(&output) else { continue };
        for list in sidecar.plan.lists.iter().filter(|list| !list.path.exists()) {
            let (list, output) = (list.path.display(), output.display());
            warn(&format!(
                "{output}: its clips were placed by {list}, which is not there any more"
            ));
        }
    }
}

fn unreadable_clips(report: &LinkReport) -> impl Iterator<Item = &UnreadableMovie> {
    report.unreadable.iter().filter(|one| one.role != Role::Base)
}

/// The clips that are in no job: those of no base, and those of a base that cannot be opened. The former are strays, the
/// latter are missing somewhere.
fn unplaced(report: &LinkReport, skip_refused: bool) -> Vec<UnplacedClip> {
    let is_base = |path: &Path| report.bases.iter().any(|base| base.path == path);
    let has_job = |base: &Option<PathBuf>| base.as_deref().is_some_and(is_base);
    let unlinked = report.unlinked.iter().filter(|one| !has_job(&one.misfit_of)).map(|one| {
        let left_out = growing_base(report, one).unwrap_or_else(|| left_out_unlinked(one));
        UnplacedClip { left_out, is_refused: one.misfit_of.is_some() && !skip_refused }
    });
    let unreadable = unreadable_clips(report).filter(|one| !has_job(&one.misfit_of));
    let unreadable = unreadable
        .map(|one| UnplacedClip { left_out: left_out_unreadable(one), is_refused: !skip_refused });
    unlinked.chain(unreadable).collect()
}

/// The misfits of one base as clips that are in no job.
fn misfits(report: &LinkReport, base: &Path) -> Vec<UnplacedClip> {
    let unlinked = report.unlinked.iter().filter(|one| one.misfit_of.as_deref() == Some(base));
    let unreadable = unreadable_clips(report).filter(|one| one.misfit_of.as_deref() == Some(base));
    let left_out = unlinked.map(left_out_unlinked).chain(unreadable.map(left_out_unreadable));
    left_out.map(|left_out| UnplacedClip { left_out, is_refused: false }).collect()
}

/// A clip whose base is no movie yet, because it is still being written.
fn growing_base(report: &LinkReport, clip: &UnlinkedClip) -> Option<LeftOut> {
    let is_growing = |base: &&UnreadableMovie| {
        base.role == Role::Base
            && base.code == "growing"
            && clip.misfit_of.as_ref() == Some(&base.path)
    };
    let base = report.unreadable.iter().find(is_growing)?;
    let reason = format!("its base {}: {}", base.path.display(), base.reason);
    Some(LeftOut { path: clip.clip.path.clone(), code: base.code.clone(), reason })
}

fn left_out_unlinked(clip: &UnlinkedClip) -> LeftOut {
    let code = match clip.why {
        WhyUnlinked::Ambiguous => "ambiguous_base",
        WhyUnlinked::BelowConfidence => "below_confidence",
        WhyUnlinked::NoMatch => "no_base",
    };
    let against = clip
        .candidates
        .first()
        .map(|near| format!(" (nearest {}: {})", near.base.display(), near.against.join("; ")));
    let against = against.filter(|_| clip.why == WhyUnlinked::NoMatch).unwrap_or_default();
    let reason = format!("it has no base: {}{against}", clip.reason);
    LeftOut { path: clip.clip.path.clone(), code: code.to_owned(), reason }
}

fn left_out_unreadable(clip: &UnreadableMovie) -> LeftOut {
    LeftOut { path: clip.path.clone(), code: clip.code.clone(), reason: clip.reason.clone() }
}

/// Clips in outputs of earlier batches whose bases have no clip any more: nobody makes these outputs again, and they still
/// hold the clips that went.
fn left_behind(
    report: &LinkReport,
    bases: &HashSet<PathBuf>,
    output_of: &dyn Fn(&Path) -> PathBuf,
) -> Vec<UnplacedClip> {
    let mut clips = Vec::new();
    for base in report.bases.iter().filter(|base| !bases.contains(&base.path)) {
        let output = output_of(&base.path);
        let Ok(Some(sidecar)) = Sidecar::read(&output) else { continue };
        if !output.exists() {
            continue;
        }
        let reason = format!(
            "it is not among the clips any more; {} stays as an earlier batch made it, since its base has no clip now",
            output.display()
        );
        clips.extend(sidecar.plan.clips.iter().map(|clip| UnplacedClip {
            left_out: LeftOut {
                path: clip.path.clone(),
                code: "removed_clip".to_owned(),
                reason: reason.clone(),
            },
            is_refused: false,
        }));
    }
    clips
}
