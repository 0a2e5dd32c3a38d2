//! Opens the movies of a review and works out what it shows, before anything is made.
//!
//! - In: a [`Review`].
//! - Out: [`PlannedReview`]: every picture is known, and everything that speaks against it was said.
//! - Holds: base and result are shown frame beside frame only if they have the same rate, the same first label, and the base has every
//!   frame that is shown. A base of another length is a warning where that holds.
//! - Not here: the encoder (`ffmpeg`), the pictures (`pipeline`).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use intercut_io::{Cancel, Control, FileId, Target};

use super::cells::{Cell, Layout, Side, cell};
use super::encoder::{Codec, Container};
use super::error::{ReviewError, ReviewReason};
use super::timeline::Timeline;
use super::{Only, Replaced, Review, ReviewOptions, SIDE_MAX, SIDE_MIN};
use crate::codec;
use crate::codec::color::PixelAspect;
use crate::discover::{self, OpenMovie};
use crate::in_place::History;
use crate::movie::Movie;
use crate::plan::FileStamp;
use crate::sidecar::Sidecar;
use crate::timecode::Timecode;

/// A review that can be made. Nothing was created.
#[derive(Debug)]
pub struct PlannedReview {
    pub(super) output: PathBuf,
    pub(super) container: Container,
    pub(super) options: ReviewOptions,
    pub(super) layout: Layout,
    pub(super) result: OpenMovie,
    pub(super) base: Option<OpenMovie>,
    /// How many inserts came after the base, if it is the result itself as it was before them.
    pub(super) inserts_since_base: Option<usize>,
    pub(super) replaced: Option<Replaced>,
    pub(super) timeline: Timeline,
    pub(super) warnings: Vec<String>,
    pub(super) setup: Duration,
}

impl Review {
    /// Opens everything and decides what is shown.
    ///
    /// - Cost: the headers of two movies.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub fn prepare(self, control: &Control) -> Result<PlannedReview, ReviewError> {
        let start = Instant::now();
        let Self { result, base, replaced, output, options } = self;
        check_size(options.size)?;
        let container = Container::of(&output);
        let container = container.ok_or_else(|| ReviewError::Container { path: output.clone() })?;
        if options.codec == Codec::Proxy && container != Container::Mov {
            return Err(ReviewError::ProxyContainer { path: output });
        }
        let mut warnings = Vec::new();
        let cancel = &control.cancel;
        let result = open(&result, cancel)?;
        let history = history(&result, cancel, &mut warnings)?;
        let is_result = |path: &Path| {
            FileId::at(path).is_some_and(|id| FileId::at(result.source.path()) == Some(id))
        };
        let replaced = match (replaced, &history) {
            (Some(replaced), Some(history)) => {
                Some(with_later_inserts(replaced, &result, history, is_result))
            }
            (Some(replaced), None) => Some(replaced),
            (None, _) => noted(&result, history.as_ref(), &mut warnings)?,
        };
        let files = replaced.iter().flat_map(Replaced::files);
        discover::must_be_none_of(
            &output,
            files.chain([result.source.path()]).chain(base.as_deref()),
        )?;
        let must_be_shown = base.is_some() || options.layout.is_some_and(Layout::needs_base);
        let base = Wanted::of(base, replaced.as_ref(), history.as_ref(), is_result);
        let base = base.filter(|_| options.layout != Some(Layout::Single));
        let base = match base.map(|base| base.open(&result, history.as_ref(), cancel)).transpose() {
            Err(error) if !must_be_shown => {
                cancel.check()?;
                let alone = "the result is shown alone, without its base";
                warnings.push(format!("{alone}: {error}"));
                None
            }
            base => base?,
        };
        let (base, inserts_since_base) = base.unzip();
        let inserts_since_base = inserts_since_base.flatten();
        let layout = match (options.layout, &base) {
            (Some(layout), None) if layout.needs_base() => {
                return Err(ReviewError::NoBase { path: result.source.path().to_owned() });
            }
            (Some(layout), _) => layout,
            (None, Some(_)) => Layout::SideBySide,
            (None, None) => Layout::Single,
        };
        Target::check(&output, options.replace, &[])?;
        let timeline = timeline(&result, replaced.as_ref(), &options)?;
        let hidden = timeline.events_without_pictures();
        if hidden > 0 {
            let events = if hidden == 1 { "event has" } else { "events have" };
            warnings.push(format!(
                "{hidden} {events} no picture of their own: --every leaves their frames out"
            ));
        }
        if let Some(base) = &base {
            check_pair(base, &result, &timeline, &mut warnings)?;
        }
        Ok(PlannedReview {
            output,
            container,
            options,
            layout,
            result,
            base,
            inserts_since_base,
            replaced,
            timeline,
            warnings,
            setup: start.elapsed(),
        })
    }
}

impl PlannedReview {
    /// What a person should know, as sentences.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Pictures of the review.
    pub fn pictures(&self) -> u64 {
        self.timeline.len()
    }

    /// The movies, each with its side, in the order in which they are drawn.
    pub(super) fn sides(&self) -> impl Iterator<Item = (Side, &OpenMovie)> {
        let base = self.base.iter().map(|base| (Side::Base, base));
        base.chain([(Side::Result, &self.result)])
    }

