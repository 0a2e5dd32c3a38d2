//! Good movies to be damaged: every structure that the builder writes, small, and the ones that the command carries.
//!
//! - Out: whole files in memory; a base of 40 frames from timecode 01:00:00:00, a clip of 6 frames that belongs into it.
//! - Holds: each of them is accepted as it is.
//! - Not here: random structures (`arbitrary`), which are larger than they need be here.

use crate::builder::atoms::{SizeForm, atom, full_atom};
use crate::builder::description::apple_video_atoms;
use crate::builder::trak::tapt;
use crate::builder::{
    Brand, ChunkOrder, EditSpec, Media, MovieSpec, OffsetTable, Part, SizeTable, TrackSpec,
};
use intercut_engine::demo;

/// Timecode of the base's first frame: 01:00:00:00 at 25 frames a second.
const START: i32 = 90_000;
/// Frames of the base.
const FRAMES: u32 = 40;

/// The base that damaged clips are planned into.
pub fn base() -> MovieSpec {
    MovieSpec::with_timecode(1, START, vec![40; FRAMES as usize])
}

/// The clip that is planned into damaged bases.
pub fn clip() -> MovieSpec {
    MovieSpec::with_timecode(2, START + 10, vec![44; 6])
}

/// Every seed.
pub fn all() -> Vec<Vec<u8>> {
    let built = [
        base(),
        clip(),
        edited(),
        irregular(),
        with_sound(),
        with_packets(),
        compact(),
        constant(),
        iso(),
        strange(),
        shared(),
        several_timecodes(),
        drop_frame(),
        scattered(),
    ];
    let mut seeds: Vec<Vec<u8>> = built.iter().map(|spec| spec.build().bytes).collect();
    seeds.push(with_metadata());
    seeds.extend(carried().map(<[u8]>::to_vec));
    seeds
}

/// The movies that `intercut demo` unpacks: real ProRes by FFmpeg.
fn carried() -> [&'static [u8]; 2] {
    [demo::SHOT_A, demo::SHOT_B]
}

/// Head and tail trimmed, after two frames of nothing.
fn edited() -> MovieSpec {
    let mut spec = base();
    spec.timescale = 25;
    spec.tracks[0].edits = vec![
        EditSpec { movie_duration: 2, media_time: None },
        EditSpec { movie_duration: 20, media_time: Some(5) },
        EditSpec { movie_duration: 8, media_time: Some(30) },
    ];
    spec.tracks[1].edits = vec![EditSpec { movie_duration: 30, media_time: Some(0) }];
    spec
}

/// Frames of several durations, the last one of none.
fn irregular() -> MovieSpec {
    let mut spec = base();
    let video = &mut spec.tracks[0];
    video.timescale = 12_800;
    video.durations = vec![(20, 512), (4, 1024), (3, 100), (12, 512), (1, 0)];
    spec
}

/// Two sound tracks: plain, and one whose sizes say 1.
fn with_sound() -> MovieSpec {
    let mut spec = base();
    spec.tracks.push(TrackSpec::sound(FRAMES * 10, 10));
    let mut second = TrackSpec::sound(FRAMES * 10, 100);
    second.size_table = SizeTable::One;
    spec.tracks.push(second);
    spec
}

/// Sound of packets, by descriptions of version 1 and 2; text; a handler that nobody knows; disabled pictures.
fn with_packets() -> MovieSpec {
    let mut spec = base();
    for version in [1, 2] {
        let mut sound = TrackSpec::sound(200, 20);
        let fields = sound.sound_mut();
        (fields.version, fields.codec, fields.bits, fields.wave) = (version, *b"in24", 24, true);
        fields.bytes_per_packet = 6;
        sound.sizes.fill(6);
        sound.size_table = if version == 1 { SizeTable::One } else { SizeTable::Constant };
        spec.tracks.push(sound);
    }
    spec.tracks.push(TrackSpec::new(Media::Text, 600, 240, vec![3, 40, 7]));
    spec.tracks.push(TrackSpec::new(Media::Other(*b"zork"), 90_000, 9, vec![10, 1, 5]));
    let mut disabled = TrackSpec::video(vec![70; 3]);
    disabled.enabled = false;
    spec.tracks.push(disabled);
    spec
}

