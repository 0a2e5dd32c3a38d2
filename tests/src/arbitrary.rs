//! Random splices for properties: a base of any structure, clips of any structure, and what must come of them.
//!
//! - Out: [`scenario`], a proptest strategy over [`Scenario`].
//! - Holds: the clips lie on frames that the base presents and do not overlap; what each replaces is known by
//!   construction, not by anybody's planner.
//! - Not here: movies that should be refused.

use proptest::prelude::*;
use proptest::sample::select;

use crate::builder::atoms::SizeForm;
use crate::builder::description::apple_video_atoms;
use crate::builder::trak::tapt;
use crate::builder::{
    Brand, ChunkOrder, Media, MovieSpec, OffsetTable, Part, Rate, SizeTable, Timeline, TrackSpec,
};
use crate::oracle::splicer::{Replaced, run};

/// A splice, and what must come of it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The base.
    pub base: MovieSpec,
    /// The clips.
    pub clips: Vec<MovieSpec>,
    /// What they replace.
    pub replaced: Vec<Replaced>,
    /// Whether `moov` is to be first.
    pub faststart: bool,
}

const RATES: [Rate; 8] = [
    Rate::new(25, 1, 25, false),
    Rate::new(12800, 512, 25, false),
    Rate::new(24000, 1001, 24, false),
    Rate::new(24, 1, 24, false),
    Rate::new(30000, 1001, 30, true),
    Rate::new(30000, 1001, 30, false),
    Rate::new(50, 1, 50, false),
    Rate::new(60000, 1001, 60, true),
];

/// How a movie is written, whatever it shows.
#[derive(Debug, Clone)]
struct Habits {
    seed: u64,
    chunk_lens: Vec<u32>,
    parts: usize,
    order: ChunkOrder,
    gaps: Vec<usize>,
    strangers: bool,
    wide_times: bool,
    spelled_out: bool,
    co64: bool,
    compact: bool,
}

fn habits() -> impl Strategy<Value = Habits> {
    let order = prop_oneof![
        Just(ChunkOrder::ByTime),
        Just(ChunkOrder::RoundRobin),
        Just(ChunkOrder::TrackAfterTrack),
        any::<u64>().prop_map(ChunkOrder::Shuffled),
    ];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let chunk_lens = prop::collection::vec(1u32..6, 1..4);
    let gaps = prop::collection::vec(0usize..3000, 0..4);
    (any::<u64>(), chunk_lens, 0..PART_LISTS, order, gaps, flags).prop_map(
        |(seed, chunk_lens, parts, order, gaps, flags)| {
            let (strangers, wide_times, spelled_out, co64, compact) = flags;
            Habits {
                seed,
                chunk_lens,
                parts,
                order,
                gaps,
                strangers,
                wide_times,
                spelled_out,
                co64,
                compact,
            }
        },
    )
}

/// How many lists of top-level atoms [`parts`] knows.
const PART_LISTS: usize = 6;

fn parts(which: usize) -> Vec<Part> {
    use Part::{Free, Ftyp, Mdat, Moov, Skip, StaleMoov, Stranger, Wide};
    let (short, long) = (Mdat(SizeForm::Short), Mdat(SizeForm::Long));
    match which {
        0 => vec![Ftyp, Wide, short, Moov],
        1 => vec![Ftyp, Moov, short],
        2 => vec![Ftyp, StaleMoov, long, Free(100), Moov],
        3 => vec![Ftyp, Stranger(*b"uuid", 1), short, Stranger(*b"zzzz", 2), long, Moov, Free(9)],
        4 => vec![Ftyp, Moov, Free(0), Skip(33), Mdat(SizeForm::ToEnd)],
        _ => vec![
            Stranger(*b"pnot", 3),
            Ftyp,
            short,
            Wide,
            short,
            short,
            Moov,
            Stranger(*b"uuid", 4),
        ],
    }
}

impl Habits {
    fn apply(&self, spec: &mut MovieSpec) {
        spec.seed = self.seed;
        spec.parts = parts(self.parts);
        spec.order = self.order;
        spec.gaps = self.gaps.clone();
        spec.strangers = self.strangers;
        spec.wide_times = self.wide_times;
        spec.moov_size = if self.wide_times { SizeForm::Long } else { SizeForm::Short };
        spec.brand = if self.co64 { Brand::Iso } else { Brand::QuickTime };
        for track in &mut spec.tracks {
            track.strangers = self.strangers;
            track.wide_times = self.wide_times;
            track.chunk_runs_spelled_out = self.spelled_out;
            track.offset_table = if self.co64 { OffsetTable::Co64 } else { OffsetTable::Stco };
            let Media::Video(video) = &mut track.media else { continue };
            track.chunks = dealt(&self.chunk_lens, u32::try_from(track.sizes.len()).unwrap_or(0));
            if self.strangers {
                video.atoms = apple_video_atoms();
                track.extra_atoms = vec![tapt()];
                track.description_padding = 4;
            }
            if self.compact && track.sizes.iter().all(|&size| size < 1 << 16) {
                track.size_table = SizeTable::Compact(16);
            } else if track.sizes.windows(2).all(|pair| pair[0] == pair[1]) {
                track.size_table = SizeTable::Constant;
            }
        }
    }
}

/// `total` samples in chunks of the given lengths, over and over.
fn dealt(lens: &[u32], total: u32) -> Vec<u32> {
    let mut left = total;
    let mut chunks = Vec::new();
    for &len in lens.iter().cycle() {
        if left == 0 {
            return chunks;
        }
        chunks.push(len.min(left));
        left -= len.min(left);
    }
    chunks
}

