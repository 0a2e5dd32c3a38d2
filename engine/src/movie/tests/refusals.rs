//! Movies that are refused, and damaged ones.

use super::builder::{TestTrack, be, count, edited, file, parse, timecode, video};
use crate::atom::tests::atom;
use crate::movie::{Obstacles, Unsupported};
use crate::units::SampleIndex;

/// How a sentence begins, up to its first details.
fn beginning(text: &str) -> String {
    text.split(['(', ',']).next().unwrap_or_default().trim().to_owned()
}

fn with_tables(tables: Vec<u8>) -> TestTrack {
    TestTrack { extra_tables: tables, ..video(25, &[(10, 1)]) }
}

fn described(description: Vec<u8>) -> TestTrack {
    TestTrack { description, ..video(25, &[(10, 1)]) }
}

#[test]
fn kinds_of_movie_that_are_not_handled_are_refused_by_name() {
    let plain = || video(25, &[(10, 1)]);
    let refused = |tracks: &[TestTrack], extra: &[u8]| {
        let error = parse(&file(25, tracks, extra)).unwrap_err();
        assert!(error.is_unsupported(), "{error}");
        beginning(&error.to_string())
    };
    let empty = TestTrack { media: Vec::new(), ..video(25, &[]) };
    assert_eq!(refused(&[empty], &atom(b"mvex", &[])), "fragmented movie");
    assert_eq!(refused(&[plain()], &atom(b"cmov", &[])), "compressed movie header");
    assert_eq!(refused(&[plain()], &atom(b"rmra", &[])), "reference movie");
    let disabled = TestTrack { flags: 0, ..plain() };
    assert_eq!(refused(std::slice::from_ref(&disabled), &[]), "no enabled video track");
    let second = TestTrack { id: 9, ..plain() };
    assert_eq!(refused(&[plain(), second], &[]), "2 enabled video tracks");
    let fast = TestTrack { edits: vec![(10, 0, 0x2_0000)], ..plain() };
    assert_eq!(
        refused(&[fast], &[]),
        "track 1: 'elst' at byte 352: edit 0 plays at rate 0x20000 instead of 0x10000"
    );
}

#[test]
fn what_keeps_a_movie_from_being_spliced_is_named_and_the_movie_is_read() {
    let obstacles = |tracks: &[TestTrack], extra: &[u8]| {
        let movie = parse(&file(25, tracks, extra)).unwrap();
        let Obstacles { of_pictures, of_the_rest } = movie.obstacles();
        let lines = |found: &[Unsupported]| -> Vec<String> {
            found.iter().map(|obstacle| beginning(&obstacle.to_string())).collect()
        };
        (lines(of_pictures), lines(of_the_rest))
    };
    let of_pictures = |track: TestTrack| {
        let (of_pictures, of_the_rest) = obstacles(&[track], &[]);
        assert!(of_the_rest.is_empty(), "{of_the_rest:?}");
        of_pictures.join("; ")
    };
    let external = TestTrack { data_reference_flags: 0, ..video(25, &[(10, 1)]) };
    assert_eq!(of_pictures(external.clone()), "track 1: reference movie");
    let encrypted = described(atom(b"encv", &[&[0; 78]]));
    assert_eq!(of_pictures(encrypted), "track 1: encrypted sample description");
    let protected = described(atom(b"ap4h", &[&[0; 78], &atom(b"sinf", &[])]));
    assert_eq!(of_pictures(protected), "track 1: encrypted sample description");
    let reordered = with_tables(atom(b"ctts", &[&be(&[0, 2, 9, 0, 1, 512])]));
    assert_eq!(of_pictures(reordered), "track 1: composition offsets");

    let sound = TestTrack { id: 2, handler: *b"soun", ..external };
    let (of_pictures, of_the_rest) = obstacles(&[video(25, &[(10, 1)]), sound], &[]);
    assert_eq!((of_pictures, of_the_rest), (vec![], vec!["track 2: reference movie".to_owned()]));
    let rest = |track: TestTrack, extra: &[u8]| obstacles(&[track], extra).1.join("; ");
    let auxiliary = with_tables(atom(b"saio", &[&be(&[0, 0])]));
    assert!(rest(auxiliary, &[]).starts_with("'saio' at byte"));
    let parts = with_tables(atom(b"subs", &[&be(&[0, 0])]));
    assert!(rest(parts, &[]).starts_with("track 1: 'subs' at byte"));
    let iloc = atom(b"iloc", &[&[0, 0, 0, 0, 0x44, 0x00, 0, 1, 0, 1, 0, 0, 0, 1], &be(&[0, 9])]);
    let meta = atom(b"meta", &[&[0; 4], &atom(b"hdlr", &[&[0; 24]]), &iloc]);
    assert!(rest(video(25, &[(10, 1)]), &meta).starts_with("'iloc' at byte"));

    // All of it is tolerated if it does no harm.
    let harmless = with_tables(atom(b"ctts", &[&be(&[0, 1, 10, 0])]));
    let disabled =
        TestTrack { id: 9, flags: 0, ..with_tables(atom(b"ctts", &[&be(&[0, 1, 10, 512])])) };
    assert_eq!(obstacles(&[harmless, disabled], &[]), (vec![], vec![]));
}

