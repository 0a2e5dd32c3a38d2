//! Places: timecode, midnight, edges, handles, `--at`, bases whose timecode jumps.

use super::*;

fn at(name: &str, timecode: &str) -> PlaceOptions {
    PlaceOptions { at: [(name.to_owned(), timecode.to_owned())].into(), ..options() }
}

#[test]
fn base_through_midnight_takes_clips_from_both_days() {
    let base = film("base.mov", "23:59:58:00", 100);
    let clips = [film("a.mov", "23:59:59:00", 10), film("b.mov", "00:00:00:05", 10)];
    let plan = planned(&base, &clips, &options());
    assert_eq!(places(&plan), [(25, 35, 0, 10), (55, 65, 0, 10)]);
    assert_eq!(plan.events[1].record_timecode_in, "00:00:00:05");
}

#[test]
fn clip_across_midnight_is_one_run() {
    let base = film("base.mov", "23:59:58:00", 100);
    let plan = planned(&base, &[film("a.mov", "23:59:59:20", 10)], &options());
    assert_eq!(places(&plan), [(45, 55, 0, 10)]);
    assert_eq!(plan.events[0].record_timecode_out, "00:00:00:05");
}

#[test]
fn drop_frame_hour_is_107892_frames() {
    let base =
        film("base.mov", "00:00:00:00", 200_000).counted((30_000, 1001), true, "00:00:00;00");
    let clip = film("a.mov", "00:00:00:00", 5).counted((30_000, 1001), true, "01:00:00;00");
    let plan = planned(&base, &[clip], &options());
    assert_eq!(places(&plan), [(107_892, 107_897, 0, 5)]);
    assert_eq!(plan.events[0].record_timecode_out, "01:00:00;05");
}

#[test]
fn clip_outside_the_base_is_refused_with_all_four_timecodes() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clips = [film("late.mov", "02:00:00:00", 10), film("early.mov", "00:59:59:00", 25)];
    assert_eq!(
        refusals(&base, &clips, &options()),
        [
            "/films/early.mov: its timecode 00:59:59:00 to 01:00:00:00 is not in the base (01:00:00:00 to 01:00:04:00)",
            "/films/late.mov: its timecode 02:00:00:00 to 02:00:00:10 is not in the base (01:00:00:00 to 01:00:04:00)",
        ]
    );
}

#[test]
fn clip_that_sticks_out_is_refused_or_trimmed() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clips = [film("head.mov", "00:59:59:20", 10), film("tail.mov", "01:00:03:20", 10)];
    assert_eq!(
        refusals(&base, &clips, &options()),
        [
            "/films/head.mov: its timecode 00:59:59:20 to 01:00:00:05 sticks out of the base's 01:00:00:00 to \
             01:00:04:00 by 5 frames before and 0 after",
            "/films/tail.mov: its timecode 01:00:03:20 to 01:00:04:05 sticks out of the base's 01:00:00:00 to \
             01:00:04:00 by 0 frames before and 5 after",
        ]
    );
    let plan = planned(&base, &clips, &PlaceOptions { clip_edges: ClipEdges::Trim, ..options() });
    assert_eq!(places(&plan), [(0, 5, 5, 5), (95, 100, 0, 5)]);
    assert_eq!(
        plan.warnings,
        [
            "/films/head.mov: it sticks out of the base: its first 5 frames are not used",
            "/films/tail.mov: it sticks out of the base: its last 5 frames are not used",
        ]
    );
}

#[test]
fn clip_longer_than_the_base_is_trimmed_at_both_ends() {
    let base = film("base.mov", "01:00:00:00", 10);
    let clip = film("a.mov", "00:59:59:20", 20);
    let plan = planned(&base, &[clip], &PlaceOptions { clip_edges: ClipEdges::Trim, ..options() });
    assert_eq!(places(&plan), [(0, 10, 5, 10)]);
}

#[test]
fn last_frame_of_the_base_can_be_replaced_and_the_next_cannot() {
    let base = film("base.mov", "01:00:00:00", 100);
    let plan = planned(&base, &[film("a.mov", "01:00:03:24", 1)], &options());
    assert_eq!(replaced(&plan), [(99, 1, 0, 0)]);
    assert_eq!(refusals(&base, &[film("a.mov", "01:00:04:00", 1)], &options()).len(), 1);
}

#[test]
fn handles_are_left_out_at_both_ends() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clip = film("a.mov", "01:00:00:10", 30);
    let plan =
        planned(&base, std::slice::from_ref(&clip), &PlaceOptions { handles: 8, ..options() });
    assert_eq!(places(&plan), [(18, 32, 8, 14)]);
    assert_eq!(plan.clips[0].timecode.as_deref(), Some("01:00:00:10"));
    assert_eq!(
        refusals(&base, &[clip], &PlaceOptions { handles: 15, ..options() }),
        ["/films/a.mov: it has 30 frames, and 15 handle frames at each end leave none"]
    );
}

