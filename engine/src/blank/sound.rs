//! The sound of a camera original, copied into its blank bit for bit: its tracks as they are, but for what depends on the file
//! that they are in.
//!
//! - In: the movie whose sound is copied.
//! - Out: [`Sound`]: for each sound track its chunks, when they are heard, and its `trak` for wherever they are put.
//! - Holds: sample descriptions, sizes, durations and the chunks' order are the movie's, byte for byte. What changes is what
//!   has to: the track's number and those it refers to, chunk offsets, and durations and edits where the movie's clock is
//!   another. The first picture of a blank is at its beginning, so edits move by when the movie shows its own.
//! - Not here: where chunks go (`media`), the other tracks (`header`).
//!
//! References: QuickTime File Format, "Track Header Atoms", "Edit List Atoms", "Track Reference Atoms".

mod edits;

use super::error::BlankReason;
use super::tracks::{SOUND_FIRST, TIMECODE, VIDEO};
use crate::atom::{Atom, rewrite};
use crate::movie::{Movie, Track, TrackKind};
use crate::quicktime::{atom, chunk_offsets, handler};
use crate::units::ByteRange;
use edits::{Edits, MovieClock};

/// The sound that is copied; no tracks if none is.
#[derive(Debug, Default)]
pub(super) struct Sound<'m> {
    pub(super) tracks: Vec<SoundTrack<'m>>,
}

/// A sound track.
#[derive(Debug)]
pub(super) struct SoundTrack<'m> {
    movie: &'m Movie,
    track: &'m Track,
    edits: Edits,
    pub(super) chunks: Vec<SoundChunk>,
}

/// A chunk of a sound track.
#[derive(Debug, Clone, Copy)]
pub(super) struct SoundChunk {
    /// Its bytes in the movie.
    pub(super) range: ByteRange,
    /// When it is heard, by the first edit: nanoseconds from the first picture on.
    pub(super) time_ns: i64,
}

impl<'m> Sound<'m> {
    /// Every sound track of a movie.
    ///
    /// # Errors
    /// [`BlankReason::Sound`], [`BlankReason::SoundShared`].
    pub(super) fn of(movie: &'m Movie) -> Result<Self, BlankReason> {
        let (mut tracks, mut len) = (Vec::new(), 0_u64);
        let first_picture = edits::first_picture(movie);
        for track in movie.tracks().iter().filter(|track| track.kind == TrackKind::Sound) {
            if let Some(obstacle) = track.obstacle_to_copying() {
                return Err(BlankReason::Sound(obstacle.clone()));
            }
            let edits = Edits::of(movie, track, first_picture);
            let table = movie.table(track);
            let mut clock = SampleClock::new(table.durations());
            let chunks = table.chunks().map(|chunk| {
                len = len.saturating_add(chunk.range.len);
                let time_ns = edits.heard_ns(clock.time_of(chunk.first_sample.0));
                SoundChunk { range: chunk.range, time_ns }
            });
            let chunks = chunks.collect();
            // Chunks that lie on top of one another would make the copy longer than anything that was recorded.
            if len > movie.header().file_len {
                return Err(BlankReason::SoundShared { track: track.id });
            }
            tracks.push(SoundTrack { movie, track, edits, chunks });
        }
        Ok(Self { tracks })
    }

    /// The clock of a movie with this sound: one in which the edits can be told as exactly as before, if there is one.
    ///
    /// - `timescale`: of the other tracks.
    /// - Returns: by how much it is finer.
    pub(super) fn clock_factor(&self, timescale: u32) -> u32 {
        let Some(first) = self.tracks.first() else { return 1 };
        let theirs = first.movie.timescale();
        let factor = theirs / greatest_common_divisor(theirs, timescale);
        // Some readers take times as numbers with a sign.
        let is_clock = timescale.checked_mul(factor).is_some_and(|scale| scale <= i32::MAX as u32);
        if is_clock { factor } else { 1 }
    }

    /// How long the longest of its tracks is, in ticks of this clock.
    pub(super) fn duration(&self, timescale: u32) -> u64 {
        let durations = self.tracks.iter().map(|track| track.edits.duration(timescale));
        durations.max().unwrap_or(0)
    }
}

