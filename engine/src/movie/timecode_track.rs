//! The timecode of a movie: the `tmcd` track's description and samples, laid over the movie's frames.
//!
//! - In: the track, its description, its samples' four bytes each, the frame grid of the video track.
//! - Out: [`MovieTimecode`].
//! - Holds: stretches ascend; each holds from its first frame to the next stretch.
//! - Not here: which track counts (`movie`), timecode arithmetic (`timecode`).
//!
//! A sample is the number of its first frame, counted at the description's own rate, which need not be the rate of
//! the media or of the pictures. Its place is found through the track's edit list, to the nearest frame. The last
//! sample holds to the end of the movie: writers give it any duration. A counter (flag 8) is read as a frame number.
//!
//! References: QuickTime File Format, "Timecode Media"; Apple Technical Note TN2310.

use super::description::TimecodeDescription;
use super::frames::{Grid, STEPS_MAX};
use super::track::Track;
use super::{Edit, Invalid, MovieError, Unsupported};
use crate::atom::file::Header;
use crate::atom::{Atom, ReadAt, ReadError};
use crate::table::SampleTable;
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};
use crate::units::SampleIndex;

/// The most bytes of timecode samples that are read: as many samples as are followed. A movie of two hours with one
/// sample a frame has 700 kB.
const TIMECODE_BYTES_MAX: u64 = 4 * STEPS_MAX as u64;
/// The most stretches that are kept. Even a master with its shots' own timecode jumps only at its cuts.
const STRETCHES_MAX: usize = 1 << 16;
const DROP_FRAME: u32 = 1;
const NEGATIVE_TIMES: u32 = 4;

/// The timecode of a movie.
#[derive(Debug)]
pub(super) struct MovieTimecode {
    /// Index of the track.
    pub(super) track: usize,
    pub(super) format: TimecodeFormat,
    /// Frames of timecode per frame of video, as a ratio: 1 to 1 but for pictures at twice the timecode's rate.
    per_frame: (u64, u64),
    pub(super) flags: u32,
    pub(super) reel: Option<String>,
    /// `(first frame, its timecode)`.
    pub(super) stretches: Vec<(u64, Timecode)>,
}

