//! Writes the sample table atoms that change: `stsz`, `stsc`, `stco` and `co64`.
//!
//! - In: the base's atom, whole, as it was checked by `table`; the new values.
//! - Out: a whole new atom. Version, flags and bytes after the table are the base's.
//! - Holds: an atom whose values do not change keeps its bytes; samples of one size keep a constant `stsz`.
//! - Not here: which chunks there are (`cut`), where they are (`place`).
//!
//! References: QuickTime File Format, "Sample Table Atoms"; ISO/IEC 14496-12 8.7.

use crate::units::FourCc;

/// `stsz`: one size for each sample, or one for all.
const STSZ: FourCc = FourCc(*b"stsz");
/// `stsc`: samples per chunk, run-length coded.
const STSC: FourCc = FourCc(*b"stsc");
/// `stco`: chunk offsets of 32 bits.
pub(super) const STCO: FourCc = FourCc(*b"stco");
/// `co64`: chunk offsets of 64 bits.
pub(super) const CO64: FourCc = FourCc(*b"co64");

/// A run of chunks of the same shape: `(samples in each, sample description number)`.
pub(super) type ChunkShape = (u32, u32);

/// The parts of an atom that holds a table.
#[derive(Debug, Clone, Copy)]
struct TableAtom<'a> {
    kind: FourCc,
    version_and_flags: [u8; 4],
    /// Everything after version and flags.
    body: &'a [u8],
}

impl<'a> TableAtom<'a> {
    /// Takes apart a whole atom whose header was checked when the movie was opened.
    fn of(atom: &'a [u8]) -> Self {
        let header_len = if atom[..4] == [0, 0, 0, 1] { 16 } else { 8 };
        let (version_and_flags, body) =
            atom[header_len..].split_first_chunk().expect("a table atom has version and flags");
        let kind = *atom[4..].first_chunk().expect("an atom has a kind");
        Self { kind: FourCc(kind), version_and_flags: *version_and_flags, body }
    }

    fn u32_at(&self, offset: usize) -> u32 {
        u32::from_be_bytes(*self.body[offset..].first_chunk().expect("the table was checked"))
    }

    /// What is behind the first `len` bytes of the body.
    fn behind(&self, len: u64) -> &'a [u8] {
        usize::try_from(len).ok().and_then(|len| self.body.get(len..)).unwrap_or(&[])
    }
}

/// Builds an atom with the version and flags of `base`.
fn build(
    kind: FourCc,
    base: &TableAtom<'_>,
    body_len: usize,
    fill: impl FnOnce(&mut Vec<u8>),
) -> Vec<u8> {
    let len = 12 + body_len;
    let size = u32::try_from(len).expect("the layout checked that moov is shorter than 2^32 bytes");
    let mut atom = Vec::with_capacity(len);
    atom.extend_from_slice(&size.to_be_bytes());
    atom.extend_from_slice(&kind.0);
    atom.extend_from_slice(&base.version_and_flags);
    fill(&mut atom);
    assert_eq!(atom.len(), len, "an atom is as long as was planned");
    atom
}

/// Bytes of the atom that [`chunk_offsets`] writes for `count` chunks.
pub(super) fn chunk_offsets_len(base_atom: &[u8], count: usize, wide: bool) -> u64 {
    let base = TableAtom::of(base_atom);
    16 + count as u64 * entry_len(wide) + offsets_trailing(&base).len() as u64
}

/// `stco`, or `co64` where `wide`.
pub(super) fn chunk_offsets(
    base_atom: &[u8],
    wide: bool,
    count: usize,
    offsets: impl Iterator<Item = u64>,
) -> Vec<u8> {
    let base = TableAtom::of(base_atom);
    let trailing = offsets_trailing(&base);
    let entries_len = count * if wide { 8 } else { 4 };
    let count = u32::try_from(count).expect("a track has fewer than 2^32 chunks");
    build(if wide { CO64 } else { STCO }, &base, 4 + entries_len + trailing.len(), |atom| {
        atom.extend_from_slice(&count.to_be_bytes());
        for offset in offsets {
            if wide {
                atom.extend_from_slice(&offset.to_be_bytes());
            } else {
                let offset = u32::try_from(offset).expect("a larger offset makes the table wide");
                atom.extend_from_slice(&offset.to_be_bytes());
            }
        }
        atom.extend_from_slice(trailing);
    })
}

