//! A movie: tracks, edit lists, timecode, reel; joined and cross-checked once.
//!
//! - In: a [`Header`], and a closure for the few bytes of media that matter: timecode samples, the first frame's
//!   header.
//! - Out: [`Movie`], which owns its header and borrows nothing.
//! - Holds: every track's tables are checked; exactly one video track is enabled and has one sample description;
//!   nothing that a splice would break is in it (each such thing is refused by name).
//! - Not here: whether two movies fit together (`plan`).
//!
//! References: QuickTime File Format, "Movie Atoms"; ISO/IEC 14496-12 8.2.

mod description;
mod error;
pub mod frames;
mod headers;
mod refuse;
mod timecode_track;
mod track;

pub use error::{Invalid, MovieError, Unsupported};
pub use track::{SoundFormat, Track, TrackAtoms, TrackReference};

use std::collections::BTreeMap;

use crate::atom::file::Header;
use crate::atom::{Atom, ReadAt, ReadError};
use crate::codec::{self, FrameHeader, VideoDescription, VideoFormat};
use crate::table::SampleTable;
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};
use crate::units::FourCc;
use description::Descriptions;
use frames::{FrameMap, FrameMapBuilder, Grid, dominant_duration};
use headers::Clock;
use timecode_track::MovieTimecode;

/// The longest `meta` atom at the top level that is looked into; a longer one is refused.
const TOP_META_LEN_MAX: u64 = 16 << 20;
/// A picture costs the file at least this: its own bytes, or, where pictures share bytes, a chunk offset. Only a table
/// that states one size for all can claim more.
const BYTES_PER_SAMPLE_MIN: u64 = 4;
/// Pictures that are followed one by one: 38 hours at 120 frames a second, a table of 64 MiB.
const SAMPLE_COUNT_MAX: u64 = 1 << 24;

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
    header: Header,
    timescale: u32,
    duration: u64,
    tracks: Vec<Track>,
    /// Index of the one enabled video track.
    video: usize,
    video_format: VideoFormat,
    frames: FrameMap,
    timecode: Option<MovieTimecode>,
}

