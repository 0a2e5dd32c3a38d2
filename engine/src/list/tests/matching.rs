//! Which clip goes to which cut.

use super::*;
use conform::{Confidence, Transitions};

/// Three cuts of two reels at 24 frames a second, from 01:00:00:00 on.
fn three() -> CutList {
    read_text(
        "TITLE: R\nFCM: NON-DROP FRAME\n\
         001  A001C002 V C 10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00\n* FROM CLIP NAME: 12A-3*\n\
         002  A001C002 V C 10:00:20:00 10:00:22:12 01:00:02:00 01:00:04:12\n* FROM CLIP NAME: 12A-3*\n\
         003  B001C007 V C 10:00:10:00 10:00:13:00 01:00:04:12 01:00:07:12\n* FROM CLIP NAME: 12B-1\n",
    )
}

fn base() -> Base {
    Base::new("01:00:00:00", 240, R24)
}

fn with<'a>(min_confidence: Confidence) -> ConformOptions<'a> {
    ConformOptions { min_confidence, ..ConformOptions::default() }
}

#[test]
fn clip_goes_where_its_timecode_and_its_name_are() {
    let clips = [
        Clip::new("A001C002_160101_R1BK.mov", "10:00:09:00", 96, R24),
        Clip::new("S02.mov", "10:00:20:00", 60, R24).reel("A001C002"),
        Clip::new("graded_12B-1_v01.mov", "10:00:10:00", 72, R24),
    ];
    assert_eq!(
        conform(&three(), &base(), &clips),
        [
            "A001C002_160101_R1BK.mov 0+48 from 24 Medium [Timecode, Reel] 24/24",
            "S02.mov 48+60 from 0 High [Timecode, Reel] 0/0",
            "graded_12B-1_v01.mov 108+72 from 0 Medium [Timecode, ClipName] 0/0",
        ]
    );
}

#[test]
fn order_of_clips_changes_nothing() {
    let mut clips = vec![
        Clip::new("A001C002.mov", "10:00:09:00", 96, R24),
        Clip::new("S02.mov", "10:00:20:00", 60, R24).reel("A001C002"),
    ];
    let forwards = conform(&three(), &base(), &clips);
    clips.reverse();
    assert_eq!(conform(&three(), &base(), &clips), forwards);
}

#[test]
fn reel_that_contradicts_forbids_what_timecode_allows() {
    let clips = [Clip::new("S01.mov", "10:00:10:00", 48, R24).reel("C001C001")];
    assert_eq!(
        conform_with(&[&three()], &base(), &clips, &with(Confidence::Low)),
        ["S01.mov no_event: no event of cut.edl fits it; nearest: event 001 (line 3) of cut.edl, \
          source 10:00:10:00 to 10:00:12:00, reel \"A001C002\" and not \"C001C001\""]
    );
}

#[test]
fn timecode_alone_is_weak_and_can_be_enough() {
    let clips = [Clip::new("S01.mov", "10:00:20:00", 60, R24)];
    assert_eq!(
        conform(&three(), &base(), &clips),
        ["S01.mov weak_evidence: only its timecode speaks for event 002 (line 5) of cut.edl"]
    );
    assert_eq!(
        conform_with(&[&three()], &base(), &clips, &with(Confidence::Low)),
        ["S01.mov 48+60 from 0 Low [Timecode] 0/0"]
    );
}

#[test]
fn refusal_for_weakness_names_the_event_that_the_clip_looks_like_a_render_of() {
    let list = read_text(
        "001  AX V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: A.mov\n\
         002  AX V C 10:00:02:00 10:00:04:00 01:00:01:00 01:00:03:00\n* FROM CLIP NAME: A.mov\n",
    );
    let refused = |clip| conform(&list, &base(), &[clip]);
    assert_eq!(
        refused(Clip::new("x.mov", "10:00:01:00", 96, R24)),
        ["x.mov weak_evidence: only its timecode speaks for event 002 (line 3) of cut.edl"]
    );
    assert_eq!(
        refused(Clip::new("x.mov", "10:00:01:00", 99, R24)),
        [
            "x.mov weak_evidence: only its timecode speaks for event 001 (line 1) of cut.edl, and for another as well"
        ]
    );
}

