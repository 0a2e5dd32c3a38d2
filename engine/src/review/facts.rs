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
use super::timeline::{Timeline, cuts};
use super::{Only, Replaced, Review, ReviewOptions, SIDE_MAX, SIDE_MIN};
use crate::codec;
use crate::codec::color::PixelAspect;
use crate::discover::{self, OpenMovie};
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
        let result = open(&result, &control.cancel)?;
        let replaced = match replaced {
            Some(replaced) => Some(replaced),
            None => noted(&result, &mut warnings)?,
        };
        let files = replaced.iter().flat_map(Replaced::files);
        discover::must_be_none_of(
            &output,
            files.chain([result.source.path()]).chain(base.as_deref()),
        )?;
        let must_be_shown = base.is_some() || options.layout.is_some_and(Layout::needs_base);
        let planned =
            replaced.as_ref().map(|it| (it.base.path.clone(), Some(it.base.identity.len)));
        let base = base.map(|path| (path, None)).or(planned);
        let base = base.filter(|_| options.layout != Some(Layout::Single));
        let base = base_of(base, &result, must_be_shown, &mut warnings, &control.cancel)?;
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
        let planned = || self.replaced.as_ref()?.base.timecode_at(frame);
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

/// What the sidecar of a result says.
fn noted(result: &OpenMovie, warnings: &mut Vec<String>) -> Result<Option<Replaced>, ReviewError> {
    let path = result.source.path();
    let Some(sidecar) = Sidecar::read(path)? else { return Ok(None) };
    let beside = Sidecar::path_of(path);
    let now = FileStamp::of(result.source.identity());
    let mut names_clips = true;
    let record = match &sidecar.in_place {
        Some(changed) => {
            warnings.push(format!(
                "{} was changed in place since {} was written: its pictures name no clips, and what was inserted then is not marked",
                path.display(),
                beside.display()
            ));
            names_clips = false;
            changed.output
        }
        None => sidecar.output,
    };
    if !record.is_still(path, now)? {
        let beside = beside.display();
        warnings.push(format!("{beside} is about another file, and is not used"));
        return Ok(None);
    }
    let mut replaced = Replaced::from(sidecar.plan_beside(path)?);
    replaced.names_clips = names_clips;
    Ok(Some(replaced))
}

/// Opens the base, unless it is the result itself, or is not there and need not be.
///
/// - `base`: its path; its length when it was spliced into, if that is known.
fn base_of(
    base: Option<(PathBuf, Option<u64>)>,
    result: &OpenMovie,
    must_be_shown: bool,
    warnings: &mut Vec<String>,
    cancel: &Cancel,
) -> Result<Option<OpenMovie>, ReviewError> {
    let Some((path, planned)) = base else { return Ok(None) };
    let is_result =
        FileId::at(&path).is_some_and(|id| FileId::at(result.source.path()) == Some(id));
    if is_result && !must_be_shown {
        return Ok(None);
    }
    let opened = open(&path, cancel).and_then(|base| match planned {
        Some(planned) if planned != base.source.len() && !is_result => {
            let reason = ReviewReason::BaseChanged { planned, found: base.source.len() };
            Err(ReviewError::Refused { path: path.clone(), reason })
        }
        _ => Ok(base),
    });
    match opened {
        Err(error) if !must_be_shown => {
            warnings.push(format!("the result is shown alone, without its base: {error}"));
            Ok(None)
        }
        other => other.map(Some),
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
    if let Some(plan) = replaced.filter(|plan| plan.base.frames != frames.frame_count()) {
        let (planned, found) = (plan.base.frames, frames.frame_count());
        return Err(refused(ReviewReason::OtherPlan { planned, found }));
    }
    let shown = frames.presented();
    let cuts = replaced.map(cuts).unwrap_or_default();
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
