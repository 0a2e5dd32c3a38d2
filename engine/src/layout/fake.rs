//! Small movies for tests: real headers over media that need not exist.
//!
//! - In: the chunks of each track. Out: the bytes of a header, read back as a [`Movie`] of any claimed length.
//! - Not here: movies of other writers' habits (the `tests` crate has a builder of its own, which can lie).

use std::convert::Infallible;
use std::path::PathBuf;

use crate::movie::Movie;
use crate::plan::{FileStamp, PlannedBase, PlannedClip, Rank, Replacement, SplicePlan, forms};
use crate::timecode::FrameRate;
use crate::units::{ClipIndex, SampleIndex};

/// Chunks of one track: where each begins, and the sizes of its samples.
pub(crate) type Chunks = Vec<(u64, Vec<u32>)>;

/// One track of a fake movie.
#[derive(Debug, Clone)]
pub(crate) struct FakeTrack {
    /// `vide`, or anything else.
    pub(crate) handler: [u8; 4],
    pub(crate) chunks: Chunks,
    /// Whether offsets are a `co64` from the start.
    pub(crate) wide: bool,
    /// Whether `stsz` states the one size of all samples.
    pub(crate) constant: bool,
}

impl FakeTrack {
    /// A track with 32-bit offsets and a table of sizes.
    pub(crate) fn new(handler: &[u8; 4], chunks: Chunks) -> Self {
        Self { handler: *handler, chunks, wide: false, constant: false }
    }
}

/// A whole atom.
pub(crate) fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let len = u32::try_from(payload.len() + 8).expect("fake atoms are small");
    [&len.to_be_bytes()[..], kind, &payload].concat()
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn count(len: usize) -> u32 {
    u32::try_from(len).expect("fake movies are small")
}

/// The `moov` of these tracks, one frame of 1/25 second a sample. Unknown atoms are at every level.
pub(crate) fn moov(tracks: &[FakeTrack]) -> Vec<u8> {
    let mvhd = atom(b"mvhd", &[&words(&[0, 0, 0, 25, 1000]), &[0; 80]]);
    let traks: Vec<Vec<u8>> = (1..).zip(tracks).map(|(id, track)| trak(id, track)).collect();
    atom(b"moov", &[&mvhd, &atom(b"xMoo", &[b"kept"]), &traks.concat(), &atom(b"udta", &[&[0; 4]])])
}

fn trak(id: u32, track: &FakeTrack) -> Vec<u8> {
    let sizes: Vec<u32> = track.chunks.iter().flat_map(|(_, sizes)| sizes.clone()).collect();
    let samples = count(sizes.len());
    let tkhd = atom(b"tkhd", &[&words(&[1, 0, 0, id, 0, samples]), &[0; 60]]);
    let mdhd = atom(b"mdhd", &[&words(&[0, 0, 0, 25, samples, 0])]);
    let hdlr = atom(b"hdlr", &[&[0; 4], b"mhlr", &track.handler, &[0; 12], b"\0"]);
    let stts = atom(b"stts", &[&words(&[0, 1, samples, 1])]);
    let chunk_count = count(track.chunks.len());
    let stsc: Vec<u32> =
        (1..).zip(&track.chunks).flat_map(|(n, (_, sizes))| [n, count(sizes.len()), 1]).collect();
    let stsc = atom(b"stsc", &[&words(&[0, chunk_count]), &words(&stsc)]);
    let stsz = match sizes.first() {
        Some(&size) if track.constant => atom(b"stsz", &[&words(&[0, size, samples])]),
        _ => atom(b"stsz", &[&words(&[0, 0, samples]), &words(&sizes)]),
    };
    let narrow =
        |offset: u64| u32::try_from(offset).expect("a larger offset is wide").to_be_bytes();
    let offsets: Vec<u8> = match track.wide {
        true => track.chunks.iter().flat_map(|(offset, _)| offset.to_be_bytes()).collect(),
        false => track.chunks.iter().flat_map(|(offset, _)| narrow(*offset)).collect(),
    };
    let kind = if track.wide { b"co64" } else { b"stco" };
    let stco = atom(kind, &[&words(&[0, chunk_count]), &offsets]);
    let description = match &track.handler {
        b"vide" => atom(
            b"raw ",
            &[&[0, 0, 0, 0, 0, 0, 0, 1], &[0; 16], &[0, 64, 0, 64], &[0; 46], &[0, 24, 255, 255]],
        ),
        _ => atom(b"xxxx", &[&[0, 0, 0, 0, 0, 0, 0, 1]]),
    };
    let stsd = atom(b"stsd", &[&words(&[0, 1]), &description]);
    let stbl = atom(b"stbl", &[&stsd, &stts, &atom(b"xStb", &[b"kept"]), &stsc, &stsz, &stco]);
    let minf = atom(b"minf", &[&atom(b"xMin", &[b"kept"]), &stbl]);
    atom(b"trak", &[&tkhd, &atom(b"mdia", &[&mdhd, &hdlr, &minf])])
}

