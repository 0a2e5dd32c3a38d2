//! Plans a blank: reads what it is like, prepares its frames, lays it out.
//!
//! - In: a [`Blank`].
//! - Out: [`PlannedBlank`]: the first byte can be written.
//! - Holds: what cannot be written is refused before anything is opened; nothing is created.
//! - Not here: what is refused about a movie (`facts`).

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use intercut_io::{
    Control, FileId, IoError, Made, Replace, Schedule, ScheduleBuilder, Source, Target,
};

use super::error::{BlankError, BlankReason};
use super::facts::BlankFacts;
use super::header::{self, FRAMES_AT};
use super::media::Media;
use super::sound::Sound;
use super::{Blank, Like};
use crate::discover;
use crate::picture::flat::FlatFrames;

/// A blank that is laid out. Nothing has been created.
#[derive(Debug)]
pub struct PlannedBlank {
    pub(super) blank: Blank,
    pub(super) facts: BlankFacts,
    /// The frames, which are made; what it is like, if that is a movie.
    pub(super) sources: Vec<Source>,
    pub(super) schedule: Schedule,
    pub(super) setup: Duration,
}

impl Made for FlatFrames {
    fn len(&self) -> u64 {
        self.len()
    }

    fn fill(&self, offset: u64, bytes: &mut [u8]) -> Result<(), IoError> {
        self.fill(offset, bytes);
        Ok(())
    }
}

impl Blank {
    /// Reads what the blank is like, and lays it out.
    ///
    /// - Cost: the movie's header, and a few look-ups for each frame.
    ///
    /// # Errors
    /// [`BlankError`].
    pub fn plan(&self, replace: Replace, control: &Control) -> Result<PlannedBlank, BlankError> {
        let start = Instant::now();
        self.must_be_no_source()?;
        Target::check(&self.output, replace, &[])?;
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |reason| BlankError::Refused { path, reason }
        };
        let (mut facts, movie) = match &self.like {
            Like::Movie(path) => {
                let open = discover::open(path, &control.cancel)?;
                let facts = BlankFacts::of_movie(&open, &self.options).map_err(refused(path))?;
                (facts, Some(open))
            }
            Like::Numbers(numbers) => {
                let facts = BlankFacts::of_numbers(numbers, &self.options);
                (facts.map_err(refused(&self.output))?, None)
            }
        };
        let named = self.source().unwrap_or(&self.output);
        let sound = match &movie {
            Some(open) if self.options.sound => Sound::of(&open.movie).map_err(refused(named))?,
            _ => Sound::default(),
        };
        facts.sound_tracks = sound.tracks.len();
        if self.options.sound && sound.tracks.is_empty() {
            facts.warnings.push("it has no sound".to_owned());
        }
        let burn_in = (!self.options.no_burn_in).then(|| facts.burn_in());
        let frames = FlatFrames::new(&facts.shape(), burn_in.as_ref(), facts.frames);
        let frames = frames.map_err(BlankReason::Frame).map_err(refused(named))?;
        if frames.is_bare() {
            let (width, height) = facts.raster;
            let warning = format!("{width}x{height} pixels are too few to burn the timecode in");
            facts.warnings.push(warning);
        }
        let media = Media::arrange(&facts, &frames, &sound);
        let mut builder = ScheduleBuilder::new(Target::alignment(&self.output)?);
        builder.push_inline(&header::before(&facts, &media));
        assert_eq!(builder.position(), u64::from(FRAMES_AT), "the media begins as planned");
        media.schedule(&mut builder);
        builder.push_inline(&header::moov(&facts, &frames, &media, &sound));
        let made = Source::made(&self.output, Arc::new(frames));
        let sources = std::iter::once(made).chain(movie.map(|open| open.source)).collect();
        let (blank, schedule, setup) = (self.clone(), builder.finish(), start.elapsed());
        Ok(PlannedBlank { blank, facts, sources, schedule, setup })
    }

    /// Refuses an output that is the movie itself, before anything is said about replacing it.
    fn must_be_no_source(&self) -> Result<(), IoError> {
        match self.source() {
            Some(source)
                if FileId::at(source).is_some_and(|it| FileId::at(&self.output) == Some(it)) =>
            {
                let (path, source_path) = (self.output.clone(), source.to_owned());
                Err(IoError::TargetIsSource { path, source_path })
            }
            _ => Ok(()),
        }
    }
}

impl PlannedBlank {
    /// What it will be.
    pub fn facts(&self) -> &BlankFacts {
        &self.facts
    }

    /// The movie that it is like.
    pub fn source(&self) -> Option<&Path> {
        self.blank.source()
    }

    /// The movie that will be written.
    pub fn output(&self) -> &Path {
        self.blank.output()
    }

    /// Bytes of the movie.
    pub fn bytes(&self) -> u64 {
        self.schedule.len()
    }
}
