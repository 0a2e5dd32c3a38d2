//! Makes the pictures of runs.
//!
//! - In: reports of runs; the memory that may be used; a control, which cancels and counts.
//! - Out: [`Pictures`] of each report.
//! - Holds: a movie that cannot be opened, read or decoded has no pictures, and says why.
//! - Not here: which frames (`wanted`), how a picture becomes small (`fit`).

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use intercut_engine::codec::is_prores;
use intercut_engine::discover::{OpenMovie, open};
use intercut_engine::in_place::{History, HistoryEntry};
use intercut_engine::picture::Size;
use intercut_engine::plan::FileStamp;
use intercut_engine::report::ReportObject;
use intercut_engine::still::{Series, Shown};
use intercut_io::{Control, Phase, Work};

use super::fit::fit;
use super::wanted::{Owners, Place, Wanted, wanted};
use super::{Jpeg, Missing, Pictures, Shot, Strip};
use crate::args::{ProgressForm, ShowArgs};
use crate::diagnostic::{Failure, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::text;

/// Events of a page that have pictures: more would make it too long to open.
const EVENTS_MAX: usize = 200;

/// Bytes of all JPEG files of a page. As text they are a third longer.
const PAGE_LEN: usize = 1_380_000;

/// Bytes of one, at least and at most, whatever the page comes to.
const LEN_MIN: usize = 5000;
const LEN_MAX: usize = 120_000;

/// Pixels of the longer side, at most: as many as a window has, or fewer if there are few bytes for them.
const SIDE_MAX: usize = 1100;
const SIDE_MAX_OF_FEW: usize = 560;
const FEW: usize = 9000;

/// A run, and which of its frames are shown.
struct Job<'r> {
    report: &'r ReportObject,
    wanted: Vec<Wanted>,
    left_out: usize,
}

/// Makes the pictures of one page.
///
/// - `reports`: of runs whose movies have their names.
/// - `control`: its progress is begun anew, with the bytes that are read.
/// - `show`, `form`: how progress is shown.
/// - Returns: one entry for each report. What is missing although it should be there has been warned of.
pub(crate) fn make(
    reports: &[&ReportObject],
    memory_budget: u64,
    control: &Control,
    show: ShowArgs,
    form: ProgressForm,
) -> Vec<Pictures> {
    let jobs = jobs(reports);
    let shots = jobs.iter().flat_map(|job| &job.wanted).map(|event| event.places.len()).sum();
    let len_max = len_of_each(shots);
    let bytes = jobs.iter().map(|job| job.bytes(control)).sum();
    let progress = &control.progress;
    progress.begin(Work { bytes_to_verify: bytes, frames: shots as u64, ..Work::default() });
    progress.enter(Phase::Picturing, bytes);
    let watch = Watch::start(progress, show, form);
    let pictures = jobs.iter().map(|job| job.pictures(len_max, memory_budget, control));
    let pictures: Vec<Pictures> = pictures.collect();
    drop(watch);
    for (job, pictures) in jobs.iter().zip(&pictures) {
        let output = job.report.output.path.display();
        for Missing { why, .. } in pictures.missing.iter().filter(|missing| missing.is_fault) {
            warn(&format!("{output} is complete, but its page lacks pictures: {why}"));
        }
    }
    pictures
}

/// The runs, each with so many of its first events that all together are few enough.
fn jobs<'r>(reports: &[&'r ReportObject]) -> Vec<Job<'r>> {
    let all: Vec<Vec<Wanted>> = reports.iter().map(|report| wanted(report)).collect();
    let events_max = even_share(&all.iter().map(Vec::len).collect::<Vec<_>>(), EVENTS_MAX);
    let job = |(report, mut wanted): (&&'r ReportObject, Vec<Wanted>)| {
        let left_out = wanted.len().saturating_sub(events_max);
        wanted.truncate(events_max);
        Job { report, wanted, left_out }
    };
    reports.iter().zip(all).map(job).collect()
}

