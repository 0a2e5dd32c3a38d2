//! The kinds of damage that a file can have, each at a place that a seed chooses.
//!
//! - In: a good file, another one that lends parts, random numbers.
//! - Out: the damaged file, and what was done to it.
//! - Holds: nothing grows beyond `LEN_MAX`; the same numbers do the same damage.
//! - Not here: where atoms are (`tree`), what must hold afterwards (`judge`).

use std::ops::Range;
use std::sync::LazyLock;

use super::seeds;
use super::tree::{Node, replace, scan};
use crate::builder::atoms::Kind;
use crate::random::Random;

/// Damage that would make a file longer than this is not done.
const LEN_MAX: usize = 1 << 20;

/// A kind of damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Single bits, as a bad cable or memory leaves them.
    FlipBits,
    /// A field of 32 or 64 bits becomes 0, 1, the largest, or one off.
    Field,
    /// Two fields of one table change, or an entry takes the place of another.
    Entries,
    /// An atom's size lies.
    Size,
    /// An atom has another kind.
    Kind,
    /// The file ends early, in an atom or between two.
    Truncate,
    /// An atom is there twice.
    Duplicate,
    /// An atom is missing.
    Remove,
    /// Two atoms of one parent have changed places.
    Swap,
    /// An atom is inside another, or around itself, many times over.
    Nest,
    /// An atom comes from another movie.
    Splice,
    /// Bytes that belong to nothing are somewhere.
    Insert,
}

const ALL: [Damage; 12] = [
    Damage::FlipBits,
    Damage::Field,
    Damage::Entries,
    Damage::Size,
    Damage::Kind,
    Damage::Truncate,
    Damage::Duplicate,
    Damage::Remove,
    Damage::Swap,
    Damage::Nest,
    Damage::Splice,
    Damage::Insert,
];

/// Kinds that mean something to a parser.
const KINDS: [&Kind; 40] = [
    b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"styp", b"meta", b"iloc",
    b"mvhd", b"trak", b"tkhd", b"mdia", b"mdhd", b"hdlr", b"minf", b"stbl", b"stsd", b"stts",
    b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"ctts", b"saio", b"edts", b"elst", b"tref",
    b"tmcd", b"dinf", b"dref", b"udta", b"mvex", b"cmov", b"rmra", b"sinf", b"fiel", b"name",
];

/// One step of a fuzz target whose input is `fields` bytes of its own and then a file, in libFuzzer's terms: changes the
/// first `size` bytes of `data`, which has room for `max_size`, and returns how many there are then.
///
/// - `own`: libFuzzer's own mutation, which takes every second turn.
pub fn mutate_input(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    fields: usize,
    random: &mut Random,
    own: impl FnOnce(&mut [u8], usize, usize) -> usize,
) -> usize {
    static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(seeds::all);
    if size > fields && random.once_in(2) {
        return own(data, size, max_size);
    }
    // A corpus that holds nothing yet begins with the seeds.
    let mut bytes = match data[..size].get(fields..) {
        Some(bytes) if !bytes.is_empty() => bytes.to_vec(),
        _ => random.one_of(&SEEDS).clone(),
    };
    let lender: &Vec<u8> = random.one_of(&SEEDS);
    mutate(&mut bytes, lender, random);
    let len = bytes.len().min(max_size - fields);
    data[fields..fields + len].copy_from_slice(&bytes[..len]);
    fields + len
}

/// Does one to four kinds of damage to `bytes`; says which.
///
/// - `lender`: another good file, from which parts are taken.
pub fn mutate(bytes: &mut Vec<u8>, lender: &[u8], random: &mut Random) -> Vec<Damage> {
    let count = 1 + [0, 0, 0, 1, 1, 2, 3][random.below(7)];
    // Small changes of fields get furthest into the parser, so they are half of all.
    let one = |random: &mut Random| match random.below(4) {
        0 => Damage::Field,
        1 => *random.one_of(&[Damage::Entries, Damage::Field, Damage::FlipBits]),
        _ => *random.one_of(&ALL),
    };
    let mut done = Vec::with_capacity(count);
    for _ in 0..count {
        let damage = one(random);
        apply(damage, bytes, lender, random);
        done.push(damage);
    }
    done
}