fn entry_len(wide: bool) -> u64 {
    if wide { 8 } else { 4 }
}

fn offsets_trailing<'a>(base: &TableAtom<'a>) -> &'a [u8] {
    base.behind(4 + u64::from(base.u32_at(0)) * entry_len(base.kind == CO64))
}

/// `stsz` for `sizes`; constant where all are equal and the base's is constant too.
pub(super) fn sample_sizes(base_atom: &[u8], sizes: &[u32]) -> Vec<u8> {
    let base = TableAtom::of(base_atom);
    let count = u32::try_from(sizes.len()).expect("a track has fewer than 2^32 samples");
    // Body of `stsz`: constant size or 0, count, sizes. Of `stz2`: 3 bytes reserved, field size in bits, count, sizes.
    let (constant, field_bits) =
        if base.kind == STSZ { (base.u32_at(0), 32) } else { (0, base.u32_at(0) & 0xff) };
    let table_len = if constant != 0 {
        0
    } else {
        (u64::from(base.u32_at(4)) * u64::from(field_bits)).div_ceil(8)
    };
    let trailing = base.behind(8 + table_len);
    let constant =
        if constant != 0 && sizes.iter().all(|&size| size == constant) { constant } else { 0 };
    let entries_len = if constant != 0 { 0 } else { sizes.len() * 4 };
    build(STSZ, &base, 8 + entries_len + trailing.len(), |atom| {
        atom.extend_from_slice(&constant.to_be_bytes());
        atom.extend_from_slice(&count.to_be_bytes());
        if constant == 0 {
            sizes.iter().for_each(|size| atom.extend_from_slice(&size.to_be_bytes()));
        }
        atom.extend_from_slice(trailing);
    })
}