impl Movie {
    /// Reads and parses a movie: [`Header::read`] and [`Movie::parse`] with one reader.
    ///
    /// # Errors
    /// [`ReadError::Read`] as `read` gave it, [`MovieError`] for what the file holds.
    pub fn read<E>(
        file_len: u64,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Self, ReadError<E, MovieError>> {
        let header = Header::read(file_len, read).map_err(ReadError::widen)?;
        Self::parse(header, read)
    }

    /// Parses a movie.
    ///
    /// - `header`: what [`Header::read`] found.
    /// - `read`: fills a buffer with the file's bytes from an offset; asked for the timecode samples (at most 4 MiB),
    ///   the first 28 bytes of the first frame and `meta` atoms at the top level, all within `header.file_len`.
    /// - Cost: one pass over the header.
    /// - Memory: in proportion to the bytes of the header, and bounded whatever they claim.
    ///
    /// # Errors
    /// [`ReadError::Read`] as `read` gave it, [`MovieError`] for what the file holds.
    pub fn parse<E>(
        header: Header,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Self, ReadError<E, MovieError>> {
        check_top_level(&header, read)?;
        let Outline { timescale, duration, tracks, video, description, grid, rate, frames } =
            Outline::parse(&header).map_err(ReadError::Format)?;
        let frame_header =
            first_frame_header(&tracks[video], description.codec, &header, &frames, read)?;
        let video_format = VideoFormat { description, rate, frame_header };
        let timecode = match timecode_track(&tracks, &tracks[video]) {
            None => None,
            Some(track) => {
                let frame_count = frames.frame_count();
                MovieTimecode::read(track, &header, &grid, rate, frame_count, read)?
            }
        };
        Ok(Self { header, timescale, duration, tracks, video, video_format, frames, timecode })
    }

    /// The header it was parsed from.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Movie ticks per second.
    pub fn timescale(&self) -> u32 {
        self.timescale
    }

    /// Duration by `mvhd`, in movie ticks.
    pub fn duration(&self) -> u64 {
        self.duration
    }

    /// Every track, in file order.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// The sample table of a track of this movie.
    ///
    /// - Cost: O(1).
    ///
    /// # Panics
    /// If `track` is another movie's.
    pub fn table(&self, track: &Track) -> SampleTable<'_> {
        track.table(&self.header).expect("the tables were checked when the movie was parsed")
    }

    /// The one enabled video track.
    pub fn video(&self) -> &Track {
        &self.tracks[self.video]
    }

    /// What its pictures are.
    pub fn video_format(&self) -> &VideoFormat {
        &self.video_format
    }

    /// Which sample is presented in each frame of the movie.
    pub fn frames(&self) -> &FrameMap {
        &self.frames
    }

    /// The timecode track that the video track references, else the only one. `None` where it has no samples.
    pub fn timecode_track(&self) -> Option<&Track> {
        self.timecode.as_ref().map(|timecode| &self.tracks[timecode.track])
    }

    /// How its timecode is counted.
    pub fn timecode_format(&self) -> Option<TimecodeFormat> {
        self.timecode.as_ref().map(|timecode| timecode.format)
    }

    /// The flags of its timecode description: 1 drop frame, 2 wraps at 24 hours, 4 negative times, 8 a counter.
    pub fn timecode_flags(&self) -> Option<u32> {
        self.timecode.as_ref().map(|timecode| timecode.flags)
    }

    /// The timecode of a presented frame, counted from 0; `None` without timecode or where it has none there.
    pub fn timecode_at(&self, frame: u64) -> Option<Timecode> {
        self.timecode.as_ref()?.at(frame)
    }

    /// Timecode of the first presented frame.
    pub fn start_timecode(&self) -> Option<Timecode> {
        self.timecode_at(0)
    }

    /// The stretches of frames over which timecode runs on without a jump: `(first frame, its timecode)`, in order.
    pub fn timecode_stretches(&self) -> &[(u64, Timecode)] {
        self.timecode.as_ref().map_or(&[], |timecode| &timecode.stretches)
    }

    /// The reel name in the timecode track's sample description.
    pub fn reel(&self) -> Option<&str> {
        self.timecode.as_ref()?.reel.as_deref()
    }
}

/// What the header alone says.
struct Outline {
    timescale: u32,
    duration: u64,
    tracks: Vec<Track>,
    video: usize,
    description: VideoDescription,
    grid: Grid,
    rate: FrameRate,
    frames: FrameMap,
}

impl Outline {
    fn parse(header: &Header) -> Result<Self, MovieError> {
        let moov = Atom::whole(&header.moov, header.moov_offset)?;
        refuse::movie_kinds(&moov)?;
        refuse::metadata_offsets(&moov)?;
        let mvhd = moov.required(b"mvhd")?;
        let clock = headers::clock(&mvhd)?;
        refuse::zero_timescale(&mvhd, clock.timescale)?;
        let mut tracks = Vec::new();
        let mut traks = Vec::new();
        for child in moov.children() {
            let child = child?;
            if child.kind == FourCc(*b"trak") {
                tracks.push(Track::parse(&child, tracks.len(), header)?);
                traks.push(child);
            }
        }
        let video = video_track(&tracks)?;
        let track = &tracks[video];
        track.refuse_composition_offsets(&traks[video])?;
        let description = video_description(track, header)?;

        let table = track.table(header)?;
        refuse_too_many_samples(track, table.sample_count(), header)?;
        let durations = table.durations();
        let Atom { kind, offset, .. } = track.atom(header, track.atoms.stts)?;
        let id = track.id;
        let frame_ticks = dominant_duration(durations.clone())
            .ok_or(Invalid::NoFrameRate { track: id, offset })?;
        let (numerator, denominator) = (track.timescale, frame_ticks);
        let rate = FrameRate::matching(u64::from(numerator), u64::from(denominator))
            .ok_or(Invalid::FrameRate { track: id, kind, offset, numerator, denominator })?;
        let grid = Grid {
            track: id,
            elst_offset: track.elst_offset,
            movie_timescale: clock.timescale,
            media_timescale: track.timescale,
            frame_ticks,
        };
        let frames = FrameMapBuilder::new(grid, durations)?.build(&track.edits)?;
        let Clock { timescale, duration } = clock;
        Ok(Self { timescale, duration, tracks, video, description, grid, rate, frames })
    }
}

/// The index of the one enabled video track.
fn video_track(tracks: &[Track]) -> Result<usize, Unsupported> {
    let videos = tracks.iter().filter(|track| track.kind == TrackKind::Video);
    let enabled: Vec<&Track> = videos.clone().filter(|track| track.enabled).collect();
    match enabled.as_slice() {
        [] => Err(Unsupported::NoVideoTrack { disabled: videos.count() }),
        [video] => Ok(video.index),
        [first, second, ..] => Err(Unsupported::SeveralVideoTracks {
            count: enabled.len(),
            first: first.id,
            second: second.id,
        }),
    }
}

/// The one sample description of the video track.
fn video_description(track: &Track, header: &Header) -> Result<VideoDescription, MovieError> {
    let descriptions = Descriptions::parse(&track.atom(header, track.atoms.stsd)?)?;
    match descriptions.only() {
        Some(entry) => Ok(VideoDescription::parse(&entry)?),
        None => {
            let count = descriptions.count();
            Err(Unsupported::VideoDescriptions { track: track.id, count }.into())
        }
    }
}

/// Refuses a video track with more samples than the file has room for, since later stages go through them one by one.
fn refuse_too_many_samples(track: &Track, claimed: u32, header: &Header) -> Result<(), MovieError> {
    let file_len = header.file_len;
    let limit = SAMPLE_COUNT_MAX.min(file_len / BYTES_PER_SAMPLE_MIN);
    if u64::from(claimed) <= limit {
        return Ok(());
    }
    let Atom { kind, offset, .. } = track.atom(header, track.atoms.stsz)?;
    let track = track.id;
    Err(Invalid::TooManySamples { track, kind, offset, claimed, file_len, limit }.into())
}

/// The timecode track that the video track references, else the only one.
fn timecode_track<'t>(tracks: &'t [Track], video: &Track) -> Option<&'t Track> {
    let all = tracks.iter().filter(|track| track.kind == TrackKind::Timecode);
    let by_id: BTreeMap<u32, &Track> = all.clone().map(|track| (track.id, track)).collect();
    let references = video.references.iter().filter(|entry| entry.kind == FourCc(*b"tmcd"));
    let referenced = references.flat_map(|entry| &entry.track_ids).find_map(|id| by_id.get(id));
    let mut all = all;
    let only = all.next().filter(|_| all.next().is_none());
    referenced.copied().or(only)
}

