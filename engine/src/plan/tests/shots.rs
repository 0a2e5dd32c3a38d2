//! Versions of a shot, handles, gaps and reels.

use super::*;

fn base() -> Film {
    film("base.mov", "01:00:00:00", 1000)
}

fn on_reel(mut film: Film, reel: &str) -> Film {
    film.reel = Some(reel.to_owned());
    film
}

#[test]
fn versions_of_a_shot_are_refused_as_such_whatever_the_overlap_option_says() {
    let clips = [film("S01_v001.mov", "01:00:01:00", 20), film("S01_v002.mov", "01:00:00:17", 36)];
    for overlap in [Overlap::Error, Overlap::Last, Overlap::First] {
        let options = PlaceOptions { overlap, ..options() };
        assert_eq!(
            refusals(&base(), &clips, &options),
            [
                "/films/S01_v001.mov: it is version 1 of a shot of which /films/S01_v002.mov is version 2"
            ]
        );
    }
    let error = plan_films(&base(), &clips, &options()).expect_err("it is refused");
    assert_eq!(error.refusals[0].reason.code(), "versions");
}

#[test]
fn latest_version_is_the_highest_number_and_the_others_are_left_out() {
    let latest = PlaceOptions { versions: Versions::Latest, ..options() };
    for (older, newer) in [
        ("S01_v9.mov", "S01_v10.mov"),
        ("S01_v2_graded.mov", "S01_v3_graded.mov"),
        ("S01-ver1.mov", "S01-ver02.mov"),
        ("S01_r1.mov", "S01_r2.mov"),
        ("S01.mov", "S01_v2.mov"),
        ("S01_grade9.mov", "S01_grade10.mov"),
        ("20240108/S01.mov", "20240115/S01.mov"),
        ("2024-01-08/S01.mov", "2024-02-01/S01.mov"),
        ("20231210/S01.mov", "2024-01-08/S01.mov"),
        ("v1/S01.mov", "v2/S01.mov"),
        ("S01_v1.mov", "S01_v1.1.mov"),
        ("S01_v1.9.mov", "S01_v1.10.mov"),
        ("S01_final.mov", "S01_final2.mov"),
    ] {
        let clips = [film(older, "01:00:01:00", 20), film(newer, "01:00:01:00", 20)];
        let plan = planned(&base(), &clips, &latest);
        assert_eq!(plan.clips[0].path, PathBuf::from(format!("/films/{newer}")));
        assert_eq!(replaced(&plan), [(25, 20, 0, 0)]);
        let left: Vec<_> = plan.left_out.iter().map(|one| (&one.path, one.code.as_str())).collect();
        assert_eq!(left, [(&PathBuf::from(format!("/films/{older}")), "versions")]);
    }
}

#[test]
fn names_that_do_not_say_which_is_newer_are_no_versions_and_nothing_is_chosen() {
    let latest = PlaceOptions { versions: Versions::Latest, ..options() };
    for (one, other) in [
        // The year comes last: day and month may be either.
        ("02-01-2024/S01.mov", "10-12-2023/S01.mov"),
        ("02012024/S01.mov", "10122023/S01.mov"),
        ("020124/S01.mov", "101223/S01.mov"),
        // Shots, not days; and folders of two kinds of work.
        ("sc010_sh020/S01.mov", "sc010_sh030/S01.mov"),
        ("comp_v2/S01.mov", "clean_v1/S01.mov"),
        ("S01_v002.mov", "S01_final.mov"),
        ("S01_v2.mov", "S01_v02.mov"),
        ("S01_v2.mov", "S01_v2 copy.mov"),
    ] {
        let clips = [film(one, "01:00:01:00", 20), film(other, "01:00:01:00", 20)];
        let error = plan_films(&base(), &clips, &latest).expect_err("it is refused");
        let codes: Vec<&str> = error.refusals.iter().map(|refusal| refusal.reason.code()).collect();
        assert_eq!(codes, ["overlap"], "{one} {other}");
    }
}

#[test]
fn clips_that_cover_the_same_frames_are_no_handles_however_many_there_are() {
    let twice = |name: &str, at: &str| {
        [film(&format!("{name}_a.mov"), at, 50), film(&format!("{name}_b.mov"), at, 50)]
    };
    let shots = [("S01", "01:00:01:00"), ("S02", "01:00:05:00"), ("S03", "01:00:09:00")];
    let clips: Vec<Film> = shots.into_iter().flat_map(|(name, at)| twice(name, at)).collect();
    assert_eq!(
        refusals(&base(), &clips, &options())[0],
        "/films/S01_b.mov: it overlaps /films/S01_a.mov from 01:00:01:00 to 01:00:03:00 (50 frames, all that one of the \
         two has)"
    );
    let error = plan_films(&base(), &clips, &options()).expect_err("it is refused");
    assert!(error.refusals.iter().all(|refusal| refusal.reason.code() == "overlap"));
}

