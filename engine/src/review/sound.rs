//! The sound of a review: the result's own samples, cut to the pictures that are shown, silence under cards.
//!
//! ```text
//! track ─▶ edits ─▶ chunks ─▶ samples of a stretch, or silence ─▶ one or two tracks, channel by channel ─▶ pipe
//! ```
//!
//! - In: the result, the timeline.
//! - Out: [`Sound`], which writes every sample in order.
//! - Holds: each picture begins with the sample that the timeline says, to less than one sample, however many cuts there are. Two
//!   tracks of one channel are left and right. Samples are copied, never changed.
//! - Not here: compressed sound, which a review does not have; what the encoder makes of it (`ffmpeg`).

use std::ops::Range;

use intercut_io::child::{ChildInput, FeedError};
use intercut_io::{Cancel, IoError, Source};

use super::ffmpeg::SoundMaterial;
use super::timeline::{Sounding, Timeline};
use crate::discover::OpenMovie;
use crate::movie::{Movie, Pcm, Track, TrackKind};
use crate::timecode::FrameRate;

/// Samples that are read at a time.
const BLOCK: u64 = 16_384;

/// Channels of a track, at most: more are no sound.
const CHANNELS_MAX: u32 = 64;

/// The sound of a movie.
#[derive(Debug)]
pub(super) struct Sound<'a> {
    source: &'a Source,
    pcm: Pcm,
    rate: u32,
    /// Channels of each lane.
    channels: u32,
    lanes: Vec<Lane>,
}

/// One track.
#[derive(Debug)]
struct Lane {
    /// Bytes of a sample of all channels.
    sample_len: u64,
    /// First sample, how many, where in the file: in order of samples.
    chunks: Vec<(u64, u64, u64)>,
    /// What plays when, in samples from the movie's beginning on.
    edits: Vec<Edit>,
}

/// A stretch of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edit {
    start: u64,
    end: u64,
    /// The first sample of the track that plays; silence if there is none.
    media: Option<u64>,
}

/// What was found in a movie.
#[derive(Debug)]
pub(super) enum Found<'a> {
    /// Sound that can be copied, and how many enabled tracks are left out.
    Sound(Sound<'a>, usize),
    /// Sound that cannot: why not.
    Unusable(String),
    /// No enabled track.
    Silent,
}

