//! Frames that several clips claim.

use super::*;

fn base() -> Film {
    film("base.mov", "01:00:00:00", 1000)
}

fn rule(overlap: Overlap) -> PlaceOptions {
    PlaceOptions { overlap, ..options() }
}

/// `(winner, loser, record_in, record_out)` of each overlap.
fn won(plan: &SplicePlan) -> Vec<(u32, u32, u64, u64)> {
    let row = |overlap: &PlannedOverlap| {
        (overlap.winner.0, overlap.loser.0, overlap.record_in, overlap.record_out)
    };
    plan.overlaps.iter().map(row).collect()
}

#[test]
fn overlap_is_refused_once_at_the_later_clip() {
    let clips = [film("b.mov", "01:00:00:20", 20), film("a.mov", "01:00:00:10", 20)];
    assert_eq!(
        refusals(&base(), &clips, &options()),
        ["/films/b.mov: it overlaps /films/a.mov from 01:00:00:20 to 01:00:01:05 (10 frames)"]
    );
}

#[test]
fn clips_that_touch_do_not_overlap() {
    let clips = [film("a.mov", "01:00:00:10", 10), film("b.mov", "01:00:00:20", 10)];
    assert_eq!(replaced(&planned(&base(), &clips, &options())), [(10, 10, 0, 0), (20, 10, 1, 0)]);
}

#[test]
fn later_start_wins_under_last_and_the_earlier_clip_goes_on_after_it() {
    let clips = [film("long.mov", "01:00:00:10", 30), film("short.mov", "01:00:00:20", 5)];
    let plan = planned(&base(), &clips, &rule(Overlap::Last));
    assert_eq!(replaced(&plan), [(10, 10, 0, 0), (20, 5, 1, 0), (25, 15, 0, 15)]);
    assert_eq!(won(&plan), [(1, 0, 20, 25)]);
    assert_eq!(places(&plan), [(10, 40, 0, 25), (20, 25, 0, 5)]);
    assert_eq!(plan.frames_replaced(), 30);
}

#[test]
fn earlier_start_wins_under_first_and_a_covered_clip_is_told() {
    let clips = [film("long.mov", "01:00:00:10", 30), film("short.mov", "01:00:00:20", 5)];
    let plan = planned(&base(), &clips, &rule(Overlap::First));
    assert_eq!(replaced(&plan), [(10, 30, 0, 0)]);
    assert_eq!(
        left_out(&plan),
        ["/films/short.mov: hidden: no frame of it is used, because it is covered by long.mov"]
    );
    assert_eq!(plan.clips.len(), 1, "a clip that is left out is no clip of the plan");
}

#[test]
fn clips_that_one_clip_covers_are_told_in_one_warning() {
    let names: Vec<String> = (0..1200).map(|index| format!("{index:04}.mov")).collect();
    let covered = names.iter().map(|name| film(name, "01:00:00:20", 1));
    let clips: Vec<Film> =
        std::iter::once(film("all.mov", "01:00:00:10", 30)).chain(covered).collect();
    let plan = planned(&base(), &clips, &rule(Overlap::First));
    assert_eq!(
        plan.notes(),
        ["left out /films/0000.mov, /films/0001.mov, /films/0002.mov and 1197 more clips: \
          no frame of it is used, because it is covered by all.mov"]
    );
}

#[test]
fn name_decides_between_equal_starts() {
    let clips = [film("b.mov", "01:00:00:10", 10), film("a.mov", "01:00:00:10", 20)];
    let last = planned(&base(), &clips, &rule(Overlap::Last));
    assert_eq!(last.clips[0].path, PathBuf::from("/films/a.mov"));
    assert_eq!(replaced(&last), [(10, 10, 1, 0), (20, 10, 0, 10)]);
    let first = planned(&base(), &clips, &rule(Overlap::First));
    assert_eq!(replaced(&first), [(10, 20, 0, 0)]);
}

#[test]
fn three_clips_on_one_frame_have_one_winner_each() {
    let clips = [
        film("a.mov", "01:00:00:00", 9),
        film("b.mov", "01:00:00:03", 9),
        film("c.mov", "01:00:00:06", 2),
    ];
    let plan = planned(&base(), &clips, &rule(Overlap::Last));
    assert_eq!(replaced(&plan), [(0, 3, 0, 0), (3, 3, 1, 0), (6, 2, 2, 0), (8, 4, 1, 5)]);
    assert_eq!(won(&plan), [(1, 0, 3, 6), (2, 0, 6, 8), (2, 1, 6, 8), (1, 0, 8, 9)]);
}

#[test]
fn order_of_arguments_never_matters() {
    let mut clips = vec![
        film("a.mov", "01:00:00:00", 9),
        film("b.mov", "01:00:00:03", 9),
        film("c.mov", "01:00:00:03", 4),
        film("d.mov", "01:00:00:11", 30),
    ];
    for overlap in [Overlap::Last, Overlap::First] {
        let expected = planned(&base(), &clips, &rule(overlap));
        for _ in 0..4 {
            clips.rotate_left(1);
            assert_eq!(planned(&base(), &clips, &rule(overlap)), expected);
        }
    }
    let expected = refusals(&base(), &clips, &options());
    clips.reverse();
    assert_eq!(refusals(&base(), &clips, &options()), expected);
}