/// `stz2` with fields of 4, 8 and 16 bits.
fn compact() -> MovieSpec {
    let mut spec = base();
    spec.tracks[0].size_table = SizeTable::Compact(8);
    for bits in [4, 16] {
        let mut text = TrackSpec::new(Media::Text, 600, 240, vec![3, 15, 7, 0, 9]).chunked(2);
        text.size_table = SizeTable::Compact(bits);
        spec.tracks.push(text);
    }
    spec
}

/// One size for all, several frames a chunk.
fn constant() -> MovieSpec {
    let mut spec = base();
    spec.tracks[0] = spec.tracks[0].clone().chunked(7);
    spec.tracks[0].size_table = SizeTable::Constant;
    spec
}

/// 64-bit everything, header first, media to the end of the file.
fn iso() -> MovieSpec {
    let mut spec = base().laid_out(vec![Part::Ftyp, Part::Moov, Part::Mdat(SizeForm::ToEnd)]);
    (spec.brand, spec.wide_times, spec.moov_size) = (Brand::Iso, true, SizeForm::Long);
    for track in &mut spec.tracks {
        track.wide_times = true;
        track.offset_table = OffsetTable::Co64;
        track.chunk_runs_spelled_out = true;
    }
    spec
}

/// Atoms that nobody knows, wherever one can be; a stale header in a `free`; two `mdat`.
fn strange() -> MovieSpec {
    let (short, long) = (Part::Mdat(SizeForm::Short), Part::Mdat(SizeForm::Long));
    let mut spec = base().laid_out(vec![
        Part::Stranger(*b"pnot", 3),
        Part::Ftyp,
        Part::StaleMoov,
        short,
        Part::Wide,
        long,
        Part::Moov,
        Part::Stranger(*b"uuid", 1),
        Part::Skip(5),
    ]);
    spec.strangers = true;
    for track in &mut spec.tracks {
        track.strangers = true;
        track.extra_atoms = vec![tapt()];
        track.description_padding = 4;
    }
    spec.tracks[0].video_mut().atoms = apple_video_atoms();
    spec
}

/// Chunks that are in the same place.
fn shared() -> MovieSpec {
    let mut spec = base();
    spec.tracks[0].shared_chunks = (20..30).map(|chunk| (chunk, 3)).collect();
    spec
}

/// A timecode that jumps.
fn several_timecodes() -> MovieSpec {
    let mut spec = base();
    let timecode = &mut spec.tracks[1];
    timecode.durations = vec![(1, 10), (1, 20), (1, 10)];
    timecode.sizes = vec![4; 3];
    timecode.chunks = vec![1, 2];
    timecode.timecode_mut().starts = vec![START, START + 10, 5];
    spec
}

/// 29.97 frames a second, drop frame.
fn drop_frame() -> MovieSpec {
    let mut spec = base();
    spec.timescale = 30_000;
    for track in &mut spec.tracks {
        track.timescale = 30_000;
        track.durations.iter_mut().for_each(|run| run.1 *= 1001);
    }
    let fields = spec.tracks[1].timecode_mut();
    (fields.timescale, fields.frame_duration, fields.frames_per_second) = (30_000, 1001, 30);
    fields.flags = 3;
    spec
}

/// Chunks in another order than in time, with gaps.
fn scattered() -> MovieSpec {
    let mut spec = with_sound();
    spec.order = ChunkOrder::Shuffled(5);
    spec.gaps = vec![3, 0, 17];
    spec
}

/// Metadata at the top level and in `moov`, whose items are in the metadata itself.
fn with_metadata() -> Vec<u8> {
    let located = [&[0x44, 0x00, 0, 1][..], &[0, 1, 0, 1, 0, 0, 0, 0]].concat();
    let iloc = full_atom(b"iloc", 1, 0, &located);
    let handler = full_atom(b"hdlr", 0, 0, &[0; 20]);
    let meta = full_atom(b"meta", 0, 0, &[handler, iloc].concat());
    let mut bytes = base().build().bytes;
    bytes.extend(&meta);
    bytes.extend(atom(b"udta", &meta));
    bytes
}
