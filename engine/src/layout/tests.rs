//! Whole layouts: the target is read back through its own schedule, without a byte of media.

use intercut_io::{Origin, Piece};
use proptest::prelude::*;

use super::fake::{self, Chunks, FakeTrack, atom, replace};
use super::*;
use crate::atom::file::TopAtom;
use crate::plan::Replacement;
use crate::units::{FourCc, SampleIndex};

const GIB: u64 = 1 << 30;

fn video(chunks: Chunks) -> FakeTrack {
    FakeTrack::new(b"vide", chunks)
}

fn sound(chunks: Chunks) -> FakeTrack {
    FakeTrack::new(b"soun", chunks)
}

/// A movie whose media lies in its first `media_end` bytes.
fn movie(media_end: u64, tracks: &[FakeTrack]) -> Movie {
    fake::movie(media_end, &fake::moov(tracks))
}

fn clip(media_end: u64, chunks: Chunks) -> Movie {
    movie(media_end, &[FakeTrack { wide: true, ..video(chunks) }])
}

fn lay_out(
    base: &Movie,
    clips: &[Movie],
    replacements: Vec<Replacement>,
    faststart: bool,
) -> Layout {
    let samples = |movie: &Movie| movie.table(movie.video()).sample_count();
    let clip_samples: Vec<u32> = clips.iter().map(samples).collect();
    let plan = fake::plan(samples(base), &clip_samples, replacements);
    let clips: Vec<&Movie> = clips.iter().collect();
    Layout::new(base, &clips, &plan, LayoutOptions { faststart }).expect("the plan is sound")
}

/// The piece that target byte `at` comes from.
fn piece_at(layout: &Layout, at: u64) -> Piece {
    let pieces = layout.schedule().pieces();
    pieces[pieces.partition_point(|piece| piece.end() <= at)]
}

/// Where a run of target bytes comes from, if all of it is together in one source.
fn origin(layout: &Layout, range: ByteRange) -> Option<(u32, u64)> {
    let piece = piece_at(layout, range.offset).clip(range.offset, range.end())?;
    match piece.origin {
        Origin::Source { source, offset } if piece.len == range.len => Some((source.0, offset)),
        _ => None,
    }
}

/// Reads the target as a movie: its headers through the schedule, its media as zeros, its kept atoms from the base.
fn read_back(layout: &Layout, base_header: &dyn Fn(u64) -> u8) -> Movie {
    fake::read(layout.schedule().len(), |at| {
        let piece = piece_at(layout, at);
        match piece.origin {
            Origin::Inline { offset } => {
                let index = usize::try_from(offset + at - piece.target).expect("small");
                layout.schedule().inline()[index]
            }
            Origin::Source { source, offset } if source.0 == 0 => {
                base_header(offset + at - piece.target)
            }
            _ => 0,
        }
    })
}

fn kinds(movie: &Movie) -> Vec<String> {
    movie.header().atoms.iter().map(|atom| atom.kind.to_string()).collect()
}

/// Kinds of the offset tables of all tracks.
fn offset_kinds(movie: &Movie) -> Vec<&[u8]> {
    let kind = |track: &crate::movie::Track| {
        let at = usize::try_from(track.atoms.stco.offset).expect("small");
        &movie.header().moov[at + 4..at + 8]
    };
    movie.tracks().iter().map(kind).collect()
}

#[test]
fn splice_of_nothing_changes_only_offsets() {
    let tracks = [
        video(vec![(100, vec![10, 10]), (150, vec![10])]),
        sound(vec![(120, vec![30]), (160, vec![5])]),
    ];
    let base = movie(1000, &tracks);
    let layout = lay_out(&base, &[], Vec::new(), false);
    assert_eq!(
        layout.extents(),
        [Extent { target: 8, source: SourceIndex(0), range: ByteRange { offset: 100, len: 65 } }]
    );
    let moved = [
        video(vec![(8, vec![10, 10]), (58, vec![10])]),
        sound(vec![(28, vec![30]), (68, vec![5])]),
    ];
    assert_eq!(layout.moov(), fake::moov(&moved));
    assert_eq!(layout.media(), ByteRange { offset: 8, len: 65 });
}

#[test]
fn replaced_samples_get_chunks_and_sizes_of_their_own() {
    let base = movie(1000, &[video(vec![(100, vec![10; 4]), (200, vec![10; 2])])]);
    let clip = clip(5000, vec![(4000, vec![7, 8, 9])]);
    let layout = lay_out(&base, &[clip], vec![replace(1, 2, 0, 1)], false);
    let spliced = [video(vec![(8, vec![10]), (18, vec![8, 9]), (35, vec![10]), (45, vec![10; 2])])];
    // `stsc` is written as compactly as it can be: the last two entries of one sample each differ from the fake's.
    let output = read_back(&layout, &|_| 0);
    let expected = movie(1000, &spliced);
    let chunks = |movie: &Movie| movie.table(movie.video()).chunks().collect::<Vec<_>>();
    assert_eq!(chunks(&output), chunks(&expected));
    let samples =
        |movie: &Movie| movie.table(movie.video()).samples_from(SampleIndex(0)).collect::<Vec<_>>();
    assert_eq!(samples(&output), samples(&expected));
    assert_eq!(layout.clip_bytes(), [17]);
}