#[test]
fn frames_that_need_others_are_an_obstacle_in_any_codec_but_prores() {
    let sync = |numbers: &[u32]| atom(b"stss", &[&be(&[0, count(numbers.len())]), &be(numbers)]);
    let mut fields = vec![0; 78];
    fields[74..78].copy_from_slice(&[0, 24, 255, 255]);
    let of = |codec: &[u8; 4], tables: &[u8]| {
        let track =
            TestTrack { extra_tables: tables.to_vec(), ..described(atom(codec, &[&fields])) };
        let movie = parse(&file(25, &[track], &[])).unwrap();
        movie.obstacles().all().map(ToString::to_string).collect::<Vec<String>>()
    };
    let all: Vec<u32> = (1..=10).collect();
    assert_eq!(of(b"avc1", &sync(&all)), [""; 0]);
    assert_eq!(of(b"avc1", &[]), [""; 0]);
    assert_eq!(of(b"ap4h", &sync(&[1])), [""; 0]);
    let offsets = atom(b"ctts", &[&be(&[0, 1, 10, 512])]);
    let told = of(b"avc1", &[offsets, sync(&[1, 6, 6, 11])].concat());
    assert!(
        told[0].starts_with(
            "track 1: its codec is H.264 ('avc1'), and 8 of its 10 frames need other frames to be decoded ("
        ),
        "{told:?}"
    );
    assert!(told[1].starts_with("track 1: composition offsets"), "{told:?}");
    // A list that leaves out a frame and names another twice.
    let mut twice = all;
    twice[4] = 4;
    assert_eq!(of(b"v210", &sync(&twice)).len(), 1);
}

#[test]
fn movie_in_one_piece_may_keep_the_announcement_of_fragments() {
    let movie = parse(&file(25, &[video(25, &[(10, 1)])], &atom(b"mvex", &[]))).unwrap();
    assert_eq!(movie.frames().frame_count(), 10);
    assert_eq!(movie.obstacles(), &Obstacles::NONE);
}

#[test]
fn several_video_descriptions_are_an_obstacle() {
    let mut bytes = file(25, &[video(25, &[(10, 1)])], &[]);
    let at = bytes.windows(4).position(|window| window == b"stsd").unwrap();
    // The second description is made of the first one's last twelve bytes.
    let second = atom(b"ap4h", &[&[0; 4]]);
    let end = at - 4 + usize::try_from(crate::atom::u32_at(&bytes, at - 4).unwrap()).unwrap();
    bytes.splice(end..end, second.iter().copied());
    for kind in [b"stsd", b"stbl", b"minf", b"mdia", b"trak", b"moov"] {
        let at = bytes.windows(4).position(|window| window == kind).unwrap() - 4;
        let size = crate::atom::u32_at(&bytes, at).unwrap() + count(second.len());
        bytes[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    bytes[at + 11] = 2;
    let movie = parse(&bytes).unwrap();
    let told: Vec<String> = movie.obstacles().of_pictures.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["track 1: 2 video sample descriptions instead of 1"]);
}

#[test]
fn damaged_movies_never_panic_and_are_judged_at_once() {
    let timecode = TestTrack {
        edits: vec![(5000, 0, 0x1_0000)],
        ..timecode(0, (25, 1), 600, &[(100, 2400), (0, 2400)])
    };
    let good =
        file(1000, &[edited(12_800, &[(125, 512)], &[(80, -1), (4920, 512)]), timecode], &[]);
    assert!(parse(&good).is_ok());
    let header_at = good.windows(4).position(|window| window == b"moov").unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut accepted = 0;
    for _ in 0..100_000 {
        let mut bytes = good.clone();
        for _ in 0..1 + next() % 4 {
            let at = header_at + usize::try_from(next()).unwrap() % (good.len() - header_at);
            let special = [0, 1, 0x7f, 0x80, 0xff];
            bytes[at] = match next() % 3 {
                0 => special[usize::try_from(next() % 5).unwrap()],
                _ => u8::try_from(next() & 255).unwrap(),
            };
        }
        if let Ok(movie) = parse(&bytes) {
            accepted += 1;
            for track in movie.tracks() {
                let table = movie.table(track);
                let samples = table.samples_from(SampleIndex(0)).take(1000);
                assert!(samples.into_iter().all(|sample| sample.range.end() <= bytes.len() as u64));
            }
            assert!(
                movie.timecode_at(movie.frames().frame_count()).is_none_or(|t| t.frame() < 1 << 40)
            );
        }
    }
    assert!(accepted > 1000, "{accepted} were accepted");
}