#[test]
fn clips_that_share_no_frame_or_only_handles_are_no_versions() {
    let apart = [film("S01_v1.mov", "01:00:01:00", 20), film("S01_v2.mov", "01:00:05:00", 20)];
    let plan = planned(&base(), &apart, &options());
    assert_eq!(plan.clips.len(), 2);
    let told = "/films/S01_v1.mov: it is version 1 of a shot of which /films/S01_v2.mov is version 2, but they share no \
                frame: both are used";
    assert!(plan.warnings.iter().any(|warning| warning == told), "{:?}", plan.warnings);
    // Neighbours whose numbers count shots.
    let neighbours = [film("S01.mov", "01:00:01:00", 40), film("S02.mov", "01:00:02:00", 40)];
    let error = plan_films(&base(), &neighbours, &options()).expect_err("it is refused");
    assert_eq!(error.refusals[0].reason.code(), "overlap");
    // A shot within another one.
    let nested = [film("S01.mov", "01:00:01:00", 100), film("S02.mov", "01:00:02:00", 10)];
    let latest = PlaceOptions { versions: Versions::Latest, ..options() };
    let error = plan_films(&base(), &nested, &latest).expect_err("it is refused");
    assert_eq!(error.refusals[0].reason.code(), "overlap");
    // A grade and the effect of the same shot.
    let ranks =
        [film("S01_v1.mov", "01:00:01:00", 20), film("S01_v2.mov", "01:00:01:00", 20).vfx()];
    assert_eq!(planned(&base(), &ranks, &options()).clips.len(), 1);
}

#[test]
fn handles_are_the_grades_and_vfx_clips_have_their_own() {
    let clips = [film("a.mov", "01:00:01:00", 40), film("b.mov", "01:00:10:00", 40).vfx()];
    let grades = PlaceOptions { handles: 8, ..options() };
    assert_eq!(places(&planned(&base(), &clips, &grades)), [(33, 57, 8, 24), (250, 290, 0, 40)]);
    let both = PlaceOptions { handles: 8, vfx_handles: 2, ..options() };
    assert_eq!(places(&planned(&base(), &clips, &both)), [(33, 57, 8, 24), (252, 288, 2, 36)]);
}

#[test]
fn clip_at_an_end_of_the_base_keeps_what_has_no_room_for_a_handle() {
    let clips = [film("first.mov", "01:00:00:00", 40), film("last.mov", "01:00:38:10", 40)];
    let plan = planned(&base(), &clips, &PlaceOptions { handles: 8, ..options() });
    assert_eq!(places(&plan), [(0, 32, 0, 32), (968, 1000, 8, 32)]);
    assert_eq!(
        plan.warnings,
        [
            "/films/first.mov: its first 8 frames are used: it begins where the base begins, so they cannot be handles",
            "/films/last.mov: its last 8 frames are used: it ends where the base ends, so they cannot be handles",
        ]
    );
}

#[test]
fn overlaps_of_one_length_are_told_as_handles_with_the_number_that_fits() {
    // Four shots of 50 frames, each with 8 frames more at both ends.
    let clips: Vec<Film> = ["00:17", "02:17", "04:17", "06:17"]
        .iter()
        .zip(["a.mov", "b.mov", "c.mov", "d.mov"])
        .map(|(at, name)| film(name, &format!("01:00:{at}"), 66))
        .collect();
    let refused = refusals(&base(), &clips, &options());
    assert_eq!(
        refused[0],
        "/films/b.mov: it overlaps /films/a.mov from 01:00:02:17 to 01:00:03:08 (16 frames, like 3 of 3 overlaps, as \
         handles of 8 frames make them)"
    );
    let error = plan_films(&base(), &clips, &options()).expect_err("it is refused");
    assert!(error.refusals.iter().all(|refusal| refusal.reason.code() == "handles"));
    let fits = planned(&base(), &clips, &PlaceOptions { handles: 8, ..options() });
    assert_eq!(fits.gaps, []);
    assert_eq!(fits.warnings, [""; 0]);
    // Four too many: eight frames stay ungraded at each cut, and that is said.
    let gaps = planned(&base(), &clips, &PlaceOptions { handles: 12, ..options() });
    assert_eq!(
        gaps.warnings,
        [
            "3 gaps of less than a second between two clips, which no clip covers: 01:00:02:21 to 01:00:03:04 (8 frames), \
             01:00:04:21 to 01:00:05:04 (8 frames), 01:00:06:21 to 01:00:07:04 (8 frames)"
        ]
    );
}

