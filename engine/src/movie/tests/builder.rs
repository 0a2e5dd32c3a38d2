//! Small movies for tests, written by hand.

use crate::atom::ReadError;
use crate::atom::tests::{atom, from_memory};
use crate::movie::{Movie, MovieError};

pub(super) fn be(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

pub(super) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap()
}

/// A track to be written: its media is in one chunk, and all its samples are `media.len() / samples` bytes long.
#[derive(Clone)]
pub(super) struct TestTrack {
    pub(super) id: u32,
    pub(super) flags: u32,
    pub(super) handler: [u8; 4],
    pub(super) timescale: u32,
    pub(super) description: Vec<u8>,
    pub(super) stts: Vec<(u32, u32)>,
    /// Movie duration, media time, rate.
    pub(super) edits: Vec<(u32, i32, u32)>,
    pub(super) media: Vec<u8>,
    /// Whole atoms, appended to `trak` and to `stbl`.
    pub(super) extra: Vec<u8>,
    pub(super) extra_tables: Vec<u8>,
    pub(super) data_reference_flags: u32,
}

impl TestTrack {
    fn write(&self, offset: u32) -> Vec<u8> {
        let samples = self.stts.iter().map(|run| run.0).sum::<u32>();
        let size = count(self.media.len()) / samples.max(1);
        let stts: Vec<u32> = self.stts.iter().flat_map(|&(a, b)| [a, b]).collect();
        let stbl = [
            atom(b"stsd", &[&be(&[0, 1]), &self.description]),
            atom(b"stts", &[&be(&[0, count(self.stts.len())]), &be(&stts)]),
            atom(b"stsc", &[&be(&[0, 1, 1, samples, 1])]),
            atom(b"stsz", &[&be(&[0, size, samples])]),
            atom(b"stco", &[&be(&[0, 1, offset])]),
            self.extra_tables.clone(),
        ];
        let reference = atom(b"alis", &[&be(&[self.data_reference_flags])]);
        let dinf = atom(b"dinf", &[&atom(b"dref", &[&be(&[0, 1]), &reference])]);
        let minf = atom(b"minf", &[&dinf, &atom(b"stbl", &[&stbl.concat()])]);
        let hdlr = atom(b"hdlr", &[&[0; 4], b"mhlr", &self.handler, &[0; 12], b"\x04Test"]);
        let mdhd = atom(b"mdhd", &[&be(&[0, 0, 0, self.timescale, 0, 0])]);
        let edits: Vec<u8> = self
            .edits
            .iter()
            .flat_map(|&(duration, time, rate)| be(&[duration, time.cast_unsigned(), rate]))
            .collect();
        let elst = atom(b"elst", &[&be(&[0, count(self.edits.len())]), &edits]);
        let edts = if self.edits.is_empty() { Vec::new() } else { atom(b"edts", &[&elst]) };
        atom(
            b"trak",
            &[
                &atom(b"tkhd", &[&be(&[self.flags, 0, 0, self.id]), &[0; 68]]),
                &edts,
                &self.extra,
                &atom(b"mdia", &[&mdhd, &hdlr, &minf]),
            ],
        )
    }
}

pub(super) fn video_description() -> Vec<u8> {
    let mut fields = vec![0; 78];
    fields[7] = 1;
    fields[24..28].copy_from_slice(&[0x10, 0, 0x0b, 0x70]);
    fields[74..78].copy_from_slice(&[0, 32, 255, 255]);
    let extensions = [atom(b"fiel", &[&[1, 0]]), atom(b"colr", &[b"nclc", &[0, 1, 0, 1, 0, 1]])];
    atom(b"ap4h", &[&fields, &extensions.concat(), &[0; 4]])
}

/// A video track of ten-byte samples.
pub(super) fn video(timescale: u32, stts: &[(u32, u32)]) -> TestTrack {
    let samples: u32 = stts.iter().map(|run| run.0).sum();
    TestTrack {
        id: 1,
        flags: 15,
        handler: *b"vide",
        timescale,
        description: video_description(),
        stts: stts.to_vec(),
        edits: Vec::new(),
        media: vec![0; 10 * usize::try_from(samples).unwrap()],
        extra: Vec::new(),
        extra_tables: Vec::new(),
        data_reference_flags: 1,
    }
}

/// A timecode track that counts at `timescale / frame_duration`, with samples that last `stts`.
pub(super) fn timecode(
    flags: u32,
    rate: (u32, u32),
    media_timescale: u32,
    samples: &[(i32, u32)],
) -> TestTrack {
    let name = atom(b"name", &[&[0, 4, 0, 0], b"A001"]);
    let fields = be(&[0, 1, 0, flags, rate.0, rate.1]);
    TestTrack {
        id: 2,
        flags: 2,
        handler: *b"tmcd",
        timescale: media_timescale,
        description: atom(b"tmcd", &[&fields, &[25, 0], &name]),
        stts: samples.iter().map(|&(_, duration)| (1, duration)).collect(),
        media: samples.iter().flat_map(|(value, _)| value.to_be_bytes()).collect(),
        ..video(1, &[])
    }
}

pub(super) fn file(movie_timescale: u32, tracks: &[TestTrack], extra_moov: &[u8]) -> Vec<u8> {
    let ftyp = atom(b"ftyp", &[b"qt  \0\0\0\0qt  "]);
    let mut offset = count(ftyp.len()) + 8;
    let mut traks = Vec::new();
    for track in tracks {
        traks.extend(track.write(offset));
        offset += count(track.media.len());
    }
    let media: Vec<u8> = tracks.iter().flat_map(|track| track.media.clone()).collect();
    let mvhd = atom(b"mvhd", &[&be(&[0, 0, 0, movie_timescale, 5000]), &[0; 80]]);
    [ftyp, atom(b"mdat", &[&media]), atom(b"moov", &[&mvhd, &traks, extra_moov])].concat()
}

pub(super) fn parse(bytes: &[u8]) -> Result<Movie, MovieError> {
    Movie::read(bytes.len() as u64, &mut from_memory(bytes)).map_err(|error| match error {
        ReadError::Format(error) => error,
    })
}

/// A video track with edits of `(movie duration, media time)`.
pub(super) fn edited(timescale: u32, stts: &[(u32, u32)], edits: &[(u32, i32)]) -> TestTrack {
    let edits = edits.iter().map(|&(duration, time)| (duration, time, 0x1_0000)).collect();
    TestTrack { edits, ..video(timescale, stts) }
}
