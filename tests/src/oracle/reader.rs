//! Reads a movie whole into memory and lists every sample of every track.
//!
//! - In: a path, or bytes. Out: [`Movie`].
//! - Holds: every sample lies inside the file; the tables of a track agree on the number of samples.
//! - Not here: what a splice makes of it (`splicer`), fragmented movies.
//!
//! References: QuickTime File Format, "Sample Table Atoms", "Sound Sample Descriptions"; ISO/IEC 14496-12 8.

use std::ops::Range;
use std::path::Path;

/// An atom and its children, where it is one that holds the tables.
#[derive(Debug, Clone)]
pub struct Atom {
    /// Its four-character code.
    pub kind: [u8; 4],
    /// The whole atom: bytes from the start of the file.
    pub range: Range<usize>,
    /// Bytes of its header.
    pub header_len: usize,
    /// Its children; empty where it is a leaf.
    pub children: Vec<Atom>,
    /// Bytes after the last child, too few for an atom.
    pub trailing: Range<usize>,
}

/// Where one sample is, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Bytes from the start of the file.
    pub offset: u64,
    /// Length in bytes.
    pub size: u64,
    /// Duration in media ticks.
    pub duration: u32,
    /// Its chunk, counted from 0.
    pub chunk: usize,
    /// Its sample description, counted from 1.
    pub description: u32,
}

/// One track.
#[derive(Debug, Clone)]
pub struct Track {
    /// The `trak` atom.
    pub trak: Atom,
    /// The media handler's subtype.
    pub handler: [u8; 4],
    /// Whether `tkhd` enables it.
    pub enabled: bool,
    /// Media ticks per second.
    pub timescale: u32,
    /// `(movie duration, media time)`; -1 for an empty edit.
    pub edits: Vec<(u64, i64)>,
    /// The kind of each sample description.
    pub descriptions: Vec<[u8; 4]>,
    /// `stco` or `co64`, as the file has it.
    pub offset_table: [u8; 4],
    /// `stsz` or `stz2`, as the file has it.
    pub size_table: [u8; 4],
    /// The size of all samples that `stsz` states; 0 where it lists them.
    pub constant_size: u32,
    /// Where each chunk starts.
    pub chunk_offsets: Vec<u64>,
    /// Every sample, in decode order.
    pub samples: Vec<Sample>,
}

/// A movie in memory.
#[derive(Debug, Clone)]
pub struct Movie {
    /// The whole file.
    pub bytes: Vec<u8>,
    /// The atoms at the top level.
    pub top: Vec<Atom>,
    /// Movie ticks per second.
    pub timescale: u32,
    /// The tracks, in file order.
    pub tracks: Vec<Track>,
}

/// The kind of a sample description, and its bytes: a range within the payload of `stsd`.
type Description = ([u8; 4], Range<usize>);