impl<'a> Sound<'a> {
    /// The first enabled sound track of a movie; and the second one, if both have one channel.
    pub(super) fn of(open: &'a OpenMovie) -> Found<'a> {
        let movie = &open.movie;
        let all = || movie.tracks().iter().filter(|it| it.kind == TrackKind::Sound);
        let tracks: Vec<&Track> = all().filter(|it| it.enabled).collect();
        let Some(first) = tracks.first() else { return Found::Silent };
        let format = match Format::of(movie, first) {
            Ok(format) => format,
            Err(why) => return Found::Unusable(why),
        };
        let mut lanes = vec![Lane::of(movie, first, format)];
        if let Some(second) = tracks.get(1)
            && format.channels == 1
            && Format::of(movie, second) == Ok(format)
        {
            lanes.push(Lane::of(movie, second, format));
        }
        // Those that are switched off, too: FFmpeg switches all but the first off.
        let left_out = all().count() - lanes.len();
        let Format { pcm, channels, rate, .. } = format;
        Found::Sound(Self { source: &open.source, pcm, rate, channels, lanes }, left_out)
    }

    /// What the encoder is told of it.
    ///
    /// - `pipe`: its number in the child.
    pub(super) fn material(&self, pipe: i32) -> SoundMaterial {
        let lanes = if self.lanes.len() > 1 { 2 } else { 1 };
        let channels = self.channels * lanes;
        SoundMaterial { pcm: self.pcm, channels, rate: self.rate, pipe }
    }

    /// Writes all of it to an encoder.
    ///
    /// - `every`: frames that a picture stands for.
    ///
    /// # Errors
    /// [`IoError`]. An encoder that reads no more is none: its end tells.
    pub(super) fn write(
        &self,
        timeline: &Timeline,
        rate: FrameRate,
        every: u64,
        pipe: &mut ChildInput,
        cancel: &Cancel,
    ) -> Result<(), IoError> {
        let (whole, mut buffers) = (0..timeline.len(), Buffers::default());
        let mut put = |bytes: &[u8]| pipe.write_all(bytes, cancel);
        match self.of_steps(timeline, rate, every, whole, &mut buffers, &mut put) {
            Err(FeedError::Io(error)) => Err(error),
            Ok(()) | Err(FeedError::Closed) => Ok(()),
        }
    }

    /// Hands out what sounds during some pictures, block by block.
    ///
    /// - `every`: frames that a picture stands for.
    ///
    /// # Errors
    /// [`IoError`] if it cannot be read, and what `put` answers.
    pub(super) fn of_steps(
        &self,
        timeline: &Timeline,
        rate: FrameRate,
        every: u64,
        wanted: Range<u64>,
        buffers: &mut Buffers,
        put: &mut dyn FnMut(&[u8]) -> Result<(), FeedError>,
    ) -> Result<(), FeedError> {
        let before = |step: u64| self.samples(rate, step.saturating_mul(every));
        for Sounding { first_step, steps, from } in timeline.sounding() {
            let (first, last) =
                (first_step.max(wanted.start), (first_step + steps).min(wanted.end));
            if first >= last {
                continue;
            }
            let into = before(first) - before(first_step);
            let mut at = from.map(|frame| self.samples(rate, frame) + into);
            let mut left = before(last) - before(first);
            while left > 0 {
                let count = left.min(BLOCK);
                self.block(at, count, buffers)?;
                put(&buffers.mixed)?;
                at = at.map(|at| at + count);
                left -= count;
            }
        }
        Ok(())
    }

    /// Samples before a frame.
    fn samples(&self, rate: FrameRate, frame: u64) -> u64 {
        let samples = u128::from(frame) * u128::from(rate.denominator()) * u128::from(self.rate);
        u64::try_from(samples / u128::from(rate.numerator())).unwrap_or(u64::MAX)
    }

    /// Reads `count` samples of all lanes, from a place of the timeline on.
    fn block(&self, at: Option<u64>, count: u64, buffers: &mut Buffers) -> Result<(), IoError> {
        let Buffers { lanes, mixed } = buffers;
        lanes.resize_with(self.lanes.len(), Vec::new);
        for (lane, bytes) in self.lanes.iter().zip(&mut *lanes) {
            let len = usize::try_from(count * lane.sample_len).unwrap_or(usize::MAX);
            bytes.clear();
            bytes.resize(len, 0);
            if let Some(at) = at {
                lane.read(self.source, at, bytes)?;
            }
        }
        match &lanes[..] {
            [left, right] => {
                let width = self.pcm.bytes() as usize;
                mixed.clear();
                for (left, right) in left.chunks_exact(width).zip(right.chunks_exact(width)) {
                    mixed.extend_from_slice(left);
                    mixed.extend_from_slice(right);
                }
            }
            _ => std::mem::swap(mixed, &mut lanes[0]),
        }
        Ok(())
    }
}

/// Memory that is used again for each block.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    lanes: Vec<Vec<u8>>,
    mixed: Vec<u8>,
}

/// What two tracks must have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Format {
    pcm: Pcm,
    channels: u32,
    rate: u32,
    sample_len: u64,
}

impl Format {
    /// The format of a track that can be copied sample by sample; else why it cannot.
    fn of(movie: &Movie, track: &Track) -> Result<Self, String> {
        let [sound] = &track.sound[..] else {
            return Err("it has several descriptions".to_owned());
        };
        let pcm = sound.pcm.ok_or_else(|| format!("it is compressed ('{}')", sound.codec))?;
        let rate = f64::from(track.timescale);
        if sound.rate_hz != rate {
            return Err(format!("it has {} Hz, and its clock {rate}", sound.rate_hz));
        }
        let channels = sound.channels;
        if channels == 0 || channels > CHANNELS_MAX {
            return Err(format!("it has {channels} channels"));
        }
        let sample_len = u64::from(channels) * u64::from(pcm.bytes());
        let packing = movie.table(track).packing();
        let is_packed = packing.is_some_and(|packing| {
            u64::from(packing.bytes_per_packet)
                == sample_len * u64::from(packing.samples_per_packet)
        });
        if !is_packed {
            return Err("its samples are packed in an unknown way".to_owned());
        }
        if track.edits.iter().any(|edit| edit.rate != 0x1_0000) {
            return Err("an edit of it is played at another speed".to_owned());
        }
        Ok(Self { pcm, channels, rate: track.timescale, sample_len })
    }
}