impl SoundTrack<'_> {
    /// The whole `trak` atom.
    ///
    /// - `nth`: among the sound tracks, from 0.
    /// - `timescale`: ticks per second of the movie.
    /// - `offsets`: where its chunks are.
    /// - `ids`: the tracks of the movie that are sound, in order.
    pub(super) fn trak(&self, nth: u32, timescale: u32, offsets: &[u64], ids: &[u32]) -> Vec<u8> {
        let moov = &self.movie.header().moov;
        let at = |offset: u64| usize::try_from(offset).expect("moov is in memory");
        let bytes = &moov[at(self.track.trak.offset)..at(self.track.trak.end())];
        let trak = Atom::whole(bytes, 0).expect("it was read before");
        let clock = MovieClock { timescale, of: self.movie.timescale() };
        let tkhd = trak.required(b"tkhd").expect("it was read before");
        let mut header =
            edits::track_header(&tkhd, SOUND_FIRST + nth, self.edits.duration(timescale));
        let elst = trak.find_child(0, b"edts").and_then(|edts| edts.find_child(0, b"elst"));
        let mut changes = Vec::new();
        match (elst, self.edits.list(clock)) {
            (Some(elst), Some(list)) => changes.push((elst.range(), list)),
            (None, Some(list)) => header.extend(atom(b"edts", &[&list])),
            (_, None) => {}
        }
        changes.push((tkhd.range(), header));
        if let Some(tref) = trak.find_child(0, b"tref") {
            changes.push((tref.range(), self.references(&tref, ids)));
        }
        let mdia = trak.required(b"mdia").expect("it was read before");
        let hdlr = mdia.required(b"hdlr").expect("it was read before");
        // MP4 has no component type, and a name without its length.
        if hdlr.u32_at(4) == Ok(0) {
            let name = self.track.handler_name.as_deref().unwrap_or("Sound");
            changes.push((hdlr.range(), handler(*b"mhlr", *b"soun", name)));
        }
        let stco = self.track.atoms.stco;
        let stco = ByteRange { offset: stco.offset - self.track.trak.offset, len: stco.len };
        changes.push((stco, chunk_offsets(offsets)));
        rewrite(bytes, &changes)
    }

    /// The tracks that it refers to, as far as the blank has them.
    fn references(&self, tref: &Atom<'_>, ids: &[u32]) -> Vec<u8> {
        let timecode = self.movie.timecode_track().map(|track| track.id);
        let new_id = |id: &u32| match *id {
            id if id == self.movie.video().id => Some(VIDEO),
            id if Some(id) == timecode => Some(TIMECODE),
            id => ids.iter().position(|&sound| sound == id).map(|nth| {
                SOUND_FIRST + u32::try_from(nth).expect("there are fewer tracks than identifiers")
            }),
        };
        let kinds = tref.children().map_while(Result::ok).filter_map(|entry| {
            let (old, _) = entry.payload.as_chunks::<4>();
            let new = old.iter().map(|id| u32::from_be_bytes(*id)).filter_map(|id| new_id(&id));
            let new: Vec<u8> = new.flat_map(u32::to_be_bytes).collect();
            (!new.is_empty()).then(|| atom(&entry.kind.0, &[&new]))
        });
        let kept = kinds.collect::<Vec<_>>().concat();
        if kept.is_empty() { Vec::new() } else { atom(b"tref", &[&kept]) }
    }

    /// Its number in the movie.
    pub(super) fn id(&self) -> u32 {
        self.track.id
    }
}

/// When samples begin that are asked for in order.
struct SampleClock<I> {
    runs: I,
    /// The run at hand: its first sample and when that begins, and how long each lasts.
    first: u32,
    begins: u64,
    run: (u32, u32),
}

impl<I: Iterator<Item = (u32, u32)>> SampleClock<I> {
    fn new(mut runs: I) -> Self {
        let run = runs.next().unwrap_or((u32::MAX, 0));
        Self { runs, first: 0, begins: 0, run }
    }

    /// In media ticks.
    fn time_of(&mut self, sample: u32) -> u64 {
        while sample - self.first >= self.run.0
            && let Some(next) = self.runs.next()
        {
            let (count, duration) = std::mem::replace(&mut self.run, next);
            self.first += count;
            self.begins = self.begins.saturating_add(u64::from(count) * u64::from(duration));
        }
        let into = u64::from(sample - self.first) * u64::from(self.run.1);
        self.begins.saturating_add(into)
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
