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
//! - Not here: the frames (`picture`), their order (`media`), sound tracks (`sound`).
//!
//! References: QuickTime File Format, "Movie Atoms", "Video Sample Description", "Timecode Media"; Apple Technical Notes
//! TN2162 (`colr`), TN2310 (`tmcd`).

use super::facts::BlankFacts;
use super::media::Media;
use super::sound::Sound;
use crate::codec::Scan;
use crate::picture::flat::FlatFrames;
use crate::units::FourCc;

/// Track identifiers; those of sound tracks count on.
pub(super) const VIDEO: u32 = 1;
pub(super) const TIMECODE: u32 = 2;
pub(super) const SOUND_FIRST: u32 = 3;

/// The timecode sample's length, in bytes.
const SAMPLE_LEN: u32 = 4;

/// `ftyp`, `wide`, and a short `mdat` header; or `ftyp` and a long one. Both are as long.
const MEDIA_AT: u32 = 36;

/// Where the first chunk begins: bytes from the start of the file.
pub(super) const FRAMES_AT: u32 = MEDIA_AT + SAMPLE_LEN;

/// The matrix that changes nothing.
pub(crate) const IDENTITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// The bytes before the media: `ftyp`, and `mdat` with the timecode sample.
pub(super) fn before(facts: &BlankFacts, media: &Media) -> Vec<u8> {
    let mut bytes = atom(b"ftyp", &[b"qt  ", &0x2005_0300_u32.to_be_bytes(), b"qt  "]);
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
    let software = format!("intercut {}", env!("CARGO_PKG_VERSION"));
    let software = user_text(&software);
    atom(
        b"moov",
        &[
            &clock.mvhd(sound),
            &video_track(facts, frames, media, clock),
            &timecode_track(facts, clock),
            &sound_tracks.concat(),
            &atom(b"udta", &[&atom(&[0xa9, b's', b'w', b'r'], &[&software])]),
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
        atom(
            b"mvhd",
            &[
                &times(duration, 0, &[self.of_movie()]),
                &0x1_0000_u32.to_be_bytes(),
                &0x100_u16.to_be_bytes(),
                &[0; 10],
                &words(&IDENTITY),
                &[0; 24],
                &next_track.to_be_bytes(),
            ],
        )
    }

    /// - `size`: pixels across and down, in 1/65536.
    fn tkhd(self, flags: u32, track: u32, size: [u32; 2]) -> Vec<u8> {
        let times = times(self.in_movie(), flags, &[track, 0]);
        atom(b"tkhd", &[&times, &[0; 16], &words(&IDENTITY), &words(&size)])
    }

    fn mdhd(self) -> Vec<u8> {
        // No language, normal quality.
        let times = times(self.duration, 0, &[self.timescale]);
        atom(b"mdhd", &[&times, &0x7fff_0000_u32.to_be_bytes()])
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

/// Times of creation and change, which nobody knows; something between; and the duration: in 64 bits if that needs them.
pub(crate) fn times(duration: u64, flags: u32, between: &[u32]) -> Vec<u8> {
    let between: Vec<u8> = between.iter().flat_map(|word| word.to_be_bytes()).collect();
    match u32::try_from(duration) {
        Ok(short) => [&flags.to_be_bytes()[..], &[0; 8], &between, &short.to_be_bytes()].concat(),
        Err(_) => {
            let version = flags | 1 << 24;
            [&version.to_be_bytes()[..], &[0; 16], &between, &duration.to_be_bytes()].concat()
        }
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
    // Dither copy, as Apple's writers say.
    let vmhd = atom(b"vmhd", &[&words(&[1, 0x0040_8000, 0x8000_8000])]);
    let references = atom(b"tref", &[&atom(b"tmcd", &[&TIMECODE.to_be_bytes()])]);
    atom(
        b"trak",
        &[
            &clock.tkhd(ENABLED_IN_ALL, VIDEO, shown),
            &clock.edts(),
            &references,
            &mdia(clock, *b"vide", "Video", &vmhd, &stbl),
        ],
    )
}

/// Enabled; in the movie, its preview and its poster.
pub(crate) const ENABLED_IN_ALL: u32 = 0xf;

fn timecode_track(facts: &BlankFacts, clock: Clock) -> Vec<u8> {
    let length = u32::try_from(clock.duration).unwrap_or(u32::MAX);
    let stbl = [
        table(b"stsd", 1, &timecode_description(facts, clock)),
        table(b"stts", 1, &words(&[1, length])),
        table(b"stsc", 1, &words(&[1, 1, 1])),
        atom(b"stsz", &[&words(&[0, SAMPLE_LEN, 1])]),
        table(b"stco", 1, &words(&[MEDIA_AT])),
    ];
    // The font in which a player may show it: 12 points, white on black.
    let font = b"\x07Courier";
    let tcmi: &[&[u8]] =
        &[&words(&[0, 0x0016_0000, 0x000c_0000, 0, 0xffff_ffff]), b"\xff\xff", font];
    let gmin = atom(b"gmin", &[&words(&[0, 0x0040_8000, 0x8000_8000, 0])]);
    let gmhd = atom(b"gmhd", &[&gmin, &atom(b"tmcd", &[&atom(b"tcmi", tcmi)])]);
    let shown = [u32::from(facts.raster.0) << 16, 20 << 16];
    atom(
        b"trak",
        &[
            &clock.tkhd(ENABLED_IN_ALL, TIMECODE, shown),
            &clock.edts(),
            &mdia(clock, *b"tmcd", "Timecode", &gmhd, &stbl),
        ],
    )
}

/// `mdia` of a track.
fn mdia(clock: Clock, kind: [u8; 4], name: &str, header: &[u8], stbl: &[Vec<u8>]) -> Vec<u8> {
    let in_this_file = table(b"dref", 1, &atom(b"alis", &[&1_u32.to_be_bytes()]));
    let minf = [
        header.to_vec(),
        handler(*b"dhlr", *b"alis", "Data"),
        atom(b"dinf", &[&in_this_file]),
        atom(b"stbl", &[&stbl.concat()]),
    ];
    let minf = atom(b"minf", &[&minf.concat()]);
    atom(b"mdia", &[&clock.mdhd(), &handler(*b"mhlr", kind, name), &minf])
}

pub(crate) fn handler(part: [u8; 4], kind: [u8; 4], name: &str) -> Vec<u8> {
    atom(b"hdlr", &[&[0; 4], &part, &kind, &[0; 12], &counted(name)])
}

fn video_description(facts: &BlankFacts) -> Vec<u8> {
    let mut compressor = [0; 32];
    let name = counted(facts.flavor.compressor());
    compressor[..name.len()].copy_from_slice(&name);
    let (across, down) = facts.raster;
    let depth: u16 = if facts.alpha { 32 } else { 24 };
    let FourCc(codec) = facts.flavor.codec();
    let fields: [u8; 2] = match facts.scan {
        Scan::TopFieldFirst => [2, 1],
        Scan::BottomFieldFirst => [2, 6],
        _ => [1, 0],
    };
    let color = facts.color.map_or(Vec::new(), |color| {
        let codes = [color.primaries, color.transfer, color.matrix].map(u16::to_be_bytes);
        atom(b"colr", &[b"nclc", codes.as_flattened()])
    });
    let aspect = facts
        .pixel_aspect
        .map_or(Vec::new(), |(across, down)| atom(b"pasp", &[&words(&[across, down])]));
    atom(
        &codec,
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0; 4],
            b"appl",
            // All in space, nothing in time.
            &words(&[0, 1023]),
            &across.to_be_bytes(),
            &down.to_be_bytes(),
            &words(&[0x48_0000, 0x48_0000, 0]),
            &1_u16.to_be_bytes(),
            &compressor,
            &depth.to_be_bytes(),
            &[0xff, 0xff],
            &atom(b"fiel", &[&fields]),
            &color,
            &aspect,
        ],
    )
}

fn timecode_description(facts: &BlankFacts, clock: Clock) -> Vec<u8> {
    // Drop frame; labels begin again after 24 hours.
    let flags = u32::from(facts.timecode.format.drop_frame) | 2;
    let nominal = u8::try_from(facts.rate.nominal()).unwrap_or(u8::MAX);
    let reel = facts.reel.as_ref().map_or(Vec::new(), |reel| atom(b"name", &[&user_text(reel)]));
    let clock = words(&[0, flags, clock.timescale, clock.frame]);
    atom(b"tmcd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &clock, &[nominal, 0], &reel])
}

/// `stco`, or `co64` if an offset needs it.
pub(crate) fn chunk_offsets(offsets: &[u64]) -> Vec<u8> {
    let short: Result<Vec<u32>, _> = offsets.iter().map(|&offset| u32::try_from(offset)).collect();
    match short {
        Ok(short) => table(b"stco", count_of(&short), &words(&short)),
        Err(_) => {
            let long: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_be_bytes()).collect();
            table(b"co64", count_of(offsets), &long)
        }
    }
}

fn count_of<T>(entries: &[T]) -> u32 {
    u32::try_from(entries.len()).expect("there are no more of them than frames")
}

/// An atom with these parts, one behind the other.
pub(crate) fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let len = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let size = u32::try_from(len).expect("the header of a movie of 2^32 frames is the longest");
    let mut bytes = Vec::with_capacity(len);
    bytes.extend(size.to_be_bytes());
    bytes.extend(kind);
    parts.iter().for_each(|part| bytes.extend(*part));
    bytes
}

/// An atom with a version and flags of 0, a count, and so many entries.
pub(crate) fn table(kind: &[u8; 4], count: u32, entries: &[u8]) -> Vec<u8> {
    atom(kind, &[&[0; 4], &count.to_be_bytes(), entries])
}

pub(crate) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A name with its length before it, cut to what that can state.
pub(crate) fn counted(name: &str) -> Vec<u8> {
    let name = cut(name, u8::MAX.into());
    let len = u8::try_from(name.len()).expect("it was cut");
    [&[len], name.as_bytes()].concat()
}

/// The beginning of a text, as far as whole letters fit.
fn cut(text: &str, len_max: usize) -> &str {
    &text[..text.floor_char_boundary(len_max)]
}

/// Text of user data: its length, no language, the text.
pub(crate) fn user_text(text: &str) -> Vec<u8> {
    let text = cut(text, NAME_LEN_MAX);
    let len = u16::try_from(text.len()).expect("it was cut");
    [&len.to_be_bytes()[..], &[0; 2], text.as_bytes()].concat()
}

/// The longest name that is kept, in bytes.
const NAME_LEN_MAX: usize = 1024;
