//! The movie around the frames of a blank: everything but the frames, as QuickTime writers write it.
//!
//! ```text
//! ftyp │ wide │ mdat  timecode sample │ frame 0 │ frame 1 │ … │ moov  mvhd, trak (pictures), trak (timecode), udta
//! ```
//!
//! - In: [`BlankFacts`], the size of each frame.
//! - Out: the bytes before the frames and behind them.
//! - Holds: nothing depends on when or where it is written. One tick of every clock is the same: the denominator of the frame
//!   rate is the duration of a frame. 64-bit times, offsets and sizes are used only where they are needed.
//! - Not here: the frames (`picture`).
//!
//! References: QuickTime File Format, "Movie Atoms", "Video Sample Description", "Timecode Media"; Apple Technical Notes
//! TN2162 (`colr`), TN2310 (`tmcd`).

use super::facts::BlankFacts;
use crate::codec::Scan;
use crate::picture::flat::FlatFrames;
use crate::units::FourCc;

/// Bytes of frames in one chunk, at most; a longer frame has one for itself.
const CHUNK_LEN_MAX: u32 = 4 << 20;

/// Track identifiers.
const VIDEO: u32 = 1;
const TIMECODE: u32 = 2;

/// The timecode sample's length, in bytes.
const SAMPLE_LEN: u32 = 4;

/// `ftyp`, `wide`, and a short `mdat` header; or `ftyp` and a long one. Both are as long.
const MEDIA_AT: u32 = 36;

/// Where the first frame begins: bytes from the start of the file.
pub(super) const FRAMES_AT: u32 = MEDIA_AT + SAMPLE_LEN;

/// The matrix that changes nothing.
const IDENTITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// The bytes before the frames: `ftyp`, and `mdat` with the timecode sample.
pub(super) fn before(facts: &BlankFacts, frames: &FlatFrames) -> Vec<u8> {
    let mut bytes = atom(b"ftyp", &[b"qt  ", &0x2005_0300_u32.to_be_bytes(), b"qt  "]);
    let payload = u64::from(SAMPLE_LEN) + frames.len();
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

/// `moov`, behind the frames.
pub(super) fn moov(facts: &BlankFacts, frames: &FlatFrames) -> Vec<u8> {
    let clock = Clock::of(facts);
    let software = format!("intercut {}", env!("CARGO_PKG_VERSION"));
    let software = user_text(&software);
    atom(
        b"moov",
        &[
            &clock.mvhd(),
            &video_track(facts, frames, clock),
            &timecode_track(facts, clock),
            &atom(b"udta", &[&atom(&[0xa9, b's', b'w', b'r'], &[&software])]),
        ],
    )
}

/// One clock for the movie and its tracks.
#[derive(Debug, Clone, Copy)]
struct Clock {
    /// Ticks per second.
    timescale: u32,
    /// Ticks of a frame.
    frame: u32,
    /// Ticks of the movie.
    duration: u64,
}

impl Clock {
    fn of(facts: &BlankFacts) -> Self {
        // Whole rates in hundredths, as editors write them.
        let (numerator, denominator) = match (facts.rate.numerator(), facts.rate.denominator()) {
            (whole, 1) => (whole * 100, 100),
            exact => exact,
        };
        let duration = u64::from(denominator) * u64::from(facts.frames);
        Self { timescale: numerator, frame: denominator, duration }
    }

    /// Times of creation and change, which nobody knows; something between; and the duration: in 64 bits if that needs them.
    fn times(self, flags: u32, between: &[u32]) -> Vec<u8> {
        let between: Vec<u8> = between.iter().flat_map(|word| word.to_be_bytes()).collect();
        match u32::try_from(self.duration) {
            Ok(duration) => {
                [&flags.to_be_bytes()[..], &[0; 8], &between, &duration.to_be_bytes()].concat()
            }
            Err(_) => {
                let version = flags | 1 << 24;
                let long = self.duration.to_be_bytes();
                [&version.to_be_bytes()[..], &[0; 16], &between, &long].concat()
            }
        }
    }

    fn mvhd(self) -> Vec<u8> {
        let next_track = TIMECODE + 1;
        atom(
            b"mvhd",
            &[
                &self.times(0, &[self.timescale]),
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
        let times = self.times(flags, &[track, 0]);
        atom(b"tkhd", &[&times, &[0; 16], &words(&IDENTITY), &words(&size)])
    }

    fn mdhd(self) -> Vec<u8> {
        // No language, normal quality.
        atom(b"mdhd", &[&self.times(0, &[self.timescale]), &0x7fff_0000_u32.to_be_bytes()])
    }

    /// One edit: all of it.
    fn edts(self) -> Vec<u8> {
        let rate = 0x1_0000_u32.to_be_bytes();
        let list = match u32::try_from(self.duration) {
            Ok(duration) => [&[0; 4], &words(&[1, duration, 0])[..], &rate].concat(),
            Err(_) => {
                let duration = self.duration.to_be_bytes();
                [&words(&[1 << 24, 1])[..], &duration, &[0; 8], &rate].concat()
            }
        };
        atom(b"edts", &[&atom(b"elst", &[&list])])
    }
}

fn video_track(facts: &BlankFacts, frames: &FlatFrames, clock: Clock) -> Vec<u8> {
    let sizes: Vec<u8> = frames.sizes().iter().flat_map(|size| size.to_be_bytes()).collect();
    let count = facts.frames;
    let (across, down) = facts.raster;
    let (wide, high) = facts.pixel_aspect.unwrap_or((1, 1));
    let shown = (u64::from(across) << 16) * u64::from(wide) / u64::from(high);
    let shown = [u32::try_from(shown).unwrap_or(u32::from(across) << 16), u32::from(down) << 16];
    let (in_chunk, offsets) = chunks(facts, frames);
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
        chunk_offsets(&offsets),
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
            &media(clock, *b"vide", "Video", &vmhd, &stbl),
        ],
    )
}

/// Enabled; in the movie, its preview and its poster.
const ENABLED_IN_ALL: u32 = 0xf;

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
            &media(clock, *b"tmcd", "Timecode", &gmhd, &stbl),
        ],
    )
}

