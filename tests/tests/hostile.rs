//! Movies that lie: each named lie is refused by the atom that tells it; anything else ends in an answer, never in a
//! panic, a hang or an endless target.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use intercut_engine::discover;
use intercut_engine::splice::Splice;
use intercut_tests::builder::atoms::Kind;
use intercut_tests::builder::{EditSpec, MovieSpec, SizeTable, TrackSpec, lies, payload};
use intercut_tests::media;
use tempfile::TempDir;

/// Mutated movies a run.
const MUTATED_MOVIES: u64 = 50_000;

/// The seed of a run; `INTERCUT_SEED` in the environment names another.
fn seed() -> u64 {
    let named = std::env::var("INTERCUT_SEED").ok();
    named.map_or(1, |text| text.parse().expect("INTERCUT_SEED is a number"))
}

fn folder() -> TempDir {
    // Many small files: in memory where there is a place for that.
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { media::tmp_dir() };
    TempDir::with_prefix_in("intercut-hostile-", place).expect("a folder")
}

/// A movie with some of everything.
fn rich(seed: u64) -> MovieSpec {
    let mut spec = MovieSpec::with_timecode(seed, 90_000, vec![60, 70, 80, 90, 100, 110, 120, 130]);
    spec.tracks[0] = spec.tracks[0].clone().chunked(3);
    spec.tracks[0].edits = vec![EditSpec { movie_duration: 192, media_time: Some(0) }];
    spec.tracks.push(TrackSpec::sound(960, 320));
    let mut packed = TrackSpec::sound(960, 320);
    packed.size_table = SizeTable::One;
    spec.tracks.push(packed);
    let mut compact = TrackSpec::video(vec![9, 3, 15]);
    (compact.size_table, compact.enabled) = (SizeTable::Compact(4), false);
    spec.tracks.push(compact);
    spec.strangers = true;
    for track in &mut spec.tracks {
        track.strangers = true;
    }
    spec
}

/// What the engine says when it opens a file: all causes in one line.
fn refusal(path: &Path) -> Option<String> {
    let error = discover::open(path).err()?;
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    Some(text)
}

/// A lie: the table that tells it, the place in its payload, what it says.
type Lie = (&'static Kind, usize, u32);

#[test]
fn table_that_lies_is_refused_by_name_and_by_both_numbers() {
    let lies: [(Lie, &[&str]); 9] = [
        ((b"stts", 4, u32::MAX), &["'stts'", "4294967295", "1"]),
        ((b"stts", 8, 9), &["'stts'", "9", "8"]),
        ((b"stsc", 4, 1000), &["'stsc'", "1000"]),
        ((b"stsc", 8, 2), &["'stsc'"]),
        ((b"stsc", 12, 0x7fff_ffff), &["'stsc'"]),
        ((b"stsz", 8, 7), &["'stts'", "8", "7"]),
        ((b"stsz", 8, u32::MAX), &["'stsz'", "4294967295"]),
        ((b"stco", 4, 0x4000_0000), &["'stco'", "1073741824", "3"]),
        ((b"stco", 8, 0x7fff_0000), &["chunk"]),
    ];
    let folder = folder();
    let path = folder.path().join("lie.mov");
    for ((table, at, value), words) in lies {
        let mut bytes = rich(1).build().bytes;
        let place: [&Kind; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", table];
        lies::overwrite(&mut bytes, &place, 0, at, &value.to_be_bytes());
        fs::write(&path, bytes).expect("it can be written");
        let name = String::from_utf8_lossy(table);
        let said = refusal(&path).unwrap_or_else(|| panic!("{name} at {at} = {value} is believed"));
        for word in ["lie.mov"].iter().chain(words) {
            assert!(said.contains(word), "{name} at {at} = {value}: {word} is not in: {said}");
        }
    }
}

#[test]
fn atom_that_leaves_its_parent_is_refused() {
    let folder = folder();
    let path = folder.path().join("lie.mov");
    for (place, name) in [
        (&[b"moov", b"trak"][..], "trak"),
        (&[b"moov", b"trak", b"mdia"], "mdia"),
        (&[b"moov", b"trak", b"mdia", b"minf", b"stbl"], "stbl"),
        (&[b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stco"], "stco"),
    ] {
        for size in [7, 0x7fff_ffff] {
            let mut bytes = rich(1).build().bytes;
            lies::resize(&mut bytes, place, 0, size);
            fs::write(&path, bytes).expect("it can be written");
            let said =
                refusal(&path).unwrap_or_else(|| panic!("{name} of {size} bytes is believed"));
            assert!(said.contains(name) && said.contains(&size.to_string()), "{name}: {said}");
        }
    }
}

/// Numbers that have broken parsers before.
const EXTREMES: [u32; 10] =
    [0, 1, 7, 8, 16, 0x7fff_ffff, 0x8000_0000, u32::MAX - 7, u32::MAX - 1, u32::MAX];

/// One to four changes: a byte, a 32-bit field, a run of bytes copied elsewhere, an end cut off.
fn mutate(bytes: &mut Vec<u8>, seed: u64, movie: u64) {
    let numbers = payload::bytes(seed, 0, usize::try_from(movie).expect("few movies"), 64);
    let mut numbers = numbers
        .chunks_exact(4)
        .map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]) as usize);
    let mut next = |below: usize| numbers.next().expect("numbers enough") % below.max(1);
    for _ in 0..1 + next(4) {
        let at = next(bytes.len() - 4);
        match next(8) {
            0 | 1 => bytes[at] ^= 1 << (at % 8),
            2..=5 => bytes[at..at + 4].copy_from_slice(&EXTREMES[at % 10].to_be_bytes()),
            6 => {
                let len = (at % 40).min(bytes.len() - at);
                let run = bytes[at..at + len].to_vec();
                bytes.splice(at..at, run);
            }
            _ => bytes.truncate((at + 8).min(bytes.len())),
        }
    }
}

#[test]
fn mutated_movies_end_in_an_answer_as_base_and_as_clip() {
    let (folder, seed) = (folder(), seed());
    let whole = folder.path().join("whole.mov");
    rich(2).write(&whole);
    let path = folder.path().join("mutated.mov");
    let original = rich(1).build().bytes;
    let header = lies::payloads(&original, &[b"moov"])[0].start - 8;
    for movie in 0..MUTATED_MOVIES {
        // The header is where lies are told.
        let mut tail = original[header..].to_vec();
        mutate(&mut tail, seed, movie);
        let bytes = [&original[..header], &tail[..]].concat();
        fs::write(&path, bytes).expect("it can be written");
        let begun = Instant::now();
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let out = folder.path().join("out.mov");
            let as_base = Splice::new(&path).output(&out).prepare();
            if let Ok(ready) = as_base.and_then(|prepared| prepared.layout()) {
                // Whatever it claims, no target is longer than the file and its header.
                assert!(ready.layout().schedule().len() < 4 * original.len() as u64);
            }
            let as_clip = Splice::new(&whole).clips([&path]).output(&out).prepare();
            as_clip.and_then(|prepared| prepared.layout()).is_ok()
        }));
        assert!(judged.is_ok(), "movie {movie} of seed {seed} makes the engine panic");
        let taken = begun.elapsed();
        assert!(taken < Duration::from_secs(2), "movie {movie} of seed {seed} takes {taken:?}");
    }
}