#[test]
fn handles_that_stick_out_of_the_base_do_no_harm() {
    let base = film("base.mov", "01:00:00:00", 20);
    let clip = film("a.mov", "00:59:59:15", 40);
    let plan = planned(&base, &[clip], &PlaceOptions { handles: 10, ..options() });
    assert_eq!(places(&plan), [(0, 20, 10, 20)]);
}

#[test]
fn clip_without_timecode_needs_a_place() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clip = film("a.mov", "00:00:00:00", 10).without_timecode();
    assert_eq!(
        refusals(&base, std::slice::from_ref(&clip), &options()),
        ["/films/a.mov: it has no timecode at its first frame"]
    );
    let plan = planned(&base, &[clip], &at("a.mov", "01:00:02:00"));
    assert_eq!(places(&plan), [(50, 60, 0, 10)]);
    assert_eq!(plan.clips[0].timecode, None);
}

#[test]
fn place_by_record_timecode_goes_before_the_clips_own() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clip = film("a.mov", "14:33:02:07", 10);
    let plan = planned(&base, std::slice::from_ref(&clip), &at("a.mov", "01:00:02:00"));
    assert_eq!(places(&plan), [(50, 60, 0, 10)]);
    let handles = PlaceOptions { handles: 2, ..at("a.mov", "01:00:02:00") };
    assert_eq!(places(&planned(&base, &[clip], &handles)), [(50, 56, 2, 6)]);
}

#[test]
fn place_for_a_name_that_no_clip_or_several_clips_have_is_refused() {
    let base = film("base.mov", "01:00:00:00", 100);
    let mut twin = film("b/a.mov", "01:00:03:00", 10);
    twin.path = PathBuf::from("/other/a.mov");
    let clips = [film("a.mov", "01:00:00:00", 10), twin];
    assert_eq!(
        refusals(&base, &clips, &at("S99.mov", "01:00:02:00")),
        ["S99.mov: a record timecode is given for it, but no clip has that file name"]
    );
    let several = refusals(&base, &clips, &at("a.mov", "01:00:02:00"));
    assert_eq!(
        several[0],
        "a.mov: a record timecode is given for it, but 2 clips have that file name"
    );
}

#[test]
fn timecode_that_cannot_be_read_is_refused_with_its_text() {
    let base = film("base.mov", "01:00:00:00", 100);
    let refused = refusals(&base, &[film("a.mov", "01:00:00:00", 10)], &at("a.mov", "01:00:02:25"));
    assert_eq!(
        refused,
        [
            "/films/a.mov: the given record timecode \"01:00:02:25\" is not a timecode: 25 frames, but they end at 24"
        ]
    );
}

#[test]
fn base_without_timecode_needs_one() {
    let base = film("base.mov", "00:00:00:00", 100).without_timecode();
    let clips = [film("a.mov", "10:00:01:00", 10)];
    assert_eq!(refusals(&base, &clips, &options()), ["/films/base.mov: the base has no timecode"]);
    let given = PlaceOptions { base_timecode: Some("10:00:00:00".to_owned()), ..options() };
    let plan = planned(&base, &clips, &given);
    assert_eq!(places(&plan), [(25, 35, 0, 10)]);
    assert_eq!(plan.base.timecode.as_deref(), Some("10:00:00:00"));
}

#[test]
fn separator_of_the_given_timecode_says_whether_it_is_drop_frame() {
    let base = film("base.mov", "00:00:00:00", 100)
        .counted((30_000, 1001), true, "00:00:00;00")
        .without_timecode();
    let clip = film("a.mov", "00:00:00:00", 10).counted((30_000, 1001), true, "10:00:01;00");
    let given = |text: &str| PlaceOptions { base_timecode: Some(text.to_owned()), ..options() };
    assert!(planned(&base, std::slice::from_ref(&clip), &given("10:00:00;00")).base.drop_frame);
    assert_eq!(
        refusals(&base, &[clip], &given("10:00:00:00")),
        ["/films/a.mov: its timecode is drop frame, the base's is non-drop"]
    );
}

#[test]
fn given_timecode_must_not_contradict_the_bases_own() {
    let base = film("base.mov", "01:00:00:00", 100);
    let given = |text: &str| PlaceOptions { base_timecode: Some(text.to_owned()), ..options() };
    let clips = [film("a.mov", "01:00:01:00", 10)];
    assert_eq!(
        refusals(&base, &clips, &given("00:00:00:00")),
        [
            "/films/base.mov: the base has its own timecode, 01:00:00:00 at its first frame, not 00:00:00:00"
        ]
    );
    assert_eq!(places(&planned(&base, &clips, &given("01:00:00:00"))), [(25, 35, 0, 10)]);
}

