//! Writes the sample tables of a track: `stts`, `stsc`, `stsz` or `stz2`, `stco` or `co64`.
//!
//! - In: [`TrackSpec`] and the offset of each of its chunks.
//! - Out: whole atoms, whose sizes do not depend on the offsets.
//! - Not here: where chunks go (`file`).
//!
//! References: QuickTime File Format, "Sample Table Atoms"; ISO/IEC 14496-12 8.6, 8.7.

use super::atoms::{be16, be32, full_atom};
use super::track::{OffsetTable, SizeTable, TrackSpec};

/// `stts`.
pub(super) fn stts(track: &TrackSpec) -> Vec<u8> {
    let entries =
        track.durations.iter().map(|&(count, each)| [be32(count.into()), be32(each.into())]);
    counted(b"stts", entries.map(|entry| entry.concat()).collect())
}

/// `stsc`.
pub(super) fn stsc(track: &TrackSpec) -> Vec<u8> {
    let mut entries = Vec::new();
    let mut count_before = None;
    for (chunk, &count) in track.chunks.iter().enumerate() {
        if count_before != Some(count) || track.chunk_runs_spelled_out {
            entries.push([be32(chunk as u64 + 1), be32(count.into()), be32(1)].concat());
        }
        count_before = Some(count);
    }
    counted(b"stsc", entries)
}

/// `stsz` or `stz2`.
///
/// # Panics
/// Where the sizes cannot be written as `size_table` wants them.
pub(super) fn sizes(track: &TrackSpec) -> Vec<u8> {
    let count = be32(track.sizes.len() as u64);
    let one_size = |size: u32| full_atom(b"stsz", 0, 0, &[size.to_be_bytes(), count].concat());
    match track.size_table {
        SizeTable::PerSample => {
            let mut payload = [be32(0), count].concat();
            payload.extend(track.sizes.iter().flat_map(|size| size.to_be_bytes()));
            full_atom(b"stsz", 0, 0, &payload)
        }
        SizeTable::Constant => {
            let first = track.sizes.first().copied().unwrap_or(1);
            assert!(track.sizes.iter().all(|&size| size == first), "the sizes are not all {first}");
            one_size(first)
        }
        SizeTable::One => one_size(1),
        SizeTable::Compact(bits) => {
            let mut payload = vec![0, 0, 0, bits];
            payload.extend(count);
            payload.extend(compact(&track.sizes, bits));
            full_atom(b"stz2", 0, 0, &payload)
        }
    }
}

/// `stco` or `co64`.
pub(super) fn offsets(track: &TrackSpec, offsets: &[u64]) -> Vec<u8> {
    match track.offset_table {
        OffsetTable::Stco => counted(b"stco", offsets.iter().map(|&o| be32(o).to_vec()).collect()),
        OffsetTable::Co64 => {
            counted(b"co64", offsets.iter().map(|o| o.to_be_bytes().to_vec()).collect())
        }
    }
}

fn counted(kind: &super::atoms::Kind, entries: Vec<Vec<u8>>) -> Vec<u8> {
    let count = be32(entries.len() as u64);
    full_atom(kind, 0, 0, &[&count[..], &entries.concat()].concat())
}

fn compact(sizes: &[u32], bits: u8) -> Vec<u8> {
    let byte = |size: u32| u8::try_from(size).expect("the size fits in its field");
    match bits {
        4 => sizes
            .chunks(2)
            .map(|pair| {
                assert!(pair.iter().all(|&size| size < 16), "{pair:?} do not fit in 4 bits each");
                byte(pair[0]) << 4 | byte(pair.get(1).copied().unwrap_or(0))
            })
            .collect(),
        8 => sizes.iter().map(|&size| byte(size)).collect(),
        16 => sizes.iter().flat_map(|&size| be16(size.into())).collect(),
        other => panic!("stz2 has no fields of {other} bits"),
    }
}