/// Frame sizes, none too short for a frame header: all alike, small, middling so that a few frames make a large extent, or large.
fn sizes(count: usize) -> impl Strategy<Value = Vec<u32>> {
    prop_oneof![
        (30u32..9000).prop_map(move |size| vec![size; count]),
        prop::collection::vec(29u32..5000, count),
        prop::collection::vec(20_000u32..90_000, count),
        prop::collection::vec(select(vec![100u32, 4096, 300_000, 520_000]), count),
    ]
}

/// What the base's timeline is like: frames before and after those that are presented.
#[derive(Debug, Clone, Copy)]
struct Trim {
    /// Frames of an empty edit before the first picture.
    empty: u32,
    /// Samples before the first that is presented.
    head: u32,
    /// Samples after the last that is presented.
    tail: u32,
    /// Whether the timecode track is trimmed by an edit list too.
    timecode_too: bool,
}

fn trim(empty_max: u32) -> impl Strategy<Value = Trim> {
    let some = (0..=empty_max, 0u32..4, 0u32..4, any::<bool>());
    let none = Just((0, 0, 0, false));
    prop_oneof![none, some].prop_map(|(empty, head, tail, timecode_too)| Trim {
        empty,
        head,
        tail,
        timecode_too,
    })
}

/// Pictures with a timecode track, `start` being the timecode of movie time 0.
fn movie(sizes: Vec<u32>, rate: Rate, start: i32, trim: Trim) -> MovieSpec {
    let mut line = Timeline::new(0, rate, start, 0);
    line.sizes = sizes;
    // Movie time is media time, so that edits are whole frames.
    line.late = u64::from(trim.empty) * u64::from(rate.frame_duration);
    (line.head, line.tail) = (trim.head, trim.tail);
    line.timecode.head = if trim.timecode_too { trim.head } else { 0 };
    line.timecode.start -= i32::try_from(line.timecode.head).expect("few frames");
    line.spec()
}

/// A clip before it knows where it goes.
#[derive(Debug, Clone)]
struct Shot {
    frames_before: u32,
    trim: Trim,
    sizes: Vec<u32>,
    habits: Habits,
    sound: bool,
}

fn shot() -> impl Strategy<Value = Shot> {
    (0u32..8, 1usize..10, trim(0)).prop_flat_map(|(frames_before, count, trim)| {
        let all = count + (trim.head + trim.tail) as usize;
        (sizes(all), habits(), any::<bool>()).prop_map(move |(sizes, habits, sound)| Shot {
            frames_before,
            trim,
            sizes,
            habits,
            sound,
        })
    })
}

/// The tracks beside pictures and timecode, by bits: sound, more sound, text, an unknown handler, disabled pictures.
fn side_tracks(which: u32, frames: u32) -> Vec<TrackSpec> {
    let mut tracks = Vec::new();
    let sound = frames * 1920;
    if which & 1 != 0 {
        tracks.push(TrackSpec::sound(sound, 1920));
    }
    if which & 2 != 0 {
        let mut track = TrackSpec::sound(sound, 24_000);
        let fields = track.sound_mut();
        (fields.version, fields.codec, fields.bits, fields.wave) = (1, *b"in24", 24, true);
        fields.bytes_per_packet = 6;
        track.sizes.fill(6);
        track.size_table = if which & 4 != 0 { SizeTable::One } else { SizeTable::Constant };
        tracks.push(track);
    }
    if which & 8 != 0 {
        tracks.push(TrackSpec::new(Media::Text, 600, 240, vec![3, 40, 7]));
    }
    if which & 16 != 0 {
        tracks.push(TrackSpec::new(Media::Other(*b"zork"), 90_000, 9, vec![1000, 1, 500]));
    }
    if which & 32 != 0 {
        let mut track = TrackSpec::video(vec![777; 3]);
        track.enabled = false;
        tracks.push(track);
    }
    tracks
}

/// Random splices.
pub fn scenario() -> impl Strategy<Value = Scenario> {
    let start = prop_oneof![Just(0i32), Just(90_000), 100i32..2_000_000];
    let base = (5usize..60, trim(5)).prop_flat_map(|(count, trim)| {
        let all = count + (trim.head + trim.tail) as usize;
        (sizes(all), Just(trim), habits(), 0u32..64)
    });
    let shots = prop::collection::vec(shot(), 0..6);
    (base, select(RATES.to_vec()), start, shots, any::<bool>()).prop_map(
        |((sizes, trim, habits, side), rate, start, shots, faststart)| {
            let frames = u32::try_from(sizes.len()).expect("few frames");
            let mut base = movie(sizes, rate, start, trim);
            base.tracks.extend(side_tracks(side, frames));
            habits.apply(&mut base);
            let end = trim.empty + frames - trim.head - trim.tail;
            let (mut clips, mut replaced) = (Vec::new(), Vec::new());
            let mut position = trim.empty;
            for shot in shots {
                let hidden = shot.trim.head + shot.trim.tail;
                let count = u32::try_from(shot.sizes.len()).expect("few frames") - hidden;
                position += shot.frames_before;
                if position + count > end {
                    break;
                }
                let first = (position - trim.empty + trim.head) as usize;
                let clip_first = shot.trim.head as usize;
                replaced.extend(run(first, count as usize, clips.len(), clip_first));
                let at = start + i32::try_from(position).expect("few frames");
                let mut clip = movie(shot.sizes, rate, at, shot.trim);
                if shot.sound {
                    clip.tracks.push(TrackSpec::sound(1920 * count, 960));
                }
                shot.habits.apply(&mut clip);
                clips.push(clip);
                position += count;
            }
            Scenario { base, clips, replaced, faststart }
        },
    )
}