fn apply(damage: Damage, bytes: &mut Vec<u8>, lender: &[u8], random: &mut Random) {
    let nodes = scan(bytes);
    let Some(node) = pick(&nodes, random) else { return };
    let (range, payload) = (node.range.clone(), node.payload());
    let grow = !random.once_in(8);
    match damage {
        Damage::FlipBits => flip_bits(bytes, range, random),
        Damage::Field => field(bytes, payload, random),
        Damage::Entries => entries(bytes, payload, random),
        Damage::Size => size(bytes, node, random),
        Damage::Kind => {
            let any = random.next().to_be_bytes();
            let kind = if random.once_in(4) { &any[..4] } else { &random.one_of(&KINDS)[..] };
            bytes[range.start + 4..range.start + 8].copy_from_slice(kind);
        }
        Damage::Truncate => {
            let end = match random.below(3) {
                0 => range.start,
                1 => range.start + random.below(range.len().min(64)),
                _ => random.below(bytes.len()),
            };
            bytes.truncate(end);
        }
        Damage::Duplicate => {
            let copy = bytes[range.clone()].to_vec();
            let times = if random.once_in(16) { 2 + random.below(100) } else { 1 };
            replace_bounded(bytes, &nodes, range, &copy.repeat(1 + times), grow);
        }
        Damage::Remove => replace(bytes, &nodes, range, &[], grow),
        Damage::Swap => swap(bytes, &nodes, node, random),
        Damage::Nest => nest(bytes, &nodes, node, grow, random),
        Damage::Splice => {
            let lent = scan(lender);
            let alike: Vec<&Node> = lent.iter().filter(|lent| lent.kind == node.kind).collect();
            let part = if alike.is_empty() || random.once_in(4) {
                random.one_of(&lent)
            } else {
                *random.one_of(&alike)
            };
            replace_bounded(bytes, &nodes, range, &lender[part.range.clone()], grow);
        }
        Damage::Insert => {
            let filler = vec![*random.one_of(&[0, 0, 1, 0xff]); 1 + random.below(24)];
            insert(
                bytes,
                &nodes,
                *random.one_of(&[range.start, payload.start, range.end]),
                &filler,
                grow,
            );
        }
    }
}

/// An atom: media seldom, since nobody looks into it.
fn pick<'n>(nodes: &'n [Node], random: &mut Random) -> Option<&'n Node> {
    if nodes.is_empty() {
        return None;
    }
    let node = random.one_of(nodes);
    let is_media = &node.kind == b"mdat" || &node.kind == b"free";
    Some(if is_media && !random.once_in(8) { random.one_of(nodes) } else { node })
}

/// A place in a range that is short or that has little of interest after its first bytes.
fn place(range: Range<usize>, random: &mut Random) -> usize {
    let len = if random.once_in(3) { range.len() } else { range.len().min(32) };
    range.start + random.below(len)
}

fn flip_bits(bytes: &mut [u8], range: Range<usize>, random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        if let Some(byte) = bytes.get_mut(place(range.clone(), random)) {
            *byte ^= 1 << random.below(8);
        }
    }
}

/// Changes a field of 32 bits, or of 64, in `payload`.
fn field(bytes: &mut [u8], payload: Range<usize>, random: &mut Random) {
    let at = place(payload.clone(), random);
    let at = payload.start + (at - payload.start) / 4 * 4;
    if random.once_in(5) {
        let Some(field) = bytes.get_mut(at..at + 8).and_then(|field| field.as_mut_array::<8>())
        else {
            return;
        };
        *field = interesting(u64::from_be_bytes(*field), u64::MAX, random).to_be_bytes();
    } else if let Some(field) =
        bytes.get_mut(at..at + 4).and_then(|field| field.as_mut_array::<4>())
    {
        let old = u64::from(u32::from_be_bytes(*field));
        let new = interesting(old, u64::from(u32::MAX), random);
        *field = u32::try_from(new & u64::from(u32::MAX)).unwrap_or(u32::MAX).to_be_bytes();
    }
}

/// A value that parsers stumble over.
fn interesting(old: u64, max: u64, random: &mut Random) -> u64 {
    match random.below(12) {
        0 => 0,
        1 => 1,
        2 => max,
        3 => max - 1,
        4 => max / 2,
        5 => max / 2 + 1,
        6 | 7 => old.wrapping_add(1),
        8 | 9 => old.wrapping_sub(1),
        10 => old.wrapping_mul(2),
        _ => random.next() >> random.below(64),
    }
}