#[test]
fn events_that_have_a_clip_of_their_own_are_not_noted_where_another_contains_them() {
    let list = read_text(
        "001  T1 V C 10:00:01:00 10:00:02:00 01:00:00:00 01:00:01:00\n\
         002  T1 V C 10:00:02:00 10:00:04:00 01:00:01:00 01:00:03:00\n",
    );
    let clips = [
        Clip::new("T1_a.mov", "10:00:01:00", 24, R24),
        Clip::new("T1_b.mov", "10:00:01:00", 96, R24),
    ];
    let clips = clips.map(|clip| clip.reel("T1"));
    assert_eq!(
        conform(&list, &base(), &clips),
        [
            "T1_a.mov 0+24 from 0 High [Timecode, Reel] 0/0",
            "T1_b.mov 24+48 from 24 High [Timecode, Reel] 24/24"
        ]
    );
}

#[test]
fn partial_name_is_not_enough_where_the_same_is_asked_for() {
    let clips = [Clip::new("A001C002_160101_R1BK.mov", "10:00:10:00", 48, R24)];
    assert_eq!(
        conform_with(&[&three()], &base(), &clips, &with(Confidence::High)),
        [
            "A001C002_160101_R1BK.mov weak_evidence: no name is the same in it and in event 001 (line 3) of cut.edl"
        ]
    );
}

#[test]
fn refusal_names_the_nearest_event_and_what_speaks_against_it() {
    let clips =
        [Clip::new("A001C002.mov", "10:00:20:00", 57, R24), Clip::without_timecode("x.mov", 7)];
    assert_eq!(
        conform(&three(), &base(), &clips),
        [
            "A001C002.mov no_event: no event of cut.edl fits it; nearest: event 002 (line 5) of cut.edl, \
             same reel, source 10:00:20:00 to 10:00:22:12, 3 frames past its end",
            "x.mov no_event: no event of cut.edl fits it; nearest: event 001 (line 3) of cut.edl, \
             source 10:00:10:00 to 10:00:12:00, 48 frames long; it has 7 and no timecode",
        ]
    );
}

#[test]
fn event_without_a_name_takes_the_only_clip_that_fits() {
    let list = read_text("001  AX V C 00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00\n");
    let one = Clip::new("S01.mov", "00:00:09:00", 96, R24);
    assert_eq!(
        conform(&list, &base(), std::slice::from_ref(&one)),
        ["S01.mov 0+48 from 24 Medium [Timecode] 24/24"]
    );
    let two = [one, Clip::new("S02.mov", "00:00:08:00", 144, R24)];
    let weak = "weak_evidence: only its timecode speaks for event 001 (line 1) of cut.edl";
    assert_eq!(
        conform(&list, &base(), &two),
        [format!("S01.mov {weak}"), format!("S02.mov {weak}")]
    );
}

#[test]
fn render_of_one_shot_that_contains_another_takes_its_own_alone() {
    let list = read_text(
        "001  T1 V C 10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00\n\
         002  T1 V C 10:00:12:00 10:00:12:12 01:00:02:00 01:00:02:12\n",
    );
    let clips = [Clip::new("T1.mov", "10:00:09:00", 96, R24)];
    assert_eq!(
        conform(&list, &base(), &clips),
        [
            "T1.mov 0+48 from 24 High [Timecode, Reel] 24/24",
            "note: T1.mov: it also contains event 002 (line 2) of cut.edl, which it was not rendered for",
        ]
    );
}

#[test]
fn source_length_render_takes_every_cut_of_it() {
    let clips = [Clip::new("A001C002.mov", "10:00:00:00", 1000, R24)];
    assert_eq!(
        conform(&three(), &base(), &clips),
        [
            "A001C002.mov 0+48 from 240 High [Timecode, Reel] 240/712",
            "A001C002.mov 48+60 from 480 High [Timecode, Reel] 480/460",
        ]
    );
}

#[test]
fn clip_that_is_symmetric_around_two_shots_is_ambiguous() {
    let list = read_text(
        "001  T1 V C 10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00\n\
         002  T1 V C 10:00:10:12 10:00:11:12 01:00:02:00 01:00:03:00\n",
    );
    let clips = [Clip::new("T1.mov", "10:00:09:00", 96, R24)];
    assert_eq!(
        conform(&list, &base(), &clips),
        [
            "T1.mov ambiguous_event: event 001 (line 1) and event 002 (line 2) of cut.edl fit it equally well"
        ]
    );
}

