//! The QuickTime movie around frames of ProRes Proxy: written as they come, its header last.
//!
//! ```text
//! ftyp │ room for a long size │ mdat  timecode sample │ sound, frames, sound, frames … │ moov
//! ```
//!
//! - In: frames and sound, in the order in which they are to be in the file.
//! - Out: the movie, in a target that has no name yet.
//! - Holds: memory grows by four bytes for each frame and a few for each chunk.
//! - Not here: the frames (`picture::encode`), when sound is due (`proxy`).
//!
//! References: QuickTime File Format, "Movie Atoms", "Sound Sample Description (Version 2)", "Timecode Media".

use intercut_io::{IoError, Target};

use super::ffmpeg::SoundMaterial;
use crate::blank::header::{
    ENABLED_IN_ALL, IDENTITY, atom, chunk_offsets, counted, handler, table, times, user_text, words,
};
use crate::codec::color::ColorCodes;
use crate::movie::Pcm;
use crate::timecode::Timecode;

/// Where `mdat` begins: behind `ftyp` and room for a long size.
const MDAT_AT: u64 = 28;

/// Where the timecode sample is, behind the short header of `mdat`.
const TIMECODE_AT: u32 = 36;

/// Bytes of the timecode sample.
const TIMECODE_LEN: u32 = 4;

/// Track identifiers.
const VIDEO: u32 = 1;
const SOUND: u32 = 2;
const TIMECODE: u32 = 3;

/// What the movie is.
#[derive(Debug, Clone)]
pub(super) struct MovieFacts {
    pub(super) size: [usize; 2],
    /// Frames per second: a numerator, a denominator.
    pub(super) rate: [u32; 2],
    pub(super) timecode: Option<Timecode>,
    pub(super) sound: Option<SoundMaterial>,
    pub(super) color: ColorCodes,
}

/// A movie that is being written.
#[derive(Debug)]
pub(super) struct MovieWriter<'t> {
    target: &'t mut Target,
    facts: MovieFacts,
    /// The end of what is written.
    at: u64,
    sizes: Vec<u32>,
    frames: Chunks,
    sound: Chunks,
    /// Which track was written to last.
    last: u32,
}

/// Where the samples of a track are.
#[derive(Debug, Default)]
struct Chunks {
    /// Where each chunk begins, and how many samples it has.
    chunks: Vec<(u64, u32)>,
}

impl Chunks {
    fn add(&mut self, at: u64, samples: u32, goes_on: bool) {
        match self.chunks.last_mut() {
            Some((_, count)) if goes_on => *count += samples,
            _ => self.chunks.push((at, samples)),
        }
    }

    fn samples(&self) -> u64 {
        self.chunks.iter().map(|&(_, count)| u64::from(count)).sum()
    }

    /// `stsc` and `stco`.
    fn tables(&self) -> [Vec<u8>; 2] {
        let mut runs: Vec<[u32; 3]> = Vec::new();
        for (nth, &(_, count)) in (1..).zip(&self.chunks) {
            if runs.last().is_none_or(|last| last[1] != count) {
                runs.push([nth, count, 1]);
            }
        }
        let offsets: Vec<u64> = self.chunks.iter().map(|&(at, _)| at).collect();
        let count = u32::try_from(runs.len()).expect("there are no more runs than frames");
        [table(b"stsc", count, &words(runs.as_flattened())), chunk_offsets(&offsets)]
    }
}

impl<'t> MovieWriter<'t> {
    /// Begins a movie in an empty target.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub(super) fn begin(target: &'t mut Target, facts: MovieFacts) -> Result<Self, IoError> {
        let mut head = atom(b"ftyp", &[b"qt  ", &0x2005_0300_u32.to_be_bytes(), b"qt  "]);
        head.extend(atom(b"wide", &[]));
        // Its size comes at the end.
        head.extend([0; 4]);
        head.extend(b"mdat");
        let label = facts.timecode.map_or(0, Timecode::frame);
        head.extend(u32::try_from(label).expect("a day has fewer frames").to_be_bytes());
        let (frames, sound) = (Chunks::default(), Chunks::default());
        let mut writer = Self { target, facts, at: 0, sizes: Vec::new(), frames, sound, last: 0 };
        writer.put(&head)?;
        Ok(writer)
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub(super) fn frame(&mut self, sample: &[u8]) -> Result<(), IoError> {
        self.frames.add(self.at, 1, self.last == VIDEO);
        self.last = VIDEO;
        self.sizes.push(u32::try_from(sample.len()).expect("a frame is shorter than 4 GiB"));
        self.put(sample)
    }

