//! An insert made in the simplest way, in memory: what the walker, the states and the readers are tried with.
//!
//! - In: the bytes of a movie, and new bytes for some of its pictures. Out: the bytes of the file afterwards.
//! - Holds: behind the old file there are a head of 64 bytes, the pictures, and `moov` with a chunk for each picture; one
//!   header before the old `moov`, or that of `moov` itself, is made longer. A `moov` of size 0 has got its size before.
//! - Not here: a journal, alignment, movies above 4 GiB.

use std::collections::BTreeMap;

use super::walker::{self, Top};
use crate::builder::atoms::{atom, be32, full_atom};
use crate::oracle::reader::{Atom, Movie, to_usize};

/// Bytes of the head, with its header.
const HEAD_LEN: usize = 64;

/// Inserts pictures.
///
/// - `pictures`: new bytes by the number of the picture, counted from 0 in decode order.
///
/// # Panics
/// If `base` is no movie of one video track, or is one of gigabytes.
pub fn insert(base: &[u8], pictures: &BTreeMap<usize, Vec<u8>>) -> Vec<u8> {
    let base = sized(base);
    let walk = walker::walk(&base).expect("the base is well-formed");
    let movie = Movie::parse(base.clone()).expect("the base is well-formed");
    let video = movie.video().expect("one video track");
    let mut places: Vec<(u64, u64)> =
        movie.tracks[video].samples.iter().map(|sample| (sample.offset, sample.size)).collect();
    let mut after = base.clone();
    after.extend(be32(0));
    after.extend(b"mdat");
    after.resize(base.len() + HEAD_LEN, b'+');
    for (&number, bytes) in pictures {
        places[number] = (after.len() as u64, bytes.len() as u64);
        after.extend(bytes);
    }
    let end = after.len() as u64;
    after.extend(moov(&movie, video, &places));
    for stranger in walk.atoms.iter().filter(|atom| atom.range.start > walk.moov().range.start) {
        if !matches!(&stranger.kind, b"mdat" | b"free" | b"skip" | b"wide") {
            after.extend(&base[to_usize(stranger.range.start)..to_usize(stranger.range.end)]);
        }
    }
    let (offset, header) = switch(&walk.atoms, end);
    after[to_usize(offset)..][..header.len()].copy_from_slice(&header);
    after
}

/// The same bytes, with the size of `moov` written out where it was 0.
pub fn sized(base: &[u8]) -> Vec<u8> {
    let mut bytes = base.to_vec();
    let walk = walker::walk(base).expect("the base is well-formed");
    let moov = walk.moov();
    if moov.is_to_end {
        let len = be32(moov.range.end - moov.range.start);
        bytes[to_usize(moov.range.start)..][..4].copy_from_slice(&len);
    }
    bytes
}

/// Where the header is that swallows everything up to `end`, and its new bytes.
fn switch(atoms: &[Top], end: u64) -> (u64, Vec<u8>) {
    let moov = atoms.iter().position(|atom| &atom.kind == b"moov").expect("there is one");
    let swallows = |atom: &&Top| matches!(&atom.kind, b"mdat" | b"free" | b"skip" | b"wide");
    let atom = atoms[..moov].iter().rfind(swallows).unwrap_or(&atoms[moov]);
    let len = end - atom.range.start;
    let header = match atom.header_len {
        16 => [&be32(1)[..], b"mdat", &len.to_be_bytes()].concat(),
        _ => [&be32(len)[..], b"mdat"].concat(),
    };
    (atom.range.start, header)
}

/// `moov` of the movie whose pictures are in these places.
fn moov(movie: &Movie, video: usize, places: &[(u64, u64)]) -> Vec<u8> {
    let count = be32(places.len() as u64);
    let offsets = places.iter().flat_map(|&(offset, _)| be32(offset));
    let sizes = places.iter().flat_map(|&(_, size)| be32(size));
    let runs = [be32(1), be32(1), be32(1), be32(1)].concat();
    let tables = [
        full_atom(b"stco", 0, 0, &[&count[..], &offsets.collect::<Vec<_>>()].concat()),
        full_atom(b"stsz", 0, 0, &[&be32(0)[..], &count, &sizes.collect::<Vec<_>>()].concat()),
        full_atom(b"stsc", 0, 0, &runs),
    ];
    let trak = &movie.tracks[video].trak.range;
    rewritten(movie, movie.moov(), &|leaf| {
        let replaces = |table: &&Vec<u8>| table[4..8] == leaf.kind;
        let is_video = trak.contains(&leaf.range.start);
        is_video.then(|| tables.iter().find(replaces)).flatten().cloned()
    })
}

/// An atom with some of its leaves replaced.
fn rewritten(movie: &Movie, whole: &Atom, leaf: &dyn Fn(&Atom) -> Option<Vec<u8>>) -> Vec<u8> {
    if whole.children.is_empty() {
        return leaf(whole).unwrap_or_else(|| movie.bytes[whole.range.clone()].to_vec());
    }
    let children = whole.children.iter().flat_map(|child| rewritten(movie, child, leaf));
    let rest = movie.bytes[whole.trailing.clone()].iter().copied();
    atom(&whole.kind, &children.chain(rest).collect::<Vec<_>>())
}
