//! Lays a movie out as a file: which atoms are at the top level, and where each chunk goes.
//!
//! - In: [`MovieSpec`]. Out: [`Built`], the file's bytes and where everything was put.
//! - Holds: `moov` has the same length whatever the offsets are, so one pass measures it and a second writes it.
//! - Not here: what is inside `trak` (`trak`).

use super::atoms::{atom, atom_as, be_time, be16, be32, full_atom, stranger};
use super::track::Media;
use super::trak::{MATRIX, Place, movie_duration, trak};
use super::{Brand, Built, ChunkOrder, MovieSpec, Part, payload};

/// Fills the gaps between chunks: bytes that must not turn up anywhere else.
const GAP_FILLER: u8 = 0xdb;

/// A chunk and the part of the file that holds it.
struct PlacedChunk {
    track: usize,
    chunk: usize,
    part: usize,
}

/// Writes the movie.
pub(super) fn build(spec: &MovieSpec) -> Built {
    let order = place_chunks(spec);
    let mut chunk_offsets: Vec<Vec<u64>> =
        spec.tracks.iter().map(|track| vec![0; track.chunks.len()]).collect();
    let moov_len = moov(spec, &chunk_offsets).len();
    let mut bodies: Vec<Vec<u8>> = vec![Vec::new(); spec.parts.len()];
    let mut position = 0u64;
    for (index, part) in spec.parts.iter().enumerate() {
        match part {
            Part::Moov => position += moov_len as u64,
            Part::Mdat(form) => {
                let start = position + form.header_len();
                let chunks = order.iter().filter(|placed| placed.part == index);
                bodies[index] = mdat_body(spec, chunks, start, &mut chunk_offsets);
                position = start + bodies[index].len() as u64;
            }
            other => position += plain_part(spec, other, moov_len).len() as u64,
        }
    }
    for (track, spec) in spec.tracks.iter().enumerate() {
        for &(chunk, stands_where) in &spec.shared_chunks {
            chunk_offsets[track][chunk] = chunk_offsets[track][stands_where];
        }
    }
    let moov = moov(spec, &chunk_offsets);
    let mut bytes = Vec::new();
    for (part, body) in spec.parts.iter().zip(&bodies) {
        match part {
            Part::Moov => bytes.extend(&moov),
            Part::Mdat(form) => bytes.extend(atom_as(*form, b"mdat", body)),
            other => bytes.extend(plain_part(spec, other, moov_len)),
        }
    }
    Built { bytes, chunk_offsets }
}

/// The bytes of a part that holds neither the header nor media.
fn plain_part(spec: &MovieSpec, part: &Part, moov_len: usize) -> Vec<u8> {
    match part {
        Part::Ftyp => ftyp(spec.brand),
        Part::Wide => atom(b"wide", &[]),
        Part::Free(len) => atom(b"free", &vec![0xf7; *len]),
        Part::Skip(len) => atom(b"skip", &vec![0x5c; *len]),
        // Stale: whole and well-formed, but its offsets are all zero.
        Part::StaleMoov => {
            let zeros: Vec<Vec<u64>> =
                spec.tracks.iter().map(|track| vec![0; track.chunks.len()]).collect();
            let stale = moov(spec, &zeros);
            assert_eq!(stale.len(), moov_len);
            atom(b"free", &stale)
        }
        Part::Stranger(kind, tag) => stranger(kind, *tag),
        Part::Uuid(tag) => atom(b"uuid", &[*tag; 40]),
        Part::Zeros(len) => vec![0; *len],
        Part::Moov | Part::Mdat(_) => Vec::new(),
    }
}

/// Deals the chunks, in file order, over the parts that are `mdat`.
fn place_chunks(spec: &MovieSpec) -> Vec<PlacedChunk> {
    let mut chunks: Vec<(u128, usize, usize)> = Vec::new();
    for (track_index, track) in spec.tracks.iter().enumerate() {
        for (chunk, samples) in track.chunk_samples().into_iter().enumerate() {
            if track.shared_chunks.iter().any(|&(shared, _)| shared == chunk) {
                continue;
            }
            let key = match spec.order {
                ChunkOrder::TrackAfterTrack => 0,
                ChunkOrder::RoundRobin => chunk as u128,
                ChunkOrder::ByTime => {
                    let ticks = u128::from(media_time(&track.durations, samples.start));
                    (ticks << 32) / u128::from(track.timescale.max(1))
                }
                ChunkOrder::Shuffled(seed) => {
                    let hash = payload::bytes(seed, track_index, chunk, 8);
                    hash.iter().fold(0, |all, &byte| all << 8 | u128::from(byte))
                }
            };
            chunks.push((key, track_index, chunk));
        }
    }
    chunks.sort();
    let mdats: Vec<usize> =
        (0..spec.parts.len()).filter(|&index| matches!(spec.parts[index], Part::Mdat(_))).collect();
    assert!(!mdats.is_empty() || chunks.is_empty(), "there is no mdat for the chunks");
    let count = chunks.len();
    let placed = chunks.into_iter().enumerate().map(|(place, (_, track, chunk))| PlacedChunk {
        track,
        chunk,
        part: mdats[place * mdats.len() / count],
    });
    placed.collect()
}

