//! The order of a blank's media: chunks of frames, and between them the chunks of sound, by when they are heard.
//!
//! - In: the size of each frame, how many there are to a second, the sound that is copied.
//! - Out: [`Media`]: where each chunk of each track begins, and the pieces that make up the file.
//! - Holds: a track's chunks are in its own order; sound is written before the frames that it is heard with. Without sound the
//!   frames are one piece.
//! - Not here: the header (`header`), what is copied of a sound track (`sound`).

use intercut_io::{ScheduleBuilder, SourceIndex};

use super::facts::BlankFacts;
use super::sound::Sound;
use super::tracks::FRAMES_AT;
use crate::picture::flat::FlatFrames;

/// The sources of the schedule: the frames, which are made; the movie that the sound is copied from.
const FRAMES: SourceIndex = SourceIndex(0);
const MOVIE: SourceIndex = SourceIndex(1);

/// Bytes of frames in one chunk, at most; a longer frame has one for itself.
const CHUNK_LEN_MAX: u32 = 4 << 20;

/// The media of a blank, in the order of the file.
#[derive(Debug)]
pub(super) struct Media {
    /// Frames of each chunk, but for the last one.
    pub(super) frames_in_chunk: u32,
    /// Where each chunk of frames begins: bytes from the start of the file.
    pub(super) frames: Vec<u64>,
    /// Where each chunk of each sound track begins.
    pub(super) sound: Vec<Vec<u64>>,
    /// Bytes of all of them.
    pub(super) len: u64,
    pieces: Vec<Piece>,
}

/// A run of one source's bytes.
#[derive(Debug, Clone, Copy)]
struct Piece {
    source: SourceIndex,
    offset: u64,
    len: u64,
}

impl Media {
    /// - Cost: O(chunks log chunks).
    pub(super) fn arrange(facts: &BlankFacts, frames: &FlatFrames, sound: &Sound<'_>) -> Self {
        let sizes = frames.sizes();
        let longest = sizes.iter().copied().max().unwrap_or(1);
        let in_chunk = (facts.rate.nominal() / 2).min(CHUNK_LEN_MAX / longest).max(1);
        let mut heard: Vec<(i64, usize, usize)> = Vec::new();
        for (nth, track) in sound.tracks.iter().enumerate() {
            heard.extend(
                track.chunks.iter().enumerate().map(|(at, chunk)| (chunk.time_ns, nth, at)),
            );
        }
        // Chunks of one track stay in order even if their times do not say it: the sort is stable.
        heard.sort_by_key(|&(time, ..)| time);
        let mut heard = heard.into_iter().peekable();
        let of_track = |track: &super::sound::SoundTrack<'_>| vec![0; track.chunks.len()];
        let mut media = Self {
            frames_in_chunk: in_chunk,
            frames: Vec::new(),
            sound: sound.tracks.iter().map(of_track).collect(),
            len: 0,
            pieces: Vec::new(),
        };
        let mut put_sound = |media: &mut Self, until: i64| {
            while let Some((_, track, at)) = heard.next_if(|&(time, ..)| time <= until) {
                let range = sound.tracks[track].chunks[at].range;
                media.sound[track][at] = media.put(MOVIE, range.offset, range.len);
            }
        };
        let (numerator, denominator) = (facts.rate.numerator(), facts.rate.denominator());
        let mut made = 0;
        for (nth, chunk) in (0_u64..).zip(sizes.chunks(in_chunk as usize)) {
            let ticks = u128::from(nth * u64::from(in_chunk)) * u128::from(denominator);
            let time = ticks * 1_000_000_000 / u128::from(numerator);
            put_sound(&mut media, i64::try_from(time).unwrap_or(i64::MAX));
            let len = chunk.iter().map(|&size| u64::from(size)).sum::<u64>();
            let at = media.put(FRAMES, made, len);
            media.frames.push(at);
            made += len;
        }
        put_sound(&mut media, i64::MAX);
        media
    }

    /// Adds bytes to the file, and says where they are in it.
    fn put(&mut self, source: SourceIndex, offset: u64, len: u64) -> u64 {
        let at = u64::from(FRAMES_AT) + self.len;
        self.len += len;
        match self.pieces.last_mut() {
            Some(last) if last.source == source && last.offset + last.len == offset => {
                last.len += len;
            }
            _ => self.pieces.push(Piece { source, offset, len }),
        }
        at
    }

    /// Adds all of it to a schedule.
    pub(super) fn schedule(&self, builder: &mut ScheduleBuilder) {
        for &Piece { source, offset, len } in &self.pieces {
            match source {
                FRAMES => builder.push_made(source, offset, len),
                _ => builder.push_source(source, offset, len),
            }
        }
    }
}