#[test]
fn each_stretch_of_the_bases_timecode_takes_its_own_clips() {
    let base = film("base.mov", "01:00:00:00", 200).jumping(100, "05:00:00:00");
    let clips = [film("a.mov", "01:00:01:00", 10), film("b.mov", "05:00:01:00", 10)];
    let plan = planned(&base, &clips, &options());
    assert_eq!(places(&plan), [(25, 35, 0, 10), (125, 135, 0, 10)]);
    assert_eq!(plan.events[1].record_timecode_in, "05:00:01:00");
    assert_eq!(plan.base.timecode_jumps.len(), 1);
    assert_eq!(plan.base.timecode_at(125).expect("it has timecode").to_string(), "05:00:01:00");
}

#[test]
fn clip_must_fit_the_stretch_that_it_starts_in() {
    let base = film("base.mov", "01:00:00:00", 200).jumping(100, "05:00:00:00");
    assert_eq!(
        refusals(&base, &[film("a.mov", "01:00:03:20", 10)], &options()),
        [
            "/films/a.mov: its timecode 01:00:03:20 to 01:00:04:05 sticks out of the base's 01:00:00:00 to \
          01:00:04:00 by 0 frames before and 5 after"
        ]
    );
}

#[test]
fn timecode_that_the_base_has_twice_is_no_place() {
    let base = film("base.mov", "01:00:00:00", 200).jumping(100, "01:00:00:00");
    assert_eq!(
        refusals(&base, &[film("a.mov", "01:00:01:00", 10)], &options()),
        ["/films/a.mov: 01:00:01:00 is in the base more than once, at frames 25 and 125"]
    );
}

#[test]
fn clip_whose_timecode_jumps_is_refused_unless_the_jump_is_in_a_handle() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clip = film("a.mov", "01:00:01:00", 20).jumping(18, "09:00:00:00");
    assert_eq!(
        refusals(&base, std::slice::from_ref(&clip), &options()),
        ["/films/a.mov: its timecode jumps to 09:00:00:00 at its frame 18"]
    );
    let plan = planned(&base, &[clip], &PlaceOptions { handles: 2, ..options() });
    assert_eq!(places(&plan), [(27, 43, 2, 16)]);
}

#[test]
fn timecode_at_half_the_picture_rate_places_every_other_frame() {
    let mut base = film("base.mov", "01:00:00:00", 200);
    let mut clip = film("a.mov", "01:00:01:00", 10);
    for movie in [&mut base, &mut clip] {
        movie.format.rate = FrameRate::matching(50, 1).expect("a rate");
    }
    let plan = planned(&base, &[clip], &options());
    assert_eq!(places(&plan), [(50, 60, 0, 10)]);
    assert_eq!(plan.events[0].record_timecode_out, "01:00:01:05");
}

#[test]
fn empty_edit_before_the_clips_first_picture_is_not_used() {
    let base = film("base.mov", "01:00:00:00", 100);
    let runs = vec![run(0, 5, Shown::Nothing), run(5, 10, Shown::Samples(SampleIndex(3)))];
    let clip = film("a.mov", "01:00:01:00", 20).shown(runs);
    let plan = planned(&base, &[clip], &options());
    assert_eq!(places(&plan), [(30, 40, 0, 10)]);
    assert_eq!(replaced(&plan), [(30, 10, 0, 3)]);
    assert_eq!(plan.clips[0].timecode.as_deref(), Some("01:00:01:05"));
    assert_eq!(plan.clips[0].frames, 10);
}

#[test]
fn splice_of_nothing_is_a_plan_without_replacements() {
    let base = film("base.mov", "01:00:00:00", 100).without_timecode();
    let plan = planned(&base, &[], &options());
    assert_eq!((plan.clips.len(), plan.replacements.len()), (0, 0));
}

fn own(name: &str, own: ClipOptions) -> PlaceOptions {
    PlaceOptions { by_clip: [(format!("/films/{name}").into(), own)].into(), ..options() }
}

#[test]
fn clip_with_handles_of_its_own_keeps_those_of_the_others_apart() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clips = [film("a.mov", "01:00:00:10", 20), film("b.mov", "01:00:02:00", 20)];
    let four = ClipOptions { handles: Some(4), ..ClipOptions::default() };
    let both = PlaceOptions { handles: 2, ..own("b.mov", four) };
    assert_eq!(places(&planned(&base, &clips, &both)), [(12, 28, 2, 16), (54, 66, 4, 12)]);
}

