//! What writers really write, and what users of other tools complained of: one test for each habit and each complaint.
//!
//! FFmpeg's and GStreamer's own habits are in their movies (`end_to_end`); these are the habits of writers that are not
//! at hand, rebuilt.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use intercut_engine::splice::SpliceOptions;
use intercut_tests::builder::atoms::SizeForm;
use intercut_tests::builder::description::apple_video_atoms;
use intercut_tests::builder::trak::tapt;
use intercut_tests::builder::{
    ChunkOrder, MovieSpec, OffsetTable, Part, SizeTable, SoundSpec, TrackSpec, sparse,
};
use intercut_tests::media;
use intercut_tests::oracle::further::sample_ranges;
use intercut_tests::oracle::reader::Movie;
use intercut_tests::oracle::splicer::{Replaced, run};
use intercut_tests::proof::{splice, splice_and_check};
use intercut_tests::storage::{Filesystem, Mounted};
use tempfile::TempDir;

fn disk() -> TempDir {
    TempDir::with_prefix_in("writers-", media::tmp_dir()).expect("a folder")
}

/// Splices `clips` into `base`, has the oracle judge it, and returns the output.
#[track_caller]
fn spliced(base: &MovieSpec, clips: &[MovieSpec], replaced: &[Replaced]) -> Movie {
    let folder = disk();
    let write = |name: String, spec: &MovieSpec| {
        let path = folder.path().join(name);
        spec.write(&path);
        path
    };
    let base = write("base.mov".to_owned(), base);
    let name = |index| format!("clip {index:03}.mov");
    let clips: Vec<PathBuf> =
        clips.iter().enumerate().map(|(index, clip)| write(name(index), clip)).collect();
    let output = folder.path().join("output.mov");
    splice_and_check(&base, &clips, &output, replaced, SpliceOptions::default());
    Movie::open(&output).expect("it was judged")
}

/// 50 frames at 25 fps from 01:00:00:00.
fn base() -> MovieSpec {
    MovieSpec::with_timecode(1, 90_000, vec![3000; 50])
}

/// `count` frames at 25 fps that belong at base frame `first`.
fn clip_at(first: i32, count: usize) -> MovieSpec {
    MovieSpec::with_timecode(
        1000 + u64::from(first.unsigned_abs()),
        90_000 + first,
        vec![5000; count],
    )
}

/// The same movie at another rate: of the pictures, and as the timecode's description states it.
fn at_rate(
    mut spec: MovieSpec,
    video: (u32, u32),
    described: (u32, u32),
    counted: u8,
) -> MovieSpec {
    let frames = spec.tracks[0].sample_count();
    spec.timescale = video.0;
    spec.tracks[0].timescale = video.0;
    spec.tracks[0].durations = vec![(frames, video.1)];
    spec.tracks[1].timescale = video.0;
    spec.tracks[1].durations = vec![(1, frames * video.1)];
    let timecode = spec.tracks[1].timecode_mut();
    (timecode.timescale, timecode.frame_duration) = described;
    timecode.frames_per_second = counted;
    spec
}

#[test]
fn quicktime_7_timecode_without_a_reference_in_a_second_mdat_is_found() {
    let mut base = base().laid_out(vec![
        Part::Ftyp,
        Part::Free(300),
        Part::Mdat(SizeForm::Short),
        Part::Mdat(SizeForm::Short),
        Part::Free(50),
        Part::Moov,
    ]);
    base.order = ChunkOrder::TrackAfterTrack;
    base.tracks[0].references.clear();
    spliced(&base, &[clip_at(7, 5)], &run(7, 5, 0, 0));
}

#[test]
fn apple_timecode_at_600_under_a_description_of_24000_and_1000_is_counted() {
    let shape = |spec| {
        let mut spec = at_rate(spec, (24_000, 1000), (24_000, 1000), 24);
        let frames = spec.tracks[0].sample_count();
        spec.tracks[1].timescale = 600;
        spec.tracks[1].durations = vec![(1, frames * 25)];
        spec
    };
    let base = shape(MovieSpec::with_timecode(1, 86_400, vec![3000; 50]));
    let clip = shape(MovieSpec::with_timecode(2, 86_400 + 30, vec![5000; 6]));
    spliced(&base, &[clip], &run(30, 6, 0, 0));
}

