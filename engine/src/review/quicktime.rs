//! The QuickTime movie around frames of ProRes Proxy: written as they come, its header last.
//!
//! ```text
//! ftyp │ room for a long size │ mdat  timecode sample │ sound, frames, sound, frames … │ moov
//! ```
//!
//! - In: frames and sound, in the order in which they are to be in the file.
//! - Out: the movie, in a target that has no name yet.
//! - Holds: memory grows by four bytes for each frame and a few for each chunk.
//! - Not here: the frames (`picture::encode`), when sound is due (`proxy`), the atoms that all our headers have
//!   (`crate::quicktime`).
//!
//! Reference: QuickTime File Format, "Sound Sample Description (Version 2)".

use intercut_io::{IoError, Target};

use super::ffmpeg::SoundMaterial;
use crate::codec::color::ColorCodes;
use crate::movie::Pcm;
use crate::quicktime::{
    ProresDescription, TimecodeMedia, atom, chunk_offsets, count_of, ftyp, mdia, mvhd, table, tkhd,
    vmhd, words, written_by,
};
use crate::timecode::Timecode;

/// Where `mdat` begins: behind `ftyp` and room for a long size.
const MDAT_AT: u64 = 28;

/// Where the timecode sample is, behind the short header of `mdat`.
const TIMECODE_AT: u32 = 36;

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
        [table(b"stsc", count_of(&runs), &words(runs.as_flattened())), chunk_offsets(&offsets)]
    }
}

impl<'t> MovieWriter<'t> {
    /// Begins a movie in an empty target.
    ///
    /// # Errors
    /// [`IoError::Failed`].
    pub(super) fn begin(target: &'t mut Target, facts: MovieFacts) -> Result<Self, IoError> {
        let mut head = ftyp();
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
        let mvhd = mvhd([self.facts.rate[0].into(), self.duration()], TIMECODE + 1);
        let sound = self.facts.sound.map_or(Vec::new(), |sound| self.sound_track(&sound));
        let timecode = self.facts.timecode.map_or(Vec::new(), |first| self.timecode_track(first));
        atom(b"moov", &[&mvhd, &self.video_track(), &sound, &timecode, &written_by()])
    }

    /// Of the pictures, in ticks of the movie.
    fn duration(&self) -> u64 {
        self.sizes.len() as u64 * u64::from(self.facts.rate[1])
    }

    fn video_track(&self) -> Vec<u8> {
        let count = count_of(&self.sizes);
        let [stsc, stco] = self.frames.tables();
        let stbl = [
            table(b"stsd", 1, &self.video_description()),
            table(b"stts", 1, &words(&[count, self.facts.rate[1]])),
            stsc,
            atom(b"stsz", &[&words(&[0, 0, count]), &words(&self.sizes)]),
            stco,
        ];
        let references = match self.facts.timecode {
            Some(_) => atom(b"tref", &[&atom(b"tmcd", &[&TIMECODE.to_be_bytes()])]),
            None => Vec::new(),
        };
        let size = self.facts.size.map(|side| u32::try_from(side).unwrap_or(0) << 16);
        let clock = [self.facts.rate[0].into(), self.duration()];
        self.trak(VIDEO, size, &references, &mdia(clock, *b"vide", "Video", &vmhd(), &stbl))
    }

    fn video_description(&self) -> Vec<u8> {
        ProresDescription {
            codec: *b"apco",
            vendor: b"icut",
            compressor: "Apple ProRes 422 Proxy",
            size: self.facts.size.map(|side| u16::try_from(side).unwrap_or(0)),
            depth: 24,
            fields: [1, 0],
            color: Some(self.facts.color),
            pixel_aspect: None,
        }
        .bytes()
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
        let media = TimecodeMedia {
            drop_frame: first.format.drop_frame,
            nominal: first.format.rate.nominal(),
            timescale,
            frame,
            duration: self.duration(),
            reel: None,
            sample_at: TIMECODE_AT,
        };
        let size = [u32::try_from(self.facts.size[0]).unwrap_or(0) << 16, 20 << 16];
        self.trak(TIMECODE, size, &[], &media.mdia())
    }

    /// - `size`: pixels across and down, in 1/65536.
    fn trak(&self, id: u32, size: [u32; 2], references: &[u8], mdia: &[u8]) -> Vec<u8> {
        let tkhd = tkhd(self.duration(), id, id == SOUND, size);
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