    /// Adds sound: whole samples of all channels.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub(super) fn sound(&mut self, bytes: &[u8]) -> Result<(), IoError> {
        let Some(sound) = self.facts.sound else { return Ok(()) };
        let samples = bytes.len() / sample_len(&sound) as usize;
        self.sound.add(self.at, u32::try_from(samples).unwrap_or(u32::MAX), self.last == SOUND);
        self.last = SOUND;
        self.put(bytes)
    }

    /// Ends the movie: its header, and the size of its media.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub(super) fn finish(mut self) -> Result<(), IoError> {
        let end = self.at;
        let moov = self.moov();
        self.put(&moov)?;
        match u32::try_from(end - MDAT_AT) {
            Ok(size) => self.target.write_all_at(&size.to_be_bytes(), MDAT_AT),
            Err(_) => {
                // The header grows into the room before it.
                let size = end - MDAT_AT + 8;
                let header = [&1_u32.to_be_bytes()[..], b"mdat", &size.to_be_bytes()].concat();
                self.target.write_all_at(&header, MDAT_AT - 8)
            }
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), IoError> {
        self.target.write_all_at(bytes, self.at)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn moov(&self) -> Vec<u8> {
        let software = user_text(&format!("intercut {}", env!("CARGO_PKG_VERSION")));
        let [timescale, _] = self.facts.rate;
        let duration = self.duration();
        let mvhd = atom(
            b"mvhd",
            &[
                &times(duration, 0, &[timescale]),
                &0x1_0000_u32.to_be_bytes(),
                &0x100_u16.to_be_bytes(),
                &[0; 10],
                &words(&IDENTITY),
                &[0; 24],
                &(TIMECODE + 1).to_be_bytes(),
            ],
        );
        let udta = atom(b"udta", &[&atom(&[0xa9, b's', b'w', b'r'], &[&software])]);
        let sound = self.facts.sound.map_or(Vec::new(), |sound| self.sound_track(&sound));
        let timecode = self.facts.timecode.map_or(Vec::new(), |first| self.timecode_track(first));
        atom(b"moov", &[&mvhd, &self.video_track(), &sound, &timecode, &udta])
    }

    /// Of the pictures, in ticks of the movie.
    fn duration(&self) -> u64 {
        self.sizes.len() as u64 * u64::from(self.facts.rate[1])
    }

    fn video_track(&self) -> Vec<u8> {
        let count = u32::try_from(self.sizes.len()).expect("a movie has fewer than 2^32 frames");
        let [stsc, stco] = self.frames.tables();
        let stbl = [
            table(b"stsd", 1, &self.video_description()),
            table(b"stts", 1, &words(&[count, self.facts.rate[1]])),
            stsc,
            atom(b"stsz", &[&words(&[0, 0, count]), &words(&self.sizes)]),
            stco,
        ];
        let vmhd = atom(b"vmhd", &[&words(&[1, 0x0040_8000, 0x8000_8000])]);
        let references = match self.facts.timecode {
            Some(_) => atom(b"tref", &[&atom(b"tmcd", &[&TIMECODE.to_be_bytes()])]),
            None => Vec::new(),
        };
        let size = self.facts.size.map(|side| u32::try_from(side).unwrap_or(0) << 16);
        let clock = [self.facts.rate[0].into(), self.duration()];
        self.trak(VIDEO, size, &references, &mdia(clock, *b"vide", "Video", &vmhd, &stbl))
    }

    fn video_description(&self) -> Vec<u8> {
        let [width, height] = self.facts.size.map(|side| u16::try_from(side).unwrap_or(0));
        let mut compressor = [0; 32];
        let name = counted("Apple ProRes 422 Proxy");
        compressor[..name.len()].copy_from_slice(&name);
        let ColorCodes { primaries, transfer, matrix } = self.facts.color;
        let codes = [primaries, transfer, matrix].map(u16::to_be_bytes);
        atom(
            b"apco",
            &[
                &[0, 0, 0, 0, 0, 0, 0, 1],
                &[0; 4],
                b"icut",
                // All in space, nothing in time.
                &words(&[0, 1023]),
                &width.to_be_bytes(),
                &height.to_be_bytes(),
                &words(&[0x48_0000, 0x48_0000, 0]),
                &1_u16.to_be_bytes(),
                &compressor,
                &24_u16.to_be_bytes(),
                &[0xff, 0xff],
                &atom(b"fiel", &[&[1, 0]]),
                &atom(b"colr", &[b"nclc", codes.as_flattened()]),
            ],
        )
    }

    fn sound_track(&self, sound: &SoundMaterial) -> Vec<u8> {
        let samples = self.sound.samples();
        let count = u32::try_from(samples).unwrap_or(u32::MAX);
        let [stsc, stco] = self.sound.tables();
        let stbl = [
            table(b"stsd", 1, &sound_description(sound)),
            table(b"stts", 1, &words(&[count, 1])),
            stsc,
            atom(b"stsz", &[&words(&[0, sample_len(sound), count])]),
            stco,
        ];
        let smhd = atom(b"smhd", &[&[0; 8]]);
        let clock = [sound.rate.into(), samples];
        self.trak(SOUND, [0, 0], &[], &mdia(clock, *b"soun", "Sound", &smhd, &stbl))
    }

    fn timecode_track(&self, first: Timecode) -> Vec<u8> {
        let [timescale, frame] = self.facts.rate;
        // Drop frame; labels begin again after 24 hours.
        let flags = u32::from(first.format.drop_frame) | 2;
        let nominal = u8::try_from(first.format.rate.nominal()).unwrap_or(u8::MAX);
        let clock = words(&[0, flags, timescale, frame]);
        let description = atom(b"tmcd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &clock, &[nominal, 0]]);
        let length = u32::try_from(self.duration()).unwrap_or(u32::MAX);
        let stbl = [
            table(b"stsd", 1, &description),
            table(b"stts", 1, &words(&[1, length])),
            table(b"stsc", 1, &words(&[1, 1, 1])),
            atom(b"stsz", &[&words(&[0, TIMECODE_LEN, 1])]),
            table(b"stco", 1, &words(&[TIMECODE_AT])),
        ];
        let tcmi: &[&[u8]] =
            &[&words(&[0, 0x0016_0000, 0x000c_0000, 0, 0xffff_ffff]), b"\xff\xff", b"\x07Courier"];
        let gmin = atom(b"gmin", &[&words(&[0, 0x0040_8000, 0x8000_8000, 0])]);
        let gmhd = atom(b"gmhd", &[&gmin, &atom(b"tmcd", &[&atom(b"tcmi", tcmi)])]);
        let size = [u32::try_from(self.facts.size[0]).unwrap_or(0) << 16, 20 << 16];
        let clock = [timescale.into(), self.duration()];
        self.trak(TIMECODE, size, &[], &mdia(clock, *b"tmcd", "Timecode", &gmhd, &stbl))
    }

    /// - `size`: pixels across and down, in 1/65536.
    fn trak(&self, id: u32, size: [u32; 2], references: &[u8], mdia: &[u8]) -> Vec<u8> {
        let times = times(self.duration(), ENABLED_IN_ALL, &[id, 0]);
        // Sound is heard; the others have no volume.
        let volume: u32 = if id == SOUND { 0x0100_0000 } else { 0 };
        let tkhd = atom(
            b"tkhd",
            &[&times, &[0; 12], &volume.to_be_bytes(), &words(&IDENTITY), &words(&size)],
        );
        atom(b"trak", &[&tkhd, references, mdia])
    }
}

/// Bytes of a sample of all channels.
fn sample_len(sound: &SoundMaterial) -> u32 {
    sound.channels * sound.pcm.bytes()
}

/// Version 2, which has every kind of uncompressed sound.
fn sound_description(sound: &SoundMaterial) -> Vec<u8> {
    let Pcm { bits, is_float, is_big_endian } = sound.pcm;
    // A float, or an integer with a sign; big endian; packed.
    let kind = if is_float { 1 } else { 4 };
    let flags = kind | u32::from(is_big_endian) << 1 | 8;
    atom(
        b"lpcm",
        &[
            &[0, 0, 0, 0, 0, 0, 0, 1],
            &[0, 2, 0, 0, 0, 0, 0, 0],
            // What version 2 always says where older versions have their fields.
            &[0, 3, 0, 16, 0xff, 0xfe, 0, 0],
            &0x1_0000_u32.to_be_bytes(),
            &72_u32.to_be_bytes(),
            &f64::from(sound.rate).to_be_bytes(),
            &sound.channels.to_be_bytes(),
            &0x7f00_0000_u32.to_be_bytes(),
            &words(&[bits, flags, sample_len(sound), 1]),
        ],
    )
}

/// `mdia` of a track.
///
/// - `clock`: ticks per second, and of all of it.
fn mdia(
    [timescale, duration]: [u64; 2],
    kind: [u8; 4],
    name: &str,
    header: &[u8],
    stbl: &[Vec<u8>],
) -> Vec<u8> {
    let timescale = u32::try_from(timescale).unwrap_or(u32::MAX);
    let times = times(duration, 0, &[timescale]);
    let mdhd = atom(b"mdhd", &[&times, &0x7fff_0000_u32.to_be_bytes()]);
    let in_this_file = table(b"dref", 1, &atom(b"alis", &[&1_u32.to_be_bytes()]));
    let minf = [
        header.to_vec(),
        handler(*b"dhlr", *b"alis", "Data"),
        atom(b"dinf", &[&in_this_file]),
        atom(b"stbl", &[&stbl.concat()]),
    ];
    atom(b"mdia", &[&mdhd, &handler(*b"mhlr", kind, name), &atom(b"minf", &[&minf.concat()])])
}
