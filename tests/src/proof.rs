//! Splices with the engine and has the result judged by the oracle, by `mp4parse` and by FFmpeg.
//!
//! - In: base, clips, where the result goes, how it is written.
//! - Out: the engine's report, once everybody agrees.
//! - Not here: what the judges look at (`oracle`, `compare`).

use std::path::{Path, PathBuf};

use intercut_engine::splice::{Report, Splice, SpliceError, SpliceOptions};
use intercut_io::{Control, Route, RouteChoice};

use crate::compare;
use crate::oracle::checker::{Expected, check_movies};
use crate::oracle::further;
use crate::oracle::placer::place;
use crate::oracle::reader::Movie;
use crate::oracle::splicer::Replaced;

/// The routes that work on any local disk with direct I/O.
pub const DISK_ROUTES: [Route; 4] = [Route::Mapped, Route::Staged, Route::Kernel, Route::Buffered];

/// The default options but for the route.
pub fn by(route: Route) -> SpliceOptions {
    SpliceOptions::default().route(RouteChoice::Only(route))
}

/// Splices; at the end every byte must be counted as done.
///
/// # Errors
/// What the engine says.
///
/// # Panics
/// Where progress is not complete at the end.
pub fn splice(
    base: &Path,
    clips: &[PathBuf],
    output: &Path,
    options: SpliceOptions,
) -> Result<Report, SpliceError> {
    let splice = Splice::new(base).clips(clips).output(output).options(options);
    let control = Control::default();
    let report = splice.run(&control)?;
    let (done, total) = (control.progress.bytes_done(), control.progress.bytes_total());
    assert_eq!(done, total, "progress ends at {done} of {total} bytes");
    Ok(report)
}

/// Splices, and proves that each output sample is what the oracle says, in a file that keeps every promise.
///
/// # Panics
/// Where the engine refuses, or a judge finds something.
#[track_caller]
pub fn splice_and_check(
    base: &Path,
    clips: &[PathBuf],
    output: &Path,
    replaced: &[Replaced],
    options: SpliceOptions,
) -> Report {
    let report = splice(base, clips, output, options).unwrap_or_else(|error| panic!("{error:?}"));
    let judged = judge(base, clips, output, replaced, &report, options.faststart);
    judged.unwrap_or_else(|found| panic!("{}: {found}", output.display()));
    report
}

/// What the oracle and `mp4parse` find wrong with an output.
///
/// # Errors
/// The first thing that is wrong.
pub fn judge(
    base: &Path,
    clips: &[PathBuf],
    output: &Path,
    replaced: &[Replaced],
    report: &Report,
    faststart: bool,
) -> Result<(), String> {
    let output = Movie::open(output)?;
    let clips: Vec<Movie> = clips.iter().map(|clip| Movie::open(clip)).collect::<Result<_, _>>()?;
    let alignment = report.plan.alignment;
    let expected = Expected { replaced: replaced.to_vec(), alignment, faststart };
    check_movies(&output, &Movie::open(base)?, &clips, &expected)?;
    further::compare(&output)?;
    if report.frames_replaced() != replaced.len() as u64 {
        return Err(format!("{} frames replaced, by the report", report.frames_replaced()));
    }
    if report.bytes != output.bytes.len() as u64 {
        return Err(format!("{} bytes, by the report", report.bytes));
    }
    Ok(())
}

/// Splices real movies that decode: places the clips by the oracle's own reckoning, then asks FFmpeg too.
///
/// # Panics
/// As [`splice_and_check`].
#[track_caller]
pub fn splice_and_compare(
    base: &Path,
    clips: &[PathBuf],
    output: &Path,
    options: SpliceOptions,
) -> Vec<Replaced> {
    let movie = |path: &Path| Movie::open(path).unwrap_or_else(|found| panic!("{found}"));
    let clip_movies: Vec<Movie> = clips.iter().map(|clip| movie(clip)).collect();
    let replaced = place(&movie(base), &clip_movies).unwrap_or_else(|found| panic!("{found}"));
    splice_and_check(base, clips, output, &replaced, options);
    let agreed = compare::agree(output, base, clips, &replaced);
    agreed.unwrap_or_else(|found| panic!("{}: {found}", output.display()));
    replaced
}