    /// Where a side's pictures go, if they are of so many pixels.
    pub(super) fn cell(&self, side: Side, raster: [usize; 2]) -> Cell {
        let movie = match side {
            Side::Base => self.base.as_ref().unwrap_or(&self.result),
            Side::Result => &self.result,
        };
        let aspect = match movie.movie.video_format().description.pasp {
            Some(PixelAspect::Ratio(across, down)) => f64::from(across) / f64::from(down),
            _ => 1.0,
        };
        let [width, height] = raster.map(|len| len as f64);
        cell(self.layout, side, self.options.size, [width * aspect, height])
    }

    /// A frame's timecode: the movie's own, or the splice's if the movie has none.
    pub(super) fn timecode_at(&self, frame: u64) -> Option<Timecode> {
        let planned = || self.replaced.as_ref()?.base.as_ref()?.timecode_at(frame);
        self.result.movie.timecode_at(frame).or_else(planned)
    }

    /// The number of a frame, counted from 0 at the first picture.
    pub(super) fn number(&self, frame: u64) -> u64 {
        frame - self.result.movie.frames().presented().start.min(frame)
    }
}

fn check_size([width, height]: [usize; 2]) -> Result<(), ReviewError> {
    let refused = |why| Err(ReviewError::Size { width, height, why });
    if [width, height].iter().any(|len| !len.is_multiple_of(2)) {
        return refused("both must be even");
    }
    if [width, height].iter().any(|len| !(SIDE_MIN..=SIDE_MAX).contains(len)) {
        return refused("both must be from 64 to 8192");
    }
    Ok(())
}

/// Opens a movie of which pictures can be shown.
fn open(path: &Path, cancel: &Cancel) -> Result<OpenMovie, ReviewError> {
    let movie = discover::open(path, cancel)?;
    let codec = movie.movie.video_format().description.codec;
    if !codec::is_prores(codec) {
        return Err(ReviewError::Codec { path: path.to_owned(), codec });
    }
    Ok(movie)
}

/// What was inserted into the result, if anything was.
fn history(
    result: &OpenMovie,
    cancel: &Cancel,
    warnings: &mut Vec<String>,
) -> Result<Option<History>, ReviewError> {
    let path = result.source.path();
    let read = |buffer: &mut [u8], offset: u64| {
        cancel.check()?;
        result.source.read_exact_at(buffer, offset)
    };
    match History::of(path, &result.movie, &read) {
        Ok(history) => Ok(Some(history).filter(|history| !history.inserts.is_empty())),
        Err(error) => {
            cancel.check()?;
            warnings.push(format!("what was inserted into the result is not known: {error}"));
            Ok(None)
        }
    }
}

/// What was replaced by a plan that was named, and by what was inserted after it.
fn with_later_inserts(
    replaced: Replaced,
    result: &OpenMovie,
    history: &History,
    is_result: impl Fn(&Path) -> bool,
) -> Replaced {
    let own = replaced.base.as_ref().filter(|base| is_result(&base.path));
    let later = match own.map(|base| first_after(history, base.identity.len)) {
        // A splice's.
        None => 0,
        // An insert's: it is among the journals itself.
        Some(Some(nth)) => nth + 1,
        Some(None) => history.inserts.len(),
    };
    let later = history.inserts[later..].iter().map(|entry| &entry.journal);
    replaced.with_inserts(&result.movie, later)
}

/// The insert into a movie that had so many bytes.
fn first_after(history: &History, len: u64) -> Option<usize> {
    history.inserts.iter().position(|entry| entry.journal.before.len == len)
}

/// What the sidecar of a result says, and its own journals.
fn noted(
    result: &OpenMovie,
    history: Option<&History>,
    warnings: &mut Vec<String>,
) -> Result<Option<Replaced>, ReviewError> {
    let path = result.source.path();
    let inserts = history.iter().flat_map(|history| &history.inserts).map(|entry| &entry.journal);
    let by_inserts = || history.map(|_| Replaced::by_inserts(&result.movie, inserts.clone()));
    let Some(sidecar) = Sidecar::read(path)? else { return Ok(by_inserts()) };
    let beside = Sidecar::path_of(path);
    let now = FileStamp::of(result.source.identity());
    let changed = sidecar.in_place.as_ref().map(|changed| changed.output);
    let (record, made) = (changed.unwrap_or(sidecar.output), sidecar.output.stamp);
    if !record.is_still(path, now)? {
        let beside = beside.display();
        warnings.push(format!("{beside} is about another file, and is not used"));
        return Ok(by_inserts());
    }
    let mut replaced = Replaced::from(sidecar.plan_beside(path)?);
    // Written anew, a movie has what was inserted, and no journals of it.
    let first = inserts.clone().next().map(|insert| insert.before);
    if changed.is_none() || first == Some(made) {
        return Ok(Some(replaced.with_inserts(&result.movie, inserts)));
    }
    warnings.push(format!(
        "{} was changed in place since {} was written, and does not know any more by what: its pictures name no clips, and what was inserted is not marked",
        path.display(),
        beside.display()
    ));
    replaced.names_clips = false;
    Ok(Some(replaced))
}