/// How many of its things each may have, so that all together have at most `total`; at least one.
fn even_share(counts: &[usize], total: usize) -> usize {
    let fits = |each: usize| counts.iter().map(|count| (*count).min(each)).sum::<usize>() <= total;
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    (1..=most).rev().find(|each| fits(*each)).unwrap_or(1)
}

/// Bytes that each of so many pictures may have.
fn len_of_each(shots: usize) -> usize {
    (PAGE_LEN / shots.max(1)).clamp(LEN_MIN, LEN_MAX)
}

/// The largest size of a frame that is not larger than it can be shown with so many bytes.
fn size_of(report: &ReportObject, len_max: usize) -> Size {
    let side_max = if len_max < FEW { SIDE_MAX_OF_FEW } else { SIDE_MAX };
    let side = usize::from(report.base.width.max(report.base.height));
    let sizes = [Size::Full, Size::Half, Size::Quarter];
    sizes.into_iter().find(|size| size.of(side) <= side_max).unwrap_or(Size::Eighth)
}

/// What became of each frame.
type Seen = BTreeMap<u64, Result<Rc<Jpeg>, String>>;

impl Job<'_> {
    /// Frames of the finished movie, and of the base: sorted, each once.
    fn frames(&self) -> [Vec<u64>; 2] {
        [false, true].map(|of_base| {
            let places = self.wanted.iter().flat_map(|event| &event.places);
            let places = places.filter(|(place, _)| (*place == Place::Base) == of_base);
            let mut frames: Vec<u64> = places.map(|(_, frame)| *frame).collect();
            frames.sort_unstable();
            frames.dedup();
            frames
        })
    }

    fn paths(&self) -> [&Path; 2] {
        [&self.report.output.path, &self.report.base.path]
    }

    /// Bytes of the samples that are read; of a movie that cannot be opened none.
    fn bytes(&self, control: &Control) -> u64 {
        let [output, base] = self.paths();
        let movies = [self.open_output(output, control), self.open_base(base, control)];
        let of = |(movie, frames): (Result<OpenMovie, Failure>, Vec<u64>)| {
            let series = Series::of(&movie.ok()?, &frames, Size::Eighth).ok()?.bytes();
            Some(series)
        };
        movies.into_iter().zip(self.frames()).filter_map(of).sum()
    }

    fn pictures(&self, len_max: usize, memory_budget: u64, control: &Control) -> Pictures {
        let mut pictures = Pictures { left_out: self.left_out, ..Pictures::default() };
        if self.wanted.is_empty() {
            return pictures;
        }
        let codec = self.report.base.codec;
        if !is_prores(codec) {
            let why = format!("the codec is {}, and only ProRes is decoded", text::codec(codec));
            pictures.missing.push(Missing { why, is_fault: false });
            return pictures;
        }
        let size = size_of(self.report, len_max);
        let [output, base] = self.paths();
        let [of_output, of_base] = self.frames();
        let mut show = |movie: Result<OpenMovie, Failure>, frames: &[u64]| {
            let shown = movie.and_then(|movie| {
                shown(&movie, frames, size, len_max, memory_budget, control, &mut pictures)
            });
            shown.unwrap_or_else(|failure| {
                pictures.missing.push(missing(&failure));
                Seen::new()
            })
        };
        let finished = show(self.open_output(output, control), &of_output);
        // Of a movie that has none, those of the base would say the same.
        let replaced = match finished.is_empty() {
            true => Seen::new(),
            false => show(self.open_base(base, control), &of_base),
        };
        let owners = Owners::of(self.report);
        let strip = |wanted: &Wanted| {
            let shot = |&(place, frame): &(Place, u64)| {
                let (seen, of) = match place {
                    Place::Base => (&replaced, None),
                    _ => (&finished, owners.of_frame(frame)),
                };
                Some(Shot { place, frame, of, shown: seen.get(&frame)?.clone() })
            };
            Strip { event: wanted.event, shots: wanted.places.iter().filter_map(shot).collect() }
        };
        let strips = self.wanted.iter().map(strip);
        pictures.strips = strips.filter(|strip| !strip.shots.is_empty()).collect();
        pictures
    }

    /// Opens the finished movie as the run left it, whatever was inserted since.
    fn open_output(&self, path: &Path, control: &Control) -> Result<OpenMovie, Failure> {
        let (movie, len) = (open(path, &control.cancel)?, self.report.output.bytes);
        if movie.source.len() == len {
            return Ok(movie);
        }
        let left = |insert: &HistoryEntry| insert.journal.before.len == len;
        match before(path, left, control)? {
            Some(movie) => Ok(movie),
            None => {
                let message = format!("{} has changed since the run wrote it", path.display());
                Err(Failure::new(Exit::Failed, message, None))
            }
        }
    }

    /// Opens the base, if it still is what was spliced into; of a movie that was inserted into, what it was before.
    fn open_base(&self, path: &Path, control: &Control) -> Result<OpenMovie, Failure> {
        let (movie, then) = (open(path, &control.cancel)?, self.report.base.identity);
        if FileStamp::of(movie.source.identity()) != then {
            if let Some(before) = before(path, |it| it.journal.before == then, control)? {
                return Ok(before);
            }
            let message = format!("{} has changed since it was spliced into", path.display());
            return Err(Failure::new(Exit::Failed, message, None));
        }
        Ok(movie)
    }
}

