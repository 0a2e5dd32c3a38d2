//! What users of other programs reported, as tests: each lesson once. The table that they come from names the reports.

use super::*;
use conform::Confidence;

#[test]
fn out_points_are_exclusive_and_a_gap_of_a_frame_everywhere_is_told() {
    let event = |n: u32, from: u32, to: u32| {
        let record =
            format!("01:00:{:02}:{:02} 01:00:{:02}:{:02}", from / 24, from % 24, to / 24, to % 24);
        format!("{n:03}  T{n} V C 1{n}:00:00:00 1{n}:00:00:23 {record}\n")
    };
    let base = Base::new("01:00:00:00", 240, R24);
    let inclusive = read_text(&[event(1, 0, 23), event(2, 24, 47), event(3, 48, 71)].concat());
    assert_eq!(
        conform(&inclusive, &base, &[]),
        [
            "note: every event of cut.edl ends one frame before the next begins: its out points may be inclusive"
        ]
    );
    let exclusive = read_text(&[event(1, 0, 23), event(2, 23, 46), event(3, 46, 69)].concat());
    assert_eq!(conform(&exclusive, &base, &[]), Vec::<String>::new());
}

#[test]
fn labels_count_at_the_nominal_rate_so_that_the_last_cut_of_90_minutes_is_exact() {
    for (rate, frames, first) in [(R23_976, 129_624, 129_600), (R29_97, 162_030, 162_000)] {
        let last = format!("02:30:01:{:02}", 0);
        let list =
            read_text(&event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("02:30:00:00", &last)));
        let count = frames - first;
        let clips = [Clip::new("T1.mov", "10:00:00:00", count, rate)];
        assert_eq!(
            conform(&list, &Base::new("01:00:00:00", frames, rate), &clips),
            [format!("T1.mov {first}+{count} from 0 High [Timecode, Reel] 0/0")]
        );
    }
}

#[test]
fn drop_frame_is_never_guessed_from_the_rate() {
    for (drop, non_drop, hour) in
        [(R29_97_DROP, R29_97, 107_892), (R59_94_DROP, (60_000, 1001, false), 215_784)]
    {
        let list = read_text(&event(
            "001",
            "T1",
            ("10:00:00:00", "10:00:01:00"),
            ("01:00:00:00", "01:00:01:00"),
        ));
        let count = drop.0 / 1000;
        let placed = |start: &str, rate: (u64, u64, bool), clip: (u64, u64, bool)| {
            let start_of_clip = if clip.2 { "10:00:00;00" } else { "10:00:00:00" };
            let clips = [Clip::new("T1.mov", start_of_clip, count, clip)];
            conform(&list, &Base::new(start, 300_000, rate), &clips)[0]
                .split('+')
                .next()
                .map(str::to_owned)
        };
        assert_eq!(placed("00:00:00;00", drop, drop), Some(format!("T1.mov {hour}")));
        assert_eq!(
            placed("00:00:00:00", non_drop, non_drop),
            Some(format!("T1.mov {}", count * 3600))
        );
    }
}

#[test]
fn record_timecode_is_a_position_in_the_base_whatever_the_first_event_is() {
    let list = read_text(
        &[
            event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("23:00:05:00", "23:00:06:00")),
            event("002", "T2", ("10:00:00:00", "10:00:01:00"), ("23:00:01:00", "23:00:02:00")),
        ]
        .concat(),
    );
    let clips =
        [Clip::new("T1.mov", "10:00:00:00", 24, R24), Clip::new("T2.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&list, &Base::new("23:00:00:00", 240, R24), &clips),
        [
            "T2.mov 24+24 from 0 High [Timecode, Reel] 0/0",
            "T1.mov 120+24 from 0 High [Timecode, Reel] 0/0"
        ]
    );
}

#[test]
fn reel_of_24_letters_and_events_past_999_shear_nothing() {
    let reel = "A_0031C010_241010_133208";
    let list = read_text(&event(
        "1000",
        reel,
        ("10:00:00:00", "10:00:01:00"),
        ("01:00:00:00", "01:00:01:00"),
    ));
    assert_eq!((list.cuts[0].label.as_str(), list.cuts[0].names[0].text.as_str()), ("1000", reel));
}