impl Lane {
    fn of(movie: &Movie, track: &Track, format: Format) -> Self {
        let table = movie.table(track);
        let chunks = table.chunks().map(|chunk| {
            (u64::from(chunk.first_sample.0), u64::from(chunk.sample_count), chunk.range.offset)
        });
        let to_samples = |movie_time: u64| {
            let samples = u128::from(movie_time) * u128::from(format.rate);
            u64::try_from(samples / u128::from(movie.timescale())).unwrap_or(u64::MAX)
        };
        let (mut edits, mut time) = (Vec::new(), 0_u64);
        for edit in &track.edits {
            let start = to_samples(time);
            time = time.saturating_add(edit.movie_duration);
            edits.push(Edit { start, end: to_samples(time), media: edit.media_time });
        }
        if edits.is_empty() {
            edits.push(Edit { start: 0, end: u64::MAX, media: Some(0) });
        }
        Self { sample_len: format.sample_len, chunks: chunks.collect(), edits }
    }

    /// Fills `bytes`, which are silent, with what plays from a place of the timeline on.
    fn read(&self, source: &Source, at: u64, bytes: &mut [u8]) -> Result<(), IoError> {
        let end = at + bytes.len() as u64 / self.sample_len;
        for edit in &self.edits {
            let (from, until) = (edit.start.max(at), edit.end.min(end));
            let Some(media) = edit.media.filter(|_| from < until) else { continue };
            let part = self.range(from - at, until - at);
            self.read_media(source, media.saturating_add(from - edit.start), &mut bytes[part])?;
        }
        Ok(())
    }

    /// Fills `bytes` with samples of the track from `first` on, as far as it has any.
    fn read_media(&self, source: &Source, first: u64, bytes: &mut [u8]) -> Result<(), IoError> {
        let end = first.saturating_add(bytes.len() as u64 / self.sample_len);
        let chunk = self.chunks.partition_point(|(start, count, _)| start + count <= first);
        for &(start, count, offset) in &self.chunks[chunk..] {
            let (from, until) = (start.max(first), (start + count).min(end));
            if from >= until {
                break;
            }
            let part = self.range(from - first, until - first);
            source.read_exact_at(&mut bytes[part], offset + (from - start) * self.sample_len)?;
        }
        Ok(())
    }

    /// Bytes of some samples.
    fn range(&self, from: u64, until: u64) -> Range<usize> {
        let byte = |sample: u64| usize::try_from(sample * self.sample_len).unwrap_or(usize::MAX);
        byte(from)..byte(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_edits_come_from_their_chunks_and_gaps_are_silent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sound");
        std::fs::write(&path, (0..=255).collect::<Vec<u8>>()).unwrap();
        let source = Source::open(&path).unwrap();
        let lane = Lane {
            sample_len: 2,
            // Samples 0 to 3 at byte 100, 4 to 9 at byte 20.
            chunks: vec![(0, 4, 100), (4, 6, 20)],
            // Two of silence; three from sample 2 on; then the rest from sample 9 on, of which there is one.
            edits: vec![
                Edit { start: 0, end: 2, media: None },
                Edit { start: 2, end: 5, media: Some(2) },
                Edit { start: 5, end: 9, media: Some(9) },
            ],
        };
        let mut bytes = [0; 20];
        lane.read(&source, 0, &mut bytes).unwrap();
        let expected = [0, 0, 0, 0, 104, 105, 106, 107, 20, 21, 30, 31, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(bytes, expected);
        let mut bytes = [0; 4];
        lane.read(&source, 4, &mut bytes).unwrap();
        assert_eq!(bytes, [20, 21, 30, 31]);
    }
}
