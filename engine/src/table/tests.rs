//! Sample tables, joined from atoms written by hand.

use intercut_test_kit::cpu;

use super::*;
use crate::atom::tests::atom;

fn be(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// The atoms of one track, owned.
struct Tables {
    stts: Vec<u8>,
    stsc: Vec<u8>,
    sizes: Vec<u8>,
    offsets: Vec<u8>,
    packing: Option<Packing>,
}

impl Tables {
    fn new(stts: &[(u32, u32)], stsc: &[(u32, u32, u32)], sizes: Vec<u8>, stco: &[u32]) -> Self {
        let count = |len: usize| u32::try_from(len).unwrap();
        let stts_entries: Vec<u32> = stts.iter().flat_map(|&(a, b)| [a, b]).collect();
        let stsc_entries: Vec<u32> = stsc.iter().flat_map(|&(a, b, c)| [a, b, c]).collect();
        Self {
            stts: atom(b"stts", &[&be(&[0, count(stts.len())]), &be(&stts_entries)]),
            stsc: atom(b"stsc", &[&be(&[0, count(stsc.len())]), &be(&stsc_entries)]),
            sizes,
            offsets: atom(b"stco", &[&be(&[0, count(stco.len())]), &be(stco)]),
            packing: None,
        }
    }

    fn parse(&self, file_len: u64) -> Result<SampleTable<'_>, TableError> {
        let whole = |bytes| Atom::whole(bytes, 0).unwrap();
        let atoms = TableAtoms {
            times: whole(&self.stts),
            chunk_runs: whole(&self.stsc),
            sizes: whole(&self.sizes),
            offsets: whole(&self.offsets),
            packing: self.packing,
        };
        SampleTable::parse(&atoms, 1, file_len)
    }
}

fn stsz(sizes: &[u32]) -> Vec<u8> {
    atom(b"stsz", &[&be(&[0, 0, u32::try_from(sizes.len()).unwrap()]), &be(sizes)])
}

fn constant(size: u32, count: u32) -> Vec<u8> {
    atom(b"stsz", &[&be(&[0, size, count])])
}

/// Six samples: two chunks of two, then two of one.
fn six() -> Tables {
    Tables::new(
        &[(6, 512)],
        &[(1, 2, 1), (3, 1, 1)],
        stsz(&[10, 20, 30, 40, 50, 60]),
        &[100, 500, 200, 900],
    )
}

fn places(samples: impl Iterator<Item = Sample>) -> Vec<(u32, u32, u64, u64)> {
    samples.map(|s| (s.index.0, s.chunk, s.range.offset, s.range.len)).collect()
}

#[test]
fn samples_stand_side_by_side_in_their_chunks() {
    let tables = six();
    let table = tables.parse(1000).unwrap();
    let all = [
        (0, 0, 100, 10),
        (1, 0, 110, 20),
        (2, 1, 500, 30),
        (3, 1, 530, 40),
        (4, 2, 200, 50),
        (5, 3, 900, 60),
    ];
    for first in 0..=7_u32 {
        let from = places(table.samples_from(SampleIndex(first)));
        assert_eq!(from, all[usize::try_from(first.min(6)).unwrap()..]);
    }
    let chunks: Vec<_> =
        table.chunks().map(|c| (c.first_sample.0, c.sample_count, c.range.len)).collect();
    assert_eq!(chunks, [(0, 2, 30), (2, 2, 70), (4, 1, 50), (5, 1, 60)]);
    assert_eq!(table.byte_count(), 210);
    assert_eq!(table.constant_size(), None);
}

#[test]
fn last_sample_of_only_chunk_is_found() {
    let tables = Tables::new(&[(3, 1)], &[(1, 3, 1)], constant(7, 3), &[50]);
    let table = tables.parse(71).unwrap();
    assert_eq!(places(table.samples_from(SampleIndex(2))), [(2, 0, 64, 7)]);
    assert_eq!(table.constant_size(), Some(7));
}

#[test]
fn chunk_that_ends_past_the_file_is_refused() {
    let tables = six();
    assert!(tables.parse(960).is_ok());
    assert_eq!(
        tables.parse(959).unwrap_err().to_string(),
        "'stco' at byte 0: chunk 3 has 60 bytes from byte 900 on, but the file ends at byte 959"
    );
}

#[test]
fn tables_that_disagree_are_refused_with_both_counts() {
    let message = |tables: &Tables| tables.parse(1 << 40).unwrap_err().to_string();
    let sizes = || stsz(&[10, 20, 30]);
    let stco = &[100, 200, 300][..];
    assert_eq!(
        message(&Tables::new(&[(2, 1)], &[(1, 1, 1)], sizes(), stco)),
        "'stts' at byte 0 counts 2 samples, but 'stsz' at byte 0 has 3"
    );
    assert_eq!(
        message(&Tables::new(&[(3, 1)], &[(1, 2, 1)], sizes(), stco)),
        "'stsc' at byte 0 counts 6 samples, but 'stsz' at byte 0 has 3"
    );
    let error = |stsc: &[(u32, u32, u32)]| {
        Tables::new(&[(3, 1)], stsc, sizes(), stco).parse(1 << 40).unwrap_err()
    };
    assert!(matches!(error(&[(2, 1, 1)]), TableError::ChunkOrder { index: 0, first_chunk: 2, .. }));
    assert!(matches!(
        error(&[(1, 1, 1), (3, 1, 1), (2, 1, 1)]),
        TableError::ChunkOrder { index: 2, first_chunk: 2, expected_first: 4, .. }
    ));
    assert!(matches!(
        error(&[(1, 1, 1), (4, 1, 1)]),
        TableError::NoSuchChunk { first_chunk: 4, chunk_count: 3, .. }
    ));
    assert!(matches!(error(&[(1, 0, 1)]), TableError::EmptyChunks { first_chunk: 1, .. }));
    assert!(matches!(
        error(&[(1, 1, 2)]),
        TableError::NoSuchDescription { description_number: 2, description_count: 1, .. }
    ));
}