#[test]
fn list_without_fcm_and_with_numbers_of_four_digits_is_read() {
    assert_eq!(
        read_text(&event(
            "0001",
            "T1",
            ("10:00:00:00", "10:00:01:00"),
            ("01:00:00:00", "01:00:01:00")
        ))
        .cuts
        .len(),
        1
    );
}

#[test]
fn reel_that_was_cut_off_equals_a_name_at_its_own_length_alone() {
    let base = Base::new("01:00:00:00", 240, R24);
    let confidence = |list: &str, clip: &'static str| {
        let list = read_text(list);
        conform(&list, &base, &[Clip::new(clip, "10:00:00:00", 24, R24)])[0].clone()
    };
    let whole =
        event("001", "A001C002", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00"))
            + "* SOURCE FILE: A001C002_160101_R1BK\n";
    assert!(confidence(&whole, "A001C002_160101_R1BK.mov").contains("High"));
    assert!(confidence(&whole, "A001C002_170202_R1XX.mov").contains("Medium"));
    let seven =
        event("001", "A001C00", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00"));
    assert!(confidence(&seven, "A001C002.mov").contains("weak_evidence"));
}

#[test]
fn frame_beyond_the_rate_is_told_with_both_numbers_and_the_line() {
    let list = read_text(&event(
        "001",
        "T1",
        ("10:00:00:00", "10:00:01:00"),
        ("00:00:15:26", "00:00:16:26"),
    ));
    assert_eq!(
        conform(&list, &Base::new("00:00:00:00", 2400, R24), &[]),
        ["list_rate: line 1: \"00:00:15:26\" has frame 26, the base counts 24 frames a second"]
    );
}

#[test]
fn adjacent_dissolves_keep_the_plain_frames_between_them() {
    let list = read_text(
        "001  A V C 10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00\n\
         002  A V C 10:00:02:00 10:00:02:00 01:00:02:00 01:00:02:00\n\
         002  TB V D 020 11:00:00:00 11:00:04:21 01:00:02:00 01:00:06:21\n\
         003  TB V C 11:00:04:21 11:00:04:21 01:00:06:21 01:00:06:21\n\
         003  TC V D 012 12:00:00:00 12:00:02:00 01:00:06:21 01:00:08:21\n",
    );
    let leave =
        ConformOptions { transitions: conform::Transitions::Leave, ..ConformOptions::default() };
    let clips = [Clip::new("TB.mov", "11:00:00:00", 129, R24)];
    assert_eq!(
        conform_with(&[&list], &Base::new("01:00:00:00", 240, R24), &clips, &leave)[0],
        "TB.mov 68+97 from 20 High [Timecode, Reel] 0/0"
    );
}

#[test]
fn source_timecode_outside_of_the_named_clip_is_refused_and_not_shifted() {
    let list = read_text(&event(
        "001",
        "T1",
        ("10:00:25:00", "10:00:26:00"),
        ("01:00:00:00", "01:00:01:00"),
    ));
    let clips = [Clip::new("T1.mov", "10:00:00:00", 240, R24)];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        [
            "T1.mov no_event: no event of cut.edl fits it; nearest: event 001 (line 1) of cut.edl, same reel, \
          source 10:00:25:00 to 10:00:26:00, 384 frames past its end"
        ]
    );
}

#[test]
fn speed_is_read_whatever_the_lengths_say_and_the_lists_own_rate_is_plain() {
    let base = Base::new("01:00:00:00", 240, R24);
    let placed = |speed: &str| {
        let event =
            event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00"));
        let list = read_text(&format!("{event}M2   T1  {speed}  10:00:00:00\n"));
        conform(&list, &base, &[Clip::new("T1.mov", "10:00:00:00", 24, R24)])[0].clone()
    };
    assert_eq!(
        placed("026.4"),
        "T1.mov retimed: event 001 (line 1) of cut.edl plays it at 26.4 frames a second (M2)"
    );
    assert_eq!(
        placed("-024.0"),
        "T1.mov retimed: event 001 (line 1) of cut.edl plays it at -24 frames a second (M2)"
    );
    assert_eq!(
        placed("000.0"),
        "T1.mov retimed: event 001 (line 1) of cut.edl plays it at 0 frames a second (M2)"
    );
    assert!(placed("024.0").contains("High"));
}