fn media_time(durations: &[(u32, u32)], sample: usize) -> u64 {
    let (mut left, mut time) = (sample as u64, 0);
    for &(count, each) in durations {
        let taken = left.min(count.into());
        time += taken * u64::from(each);
        left -= taken;
    }
    time
}

/// The payload of one `mdat` that starts at `start`; notes where each chunk came to be.
fn mdat_body<'a>(
    spec: &MovieSpec,
    chunks: impl Iterator<Item = &'a PlacedChunk>,
    start: u64,
    chunk_offsets: &mut [Vec<u64>],
) -> Vec<u8> {
    let samples: Vec<_> = spec.tracks.iter().map(super::TrackSpec::chunk_samples).collect();
    let mut body = Vec::new();
    for (place, placed) in chunks.enumerate() {
        if !spec.gaps.is_empty() {
            body.resize(body.len() + spec.gaps[place % spec.gaps.len()], GAP_FILLER);
        }
        chunk_offsets[placed.track][placed.chunk] = start + body.len() as u64;
        for sample in samples[placed.track][placed.chunk].clone() {
            body.extend(spec.sample_bytes(placed.track, sample));
        }
    }
    body
}

fn ftyp(brand: Brand) -> Vec<u8> {
    match brand {
        Brand::QuickTime => atom(b"ftyp", b"qt  \x00\x00\x02\x00qt  "),
        Brand::Iso => atom(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41"),
    }
}

fn moov(spec: &MovieSpec, chunk_offsets: &[Vec<u64>]) -> Vec<u8> {
    let mut parts = vec![mvhd(spec)];
    if spec.strangers {
        parts.push(stranger(b"xmov", 7));
    }
    for (index, track) in spec.tracks.iter().enumerate() {
        let place = Place { index, movie_timescale: spec.timescale };
        parts.push(trak(track, place, &chunk_offsets[index]));
    }
    if spec.strangers {
        parts.push(atom(b"meta", &quicktime_meta()));
        // User data ends in 32 bits of zero for the sake of QuickTime's first readers.
        parts.push(atom(
            b"udta",
            &[&atom(b"\xa9nam", b"\x00\x04\x55\xc4name")[..], &[0; 4]].concat(),
        ));
        parts.push(atom(b"trex", b"not what it seems"));
    }
    atom_as(spec.moov_size, b"moov", &parts.concat())
}

/// QuickTime's `meta`, which has no version and flags.
fn quicktime_meta() -> Vec<u8> {
    let hdlr = full_atom(b"hdlr", 0, 0, &[&[0; 4][..], b"mdta", &[0; 12], b"\x00"].concat());
    let key = [&be32(8 + 20)[..], b"mdta", b"com.example.tape.one"].concat();
    let keys = full_atom(b"keys", 0, 0, &[&be32(1)[..], &key].concat());
    let data = atom(b"data", &[&be32(1)[..], &be32(0), b"tape"].concat());
    let item = [&be32(8 + data.len() as u64)[..], &be32(1), &data].concat();
    [hdlr, keys, atom(b"ilst", &item)].concat()
}

fn mvhd(spec: &MovieSpec) -> Vec<u8> {
    let wide = spec.wide_times;
    let durations = spec.tracks.iter().map(|track| movie_duration(track, spec.timescale));
    let mut fields = [be_time(wide, 0xe000_0000), be_time(wide, 0xe000_0001)].concat();
    fields.extend(be32(spec.timescale.into()));
    fields.extend(be_time(wide, durations.max().unwrap_or(0)));
    fields.extend([&be32(0x10000)[..], &be16(0x100), &[0; 10]].concat());
    fields.extend(MATRIX.iter().flat_map(|&n| be32(n)));
    fields.extend([0; 24]);
    fields.extend(be32(spec.tracks.len() as u64 + 1));
    full_atom(b"mvhd", u8::from(wide), 0, &fields)
}

impl MovieSpec {
    /// The bytes of one sample.
    pub fn sample_bytes(&self, track: usize, sample: usize) -> Vec<u8> {
        let spec = &self.tracks[track];
        let len = spec.sizes[sample] as usize;
        match &spec.media {
            Media::Video(video) => payload::picture(self.seed, track, sample, len, video),
            Media::Timecode(timecode) => timecode.starts[sample].to_be_bytes().to_vec(),
            _ => payload::bytes(self.seed, track, sample, len),
        }
    }
}