#[test]
fn shot_that_is_shown_twice_is_placed_twice() {
    let list = read_text(
        "001  T1 V C 10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00\n\
         002  T2 V C 11:00:10:00 11:00:12:00 01:00:02:00 01:00:04:00\n\
         003  T1 V C 10:00:10:00 10:00:12:00 01:00:04:00 01:00:06:00\n",
    );
    let clips = [Clip::new("T1.mov", "10:00:09:00", 96, R24)];
    assert_eq!(
        conform(&list, &base(), &clips),
        [
            "T1.mov 0+48 from 24 High [Timecode, Reel] 24/24",
            "T1.mov 96+48 from 24 High [Timecode, Reel] 24/24"
        ]
    );
}

#[test]
fn two_clips_for_one_shot_are_told_apart_by_confidence_alone() {
    let list = three();
    let good = Clip::new("A001C002.mov", "10:00:10:00", 48, R24);
    let vague = Clip::new("A001C002_old.mov", "10:00:10:00", 48, R24);
    assert_eq!(
        conform(&list, &base(), &[good.clone(), vague]),
        [
            "A001C002.mov 0+48 from 0 High [Timecode, Reel] 0/0",
            "A001C002_old.mov outranked: more speaks for A001C002.mov in event 001 (line 3) of cut.edl",
        ]
    );
    let wide = Clip::new("S01.mov", "10:00:09:00", 96, R24).reel("A001C002");
    assert_eq!(
        conform(&list, &base(), &[good.clone(), wide.clone()]),
        [
            "A001C002.mov ambiguous_event: event 001 (line 3) of cut.edl fits it, and S01.mov as well as it",
            "S01.mov ambiguous_event: event 001 (line 3) of cut.edl fits it, and A001C002.mov as well as it",
        ]
    );
    let lines = conform(&list, &base(), &[good, wide.rank(1)]);
    assert_eq!(lines.len(), 2, "clips of different ranks are no rivals: {lines:?}");
}

#[test]
fn versions_of_a_clip_are_told_as_such() {
    let clips = [
        Clip::new("A001C002_v1.mov", "10:00:10:00", 48, R24).version("A001C002", 1),
        Clip::new("A001C002_v2.mov", "10:00:10:00", 48, R24).version("A001C002", 2),
    ];
    assert_eq!(
        conform(&three(), &base(), &clips)[0],
        "A001C002_v1.mov versions: event 001 (line 3) of cut.edl fits it, and its other versions: A001C002_v2.mov"
    );
    let options = ConformOptions { latest_version: true, ..ConformOptions::default() };
    assert_eq!(
        conform_with(&[&three()], &base(), &clips, &options),
        [
            "A001C002_v2.mov 0+48 from 0 Medium [Timecode, Reel] 0/0",
            "A001C002_v1.mov outranked: more speaks for A001C002_v2.mov in event 001 (line 3) of cut.edl",
        ]
    );
}

#[test]
fn clip_without_timecode_needs_a_name_and_the_length() {
    let clips = [Clip::without_timecode("A001C002.mov", 60)];
    let low = with(Confidence::Low);
    assert_eq!(
        conform(&three(), &base(), &clips),
        [
            "A001C002.mov weak_evidence: only a name and its length speak for event 002 (line 5) of cut.edl: it has no timecode, or one from 00:00:00:00 on"
        ]
    );
    assert_eq!(
        conform_with(&[&three()], &base(), &clips, &low),
        ["A001C002.mov 48+60 from 0 Low [Reel] 0/0"]
    );
    let from_zero = Clip { handles: 8, ..Clip::new("A001C002.mov", "00:00:00:00", 76, R24) };
    assert_eq!(
        conform_with(&[&three()], &base(), &[from_zero], &low),
        ["A001C002.mov 48+60 from 8 Low [Reel] 8/8"]
    );
    let off = [Clip::without_timecode("A001C002.mov", 61)];
    assert!(conform_with(&[&three()], &base(), &off, &low)[0].contains("no_event"));
}