#[test]
fn picture_and_sound_of_one_event_are_one_cut() {
    let labels = "10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00";
    let list =
        read_text(&format!("001  T1 AA C {labels}\n001  T1 V C {labels}\n* FROM CLIP NAME: X\n"));
    assert_eq!(cut_texts(&list), ["001 01:00:00:00-01:00:01:00 10:00:00:00-10:00:01:00 [T1, X]"]);
    assert_eq!(read_text(&format!("001  T1 AA/V C {labels}\n")).cuts.len(), 1);
}

#[test]
fn comments_before_the_first_event_and_blank_lines_are_ignored() {
    let event = event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00"));
    let list = read_text(&format!("\n* FROM CLIP NAME: X\n\n\n{event}\n\n* FROM CLIP NAME: Y\n"));
    assert_eq!(list.cuts[0].names[1].text, "Y");
}

#[test]
fn gaps_stay_gaps() {
    let list = read_text(
        &[
            event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00")),
            event("002", "T2", ("10:00:00:00", "10:00:01:00"), ("01:00:05:00", "01:00:06:00")),
        ]
        .concat(),
    );
    let clips = [Clip::new("T2.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        ["T2.mov 120+24 from 0 High [Timecode, Reel] 0/0"]
    );
}

#[test]
fn longest_key_counts_and_of_a_path_the_last_part() {
    let event = event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00"));
    let list = read_text(&format!(
        "{event}* FROM CLIP: /Volumes/media/S01.mov\n* FROM CLIP NAME: scene 1\n"
    ));
    let names: Vec<(NameKind, &str)> =
        list.cuts[0].names.iter().map(|name| (name.kind, name.text.as_str())).collect();
    assert_eq!(names[1..], [(NameKind::File, "S01.mov"), (NameKind::Clip, "scene 1")]);
}

#[test]
fn events_of_one_frame_stay_where_they_are_and_nothing_is_accumulated() {
    let list = read_text(
        &[
            event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00")),
            event("002", "T2", ("10:00:00:00", "10:00:00:01"), ("01:00:01:00", "01:00:01:01")),
            event("003", "T3", ("10:00:00:00", "10:00:00:00"), ("01:00:01:01", "01:00:01:01")),
            event("004", "T4", ("10:00:00:00", "10:00:01:00"), ("01:00:01:01", "01:00:02:01")),
        ]
        .concat(),
    );
    let clips =
        [Clip::new("T2.mov", "10:00:00:00", 1, R24), Clip::new("T4.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        [
            "T2.mov 24+1 from 0 High [Timecode, Reel] 0/0",
            "T4.mov 25+24 from 0 High [Timecode, Reel] 0/0"
        ]
    );
}

#[test]
fn lengths_that_differ_are_no_copy_one_to_one() {
    let list = read_text(&event(
        "001",
        "T1",
        ("10:00:00:00", "10:00:01:01"),
        ("01:00:00:00", "01:00:00:13"),
    ));
    let clips = [Clip::new("T1.mov", "10:00:00:00", 24 + 1, R24)];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        [
            "T1.mov retimed: event 001 (line 1) of cut.edl takes 25 source frames for 13 of the record"
        ]
    );
}