/// A whole file: `ftyp`, media from byte 28 on, `moov`, an atom of 24 bytes that nobody knows.
pub(crate) fn file(media_len: usize, seed: u32, tracks: &[FakeTrack]) -> Vec<u8> {
    let ftyp = atom(b"ftyp", &[b"qt  \0\0\0\0qt  "]);
    let mdat = atom(b"mdat", &[&noise(media_len, seed)]);
    [ftyp, mdat, moov(tracks), atom(b"uuid", &[b"sixteen bytes id"])].concat()
}

/// Bytes that differ from place to place, by a linear congruential generator.
fn noise(len: usize, seed: u32) -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(Some(seed), next).take(len).map(|state| state.to_be_bytes()[0]).collect()
}

/// Reads `header`, top-level atoms whose last one is `moov`, as a file whose first bytes are an `mdat` of `media_end`
/// bytes, all zeros.
pub(crate) fn movie(media_end: u64, header: &[u8]) -> Movie {
    let mut mdat = [&1u32.to_be_bytes()[..], b"mdat", &media_end.to_be_bytes()].concat();
    mdat.truncate(16);
    let len = media_end + header.len() as u64;
    read(len, |at| match at {
        0..16 => mdat[usize::try_from(at).expect("small")],
        _ if at >= media_end => header[usize::try_from(at - media_end).expect("small")],
        _ => 0,
    })
}

/// Reads a movie byte by byte.
pub(crate) fn read(len: u64, byte: impl Fn(u64) -> u8) -> Movie {
    let mut fill = |buffer: &mut [u8], offset: u64| -> Result<(), Infallible> {
        (offset..).zip(buffer).for_each(|(at, slot)| *slot = byte(at));
        Ok(())
    };
    Movie::read(len, &mut fill).expect("a fake movie is sound")
}

/// A plan for movies with so many video samples.
pub(crate) fn plan(
    base_samples: u32,
    clip_samples: &[u32],
    replacements: Vec<Replacement>,
) -> SplicePlan {
    let rate = FrameRate::matching(25, 1).expect("25 is a rate");
    let identity = FileStamp { len: 0, mtime_ns: 0 };
    let clips = clip_samples.iter().enumerate().map(|(index, &samples)| PlannedClip {
        path: PathBuf::from(format!("clip_{index}.mov")),
        rank: Rank::Grade,
        timecode: None,
        timecode_jumps: Vec::new(),
        reel: None,
        frames: u64::from(samples),
        samples,
        identity,
    });
    SplicePlan {
        schema: forms::Schema,
        alignment: 4096,
        base: PlannedBase {
            path: PathBuf::from("base.mov"),
            frames: u64::from(base_samples),
            samples: base_samples,
            rate,
            timecode: None,
            timecode_rate: rate,
            drop_frame: false,
            timecode_jumps: Vec::new(),
            codec: crate::units::FourCc(*b"raw "),
            width: 64,
            height: 64,
            identity,
        },
        clips: clips.collect(),
        events: Vec::new(),
        lists: Vec::new(),
        gaps: Vec::new(),
        left_out: Vec::new(),
        replacements,
        overlaps: Vec::new(),
        content: None,
        warnings: Vec::new(),
    }
}

/// A replacement.
pub(crate) fn replace(
    base_sample: u32,
    sample_count: u32,
    clip: u32,
    clip_sample: u32,
) -> Replacement {
    let (base_sample, clip_sample) = (SampleIndex(base_sample), SampleIndex(clip_sample));
    let clip = ClipIndex(clip);
    Replacement { base_sample, sample_count, clip, clip_sample }
}
