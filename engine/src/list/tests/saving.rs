//! Lists of our own: what they look like, and that they give the same plan when they are given back.

use super::*;
use save::{SavedEvent, SavedList, SavedMovie, to_edl, to_otio};

fn movie(path: &str, reel: Option<&str>, start: Timecode, frames: u64) -> SavedMovie {
    let file_name = path.rsplit('/').next().unwrap_or_default().to_owned();
    SavedMovie { path: path.to_owned(), file_name, reel: reel.map(str::to_owned), start, frames }
}

fn saved(base: &SavedMovie, events: &[(&SavedMovie, u64, u64, u64)]) -> SavedList {
    let signed = |frames: u64| i64::try_from(frames).expect("it is short");
    let event = |(clip, source_in, record_in, frames): &(&SavedMovie, u64, u64, u64)| SavedEvent {
        clip: (*clip).clone(),
        source_in: *source_in,
        source: clip.start.add(signed(*source_in)),
        record_in: *record_in,
        record: base.start.add(signed(*record_in)),
        frames: *frames,
    };
    SavedList {
        title: "reel 1".to_owned(),
        base: base.clone(),
        rate: base.start.format.rate,
        events: events.iter().map(event).collect(),
    }
}

#[test]
fn edl_is_one_that_every_program_reads() {
    let base = movie("/m/base.mov", None, timecode("01:00:00;00", R29_97_DROP), 9000);
    let graded = movie(
        "/m/S01 grade.mov",
        Some("A001C002_160101_R1BK"),
        timecode("10:00:00;00", R29_97_DROP),
        100,
    );
    let plain = movie("/m/k\u{e4}se.mov", None, timecode("00:00:00:00", R29_97), 50);
    let list = saved(&base, &[(&graded, 10, 0, 60), (&plain, 0, 1798, 30)]);
    assert_eq!(
        to_edl(&list),
        "TITLE: reel 1\r\nFCM: DROP FRAME\r\n\r\n\
         001  A001C002_160101_R1BK             V     C        10:00:00;10 10:00:02;10 01:00:00;00 01:00:02;00\r\n\
         * FROM CLIP NAME: S01 grade.mov\r\n* SOURCE FILE: A001C002_160101_R1BK\r\n* INTERCUT CLIP: S01 grade.mov\r\n\
         002  K_SE                             V     C        00:00:00:00 00:00:01:00 01:00:59;28 01:01:01;00\r\n\
         * FROM CLIP NAME: k\u{e4}se.mov\r\n* SOURCE FILE: k\u{e4}se.mov\r\n* INTERCUT CLIP: k\u{e4}se.mov\r\n"
    );
}

#[test]
fn edl_of_more_than_999_events_has_numbers_of_six_digits() {
    let base = movie("/m/base.mov", None, timecode("01:00:00:00", R25), 9000);
    let clip = movie("/m/S.mov", None, timecode("10:00:00:00", R25), 9000);
    let events: Vec<_> = (0..1000).map(|number| (&clip, number, number * 2, 1)).collect();
    let text = to_edl(&saved(&base, &events));
    assert!(text.contains(
        "\r\n000001  S        V     C        10:00:00:00 10:00:00:01 01:00:00:00 01:00:00:01\r\n"
    ));
    assert!(text.contains("\r\n001000  S        V"));
}

#[test]
fn lists_of_our_own_give_the_same_plan_back() {
    let starts = [
        ("01:00:00:00", R23_976),
        ("10:00:00:00", R25),
        ("00:59:58;00", R29_97_DROP),
        ("23:58:59;00", R59_94_DROP),
        ("00:00:00:00", R29_97),
    ];
    for (start, rate) in starts {
        let start = timecode(start, rate);
        let base = movie("/m/base.mov", None, start, 5400);
        let at = |frame| Timecode::from_frame(frame, format(rate));
        // In pieces of which the middle one has equal heads and tails; without timecode; through midnight.
        let pieces = movie("/m/A001 grade.mov", Some("A001C002_160101_R1BK"), at(100_000), 200);
        let bare = movie("/m/no timecode.mov", None, at(0), 50);
        let late = movie("/m/late.mov", None, at(-600), 2000);
        let list = saved(
            &base,
            &[
                (&pieces, 0, 0, 40),
                (&pieces, 60, 60, 80),
                (&pieces, 160, 160, 40),
                (&bare, 10, 1000, 20),
                (&late, 500, 2000, 1500),
                (&late, 10, 5390, 10),
            ],
        );
        let clips = [
            Clip {
                stretches: vec![(0, pieces.start)],
                reel: Some("A001C002_160101_R1BK"),
                ..Clip::without_timecode("A001 grade.mov", 200)
            },
            Clip::without_timecode("no timecode.mov", 50),
            Clip { stretches: vec![(0, late.start)], ..Clip::without_timecode("late.mov", 2000) },
        ];
        let base = Base { rate, stretches: vec![(0, start)], frames: 5400 };
        for text in [to_edl(&list), to_otio(&list)] {
            let conformed =
                try_conform(&[&read_text(&text)], &base, &clips, &ConformOptions::default());
            let conformed = conformed.expect("it fits");
            let placed: Vec<_> = conformed
                .placements
                .iter()
                .map(|placed| (placed.clip, placed.source_in, placed.record_in, placed.frames))
                .collect();
            assert_eq!(
                placed,
                [
                    (0, 0, 0, 40),
                    (0, 60, 60, 80),
                    (0, 160, 160, 40),
                    (1, 10, 1000, 20),
                    (2, 500, 2000, 1500),
                    (2, 10, 5390, 10)
                ]
            );
            assert_eq!(conformed.notes, []);
        }
    }
}

#[test]
fn base_in_a_timeline_of_our_own_is_no_cut() {
    let base = movie("/m/base.mov", None, timecode("01:00:00:00", R25), 9000);
    let clip = movie("/m/S.mov", None, timecode("10:00:00:00", R25), 9000);
    let list = read_text(&to_otio(&saved(&base, &[(&clip, 0, 100, 10)])));
    assert_eq!(cut_texts(&list), ["V2-1 90100..90110 900000..900010 [S.mov, S.mov, S.mov, S.mov]"]);
    assert_eq!(list.passed_over_count(PassedKind::Base), 1);
}
