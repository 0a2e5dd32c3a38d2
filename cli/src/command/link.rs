//! `intercut link`: which clip belongs to which base, and why; writes no movie.
//!
//! - In: folders of bases, grades and VFX clips.
//! - Out: a table, base after base, then what has no link and the reasons against every base that comes near; or one
//!   object (`intercut.link/1`).
//! - Holds: clips without a base are warnings, with `--strict` a refusal (exit 3).
//! - Not here: the rules (`intercut_engine::link`).

use std::collections::HashSet;
use std::path::Path;

use intercut_engine::discover::Role;
use intercut_engine::link::{
    Candidate, Confidence, Evidence, Link, LinkReport, LinkedBase, LinkedMovie, UnlinkedClip,
    link_turnover,
};
use intercut_engine::plan::Rank;

use super::{control, note_passed_by_reason};
use crate::args::LinkArgs;
use crate::diagnostic::{Failure, print, warn};
use crate::exit::Exit;
use crate::{jobs, table, text};

/// Where the text of a reason for or against a base begins.
const REASON_INDENT: usize = 8;

pub(crate) fn run(args: &LinkArgs) -> Result<Exit, Failure> {
    let turnover = args.turnover.turnover(&args.edl, Vec::new());
    let report = link_turnover(&turnover, &args.options(), &control().cancel)?;
    if !args.quiet {
        let passed_over = report.passed_over.iter();
        note_passed_by_reason(passed_over.map(|over| (over.path.as_path(), over.code)));
    }
    for one in &report.unreadable {
        warn(&format!("{}: passed over: {}", one.path.display(), one.reason));
    }
    for one in &report.list_faults {
        warn(&format!("{}: {}", one.path.display(), one.reason));
    }
    still_being_written(&report);
    print(&if args.json { report.to_json() } else { describe(&report) })?;
    if let Some(path) = &args.save {
        jobs::save(&report, path)?;
    }
    let clips = clips_without_base(&report);
    if clips > 0 {
        warn(&format!("{} no base", have(clips, "clip")));
    }
    Ok(if args.turnover.strict && !report.is_complete() { Exit::Refused } else { Exit::Done })
}

/// Warns of movies that a splice would refuse for now.
fn still_being_written(report: &LinkReport) {
    let bases = report.bases.iter().map(|base| (&base.path, &base.movie));
    let linked = report.links.iter().map(|link| &link.clip);
    let clips = linked.chain(report.unlinked.iter().map(|one| &one.clip));
    let movies = bases.chain(clips.map(|clip| (&clip.path, &clip.movie)));
    for (path, _) in movies.filter(|(_, movie)| movie.being_written) {
        warn(&format!("{}: it is still being written", path.display()));
    }
}

/// Clips that are unlinked, or cannot be opened.
fn clips_without_base(report: &LinkReport) -> usize {
    let unreadable = report.unreadable.iter().filter(|one| one.role != Role::Base).count();
    report.unlinked.len() + unreadable
}

/// `1 clip has`, `3 clips have`.
fn have(count: usize, noun: &str) -> String {
    let verb = if count == 1 { "has" } else { "have" };
    format!("{} {verb}", text::counted(count as u64, noun))
}

/// The report for people: every base with its clips, then the clips without one.
fn describe(report: &LinkReport) -> String {
    let mut rows: Vec<[String; 5]> = Vec::new();
    for base in report.bases.iter().filter(|base| base.clips > 0) {
        rows.push(base_row(base));
        let links = report.links.iter().filter(|link| link.base == base.path);
        rows.extend(links.map(clip_row));
    }
    // The name comes last: it may be long, and everything before it has its width.
    let headings = ["link", "timecode", "frames", "", "movie"];
    let mut shown =
        if rows.is_empty() { String::new() } else { table::draw(&headings, &[2], rows) + "\n" };
    let empty: Vec<&LinkedBase> = report.bases.iter().filter(|base| base.clips == 0).collect();
    if !empty.is_empty() {
        shown.push_str(&format!("{} no clip:\n", have(empty.len(), "base")));
        empty.iter().for_each(|base| shown.push_str(&format!("  {}\n", base.path.display())));
        shown.push('\n');
    }
    if !report.unlinked.is_empty() {
        shown.push_str(&format!("{} no base:\n", have(report.unlinked.len(), "clip")));
        report.unlinked.iter().for_each(|clip| shown.push_str(&describe_unlinked(clip)));
        shown.push('\n');
    }
    shown.push_str(&summary(report));
    shown
}

fn base_row(base: &LinkedBase) -> [String; 5] {
    row(String::new(), &base.movie, "base", base.path.display().to_string())
}

fn clip_row(link: &Link) -> [String; 5] {
    let kind = if link.clip.rank == Rank::Vfx { "VFX" } else { "" };
    row(rests_on(link), &link.clip.movie, kind, format!("  {}", name(&link.clip.path)))
}

fn row(link: String, movie: &LinkedMovie, kind: &str, name: String) -> [String; 5] {
    let timecode = movie.timecode_in.clone().unwrap_or_else(|| "-".to_owned());
    [link, timecode, movie.frames.to_string(), kind.to_owned(), name]
}

/// `high: name, reel`. That a link is high or medium says that the timecode fits.
fn rests_on(link: &Link) -> String {
    let words = link.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Name => Some("name"),
        Evidence::Reel => Some("reel"),
        Evidence::List => Some("list"),
        Evidence::Timecode if link.confidence == Confidence::Medium => Some("timecode"),
        Evidence::Timecode => None,
    });
    let words: Vec<&str> = words.collect();
    format!("{}: {}", text::confidence(link.confidence), words.join(", "))
}

fn describe_unlinked(clip: &UnlinkedClip) -> String {
    let movie = &clip.clip.movie;
    let from = movie.timecode_in.as_ref().map_or("no timecode".to_owned(), |at| at.clone());
    let mut shown = format!(
        "  {} ({from}, {})\n    {}\n",
        clip.clip.path.display(),
        text::counted(movie.frames, "frame"),
        clip.reason,
    );
    clip.candidates.iter().for_each(|candidate| shown.push_str(&describe_candidate(candidate)));
    if clip.more_candidates > 0 {
        let more = text::counted(clip.more_candidates as u64, "more base");
        shown.push_str(&format!("    and {more}\n"));
    }
    shown
}

fn describe_candidate(candidate: &Candidate) -> String {
    let mut shown = format!("    {}\n", candidate.base.display());
    let pro = candidate.reasons.iter().map(|reason| ('+', reason));
    let contra = candidate.against.iter().map(|reason| ('-', reason));
    for (sign, reason) in pro.chain(contra) {
        let reason = table::wrapped(reason, REASON_INDENT, table::width());
        shown.push_str(&format!("      {sign} {reason}\n"));
    }
    shown
}

/// `13 of 16 clips linked, 2 of them VFX, to 3 of 4 bases`.
fn summary(report: &LinkReport) -> String {
    let linked = report.linked_clips();
    let clips = linked + clips_without_base(report);
    let vfx = report.links.iter().filter(|link| link.clip.rank == Rank::Vfx);
    let vfx = vfx.map(|link| &link.clip.path).collect::<HashSet<_>>().len();
    let used = report.bases.iter().filter(|base| base.clips > 0).count();
    format!(
        "{} of {} linked{}, to {} of {}\n",
        linked,
        text::counted(clips as u64, "clip"),
        if vfx > 0 { format!(", {vfx} of them VFX") } else { String::new() },
        used,
        text::counted(report.bases.len() as u64, "base"),
    )
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