/// `mdia` of a track.
fn media(clock: Clock, kind: [u8; 4], name: &str, header: &[u8], stbl: &[Vec<u8>]) -> Vec<u8> {
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

fn handler(part: [u8; 4], kind: [u8; 4], name: &str) -> Vec<u8> {
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

/// How many frames a chunk has, at most half a second of them, and where each chunk begins.
fn chunks(facts: &BlankFacts, frames: &FlatFrames) -> (u32, Vec<u64>) {
    let longest = frames.sizes().iter().copied().max().unwrap_or(1);
    let in_chunk = (facts.rate.nominal() / 2).min(CHUNK_LEN_MAX / longest).max(1);
    let mut at = u64::from(FRAMES_AT);
    let chunks = frames.sizes().chunks(in_chunk as usize).map(|chunk| {
        let start = at;
        at += chunk.iter().map(|&size| u64::from(size)).sum::<u64>();
        start
    });
    (in_chunk, chunks.collect())
}

fn chunk_offsets(offsets: &[u64]) -> Vec<u8> {
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
fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let len = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let size = u32::try_from(len).expect("the header of a movie of 2^32 frames is the longest");
    let mut bytes = Vec::with_capacity(len);
    bytes.extend(size.to_be_bytes());
    bytes.extend(kind);
    parts.iter().for_each(|part| bytes.extend(*part));
    bytes
}

/// An atom with a version and flags of 0, a count, and so many entries.
fn table(kind: &[u8; 4], count: u32, entries: &[u8]) -> Vec<u8> {
    atom(kind, &[&[0; 4], &count.to_be_bytes(), entries])
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A name with its length before it.
fn counted(name: &str) -> Vec<u8> {
    let len = u8::try_from(name.len()).expect("names of ours are short");
    [&[len], name.as_bytes()].concat()
}

/// Text of user data: its length, no language, the text.
fn user_text(text: &str) -> Vec<u8> {
    let end = (0..=text.len().min(NAME_LEN_MAX)).rev().find(|&end| text.is_char_boundary(end));
    let text = &text.as_bytes()[..end.unwrap_or(0)];
    let len = u16::try_from(text.len()).expect("it was cut");
    [&len.to_be_bytes()[..], &[0; 2], text].concat()
}

/// The longest name that is kept, in bytes.
const NAME_LEN_MAX: usize = 1024;
