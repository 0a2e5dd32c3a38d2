//! Plans a blank: reads what it is like, prepares its frames, lays it out.
//!
//! - In: a [`Blank`].
//! - Out: [`PlannedBlank`]: the first byte can be written.
//! - Holds: what cannot be written is refused before anything is opened; nothing is created.
//! - Not here: what is refused about a movie (`facts`).

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use intercut_io::{Control, IoError, Made, Replace, Schedule, ScheduleBuilder, Source, Target};

use super::error::{BlankError, BlankReason};
use super::facts::BlankFacts;
use super::header;
use super::media::Media;
use super::sound::Sound;
use super::tracks::FRAMES_AT;
use super::{Blank, Like};
use crate::atom::{Atom, ReadError};
use crate::discover::{self, OpenError, OpenMovie};
use crate::movie::Movie;
use crate::picture::flat::FlatFrames;
use crate::units::FourCc;
use crate::verify::ExpectedTarget;

/// A blank that is laid out. Nothing has been created.
#[derive(Debug)]
pub struct PlannedBlank {
    pub(super) blank: Blank,
    pub(super) facts: BlankFacts,
    /// The frames, which are made; what it is like, if that is a movie.
    pub(super) sources: Vec<Source>,
    pub(super) schedule: Schedule,
    first_frame_len: u64,
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
        discover::must_be_none_of(&self.output, self.source())?;
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
        let first_frame_len = frames.sizes().first().copied().unwrap_or(0).into();
        let made = Source::made(&self.output, Arc::new(frames));
        let sources = std::iter::once(made).chain(movie.map(|open| open.source)).collect();
        let (blank, schedule, setup) = (self.clone(), builder.finish(), start.elapsed());
        Ok(PlannedBlank { blank, facts, sources, schedule, first_frame_len, setup })
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

    /// The movie that will be written, as if it were there.
    pub fn as_movie(&self) -> OpenMovie {
        let movie = movie_of(self.planned()).expect("its header is in memory");
        // For its path: it has no bytes yet.
        let source = Source::made(self.output(), Arc::new(NotThere));
        OpenMovie { source, movie, growing: None }
    }

    /// The bytes that it will have.
    pub(super) fn planned(&self) -> ExpectedTarget<'_> {
        ExpectedTarget { schedule: &self.schedule, sources: &self.sources, is_in_place: false }
    }

    /// What is under the name of its output.
    ///
    /// # Errors
    /// What is there cannot be read, or the run was cancelled.
    pub fn standing(&self, control: &Control) -> Result<Standing, IoError> {
        if !self.output().try_exists().map_err(IoError::failed("find", self.output()))? {
            return Ok(Standing::Missing);
        }
        let there = match discover::open(self.output(), &control.cancel) {
            Ok(open) => open,
            Err(OpenError::Io(error)) => return Err(error),
            Err(_) => return Ok(Standing::Other),
        };
        let own = self.as_movie().movie;
        let is_same = essence(&there.movie) == essence(&own)
            && there.movie.start_timecode() == own.start_timecode()
            && self.has_first_frame(&there.source)?;
        Ok(if is_same { Standing::Same } else { Standing::Other })
    }

    /// Whether a file that is laid out like the blank begins with its first frame: that shows the name and the timecode.
    fn has_first_frame(&self, there: &Source) -> Result<bool, IoError> {
        let len = u64::from(FRAMES_AT) + self.first_frame_len;
        let Ok(len) = usize::try_from(len.min(there.len())) else { return Ok(false) };
        let (mut found, mut own) = (vec![0; len], vec![0; len]);
        there.read_exact_at(&mut found, 0)?;
        self.planned().read_exact_at(&mut own, 0)?;
        Ok(found == own)
    }
}

/// What is under the name of a blank's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Missing,
    /// That blank: its header and its first frame are what they would be, whatever version made it.
    Same,
    /// Something else.
    Other,
}

/// A movie's header without what tells which program made it.
fn essence(movie: &Movie) -> Vec<(FourCc, &[u8])> {
    let moov = &movie.header().moov;
    let atoms = Atom::whole(moov, 0).map(|moov| moov.children()).into_iter().flatten();
    let atoms = atoms.map_while(Result::ok).filter(|atom| atom.kind != FourCc(*b"udta"));
    atoms.map(|atom| (atom.kind, atom.payload)).collect()
}

/// A file that is not there yet.
#[derive(Debug)]
struct NotThere;

impl Made for NotThere {
    fn len(&self) -> u64 {
        0
    }

    fn fill(&self, _offset: u64, _bytes: &mut [u8]) -> Result<(), IoError> {
        Ok(())
    }
}

/// A movie that is planned, as if it were there.
pub(crate) fn movie_of(planned: ExpectedTarget<'_>) -> Result<Movie, IoError> {
    let mut read = |bytes: &mut [u8], offset: u64| planned.read_exact_at(bytes, offset);
    match Movie::read(planned.schedule.len(), &mut read) {
        Ok(movie) => Ok(movie),
        Err(ReadError::Read(error)) => Err(error),
        Err(ReadError::Format(error)) => panic!("what we write can be read: {error}"),
    }
}