/// The movie as it was before an insert.
fn before(
    path: &Path,
    is_it: impl Fn(&HistoryEntry) -> bool,
    control: &Control,
) -> Result<Option<OpenMovie>, Failure> {
    let Ok(history) = History::read(path, &control.cancel) else { return Ok(None) };
    let Some(nth) = history.inserts.iter().position(is_it) else { return Ok(None) };
    Ok(history.before(nth, &control.cancel)?)
}

/// The pictures of some frames of a movie.
fn shown(
    movie: &OpenMovie,
    frames: &[u64],
    size: Size,
    len_max: usize,
    memory_budget: u64,
    control: &Control,
    pictures: &mut Pictures,
) -> Result<Seen, Failure> {
    let series = Series::of(movie, frames, size)?;
    let found = series.show(memory_budget, control, |picture| fit(picture, len_max))?;
    movie.source.check_unchanged()?;
    let mut seen = Seen::new();
    for (frame, found) in frames.iter().zip(found) {
        let jpeg = match found {
            Ok(Shown { picture: Ok(jpeg), colors, damage, .. }) => {
                pictures.tone_mapped = pictures.tone_mapped.or(colors.tone_mapped());
                Ok(Rc::new(Jpeg { damaged: (damage.damaged, damage.slices), ..jpeg }))
            }
            Ok(Shown { picture: Err(error), .. }) => Err(error.to_string()),
            Err(not_shown) => Err(not_shown.to_string()),
        };
        seen.insert(*frame, jpeg);
    }
    Ok(seen)
}

/// Why a movie has no pictures.
fn missing(failure: &Failure) -> Missing {
    let why = match failure.exit {
        Exit::Cancelled => "the command was cancelled before they were made".to_owned(),
        _ => failure.messages().join("; "),
    };
    Missing { why, is_fault: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_share_the_pictures_of_a_page_evenly() {
        assert_eq!(even_share(&[13], 200), 13);
        assert_eq!(even_share(&[5000], 200), 200);
        assert_eq!(even_share(&[13; 40], 200), 5);
        assert_eq!(even_share(&[3, 3, 500], 200), 194);
        assert_eq!(even_share(&[1; 300], 200), 1);
        assert_eq!(even_share(&[], 200), 1);
    }

    #[test]
    fn pictures_are_smaller_where_there_are_more() {
        // One event, 13 events, 200 events.
        assert_eq!([6, 78, 1200].map(len_of_each), [120_000, 17_692, 5000]);
    }
}