#[test]
fn clip_whose_timecode_may_mean_nothing_is_asked_about_where_its_length_says_otherwise() {
    // A source that starts at 00:00:00:00, of which the list takes 2 and 10 seconds.
    let list = read_text(
        "001  AX V C 00:00:05:00 00:00:07:00 01:00:00:00 01:00:02:00\n* FROM CLIP NAME: SCENE_5.mov\n\
         002  AX V C 00:00:10:00 00:00:20:00 01:00:02:00 01:00:12:00\n* FROM CLIP NAME: SCENE_5.mov\n",
    );
    let base = Base::new("01:00:00:00", 12 * 24, R24);
    // A render of the second without timecode: its frames from 5 s on are not those of the first.
    let render = [Clip::new("SCENE_5_S02.mov", "00:00:00:00", 240, R24)];
    assert_eq!(
        conform(&list, &base, &render),
        [
            "SCENE_5_S02.mov ambiguous_event: event 001 (line 1) and event 002 (line 3) of cut.edl fit it equally well"
        ]
    );
    let whole = [Clip::new("SCENE_5.mov", "00:00:00:00", 600, R24)];
    assert_eq!(
        conform(&list, &base, &whole),
        [
            "SCENE_5.mov 0+48 from 120 High [Timecode, ClipName] 120/432",
            "SCENE_5.mov 48+240 from 240 High [Timecode, ClipName] 240/120"
        ]
    );
}

#[test]
fn event_can_be_given_by_hand() {
    let clips = [Clip::new("S01.mov", "10:00:19:00", 100, R24).reel("X")];
    let given = |label| {
        let by_hand = [(0, label)];
        let options = ConformOptions { by_hand: &by_hand, ..ConformOptions::default() };
        conform_with(&[&three()], &base(), &clips, &options)
    };
    let placed = ["S01.mov 48+60 from 24 High [ByHand] 24/16"];
    assert_eq!(given("002"), placed);
    assert_eq!(given("2"), placed);
    assert_eq!(given("line:5"), placed);
    assert_eq!(given("9"), ["S01.mov no_event: no picture event of cut.edl is called \"9\""]);
    assert_eq!(
        given("001"),
        [
            "S01.mov no_event: the event that it was given does not fit it: event 001 (line 3) of cut.edl, \
          source 10:00:10:00 to 10:00:12:00, 216 frames before its start"
        ]
    );
}

#[test]
fn number_that_repeats_is_ambiguous_by_hand_and_its_line_is_not() {
    let list = read_text(
        "001  T1 V C 10:00:10:00 10:00:12:00 01:00:00:00 01:00:02:00\n* X\n\
         001  T1 V C 10:00:14:00 10:00:16:00 01:00:02:00 01:00:04:00\n",
    );
    let clips = [Clip::new("T1.mov", "10:00:00:00", 1000, R24)];
    let given = |label| {
        let by_hand = [(0, label)];
        let options = ConformOptions { by_hand: &by_hand, ..ConformOptions::default() };
        conform_with(&[&list], &base(), &clips, &options)
    };
    assert_eq!(
        given("1"),
        [
            "T1.mov ambiguous_event: event 001 (line 1) and event 001 (line 3) of cut.edl fit it equally well"
        ]
    );
    assert_eq!(given("line:3"), ["T1.mov 48+48 from 336 High [ByHand] 336/616"]);
}

/// A cut, and another that it dissolves into.
fn dissolve() -> CutList {
    read_text(
        "001  T1 V C 10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00\n\
         002  T1 V C 10:00:02:00 10:00:02:00 01:00:02:00 01:00:02:00\n\
         002  T2 V D 024 11:00:00:00 11:00:04:00 01:00:02:00 01:00:06:00\n",
    )
}

#[test]
fn frames_in_a_dissolve_are_refused_or_left() {
    let clips =
        [Clip::new("T1.mov", "10:00:00:00", 72, R24), Clip::new("T2.mov", "10:59:59:00", 144, R24)];
    let runs_on = "note: event 001 (line 1) of cut.edl runs on into 24 mixed frames, which keep the base's pictures";
    assert_eq!(
        conform(&dissolve(), &base(), &clips),
        [
            "T1.mov 0+48 from 0 High [Timecode, Reel] 0/0",
            "T2.mov in_transition: 24 of the 96 frames of event 002 (line 3) of cut.edl lie in a dissolve",
            runs_on,
        ]
    );
    let leave = ConformOptions { transitions: Transitions::Leave, ..ConformOptions::default() };
    assert_eq!(
        conform_with(&[&dissolve()], &base(), &clips, &leave),
        [
            "T1.mov 0+48 from 0 High [Timecode, Reel] 0/0",
            "T2.mov 72+72 from 48 High [Timecode, Reel] 24/24",
            runs_on,
            "note: 24 mixed frames of event 002 (line 3) of cut.edl keep the base's pictures",
        ]
    );
    let plain_frames = [Clip::new("T2.mov", "11:00:01:00", 72, R24)];
    assert_eq!(
        conform_with(&[&dissolve()], &base(), &plain_frames, &leave)[0],
        "T2.mov 72+72 from 0 High [Timecode, Reel] 0/0"
    );
}