#[test]
fn one_frame_is_said_in_the_singular() {
    let over = [film("a.mov", "01:00:01:00", 10), film("b.mov", "01:00:01:09", 10)];
    assert_eq!(
        refusals(&base(), &over, &options()),
        ["/films/b.mov: it overlaps /films/a.mov from 01:00:01:09 to 01:00:01:10 (1 frame)"]
    );
    let apart = [film("a.mov", "01:00:01:00", 10), film("b.mov", "01:00:01:11", 10)];
    assert_eq!(
        planned(&base(), &apart, &options()).warnings,
        [
            "1 gap of less than a second between two clips, which no clip covers: 01:00:01:10 to 01:00:01:11 (1 frame)"
        ]
    );
    let first = [film("a.mov", "01:00:00:00", 10)];
    assert_eq!(
        planned(&base(), &first, &PlaceOptions { handles: 1, ..options() }).warnings,
        [
            "/films/a.mov: its first frame is used: it begins where the base begins, so it cannot be a handle"
        ]
    );
}

#[test]
fn complete_refuses_every_gap() {
    let clips = [film("a.mov", "01:00:01:00", 25), film("b.mov", "01:00:10:00", 25)];
    assert_eq!(planned(&base(), &clips, &options()).gaps.len(), 1);
    let complete = PlaceOptions { complete: true, ..options() };
    assert_eq!(
        refusals(&base(), &clips, &complete),
        [
            "/films/base.mov: no clip covers 01:00:02:00 to 01:00:10:00 (200 frames), between two clips"
        ]
    );
    assert_eq!(planned(&base(), &clips[..1], &complete).gaps.len(), 0);
}

#[test]
fn clip_of_another_reel_is_not_placed_by_timecode_alone() {
    let base = on_reel(base(), "A001");
    let clips = [
        on_reel(film("a.mov", "01:00:01:00", 10), "A001"),
        on_reel(film("b.mov", "01:00:02:00", 10), "B001"),
    ];
    assert_eq!(
        refusals(&base, &clips, &options()),
        ["/films/b.mov: its reel is B001, the base's is A001"]
    );
    let allowed = PlaceOptions { allow_reel: true, ..options() };
    assert_eq!(planned(&base, &clips, &allowed).clips.len(), 2);
    let by_hand = PlaceOptions { at: [("b.mov".into(), "01:00:02:00".into())].into(), ..options() };
    assert_eq!(planned(&base, &clips, &by_hand).clips.len(), 2);
    for reel in ["Tape", "", "a001"] {
        let clip = on_reel(film("c.mov", "01:00:03:00", 10), reel);
        assert_eq!(planned(&base, &[clip], &options()).clips.len(), 1, "{reel:?}");
    }
}

#[test]
fn what_is_still_being_written_is_refused_and_trying_again_may_help() {
    let text = "it is still being written: another program has it open for writing";
    let clips = [film("a.mov", "01:00:01:00", 10).growing(), film("b.mov", "01:00:02:00", 10)];
    let error = plan_films(&base(), &clips, &options()).expect_err("it is refused");
    assert_eq!(error.refusals[0].to_string(), format!("/films/a.mov: {text}"));
    assert!(error.refusals.len() == 1 && error.is_only_growing());
    let strange = [clips[0].clone(), film("c.mov", "09:00:00:00", 10)];
    let error = plan_films(&base(), &strange, &options()).expect_err("it is refused");
    assert!(error.refusals.len() == 2 && !error.is_only_growing());

    let skipped = PlaceOptions { skip_refused: true, ..options() };
    let plan = planned(&base(), &clips, &skipped);
    assert_eq!(left_out(&plan), [format!("/films/a.mov: growing: {text}")]);
    let growing_base = base().growing();
    assert_eq!(
        refusals(&growing_base, &clips[1..], &skipped),
        [format!("/films/base.mov: {text}")]
    );
    let allowed = PlaceOptions { allow_growing: true, ..options() };
    assert_eq!(planned(&growing_base, &clips, &allowed).clips.len(), 2);
}

#[test]
fn clip_is_found_by_its_name_however_the_disk_writes_its_accents() {
    let clips = [film("e\u{301}te\u{301}.mov", "09:00:00:00", 10)];
    let at = [("\u{e9}t\u{e9}.mov".to_owned(), "01:00:00:20".to_owned())];
    let by_hand = PlaceOptions { at: at.into(), ..options() };
    assert_eq!(places(&planned(&base(), &clips, &by_hand)), [(20, 30, 0, 10)]);
    // Both spellings on one disk are two files.
    let both = [clips[0].clone(), film("\u{e9}t\u{e9}.mov", "01:00:02:00", 10)];
    let error = plan_films(&base(), &both, &by_hand).expect_err("it is refused");
    assert_eq!(error.refusals[0].reason.code(), "at_names_several");
    let versions = [
        film("e\u{301}te\u{301}_v1.mov", "01:00:01:00", 10),
        film("\u{e9}t\u{e9}_v2.mov", "01:00:01:00", 10),
    ];
    let error = plan_films(&base(), &versions, &options()).expect_err("it is refused");
    assert_eq!(error.refusals[0].reason.code(), "versions");
}