impl MovieTimecode {
    /// Reads the samples of `track` and lays them over the frames of `grid`.
    ///
    /// - `video_rate`: frames per second of the pictures.
    /// - `frame_count`: frames of the movie; what begins later is left out.
    pub(super) fn read<E>(
        track: &Track,
        header: &Header,
        grid: &Grid,
        video_rate: FrameRate,
        frame_count: u64,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Option<Self>, ReadError<E, MovieError>> {
        let stsd = track.atom(header, track.atoms.stsd).map_err(format_error)?;
        let Some(entry) = stsd.children_from(8).next() else { return Ok(None) };
        let entry = entry.map_err(format_error)?;
        let Atom { kind, offset, .. } = entry;
        let description = TimecodeDescription::parse(&entry).map_err(format_error)?;
        let table = track.table(header).map_err(format_error)?;
        let samples = Samples::read(track, table, read)?;
        if samples.values.is_empty() {
            return Ok(None);
        }
        let TimecodeDescription { flags, timescale, frame_duration, reel } = description;
        let (numerator, denominator) = (timescale, frame_duration);
        let rate = FrameRate::matching(u64::from(numerator), u64::from(denominator)).ok_or(
            ReadError::Format(
                Invalid::FrameRate { track: track.id, kind, offset, numerator, denominator }.into(),
            ),
        )?;
        let product =
            |a: FrameRate, b: FrameRate| u64::from(a.numerator()) * u64::from(b.denominator());
        let mut timecode = Self {
            track: track.index,
            format: TimecodeFormat { rate, drop_frame: flags & DROP_FRAME != 0 },
            per_frame: (product(rate, video_rate), product(video_rate, rate)),
            flags,
            reel,
            stretches: Vec::new(),
        };
        timecode.lay_out(track, &samples, grid, frame_count).map_err(ReadError::Format)?;
        Ok(Some(timecode))
    }

    /// The timecode of a frame; `None` before the first stretch.
    pub(super) fn at(&self, frame: u64) -> Option<Timecode> {
        let behind = self.stretches.partition_point(|(first, _)| *first <= frame);
        let (first, start) = self.stretches.get(behind.checked_sub(1)?)?;
        Some(self.later(*start, frame - first))
    }

    /// `start`, `frames` frames of video later.
    fn later(&self, start: Timecode, frames: u64) -> Timecode {
        let (numerator, denominator) = self.per_frame;
        let counted = u128::from(frames) * u128::from(numerator) / u128::from(denominator);
        let day = u128::from(self.format.frames_per_day());
        start.add(i64::try_from(counted % day).expect("a day has fewer frames than 2^63"))
    }

    fn lay_out(
        &mut self,
        track: &Track,
        samples: &Samples,
        grid: &Grid,
        frame_count: u64,
    ) -> Result<(), MovieError> {
        let media_end = samples.ends.last().copied().unwrap_or(0);
        let whole = [Edit { movie_duration: u64::MAX, media_time: Some(0), rate: 0x1_0000 }];
        let edits = if track.edits.is_empty() { &whole[..] } else { &track.edits };
        let (mut movie_time, mut steps) = (0_u64, 0);
        for edit in edits {
            let first = grid.frame_at(movie_time, grid.movie_timescale)?;
            if first >= frame_count {
                break;
            }
            movie_time = movie_time.saturating_add(edit.movie_duration);
            let Some(start) = edit.media_time else { continue };
            // The edit's end in media time, in whole ticks.
            let ticks = u128::from(edit.movie_duration) * u128::from(track.timescale);
            let length = ticks / u128::from(grid.movie_timescale);
            let end = (u128::from(start) + length).min(u128::from(media_end));
            // Behind its duration, whatever that is, the last sample still holds.
            let last = samples.values.len().saturating_sub(1);
            let mut index = samples.ends.partition_point(|&end| end <= start).min(last);
            while let Some(&value) = samples.values.get(index) {
                let begins = index.checked_sub(1).map_or(0, |before| samples.ends[before]);
                if begins > start && u128::from(begins) >= end {
                    break;
                }
                steps += 1;
                if steps > STEPS_MAX {
                    let (track, limit) = (track.id, STEPS_MAX);
                    return Err(Unsupported::TooIrregular { track, limit }.into());
                }
                let at = first + grid.frame_at(begins.saturating_sub(start), track.timescale)?;
                let timecode = Timecode::from_frame(self.number(value), self.format)
                    .add(self.counted(start.saturating_sub(begins), track.timescale));
                self.push(at, timecode, frame_count);
                if self.stretches.len() > STRETCHES_MAX {
                    let (track, limit) = (track.id, STRETCHES_MAX);
                    return Err(Unsupported::TooIrregular { track, limit }.into());
                }
                index += 1;
            }
        }
        Ok(())
    }

    /// The frame number that a sample holds.
    fn number(&self, value: u32) -> i64 {
        let is_signed = self.flags & NEGATIVE_TIMES != 0;
        if is_signed { i64::from(value.cast_signed()) } else { i64::from(value) }
    }

    /// Frames of timecode, at its own rate, in `ticks` of `timescale`, to the nearest; within a day.
    fn counted(&self, ticks: u64, timescale: u32) -> i64 {
        let rate = self.format.rate;
        let counted = u128::from(ticks) * u128::from(rate.numerator());
        let per_frame = u128::from(timescale) * u128::from(rate.denominator());
        let frames = (counted + per_frame / 2) / per_frame;
        let day = u128::from(self.format.frames_per_day());
        i64::try_from(frames % day).expect("a day has fewer frames than 2^63")
    }

    /// Appends a stretch, unless the one before runs on into it.
    fn push(&mut self, first: u64, timecode: Timecode, frame_count: u64) {
        if first >= frame_count {
            return;
        }
        while self.stretches.last().is_some_and(|last| last.0 >= first) {
            self.stretches.pop();
        }
        if self.at(first) != Some(timecode) {
            self.stretches.push((first, timecode));
        }
    }
}

/// The samples of a timecode track.
struct Samples {
    /// The number that each holds.
    values: Vec<u32>,
    /// Media time at which each ends.
    ends: Vec<u64>,
}

impl Samples {
    /// Reads every sample, a chunk at a time.
    fn read<E>(
        track: &Track,
        table: SampleTable<'_>,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Self, ReadError<E, MovieError>> {
        let limit = TIMECODE_BYTES_MAX;
        let too_long: MovieError = Unsupported::TimecodeTooLong { track: track.id, limit }.into();
        let (mut values, mut total) = (Vec::new(), 0_u64);
        let mut bytes = Vec::new();
        for chunk in table.chunks() {
            // Both terms are bounded: the limit before this chunk, and the file's length.
            total += chunk.range.len;
            if total > limit {
                return Err(ReadError::Format(too_long));
            }
            bytes.resize(usize::try_from(chunk.range.len).unwrap_or(usize::MAX), 0);
            read(&mut bytes, chunk.range.offset).map_err(ReadError::Read)?;
            let mut rest = bytes.as_slice();
            for sample in chunk.first_sample.0..chunk.first_sample.0 + chunk.sample_count {
                let len = table.size(SampleIndex(sample));
                let Some(value) = rest.first_chunk().filter(|_| len >= 4) else {
                    let offset = chunk.range.end() - rest.len() as u64;
                    let short = Invalid::TimecodeSample { track: track.id, sample, offset, len };
                    return Err(ReadError::Format(short.into()));
                };
                values.push(u32::from_be_bytes(*value));
                rest = rest.get(len as usize..).unwrap_or_default();
            }
        }
        let mut ends = Vec::with_capacity(values.len());
        let mut end = 0_u64;
        for (count, duration) in table.durations() {
            for _ in 0..count {
                end = end.saturating_add(u64::from(duration));
                ends.push(end);
            }
        }
        Ok(Self { values, ends })
    }
}

fn format_error<E>(error: impl Into<MovieError>) -> ReadError<E, MovieError> {
    ReadError::Format(error.into())
}