/// The movie that the result is to be held against.
enum Wanted {
    /// Another one; its length when it was spliced into, if that is known.
    Other(PathBuf, Option<u64>),
    /// The result itself, before this insert and all later ones.
    Before(usize),
    /// The result itself, of which nobody knows what it was before.
    Itself,
}

impl Wanted {
    /// - `base`: that was named.
    fn of(
        base: Option<PathBuf>,
        replaced: Option<&Replaced>,
        history: Option<&History>,
        is_result: impl Fn(&Path) -> bool,
    ) -> Option<Self> {
        let planned = replaced.map(|replaced| replaced.base.as_ref());
        let (path, stamp) = match (base, planned) {
            (Some(path), _) => (path, None),
            (None, Some(Some(planned))) => (planned.path.clone(), Some(planned.identity)),
            (None, Some(None)) => return Some(Self::Before(0)),
            (None, None) => return None,
        };
        if !is_result(&path) {
            return Some(Self::Other(path, stamp.map(|stamp| stamp.len)));
        }
        let first = history.and_then(|history| match stamp {
            Some(stamp) => first_after(history, stamp.len),
            None => Some(0),
        });
        Some(first.map_or(Self::Itself, Self::Before))
    }

    /// Opens it; returns too how many inserts came after it, if it is the result itself.
    fn open(
        self,
        result: &OpenMovie,
        history: Option<&History>,
        cancel: &Cancel,
    ) -> Result<(OpenMovie, Option<usize>), ReviewError> {
        let refused = |path: &Path, reason| Err(ReviewError::Refused { path: path.into(), reason });
        match self {
            Self::Other(path, planned) => {
                let base = open(&path, cancel)?;
                let found = base.source.len();
                match planned.filter(|planned| *planned != found) {
                    Some(planned) => refused(&path, ReviewReason::BaseChanged { planned, found }),
                    None => Ok((base, None)),
                }
            }
            Self::Before(nth) => {
                let inserts = history.map_or(0, |history| history.inserts.len());
                let before = history.map(|history| history.before(nth, cancel)).transpose()?;
                match before.flatten() {
                    Some(base) => Ok((base, Some(inserts - nth))),
                    None => refused(result.source.path(), ReviewReason::BaseIsResult),
                }
            }
            Self::Itself => refused(result.source.path(), ReviewReason::BaseIsResult),
        }
    }
}

fn timeline(
    result: &OpenMovie,
    replaced: Option<&Replaced>,
    options: &ReviewOptions,
) -> Result<Timeline, ReviewError> {
    let path = || result.source.path().to_owned();
    let refused = |reason| ReviewError::Refused { path: path(), reason };
    let frames = result.movie.frames();
    let planned = replaced.and_then(|replaced| Some(replaced.base.as_ref()?.frames));
    let found = frames.frame_count();
    if let Some(planned) = planned.filter(|planned| *planned != found) {
        return Err(refused(ReviewReason::OtherPlan { planned, found }));
    }
    let shown = frames.presented();
    let cuts = replaced.map(|replaced| replaced.cuts.clone()).unwrap_or_default();
    match options.only {
        Only::All if shown.is_empty() => Err(refused(ReviewReason::NoFrames)),
        Only::All => Ok(Timeline::whole(shown, cuts, options.every)),
        Only::Replaced { .. } if replaced.is_none() => Err(ReviewError::NoPlan { path: path() }),
        Only::Replaced { context } => {
            let card = u64::from(result.movie.video_format().rate.nominal());
            let timeline = Timeline::replaced(&shown, cuts, context, card, options.every);
            match timeline.is_empty() {
                true => Err(refused(ReviewReason::NothingReplaced)),
                false => Ok(timeline),
            }
        }
    }
}

/// Whether the frames of two movies belong beside one another.
fn check_pair(
    base: &OpenMovie,
    result: &OpenMovie,
    timeline: &Timeline,
    warnings: &mut Vec<String>,
) -> Result<(), ReviewError> {
    let path = || base.source.path().to_owned();
    let refused = |reason| Err(ReviewError::Refused { path: path(), reason });
    let rates = [base, result].map(|open| open.movie.video_format().rate);
    if rates[0] != rates[1] {
        return refused(ReviewReason::BaseRate { base: rates[0], result: rates[1] });
    }
    if let [Some(first), Some(other)] = [base, result].map(|open| open.movie.start_timecode())
        && first != other
    {
        return refused(ReviewReason::BaseTimecode { base: first, result: other });
    }
    let frames = |movie: &Movie| movie.frames().frame_count();
    let (base_frames, result_frames) = (frames(&base.movie), frames(&result.movie));
    let last = timeline.stretches.last().map_or(0, |stretch| stretch.frames.end);
    if last > base_frames {
        return refused(ReviewReason::BaseLength { base: base_frames, result: last });
    }
    if base_frames != result_frames {
        warnings.push(format!(
            "{} has {base_frames} frames, the result has {result_frames}: every frame that is shown is in both",
            base.source.path().display()
        ));
    }
    Ok(())
}
