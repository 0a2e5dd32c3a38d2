//! What a track shall be, as plain data.
//!
//! - In: constructors for the usual tracks; every field is open to change.
//! - Out: [`TrackSpec`], which `trak` writes and `file` lays out.
//! - Not here: how it is written.

use super::atoms::Kind;

/// One track.
#[derive(Debug, Clone)]
pub struct TrackSpec {
    /// What it holds.
    pub media: Media,
    /// Whether `tkhd` enables it.
    pub enabled: bool,
    /// Media ticks per second.
    pub timescale: u32,
    /// `stts`: runs of samples and the duration of each in media ticks.
    pub durations: Vec<(u32, u32)>,
    /// Bytes of every sample.
    pub sizes: Vec<u32>,
    /// How the sizes are written.
    pub size_table: SizeTable,
    /// Samples in every chunk.
    pub chunks: Vec<u32>,
    /// Whether every chunk gets an entry of its own in `stsc`, needed or not.
    pub chunk_runs_spelled_out: bool,
    /// How chunk offsets are written.
    pub offset_table: OffsetTable,
    /// Chunks that are where another chunk of the track is: `(this, that)`.
    pub shared_chunks: Vec<(usize, usize)>,
    /// The edit list; none where empty.
    pub edits: Vec<EditSpec>,
    /// Whether `tkhd`, `mdhd` and `elst` use their version 1, with 64-bit times.
    pub wide_times: bool,
    /// `tref`: a kind of reference and the track referred to, counted from 0.
    pub references: Vec<(Kind, usize)>,
    /// Zero bytes after the last atom of the sample description.
    pub description_padding: usize,
    /// Whether atoms that nobody knows are in every container.
    pub strangers: bool,
    /// Further whole atoms at the end of `trak`, such as `tapt`.
    pub extra_atoms: Vec<Vec<u8>>,
}

/// What a track holds.
#[derive(Debug, Clone)]
pub enum Media {
    /// Pictures.
    Video(VideoSpec),
    /// Sound.
    Sound(SoundSpec),
    /// Timecode.
    Timecode(TimecodeSpec),
    /// Text.
    Text,
    /// A media handler that nobody knows.
    Other(Kind),
}

/// The sample description of pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoSpec {
    /// The codec.
    pub codec: Kind,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// 24, or 32 with alpha.
    pub depth: u16,
    /// Of the frame header: 0 progressive, 1 top field first, 2 bottom field first.
    pub interlace_mode: u8,
    /// Of the frame header: 0 none, 1 8-bit, 2 16-bit.
    pub alpha_channel_type: u8,
    /// Of the frame header: primaries, transfer, matrix.
    pub color: [u8; 3],
    /// Whole atoms after the fixed part of the description: `colr`, `fiel`, `pasp`.
    pub atoms: Vec<Vec<u8>>,
    /// How many times the description is given; 1 in a movie that can be spliced.
    pub description_count: u32,
}

impl VideoSpec {
    /// ProRes 4444 without alpha, 64 x 64.
    pub fn prores_4444() -> Self {
        Self {
            codec: *b"ap4h",
            width: 64,
            height: 64,
            depth: 24,
            interlace_mode: 0,
            alpha_channel_type: 0,
            color: [1, 1, 1],
            atoms: Vec::new(),
            description_count: 1,
        }
    }
}

/// The sample description of uncompressed or packed sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundSpec {
    /// The codec: `sowt`, `in24`, `lpcm`, `ima4`.
    pub codec: Kind,
    /// Version of the description: 0, 1 or 2.
    pub version: u16,
    /// Channels.
    pub channels: u16,
    /// Bits of one sample of one channel.
    pub bits: u16,
    /// Frames of sound a second.
    pub rate: u32,
    /// Version 1: frames of sound in a packet; 1 where uncompressed.
    pub frames_per_packet: u32,
    /// Version 1: bytes of a packet of all channels.
    pub bytes_per_packet: u32,
    /// Whether a `wave` atom follows.
    pub wave: bool,
}

/// The sample description and the samples of a timecode track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimecodeSpec {
    /// 1 drop frame, 2 24-hour maximum, 4 negative allowed, 8 counter.
    pub flags: u32,
    /// Ticks per second of the description.
    pub timescale: u32,
    /// Ticks per frame of the description.
    pub frame_duration: u32,
    /// Frames counted a second.
    pub frames_per_second: u8,
    /// The reel, in a `name` atom.
    pub reel: Option<String>,
    /// Each sample's frame number.
    pub starts: Vec<i32>,
}