#[test]
fn both_overlapping_clips_are_skipped_and_the_others_stay() {
    let clips = [
        film("a.mov", "01:00:00:10", 20),
        film("b.mov", "01:00:00:20", 20),
        film("c.mov", "01:00:10:00", 20),
    ];
    let skip = PlaceOptions { skip_refused: true, ..options() };
    let plan = planned(&base(), &clips, &skip);
    assert_eq!(replaced(&plan), [(250, 20, 0, 0)]);
    assert_eq!(
        left_out(&plan),
        [
            "/films/a.mov: overlap: it overlaps /films/b.mov from 01:00:00:20 to 01:00:01:05 (10 frames)",
            "/films/b.mov: overlap: it overlaps /films/a.mov from 01:00:00:20 to 01:00:01:05 (10 frames)",
        ]
    );
}

#[test]
fn clip_that_is_skipped_for_another_reason_overlaps_nothing() {
    let mut wide = film("b.mov", "01:00:00:20", 20);
    wide.format.description.width = 2048;
    let clips = [film("a.mov", "01:00:00:10", 20), wide];
    let skip = PlaceOptions { skip_refused: true, ..options() };
    assert_eq!(replaced(&planned(&base(), &clips, &skip)), [(10, 20, 0, 0)]);
    assert_eq!(
        refusals(&base(), &clips, &options()).len(),
        2,
        "without skipping both reasons are told"
    );
}

#[test]
fn vfx_wins_over_a_grade_whatever_the_overlap_option_says() {
    let clips = [film("grade.mov", "01:00:00:10", 30), film("fx.mov", "01:00:00:20", 5).vfx()];
    for overlap in [Overlap::Error, Overlap::Last, Overlap::First] {
        let plan = planned(&base(), &clips, &rule(overlap));
        assert_eq!(replaced(&plan), [(10, 10, 0, 0), (20, 5, 1, 0), (25, 15, 0, 15)]);
        assert_eq!(won(&plan), [(1, 0, 20, 25)]);
        let ranks: Vec<Rank> = plan.clips.iter().map(|clip| clip.rank).collect();
        assert_eq!(ranks, [Rank::Grade, Rank::Vfx]);
        assert_eq!(plan.warnings, [""; 0]);
    }
}

#[test]
fn vfx_is_never_cut_where_a_grade_starts_later() {
    let clips = [film("fx.mov", "01:00:00:10", 30).vfx(), film("grade.mov", "01:00:00:20", 30)];
    let plan = planned(&base(), &clips, &rule(Overlap::Last));
    assert_eq!(replaced(&plan), [(10, 30, 0, 0), (40, 10, 1, 20)]);
}

#[test]
fn grade_that_vfx_covers_is_told_and_not_refused() {
    let clips = [
        film("grade.mov", "01:00:00:12", 10),
        film("fx1.mov", "01:00:00:10", 8).vfx(),
        film("fx2.mov", "01:00:00:18", 8).vfx(),
    ];
    let plan = planned(&base(), &clips, &options());
    assert_eq!(replaced(&plan), [(10, 8, 0, 0), (18, 8, 1, 0)]);
    assert_eq!(
        left_out(&plan),
        [
            "/films/grade.mov: outranked: no frame of it is used, because it is covered by VFX: fx1.mov, fx2.mov"
        ]
    );
}

#[test]
fn two_vfx_clips_on_one_frame_are_refused_whatever_the_overlap_option_says() {
    let clips = [film("a.mov", "01:00:00:10", 20).vfx(), film("b.mov", "01:00:00:20", 20).vfx()];
    for overlap in [Overlap::Error, Overlap::Last, Overlap::First] {
        assert_eq!(
            refusals(&base(), &clips, &rule(overlap)),
            [
                "/films/b.mov: it and /films/a.mov are both VFX and overlap from 01:00:00:20 to 01:00:01:05 (10 frames)"
            ]
        );
    }
}

#[test]
fn both_vfx_clips_of_one_frame_are_skipped_and_the_grade_gets_it() {
    let clips = [
        film("a.mov", "01:00:00:10", 20).vfx(),
        film("b.mov", "01:00:00:20", 20).vfx(),
        film("grade.mov", "01:00:00:15", 10),
    ];
    let skip = PlaceOptions { skip_refused: true, ..options() };
    assert_eq!(replaced(&planned(&base(), &clips, &skip)), [(15, 10, 0, 0)]);
}

#[test]
fn grades_that_overlap_only_under_vfx_need_no_decision() {
    let clips = [
        film("a.mov", "01:00:00:10", 20),
        film("b.mov", "01:00:00:20", 20),
        film("fx.mov", "01:00:00:18", 15).vfx(),
    ];
    let plan = planned(&base(), &clips, &options());
    assert_eq!(replaced(&plan), [(10, 8, 0, 0), (18, 15, 1, 0), (33, 7, 2, 13)]);
    assert_eq!(won(&plan), [(1, 0, 18, 30), (1, 2, 20, 33)]);
}

#[test]
fn grades_that_overlap_beside_vfx_are_refused_for_the_frames_that_are_open() {
    let clips = [
        film("a.mov", "01:00:00:10", 20),
        film("b.mov", "01:00:00:20", 20),
        film("fx.mov", "01:00:00:22", 4).vfx(),
    ];
    assert_eq!(
        refusals(&base(), &clips, &options()),
        ["/films/b.mov: it overlaps /films/a.mov from 01:00:00:20 to 01:00:01:05 (6 frames)"]
    );
}

#[test]
fn same_file_as_a_grade_and_as_vfx_is_refused() {
    let clips = [film("a.mov", "01:00:00:10", 20), film("a.mov", "01:00:00:10", 20).vfx()];
    assert_eq!(
        refusals(&base(), &clips, &options()),
        ["/films/a.mov: it is given both as a grade and as VFX, also as /films/a.mov"]
    );
}
