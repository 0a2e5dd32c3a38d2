//! Lists that do not lie in the base, or not all of them: which are refused as a whole, which offset is proposed, what is counted.

use super::*;

#[test]
fn list_that_starts_an_hour_off_is_refused_with_the_offset_that_would_fit() {
    let list = read_text(
        &[
            event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:01:00", "01:00:02:00")),
            event("002", "T2", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00")),
        ]
        .concat(),
    );
    let base = Base::new("00:00:00:00", 240, R24);
    assert_eq!(
        conform(&list, &base, &[]),
        [
            "list_outside_base: line 2: its record timecode 01:00:00:00 to 01:00:01:00 is not in the base \
          (00:00:00:00 to 00:00:10:00), nor is any other of its 2; with an offset of -01:00:00:00 all 2 would be"
        ]
    );
    let offset = ConformOptions { offset: Some(-86_400), ..ConformOptions::default() };
    let clips = [Clip::new("T1.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform_with(&[&list], &base, &clips, &offset),
        ["T1.mov 24+24 from 0 High [Timecode, Reel] 0/0"]
    );
    let short = Base::new("00:00:00:00", 30, R24);
    assert!(!conform(&list, &short, &[])[0].contains("offset"), "it would not bring all in");
}

#[test]
fn list_of_which_a_part_is_in_the_base_by_chance_is_refused_with_the_offset_that_would_fit() {
    // A programme of two hours, listed from 00:00:00:00 on; the base begins at 01:00:00:00, after 10 seconds of leader.
    let list = read_text(
        "001  T1 V C 10:00:00:00 10:00:01:00 00:00:00:00 00:00:01:00\n\
         002  T2 V C 11:00:00:00 11:00:01:00 01:30:00:00 01:30:01:00\n",
    );
    let clips = [Clip::new("T2.mov", "11:00:00:00", 24, R24).reel("T2")];
    let base = Base::new("00:59:50:00", 24 * (2 * 3600 + 10), R24);
    assert_eq!(
        conform(&list, &base, &clips),
        [
            "list_outside_base: line 1: its record timecode 00:00:00:00 to 00:00:01:00 is not in the base \
          (00:59:50:00 to 03:00:00:00), alone among its 2 events; with an offset of 01:00:00:00 all 2 would be"
        ]
    );
    // Somebody knows better.
    let none = ConformOptions { offset: Some(0), ..ConformOptions::default() };
    let lines = conform_with(&[&list], &base, &clips, &none);
    assert_eq!(lines[0], "T2.mov 43440+24 from 0 High [Timecode, Reel] 0/0");
    assert_eq!(lines[1..].len(), 1, "{lines:?}");
}

#[test]
fn list_of_a_scene_of_a_long_base_is_used_whatever_leads_in_or_trails() {
    let base = Base::new("01:00:00:00", 24 * 2 * 3600, R24);
    let outside = |list: &str| conform(&read_text(list), &base, &[]);
    // Two minutes of bars and slate before a base without any, then its first scene.
    let leader =
        event("001", "BARS", ("00:00:00:00", "00:01:50:00"), ("00:58:00:00", "00:59:50:00"))
            + &event(
                "002",
                "SLATE",
                ("00:00:00:00", "00:00:10:00"),
                ("00:59:50:00", "01:00:00:00"),
            )
            + &event("003", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00"));
    assert_eq!(
        outside(&leader),
        [
            "note: 2 events of cut.edl are not in the base; the first is event 001 (line 1) at 00:58:00:00"
        ]
    );
    // The last scene, which runs over the base's end.
    let tail = event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("02:30:00:00", "02:30:01:00"))
        + &event("002", "T2", ("10:00:00:00", "10:00:08:00"), ("02:59:58:00", "03:00:06:00"));
    assert_eq!(
        outside(&tail),
        ["note: event 002 (line 2) of cut.edl, at 02:59:58:00, is not in the base"]
    );
    // Bars at midnight before 20 events of the first scene.
    let mut stray =
        event("000", "BARS", ("00:00:00:00", "00:01:00:00"), ("00:00:00:00", "00:01:00:00"));
    for second in 10..30 {
        let (first, end) = (format!("01:00:{second}:00"), format!("01:00:{second}:12"));
        stray += &event("001", "T1", ("10:00:00:00", "10:00:00:12"), (&first, &end));
    }
    assert_eq!(
        outside(&stray),
        ["note: event 000 (line 1) of cut.edl, at 00:00:00:00, is not in the base"]
    );
}

#[test]
fn offset_to_the_bases_start_is_proposed_where_no_whole_hour_brings_all_in() {
    let list = event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("00:00:08:00", "00:00:09:00"))
        + &event("002", "T2", ("10:00:00:00", "10:00:01:00"), ("00:00:17:00", "00:00:18:00"));
    // Ten seconds from 01:00:00:00 on hold what begins at its first frame alone.
    let base = Base::new("01:00:00:00", 240, R24);
    assert_eq!(
        conform(&read_text(&list), &base, &[]),
        [
            "list_outside_base: line 1: its record timecode 00:00:08:00 to 00:00:09:00 is not in the base \
          (01:00:00:00 to 01:00:10:00), nor is any other of its 2; with an offset of 00:59:52:00 all 2 would be"
        ]
    );
}

#[test]
fn clip_with_one_event_in_the_base_and_one_in_another_reel_goes_where_it_can() {
    let list = read_text(
        "001  T1 V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n\
         002  T1 V C 10:00:02:00 10:00:03:00 02:00:00:00 02:00:01:00\n",
    );
    let clips = [Clip::new("T1.mov", "10:00:00:00", 24 * 9, R24).reel("T1")];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        [
            "T1.mov 0+24 from 0 High [Timecode, Reel] 0/192",
            "note: event 002 (line 2) of cut.edl, at 02:00:00:00, is not in the base",
        ]
    );
}

#[test]
fn events_outside_of_the_base_are_counted_and_refused_where_a_clip_came_for_them() {
    let list = read_text(
        &[
            event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00")),
            event("002", "T2", ("10:00:00:00", "10:00:01:00"), ("01:00:09:12", "01:00:10:12")),
            event("003", "T3", ("10:00:00:00", "10:00:01:00"), ("02:00:00:00", "02:00:01:00")),
        ]
        .concat(),
    );
    let clips =
        [Clip::new("T1.mov", "10:00:00:00", 24, R24), Clip::new("T2.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        [
            "T1.mov 0+24 from 0 High [Timecode, Reel] 0/0",
            "T2.mov list_outside_base: the record timecode of event 002 (line 2) of cut.edl, \
             01:00:09:12 to 01:00:10:12, is not in the base (01:00:00:00 to 01:00:10:00)",
            "note: 2 events of cut.edl are not in the base; the first is event 002 (line 2) at 01:00:09:12",
        ]
    );
}