/// How sample sizes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeTable {
    /// `stsz` with an entry a sample.
    PerSample,
    /// `stsz` with one size for all.
    Constant,
    /// `stsz` that says 1 for sound whose frames are larger: the description says how much (QuickTime's habit).
    One,
    /// `stz2` with entries of 4, 8 or 16 bits.
    Compact(u8),
}

/// How chunk offsets are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetTable {
    /// 32 bits each.
    Stco,
    /// 64 bits each.
    Co64,
}

/// One entry of an edit list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EditSpec {
    /// How long it lasts, in movie time.
    pub movie_duration: u64,
    /// Where it begins in media time; `None` for an empty edit.
    pub media_time: Option<u64>,
}

impl TrackSpec {
    /// A track of `sizes.len()` samples of one duration, one chunk a sample.
    pub fn new(media: Media, timescale: u32, duration: u32, sizes: Vec<u32>) -> Self {
        let count = u32::try_from(sizes.len()).expect("a track has fewer than 2^32 samples");
        Self {
            media,
            enabled: true,
            timescale,
            durations: vec![(count, duration)],
            chunks: vec![1; sizes.len()],
            sizes,
            size_table: SizeTable::PerSample,
            chunk_runs_spelled_out: false,
            offset_table: OffsetTable::Stco,
            shared_chunks: Vec::new(),
            edits: Vec::new(),
            wide_times: false,
            references: Vec::new(),
            description_padding: 0,
            strangers: false,
            extra_atoms: Vec::new(),
        }
    }

    /// ProRes 4444 at 25 fps, a chunk a frame.
    pub fn video(sizes: Vec<u32>) -> Self {
        Self::new(Media::Video(VideoSpec::prores_4444()), 25, 1, sizes)
    }

    /// 16-bit stereo at 48 kHz, `frames` frames of sound in chunks of `frames_per_chunk`.
    pub fn sound(frames: u32, frames_per_chunk: u32) -> Self {
        let sound = SoundSpec {
            codec: *b"sowt",
            version: 0,
            channels: 2,
            bits: 16,
            rate: 48000,
            frames_per_packet: 1,
            bytes_per_packet: 4,
            wave: false,
        };
        let mut track = Self::new(Media::Sound(sound), 48000, 1, vec![4; frames as usize]);
        track.size_table = SizeTable::Constant;
        track.chunked(frames_per_chunk)
    }

    /// Timecode at 25 fps from frame `start`, one sample for `frames` frames.
    pub fn timecode(start: i32, frames: u32) -> Self {
        let timecode = TimecodeSpec {
            flags: 2,
            timescale: 25,
            frame_duration: 1,
            frames_per_second: 25,
            reel: Some("A001".to_owned()),
            starts: vec![start],
        };
        let mut track = Self::new(Media::Timecode(timecode), 25, frames, vec![4]);
        track.size_table = SizeTable::Constant;
        track
    }

    /// The same track in chunks of `samples` samples.
    pub fn chunked(mut self, samples: u32) -> Self {
        let total = self.sample_count();
        self.chunks = (0..total.div_ceil(samples))
            .map(|chunk| samples.min(total - chunk * samples))
            .collect();
        self
    }

    /// How many samples it has.
    pub fn sample_count(&self) -> u32 {
        u32::try_from(self.sizes.len()).expect("a track has fewer than 2^32 samples")
    }

    /// Its duration in media ticks.
    pub fn media_duration(&self) -> u64 {
        self.durations.iter().map(|&(count, each)| u64::from(count) * u64::from(each)).sum()
    }

    /// The description of its pictures, to be changed.
    ///
    /// # Panics
    /// Where the track has none.
    pub fn video_mut(&mut self) -> &mut VideoSpec {
        match &mut self.media {
            Media::Video(video) => video,
            other => panic!("{other:?} is no video"),
        }
    }

    /// The description of its sound, to be changed.
    ///
    /// # Panics
    /// Where the track has none.
    pub fn sound_mut(&mut self) -> &mut SoundSpec {
        match &mut self.media {
            Media::Sound(sound) => sound,
            other => panic!("{other:?} is no sound"),
        }
    }

    /// The description of its timecode, to be changed.
    ///
    /// # Panics
    /// Where the track has none.
    pub fn timecode_mut(&mut self) -> &mut TimecodeSpec {
        match &mut self.media {
            Media::Timecode(timecode) => timecode,
            other => panic!("{other:?} is no timecode"),
        }
    }

    /// The samples of each chunk, as ranges.
    pub fn chunk_samples(&self) -> Vec<std::ops::Range<usize>> {
        let mut first = 0;
        let ranges = self.chunks.iter().map(|&count| {
            let start = first;
            first += count as usize;
            start..first
        });
        ranges.collect()
    }
}