/// Reads the header of the first frame that is presented, where the codec has one that is known.
fn first_frame_header<E>(
    video: &Track,
    codec: FourCc,
    header: &Header,
    frames: &FrameMap,
    read: &mut ReadAt<'_, E>,
) -> Result<Option<FrameHeader>, ReadError<E, MovieError>> {
    let Some(head_len) = codec::frame_head_len(codec) else { return Ok(None) };
    let table = video.table(header).map_err(|error| ReadError::Format(error.into()))?;
    let sample = frames.first_sample().and_then(|first| table.samples_from(first).next());
    let Some(range) = sample.map(|sample| sample.range) else { return Ok(None) };
    let mut head = vec![0; usize::try_from(range.len).unwrap_or(usize::MAX).min(head_len)];
    read(&mut head, range.offset).map_err(ReadError::Read)?;
    Ok(codec::frame_header(codec, &head))
}

/// Refuses `meta` atoms at the top level that locate items in the file.
fn check_top_level<E>(
    header: &Header,
    read: &mut ReadAt<'_, E>,
) -> Result<(), ReadError<E, MovieError>> {
    let metas = header.atoms.iter().filter(|atom| atom.kind == FourCc(*b"meta"));
    for atom in metas {
        let offset = atom.range.offset;
        if atom.range.len > TOP_META_LEN_MAX {
            let refused = Unsupported::FileOffsets { kind: atom.kind, offset };
            return Err(ReadError::Format(refused.into()));
        }
        let mut bytes = vec![0; usize::try_from(atom.range.len).unwrap_or(0)];
        read(&mut bytes, offset).map_err(ReadError::Read)?;
        refuse::top_level_metadata(&bytes, offset).map_err(ReadError::Format)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