#[test]
fn compact_sizes_of_4_8_and_16_bits_are_read() {
    let stz2 = |bits: u32, bytes: &[u8]| atom(b"stz2", &[&be(&[0, bits, 3]), bytes]);
    for sizes in [stz2(4, &[0x12, 0x30]), stz2(8, &[1, 2, 3]), stz2(16, &[0, 1, 0, 2, 0, 3])] {
        let tables = Tables::new(&[(3, 1)], &[(1, 3, 1)], sizes, &[40]);
        let table = tables.parse(46).unwrap();
        let samples = places(table.samples_from(SampleIndex(0)));
        assert_eq!(samples, [(0, 0, 40, 1), (1, 0, 41, 2), (2, 0, 43, 3)]);
    }
    let short = Tables::new(&[(3, 1)], &[(1, 3, 1)], stz2(4, &[0x12]), &[40]);
    assert_eq!(
        short.parse(46).unwrap_err().to_string(),
        "'stz2' at byte 0 claims 3 entries but holds 2"
    );
}

#[test]
fn sound_counted_in_frames_of_size_one_takes_its_bytes_from_the_description() {
    // 24-bit stereo: six bytes a frame, although `stsz` says one.
    let mut tables = Tables::new(&[(300, 1)], &[(1, 100, 1)], constant(1, 300), &[0, 600, 1200]);
    tables.packing = Some(Packing { samples_per_packet: 1, bytes_per_packet: 6 });
    let table = tables.parse(1800).unwrap();
    assert_eq!(table.constant_size(), Some(6));
    assert_eq!(table.chunks().map(|chunk| chunk.range.len).collect::<Vec<_>>(), [600, 600, 600]);
    assert_eq!(places(table.samples_from(SampleIndex(299))), [(299, 2, 1794, 6)]);
    assert!(tables.parse(1799).is_err());
}

#[test]
fn packet_of_several_samples_counts_for_its_first_one() {
    // IMA 4:1 in mono: 64 samples in 34 bytes.
    let mut tables = Tables::new(&[(256, 1)], &[(1, 128, 1)], constant(1, 256), &[1000, 2000]);
    tables.packing = Some(Packing { samples_per_packet: 64, bytes_per_packet: 34 });
    let table = tables.parse(2068).unwrap();
    assert_eq!(table.byte_count(), 136);
    assert_eq!(table.constant_size(), None);
    let samples = places(table.samples_from(SampleIndex(191)));
    assert_eq!(samples[..2], [(191, 1, 2034, 0), (192, 1, 2034, 34)]);
    assert_eq!((table.size(SampleIndex(191)), table.size(SampleIndex(192))), (0, 34));
    let from_first: u64 = table.samples_from(SampleIndex(0)).map(|sample| sample.range.len).sum();
    assert_eq!(from_first, 136);
}

#[test]
fn track_without_samples_is_no_error() {
    let tables = Tables::new(&[], &[(1, 1, 1)], stsz(&[]), &[]);
    let table = tables.parse(100).unwrap();
    assert_eq!((table.sample_count(), table.chunk_count(), table.chunks().count()), (0, 0, 0));
}

#[test]
fn two_hours_of_one_chunk_a_frame_are_checked_in_200_milliseconds_of_processor_time() {
    let count = 172_800_u32;
    let sizes: Vec<u32> = (0..count).map(|index| 40_000 + index % 977).collect();
    let mut offset = 6_000_000_000_u64;
    let mut co64 = be(&[0, count]);
    for size in &sizes {
        co64.extend(offset.to_be_bytes());
        offset += u64::from(*size);
    }
    let mut tables = Tables::new(&[(count, 1000)], &[(1, 1, 1)], stsz(&sizes), &[]);
    tables.offsets = atom(b"co64", &[&co64]);
    tables.parse(offset).unwrap();
    let start = cpu::of_thread();
    let table = tables.parse(offset).unwrap();
    let taken = cpu::of_thread() - start;
    assert_eq!(table.byte_count(), offset - 6_000_000_000);
    assert!(taken.as_millis() < 200, "{taken:?}");
}

#[test]
fn samples_are_found_from_marks_as_they_are_by_walking() {
    let sizes: Vec<u32> = (0..1000).map(|sample| 1 + sample % 7).collect();
    let stsc = [(1, 3, 1), (2, 200, 1), (3, 797, 1)];
    let varied = Tables::new(&[(1000, 1)], &stsc, stsz(&sizes), &[10, 9000, 2000]);
    let packed = {
        let packing = Some(Packing { samples_per_packet: 64, bytes_per_packet: 34 });
        let tables = Tables::new(&[(1000, 1)], &stsc, constant(1, 1000), &[10, 9000, 2000]);
        Tables { packing, ..tables }
    };
    for tables in [varied, packed] {
        let table = tables.parse(20_000).unwrap();
        let locator = table.locator();
        for first in [0, 1, 2, 3, 63, 64, 65, 202, 203, 204, 500, 998, 999, 1000, 5000, u32::MAX] {
            let found = places(locator.samples_from(SampleIndex(first)).take(70));
            assert_eq!(found, places(table.samples_from(SampleIndex(first)).take(70)), "{first}");
        }
    }
}
