//! Movies of any length without their media: real headers in memory, zeros where frames would be.
//!
//! - In: how many frames, at which timecode, with or without sound.
//! - Out: [`HeaderFile`], which answers reads as the file would.
//! - Holds: pictures have a chunk each, sound one for every half second, in the order of time; offsets are 64-bit.

use std::convert::Infallible;

use intercut_engine::movie::Movie;
use intercut_tests::builder::atoms::{SizeForm, atom, be16, be32, full_atom};
use intercut_tests::builder::trak::{MATRIX, Place, trak};
use intercut_tests::builder::{OffsetTable, TrackSpec};

/// Frames a second.
const RATE: u32 = 24;
/// Frames of sound in a chunk.
const SOUND_CHUNK: u32 = 24_000;
/// Bytes of a frame of sound: 16-bit stereo.
const SOUND_LEN: u64 = 4;
/// Bytes of the `mdat` header: a 64-bit size.
const MDAT_HEADER_LEN: u64 = 16;

/// A movie file whose media is not there.
#[derive(Debug)]
pub(crate) struct HeaderFile {
    len: u64,
    /// What is there, and where it is.
    parts: Vec<(u64, Vec<u8>)>,
}

impl HeaderFile {
    /// `frames` frames from frame `start` of the day on; frame `i` has `frame_len + i % 1024` bytes.
    pub(crate) fn new(frames: u32, start: u32, frame_len: u32, sound: bool) -> Self {
        let mut tracks = tracks(frames, start, frame_len, sound);
        for track in &mut tracks {
            track.offset_table = OffsetTable::Co64;
        }
        let ftyp = atom(b"ftyp", b"qt  \x00\x00\x02\x00qt  ");
        let mdat_offset = ftyp.len() as u64;
        let (offsets, media_end) = place(&tracks, mdat_offset + MDAT_HEADER_LEN);
        let mdat_len = media_end - mdat_offset - MDAT_HEADER_LEN;
        let mdat = SizeForm::Long.header(*b"mdat", mdat_len);
        let timecode = start.to_be_bytes().to_vec();
        let timecode_offset = offsets.last().and_then(|chunks| chunks.first()).copied();
        let moov = moov(&tracks, &offsets);
        let len = media_end + moov.len() as u64;
        let timecode_offset = timecode_offset.expect("the last track is the timecode");
        let parts =
            vec![(0, ftyp), (mdat_offset, mdat), (timecode_offset, timecode), (media_end, moov)];
        Self { len, parts }
    }

    /// Bytes of its header, which is what parsing reads.
    pub(crate) fn header_len(&self) -> u64 {
        self.parts.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Parses it.
    pub(crate) fn parse(&self) -> Movie {
        let mut read = |buffer: &mut [u8], offset| -> Result<(), Infallible> {
            self.read(buffer, offset);
            Ok(())
        };
        Movie::read(self.len, &mut read).expect("the movie is well-formed")
    }

    fn read(&self, buffer: &mut [u8], offset: u64) {
        buffer.fill(0);
        let end = offset + buffer.len() as u64;
        for (at, bytes) in &self.parts {
            let (first, last) = (offset.max(*at), end.min(at + bytes.len() as u64));
            if first < last {
                let index = |from: u64, to: u64| usize::try_from(to - from).expect("within memory");
                let part = &bytes[index(*at, first)..index(*at, last)];
                buffer[index(offset, first)..index(offset, last)].copy_from_slice(part);
            }
        }
    }
}

/// Pictures, sound if there is any, timecode.
fn tracks(frames: u32, start: u32, frame_len: u32, sound: bool) -> Vec<TrackSpec> {
    let sizes = (0..frames).map(|frame| frame_len + frame % 1024).collect();
    let mut video = TrackSpec::video(sizes);
    let start = i32::try_from(start).expect("a day has fewer than 2^31 frames");
    let mut timecode = TrackSpec::timecode(start, frames);
    let description = timecode.timecode_mut();
    description.timescale = RATE;
    description.frames_per_second = RATE.try_into().expect("a rate is small");
    (video.timescale, timecode.timescale) = (RATE, RATE);
    let sound = sound.then(|| TrackSpec::sound(frames * (48_000 / RATE), SOUND_CHUNK));
    video.references.push((*b"tmcd", 1 + usize::from(sound.is_some())));
    std::iter::once(video).chain(sound).chain([timecode]).collect()
}

/// Where each chunk of each track is, and where the media ends.
fn place(tracks: &[TrackSpec], start: u64) -> (Vec<Vec<u64>>, u64) {
    let (mut offsets, mut position) = (vec![Vec::new(); tracks.len()], start);
    let last = tracks.len() - 1;
    offsets[last].push(position);
    position += 4;
    let frames_per_sound_chunk = u64::from(SOUND_CHUNK * RATE / 48_000);
    for (frame, &len) in (0_u64..).zip(&tracks[0].sizes) {
        let chunk = usize::try_from(frame / frames_per_sound_chunk).expect("within memory");
        if last == 2 && frame % frames_per_sound_chunk == 0 {
            offsets[1].push(position);
            position += SOUND_LEN * u64::from(tracks[1].chunks[chunk]);
        }
        offsets[0].push(position);
        position += u64::from(len);
    }
    (offsets, position)
}

fn moov(tracks: &[TrackSpec], offsets: &[Vec<u64>]) -> Vec<u8> {
    let duration = u64::from(tracks[0].sample_count());
    let mut fields = [be32(0), be32(0), be32(RATE.into()), be32(duration)].concat();
    fields.extend([&be32(0x10000)[..], &be16(0x100), &[0; 10]].concat());
    fields.extend(MATRIX.iter().flat_map(|&entry| be32(entry)));
    fields.extend([0; 24]);
    fields.extend(be32(tracks.len() as u64 + 1));
    let mut parts = full_atom(b"mvhd", 0, 0, &fields);
    for (index, (track, offsets)) in tracks.iter().zip(offsets).enumerate() {
        parts.extend(trak(track, Place { index, movie_timescale: RATE }, offsets));
    }
    atom(b"moov", &parts)
}
