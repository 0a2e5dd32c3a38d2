//! Plans a stamped movie: reads what it is made of, measures its frames, lays it out.
//!
//! - In: a [`Stamp`].
//! - Out: [`PlannedStamp`]: the first byte can be written.
//! - Holds: what cannot be written is refused before anything is opened; nothing is created.
//! - Not here: the frames (`frames`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use intercut_io::{Control, IoError, Replace, Source, Target};

use super::error::{StampError, StampReason};
use super::frames::{Left, LeftPart, Stamped, StampedFrames, Text};
use super::{Stamp, Wipe};
use crate::blank::label_of_first;
use crate::codec::{described, is_prores};
use crate::discover::{self, OpenMovie};
use crate::layout::Layout;
use crate::plan::MovieFacts;
use crate::sidecar::Sidecar;
use crate::timecode::{Timecode, TimecodeFormat};

/// A stamped movie that is laid out. Nothing has been created.
#[derive(Debug)]
pub struct PlannedStamp {
    pub(super) stamp: Stamp,
    pub(super) stamped: Stamped,
    pub(super) frames: Arc<StampedFrames>,
    /// The movie, for everything but its frames; the frames, which are made.
    pub(super) sources: [Source; 2],
    pub(super) layout: Layout,
    pub(super) warnings: Vec<String>,
    pub(super) setup: Duration,
}