#[test]
fn every_way_of_writing_29_97_is_the_same_rate() {
    let ways = [(60_000, 2002), (29_970, 1000), (2997, 100), (30_000, 1001)];
    let shape = |spec, way| {
        let mut spec = at_rate(spec, way, way, 30);
        spec.tracks[1].timecode_mut().flags = 3;
        spec
    };
    for base_way in ways {
        let base = shape(MovieSpec::with_timecode(1, 107_892, vec![3000; 50]), base_way);
        for clip_way in ways {
            let clip = shape(MovieSpec::with_timecode(2, 107_892 + 41, vec![5000; 6]), clip_way);
            spliced(&base, &[clip], &run(41, 6, 0, 0));
        }
    }
}

#[test]
fn timecode_flags_for_a_day_and_for_negative_numbers_change_no_place() {
    for base_flags in [0, 2, 4, 6] {
        for clip_flags in [0, 2, 4, 6] {
            let (mut base, mut clip) = (base(), clip_at(40, 10));
            base.tracks[1].timecode_mut().flags = base_flags;
            clip.tracks[1].timecode_mut().flags = clip_flags;
            spliced(&base, &[clip], &run(40, 10, 0, 0));
        }
    }
}

#[test]
fn base_that_begins_before_midnight_takes_clips_after_it() {
    let day = 24 * 3600 * 25;
    let base = MovieSpec::with_timecode(1, day - 20, vec![3000; 50]);
    let across = MovieSpec::with_timecode(2, day - 2, vec![5000; 4]);
    let after = MovieSpec::with_timecode(3, 5, vec![5000; 4]);
    spliced(&base, &[across, after], &[run(18, 4, 0, 0), run(25, 4, 1, 0)].concat());
}

#[test]
fn negative_start_is_counted_back_from_midnight() {
    let mut base = MovieSpec::with_timecode(1, -10, vec![3000; 50]);
    base.tracks[1].timecode_mut().flags = 4;
    let clip = MovieSpec::with_timecode(2, 3, vec![5000; 4]);
    spliced(&base, &[clip], &run(13, 4, 0, 0));
}

#[test]
fn last_frame_of_duration_0_stays_as_it_is() {
    let mut base = base();
    base.tracks[0].durations = vec![(49, 1), (1, 0)];
    spliced(&base, &[clip_at(12, 9)], &run(12, 9, 0, 0));
}

#[test]
fn several_timecode_samples_each_hold_for_their_stretch() {
    let mut base = base();
    let timecode = &mut base.tracks[1];
    timecode.durations = vec![(1, 20), (1, 30)];
    (timecode.sizes, timecode.chunks) = (vec![4, 4], vec![1, 1]);
    timecode.timecode_mut().starts = vec![90_000, 500_000];
    let mut clip = clip_at(0, 5);
    clip.tracks[1].timecode_mut().starts = vec![500_010];
    spliced(&base, &[clip, clip_at(3, 4)], &[run(30, 5, 0, 0), run(3, 4, 1, 0)].concat());
}

#[test]
fn timecode_track_that_is_referenced_wins_over_another() {
    let mut base = base();
    base.tracks.push(TrackSpec::timecode(7, 50));
    base.tracks[0].references = vec![(*b"tmcd", 2)];
    let mut clip = clip_at(0, 5);
    clip.tracks[1].timecode_mut().starts = vec![7 + 33];
    spliced(&base, &[clip], &run(33, 5, 0, 0));
}

#[test]
fn disabled_pictures_are_another_track_and_stay() {
    let mut base = base();
    let mut proxy = TrackSpec::video(vec![100; 50]);
    proxy.enabled = false;
    base.tracks.insert(0, proxy);
    base.tracks[1].references = vec![(*b"tmcd", 2)];
    spliced(&base, &[clip_at(12, 9)], &run(12, 9, 0, 0));
}