#[test]
fn upper_layers_hide_lower_ones_whether_a_clip_came_for_them_or_not() {
    let lower = read_text("001  T1 V C 10:00:00:00 10:00:05:00 01:00:00:00 01:00:05:00\n");
    let upper = read_text("001  T2 V C 11:00:00:00 11:00:01:00 01:00:02:00 01:00:03:00\n");
    let clips = [Clip::new("T1.mov", "10:00:00:00", 120, R24)];
    let options = ConformOptions::default();
    assert_eq!(
        conform_with(&[&lower, &upper], &base(), &clips, &options),
        [
            "T1.mov 0+48 from 0 High [Timecode, Reel] 0/0",
            "T1.mov 72+48 from 72 High [Timecode, Reel] 0/0",
            "note: clips of upper tracks hide 24 frames of event 001 (line 1) of cut.edl",
        ]
    );
    let all = read_text(
        "001  T2 V C 11:00:00:00 11:00:06:00 01:00:00:00 01:00:06:00\nM2 T2 050.0 11:00:00:00\n",
    );
    assert_eq!(
        conform_with(&[&lower, &all], &base(), &clips, &options),
        ["T1.mov hidden: clips of upper tracks hide event 001 (line 1) of cut.edl"]
    );
    let black = read_text(
        "001  BL V C 00:00:00:00 00:00:06:00 01:00:00:00 01:00:06:00\n\
         002  T3 V C 12:00:00:00 12:00:01:00 01:00:07:00 01:00:08:00\n",
    );
    assert_eq!(
        conform_with(&[&lower, &black], &base(), &clips, &options),
        ["T1.mov 0+120 from 0 High [Timecode, Reel] 0/0"]
    );
    let still = read_text(
        "001  AX V C 00:00:00:00 00:00:06:00 01:00:00:00 01:00:06:00\n* FROM CLIP IS A STILL\n\
         002  T3 V C 12:00:00:00 12:00:01:00 01:00:07:00 01:00:08:00\n",
    );
    assert!(conform_with(&[&lower, &still], &base(), &clips, &options)[0].contains("hidden"));
}

#[test]
fn cuts_without_a_clip_are_counted() {
    let clips = [Clip::new("S02.mov", "10:00:20:00", 60, R24).reel("A001C002")];
    let conformed = try_conform(&[&three()], &base(), &clips, &ConformOptions::default());
    let summary = &conformed.expect("it fits").lists[0];
    assert_eq!((summary.cuts, summary.placed, summary.without_clip.len()), (3, 1, 2));
    assert_eq!(summary.without_clip[0].event.to_string(), "event 001 (line 3) of cut.edl");
}

#[test]
fn list_of_another_rate_or_counting_is_refused() {
    let base = base();
    let list = read_text("001  T1 V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:00:24\n");
    assert_eq!(
        conform(&list, &base, &[]),
        ["list_rate: line 1: \"01:00:00:24\" has frame 24, the base counts 24 frames a second"]
    );
    let source = read_text("001  T1 V C 10:00:00:00 10:00:00:24 01:00:00:00 01:00:01:00\n");
    assert_eq!(
        conform(&source, &base, &[]),
        ["list_rate: line 1: \"10:00:00:24\" has frame 24, the base counts 24 frames a second"]
    );
    let drop =
        read_text("FCM: DROP FRAME\n001  T1 V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n");
    assert_eq!(
        conform(&drop, &base, &[]),
        ["list_drop_frame: its record timecode is drop frame (line 1), the base's is non-drop"]
    );
    let label = read_text("001  T1 V C 10:00:00:00 10:00:01:00 01:01:00:00 01:01:01:00\n");
    assert_eq!(
        conform(&label, &Base::new("01:00:00;00", 9000, R29_97_DROP), &[]),
        [
            "list_drop_frame: line 1: \"01:01:00:00\" does not exist in drop frame, which the base's timecode is"
        ]
    );
    let backwards = read_text("001  T1 V C 10:00:00:00 10:00:01:00 01:00:02:00 01:00:01:00\n");
    assert_eq!(
        conform(&backwards, &base, &[]),
        ["list_line: line 1: event 001 ends at 01:00:01:00, before it begins at 01:00:02:00"]
    );
}