#[test]
fn length_of_a_drop_frame_source_is_counted_by_the_clips_own_flag() {
    // Avid writes ':' under FCM: DROP FRAME: 82 frames only as drop frame.
    let list = read_text(&format!(
        "FCM: DROP FRAME\n{}",
        event("008", "ACC112", ("01:50:58:03", "01:51:00:27"), ("01:00:38:14", "01:00:41:06"))
    ));
    let base = Base::new("01:00:00;00", 9000, R29_97_DROP);
    let drop = [Clip::new("ACC112.mov", "01:50:58;03", 82, R29_97_DROP)];
    assert_eq!(
        conform(&list, &base, &drop),
        ["ACC112.mov 1154+82 from 0 High [Timecode, Reel] 0/0"]
    );
    let non_drop = [Clip::new("ACC112.mov", "01:50:58:03", 84, R29_97)];
    assert_eq!(
        conform(&list, &base, &non_drop),
        [
            "ACC112.mov retimed: event 008 (line 2) of cut.edl takes 84 source frames for 82 of the record"
        ]
    );
}

/// An OTIO timeline of one clip.
fn one_clip(start: &str, source: &str, available: &str) -> CutList {
    let time = |value: &str| format!(r#"{{"value": {value}, "rate": 24}}"#);
    let range =
        |start: &str| format!(r#"{{"start_time": {}, "duration": {}}}"#, time(start), time("24"));
    let available = if available == "null" { "null".to_owned() } else { range(available) };
    let start = if start == "null" { "null".to_owned() } else { time(start) };
    read_text(&format!(
        r#"{{"OTIO_SCHEMA": "Timeline.1", "global_start_time": {start}, "tracks": {{"OTIO_SCHEMA": "Stack.1",
           "children": [{{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [{{"OTIO_SCHEMA": "Clip.1",
           "name": "T1", "source_range": {}, "media_reference": {{"OTIO_SCHEMA": "ExternalReference.1",
           "available_range": {available}}}}}]}}]}}}}"#,
        range(source)
    ))
}

#[test]
fn source_is_relative_to_where_the_medias_own_range_starts() {
    assert_eq!(
        cut_texts(&one_clip("86400", "1010", "1000")),
        ["V1-1 86400..86424 1010..1034 [T1]"]
    );
    let base = Base::new("01:00:00:00", 240, R24);
    let unsure = one_clip("86400", "864000", "null");
    let named = [Clip::new("T1.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&unsure, &base, &named),
        ["T1.mov 0+24 from 0 High [Timecode, ClipName] 0/0"]
    );
    let unnamed = [Clip::new("x.mov", "10:00:00:00", 24, R24)];
    let low = ConformOptions { min_confidence: Confidence::Low, ..ConformOptions::default() };
    assert_eq!(
        conform_with(&[&unsure], &base, &unnamed, &low),
        [
            "x.mov no_event: no event of cut.edl fits it; nearest: event V1-1 of cut.edl, whose media starts nobody knows when"
        ]
    );
}

#[test]
fn timeline_without_a_start_is_at_zero_alone() {
    let list = one_clip("null", "864000", "864000");
    let clips = [Clip::new("T1.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&list, &Base::new("00:00:00:00", 240, R24), &clips),
        ["T1.mov 0+24 from 0 High [Timecode, ClipName] 0/0"]
    );
    let base = Base::new("01:00:00:00", 240, R24);
    assert_eq!(
        conform(&list, &base, &clips),
        [
            "list_start: it does not say at which timecode it starts, and the base starts at 01:00:00:00"
        ]
    );
    let offset = ConformOptions { offset: Some(86_400 + 24), ..ConformOptions::default() };
    assert_eq!(
        conform_with(&[&list], &base, &clips, &offset),
        ["T1.mov 24+24 from 0 High [Timecode, ClipName] 0/0"]
    );
}

#[test]
fn timeline_at_another_rate_is_refused_and_a_near_one_noted() {
    let list = one_clip("86400", "864000", "864000");
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R25), &[]),
        ["list_rate: its timeline counts 24 frames a second, the base 25"]
    );
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R23_976), &[]),
        ["note: the timeline of cut.edl counts 24 frames a second, the base 24000/1001"]
    );
}

