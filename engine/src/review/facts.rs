//! Works out what a review shows, before anything is made.
//!
//! - In: a [`Review`].
//! - Out: [`PlannedReview`]: every picture is known, and everything that speaks against it was said.
//! - Holds: base and result are shown frame beside frame only if they have the same rate, the same first label, and the base has every
//!   frame that is shown. A base of another length is a warning where that holds.
//! - Not here: what was replaced (`known`), which movie the base is (`base`), the encoder (`ffmpeg`), the pictures (`pipeline`).

use std::path::PathBuf;
use std::time::{Duration, Instant};

use intercut_io::{Control, Target};

use super::base::{Wanted, open};
use super::cells::{Cell, Layout, Side, cell};
use super::encoder::{Codec, Container};
use super::error::{ReviewError, ReviewReason};
use super::known::Known;
use super::timeline::Timeline;
use super::{Only, Replaced, Review, ReviewOptions, SIDE_MAX, SIDE_MIN};
use crate::codec::color::PixelAspect;
use crate::discover::{self, OpenMovie};
use crate::movie::Movie;
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
        let Known { replaced, history } = Known::of(&result, replaced, cancel, &mut warnings)?;
        let files = replaced.iter().flat_map(Replaced::files);
        discover::must_be_none_of(
            &output,
            files.chain([result.source.path()]).chain(base.as_deref()),
        )?;
        let must_be_shown = base.is_some() || options.layout.is_some_and(Layout::needs_base);
        let wanted = Wanted::of(base, &result, replaced.as_ref(), history.as_ref());
        let wanted = wanted.filter(|_| options.layout != Some(Layout::Single));
        let base = wanted.map(|wanted| wanted.open(&result, history.as_ref(), cancel)).transpose();
        let base = match base {
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
            let events = match hidden {
                1 => "1 event has no picture of its own: --every leaves its frames out".to_owned(),
                _ => format!(
                    "{hidden} events have no picture of their own: --every leaves their frames out"
                ),
            };
            warnings.push(events);
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
