//! A movie: tracks, edit lists, timecode, reel; joined and cross-checked once.
//!
//! ```text
//! Header ──▶ outline ──▶ pictures ──▶ Movie
//!            tracks      frames,      obstacles: what a splice would break, each by name
//!               │        timecode
//!               └──▶ Survey: as much of any movie as can be read
//! ```
//!
//! - In: a file's length, and a closure for the few bytes that matter: the header, timecode samples, the first frame's
//!   header.
//! - Out: [`Movie`], which owns its header and borrows nothing; [`Survey`] for movies that need not be whole.
//! - Holds: every track's tables are checked; exactly one video track is enabled.
//! - Not here: whether two movies fit together (`plan`).
//!
//! References: QuickTime File Format, "Movie Atoms"; ISO/IEC 14496-12 8.2.

mod composition;
mod description;
mod error;
pub mod frames;
mod headers;
mod metadata;
mod obstacles;
mod outline;
mod pictures;
mod rate;
mod sound;
mod survey;
mod timecode_track;
mod track;

pub(crate) use composition::first_times_shown;
pub use error::{Invalid, MovieError, Unsupported};
pub use obstacles::Obstacles;
pub use outline::{BrokenTrack, Outline};
pub use rate::PictureRate;
pub use sound::{Pcm, SoundFormat};
pub use survey::Survey;
pub use track::{Track, TrackAtoms, TrackReference};

use crate::atom::file::Header;
use crate::atom::{ReadAt, ReadError};
use crate::codec::VideoFormat;
use crate::table::SampleTable;
use crate::timecode::{Timecode, TimecodeFormat};
use crate::units::FourCc;
use frames::FrameMap;
use pictures::Pictures;
use timecode_track::MovieTimecode;

/// What a track holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Sound,
    /// Timecode (`tmcd`).
    Timecode,
    /// Text and captions.
    Text,
    /// Anything else, by its media handler's subtype.
    Other(FourCc),
}

/// One entry of an edit list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// How long it lasts, in movie time.
    pub movie_duration: u64,
    /// Where it begins in media time; `None` for an empty edit.
    pub media_time: Option<u64>,
    /// Playback rate, 16.16 fixed point: 0x10000 is 1.
    pub rate: i32,
}

/// A parsed movie. Owns its header; borrows nothing.
#[derive(Debug)]
pub struct Movie {
    outline: Outline,
    pictures: Pictures,
    obstacles: Obstacles,
}

impl Movie {
    /// Reads and parses a movie.
    ///
    /// - `read`: fills a buffer with the file's bytes from an offset; asked for the headers of the atoms at the top level,
    ///   `moov`, the timecode samples (at most 4 MiB), the head of the first frame and `meta` atoms at the top level, all
    ///   within `file_len`.
    /// - Cost: one pass over the header.
    /// - Memory: in proportion to the bytes of the header, and bounded whatever they claim.
    ///
    /// # Errors
    /// [`ReadError::Read`] as `read` gave it, [`MovieError`] for what the file holds. Whatever could be understood but not
    /// spliced is not an error, but one of [`Movie::obstacles`].
    pub fn read<E>(
        file_len: u64,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Self, ReadError<E, MovieError>> {
        Survey::read(file_len, read)?.into_movie().map_err(ReadError::Format)
    }

    /// What can be read of its header alone.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Why it cannot be spliced; empty for most movies. The planner refuses a movie that has any.
    pub fn obstacles(&self) -> &Obstacles {
        &self.obstacles
    }

    /// The header it was parsed from.
    pub fn header(&self) -> &Header {
        self.outline.header()
    }

    /// Movie ticks per second.
    pub fn timescale(&self) -> u32 {
        self.pictures.movie_timescale
    }

    /// Every track, in file order.
    pub fn tracks(&self) -> &[Track] {
        self.outline.tracks()
    }

    /// The sample table of a track of this movie.
    ///
    /// - Cost: O(1).
    ///
    /// # Panics
    /// If `track` is another movie's.
    pub fn table(&self, track: &Track) -> SampleTable<'_> {
        track.table(self.header()).expect("the tables were checked when the movie was parsed")
    }

    /// The one enabled video track.
    pub fn video(&self) -> &Track {
        &self.tracks()[self.pictures.video]
    }

    /// What its pictures are.
    pub fn video_format(&self) -> &VideoFormat {
        &self.pictures.format
    }

    /// Which sample is presented in each frame of the movie.
    pub fn frames(&self) -> &FrameMap {
        &self.pictures.frames
    }

    /// The timecode track that the video track references, else the only one. `None` where it has no samples.
    pub fn timecode_track(&self) -> Option<&Track> {
        self.pictures.timecode.as_ref().map(|timecode| &self.tracks()[timecode.track])
    }

    /// How its timecode is counted.
    pub fn timecode_format(&self) -> Option<TimecodeFormat> {
        self.pictures.timecode.as_ref().map(|timecode| timecode.format)
    }

    /// The flags of its timecode description: 1 drop frame, 2 wraps at 24 hours, 4 negative times, 8 a counter.
    pub fn timecode_flags(&self) -> Option<u32> {
        self.pictures.timecode.as_ref().map(|timecode| timecode.flags)
    }

    /// The timecode of a frame, counted from 0; `None` without timecode or where it has none there.
    pub fn timecode_at(&self, frame: u64) -> Option<Timecode> {
        self.pictures.timecode.as_ref()?.labels().label_of(frame)
    }

    /// The frames that a label names, in order.
    pub fn frames_at(&self, label: Timecode) -> Vec<u64> {
        let labels = self.pictures.timecode.as_ref().map(MovieTimecode::labels);
        let end = self.frames().frame_count();
        labels.map_or_else(Vec::new, |labels| labels.frames_of(label, end))
    }

    /// Timecode of the first presented picture.
    pub fn start_timecode(&self) -> Option<Timecode> {
        self.timecode_at(self.frames().first_frame()?)
    }

    /// By how much the first picture begins after the frame of timecode that it has, in hundredths of a frame; 0 for less
    /// than is visible.
    pub fn timecode_parting(&self) -> u8 {
        self.pictures.timecode.as_ref().map_or(0, |timecode| timecode.parting)
    }

    /// The stretches of frames over which timecode runs on without a jump: `(first frame, its timecode)`, in order.
    pub fn timecode_stretches(&self) -> &[(u64, Timecode)] {
        self.pictures.timecode.as_ref().map_or(&[], |timecode| &timecode.stretches)
    }

    /// The reel name in the timecode track's sample description.
    pub fn reel(&self) -> Option<&str> {
        self.pictures.timecode.as_ref()?.reel.as_deref()
    }
}

#[cfg(test)]
mod tests;