#[test]
fn last_offset_that_fits_in_32_bits_stays_in_stco() {
    let front = atom(b"ftyp", &[b"qt  \0\0\0\0qt  "]);
    let tracks = [video(vec![(28, vec![1]), (29, vec![1])])];
    let file = [front, atom(b"mdat", &[&[0; 2]]), fake::moov(&tracks)].concat();
    let byte = |at: u64| file[usize::try_from(at).expect("small")];
    let base = fake::read(file.len() as u64, byte);
    // The second chunk begins at 20 + 8 + len.
    let fits = 4_294_967_267;
    for (len, kind) in [(fits, b"stco"), (fits + 1, b"co64")] {
        let clip = clip(8 * GIB, vec![(4096 + 28, vec![len])]);
        let layout = lay_out(&base, &[clip], vec![replace(0, 1, 0, 0)], false);
        let output = read_back(&layout, &byte);
        assert_eq!(offset_kinds(&output), [kind]);
        let chunks: Vec<u64> =
            output.table(output.video()).chunks().map(|chunk| chunk.range.offset).collect();
        assert_eq!(chunks, [28, 28 + u64::from(len)]);
    }
}

#[test]
fn only_the_track_that_reaches_past_4_gib_gets_64_bit_offsets() {
    let base = movie(
        3 * GIB,
        &[
            video(vec![(100, vec![10]), (GIB, vec![10]), (2 * GIB, vec![1000])]),
            sound(vec![(200, vec![50])]),
        ],
    );
    let four_gib_less_one = u32::MAX;
    let clip = clip(10 * GIB, vec![(4096, vec![four_gib_less_one])]);
    for faststart in [false, true] {
        let layout =
            lay_out(&base, std::slice::from_ref(&clip), vec![replace(1, 1, 0, 0)], faststart);
        let output = read_back(&layout, &|_| 0);
        assert_eq!(offset_kinds(&output), [b"co64", b"stco"]);
        assert_eq!(
            layout.schedule().inline().len(),
            layout.moov().len() + 16,
            "mdat has a 64-bit size"
        );
        let chunks: Vec<u64> =
            output.table(output.video()).chunks().map(|chunk| chunk.range.offset).collect();
        let first = if faststart { layout.moov().len() as u64 + 16 } else { 16 };
        assert_eq!(chunks[0], first);
        assert_eq!(chunks[1] % 4096, 0, "a long extent is congruent to its source");
        assert_eq!(chunks[2], chunks[1] + u64::from(four_gib_less_one));
    }
}

#[test]
fn video_of_one_constant_size_gets_a_table_only_where_a_clip_differs() {
    let constant = |chunks| FakeTrack { constant: true, ..video(chunks) };
    let base = movie(1000, &[constant(vec![(100, vec![10; 4])])]);
    for (size, constant_size) in [(10, Some(10)), (11, None)] {
        let clip = clip(1000, vec![(500, vec![size; 2])]);
        let layout = lay_out(&base, &[clip], vec![replace(1, 2, 0, 0)], false);
        let output = read_back(&layout, &|_| 0);
        let table = output.table(output.video());
        assert_eq!(table.constant_size(), constant_size);
        let sizes: Vec<u32> = (0..4).map(|sample| table.size(SampleIndex(sample))).collect();
        assert_eq!(sizes, [10, size, size, 10]);
    }
}

#[test]
fn faststart_puts_the_header_before_the_media() {
    let base = movie(1000, &[video(vec![(100, vec![10, 10])])]);
    let plain = lay_out(&base, &[], Vec::new(), false);
    let fast = lay_out(&base, &[], Vec::new(), true);
    assert_eq!(kinds(&read_back(&plain, &|_| 0)), ["mdat", "moov"]);
    assert_eq!(kinds(&read_back(&fast, &|_| 0)), ["moov", "mdat"]);
    assert_eq!(fast.media().offset, plain.media().offset + fast.moov().len() as u64);
    assert_eq!(fast.schedule().len(), plain.schedule().len());
}