#[test]
fn clip_may_count_otherwise_than_the_base() {
    let list = read_text("001  T1 V C 10:01:00:02 10:01:10:02 01:00:00:00 01:00:10:00\n");
    let base = Base::new("01:00:00:00", 900, R29_97);
    let clips = [Clip::new("T1.mov", "10:01:00;02", 300, R29_97_DROP)];
    assert_eq!(
        conform(&list, &base, &clips),
        [
            "T1.mov 0+300 from 0 High [Timecode, Reel] 0/0",
            "note: T1.mov: its timecode is drop frame, the base's is non-drop",
        ]
    );
}

#[test]
fn list_runs_through_midnight_where_the_base_does() {
    let list = read_text(
        "001  T1 V C 23:59:59:00 00:00:01:00 23:59:59:00 00:00:01:00\n\
         002  T2 V C 10:00:00:00 10:00:01:00 00:00:01:00 00:00:02:00\n",
    );
    let clips =
        [Clip::new("T1.mov", "23:59:58:00", 96, R24), Clip::new("T2.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&list, &Base::new("23:59:58:00", 240, R24), &clips),
        [
            "T1.mov 24+48 from 24 High [Timecode, Reel] 24/24",
            "T2.mov 72+24 from 0 High [Timecode, Reel] 0/0"
        ]
    );
}

#[test]
fn names_are_compared_whatever_their_signs_and_case() {
    let fits = |list: &str, clip: &'static str| {
        let list = read_text(&format!(
            "001  AX V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: {list}\n"
        ));
        let clips = [Clip::new(clip, "10:00:00:00", 24, R24)];
        let lines = conform(&list, &base(), &clips);
        lines[0].split(' ').nth(4).filter(|_| !lines[0].contains("weak")).map(str::to_owned)
    };
    let fit = |confidence: &str| Some(confidence.to_owned());
    assert_eq!(fits("A 001-C002.MOV", "a_001_c002.mov"), fit("High"));
    assert_eq!(fits("92-2A*", "92_2a.mov"), fit("High"));
    assert_eq!(fits("Ka\u{308}se", "k\u{e4}se.mov"), fit("High"));
    assert_eq!(fits("A001C002", "A001C002_160101_R1BK.mov"), fit("Medium"));
    assert_eq!(fits("A001C002", "A001C0021.mov"), fit("Medium"), "cut off at 8");
    assert_eq!(fits("A001C00", "A001C0021.mov"), None, "7 letters are a whole name");
    assert_eq!(fits("sh010", "show_sh010_v2.mov"), fit("Medium"));
    assert_eq!(fits("sh010", "show_sh0101_v2.mov"), None, "a word is not cut in two");
    assert_eq!(fits("010", "show_010.mov"), None, "too short to say anything");
    assert_eq!(fits("2024", "show_2024.mov"), None, "a number says nothing");
}

#[test]
fn guessed_letters_neither_agree_in_full_nor_contradict() {
    // GBK: neither UTF-8 nor Latin-1.
    let bytes = b"001  AX V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n* FROM CLIP NAME: \xbd\xfc\xcc\xd9_0010_show.mov\n";
    let list = read(bytes, None).expect("it can be read");
    let clips = [Clip::new("\u{8fd1}\u{85e4}_0010_show.mov", "10:00:00:00", 24, R24)];
    assert_eq!(
        conform(&list, &base(), &clips),
        [
            "\u{8fd1}\u{85e4}_0010_show.mov 0+24 from 0 Medium [Timecode, ClipName] 0/0",
            "note: cut.edl is not UTF-8: only ASCII letters of its names are compared",
        ]
    );
}