#[test]
fn quicktime_sound_whose_sizes_say_one_keeps_every_byte() {
    for (version, bits) in [(0, 16), (1, 24), (0, 8)] {
        let mut base = base();
        let mut sound = TrackSpec::sound(50 * 1920, 9600);
        let size = bits / 8 * 2;
        sound.sizes.fill(u32::from(size));
        sound.size_table = SizeTable::One;
        let fields = sound.sound_mut();
        (fields.version, fields.bits, fields.bytes_per_packet) = (version, bits, size.into());
        base.tracks.push(sound);
        spliced(&base, &[clip_at(12, 9)], &run(12, 9, 0, 0));
    }
}

#[test]
fn packed_sound_is_copied_by_whole_packets() {
    // IMA 4:1 in stereo: 64 frames of sound in a packet of 68 bytes, sizes say 1.
    let mut sound = TrackSpec::sound(64 * 100, 640);
    sound.sizes = (0..6400).map(|sample| if sample % 64 == 0 { 68 } else { 0 }).collect();
    sound.size_table = SizeTable::One;
    *sound.sound_mut() = SoundSpec {
        codec: *b"ima4",
        version: 1,
        frames_per_packet: 64,
        bytes_per_packet: 68,
        ..sound.sound_mut().clone()
    };
    let mut base = base();
    base.tracks.push(sound);
    let output = spliced(&base, &[clip_at(12, 9)], &run(12, 9, 0, 0));
    let bytes: u64 = output.tracks[2].samples.iter().map(|sample| sample.size).sum();
    assert_eq!(bytes, 6800);
}

#[test]
fn sound_of_a_version_2_description_is_kept() {
    let mut sound = TrackSpec::sound(50 * 1920, 24_000);
    sound.sizes.fill(12);
    let fields = sound.sound_mut();
    (fields.codec, fields.version, fields.channels, fields.bits) = (*b"lpcm", 2, 4, 24);
    fields.bytes_per_packet = 12;
    let mut base = base();
    base.tracks.push(sound);
    spliced(&base, &[clip_at(12, 9)], &run(12, 9, 0, 0));
}

#[test]
fn colour_field_order_and_shape_of_apples_own_description_are_kept() {
    let mut base = base();
    base.strangers = true;
    base.tracks[0].extra_atoms = vec![tapt()];
    base.tracks[0].description_padding = 4;
    base.tracks[0].video_mut().atoms = apple_video_atoms();
    let mut clip = clip_at(12, 9);
    clip.tracks[0].video_mut().atoms = apple_video_atoms();
    let output = spliced(&base, &[clip], &run(12, 9, 0, 0));
    let header = &output.bytes[output.moov().range.clone()];
    for atom in apple_video_atoms() {
        assert!(header.windows(atom.len()).any(|window| window == atom));
    }
}

#[test]
fn blank_rush_whose_samples_are_all_one_black_frame_stays_small() {
    let mut base = base();
    base.tracks[0].shared_chunks = (1..50).map(|chunk| (chunk, 0)).collect();
    let output = spliced(&base, &[clip_at(12, 9)], &run(12, 9, 0, 0));
    // One black frame, nine graded ones, headers.
    assert!(output.bytes.len() < 3000 + 9 * 5000 + 5000, "{}", output.bytes.len());
}

#[test]
fn hundred_short_shots_at_23_976_do_not_drift() {
    let shape = |spec| at_rate(spec, (24_000, 1001), (24_000, 1001), 24);
    let base = shape(MovieSpec::with_timecode(1, 86_400, vec![900; 1200]));
    let (mut clips, mut replaced, mut first) = (Vec::new(), Vec::new(), 3);
    for shot in 0..100 {
        let count = 1 + shot * 7 % 9;
        let start = 86_400 + i32::try_from(first).expect("few frames");
        let seed = 100 + shot as u64;
        clips.push(shape(MovieSpec::with_timecode(seed, start, vec![700; count])));
        replaced.extend(run(first, count, shot, 0));
        first += count + shot % 3;
    }
    spliced(&base, &clips, &replaced);
}

const GIB: u64 = 1 << 30;

