//! The movie around the frames of a blank: everything but the frames, as QuickTime writers write it.
//!
//! ```text
//! ftyp │ wide │ mdat  timecode sample │ media │ moov  mvhd, trak (pictures), trak (timecode), trak (sound) …, udta
//! ```
//!
//! - In: [`BlankFacts`], the size of each frame, where the media is, the sound that is copied.
//! - Out: the bytes before the media and behind it.
//! - Holds: nothing depends on when or where it is written. The denominator of the frame rate is the duration of a frame, and
//!   the movie's ticks are those of its pictures, or parts of them if its sound needs that. 64-bit times, offsets and sizes are
//!   used only where they are needed.
//! - Not here: the frames (`picture`), their order (`media`), sound tracks (`sound`), the atoms that all our headers have
//!   (`quicktime`).
//!
//! Reference: QuickTime File Format, "Movie Atoms".

use super::facts::BlankFacts;
use super::media::Media;
use super::sound::Sound;
use super::tracks::{MEDIA_AT, SAMPLE_LEN, SOUND_FIRST, TIMECODE, VIDEO};
use crate::picture::flat::FlatFrames;
use crate::quicktime::{
    ProresDescription, TimecodeMedia, atom, chunk_offsets, count_of, ftyp, mdia, mvhd, table, tkhd,
    vmhd, words, written_by,
};
use crate::units::FourCc;

/// The bytes before the media: `ftyp`, and `mdat` with the timecode sample.
pub(super) fn before(facts: &BlankFacts, media: &Media) -> Vec<u8> {
    let mut bytes = ftyp();
    let payload = u64::from(SAMPLE_LEN) + media.len;
    match u32::try_from(payload + 8) {
        Ok(size) => {
            bytes.extend(atom(b"wide", &[]));
            bytes.extend(size.to_be_bytes());
            bytes.extend(b"mdat");
        }
        Err(_) => {
            bytes.extend(1_u32.to_be_bytes());
            bytes.extend(b"mdat");
            bytes.extend((payload + 16).to_be_bytes());
        }
    }
    let label = u32::try_from(facts.timecode.frame()).expect("a day has fewer frames");
    bytes.extend(label.to_be_bytes());
    bytes
}

/// `moov`, behind the media.
pub(super) fn moov(
    facts: &BlankFacts,
    frames: &FlatFrames,
    media: &Media,
    sound: &Sound<'_>,
) -> Vec<u8> {
    let clock = Clock::of(facts, sound);
    let ids: Vec<u32> = sound.tracks.iter().map(|track| track.id()).collect();
    let tracks = (0..).zip(&sound.tracks).zip(&media.sound);
    let sound_tracks: Vec<Vec<u8>> =
        tracks.map(|((nth, track), at)| track.trak(nth, clock.of_movie(), at, &ids)).collect();
    atom(
        b"moov",
        &[
            &clock.mvhd(sound),
            &video_track(facts, frames, media, clock),
            &timecode_track(facts, clock),
            &sound_tracks.concat(),
            &written_by(),
        ],
    )
}

/// One clock for pictures and timecode; the movie's, which may be finer.
#[derive(Debug, Clone, Copy)]
struct Clock {
    /// Ticks per second.
    timescale: u32,
    /// Ticks of a frame.
    frame: u32,
    /// Ticks of all frames.
    duration: u64,
    /// Ticks of the movie in one of these.
    factor: u32,
}

impl Clock {
    fn of(facts: &BlankFacts, sound: &Sound<'_>) -> Self {
        // Whole rates in hundredths, as editors write them.
        let (numerator, denominator) = match (facts.rate.numerator(), facts.rate.denominator()) {
            (whole, 1) => (whole * 100, 100),
            exact => exact,
        };
        let duration = u64::from(denominator) * u64::from(facts.frames);
        let factor = sound.clock_factor(numerator);
        Self { timescale: numerator, frame: denominator, duration, factor }
    }

    /// Ticks of the movie per second.
    fn of_movie(self) -> u32 {
        self.timescale * self.factor
    }

