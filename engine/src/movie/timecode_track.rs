//! The timecode of a movie: the `tmcd` track's description and samples, laid over the movie's frames.
//!
//! - In: the track, its description, its samples' four bytes each, the frame grid of the video track.
//! - Out: [`MovieTimecode`].
//! - Holds: stretches ascend; each holds from its first frame to the next stretch.
//! - Not here: which track counts (`movie`), timecode arithmetic (`timecode`).
//!
//! A sample is the number of its first frame. Numbers count pictures one by one at the nominal rate, whatever exact
//! ratio the description states: 24 or 24000/1001 over pictures at 24000/1001 make no difference. The picture that is
//! presented when a sample begins, or within a quarter of a frame after that, has its number; a picture that begins later
//! within a frame has the number of that frame (rounded down). The last sample holds to the end of the movie: writers
//! give it any duration. A counter (flag 8) is read as a frame number.
//!
//! References: QuickTime File Format, "Timecode Media"; Apple Technical Note TN2310.

use super::description::TimecodeDescription;
use super::frames::{FirstPicture, Grid, STEPS_MAX, is_near};
use super::track::Track;
use super::{Edit, Invalid, MovieError, Unsupported};
use crate::atom::file::Header;
use crate::atom::{Atom, ReadAt, ReadError};
use crate::table::SampleTable;
use crate::timecode::{FrameRate, Labels, Timecode, TimecodeFormat};
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
    /// Rate of the pictures.
    pictures: FrameRate,
    pub(super) flags: u32,
    pub(super) reel: Option<String>,
    /// `(first frame, its timecode)`.
    pub(super) stretches: Vec<(u64, Timecode)>,
    /// By how much the first picture begins after the frame of timecode that it has, in hundredths of a frame; 0 for
    /// less than is visible.
    pub(super) parting: u8,
}

impl MovieTimecode {
    /// Reads the samples of `track` and lays them over the frames of `grid`.
    ///
    /// - `pictures`: their rate.
    /// - `first`: where the first of them is; without one there is nothing to label.
    /// - `frame_count`: frames of the movie; what begins later is left out.
    pub(super) fn read<E>(
        track: &Track,
        header: &Header,
        grid: &Grid,
        pictures: FrameRate,
        first: Option<FirstPicture>,
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
        let mut timecode = Self {
            track: track.index,
            format: TimecodeFormat { rate, drop_frame: flags & DROP_FRAME != 0 },
            pictures,
            flags,
            reel,
            stretches: Vec::new(),
            parting: 0,
        };
        if let Some(first) = first {
            let layout = Layout::new(track, &samples, grid, first, (pictures, rate))
                .ok_or_else(|| ReadError::Format(grid.too_long()))?;
            timecode.lay_out(&layout, track, &samples, frame_count).map_err(ReadError::Format)?;
        }
        Ok(Some(timecode))
    }