/// Atoms whose payload is atoms and nothing else, on the way to the tables.
const CONTAINERS: [&[u8; 4]; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"];

impl Atom {
    /// The payload: bytes from the start of the file.
    pub fn payload(&self) -> Range<usize> {
        self.range.start + self.header_len..self.range.end
    }

    /// The first child of this kind.
    pub fn child(&self, kind: &[u8; 4]) -> Option<&Atom> {
        self.children.iter().find(|child| &child.kind == kind)
    }

    /// The atom at the end of a path of kinds.
    pub fn at(&self, path: &[&[u8; 4]]) -> Option<&Atom> {
        path.iter().try_fold(self, |atom, kind| atom.child(kind))
    }
}

impl Movie {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(bytes).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads bytes.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, String> {
        let (top, _) = atoms(&bytes, 0..bytes.len())?;
        let moov = top.iter().find(|atom| &atom.kind == b"moov").ok_or("there is no moov")?;
        let mvhd = moov.child(b"mvhd").ok_or("there is no mvhd")?;
        let fields = &bytes[mvhd.payload()];
        let timescale = be32(fields, if fields[0] == 1 { 20 } else { 12 })?;
        let traks = moov.children.iter().filter(|atom| &atom.kind == b"trak");
        let tracks = traks.map(|trak| track(&bytes, trak)).collect::<Result<_, _>>()?;
        Ok(Self { top, timescale, tracks, bytes })
    }

    /// The `moov` atom.
    pub fn moov(&self) -> &Atom {
        self.top.iter().find(|atom| &atom.kind == b"moov").expect("a parsed movie has a moov")
    }

    /// The place of the one enabled video track.
    ///
    /// # Errors
    /// How many there are, if not one.
    pub fn video(&self) -> Result<usize, String> {
        let video = |(_, track): &(usize, &Track)| &track.handler == b"vide" && track.enabled;
        let found: Vec<usize> =
            self.tracks.iter().enumerate().filter(video).map(|(index, _)| index).collect();
        match found[..] {
            [one] => Ok(one),
            _ => Err(format!("{} enabled video tracks", found.len())),
        }
    }

    /// The bytes of one sample.
    pub fn sample(&self, track: usize, sample: usize) -> &[u8] {
        let Sample { offset, size, .. } = self.tracks[track].samples[sample];
        &self.bytes[to_usize(offset)..to_usize(offset + size)]
    }
}

/// A 64-bit number of bytes that are in memory.
pub fn to_usize(value: u64) -> usize {
    usize::try_from(value).expect("what is in memory has an address")
}

/// The four bytes at `at`.
///
/// # Errors
/// Where the bytes end before.
pub fn be32(bytes: &[u8], at: usize) -> Result<u32, String> {
    let four = bytes.get(at..at + 4).ok_or_else(|| format!("no 32 bits at {at}"))?;
    Ok(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

fn be64(bytes: &[u8], at: usize) -> Result<u64, String> {
    Ok(u64::from(be32(bytes, at)?) << 32 | u64::from(be32(bytes, at + 4)?))
}

/// The atoms of a range, and what is left after the last one.
fn atoms(bytes: &[u8], within: Range<usize>) -> Result<(Vec<Atom>, Range<usize>), String> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at + 8 <= within.end {
        let kind = [bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]];
        let (header_len, len) = match be32(bytes, at)? {
            0 => (8, within.end - at),
            1 => (16, to_usize(be64(bytes, at + 8)?)),
            size => (8, size as usize),
        };
        if len < header_len || len > within.end - at {
            return Err(format!("an atom of {len} bytes at byte {at} leaves its parent"));
        }
        let range = at..at + len;
        let (children, trailing) = if CONTAINERS.contains(&&kind) {
            atoms(bytes, at + header_len..at + len)?
        } else {
            (Vec::new(), range.end..range.end)
        };
        found.push(Atom { kind, range, header_len, children, trailing });
        at += len;
    }
    Ok((found, at..within.end))
}

fn track(bytes: &[u8], trak: &Atom) -> Result<Track, String> {
    let payload = |path: &[&[u8; 4]]| {
        let atom = trak.at(path).ok_or_else(|| format!("no {:?}", path.last()))?;
        Ok::<_, String>(&bytes[atom.payload()])
    };
    let mdhd = payload(&[b"mdia", b"mdhd"])?;
    let hdlr = payload(&[b"mdia", b"hdlr"])?;
    let stbl = trak.at(&[b"mdia", b"minf", b"stbl"]).ok_or("no stbl")?;
    let table = |kinds: [&[u8; 4]; 2]| {
        let found = kinds.iter().find_map(|kind| stbl.child(kind));
        found.ok_or_else(|| format!("neither of {kinds:?}"))
    };
    let (size_atom, offset_atom) = (table([b"stsz", b"stz2"])?, table([b"stco", b"co64"])?);
    let chunk_offsets = offsets(&bytes[offset_atom.payload()], &offset_atom.kind)?;
    let stsd = payload(&[b"mdia", b"minf", b"stbl", b"stsd"])?;
    let descriptions = entries(stsd)?;
    let handler = [hdlr[8], hdlr[9], hdlr[10], hdlr[11]];
    let samples = Samples {
        sizes: sizes(&bytes[size_atom.payload()], &size_atom.kind)?,
        durations: payload(&[b"mdia", b"minf", b"stbl", b"stts"])?,
        runs: payload(&[b"mdia", b"minf", b"stbl", b"stsc"])?,
        packets: if &handler == b"soun" { packets(stsd, &descriptions)? } else { Vec::new() },
    };
    Ok(Track {
        handler,
        enabled: payload(&[b"tkhd"])?[3] & 1 == 1,
        timescale: be32(mdhd, if mdhd[0] == 1 { 20 } else { 12 })?,
        edits: payload(&[b"edts", b"elst"]).map_or(Ok(Vec::new()), edits)?,
        descriptions: descriptions.iter().map(|entry| entry.0).collect(),
        offset_table: offset_atom.kind,
        size_table: size_atom.kind,
        constant_size: match &size_atom.kind {
            b"stsz" => be32(&bytes[size_atom.payload()], 4)?,
            _ => 0,
        },
        samples: samples.join(&chunk_offsets, bytes.len() as u64)?,
        chunk_offsets,
        trak: trak.clone(),
    })
}

fn offsets(fields: &[u8], kind: &[u8; 4]) -> Result<Vec<u64>, String> {
    (0..be32(fields, 4)? as usize)
        .map(|entry| match kind {
            b"stco" => be32(fields, 8 + 4 * entry).map(u64::from),
            _ => be64(fields, 8 + 8 * entry),
        })
        .collect()
}

fn sizes(fields: &[u8], kind: &[u8; 4]) -> Result<Vec<u64>, String> {
    let count = be32(fields, 8)? as usize;
    if kind == b"stsz" {
        let constant = be32(fields, 4)?;
        let size = |sample| match constant {
            0 => be32(fields, 12 + 4 * sample).map(u64::from),
            all => Ok(all.into()),
        };
        return (0..count).map(size).collect();
    }
    let byte = |at: usize| fields.get(at).copied().ok_or("stz2 ends early".to_owned());
    let size = |sample: usize| match fields[7] {
        4 => Ok(u64::from(
            byte(12 + sample / 2)? >> (if sample.is_multiple_of(2) { 4 } else { 0 }) & 15,
        )),
        8 => Ok(u64::from(byte(12 + sample)?)),
        _ => Ok(u64::from(byte(12 + 2 * sample)?) << 8 | u64::from(byte(13 + 2 * sample)?)),
    };
    (0..count).map(size).collect()
}

fn edits(fields: &[u8]) -> Result<Vec<(u64, i64)>, String> {
    let one = |entry: usize| {
        if fields[0] == 1 {
            let at = 8 + 20 * entry;
            Ok((be64(fields, at)?, be64(fields, at + 8)?.cast_signed()))
        } else {
            let at = 8 + 12 * entry;
            Ok((be32(fields, at)?.into(), be32(fields, at + 4)?.cast_signed().into()))
        }
    };
    (0..be32(fields, 4)? as usize).map(one).collect()
}

/// The sample descriptions.
fn entries(stsd: &[u8]) -> Result<Vec<Description>, String> {
    let mut at = 8;
    let one = |_| {
        let len = be32(stsd, at)? as usize;
        let kind = stsd.get(at + 4..at + 8).ok_or("stsd ends early")?;
        let range = at..at + len;
        at += len.max(8);
        Ok(([kind[0], kind[1], kind[2], kind[3]], range))
    };
    (0..be32(stsd, 4)?).map(one).collect()
}

/// What sound descriptions say of packets: `(frames of sound, bytes)` of each, for each description.
///
/// A version 0 description of uncompressed sound, and any version 1 description, fix the bytes of a frame of sound;
/// where the size table says 1 it counts frames of sound and these are their true size.
fn packets(
    stsd: &[u8],
    descriptions: &[([u8; 4], Range<usize>)],
) -> Result<Vec<(u64, u64)>, String> {
    let one = |(_, range): &Description| {
        let fields = stsd.get(range.clone()).ok_or("a sound description leaves stsd")?;
        let (version, word) = (be32(fields, 16)? >> 16, be32(fields, 24)?);
        match version {
            0 => Ok((1, u64::from(word >> 16) * u64::from((word & 0xffff).div_ceil(8)))),
            1 => Ok((be32(fields, 36)?.into(), be32(fields, 44)?.into())),
            _ => Ok((be32(fields, 68)?.into(), be32(fields, 64)?.into())),
        }
    };
    descriptions.iter().map(one).collect()
}

/// The tables of one track, not yet joined.
struct Samples<'a> {
    sizes: Vec<u64>,
    durations: &'a [u8],
    runs: &'a [u8],
    packets: Vec<(u64, u64)>,
}