#[test]
fn frames_that_are_named_are_used_whatever_the_handles() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clip = [film("a.mov", "01:00:00:10", 20)];
    let number = |frame| Some(SourceFrame::Number(frame));
    let timecode = |text: &str| Some(SourceFrame::Timecode(text.to_owned()));
    let place = |source_in, source_out| {
        let named = ClipOptions { source_in, source_out, ..ClipOptions::default() };
        let with_handles = PlaceOptions { handles: 2, ..own("a.mov", named) };
        places(&planned(&base, &clip, &with_handles))
    };
    assert_eq!(place(number(5), number(9)), [(15, 19, 5, 4)]);
    assert_eq!(place(timecode("01:00:00:15"), timecode("01:00:00:19")), [(15, 19, 5, 4)]);
    // The other end keeps its handles.
    assert_eq!(place(number(0), None), [(10, 28, 0, 18)]);
    assert_eq!(place(None, number(20)), [(12, 30, 2, 18)]);
}

#[test]
fn record_timecode_is_that_of_the_first_used_frame_whatever_the_handles() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clip = [film("a.mov", "05:00:00:00", 20)];
    let at = Some("01:00:02:00".to_owned());
    let event = ClipOptions {
        at: at.clone(),
        event: None,
        source_in: Some(SourceFrame::Number(6)),
        source_out: Some(SourceFrame::Timecode("05:00:00:16".to_owned())),
        handles: None,
    };
    assert_eq!(places(&planned(&base, &clip, &own("a.mov", event))), [(50, 60, 6, 10)]);
    let with_handles = ClipOptions { at, handles: Some(6), ..ClipOptions::default() };
    assert_eq!(places(&planned(&base, &clip, &own("a.mov", with_handles))), [(50, 58, 6, 8)]);
}

#[test]
fn frames_that_the_clip_does_not_have_are_refused() {
    let base = film("base.mov", "01:00:00:00", 100);
    let clip = [film("a.mov", "01:00:00:10", 20)];
    let refused = |source_in, source_out| {
        let named = ClipOptions { source_in, source_out, ..ClipOptions::default() };
        refusals(&base, &clip, &own("a.mov", named))
    };
    let number = |frame| Some(SourceFrame::Number(frame));
    let past = "/films/a.mov: its frames 4..21 are to be used, and it has 20";
    assert_eq!(refused(number(4), number(21)), [past]);
    let empty = "/films/a.mov: its frames 4..4 are to be used, and it has 20";
    assert_eq!(refused(number(4), number(4)), [empty]);
    let early = Some(SourceFrame::Timecode("01:00:00:09".to_owned()));
    let none = "/films/a.mov: source_in is 01:00:00:09, and no frame of it has that timecode";
    assert_eq!(refused(early, None), [none]);
    assert_eq!(
        refusals(&base, &clip, &own("b.mov", ClipOptions::default())),
        ["/films/b.mov: options are given for it, but it is none of the clips"]
    );
}

#[test]
fn given_base_timecode_is_the_label_of_the_first_picture() {
    let runs = vec![run(0, 3, Shown::Nothing), run(3, 50, Shown::Samples(SampleIndex(0)))];
    let base = film("base.mov", "00:00:00:00", 50).without_timecode().shown(runs);
    let given = PlaceOptions { base_timecode: Some("10:00:00:00".to_owned()), ..options() };
    let plan = planned(&base, &[film("a.mov", "10:00:00:10", 10)], &given);
    assert_eq!(replaced(&plan), [(10, 10, 0, 0)]);
    assert_eq!(plan.base.timecode_at(3).expect("it has one").to_string(), "10:00:00:00");
}

#[test]
fn picture_and_timecode_that_part_visibly_are_a_warning() {
    let mut base = film("base.mov", "01:00:00:00", 100);
    let mut clip = film("a.mov", "01:00:01:00", 10);
    (base.parting, clip.parting) = (52, 56);
    let plan = planned(&base, std::slice::from_ref(&clip), &options());
    assert_eq!(
        plan.warnings,
        [
            "/films/base.mov: its first picture begins 0.52 of a frame after its timecode says 01:00:00:00; it is \
             taken for that frame",
            "/films/a.mov: its first picture begins 0.56 of a frame after its timecode says 01:00:01:00; it is \
             taken for that frame",
        ]
    );
    base.parting = 0;
    let by_hand = planned(&base, &[clip], &at("a.mov", "01:00:02:00"));
    assert_eq!(by_hand.warnings, [""; 0], "its own timecode says nothing of its place");
}