/// Changes two fields of a table, or copies one entry over another.
fn entries(bytes: &mut [u8], payload: Range<usize>, random: &mut Random) {
    if payload.len() < 16 || random.once_in(2) {
        field(bytes, payload.clone(), random);
        return field(bytes, payload, random);
    }
    let len = *random.one_of(&[4, 8, 12]);
    let entry = |random: &mut Random| payload.start + random.below(payload.len() / 4) * 4;
    let (from, to) = (entry(random), entry(random));
    let end = payload.end.min(bytes.len());
    if from + len <= end && to + len <= end {
        bytes.copy_within(from..from + len, to);
    }
}

/// Makes the size of an atom lie.
fn size(bytes: &mut [u8], node: &Node, random: &mut Random) {
    let start = node.range.start;
    if node.header_len == 16 && random.once_in(2) {
        let old = node.range.len() as u64;
        let new = interesting(old, u64::MAX, random);
        return bytes[start + 8..start + 16].copy_from_slice(&new.to_be_bytes());
    }
    let old = node.range.len() as u64;
    let new = match random.below(4) {
        0 => *random.one_of(&[0, 1, 2, 7, 8, 9, 15, 16]),
        1 => interesting(old, u64::from(u32::MAX), random),
        2 => old.saturating_sub(4 * (1 + random.below(8)) as u64),
        _ => old + 4 * (1 + random.below(8)) as u64,
    };
    let new = u32::try_from(new & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    bytes[start..start + 4].copy_from_slice(&new.to_be_bytes());
}

/// Changes two atoms of one parent for each other.
fn swap(bytes: &mut Vec<u8>, nodes: &[Node], node: &Node, random: &mut Random) {
    let siblings: Vec<&Node> = nodes.iter().filter(|other| other.parent == node.parent).collect();
    let other = *random.one_of(&siblings);
    let (first, second) =
        if node.range.start < other.range.start { (node, other) } else { (other, node) };
    let (first, second) = (first.range.clone(), second.range.clone());
    if first.end <= second.start {
        let swapped =
            [&bytes[second.clone()], &bytes[first.end..second.start], &bytes[first.clone()]]
                .concat();
        bytes.splice(first.start..second.end, swapped);
    }
}

/// Puts an atom into another one, or wraps it in its own kind, up to a thousand times.
fn nest(bytes: &mut Vec<u8>, nodes: &[Node], node: &Node, grow: bool, random: &mut Random) {
    if random.once_in(2) {
        let target = random.one_of(nodes).payload();
        let copy = bytes[node.range.clone()].to_vec();
        return insert(bytes, nodes, *random.one_of(&[target.start, target.end]), &copy, grow);
    }
    let kind = if random.once_in(2) { node.kind } else { **random.one_of(&KINDS) };
    let depth = *random.one_of(&[1, 2, 40, 1000]);
    let mut wrapped = Vec::new();
    for level in (1..=depth).rev() {
        let size = u32::try_from(node.range.len() + 8 * level).unwrap_or(u32::MAX);
        wrapped.extend(size.to_be_bytes());
        wrapped.extend(kind);
    }
    wrapped.extend(&bytes[node.range.clone()]);
    replace_bounded(bytes, nodes, node.range.clone(), &wrapped, grow);
}

fn insert(bytes: &mut Vec<u8>, nodes: &[Node], at: usize, new: &[u8], grow: bool) {
    replace_bounded(bytes, nodes, at..at, new, grow);
}

fn replace_bounded(
    bytes: &mut Vec<u8>,
    nodes: &[Node],
    range: Range<usize>,
    new: &[u8],
    grow: bool,
) {
    if bytes.len() + new.len() <= LEN_MAX {
        replace(bytes, nodes, range, new, grow);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::MovieSpec;

    #[test]
    fn every_kind_of_damage_changes_the_file_and_the_same_numbers_do_the_same() {
        let good = MovieSpec::with_timecode(1, 90_000, vec![40; 5]).build().bytes;
        let lender = MovieSpec::with_timecode(2, 0, vec![30; 9]).build().bytes;
        for damage in ALL {
            let damaged = |case: u64| {
                let mut bytes = good.clone();
                apply(damage, &mut bytes, &lender, &mut Random::of_case(7, case));
                bytes
            };
            let changed = (0..100).filter(|&case| damaged(case) != good).count();
            assert!(changed > 40, "{damage:?} changed {changed} of 100 files");
            assert!((0..100).all(|case| damaged(case) == damaged(case)), "{damage:?}");
        }
    }
}