#[test]
fn xmeml_timecode_of_30_frames_under_60_counts_in_pairs_and_ntsc_is_inherited() {
    let list = read_text(
        "<xmeml><sequence><name>T</name><rate><timebase>60</timebase><ntsc>TRUE</ntsc></rate>\
         <timecode><rate><timebase>60</timebase></rate><string>01:00:00;00</string><frame>215784</frame></timecode>\
         <media><video><track><clipitem><name>A</name><start>0</start><end>60</end><in>2</in><out>0</out>\
         <duration>0</duration><file id=\"f\"><rate><timebase>60</timebase></rate>\
         <timecode><rate><timebase>30</timebase></rate><frame>1000</frame></timecode></file></clipitem></track>\
         </video></media></sequence></xmeml>",
    );
    assert_eq!(list.rate, Some(format(R59_94_DROP).rate));
    assert_eq!(list.counting, Counting::Drop { line: Some(1) });
    assert_eq!(cut_texts(&list), ["V1-1 215784..215844 2002..2062 [A]"]);
    assert_eq!(list.cuts[0].play, Play::Plain);
}

#[test]
fn markers_in_the_form_of_events_are_no_edit() {
    let list = read_text(
        "001  001 V C 01:00:01:00 01:00:01:01 01:00:01:00 01:00:01:01\n |D:24\n\
         002  001 V C 01:00:02:00 01:00:02:01 01:00:02:00 01:00:02:01\n |D:24\n",
    );
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &[]),
        [
            "list_markers: it is a list of markers: every event (2) is one frame long, and its source is its record timecode"
        ]
    );
}

#[test]
fn multi_camera_shoots_that_share_the_time_of_day_are_told_apart_by_reel() {
    let list = read_text(
        &[
            event(
                "001",
                "A026C021",
                ("14:00:00:00", "14:00:01:00"),
                ("01:00:00:00", "01:00:01:00"),
            ),
            event(
                "002",
                "B026C018",
                ("14:00:00:00", "14:00:01:00"),
                ("01:00:01:00", "01:00:02:00"),
            ),
        ]
        .concat(),
    );
    let clips = [
        Clip::new("S1.mov", "14:00:00:00", 24, R24).reel("B026C018"),
        Clip::new("A026C021_0101.mov", "14:00:00:00", 24, R24),
    ];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        [
            "A026C021_0101.mov 0+24 from 0 Medium [Timecode, Reel] 0/0",
            "S1.mov 24+24 from 0 High [Timecode, Reel] 0/0",
        ]
    );
}

#[test]
fn rush_of_one_camera_does_not_go_where_another_has_the_same_take() {
    let take = "* FROM CLIP NAME: 92-2A\n";
    let list = read_text(
        &[
            event(
                "001",
                "A026C021",
                ("10:00:01:00", "10:00:02:00"),
                ("01:00:00:00", "01:00:01:00"),
            ),
            take.to_owned(),
            event(
                "002",
                "B026C018",
                ("10:00:02:00", "10:00:03:00"),
                ("01:00:01:00", "01:00:02:00"),
            ),
            take.to_owned(),
        ]
        .concat(),
    );
    let rush = [Clip::new("92-2A.mov", "10:00:00:00", 24 * 9, R24).reel("B026C018")];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 48, R24), &rush),
        ["92-2A.mov 24+24 from 48 High [Timecode, Reel] 48/144"]
    );
}

#[test]
fn through_edit_makes_two_placements_that_meet() {
    let list = read_text(
        &[
            event("001", "T1", ("10:00:00:00", "10:00:01:00"), ("01:00:00:00", "01:00:01:00")),
            event("002", "T1", ("10:00:01:00", "10:00:03:00"), ("01:00:01:00", "01:00:03:00")),
        ]
        .concat(),
    );
    let clips = [Clip::new("T1.mov", "10:00:00:00", 72, R24)];
    assert_eq!(
        conform(&list, &Base::new("01:00:00:00", 240, R24), &clips),
        [
            "T1.mov 0+24 from 0 High [Timecode, Reel] 0/48",
            "T1.mov 24+48 from 24 High [Timecode, Reel] 24/0"
        ]
    );
}
