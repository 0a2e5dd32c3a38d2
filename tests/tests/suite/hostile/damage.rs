//! Each class of damage is named: which atom, at which byte, what was found and what was expected.
//!
//! The movie that is damaged is always the same: pictures (track 1) and timecode (track 2), `moov` last, so that every
//! byte in a message can be checked by hand.

use std::error::Error;
use std::process::Command;

use intercut_engine::discover::open;
use intercut_io::Cancel;
use intercut_tests::builder::atoms::{Kind, SizeForm, atom, full_atom};
use intercut_tests::builder::lies::{overwrite, payloads, resize};
use intercut_tests::builder::{EditSpec, MovieSpec, Part, SizeTable, TrackSpec};
use intercut_tests::hostile::tree::{replace, scan};
use intercut_tests::program;
use tempfile::TempDir;

/// The way to a table.
const STBL: [&Kind; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];

/// Five pictures in chunks of two, and timecode.
fn spec() -> MovieSpec {
    let mut spec = MovieSpec::with_timecode(1, 90_000, vec![40, 41, 42, 43, 44]);
    spec.tracks[0] = spec.tracks[0].clone().chunked(2);
    spec
}

/// The path of a table of the video track.
fn table(kind: &'static Kind) -> Vec<&'static Kind> {
    [&STBL[..], &[kind]].concat()
}

/// A good movie with one field of a table of its video track overwritten.
fn with_field(kind: &'static Kind, at: usize, value: u32) -> Vec<u8> {
    with_fields(spec(), &table(kind), 0, at, &[value])
}

/// A movie with 32-bit fields of the `nth` atom with this path overwritten.
fn with_fields(spec: MovieSpec, path: &[&Kind], nth: usize, at: usize, values: &[u32]) -> Vec<u8> {
    let mut bytes = spec.build().bytes;
    let lie: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
    overwrite(&mut bytes, path, nth, at, &lie);
    bytes
}

/// A good movie whose first atom with this path has another size.
fn with_size(path: &[&Kind], size: u32) -> Vec<u8> {
    let mut bytes = spec().build().bytes;
    resize(&mut bytes, path, 0, size);
    bytes
}

/// A good movie without the first atom of this kind; all sizes stay right.
fn without(kind: &Kind) -> Vec<u8> {
    with_replaced(kind, &[])
}

/// A good movie with other bytes for the first atom of this kind; all sizes stay right.
fn with_replaced(kind: &Kind, new: &[u8]) -> Vec<u8> {
    let mut bytes = spec().build().bytes;
    let nodes = scan(&bytes);
    let node = nodes.iter().find(|node| &node.kind == kind).expect("the atom is there");
    replace(&mut bytes, &nodes, node.range.clone(), new, true);
    bytes
}

/// A good movie with a further atom behind the first atom of this kind; all sizes stay right.
fn with_more(kind: &Kind, new: &[u8]) -> Vec<u8> {
    let bytes = spec().build().bytes;
    let node = scan(&bytes).into_iter().find(|node| &node.kind == kind).expect("it is there");
    with_replaced(kind, &[&bytes[node.range], new].concat())
}

/// A good movie that ends early.
fn cut_at(end: usize) -> Vec<u8> {
    let mut bytes = spec().build().bytes;
    bytes.truncate(end);
    bytes
}

/// What a person is told, behind the name of the file: the cause of the error, and its own causes; or why a movie that can
/// be read cannot be spliced.
fn told(bytes: &[u8], folder: &TempDir) -> String {
    let path = folder.path().join("damaged.mov");
    std::fs::write(&path, bytes).expect("the movie can be written");
    let error = match open(&path, &Cancel::default()) {
        Ok(open) => {
            let obstacle = open.movie.obstacles().all().next();
            return obstacle.map_or("nothing".to_owned(), ToString::to_string);
        }
        Err(error) => error,
    };
    assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    let causes = std::iter::successors(error.source(), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A class of damage: its name, a movie that has it, and what a person is told.
type Class = (&'static str, Vec<u8>, &'static str);

/// Damage of the file as a whole.
fn of_the_file() -> Vec<Class> {
    let good = spec().build().bytes;
    let moov = payloads(&good, &[b"moov"])[0].start - 8;
    let twice = [Part::Ftyp, Part::Mdat(SizeForm::Short), Part::Moov, Part::Moov];
    vec![
        ("an empty file", Vec::new(), "it is empty"),
        (
            "a text",
            b"this is no movie at all".to_vec(),
            "not a movie: the first atom would be ' is ', and there is no 'moov' in 23 bytes",
        ),
        (
            "a movie that ends in its media",
            cut_at(100),
            "movie without 'moov', a crashed or truncated render: 'mdat' at byte 28 claims 222 bytes, but the file ends at byte 100",
        ),
        (
            "a movie that ends before its header",
            cut_at(moov),
            "movie without 'moov', a crashed or unfinished render (250 bytes)",
        ),
        (
            "a movie that ends in its header",
            cut_at(good.len() - 1),
            "movie without 'moov', a crashed or truncated render: 'moov' at byte 250 claims 1188 bytes, but the file ends at byte 1437",
        ),
        (
            "media that claims too much",
            with_size(&[b"mdat"], 100_000),
            "movie without 'moov', a crashed or truncated render: 'mdat' at byte 28 claims 100000 bytes, but the file ends at byte 1438",
        ),
        (
            "a size smaller than a header",
            with_size(&[b"mdat"], 7),
            "'mdat' at byte 28 claims 7 bytes, less than its own header of 8",
        ),
        (
            "two headers",
            spec().laid_out(twice.to_vec()).build().bytes,
            "two 'moov' atoms, at bytes 242 and 1430",
        ),
        (
            "an atom behind zeros",
            [&good[..], &[0; 12], &atom(b"uuid", b"lost")].concat(),
            "zeros at byte 1438, where an atom should begin, and other bytes behind them at byte 1453",
        ),
        (
            "a fragment",
            [good, atom(b"moof", &[])].concat(),
            "fragmented movie ('moof' at byte 1438)",
        ),
    ]
}

/// Damage of the atoms in `moov`, whatever they say.
fn of_atoms() -> Vec<Class> {
    let twice = full_atom(b"stts", 0, 0, &[0; 4]);
    vec![
        (
            "an atom that reaches past its parent",
            with_size(&table(b"stsd"), 5000),
            "'stsd' at byte 688 claims 5000 bytes, but its parent 'stbl' has 234 left",
        ),
        (
            "an atom smaller than its header",
            with_size(&table(b"stts"), 3),
            "'stts' at byte 790 claims 3 bytes, less than its own header of 8",
        ),
        (
            "an atom without a size",
            with_size(&table(b"stts"), 0),
            "'stts' at byte 790 in 'stbl' has size 0, which only the top level allows",
        ),
        ("an atom that is missing", without(b"stts"), "'stbl' at byte 680 holds no 'stts'"),
        ("no movie header", without(b"mvhd"), "'moov' at byte 250 holds no 'mvhd'"),
        (
            "an atom that is there twice",
            with_more(b"stsd", &twice),
            "'stbl' holds 'stts' twice, at bytes 790 and 806",
        ),
        (
            "an atom that ends before its fields",
            with_replaced(b"tkhd", &atom(b"tkhd", &[0; 9])),
            "'tkhd' at byte 374 needs 16 bytes of content but holds 9",
        ),
        (
            "an unknown version",
            with_fields(spec(), &[b"moov", b"mvhd"], 0, 0, &[0x0900_0000]),
            "'mvhd' at byte 258 has version 9, expected 0 or 1",
        ),
        (
            "no clock",
            with_fields(spec(), &[b"moov", b"trak", b"mdia", b"mdhd"], 0, 12, &[0]),
            "'mdhd' at byte 494 has timescale 0, expected 1 or more",
        ),
        (
            "a compressed header",
            with_more(b"mvhd", &atom(b"cmov", &[])),
            "compressed movie header ('cmov' at byte 366)",
        ),
        (
            "a reference movie",
            with_more(b"mvhd", &atom(b"rmra", &[])),
            "reference movie ('rmra' at byte 366)",
        ),
        (
            "offsets that are not those of chunks",
            with_more(b"stts", &atom(b"saio", &[])),
            "'saio' at byte 814 holds offsets in the file, which would no longer be right",
        ),
        (
            "media in another file",
            with_replaced(b"dref", &dref_elsewhere()),
            "track 1: reference movie, its media is in another file ('alis' at byte 668)",
        ),
    ]
}

fn dref_elsewhere() -> Vec<u8> {
    full_atom(b"dref", 0, 0, &[&[0, 0, 0, 1][..], &full_atom(b"alis", 0, 0, &[])].concat())
}

/// Damage of the sample tables.
fn of_tables() -> Vec<Class> {
    let compact = || {
        let mut spec = spec();
        spec.tracks[0].size_table = SizeTable::Compact(8);
        spec
    };
    vec![
        (
            "more durations than the atom holds",
            with_field(b"stts", 4, u32::MAX),
            "track 1: 'stts' at byte 790 claims 4294967295 entries but holds 1",
        ),
        (
            "more chunk runs than the atom holds",
            with_field(b"stsc", 4, 900),
            "track 1: 'stsc' at byte 814 claims 900 entries but holds 2",
        ),
        (
            "more sizes than the atom holds",
            with_field(b"stsz", 8, u32::MAX),
            "track 1: 'stsz' at byte 854 claims 4294967295 entries but holds 5",
        ),
        (
            "more chunk offsets than the atom holds",
            with_field(b"stco", 4, 0x4000_0000),
            "track 1: 'stco' at byte 894 claims 1073741824 entries but holds 3",
        ),
        (
            "sizes in fields of seven bits",
            with_fields(compact(), &table(b"stz2"), 0, 4, &[7]),
            "track 1: 'stz2' at byte 854 has fields of 7 bits, expected 4, 8 or 16",
        ),
        (
            "durations for fewer samples",
            with_field(b"stts", 8, 4),
            "track 1: 'stts' at byte 790 counts 4 samples, but 'stsz' at byte 854 has 5",
        ),
        (
            "chunks of more samples",
            with_field(b"stsc", 12, 3),
            "track 1: 'stsc' at byte 814 counts 7 samples, but 'stsz' at byte 854 has 5",
        ),
        (
            "chunks from the second on",
            with_field(b"stsc", 8, 2),
            "track 1: 'stsc' at byte 814: entry 0 begins with chunk 2, expected 1",
        ),
        (
            "chunk runs out of order",
            with_field(b"stsc", 20, 1),
            "track 1: 'stsc' at byte 814: entry 1 begins with chunk 1, expected 2 or later",
        ),
        (
            "a run of chunks that are not there",
            with_field(b"stsc", 20, 9),
            "track 1: 'stsc' at byte 814: entry 1 begins with chunk 9, but there are 3 chunk offsets",
        ),
        (
            "chunks without samples",
            with_field(b"stsc", 12, 0),
            "track 1: 'stsc' at byte 814: entry 0 gives the chunks from 1 on 0 samples, expected 1 or more",
        ),
        (
            "a description that is not there",
            with_field(b"stsc", 16, 2),
            "track 1: 'stsc' at byte 814: entry 0 uses sample description 2 of 1",
        ),
        (
            "a chunk past the end of the file",
            with_field(b"stco", 16, 0x7fff_ffff),
            "track 1: 'stco' at byte 894: chunk 2 has 44 bytes from byte 2147483647 on, but the file ends at byte 1438",
        ),
        (
            "a sample past the end of the file",
            with_field(b"stsz", 28, 0xffff_0000),
            "track 1: 'stco' at byte 894: chunk 2 has 4294901760 bytes from byte 206 on, but the file ends at byte 1438",
        ),
        (
            "more descriptions than the atom holds",
            with_field(b"stsd", 4, 3),
            "'stsd' at byte 688 claims 3 entries but holds 1",
        ),
        (
            "pictures that nothing has room for",
            crowded(),
            "track 1: 'stsz' at byte 1532 claims 2700 samples, expected at most 524 in a file of 2096 bytes",
        ),
    ]
}

/// One picture size of one byte, and three chunks of 900 samples in the same place.
fn crowded() -> Vec<u8> {
    let mut spec = MovieSpec::with_timecode(1, 0, vec![1; 2700]);
    spec.tracks[0] = spec.tracks[0].clone().chunked(900);
    spec.tracks[0].size_table = SizeTable::Constant;
    spec.tracks[0].shared_chunks = vec![(1, 0), (2, 0)];
    spec.build().bytes
}

/// Damage of times, edits and timecode, and kinds of movie that are not handled.
fn of_times() -> Vec<Class> {
    let edited = || {
        let mut spec = spec();
        spec.tracks[0].edits = vec![EditSpec { movie_duration: 48, media_time: Some(0) }];
        spec
    };
    let elst: [&Kind; 4] = [b"moov", b"trak", b"edts", b"elst"];
    let mut long = edited();
    long.timescale = 1;
    let stsd = table(b"stsd");
    let mut unknown = spec();
    unknown.tracks.push(TrackSpec::sound(100, 10));
    unknown.tracks[2].size_table = SizeTable::One;
    unknown.tracks[2].sound_mut().codec = *b"what";
    let mut short = spec();
    short.tracks[1].sizes = vec![2];
    let mut disabled = spec();
    disabled.tracks[0].enabled = false;
    let mut several = spec();
    several.tracks.push(TrackSpec::video(vec![40; 5]));
    let mut described = spec();
    described.tracks[0].video_mut().description_count = 2;
    vec![
        (
            "an edit before the media",
            with_fields(edited(), &elst, 0, 12, &[-5i32 as u32]),
            "track 1: 'elst' at byte 474: edit 0 begins at media time -5, expected -1 (empty), 0 or more",
        ),
        (
            "an edit at double speed",
            with_fields(edited(), &elst, 0, 16, &[0x2_0000]),
            "track 1: 'elst' at byte 474: edit 0 plays at rate 0x20000 instead of 0x10000",
        ),
        (
            "an edit that never ends",
            with_fields(long, &elst, 0, 8, &[u32::MAX]),
            "track 1: its 'stts' or 'elst' adds up to more than 4294967295 frames",
        ),
        (
            "pictures that do not last",
            with_field(b"stts", 12, 0),
            "track 1: 'stts' at byte 790 gives no sample a duration, so there is no frame rate",
        ),
        (
            "a thousand pictures a second",
            with_fields(spec(), &[b"moov", b"trak", b"mdia", b"mdhd"], 0, 12, &[1000]),
            "track 1: 'stts' at byte 790 states 1000/1 frames a second, expected more than 0 and at most 999",
        ),
        (
            "timecode that counts no frames",
            with_fields(spec(), &stsd, 1, 8 + 24, &[25, 0]),
            "track 2: 'tmcd' at byte 1296 states 25/0 frames a second, expected more than 0 and at most 999",
        ),
        (
            "a timecode of two bytes",
            short.build().bytes,
            "track 2: timecode sample 0 at byte 117 has 2 bytes instead of 4",
        ),
        (
            "pictures in another order",
            with_more(b"stts", &full_atom(b"ctts", 0, 0, &[0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 9])),
            "track 1: composition offsets ('ctts' at byte 814, entry 0 is 9)",
        ),
        (
            "sound of unknown size",
            unknown.build().bytes,
            "track 3: 'stsz' at byte 2240 gives sound samples a size of 1, and the sample description does not say what that stands for",
        ),
        (
            "encrypted pictures",
            with_kind(b"ap4h", b"encv"),
            "track 1: encrypted sample description ('encv' at byte 704)",
        ),
        ("no pictures", disabled.build().bytes, "no enabled video track (1 disabled)"),
        (
            "two tracks of pictures",
            several.build().bytes,
            "2 enabled video tracks, the first two with identifiers 1 and 3",
        ),
        (
            "two picture descriptions",
            described.build().bytes,
            "track 1: 2 video sample descriptions instead of 1",
        ),
    ]
}

/// A good movie whose first atom of this kind has another.
fn with_kind(kind: &Kind, new: &Kind) -> Vec<u8> {
    let mut bytes = spec().build().bytes;
    let at = bytes.windows(4).position(|window| window == kind).expect("the atom is there");
    bytes[at..at + 4].copy_from_slice(new);
    bytes
}

#[test]
fn each_damage_is_named() {
    let folder = TempDir::new().expect("a folder");
    let classes = [of_the_file(), of_atoms(), of_tables(), of_times()].concat();
    assert!(classes.len() >= 50, "{} classes", classes.len());
    for (name, bytes, expected) in classes {
        assert_eq!(told(&bytes, &folder), expected, "{name}");
    }
}

#[test]
fn command_ends_with_3_and_says_what_is_damaged_and_what_to_do() {
    let folder = TempDir::new().expect("a folder");
    let (base, clip) = (folder.path().join("base.mov"), folder.path().join("clip.mov"));
    spec().write(&base);
    let output = folder.path().join("output.mov");
    for (name, bytes, expected) in of_tables() {
        std::fs::write(&clip, bytes).expect("the movie can be written");
        let run = Command::new(program::intercut())
            .arg("splice")
            .args([&base, &clip])
            .arg("-o")
            .arg(&output)
            .output()
            .expect("the command runs");
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(3), "{name}: {said}");
        let told = said.contains("clip.mov: ") && said.contains("\n  help: ");
        assert!(told && said.contains(expected), "{name}: {said}");
        assert!(!output.exists(), "{name}");
    }
}