    /// Ticks of the movie that the frames last.
    fn in_movie(self) -> u64 {
        self.duration * u64::from(self.factor)
    }

    fn mvhd(self, sound: &Sound<'_>) -> Vec<u8> {
        let tracks = u32::try_from(sound.tracks.len()).expect("tracks are counted in 32 bits");
        let next_track = SOUND_FIRST + tracks;
        let duration = self.in_movie().max(sound.duration(self.of_movie()));
        mvhd([self.of_movie().into(), duration], next_track)
    }

    /// - `size`: pixels across and down, in 1/65536.
    fn tkhd(self, track: u32, size: [u32; 2]) -> Vec<u8> {
        tkhd(self.in_movie(), track, false, size)
    }

    /// One edit: all of it.
    fn edts(self) -> Vec<u8> {
        let rate = 0x1_0000_u32.to_be_bytes();
        let list = match u32::try_from(self.in_movie()) {
            Ok(duration) => [&[0; 4], &words(&[1, duration, 0])[..], &rate].concat(),
            Err(_) => {
                let duration = self.in_movie().to_be_bytes();
                [&words(&[1 << 24, 1])[..], &duration, &[0; 8], &rate].concat()
            }
        };
        atom(b"edts", &[&atom(b"elst", &[&list])])
    }
}

fn video_track(facts: &BlankFacts, frames: &FlatFrames, media: &Media, clock: Clock) -> Vec<u8> {
    let sizes: Vec<u8> = frames.sizes().iter().flat_map(|size| size.to_be_bytes()).collect();
    let count = facts.frames;
    let (across, down) = facts.raster;
    let (wide, high) = facts.pixel_aspect.unwrap_or((1, 1));
    let shown = (u64::from(across) << 16) * u64::from(wide) / u64::from(high);
    let shown = [u32::try_from(shown).unwrap_or(u32::from(across) << 16), u32::from(down) << 16];
    let in_chunk = media.frames_in_chunk;
    let mut runs = vec![[1, in_chunk, 1]];
    if !count.is_multiple_of(in_chunk) && count > in_chunk {
        runs.push([count / in_chunk + 1, count % in_chunk, 1]);
    } else if count < in_chunk {
        runs[0][1] = count;
    }
    let stbl = [
        table(b"stsd", 1, &video_description(facts)),
        table(b"stts", 1, &words(&[count, clock.frame])),
        table(b"stsc", count_of(&runs), &words(runs.as_flattened())),
        atom(b"stsz", &[&words(&[0, 0, count]), &sizes]),
        chunk_offsets(&media.frames),
    ];
    let in_clock = [clock.timescale.into(), clock.duration];
    let references = atom(b"tref", &[&atom(b"tmcd", &[&TIMECODE.to_be_bytes()])]);
    atom(
        b"trak",
        &[
            &clock.tkhd(VIDEO, shown),
            &clock.edts(),
            &references,
            &mdia(in_clock, *b"vide", "Video", &vmhd(), &stbl),
        ],
    )
}

fn timecode_track(facts: &BlankFacts, clock: Clock) -> Vec<u8> {
    let media = TimecodeMedia {
        drop_frame: facts.timecode.format.drop_frame,
        nominal: facts.rate.nominal(),
        timescale: clock.timescale,
        frame: clock.frame,
        duration: clock.duration,
        reel: facts.reel.as_deref(),
        sample_at: MEDIA_AT,
    };
    let shown = [u32::from(facts.raster.0) << 16, 20 << 16];
    atom(b"trak", &[&clock.tkhd(TIMECODE, shown), &clock.edts(), &media.mdia()])
}

fn video_description(facts: &BlankFacts) -> Vec<u8> {
    let (across, down) = facts.raster;
    let FourCc(codec) = facts.flavor.codec();
    ProresDescription {
        codec,
        vendor: b"appl",
        compressor: facts.flavor.compressor(),
        size: [across, down],
        depth: if facts.alpha { 32 } else { 24 },
        fields: facts.fields,
        color: facts.color,
        pixel_aspect: facts.pixel_aspect,
    }
    .bytes()
}