/// `stsc` for chunks of these shapes, run-length coded as compactly as the table allows.
pub(super) fn sample_to_chunk(
    base_atom: &[u8],
    shapes: impl Iterator<Item = ChunkShape>,
) -> Vec<u8> {
    let base = TableAtom::of(base_atom);
    let trailing = base.behind(4 + u64::from(base.u32_at(0)) * 12);
    let mut entries: Vec<(u32, ChunkShape)> = Vec::new();
    for (chunk_number, shape) in (1u32..).zip(shapes) {
        if entries.last().is_none_or(|&(_, last)| last != shape) {
            entries.push((chunk_number, shape));
        }
    }
    let count = u32::try_from(entries.len()).expect("a track has fewer than 2^32 chunks");
    build(STSC, &base, 4 + entries.len() * 12 + trailing.len(), |atom| {
        atom.extend_from_slice(&count.to_be_bytes());
        for (first_chunk, (samples, description)) in entries {
            for value in [first_chunk, samples, description] {
                atom.extend_from_slice(&value.to_be_bytes());
            }
        }
        atom.extend_from_slice(trailing);
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An atom with version 0, flags `00 00 07` and this body of 32-bit values.
    fn atom(kind: &[u8; 4], values: &[u32], trailing: &[u8]) -> Vec<u8> {
        let len = u32::try_from(12 + values.len() * 4 + trailing.len()).expect("small");
        let mut bytes = [&len.to_be_bytes()[..], kind, &[0, 0, 0, 7]].concat();
        values.iter().for_each(|value| bytes.extend_from_slice(&value.to_be_bytes()));
        bytes.extend_from_slice(trailing);
        bytes
    }

    #[test]
    fn offsets_stay_32_bits_wide_where_they_fit() {
        let base = atom(b"stco", &[2, 100, 200], &[]);
        assert_eq!(
            chunk_offsets(&base, false, 2, [48, 4_294_967_295].into_iter()),
            atom(b"stco", &[2, 48, 0xffff_ffff], &[])
        );
    }

    #[test]
    fn stco_becomes_co64_and_keeps_flags_and_trailing_bytes() {
        let base = atom(b"stco", &[1, 100], b"tail");
        let wide = chunk_offsets(&base, true, 1, [0x1_0000_0002].into_iter());
        assert_eq!(wide, atom(b"co64", &[1, 1, 2], b"tail"));
        assert_eq!(chunk_offsets_len(&base, 1, true), wide.len() as u64);
        assert_eq!(chunk_offsets_len(&base, 1, false), base.len() as u64);
    }

    #[test]
    fn co64_with_a_64_bit_header_is_read() {
        let mut base = vec![0, 0, 0, 1];
        base.extend_from_slice(b"co64");
        base.extend_from_slice(&32u64.to_be_bytes());
        base.extend_from_slice(&[0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(
            chunk_offsets(&base, true, 1, [10].into_iter()),
            atom(b"co64", &[1, 0, 10], &[])
        );
    }

    #[test]
    fn constant_sample_size_stays_constant_while_all_samples_have_it() {
        let base = atom(b"stsz", &[512, 3], &[]);
        assert_eq!(sample_sizes(&base, &[512, 512, 512]), base);
        assert_eq!(
            sample_sizes(&base, &[512, 513, 512]),
            atom(b"stsz", &[0, 3, 512, 513, 512], &[])
        );
    }

    #[test]
    fn table_of_equal_sizes_stays_a_table() {
        let base = atom(b"stsz", &[0, 2, 5, 6], b"!");
        assert_eq!(sample_sizes(&base, &[5, 5]), atom(b"stsz", &[0, 2, 5, 5], b"!"));
    }

    #[test]
    fn stz2_becomes_stsz() {
        // Three samples of 4 bits each take two bytes.
        let mut base = atom(b"stz2", &[4, 3], &[0x12, 0x30]);
        base.extend_from_slice(b"!");
        assert_eq!(
            sample_sizes(&base, &[1, 2, 70_000]),
            atom(b"stsz", &[0, 3, 1, 2, 70_000], b"!")
        );
    }

    #[test]
    fn chunks_of_one_shape_share_an_entry() {
        let base = atom(b"stsc", &[1, 1, 12, 1], &[]);
        let shapes = [(12, 1), (12, 1), (5, 1), (12, 1), (12, 2)];
        assert_eq!(
            sample_to_chunk(&base, shapes.into_iter()),
            atom(b"stsc", &[4, 1, 12, 1, 3, 5, 1, 4, 12, 1, 5, 12, 2], &[])
        );
    }

    proptest! {
        #[test]
        fn run_length_coded_chunks_are_read_back_as_they_were(
            shapes in prop::collection::vec((1u32..4, 1u32..3), 1..80)
        ) {
            let written = sample_to_chunk(&atom(b"stsc", &[0], &[]), shapes.iter().copied());
            let values: Vec<u32> = written[12..].as_chunks().0.iter().map(|v| u32::from_be_bytes(*v)).collect();
            let entries: Vec<&[u32]> = values[1..].chunks_exact(3).collect();
            prop_assert_eq!(values[0] as usize, entries.len());
            let past_last = u32::try_from(shapes.len()).expect("small") + 1;
            let mut read = Vec::new();
            for (index, entry) in entries.iter().enumerate() {
                let end = entries.get(index + 1).map_or(past_last, |next| next[0]);
                read.extend((entry[0]..end).map(|_| (entry[1], entry[2])));
            }
            prop_assert_eq!(read, shapes);
            prop_assert!(entries.windows(2).all(|pair| pair[0][1..] != pair[1][1..]));
        }
    }
}