/// `ftyp` and `moov` of a file, found from the top without reading the media.
fn header_of(path: &Path) -> Vec<u8> {
    let file = File::open(path).expect("the file is there");
    let len = file.metadata().expect("it can be examined").len();
    let (mut at, mut header) = (0, Vec::new());
    while at < len {
        let mut head = [0; 16];
        file.read_exact_at(&mut head, at).expect("an atom has a header");
        let word = |at: usize| u64::from_be_bytes(head[at..at + 8].try_into().expect("8 bytes"));
        let size = if word(0) >> 32 == 1 { word(8) } else { word(0) >> 32 };
        if [b"ftyp", b"moov"].contains(&&head[4..8].try_into().expect("4 bytes")) {
            let mut bytes = vec![0; usize::try_from(size).expect("a short header")];
            file.read_exact_at(&mut bytes, at).expect("the atom is whole");
            header.extend(bytes);
        }
        at += if size == 0 { len } else { size };
    }
    header
}

#[test]
fn samples_past_4_gib_are_found_by_64_bit_offsets() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Xfs, 512 << 20) else { return };
    let path = |name: &str| mounted.path().join(name);
    // Every offset of the base fits in 32 bits; a clip of larger samples pushes the last ones past them.
    sparse::write(&path("base.mov"), *b"raw ", 90_000, 4, 1_000_000_007);
    sparse::write(&path("clip.mov"), *b"raw ", 90_001, 2, 1_900_000_000);
    let output = path("output.mov");
    splice(&path("base.mov"), &[path("clip.mov")], &output, SpliceOptions::default())
        .expect("XFS shares blocks, so nothing need be written");
    assert!(output.metadata().expect("it is there").len() > 5 * GIB);
    let ranges = |name: &str| sample_ranges(&header_of(&path(name))).expect("mp4parse takes it");
    let (now, base, clip) = (ranges("output.mov"), ranges("base.mov"), ranges("clip.mov"));
    let wanted = [("base.mov", base[1][0]), ("clip.mov", clip[1][0]), ("clip.mov", clip[1][1])];
    let wanted = [&wanted[..], &[("base.mov", base[1][3])]].concat();
    let ends = |name: &str, (start, end): (u64, u64)| {
        let file = File::open(path(name)).expect("the file is there");
        let mut bytes = [[0; 4096]; 2];
        file.read_exact_at(&mut bytes[0], start).expect("the sample begins");
        file.read_exact_at(&mut bytes[1], end - 4096).expect("the sample ends");
        (end - start, bytes)
    };
    assert_eq!(now[1].len(), 4);
    for (sample, (name, range)) in wanted.into_iter().enumerate() {
        assert!(ends("output.mov", now[1][sample]) == ends(name, range), "sample {sample}");
    }
    assert!(now[1][3].0 > 4 * GIB);
    let header = header_of(&output);
    let count = |kind: &[u8; 4]| header.windows(4).filter(|window| window == kind).count();
    // The timecode's one offset is small, and stays as it was.
    assert_eq!((count(b"co64"), count(b"stco")), (1, 1));
}

#[test]
fn base_with_64_bit_offsets_keeps_them_though_32_bits_would_do() {
    let mut base = base();
    base.tracks[0].offset_table = OffsetTable::Co64;
    let output = spliced(&base, &[clip_at(12, 9)], &run(12, 9, 0, 0));
    assert_eq!(&output.tracks[0].offset_table, b"co64");
    assert_eq!(&output.tracks[1].offset_table, b"stco");
}

#[test]
fn movie_of_a_crashed_render_is_refused_by_name() {
    let folder = disk();
    let (base_path, clip) = (folder.path().join("base.mov"), folder.path().join("crashed.mov"));
    base().write(&base_path);
    // No `moov` was ever written.
    clip_at(3, 5).laid_out(vec![Part::Ftyp, Part::Wide, Part::Mdat(SizeForm::ToEnd)]).write(&clip);
    let output = folder.path().join("output.mov");
    let error = splice(&base_path, &[clip], &output, SpliceOptions::default());
    let error = error.expect_err("there is no movie in it");
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        text += &error.to_string();
        cause = error.source();
    }
    assert!(text.contains("crashed.mov") && text.contains("moov"), "{text}");
    let mut left = Vec::new();
    assert!(File::open(&output).and_then(|mut file| file.read_to_end(&mut left)).is_err());
}
