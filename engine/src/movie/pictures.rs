//! The pictures of a movie: its one enabled video track, its frames and their timecode.
//!
//! - In: an [`Outline`]; a closure for timecode samples and the head of the first frame.
//! - Out: [`Pictures`].
//! - Holds: the frame map names only samples that the track has.
//! - Not here: frames (`frames`), what the timecode track says (`timecode_track`).

use std::collections::BTreeMap;

use super::composition::first_times_shown;
use super::frames::{FirstPicture, FrameMap, FrameMapBuilder, Grid, dominant_duration};
use super::headers::Clock;
use super::timecode_track::MovieTimecode;
use super::{Invalid, MovieError, Outline, Track, TrackKind, Unsupported};
use crate::atom::file::Header;
use crate::atom::{Atom, ReadAt, ReadError};
use crate::codec::{self, FrameHeader, VideoDescription, VideoFormat};
use crate::table::SampleTable;
use crate::timecode::FrameRate;
use crate::units::FourCc;

/// A picture costs the file at least this: its own bytes, or, where pictures share bytes, a chunk offset. Only a table
/// that states one size for all can claim more.
const BYTES_PER_SAMPLE_MIN: u64 = 4;
/// Pictures that are followed one by one: 38 hours at 120 frames a second, a table of 64 MiB.
const SAMPLE_COUNT_MAX: u64 = 1 << 24;

/// The pictures of a movie.
#[derive(Debug)]
pub(super) struct Pictures {
    /// Movie ticks per second.
    pub(super) movie_timescale: u32,
    /// Index of the one enabled video track.
    pub(super) video: usize,
    pub(super) format: VideoFormat,
    pub(super) frames: FrameMap,
    pub(super) timecode: Option<MovieTimecode>,
}

impl Pictures {
    /// Finds the video track of a movie that has no faults, and follows its frames.
    pub(super) fn read<E>(
        outline: &Outline,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Self, ReadError<E, MovieError>> {
        let (header, tracks) = (outline.header(), outline.tracks());
        let clock = outline.clock.expect("an outline without faults has a clock");
        let video = video_track(outline).map_err(|error| ReadError::Format(error.into()))?;
        let track = &tracks[video];
        let Timeline { description, grid, rate, frames, first } =
            Timeline::of(track, header, clock).map_err(ReadError::Format)?;
        let frame_header = first_frame_header(track, description.codec, header, &frames, read)?;
        let format = VideoFormat { description, rate, frame_header };
        let timecode = match timecode_track(tracks, track) {
            None => None,
            Some(track) => {
                let frame_count = frames.frame_count();
                MovieTimecode::read(track, header, &grid, rate, first, frame_count, read)?
            }
        };
        Ok(Self { movie_timescale: clock.timescale, video, format, frames, timecode })
    }
}

/// What the header says of the frames of a track.
struct Timeline {
    description: VideoDescription,
    grid: Grid,
    rate: FrameRate,
    frames: FrameMap,
    first: Option<FirstPicture>,
}

impl Timeline {
    fn of(track: &Track, header: &Header, clock: Clock) -> Result<Self, MovieError> {
        let description = video_description(track, header)?;
        let table = track.table(header)?;
        check_sample_count(track, table, header)?;
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
        let mut edits = track.edits.clone();
        // An edit says when pictures are shown, samples have the times at which they are decoded: the first is shown later.
        let late = first_times_shown(track, header, table).into_iter().min().unwrap_or(0);
        let late = u64::try_from(late).unwrap_or(0);
        edits
            .iter_mut()
            .filter_map(|edit| edit.media_time.as_mut())
            .for_each(|time| *time = time.saturating_sub(late));
        let (frames, first) = FrameMapBuilder::new(grid, durations)?.build(&edits)?;
        Ok(Self { description, grid, rate, frames, first })
    }
}

/// The index of the one enabled video track.
fn video_track(outline: &Outline) -> Result<usize, Unsupported> {
    let mut enabled = outline.enabled_videos();
    match (enabled.next(), enabled.next()) {
        (Some(video), None) => Ok(video.index),
        (Some(first), Some(second)) => Err(Unsupported::SeveralVideoTracks {
            count: outline.enabled_videos().count(),
            first: first.id,
            second: second.id,
        }),
        (None, _) => {
            let tracks = outline.tracks().iter();
            let disabled = tracks.filter(|track| track.kind == TrackKind::Video).count();
            Err(Unsupported::NoVideoTrack { disabled })
        }
    }
}

/// The first sample description of the video track.
fn video_description(track: &Track, header: &Header) -> Result<VideoDescription, MovieError> {
    match &track.picture {
        Some(description) => Ok(description.clone()),
        None => {
            let stsd = track.atom(header, track.atoms.stsd)?;
            match stsd.children_from(8).next() {
                Some(entry) => Ok(VideoDescription::parse(&entry?)?),
                None => Err(Unsupported::VideoDescriptions { track: track.id, count: 0 }.into()),
            }
        }
    }
}

/// Refuses a video track with more samples than the file has room for, since later stages go through them one by one.
fn check_sample_count(
    track: &Track,
    table: SampleTable<'_>,
    header: &Header,
) -> Result<(), MovieError> {
    let (file_len, claimed) = (header.file_len, table.sample_count());
    let limit = SAMPLE_COUNT_MAX.min(file_len / BYTES_PER_SAMPLE_MIN);
    if u64::from(claimed) <= limit {
        return Ok(());
    }
    let Atom { kind, offset, .. } = track.atom(header, track.atoms.stsz)?;
    let track = track.id;
    Err(Invalid::TooManySamples { track, kind, offset, claimed, file_len, limit }.into())
}

/// The timecode track that the video track references, else the only one; none whose samples are in another file.
fn timecode_track<'t>(tracks: &'t [Track], video: &Track) -> Option<&'t Track> {
    let all = tracks.iter().filter(|track| track.kind == TrackKind::Timecode);
    let by_id: BTreeMap<u32, &Track> = all.clone().map(|track| (track.id, track)).collect();
    let references = video.references.iter().filter(|entry| entry.kind == FourCc(*b"tmcd"));
    let referenced = references.flat_map(|entry| &entry.track_ids).find_map(|id| by_id.get(id));
    let mut all = all;
    let only = all.next().filter(|_| all.next().is_none());
    referenced.copied().or(only).filter(|track| !track.is_external)
}

/// Reads the header of the first frame that is presented, where the codec has one that is known.
fn first_frame_header<E>(
    video: &Track,
    codec: FourCc,
    header: &Header,
    frames: &FrameMap,
    read: &mut ReadAt<'_, E>,
) -> Result<Option<FrameHeader>, ReadError<E, MovieError>> {
    let head_len = codec::frame_head_len(codec).filter(|_| !video.is_external);
    let Some(head_len) = head_len else { return Ok(None) };
    let table = video.table(header).map_err(|error| ReadError::Format(error.into()))?;
    let sample = frames.first_sample().and_then(|first| table.samples_from(first).next());
    let Some(range) = sample.map(|sample| sample.range) else { return Ok(None) };
    let mut head = vec![0; usize::try_from(range.len).unwrap_or(usize::MAX).min(head_len)];
    read(&mut head, range.offset).map_err(ReadError::Read)?;
    Ok(codec::frame_header(codec, &head))
}