    /// The labels of the movie's frames.
    pub(super) fn labels(&self) -> Labels<'_> {
        Labels { pictures: self.pictures, stretches: &self.stretches }
    }

    fn lay_out(
        &mut self,
        layout: &Layout<'_>,
        track: &Track,
        samples: &Samples,
        frame_count: u64,
    ) -> Result<(), MovieError> {
        let grid = layout.grid;
        let media_end = samples.ends.last().copied().unwrap_or(0);
        let whole = [Edit { movie_duration: u64::MAX, media_time: Some(0), rate: 0x1_0000 }];
        let edits = if track.edits.is_empty() { &whole[..] } else { &track.edits };
        let (mut movie_time, mut steps) = (0_u64, 0);
        for edit in edits {
            let begins = movie_time;
            if grid.frame_at(begins, grid.movie_timescale)? > frame_count {
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
                let from = index.checked_sub(1).map_or(0, |before| samples.ends[before]);
                if from > start && u128::from(from) >= end {
                    break;
                }
                steps += 1;
                let too_irregular = || {
                    let (track, limit) = (track.id, STEPS_MAX);
                    MovieError::from(Unsupported::TooIrregular { track, limit })
                };
                if steps > STEPS_MAX {
                    return Err(too_irregular());
                }
                let Some(place) = layout.place(begins, start, from) else {
                    return Err(grid.too_long());
                };
                let timecode =
                    Timecode::from_frame(self.number(value), self.format).add(place.label);
                if self.stretches.is_empty() {
                    self.parting = place.parting;
                }
                self.push(place.frame, timecode, frame_count);
                if self.stretches.len() > STRETCHES_MAX {
                    return Err(too_irregular());
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

    /// Appends a stretch, unless the one before runs on into it.
    fn push(&mut self, first: u64, timecode: Timecode, frame_count: u64) {
        if first >= frame_count {
            return;
        }
        while self.stretches.last().is_some_and(|last| last.0 >= first) {
            self.stretches.pop();
        }
        if self.labels().label_of(first) != Some(timecode) {
            self.stretches.push((first, timecode));
        }
    }
}

/// How timecode samples are laid over pictures. Time is counted in units so fine that ticks of movie time, ticks of the
/// timecode's media and frames all are whole numbers of them.
struct Layout<'a> {
    grid: &'a Grid,
    first: FirstPicture,
    /// Units per frame.
    frame: i128,
    /// Units per tick of movie time.
    movie_tick: i128,
    /// Units per tick of the timecode's media.
    timecode_tick: i128,
    /// Units that the edit list cuts off the first picture.
    cut: i128,
    /// Labels per picture, as a ratio: 1 to 1 but for pictures at twice the timecode's rate.
    labels: (i128, i128),
}

/// The first picture for which a timecode sample holds.
struct Place {
    frame: u64,
    /// Its label, counted from the number in the sample.
    label: i64,
    /// By how much the picture begins after that label's frame, in hundredths; 0 for less than is visible.
    parting: u8,
}

impl<'a> Layout<'a> {
    /// `None` where the timescales are beyond any movie's.
    fn new(
        track: &Track,
        samples: &Samples,
        grid: &'a Grid,
        first: FirstPicture,
        (pictures, timecode): (FrameRate, FrameRate),
    ) -> Option<Self> {
        // One sample for each picture, in ticks of a rate that is only nominally the pictures': the samples are counted,
        // since their time drifts.
        let each = samples.each.filter(|each| {
            let own = FrameRate::matching(u64::from(track.timescale), u64::from(*each));
            own.is_some_and(|own| own != pictures && own.nominal() == pictures.nominal())
        });
        let [media, movie, ticks, own] =
            [grid.media_timescale, grid.movie_timescale, grid.frame_ticks, track.timescale]
                .map(i128::from);
        let fine = i128::from(each.unwrap_or(1));
        let frame = movie.checked_mul(own)?.checked_mul(ticks)?.checked_mul(fine)?;
        let timecode_tick = if each.is_some() { frame / fine } else { media.checked_mul(movie)? };
        Some(Self {
            grid,
            first,
            frame,
            movie_tick: media.checked_mul(own)?.checked_mul(fine)?,
            timecode_tick,
            cut: i128::from(first.cut).checked_mul(frame / ticks)?,
            labels: (timecode.nominal().into(), pictures.nominal().into()),
        })
    }

    /// Where a sample holds from, and by which label.
    ///
    /// - `begins`: movie time of its edit; `start`: media time of its edit; `from`: media time of the sample.
    /// - Returns: `None` where the numbers are beyond any movie's.
    fn place(&self, begins: u64, start: u64, from: u64) -> Option<Place> {
        let edit = (i128::from(begins) - i128::from(self.first.movie_time))
            .checked_mul(self.movie_tick)?;
        let number_at = edit
            .checked_add((i128::from(from) - i128::from(start)).checked_mul(self.timecode_tick)?)?;
        let holds_from = edit.max(number_at);
        let (whole, rest) = (holds_from.div_euclid(self.frame), holds_from.rem_euclid(self.frame));
        let picture = (whole + i128::from(!self.is_near(rest, 1))).max(0);
        let mut since = picture.checked_mul(self.frame)?.checked_sub(number_at)?;
        // A picture whose beginning is cut off has the label at which it would begin, if the timecode is cut as well.
        if picture == 0 && self.off_grid(since - self.cut) < self.off_grid(since) {
            since -= self.cut;
        }
        let (labels, pictures) = self.labels;
        let (scaled, label_len) = (since.checked_mul(labels)?, self.frame.checked_mul(pictures)?);
        let (whole, rest) = (scaled.div_euclid(label_len), scaled.rem_euclid(label_len));
        let is_next = rest > 0 && self.is_near(label_len - rest, labels);
        let is_visible = !is_next && !self.is_near(rest, labels);
        let day = 1 << 40;
        Some(Place {
            frame: self.first.frame.checked_add(u64::try_from(picture).ok()?)?,
            label: i64::try_from((whole + i128::from(is_next)) % day).ok()?,
            parting: if is_visible { u8::try_from(rest * 100 / label_len).ok()? } else { 0 },
        })
    }

    /// Whether `units`, multiplied by `times`, are within the tolerance.
    fn is_near(&self, units: i128, times: i128) -> bool {
        let [units, frame, tick] =
            [units, self.frame.saturating_mul(times), self.movie_tick.saturating_mul(times)]
                .map(i128::unsigned_abs);
        is_near(units, frame, tick)
    }

    /// How far a time is from the nearest frame of timecode.
    fn off_grid(&self, time: i128) -> i128 {
        let rest = time.rem_euclid(self.frame);
        rest.min(self.frame - rest)
    }
}

/// The samples of a timecode track.
struct Samples {
    /// The number that each holds.
    values: Vec<u32>,
    /// Media time at which each ends.
    ends: Vec<u64>,
    /// How long each lasts, if there are several and all last equally long.
    each: Option<u32>,
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
        let mut lasts = table.durations().filter(|&(count, _)| count > 0);
        let first = lasts.next().map(|(_, duration)| duration);
        let each = first.filter(|first| values.len() > 1 && lasts.all(|(_, each)| each == *first));
        Ok(Self { values, ends, each })
    }
}

fn format_error<E>(error: impl Into<MovieError>) -> ReadError<E, MovieError> {
    ReadError::Format(error.into())
}