impl Stamp {
    /// Reads the movie's header and those of its frames, and lays the result out.
    ///
    /// - Cost: a small read for each frame.
    ///
    /// # Errors
    /// [`StampError`].
    pub fn plan(&self, replace: Replace, control: &Control) -> Result<PlannedStamp, StampError> {
        let start = Instant::now();
        self.must_be_no_source()?;
        Target::check(&self.output, replace, &[])?;
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |reason| StampError::Refused { path, reason }
        };
        let open = discover::open(&self.movie, &control.cancel)?;
        must_be_frames(&open).map_err(refused(&self.movie))?;
        let left = self.options.wipe.as_ref();
        let left = left.map(|wipe| self.left(wipe, &open, control)).transpose()?;
        let mut warnings = Vec::new();
        let text = (!self.options.no_burn_in).then(|| self.text(&open, &mut warnings)).transpose();
        let text = text.map_err(refused(&self.movie))?;
        // For what is not its frames: these are read by what makes them.
        let rest = Source::open(&self.movie)?;
        if let Some(what) = open.source.identity().difference(rest.identity()) {
            return Err(IoError::SourceChanged { path: self.movie.clone(), what }.into());
        }
        let mut frames = StampedFrames::new(open, left, text);
        let stamped = frames.measure(control)?.map_err(refused(&self.movie))?;
        match &stamped.first_copied {
            Some((_, Left::Small(_))) if stamped.frames == 0 => {
                let description = &frames.movie.movie.video_format().description;
                let (width, height) = (description.width, description.height);
                return Err(refused(&self.movie)(StampReason::TooSmall { width, height }));
            }
            Some((_, left)) if stamped.frames == 0 => {
                return Err(refused(&self.movie)(StampReason::NoFrame { why: left.to_string() }));
            }
            Some((frame, left)) => warnings.push(format!(
                "{} of its frames are copied as they are, the first of them frame {frame} of the file: {left}",
                stamped.copied
            )),
            None if stamped.frames == 0 => {
                let why = "there are none".to_owned();
                return Err(refused(&self.movie)(StampReason::NoFrame { why }));
            }
            None => {}
        }
        let alignment = Target::alignment(&self.output)?;
        let layout = Layout::remade(&frames.movie.movie, &frames.sizes, alignment)?;
        let frames = Arc::new(frames);
        let sources = [rest, Source::made(&self.output, Arc::clone(&frames) as _)];
        let (stamp, setup) = (self.clone(), start.elapsed());
        Ok(PlannedStamp { stamp, stamped, frames, sources, layout, warnings, setup })
    }

    /// Refuses an output that is one of the movies, or what one of them was made from, before anything is said about
    /// replacing it.
    fn must_be_no_source(&self) -> Result<(), IoError> {
        let base = self.options.wipe.as_ref().map(|wipe| &wipe.base);
        for movie in [Some(&self.movie), base].into_iter().flatten() {
            let made_from = Sidecar::files_of(movie)?;
            let files = std::iter::once(movie).chain(&made_from).map(PathBuf::as_path);
            discover::must_be_none_of(&self.output, files)?;
        }
        Ok(())
    }

    /// Opens the movie on the left.
    fn left(
        &self,
        Wipe { base, percent }: &Wipe,
        movie: &OpenMovie,
        control: &Control,
    ) -> Result<LeftPart, StampError> {
        let open = discover::open(base, &control.cancel)?;
        let refused = |path: &Path, reason| StampError::Refused { path: path.to_owned(), reason };
        must_be_frames(&open).map_err(|reason| refused(base, reason))?;
        let samples = |open: &OpenMovie| open.movie.table(open.movie.video()).sample_count();
        let (frames, base_frames) = (samples(movie), samples(&open));
        if frames != base_frames {
            let reason = StampReason::Frames { frames, base: base.clone(), base_frames };
            return Err(refused(&self.movie, reason));
        }
        let rates = [movie, &open].map(|open| open.movie.video_format().rate);
        if rates[0] != rates[1] {
            let [rate, base_rate] = rates;
            let reason = StampReason::Rate { rate, base: base.clone(), base_rate };
            return Err(refused(&self.movie, reason));
        }
        if let [Some(first), Some(base_first)] =
            [movie, &open].map(|open| open.movie.start_timecode())
            && first != base_first
        {
            let reason = StampReason::OtherTimecode { first, base: base.clone(), base_first };
            return Err(refused(&self.movie, reason));
        }
        Ok(LeftPart { open, percent: *percent })
    }

    /// What is burnt in.
    fn text(&self, open: &OpenMovie, warnings: &mut Vec<String>) -> Result<Text, StampReason> {
        let name =
            |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let title = match &self.options.wipe {
            Some(wipe) => format!("{} | {}", name(&wipe.base), name(&self.movie)),
            None => name(&self.movie),
        };
        let facts = MovieFacts::of(open);
        let own = facts.labels().label_of(facts.presented().start);
        let given = self.options.timecode.as_deref();
        let first = label_of_first(own, facts.format.rate, given).map_err(StampReason::Timecode)?;
        if first.is_none() {
            warnings.push("it has no timecode: it is counted from 00:00:00:00".to_owned());
        }
        let from_zero = TimecodeFormat { rate: facts.format.rate, drop_frame: false };
        let first = first.unwrap_or(Timecode::from_frame(0, from_zero));
        let timecode_len = first.to_string().len();
        Ok(Text {
            lines: std::iter::once(title).chain(self.options.text.clone()).collect(),
            // Its own timecode may jump.
            first: own.is_none().then_some(first),
            timecode_len,
        })
    }
}

/// Refuses a movie whose frames cannot be given other slices.
fn must_be_frames(open: &OpenMovie) -> Result<(), StampReason> {
    if open.growing.is_some() {
        return Err(StampReason::Growing);
    }
    let codec = open.movie.video_format().description.codec;
    if !is_prores(codec) {
        return Err(StampReason::Codec { codec: described(codec) });
    }
    match open.movie.obstacles().all().next() {
        Some(obstacle) => Err(StampReason::Movie(obstacle.clone())),
        None => Ok(()),
    }
}

impl PlannedStamp {
    /// How many of its frames will be other ones.
    pub fn stamped(&self) -> &Stamped {
        &self.stamped
    }

    /// What a person should know, as sentences.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The movie that is stamped.
    pub fn movie(&self) -> &Path {
        self.stamp.movie()
    }
}