#[test]
fn unknown_atoms_are_kept_in_their_order_and_room_is_not() {
    let ftyp = atom(b"ftyp", &[b"qt  \0\0\0\0qt  "]);
    let front = [ftyp, atom(b"wide", &[]), atom(b"abcd", &[b"front"])].concat();
    let mdat = atom(b"mdat", &[&[0; 92]]);
    let at = front.len() as u64 + 8;
    let tracks = [video(vec![(at, vec![10, 10]), (at + 40, vec![10])])];
    let back = [
        atom(b"free", &[&[7; 9]]),
        fake::moov(&tracks),
        atom(b"uuid", &[&[1; 20]]),
        atom(b"skip", &[]),
    ];
    let file = [front, mdat, back.concat()].concat();
    let byte = |at: u64| file[usize::try_from(at).expect("small")];
    let base = fake::read(file.len() as u64, byte);
    let layout = lay_out(&base, &[], Vec::new(), false);
    let output = read_back(&layout, &byte);
    assert_eq!(kinds(&output), ["ftyp", "abcd", "mdat", "moov", "uuid"]);
    assert_eq!(layout.media(), ByteRange { offset: 20 + 13 + 8, len: 30 });
    let fast = lay_out(&base, &[], Vec::new(), true);
    assert_eq!(kinds(&read_back(&fast, &byte)), ["ftyp", "abcd", "moov", "mdat", "uuid"]);
}

#[test]
fn base_of_one_repeated_black_frame_is_not_blown_up() {
    let base = movie(200_000, &[video(vec![(4096, vec![190_000]); 10_000])]);
    let clip = clip(10_000_000, vec![(8192, vec![8_000_000])]);
    let layout = lay_out(&base, &[clip], vec![replace(5000, 1, 0, 0)], false);
    let bytes = layout.media().len - layout.gap_bytes();
    assert_eq!(bytes, 190_000 + 8_000_000);
}

#[test]
fn plan_for_other_movies_is_refused() {
    let base = movie(1000, &[video(vec![(100, vec![10, 10])])]);
    let plan = fake::plan(3, &[], Vec::new());
    let error =
        Layout::new(&base, &[], &plan, LayoutOptions::default()).expect_err("it has 2 samples");
    assert_eq!(error.to_string(), "the plan was made for 3 video samples in base.mov, which has 2");
}

/// Chunks at ascending offsets with room between some of them; two tracks share the file.
fn interleaved() -> impl Strategy<Value = (Chunks, Chunks, u64)> {
    let chunk = (0u64..3, prop::collection::vec(0u32..400_000, 1..4), any::<bool>());
    prop::collection::vec(chunk, 1..24).prop_map(|chunks| {
        let (mut video, mut sound, mut at) = (Vec::new(), Vec::new(), 16);
        for (room, sizes, is_video) in chunks {
            at += room * 700;
            let len: u64 = sizes.iter().map(|&size| u64::from(size)).sum();
            let track = if is_video || video.is_empty() { &mut video } else { &mut sound };
            track.push((at, sizes));
            at += len;
        }
        (video, sound, at)
    })
}

/// Replacements in order, from pairs of (samples to skip, samples to replace).
fn replacements(base_samples: u32, clip_samples: u32, runs: &[(u32, u32)]) -> Vec<Replacement> {
    let (mut list, mut at) = (Vec::new(), 0);
    for (clip, &(skip, wanted)) in [0, 1].into_iter().cycle().zip(runs) {
        let first = at + skip;
        let count = wanted.min(base_samples.saturating_sub(first)).min(clip_samples);
        if count == 0 {
            break;
        }
        list.push(replace(first, count, clip, clip_samples - count));
        at = first + count;
    }
    list
}