impl Samples<'_> {
    fn join(&self, chunk_offsets: &[u64], file_len: u64) -> Result<Vec<Sample>, String> {
        let durations = self.durations()?;
        if durations.len() != self.sizes.len() {
            return Err(format!("{} durations, {} sizes", durations.len(), self.sizes.len()));
        }
        let mut samples = Vec::new();
        for (chunk, &start) in chunk_offsets.iter().enumerate() {
            let (count, description) = self.run_of(chunk)?;
            let mut offset = start;
            for place in 0..u64::from(count) {
                let index = samples.len();
                let stated = *self.sizes.get(index).ok_or("more samples in chunks than sizes")?;
                let size = self.true_size(stated, place, description);
                if offset + size > file_len {
                    return Err(format!("sample {index} ends after the file"));
                }
                samples.push(Sample {
                    offset,
                    size,
                    duration: durations[index],
                    chunk,
                    description,
                });
                offset += size;
            }
        }
        if samples.len() != self.sizes.len() {
            return Err(format!("{} samples in chunks, {} sizes", samples.len(), self.sizes.len()));
        }
        Ok(samples)
    }

    fn durations(&self) -> Result<Vec<u32>, String> {
        let mut durations = Vec::new();
        for entry in 0..be32(self.durations, 4)? as usize {
            let count = be32(self.durations, 8 + 8 * entry)? as usize;
            let each = be32(self.durations, 12 + 8 * entry)?;
            durations.resize(durations.len() + count, each);
        }
        Ok(durations)
    }

    /// Samples in a chunk, and their description.
    fn run_of(&self, chunk: usize) -> Result<(u32, u32), String> {
        let mut found = Err(format!("no run for chunk {chunk}"));
        for entry in 0..be32(self.runs, 4)? as usize {
            let at = 8 + 12 * entry;
            if be32(self.runs, at)? as usize <= chunk + 1 {
                found = Ok((be32(self.runs, at + 4)?, be32(self.runs, at + 8)?));
            }
        }
        found
    }

    /// The size of the sample at `place` in its chunk: a packet's bytes are with its first frame of sound.
    fn true_size(&self, stated: u64, place: u64, description: u32) -> u64 {
        let packet =
            (description as usize).checked_sub(1).and_then(|index| self.packets.get(index));
        match packet {
            Some(&(frames, bytes)) if stated == 1 && frames > 0 && bytes > 0 => {
                if place.is_multiple_of(frames) { bytes } else { 0 }
            }
            _ => stated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{MovieSpec, SizeTable, TrackSpec};

    #[test]
    fn every_sample_is_found_where_the_builder_put_it() {
        let mut spec = MovieSpec::with_timecode(5, 90_000, vec![300, 40, 77, 1000, 8]);
        spec.tracks[0] = spec.tracks[0].clone().chunked(2);
        spec.tracks.push(TrackSpec::sound(9600, 1920));
        spec.gaps = vec![3, 0, 11];
        let movie = Movie::parse(spec.build().bytes).expect("it is well-formed");
        for (index, track) in movie.tracks.iter().enumerate() {
            assert_eq!(track.samples.len(), spec.tracks[index].sizes.len());
            for sample in 0..track.samples.len() {
                assert_eq!(movie.sample(index, sample), spec.sample_bytes(index, sample));
            }
        }
        assert_eq!(movie.sample(1, 0), 90_000u32.to_be_bytes());
        assert_eq!(movie.video(), Ok(0));
    }

    #[test]
    fn compact_sizes_are_read_at_every_width() {
        for (bits, sizes) in [(4, vec![1, 15, 7]), (8, vec![255, 1, 9]), (16, vec![300, 65535, 1])]
        {
            let mut spec = MovieSpec::new(1, vec![TrackSpec::video(sizes.clone())]);
            spec.tracks[0].size_table = SizeTable::Compact(bits);
            let movie = Movie::parse(spec.build().bytes).expect("it is well-formed");
            let read: Vec<u64> = movie.tracks[0].samples.iter().map(|sample| sample.size).collect();
            assert_eq!(read, sizes.iter().map(|&size| u64::from(size)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn sound_whose_sizes_say_one_has_the_size_that_its_description_says() {
        let mut track = TrackSpec::sound(100, 50);
        track.size_table = SizeTable::One;
        let spec = MovieSpec::new(1, vec![TrackSpec::video(vec![50]), track]);
        let movie = Movie::parse(spec.build().bytes).expect("it is well-formed");
        assert_eq!(movie.sample(1, 99), spec.sample_bytes(1, 99));
        assert_eq!(movie.sample(1, 99).len(), 4);
    }
}