proptest! {
    #[test]
    fn every_sample_of_the_target_is_the_planned_one(
        (video_chunks, sound_chunks, base_end) in interleaved(),
        (clip_chunks, _, clip_end) in interleaved(),
        runs in prop::collection::vec((0u32..4, 1u32..5), 0..6),
        faststart: bool,
    ) {
        let mut tracks = vec![video(video_chunks)];
        if !sound_chunks.is_empty() {
            tracks.push(sound(sound_chunks));
        }
        let base = movie(base_end, &tracks);
        let clips = [clip(clip_end, clip_chunks.clone()), clip(clip_end, clip_chunks)];
        let base_table = base.table(base.video());
        let clip_tables = [&clips[0], &clips[1]].map(|clip| clip.table(clip.video()));
        let list = replacements(base_table.sample_count(), clip_tables[0].sample_count(), &runs);
        let layout = lay_out(&base, &clips, list.clone(), faststart);
        let output = read_back(&layout, &|_| 0);

        let table = output.table(output.video());
        prop_assert_eq!(table.sample_count(), base_table.sample_count());
        for sample in table.samples_from(SampleIndex(0)) {
            let index = sample.index.0;
            let replaced = list.iter().find(|r| (r.base_sample.0..r.base_sample.0 + r.sample_count).contains(&index));
            let (source, expected) = match replaced {
                Some(r) => {
                    let first = SampleIndex(r.clip_sample.0 + index - r.base_sample.0);
                    (r.clip.source_index().0, clip_tables[r.clip.get()].samples_from(first).next())
                }
                None => (0, base_table.samples_from(sample.index).next()),
            };
            let expected = expected.expect("it is there").range;
            prop_assert_eq!(sample.range.len, expected.len);
            if expected.len > 0 {
                prop_assert_eq!(origin(&layout, sample.range), Some((source, expected.offset)));
            }
        }
        for (there, here) in output.tracks().iter().zip(base.tracks()).skip(1) {
            let pairs = output.table(there).chunks().zip(base.table(here).chunks());
            for (there, here) in pairs.filter(|(_, here)| here.range.len > 0) {
                prop_assert_eq!(there.range.len, here.range.len);
                prop_assert_eq!(origin(&layout, there.range), Some((0, here.range.offset)));
            }
        }
        let mut end = layout.media().offset;
        for extent in layout.extents() {
            prop_assert!(extent.target - end < 4096);
            prop_assert!(extent.target == end || extent.target % 4096 == extent.range.offset % 4096);
            end = extent.target + extent.range.len;
        }
        prop_assert_eq!(end, layout.media().end());
        prop_assert!(layout.gap_bytes() * 100 <= layout.media().len);
    }
}

/// A base of 50 video samples of 10 bytes with sound between its two chunks; a clip of three samples from byte 4000 on.
fn base_and_clip(wide: bool) -> (Movie, Movie) {
    let picture = FakeTrack { wide, ..video(vec![(100, vec![10; 4]), (200, vec![10; 2])]) };
    let base = movie(1000, &[picture, sound(vec![(150, vec![5; 3])])]);
    (base, clip(5000, vec![(4000, vec![7, 8, 9])]))
}

#[test]
fn region_names_the_new_samples_behind_the_base_and_every_other_where_it_is() {
    let (base, clip) = base_and_clip(false);
    let plan = fake::plan(6, &[3], vec![replace(3, 2, 0, 1)]);
    let region = Region::new(&base, &[&clip], &plan, 3000).expect("the plan is sound");
    let samples = ByteRange { offset: 4007, len: 17 };
    let chunks: Chunks =
        vec![(100, vec![10; 3]), (3000, vec![8]), (3008, vec![9]), (210, vec![10])];
    assert_eq!(region.extents, [Extent { target: 3000, source: SourceIndex(1), range: samples }]);
    assert_eq!((region.media, region.gap_bytes), (ByteRange { offset: 3000, len: 17 }, 0));
    assert_eq!(region.clip_bytes, [17]);
    let changed = fake::movie(4000, &region.moov);
    let placed: Vec<(u64, u64)> =
        changed.table(changed.video()).chunks().map(|c| (c.range.offset, c.range.len)).collect();
    let expected =
        chunks.iter().map(|(at, sizes)| (*at, sizes.iter().map(|s| u64::from(*s)).sum()));
    assert_eq!(placed, expected.collect::<Vec<(u64, u64)>>());
    // The sound is not touched, and stays a table of 32 bits.
    let trak = |movie: &Movie| {
        let range = movie.tracks()[1].atoms.stco;
        movie.header().moov[usize::try_from(range.offset).expect("small")..][..20].to_vec()
    };
    assert_eq!(trak(&changed), trak(&base));
}

#[test]
fn region_behind_4_gib_makes_the_video_tracks_offsets_wide_and_no_others() {
    let (base, clip) = base_and_clip(false);
    let plan = fake::plan(6, &[3], vec![replace(0, 1, 0, 0)]);
    for (start, kind) in [(4 * GIB - 1, b"stco"), (4 * GIB, b"co64")] {
        let region = Region::new(&base, &[&clip], &plan, start).expect("the plan is sound");
        let changed = fake::movie(5 * GIB, &region.moov);
        assert_eq!(offset_kinds(&changed), [kind, b"stco"]);
        let first = changed.table(changed.video()).chunks().next().expect("there are chunks");
        assert_eq!(first.range, ByteRange { offset: start, len: 7 });
    }
}

#[test]
fn unknown_kinds_are_carried_over_and_room_is_not() {
    let (range, header_len) = (ByteRange { offset: 0, len: 8 }, 8);
    let carried = [b"ftyp", b"uuid", b"mdat", b"moov", b"free", b"skip", b"wide"]
        .map(|kind| TopAtom { kind: FourCc(*kind), range, header_len }.is_carried_over());
    assert_eq!(carried, [true, true, false, false, false, false, false]);
}
